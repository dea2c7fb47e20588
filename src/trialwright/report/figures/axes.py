"""Scales and axes: from values to px, ticks at round values, and legends. Nothing here knows what a figure shows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.report.figures.canvas import Box, Canvas, Paint, Type
from trialwright.report.figures.palette import GRID, INK, QUIET, RULE
from trialwright.report.figures.type_widths import width_of

AXIS = Paint(stroke=RULE)
GRIDLINE = Paint(stroke=GRID, width=0.8)


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from ``low`` to ``high`` on px from ``start`` to ``end``; ``log`` needs both above 0. Clips what is outside."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def px(self, value: float) -> float:
        """Where ``value`` stands."""
        value = min(max(value, self.low), self.high)
        if self.log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


@dataclass(frozen=True, slots=True)
class Tick:
    """A value on an axis and what stands beside it."""

    value: float
    label: str


def round_ticks(low: float, high: float, about: int = 6) -> tuple[Tick, ...]:
    """Ticks at 1, 2 or 5 times a power of ten within ``low`` and ``high``, about as many as asked."""
    raw = (high - low) / max(about, 1)
    power = 10 ** math.floor(math.log10(raw))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return tuple(Tick(i * step, plain(i * step)) for i in range(first, last + 1))


def log_ticks(low: float, high: float) -> tuple[Tick, ...]:
    """Ticks at 1, 2 and 5 times the powers of ten within ``low`` and ``high`` (only powers beyond three decades)."""
    factors = (1,) if math.log10(high / low) > 3 else (1, 2, 5)
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    values = [f * 10.0**p for p in powers for f in factors]
    return tuple(Tick(v, plain(v)) for v in values if low * 0.999 <= v <= high * 1.001)


def week_ticks(last_day: float) -> tuple[Tick, ...]:
    """Ticks at the ends of whole weeks up to ``last_day``, labelled in weeks: every 1, 2, 4, 13, 26 or 52."""
    weeks = last_day / 7
    step = next((s for s in (1, 2, 4, 13, 26, 52) if weeks / s <= 14), 104)
    return tuple(Tick(w * 7, str(w)) for w in range(0, math.floor(weeks + 1e-9) + 1, step))


def plain(value: float) -> str:
    """A tick's number without noise: ``0.1``, ``20``; a true minus sign."""
    text = f"{value:.10g}"
    return text.replace("-", "−")


def x_axis(canvas: Canvas, scale: Scale, y: float, ticks: Sequence[Tick], label: str) -> None:
    """Draw the axis at height ``y``: line, ticks with labels that do not touch, and its label below."""
    canvas.line((scale.start, y), (scale.end, y), AXIS)
    free_from = -math.inf
    for tick in ticks:
        x = scale.px(tick.value)
        canvas.line((x, y), (x, y + 4), AXIS)
        half = width_of(tick.label, 10) / 2
        if x - half >= free_from:
            canvas.text((x, y + 15), tick.label, Type(10, "middle", colour=QUIET))
            free_from = x + half + 4
    canvas.text(((scale.start + scale.end) / 2, y + 31), label, Type(11, "middle"))


def y_axis(canvas: Canvas, scale: Scale, plot: Box, ticks: Sequence[Tick], label: str) -> None:
    """Draw the axis at the plot's left edge with grid lines across, and its label turned along it."""
    widest = max((width_of(t.label, 10) for t in ticks), default=0)
    for tick in ticks:
        y = scale.px(tick.value)
        canvas.line((plot.x, y), (plot.right, y), GRIDLINE)
        canvas.text((plot.x - 6, y + 3.5), tick.label, Type(10, "end", colour=QUIET))
    canvas.line((plot.x, plot.y), (plot.x, plot.bottom), AXIS)
    middle = (plot.x - widest - 17, plot.y + plot.height / 2)
    canvas.text(middle, label, Type(11, "middle", colour=INK, angle=-90))
