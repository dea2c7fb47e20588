"""A response rate after Bayes: the posterior under a stated prior, and what it foretells. No prior is chosen here.

The chances that decide whether a trial goes on are those of :mod:`trialwright.designs.bayes_one_arm`, which this builds on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from trialwright.designs.bayes_one_arm import Beta, beta_binomial, posterior_chance

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Posterior:
    """What is believed of a response rate after the data; all of the shape of the counts.

    Args:
        mean: Expected rate, 0-1.
        median: Rate that is as likely exceeded as not.
        low: Lower bound of the equal-tailed credible interval.
        high: Upper bound.
        level: Chance (0-1) that the rate lies between the bounds.
        responders: What was seen.
        n: Of how many.
        prior: What was believed before.
    """

    mean: Floats
    median: Floats
    low: Floats
    high: Floats
    level: float
    responders: Floats
    n: Floats
    prior: Beta

    def above(self, rate: float) -> Floats:
        """Chance that the true rate is above ``rate`` (0-1)."""
        return posterior_chance(self.responders, self.n, rate, self.prior)

    def predicts(self, more: int) -> Floats:
        """Chance of 0 … ``more`` responders among ``more`` further participants; the last axis is their number."""
        return beta_binomial(more, self.prior.a + self.responders, self.prior.b + self.n - self.responders)


def response_posterior(responders: npt.ArrayLike, n: npt.ArrayLike, prior: Beta, level: float = 0.95) -> Posterior:
    """Update a beta prior by counts.

    Args:
        responders: Participants with the response, ``0 <= responders <= n``; any shape.
        n: Participants, 0 or more (none: the prior is left); a shape that broadcasts.
        prior: What was believed before; Beta(1, 1) is uniform, Beta(0.5, 0.5) Jeffreys'.
        level: Chance within the credible interval, strictly between 0 and 1.

    Raises:
        ValueError: A count or the level is out of range.

    Source: Gelman et al., Bayesian Data Analysis, 3rd ed., section 2.4. Under Jeffreys' prior the interval is that of
    :mod:`proportion` but for its end-point rule, which a test holds.

    >>> found = response_posterior(9, 25, Beta(1, 1))
    >>> round(float(found.mean), 4), round(float(found.above(0.2)), 4)
    (0.3704, 0.9768)
    """
    x, size = np.broadcast_arrays(np.asarray(responders, dtype=np.float64), np.asarray(n, dtype=np.float64))
    if not (np.all(x >= 0) and np.all(x <= size)):
        raise ValueError("responders must lie between 0 and n")
    if not 0 < level < 1:
        raise ValueError(f"level {level} must lie strictly between 0 and 1")
    a, b = prior.a + x, prior.b + size - x
    low, median, high = (np.asarray(betaincinv(a, b, share)) for share in ((1 - level) / 2, 0.5, (1 + level) / 2))
    return Posterior(np.asarray(a / (a + b)), median, low, high, level, x, size, prior)
