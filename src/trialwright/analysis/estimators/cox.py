"""Cox's proportional-hazards regression: coefficients, their errors, and the three tests. Efron's or Breslow's ties.

It never answers where the likelihood has no maximum (no event, separation, a covariate that does not vary): that is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr, ndtri

from trialwright.analysis.estimators.risk import (
    SMALL,
    Floats,
    Ints,
    Kinds,
    NotEstimable,
    Times,
    codes_of,
    observations,
    whole_days,
)

ITERATIONS = 60
SETTLED = 1e-12  # squared Newton step in standard errors: the seventh digit of an error's worth is left
STILL_MOVING = 1e-3  # a last step as large as this share of a covariate's range: the likelihood has no maximum
FLAT = 1e-10  # share of a covariate's information that the others leave it, below which it is made up of them
STEEPEST = 300.0  # a sum of coefficients beyond this might overflow once it is squared


class Ties(StrEnum):
    """How events at one time share the risk set."""

    EFRON = "Efron"
    BRESLOW = "Breslow"


@dataclass(frozen=True, slots=True)
class ChiSquareTest:
    """A chi-square statistic, its degrees of freedom and p (0-1)."""

    statistic: float
    degrees: int
    p_value: float


@dataclass(frozen=True)
class CoxFit:
    """A fitted model.

    Args:
        coefficients: Log hazard ratios per unit of each covariate; shape ``(covariates,)``.
        covariance: Inverse of the observed information; shape ``(covariates, covariates)``.
        log_likelihood_null: Partial log-likelihood at 0.
        log_likelihood: At the coefficients.
        score: Score test; for one binary covariate and no ties it is the log-rank test.
        events: Events that the fit rests on.
        iterations: Newton steps that were taken.
        level: Coverage of the bounds, 0-1.
    """

    coefficients: Floats
    covariance: Floats
    log_likelihood_null: float
    log_likelihood: float
    score: ChiSquareTest
    events: int
    iterations: int
    level: float

    @property
    def standard_error(self) -> Floats:
        """Of each coefficient."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def hazard_ratio(self) -> Floats:
        """Per unit of each covariate."""
        return np.exp(self.coefficients)

    @property
    def low(self) -> Floats:
        """Lower bound of each hazard ratio (Wald, log scale)."""
        return np.exp(self.coefficients - _z(self.level) * self.standard_error)

    @property
    def high(self) -> Floats:
        """Upper bound of each hazard ratio (Wald, log scale)."""
        return np.exp(self.coefficients + _z(self.level) * self.standard_error)

    @property
    def p_values(self) -> Floats:
        """Two-sided Wald p of each coefficient."""
        return np.asarray(2 * ndtr(-np.abs(self.coefficients / self.standard_error)), dtype=np.float64)

    @property
    def wald(self) -> ChiSquareTest:
        """All coefficients at once."""
        return _test(float(self.coefficients @ np.linalg.solve(self.covariance, self.coefficients)), len(self.coefficients))

    @property
    def likelihood_ratio(self) -> ChiSquareTest:
        """All coefficients at once."""
        return _test(2 * (self.log_likelihood - self.log_likelihood_null), len(self.coefficients))


def cox(
    times: npt.ArrayLike,
    happened: npt.ArrayLike,
    covariates: npt.ArrayLike,
    ties: Ties = Ties.EFRON,
    strata: npt.ArrayLike | None = None,
    level: float = 0.95,
) -> CoxFit:
    """Fit by Newton's method with halved steps.

    Args:
        times: Time to event or censoring, at least 0; shape ``(participants,)``.
        happened: True where the event happened; same shape.
        covariates: Finite numbers, shape ``(participants,)`` or ``(participants, covariates)``.
        ties: How events at one time share the risk set.
        strata: A label per participant: each stratum has a baseline hazard of its own. Nothing: one.
        level: Coverage of the bounds, strictly between 0 and 1.

    Raises:
        ValueError: Shapes disagree, a time is negative or missing, a covariate is missing or infinite.
        NotEstimable: No event, a covariate that does not vary or that others make up, or a likelihood that grows without
            end (as where one group has no event).

    Source: Cox, JRSS B 1972;34:187; Efron, JASA 1977;72:557; Breslow 1974. Checked against R survival's coxph (lung),
    statsmodels' PHReg and lifelines.
    """
    t, kind = observations(times, happened)
    x = np.asarray(covariates, dtype=np.float64)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or len(x) != len(t) or not x.shape[1]:
        raise ValueError("a row of covariates per participant, with at least one covariate, is needed")
    if not np.isfinite(x).all():
        raise ValueError("a covariate is missing or infinite")
    if not 0 < level < 1:
        raise ValueError(f"level {level} must lie strictly between 0 and 1")
    scale = _range(x)
    return _fit(_laid_out(t, kind, (x - x.mean(axis=0)) / scale, ties, strata), scale, level)


