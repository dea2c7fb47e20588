"""Numbers in the criteria, compared cell by cell: gaps, overlaps, impossible demands, and ages that the fields deny.

One mechanism for every variable. Only statements that hold for everyone are compared; the rest are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from trialwright.registry.eligibility_text import Side
from trialwright.review.cells import Range, cut, thresholds_of, witness
from trialwright.review.record.number_words import range_words, value_words
from trialwright.review.record.subject import ELIGIBILITY, Margin, Stated, Subject, quoted
from trialwright.review.record.variables import AGE
from trialwright.vocabulary.findings import Finding

_AGE_FIELD = re.compile(r"(\d+) (Year|Month|Week|Day|Hour|Minute)s?", re.ASCII)
_IN_YEARS = {
    "Year": Fraction(1),
    "Month": Fraction(1, 12),
    "Week": Fraction(7, 365),
    "Day": Fraction(1, 365),
    "Hour": Fraction(1, 8760),
    "Minute": Fraction(1, 525600),
}
_MONTH = Fraction(1, 12)
_TWO = 2


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of one variable's line and who claims it; ``value`` is its witness."""

    value: Fraction
    range: Range
    included: bool
    excluded: bool
    registered: bool


@dataclass(frozen=True, slots=True)
class _Axis:
    """Everything that a record says of one variable in one unit."""

    name: str
    unit: str
    inclusion: tuple[Stated, ...]
    exclusion: tuple[Stated, ...]
    field: Range | None
    cells: tuple[_Cell, ...]


def check_numbers(subject: Subject) -> Iterator[Finding]:
    """Gaps, overlaps, impossible demands and mere negations in the numbers of the criteria, and ages against the fields."""
    yield from _fields_crossed(subject)
    for axis in _axes(subject) if subject.has_one_population else ():
        found = tuple(_axis_findings(subject, axis))
        yield from found
        yield from _two_limits(subject, axis)
        if axis.name == AGE.name and not any(finding.code in ("TW-R001", "TW-R004") for finding in found):
            yield from _against_fields(subject, axis)


def field_age(text: str | None) -> Fraction | None:
    """A registry age such as ``6 Months``, in years; ``None`` where there is none."""
    found = _AGE_FIELD.fullmatch(text or "")
    return int(found[1]) * _IN_YEARS[found[2]] if found else None


def _fields_crossed(subject: Subject) -> Iterator[Finding]:
    low, high = field_age(subject.record.minimum_age), field_age(subject.record.maximum_age)
    if low is not None and high is not None and low > high:
        yield Margin(subject).error(
            "TW-R005",
            f"{ELIGIBILITY}.minimumAge",
            "The minimum age is above the maximum age",
            f"The record says {subject.record.minimum_age} to {subject.record.maximum_age}.",
            ("exchange the two",),
        )


def _axes(subject: Subject) -> Iterator[_Axis]:
    grouped: dict[tuple[str, str], list[Stated]] = {}
    for stated in subject.statements:
        if stated.plain and stated.criterion.side is not Side.UNPLACED:
            grouped.setdefault((stated.said.variable.name, stated.said.unit), []).append(stated)
    for (name, unit), all_stated in grouped.items():
        inclusion = tuple(one for one in all_stated if one.criterion.side is Side.INCLUSION)
        exclusion = tuple(one for one in all_stated if one.criterion.side is Side.EXCLUSION)
        if name != AGE.name and (not exclusion or not inclusion) and len(inclusion) != _TWO:
            continue  # nothing that it could be compared with
        field = _field_range(subject) if name == AGE.name else None
        yield _Axis(name, unit, inclusion, exclusion, field, _cells(inclusion, exclusion, field))


def _field_range(subject: Subject) -> Range | None:
    low, high = field_age(subject.record.minimum_age), field_age(subject.record.maximum_age)
    if (low is None and high is None) or any(bound and (bound * 12).denominator != 1 for bound in (low, high)):
        return None  # no limit, or a limit in weeks or days, which no criterion in years can be held against
    return Range(low, high, low_closed=low is not None, high_closed=high is not None)


