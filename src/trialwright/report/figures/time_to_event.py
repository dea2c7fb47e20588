"""Kaplan-Meier and cumulative incidence curves, with intervals, censor ticks and numbers at risk below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from trialwright.analysis.estimators.competing import IncidenceCurve
from trialwright.analysis.estimators.survival import SurvivalCurve
from trialwright.report.figures.axes import Scale, Tick, round_ticks, x_axis, y_axis
from trialwright.report.figures.canvas import Box, Canvas, Drawing, Frame, Paint, Point, Type
from trialwright.report.figures.marks import LegendEntry, legend, legend_height
from trialwright.report.figures.palette import INK, QUIET, category
from trialwright.report.figures.type_widths import width_of

HEIGHT, RISK_ROW = 240.0, 15.0
DASHES = ("", "7 3", "2 3", "8 3 2 3", "12 3", "4 2", "1 2", "10 2 1 2")


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """The axis of time: label, last time shown and ticks (empty: round values)."""

    label: str
    last: float
    ticks: tuple[Tick, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    """A step function from time 0 with bounds, censor marks and counts at risk, ready to draw."""

    label: str
    start: float
    times: tuple[float, ...]
    values: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    censored: tuple[tuple[float, float], ...]
    at_risk: Callable[[float], int] | None


def kaplan_meier_figure(
    frame: Frame, curves: Sequence[tuple[str, SurvivalCurve]], axis: TimeAxis, label: str, rising: bool = False
) -> Drawing:
    """Draw survival curves (``rising``: one minus survival, for a wanted event) with numbers at risk.

    Args:
        frame: Of the figure.
        curves: Name and curve, in the order of the legend; one curve alone needs no name.
        axis: Of time, in the unit of the curves.
        label: Of the vertical axis, which runs from 0 to 100 %.
        rising: Draw the share that has had the event.
    """
    lines = [_survival_line(name, curve, rising) for name, curve in curves]
    return _figure(frame, lines, axis, label)


def incidence_figure(frame: Frame, curves: Sequence[tuple[str, IncidenceCurve]], axis: TimeAxis, label: str) -> Drawing:
    """Draw the cumulative incidence of each competing event; without bands, which would hide one another."""
    lines = [_Line(n, 0.0, _floats(c.times), _floats(c.incidence), _floats(c.low), _floats(c.high), (), None) for n, c in curves]
    return _figure(frame, lines, axis, label, bands=False)


def _survival_line(name: str, curve: SurvivalCurve, rising: bool) -> _Line:
    def flip(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float, ...]:
        return _floats(1 - values if rising else values)

    low, high = (curve.high, curve.low) if rising else (curve.low, curve.high)
    marks = tuple(
        (float(t), 1 - float(s) if rising else float(s))
        for t, s, c in zip(curve.times, curve.survival, curve.censored, strict=True)
        if c
    )
    return _Line(
        name,
        0.0 if rising else 1.0,
        _floats(curve.times),
        flip(curve.survival),
        flip(low),
        flip(high),
        marks,
        lambda when: int(curve.number_at_risk(when)),
    )


def _figure(frame: Frame, lines: Sequence[_Line], axis: TimeAxis, label: str, bands: bool = True) -> Drawing:
    named = max((width_of(line.label, 10) for line in lines), default=0.0) if len(lines) > 1 else 0.0
    left = max(58.0, named + 16)
    entries = [_entry(line, i) for i, line in enumerate(lines)] if len(lines) > 1 else []
    top = legend_height(frame.width - left, entries) + 8 if entries else 10.0
    plot = Box(left, top, frame.width - left - 16, HEIGHT)
    with_risk = [line for line in lines if line.at_risk is not None]
    risk_height = 32 + RISK_ROW * len(with_risk) if with_risk else 0
    canvas = Canvas(frame, plot.bottom + 42 + risk_height)
    legend(canvas, (left, 0), plot.width, entries)
    time = Scale(0, axis.last, plot.x, plot.right)
    share = Scale(0, 1, plot.bottom, plot.y)
    ticks = axis.ticks or round_ticks(0, axis.last, 7)
    y_axis(canvas, share, plot, [Tick(v / 100, str(v)) for v in range(0, 101, 20)], label)
    for index, line in enumerate(lines):
        _draw_line(canvas, line, (time, share), index, bands and len(lines) <= 3)
    x_axis(canvas, time, plot.bottom, ticks, axis.label)
    _risk_table(canvas, with_risk, (time, plot.bottom + 50), ticks)
    ends = "; ".join(f"{(line.label + ' ') if line.label else ''}{_last(line, axis.last):.0%}" for line in lines)
    return canvas.finish(f"{label} by {axis.label}, up to {axis.last:g}: at the end {ends}.")


def _draw_line(canvas: Canvas, line: _Line, scales: tuple[Scale, Scale], index: int, band: bool) -> None:
    time, share = scales
    colour = category(index)
    inside = [i for i, t in enumerate(line.times) if t <= time.high]
    end = min(max(line.times, default=0.0), time.high)

    def steps(values: Sequence[float]) -> list[Point]:
        points, level = [(time.px(0), share.px(line.start))], line.start
        for i in inside:
            x = time.px(line.times[i])
            if values[i] != level:
                points += [(x, share.px(level)), (x, share.px(values[i]))]
                level = values[i]
        return [*points, (time.px(end), share.px(level))]

    with canvas.tip(line.label):
        if band:
            shape = [*steps(line.high), *reversed(steps(line.low))]
            canvas.path(shape, Paint(colour, opacity=0.14), closed=True)
        canvas.path(steps(line.values), Paint(stroke=colour, width=1.8, dash=DASHES[index % len(DASHES)]))
        for when, value in line.censored:
            if when <= time.high:
                x, y = time.px(when), share.px(value)
                canvas.line((x, y - 4.5), (x, y + 4.5), Paint(stroke=colour, width=1.3))


def _risk_table(canvas: Canvas, lines: Sequence[_Line], place: tuple[Scale, float], ticks: Sequence[Tick]) -> None:
    time, top = place
    if not lines:
        return
    canvas.text((4, top), "Number at risk", Type(10, bold=True))
    for index, line in enumerate(lines):
        y = top + RISK_ROW * (index + 1)
        canvas.text((4, y), line.label if len(lines) > 1 else "", Type(10, colour=QUIET))
        for tick in ticks:
            if line.at_risk is not None and tick.value <= time.high:
                canvas.text((time.px(tick.value), y), str(line.at_risk(tick.value)), Type(10, "middle", colour=INK))


def _entry(line: _Line, index: int) -> LegendEntry:
    paint = Paint(stroke=category(index), width=1.8, dash=DASHES[index % len(DASHES)])
    return LegendEntry(line.label, lambda canvas, at: canvas.line(at, (at[0] + 24, at[1]), paint), 24)


def _last(line: _Line, when: float) -> float:
    reached = [v for t, v in zip(line.times, line.values, strict=True) if t <= when]
    return reached[-1] if reached else line.start


def _floats(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float, ...]:
    return tuple(float(v) for v in values)
