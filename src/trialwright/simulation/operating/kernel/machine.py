"""Small compiled functions that a generated kernel calls: comparison with the evaluator's ties, rounding, looking up quantiles.

Each mirrors one of ``protocol/expressions/kleene``, ``operating/parameters`` and ``operating/quantiles`` to the last bit; tests
hold them equal. Imports numba, so import it only where a kernel is wanted.
"""

from __future__ import annotations

from math import floor
from typing import Any

from numba import int64, njit, uint32, uint64

from trialwright.simulation.philox_compiled import fill_words

__all__ = ["at_least", "at_most", "fill_words", "less", "look_up", "more", "other", "quotient", "rounded", "same"]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def _slack(left: Any, right: Any) -> Any:
    size = min(max(abs(left), abs(right)), 1e300)
    return max(size * 1e-9, 1e-12)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def less(left: Any, right: Any) -> Any:
    """``left < right``, not within the slack."""
    return left < right - _slack(left, right)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def at_most(left: Any, right: Any) -> Any:
    """``left <= right``, or within the slack."""
    return left <= right + _slack(left, right)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def more(left: Any, right: Any) -> Any:
    """``left > right``, not within the slack."""
    return left > right + _slack(left, right)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def at_least(left: Any, right: Any) -> Any:
    """``left >= right``, or within the slack."""
    return left >= right - _slack(left, right)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def same(left: Any, right: Any) -> Any:
    """Equal within the slack."""
    room = _slack(left, right)
    return left <= right + room and left >= right - room


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def other(left: Any, right: Any) -> Any:
    """Not equal within the slack."""
    room = _slack(left, right)
    return not (left <= right + room and left >= right - room)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def rounded(value: Any, top: Any, bottom: Any, half: Any) -> Any:
    """Round an amount to steps of ``top / bottom``; ``half`` is 0.5 for the nearest and 0 for completed steps."""
    return floor(value * bottom / top + (half + 1e-9)) * top / bottom


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def quotient(left: Any, right: Any) -> Any:
    """``left / right``; 0 where there is none (it is then unknown)."""
    return left / right if right != 0.0 else 0.0


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def look_up(numbers: Any, at: Any, word: Any) -> Any:
    """The amount of a word in the table of quantiles that begins at ``at``."""
    place = at + int64(uint64(word) >> uint64(22))
    part = float(uint32(word) & uint32(0x3FFFFF)) * 2.384185791015625e-07
    low = numbers[place]
    return low + part * (numbers[place + 1] - low)
