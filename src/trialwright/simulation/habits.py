"""What sites and simulated people do: when they come, what goes missing or is mistyped, when they leave.

Every answer is a function of the seed, the person and the visit, so that it stays the same under another dosing rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.simulation.body import Bools, Ints
from trialwright.simulation.draws import Draws, Floats
from trialwright.simulation.people import People
from trialwright.simulation.virtual.model import Habits, Virtual

FOREVER = 10**6
_DAYS_PER_MONTH = 30.4375
_MOST_LATE_DAYS = 2


@dataclass(frozen=True, slots=True)
class VisitHabits:
    """What is drawn for one visit: numbers in (0, 1), each shape ``(n,)``, for the named question."""

    off_target: Floats
    which_day: Floats
    too_late: Floats
    how_late: Floats
    missed: Floats
    mistyped: Floats
    declines: Floats
    disregards: Floats
    reason: Floats
    delay: Floats


def visit_habits(people: People, purpose: str, index: int) -> VisitHabits:
    """Draw what decides one visit."""
    return VisitHabits(*people.draws.uniforms(f"visit/{purpose}", len(VisitHabits.__slots__), index))


def visit_day(drawn: VisitHabits, habits: Habits, window: tuple[Any, Any, Any], after: Ints) -> Ints:
    """The day of a visit: planned, another of its window, or too late (a missed one: as planned), always later than ``after``.

    Args:
        window: First, planned and last day of the visit.
    """
    earliest, target, latest = window
    other = earliest + np.floor(drawn.which_day * (latest - earliest + 1))
    late = latest + 1 + np.floor(drawn.how_late * _MOST_LATE_DAYS)
    day = np.where(drawn.off_target < habits.off_target.number, other, target)
    day = np.where(drawn.too_late < habits.too_late.number, late, day)
    day = np.where(drawn.missed < habits.missed.number, target, day)
    return np.asarray(np.maximum(day, after + 1), np.int64)


def missing(people: People, activity: str, purpose: str, index: int) -> Bools:
    """Whether an activity's values are missing at a visit."""
    chance = people.virtual.habits.missing.get(activity)
    if chance is None:
        return np.zeros(people.count, bool)
    return np.asarray(people.draws.uniform(f"missing/{activity}/{purpose}", index) < chance.number)


def starts_course(draws: Draws, course: str, chance: float, purpose: str, index: int) -> Bools:
    """Whether a course of medication is begun where its condition holds."""
    return np.asarray(draws.uniform(f"course/{course}/{purpose}", index) < chance)


@dataclass(frozen=True, slots=True)
class Leaving:
    """When people leave, in days since the first dose (FOREVER: they don't). Shapes ``(n,)``.

    ``lost`` counts only after treatment has stopped; ``entirely`` tells a withdrawal from all data.
    """

    withdraws: Ints
    entirely: Bools
    dies: Ints
    lost: Ints
    reason: Floats

    @property
    def on_treatment(self) -> Ints:
        """The day on which treatment ends by withdrawal or death."""
        return np.minimum(self.withdraws, self.dies)


def leaving(people: People) -> Leaving:
    """Draw when people leave."""
    endings = people.virtual.endings
    withdraws, entirely, dies, lost, reason = people.draws.uniforms("leaving", 5)
    return Leaving(
        _waiting(withdraws, endings.withdraws_per_week.number, 7),
        np.asarray(entirely < endings.withdraws_all.number),
        _waiting(dies, endings.dies_per_month.number, _DAYS_PER_MONTH),
        _waiting(lost, endings.lost_per_month.number, _DAYS_PER_MONTH),
        reason,
    )


def _waiting(uniform: Floats, chance: float, days: float) -> NDArray[np.int64]:
    """Days until something happens whose chance in each period of ``days`` is ``chance``; at least 2."""
    if chance <= 0:
        return np.full(uniform.shape, FOREVER)
    if chance >= 1:
        return np.full(uniform.shape, 2)
    waited = np.log(uniform) / np.log1p(-chance) * days
    return np.asarray(np.clip(np.ceil(waited), 2, FOREVER), np.int64)


def one_of(words: tuple[str, ...], uniform: float) -> str:
    """One of some reasons."""
    return words[min(int(uniform * len(words)), len(words) - 1)]


def screening_days(virtual: Virtual, draws: Draws, longest: int) -> Ints:
    """Days from consent to the first dose, 1 … longest."""
    drawn = draws.uniform("screening") + draws.uniform("screening", 1)
    return np.clip(np.round(drawn * virtual.accrual.screening_days.number), 1, longest).astype(np.int64)
