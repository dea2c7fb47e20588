"""Where numbered dots and names stand on a small map, so that none covers another. Knows pixels, not places."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from trialwright.registry.places.outlines import Box

ROUNDS = 40
GAP_PX = 1.5
GOLDEN_ANGLE = math.pi * (3 - math.sqrt(5))


@dataclass(frozen=True, slots=True)
class Dot:
    """A rounded box around its middle (x, y), all in pixels."""

    x: float
    y: float
    half_width_px: float
    half_height_px: float

    @property
    def box(self) -> Box:
        """The area that the dot covers."""
        return Box(
            self.x - self.half_width_px,
            self.x + self.half_width_px,
            self.y - self.half_height_px,
            self.y + self.half_height_px,
        )


def spread(dots: Sequence[Dot], frame: Box) -> list[Dot]:
    """The dots moved apart until none covers another, as near to where they were as simple pushing allows.

    Deterministic: the same dots in the same order come out the same. A frame too full keeps some overlap.
    """
    xs, ys = [dot.x for dot in dots], [dot.y for dot in dots]
    for _ in range(ROUNDS):
        if not _push_apart(xs, ys, dots):
            break
        for at, dot in enumerate(dots):
            xs[at] = min(max(xs[at], frame.left + dot.half_width_px), frame.right - dot.half_width_px)
            ys[at] = min(max(ys[at], frame.low + dot.half_height_px), frame.high - dot.half_height_px)
    return [Dot(x, y, dot.half_width_px, dot.half_height_px) for x, y, dot in zip(xs, ys, dots, strict=True)]


def _push_apart(xs: list[float], ys: list[float], dots: Sequence[Dot]) -> bool:
    """Push each overlapping pair apart by half of the overlap; False where there was none."""
    moved = False
    for one in range(len(dots)):
        for two in range(one + 1, len(dots)):
            dx, dy = xs[two] - xs[one], ys[two] - ys[one]
            over_x = dots[one].half_width_px + dots[two].half_width_px + GAP_PX - abs(dx)
            over_y = dots[one].half_height_px + dots[two].half_height_px + GAP_PX - abs(dy)
            if over_x <= 0.01 or over_y <= 0.01:
                continue
            moved = True
            if dx == 0 and dy == 0:
                dx, dy = math.cos(two * GOLDEN_ANGLE), math.sin(two * GOLDEN_ANGLE)
            if over_x < over_y:
                shift = math.copysign(over_x / 2, dx)
                xs[one], xs[two] = xs[one] - shift, xs[two] + shift
            else:
                shift = math.copysign(over_y / 2, dy)
                ys[one], ys[two] = ys[one] - shift, ys[two] + shift
    return moved


def first_free(candidates: Iterable[Dot], taken: Sequence[Box], frame: Box) -> Dot | None:
    """The first candidate that lies in the frame and covers nothing taken; None where there is none."""
    for candidate in candidates:
        if frame.holds(candidate.box) and not any(candidate.box.meets(box) for box in taken):
            return candidate
    return None


def beside(dot: Dot, half_width_px: float, half_height_px: float) -> tuple[Dot, ...]:
    """Where a name may stand beside a dot, best first: right, left, below, above."""
    away_x = dot.half_width_px + half_width_px + 3.5
    away_y = dot.half_height_px + half_height_px + 1
    spots = ((away_x, 0.0), (-away_x, 0.0), (0.0, away_y), (0.0, -away_y))
    return tuple(Dot(dot.x + dx, dot.y + dy, half_width_px, half_height_px) for dx, dy in spots)
