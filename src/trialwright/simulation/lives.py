"""Simulated people between and at visits: time passes, events befall them, a form is filled in. Both ways of rehearsing use it.

Axis 0 is the person: one when a trial is played through the commands, many when only decisions are simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.protocol.study import Protocol
from trialwright.simulation.body import Body, Bools, Ints
from trialwright.simulation.habits import VisitHabits, leaving, missing, visit_habits
from trialwright.simulation.harm import Illness, Span
from trialwright.simulation.measuring import Measuring
from trialwright.simulation.people import People
from trialwright.simulation.virtual.model import Virtual

UNSCHEDULED = "unscheduled"
DOSE = "dose"
Array = NDArray[Any]

__all__ = ["DOSE", "UNSCHEDULED", "Form", "Lives", "VisitKind", "visit_kind"]


@dataclass(frozen=True, slots=True)
class VisitKind:
    """What a kind of visit collects: variables with the activity that each belongs to, and whether a dose is decided."""

    encounter: str
    variables: tuple[tuple[str, str], ...]
    decides: bool


def visit_kind(protocol: Protocol, virtual: Virtual, encounter: str) -> VisitKind:
    """Return what an encounter (or ``unscheduled``) collects of the variables that the virtual people have."""
    if encounter == UNSCHEDULED:
        schedule = protocol.file.schedule
        activities = schedule.unscheduled.do if schedule is not None and schedule.unscheduled is not None else ()
    else:
        activities = next(one.activities for one in protocol.encounters if one.id == encounter)
    pairs: dict[str, str] = {}
    decides = False
    for activity in activities:
        declared = protocol.file.activities.get(activity)
        collects = declared.collects if declared is not None else (activity,)
        decides = decides or DOSE in collects
        pairs.update((name, activity) for name in collects if name in virtual.records and name not in protocol.derivations)
    return VisitKind(encounter, tuple(pairs.items()), decides)


@dataclass(frozen=True, slots=True)
class Form:
    """What was written down at one visit: values by variable, who has each, and where one was mistyped.

    ``right`` holds the values of the mistyped variable as they should be.
    """

    values: dict[str, Array]
    present: dict[str, Bools]
    mistyped: Bools
    right: Array | None


class Lives:
    """Some simulated people and all that happens to them."""

    def __init__(self, protocol: Protocol, virtual: Virtual, seeds: ArrayLike, numbers: ArrayLike) -> None:
        self.protocol, self.virtual = protocol, virtual
        self.people = People(virtual, seeds, numbers)
        self.body = Body(self.people)
        self.illness = Illness(self.people)
        self.measuring = Measuring(protocol, self.people, self.body, self.illness)
        self.leaving = leaving(self.people)
        self.count = self.people.count
        self.seen: Ints = np.zeros(self.count, np.int64)
        self._drawn_for: tuple[str, int] | None = None
        self._drawn: VisitHabits

    @property
    def everybody(self) -> Bools:
        """A mask that holds for everybody."""
        return np.ones(self.count, bool)

    def visit_habits(self, purpose: str, index: int) -> VisitHabits:
        """Draw what decides one visit; the last one drawn is kept, since a visit is asked about several times."""
        if self._drawn_for != (purpose, index):
            self._drawn_for, self._drawn = (purpose, index), visit_habits(self.people, purpose, index)
        return self._drawn

    def befall(self, until: Ints, purpose: str, index: int, where: Bools) -> Ints:
        """Let adverse events begin until a planned visit; return the day on which one brings a person in before it."""
        harms = self.virtual.harms
        after = self.body.day
        dose = self.body.dose[harms.drug] if harms is not None else np.zeros(self.count)
        began = self.illness.befall(Span(after, until, self.seen), dose, purpose, index, where & (until > after))
        return self.illness.calls(began, after, until)

    def see(self, where: Bools) -> None:
        """Note that people are seen on the present day."""
        self.seen = np.where(where, self.body.day, self.seen)

    def fill_in(self, kind: VisitKind, index: int, *, purpose: str = "", careless: bool = True) -> Form:
        """Fill in the form of a visit on the present day; ``careless`` lets values be missing or mistyped."""
        purpose = purpose or kind.encounter
        values = {name: self.measuring.value(name, purpose, index) for name, _ in kind.variables}
        absent: dict[str, Bools] = {}
        for activity in {activity for _, activity in kind.variables} if careless else ():
            absent[activity] = missing(self.people, activity, purpose, index)
        nobody = np.zeros(self.count, bool)
        present = {name: ~absent.get(activity, nobody) for name, activity in kind.variables}
        habits = self.virtual.habits
        wrong = habits.mistyped_variable
        if not careless or wrong not in values:
            return Form(values, present, nobody, None)
        drawn = self.visit_habits(purpose, index)
        mistyped = (drawn.mistyped < habits.mistyped.number) & present[wrong]
        right = values[wrong]
        values[wrong] = np.where(mistyped, self.measuring.rounded(wrong, right * habits.mistyped_factor.number), right)
        return Form(values, present, mistyped & (values[wrong] != right), right)
