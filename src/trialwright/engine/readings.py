"""What was known of one participant on one day: series of values, derived ones included, and what-if replacements.

Reads state; writes nothing. A what-if stands for a value observed on the day itself and leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache, partial
from statistics import fmean, median
from typing import TypeAlias

import numpy as np

from trialwright.engine.day_one import day_one
from trialwright.engine.state import Observation, ParticipantState
from trialwright.events.catalogue import Recorded
from trialwright.protocol.expressions import (
    Aggregate,
    Baseline,
    Fact,
    Input,
    Kind,
    Limit,
    Previous,
    Reading,
    Values,
    VariableType,
    evaluate,
)
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.dates import DateError, parse_partial_date
from trialwright.vocabulary.units import conversion_factor, parse_unit

Measured: TypeAlias = Reading | Baseline | Previous | Aggregate | Limit


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """One value on one day, ready for evaluation, as it is shown, and the entries that it rests on. Equal to itself only."""

    on: date
    values: Values
    display: str
    entries: tuple[int, ...]
    limit_low: str | None = None
    limit_high: str | None = None


Derived: TypeAlias = dict[tuple[object, ...], Point | None]  # (variable, day, the points that it was derived from) → its point


@dataclass(slots=True)
class Readings:
    """The values of a participant as seen on ``on``; ``what_if`` replaces (or, with None, removes) that day's values.

    ``derived`` remembers what was derived from which points. Whoever reads time and again under one protocol passes the same.
    """

    protocol: Protocol
    person: ParticipantState
    on: date
    what_if: Mapping[str, Recorded | None] = field(default_factory=dict)
    derived: Derived = field(default_factory=dict)
    _series: dict[str, tuple[Point, ...]] = field(default_factory=dict)

    def series(self, variable: str) -> tuple[Point, ...]:
        """Return every known value up to the day, in order of date."""
        if variable not in self._series:
            self._series[variable] = self._read(variable)
        return self._series[variable]

    def current(self, variable: str) -> Point | None:
        """Return the latest value that is still valid on the day; None where there is none."""
        points = self.series(variable)
        if not points:
            return None
        limit = self.protocol.valid_days.get(variable)
        latest = points[-1]
        return latest if limit is None or (self.on - latest.on).days <= limit else None

    def answer(self, wanted: Measured, on: date | None = None) -> tuple[Values, Fact | None]:
        """Return what a question about measurements is answered on the day (or an earlier one), and the fact behind it."""
        on = on or self.on
        match wanted:
            case Reading(variable):
                return _told(self.current(variable))
            case Baseline(variable):
                return _told(_last(self.series(variable), min(on, day_one(self.protocol, self.person) or on)))
            case Previous(variable):
                return _told(_last(self.series(variable), on - timedelta(days=1)))
            case Limit(which, variable):
                latest = _last(self.series(variable), on)
                text = (latest.limit_high if which == "uln" else latest.limit_low) if latest else None
                if latest is None or text is None:
                    return Values.unknown(), None
                return Values.of(float(text)), Fact(latest.on, latest.entries, text)
            case Aggregate("nadir", variable):
                return _nadir(self.series(variable), day_one(self.protocol, self.person), on)
            case Aggregate():
                return _aggregate(wanted, self.series(wanted.variable), on)

    def back_to(self, on: date) -> Readings:
        """Return the same values as seen on an earlier day; what was read once is not read again."""
        assert on <= self.on and not self.what_if
        cut = {name: tuple(point for point in points if point.on <= on) for name, points in self._series.items()}
        return Readings(self.protocol, self.person, on, {}, self.derived, cut)

    def _read(self, variable: str) -> tuple[Point, ...]:
        kind = self.protocol.scope.variables.get(variable)
        if kind is None:
            return ()
        derivation = self.protocol.derivations.get(variable)
        if derivation is not None and variable not in self.what_if:
            return self._derived(variable)
        read = reader(kind)
        points = [
            point
            for seen in self.person.observations.get(variable, ())
            if seen.on <= self.on and (point := read(seen)) is not None
        ]
        if variable in self.what_if:
            day = self._replaced_from(variable)
            points = [point for point in points if point.on < day]
            value = self.what_if[variable]
            if value is not None:
                imagined = reader(kind)(Observation(variable, value, "", day, "", (), *self._limits(variable)))
                points += [imagined] if imagined is not None else []
        return tuple(points)

    def _replaced_from(self, variable: str) -> date:
        """A what-if stands in place of the current value: everything since it, or since the day itself, is set aside."""
        seen = [one.on for one in self.person.observations.get(variable, ()) if one.on <= self.on and one.value is not None]
        limit = self.protocol.valid_days.get(variable, 0)
        return seen[-1] if seen and (self.on - seen[-1]).days <= limit else self.on

    def _limits(self, variable: str) -> tuple[str | None, str | None]:
        seen = [one for one in self.person.observations.get(variable, ()) if one.on <= self.on]
        return (seen[-1].limit_low, seen[-1].limit_high) if seen else (None, None)

    def _derived(self, variable: str) -> tuple[Point, ...]:
        """Derive a value on each day on which everything that it reads of the day itself was measured.

        All days that were not derived before, from the same points, are derived at once.
        """
        names = self.protocol.measured_for(variable)
        by_day = {name: {point.on: point for point in self.series(name)} for name in names}
        days = sorted(set.intersection(*(set(points) for points in by_day.values()))) if by_day else []
        sources = {day: self._sources(variable, day, by_day) for day in days}
        fresh = [day for day in days if sources[day] not in self.derived]
        if fresh:
            self._derive(variable, fresh, sources, by_day)
        found = (self.derived[sources[day]] for day in days)
        return tuple(point for point in found if point is not None)

    def _sources(self, variable: str, day: date, by_day: Mapping[str, Mapping[date, Point]]) -> tuple[object, ...]:
        """What a derived value of a day follows from, to know it by."""
        wanted = self.protocol.derivations[variable].inputs
        return (variable, day, *(self._source_on(one, day, by_day) for one in wanted))

    def _source_on(self, wanted: Input, day: date, by_day: Mapping[str, Mapping[date, Point]]) -> object:
        match wanted:
            case Reading(name):
                return self._point_on(name, day, by_day)
            case Baseline() | Previous() | Aggregate():
                return day_one(self.protocol, self.person), self.series(wanted.variable)
            case _:
                return None

    def _point_on(self, name: str, day: date, by_day: Mapping[str, Mapping[date, Point]]) -> Point | None:
        """What a derivation reads on a day: the value measured then; of what is fixed, the latest up to then."""
        return by_day[name][day] if name in by_day else _last(self.series(name), day)

    def _derive(
        self,
        variable: str,
        days: list[date],
        sources: Mapping[date, tuple[object, ...]],
        by_day: Mapping[str, Mapping[date, Point]],
    ) -> None:
        expression = self.protocol.derivations[variable]
        told = {
            wanted: [
                _told(self._point_on(wanted.variable, day, by_day)) if isinstance(wanted, Reading) else self.answer(wanted, day)
                for day in days
            ]
            for wanted in expression.inputs
            if isinstance(wanted, Reading | Baseline | Previous | Aggregate)
        }
        found = evaluate(expression, {wanted: stacked([one for one, _ in answers]) for wanted, answers in told.items()})
        for at, day in enumerate(days):
            entries = tuple(dict.fromkeys(entry for answers in told.values() for entry in _entries(answers[at])))
            self.derived[sources[day]] = self._derived_point(variable, day, found, at, entries) if found.known[at] else None

    def _derived_point(self, variable: str, day: date, found: Values, at: int, entries: tuple[int, ...]) -> Point:
        kind = self.protocol.scope.variables[variable]
        upper = None if found.upper is None else found.upper[at]
        one = Values(np.asarray(found.data[at]), np.asarray(True), upper)
        precision = self.protocol.file.variables[variable].precision
        if precision is not None and kind.kind is Kind.QUANTITY:
            one = Values.of(float(quantise(Decimal(repr(float(one.data))), precision)))
        return Point(day, one, display(one, kind), entries)


def stacked(values: Sequence[Values]) -> Values:
    """Return scalar values as one array of shape ``(n,)`` (a set keeps its trailing axis)."""
    widest = max((one.data for one in values), key=lambda data: data.ndim)
    data = np.stack([np.broadcast_to(one.data, widest.shape) for one in values])
    known = np.array([bool(one.known) for one in values])
    ranged = any(one.upper is not None for one in values)
    upper = np.array([one.data if one.upper is None else one.upper for one in values]) if ranged else None
    return Values(data, known, upper)


def _entries(answer: tuple[Values, Fact | None]) -> tuple[int, ...]:
    return answer[1].entries if answer[1] is not None else ()


def _told(point: Point | None) -> tuple[Values, Fact | None]:
    return (Values.unknown(), None) if point is None else (point.values, Fact(point.on, point.entries, point.display))


def _last(points: tuple[Point, ...], latest: date) -> Point | None:
    return next((point for point in reversed(points) if point.on <= latest), None)


def _nadir(series: tuple[Point, ...], day_one_on: date | None, on: date) -> tuple[Values, Fact | None]:
    """The lowest value from baseline on (all values, while there is no day 1), today's included."""
    baseline = _last(series, min(on, day_one_on or on)) if day_one_on is not None else None
    points = [point for point in series if point.on <= on and (baseline is None or point.on >= baseline.on)]
    return _told(min(points, key=lambda point: float(point.values.data), default=None))