@dataclass(frozen=True, slots=True)
class _Stratum:
    """Rows in the order of time, cut where each event time begins."""

    x: Floats  # (covariates, rows), each within its range; only rows that are at risk at some event time
    starts: Ints  # (event times,): first row at risk
    lengths: Ints  # (event times,): rows from there to the next
    tied_x: Floats  # (covariates, events)
    total: Floats  # (covariates,): over the events
    tied_rows: Ints  # (events,): rows with an event
    firsts: Ints  # (event times,): first event at each time
    counts: Ints  # (event times,): events at each time
    shared: Floats | None  # (events,): share of the tied events' own weight that leaves the risk set; None: nothing leaves


@dataclass(frozen=True, slots=True)
class _Slope:
    """Log-likelihood at a point, its gradient and its information."""

    value: float
    gradient: Floats
    information: Floats


def _range(x: Floats) -> Floats:
    width = x.max(axis=0) - x.min(axis=0)
    if not width.all():
        raise NotEstimable(f"covariate {int(np.argmin(width)) + 1} is the same for everybody")
    return np.asarray(width, dtype=np.float64)


def _laid_out(t: Times, kind: Kinds, scaled: Floats, ties: Ties, strata: npt.ArrayLike | None) -> list[_Stratum]:
    happened = kind.astype(np.bool_)
    if strata is None:
        members: list[slice | npt.NDArray[np.bool_]] = [slice(None)]
    else:
        labels, stratum = codes_of(strata, t.shape)
        members = [stratum == one for one in range(len(labels))]
    found = [_stratum(t[own], happened[own], scaled[own], ties) for own in members if happened[own].any()]
    if not found:
        raise NotEstimable("nobody had the event")
    return found


def _stratum(t: Times, happened: npt.NDArray[np.bool_], x: Floats, ties: Ties) -> _Stratum:
    order = _order(t)
    t, rows = t[order], np.flatnonzero(happened[order])
    when = t[rows]
    firsts = np.flatnonzero(np.concatenate([[True], when[1:] != when[:-1]]))
    counts = _gaps(firsts, len(rows))
    starts = np.searchsorted(t, when[firsts], side="left")
    first = starts[0]
    sorted_x = np.ascontiguousarray(x[order[first:]].T)
    rows, starts = rows - first, starts - first
    shared = None
    if ties is Ties.EFRON and counts.max() > 1:
        shared = (np.arange(len(rows)) - np.repeat(firsts, counts)) / np.repeat(counts, counts)
    lengths = _gaps(starts, sorted_x.shape[1])
    tied_x = sorted_x[:, rows]
    return _Stratum(sorted_x, starts, lengths, tied_x, tied_x.sum(axis=1), rows, firsts, counts, shared)


def _gaps(starts: Ints, end: int) -> Ints:
    """From each start to the next, and from the last to the end."""
    found = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=found[:-1])
    found[-1] = end - starts[-1]
    return found


def _order(t: Times) -> npt.NDArray[np.intp]:
    days = whole_days(t, np.iinfo(np.uint16).max) if len(t) > SMALL else None
    return np.argsort(t) if days is None else np.argsort(days.astype(np.uint16), kind="stable")  # small integers: by counting


def _fit(strata: list[_Stratum], scale: Floats, level: float) -> CoxFit:
    beta = np.zeros(len(scale))
    null = here = _slope(strata, beta)
    _refuse_flat(null.information)
    for iteration in range(ITERATIONS):  # noqa: B007 - said of the fit
        step = _solved(here)
        settled = float(step @ here.gradient) <= SETTLED
        if settled and np.abs(step).max() > STILL_MOVING:
            raise _no_maximum(step)
        if settled:
            break
        beta, here = _climbed(strata, beta, here, step)
    else:
        raise NotEstimable(f"the fit did not settle in {ITERATIONS} steps")
    covariance = np.linalg.inv(here.information) / np.outer(scale, scale)
    score = _test(float(null.gradient @ _solved(null)), len(scale))
    events = sum(len(one.tied_rows) for one in strata)
    return CoxFit(beta / scale, covariance, null.value, here.value, score, events, iteration, level)


