"""Every participant's values over time in one panel (a spaghetti plot), with the median of those measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from trialwright.report.figures.axes import Scale, log_ticks, week_ticks, x_axis, y_axis
from trialwright.report.figures.canvas import Box, Canvas, Drawing, Frame, Paint, Type
from trialwright.report.figures.marks import LegendEntry, legend, legend_height
from trialwright.report.figures.palette import INK, PAPER, VERMILION, category
from trialwright.report.figures.timeline import Threshold

HEIGHT = 260.0
DASHES = ("", "6 2", "2 2", "8 2 2 2")


@dataclass(frozen=True, slots=True)
class Trajectory:
    """One participant's values by study day (values above 0), and the group that colours the line."""

    participant: str
    group: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class TrajectoryAxis:
    """What is measured with its unit, levels to draw across, days at which medians are taken, and the last day shown."""

    variable: str
    until_day: int
    thresholds: tuple[Threshold, ...] = ()
    median_days: tuple[int, ...] = ()
    median_window_days: int = 3


def trajectories(frame: Frame, lines: Sequence[Trajectory], axis: TrajectoryAxis) -> Drawing:
    """Draw one thin line per participant on a log axis, groups by colour and dash, and the median as a thick line."""
    groups = sorted({line.group for line in lines})
    entries = [_entry(group, index) for index, group in enumerate(groups) if group]
    if axis.median_days:
        entries.append(LegendEntry("Median", lambda c, at: c.line(at, (at[0] + 20, at[1]), _MEDIAN), 20))
    plot = Box(58, legend_height(frame.width - 74, entries) + 8, frame.width - 74, HEIGHT)
    canvas = Canvas(frame, plot.bottom + 46)
    legend(canvas, (plot.x, 0), plot.width, entries)
    values = [v for line in lines for _, v in line.points if v > 0] + [t.value for t in axis.thresholds]
    low, high = (min(values) / 1.4, max(values) * 1.4) if values else (0.1, 10.0)
    scale = Scale(low, high, plot.bottom, plot.y, log=True)
    first_day = min((d for line in lines for d, _ in line.points), default=0)
    days = Scale(min(first_day, 0), axis.until_day, plot.x, plot.right)
    y_axis(canvas, scale, plot, log_ticks(low, high), axis.variable)
    for line in lines:
        index = groups.index(line.group)
        points = [(days.px(d), scale.px(max(v, low))) for d, v in sorted(line.points) if d <= axis.until_day]
        with canvas.tip(f"{line.participant}, {line.group}" if line.group else line.participant):
            paint = Paint(stroke=category(index), width=1.1, dash=DASHES[index % len(DASHES)], opacity=0.75)
            canvas.path(points, paint)
    for threshold in axis.thresholds:
        y = scale.px(threshold.value)
        canvas.line((plot.x, y), (plot.right, y), Paint(stroke=VERMILION, dash="5 3"))
        canvas.text((plot.right, y - 4), threshold.words, Type(9.5, "end", colour="#9a3a00", halo=True))
    middles = _medians(lines, axis)
    path = [(days.px(day), scale.px(value)) for day, value in middles]
    canvas.path(path, Paint(stroke=PAPER, width=4.5))
    canvas.path(path, _MEDIAN)
    x_axis(canvas, days, plot.bottom, week_ticks(axis.until_day), "Weeks from first dose")
    told = "; ".join(f"day {day}: {value:.2g}" for day, value in middles)
    return canvas.finish(f"{axis.variable} of {len(lines)} participants over time; medians: {told or 'not drawn'}.")


_MEDIAN = Paint(stroke=INK, width=2.6)


def _medians(lines: Sequence[Trajectory], axis: TrajectoryAxis) -> list[tuple[int, float]]:
    """Median per nominal day over the nearest value of each participant within the window; at least three of them."""
    found = []
    for day in axis.median_days:
        near = [
            min(close)[1]
            for line in lines
            if (close := [(abs(d - day), v) for d, v in line.points if abs(d - day) <= axis.median_window_days])
        ]
        if len(near) >= 3:
            found.append((day, median(near)))
    return found


def _entry(group: str, index: int) -> LegendEntry:
    paint = Paint(stroke=category(index), width=1.6, dash=DASHES[index % len(DASHES)])
    return LegendEntry(group, lambda canvas, at: canvas.line(at, (at[0] + 20, at[1]), paint), 20)