def _aggregate(wanted: Aggregate, series: tuple[Point, ...], on: date) -> tuple[Values, Fact | None]:
    days = on.toordinal() if wanted.days is None else wanted.days
    points = [point for point in series if point.on <= on and (on - point.on).days <= days]
    if wanted.values is not None:
        points = points[-wanted.values :] if len(points) >= wanted.values else []
    entries = tuple(entry for point in points for entry in point.entries)
    if wanted.function == "count":
        return Values.of(float(len(points))), Fact(on, entries, str(len(points)))
    if not points:
        return Values.unknown(), None
    numbers = [float(point.values.data) for point in points]
    found = {
        "max": max(numbers),
        "min": min(numbers),
        "mean": fmean(numbers),
        "median": median(numbers),
        "first": numbers[0],
        "last": numbers[-1],
        "nadir": min(numbers),
    }[wanted.function]
    return Values.of(found), Fact(points[-1].on, entries, f"{found:.6g}")


def quantise(value: Decimal, precision: Decimal) -> Decimal:
    """Round to a multiple of ``precision``, halves away from zero, as laboratories report."""
    try:
        steps = (value / precision).quantize(Decimal(1), rounding="ROUND_HALF_UP")
        return (steps * precision).quantize(precision) if precision < 1 else steps * precision
    except InvalidOperation:  # more digits than anything is measured with: nothing to round
        return value


