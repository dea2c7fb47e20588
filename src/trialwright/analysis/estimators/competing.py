"""Times to the first of several kinds of event: Aalen-Johansen cumulative incidence.

Computed directly, so ties are exact (no time is jittered). One minus Kaplan-Meier, which overstates incidence where
events compete, is never used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.analysis.estimators.survival import Floats, Ints, kaplan_meier, log_log_bounds


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
    t = np.asarray(times, dtype=np.float64)
    kind = np.asarray(kinds, dtype=np.int64)
    if np.any(kind < 0):
        raise ValueError("kinds are 0 for censored and 1 or higher for events")
    any_event = kaplan_meier(t, kind > 0, level)
    steps = any_event.events > 0
    when, risk, total = any_event.times[steps], any_event.at_risk[steps], any_event.events[steps]
    before = np.concatenate([[1.0], any_event.survival[steps][:-1]])[: len(when)]
    curves = []
    for cause in np.unique(kind[kind > 0]):
        own = np.array([np.sum((t == s) & (kind == cause)) for s in when], dtype=np.int64)
        incidence = np.cumsum(before * own / risk)
        error = np.sqrt(_variance(incidence, before, own, total, risk))
        free_low, free_high = log_log_bounds(1 - incidence, error, level)
        curves.append(IncidenceCurve(int(cause), when, risk, own, incidence, error, 1 - free_high, 1 - free_low, level))
    return tuple(curves)


def _variance(incidence: Floats, before: Floats, own: Ints, total: Ints, risk: Ints) -> Floats:
    """Delta-method variance at each time; quadratic in the number of event times, which are few."""
    later = incidence[:, None] - incidence[None, :]  # incidence still to come from step j to time i
    past = np.tri(len(incidence), dtype=np.bool_)
    with np.errstate(divide="ignore", invalid="ignore"):
        hazard = np.where(risk > total, total / (risk * (risk - total)), 0.0)
    spread = before**2 * (risk - own) * own / risk**3
    cross = before * own / risk**2
    terms = later**2 * hazard[None, :] + spread[None, :] - 2 * later * cross[None, :]
    return np.asarray(np.maximum(np.sum(np.where(past, terms, 0.0), axis=1), 0.0), dtype=np.float64)
