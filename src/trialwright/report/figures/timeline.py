"""One participant's course: counts on a log axis with thresholds, dose steps, medication, adverse events and visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.report.figures.axes import Scale, Tick, log_ticks, round_ticks, week_ticks, x_axis, y_axis
from trialwright.report.figures.canvas import Box, Canvas, Drawing, Frame, Paint, Type, fit
from trialwright.report.figures.marks import LegendEntry, Look, legend, legend_height, mark, mark_entry
from trialwright.report.figures.palette import (
    BLUE,
    GRID,
    INK,
    ORANGE,
    PAPER,
    QUIET,
    VERMILION,
    Hatch,
    Shape,
    ink_on,
)
from trialwright.report.figures.swimmer import EDGE, DoseScale, DoseSpan, LaneMark, Span
from trialwright.report.figures.type_widths import width_of

CURVE, DOSE, STRIP = 190.0, 62.0, 17.0
STRIP_NAME_PX = 58.0


@dataclass(frozen=True, slots=True)
class Reading:
    """A value on a study day; ``assessable`` False where it must not be read as response (drawn hollow)."""

    day: int
    value: float
    assessable: bool = True
    words: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A level that a rule reads, and its name."""

    value: float
    words: str


@dataclass(frozen=True, slots=True)
class GradedEvent:
    """An adverse event with its CTCAE grade (1-5); ``last_day`` is where it resolved or was last seen."""

    first_day: int
    last_day: int
    grade: int
    words: str


@dataclass(frozen=True, slots=True)
class Course:
    """Everything the figure shows of one participant.

    Args:
        variable: What the curve is and its unit, such as ``AEC, ×10⁹/L``.
        readings: In any order, values above 0 (a zero is drawn at the axis's foot).
        thresholds: Drawn across the curve.
        doses: In order, not overlapping.
        medication: Strip under the doses.
        events: Adverse events, one bar each.
        visits: Study days of visits held.
        marks: Response, stop, relapse, drawn on the curve.
        until_day: Last day shown.
        from_day: First day shown, such as −28 for screening.
        medication_label: What the strip of medication is called.
    """

    variable: str
    readings: tuple[Reading, ...]
    thresholds: tuple[Threshold, ...]
    doses: tuple[DoseSpan, ...]
    until_day: int
    medication: tuple[Span, ...] = ()
    events: tuple[GradedEvent, ...] = ()
    visits: tuple[int, ...] = ()
    marks: tuple[LaneMark, ...] = ()
    from_day: int = -14
    medication_label: str = "Medication"


def timeline(frame: Frame, course: Course, doses: DoseScale) -> Drawing:
    """Draw the course in panels over one axis of time; each mark carries its words as a tooltip, and its link."""
    entries = _legend_entries(course)
    top = legend_height(frame.width - 70, entries) + 8
    curve = Box(66, top, frame.width - 78, CURVE)
    dose = Box(curve.x, curve.bottom + 16, curve.width, DOSE)
    strips = dose.bottom + 10
    days = Scale(course.from_day, course.until_day, curve.x, curve.right)
    rows = _event_rows(course.events, days)
    strip_count = bool(course.medication) + len(rows) + bool(course.visits)
    canvas = Canvas(frame, strips + STRIP * strip_count + 46)
    legend(canvas, (curve.x, 0), curve.width, entries)
    foot = strips + STRIP * strip_count + 4
    for tick in week_ticks(course.until_day):
        canvas.line((days.px(tick.value), top), (days.px(tick.value), foot), Paint(stroke=GRID, width=0.8))
    if course.from_day < 0:
        canvas.line((days.px(0), top), (days.px(0), foot), Paint(stroke=QUIET, dash="2 2"))
    _curve(canvas, course, curve, days)
    _doses(canvas, course, (dose, days), doses)
    y = _medication(canvas, course, days, strips)
    y = _events(canvas, rows, days, y)
    if course.visits:
        _strip_name(canvas, "Visits", y)
        for visit in course.visits:
            x = days.px(visit)
            with canvas.tip(f"Visit, day {visit}"):
                canvas.line((x, y + 3), (x, y + STRIP - 4), Paint(stroke=INK, width=1.2))
    x_axis(canvas, days, foot, week_ticks(course.until_day), "Weeks from first dose")
    return canvas.finish(_alt(course, doses))


