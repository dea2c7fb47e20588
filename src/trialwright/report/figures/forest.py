"""Forest plot: an estimate with its interval per row, beside the counts and the numbers as printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.report.figures.axes import AXIS, Scale, Tick, plain, round_ticks, x_axis
from trialwright.report.figures.canvas import Box, Canvas, Drawing, Frame, Paint, Type
from trialwright.report.figures.palette import BLUE, INK, PAPER, QUIET, RULE
from trialwright.report.figures.type_widths import width_of

ROW = 21.0


@dataclass(frozen=True, slots=True)
class ForestRow:
    """A row; with ``estimate`` None it is a heading, or a group in which nothing can be estimated.

    Args:
        label: Of the group.
        counts: As printed, such as ``8/11``; may be empty.
        estimate: On the axis's scale.
        low: Lower bound; may lie beyond the axis, and then ends in an arrow head.
        high: Upper bound.
        summary: True for the overall row, drawn as a diamond.
        indent: Steps under a heading.
    """

    label: str
    counts: str = ""
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    summary: bool = False
    indent: int = 0


@dataclass(frozen=True, slots=True)
class ForestAxis:
    """The axis: its label, ends, ticks (empty: round values), whether logarithmic, a reference value and a percent sign.

    ``counts`` and ``numbers`` head the columns left and right of the plot.
    """

    label: str
    low: float
    high: float
    counts: str = "n/N"
    numbers: str = "Estimate (95% CI)"
    ticks: tuple[Tick, ...] = ()
    log: bool = False
    reference: float | None = None
    percent: bool = False


def forest(frame: Frame, rows: Sequence[ForestRow], axis: ForestAxis) -> Drawing:
    """Draw the rows from top to bottom; boxes are drawn at one size, since the counts stand beside them."""
    named = max(width_of(r.label, 11, bold=True) + 12 * r.indent for r in rows) + 14
    counted = max(width_of(axis.counts, 10), *(width_of(r.counts, 11) for r in rows)) + 16
    printed = max(width_of(axis.numbers, 10), *(width_of(numbers(r, axis), 11) for r in rows)) + 14
    top = 26.0
    canvas = Canvas(frame, top + ROW * len(rows) + 44)
    plot = Box(named + counted + 8, top, frame.width - named - counted - printed - 16, ROW * len(rows))
    scale = Scale(axis.low, axis.high, plot.x, plot.right, axis.log)
    canvas.text((named + counted - 8, 16), axis.counts, Type(10, "end", True))
    canvas.text((frame.width - 4, 16), axis.numbers, Type(10, "end", True))
    canvas.line((0, top - 3), (frame.width, top - 3), AXIS)
    if axis.reference is not None:
        x = scale.px(axis.reference)
        canvas.line((x, top), (x, plot.bottom), Paint(stroke=RULE, dash="4 3"))
    for index, one in enumerate(rows):
        middle = top + ROW * (index + 0.5)
        heading = one.estimate is None and not one.counts
        canvas.text((4 + 12 * one.indent, middle + 4), one.label, Type(11, bold=heading or one.summary))
        canvas.text((named + counted - 8, middle + 4), one.counts, Type(11, "end", bold=one.summary))
        canvas.text((frame.width - 4, middle + 4), numbers(one, axis), Type(11, "end", bold=one.summary))
        with canvas.tip(f"{one.label}: {one.counts} {numbers(one, axis)}".strip()):
            _interval(canvas, one, scale, middle)
    ticks = axis.ticks or tuple(
        Tick(t.value, plain(round(t.value * 100)) if axis.percent else t.label) for t in round_ticks(axis.low, axis.high, 5)
    )
    x_axis(canvas, scale, plot.bottom, ticks, axis.label)
    told = "; ".join(f"{r.label} {r.counts} {numbers(r, axis)}".strip() for r in rows if r.estimate is not None)
    return canvas.finish(f"Forest plot of {axis.label}: {told}.")


def numbers(one: ForestRow, axis: ForestAxis) -> str:
    """Estimate and interval as printed: whole per cent, or two decimals."""
    if one.estimate is None:
        return "not estimable" if one.counts else ""

    def shown(value: float) -> str:
        if value == float("inf"):
            return "∞"
        return f"{value * 100:.0f}" if axis.percent else f"{value:.2f}"

    unit = "%" if axis.percent else ""
    if one.low is None or one.high is None:
        return shown(one.estimate) + unit
    return f"{shown(one.estimate)}{unit} ({shown(one.low)} to {shown(one.high)})"


def _interval(canvas: Canvas, one: ForestRow, scale: Scale, y: float) -> None:
    if one.estimate is None:
        return
    x = scale.px(one.estimate)
    low, high = (one.estimate if bound is None else bound for bound in (one.low, one.high))
    start, end = scale.px(low), scale.px(high)
    if one.summary:
        canvas.path([(start, y), (x, y - 7), (end, y), (x, y + 7)], Paint(BLUE), closed=True)
        return
    canvas.line((start, y), (end, y), Paint(stroke=INK, width=1.3))
    for at, beyond, way in ((start, low < scale.low, 1), (end, high > scale.high, -1)):
        if beyond:
            canvas.path([(at, y), (at + 6 * way, y - 4), (at + 6 * way, y + 4)], Paint(INK), closed=True)
        else:
            canvas.line((at, y - 3.5), (at, y + 3.5), Paint(stroke=INK, width=1.3))
    if scale.low <= one.estimate <= scale.high:
        canvas.rect(Box(x - 4.5, y - 4.5, 9, 9), Paint(BLUE, PAPER, 0.8))
    else:
        canvas.text((x, y - 6), "beyond the axis", Type(8, "end", colour=QUIET))
