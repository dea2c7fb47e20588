"""Tests of equal survival in groups: the log-rank test, its weighted relatives, stratified or not.

One formula serves the analysis (arrays over event times) and the simulation (one event time after another, compiled).
A test says nothing of how large a difference is; :mod:`cox` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar, assert_never

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from trialwright.analysis.estimators.risk import Floats, RiskTable, codes_of, count_by_time, observations

STRETCH = 32_768  # times taken at once, so that what is computed of them stays in the processor's cache

Number = TypeVar("Number", float, Floats)


class Weighting(StrEnum):
    """How much each event time counts."""

    LOG_RANK = "log-rank"  # all alike
    GEHAN = "Gehan-Wilcoxon"  # by the number at risk
    TARONE_WARE = "Tarone-Ware"  # by its square root
    PETO = "Peto-Prentice"  # by the survival just before, as R's survdiff with rho = 1


@dataclass(frozen=True, slots=True)
class LogRank:
    """A log-rank test over groups.

    Args:
        chi_square: The statistic; 0 where no event could tell groups apart.
        degrees: Groups in which an event was expected, less one.
        p_value: 1 where no event could tell groups apart.
        observed: Events per group, weighted; shape ``(groups,)``.
        expected: Expected under equal survival, weighted; same shape.
        variance: Of ``observed - expected``; shape ``(groups, groups)``.
        groups: The groups' labels, in the order of the arrays.
    """

    chi_square: float
    degrees: int
    p_value: float
    observed: Floats
    expected: Floats
    variance: Floats
    groups: tuple[object, ...] = ()

    @property
    def z(self) -> float:
        """For two groups: signed root of the statistic, above 0 where the second had fewer events than expected."""
        spread = float(self.variance[1, 1])
        return float(self.expected[1] - self.observed[1]) / spread**0.5 if spread > 0 else 0.0


def log_rank_step(events: Number, at_risk: Number, at_risk_own: Number) -> tuple[Number, Number]:
    """Expected events of one group at one time, and their variance, given both margins (hypergeometric).

    Numbers or arrays; compiled as it stands inside a simulation. Where one person is at risk the variance is 0.
    """
    share = at_risk_own / at_risk
    spread = events * (at_risk - events) / (at_risk - 1 + (at_risk < 2))
    return events * share, spread * share * (1 - share)


def log_rank(
    times: npt.ArrayLike,
    happened: npt.ArrayLike,
    groups: npt.ArrayLike,
    weighting: Weighting = Weighting.LOG_RANK,
    strata: npt.ArrayLike | None = None,
) -> LogRank:
    """Test equal survival of two or more groups.

    Args:
        times: As in :func:`kaplan_meier`.
        happened: As in :func:`kaplan_meier`.
        groups: A label per participant, at least two different ones; groups come out in sorted order.
        weighting: How much each event time counts.
        strata: A label per participant; groups are compared within strata. Nothing: all in one.

    Returns:
        Chi-square with the hypergeometric variance (exact for ties); p is 1 where no event could tell groups apart.

    Raises:
        ValueError: Fewer than two groups, shapes disagree, or a time is negative, missing or infinite.

    Source: Mantel 1966; Peto & Peto 1972; Gehan 1965; Tarone & Ware 1977; Prentice 1978. Checked against R survival's
    survdiff (lung by sex 10.3267, rho = 1, strata) and lifelines.
    """
    t, kind = observations(times, happened)
    names, group = codes_of(groups, t.shape)
    if len(names) < 2:
        raise ValueError("a label per participant and at least two groups are needed")
    if strata is None:
        return log_rank_of((count_by_time(t, kind, group, names),), weighting)
    layers, stratum = codes_of(strata, t.shape)
    members = [stratum == one for one in range(len(layers))]
    tables = tuple(count_by_time(t[own], kind[own], group[own], names) for own in members)
    return log_rank_of(tables, weighting)


def log_rank_of(tables: tuple[RiskTable, ...], weighting: Weighting = Weighting.LOG_RANK) -> LogRank:
    """The test from tables that are there already, one for each stratum, all with the same groups in the same order."""
    observed, expected, variance = _sums(tables[0], weighting)
    for table in tables[1:]:
        more = _sums(table, weighting)
        observed, expected, variance = observed + more[0], expected + more[1], variance + more[2]
    chi_square, degrees = _quadratic(observed - expected, variance, expected > 0)
    p_value = float(chdtrc(degrees, chi_square)) if degrees else 1.0
    return LogRank(chi_square, degrees, p_value, observed, expected, variance, tables[0].groups)


def _sums(table: RiskTable, weighting: Weighting) -> tuple[Floats, Floats, Floats]:
    """Observed, expected and their variance over the times of one stratum, a stretch of them at a time."""
    if table.alone and len(table.groups) == 2 and weighting is Weighting.LOG_RANK:
        return _sums_without_ties(table)
    count = len(table.groups)
    observed, expected, variance = np.zeros(count), np.zeros(count), np.zeros((count, count))
    left, free = table.leaving.sum(axis=1, dtype=np.int64)[:, None], 1.0
    weight: Floats | None = None
    for start in range(0, len(table.times), STRETCH):
        part = slice(start, start + STRETCH)
        leaving, events = table.leaving[:, part].astype(np.int64), table.events[:, part].astype(np.float64)
        at_risk = leaving + left
        at_risk -= leaving.cumsum(axis=1, out=leaving)
        left = left - leaving[:, -1:]
        risk, total = at_risk.astype(np.float64), events.sum(axis=0)
        everyone = risk.sum(axis=0)
        if weighting is not Weighting.LOG_RANK:
            weight, free = _weights(total, everyone, weighting, free)
            events = events * weight
        more = _stretch((total, everyone), risk, weight)
        observed, expected, variance = observed + events.sum(axis=1), expected + more[0], variance + more[1]
    return observed, expected, variance


def _sums_without_ties(table: RiskTable) -> tuple[Floats, Floats, Floats]:
    """The same for two groups where each time is that of one participant: :func:`log_rank_step` with 1 event or none."""
    observed = table.events.sum(axis=1, dtype=np.int64).astype(np.float64)
    seen, left, everyone = np.asarray(table.events.any(axis=0)), int(table.leaving[0].sum(dtype=np.int64)), len(table.times)
    expected = spread = 0.0
    for start in range(0, everyone, STRETCH):
        part = slice(start, start + STRETCH)
        leaving = table.leaving[0, part].astype(np.int64)
        at_risk = leaving + left
        at_risk -= leaving.cumsum(out=leaving)
        left -= int(leaving[-1])
        share = at_risk / np.arange(everyone - start, everyone - start - len(leaving), -1.0)
        gone = share * seen[part]
        expected += float(gone.sum())
        spread += float(gone @ (1 - share))
    return observed, np.array([expected, observed.sum() - expected]), np.array([[spread, -spread], [-spread, spread]])


def _stretch(margins: tuple[Floats, Floats], risk: Floats, weight: Floats | None) -> tuple[Floats, Floats]:
    """Expected events per group over some times, and their covariance, from all events and all at risk there."""
    total, everyone = margins
    two = len(risk) == 2
    expected, spread = log_rank_step(total, everyone, risk[0] if two else risk)
    squared = None
    if weight is not None:
        squared = weight**2
        expected, spread, total = expected * weight, spread * squared, total * weight
    if two:
        gone, one = float(np.add.reduce(expected)), float(np.add.reduce(spread))
        return np.array([gone, float(np.add.reduce(total)) - gone]), np.array([[one, -one], [-one, one]])
    events = margins[0] if squared is None else margins[0] * squared
    share = risk / everyone
    together = -((events * (everyone - margins[0]) / np.maximum(everyone - 1, 1) * share) @ share.T)
    np.fill_diagonal(together, spread.sum(axis=1))
    return expected.sum(axis=1), together


def _weights(events: Floats, at_risk: Floats, weighting: Weighting, free: float) -> tuple[Floats, float]:
    """The weight of each time, and the survival after the last, given that before the first."""
    match weighting:
        case Weighting.LOG_RANK:
            return np.ones_like(at_risk), free
        case Weighting.GEHAN:
            return at_risk, free
        case Weighting.TARONE_WARE:
            return np.sqrt(at_risk), free
        case Weighting.PETO:
            after = free * np.cumprod(1 - events / at_risk, dtype=np.float64)
            return np.concatenate([[free], after[:-1]]), float(after[-1])
        case _:
            assert_never(weighting)


def _quadratic(gap: Floats, variance: Floats, there: npt.NDArray[np.bool_]) -> tuple[float, int]:
    """The statistic and its degrees of freedom; groups in which no event was expected say nothing."""
    use = there.nonzero()[0][1:]
    if not use.size or not variance[use, use].any():
        return 0.0, 0
    if len(use) == 1:
        one = use[0]
        return float(gap[one] ** 2 / variance[one, one]), 1
    block = variance[np.ix_(use, use)]
    rank = int(np.linalg.matrix_rank(block, hermitian=True))
    return float(gap[use] @ np.linalg.pinv(block, hermitian=True) @ gap[use]), rank