def _cells(inclusion: Sequence[Stated], exclusion: Sequence[Stated], field: Range | None) -> tuple[_Cell, ...]:
    ranges = [one for stated in (*inclusion, *exclusion) for one in stated.said.ranges] + ([field] if field else [])
    thresholds = thresholds_of(ranges)
    step = _step((*inclusion, *exclusion), thresholds)
    found = []
    for cell in cut(thresholds):
        value = witness(cell, step)
        if value is not None and value >= 0:
            included = all(any(one.contains(value) for one in stated.said.ranges) for stated in inclusion)
            excluded = any(one.contains(value) for stated in exclusion for one in stated.said.ranges)
            found.append(_Cell(value, cell, included, excluded, field is None or field.contains(value)))
    return tuple(found)


def _step(statements: Sequence[Stated], thresholds: Sequence[Fraction]) -> Fraction | None:
    step = statements[0].said.variable.step if statements else None
    if step is None or all(value % step == 0 for value in thresholds):
        return step
    return _MONTH if all(value % _MONTH == 0 for value in thresholds) else None


def _axis_findings(subject: Subject, axis: _Axis) -> Iterator[Finding]:
    if not axis.inclusion or not axis.exclusion:
        return
    if not any(cell.included for cell in axis.cells):
        return  # several demands that differ: more than one population, so nothing can be compared
    if not any(cell.included and not cell.excluded for cell in axis.cells):
        yield _nobody(subject, axis)
        return
    gaps = _runs(axis.cells, lambda cell: not cell.included and not cell.excluded)
    overlaps = _runs(axis.cells, lambda cell: cell.included and cell.excluded)
    found = [_gap(subject, axis, run) for run in gaps if _lies_between(axis.cells, run)]
    found += [_overlap(subject, axis, run) for run in overlaps if _oversteps(axis.cells, run)]
    yield from found
    if not found:
        yield from _mere_negations(subject, axis)


def _runs(cells: Sequence[_Cell], wanted: Callable[[_Cell], bool]) -> list[tuple[_Cell, ...]]:
    """Neighbouring cells that a test holds for, longest runs, in order."""
    runs: list[list[_Cell]] = [[]]
    for cell in cells:
        if wanted(cell):
            runs[-1].append(cell)
        elif runs[-1]:
            runs.append([])
    return [tuple(run) for run in runs if run]


def _lies_between(cells: Sequence[_Cell], run: tuple[_Cell, ...]) -> bool:
    """Whether a run has an included neighbour on one side and an excluded one on the other."""
    first, last = cells.index(run[0]), cells.index(run[-1])
    if first == 0 or last == len(cells) - 1:
        return False
    before, after = cells[first - 1], cells[last + 1]
    return (before.included and after.excluded) or (before.excluded and after.included)


def _oversteps(cells: Sequence[_Cell], run: tuple[_Cell, ...]) -> bool:
    """Whether what bars a run also bars beyond the end of what is included: two limits on one side, not one on each."""
    first, last = cells.index(run[0]), cells.index(run[-1])
    beyond = (*cells[first - 1 : first], *cells[last + 1 : last + 2])
    return any(cell.excluded and not cell.included for cell in beyond)


def _gap(subject: Subject, axis: _Axis, run: tuple[_Cell, ...]) -> Finding:
    cell = next((one for one in run if one.registered), run[0])
    shown = _run_words(axis, run)
    denied = axis.field is not None and cell.registered
    whose = "A person of" if axis.name == AGE.name else "A value of"
    detail = f"{_what_each_says(subject, axis)} {whose} {axis.name} {_exactly(run)}{shown} falls between them"
    detail += ", though the record's fields admit it." if denied else "."
    if axis.name == AGE.name and _exactly(run) and cell.value.denominator == 1:
        detail += f" In completed years: from birthday {int(cell.value)} until birthday {int(cell.value) + 1}."
    margin = Margin(subject)
    make = margin.error if denied else margin.warning
    title = f"{_capital(axis.name)} {shown} is neither included nor excluded"
    found = make("TW-R001", axis.inclusion[0].criterion, title, detail, _ways_out_of_a_gap(axis, run))
    return _with_witness(subject, axis, found, f"{axis.name} {value_words(cell.value, axis.unit)}")


