"""The course of every participant: doses and events by lane, the values that the response is read from, best change."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.datasets.assessed import assessments, first_reached, states_reached
from trialwright.datasets.doses import dose_rows
from trialwright.datasets.followed import Followed
from trialwright.datasets.participants import baseline_point
from trialwright.engine.readings import Point
from trialwright.protocol.expressions import Baseline, Expression, Medication, Reading
from trialwright.protocol.expressions.tree import Arithmetic, Compare, Leaf, Number
from trialwright.protocol.expressions.walk import children
from trialwright.protocol.study import CompiledRegimen
from trialwright.report.document import Align, Block, Column, Figure, Section, Table, row
from trialwright.report.document import Number as Shown
from trialwright.report.figures.axes import Tick
from trialwright.report.figures.swimmer import DoseScale, DoseSpan, Happening, Lane, LaneMark, Span, swimmer
from trialwright.report.figures.timeline import Threshold
from trialwright.report.figures.trajectories import Trajectory, TrajectoryAxis, trajectories
from trialwright.report.figures.waterfall import Change, WaterfallWords, waterfall
from trialwright.report.trial_report.material import Material, capital, entry_list, rows_of
from trialwright.report.trial_report.people import code_label

SEVERE = 3
WEEK = 7


def courses(material: Material) -> Section | None:
    """The section on courses; None where nobody was treated or nothing is dosed."""
    regimen = next(iter(material.protocol.regimens.values()), None)
    if regimen is None or not material.treated:
        return None
    blocks: list[Block] = [_swimmer(material, regimen)]
    variable = material.followed_variable()
    if variable is not None:
        blocks += [_values(material, variable, regimen), _waterfall(material, variable)]
    return Section("courses", "The course of each participant", tuple(blocks))


def _shown_days(regimen: CompiledRegimen, people: tuple[Followed, ...]) -> int:
    """Twice the course, in whole weeks; without a course, as long as anybody was seen."""
    if regimen.course is not None:
        return -(-2 * regimen.course.days // WEEK) * WEEK
    seen = [one.day(one.last_contact_on) or 1 for one in people]
    return -(-max(seen) // WEEK) * WEEK


def _ordered(material: Material) -> list[Followed]:
    """By group, then by how early the response was first seen."""

    def early(one: Followed) -> tuple[str, int, str]:
        day = _response_day(material, one)
        return material.group_of(one), day if day is not None else 99_999, one.id

    return sorted(material.treated, key=early)


def _response_day(material: Material, one: Followed) -> int | None:
    response = material.primary_response()
    if response is None:
        return None
    compiled = material.protocol.responses[response]
    reached = first_reached(one, response, compiled.categories[0].id, compiled.confirm_days is not None)
    return one.day(reached.on) if reached else None


def _swimmer(material: Material, regimen: CompiledRegimen) -> Figure:
    until = _shown_days(regimen, material.treated)
    lanes = [_lane(material, one) for one in _ordered(material)]
    scale = DoseScale(tuple(float(level) for level in regimen.levels), regimen.unit.label)
    groups = ", ".join(material.protocol.file.medications[name].label for name in _barring(material))
    frame = material.frame("swimmer", "Doses and events by participant")
    drawing = swimmer(frame, lanes, scale, until, capital(groups) or "Medication")
    under = f"; bars under a lane: {groups}, under which the response is not assessable" if groups else ""
    order = "group and time of response" if any(lane.group for lane in lanes) else "time of response"
    caption = f"Doses taken and events of {len(lanes)} {material.people_word}, by {order}{under}; marks of one day side by side."
    return Figure("swimmer", drawing.svg, drawing.alt, (caption,), _doses(material))


def _lane(material: Material, one: Followed) -> Lane:
    doses = tuple(DoseSpan(row.from_day, row.to_day, row.dose if not row.held else None) for row in dose_rows(one))
    last = one.day(one.last_contact_on) or 1
    person = one.person
    ongoing = person.ended is None and person.died is None and person.withdrawn is None
    return Lane(
        one.id,
        material.group_of(one),
        doses,
        tuple(_marks(material, one)),
        last,
        tuple(_medications(one, _barring(material), last)),
        ongoing,
    )


def _marks(material: Material, one: Followed) -> Iterator[LaneMark]:
    person, day = one.person, _response_day(material, one)
    if day is not None:
        yield LaneMark(day, Happening.RESPONSE, f"Confirmed response first seen on day {day}")
    for event in person.adverse_events:
        onset = one.day(event.on)
        if event.worst_grade >= SEVERE and onset is not None and onset > 0:
            yield LaneMark(onset, Happening.SEVERE_EVENT, f"{event.term}, grade {event.worst_grade}")
    if person.stopped is not None:
        yield LaneMark(one.day(person.stopped.on) or 1, Happening.STOP, f"Treatment stopped: {person.stopped.reason}")
    for state in states_reached(one):
        yield LaneMark(state.day or 1, Happening.RELAPSE, capital(material.protocol.states[state.state].label))
    if person.died is not None:
        yield LaneMark(one.day(person.died.on) or 1, Happening.DEATH, f"Died on {person.died.on}")


def _barring(material: Material) -> tuple[str, ...]:
    """Groups of medication under which the response is not assessable."""
    response = material.protocol.responses.get(material.primary_response() or "")
    barrier = response.not_assessable if response else None
    return tuple(dict.fromkeys(given.group for given in (barrier.inputs if barrier else ()) if isinstance(given, Medication)))


def _medications(one: Followed, groups: tuple[str, ...], last: int) -> Iterator[Span]:
    """Medication that bars the assessment, new or increased or prophylactic, from the first dose on."""
    for taken in one.person.medications:
        start, end = one.day(taken.on), one.day(taken.stopped_on) if taken.stopped_on else last
        if taken.group in groups and taken.change != "stable" and start is not None and end is not None and end >= 1:
            yield Span(max(start, 1), max(end, start, 1), f"{taken.name}, {taken.change}, from {taken.on}")


def _doses(material: Material) -> Table:
    columns = (Column("Participant"), Column("Days", align=Align.RIGHT), Column("Dose", align=Align.RIGHT), Column("Log entries"))
    rows = []
    for one in _ordered(material):
        for index, taken in enumerate(_merged(one)):
            dose = "held" if taken[2] == 0 else f"{taken[2]:g} {taken[3]}"
            rows.append(row(one.id if index == 0 else "", f"{taken[0]} to {taken[1]}", dose, entry_list(taken[4])))
    return Table("swimmer-data", ("Doses taken, by study day.",), columns, tuple(rows))


def _merged(one: Followed) -> list[tuple[int, int, float, str, tuple[int, ...]]]:
    """Intervals of dosing, those of one dose that follow each other joined."""
    joined: list[tuple[int, int, float, str, tuple[int, ...]]] = []
    for taken in dose_rows(one):
        if joined and joined[-1][2] == taken.dose and joined[-1][1] + 1 == taken.from_day:
            first, _, dose, unit, entries = joined[-1]
            joined[-1] = (first, taken.to_day, dose, unit, (*entries, *taken.entries))
        else:
            joined.append((taken.from_day, taken.to_day, taken.dose, taken.unit, taken.entries))
    return joined


def _values(material: Material, variable: str, regimen: CompiledRegimen) -> Figure:
    until = _shown_days(regimen, material.treated)
    lines = [
        Trajectory(one.id, material.group_of(one), tuple((one.day(point.on) or 1, float(point.values.data)) for point in points))
        for one in material.treated
        if (points := [point for point in one.readings().series(variable) if float(point.values.data) > 0])
    ]
    name, unit = material.protocol.label(variable), material.unit_words(variable)
    days = tuple(range(1, until + 1, WEEK)) if regimen.course is None else tuple(range(1, regimen.course.days + 2, WEEK))
    axis = TrajectoryAxis(f"{name}, {unit}" if unit else name, until, tuple(_thresholds(material, variable)), days)
    drawing = trajectories(material.frame("values", f"{name} over time"), lines, axis)
    caption = (
        f"{capital(name)} of every participant (logarithmic axis), with the median of those measured each week under treatment."
    )
    return Figure("values", drawing.svg, drawing.alt, (caption,))


def _thresholds(material: Material, variable: str) -> Iterator[Threshold]:
    """The parameters in the variable's unit: levels that responses and states are read against."""
    unit = material.protocol.scope.variables[variable].unit
    for name, quantity in material.protocol.scope.parameters.items():
        if quantity.unit == unit:
            yield Threshold(float(quantity.amount), f"{name.replace('_', ' ')} {quantity.amount}")


