"""What stands around the results: chips for what was understood, orders, views, pages, feeds. Every link is an address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote_plus

from django.urls import reverse
from django.utils.translation import gettext as _

from trialwright.registry.index import Expanded
from trialwright.registry.questions import Reading
from trialwright.report.study_page import label, number
from trialwright.web.portal.addresses import Parameters
from trialwright.web.portal.asking import BROWSED, MOST_PAGES, PAGE_SIZE, SORTS, VIEWS, Asked
from trialwright.web.portal.facets import FACETS
from trialwright.web.portal.replaying import MOST_ROWS, api_href
from trialwright.web.portal.searching import Results
from trialwright.web.portal.whereabouts import RADII_KM, Whereabouts, namesakes

_ADVANCED = (
    "query.cond",
    "query.intr",
    "query.titles",
    "query.outc",
    "query.spons",
    "query.locn",
    "query.id",
    "query.term",
    "query.patient",
)


@dataclass(frozen=True, slots=True)
class Chip:
    """A part of what was asked: what it is, its words, and the address without it."""

    kind: str
    words: str
    without: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A link among several: its words, its address, whether it is the one chosen."""

    words: str
    href: str
    chosen: bool
    value: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the detailed search: its name, its words, what stands in it."""

    name: str
    words: str
    value: str


@dataclass(frozen=True, slots=True)
class Presented:
    """All that stands around the list of studies."""

    heading: str
    total: str
    chips: tuple[Chip, ...]
    sorts: tuple[Choice, ...]
    views: tuple[Choice, ...]
    radii: tuple[Choice, ...]
    fields: tuple[Field, ...]
    hidden: tuple[tuple[str, str], ...]
    previous: str
    following: str
    page: str
    pages: str
    expanded: tuple[Expanded, ...]
    unexpanded_href: str
    expanded_href: str
    as_words_href: str
    namesakes: tuple[tuple[str, str], ...]
    did_you_mean: tuple[str, str] | None
    feed_href: str
    json_href: str
    csv_href: str
    list: str
    most_rows: str
    caret: str


def presented(asked: Asked, results: Results | None, meant: str = "") -> Presented:
    """Put together what stands around the results of a search; ``meant`` is what the words may have been meant to be."""
    here = asked.parameters.without("page")
    field_words = _field_words()
    total = results.total if results else 0
    expanded = results.found.expanded if results else ()
    pages = min(MOST_PAGES, max(1, -(-total // PAGE_SIZE)))
    return Presented(
        heading=asked.parameters.first("q") or _("All studies"),
        total=number(total),
        chips=tuple(_chips(asked)),
        sorts=tuple(_sorts(asked, here)),
        views=tuple(_views(asked, here)),
        radii=tuple(
            Choice(f"{one} km", "", bool(asked.place) and asked.place is not None and asked.place.radius_km == one, str(one))
            for one in RADII_KM
        ),
        fields=tuple(Field(name, field_words[name], asked.parameters.first(name)) for name in _ADVANCED),
        hidden=tuple(
            pair for pair in here.pairs if pair[0] in ("view", "synonyms", "as", "list", "state", "city", "filter.advanced")
        ),
        previous=here.put("page", str(asked.page - 1)).query if asked.page > 1 else "",
        following=here.put("page", str(asked.page + 1)).query if asked.page < pages else "",
        page=number(asked.page),
        pages=number(pages),
        expanded=expanded,
        unexpanded_href=here.put("synonyms", "off").query if expanded else "",
        expanded_href=here.without("synonyms").query if asked.parameters.first("synonyms") == "off" else "",
        as_words_href=here.put("as", "words").query if _taken_apart(asked) else "",
        namesakes=tuple((name, here.put("near", name).query) for name in _namesakes(asked)),
        did_you_mean=(meant, here.put("q", _corrected(asked, meant)).query) if meant else None,
        feed_href=reverse("feed") + here.query,
        json_href=api_href(asked, pageSize=str(MOST_ROWS)),
        csv_href=api_href(asked, format="csv", pageSize=str(MOST_ROWS)),
        list=asked.parameters.first("list"),
        most_rows=number(MOST_ROWS) if total > MOST_ROWS else "",
        caret=_caret(asked),
    )


def _taken_apart(asked: Asked) -> bool:
    return bool(asked.readings or asked.as_expression or (asked.problem and asked.problem.position is not None))


def _namesakes(asked: Asked) -> tuple[str, ...]:
    name = asked.parameters.first("near")
    return namesakes(name) if name and asked.place else ()


def _caret(asked: Asked) -> str:
    """The text of a mistaken expression up to the mistake, to point at it."""
    problem = asked.problem
    return problem.text[: problem.position] if problem and problem.position is not None else ""


def _chips(asked: Asked) -> Iterator[Chip]:
    """Every part of the search, each with the address that leaves it out."""
    here = asked.parameters.without("page")
    for reading in asked.readings:
        yield Chip(reading_kind(reading.kind), _reading_words(reading, asked), here.put("q", reading.rest).query)
    if asked.place and here.first("near"):
        yield Chip(_("Near"), _within(asked.place), here.without("near", "radius").query)
    yield from _person(here)
    for name in _ADVANCED:
        if here.first(name):
            yield Chip(_field_words()[name], here.first(name), here.without(name).query)
    if here.first("filter.advanced"):
        yield Chip(_("Expression"), here.first("filter.advanced"), here.without("filter.advanced").query)
    for kind in FACETS:
        if kind.name == "aggFilters":
            cleared = kind.cleared(here)
            chosen = sorted(kind.chosen(here))
            for one in chosen:
                others = cleared
                for other in chosen:
                    others = others.plus("aggFilters", other) if other != one else others
                code = one.partition(":")[2]
                yield Chip(str(kind.title), kind.words(kind.codes.get(code, code)), others.query)
    for name in (*BROWSED, "country", "state", "city"):
        for value in here.all(name):
            words = label("funder", value) if name == "funder" else value
            yield Chip(_browsed_words()[name], words, here.minus(name, value).query)


def _reading_words(reading: Reading, asked: Asked) -> str:
    match reading.kind:
        case "place" if asked.place:
            return _within(asked.place)
        case "status" | "phase" | "sex":
            return ", ".join(label("" if reading.kind == "sex" else reading.kind, one) for one in reading.meaning.split())
        case "age_group":
            return label("std_age", reading.meaning)
        case "healthy":
            return label("volunteers", "true")
        case _:
            return reading.meaning


def _within(place: Whereabouts) -> str:
    return _("%(place)s, within %(km)s km") % {"place": place.name, "km": number(round(place.radius_km))}


def _person(here: Parameters) -> Iterator[Chip]:
    if here.first("age"):
        yield Chip(_("Age"), here.first("age"), here.without("age").query)
    if here.first("sex") in ("f", "m"):
        yield Chip(_("Sex"), label("", "FEMALE" if here.first("sex") == "f" else "MALE"), here.without("sex").query)
    if here.first("healthy") == "y":
        yield Chip(_("Volunteers"), label("volunteers", "true"), here.without("healthy").query)


def reading_kind(kind: str) -> str:
    """The words for how a stretch of the one box was taken."""
    known = {
        "place": _("Near"), "status": _("Status"), "age": _("Age"), "sex": _("Sex"), "phase": _("Phase"), "country": _("Country"),
        "number": _("Number"), "healthy": _("Volunteers"), "age_group": _("Age group"),
    }  # fmt: skip
    return known.get(kind, kind)


def _field_words() -> dict[str, str]:
    return {
        "query.cond": _("Condition or disease"), "query.intr": _("Treatment"), "query.titles": _("Title or acronym"),
        "query.outc": _("Outcome measure"), "query.spons": _("Sponsor or collaborator"),
        "query.locn": _("Place, as the record names it"),
        "query.id": _("Study number"), "query.term": _("Other terms, or an expression"), "query.patient": _("Words of a patient"),
    }  # fmt: skip


def _browsed_words() -> dict[str, str]:
    return {
        "condition": _("Condition"), "intervention": _("Treatment"), "sponsor": _("Sponsor"), "funder": _("Funder"),
        "country": _("Country"), "state": _("Region"), "city": _("City"),
    }  # fmt: skip


def _sorts(asked: Asked, here: Parameters) -> Iterator[Choice]:
    words = {
        "@relevance": _("Relevance"), "@distance": _("Distance"), "LastUpdatePostDate:desc": _("Last updated"),
        "StartDate:desc": _("Start, latest first"), "CompletionDate:asc": _("Completion, earliest first"),
        "EnrollmentCount:desc": _("Participants, most first"),
    }  # fmt: skip
    request = asked.request
    ranked = bool(request and request.queries)
    given = here.first("sort") or ("@relevance" if ranked else "@relevance" if asked.place else "LastUpdatePostDate:desc")
    for value in SORTS:
        if (value != "@distance" or asked.place) and (value != "@relevance" or ranked or asked.place):
            yield Choice(words[value], here.put("sort", value).query, value == given, value)


def _views(asked: Asked, here: Parameters) -> Iterator[Choice]:
    words = {"cards": _("Cards"), "table": _("Table"), "map": _("Map")}
    for view in VIEWS:
        yield Choice(words[view], here.put("view", "" if view == "cards" else view).query, view == asked.view, view)


def _corrected(asked: Asked, meant: str) -> str:
    """The box with its words corrected, and what was taken from it as it was."""
    return " ".join((meant, *(one.text for one in asked.readings)))


def list_href(name: str, value: str) -> str:
    """The address of the studies that a list to browse leads to."""
    return f"{reverse('search')}?{name}={quote_plus(value)}"
