"""Where dosing can stand, packed into one whole number: level, holds, recurrences, and days since what the rules count from.

Counters are capped where no rule or guarantee can tell further values apart. Decides nothing: the engine's policy does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import floor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.engine.policy import DoseState
from trialwright.protocol.expressions import (
    Atom,
    Day,
    DoseOf,
    Held,
    Increase,
    Input,
    LevelOf,
    Milestone,
    Recurrence,
    Since,
    Stopped,
    Values,
)
from trialwright.protocol.study import CompiledRegimen

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
COUNTED = (
    Milestone.LAST_INCREASE,
    Milestone.LAST_DECREASE,
    Milestone.LAST_CHANGE,
    Milestone.LAST_HOLD,
    Milestone.LAST_RESUMPTION,
    Milestone.LAST_DECISION,
)


@dataclass(frozen=True, slots=True)
class Standing:
    """Dose states before a decision; every array has shape ``(states,)`` or ``(states, rules)``.

    Args:
        dose: As the engine's policy reads it.
        since: Days since each counted milestone, capped; shape ``(states, milestones)``.
    """

    dose: DoseState
    since: Ints

    @property
    def dosed(self) -> Bools:
        """Whether any drug is given while nothing is decided."""
        return np.asarray((self.dose.level >= 0) & ~self.dose.on_hold & ~self.dose.stopped)


@dataclass(frozen=True, slots=True)
class Packing:
    """How states are packed, and which inputs they answer.

    Args:
        regimen: Whose dosing.
        milestones: Those that something counts from, with the cap of each counter in days.
        begun_caps: How many holds of each rule are counted at most.
        day_cap: The last study day that anything can tell from the days after it.
    """

    regimen: CompiledRegimen
    milestones: tuple[tuple[Milestone, int], ...]
    begun_caps: tuple[int, ...]
    day_cap: int

    @property
    def since_size(self) -> int:
        """How many values the counters together can have."""
        return int(np.prod([cap + 1 for _, cap in self.milestones], dtype=np.int64)) if self.milestones else 1

    def dose_code(self, dose: DoseState) -> Ints:
        """Pack dose states."""
        code = np.asarray(dose.level, np.int64) + 1
        code = code * 2 + dose.stopped
        code = code * 2 + dose.held_otherwise
        for index, cap in enumerate(self.begun_caps):
            code = code * 2 + dose.held[..., index]
            code = code * (cap + 1) + np.minimum(dose.holds[..., index], cap)
        return code

    def dose_of(self, code: Ints) -> DoseState:
        """Unpack dose states."""
        held = np.zeros((*code.shape, len(self.begun_caps)), bool)
        begun = np.zeros((*code.shape, len(self.begun_caps)), np.int64)
        for index, cap in reversed(list(enumerate(self.begun_caps))):
            code, begun[..., index] = np.divmod(code, cap + 1)
            code, bit = np.divmod(code, 2)
            held[..., index] = bit == 1
        code, otherwise = np.divmod(code, 2)
        level, stopped = np.divmod(code, 2)
        return DoseState(level - 1, held, otherwise == 1, begun, stopped == 1)

    def pack(self, dose: DoseState, since: Ints) -> Ints:
        """Pack states; the counters of one that has stopped no longer matter."""
        code = np.zeros(since.shape[:-1], np.int64)
        for index, (_, cap) in enumerate(self.milestones):
            code = code * (cap + 1) + np.where(dose.stopped, cap, np.minimum(since[..., index], cap))
        return self.dose_code(dose) * self.since_size + code

    def unpack(self, code: Ints) -> Standing:
        """Unpack states."""
        dose_code, rest = np.divmod(code, self.since_size)
        since = np.zeros((*code.shape, len(self.milestones)), np.int64)
        for index, (_, cap) in reversed(list(enumerate(self.milestones))):
            rest, since[..., index] = np.divmod(rest, cap + 1)
        return Standing(self.dose_of(dose_code), since)

    def next_day(self, code: Ints) -> Ints:
        """Return the states a day later, nothing being decided."""
        standing = self.unpack(code)
        return self.pack(standing.dose, standing.since + (standing.dose.level >= 0)[..., None])

    def before_start(self) -> Ints:
        """Return the one state before the first dose; shape ``(1,)``."""
        rules = len(self.begun_caps)
        dose = DoseState(
            np.array([-1]), np.zeros((1, rules), bool), np.array([False]), np.zeros((1, rules), np.int64), np.array([False])
        )
        return self.pack(dose, np.array([[cap for _, cap in self.milestones]], np.int64).reshape(1, len(self.milestones)))

    def answers(self, standing: Standing, day: int) -> dict[Input, Values]:
        """Return what a rule reads of the states on a study day (before this day's decision)."""
        level, shape = standing.dose.level, standing.dose.level.shape
        started = level >= 0
        amounts = np.array([float(amount) for amount in self.regimen.levels])
        amount = Values(np.where(started, amounts[np.maximum(level, 0)], 0.0), started)
        dose = Values.of(np.where(standing.dosed, amount.data, 0.0))
        found: dict[Input, Values] = {Increase(None): Values.unknown(shape)}
        for name in (None, self.regimen.intervention):
            found[LevelOf(name)], found[DoseOf(name)] = amount, dose
            found[Held(name)], found[Stopped(name)] = Values.of(standing.dose.on_hold), Values.of(standing.dose.stopped)
        found[Day()] = Values(np.full(shape, float(day)), started)
        found[Since(Milestone.FIRST_DOSE)] = Values.of(np.where(started, float(day - 1), np.inf))
        for index, (milestone, _) in enumerate(self.milestones):
            found[Since(milestone)] = Values.of(standing.since[..., index].astype(float))
        found.update(self._recurrences(standing))
        return found

    def _recurrences(self, standing: Standing) -> dict[Input, Values]:
        holds = standing.dose.holds
        found: dict[Input, Values] = {Recurrence(None): Values.of(np.maximum(holds.sum(axis=-1) - 1, 0).astype(float))}
        for index, rule in enumerate(self.regimen.rules):
            found[Recurrence(rule.id)] = Values.of(np.maximum(holds[..., index] - 1, 0).astype(float))
        return found

    @property
    def inputs(self) -> frozenset[Input]:
        """What the states answer."""
        one = self.unpack(self.before_start())
        return frozenset(self.answers(one, 1)) | {Increase(self.regimen.intervention)}


def packing_for(regimen: CompiledRegimen, atoms: Iterable[Atom]) -> Packing:
    """Return how to pack the states of a regimen whose rules and guarantees read these atoms."""
    since: dict[Milestone, int] = {}
    begun = {rule.id: 0 for rule in regimen.rules}
    last_day = regimen.course.days if regimen.course else regimen.start_day
    for atom in atoms:
        highest = floor(atom.threshold) if atom.threshold is not None else None
        for given in atom.inputs:
            match given:
                case Since(milestone=milestone, unit="d") if milestone in COUNTED and highest is not None:
                    since[milestone] = max(since.get(milestone, 1), highest + 1)
                case Since(milestone=Milestone.FIRST_DOSE, unit="d") if highest is not None:
                    last_day = max(last_day, highest + 1)
                case Day() if highest is not None:
                    last_day = max(last_day, highest)
                case Recurrence(rule=None) if highest is not None:
                    begun = {name: max(cap, highest + 2) for name, cap in begun.items()}
                case Recurrence(rule=str() as name) if highest is not None and name in begun:
                    begun[name] = max(begun[name], highest + 2)
    return Packing(regimen, tuple(since.items()), tuple(begun.values()), max(last_day, 1) + 1)


def counters_after(packing: Packing, before: Standing, after: DoseState, dosed: Bools) -> Ints:
    """Return the counters right after a decision that was followed, as the log of prescriptions would give them."""
    level_was, held_was = before.dose.level, before.dose.on_hold
    started = level_was < 0
    resumed = dosed & held_was
    changed: Mapping[Milestone, Any] = {
        Milestone.LAST_INCREASE: dosed & (started | (after.level > level_was)),
        Milestone.LAST_DECREASE: dosed & (after.level < level_was),
        Milestone.LAST_CHANGE: (dosed & ((after.level != level_was) | resumed)) | (~dosed & ~held_was),
        Milestone.LAST_HOLD: ~dosed & ~held_was,
        Milestone.LAST_RESUMPTION: resumed,
        Milestone.LAST_DECISION: np.ones(np.shape(dosed), bool),
    }
    columns = [
        np.where(changed[milestone], 0, before.since[..., index]) for index, (milestone, _) in enumerate(packing.milestones)
    ]
    return np.stack(columns, axis=-1) if columns else np.zeros((*np.shape(dosed), 0), np.int64)
