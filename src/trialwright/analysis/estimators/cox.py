"""Cox's proportional-hazards regression: coefficients, their errors, and the three tests. Efron's or Breslow's ties.

It never answers where the likelihood has no maximum (no event, separation, a covariate that does not vary): that is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc, ndtr, ndtri

from trialwright.analysis.estimators.partial_likelihood import Few, Slope, Stratum, laid_out, slope
from trialwright.analysis.estimators.partial_likelihood import Ties as Ties
from trialwright.analysis.estimators.risk import Floats, NotEstimable, observations

Parts = tuple[Few | Stratum, ...]

ITERATIONS = 60
SETTLED = 1e-12  # squared Newton step in standard errors: the seventh digit of an error's worth is left
STILL_MOVING = 1e-3  # a last step as large as this share of a covariate's range: the likelihood has no maximum
FLAT = 1e-10  # share of a covariate's information that the others leave it, below which it is made up of them


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
    middle = x.sum(axis=0) / len(x)
    return _fit(laid_out(t, kind, (x - middle) / scale, ties, strata), scale, level)


def _range(x: Floats) -> Floats:
    width = x.max(axis=0) - x.min(axis=0)
    if not width.all():
        raise NotEstimable(f"covariate {int(np.argmin(width)) + 1} is the same for everybody")
    return np.asarray(width, dtype=np.float64)


def _fit(parts: Parts, scale: Floats, level: float) -> CoxFit:
    beta = np.zeros(len(scale))
    null = here = slope(parts, beta)
    _refuse_flat(null.information)
    for iteration in range(ITERATIONS):  # noqa: B007 - said of the fit
        step = _solved(here)
        settled = float(step @ here.gradient) <= SETTLED
        if settled and np.abs(step).max() > STILL_MOVING:
            raise _no_maximum(step)
        if settled:
            break
        beta, here = _climbed(parts, beta, here, step)
    else:
        raise NotEstimable(f"the fit did not settle in {ITERATIONS} steps")
    inverse = 1 / here.information if len(scale) == 1 else np.linalg.inv(here.information)
    covariance = inverse / (scale[:, None] * scale)
    score = _test(float(null.gradient @ _solved(null)), len(scale))
    events = sum(one.events for one in parts)
    return CoxFit(beta / scale, covariance, null.value, here.value, score, events, iteration, level)


def _climbed(parts: Parts, beta: Floats, here: Slope, step: Floats) -> tuple[Floats, Slope]:
    """A point no lower than this one in the direction of the step, which is halved until there is one."""
    share = 1.0
    while share > 1e-6:
        there = beta + share * step
        found = slope(parts, there)
        if found.value >= here.value - 1e-12 * abs(here.value):
            return there, found
        share /= 2
    raise _no_maximum(step)


def _solved(here: Slope) -> Floats:
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


def _test(statistic: float, degrees: int) -> ChiSquareTest:
    return ChiSquareTest(statistic, degrees, float(chdtrc(degrees, max(statistic, 0.0))))


@lru_cache(maxsize=64)
def _z(level: float) -> float:
    return float(ndtri((1 + level) / 2))
