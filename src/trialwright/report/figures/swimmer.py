"""Swimmer plot: one lane per participant, dose by colour and height, and what happened when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from trialwright.report.figures.axes import Scale, week_ticks, x_axis
from trialwright.report.figures.canvas import Box, Canvas, Drawing, Frame, Paint, Point, Type, fit
from trialwright.report.figures.marks import LegendEntry, Look, arrow, legend, legend_height, mark, mark_entry
from trialwright.report.figures.palette import (
    GREEN,
    GRID,
    INK,
    ORANGE,
    PAPER,
    PURPLE,
    QUIET,
    VERMILION,
    Hatch,
    Shape,
    dose_colours,
    ink_on,
)
from trialwright.report.figures.type_widths import width_of

LANE, BAR = 22.0, 13.0
APART = 9.0  # between the middles of two marks
EDGE = "#7fa8cc"  # keeps the lightest dose visible on paper


class Happening(Enum):
    """What a mark on a lane says."""

    RESPONSE = ("First complete response", Look(Shape.STAR, GREEN, 6))
    SEVERE_EVENT = ("Adverse event, grade 3 or more", Look(Shape.TRIANGLE, VERMILION))
    STOP = ("Treatment stopped", Look(Shape.SQUARE, INK, 3.6))
    RELAPSE = ("Relapse", Look(Shape.DIAMOND, PURPLE))
    DEATH = ("Death", Look(Shape.CROSS, INK))

    @property
    def words(self) -> str:
        """For the legend."""
        return self.value[0]

    @property
    def look(self) -> Look:
        """Its mark."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class DoseSpan:
    """A dose from the start of ``first_day`` to the end of ``last_day`` (study days, no day 0); None while held."""

    first_day: int
    last_day: int
    dose: float | None


@dataclass(frozen=True, slots=True)
class Span:
    """Study days, both included, with words for the tooltip."""

    first_day: int
    last_day: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class LaneMark:
    """Something that happened on a study day; ``words`` are its tooltip."""

    day: int
    happening: Happening
    words: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """One participant.

    Args:
        participant: As printed at the lane.
        group: Printed beside it; may be empty.
        doses: In order, not overlapping.
        marks: In any order.
        medication: Drawn under the lane.
        last_day: Last study day known.
        ongoing: True where the participant is still followed.
        href: A link from the lane's name within the page; may be empty.
    """

    participant: str
    group: str
    doses: tuple[DoseSpan, ...]
    marks: tuple[LaneMark, ...]
    last_day: int
    medication: tuple[Span, ...] = ()
    ongoing: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class DoseScale:
    """The dose levels from low to high and their unit, in words."""

    levels: tuple[float, ...]
    unit: str

    def share(self, dose: float) -> float:
        """How far up the levels a dose is, from above 0 to 1."""
        return max(min(dose / self.levels[-1], 1.0), 0.15)

    def colour(self, dose: float) -> str:
        """The colour of the highest level not above the dose."""
        colours = dose_colours(len(self.levels))
        return colours[max(sum(level <= dose for level in self.levels) - 1, 0)]


def swimmer(frame: Frame, lanes: Sequence[Lane], doses: DoseScale, until_day: int, medication: str = "Medication") -> Drawing:
    """Draw the lanes in the order given, up to study day ``until_day``; longer lanes end in an arrow.

    ``medication`` names what is drawn under the lanes. Dose is told by colour, by the height of the bar and, where it fits,
    by its number, so that grey print loses nothing. Marks that would cover each other stand side by side.
    """
    names = max((width_of(lane.participant, 10) for lane in lanes), default=20)
    groups = max((width_of(lane.group, 10) for lane in lanes), default=0)
    left = names + groups + (22 if groups else 12)
    entries = _legend_entries(lanes, doses, until_day, medication)
    top = legend_height(frame.width - 12, entries) + 8
    canvas = Canvas(frame, top + LANE * len(lanes) + 40)
    legend(canvas, (6, 0), frame.width - 12, entries)
    days = Scale(0, until_day, left, frame.width - 16)
    ticks = week_ticks(until_day)
    for tick in ticks:
        x = days.px(tick.value)
        canvas.line((x, top), (x, top + LANE * len(lanes)), Paint(stroke=GRID, width=0.8))
    for index, lane in enumerate(lanes):
        middle = top + LANE * (index + 0.5)
        with canvas.tip(f"{lane.participant} {lane.group}".strip(), lane.href):
            canvas.text((4, middle + 3.5), lane.participant, Type(10))
        canvas.text((names + 12, middle + 3.5), lane.group, Type(10, colour=QUIET))
        _lane(canvas, lane, (days, middle), doses)
    x_axis(canvas, days, top + LANE * len(lanes), ticks, "Weeks from first dose")
    return canvas.finish(_alt(lanes, until_day))


