"""A study as a card in a list: a few facts of its record in the reader's language. Reads the record; judges nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trialwright.registry.index import Hit
from trialwright.registry.record import Record
from trialwright.registry.record_parts import member, nodes_at, text_at
from trialwright.report.study_page import label, number, title_of
from trialwright.report.study_page.phrases import ages, day
from trialwright.report.study_page.prose import unescaped

MOST_NAMES = 4
SUMMARY_CHARACTERS = 1_500
_OPEN = frozenset({"RECRUITING", "AVAILABLE"})
_COMING = frozenset({"NOT_YET_RECRUITING", "ENROLLING_BY_INVITATION", "ACTIVE_NOT_RECRUITING"})


@dataclass(frozen=True, slots=True)
class Card:
    """What a list shows of a study; every text may be empty.

    Args:
        id: Its NCT number, or the organisation's own.
        title: The short title.
        status: In words.
        tone: ``open``, ``coming`` or ``closed``.
        phase: In words; ``kind`` is the study's type.
        conditions: The first few, joined; ``treatments`` likewise.
        who: Ages and sex.
        people: How many take part.
        sites: How many sites there are.
        countries: Their countries, joined.
        updated: Day of the last posted change.
        own: Whether the record is this home's own.
        summary: How the brief summary begins, as text.
    """

    id: str
    title: str
    status: str
    tone: str
    phase: str
    kind: str
    conditions: str
    treatments: str
    sponsor: str
    who: str
    people: str
    sites: int
    countries: str
    updated: str
    results: bool
    own: bool = False
    summary: str = ""


def card_of(record: Record, key: str, own: bool = False) -> Card:
    """The card of a record, in the language that is spoken (``report.study_page.spoken``)."""
    locations = nodes_at(record.module("contactsLocationsModule"), "locations")
    sponsor, updated = record.sponsor, record.last_update_posted_on
    sex = label("", record.sex) if record.sex in ("FEMALE", "MALE") else ""
    return Card(
        id=key,
        title=title_of(record),
        status=label("status", record.status),
        tone="open" if record.status in _OPEN else "coming" if record.status in _COMING else "closed",
        phase="/".join(label("phase", one) for one in record.phases if one != "NA"),
        kind=label("", record.study_type),
        conditions=_few(record.conditions),
        treatments=_few(text_at(one, "name") for one in nodes_at(record.module("armsInterventionsModule"), "interventions")),
        sponsor=sponsor.name if sponsor else "",
        who=", ".join(part for part in (ages(record), sex) if part),
        people=number(record.enrollment_count) if record.enrollment_count is not None else "",
        sites=len(locations),
        countries=_few(text_at(one, "country") for one in locations),
        updated=day(updated),
        results=member(record.raw, "resultsSection") is not None,
        own=own,
        summary=" ".join(unescaped(record.brief_summary or "")[:SUMMARY_CHARACTERS].split()),
    )


def _few(names: Iterable[str | None]) -> str:
    found = tuple(dict.fromkeys(name for name in names if name))
    more = len(found) - MOST_NAMES
    return ", ".join(found[:MOST_NAMES]) + (f" + {number(more)}" if more > 0 else "")


@dataclass(frozen=True, slots=True)
class Listed:
    """A card among the results: with its place in the list, and the nearest site where one was asked for."""

    card: Card
    place: int
    nearest_city: str = ""
    nearest_km: str = ""


def listed(card: Card, place: int, hit: Hit | None = None) -> Listed:
    """A card at a place of the list, from 1."""
    nearest = hit.nearest if hit else None
    if nearest is None:
        return Listed(card, place)
    where = ", ".join(part for part in (nearest.city, nearest.country) if part)
    return Listed(card, place, where, number(round(nearest.distance_km)))
