"""Lists that a reader makes: an address holds them, so nothing is kept of anybody. A list, and a comparison of up to four."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from trialwright.registry.record import Record
from trialwright.report.study_page import number
from trialwright.report.study_page.view import (
    Fact,
    Value,
    date_facts,
    design_facts,
    eligibility_facts,
    key_facts,
    people_facts,
)
from trialwright.web.editions import edition
from trialwright.web.pages import page
from trialwright.web.portal.addresses import Parameters
from trialwright.web.portal.cards import Card
from trialwright.web.portal.searching import cards_of
from trialwright.web.portal.speaking import speaking

MOST_COMPARED = 4
MOST_KEPT = 100


@dataclass(frozen=True, slots=True)
class Kept:
    """A study on a list, and the address of the list without it."""

    card: Card
    without: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a comparison: a fact and its values for each study; ``differs`` where they are not all the same."""

    label: str
    cells: tuple[tuple[Value, ...], ...]
    differs: bool


def asked_ids(request: HttpRequest, most: int) -> tuple[str, ...]:
    """The numbers that an address names, each once, in order."""
    values = Parameters.of(request.GET.lists()).all("ids")
    found = dict.fromkeys(one.strip() for value in values for one in value.replace("|", ",").split(",") if one.strip())
    return tuple(found)[:most]


@speaking
def kept_list(request: HttpRequest) -> HttpResponse:
    """The studies of a list."""
    asked = asked_ids(request, MOST_KEPT)
    found = cards_of(edition(), asked)
    ids = [key for key, _record, _card in found]
    kept = tuple(Kept(card, _address("list", [one for one in ids if one != key])) for key, _record, card in found)
    joined = ",".join(ids)
    context = {
        "kept": kept,
        "ids": joined,
        "missing": [one for one in asked if edition().resolve(one) is None and one not in ids],
        "compare_href": _address("compare", ids[:MOST_COMPARED]),
        "search_href": f"{reverse('search')}?list={joined}",
        "json_href": f"/api/v2/studies?filter.ids={joined}&pageSize={MOST_KEPT}",
        "csv_href": f"/api/v2/studies?filter.ids={joined}&pageSize={MOST_KEPT}&format=csv",
        "most": MOST_COMPARED,
    }
    return page(request, "portal/list.html", context)


@speaking
def compare(request: HttpRequest) -> HttpResponse:
    """Up to four studies side by side."""
    asked = asked_ids(request, MOST_KEPT)
    found = cards_of(edition(), asked[:MOST_COMPARED])
    ids = [key for key, _record, _card in found]
    columns = tuple(Kept(card, _address("compare", [one for one in ids if one != key])) for key, _record, card in found)
    context = {
        "columns": columns,
        "rows": tuple(_rows([record for _key, record, _card in found])),
        "ids": ",".join(ids),
        "too_many": len(asked) > MOST_COMPARED,
        "most": MOST_COMPARED,
        "room": len(ids) < MOST_COMPARED,
        "list_href": _address("list", ids),
    }
    return page(request, "portal/compare.html", context)


def _address(name: str, ids: list[str]) -> str:
    return reverse(name) + (f"?ids={','.join(ids)}" if ids else "")


def _rows(records: list[Record]) -> Iterator[Row]:
    """Every fact that at least one of the studies has, in the order of the study page."""
    parts: tuple[Callable[[Record], tuple[Fact, ...]], ...] = (
        key_facts, _outcomes, eligibility_facts, design_facts, _places, date_facts, people_facts,
    )  # fmt: skip
    for part in parts:
        found = [{fact.label: fact.values for fact in part(record)} for record in records]
        for label in dict.fromkeys(label for one in found for label in one):
            cells = tuple(one.get(label, ()) for one in found)
            yield Row(label, cells, any(cell != cells[0] for cell in cells[1:]))


def _outcomes(record: Record) -> tuple[Fact, ...]:
    values = tuple(Value(one.measure, remark=one.time_frame or "") for one in record.primary_outcomes)
    return (Fact(_("Primary outcomes"), values),) if values else ()


def _places(record: Record) -> tuple[Fact, ...]:
    countries = dict.fromkeys(one.country for one in record.locations if one.country)
    sites = (Fact(_("Sites"), (Value(number(len(record.locations))),)),) if record.locations else ()
    return (*sites, Fact(_("Countries"), tuple(Value(one) for one in countries))) if countries else sites