def _lane(canvas: Canvas, lane: Lane, place: tuple[Scale, float], doses: DoseScale) -> None:
    days, middle = place
    foot = middle + BAR / 2
    end = days.px(lane.last_day)
    follow = Paint(stroke=QUIET, width=1.2)
    if lane.last_day > days.high or lane.ongoing:
        arrow(canvas, (days.start, foot), (min(end + 8, days.end + 8), foot), follow)
    else:
        canvas.line((days.start, foot), (end, foot), follow)
        canvas.line((end, foot - 4), (end, foot + 4), follow)
    for span in lane.doses:
        _dose(canvas, span, (days, foot), doses)
    for taken in lane.medication:
        with canvas.tip(taken.words):
            box = Box(days.px(taken.first_day - 1), foot + 1.5, 0, 3)
            width = max(days.px(taken.last_day) - box.x, 2)
            canvas.rect(Box(box.x, box.y, width, box.height), Paint(ORANGE))
    free = days.start
    for happened in sorted((m for m in lane.marks if m.day <= days.high), key=lambda m: (m.day, m.happening.words)):
        at = max(days.px(happened.day), free)
        with canvas.tip(happened.words or f"{happened.happening.words}, day {happened.day}"):
            mark(canvas, (at, middle), happened.happening.look)
        free = at + APART


def _dose(canvas: Canvas, span: DoseSpan, place: tuple[Scale, float], doses: DoseScale) -> None:
    days, foot = place
    start, end = days.px(span.first_day - 1), days.px(span.last_day)
    if span.dose is None:
        with canvas.tip(f"Held, days {span.first_day} to {span.last_day}"):
            fill = canvas.hatch(Hatch.RISING, QUIET, PAPER)
            canvas.rect(Box(start, foot - BAR * 0.45, end - start, BAR * 0.45), Paint(fill, QUIET, 0.6))
        return
    height = BAR * doses.share(span.dose)
    colour = doses.colour(span.dose)
    words = f"{span.dose:g}"
    with canvas.tip(f"{words} {doses.unit}, days {span.first_day} to {span.last_day}"):
        canvas.rect(Box(start, foot - height, end - start, height), Paint(colour, EDGE, 0.5))
        if height > 9 and width_of(words, 7.5) + 5 < end - start:
            canvas.text((start + 3, foot - height / 2 + 2.7), words, Type(7.5, colour=ink_on(colour)))


def _legend_entries(lanes: Sequence[Lane], doses: DoseScale, until_day: int, medication: str) -> list[LegendEntry]:
    def dose_sample(level: float) -> LegendEntry:
        def draw(canvas: Canvas, at: Point) -> None:
            height = BAR * doses.share(level)
            canvas.rect(Box(at[0], at[1] + BAR / 2 - height, 14, height), Paint(doses.colour(level), EDGE, 0.5))

        return LegendEntry(f"{level:g}{' ' + doses.unit if level == doses.levels[-1] else ''}", draw)

    def held(canvas: Canvas, at: Point) -> None:
        fill = canvas.hatch(Hatch.RISING, QUIET, PAPER)
        canvas.rect(Box(at[0], at[1] + BAR * 0.05, 14, BAR * 0.45), Paint(fill, QUIET, 0.6))

    entries = [dose_sample(level) for level in doses.levels]
    if any(span.dose is None for lane in lanes for span in lane.doses):
        entries.append(LegendEntry("held", held))
    seen = {m.happening for lane in lanes for m in lane.marks}
    entries += [mark_entry(h.words, h.look) for h in Happening if h in seen]
    if any(lane.medication for lane in lanes):
        entries.append(LegendEntry(medication, lambda canvas, at: canvas.rect(Box(at[0], at[1], 14, 3), Paint(ORANGE))))
    if any(lane.ongoing or lane.last_day > until_day for lane in lanes):
        entries.append(LegendEntry("Follow-up continues", lambda c, at: arrow(c, at, (at[0] + 14, at[1]), Paint(stroke=QUIET))))
    return entries


def _alt(lanes: Sequence[Lane], until_day: int) -> str:
    def people(happening: Happening) -> int:
        return sum(any(m.happening is happening for m in lane.marks) for lane in lanes)

    held = sum(any(span.dose is None for span in lane.doses) for lane in lanes)
    facts = [f"{people(h)} with {h.words[0].lower() + h.words[1:]}" for h in Happening if people(h)]
    facts += [f"{held} with a dose held"] if held else []
    told = fit("; ".join(facts), 4000, 10) or "no events"
    return f"Swimmer plot of {len(lanes)} participants over {until_day // 7} weeks from the first dose: {told}."