def _waterfall(material: Material, variable: str) -> Figure:
    found = [(one, best) for one in material.treated if (best := _best_change(material, one, variable)) is not None]
    marks = material.groupings()[1:2]
    changes = [Change(one.id, material.group_of(one), change, _is_first_code(material, one)) for one, (change, _, _) in found]
    name = material.protocol.label(variable)
    codes = material.protocol.scope.variables[marks[0]].codes if marks else ()
    words = WaterfallWords(
        f"Best change in {name}, %",
        code_label(material, marks[0], codes[0]) if marks and codes else "",
        code_label(material, marks[0], codes[1]) if marks and len(codes) > 1 else "",
        tuple(_lines(material, variable)),
    )
    drawing = waterfall(material.frame("waterfall", f"Best change in {name}"), changes, words)
    evidence = rows_of(
        ("Participant", "Baseline", "Best value", "Study day", "Change, %", "Log entries"),
        (_change_row(one, best) for one, best in found),
    )
    behind = material.book.keep("behind-waterfall", f"Best change in {name} under treatment", evidence)
    caption = (
        f"Best change in {name} from baseline under treatment, one bar per participant; counts at which the response was not "
        "assessable are left out. ",
        Shown(f"n = {len(found)}", behind),
    )
    return Figure("waterfall", drawing.svg, drawing.alt, caption)


