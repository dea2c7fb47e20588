"""A distribution as bars: shares of trials or participants by a whole number, with values of note marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.report.figures.axes import Scale, Tick, plain, round_ticks, x_axis, y_axis
from trialwright.report.figures.canvas import Box, Canvas, Drawing, Frame, Paint, Type
from trialwright.report.figures.palette import BLUE, INK, PAPER, RULE
from trialwright.report.figures.type_widths import width_of

HEIGHT = 210.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A value and its share (0-1)."""

    value: float
    share: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A value from which something holds, and what: drawn as a dashed line with its words."""

    value: float
    words: str


def histogram(frame: Frame, bars: Sequence[Bar], label: str, marks: Sequence[Mark] = (), of: str = "trials") -> Drawing:
    """Draw the bars from left to right; a mark stands at the left edge of its value's bar."""
    top = 14.0 + 13 * len(marks)
    canvas = Canvas(frame, top + HEIGHT + 44)
    plot = Box(58, top, frame.width - 68, HEIGHT)
    low, high = min(bar.value for bar in bars) - 0.5, max(bar.value for bar in bars) + 0.5
    most = max(bar.share for bar in bars) * 1.06 or 1.0
    across, up = Scale(low, high, plot.x, plot.right), Scale(0, most, plot.bottom, plot.y)
    y_axis(
        canvas,
        up,
        plot,
        [Tick(one.value, plain(round(one.value * 100, 6))) for one in round_ticks(0, most, 5)],
        f"Per cent of {of}",
    )
    width = (plot.right - plot.x) / (high - low)
    for bar in bars:
        with canvas.tip(f"{bar.value:g}: {bar.share * 100:.2f} %"):
            y = up.px(bar.share)
            canvas.rect(Box(across.px(bar.value) - width * 0.44, y, width * 0.88, plot.bottom - y), Paint(BLUE, PAPER, 0.5))
    for index, mark in enumerate(marks):
        x, y = across.px(mark.value - 0.5), top - 6 - 13 * (len(marks) - 1 - index)
        canvas.line((x, y + 3), (x, plot.bottom), Paint(stroke=INK, dash="4 3"))
        right = x + 4 + width_of(mark.words, 10) > plot.right
        canvas.text((x - 4 if right else x + 4, y + 3), mark.words, Type(10, "end" if right else "start", halo=True))
    ticks = [one for one in round_ticks(low, high, 9) if one.value == int(one.value)]
    x_axis(canvas, across, plot.bottom, ticks, label)
    canvas.line((plot.x, plot.bottom), (plot.right, plot.bottom), Paint(stroke=RULE))
    peak = max(bars, key=lambda bar: bar.share)
    told = f"{label}: most often {peak.value:g} ({peak.share * 100:.1f} % of {of})"
    return canvas.finish(f"{told}. " + " ".join(f"From {mark.value:g} on: {mark.words}." for mark in marks))
