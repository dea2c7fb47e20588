"""Finds the single-arm design of least size that is monitored by predictive probability. Monitors nothing itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from trialwright.designs.bayes_one_arm import Beta, beta_binomial, posterior_chance
from trialwright.designs.binomial import tails
from trialwright.designs.chains import operating_characteristics
from trialwright.designs.errors import DesignError, require_chance, require_count, require_levels, require_rising_rates
from trialwright.designs.stopping import CountRule, count_rule

Floats = npt.NDArray[np.float64]
MOST = 200
LIMITS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
_TIE = 12


@dataclass(frozen=True, slots=True)
class PredictiveDesign:
    """Stop for futility when the predictive probability of success falls below ``limit``; succeed with ``cut`` or more of ``n``.

    Args:
        n: Greatest number of participants.
        cut: Fewest responders in the end that are a success.
        success_above: The range of posterior chances that the cut stands for: success where P(rate > p0) is above any of them.
        limit: Predictive probability below which the trial stops.
        rule: The counts at which it stops.
        alpha: Exact chance of success at p0.
        power: Exact chance of success at p1.
        en_p0: Expected participants at p0.
        pet_p0: Chance of stopping early at p0.
    """

    n: int
    cut: int
    success_above: tuple[float, float]
    limit: float
    rule: CountRule
    alpha: float
    power: float
    en_p0: float
    pet_p0: float


@dataclass(frozen=True, slots=True)
class PredictiveSearch:
    """What is searched: from which participant on every one is followed by a look, and which limits are tried."""

    first_look: int = 10
    prior: Beta = field(default_factory=Beta)
    limits: tuple[float, ...] = LIMITS

    def __post_init__(self) -> None:
        require_count("first_look", self.first_look, 1, MOST)
        for limit in self.limits:
            require_chance("limits", limit)
        if not self.limits:
            raise DesignError("limits", [], "one limit or more is wanted")


def predictive_design(
    p0: float, p1: float, alpha: float, power: float, search: PredictiveSearch | None = None, n_max: int = 100
) -> PredictiveDesign:
    """Find the least size at which some cut and limit hold both error rates; among those, the least expected size at p0.

    Args:
        p0: Response rate not worth pursuing, strictly between 0 and 1.
        p1: Response rate worth finding, above p0.
        alpha: Largest exact chance of a false positive.
        power: Smallest exact chance of finding p1.
        search: Looks, prior and limits.
        n_max: Greatest size considered, 2 … 200.

    Raises:
        DesignError: An argument is out of range, or nothing up to ``n_max`` suffices.

    Source: Lee JJ, Liu DD, Clin Trials 2008;5:93-106; their example (36 participants, limit 0.001) is checked in tests.
    """
    rates = require_rising_rates(p0, p1)
    level, wanted = require_levels(alpha, power)
    require_count("n_max", n_max, 2, MOST)
    tried = search or PredictiveSearch()
    for n in range(max(2, tried.first_look + 1), n_max + 1):
        found = [*_of_size(n, rates, (level, wanted), tried)]
        if found:
            return min(found, key=lambda one: (one.en_p0, one.limit))
    raise DesignError("n_max", n_max, f"no such design for {p0} against {p1} with these error rates is so small")


def _of_size(
    n: int, rates: tuple[float, float], errors: tuple[float, float], search: PredictiveSearch
) -> Iterator[PredictiveDesign]:
    """The designs of one size within the error rates; none where even the most powerful test of that size lacks power.

    A greater limit loses power, and a smaller cut gains error at every limit: where power is lacking no greater limit is tried,
    and where the greatest limit has too much error no smaller cut.
    """
    alpha, power = errors
    null, single = tails(n, rates[0]), tails(n, rates[1])
    if _most_power(null, single, alpha) < power:
        return
    for cut in np.flatnonzero(single[1 : n + 1] >= power)[::-1] + 1:
        tried = _Cut(n, int(cut), rates, search)
        if tried.design(max(search.limits)).alpha > alpha:
            return
        for limit in sorted(search.limits):
            one = tried.design(limit)
            if one.power < power:
                break
            if one.alpha <= alpha:
                yield one


def _most_power(null: Floats, other: Floats, alpha: float) -> float:
    """Power of the randomized test of level ``alpha`` (Neyman and Pearson)."""
    cut = int(np.argmax(null <= alpha))
    share = (alpha - null[cut]) / (null[cut - 1] - null[cut])
    return float(other[cut] + share * (other[cut - 1] - other[cut]))


class _Cut:
    """All looks of one size and one final cut: the predictive chances are computed once and compared with each limit."""

    def __init__(self, n: int, cut: int, rates: tuple[float, float], search: PredictiveSearch) -> None:
        self.n, self.cut, self.rates = n, cut, rates
        self.looks = range(search.first_look, n)
        self.chances = [self._success(look, search.prior) for look in self.looks]
        reached = posterior_chance(np.array([cut - 1, cut]), n, rates[0], search.prior)
        self.above = (float(reached[0]), float(reached[1]))

    def _success(self, look: int, prior: Beta) -> Floats:
        """Predictive chance of a success for each count at a look, rounded as it is compared."""
        x = np.arange(look + 1)
        more = beta_binomial(self.n - look, prior.a + x, prior.b + look - x)
        enough = np.arange(self.n - look + 1) >= (self.cut - x)[:, None]
        return np.asarray((more * enough).sum(axis=-1).round(_TIE), np.float64)

    def design(self, limit: float) -> PredictiveDesign:
        """The design that stops below a limit."""
        low = [int((chance < limit).sum()) - 1 for chance in self.chances]
        bounds = [(look, few if few >= 0 else None, None) for look, few in zip(self.looks, low, strict=True)]
        rule = count_rule("predictive probability", "responders", self.n, [*bounds, (self.n, self.cut - 1, self.cut)])
        found = operating_characteristics(rule, self.n, self.rates)
        alpha, power = (float(value) for value in found.stopped_high)
        early = float(found.low[0, :-1].sum())
        return PredictiveDesign(self.n, self.cut, self.above, limit, rule, alpha, power, float(found.expected[0]), early)
