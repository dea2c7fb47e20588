"""Curves over a number that varies: probabilities with the interval of their Monte Carlo error, and a range that is shaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.report.figures.axes import Scale, Tick, plain, round_ticks, x_axis, y_axis
from trialwright.report.figures.canvas import Box, Canvas, Drawing, Frame, Paint, Type
from trialwright.report.figures.marks import Look, legend, legend_height, mark, mark_entry
from trialwright.report.figures.palette import INK, QUIET, Shape, category
from trialwright.report.figures.type_widths import width_of

HEIGHT = 250.0
SHAPES = (Shape.CIRCLE, Shape.SQUARE, Shape.TRIANGLE, Shape.DIAMOND, Shape.STAR, Shape.CROSS)
SHADE = "#f3ead2"


@dataclass(frozen=True, slots=True)
class Point:
    """A value, the probability there (0-1), and its interval."""

    at: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A name and its points, rising by ``at``; ``marked`` draws each point."""

    name: str
    points: tuple[Point, ...]
    marked: bool = True


@dataclass(frozen=True, slots=True)
class Band:
    """A range of the varied number that is shaded, and what it is."""

    low: float
    high: float
    words: str


def curves(
    frame: Frame, found: Sequence[Curve], label: str, band: Band | None = None, y_label: str = "Probability, %"
) -> Drawing:
    """Draw up to six curves; each has its own mark and colour."""
    looks = [Look(SHAPES[index % len(SHAPES)], category(index), 4.5) for index in range(len(found))]
    entries = [mark_entry(one.name, look) for one, look in zip(found, looks, strict=True)]
    top = legend_height(frame.width - 70, entries) + (20 if band is not None else 8)
    canvas = Canvas(frame, top + HEIGHT + 44)
    legend(canvas, (58, 0), frame.width - 70, entries)
    plot = Box(58, top, frame.width - 72, HEIGHT)
    low = min(point.at for one in found for point in one.points)
    high = max(point.at for one in found for point in one.points)
    low, high = (low, high) if high > low else (low - 0.5, high + 0.5)
    across, up = Scale(low, high, plot.x + 8, plot.right - 6), Scale(0, 1, plot.bottom, plot.y)
    if band is not None:
        left, right = across.px(band.low), across.px(band.high)
        canvas.rect(Box(left, plot.y, right - left, plot.height), Paint(SHADE))
        half = width_of(band.words, 10) / 2
        middle = min(max((left + right) / 2, plot.x + half), plot.right - half)
        canvas.text((middle, plot.y - 5), band.words, Type(10, "middle", colour=QUIET))
    y_axis(canvas, up, plot, [Tick(one.value, plain(round(one.value * 100))) for one in round_ticks(0, 1, 5)], y_label)
    for one, look in zip(found, looks, strict=True):
        _curve(canvas, one, look, across, up)
    x_axis(canvas, across, plot.bottom, round_ticks(low, high, 8), label)
    return canvas.finish(_alt(found, label))


def _curve(canvas: Canvas, one: Curve, look: Look, across: Scale, up: Scale) -> None:
    canvas.path([(across.px(point.at), up.px(point.value)) for point in one.points], Paint(stroke=look.colour, width=1.8))
    for point in one.points if one.marked else ():
        x = across.px(point.at)
        with canvas.tip(f"{one.name}, {point.at:g}: {point.value * 100:.2f} %"):
            canvas.line((x, up.px(point.low)), (x, up.px(point.high)), Paint(stroke=INK, width=1.1))
            mark(canvas, (x, up.px(point.value)), look)


def _alt(found: Sequence[Curve], label: str) -> str:
    def told(one: Curve) -> str:
        first, last = one.points[0], one.points[-1]
        return f"{one.name}: {first.value * 100:.0f} % at {first.at:g}, {last.value * 100:.0f} % at {last.at:g}"

    return f"Curves over {label}. {'; '.join(told(one) for one in found)}."