def _overlap(subject: Subject, axis: _Axis, run: tuple[_Cell, ...]) -> Finding:
    shown = _run_words(axis, run)
    title = f"{_capital(axis.name)} {shown} is both included and excluded"
    detail = f"{_what_each_says(subject, axis)} At {axis.name} {_exactly(run)}{shown} both apply."
    found = Margin(subject).warning(
        "TW-R002", axis.exclusion[0].criterion, title, detail, ("state one limit, and on which side it belongs",)
    )
    return _with_witness(subject, axis, found, f"{axis.name} {value_words(run[0].value, axis.unit)}")


def _run_words(axis: _Axis, run: tuple[_Cell, ...]) -> str:
    first, last = run[0].range, run[-1].range
    return range_words(Range(first.low, last.high, first.low_closed, last.high_closed), axis.unit)


def _nobody(subject: Subject, axis: _Axis) -> Finding:
    title = f"Nobody can be included: any {axis.name} that is included is also excluded"
    found = Margin(subject).error(
        "TW-R004",
        axis.exclusion[0].criterion,
        title,
        _what_each_says(subject, axis),
        ("turn the comparison of the exclusion round", "drop the exclusion"),
    )
    return _with_witness(subject, axis, found, "")


def _mere_negations(subject: Subject, axis: _Axis) -> Iterator[Finding]:
    for stated in axis.exclusion:
        barred = [cell for cell in axis.cells if any(one.contains(cell.value) for one in stated.said.ranges)]
        if barred and not any(cell.included for cell in barred) and len(axis.inclusion) == 1:
            included = axis.inclusion[0]
            yield Margin(subject).note(
                "TW-R006",
                stated.criterion,
                f"{subject.name_of(stated.criterion).capitalize()} only repeats an inclusion the other way round",
                f"{subject.name_of(included.criterion).capitalize()} already says {_phrase(included, axis.unit)}; "
                f"{subject.name_of(stated.criterion)} bars {_phrase(stated, axis.unit)}.",
                ("keep one of the two, so that they cannot drift apart",),
            )


def _against_fields(subject: Subject, axis: _Axis) -> Iterator[Finding]:
    """Ages that the fields admit and the text does not, or the other way round."""
    bounds = [one for stated in axis.inclusion for one in stated.said.ranges]
    if axis.field is None or not any(cell.included for cell in axis.cells) or _limits_differ(bounds):
        return
    low_stated = any(one.low is not None for one in bounds)
    high_stated = any(one.high is not None for one in bounds)
    for run in _runs(axis.cells, lambda cell: cell.registered != (cell.included and not cell.excluded)):
        cell = run[0] if not run[0].registered else run[-1]
        below = axis.field.low is not None and cell.value < axis.field.low
        above = axis.field.high is not None and cell.value > axis.field.high
        if (below and not low_stated) or (above and not high_stated):
            continue
        yield _field_finding(subject, axis, run)


def _limits_differ(bounds: Sequence[Range]) -> bool:
    """Whether ranges that should hold together give two different limits on one side."""
    lows, highs = {one.low for one in bounds} - {None}, {one.high for one in bounds} - {None}
    return len(lows) > 1 or len(highs) > 1


def _two_limits(subject: Subject, axis: _Axis) -> Iterator[Finding]:
    """Two inclusion criteria that each state a whole range, and not the same one."""
    ranges = [one for stated in axis.inclusion for one in stated.said.ranges]
    criteria = {stated.criterion.start for stated in axis.inclusion}
    closed = all(one.low is not None and one.high is not None for one in ranges)
    if len(ranges) == len(criteria) == _TWO and closed and _limits_differ(ranges):
        found = Margin(subject).warning(
            "TW-R007",
            axis.inclusion[-1].criterion,
            f"Two inclusion criteria set different limits of {axis.name}",
            _what_each_says(subject, axis),
            ("state the limit once", "say to whom each limit applies"),
        )
        yield _with_witness(subject, axis, found, "")


