"""Bayesian monitoring of one arm: posterior and predictive probabilities, and the rules of counts that they come to.

All is a conjugate beta-binomial; nothing is sampled. It says what the counts mean and decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from trialwright.designs.errors import DesignError, require_chance, require_count, require_positive, require_rate
from trialwright.designs.stopping import Counted, CountRule, count_rule

Floats = npt.NDArray[np.float64]
Side = Literal["above", "below"]
_NODES = 128  # of a Gauss-Legendre rule; with a standard of a, b >= 1 within 1e-9 of adaptive quadrature
_OUTSIDE = 1e-14  # chance of the standard's distribution that the rule leaves out on each side
MOST_PREDICTED, MOST_MONITORED = 500, 2_000  # participants for whom a look after each is worked out in about two seconds
_TIE = 12  # decimals to which chances are rounded before they are compared


@dataclass(frozen=True, slots=True)
class Beta:
    """A beta distribution of a rate: ``a`` prior responders, ``b`` prior others, both above 0. Beta(1, 1) is uniform."""

    a: float = 1.0
    b: float = 1.0

    def __post_init__(self) -> None:
        require_positive("prior a", self.a)
        require_positive("prior b", self.b)

    @property
    def mean(self) -> float:
        """The expected rate."""
        return self.a / (self.a + self.b)


def posterior_chance(responders: npt.ArrayLike, n: npt.ArrayLike, rate: float, prior: Beta, side: Side = "above") -> Floats:
    """Posterior chance that the true rate is above (or below) a rate.

    Args:
        responders: Responders so far, 0 … n; shapes broadcast.
        n: Participants assessed.
        rate: The rate compared with, 0-1.
        prior: What was believed before.
        side: ``above`` or ``below``.

    Source: conjugate analysis; Thall PF, Simon R, Biometrics 1994;50:337-49 with a known standard.

    >>> round(float(posterior_chance(9, 25, 0.2, Beta(1, 1))), 4)
    0.9768
    """
    from scipy.special import betainc, betaincc

    x, size = np.asarray(responders, np.float64), np.asarray(n, np.float64)
    function = betaincc if side == "above" else betainc
    return np.asarray(function(prior.a + x, prior.b + size - x, rate), np.float64)


def posterior_chance_over_standard(
    responders: npt.ArrayLike, n: npt.ArrayLike, prior: Beta, standard: Beta, delta: float = 0.0
) -> Floats:
    """Posterior chance that the rate exceeds that of a standard treatment, itself uncertain, by more than ``delta``.

    Args:
        responders: Responders so far; shapes broadcast.
        n: Participants assessed.
        prior: What was believed of the experimental treatment.
        standard: What is known of the standard one.
        delta: Wanted advantage, -1 … 1.

    Source: Thall PF, Simon R, Biometrics 1994;50:337-49, section 2; integrated over the standard's distribution.
    """
    from scipy.special import betaincc, betaincinv, xlog1py, xlogy

    x, size = np.asarray(responders, np.float64)[..., None], np.asarray(n, np.float64)[..., None]
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    bottom, top = (float(betaincinv(standard.a, standard.b, level)) for level in (_OUTSIDE, 1 - _OUTSIDE))
    rates = bottom + (nodes + 1) / 2 * (top - bottom)
    logs = xlogy(standard.a - 1, rates) + xlog1py(standard.b - 1, -rates)
    weights = weights * np.exp(logs - logs.max())
    beyond = betaincc(prior.a + x, prior.b + size - x, np.clip(rates + delta, 0.0, 1.0))
    return np.asarray((beyond * weights).sum(axis=-1) / weights.sum(), np.float64)


def beta_binomial(m: int, a: npt.ArrayLike, b: npt.ArrayLike) -> Floats:
    """Predictive chance of 0 … ``m`` responders among ``m`` more; shape ``(..., m + 1)`` for a, b of shape ``(...)``."""
    from scipy.special import betaln, gammaln

    first, second = np.asarray(a, np.float64)[..., None], np.asarray(b, np.float64)[..., None]
    y = np.arange(m + 1)
    ways = gammaln(m + 1) - gammaln(y + 1) - gammaln(m - y + 1)
    return np.asarray(np.exp(ways + betaln(first + y, second + m - y) - betaln(first, second)), np.float64)


@dataclass(frozen=True, slots=True)
class Success:
    """What the final analysis must show: the posterior chance of a rate above ``rate`` is greater than ``above``."""

    rate: float
    above: float

    def __post_init__(self) -> None:
        require_rate("success rate", self.rate)
        require_chance("success chance", self.above)

    def fewest(self, n: int, prior: Beta) -> int:
        """The fewest responders of ``n`` that are a success; ``n + 1`` where none are."""
        reached = posterior_chance(np.arange(n + 1), n, self.rate, prior).round(_TIE) > self.above
        return int(np.argmax(reached)) if reached.any() else n + 1


def predictive_probability(responders: npt.ArrayLike, n: int, n_max: int, success: Success, prior: Beta) -> Floats:
    """Predictive probability that the trial, continued to ``n_max``, will be a success.

    Args:
        responders: Responders so far, 0 … n; any shape.
        n: Participants assessed so far, 0 … n_max.
        n_max: Participants planned.
        success: The final analysis.
        prior: Beta prior of the rate.

    Returns:
        Chances, of the shape of ``responders``; they rise with it.

    Raises:
        DesignError: A number is out of range.

    Source: Lee JJ, Liu DD, Clin Trials 2008;5:93-106; their worked example is checked in tests.
    """
    require_count("n_max", n_max)
    require_count("n", n, 0, n_max)
    x = np.asarray(responders, np.int64)
    if np.any((x < 0) | (x > n)):
        raise DesignError("responders", responders, f"from 0 to {n} of {n} respond")
    needed = success.fewest(n_max, prior) - x
    chances = beta_binomial(n_max - n, prior.a + x, prior.b + n - x)
    enough = np.arange(n_max - n + 1) >= needed[..., None]
    return np.asarray(np.minimum((chances * enough).sum(axis=-1), 1.0), np.float64)


@dataclass(frozen=True, slots=True)
class Limits:
    """Stop for futility when the probability is below ``low``, for efficacy when it is above ``high``; None: never."""

    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        for name, value in (("low", self.low), ("high", self.high)):
            if value is not None:
                require_chance(name, value)
        if self.low is not None and self.high is not None and self.low > self.high:
            raise DesignError("low", self.low, f"it may not be above high ({self.high})")


def predictive_rule(looks: Sequence[int], n_max: int, success: Success, limits: Limits, prior: Beta) -> CountRule:
    """The counts at which predictive-probability monitoring stops.

    Args:
        looks: Participants assessed at each look, 1 … n_max; at ``n_max`` the final analysis itself decides.
        n_max: Participants planned, 1 … 500.
        success: The final analysis.
        limits: When to stop before; both comparisons are strict, after rounding to 1e-12.
        prior: Beta prior of the rate.

    Source: Lee JJ, Liu DD, Clin Trials 2008;5:93-106.
    """
    require_count("n_max", n_max, 1, MOST_PREDICTED)
    bounds: list[tuple[int, int | None, int | None]] = []
    for n in looks:
        if n == n_max:
            fewest = success.fewest(n_max, prior)
            bounds.append((n, fewest - 1, fewest))
            continue
        chances = predictive_probability(np.arange(n + 1), n, n_max, success, prior)
        bounds.append((n, *_bounds(chances, limits)))
    return count_rule("predictive probability", "responders", n_max, bounds)


def posterior_rule(
    looks: Sequence[int], n_max: int, rate: float, limits: Limits, prior: Beta, counts: Counted = "responders"
) -> CountRule:
    """The counts at which the posterior chance of a rate above ``rate`` leaves the limits.

    For harms ``limits.high`` alone is usual: stop when P(rate > 0.3) > 0.9.

    Args:
        looks: Participants assessed at each look, 1 … n_max.
        n_max: Participants planned, 1 … 2,000.
        rate: The rate compared with, strictly between 0 and 1.
        limits: When to stop; both comparisons are strict, after rounding to 1e-12.
        prior: Beta prior of the rate.
        counts: What is counted.

    Source: Thall PF, Simon R, Biometrics 1994;50:337-49.
    """
    require_rate("rate", rate)
    most = require_count("n_max", n_max, 1, MOST_MONITORED)
    bounds = [
        (require_count("looks", n, 1, most), *_bounds(posterior_chance(np.arange(n + 1), n, rate, prior), limits)) for n in looks
    ]
    return count_rule("posterior", counts, n_max, bounds)


def _bounds(chances: Floats, limits: Limits) -> tuple[int | None, int | None]:
    """The greatest count below the lower limit and the least above the upper one; chances rise with the count."""
    chances = chances.round(_TIE)
    few = int((chances < limits.low).sum()) - 1 if limits.low is not None else -1
    many = int((chances <= limits.high).sum()) if limits.high is not None else chances.size
    return (few if few >= 0 else None), (many if many < chances.size else None)
