"""A city by its name alone, anywhere on earth: the most populous first, the others shown beside it. Guesses no spelling."""

from __future__ import annotations

from functools import cache

from trialwright.registry.places.cities import Place, country_code, country_codes, every_city, find_place, is_region
from trialwright.registry.places.names import folded

MOST_FOUND = 8


def find_anywhere(name: str) -> tuple[Place, ...]:
    """Cities of that name, most populous first; with a country or region after it ("Paris, France",
    "Paris, Texas", "Bergamo Italy") that one.

    >>> find_anywhere("Bergamo")[0].country
    'IT'
    """
    before, comma, after = (part.strip() for part in name.rpartition(","))
    if comma and country_code(after) is not None:
        found = find_place(before, after)
        return (found,) if found else ()
    if comma:
        inside = (find_place(before, code, after) for code in country_codes() if is_region(code, after))
        return tuple(one for one in inside if one)
    everywhere = _by_name().get(folded(name), ())
    if everywhere:
        return everywhere[:MOST_FOUND]
    words = name.split()
    for at in range(len(words) - 1, 0, -1):
        if country_code(" ".join(words[at:])) is not None:
            found = find_place(" ".join(words[:at]), " ".join(words[at:]))
            if found:
                return (found,)
    return ()


@cache
def _by_name() -> dict[str, tuple[Place, ...]]:
    """Every name with its cities, one for each country, most populous first; read once, in a fraction of a second."""
    found: dict[str, list[tuple[int, Place]]] = {}
    for code, cities in every_city():
        seen: set[str] = set()
        for city, spellings in cities:
            place = Place(city.name, code, city.lat, city.lon)
            for spelling in spellings:
                if spelling not in seen:
                    seen.add(spelling)
                    found.setdefault(spelling, []).append((-city.population, place))
    return {
        name: tuple(place for _, place in (sorted(ones, key=_population) if len(ones) > 1 else ones))
        for name, ones in found.items()
    }


def _population(one: tuple[int, Place]) -> int:
    return one[0]
