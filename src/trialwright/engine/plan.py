"""What is due for a participant: each planned visit with its window and whether it is done. Pure; reads no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from trialwright.engine.cycles import cycle_delay
from trialwright.engine.gather import Standpoint, milestone_date
from trialwright.engine.policy import FALSE, TRUE
from trialwright.engine.readings import Readings
from trialwright.engine.response import judge
from trialwright.engine.state import ParticipantState, Visit
from trialwright.protocol.expressions import Expression, Milestone
from trialwright.protocol.study import CompiledEncounter, Protocol
from trialwright.protocol.timing import FIRST_DOSE

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


def due(protocol: Protocol, person: ParticipantState, on: date, only: str = "") -> tuple[PlannedVisit, ...]:
    """Return every visit that can be planned from what has happened up to ``on``, in order of date.

    Visits of the treatment epoch that lie behind an early stop are not due; the last visit of that epoch then falls due
    the day after. A visit that a fact brings about is planned for each day on which its condition became true. Nothing is
    due after death, the end of follow-up, or the withdrawal of all consent. ``only`` names one encounter to plan.
    """
    at = Standpoint(protocol, person, on, Readings(protocol, person, on))
    encounters = [one for one in protocol.encounters if only in ("", one.id)]
    planning = _Planning(at)
    planned = [visit for encounter in encounters for visit in planning.planned(encounter)]
    over = _over_on(person, on)
    kept = [visit for visit in planned if over is None or visit.status in ("done", "missed") or visit.latest < over]
    return tuple(sorted(kept, key=lambda visit: (visit.target, visit.encounter)))


def awaited(protocol: Protocol, person: ParticipantState, on: date) -> tuple[str, ...]:
    """Return the milestones that have not come by ``on`` and from which visits are counted, such as the first dose.

    Those of the first visits that cannot be planned come first; none once follow-up is over.
    """
    if _over_on(person, on) is not None:
        return ()
    at = Standpoint(protocol, person, on, Readings(protocol, person, on))
    anchors = dict.fromkeys(moment.anchor for encounter in protocol.encounters for moment in encounter.occurrences)
    return tuple(anchor for anchor in anchors if anchor_date(anchor, at) is None)


def _over_on(person: ParticipantState, on: date) -> date | None:
    """The day from which nothing more is due, as far as is known on a day."""
    all_withdrawn = person.withdrawn if person.withdrawn is not None and person.withdrawn.reason == "all" else None
    ends = [ending.on for ending in (person.died, person.ended, all_withdrawn) if ending is not None and ending.on <= on]
    return min(ends, default=None)


class _Planning:
    """Plans the visits of one standpoint; what several of them ask for is found once."""

    def __init__(self, at: Standpoint) -> None:
        self.at = at
        self._anchors: dict[str, date | None] = {}
        self._visits: dict[tuple[str, int], Visit] = {}
        for visit in at.person.visits:  # one that took place counts for more than the note that it was missed
            known = self._visits.setdefault((visit.encounter, visit.occurrence), visit)
            if visit.held and not known.held:
                self._visits[visit.encounter, visit.occurrence] = visit

    def planned(self, encounter: CompiledEncounter) -> Iterator[PlannedVisit]:
        at = self.at
        if encounter.arms and at.person.arm not in encounter.arms:
            return
        if encounter.trigger is not None:
            for number, day in enumerate(onsets(encounter.trigger, at), start=1):
                yield self._visit(encounter, number, (day, day))
            return
        early_stop = self._early_stop(encounter)
        for number, moment in enumerate(encounter.occurrences, start=1):
            anchored = self._anchor(moment.anchor)
            if anchored is None:
                continue
            first, last = moment.span(anchored)
            if moment.cycle:
                delay = cycle_delay(moment.cycle, at)
                first, last = first + delay, last + delay
            if early_stop is not None and first > early_stop:
                if not _closes_epoch(encounter, at) or number > 1:
                    continue
                first = last = early_stop + timedelta(days=1)
            yield self._visit(encounter, number, (first, last))

    def _anchor(self, name: str) -> date | None:
        if name not in self._anchors:
            self._anchors[name] = anchor_date(name, self.at)
        return self._anchors[name]

    def _early_stop(self, encounter: CompiledEncounter) -> date | None:
        """The day on which treatment stopped, for visits of a treatment epoch that count from the first dose."""
        stopped = self.at.person.stopped
        from_first_dose = any(moment.anchor == FIRST_DOSE for moment in encounter.occurrences)
        if stopped is None or stopped.on > self.at.on or not from_first_dose:
            return None
        return stopped.on if encounter.epoch in self._treatment_epochs else None

    @cached_property
    def _treatment_epochs(self) -> frozenset[str]:
        return treatment_epochs(self.at.protocol)

    def _visit(self, encounter: CompiledEncounter, number: int, span: tuple[date, date]) -> PlannedVisit:
        on = self.at.on
        earliest = span[0] - timedelta(days=encounter.window.before)
        latest = span[1] + timedelta(days=encounter.window.after)
        held = self._visits.get((encounter.id, number))
        status: Status = "upcoming"
        if held is not None:
            status = "done" if held.held else "missed"
        elif on > latest:
            status = "overdue"
        elif on >= earliest:
            status = "due"
        held_on = held.on if held is not None and held.held else None
        done = _done_for(encounter.activities, self.at)
        return PlannedVisit(
            encounter.id, encounter.label, encounter.epoch, number, span[0], earliest, latest, status, held_on, done
        )


def anchor_date(anchor: str, at: Standpoint) -> date | None:
    """Return the date of a milestone, of the last visit of that name, or of a date variable; None where it has not come."""
    if anchor in at.protocol.scope.variables:
        return milestone_date(Milestone.DATE, anchor, at)
    if anchor in at.protocol.scope.milestones:
        return milestone_date(Milestone.NAMED, anchor, at)
    if anchor in _MILESTONES:
        return milestone_date(_MILESTONES[anchor], "", at)
    return milestone_date(Milestone.ENCOUNTER, anchor, at)


def onsets(trigger: Expression, at: Standpoint) -> list[date]:
    """Return the days on which a condition became true, among the days on which anything is known of the participant."""
    person = at.person
    days = {visit.on for visit in person.visits if visit.held} | {fact.on for fact in person.administered}
    days |= {day for one in person.adverse_events for day in (one.on, one.resolved_on) if day is not None}
    days |= {day for one in person.medications for day in (one.on, one.stopped_on) if day is not None}
    found, before = [], False
    for day in sorted(day for day in {*days, at.on} if day <= at.on):
        then = Standpoint(at.protocol, person, day, at.readings.back_to(day), at.intervention)
        holds = judge(trigger, then, explained=False).truth == TRUE
        if holds and not before:
            found.append(day)
        before = holds
    return found


def treatment_epochs(protocol: Protocol) -> frozenset[str]:
    """Return the epochs in which a dose is decided at some visit; the second one where no visit does."""
    deciding = frozenset(one.epoch for one in protocol.encounters if "dose" in protocol.collected_at(one))
    return deciding or frozenset(protocol.scope.epochs[1:2])


def _closes_epoch(encounter: CompiledEncounter, at: Standpoint) -> bool:
    same = [one for one in at.protocol.encounters if one.epoch == encounter.epoch]
    return same[-1].id == encounter.id


def _done_for(activities: tuple[str, ...], at: Standpoint) -> tuple[str, ...]:
    """Leave out what is not done for this participant; what cannot be told yet stays in."""
    conditions = at.protocol.activity_conditions
    if not conditions:
        return activities
    return tuple(one for one in activities if one not in conditions or judge(conditions[one], at, explained=False).truth != FALSE)


def planned_visit(protocol: Protocol, person: ParticipantState, encounter: str, occurrence: int, on: date) -> PlannedVisit | None:
    """Return the plan of one visit as seen on a day; None where it cannot be planned (yet)."""
    plan = due(protocol, person, on, only=encounter)
    return next((visit for visit in plan if visit.occurrence == occurrence), None)
