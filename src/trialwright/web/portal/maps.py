"""The portal's maps: the world by country, a country by city, and the cities of what was found. Draws through registry.places."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from trialwright.registry.index import Bucket, City
from trialwright.registry.places import Counted, cities_svg, country_code, find_place, world_svg
from trialwright.report.study_page import number
from trialwright.web.portal.addresses import Parameters

MOST_CITIES = 250
MOST_MAPPED = 1_000  # studies whose cities one map shows


def world_map(countries: Sequence[Bucket]) -> SafeString:
    """The world by studies; each country leads to its page."""
    places = [
        Counted(_named(one), one.count, reverse("country", args=[one.value]), code)
        for one in countries
        if (code := country_code(one.value))
    ]
    return _safe(world_svg(places, _("Countries by number of studies")))


def country_map(country: str, cities: Sequence[tuple[str, str, int]]) -> SafeString:
    """A country's cities (region, city, studies) as circles; each leads to its studies."""
    found: dict[tuple[float, float], Counted] = {}
    for region, city, count in sorted(cities, key=lambda one: -one[2])[:MOST_CITIES]:
        place = _at(city, country, region)
        if place is not None and place not in found:
            href = f"{reverse('search')}?{urlencode({'country': country, 'city': city})}"
            found[place] = Counted(_named(Bucket(city, count)), count, href, "", *place)
    return _safe(
        cities_svg(
            tuple(found.values()), _("Cities of %(country)s by number of studies") % {"country": country}, country_code(country)
        )
    )


def results_map(cities: Iterable[City], here: Parameters) -> tuple[SafeString, tuple[tuple[str, str, str], ...]]:
    """The cities of the studies found, and beside it the list: city, country; its studies; address."""
    counts: dict[tuple[float, float], tuple[str, int]] = {}
    for one in cities:
        name = ", ".join(part for part in (one.city, one.country) if part)
        known = counts.get((one.lat, one.lon), (name, 0))
        counts[one.lat, one.lon] = known[0], known[1] + one.studies
    places = [
        Counted(_named(Bucket(name, count)), count, _near(name, here), "", lat, lon)
        for (lat, lon), (name, count) in sorted(counts.items(), key=lambda each: (-each[1][1], each[1][0]))[:MOST_CITIES]
    ]
    listed = tuple((one.name.rpartition(":")[0], number(one.count), one.href) for one in places)
    return _safe(cities_svg(places, _("Cities of the studies found"))), listed


def _near(name: str, here: Parameters) -> str:
    return reverse("search") + here.without("view", "page").put("near", name).put("radius", "25").query


def _named(one: Bucket) -> str:
    return f"{one.value}: {number(one.count)}"


@lru_cache(maxsize=20_000)
def _at(city: str, country: str, region: str) -> tuple[float, float] | None:
    place = find_place(city, country, region) or find_place(city, country)
    return (place.lat, place.lon) if place else None


def _safe(svg: str) -> SafeString:
    return mark_safe(svg)  # noqa: S308 - drawn and escaped by registry.places
