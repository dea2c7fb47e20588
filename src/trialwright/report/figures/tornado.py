"""A tornado: what turning each number down and up does to a measure, the largest effect on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.report.figures.axes import Scale, round_ticks, x_axis
from trialwright.report.figures.canvas import Box, Canvas, Drawing, Frame, Paint, Type, fit
from trialwright.report.figures.marks import LegendEntry, legend, legend_height
from trialwright.report.figures.palette import BLUE, INK, ORANGE, PAPER, Hatch
from trialwright.report.figures.type_widths import width_of

ROW = 22.0


@dataclass(frozen=True, slots=True)
class TornadoRow:
    """A number's name, what it is turned to, and the effects with half the width of their intervals."""

    name: str
    low_words: str
    high_words: str
    low: float
    high: float
    low_error: float
    high_error: float


def tornado(frame: Frame, rows: Sequence[TornadoRow], label: str) -> Drawing:
    """Draw the rows from top to bottom; effects in the unit of the axis; turned down hatched, turned up plain."""
    named = min(frame.width * 0.36, max(width_of(one.name, 10.5) for one in rows) + 10)
    ends = max(width_of(words, 9) for one in rows for words in (one.low_words, one.high_words)) + 8
    entries_height = legend_height(frame.width - 20, [_entry("turned down", Paint()), _entry("turned up", Paint())])
    canvas = Canvas(frame, entries_height + ROW * len(rows) + 52)
    down, up = Paint(canvas.hatch(Hatch.FALLING, INK, "#fbe3b0"), ORANGE, 0.8), Paint(BLUE, PAPER, 0.5)
    legend(canvas, (10, 0), frame.width - 20, [_entry("turned down", down), _entry("turned up", up)])
    plot = Box(named + ends, entries_height + 6, frame.width - named - 2 * ends - 8, ROW * len(rows))
    reach = max(max(abs(one.low) + one.low_error, abs(one.high) + one.high_error) for one in rows) * 1.05 or 1.0
    scale = Scale(-reach, reach, plot.x, plot.right)
    for index, one in enumerate(rows):
        middle = plot.y + ROW * (index + 0.5)
        canvas.text((4, middle + 4), fit(one.name, named - 8, 10.5), Type(10.5))
        with canvas.tip(f"{one.name}: {one.low_words} gives {one.low:+.3g}, {one.high_words} gives {one.high:+.3g}"):
            for value, error, paint, words in (
                (one.low, one.low_error, down, one.low_words),
                (one.high, one.high_error, up, one.high_words),
            ):
                _effect(canvas, scale, (value, error), middle, paint)
                _end(canvas, scale, (value, error), middle, words)
    canvas.line((scale.px(0), plot.y), (scale.px(0), plot.bottom), Paint(stroke=INK))
    x_axis(canvas, scale, plot.bottom, round_ticks(-reach, reach, 6), label)
    told = "; ".join(f"{one.name} {one.low:+.3g} to {one.high:+.3g}" for one in rows[:8])
    return canvas.finish(f"Effect on {label}, the largest first: {told}.")


def _effect(canvas: Canvas, scale: Scale, effect: tuple[float, float], y: float, paint: Paint) -> None:
    value, error = effect
    left, right = sorted((scale.px(0), scale.px(value)))
    canvas.rect(Box(left, y - 7, max(right - left, 0.8), 14), paint)
    canvas.line((scale.px(value - error), y), (scale.px(value + error), y), Paint(stroke=INK, width=1.2))


def _end(canvas: Canvas, scale: Scale, effect: tuple[float, float], y: float, words: str) -> None:
    value, error = effect
    side = 1 if value >= 0 else -1
    x = scale.px(value + side * error) + 4 * side
    canvas.text((x, y + 3.5), words, Type(9, "start" if side > 0 else "end", halo=True))


def _entry(words: str, paint: Paint) -> LegendEntry:
    def draw(canvas: Canvas, at: tuple[float, float]) -> None:
        canvas.rect(Box(at[0], at[1] - 5, 12, 10), Paint(paint.fill, INK, 0.5))

    return LegendEntry(words, draw)
