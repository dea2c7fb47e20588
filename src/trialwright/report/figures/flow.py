"""Participant flow in the manner of CONSORT: a spine of boxes, those who left beside it, and arms where it divides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.report.figures.canvas import Box, Canvas, Drawing, Frame, Paint, Type, wrap
from trialwright.report.figures.marks import arrow
from trialwright.report.figures.palette import INK, PAPER, QUIET

LINE, PADDING, GAP = 14.0, 8.0, 22.0
SIZE = 10.5


@dataclass(frozen=True, slots=True)
class FlowBox:
    """A box: a heading with its count, and reasons with theirs."""

    heading: str
    n: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FlowStep:
    """A box of the spine and, beside the arrow that leaves it, those who go no further."""

    box: FlowBox
    leaving: FlowBox | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """The spine from top to bottom, then one column per arm where the trial has several."""

    spine: tuple[FlowStep, ...]
    arms: tuple[tuple[FlowStep, ...], ...] = ()


def flow_diagram(frame: Frame, flow: Flow) -> Drawing:
    """Draw the flow; heights follow the words, and every count is printed as ``n = …``."""
    spine_height = sum(_step_height(step, _spine_widths(frame)) for step in flow.spine)
    arm_width = _arm_width(frame, max(len(flow.arms), 1))
    arms_height = max((_boxes_height(arm, arm_width) for arm in flow.arms), default=0.0)
    canvas = Canvas(frame, 8 + spine_height + (arms_height + GAP if flow.arms else 0) - GAP + 20)
    y = _column(canvas, flow.spine, _spine_box(frame), _spine_widths(frame)[1], bool(flow.arms))
    if flow.arms:
        _arms(canvas, flow, frame, y)
    return canvas.finish(_alt(flow))


def _spine_widths(frame: Frame) -> tuple[float, float]:
    return frame.width * 0.42, frame.width * 0.44


def _arm_width(frame: Frame, arms: int) -> float:
    return (frame.width - 8 - 12 * (arms - 1)) / arms


def _spine_box(frame: Frame) -> Box:
    return Box(4, 8, _spine_widths(frame)[0], 0)


def _column(canvas: Canvas, steps: Sequence[FlowStep], start: Box, aside_width: float, goes_on: bool) -> float:
    """Draw boxes from ``start`` downwards, with those leaving to the right.

    Returns:
        Height at which the last arrow ended.
    """
    y = start.y
    for index, step in enumerate(steps):
        box = Box(start.x, y, start.width, _height(step.box, start.width))
        _draw_box(canvas, step.box, box)
        centre = box.x + box.width / 2
        last = index == len(steps) - 1 and not goes_on
        if step.leaving is not None:
            height = _height(step.leaving, aside_width)
            below = box.bottom + GAP / 2
            aside = Box(box.right + canvas.width * 0.07, below, aside_width, height)
            y = below + height + GAP / 2
            arrow(canvas, (centre, below + height / 2), (aside.x, below + height / 2), Paint(stroke=INK))
            _draw_box(canvas, step.leaving, aside)
            if last:
                canvas.line((centre, box.bottom), (centre, below + height / 2), Paint(stroke=INK))
        else:
            y = box.bottom + GAP
        if not last:
            arrow(canvas, (centre, box.bottom), (centre, y), Paint(stroke=INK))
    return y


def _arms(canvas: Canvas, flow: Flow, frame: Frame, y: float) -> None:
    width = _arm_width(frame, len(flow.arms))
    spine = _spine_box(frame)
    centre = spine.x + spine.width / 2
    lefts = [4 + index * (width + 12) for index in range(len(flow.arms))]
    middles = [left + width / 2 for left in lefts]
    ends = [centre, *middles]
    canvas.line((min(ends), y), (max(ends), y), Paint(stroke=INK))
    for left, middle, arm in zip(lefts, middles, flow.arms, strict=True):
        top = y + GAP
        arrow(canvas, (middle, y), (middle, top), Paint(stroke=INK))
        boxes = _arm_boxes(arm)
        for index, one in enumerate(boxes):
            box = Box(left, top, width, _height(one, width))
            _draw_box(canvas, one, box)
            top = box.bottom + GAP
            if index < len(boxes) - 1:
                arrow(canvas, (middle, box.bottom), (middle, top), Paint(stroke=INK))


def _draw_box(canvas: Canvas, what: FlowBox, box: Box) -> None:
    canvas.rect(box, Paint(PAPER, INK))
    y = box.y + PADDING + 10
    for line in _heading_lines(what, box.width):
        canvas.text((box.x + PADDING, y), line, Type(SIZE, bold=True))
        y += LINE
    for reason, count in what.reasons:
        for index, line in enumerate(_reason_lines(reason, count, box.width)):
            canvas.text((box.x + PADDING + 8 + (6 if index else 0), y), line, Type(SIZE, colour=QUIET))
            y += LINE


def _heading_lines(what: FlowBox, width: float) -> list[str]:
    return wrap(f"{what.heading} (n\u00a0=\u00a0{what.n})", (width - 2 * PADDING) / 1.06, SIZE)


def _reason_lines(reason: str, count: int, width: float) -> list[str]:
    return wrap(f"{reason} (n\u00a0=\u00a0{count})", width - 2 * PADDING - 14, SIZE)


def _height(what: FlowBox, width: float) -> float:
    lines = len(_heading_lines(what, width)) + sum(len(_reason_lines(r, n, width)) for r, n in what.reasons)
    return 2 * PADDING + LINE * lines - 2


def _step_height(step: FlowStep, widths: tuple[float, float]) -> float:
    height = _height(step.box, widths[0]) + GAP
    return height + (_height(step.leaving, widths[1]) if step.leaving is not None else 0)


def _arm_boxes(arm: Sequence[FlowStep]) -> list[FlowBox]:
    return [box for step in arm for box in (step.box, step.leaving) if box is not None]


def _boxes_height(arm: Sequence[FlowStep], width: float) -> float:
    return sum(_height(box, width) + GAP for box in _arm_boxes(arm))


def _alt(flow: Flow) -> str:
    def told(box: FlowBox) -> str:
        reasons = ", ".join(f"{reason} {count}" for reason, count in box.reasons)
        return f"{box.heading} {box.n}" + (f" ({reasons})" if reasons else "")

    steps = [*flow.spine, *(step for arm in flow.arms for step in arm)]
    return "Participant flow: " + "; ".join(told(box) for box in _arm_boxes(steps)) + "."
