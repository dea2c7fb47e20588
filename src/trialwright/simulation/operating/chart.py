"""What is known of many simulated participants at a visit: every input that the engine gathers for one, for all of them at once.

A property test holds it equal to ``engine.gather`` on a log with the same facts. Judges nothing; draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol import expressions as asked
from trialwright.protocol.expressions import Input, Kind, Milestone, Values, evaluate
from trialwright.protocol.study import Protocol
from trialwright.simulation.operating.design import CONSENT_DAYS_BEFORE, ENROLMENT_DAYS_BEFORE, Design, EventPlan
from trialwright.simulation.operating.parameters import rounded
from trialwright.simulation.operating.visits import Visit

NEVER = -(10**6)
LATER = 10**6
Array = NDArray[Any]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(slots=True)
class Episodes:
    """The episodes of one kind of event: the latest (``ends`` is the first day without it), and all grades by visit."""

    plan: EventPlan
    begins: Ints
    ends: Ints
    grade: Ints
    grades: list[Ints] = field(default_factory=list)


@dataclass(slots=True)
class Answers:
    """A response as recorded: the current category of the day (-1 not known), and what was recorded before."""

    current: Ints
    recorded: Ints
    since: Ints
    best: Ints
    best_confirmed: Ints
    last_confirmed: Ints


class Chart:
    """The charts of ``count`` participants; ``day`` is the day of the present visit, the same for all."""

    def __init__(self, design: Design, count: int, limits: dict[str, NDArray[np.float64]]) -> None:
        self.design, self.protocol, self.count, self.limits = design, design.protocol, count, limits
        self.day, self.epoch, self.started = 0, 0, False
        self.days: list[int] = []
        self.points: list[dict[str, tuple[Array, Bools]]] = []
        self.held_visits: list[tuple[str, int, Bools]] = []
        rules = len(design.regimen.rules)
        self.level: Ints = np.full(count, -1, np.int64)
        self.held: Bools = np.zeros((count, rules), bool)
        self.holds: Ints = np.zeros((count, rules), np.int64)
        self.taken = np.zeros(count)
        self.administered: Ints = np.zeros(count, np.int64)
        self.last = {one: np.full(count, NEVER) for one in Milestone}
        self.episodes = [
            Episodes(plan, np.full(count, LATER), np.full(count, NEVER), np.zeros(count, np.int64)) for plan in design.events
        ]
        self.answers = {one.id: _unasked(count) for one in design.responses}

    def visit(self, visit: Visit, values: dict[str, tuple[Array, Bools]], here: Bools) -> frozenset[str]:
        """Enter what was measured at a visit; derived values follow. Returns the variables of which anybody has a value."""
        self.day, self.epoch = visit.day, visit.epoch
        self.days.append(visit.day)
        self.points.append(values)
        self.held_visits.append((visit.encounter, visit.day, here))
        for name in self.design.derived:
            parts = self.protocol.measured_for(name)
            if parts <= set(values):
                given = np.logical_and.reduce([values[part][1] for part in parts])
                values[name] = self._derived(name, given)
        return frozenset(name for name, (_, given) in values.items() if given.any())

    def _derived(self, name: str, given: Bools) -> tuple[Array, Bools]:
        expression = self.protocol.derivations[name]
        parts = self.protocol.measured_for(name)
        supply: dict[Input, Values] = {}
        for wanted in expression.inputs:
            match wanted:
                case asked.Reading(part) if part in parts:
                    supply[wanted] = Values(*self.points[-1][part])
                case asked.Reading(part):
                    supply[wanted] = self._latest(part, len(self.days))
                case _:
                    supply[wanted] = self.answer(wanted)
        found = evaluate(expression, supply)
        data = np.broadcast_to(found.data, given.shape)
        declared, kind = self.protocol.file.variables[name], self.protocol.scope.variables[name]
        if declared.precision is not None and kind.kind is Kind.QUANTITY:
            data = rounded_either_way(data, declared.precision.as_integer_ratio())
        return np.asarray(data), given & found.known

    def supply(self, inputs: tuple[Input, ...]) -> dict[Input, Values]:
        """Return the value of each input, for everybody."""
        return {wanted: self.answer(wanted) for wanted in inputs}

    def answer(self, wanted: Input) -> Values:
        """Return what a question is answered at the present visit."""
        match wanted:
            case asked.Reading() | asked.Stratum() | asked.Baseline() | asked.Previous() | asked.Limit() | asked.Aggregate():
                return self._measured(wanted)
            case asked.Since():
                return self._since(wanted.milestone, wanted.name)
            case asked.Day():
                return Values.of(float(self.day + 1)) if self.started else Values.unknown()
            case asked.ResponseOf():
                return self._response(wanted)
            case asked.AdverseEvents():
                return self._worst(wanted)
            case asked.EventCount(events, least):
                return self._event_count(events, least)
            case asked.Medication():
                return Values.of(False)
            case asked.Arm():
                arms, arm = self.protocol.scope.arms, self.design.arm
                return Values.of(arms.index(arm)) if arm in arms else Values.unknown()
            case asked.CurrentEpoch():
                return self._epoch()
            case asked.Today() | asked.Increase() | asked.Consent() | asked.Assent():
                raise AssertionError(f"{wanted} is refused before anything is played")
            case _:
                return self._dosed(wanted)

    def _epoch(self) -> Values:
        epochs = self.protocol.scope.epochs
        if not epochs:
            return Values.unknown()
        return Values.of(min(max(self.epoch, 1 if self.started else 0, 0), len(epochs) - 1))

    def _latest(self, name: str, before: int) -> Values:
        """The latest value among the first ``before`` visits."""
        value, known, _ = self._found(name, range(before))
        return Values(value, known)

    def _found(self, name: str, visits: range) -> tuple[Array, Bools, Ints]:
        """The latest value at some visits, whether there is one, and its day."""
        codes = len(self.protocol.scope.variables[name].codes)
        wide = self.protocol.scope.variables[name].kind is Kind.SET
        value: Array = np.zeros((self.count, codes), bool) if wide else np.zeros(self.count)
        known, day = np.zeros(self.count, bool), np.full(self.count, NEVER)
        for index in visits:
            if name in self.points[index]:
                newer, given = self.points[index][name]
                value = np.where(given[:, None] if wide else given, newer, value)
                known, day = known | given, np.where(given, self.days[index], day)
        return value, known, day

    def _measured(
        self, wanted: asked.Reading | asked.Stratum | asked.Baseline | asked.Previous | asked.Limit | asked.Aggregate
    ) -> Values:
        count = len(self.days)
        match wanted:
            case asked.Reading(name) | asked.Stratum(name):
                value, known, day = self._found(name, range(count))
                limit = self.protocol.valid_days.get(name)
                return Values(value, known if limit is None else known & (self.day - day <= limit))
            case asked.Baseline(name):
                return self._latest(name, sum(day <= 0 for day in self.days))
            case asked.Previous(name):
                return self._latest(name, sum(day < self.day for day in self.days))
            case asked.Limit(which, name):
                known = self._latest(name, count).known
                return Values(self.limits[name], known) if which == "uln" and name in self.limits else Values.unknown()
            case asked.Aggregate():
                return self._aggregate(wanted)
            case _:
                assert_never(wanted)

    def _aggregate(self, wanted: asked.Aggregate) -> Values:
        days = np.array(self.days)
        absent = (np.zeros(self.count), np.zeros(self.count, bool))
        pairs = [point.get(wanted.variable, absent) for point in self.points]
        value, given = np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])
        if wanted.function == "nadir":
            if self.started:
                _, known, day = self._found(wanted.variable, range(sum(one <= 0 for one in self.days)))
                given = given & (~known | (days[:, None] >= day))
        elif wanted.days is not None:
            given = given & (self.day - days <= wanted.days)[:, None]
        if wanted.values is not None:
            later = given[::-1].cumsum(axis=0)[::-1]
            given = given & (later <= wanted.values) & (given.sum(axis=0) >= wanted.values)
        return _summary(wanted.function, value.astype(np.float64), given)

    def _since(self, milestone: Milestone, name: str) -> Values:
        match milestone:
            case Milestone.CONSENT:
                return Values.of(float(self.day + CONSENT_DAYS_BEFORE))
            case Milestone.ENROLMENT | Milestone.RANDOMISATION:
                return Values.of(float(self.day + ENROLMENT_DAYS_BEFORE))
            case Milestone.READING:
                current = self._measured(asked.Reading(name))
                _, _, on = self._found(name, range(len(self.days)))
                return Values((self.day - on).astype(np.float64), current.known)
            case Milestone.ENCOUNTER:
                on = np.full(self.count, NEVER)
                for encounter, day, here in self.held_visits:
                    on = np.where(here, day, on) if encounter == name else on
            case Milestone.LAST_INCREASE | Milestone.LAST_CHANGE:
                on = np.where(self.last[milestone] > NEVER, self.last[milestone], self.last[Milestone.FIRST_DOSE])
            case Milestone.LAST_DOSE:
                on = self._last_dose()
            case _:
                on = self.last[milestone]
        return Values.of(np.where(on > NEVER, (self.day - on).astype(np.float64), np.inf))

    def _last_dose(self) -> Ints:
        """The last day on which drug was taken; a daily dose is taken today until it is decided otherwise."""
        if self.design.regimen.every_days is not None:
            return self.last[Milestone.LAST_DOSE]
        return np.where(self.on_drug(), self.day, self.last[Milestone.LAST_DOSE])

    def on_drug(self) -> Bools:
        """Who takes the drug."""
        return np.asarray((self.level >= 0) & ~self.held.any(axis=-1))

    def _response(self, wanted: asked.ResponseOf) -> Values:
        answers = self.answers[wanted.name]
        if wanted.best:
            return Values.of(np.maximum(answers.best_confirmed if wanted.confirmed else answers.best, 0))
        found = answers.last_confirmed if wanted.confirmed else answers.current
        return Values(np.maximum(found, 0), found >= 0)

    def _selected(self, wanted: asked.AdverseEvents) -> list[Episodes]:
        return [one for one in self.episodes if of_kind(one.plan, wanted)]

    def _counts(self, one: Episodes, wanted: asked.AdverseEvents) -> Bools:
        """Whether the latest episode of a kind counts now."""
        begun = one.begins <= self.day
        match wanted.scope:
            case "unresolved":
                return begun & (one.ends > self.day)
            case "since_last_decision":
                return begun & (one.ends > self.last[Milestone.LAST_DECISION])
            case "ever":
                return begun

    def _graded(self, one: Episodes, wanted: asked.AdverseEvents) -> list[Ints]:
        """The grades that count, each an array over people (0: none)."""
        serious = one.plan.serious_from if wanted.serious else 0
        grades = one.grades if wanted.scope == "ever" else [np.where(self._counts(one, wanted), one.grade, 0)]
        return [np.where(grade >= serious, grade, 0) for grade in grades]

    def _worst(self, wanted: asked.AdverseEvents) -> Values:
        worst = np.zeros(self.count)
        for one in self._selected(wanted):
            for grade in self._graded(one, wanted):
                worst = np.maximum(worst, grade)
        return Values.of(worst)

    def _event_count(self, wanted: asked.AdverseEvents, least: int) -> Values:
        number = np.zeros(self.count)
        for one in self._selected(wanted):
            for grade in self._graded(one, wanted):
                number = number + ((grade >= least) & (grade > 0))
        return Values.of(number)

    def _dosed(self, wanted: Input) -> Values:
        levels = np.array([float(one) for one in self.design.regimen.levels])
        own = levels[np.maximum(self.level, 0)]
        match wanted:
            case asked.DoseOf():
                return Values.of(np.where(self.on_drug(), own, 0.0))
            case asked.LevelOf():
                return Values(own, self.level >= 0)
            case asked.TotalDose():
                return Values.of(self.taken)
            case asked.Held():
                return Values.of(self.held.any(axis=-1) & (self.level >= 0))
            case asked.Stopped():
                return Values.of(np.zeros(self.count, bool))
            case asked.HoldInputs(oldest):
                return Values.of(self._hold_inputs_missing(oldest))
            case asked.Recurrence(rule):
                names = [one.id for one in self.design.regimen.rules]
                begun = self.holds.sum(axis=-1) if rule is None else self.holds[:, names.index(rule)] if rule in names else 0
                return Values.of(np.broadcast_to(np.maximum(0.0, np.asarray(begun, np.float64) - 1), (self.count,)))
            case _:
                raise AssertionError(f"{wanted} is answered elsewhere")

    def _hold_inputs_missing(self, oldest: int | None) -> Bools:
        found = np.zeros(self.count, bool)
        for name in hold_inputs(self.design):
            found |= ~self._measured(asked.Reading(name)).known
            if oldest is not None:
                found |= self.day - self._found(name, range(len(self.days)))[2] > oldest
        return found


def hold_inputs(design: Design) -> tuple[str, ...]:
    """The variables whose current value a hold rule reads."""
    found: dict[str, None] = {}
    for rule in design.regimen.rules:
        if rule.action.kind == "hold" and rule.when is not None:
            found.update((given.variable, None) for given in rule.when.inputs if isinstance(given, asked.Reading))
    return tuple(found)


def of_kind(plan: EventPlan, wanted: asked.AdverseEvents) -> bool:
    """Whether a kind of event can belong to a selection."""
    if (wanted.related and not plan.related) or (wanted.serious and plan.serious_from > max(plan.grades)):
        return False
    return (wanted.expected is None or plan.expected is wanted.expected) and (wanted.group is None or wanted.group in plan.groups)


def rounded_either_way(data: Array, precision: tuple[int, int]) -> Array:
    """Round amounts of either sign, halves away from zero."""
    return np.sign(data) * rounded(np.abs(data), precision, False)


def _summary(function: str, value: Array, given: Bools) -> Values:
    number = given.sum(axis=0)
    known = number > 0
    match function:
        case "count":
            return Values.of(number.astype(np.float64))
        case "max":
            found = np.where(given, value, -np.inf).max(axis=0)
        case "min" | "nadir":
            found = np.where(given, value, np.inf).min(axis=0)
        case "mean":
            found = np.where(given, value, 0.0).sum(axis=0) / np.maximum(number, 1)
        case "median":
            ordered = np.sort(np.where(given, value, np.inf), axis=0)
            low, high = np.maximum(number - 1, 0) // 2, number // 2
            high = np.minimum(high, len(value) - 1)
            middle = [np.take_along_axis(ordered, index[None], axis=0)[0] for index in (low, high)]
            found = np.where(known, (np.where(known, middle[0], 0) + np.where(known, middle[1], 0)) / 2, 0)
        case "first":
            found = np.take_along_axis(value, given.argmax(axis=0)[None], axis=0)[0]
        case _:
            last = len(value) - 1 - given[::-1].argmax(axis=0)
            found = np.take_along_axis(value, last[None], axis=0)[0]
    return Values(np.where(known, found, 0.0), known)


def _unasked(count: int) -> Answers:
    none = np.full(count, -1, np.int64)
    return Answers(none, none.copy(), np.full(count, NEVER), none.copy(), none.copy(), none.copy())


def category_index(protocol: Protocol, response: str, category: str) -> int:
    """The index of a category, worst first."""
    return protocol.scope.responses[response].index(category)
