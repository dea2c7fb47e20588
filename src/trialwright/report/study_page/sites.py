"""The study's sites: numbered, grouped by country, and put on the map. Invents no contact and no address."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby

from trialwright.registry.places import MapWords, Spot, country_code, find_place, is_numbered, map_svg
from trialwright.registry.record import Record
from trialwright.registry.record_parts import Contact, Location
from trialwright.report.study_page.extras import Nearby
from trialwright.report.study_page.words import SENTENCES, WORDS, counted, label

MOST_IN_SIGHT = 12  # more sites than this stand in a part that opens
MOST_ON_PAGE = 60  # more than this are left to a page of their own, where there is one
MOST_NEAREST = 6
EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG 1980
MOST_NAMED_IN_DESCRIPTION = 12


@dataclass(frozen=True, slots=True)
class Site:
    """One site as listed: its number from 1 on, name, address line, status and contacts, all from the record.

    ``distance_km`` is from where the reader looks to the site's city; None where either is not known.
    """

    number: int
    name: str
    address: str
    status: str
    contacts: tuple[Contact, ...]
    distance_km: float | None = None


@dataclass(frozen=True, slots=True)
class Country:
    """The sites of one country, in the record's order."""

    name: str
    summary: str
    sites: tuple[Site, ...]


@dataclass(frozen=True, slots=True)
class Sites:
    """All sites and their map.

    Args:
        count: Sites in the record.
        countries: Sites by country, countries in the order in which the record names them.
        folded: True where the list is long and stands in parts that open.
        any_contact: True where some site has a contact.
        map_svg: The map, or empty text where no site could be placed.
        map_note: What the marks on the map mean.
        unplaced: Numbers of the sites that are not on the map.
        nearest: The sites nearest to the reader, where it is known from where they look.
        elsewhere: True where the list is so long that the page leaves it to a page of its own.
    """

    count: int
    countries: tuple[Country, ...]
    folded: bool
    any_contact: bool
    map_svg: str
    map_note: str
    unplaced: tuple[int, ...]
    nearest: tuple[Site, ...] = ()
    elsewhere: bool = False


def sites_of(record: Record, nearby: Nearby | None = None) -> Sites:
    """Number the record's sites by country, measure how far they are, and draw their map."""
    order = {country: at for at, country in enumerate(dict.fromkeys(one.country or "" for one in record.locations))}
    located = sorted(record.locations, key=lambda one: order[one.country or ""])
    numbered = list(enumerate(located, start=1))
    countries = tuple(
        _country(name, list(found), nearby) for name, found in groupby(numbered, key=lambda one: one[1].country or "")
    )
    spots, unplaced = _spots(numbered)
    return Sites(
        count=len(numbered),
        countries=countries,
        folded=len(numbered) > MOST_IN_SIGHT,
        any_contact=any(one.contacts for one in located),
        map_svg=map_svg(spots, MapWords(WORDS["map_of_sites"], _description(numbered))),
        map_note=WORDS["map_numbered" if is_numbered(spots) else "map_dots"],
        unplaced=unplaced,
        nearest=_nearest([site for country in countries for site in country.sites]),
        elsewhere=len(numbered) > MOST_ON_PAGE,
    )


def _nearest(sites: list[Site]) -> tuple[Site, ...]:
    """The few nearest; none where no distance is known, or where all are in sight anyway."""
    measured = [(site.distance_km, site.number, site) for site in sites if site.distance_km is not None]
    return tuple(site for _, _, site in sorted(measured)[:MOST_NEAREST]) if len(sites) > MOST_IN_SIGHT else ()


def _country(name: str, found: list[tuple[int, Location]], nearby: Nearby | None) -> Country:
    in_words = counted("one_site", "sites", len(found))
    summary = SENTENCES["in_country"].format(country=name or WORDS["not_stated"], sites=in_words)
    return Country(name, summary, tuple(_site(number, location, nearby) for number, location in found))


def _site(number: int, location: Location, nearby: Nearby | None) -> Site:
    address = (location.city, location.state, location.zip, location.country)
    return Site(
        number=number,
        name=location.facility or WORDS["unnamed_site"],
        address=", ".join(part for part in address if part),
        status=label("status", location.status),
        contacts=location.contacts,
        distance_km=_distance_km(location, nearby),
    )


def _distance_km(location: Location, nearby: Nearby | None) -> float | None:
    """Great-circle distance from the reader to the site's city, on a sphere of the earth's mean radius."""
    point = _point(location) if nearby else None
    if nearby is None or point is None:
        return None
    lat, lon = (math.radians(one) for one in point)
    from_lat, from_lon = math.radians(nearby.lat), math.radians(nearby.lon)
    half = math.sin((lat - from_lat) / 2) ** 2 + math.cos(lat) * math.cos(from_lat) * math.sin((lon - from_lon) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(half)))


def _spots(numbered: list[tuple[int, Location]]) -> tuple[list[Spot], tuple[int, ...]]:
    """One spot for all sites at one point, and the numbers of the sites without a point."""
    at: dict[tuple[float, float], list[tuple[int, Location]]] = {}
    unplaced = []
    for number, location in numbered:
        point = _point(location)
        if point is None:
            unplaced.append(number)
        else:
            at.setdefault(point, []).append((number, location))
    spots = []
    for (lat, lon), found in at.items():
        first = found[0][1]
        numbers = [number for number, _ in found]
        spots.append(Spot(runs(numbers), first.city or "", country_code(first.country or "") or "", lat, lon))
    return spots, tuple(unplaced)


def _point(location: Location) -> tuple[float, float] | None:
    """The record's point; where it has none on earth, the centre of the city, if only one city can be meant."""
    given = location.geo_point
    if given is not None and abs(given.lat) <= 90 and abs(given.lon) <= 180:
        return given.lat, given.lon
    place = find_place(location.city or "", location.country or "", location.state or "")
    return (place.lat, place.lon) if place is not None and not place.ambiguous else None


def runs(numbers: list[int]) -> str:
    """Ascending numbers with runs drawn together.

    >>> runs([1, 2, 3, 7, 9, 10])
    '1–3, 7, 9–10'
    """
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][-1] + 1:
            found[-1].append(number)
        else:
            found.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in found)


def _description(numbered: list[tuple[int, Location]]) -> str:
    countries = ", ".join(dict.fromkeys(one.country or "" for _, one in numbered))
    in_words = counted("one_site", "sites", len(numbered))
    if len(numbered) > MOST_NAMED_IN_DESCRIPTION:
        return SENTENCES["map_description_long"].format(sites=in_words, countries=countries)
    cities = ", ".join(f"{number} {one.city or ''}" for number, one in numbered)
    return SENTENCES["map_description"].format(sites=in_words, countries=countries, cities=cities)
