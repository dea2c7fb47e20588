"""Where one participant's dosing stands, read from what was prescribed: level, hold, recurrences, dates. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from trialwright.engine.policy import DoseState
from trialwright.engine.state import DoseFact, ParticipantState
from trialwright.protocol.study import CompiledRegimen
from trialwright.vocabulary.dates import study_day

OTHERWISE = "otherwise"


@dataclass(frozen=True, slots=True)
class DosingStanding:
    """Dosing up to a day (decisions of that day excluded): state for the policy, and the dates that rules count from."""

    level_index: int
    held_by: tuple[str, ...]
    holds: tuple[int, ...]
    stopped: bool
    last_increase: date | None = None
    last_decrease: date | None = None
    last_change: date | None = None
    last_hold: date | None = None
    last_resumption: date | None = None
    last_decision: date | None = None

    @property
    def on_hold(self) -> bool:
        """Whether anything holds the dose; before the first dose there is nothing to hold."""
        return bool(self.held_by) and self.level_index >= 0

    def state(self, regimen: CompiledRegimen) -> DoseState:
        """Return the standing as the policy reads it."""
        names = [rule.id for rule in regimen.rules]
        held = np.array([name in self.held_by for name in names], bool)
        otherwise = (bool(self.held_by) and not held.any()) or any(name not in names for name in self.held_by)
        return DoseState(
            np.asarray(self.level_index),
            held,
            np.asarray(otherwise),
            np.asarray(self.holds, np.int16),
            np.asarray(self.stopped),
        )


def dosing_standing(regimen: CompiledRegimen, person: ParticipantState, on: date) -> DosingStanding:
    """Return where dosing stands before any decision of ``on``."""
    names = [rule.id for rule in regimen.rules]
    standing = _Walk(regimen)
    for fact in person.prescribed:
        if fact.intervention == regimen.intervention and fact.on < on:
            standing.take(fact)
    stop = person.stops.get(regimen.intervention)
    return DosingStanding(
        standing.level,
        standing.held,
        tuple(standing.holds.get(name, 0) for name in names),
        stop is not None and stop.on < on,
        standing.dates.get("increase"),
        standing.dates.get("decrease"),
        standing.dates.get("change"),
        standing.dates.get("hold"),
        standing.dates.get("resumption"),
        standing.dates.get("decision"),
    )


def last_course_day(regimen: CompiledRegimen, first_dose: date) -> int | None:
    """Return the last study day of the course (months are calendar months); None where it has no end."""
    if regimen.course is None:
        return None
    return study_day(regimen.course.after(first_dose) - timedelta(days=1), first_dose)


def total_dose(regimen: CompiledRegimen, person: ParticipantState, before: date) -> tuple[Decimal, tuple[int, ...]]:
    """Return what was taken before a day, summed over administrations (over days, for a dose per day), and the entries behind."""
    facts = [one for one in person.administered if one.intervention == regimen.intervention and one.on < before]
    total, entries = Decimal(0), []
    for index, fact in enumerate(facts):
        following = facts[index + 1].on if index + 1 < len(facts) else before
        end = min(fact.through or date.max, following - timedelta(days=1), before - timedelta(days=1))
        days = max(1, (end - fact.on).days + 1) if regimen.unit_text.endswith("/d") else 1
        total += fact.dose * days
        entries.append(fact.entry)
    return total, tuple(entries)


def level_of(regimen: CompiledRegimen, dose: Decimal) -> int:
    """Return the highest level that a dose reaches; 0 for less than the lowest."""
    return max((index for index, level in enumerate(regimen.levels) if level <= dose), default=0)


class _Walk:
    """Walks through prescriptions in order."""

    def __init__(self, regimen: CompiledRegimen) -> None:
        self.regimen = regimen
        self.level = -1
        self.held: tuple[str, ...] = ()
        self.holds: dict[str, int] = {}
        self.dates: dict[str, date] = {}

    def take(self, fact: DoseFact) -> None:
        self.dates["decision"] = fact.on
        if fact.dose == 0:
            self._hold(fact)
            return
        level = level_of(self.regimen, fact.dose)
        resumed = bool(self.held)
        if resumed:
            self.dates["resumption"] = fact.on
        if self.level >= 0 and level > self.level:
            self.dates["increase"] = fact.on
        elif level < self.level:
            self.dates["decrease"] = fact.on
        if level != self.level or resumed:
            self.dates["change"] = fact.on
        self.level, self.held = level, ()

    def _hold(self, fact: DoseFact) -> None:
        reasons = fact.held_by or (OTHERWISE,)
        if not self.held:
            self.dates["hold"] = self.dates["change"] = fact.on
        for reason in reasons:
            if reason not in self.held:
                self.holds[reason] = self.holds.get(reason, 0) + 1
        self.held = reasons
