"""One root of a continuous function between two points, without a library that takes long to import."""

from __future__ import annotations

from collections.abc import Callable

_STEPS = 200


def root_between(function: Callable[[float], float], low: float, high: float, tolerance: float = 1e-13) -> float:
    """Return where a function crosses zero, by the Illinois variant of false position.

    Args:
        function: Continuous, with values of opposite sign (or zero) at the two ends.
        low: One end.
        high: The other, above it.
        tolerance: Width at which the bracket is narrow enough, relative to its place.

    Raises:
        ValueError: The values at the ends have the same sign.

    Source: Dowell M, Jarratt P, BIT 1971;11:168-74.

    >>> round(root_between(lambda x: x * x - 2, 0, 2), 12)
    1.414213562373
    """
    left, right = function(low), function(high)
    if left == 0 or right == 0:
        return low if left == 0 else high
    if (left > 0) == (right > 0):
        raise ValueError(f"no sign change between {low} and {high}: {left} and {right}")
    side = 0
    for _ in range(_STEPS):
        middle = (low * right - high * left) / (right - left)
        if not low < middle < high:
            middle = (low + high) / 2
        value = function(middle)
        if value == 0 or high - low <= tolerance * max(1.0, abs(middle)):
            return middle
        if (value > 0) == (right > 0):
            high, right = middle, value
            left = left / 2 if side == -1 else left
            side = -1
        else:
            low, left = middle, value
            right = right / 2 if side == 1 else right
            side = 1
    return (low + high) / 2
