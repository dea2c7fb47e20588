"""Estimates from counts of simulated trials, each with its Monte Carlo standard error. Simulates nothing, counts nothing.

A Monte Carlo error says how far a number lies from what infinitely many simulated trials would give. It says nothing of how far
the assumptions lie from the truth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Z95 = 1.959963984540054  # standard normal quantile of 0.975


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number, its Monte Carlo standard error, and the 95 % interval of that error; not a number where nothing was counted."""

    value: float
    error: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quantile:
    """The least value that a share of what was counted does not exceed, and the 95 % interval of its Monte Carlo error."""

    share: float
    value: float
    low: float
    high: float


NOTHING = Estimate(math.nan, math.nan, math.nan, math.nan)


def of_share(hits: int, total: int) -> Estimate:
    """Estimate a probability from independent trials or participants.

    The error is the binomial one; the interval is Wilson's, so that it says something where nothing (or everything) was hit.

    >>> of_share(50, 100).error
    0.05
    """
    if total == 0:
        return NOTHING
    p = hits / total
    centre = (p + Z95**2 / (2 * total)) / (1 + Z95**2 / total)
    half = Z95 / (1 + Z95**2 / total) * math.sqrt(p * (1 - p) / total + Z95**2 / (4 * total**2))
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == total else min(1.0, centre + half)
    return Estimate(p, math.sqrt(p * (1 - p) / total), low, high)


def of_mean(histogram: Counts, values: NDArray[np.float64] | None = None) -> Estimate:
    """Estimate a mean from a histogram; ``values`` belong to its bins (0, 1, 2 … where they are left out)."""
    total = int(histogram.sum())
    if total == 0:
        return NOTHING
    mean, deviation = moments(histogram, values)
    error = deviation / math.sqrt(total)
    return Estimate(mean, error, mean - Z95 * error, mean + Z95 * error)


def moments(histogram: Counts, values: NDArray[np.float64] | None = None) -> tuple[float, float]:
    """Return mean and standard deviation of a histogram with at least one count."""
    at = np.arange(histogram.size, dtype=np.float64) if values is None else values
    weights = histogram / histogram.sum()
    mean = float(weights @ at)
    return mean, math.sqrt(max(0.0, float(weights @ (at - mean) ** 2)))


def of_batches(values: NDArray[np.float64], whole: float) -> Estimate:
    """Estimate anything from its value in equal batches of trials, around its value in all of them.

    It is how a difference between scenarios is estimated that were played with the same random numbers: what both share
    falls out of each batch's difference, and so out of the error.

    Args:
        values: Of each batch; shape ``(batches,)``; a batch in which it has no value is left out.
        whole: The value over all trials.
    """
    known = values[np.isfinite(values)]
    if known.size < 2:
        return Estimate(whole, math.nan, math.nan, math.nan)
    error = float(known.std(ddof=1)) / math.sqrt(known.size)
    return Estimate(whole, error, whole - Z95 * error, whole + Z95 * error)


def quantile(histogram: Counts, share: float, values: NDArray[np.float64] | None = None) -> Quantile:
    """Find a quantile of a histogram, with the order statistics that hold it with at least 95 %.

    The number of counts at or below the true quantile is binomial; its 0.025 and 0.975 points (normal approximation, one
    rank wider on either side) are the ranks of the bounds.
    """
    total = int(histogram.sum())
    if total == 0:
        return Quantile(share, math.nan, math.nan, math.nan)
    at = np.arange(histogram.size, dtype=np.float64) if values is None else values
    cumulated = np.cumsum(histogram)
    spread = Z95 * math.sqrt(total * share * (1 - share))
    ranks = (total * share, total * share - spread - 1, total * share + spread + 1)
    found = [float(at[int(np.searchsorted(cumulated, min(max(math.ceil(rank - 1e-9), 1), total)))]) for rank in ranks]
    return Quantile(share, *found)