def _climbed(strata: list[_Stratum], beta: Floats, here: _Slope, step: Floats) -> tuple[Floats, _Slope]:
    """A point no lower than this one in the direction of the step, which is halved until there is one."""
    share = 1.0
    while share > 1e-6:
        there = beta + share * step
        found = _slope(strata, there)
        if found.value >= here.value - 1e-12 * abs(here.value):
            return there, found
        share /= 2
    raise _no_maximum(step)


def _solved(here: _Slope) -> Floats:
    """Newton's step."""
    if len(here.gradient) == 1 and here.information[0, 0] > 0:
        return np.asarray(
            here.gradient / here.information[0], dtype=np.float64
        )  # the usual two arms; a solver would cost ten times as much
    try:
        return np.asarray(np.linalg.solve(here.information, here.gradient), dtype=np.float64)
    except np.linalg.LinAlgError:
        raise _no_maximum(here.gradient) from None


def _no_maximum(step: Floats) -> NotEstimable:
    which = int(np.argmax(np.abs(step))) + 1
    return NotEstimable(f"the likelihood grows without end in covariate {which}: events are completely separated by it")


def _refuse_flat(information: Floats) -> None:
    diagonal = np.diag(information)
    if diagonal.min() <= 0:
        raise NotEstimable(f"covariate {int(np.argmin(diagonal)) + 1} does not vary among those at risk")
    root = np.sqrt(diagonal)
    if len(root) > 1 and np.linalg.eigvalsh(information / np.outer(root, root))[0] < FLAT:
        raise NotEstimable("a covariate is made up of the others")


def _slope(strata: list[_Stratum], beta: Floats) -> _Slope:
    found = _slope_within(strata[0], beta)
    for one in strata[1:]:
        more = _slope_within(one, beta)
        found = _Slope(found.value + more.value, found.gradient + more.gradient, found.information + more.information)
    return found


def _slope_within(one: _Stratum, beta: Floats) -> _Slope:
    """Sums over the event times; with many tied events each time is one term, since only powers of the shares differ.

    Covariates lie within 1 of 0, so that no exponent is beyond the sum of the coefficients, and none overflows.
    """
    if float(np.abs(beta).sum()) > STEEPEST:
        return _Slope(-np.inf, beta, np.zeros((len(beta), len(beta))))
    moments = np.empty((len(beta) + 1, one.x.shape[1]))  # the weights, and each covariate times them
    weight = np.exp(beta @ one.x, out=moments[0])
    np.multiply(one.x, weight, out=moments[1:])
    at_risk = np.add.reduceat(moments, one.starts, axis=1)[:, ::-1].cumsum(axis=1)[:, ::-1]
    tied = weight[one.tied_rows]
    log_sum, once, twice = _denominators(one, at_risk[0], tied)
    hazard = np.repeat(once[0].cumsum(), one.lengths)  # what each row has been through
    first = at_risk[1:]
    gradient = one.total - moments[1:] @ hazard
    information = (moments[1:] * hazard) @ one.x.T - (first * twice[0]) @ first.T
    if one.shared is not None:
        leaving = np.repeat(once[1], one.counts) * tied
        weighted = one.tied_x * tied
        own = np.add.reduceat(weighted, one.firsts, axis=1)
        mixed = (first * twice[1]) @ own.T
        gradient += one.tied_x @ leaving
        information += mixed + mixed.T - (own * twice[2]) @ own.T - (one.tied_x * leaving) @ one.tied_x.T
    return _Slope(float(beta @ one.total) - log_sum, gradient, information)


def _denominators(one: _Stratum, risk: Floats, tied: Floats) -> tuple[float, Floats, Floats]:
    """Sum of the logs of the risk sets' weights, and by event time the sums of their inverses and squared inverses.

    With ties, after Efron, also those sums times the share that leaves, and times its square.
    """
    if one.shared is None:
        inverse = one.counts / risk
        return float(one.counts @ np.log(risk)), inverse[None], (inverse / risk)[None]
    own = np.add.reduceat(tied, one.firsts)
    left = np.repeat(risk, one.counts) - one.shared * np.repeat(own, one.counts)
    powers = np.empty((5, len(left)))
    np.divide(1.0, left, out=powers[0])
    np.multiply(one.shared, powers[0], out=powers[1])
    np.multiply(powers[:2], powers[0], out=powers[2:4])
    np.multiply(powers[1], powers[1], out=powers[4])
    sums = np.add.reduceat(powers, one.firsts, axis=1)
    return float(np.log(left).sum()), sums[:2], sums[2:]


def _test(statistic: float, degrees: int) -> ChiSquareTest:
    return ChiSquareTest(statistic, degrees, float(chdtrc(degrees, max(statistic, 0.0))))


def _z(level: float) -> float:
    return float(ndtri((1 + level) / 2))