@lru_cache(maxsize=1024)
def reader(kind: VariableType) -> Callable[[Observation], Point | None]:
    """Return what makes points of a variable's observations, as ``point_of``; what was read once is remembered."""
    return lru_cache(maxsize=100_000)(partial(_point, kind))


def point_of(seen: Observation, kind: VariableType) -> Point | None:
    """Return an observation ready for evaluation; None where it holds no value of its variable's kind."""
    return reader(kind)(seen)


def _point(kind: VariableType, seen: Observation) -> Point | None:
    if seen.value is None:
        return None
    values = _values(seen, kind)
    if values is None:
        return None
    as_written = kind.kind is Kind.TEXT or (kind.kind is Kind.QUANTITY and not seen.unit)
    shown = str(seen.value) if as_written else display(values, kind)
    return Point(seen.on, values, shown, seen.entries, seen.limit_low, seen.limit_high)


def _values(seen: Observation, kind: VariableType) -> Values | None:
    value = seen.value
    match kind.kind:
        case Kind.QUANTITY | Kind.DURATION:
            return _quantity(str(value), seen.unit, kind)
        case Kind.CODE:
            return Values.of(kind.codes.index(str(value))) if value in kind.codes else None
        case Kind.FLAG | Kind.TRUTH:
            return Values.of(value) if isinstance(value, bool) else None
        case Kind.TEXT:
            return Values.of(True) if isinstance(value, str) else None
        case Kind.SET:
            return Values.of_set([code in value for code in kind.codes]) if isinstance(value, tuple) else None
        case Kind.DATE:
            try:
                partial = parse_partial_date(str(value))
            except DateError:
                return None
            return Values.of_date(partial.earliest, None if partial.earliest == partial.latest else partial.latest)
    return None


def _quantity(text: str, unit: str, kind: VariableType) -> Values | None:
    try:
        amount = Fraction(Decimal(text))
        if unit and kind.unit is not None and unit != kind.unit.code:
            amount *= conversion_factor(parse_unit(unit), kind.unit)
        return Values.of(float(amount))
    except (ArithmeticError, ValueError):  # no number, an unknown unit, or an amount beyond every measurement
        return None


def display(values: Values, kind: VariableType) -> str:
    """Return a value as people read it, without its unit."""
    match kind.kind:
        case Kind.QUANTITY | Kind.DURATION:
            return f"{float(values.data):.10g}"
        case Kind.CODE:
            return kind.codes[int(values.data)]
        case Kind.SET:
            held = [code for code, inside in zip(kind.codes, values.data, strict=True) if inside]
            return ", ".join(held) or "none"
        case Kind.FLAG | Kind.TRUTH:
            return "yes" if bool(values.data) else "no"
        case Kind.DATE:
            return str(date.fromordinal(date(1970, 1, 1).toordinal() + int(values.data)))
    return str(values.data)
