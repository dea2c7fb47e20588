"""From the name of a city to its coordinates, offline. Never guesses: an unknown city is None.

Coordinates are the city's centroid in GeoNames (CC BY 4.0; data/SOURCES.md), as in the registry's own geoPoint, and say
nothing of where in the city a site stands.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

from trialwright.registry.places.names import folded

_DATA = files("trialwright.registry") / "data"

# What a registry adds to a city's name: a postal district, a region after a comma, the kind of town.
_ADDITIONS = (
    re.compile(r"\(.*?\)|\[.*?\]"),
    re.compile(r",.*$"),
    re.compile(r"\b[A-Z]{0,2}-?\d[\d-]*\b"),
    re.compile(r"\bcedex\b.*$", re.IGNORECASE),
    re.compile(r"\b(city|municipality|province|district|county|shi|si|gu|ku)$", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A city's centroid.

    Args:
        name: The city's name in GeoNames.
        country: ISO 3166 alpha-2 code.
        lat: Degrees north, -90 to 90.
        lon: Degrees east, -180 to 180.
        ambiguous: True where other cities of the country (or region) bear the name; this is the most populous.
    """

    name: str
    country: str
    lat: float
    lon: float
    ambiguous: bool = False


@dataclass(frozen=True, slots=True)
class City:
    """A city as the gazetteer has it; ``region`` is GeoNames' first-level code."""

    name: str
    region: str
    lat: float
    lon: float
    population: int


def find_place(city: str, country: str, state: str = "") -> Place | None:
    """The centroid of a city, or None where the country or the city is unknown.

    A city is found under its English name or another name in Latin letters ("Firenze" is Florence), whatever the
    case and accents. A state that is known must hold the city; one that is not known is passed over. Of several
    cities the most populous is taken, and said to be ambiguous.

    >>> find_place("Firenze", "Italy")
    Place(name='Florence', country='IT', lat=43.77925, lon=11.24626, ambiguous=False)
    """
    code = country_code(country)
    if code is None:
        return None
    known = cities_of(code)
    found = next((known[name] for name in _spellings(city) if name in known), ())
    region = _region_code(code, state)
    found = tuple(one for one in found if region in (None, one.region))
    if not found:
        return None
    best = found[0]
    return Place(best.name, code, best.lat, best.lon, ambiguous=len(found) > 1)


def country_code(country: str) -> str | None:
    """ISO 3166 alpha-2 code of a country by its name, in the spellings of GeoNames, ISO and the registry, or by the code."""
    if len(country) == 2 and country in country_codes():
        return country
    code = _names()["countries"].get(folded(country))
    return code if isinstance(code, str) else None


def is_region(country: str, name: str) -> bool:
    """Whether a country, by its code, has a region of that name."""
    return _region_code(country, name) is not None


def _region_code(country: str, state: str) -> str | None:
    regions = _names()["regions"].get(country)
    return regions.get(folded(state)) if isinstance(regions, dict) else None


def _spellings(city: str) -> list[str]:
    """The folded name as it is, then with what a registry adds to it taken away."""
    spellings = [folded(city)]
    for addition in _ADDITIONS:
        city = addition.sub(" ", city.strip())
        spellings.append(folded(city))
    last = spellings[-1]
    spellings += [re.sub(r"\bst\b", "saint", last), re.sub(r"\bsaint\b", "st", last), last.replace(" ", "")]
    return [name for name in dict.fromkeys(spellings) if name]


@cache
def country_codes() -> tuple[str, ...]:
    """Codes of the countries that have cities here, in order."""
    return tuple(sorted(name.removesuffix(".tsv") for name in _archive().namelist() if name.endswith(".tsv")))


@cache
def _names() -> Mapping[str, Mapping[str, dict[str, str] | str]]:
    found: Mapping[str, Mapping[str, dict[str, str] | str]] = json.loads((_DATA / "names.json").read_text("utf-8"))
    return found


@cache
def cities_of(code: str) -> Mapping[str, tuple[City, ...]]:
    """The cities of one country under each of their folded names, most populous first."""
    by_name: dict[str, list[City]] = {}
    for city, spellings in _listed(code):
        for spelling in spellings:
            by_name.setdefault(spelling, []).append(city)
    return {name: tuple(cities) for name, cities in by_name.items()}


def every_city() -> Iterator[tuple[str, Iterator[tuple[City, set[str]]]]]:
    """Each country's code with its cities, most populous first, and their folded names."""
    return ((code, _listed(code)) for code in country_codes())


def _listed(code: str) -> Iterator[tuple[City, set[str]]]:
    if code in country_codes():
        for line in _archive().read(f"{code}.tsv").decode().splitlines():
            name, region, lat, lon, population, others = line.split("\t")
            yield City(name, region, float(lat), float(lon), int(population)), {folded(name), *others.split("|")} - {""}


@cache
def _archive() -> zipfile.ZipFile:
    """The gazetteer, in memory as it is packed (1 MB)."""
    return zipfile.ZipFile(BytesIO((_DATA / "cities.zip").read_bytes()))