_Best = tuple[float, Point, Point]


def _best_change(material: Material, one: Followed, variable: str) -> _Best | None:
    """The largest fall (else the smallest rise) in per cent under treatment, with the baseline and the point."""
    baseline, first, stopped = baseline_point(one, variable), one.person.first_dose_on, one.person.stopped
    if baseline is None or first is None or float(baseline.values.data) <= 0:
        return None
    barred = {row.on for row in assessments(one, material.primary_response() or "") if not row.assessable}
    end = stopped.on if stopped else one.until
    points = [p for p in one.readings().series(variable) if first < p.on and (p.on - end).days <= WEEK and p.on not in barred]
    if not points:
        return None
    best = min(points, key=lambda point: float(point.values.data))
    return (float(best.values.data) / float(baseline.values.data) - 1) * 100, baseline, best


def _change_row(one: Followed, best: _Best) -> tuple[str, ...]:
    change, baseline, point = best
    entries = entry_list((*baseline.entries, *point.entries))
    return one.id, baseline.display, point.display, str(one.day(point.on)), f"{change:.0f}".replace("-", "−"), entries


def _is_first_code(material: Material, one: Followed) -> bool:
    names = material.groupings()
    if len(names) < 2:
        return False
    codes = material.protocol.scope.variables[names[1]].codes
    return bool(codes) and material.group_of(one, 1) == codes[0]


def _lines(material: Material, variable: str) -> Iterator[Tick]:
    """Categories that are a share of baseline, such as half of it, as a line at their change."""
    response = material.protocol.responses.get(material.primary_response() or "")
    for category in response.categories if response else ():
        share = _share_of_baseline(category.when, variable)
        if share is not None:
            change = (share - 1) * 100
            yield Tick(change, f"{category.label} ({change:.0f} %)".replace("-", "−"))


def _share_of_baseline(expression: Expression | None, variable: str) -> float | None:
    """The share in a comparison of the value with a multiple of its baseline; None where there is none."""
    pending = [expression.node] if expression is not None else []
    while pending:
        node = pending.pop()
        match node:
            case Compare(left=Leaf(input=Reading(seen)), right=Arithmetic("*", Number(value=share), Leaf(input=Baseline(start)))):
                if seen == start == variable:
                    return float(share)
            case _:
                pending.extend(children(node))
    return None
