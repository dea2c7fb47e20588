"""A fan: how something grows over time in most trials, as a median with bands that hold half and 95 % of them."""

from __future__ import annotations

from dataclasses import dataclass

from trialwright.report.figures.axes import Scale, round_ticks, x_axis, y_axis
from trialwright.report.figures.canvas import Box, Canvas, Drawing, Frame, Paint
from trialwright.report.figures.marks import LegendEntry, legend, legend_height
from trialwright.report.figures.palette import BLUE, INK

HEIGHT = 230.0
OUTER, INNER = "#d6e6f2", "#93c4df"


@dataclass(frozen=True, slots=True)
class Fan:
    """Times, and the five quantiles (2.5, 25, 50, 75, 97.5 %) at each; ``most`` is the top of the axis."""

    times: tuple[float, ...]
    quantiles: tuple[tuple[float, ...], ...]
    most: float
    x_label: str
    y_label: str


def fan(frame: Frame, found: Fan) -> Drawing:
    """Draw the bands from the widest to the median."""
    entries = [_box("95 % of trials", OUTER), _box("half of the trials", INNER), _line("median")]
    top = legend_height(frame.width - 70, entries) + 8
    canvas = Canvas(frame, top + HEIGHT + 44)
    legend(canvas, (58, 0), frame.width - 70, entries)
    plot = Box(58, top, frame.width - 72, HEIGHT)
    across = Scale(min(0.0, found.times[0]), found.times[-1], plot.x, plot.right)
    up = Scale(0, found.most * 1.04, plot.bottom, plot.y)
    y_axis(canvas, up, plot, round_ticks(0, found.most, 5), found.y_label)
    for low, high, colour in ((0, 4, OUTER), (1, 3, INNER)):
        above = [(across.px(time), up.px(value)) for time, value in zip(found.times, found.quantiles[high], strict=True)]
        below = [(across.px(time), up.px(value)) for time, value in zip(found.times, found.quantiles[low], strict=True)]
        canvas.path([*above, *reversed(below)], Paint(colour), closed=True)
    middle = [(across.px(time), up.px(value)) for time, value in zip(found.times, found.quantiles[2], strict=True)]
    canvas.path(middle, Paint(stroke=BLUE, width=2))
    x_axis(canvas, across, plot.bottom, round_ticks(across.low, across.high, 8), found.x_label)
    half = next(
        (time for time, value in zip(found.times, found.quantiles[2], strict=True) if value >= found.most), found.times[-1]
    )
    return canvas.finish(f"{found.y_label} over {found.x_label}: half of the trials have reached {found.most:g} by {half:g}.")


def _box(words: str, colour: str) -> LegendEntry:
    def draw(canvas: Canvas, at: tuple[float, float]) -> None:
        canvas.rect(Box(at[0], at[1] - 5, 12, 10), Paint(colour, INK, 0.4))

    return LegendEntry(words, draw)


def _line(words: str) -> LegendEntry:
    def draw(canvas: Canvas, at: tuple[float, float]) -> None:
        canvas.line((at[0], at[1]), (at[0] + 12, at[1]), Paint(stroke=BLUE, width=2))

    return LegendEntry(words, draw)
