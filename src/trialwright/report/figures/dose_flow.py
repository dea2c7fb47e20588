"""Participants between dose levels, week by week: columns of levels, and bands as wide as those who go from one to the next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.report.figures.canvas import Box, Canvas, Drawing, Frame, Paint, Type
from trialwright.report.figures.marks import LegendEntry, legend, legend_height
from trialwright.report.figures.palette import INK, PAPER, QUIET, Hatch, dose_colours

HEIGHT, NODE_WIDTH, GAP = 250.0, 9.0, 3.0
NONE_INK, OFF = "#777777", "#c9c9c9"


@dataclass(frozen=True, slots=True)
class Flows:
    """States (dose levels rising, nothing taken, off treatment), columns by name, and who moves.

    ``moves[c][a][b]``: participants from state a in column c to state b in column c + 1.
    """

    states: tuple[str, ...]
    columns: tuple[str, ...]
    moves: tuple[tuple[tuple[int, ...], ...], ...]
    label: str


def dose_flow(frame: Frame, flows: Flows) -> Drawing:
    """Draw the highest dose on top and who is off treatment at the bottom; bands keep the colour of where they come from."""
    levels = len(flows.states) - 2
    paints = [Paint(colour, PAPER, 0.4) for colour in dose_colours(levels)]
    entries_height = legend_height(frame.width - 20, [_entry(name, Paint()) for name in reversed(flows.states)])
    canvas = Canvas(frame, entries_height + HEIGHT + 48)
    paints += [Paint(canvas.hatch(Hatch.RISING, NONE_INK, PAPER), PAPER, 0.4), Paint(OFF, PAPER, 0.4)]
    order = [*reversed(range(levels)), levels, levels + 1]
    legend(canvas, (10, 0), frame.width - 20, [_entry(flows.states[state], paints[state]) for state in order])
    plot = Box(14, entries_height + 6, frame.width - 28, HEIGHT)
    sizes = _sizes(flows)
    whole = max(sum(column) for column in sizes) or 1
    unit = (HEIGHT - GAP * (len(order) - 1)) / whole
    step = (plot.width - NODE_WIDTH) / max(1, len(flows.columns) - 1)
    tops = [_tops(column, order, plot.y, unit) for column in sizes]
    for column, move in enumerate(flows.moves):
        _bands(canvas, move, order, (tops[column], tops[column + 1]), (plot.x + step * column, step, unit), paints)
    for column, (name, column_sizes) in enumerate(zip(flows.columns, sizes, strict=True)):
        x = plot.x + step * column
        for state in order:
            if column_sizes[state]:
                with canvas.tip(f"{flows.label} {name}, {flows.states[state]}: {column_sizes[state] / whole * 100:.1f} %"):
                    canvas.rect(Box(x, tops[column][state], NODE_WIDTH, column_sizes[state] * unit), paints[state])
        canvas.text((x + NODE_WIDTH / 2, plot.bottom + 16), name, Type(10, "middle", colour=QUIET))
    canvas.text((plot.x + plot.width / 2, plot.bottom + 32), flows.label, Type(11, "middle"))
    return canvas.finish(_alt(flows, sizes, whole))


def _entry(words: str, paint: Paint) -> LegendEntry:
    def draw(canvas: Canvas, at: tuple[float, float]) -> None:
        canvas.rect(Box(at[0], at[1] - 5, 12, 10), Paint(paint.fill, INK, 0.5))

    return LegendEntry(words, draw)


def _sizes(flows: Flows) -> list[list[int]]:
    states = range(len(flows.states))
    first = [sum(row) for row in flows.moves[0]] if flows.moves else []
    return [first, *([sum(row[state] for row in move) for state in states] for move in flows.moves)]


def _tops(column: Sequence[int], order: Sequence[int], top: float, unit: float) -> dict[int, float]:
    found, y = {}, top
    for state in order:
        found[state] = y
        y += column[state] * unit + GAP
    return found


def _bands(
    canvas: Canvas,
    move: Sequence[Sequence[int]],
    order: Sequence[int],
    tops: tuple[dict[int, float], dict[int, float]],
    place: tuple[float, float, float],
    paints: Sequence[Paint],
) -> None:
    left, step, unit = place
    leaving, coming = dict(tops[0]), dict(tops[1])
    for source in order:
        for target in order:
            height = move[source][target] * unit
            if height > 0:
                if height >= 0.25:
                    _band(canvas, (left + NODE_WIDTH, leaving[source]), (left + step, coming[target]), height, paints[source])
                leaving[source] += height
                coming[target] += height


def _band(canvas: Canvas, start: tuple[float, float], end: tuple[float, float], height: float, paint: Paint) -> None:
    steps = 8 if abs(start[1] - end[1]) > 0.5 else 1
    shares = [(index / steps, (1 - math.cos(math.pi * index / steps)) / 2) for index in range(steps + 1)]
    upper = [(start[0] + (end[0] - start[0]) * along, start[1] + (end[1] - start[1]) * down) for along, down in shares]
    lower = [(x, y + height) for x, y in reversed(upper)]
    canvas.path([*upper, *lower], Paint(paint.fill, opacity=0.45), closed=True)


def _alt(flows: Flows, sizes: Sequence[Sequence[int]], whole: int) -> str:
    def told(column: int) -> str:
        parts = [
            f"{name} {sizes[column][state] / whole * 100:.0f} %"
            for state, name in enumerate(flows.states)
            if sizes[column][state]
        ]
        return f"{flows.label} {flows.columns[column]}: {', '.join(parts)}"

    return "Dose levels over time. " + "; ".join(told(column) for column in (0, len(sizes) // 2, len(sizes) - 1)) + "."
