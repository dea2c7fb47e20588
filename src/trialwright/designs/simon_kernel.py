"""The search for Simon's designs as plain loops, to be compiled by numba. Checks no argument; ``simon`` does.

Tables are packed row after row: row ``n`` (``n + 1`` numbers) begins at ``n (n + 1) / 2``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
COLUMNS = 8  # n, n1, r1, r, en_p0, pet_p0, alpha, power


def _fill_row(masses: Any, tails: Any, n: int, rate: float) -> None:
    """Write the binomial masses of row ``n`` out of row ``n - 1``, and the chances of ``j`` or more."""
    at, before = n * (n + 1) // 2, (n - 1) * n // 2
    if n == 0:
        masses[0] = 1.0
    else:
        masses[at] = (1.0 - rate) * masses[before]
        masses[at + n] = rate * masses[before + n - 1]
        for x in range(1, n):
            masses[at + x] = (1.0 - rate) * masses[before + x] + rate * masses[before + x - 1]
    total = 0.0
    for x in range(n, -1, -1):
        total += masses[at + x]
        tails[at + x] = total


def _goes_on_and_rejects(masses: Any, tails: Any, n1: int, m: int, r1: int, r: int) -> float:
    """Chance of more than ``r1`` responses among ``n1`` and more than ``r`` among all ``n1 + m``."""
    first, second = n1 * (n1 + 1) // 2, m * (m + 1) // 2
    total = 0.0
    for x in range(n1, r1, -1):
        needed = r + 1 - x
        if needed <= 0:
            total += masses[first + x]
        elif needed <= m:
            total += masses[first + x] * tails[second + needed]
    return total


def _most_powerful(masses0: Any, tails0: Any, masses1: Any, tails1: Any, n: int, alpha: float) -> Any:
    """The smallest ``r`` of a single stage within ``alpha``, and the power of the randomized test of level ``alpha``."""
    at = n * (n + 1) // 2
    r = n
    while r > 0 and tails0[at + r] <= alpha:
        r -= 1
    size = tails0[at + r + 1] if r < n else 0.0
    reached = tails1[at + r + 1] if r < n else 0.0
    return r, reached + (alpha - size) / masses0[at + r] * masses1[at + r]


def _first_stage(masses0: Any, stops0: Any, masses1: Any, n: int, beta: float) -> int:
    """The greatest ``r1`` that loses at most ``beta`` at once (-1: none); writes the chances under p0 of ``j`` or fewer."""
    at = n * (n + 1) // 2
    stopped = 0.0
    for x in range(n + 1):
        stopped += masses0[at + x]
        stops0[at + x] = stopped
    lost, r1 = masses1[at], -1
    while lost <= beta and r1 < n - 1:
        r1 += 1
        lost += masses1[at + r1 + 1]
    return r1


def search(rates: Any, alpha: float, power: float, n_max: int, found: Any) -> int:
    """Write the designs on the way from minimax to optimal into ``found`` (rows of ``COLUMNS``); return how many.

    Each row has a greater ``n`` and a smaller expected size than the one before. What cannot improve is never computed: an ``n``
    at which even the most powerful test of level ``alpha`` lacks power (Neyman-Pearson), a first stage that alone costs too much.
    """
    p0, p1 = rates[0], rates[1]
    room = (n_max + 1) * (n_max + 2) // 2
    masses0, tails0, stops0, masses1, tails1 = np.empty(room), np.empty(room), np.empty(room), np.empty(room), np.empty(room)
    r1_most = np.empty(n_max + 1, np.int64)
    best, count = np.inf, 0
    for n in range(n_max + 1):
        _fill_row(masses0, tails0, n, p0)
        _fill_row(masses1, tails1, n, p1)
        r1_most[n] = _first_stage(masses0, stops0, masses1, n, 1.0 - power)
        r_most, reachable = _most_powerful(masses0, tails0, masses1, tails1, n, alpha)
        if n < 2 or reachable < power:
            continue
        improvable, improved = False, False
        for n1 in range(1, n):
            if n1 >= best:
                break
            m, r1, r = n - n1, r1_most[n1], r_most
            first = n1 * (n1 + 1) // 2
            if r1 < 0 or n1 + (1.0 - stops0[first + r1]) * m >= best:
                continue
            improvable = True
            r1, r = _feasible((masses0, tails0, stops0, masses1, tails1), (n1, m, r1, r), alpha, power, best)
            if r1 >= 0:
                size = _goes_on_and_rejects(masses0, tails0, n1, m, r1, r)
                reached = _goes_on_and_rejects(masses1, tails1, n1, m, r1, r)
                best, improved = n1 + (1.0 - stops0[first + r1]) * m, True
                found[count, 0], found[count, 1], found[count, 2], found[count, 3] = n, n1, r1, r
                found[count, 4], found[count, 5], found[count, 6], found[count, 7] = best, stops0[first + r1], size, reached
        if improved:
            count += 1
        if n > best and not improvable:
            break
    return count


def _feasible(tables: Any, stage: Any, alpha: float, power: float, best: float) -> Any:
    """The greatest ``r1`` (and its greatest ``r``) within both error rates and below ``best``; -1 where there is none.

    The first ``r`` is tried for every ``r1`` in one running sum; smaller ones only where power alone is lacking.
    """
    masses0, tails0, stops0, masses1, tails1 = tables
    n1, m, r1, r_most = stage
    first, second = n1 * (n1 + 1) // 2, m * (m + 1) // 2
    size = _goes_on_and_rejects(masses0, tails0, n1, m, r1, r_most)
    reached = _goes_on_and_rejects(masses1, tails1, n1, m, r1, r_most)
    while r1 >= 0 and n1 + (1.0 - stops0[first + r1]) * m < best:
        r, lower_size, lower_reached = r_most, size, reached
        while lower_reached < power and lower_size <= alpha and r > r1 + 1:
            r -= 1
            lower_size = _goes_on_and_rejects(masses0, tails0, n1, m, r1, r)
            lower_reached = _goes_on_and_rejects(masses1, tails1, n1, m, r1, r) if lower_size <= alpha else 0.0
        if lower_size <= alpha and lower_reached >= power:
            return r1, r
        needed = r_most + 1 - r1
        if needed <= 0:
            size += masses0[first + r1]
            reached += masses1[first + r1]
        elif needed <= m:
            size += masses0[first + r1] * tails0[second + needed]
            reached += masses1[first + r1] * tails1[second + needed]
        r1 -= 1
    return -1, 0


@lru_cache(maxsize=1)
def compiled_search() -> Callable[..., int]:
    """Return ``search`` compiled (kept on disk between runs), or raise ImportError where numba is not installed."""
    import numba

    keep: dict[str, Any] = {"cache": True, "nogil": True}
    scope = globals()
    for name in ("_fill_row", "_goes_on_and_rejects", "_most_powerful", "_first_stage", "_feasible"):
        scope[name] = numba.njit(**keep)(scope[name])
    return numba.njit(**keep)(search)  # type: ignore[no-any-return]  # numba ships no types
