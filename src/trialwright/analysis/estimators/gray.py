"""Gray's test: whether the cumulative incidence of one kind of event is equal in groups where others compete.

It compares incidences, not hazards: an effect on a competing event shows too. How large a difference is it does not say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from trialwright.analysis.estimators.risk import Floats, risk_table

FULL = 1e-12  # the common incidence has come to 1 where less than this is left, and nothing adds to it


@dataclass(frozen=True, slots=True)
class GrayTest:
    """Chi-square, its degrees of freedom (groups less one), p (1 where no event could tell groups apart), scores per group."""

    chi_square: float
    degrees: int
    p_value: float
    scores: Floats
    groups: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class _Steps:
    """At each event time and in each group, shape ``(times, groups)``: who is at risk, and what has come before."""

    risk: Floats
    own: Floats  # events of the cause
    rivals: Floats
    free_before: Floats
    free: Floats
    incidence_before: Floats

    @property
    def weight(self) -> Floats:
        """At risk, over the chance of still being so: who would be at risk if nothing had come before."""
        return np.where(self.risk > 0, self.risk / np.where(self.free_before > 0, self.free_before, 1.0), 0.0)


def gray_test(times: npt.ArrayLike, kinds: npt.ArrayLike, groups: npt.ArrayLike, cause: int = 1) -> GrayTest:
    """Test equal cumulative incidence of one cause in two or more groups.

    Args:
        times: Time to the first event or to censoring, at least 0; shape ``(participants,)``.
        kinds: 0 where censored, else 1, 2, … by kind; same shape.
        groups: A label per participant, at least two different ones.
        cause: The kind that is compared.

    Raises:
        ValueError: Fewer than two groups, or as :func:`risk_table`.

    Source: Gray RJ, Ann Stat 1988;16:1141-54, with weight 1 and the correction of the variance for ties. Checked against R's
    cmprsk.
    """
    table = risk_table(times, np.asarray(kinds, dtype=np.int64), groups)
    count = len(table.groups)
    if count < 2:
        raise ValueError("at least two groups are needed")
    if cause < 1:
        raise ValueError("a cause is 1 or higher")
    when = np.flatnonzero(table.events.any(axis=0))
    if cause >= table.counts.shape[1] or not table.counts[:, cause].any():
        return GrayTest(0.0, count - 1, 1.0, np.zeros(count), table.groups)
    risk, total, own = (one[:, when].T.astype(np.float64) for one in (table.at_risk, table.events, table.counts[:, cause]))
    steps = _steps(risk, own, total)
    share = steps.weight * (1 - steps.incidence_before)
    scores = (own - own.sum(axis=1, keepdims=True) * share / share.sum(axis=1, keepdims=True)).sum(axis=0)
    variance = sum((_variance(steps, group) for group in range(count)), np.zeros((count, count)))
    chi_square = max(float(scores[1:] @ np.linalg.pinv(variance[1:, 1:], hermitian=True) @ scores[1:]), 0.0)
    return GrayTest(chi_square, count - 1, float(chdtrc(count - 1, chi_square)), scores, table.groups)


def _steps(risk: Floats, own: Floats, total: Floats) -> _Steps:
    there = np.maximum(risk, 1)
    free = np.cumprod(1 - total / there, axis=0, dtype=np.float64)
    free_before = np.vstack([np.ones(risk.shape[1]), free[:-1]])
    gain = np.cumsum(free_before * own / there, axis=0)
    return _Steps(risk, own, total - own, free_before, free, np.vstack([np.zeros(risk.shape[1]), gain[:-1]]))


def _variance(steps: _Steps, group: int) -> Floats:
    """What the events of one group add to the covariance of all scores.

    Each event moves the scores by what it is at its own time, and by what it changes in the group's incidence ever after.
    """
    weight, events = steps.weight, steps.own.sum(axis=1)
    everyone = weight.sum(axis=1)
    gain = events / everyone  # of the incidence that all groups have in common, if they are equal
    incidence = np.minimum(np.cumsum(gain), 1.0)  # in the smallest samples the sum passes 1
    room = 1 - np.concatenate([[0.0], incidence[:-1]])
    hazard = np.where(room > FULL, gain / np.where(room > FULL, room, 1.0), 0.0)
    now = -weight[:, [group]] * weight / everyone[:, None]
    now[:, group] += weight[:, group]
    later = np.cumsum(now * hazard[:, None], axis=0)
    later = later[-1] - later
    risk, before, free = np.maximum(steps.risk[:, group], 1), steps.free_before[:, group], steps.free[:, group]
    lost = np.where(free > 0, (1 - incidence) / np.where(free > 0, free, 1.0), 0.0)
    by_own = now + (1 - lost)[:, None] * later
    by_rivals = lost[:, None] * later
    there = steps.risk[:, group] > 0
    tied = _tie(events, everyone * before)
    spread_own = np.where(there, tied * before * gain / risk, 0.0)
    spread_rivals = _tie(steps.rivals[:, group], risk) * before**2 * steps.rivals[:, group] / risk**2
    return np.asarray((by_own.T * spread_own) @ by_own + (by_rivals.T * spread_rivals) @ by_rivals, dtype=np.float64)


def _tie(events: Floats, risk: Floats) -> Floats:
    """The share of the variance that ties leave: events at one time are drawn without replacement."""
    return np.where(events > 1, 1 - (events - 1) / np.where(risk > 1, risk - 1, 1.0), 1.0)
