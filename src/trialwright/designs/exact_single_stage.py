"""Exact single-stage designs for one proportion: the rule, its error rates, and what a given n can show.

Pure arithmetic on the binomial distribution. It never reads a trial's data and gives no advice about a running trial.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

RATE_STEP = 0.01  # alternatives are searched in whole per cent, as published tables print them


@dataclass(frozen=True, slots=True)
class SingleStageRule:
    """Call the treatment active when at least ``min_responses`` of ``n`` respond.

    Args:
        n: Participants, at least 1.
        null_rate: Response rate (0-1) that would not be worth pursuing.
        min_responses: Fewest responses that reject the null; ``n + 1`` where no result could.
        alpha_exact: Chance (0-1) of rejecting when the true rate is ``null_rate``.
    """

    n: int
    null_rate: float
    min_responses: int
    alpha_exact: float

    @property
    def can_reject(self) -> bool:
        """True when some possible result rejects the null."""
        return self.min_responses <= self.n


@dataclass(frozen=True, slots=True)
class Detectable:
    """What a single-stage rule could have shown: the smallest true rates with 80 % and 90 % power (None: none)."""

    rule: SingleStageRule
    rate_power_80: float | None
    rate_power_90: float | None


def chance_of_at_least(responses: int, n: int, rates: Floats | float) -> Floats:
    """Chance of ``responses`` or more out of ``n`` at each true rate (0-1); same shape as ``rates``."""
    given = np.asarray(rates, dtype=np.float64)
    if responses <= 0:
        return np.ones_like(given)
    if responses > n:
        return np.zeros_like(given)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1)))])  # of factorials; scipy takes long to import
    counts = np.arange(responses, n + 1)
    ways = logs[n] - logs[counts] - logs[n - counts]
    rate = given[..., None]
    with np.errstate(divide="ignore", invalid="ignore"):
        hit = np.where(counts > 0, counts * np.log(rate), 0.0)
        missed = np.where(counts < n, (n - counts) * np.log1p(-rate), 0.0)
    exponent = ways + hit + missed
    return np.asarray(np.minimum(np.exp(exponent).sum(axis=-1), 1.0), dtype=np.float64)


def exact_rule(n: int, null_rate: float, alpha: float = 0.05) -> SingleStageRule:
    """Find the fewest responses that reject ``null_rate`` at one-sided level ``alpha``, exactly.

    Args:
        n: Participants, at least 1.
        null_rate: Uninteresting response rate, strictly between 0 and 1.
        alpha: Largest allowed chance of a false positive, strictly between 0 and 1.

    Raises:
        ValueError: An argument is outside its range.

    Source: A'Hern RP, Stat Med 2001;20:859-66 (exact single-stage); checked against n25_single_stage_power.csv.

    >>> exact_rule(25, 0.20).min_responses
    9
    """
    if n < 1 or not 0 < null_rate < 1 or not 0 < alpha < 1:
        raise ValueError(f"n {n}, null rate {null_rate} or alpha {alpha} is out of range")
    tails = np.asarray([chance_of_at_least(responses, n, null_rate) for responses in range(n + 2)])
    fewest = int(np.argmax(tails <= alpha))
    return SingleStageRule(n, null_rate, fewest, float(tails[fewest]))


def power(rule: SingleStageRule, rates: Floats | float) -> Floats:
    """Chance that the rule rejects at each true rate (0-1); same shape as ``rates``."""
    return chance_of_at_least(rule.min_responses, rule.n, rates)


def smallest_detectable_rate(rule: SingleStageRule, wanted_power: float) -> float | None:
    """Smallest true rate above the null, in whole per cent, that the rule finds with ``wanted_power``; or None."""
    first = int(np.floor(rule.null_rate / RATE_STEP + 1e-9)) + 1
    rates = np.arange(first, 100, dtype=np.float64) * RATE_STEP
    enough = rates[power(rule, rates) >= wanted_power]
    return round(float(enough[0]), 2) if enough.size else None


def what_n_could_show(n: int, null_rates: tuple[float, ...], alpha: float = 0.05) -> tuple[Detectable, ...]:
    """For each null rate, the exact rule at ``n`` and the smallest true rates it finds with 80 % and 90 % power.

    Source: exact binomial; checked row by row against n25_single_stage_power.csv.
    """
    rules = (exact_rule(n, null_rate, alpha) for null_rate in null_rates)
    return tuple(Detectable(r, smallest_detectable_rate(r, 0.80), smallest_detectable_rate(r, 0.90)) for r in rules)
