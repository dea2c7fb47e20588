"""Times to one kind of event with right-censoring: Kaplan-Meier, its quantiles, and the restricted mean.

Events at a time come before censorings at the same time, and ties are exact. What counts as the event, and when the
clock starts, is never decided here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import assert_never

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

from trialwright.analysis.estimators.risk import Counts, Ints, NotEstimable, RiskTable, risk_table, staying
from trialwright.analysis.estimators.risk import Floats as Floats

NO_STEP = 1e-15  # survival below this is 0, left over from rounding
STEEPEST = 500.0  # a bound whose exponent would overflow is 0 or 1 long before


class Scale(StrEnum):
    """On which scale a curve's bounds are symmetric."""

    LOG_LOG = "log-log"
    LOG = "log"
    PLAIN = "plain"


@dataclass(frozen=True)
class SurvivalCurve:
    """A Kaplan-Meier curve: one entry per distinct time, event or censoring; it is 1 before the first.

    Errors and bounds are computed when they are first asked for.

    Args:
        times: Increasing, in the unit of the data.
        at_risk: Participants at risk just before each time.
        events: Events at each time.
        censored: Censorings at each time.
        survival: Chance (0-1) of being event-free just after each time.
        level: Coverage of the bounds.
        scale: Where the bounds are symmetric.
    """

    times: Floats
    at_risk: Ints
    events: Ints
    censored: Ints
    survival: Floats
    level: float
    scale: Scale = Scale.LOG_LOG

    @cached_property
    def standard_error(self) -> Floats:
        """Greenwood's, of ``survival``."""
        return _greenwood(self.survival, self.at_risk, self.events)

    @property
    def low(self) -> Floats:
        """Lower pointwise bound; 1 before the first event."""
        return self._bounds[0]

    @property
    def high(self) -> Floats:
        """Upper pointwise bound."""
        return self._bounds[1]

    @cached_property
    def _bounds(self) -> tuple[Floats, Floats]:
        return _bounds(self.survival, self.standard_error, self.level, self.scale)

    def at(self, when: npt.ArrayLike) -> Floats:
        """Survival just after each time of ``when``; the last value is carried on, and means nothing past follow-up."""
        index = np.searchsorted(self.times, np.asarray(when, dtype=np.float64), side="right")
        return np.concatenate([[1.0], self.survival])[index]

    def number_at_risk(self, when: npt.ArrayLike) -> Ints:
        """Participants still at risk at each time of ``when`` (their own time is that or later)."""
        index = np.searchsorted(self.times, np.asarray(when, dtype=np.float64), side="left")
        return np.concatenate([self.at_risk, [0]])[index]


@dataclass(frozen=True, slots=True)
class QuantileTime:
    """When a share has had the event, with its interval; None where the curve or a bound never gets there."""

    time: float | None
    low: float | None
    high: float | None
    level: float


@dataclass(frozen=True, slots=True)
class RestrictedMean:
    """Mean event-free time up to ``until``, its standard error and bounds (plain scale, within 0 to ``until``)."""

    mean: float
    standard_error: float
    low: float
    high: float
    until: float
    level: float


def kaplan_meier(
    times: npt.ArrayLike, happened: npt.ArrayLike, level: float = 0.95, scale: Scale = Scale.LOG_LOG
) -> SurvivalCurve:
    """Estimate the survival curve with pointwise bounds from Greenwood's variance.

    Args:
        times: Time to event or censoring, at least 0; shape ``(participants,)``, at least one.
        happened: True where the event happened, False where censored; same shape.
        level: Coverage, strictly between 0 and 1.
        scale: Where the bounds are symmetric; R's own choice is ``log``.

    Returns:
        The curve; where survival is 1 or 0 Greenwood's variance says nothing, and both bounds equal the estimate.

    Raises:
        ValueError: No participant, shapes disagree, a time is negative, missing or infinite, or the level is none.

    Source: Kaplan & Meier, JASA 1958;53:457; Greenwood 1926; Kalbfleisch & Prentice 1980 (log-log). Checked against
    Freireich 1963, Miller 1997 and R survival's lung results.
    """
    return curves(risk_table(times, happened), level, scale)[0]


def curves(table: RiskTable, level: float = 0.95, scale: Scale = Scale.LOG_LOG) -> tuple[SurvivalCurve, ...]:
    """One curve of :func:`kaplan_meier` for each group of a table, events of all kinds taken together."""
    if not 0 < level < 1:
        raise ValueError(f"level {level} must lie strictly between 0 and 1")
    made = []
    for group, (leaving, events) in enumerate(zip(table.leaving, table.events, strict=True)):
        if len(table.groups) == 1:
            made.append(_curve(table.times, (table.at_risk[group], events, leaving), level, scale))
            continue
        own = np.flatnonzero(leaving > 0)  # of truths it is quicker than of numbers
        gone = leaving[own]
        made.append(_curve(table.times[own], (staying(gone), events[own], gone), level, scale))
    return tuple(made)


def _curve(times: Floats, counts: tuple[Ints, Counts, Counts], level: float, scale: Scale) -> SurvivalCurve:
    at_risk, events, leaving = counts[0], *(one.astype(np.int64, copy=False) for one in counts[1:])
    survival = (at_risk - events) / at_risk
    survival.cumprod(out=survival)
    if survival[-1] < NO_STEP:
        survival[survival < NO_STEP] = 0.0
    return SurvivalCurve(times, at_risk, events, leaving - events, survival, level, scale)


