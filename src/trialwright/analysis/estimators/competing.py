"""Times to the first of several kinds of event: Aalen-Johansen cumulative incidence.

Computed directly, so ties are exact (no time is jittered). One minus Kaplan-Meier, which overstates incidence where
events compete, is never used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.analysis.estimators.risk import Floats, Ints, RiskTable, risk_table
from trialwright.analysis.estimators.survival import log_log_bounds


@dataclass(frozen=True, slots=True)
class IncidenceCurve:
    """Cumulative incidence of one kind of event, at each distinct event time of any kind.

    Args:
        cause: The kind, as coded in the data (1 or higher).
        times: Increasing, in the unit of the data.
        at_risk: Participants at risk just before each time.
        events: Events of this kind at each time.
        incidence: Chance (0-1) of this kind having come first by each time.
        standard_error: Of ``incidence``.
        low: Lower pointwise bound (complementary log-log of one minus incidence).
        high: Upper pointwise bound.
        level: Coverage of the bounds.
    """

    cause: int
    times: Floats
    at_risk: Ints
    events: Ints
    incidence: Floats
    standard_error: Floats
    low: Floats
    high: Floats
    level: float

    def at(self, when: npt.ArrayLike) -> Floats:
        """Incidence by each time of ``when``; 0 before the first event, the last value carried on."""
        index = np.searchsorted(self.times, np.asarray(when, dtype=np.float64), side="right")
        return np.concatenate([[0.0], self.incidence])[index]


def aalen_johansen(times: npt.ArrayLike, kinds: npt.ArrayLike, level: float = 0.95) -> tuple[IncidenceCurve, ...]:
    """Estimate the cumulative incidence of each kind of first event.

    Args:
        times: Time to the first event or to censoring, at least 0; shape ``(participants,)``, at least one.
        kinds: 0 where censored, else 1, 2, … by kind; same shape.
        level: Coverage, strictly between 0 and 1.

    Returns:
        One curve per kind seen, in the order of their codes; with the event-free chance they add up to 1 at every time.

    Raises:
        ValueError: As :func:`kaplan_meier`, or a kind below 0.

    Source: Aalen & Johansen, Scand J Stat 1978;5:141; variance by the delta method, Marubini & Valsecchi 1995, eq.
    10.12. Without censoring it is the binomial's, which a test holds.
    """
    return incidence_curves(risk_table(times, np.asarray(kinds, dtype=np.int64)), level)[0]


def incidence_curves(table: RiskTable, level: float = 0.95) -> tuple[tuple[IncidenceCurve, ...], ...]:
    """For each group of a table the curves of :func:`aalen_johansen`, one per kind seen in that group."""
    if not 0 < level < 1:
        raise ValueError(f"level {level} must lie strictly between 0 and 1")
    return tuple(_of_group(table, group, level) for group in range(len(table.groups)))


def _of_group(table: RiskTable, group: int, level: float) -> tuple[IncidenceCurve, ...]:
    steps = np.flatnonzero(table.events[group])
    when, risk, counts = table.times[steps], table.at_risk[group, steps], table.counts[group][:, steps].astype(np.int64)
    total = counts[1:].sum(axis=0)
    before = _free_before(total, risk)
    made = []
    for cause in range(1, len(counts)):
        own = counts[cause]
        if not own.any():
            continue
        incidence = np.cumsum(before * own / risk)
        error = np.sqrt(_variance(incidence, before, (own, total, risk)))
        free_low, free_high = log_log_bounds(1 - incidence, error, level)
        made.append(IncidenceCurve(cause, when, risk, own, incidence, error, 1 - free_high, 1 - free_low, level))
    return tuple(made)


def _free_before(events: Ints, risk: Ints) -> Floats:
    """Chance of being free of every event just before each event time."""
    after = np.cumprod((risk - events) / risk, dtype=np.float64)
    return np.concatenate([[1.0], after[:-1]])[: len(events)]


def _variance(incidence: Floats, before: Floats, counts: tuple[Ints, Ints, Ints]) -> Floats:
    """Delta-method variance at each time; sums of terms that are not below 0, so that nothing cancels but the last."""
    own, total, risk = (one.astype(np.float64) for one in counts)
    hazard = np.where(risk > total, total / (risk * np.maximum(risk - total, 1)), 0.0)
    gain = np.diff(incidence, prepend=0.0)
    since = np.concatenate([[0.0], np.cumsum(hazard)[:-1]])
    once = np.cumsum(gain * since)
    once_before = np.concatenate([[0.0], once[:-1]])
    twice = np.cumsum(2 * gain * once_before + gain**2 * since)
    crossed = np.concatenate([[0.0], np.cumsum(before * own / risk**2)[:-1]])
    cross = np.cumsum(gain * crossed)
    spread = np.cumsum(before**2 * (risk - own) * own / risk**3)
    return np.asarray(np.maximum(twice + spread - 2 * cross, 0.0), dtype=np.float64)
