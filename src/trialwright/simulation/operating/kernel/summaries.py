"""Compiled summaries of a variable's values so far: values and their days in order of date, from some place on.

Imports numba, so import it only where a kernel is wanted. ``chart`` computes the same over arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["from_baseline", "of_first", "of_last", "of_max", "of_mean", "of_median", "of_min", "of_nadir", "turn", "window_start"]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def window_start(days: Any, count: Any, today: Any, window: Any, values: Any) -> Any:
    """The place of the first value within the window; of the last so many, and none while there are fewer."""
    start = 0
    while start < count and today - days[start] > window:
        start += 1
    if values > 0:
        start = count - values if count - start >= values else count
    return start


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def from_baseline(days: Any, count: Any) -> Any:
    """The place of the baseline value: the last up to the first dose; the first of all where there is none."""
    start = 0
    while start + 1 < count and days[start + 1] <= 0:
        start += 1
    return start if start < count and days[start] <= 0 else 0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def of_max(values: Any, count: Any, start: Any) -> Any:
    """The largest."""
    found = -np.inf
    for place in range(start, count):
        found = max(found, values[place])
    return found


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def of_min(values: Any, count: Any, start: Any) -> Any:
    """The smallest."""
    found = np.inf
    for place in range(start, count):
        found = min(found, values[place])
    return found


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def of_nadir(values: Any, count: Any, start: Any) -> Any:
    """The smallest."""
    return of_min(values, count, start)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def of_first(values: Any, count: Any, start: Any) -> Any:
    """The first."""
    return values[start] if start < count else 0.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def of_last(values: Any, count: Any, start: Any) -> Any:
    """The last."""
    return values[count - 1] if start < count else 0.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def of_mean(values: Any, count: Any, start: Any) -> Any:
    """The mean."""
    total = 0.0
    for place in range(start, count):
        total += values[place]
    return total / max(count - start, 1)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def of_median(values: Any, count: Any, start: Any) -> Any:
    """The median."""
    number = count - start
    if number <= 0:
        return 0.0
    ordered = np.sort(values[start:count])
    return (ordered[(number - 1) // 2] + ordered[number // 2]) / 2


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def turn(value: Any) -> Any:
    """The sign of a number."""
    return 1.0 if value > 0.0 else -1.0 if value < 0.0 else 0.0
