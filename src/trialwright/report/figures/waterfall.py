"""Waterfall plot: each participant's best change from baseline, largest rise first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.report.figures.axes import AXIS, Scale, Tick, y_axis
from trialwright.report.figures.canvas import Box, Canvas, Drawing, Frame, Paint, Point, Type
from trialwright.report.figures.marks import LegendEntry, legend, legend_height
from trialwright.report.figures.palette import INK, PAPER, QUIET, Hatch, category

HEIGHT, HIGHEST = 250.0, 100.0


@dataclass(frozen=True, slots=True)
class Change:
    """One participant's best change, in per cent of baseline (−100 or more); ``marked`` bars are hatched."""

    participant: str
    group: str
    percent: float
    marked: bool = False
    words: str = ""


@dataclass(frozen=True, slots=True)
class WaterfallWords:
    """What the figure's axis, hatched bars and reference lines are called; lines stand at per cent of baseline."""

    axis: str
    marked: str = ""
    unmarked: str = ""
    lines: tuple[Tick, ...] = ()


def waterfall(frame: Frame, changes: Sequence[Change], words: WaterfallWords) -> Drawing:
    """Draw one bar per participant; groups by colour, ``marked`` by hatch; rises above 100 % are cut, with an arrow."""
    ordered = sorted(changes, key=lambda c: (-c.percent, c.participant))
    groups = list(dict.fromkeys(c.group for c in sorted(changes, key=lambda c: c.group)))
    entries = _legend_entries(groups, words, any(c.marked for c in changes))
    plot = Box(58, legend_height(frame.width - 64, entries) + 10, frame.width - 66, HEIGHT)
    canvas = Canvas(frame, plot.bottom + 52)
    legend(canvas, (plot.x, 0), plot.width, entries)
    top = HIGHEST if any(c.percent > 25 for c in changes) else 25.0
    scale = Scale(-100, top, plot.bottom, plot.y)
    ticks = [Tick(v, f"{v:+d}".replace("-", "−") if v else "0") for v in range(-100, int(top) + 1, 25)]
    y_axis(canvas, scale, plot, ticks, words.axis)
    step = plot.width / max(len(ordered), 1)
    for index, change in enumerate(ordered):
        slot = Box(plot.x + step * index, plot.y, step, plot.height)
        _bar(canvas, change, (slot, scale), category(groups.index(change.group)))
    canvas.line((plot.x, scale.px(0)), (plot.right, scale.px(0)), AXIS)
    for line in words.lines:
        y = scale.px(line.value)
        canvas.line((plot.x, y), (plot.right, y), Paint(stroke=INK, dash="5 3"))
        canvas.text((plot.x + 6, y - 4), line.label, Type(10, halo=True))
    return canvas.finish(_alt(ordered, words))


def _bar(canvas: Canvas, change: Change, place: tuple[Box, Scale], colour: str) -> None:
    slot, scale = place
    zero, end = scale.px(0), scale.px(change.percent)
    width = min(slot.width * 0.78, 26)
    x = slot.x + (slot.width - width) / 2
    fill = canvas.hatch(Hatch.RISING, PAPER, colour) if change.marked else colour
    named = f"{change.participant}, {change.group}" if change.group else change.participant
    with canvas.tip(change.words or f"{named}: {change.percent:+.0f} %"):
        canvas.rect(Box(x, min(zero, end), width, max(abs(end - zero), 1.2)), Paint(fill, colour, 0.8))
        if change.percent > scale.high:
            middle = slot.x + slot.width / 2
            canvas.path([(middle, end - 7), (middle - 4, end - 1), (middle + 4, end - 1)], Paint(colour), closed=True)
        name_at = (slot.x + slot.width / 2 + 3, slot.bottom + 8)
        canvas.text(name_at, change.participant, Type(8, "end", colour=QUIET, angle=-55))


def _legend_entries(groups: Sequence[str], words: WaterfallWords, hatched: bool) -> list[LegendEntry]:
    def block(colour: str, hatch: bool) -> LegendEntry:
        def draw(canvas: Canvas, at: Point) -> None:
            fill = canvas.hatch(Hatch.RISING, PAPER, colour) if hatch else colour
            canvas.rect(Box(at[0], at[1] - 5, 14, 10), Paint(fill, colour, 0.8))

        return LegendEntry("", draw)

    entries = [LegendEntry(group, block(category(i), False).draw) for i, group in enumerate(groups) if group]
    if hatched and words.marked:
        entries.append(LegendEntry(words.marked, block(QUIET, True).draw))
        entries += [LegendEntry(words.unmarked, block(QUIET, False).draw)] if words.unmarked else []
    return entries


def _alt(ordered: Sequence[Change], words: WaterfallWords) -> str:
    reached = [f"{sum(c.percent <= line.value for c in ordered)} at or below {line.label}" for line in words.lines]
    span = f"from {ordered[0].percent:+.0f} % to {ordered[-1].percent:+.0f} %" if ordered else "no participant"
    return f"Waterfall of {words.axis}: {len(ordered)} participants, {span}; " + "; ".join(reached) + "."
