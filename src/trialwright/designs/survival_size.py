"""How many events, participants and months a comparison of two survival curves needs. Reads no data; simulates nothing.

Survival is exponential in each arm, accrual uniform, drop-out exponential and the same in both; times are in one unit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.designs.errors import DesignError, require_levels, require_positive, require_rate
from trialwright.designs.group_sequential import Boundaries, Sided, powered
from trialwright.designs.roots import root_between

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Accrual:
    """How participants come and are followed: ``accrual`` > 0 and ``follow_up`` >= 0 in one unit of time.

    ``control_hazard`` is the event rate per unit of time in the control arm; ``dropout_hazard`` that of leaving, in both arms.
    """

    accrual: float
    follow_up: float
    control_hazard: float
    dropout_hazard: float = 0.0

    def __post_init__(self) -> None:
        require_positive("accrual", self.accrual)
        require_positive("control_hazard", self.control_hazard)
        for name, value in (("follow_up", self.follow_up), ("dropout_hazard", self.dropout_hazard)):
            if not (math.isfinite(value) and value >= 0):
                raise DesignError(name, value, "a finite number from 0 is wanted")

    @property
    def longest(self) -> float:
        """From the first participant's entry to the end of follow-up."""
        return self.accrual + self.follow_up

    def observed(self, at: npt.ArrayLike, hazard: float) -> Floats:
        """Events by a time since the start, as a share of all participants of an arm (those yet to come count)."""
        time = np.asarray(at, np.float64)
        total = hazard + self.dropout_hazard
        entered = np.minimum(time, self.accrual)
        followed = np.exp(-total * (time - entered)) - np.exp(-total * time)
        return np.asarray(hazard / total * (entered - followed / total) / self.accrual, np.float64)


@dataclass(frozen=True, slots=True)
class SurvivalSize:
    """What a comparison needs; participants and events are exact, to be rounded up by whoever recruits.

    Args:
        events: Greatest number of events.
        participants: Greatest number of participants, both arms together; None where no accrual was given.
        expected_events: Expected events under the alternative.
        duration: Longest duration; None where no accrual was given.
        expected_duration: Expected duration under the alternative, looks included; None likewise.
        event_chance: Chance of an observed event under the alternative, over both arms; None likewise.
    """

    events: float
    participants: float | None
    expected_events: float
    duration: float | None
    expected_duration: float | None
    event_chance: float | None


def hazard_of_median(median: float) -> float:
    """The hazard of exponential survival with a median above 0."""
    return math.log(2) / require_positive("median", median)


def hazard_of_survival(survival: float, at: float) -> float:
    """The hazard of exponential survival in which a share (0-1) survives until a time above 0."""
    return -math.log(require_rate("survival", survival)) / require_positive("at", at)


def schoenfeld_events(hazard_ratio: float, alpha: float, power: float, ratio: float = 1.0, sided: Sided = 1) -> float:
    """Events that a log-rank test needs.

    Args:
        hazard_ratio: Above 0 and not 1.
        alpha: Type I error: one-sided, or of both sides together.
        power: Wanted power.
        ratio: Participants of the experimental arm for each of the control arm, above 0.
        sided: 1 or 2.

    Raises:
        DesignError: An argument is out of range.

    Source: Schoenfeld DA, Biometrika 1981;68:316-9.

    >>> round(schoenfeld_events(0.5, 0.025, 0.8), 2)
    65.35
    """
    from scipy.special import ndtri

    level, wanted = require_levels(alpha, power)
    require_positive("ratio", ratio)
    if require_positive("hazard_ratio", hazard_ratio) == 1:
        raise DesignError("hazard_ratio", hazard_ratio, "1 is no difference to detect")
    quantiles = float(-ndtri(level / sided) + ndtri(wanted))
    return (quantiles / math.log(hazard_ratio)) ** 2 * (1 + ratio) ** 2 / ratio


def survival_size(
    hazard_ratio: float,
    alpha: float,
    power: float,
    accrual: Accrual | None = None,
    ratio: float = 1.0,
    bounds: Boundaries | int = 1,
) -> SurvivalSize:
    """Size a comparison of two arms by the log-rank test, with or without interim looks.

    Args:
        hazard_ratio: Experimental over control, above 0 and not 1.
        alpha: Type I error; with ``bounds`` it must be theirs.
        power: Wanted power.
        accrual: Accrual and follow-up; None where only the events are wanted.
        ratio: Participants of the experimental arm for each of the control arm.
        bounds: Boundaries of a group-sequential design, or 1 or 2: the sides of a single test.

    Source: Schoenfeld 1981; Kim K, Tsiatis AA, Biometrics 1990;46:81-92 (accrual and follow-up of sequential designs). Checked
    against rpact 4: accrual 12, follow-up 12, control median 12, drop-out 2.5 % by 12, three O'Brien-Fleming looks
    (rpact_survival_sample_size.csv).
    """
    sided: Sided = bounds.sided if isinstance(bounds, Boundaries) else 1 if bounds == 1 else 2
    events = schoenfeld_events(hazard_ratio, alpha, power, ratio, sided)
    shares, stop = np.ones(1), np.ones(1)
    if isinstance(bounds, Boundaries):
        if bounds.alpha != alpha:
            raise DesignError("alpha", alpha, f"the boundaries hold {bounds.alpha}")
        needed = powered(bounds, power)
        events, shares, stop = events * needed.inflation, bounds.shares, needed.stop
    expected = float(stop @ shares) * events
    if accrual is None:
        return SurvivalSize(events, None, expected, None, None, None)

    def share_seen(time: float) -> float:
        control = accrual.observed(time, accrual.control_hazard)
        experimental = accrual.observed(time, accrual.control_hazard * hazard_ratio)
        return float(control + ratio * experimental) / (1 + ratio)

    chance = share_seen(accrual.longest)
    times = [_time_of(share_seen, share * chance, accrual.longest) for share in shares]
    return SurvivalSize(events, events / chance, expected, accrual.longest, float(stop @ np.array(times)), chance)


def _time_of(share_seen: Callable[[float], float], wanted: float, longest: float) -> float:
    return longest if share_seen(longest) <= wanted else root_between(lambda time: share_seen(time) - wanted, 0.0, longest)
