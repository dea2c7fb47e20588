"""Group-sequential boundaries for a normally distributed statistic, their power and expected information. No data are read.

A binary or a survival endpoint comes to this by its information: participants or events (``two_arm``, ``survival_size``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from trialwright.designs.errors import DesignError, require_count, require_levels, require_rate
from trialwright.designs.roots import root_between
from trialwright.designs.spending import Spending

Floats = npt.NDArray[np.float64]
Sided = Literal[1, 2]
_FAR = 8.5  # standard deviations beyond which nothing is integrated
_PER_STEP, _FEWEST, _MOST_NODES = 4.0, 48, 512  # nodes for each standard deviation of an increment, at least and at most
MOST_LOOKS = 20


@dataclass(frozen=True, slots=True)
class Boundaries:
    """Stop for efficacy when z is ``upper`` or more (or, two-sided, ``-upper`` or less), for futility at ``lower`` or less.

    Args:
        shares: Information at each look as a share of the greatest, rising to 1; shape ``(looks,)``.
        upper: Critical values of z; same shape.
        lower: Futility bounds of z, ``-inf`` where none; same shape. Two-sided designs have none.
        sided: 1 or 2.
        alpha: Type I error: one-sided, or of both sides together.
        spent: Type I error (of all sides) spent up to each look.
    """

    shares: Floats
    upper: Floats
    lower: Floats
    sided: Sided
    alpha: float
    spent: Floats


@dataclass(frozen=True, slots=True)
class Crossing:
    """Chance of first crossing at each look; the last axis is the looks. ``lower`` includes the lower efficacy bound."""

    upper: Floats
    lower: Floats


def equal_shares(looks: int) -> Floats:
    """Information shares of so many equally spaced looks (1 … 20)."""
    count = require_count("looks", looks, 1, MOST_LOOKS)
    return np.arange(1, count + 1) / count


def _shares(shares: Sequence[float] | Floats) -> Floats:
    found = np.asarray(shares, np.float64)
    rising = found.ndim == 1 and 1 <= found.size <= MOST_LOOKS and bool(np.all(np.diff(found) > 0))
    if not rising or found[0] <= 0 or abs(found[-1] - 1) > 1e-12:
        raise DesignError("looks", shares, f"1 to {MOST_LOOKS} shares of the information are wanted, rising to 1")
    return found


@lru_cache(maxsize=32)
def _gauss_legendre(count: int) -> tuple[Floats, Floats]:
    return np.polynomial.legendre.leggauss(count)


def _nodes(low: float, high: float, width: float) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights between two points, close enough for a normal increment of a given width."""
    count = int(np.clip(np.ceil((high - low) / width * _PER_STEP / 32) * 32, _FEWEST, _MOST_NODES))
    points, weights = _gauss_legendre(count)
    return low + (points + 1) / 2 * (high - low), weights * (high - low) / 2


class _Path:
    """The distribution of the score process among trials that go on, look after look (Armitage, McPherson and Rowe)."""

    def __init__(self, drift: float) -> None:
        self.drift, self.at = drift, 0.0
        self.points, self.mass = np.zeros(1), np.ones(1)

    def beyond(self, share: float, z: float) -> float:
        """Chance of going on until now and having a statistic above ``z`` at the next look."""
        from scipy.special import ndtr

        step = share - self.at
        return float(self.mass @ ndtr((self.points + self.drift * step - z * np.sqrt(share)) / np.sqrt(step)))

    def below(self, share: float, z: float) -> float:
        """The same below ``z``."""
        from scipy.special import ndtr

        step = share - self.at
        return float(self.mass @ ndtr((z * np.sqrt(share) - self.points - self.drift * step) / np.sqrt(step)))

    def go_on(self, share: float, low: float, high: float, next_step: float) -> None:
        """Move to the next look, keeping the trials between two values of z."""
        step, spread = share - self.at, np.sqrt(share)
        bottom, top = (
            max(low * spread, self.drift * share - _FAR * spread),
            min(high * spread, self.drift * share + _FAR * spread),
        )
        if top <= bottom:
            self.points, self.mass, self.at = np.zeros(1), np.zeros(1), share
            return
        points, weights = _nodes(bottom, top, min(np.sqrt(step), np.sqrt(next_step)))
        distance = (points[:, None] - self.points - self.drift * step) / np.sqrt(step)
        density = np.exp(-0.5 * distance * distance) / np.sqrt(2 * np.pi * step)
        self.points, self.mass, self.at = points, (density @ self.mass) * weights, share


