"""Lists to browse: by country, region and city, by condition, by sponsor; and the glossary. Counts come from the index."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_uppercase
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse

from trialwright.registry.index import Bucket, StudyIndex
from trialwright.report.study_page import number
from trialwright.web.cache import Remembered
from trialwright.web.editions import counted, edition, own_digest
from trialwright.web.pages import page
from trialwright.web.portal.glossary import entries
from trialwright.web.portal.maps import country_map, world_map
from trialwright.web.portal.presenting import list_href
from trialwright.web.portal.speaking import language, speaking

MOST_LISTED = 400
MOST_CITIES_IN_REGION = 2_000
_kept: Remembered[tuple[Bucket, ...]] = Remembered(most=300)


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a list: its words, how many studies, where it leads."""

    words: str
    count: str
    href: str


@dataclass(frozen=True, slots=True)
class Region:
    """A region of a country and its cities; the name is empty where the records name none."""

    name: str
    href: str
    cities: tuple[Entry, ...]


@speaking
def locations(request: HttpRequest) -> HttpResponse:
    """The world by studies, and the countries beside it."""
    countries = _buckets("places", lambda index: index.places())
    entries = tuple(Entry(one.value, number(one.count), reverse("country", args=[one.value])) for one in countries)
    by_name = tuple(sorted(entries, key=lambda one: one.words))
    return page(request, "portal/locations.html", {"countries": by_name, "map": world_map(countries)})


@speaking
def country(request: HttpRequest, name: str) -> HttpResponse:
    """One country's regions and cities, with their map."""
    if name not in {one.value for one in _buckets("places", lambda index: index.places())}:
        raise Http404
    regions: list[Region] = []
    cities: list[tuple[str, str, int]] = []
    for region in sorted(
        _buckets(f"places:{name}", lambda index: index.places(name)), key=lambda one: (not one.value, one.value)
    ):
        found = _cities(name, region.value)
        cities += [(region.value, one.value, one.count) for one in found]
        regions.append(_region(name, region.value, found))
    context = {"country": name, "regions": regions, "map": country_map(name, cities), "all_href": list_href("country", name)}
    return page(request, "portal/country.html", context)


def _cities(country_name: str, region: str) -> tuple[Bucket, ...]:
    found = _buckets(f"places:{country_name}:{region}", lambda index: index.places(country_name, region))
    return found[:MOST_CITIES_IN_REGION]


def _region(country_name: str, region: str, found: tuple[Bucket, ...]) -> Region:
    ordered = sorted(found, key=lambda one: one.value)
    listed = tuple(Entry(one.value, number(one.count), _city_href(country_name, region, one.value)) for one in ordered)
    return Region(region, _region_href(country_name, region), listed)


def _region_href(country_name: str, region: str) -> str:
    pairs = {"country": country_name, **({"state": region} if region else {})}
    return f"{reverse('search')}?{urlencode(pairs)}"


def _city_href(country_name: str, region: str, city: str) -> str:
    return f"{_region_href(country_name, region)}&{urlencode({'city': city})}"


@speaking
def conditions(request: HttpRequest) -> HttpResponse:
    """Conditions as the records name them, most studied first, or those that begin with a letter."""
    return _browse(request, "condition", "Condition", "portal/conditions.html")


@speaking
def sponsors(request: HttpRequest) -> HttpResponse:
    """Lead sponsors, those with the most studies first, or those that begin with a letter."""
    return _browse(request, "sponsor", "LeadSponsorName", "portal/sponsors.html")


def _browse(request: HttpRequest, name: str, piece: str, template: str) -> HttpResponse:
    letter = request.GET.get("letter", "")[:1].upper()
    if letter and letter in ascii_uppercase:
        buckets = _buckets(f"{name}:{letter}", lambda index: _beginning(index, piece, letter))
        buckets = tuple(sorted(buckets[:MOST_LISTED], key=lambda one: one.value.casefold()))
    else:
        letter = ""
        buckets = _buckets(name, lambda index: index.facet(name))[:MOST_LISTED]
    entries_found = tuple(Entry(one.value, number(one.count), list_href(name, one.value)) for one in buckets if one.value)
    context = {"entries": entries_found, "letter": letter, "letters": ascii_uppercase, "most": MOST_LISTED}
    return page(request, template, context)


def _beginning(index: StudyIndex, piece: str, letter: str) -> tuple[Bucket, ...]:
    found = [*index.listed(piece, letter), *index.listed(piece, letter.lower())]
    return tuple(sorted(found, key=lambda one: -one.count))[:MOST_LISTED]


def _buckets(key: str, count: Callable[[StudyIndex], tuple[Bucket, ...]]) -> tuple[Bucket, ...]:
    """A list, kept as long as the edition and the home's own records stand."""
    present = edition()
    return _kept.get(key, (str(present.folder), present.generation, own_digest()), lambda: counted(present, count))


@speaking
def glossary(request: HttpRequest) -> HttpResponse:
    """The words of trials in plain language."""
    return page(request, "portal/glossary.html", {"entries": entries(language())})
