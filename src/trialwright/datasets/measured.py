"""Every value that was observed or derived, in its variable's unit, with its corrections. Judges none of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from trialwright.datasets.columns import about
from trialwright.datasets.followed import Followed
from trialwright.engine.readings import Point, point_of
from trialwright.engine.state import Observation
from trialwright.protocol.expressions import Kind


@dataclass(frozen=True, slots=True)
class LaboratoryRow:
    """One value of one variable on one day."""

    participant: str = field(metadata=about("Participant", "pseudonym in the log"))
    variable: str = field(metadata=about("Variable", "identifier in the protocol"))
    label: str = field(metadata=about("Name of the variable", "of the protocol"))
    on: date = field(metadata=about("Date", "of the observation"))
    day: int | None = field(metadata=about("Study day", "no day 0"))
    encounter: str = field(metadata=about("Visit", "at which it was observed; empty for a derived value"))
    value: str = field(metadata=about("Value", "as reported; empty: taken back by a correction"))
    number: float | None = field(metadata=about("Number", "the value in the variable's unit; empty for codes, sets and flags"))
    unit: str = field(metadata=about("Unit", "UCUM, of the variable"))
    limit_low: float | None = field(metadata=about("Lower limit of normal", "local, as reported with the value"))
    limit_high: float | None = field(metadata=about("Upper limit of normal", "local, as reported with the value"))
    derived: bool = field(metadata=about("Derived", "True where the protocol computes it from other variables"))
    baseline: bool = field(metadata=about("Baseline", "the last value up to the day of the first dose"))
    corrected: bool = field(metadata=about("Corrected", "True where it, or a value that it is derived from, was corrected"))
    before: str = field(metadata=about("Value before correction", "as first recorded; empty where nothing was corrected"))
    entries: tuple[int, ...] = field(metadata=about("Log entries", "the value, its corrections, and what it is derived from"))


def laboratory_rows(followed: Followed) -> tuple[LaboratoryRow, ...]:
    """Return every value, variables in the protocol's order, each in order of date."""
    return tuple(row for name in followed.protocol.file.variables for row in _rows(followed, name))


def _rows(followed: Followed, variable: str) -> Iterator[LaboratoryRow]:
    points = followed.readings().series(variable)
    first = followed.person.first_dose_on
    before = [point.on for point in points if first is not None and point.on <= first]
    baseline = before[-1] if before else None
    if variable in followed.protocol.derivations:
        for point in points:
            yield _derived(followed, variable, point, point.on == baseline)
        return
    for seen in followed.person.observations.get(variable, ()):
        yield _observed(followed, variable, seen, seen.on == baseline and seen.value is not None)


def _unit(followed: Followed, variable: str) -> str:
    unit = followed.protocol.scope.variables[variable].unit if variable in followed.protocol.scope.variables else None
    return unit.code if unit is not None else ""


def _observed(followed: Followed, variable: str, seen: Observation, baseline: bool) -> LaboratoryRow:
    kind = followed.protocol.scope.variables.get(variable)
    point = point_of(seen, kind) if kind is not None else None
    number = float(point.values.data) if point and kind and kind.kind in (Kind.QUANTITY, Kind.DURATION) else None
    return LaboratoryRow(
        followed.id,
        variable,
        followed.protocol.label(variable),
        seen.on,
        followed.day(seen.on),
        seen.encounter,
        _shown(seen, point, _unit(followed, variable)),
        number,
        _unit(followed, variable),
        float(seen.limit_low) if seen.limit_low else None,
        float(seen.limit_high) if seen.limit_high else None,
        False,
        baseline,
        bool(seen.earlier),
        str(seen.earlier[0]) if seen.earlier else "",
        seen.entries,
    )


def _shown(seen: Observation, point: Point | None, unit: str) -> str:
    """The value as it was reported, unless it was reported in another unit."""
    if point is None:
        return ""
    return seen.value if isinstance(seen.value, str) and seen.unit == unit and unit else point.display


def _derived(followed: Followed, variable: str, point: Point, baseline: bool) -> LaboratoryRow:
    kind = followed.protocol.scope.variables[variable]
    corrections = set(followed.person.corrected.values())
    return LaboratoryRow(
        followed.id,
        variable,
        followed.protocol.label(variable),
        point.on,
        followed.day(point.on),
        "",
        point.display,
        float(point.values.data) if kind.kind in (Kind.QUANTITY, Kind.DURATION) else None,
        _unit(followed, variable),
        None,
        None,
        True,
        baseline,
        bool(corrections & set(point.entries)),
        "",
        point.entries,
    )