def crossing(bounds: Boundaries, drift: npt.ArrayLike) -> Crossing:
    """Compute the chance of first crossing each bound at each look.

    Args:
        bounds: The boundaries.
        drift: Expected z at full information (effect times the square root of the greatest information); any shape.

    Returns:
        Chances of shape ``(..., looks)``. Futility bounds are taken as binding.

    Source: Armitage P, McPherson CK, Rowe BC, JRSS A 1969;132:235-44; Jennison & Turnbull 2000, chapter 19. By Gauss-Legendre
    quadrature; correct to about 1e-10.
    """
    drifts = np.asarray(drift, np.float64)
    rows = [_crossed(bounds, float(one)) for one in drifts.reshape(-1)]
    shape = (*drifts.shape, bounds.shares.size)
    return Crossing(np.array([one[0] for one in rows]).reshape(shape), np.array([one[1] for one in rows]).reshape(shape))


def _crossed(bounds: Boundaries, drift: float) -> tuple[list[float], list[float]]:
    path, upper, lower = _Path(drift), [], []
    low = -bounds.upper if bounds.sided == 2 else bounds.lower
    for index, share in enumerate(bounds.shares):
        upper.append(path.beyond(share, bounds.upper[index]))
        lower.append(path.below(share, low[index]) if np.isfinite(low[index]) else 0.0)
        if index + 1 < bounds.shares.size:
            path.go_on(share, low[index], bounds.upper[index], bounds.shares[index + 1] - share)
    return upper, lower


def wang_tsiatis(shares: Sequence[float] | Floats, alpha: float, delta: float, sided: Sided = 1) -> Boundaries:
    """Find the boundary ``c * share ** (delta - 1/2)`` that holds the type I error.

    Args:
        shares: Information shares of the looks, rising to 1.
        alpha: Type I error: one-sided, or of both sides together; strictly between 0 and 0.5.
        delta: 0 is O'Brien-Fleming, 0.5 is Pocock; 0 … 0.5.
        sided: 1 or 2.

    Raises:
        DesignError: An argument is out of range.

    Source: Wang SK, Tsiatis AA, Biometrics 1987;43:193-9; Pocock SJ, Biometrika 1977;64:191-9; O'Brien PC, Fleming TR, Biometrics
    1979;35:549-56. Checked against the constants of Jennison & Turnbull 2000 (group_sequential_JT.csv).

    >>> round(float(wang_tsiatis([0.5, 1.0], 0.05, 0.5, 2).upper[0]), 6)
    2.178272
    """
    t, level = _shares(shares), _alpha(alpha)
    if not 0 <= delta <= 0.5:
        raise DesignError("delta", delta, "0 (O'Brien-Fleming) to 0.5 (Pocock) is wanted")
    shape = t ** (delta - 0.5)

    def excess(constant: float) -> float:
        found = crossing(_bounds(t, constant * shape, sided, level), 0.0)
        return float(found.upper.sum() + found.lower.sum()) - level

    from scipy.special import ndtri

    least = float(-ndtri(level / sided))
    return _bounds(t, root_between(excess, least - 1e-9, least + 3.0) * shape, sided, level)


def pocock(shares: Sequence[float] | Floats, alpha: float, sided: Sided = 1) -> Boundaries:
    """Pocock's boundary: the same critical value at every look (``wang_tsiatis`` with delta 0.5)."""
    return wang_tsiatis(shares, alpha, 0.5, sided)


def obrien_fleming(shares: Sequence[float] | Floats, alpha: float, sided: Sided = 1) -> Boundaries:
    """O'Brien and Fleming's boundary: critical values that fall with the square root of the information (delta 0)."""
    return wang_tsiatis(shares, alpha, 0.0, sided)


