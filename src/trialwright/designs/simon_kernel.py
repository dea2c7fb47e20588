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
_SLIP = 1e-12  # of a bound: what it rules out is ruled out whatever the rounding
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
    r1_most, r1_least = np.empty(n_max + 1, np.int64), np.zeros(n_max + 1, np.int64)
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
            m, first = n - n1, n1 * (n1 + 1) // 2
            while r1_least[n1] <= r1_most[n1] and n1 + (1.0 - stops0[first + r1_least[n1]]) * m >= best:
                r1_least[n1] += 1
            if r1_least[n1] > r1_most[n1]:
                continue
            improvable = True
            stage = (n1, m, r1_least[n1], r1_most[n1])
            r1, r = _feasible((masses0, tails0, masses1, tails1), stage, r_most, alpha, power)
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


def _lost(masses: Any, tails: Any, stage: Any, r: int, enough: float) -> float:
    """Chance of stopping after the first stage where both would have rejected; summed until it is more than ``enough``."""
    n1, m, r1 = stage
    first, second = n1 * (n1 + 1) // 2, m * (m + 1) // 2
    total = 0.0
    for x in range(min(r1, r), max(r - m, -1), -1):
        total += masses[first + x] * tails[second + r + 1 - x]
        if total > enough:
            break
    return total


def _feasible(tables: Any, stage: Any, r_most: int, alpha: float, power: float) -> Any:
    """The greatest ``r1`` from least to most (and its greatest ``r``) within both error rates; -1 where there is none.

    A smaller ``r`` has more type I error, and least of it at the greatest ``r1``: where that is too much, no smaller ``r`` is
    tried. What the first stage may lose of a single stage's power bounds the least ``r1`` before anything is summed in full.
    """
    masses0, tails0, masses1, tails1 = tables
    n1, m, r1_least, r1_most = stage
    first, second, whole = n1 * (n1 + 1) // 2, m * (m + 1) // 2, (n1 + m) * (n1 + m + 1) // 2
    best_r1, best_r = -1, -1
    for r in range(r_most, r1_least, -1):
        above0 = tails0[whole + r + 1] if r < n1 + m else 0.0
        excess = above0 - alpha
        if excess > _SLIP and _lost(masses0, tails0, (n1, m, r1_most), r, excess) < excess - _SLIP:
            break
        slack = (tails1[whole + r + 1] if r < n1 + m else 0.0) - power + _SLIP
        least = max(r1_least, best_r1 + 1)
        if least > r1_most:
            break
        if slack < 0 or _lost(masses1, tails1, (n1, m, least), r, slack) > slack:
            continue
        r1 = min(r1_most, r - 1)
        size = _goes_on_and_rejects(masses0, tails0, n1, m, r1, r)
        reached = _goes_on_and_rejects(masses1, tails1, n1, m, r1, r)
        while r1 >= least and size <= alpha and reached < power:
            needed = r + 1 - r1
            if needed <= m:
                size += masses0[first + r1] * tails0[second + needed]
                reached += masses1[first + r1] * tails1[second + needed]
            r1 -= 1
        if r1 >= least and size <= alpha and reached >= power:
            best_r1, best_r = r1, r
    return best_r1, best_r


@lru_cache(maxsize=1)
def compiled_search() -> Callable[..., int]:
    """Return ``search`` compiled (kept on disk between runs, where that can be written), or raise ImportError without numba.

    A compiled function calls what its module's names stand for when it is compiled, so the parts are compiled in their place.
    """
    scope = globals()
    for name in ("_fill_row", "_goes_on_and_rejects", "_most_powerful", "_first_stage", "_lost", "_feasible"):
        scope[name] = _compiled(scope[name])
    return _compiled(search)


def _compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    import numba

    try:
        return numba.njit(cache=True, nogil=True)(function)  # type: ignore[no-any-return]  # numba ships no types
    except RuntimeError:  # no folder to keep the compiled code in
        return numba.njit(nogil=True)(function)  # type: ignore[no-any-return]  # as above
