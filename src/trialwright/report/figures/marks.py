"""Marks told apart by shape first and colour second, and legends made of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trialwright.report.figures.canvas import Canvas, Paint, Point, Type
from trialwright.report.figures.palette import INK, PAPER, Shape
from trialwright.report.figures.type_widths import width_of


@dataclass(frozen=True, slots=True)
class Look:
    """A mark's outline and colour; every mark has a thin paper edge so that it shows on any ground."""

    shape: Shape
    colour: str
    size: float = 5


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A sample, drawn by ``draw`` at a point (its left middle) within ``width`` px, and its words."""

    words: str
    draw: Callable[[Canvas, Point], None]
    width: float = 14


def mark(canvas: Canvas, at: Point, look: Look) -> None:
    """Draw a mark centred on a point."""
    x, y = at
    r = look.size
    paint = Paint(look.colour, PAPER, 0.8)
    match look.shape:
        case Shape.CIRCLE:
            canvas.circle(at, r * 0.8, paint)
        case Shape.STAR:
            canvas.path([_polar(at, r * (1.15 if i % 2 == 0 else 0.5), i * 36) for i in range(10)], paint, closed=True)
        case Shape.TRIANGLE:
            canvas.path([(x, y - r), (x + r * 0.95, y + r * 0.75), (x - r * 0.95, y + r * 0.75)], paint, closed=True)
        case Shape.SQUARE:
            canvas.path([(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r)], paint, closed=True)
        case Shape.DIAMOND:
            canvas.path([(x, y - r * 1.15), (x + r, y), (x, y + r * 1.15), (x - r, y)], paint, closed=True)
        case Shape.CROSS:
            for ink, width in ((PAPER, 3.6), (look.colour, 2.0)):
                canvas.line((x - r * 0.8, y - r * 0.8), (x + r * 0.8, y + r * 0.8), Paint(stroke=ink, width=width))
                canvas.line((x - r * 0.8, y + r * 0.8), (x + r * 0.8, y - r * 0.8), Paint(stroke=ink, width=width))


def arrow(canvas: Canvas, start: Point, end: Point, paint: Paint) -> None:
    """Draw a line that ends in a filled arrow head."""
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    length = 7.0
    neck = (end[0] - length * 0.8 * math.cos(angle), end[1] - length * 0.8 * math.sin(angle))
    canvas.line(start, neck, paint)
    wings = [(end[0] - length * math.cos(angle + turn), end[1] - length * math.sin(angle + turn)) for turn in (0.42, -0.42)]
    canvas.path([end, *wings], Paint(paint.stroke), closed=True)


def mark_entry(words: str, look: Look) -> LegendEntry:
    """A legend entry that shows a mark."""
    return LegendEntry(words, lambda canvas, at: mark(canvas, (at[0] + 6, at[1]), look))


def legend(canvas: Canvas, at: Point, width: float, entries: Sequence[LegendEntry]) -> float:
    """Draw entries in rows no wider than ``width`` px from ``at`` (top left).

    Returns:
        Height used in px.
    """
    left, top = at
    x, y = left, top + 8.0
    for entry in entries:
        needed = entry.width + 5 + width_of(entry.words, 10) + 16
        if x > left and x + needed - 16 > left + width:
            x, y = left, y + 16
        entry.draw(canvas, (x, y))
        canvas.text((x + entry.width + 5, y + 3.5), entry.words, Type(10, colour=INK))
        x += needed
    return y + 10 - top


def legend_height(width: float, entries: Sequence[LegendEntry]) -> float:
    """Height in px that :func:`legend` will use."""
    rows, x = 1, 0.0
    for entry in entries:
        needed = entry.width + 5 + width_of(entry.words, 10) + 16
        if x > 0 and x + needed - 16 > width:
            rows, x = rows + 1, 0.0
        x += needed
    return 2 + 16 * rows


def _polar(centre: Point, radius: float, degrees: float) -> Point:
    turn = math.radians(degrees - 90)
    return centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn)