def spending_boundaries(shares: Sequence[float] | Floats, alpha: float, spending: Spending, sided: Sided = 1) -> Boundaries:
    """Find the boundary that spends the type I error as a spending function says.

    Args:
        shares: Information shares of the looks, rising to 1.
        alpha: Type I error: one-sided, or of both sides together (each side spends half).
        spending: The spending function.
        sided: 1 or 2.

    Source: Lan & DeMets 1983; checked against rpact_alpha_spending.csv (rpact 4).
    """
    t, level = _shares(shares), _alpha(alpha)
    spent = spending.spent(t, level / sided)
    increments = np.diff(spent, prepend=0.0)
    path, upper = _Path(0.0), np.empty(t.size)
    for index, share in enumerate(t):
        upper[index] = _critical(path, float(share), float(increments[index]))
        if index + 1 < t.size:
            path.go_on(share, -upper[index] if sided == 2 else -np.inf, upper[index], t[index + 1] - share)
    return _bounds(t, upper, sided, level)


def _critical(path: _Path, share: float, wanted: float) -> float:
    """The z above which the next look has a chance of ``wanted``; a chance too small to matter is never crossed."""
    if path.beyond(share, _FAR) >= wanted:
        return float("inf")
    return root_between(lambda z: path.beyond(share, z) - wanted, -_FAR, _FAR)


def with_futility(bounds: Boundaries, lower: Sequence[float]) -> Boundaries:
    """Add binding futility bounds of z to a one-sided design, without changing the efficacy bounds.

    Raises:
        DesignError: The design is two-sided, or a bound is not below the efficacy bound of its look.
    """
    found = np.asarray(lower, np.float64)
    if bounds.sided != 1 or found.shape != bounds.upper.shape or np.any(found > bounds.upper):
        raise DesignError("lower", list(lower), "a one-sided design wants one bound for each look, none above its efficacy bound")
    return Boundaries(bounds.shares, bounds.upper, found, 1, bounds.alpha, bounds.spent)


def _alpha(alpha: float) -> float:
    if require_rate("alpha", alpha) >= 0.5:
        raise DesignError("alpha", alpha, "it must be below 0.5")
    return alpha


def _bounds(shares: Floats, upper: Floats, sided: Sided, alpha: float) -> Boundaries:
    never = np.full(shares.size, -np.inf)
    drafted = Boundaries(shares, upper, never, sided, alpha, never)
    found = _crossed(drafted, 0.0)
    spent = np.cumsum(np.asarray(found[0]) + np.asarray(found[1]))
    return Boundaries(shares, upper, never, sided, alpha, spent)


@dataclass(frozen=True, slots=True)
class Powered:
    """What a group-sequential design needs for its power.

    Args:
        drift: Expected z at full information under the alternative.
        inflation: Greatest information as a multiple of a fixed design's.
        stop: Chance of stopping at each look (for efficacy or futility) under the alternative; shape ``(looks,)``.
        expected_share: Expected information under the alternative, as a share of the greatest.
        expected_share_null: The same under the null.
    """

    drift: float
    inflation: float
    stop: Floats
    expected_share: float
    expected_share_null: float


def powered(bounds: Boundaries, power: float) -> Powered:
    """Find the drift at which a design has a power, and what it costs.

    Raises:
        DesignError: The power is not above alpha and below 1.

    Source: Jennison & Turnbull 2000, chapter 2 (inflation factors R(K, alpha, beta)).
    """
    from scipy.special import ndtri

    _, wanted = require_levels(bounds.alpha, power)
    fixed = float(-ndtri(bounds.alpha / bounds.sided) + ndtri(wanted))
    drift = root_between(lambda d: float(crossing(bounds, d).upper.sum()) - wanted, max(fixed - 1.0, 0.0), fixed + 4.0, 1e-12)
    stop, null = (_stops(bounds, value) for value in (drift, 0.0))
    return Powered(drift, (drift / fixed) ** 2, stop, float(stop @ bounds.shares), float(null @ bounds.shares))


def _stops(bounds: Boundaries, drift: float) -> Floats:
    found = crossing(bounds, drift)
    stop = found.upper + found.lower
    stop[-1] = 1 - stop[:-1].sum()
    return np.asarray(stop, np.float64)
