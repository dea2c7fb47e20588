"""Exact tests of association in small contingency tables: Fisher for 2×2, Freeman-Halton for r×c.

Conditional on both margins. No correction for several tests is made here, and none is claimed.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import comb, prod

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

Table = tuple[tuple[int, ...], ...]

MOST_IN_TABLE = 10_000
TIED = 1e-7  # relative, as R takes tables for equally likely
MOST_PARTIAL_TABLES = 2_000_000  # above this the exact sum is refused rather than left to run for minutes


@dataclass(frozen=True, slots=True)
class Association:
    """A 2×2 association: exact two-sided p, conditional odds ratio (None: not estimable), exact interval."""

    p_value: float
    odds_ratio: float | None
    low: float
    high: float
    level: float


def fisher_2x2(table: npt.ArrayLike, level: float = 0.95) -> Association:
    """Test a 2×2 table exactly and estimate its odds ratio by conditional maximum likelihood.

    Args:
        table: Counts ``[[a with, a without], [b with, b without]]``; an odds ratio above 1 favours the first row.
        level: Coverage of the interval, strictly between 0 and 1.

    Returns:
        Two-sided p by the sum of tables no more likely than the observed one. Where a margin is empty nothing can be
        learnt: p is 1, the odds ratio None and the interval 0 to infinity.

    Raises:
        ValueError: Not a 2×2 table of counts.

    Source: Fisher 1935; Cornfield 1956 for the interval; scipy.stats.fisher_exact and contingency.odds_ratio. Checked
    against fisher_subtype_25.csv (R's fisher.test), p and interval to 1e-4 relative.
    """
    from scipy import stats  # costs half a second, so only when asked

    counts = _counts(table)
    if counts.shape != (2, 2):
        raise ValueError(f"a 2×2 table is wanted, not {counts.shape}")
    p_value = float(stats.fisher_exact(counts).pvalue)
    if 0 in counts.sum(axis=0) or 0 in counts.sum(axis=1):
        return Association(p_value, None, 0.0, float("inf"), level)
    found = stats.contingency.odds_ratio(counts, kind="conditional")
    bounds = found.confidence_interval(confidence_level=level)
    return Association(p_value, float(found.statistic), float(bounds.low), float(bounds.high), level)


@lru_cache(maxsize=1024)
def fisher_p_values(n_a: int, n_b: int) -> npt.NDArray[np.float64]:
    """Two-sided p of :func:`fisher_2x2` for all counts at once: row ``a`` of ``n_a``, column ``b`` of ``n_b``.

    A simulation looks a trial's p up by its two counts; shape ``(n_a + 1, n_b + 1)``, not to be written to. Kept for the next who
    asks.

    Raises:
        ValueError: A group is below 0 or the two are more than 10,000 together.

    Source: Fisher 1935; tables that are no more likely than the observed one but for 1 in 10 million count as ties, as in R.
    """
    if n_a < 0 or n_b < 0 or n_a + n_b > MOST_IN_TABLE:
        raise ValueError(f"groups of 0 or more, at most {MOST_IN_TABLE} together, are needed")
    ways_a, ways_b = _log_ways(n_a), _log_ways(n_b)
    found = np.empty((n_a + 1, n_b + 1))
    for total in range(n_a + n_b + 1):
        first = np.arange(max(0, total - n_b), min(n_a, total) + 1)
        chance = np.exp(ways_a[first] + ways_b[total - first] - (ways_a[first] + ways_b[total - first]).max())
        order = np.argsort(chance)
        sums = np.cumsum(chance[order])
        reached = np.searchsorted(chance[order], chance * (1 + TIED), side="right")
        found[first, total - first] = np.minimum(sums[reached - 1] / sums[-1], 1.0)
    found.setflags(write=False)
    return found


def _log_ways(n: int) -> npt.NDArray[np.float64]:
    """Logarithm of the ways to choose 0 … n of n."""
    chosen = np.arange(n + 1)
    return np.asarray(gammaln(n + 1) - gammaln(chosen + 1) - gammaln(n - chosen + 1), dtype=np.float64)


def freeman_halton(table: npt.ArrayLike) -> float:
    """Exact two-sided p of an r×c table: the chance of all tables, with these margins, no more likely than this one.

    Computed in whole numbers, so ties between tables are exact and nothing is simulated.

    Args:
        table: Counts, at least one row and one column; empty rows and columns do not matter.

    Raises:
        ValueError: Not a table of counts, or too large to sum exactly (about two million partial tables).

    Source: Freeman GH & Halton JH, Biometrika 1951;38:141-9; equals Fisher's test for 2×2.

    >>> round(freeman_halton([[3, 1], [2, 2], [4, 0]]), 6)
    0.709091
    """
    counts = _counts(table)
    rows = tuple(int(r) for r in counts.sum(axis=1))
    columns = tuple(int(c) for c in counts.sum(axis=0))
    observed = prod(_ways(tuple(int(v) for v in counts[:, j])) for j in range(len(columns)))
    weights = {rows: {1: 1}}  # rows still to place → weight of the columns placed so far → how many tables have it
    for size in columns:
        weights = _place_column(weights, size)
    finished = weights[tuple(0 for _ in rows)]
    total = sum(weight * count for weight, count in finished.items())
    extreme = sum(weight * count for weight, count in finished.items() if weight <= observed)
    return float(Fraction(extreme, total))


def _place_column(weights: dict[tuple[int, ...], dict[int, int]], size: int) -> dict[tuple[int, ...], dict[int, int]]:
    placed: dict[tuple[int, ...], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    states = 0
    for left, partial in weights.items():
        for column in _columns(left, size):
            ways = _ways(column)
            target = placed[tuple(a - b for a, b in zip(left, column, strict=True))]
            for weight, count in partial.items():
                target[weight * ways] += count
            states += len(partial)
            if states > MOST_PARTIAL_TABLES:
                raise ValueError("the table is too large for an exact sum over all tables with its margins")
    return placed


def _columns(left: tuple[int, ...], size: int) -> list[tuple[int, ...]]:
    """All ways to draw ``size`` from rows with ``left`` remaining."""
    if len(left) == 1:
        return [(size,)] if size <= left[0] else []
    rest = sum(left[1:])
    return [
        (first, *others)
        for first in range(max(0, size - rest), min(left[0], size) + 1)
        for others in _columns(left[1:], size - first)
    ]


def _ways(column: tuple[int, ...]) -> int:
    """Multinomial coefficient: proportional to the chance of a column among tables with the same margins."""
    ways, left = 1, sum(column)
    for count in column:
        ways *= comb(left, count)
        left -= count
    return ways


def _counts(table: npt.ArrayLike) -> npt.NDArray[np.int64]:
    counts = np.asarray(table)
    if counts.ndim != 2 or counts.size == 0 or not np.issubdtype(counts.dtype, np.integer) or np.any(counts < 0):
        raise ValueError("a contingency table holds whole numbers, 0 or more, in rows and columns")
    return counts.astype(np.int64)
