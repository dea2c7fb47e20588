"""Planned and unplanned visits: when they were due, whether they were held, and what departed from the protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from trialwright.datasets.columns import about
from trialwright.datasets.followed import Followed
from trialwright.engine.plan import PlannedVisit, due

UNSCHEDULED = "unscheduled"


@dataclass(frozen=True, slots=True)
class EncounterRow:
    """One planned visit, or one that was not planned."""

    participant: str = field(metadata=about("Participant", "pseudonym in the log"))
    encounter: str = field(metadata=about("Visit", "identifier in the protocol; unscheduled: outside the plan"))
    label: str = field(metadata=about("Name of the visit", "of the protocol"))
    occurrence: int = field(metadata=about("Occurrence", "counts repeats from 1; 0 outside the plan"))
    epoch: str = field(metadata=about("Epoch", "of the visit"))
    planned_on: date | None = field(metadata=about("Planned", "target date, from its milestone"))
    earliest_on: date | None = field(metadata=about("Window opens", "closed"))
    latest_on: date | None = field(metadata=about("Window closes", "closed"))
    status: str = field(metadata=about("Status", "done, missed, due, overdue or upcoming on the last day of the data"))
    held_on: date | None = field(metadata=about("Held", "EncounterHeld"))
    day: int | None = field(metadata=about("Study day", "on which it was held; no day 0"))
    days_outside: int | None = field(metadata=about("Days outside the window", "negative: early; 0: within", "d"))
    entries: tuple[int, ...] = field(metadata=about("Log entries", "that record the visit or that it was missed"))


@dataclass(frozen=True, slots=True)
class DeviationRow:
    """A deviation from the protocol."""

    participant: str = field(metadata=about("Participant", "pseudonym in the log"))
    deviation: str = field(metadata=about("Deviation", "its kind"))
    detail: str = field(metadata=about("Detail", "sentence recorded with it"))
    on: date = field(metadata=about("Date", "on which it happened"))
    day: int | None = field(metadata=about("Study day", "no day 0"))
    entries: tuple[int, ...] = field(metadata=about("Log entries", "of the deviation and of what shows it"))


def encounter_rows(followed: Followed) -> tuple[EncounterRow, ...]:
    """Return planned visits in order of their target, then those outside the plan."""
    plan = due(followed.protocol, followed.person, followed.until) if followed.person.enrolled else ()
    rows = [_planned(followed, one) for one in plan]
    named = {(one.encounter, one.occurrence) for one in plan}
    return (*rows, *_unplanned(followed, named))


def _planned(followed: Followed, one: PlannedVisit) -> EncounterRow:
    outside = None
    if one.held_on is not None:
        early, late = (one.held_on - one.earliest).days, (one.held_on - one.latest).days
        outside = min(early, 0) or max(late, 0)
    entries = tuple(
        visit.entry for visit in followed.person.visits if (visit.encounter, visit.occurrence) == (one.encounter, one.occurrence)
    )
    return EncounterRow(
        followed.id,
        one.encounter,
        one.label,
        one.occurrence,
        one.epoch,
        one.target,
        one.earliest,
        one.latest,
        one.status,
        one.held_on,
        followed.day(one.held_on) if one.held_on else None,
        outside,
        entries,
    )


def _unplanned(followed: Followed, named: set[tuple[str, int]]) -> Iterator[EncounterRow]:
    known = {one.id: one for one in followed.protocol.encounters}
    for visit in followed.person.visits:
        if (visit.encounter, visit.occurrence) in named:
            continue
        encounter = known.get(visit.encounter)
        yield EncounterRow(
            followed.id,
            visit.encounter,
            encounter.label if encounter else "Unscheduled visit",
            visit.occurrence,
            encounter.epoch if encounter else "",
            None,
            None,
            None,
            "done" if visit.held else "missed",
            visit.on if visit.held else None,
            followed.day(visit.on) if visit.held else None,
            None,
            (visit.entry,),
        )


def deviation_rows(followed: Followed) -> tuple[DeviationRow, ...]:
    """Return the deviations that were noted, in order."""
    return tuple(
        DeviationRow(followed.id, one.deviation, one.detail, one.on, followed.day(one.on), (one.entry, *one.refers))
        for one in followed.person.deviations
    )
