"""Intervals for one proportion, a difference of two, and an event rate per person-time.

Elementwise over arrays of counts; the counts' own meaning (who is a responder, who is treated) is never decided here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, betaincinv, chdtri, ndtri

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64] | int

BISECTIONS = 60  # halves [0, 1] below double precision


class ProportionMethod(StrEnum):
    """How the interval of one proportion is found."""

    CLOPPER_PEARSON = "Clopper-Pearson exact"
    WILSON = "Wilson score"
    JEFFREYS = "Jeffreys"
    MID_P = "mid-P exact"


@dataclass(frozen=True, slots=True)
class Proportions:
    """Estimates with their bounds (each 0-1, or -1 to 1 for a difference), all of one shape."""

    estimate: Floats
    low: Floats
    high: Floats
    level: float


def proportion(
    events: Counts, n: Counts, level: float = 0.95, method: ProportionMethod = ProportionMethod.CLOPPER_PEARSON
) -> Proportions:
    """Estimate a proportion with a two-sided interval.

    Args:
        events: Participants with the event, ``0 <= events <= n``; any shape.
        n: Participants, at least 1; a shape that broadcasts with ``events``.
        level: Coverage, strictly between 0 and 1.
        method: Clopper-Pearson never covers less than ``level``; the others cover it on average.

    Raises:
        ValueError: A count or the level is out of range.

    Source: Clopper & Pearson, Biometrika 1934;26:404; Wilson, JASA 1927;22:209; Brown, Cai & DasGupta, Stat Sci
    2001;16:101 (Jeffreys, with its end-point rule); Berry & Armitage, Statistician 1995;44:417 (mid-P). Checked in
    tests/benchmarks against exact_binomial_n25.csv.

    >>> found = proportion(14, 25)
    >>> round(float(found.low), 4), round(float(found.high), 4)
    (0.3493, 0.756)
    """
    x, size = _counts(events, n)
    _check_level(level)
    tail = (1 - level) / 2
    match method:
        case ProportionMethod.CLOPPER_PEARSON:
            low, high = _beta_bounds(x, size - x + 1, x + 1, size - x, tail)
        case ProportionMethod.JEFFREYS:
            low, high = _beta_bounds(x + 0.5, size - x + 0.5, x + 0.5, size - x + 0.5, tail)
        case ProportionMethod.WILSON:
            low, high = _wilson(x, size, tail)
        case ProportionMethod.MID_P:
            low, high = _mid_p(x, size, tail)
    low = np.where(x == 0, 0.0, low)
    high = np.where(x == size, 1.0, high)
    return Proportions(x / size, low, high, level)


@lru_cache(maxsize=4096)
def interval_table(n: int, level: float = 0.95, method: ProportionMethod = ProportionMethod.CLOPPER_PEARSON) -> Proportions:
    """The estimates and intervals of :func:`proportion` for every count 0 … ``n`` at once, kept for the next who asks.

    A simulation looks a trial's interval up by its count; shape ``(n + 1,)``, not to be written to.
    """
    found = proportion(np.arange(n + 1), n, level, method)
    for bounds in (found.estimate, found.low, found.high):
        bounds.setflags(write=False)
    return found


def difference(events_a: Counts, n_a: Counts, events_b: Counts, n_b: Counts, level: float = 0.95) -> Proportions:
    """Estimate the difference of two independent proportions, a minus b, by Newcombe's hybrid score interval.

    Counts are as in :func:`proportion`; bounds lie in -1 to 1.

    Source: Newcombe RG, Stat Med 1998;17:873-90, method 10; checked against the paper's Table II.

    >>> found = difference(56, 70, 48, 80)
    >>> round(float(found.low), 4), round(float(found.high), 4)
    (0.0524, 0.3339)
    """
    a = proportion(events_a, n_a, level, ProportionMethod.WILSON)
    b = proportion(events_b, n_b, level, ProportionMethod.WILSON)
    gap = a.estimate - b.estimate
    low = gap - np.hypot(a.estimate - a.low, b.high - b.estimate)
    high = gap + np.hypot(a.high - a.estimate, b.estimate - b.low)
    return Proportions(gap, np.maximum(low, -1.0), np.minimum(high, 1.0), level)


def rate(events: Counts, person_time: npt.ArrayLike, level: float = 0.95) -> Proportions:
    """Estimate events per unit of person-time with Garwood's exact Poisson interval.

    Args:
        events: Number of events, at least 0 (a participant may have several).
        person_time: Time at risk, above 0, in the unit that the rate is wanted per.
        level: Coverage, strictly between 0 and 1.

    Source: Garwood F, Biometrika 1936;28:437; checked against its Table 1 (0 events: 3.689; 10 events: 4.795, 18.39).
    """
    x = np.asarray(events, dtype=np.float64)
    time = np.asarray(person_time, dtype=np.float64)
    _check_level(level)
    if not (np.all(x >= 0) and np.all(time > 0) and np.all(time < np.inf)):
        raise ValueError("events below 0 or missing, or person-time not above 0, missing or infinite")
    tail = (1 - level) / 2
    low = np.where(x == 0, 0.0, chdtri(2 * np.maximum(x, 1), 1 - tail) / 2)
    high = chdtri(2 * x + 2, tail) / 2
    return Proportions(x / time, low / time, high / time, level)


def _counts(events: Counts, n: Counts) -> tuple[Floats, Floats]:
    x, size = np.broadcast_arrays(np.asarray(events, dtype=np.float64), np.asarray(n, dtype=np.float64))
    if not (np.all(size >= 1) and np.all(x >= 0) and np.all(x <= size)):
        raise ValueError("events must lie between 0 and n, and n must be at least 1")
    return x, size


def _check_level(level: float) -> None:
    if not 0 < level < 1:
        raise ValueError(f"level {level} must lie strictly between 0 and 1")


def _beta_bounds(a_low: Floats, b_low: Floats, a_high: Floats, b_high: Floats, tail: float) -> tuple[Floats, Floats]:
    low = betaincinv(np.maximum(a_low, 1e-9), b_low, tail)
    high = betaincinv(a_high, np.maximum(b_high, 1e-9), 1 - tail)
    return np.asarray(low), np.asarray(high)


def _wilson(x: Floats, n: Floats, tail: float) -> tuple[Floats, Floats]:
    z = float(-ndtri(tail))
    centre = (x + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * np.sqrt(x * (n - x) / n + z * z / 4)
    return centre - half, centre + half


def _mid_p(x: Floats, n: Floats, tail: float) -> tuple[Floats, Floats]:
    def below(p: Floats) -> Floats:
        less = np.where(x > 0, bdtr(np.maximum(x - 1, 0), n.astype(np.int64), p), 0.0)
        return np.asarray((less + bdtr(x, n.astype(np.int64), p)) / 2)

    return _bisect(below, x.shape, 1 - tail), _bisect(below, x.shape, tail)


def _bisect(falling: Callable[[Floats], Floats], shape: tuple[int, ...], target: float) -> Floats:
    low, high = np.zeros(shape), np.ones(shape)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        above = falling(middle) > target
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return (low + high) / 2
