"""The dosing policy as a function of truth values: which rule decides, and what becomes of level, hold and stop.

Works on arrays with any leading axes: shape ``()`` when one participant is decided, many when a policy is explored or
simulated. It evaluates no expression and knows no calendar; both come in as truth values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.study import CompiledRegimen, CompiledRule

FALSE, UNKNOWN, TRUE = 0, 1, 2
NO_RULE, COURSE_RULE = -1, -2
Bools = NDArray[np.bool_]
Ints = NDArray[Any]


class Act(IntEnum):
    """What is advised."""

    START = 0
    INCREASE = 1
    SAME = 2
    DECREASE = 3
    HOLD = 4
    RESUME = 5
    STOP = 6
    UNDECIDED = 7


@dataclass(frozen=True, slots=True)
class DoseState:
    """Where dosing stands; every leading axis is a participant.

    Args:
        level: Last non-zero dose level, 0-based; -1 before the first dose. Shape ``(...)``.
        held: Which rules hold the dose. Shape ``(..., rules)``.
        held_otherwise: Held by the investigator, for no rule's reason. Shape ``(...)``.
        holds: How often each rule has begun a hold. Shape ``(..., rules)``.
        stopped: Stopped for good. Shape ``(...)``.
    """

    level: Ints
    held: Bools
    held_otherwise: Bools
    holds: Ints
    stopped: Bools

    @property
    def on_hold(self) -> Bools:
        """Whether anything holds the dose. Shape ``(...)``."""
        return np.asarray(self.held.any(axis=-1) | self.held_otherwise)


@dataclass(frozen=True, slots=True)
class RuleTruths:
    """Kleene truths (0 false, 1 unknown, 2 true) of each rule's expressions.

    Args:
        when: Shape ``(..., rules)``; an `otherwise` rule is true.
        standing: The same, with adverse events as they stand now: what a rule that holds already is judged by. Shape
            ``(..., rules)``.
        until: Shape ``(..., rules)``; false where a rule has none.
        resume: Shape ``(..., rules, clauses)``, ``clauses`` being the most that any rule has; false beyond a rule's own.
    """

    when: Ints
    standing: Ints
    until: Ints
    resume: Ints


@dataclass(frozen=True, slots=True)
class Decided:
    """What the policy decides. Shapes ``(...)``.

    Args:
        act: An ``Act``.
        level: Dose level in force afterwards (the last non-zero one while held or stopped); -1 when nothing is started.
        dosed: Whether any drug is given after the decision.
        rule: Index of the rule that decided; -1 none, -2 the end of the course.
        optional: The protocol permits the increase and does not ask for it.
        blocked: Index of the first unknown rule that kept the dose from rising or resuming; -1 none.
        after: The dose state if the advice is followed.
    """

    act: Ints
    level: Ints
    dosed: Bools
    rule: Ints
    optional: Bools
    blocked: Ints
    after: DoseState


def decide(regimen: CompiledRegimen, state: DoseState, truths: RuleTruths, in_course: Bools) -> Decided:
    """Decide one step of the policy.

    The first rule that is true decides; an unknown rule above an increase turns it into the same dose. A hold is left only
    when every rule that holds has its `until` true and no hold or stop rule is true or unknown (a rule that holds already being
    judged by the adverse events that still stand, since those of its own past need not keep it); resuming is never an
    increase. Before the first dose nothing is held: each decision asks anew whether treatment may start.
    """
    shape = np.broadcast_shapes(np.shape(state.level), truths.when.shape[:-1], np.shape(in_course))
    result = _Result(regimen, state, truths, shape)
    result.end_course(_spread(in_course, shape))
    result.keep_or_leave_hold()
    result.start()
    for index, rule in enumerate(regimen.rules):
        result.try_rule(index, rule)
    return result.finish()


def _spread(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """Broadcast, where there is anything to broadcast."""
    return array if array.shape == shape else np.broadcast_to(array, shape)


class _Result:
    """The decision under construction: one array per field, filled where ``open`` is still true."""

    def __init__(self, regimen: CompiledRegimen, state: DoseState, truths: RuleTruths, shape: tuple[int, ...]) -> None:
        rules = len(regimen.rules)
        self.regimen, self.truths, self.top = regimen, truths, len(regimen.levels) - 1
        self.was_level = _spread(state.level, shape).astype(np.int16)
        self.was_held = _spread(state.held, (*shape, rules))
        self.was_otherwise = _spread(state.held_otherwise, shape)
        self.holds = _spread(state.holds, (*shape, rules)).astype(np.int16)
        self.was_stopped = _spread(state.stopped, shape)
        self.when = _spread(truths.when, (*shape, rules))
        self.standing = np.where(self.was_held, truths.standing, self.when)
        self.until = _spread(truths.until, (*shape, rules))
        self.resume = _spread(truths.resume, (*shape, *truths.resume.shape[-2:]))
        self.act = np.where(self.was_stopped, Act.STOP, Act.UNDECIDED).astype(np.int8)
        self.level = self.was_level.copy()
        self.rule = np.full(shape, NO_RULE, np.int16)
        self.optional = np.zeros(shape, bool)
        self.blocked = np.full(shape, -1, np.int16)
        self.held = self.was_held.copy()
        self.open = ~self.was_stopped
        self.hold_rules = np.array([rule.action.kind == "hold" for rule in regimen.rules], bool)
        self.stop_rules = np.array([rule.action.kind == "stop" for rule in regimen.rules], bool)

    def close(self, where: Bools, act: Act, rule: int | Ints, level: int | Ints | None = None) -> None:
        """Settle the cases ``where``, which must be open."""
        self.act = np.where(where, act, self.act)
        self.rule = np.where(where, rule, self.rule)
        if level is not None:
            self.level = np.where(where, level, self.level)
        self.open = self.open & ~where

    def end_course(self, in_course: Bools) -> None:
        self.close(self.open & ~in_course, Act.STOP, COURSE_RULE)

    def keep_or_leave_hold(self) -> None:
        held_now = self.open & (self.was_held.any(axis=-1) | self.was_otherwise) & (self.was_level >= 0)
        stop = held_now & self._first(self.stop_rules & (self.when == TRUE))[0]
        self.close(stop, Act.STOP, self._first(self.stop_rules & (self.when == TRUE))[1])
        held_now &= ~stop
        fires = self.hold_rules & (self.standing == TRUE)
        holding = self.was_held | fires
        cleared = holding & (self.until == TRUE) & ~fires
        target, decided, waits = self._resumption_targets()
        stuck = cleared & ~decided & ~waits
        cleared &= decided
        keep = holding & ~cleared
        unknown = ((self.hold_rules | self.stop_rules) & (self.standing == UNKNOWN)) | (keep & (self.until == UNKNOWN))
        any_unknown, first_unknown = self._first(unknown)
        staying = held_now & (keep.any(axis=-1) | any_unknown | self.was_otherwise)
        self.blocked = np.where(staying & any_unknown, first_unknown, self.blocked)
        still = np.where(staying[..., None], np.where(keep.any(axis=-1)[..., None], keep, holding), False)
        reason = self._first(still)[1]
        self._hold(staying, still, reason)
        undecided = staying & stuck.any(axis=-1) & ~(keep & ~stuck).any(axis=-1) & ~any_unknown
        self.act = np.where(undecided, Act.UNDECIDED, self.act)
        leaving = held_now & ~staying
        lowest = np.where(cleared, target, self.top + 1).min(axis=-1, initial=self.top + 1)
        level = np.clip(lowest, -1, self.was_level)
        self._leave(leaving, level, self._first(cleared & (target == lowest[..., None]))[1])

    def _leave(self, leaving: Bools, level: Ints, rule: Ints) -> None:
        self.held = np.where(leaving[..., None], False, self.held)
        self.close(leaving & (level >= 0), Act.RESUME, rule, level)
        self.close(leaving & (level < 0), Act.STOP, rule)

    def _resumption_targets(self) -> tuple[Ints, Bools, Bools]:
        """Return, for each rule, the level it resumes to (-1: stop), whether a clause says so, and whether one says to wait."""
        target = np.full(self.when.shape, self.top + 1, np.int16)
        decided = np.zeros(self.when.shape, bool)
        waits = np.zeros(self.when.shape, bool)
        for index, rule in enumerate(self.regimen.rules):
            passed = np.ones(self.when.shape[:-1], bool)
            for clause, resumption in enumerate(rule.resume):
                truth = self.resume[..., index, clause]
                fires = passed & (truth == TRUE)
                below = fires & (self.was_level == 0) & (resumption.to == "lower")
                target[..., index] = np.where(
                    fires, self._target(resumption.to, resumption.level_index, rule), target[..., index]
                )
                decided[..., index] |= fires & (~below | (rule.at_lowest in ("stop", "same")))
                waits[..., index] |= below & (rule.at_lowest == "hold")
                passed = passed & (truth == FALSE)
        return target, decided, waits

    def _target(self, to: str, level_index: int | None, rule: CompiledRule) -> Ints:
        match to:
            case "same":
                return self.was_level
            case "lower":
                return np.where(self.was_level > 0, self.was_level - 1, -1 if rule.at_lowest == "stop" else 0)
            case _:
                return np.full(self.was_level.shape, level_index or 0, np.int16)

    def start(self) -> None:
        fresh = self.open & (self.was_level < 0)
        self.held = np.where(fresh[..., None], False, self.held)
        stops = self.hold_rules | self.stop_rules
        fires, first = self._first(stops & (self.when == TRUE))
        self.close(fresh & fires, Act.HOLD, first)
        unknown, first_unknown = self._first(stops & (self.when == UNKNOWN))
        self.blocked = np.where(fresh & ~fires & unknown, first_unknown, self.blocked)
        self.close(fresh & ~fires & unknown, Act.HOLD, NO_RULE)
        self.close(fresh & ~fires & ~unknown, Act.START, NO_RULE, self.regimen.start_index)

    def try_rule(self, index: int, rule: CompiledRule) -> None:
        truth = self.when[..., index]
        target = self._rule_target(rule)
        applies = target != self.was_level if rule.action.kind == "raise" else np.ones(self.open.shape, bool)
        fires = self.open & (truth == TRUE) & applies
        unknown = self.open & (truth == UNKNOWN) & applies & (self.blocked < 0)
        self._settle(fires, index, rule, target)
        self.blocked = np.where(unknown, index, self.blocked)

    def _rule_target(self, rule: CompiledRule) -> Ints:
        match rule.action.kind:
            case "raise":
                return np.minimum(self.was_level + rule.action.steps, self.top)
            case "lower":
                return np.maximum(self.was_level - rule.action.steps, 0)
            case "level":
                return np.full(self.was_level.shape, rule.action.level_index or 0, np.int16)
            case _:
                return self.was_level

    def _settle(self, fires: Bools, index: int, rule: CompiledRule, target: Ints) -> None:
        kind = rule.action.kind
        if kind == "stop":
            self.close(fires, Act.STOP, index)
        elif kind == "hold":
            self._hold(fires, self.hold_rules & (self.when == TRUE), index)
        elif kind in ("same", "no increase"):
            self.close(fires, Act.SAME, index)
        else:
            rises = fires & (target > self.was_level)
            barred = rises & (self.blocked >= 0)
            self.optional = np.where(rises & ~barred, rule.action.optional, self.optional)
            self.close(barred, Act.SAME, index)
            self.close(rises & ~barred, Act.INCREASE, index, target)
            self.close(fires & (target == self.was_level) & (kind != "lower"), Act.SAME, index)
            self.close(fires & (target < self.was_level), Act.DECREASE, index, target)
            if kind == "lower":
                self._lower_at_lowest(self.open & fires, index, rule)

    def _lower_at_lowest(self, where: Bools, index: int, rule: CompiledRule) -> None:
        match rule.at_lowest:
            case "stop":
                self.close(where, Act.STOP, index)
            case "same":
                self.close(where, Act.SAME, index)
            case _:
                self._hold(where, np.arange(len(self.regimen.rules)) == index, index)
                self.act = np.where(where, Act.UNDECIDED, self.act)

    def _hold(self, where: Bools, reasons: Bools, rule: int | Ints) -> None:
        held = np.where(where[..., None], reasons, self.held)
        self.holds = self.holds + (held & ~self.was_held & where[..., None])
        self.held = held
        self.close(where, Act.HOLD, rule)

    def _first(self, flags: Bools) -> tuple[Bools, Ints]:
        """Return whether any rule is flagged, and the index of the first one (-1 for none)."""
        found: Bools = np.asarray(flags.any(axis=-1))
        return found, np.where(found, flags.argmax(axis=-1), -1) if flags.shape[-1] else np.full(found.shape, -1)

    def finish(self) -> Decided:
        stopped = self.was_stopped | (self.act == Act.STOP)
        held = self.held & ~stopped[..., None]
        otherwise = self.was_otherwise & ~stopped & (self.act == Act.HOLD)
        after = DoseState(self.level, held, otherwise, self.holds, stopped)
        dosed = ~stopped & ~after.on_hold & (self.level >= 0)
        return Decided(self.act, self.level, dosed, self.rule, self.optional, self.blocked, after)
