"""What the address of a search asks for: the request to the index, and how each part was taken. Finds nothing itself.

The names are those of the registry's API (``query.cond``, ``aggFilters`` …), and a few of our own for the one box, the
place, the person and the lists to browse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from trialwright.registry.index import DISTANCE, Near, Profile, Request
from trialwright.registry.language import (
    And,
    Node,
    Search,
    Section,
)
from trialwright.registry.questions import Question, Reading, as_words, read_question, whole
from trialwright.registry.requests import KNOWN, ParameterError, request_from_v2
from trialwright.web.portal.addresses import Parameters
from trialwright.web.portal.whereabouts import RADII_KM, Whereabouts, whereabouts

PAGE_SIZE = 10
MOST_PAGES = 500
BROWSED: Mapping[str, str] = {
    "condition": "Condition",
    "intervention": "InterventionName",
    "sponsor": "LeadSponsorName",
    "funder": "LeadSponsorClass",
}
SORTS = ("@relevance", "@distance", "LastUpdatePostDate:desc", "StartDate:desc", "CompletionDate:asc", "EnrollmentCount:desc")
VIEWS = ("cards", "table", "map")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a search cannot be made, in the words of the person who typed it.

    Args:
        message: What is wrong.
        text: The text that it is wrong in; empty where no one text is to blame.
        position: Where in the text, from 0.
        suggestion: What may have been meant.
    """

    message: str
    text: str = ""
    position: int | None = None
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """An address, understood.

    Args:
        parameters: As they stand in the address.
        request: What to find; None where there is a problem.
        problem: Why it cannot be made.
        words: What of the one box is searched as words.
        place: Where the reader looks from.
        unknown_place: The name of a place that we do not know.
        readings: What of the one box was taken as something other than words.
        as_expression: Whether the one box was read as an expression.
        own_filters: The filters that no parameter of the API says.
    """

    parameters: Parameters
    request: Request | None
    problem: Problem | None = None
    words: str = ""
    place: Whereabouts | None = None
    unknown_place: str = ""
    readings: tuple[Reading, ...] = ()
    as_expression: bool = False
    own_filters: tuple[Node, ...] = ()

    @property
    def page(self) -> int:
        """The page asked for, from 1."""
        number = self.parameters.first("page")
        return min(max(int(number), 1), MOST_PAGES) if number.isascii() and number.isdigit() and len(number) < 6 else 1

    @property
    def view(self) -> str:
        """``cards``, ``table`` or ``map``."""
        chosen = self.parameters.first("view")
        return chosen if chosen in VIEWS else "cards"

    @property
    def empty(self) -> bool:
        """Whether nothing is asked but to see all."""
        return not self.parameters.without("page", "view", "sort", "list", "radius").pairs


def read_address(parameters: Parameters) -> Asked:
    """Understand an address. A mistake in it becomes a problem, never an error."""
    try:
        base = request_from_v2(_v2(parameters))
        box = _box(parameters)
    except ParameterError as error:
        name = error.parameter or ""
        text = parameters.first(name) if error.position is not None else ""
        return Asked(parameters, None, Problem(error.text, text, error.position, error.suggestion or ""))
    place, unknown = _place(parameters, box)
    profile = _profile(parameters, box)
    own_filters = (*box.filters, *_browsed(parameters))
    asked = Asked(parameters, None, None, box.words, place, unknown, box.readings, box.as_expression, own_filters)
    near = Near(place.lat, place.lon, place.radius_km) if place else base.near
    sort = ((DISTANCE, False),) if DISTANCE in parameters.all("sort") else base.sort
    if not sort and not (base.queries or box.queries) and not near:
        sort = (("LastUpdatePostDate", True),)
    request = replace(
        base,
        queries=(*base.queries, *box.queries),
        filters=(*base.filters, *own_filters),
        keys=_both(base.keys, box.keys),
        near=near,
        profile=profile,
        synonyms=parameters.first("synonyms") != "off",
        sort=tuple(key for key in sort if key[0] != DISTANCE or near),
        offset=(asked.page - 1) * PAGE_SIZE,
        limit=PAGE_SIZE,
        count=True,
    )
    return replace(asked, request=request)


def _both(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if one is None or other is None:
        return other if one is None else one
    return tuple(key for key in one if key in set(other))


def _v2(parameters: Parameters) -> Mapping[str, Sequence[str]]:
    """The API's own parameters; options of one facet, which a form sends apart, together again."""
    names = KNOWN - {"pageSize", "pageToken", "format", "fields", "countTotal", "markupFormat", "aggFilters"}
    given = dict(parameters.named(sorted(names)))
    if DISTANCE in given.get("sort", ()):
        del given["sort"]  # our own order, by the nearest site
    options: dict[str, list[str]] = {}
    for pair in parameters.all("aggFilters"):
        for one in re.split(r"[,|]", pair):
            facet, _, chosen = one.partition(":")
            options.setdefault(facet.strip(), []).extend(chosen.split())
    if options:
        given["aggFilters"] = [",".join(f"{facet}:{' '.join(dict.fromkeys(chosen))}" for facet, chosen in options.items())]
    return given


def _box(parameters: Parameters) -> Question:
    text = parameters.first("q")
    if not text:
        return Question()
    if parameters.first("as") == "words":
        return as_words(text)
    return read_question(text, "the search box", "q")


def _place(parameters: Parameters, box: Question) -> tuple[Whereabouts | None, str]:
    name, chosen = parameters.first("near"), parameters.first("radius")
    radius_km = float(chosen) if chosen in [str(one) for one in RADII_KM] else None
    if not name:
        found = box.place
        distance_km = radius_km or box.radius_km or RADII_KM[1]
        return (Whereabouts(found.name, found.country, found.lat, found.lon, distance_km) if found else None), ""
    place = whereabouts(name, radius_km or RADII_KM[1])
    return place, "" if place else name


def _profile(parameters: Parameters, box: Question) -> Profile | None:
    age, sex = parameters.first("age"), parameters.first("sex")
    years = float(age) if re.fullmatch(r"\d{1,3}(\.\d{1,2})?", age) and float(age) <= 130 else box.age_years
    chosen: Literal["FEMALE", "MALE"] | None = "FEMALE" if sex == "f" else "MALE" if sex == "m" else box.sex
    healthy = parameters.first("healthy") == "y" or box.healthy or None
    return Profile(years, chosen, healthy) if (years is not None or chosen or healthy) else None


def _browsed(parameters: Parameters) -> Iterator[Node]:
    """The filters that the lists to browse lead to: whole values, and places at one and the same site."""
    for name, piece in BROWSED.items():
        for value in parameters.all(name):
            yield whole(piece, value)
    site = [
        whole(f"Location{name.capitalize()}", value) for name in ("country", "state", "city") for value in parameters.all(name)
    ]
    if site:
        yield Search(Section.LOCATION, And(tuple(site)) if len(site) > 1 else site[0])
