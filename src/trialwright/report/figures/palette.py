"""Colours that colour-blind readers tell apart, and the marks and hatches that say the same without colour.

Categories use Okabe & Ito (2008); an ordered quantity (dose) uses one hue from light to dark.
"""

from __future__ import annotations

from enum import StrEnum

INK = "#1a1a1a"
QUIET = "#595959"  # 7:1 on white
RULE = "#8c8c8c"
GRID = "#e3e3e3"
PAPER = "#ffffff"

ORANGE, SKY, GREEN, YELLOW = "#e69f00", "#56b4e9", "#009e73", "#f0e442"
BLUE, VERMILION, PURPLE = "#0072b2", "#d55e00", "#cc79a7"

CATEGORIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION, YELLOW, INK)
_DOSE_RAMP = ("#cfe1f2", "#93c4df", "#4a97c9", "#1764ab", "#08306b")


class Hatch(StrEnum):
    """Line patterns that survive a grey printer."""

    RISING = "rising"
    FALLING = "falling"
    DOTS = "dots"


class Shape(StrEnum):
    """Marks told apart by outline alone."""

    STAR = "star"
    TRIANGLE = "triangle"
    SQUARE = "square"
    DIAMOND = "diamond"
    CROSS = "cross"
    CIRCLE = "circle"


def category(index: int) -> str:
    """The colour of the ``index``-th category (0-based); they repeat after eight, so a figure should not have more."""
    return CATEGORIES[index % len(CATEGORIES)]


def dose_colours(levels: int) -> tuple[str, ...]:
    """One colour per dose level from low (light) to high (dark)."""
    last = len(_DOSE_RAMP) - 1
    if levels <= 1:
        return (_DOSE_RAMP[2],)[:levels]
    return tuple(_DOSE_RAMP[round(i * last / (levels - 1))] for i in range(levels))


def ink_on(colour: str) -> str:
    """Black or white, whichever reads better on ``colour`` (WCAG relative luminance)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return INK if luminance > 0.22 else PAPER
