"""What many sites know of many simulated people at once: the charts that decisions are read from, as arrays over people.

It answers the same inputs that the engine gathers for one participant, for all of them in one go; a test holds the two equal.
Days count from the first dose (index 0; study day 1). Judges nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.engine.policy import FALSE, TRUE, UNKNOWN, DoseState
from trialwright.engine.readings import quantise
from trialwright.protocol import expressions as asked
from trialwright.protocol.expressions import Input, Milestone, Values, evaluate, truth
from trialwright.protocol.study import CompiledRegimen, Protocol
from trialwright.simulation.body import Bools, Ints
from trialwright.simulation.draws import Floats
from trialwright.simulation.harm import NEVER
from trialwright.simulation.lives import Form, Lives
from trialwright.simulation.screening import as_values

LONG_AGO = -(10**6)
Array = NDArray[Any]


class NotInArrays(ValueError):  # noqa: N818 - named for what was found
    """An input that only a full rehearsal can answer; the message names it."""


@dataclass(slots=True)
class Series:
    """The latest, previous and baseline values of one variable; ``day`` LONG_AGO where there is none."""

    value: Array
    day: Ints
    previous: Array
    previous_day: Ints
    baseline: Array
    baseline_day: Ints


@dataclass(slots=True)
class Responding:
    """The responses of one kind: the current category (-1 unknown), the best, and since when it has been the same."""

    current: Ints
    assessed: Ints
    since: Ints
    best: Ints
    best_confirmed: Ints


class Chart:
    """The charts of many people on their present days (``day``, which differs between them)."""

    def __init__(self, protocol: Protocol, regimen: CompiledRegimen, lives: Lives) -> None:
        self.protocol, self.regimen, self.lives = protocol, regimen, lives
        count, rules = lives.count, len(regimen.rules)
        self.day: Ints = np.zeros(count, np.int64)
        self.series: dict[str, Series] = {}
        self.responding = {name: _unassessed(count) for name in protocol.responses}
        self.courses: dict[str, tuple[Ints, Ints, str, str]] = {}
        self.consents: dict[str, Bools] = {}
        self.assent: Bools = np.zeros(count, bool)
        self.dosing = DoseState(
            np.full(count, -1),
            np.zeros((count, rules), bool),
            np.zeros(count, bool),
            np.zeros((count, rules), np.int16),
            np.zeros(count, bool),
        )
        self.last: dict[Milestone, Ints] = {
            one: np.full(count, LONG_AGO)
            for one in (Milestone.LAST_INCREASE, Milestone.LAST_DECREASE, Milestone.LAST_CHANGE, Milestone.LAST_HOLD,
                        Milestone.LAST_RESUMPTION, Milestone.LAST_DECISION, Milestone.FIRST_DOSE)
        }  # fmt: skip

    def note(self, form: Form, where: Bools) -> frozenset[str]:
        """Enter the values of a form; derived values follow where all that they need was given. Returns what was entered."""
        given = {name: form.present[name] & where for name in form.values}
        values = dict(form.values)
        for name, expression in self.protocol.derivations.items():
            parts = [one.variable for one in expression.inputs if isinstance(one, asked.Reading)]
            if parts and all(part in values for part in parts):
                supply: dict[Input, Values] = {asked.Reading(part): as_values(self.lives, part, values[part]) for part in parts}
                found = evaluate(expression, supply)
                values[name] = self._rounded(name, np.asarray(found.data))
                given[name] = np.logical_and.reduce([given[part] for part in parts]) & found.known
        for name, value in values.items():
            self._enter(name, value, given[name])
        return frozenset(values)

    def _rounded(self, name: str, value: Array) -> Array:
        """Round derived values as the engine does: halves away from zero, judged on the shortest decimal text."""
        precision = self.protocol.file.variables[name].precision
        if precision is None or self.protocol.scope.variables[name].kind is not asked.Kind.QUANTITY:
            return value
        ratio = precision.as_integer_ratio()
        steps = value * ratio[1] / ratio[0]
        rounded = np.floor(steps + 0.5) * ratio[0] / ratio[1]
        for index in np.flatnonzero(np.abs(np.abs(steps - np.floor(steps)) - 0.5) < 1e-6):
            rounded[index] = float(quantise(Decimal(repr(float(value[index]))), precision))
        return np.asarray(rounded)

    def _enter(self, name: str, value: Array, given: Bools) -> None:
        series = self.series.get(name)
        if series is None:
            none = np.full(self.lives.count, LONG_AGO)
            series = self.series[name] = Series(value, none, value, none.copy(), value, none.copy())
        wide = given[:, None] if value.ndim > 1 else given
        earlier = given & (series.day < self.day)
        series.previous = np.where(earlier[:, None] if value.ndim > 1 else earlier, series.value, series.previous)
        series.previous_day = np.where(earlier, series.day, series.previous_day)
        series.value, series.day = np.where(wide, value, series.value), np.where(given, self.day, series.day)
        at_start = given & (self.day <= 0)
        series.baseline = np.where(at_start[:, None] if value.ndim > 1 else at_start, value, series.baseline)
        series.baseline_day = np.where(at_start, self.day, series.baseline_day)

    def supply(self, inputs: tuple[Input, ...]) -> dict[Input, Values]:
        """Return the value of each input, for everybody."""
        return {wanted: self._one(wanted) for wanted in inputs}

    def _one(self, wanted: Input) -> Values:
        match wanted:
            case asked.Reading() | asked.Baseline() | asked.Previous() | asked.Limit():
                return self._measured(wanted)
            case asked.Since(milestone, _, unit):
                return self._since(milestone, unit)
            case asked.Day():
                return Values((self.day + 1).astype(np.float64), self.last[Milestone.FIRST_DOSE] > LONG_AGO)
            case asked.ResponseOf():
                return self._response(wanted)
            case asked.AdverseEvents():
                return self._adverse_events(wanted)
            case asked.Medication(group, within, changed):
                return Values.of(self._medicated(group, within, changed))
            case asked.Consent(by):
                return Values.of(self.consents.get(by, np.zeros(self.lives.count, bool)))
            case asked.Assent():
                return Values.of(self.assent)
            case _:
                return self._dosed(wanted)

    def _unknown(self) -> Values:
        return Values.unknown((self.lives.count,))

    def _measured(self, wanted: asked.Reading | asked.Baseline | asked.Previous | asked.Limit) -> Values:
        series = self.series.get(wanted.variable)
        if series is None:
            return self._unknown()
        match wanted:
            case asked.Reading(variable):
                valid = self.protocol.valid_days.get(variable)
                known = series.day > LONG_AGO
                return Values(series.value, known if valid is None else known & (self.day - series.day <= valid))
            case asked.Baseline():
                return Values(series.baseline, series.baseline_day > LONG_AGO)
            case asked.Previous():
                today = series.day == self.day
                value = np.where(today[:, None] if series.value.ndim > 1 else today, series.previous, series.value)
                return Values(value, np.where(today, series.previous_day, series.day) > LONG_AGO)
            case asked.Limit(which, variable):
                limits = self.lives.measuring.limits(variable) if which == "uln" else None
                return self._unknown() if limits is None else Values(limits, series.day > LONG_AGO)

    def _since(self, milestone: Milestone, unit: str) -> Values:
        if milestone not in self.last or unit != "d":
            raise NotInArrays(f"time since {milestone.value}")
        on = self.last[milestone]
        if milestone in (Milestone.LAST_INCREASE, Milestone.LAST_CHANGE):
            on = np.where(on > LONG_AGO, on, self.last[Milestone.FIRST_DOSE])
        return Values.of(np.where(on > LONG_AGO, (self.day - on).astype(np.float64), np.inf))

    def _response(self, wanted: asked.ResponseOf) -> Values:
        responding = self.responding[wanted.name]
        if wanted.best:
            return Values.of(np.maximum(responding.best_confirmed if wanted.confirmed else responding.best, 0))
        if wanted.confirmed:
            raise NotInArrays(f"confirmed response {wanted.name}")
        return Values(np.maximum(responding.current, 0), responding.current >= 0)

    def _adverse_events(self, wanted: asked.AdverseEvents) -> Values:
        if wanted.scope == "ever":
            raise NotInArrays("adverse events ever")
        events = self.protocol.file.adverse_events
        group = events.special_interest.get(wanted.group) if events is not None and wanted.group is not None else None
        terms = {one.casefold() for one in group.terms} if group is not None else set()
        after = self.last[Milestone.LAST_DECISION] if wanted.scope == "since_last_decision" else self.day
        worst = np.zeros(self.lives.count)
        for term, episode in self.lives.illness.episodes.items():
            if wanted.group is not None and term.casefold() not in terms:
                continue
            counts = (episode.begins != NEVER) & (episode.begins <= self.day) & (episode.ends > np.minimum(after, self.day))
            counts &= episode.related if wanted.related else True
            counts &= episode.serious if wanted.serious else True
            if wanted.expected is not None:
                counts &= episode.expected == wanted.expected
            worst = np.maximum(worst, np.where(counts, episode.grade, 0))
        return Values.of(worst)

    def _medicated(self, group: str, within: int, changed: bool) -> Bools:
        found = np.zeros(self.lives.count, bool)
        for begun, until, own, change in self.courses.values():
            if own == group and not (changed and change == "stable"):
                found |= (begun > LONG_AGO) & (begun <= self.day) & ((until > self.day) | (until >= self.day - within))
        return found

    def takes(self, group: str) -> Bools:
        """Who takes medication of a group on the present day, as far as the chart says."""
        found = np.zeros(self.lives.count, bool)
        for begun, until, own, _ in self.courses.values():
            found |= (own == group) & (begun > LONG_AGO) & (until > self.day)
        return found

    def _dosed(self, wanted: Input) -> Values:
        dosing = self.dosing
        match wanted:
            case asked.DoseOf():
                return Values.of(self.dose())
            case asked.LevelOf():
                return Values(self.level_dose(dosing.level), dosing.level >= 0)
            case asked.Held():
                return Values.of(dosing.on_hold)
            case asked.Stopped():
                return Values.of(dosing.stopped)
            case asked.HoldInputs(max_age_days):
                return Values.of(self._hold_inputs_missing(max_age_days))
            case asked.Recurrence(rule):
                names = [one.id for one in self.regimen.rules]
                begun = dosing.holds.sum(axis=-1) if rule is None else dosing.holds[:, names.index(rule)] if rule in names else 0
                return Values.of(np.broadcast_to(np.maximum(0, np.asarray(begun, np.float64) - 1), (self.lives.count,)))
            case _:
                raise NotInArrays(asked.input_text(wanted))

    def dose(self) -> Floats:
        """The dose that is taken, in the regimen's unit."""
        on_drug = (self.dosing.level >= 0) & ~self.dosing.on_hold & ~self.dosing.stopped
        return np.where(on_drug, self.level_dose(self.dosing.level), 0.0)

    def level_dose(self, level: Ints) -> Floats:
        """The dose of each person's level (of the lowest, below it)."""
        doses = np.array([float(one) for one in self.regimen.levels])
        return np.asarray(doses[np.maximum(level, 0)])

    def forbidden(self, dose: Floats) -> Bools:
        """Whether a guarantee of the protocol forbids to prescribe a dose (more than 0) today, as conduct judges it."""
        rises = (self.dosing.level >= 0) & (dose > self.level_dose(self.dosing.level))
        found = np.zeros(self.lives.count, bool)
        for guarantee in self.regimen.guarantees:
            supply: dict[Input, Values] = {}
            for wanted in guarantee.expression.inputs:
                match wanted:
                    case asked.DoseOf() | asked.LevelOf():
                        supply[wanted] = Values.of(dose)
                    case asked.Increase():
                        supply[wanted] = Values.of(rises)
                    case _:
                        supply[wanted] = self._one(wanted)
            verdict = truth(evaluate(guarantee.expression, supply))
            found = found | (verdict == (FALSE if guarantee.wanted else TRUE)) | (rises & (verdict == UNKNOWN))
        return found

    def _hold_inputs_missing(self, max_age_days: int | None) -> Bools:
        names = {
            given.variable
            for rule in self.regimen.rules
            if rule.action.kind == "hold" and rule.when is not None
            for given in rule.when.inputs
            if isinstance(given, asked.Reading)
        }
        found = np.zeros(self.lives.count, bool)
        for name in names:
            found |= ~self._measured(asked.Reading(name)).known
            if max_age_days is not None and name in self.series:
                found |= self.day - self.series[name].day > max_age_days
        return found


def _unassessed(count: int) -> Responding:
    none = np.full(count, -1)
    return Responding(none, none.copy(), np.full(count, LONG_AGO), none.copy(), none.copy())
