"""Exact single-stage sizes for one proportion: the first that holds both error rates, and the one from which all do."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.designs.errors import DesignError, require_count, require_levels, require_rising_rates

Floats = npt.NDArray[np.float64]
MOST = 2_000


@dataclass(frozen=True, slots=True)
class SingleStage:
    """Call it active with ``cut`` or more responders of ``n``; ``alpha`` and ``power`` are exact."""

    n: int
    cut: int
    alpha: float
    power: float


@dataclass(frozen=True, slots=True)
class AHern:
    """``first`` is the smallest size that holds both error rates; from ``stable`` on every size does."""

    first: SingleStage
    stable: SingleStage


def ahern(p0: float, p1: float, alpha: float, power: float, n_max: int = MOST) -> AHern:
    """Find A'Hern's exact single-stage sizes.

    Args:
        p0: Response rate not worth pursuing, strictly between 0 and 1.
        p1: Response rate worth finding, above p0.
        alpha: Largest chance of a false positive.
        power: Smallest chance of finding p1.
        n_max: Greatest size considered, 1 … 2,000.

    Returns:
        The two designs. The exact power saw-tooths with n; it is followed to a third beyond the first size, and 60 more, where it
        no longer falls below what is wanted.

    Raises:
        DesignError: An argument is out of range, or no size up to ``n_max`` suffices.

    Source: A'Hern RP, Stat Med 2001;20:859-66; checked against ahern_single_stage.csv and rpact_one_sample_rates.csv.

    >>> ahern(0.2, 0.4, 0.05, 0.8).first.n
    35
    """
    low, high = require_rising_rates(p0, p1)
    level, wanted = require_levels(alpha, power)
    require_count("n_max", n_max, 1, MOST)
    first = stable = None
    for one in _sizes(low, high, level, n_max):
        if one.power >= wanted and one.cut <= one.n:
            first = first or one
            stable = stable or one
        else:
            stable = None
        if first is not None and stable is not None and one.n > max(first.n * 4 // 3 + 60, stable.n + 60):
            return AHern(first, stable)
    if first is None or stable is None:
        raise DesignError("n_max", n_max, f"no single stage for {p0} against {p1} with these error rates is so small")
    return AHern(first, stable)


def single_stage(p0: float, p1: float, alpha: float, n: int) -> SingleStage:
    """The exact design of a given size: the least cut that holds ``alpha``, and its power.

    Raises:
        DesignError: An argument is out of range.

    Source: exact binomial; checked against east65_one_sample_power.csv.
    """
    low, high = require_rising_rates(p0, p1)
    level, _ = require_levels(alpha, 1 - 1e-12)
    return next(one for one in _sizes(low, high, level, require_count("n", n, 1, MOST)) if one.n == n)


def _sizes(p0: float, p1: float, alpha: float, n_max: int) -> Iterator[SingleStage]:
    """Each size from 1 with its least cut; binomial masses grow from row to row without a logarithm."""
    null, other = np.ones(1), np.ones(1)
    for n in range(1, n_max + 1):
        null, other = _next(null, p0), _next(other, p1)
        beyond = np.cumsum(null[::-1])  # chance of n, n - 1, … or more
        cut = n + 1 - int(np.searchsorted(beyond, alpha, side="right"))
        size = float(beyond[n - cut]) if cut <= n else 0.0
        yield SingleStage(n, cut, size, min(math.fsum(other[cut:]), 1.0))


def _next(row: Floats, rate: float) -> Floats:
    grown = np.zeros(row.size + 1)
    grown[:-1] = (1 - rate) * row
    grown[1:] += rate * row
    return grown
