"""What was known of one participant on one day: series of values, derived ones included, and what-if replacements.

Reads state; writes nothing. A what-if stands for a value observed on the day itself and leaves no trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction

from trialwright.engine.state import Observation, ParticipantState
from trialwright.events.catalogue import Recorded
from trialwright.protocol.expressions import Input, Kind, Reading, Values, VariableType, evaluate
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.dates import parse_partial_date
from trialwright.vocabulary.units import UnitError, conversion_factor, parse_unit


@dataclass(frozen=True, slots=True)
class Point:
    """One value on one day, ready for evaluation, as it is shown, and the entries that it rests on."""

    on: date
    values: Values
    display: str
    entries: tuple[int, ...]
    limit_low: str | None = None
    limit_high: str | None = None


@dataclass(slots=True)
class Readings:
    """The values of a participant as seen on ``on``; ``what_if`` replaces (or, with None, removes) that day's values."""

    protocol: Protocol
    person: ParticipantState
    on: date
    what_if: Mapping[str, Recorded | None] = field(default_factory=dict)
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

    def back_to(self, on: date) -> Readings:
        """Return the same values as seen on an earlier day; what was read once is not read again."""
        assert on <= self.on and not self.what_if
        cut = {name: tuple(point for point in points if point.on <= on) for name, points in self._series.items()}
        return Readings(self.protocol, self.person, on, {}, cut)

    def _read(self, variable: str) -> tuple[Point, ...]:
        kind = self.protocol.scope.variables.get(variable)
        if kind is None:
            return ()
        derivation = self.protocol.derivations.get(variable)
        if derivation is not None and variable not in self.what_if:
            return self._derived(variable)
        points = [
            point
            for seen in self.person.observations.get(variable, ())
            if seen.on <= self.on and (point := point_of(seen, kind)) is not None
        ]
        if variable in self.what_if:
            points = [point for point in points if point.on < self._replaced_from(variable)]
            value = self.what_if[variable]
            if value is not None:
                imagined = point_of(Observation(variable, value, "", self.on, "", ()), kind, self._limits(variable))
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
        expression = self.protocol.derivations[variable]
        kind = self.protocol.scope.variables[variable]
        names = [given.variable for given in expression.inputs if isinstance(given, Reading)]
        by_day = [{point.on: point for point in self.series(name)} for name in names]
        days = sorted(set.intersection(*(set(points) for points in by_day))) if by_day else []
        points = []
        for day in days:
            parts = [points_of[day] for points_of in by_day]
            given: dict[Input, Values] = {Reading(name): part.values for name, part in zip(names, parts, strict=True)}
            found = self._rounded(variable, evaluate(expression, given))
            if bool(found.known):
                entries = tuple(entry for part in parts for entry in part.entries)
                points.append(Point(day, found, display(found, kind), entries))
        return tuple(points)

    def _rounded(self, variable: str, found: Values) -> Values:
        precision = self.protocol.file.variables[variable].precision
        if precision is None or not bool(found.known) or self.protocol.scope.variables[variable].kind is not Kind.QUANTITY:
            return found
        return Values.of(float(quantise(Decimal(repr(float(found.data))), precision)))


def quantise(value: Decimal, precision: Decimal) -> Decimal:
    """Round to a multiple of ``precision``, halves away from zero, as laboratories report."""
    steps = (value / precision).quantize(Decimal(1), rounding="ROUND_HALF_UP")
    return (steps * precision).quantize(precision) if precision < 1 else steps * precision


def point_of(seen: Observation, kind: VariableType, limits: tuple[str | None, str | None] | None = None) -> Point | None:
    """Return an observation ready for evaluation; None where it holds no value of its variable's kind."""
    if seen.value is None:
        return None
    values = _values(seen, kind)
    if values is None:
        return None
    low, high = limits or (seen.limit_low, seen.limit_high)
    shown = str(seen.value) if kind.kind is Kind.QUANTITY and not seen.unit else display(values, kind)
    return Point(seen.on, values, shown, seen.entries, low, high)


def _values(seen: Observation, kind: VariableType) -> Values | None:
    value = seen.value
    match kind.kind:
        case Kind.QUANTITY | Kind.DURATION:
            return _quantity(str(value), seen.unit, kind)
        case Kind.CODE:
            return Values.of(kind.codes.index(str(value))) if value in kind.codes else None
        case Kind.FLAG | Kind.TRUTH:
            return Values.of(value) if isinstance(value, bool) else None
        case Kind.SET:
            held = value if isinstance(value, tuple) else ()
            return Values.of_set([code in held for code in kind.codes])
        case Kind.DATE:
            partial = parse_partial_date(str(value))
            return Values.of_date(partial.earliest, None if partial.earliest == partial.latest else partial.latest)
    return None


def _quantity(text: str, unit: str, kind: VariableType) -> Values | None:
    try:
        amount = Fraction(Decimal(text))
        if unit and kind.unit is not None and unit != kind.unit.code:
            amount *= conversion_factor(parse_unit(unit), kind.unit)
    except (ArithmeticError, UnitError):
        return None
    return Values.of(float(amount))


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