def _curve(canvas: Canvas, course: Course, plot: Box, days: Scale) -> None:
    readings = sorted(course.readings, key=lambda r: r.day)
    levels = [r.value for r in readings if r.value > 0] + [t.value for t in course.thresholds]
    low, high = (min(levels) / 1.6, max(levels) * 1.6) if levels else (0.1, 10.0)
    values = Scale(low, high, plot.bottom, plot.y, log=True)
    y_axis(canvas, values, plot, log_ticks(low, high), course.variable)
    for threshold in course.thresholds:
        y = values.px(threshold.value)
        canvas.line((plot.x, y), (plot.right, y), Paint(stroke=VERMILION, dash="5 3"))
        canvas.text((plot.right, y - 4), threshold.words, Type(9.5, "end", colour="#9a3a00", halo=True))
    shown = [r for r in readings if days.low <= r.day <= days.high]
    points = [(days.px(r.day), values.px(max(r.value, low))) for r in shown]
    canvas.path(points, Paint(stroke=BLUE, width=1.6))
    for reading, point in zip(shown, points, strict=True):
        with canvas.tip(reading.words or f"Day {reading.day}: {reading.value:g}", reading.href):
            fill = Paint(BLUE, PAPER, 1) if reading.assessable else Paint(PAPER, BLUE, 1.4)
            canvas.circle(point, 3.6, fill)
    for happened in (m for m in course.marks if days.low <= m.day <= days.high):
        with canvas.tip(happened.words or f"{happened.happening.words}, day {happened.day}"):
            x = days.px(happened.day)
            canvas.line((x, plot.y + 8), (x, plot.bottom), Paint(stroke=happened.happening.look.colour, width=0.8))
            mark(canvas, (x, plot.y + 6), happened.happening.look)


def _doses(canvas: Canvas, course: Course, place: tuple[Box, Scale], doses: DoseScale) -> None:
    plot, days = place
    top = doses.levels[-1]
    scale = Scale(0, top * 1.1, plot.bottom, plot.y)
    ticks = [Tick(0, "0"), *(Tick(level, f"{level:g}") for level in doses.levels)]
    ticks = ticks if len(ticks) <= 5 else list(round_ticks(0, top, 4))
    y_axis(canvas, scale, plot, ticks, f"Dose, {doses.unit}")
    for span in course.doses:
        start, end = days.px(span.first_day - 1), days.px(span.last_day)
        if span.dose is None:
            with canvas.tip(f"Held, days {span.first_day} to {span.last_day}"):
                fill = canvas.hatch(Hatch.RISING, QUIET, PAPER)
                canvas.rect(Box(start, plot.bottom - 12, end - start, 12), Paint(fill, QUIET, 0.6))
                if end - start > 30:
                    canvas.text(((start + end) / 2, plot.bottom - 16), "held", Type(9, "middle", colour=QUIET))
            continue
        colour = doses.colour(span.dose)
        height = plot.bottom - scale.px(span.dose)
        with canvas.tip(f"{span.dose:g} {doses.unit}, days {span.first_day} to {span.last_day}"):
            canvas.rect(Box(start, plot.bottom - height, end - start, height), Paint(colour, EDGE, 0.6))
            if width_of(f"{span.dose:g}", 9) + 4 < end - start:
                at = ((start + end) / 2, plot.bottom - 4)
                canvas.text(at, f"{span.dose:g}", Type(9, "middle", colour=ink_on(colour)))
    canvas.line((plot.x, plot.bottom), (plot.right, plot.bottom), Paint(stroke=QUIET, width=0.8))


def _medication(canvas: Canvas, course: Course, days: Scale, y: float) -> float:
    if not course.medication:
        return y
    _strip_name(canvas, course.medication_label, y)
    for span in course.medication:
        _bar(canvas, (days, y), (span.first_day, span.last_day), ORANGE, span.words)
    return y + STRIP


