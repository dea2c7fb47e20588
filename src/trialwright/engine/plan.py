"""What is due for a participant: each planned visit with its window and whether it is done. Pure; reads no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from trialwright.engine.gather import Standpoint, milestone_date
from trialwright.engine.readings import Readings
from trialwright.engine.state import ParticipantState, Visit
from trialwright.protocol.expressions import Milestone
from trialwright.protocol.study import CompiledEncounter, Protocol

Status = Literal["done", "missed", "due", "overdue", "upcoming"]
_MILESTONES = {milestone.value: milestone for milestone in Milestone}


@dataclass(frozen=True, slots=True)
class PlannedVisit:
    """One planned visit: its target dates, its window (both ends included), and where it stands on the day asked."""

    encounter: str
    label: str
    epoch: str
    occurrence: int
    target: date
    earliest: date
    latest: date
    status: Status
    held_on: date | None
    activities: tuple[str, ...]


def due(protocol: Protocol, person: ParticipantState, on: date) -> tuple[PlannedVisit, ...]:
    """Return every visit that can be planned from what has happened up to ``on``, in order of date.

    Visits of the treatment epoch that lie behind an early stop are not due; the last visit of that epoch then falls due at
    the stop.
    """
    at = Standpoint(protocol, person, on, Readings(protocol, person, on))
    planned = [visit for encounter in protocol.encounters for visit in _planned(encounter, at)]
    return tuple(sorted(planned, key=lambda visit: (visit.target, visit.encounter)))


def _planned(encounter: CompiledEncounter, at: Standpoint) -> Iterator[PlannedVisit]:
    if encounter.arms and at.person.arm not in encounter.arms:
        return
    early_stop = _early_stop(encounter, at)
    for number, moment in enumerate(encounter.occurrences, start=1):
        anchor = _MILESTONES.get(moment.anchor)
        anchored = milestone_date(anchor, "", at) if anchor is not None else None
        if anchored is None:
            continue
        first, last = moment.span(anchored)
        if early_stop is not None and first > early_stop:
            if not _closes_epoch(encounter, at) or number > 1:
                continue
            first = last = early_stop + timedelta(days=1)
        yield _visit(encounter, number, (first, last), at)


def _early_stop(encounter: CompiledEncounter, at: Standpoint) -> date | None:
    """The day on which treatment stopped, for encounters that count from the first dose."""
    stopped = at.person.stopped
    from_first_dose = any(moment.anchor == "first dose" for moment in encounter.occurrences)
    return stopped.on if stopped is not None and from_first_dose and stopped.on <= at.on else None


def _closes_epoch(encounter: CompiledEncounter, at: Standpoint) -> bool:
    same = [one for one in at.protocol.encounters if one.epoch == encounter.epoch]
    return same[-1].id == encounter.id


def _visit(encounter: CompiledEncounter, number: int, span: tuple[date, date], at: Standpoint) -> PlannedVisit:
    earliest = span[0] - timedelta(days=encounter.window.before)
    latest = span[1] + timedelta(days=encounter.window.after)
    held = _held(encounter.id, number, at.person)
    status: Status = "upcoming"
    if held is not None:
        status = "done" if held.held else "missed"
    elif at.on > latest:
        status = "overdue"
    elif at.on >= earliest:
        status = "due"
    on = held.on if held is not None and held.held else None
    return PlannedVisit(
        encounter.id, encounter.label, encounter.epoch, number, span[0], earliest, latest, status, on, encounter.activities
    )


def _held(encounter: str, number: int, person: ParticipantState) -> Visit | None:
    return next((visit for visit in person.visits if (visit.encounter, visit.occurrence) == (encounter, number)), None)


def planned_visit(protocol: Protocol, person: ParticipantState, encounter: str, occurrence: int, on: date) -> PlannedVisit | None:
    """Return the plan of one visit as seen on a day; None where it cannot be planned (yet)."""
    plan = due(protocol, person, on)
    return next((visit for visit in plan if (visit.encounter, visit.occurrence) == (encounter, occurrence)), None)
