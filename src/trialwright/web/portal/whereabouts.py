"""Where the reader looks from: a city by name, with or without its country. Guesses nothing that it does not show."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from trialwright.registry.places import find_anywhere

RADII_KM = (25, 50, 100, 200, 400, 800)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """A place and how far around it is still near.

    Args:
        name: The city.
        country: Its country's ISO code.
        lat: Degrees north.
        lon: Degrees east.
        radius_km: How far is near.
    """

    name: str
    country: str
    lat: float
    lon: float
    radius_km: float


@lru_cache(maxsize=512)
def whereabouts(name: str, radius_km: float) -> Whereabouts | None:
    """The place of that name, the most populous where several bear it; None where we know none."""
    found = find_anywhere(name)
    return Whereabouts(found[0].name, found[0].country, found[0].lat, found[0].lon, radius_km) if found else None


def namesakes(name: str) -> tuple[str, ...]:
    """The other cities of that name, each with its country's code, to choose instead."""
    return tuple(f"{one.name}, {one.country}" for one in find_anywhere(name)[1:5])