def _event_rows(events: Sequence[GradedEvent], days: Scale) -> list[list[GradedEvent]]:
    """Events packed into as few rows as keep each bar clear of the label before it."""
    rows: list[list[GradedEvent]] = []
    for event in sorted(events, key=lambda e: (e.first_day, -e.grade, e.words)):
        start = days.px(event.first_day - 1)
        free = next((r for r in rows if days.px(r[-1].last_day) + width_of(_told(r[-1]), 9) + 12 < start), None)
        if free is None:
            rows.append([event])
        else:
            free.append(event)
    return rows


def _events(canvas: Canvas, rows: Sequence[Sequence[GradedEvent]], days: Scale, y: float) -> float:
    for index, events in enumerate(rows):
        if index == 0:
            _strip_name(canvas, "Events", y)
        for event in events:
            severe = event.grade >= 3
            words = f"{event.words}, grade {event.grade}, days {event.first_day} to {event.last_day}"
            colour = VERMILION if severe else "#e6b8a2"
            _bar(canvas, (days, y), (event.first_day, event.last_day), colour, words)
            start, end = days.px(event.first_day - 1), days.px(event.last_day)
            if severe:
                mark(canvas, (start + 4, y + STRIP / 2), Look(Shape.TRIANGLE, VERMILION, 5))
            label = _told(event)
            room = days.end - end - 6
            if width_of(label, 9) <= room:
                canvas.text((end + 4, y + 12), label, Type(9))
            else:
                label = fit(label, start - days.start - 6, 9)
                canvas.text((start - 4, y + 12), label, Type(9, "end"))
        y += STRIP
    return y


def _told(event: GradedEvent) -> str:
    return f"{event.words} ({event.grade})"


def _bar(canvas: Canvas, place: tuple[Scale, float], span: tuple[int, int], colour: str, words: str) -> None:
    days, y = place
    start, end = days.px(span[0] - 1), days.px(span[1])
    with canvas.tip(words):
        canvas.rect(Box(start, y + 4, max(end - start, 2), STRIP - 8), Paint(colour), radius=1.5)


def _strip_name(canvas: Canvas, name: str, y: float) -> None:
    size = 10 if width_of(name, 10) <= STRIP_NAME_PX else 8
    canvas.text((STRIP_NAME_PX + 2, y + 12), fit(name, STRIP_NAME_PX, size), Type(size, "end", colour=QUIET))


def _legend_entries(course: Course) -> list[LegendEntry]:
    def reading(fill: Paint, words: str) -> LegendEntry:
        return LegendEntry(words, lambda canvas, at: canvas.circle((at[0] + 6, at[1]), 3.6, fill))

    entries = [reading(Paint(BLUE, PAPER, 1), course.variable.split(",")[0])]
    if any(not r.assessable for r in course.readings):
        entries.append(reading(Paint(PAPER, BLUE, 1.4), "not assessable (steroid)"))
    entries += [mark_entry(h.words, h.look) for h in dict.fromkeys(m.happening for m in course.marks)]
    if any(e.grade >= 3 for e in course.events):
        entries.append(mark_entry("Event of grade 3 or more", Look(Shape.TRIANGLE, VERMILION)))
    return entries


def _alt(course: Course, doses: DoseScale) -> str:
    readings = sorted(course.readings, key=lambda r: r.day)
    parts = []
    if readings:
        first, last = readings[0], readings[-1]
        parts.append(f"{course.variable} from {first.value:g} on day {first.day} to {last.value:g} on day {last.day}")
    steps = ["held" if s.dose is None else f"{s.dose:g}" for s in course.doses]
    if steps:
        parts.append(f"doses in {doses.unit}: {', '.join(steps)}")
    parts += [f"{m.happening.words.lower()} on day {m.day}" for m in course.marks]
    parts += [f"{e.words} grade {e.grade} on day {e.first_day}" for e in course.events]
    parts += [f"{course.medication_label.lower()} from day {s.first_day} to {s.last_day}" for s in course.medication]
    return "Course of one participant: " + "; ".join(parts) + "."