def _field_finding(subject: Subject, axis: _Axis, run: tuple[_Cell, ...]) -> Finding:
    cell = next((one for one in run if one.range.low is not None and one.range.low == one.range.high), run[0])
    admits = cell.registered
    years = value_words(cell.value, axis.unit)
    title = (
        f"The record's age fields admit {years} and the criteria do not"
        if admits
        else f"The criteria admit {years} and the record's age fields do not"
    )
    margin = Margin(subject)
    make = margin.note if _at_a_boundary(axis, run) else margin.warning
    lead = (*axis.inclusion, *axis.exclusion)[0].criterion
    ways_out = ("make the minimum and maximum age say what the criteria say",)
    found = make("TW-R003", lead, title, _what_each_says(subject, axis), ways_out)
    return _with_witness(subject, axis, found, f"age {years}")


def _at_a_boundary(axis: _Axis, run: tuple[_Cell, ...]) -> bool:
    """Whether text and fields differ only in whether a bound itself belongs ("> 18" against "18 Years")."""
    bounds = {axis.field.low, axis.field.high} if axis.field else set()
    unlimited = axis.field is not None and (axis.field.low is None or axis.field.high is None)
    one_point = len(run) == 1 and run[0].range.low == run[0].range.high and run[0].value in bounds
    open_end = unlimited and len(run) >= 1 and (run[0].range.low is None or run[-1].range.high is None)
    return one_point or (open_end and run[0].registered)


def _what_each_says(subject: Subject, axis: _Axis) -> str:
    verb = {Side.INCLUSION: "wants", Side.EXCLUSION: "bars", Side.UNPLACED: "says"}
    said = [
        f"{subject.name_of(one.criterion)} {verb[one.criterion.side]} {_phrase(one, axis.unit)} "
        f"({quoted(one.criterion.text, 80)})"
        for one in dict.fromkeys((*axis.inclusion, *axis.exclusion))
    ]
    if axis.field is not None:
        said.append(f"the record says {registered_ages(subject)}")
    return _capital("; ".join(said)) + "."


def registered_ages(subject: Subject) -> str:
    """The record's age fields, in words."""
    low, high = subject.record.minimum_age, subject.record.maximum_age
    if low and high:
        return f"{low} to {high}"
    if low:
        return f"{low} and over"
    return f"up to {high}" if high else "no limit of age"


def _with_witness(subject: Subject, axis: _Axis, finding: Finding, shown: str) -> Finding:
    others = tuple(subject.criterion_place(one.criterion) for one in (*axis.inclusion, *axis.exclusion))
    fields = (subject.place(f"{ELIGIBILITY}.minimumAge"),) if axis.field is not None else ()
    rest = tuple(place for place in dict.fromkeys(others + fields) if place != finding.place)
    return Finding(finding.code, finding.severity, finding.place, finding.title, finding.detail, finding.ways_out, shown, rest)


def _ways_out_of_a_gap(axis: _Axis, run: tuple[_Cell, ...]) -> tuple[str, ...]:
    cell = run[0]
    if len(run) > 1 or cell.range.low != cell.range.high:
        return ("let the exclusion begin where the inclusion ends",)
    first = axis.inclusion[0].said.ranges[0]
    upwards = first.low is not None and cell.value <= first.low
    value = value_words(cell.value, axis.unit)
    include, exclude = ("≥", "≤") if upwards else ("≤", "≥")
    way = f"exclusion {axis.name} {exclude} {value}"
    if axis.name == AGE.name and axis.field is not None and upwards and cell.value.denominator == 1:
        way = f"minimum age {int(cell.value) + 1} years and {way}"
    return (f"inclusion {axis.name} {include} {value}", way)


def _exactly(run: tuple[_Cell, ...]) -> str:
    return "exactly " if len(run) == 1 and run[0].range.low == run[0].range.high else ""


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _phrase(stated: Stated, unit: str) -> str:
    return stated.said.variable.name + " " + " or ".join(range_words(one, unit) for one in stated.said.ranges)