def _greenwood(survival: Floats, at_risk: Ints, events: Ints) -> Floats:
    risk = at_risk.astype(np.float64)
    product = np.maximum(risk - events, 1.0)
    product *= risk
    error = np.divide(events, product, out=product)
    error.cumsum(out=error)
    np.sqrt(error, out=error)
    error *= survival
    return error


def _bounds(chance: Floats, error: Floats, level: float, scale: Scale) -> tuple[Floats, Floats]:
    z = _z(level)
    match scale:
        case Scale.LOG_LOG:
            return log_log_bounds(chance, error, level)
        case Scale.LOG:
            spread = np.exp(z * error / np.where(chance > 0, chance, 1.0))
            return chance / spread, np.minimum(chance * spread, 1.0)
        case Scale.PLAIN:
            return np.maximum(chance - z * error, 0.0), np.minimum(chance + z * error, 1.0)
        case _:
            assert_never(scale)


def log_log_bounds(chance: Floats, error: Floats, level: float) -> tuple[Floats, Floats]:
    """Bounds of chances (0-1) by the complementary log-log transformation; where the chance is 0 or 1, the chance."""
    z = _z(level)
    inside = _stretch_of((chance > 0) & (chance < 1))
    low, high = chance.copy(), chance.copy()
    own = chance[inside]
    logarithm = np.log(own)
    spread = own * logarithm
    np.divide(error[inside], spread, out=spread)
    spread *= -z
    np.minimum(spread, STEEPEST, out=spread)
    np.exp(spread, out=spread)
    high[inside] = np.exp(logarithm / spread)
    spread *= logarithm
    low[inside] = np.exp(spread, out=spread)
    return low, high


@lru_cache(maxsize=64)
def _z(level: float) -> float:
    return float(ndtri((1 + level) / 2))


def _stretch_of(chosen: npt.NDArray[np.bool_]) -> slice | npt.NDArray[np.intp]:
    """Where it is true: as a slice if that is one stretch, as in every curve that falls or rises."""
    places = chosen.nonzero()[0]
    if places.size and places[-1] - places[0] + 1 == places.size:
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


def quantile_time(curve: SurvivalCurve, share: float = 0.5) -> QuantileTime:
    """Time by which ``share`` (0-1) have had the event, with the interval where the bounds cross the same level.

    Ties: where the curve is flat exactly at the level, the middle of the flat stretch, as in R and in Miller.

    Source: Brookmeyer & Crowley, Biometrics 1982;38:29, with the transformation of the curve.
    """
    wanted = 1 - share
    return QuantileTime(
        _crossing(curve.times, curve.survival, wanted),
        _crossing(curve.times, curve.low, wanted),
        _crossing(curve.times, curve.high, wanted),
        curve.level,
    )


def restricted_mean(curve: SurvivalCurve, until: float) -> RestrictedMean:
    """Estimate the mean event-free time up to a horizon: the area under the curve.

    Args:
        curve: With its level, which the bounds take over.
        until: The horizon, above 0, in the unit of the curve.

    Raises:
        ValueError: The horizon is not above 0.
        NotEstimable: Follow-up ends before the horizon while the curve is above 0, so that the area is not known.

    Source: Irwin 1949; Royston & Parmar, BMC Med Res Methodol 2013;13:152; the variance as R survival's ``rmean``.
    """
    if not until > 0:
        raise ValueError(f"a horizon above 0 is needed, not {until}")
    last = float(curve.times[-1])
    if until > last and curve.survival[-1] > 0:
        raise NotEstimable(f"nobody was followed to {until:g}; the last time is {last:g}")
    return area_to(curve, until)


def area_to(curve: SurvivalCurve, until: float) -> RestrictedMean:
    """As :func:`restricted_mean`, with the last value of the curve carried on past the end of follow-up."""
    inner = curve.times < until
    edges = np.concatenate([[0.0], curve.times[inner], [until]])
    heights = np.concatenate([[1.0], curve.survival[inner]])
    areas = np.diff(edges) * heights
    beyond = areas.sum() - np.cumsum(areas)[:-1]  # area that is left after each inner time
    events, risk = curve.events[inner], curve.at_risk[inner]
    variance = float(np.sum(np.maximum(beyond, 0.0) ** 2 * events / (risk * np.maximum(risk - events, 1))))
    mean, error = float(areas.sum()), variance**0.5
    z = float(ndtri((1 + curve.level) / 2))
    return RestrictedMean(mean, error, max(mean - z * error, 0.0), min(mean + z * error, until), until, curve.level)


def _crossing(times: Floats, curve: Floats, wanted: float) -> float | None:
    reached = np.flatnonzero(curve <= wanted + 1e-12)
    if not reached.size:
        return None
    first = int(reached[0])
    flat = np.isclose(curve, wanted, rtol=0, atol=1e-12)
    below = np.flatnonzero(curve < wanted - 1e-12)
    if flat[first] and below.size:
        return float((times[first] + times[int(below[0])]) / 2)
    return float(times[first])
