"""Two arms, one event, several looks by the number of events: how often each look rejects. Many trials at once.

The test at each look is the log-rank test of :mod:`trialwright.analysis.estimators.log_rank`, by the same formula. It finds no
boundaries; :mod:`trialwright.designs` does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.designs.errors import DesignError, require_count, require_positive
from trialwright.simulation.philox import LOW, PARTICIPANT_BITS, key_words, stream, words
from trialwright.simulation.survival_kernel import FAR, PERSON_BITS, compiled_play, play, room_for

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Words = npt.NDArray[np.uint32]

STREAM = stream("survival looks")
ROWS = 38_400  # participants drawn at a time, whose words stay in the processor's cache
MOST_TRIALS = 10**9


@dataclass(frozen=True, slots=True)
class SurvivalPlan:
    """A two-arm trial with looks at numbers of events; times are in one unit, hazards per that unit.

    Args:
        n: Participants of both arms, entering evenly over ``accrual``, by turns control and treated.
        control_hazard: Constant hazard of the event, above 0.
        treated_hazard: As above.
        accrual: Time over which all enter, above 0.
        looks: Numbers of events at which the test is made, rising.
        efficacy: The trial rejects where z (above 0: the treated fare better) is this or more; one per look.
        futility: It stops without rejection where z is this or less; one per look but the last. Empty: never.
        loss_hazard: Constant hazard of being lost to follow-up, 0 or more.

    Raises:
        DesignError: A number is out of range or the lists disagree.
    """

    n: int
    control_hazard: float
    treated_hazard: float
    accrual: float
    looks: tuple[int, ...]
    efficacy: tuple[float, ...]
    futility: tuple[float, ...] = ()
    loss_hazard: float = 0.0

    def __post_init__(self) -> None:
        require_count("n", self.n, 2, 2**PERSON_BITS - 1)
        for name in ("control_hazard", "treated_hazard", "accrual"):
            require_positive(name, getattr(self, name))
        if not 0 <= self.loss_hazard < np.inf:
            raise DesignError("loss_hazard", self.loss_hazard, "a finite number, 0 or more, is wanted")
        if not self.looks or list(self.looks) != sorted(set(self.looks)) or not 1 <= self.looks[0] <= self.looks[-1] <= self.n:
            raise DesignError("looks", self.looks, f"rising numbers of events from 1 to {self.n} are wanted")
        if len(self.efficacy) != len(self.looks) or np.isnan(self.efficacy).any():
            raise DesignError("efficacy", self.efficacy, f"one bound for each of the {len(self.looks)} looks is wanted")
        if len(self.futility) not in (0, len(self.looks) - 1) or np.isnan(self.futility).any():
            raise DesignError("futility", self.futility, "one bound for each look but the last, or none, is wanted")

    @property
    def entry(self) -> Floats:
        """When each participant enters, rising; shape ``(n,)``."""
        return self.accrual * np.arange(1, self.n + 1) / self.n


@dataclass(frozen=True, slots=True)
class SurvivalLooks:
    """What simulated trials did at their looks; each array has one entry per look.

    Args:
        trials: How many were simulated.
        rejected: Trials that rejected there.
        futile: Trials that stopped there without rejection (at the last look: that ended so).
        time: Mean time of the look, where its events came, in the trials that got there; NaN in none.
        seed: What the trials were drawn from.
    """

    trials: int
    rejected: Ints
    futile: Ints
    time: Floats
    seed: int

    @property
    def power(self) -> float:
        """Share of the trials that rejected."""
        return float(self.rejected.sum() / self.trials)

    @property
    def power_error(self) -> float:
        """Monte Carlo standard error of ``power``."""
        return float(np.sqrt(self.power * (1 - self.power) / self.trials))

    @property
    def reject_error(self) -> Floats:
        """Monte Carlo standard error of the share that rejected at each look."""
        share = self.rejected / self.trials
        return np.asarray(np.sqrt(share * (1 - share) / self.trials), dtype=np.float64)


def simulate_survival_looks(
    plan: SurvivalPlan, trials: int, seed: int, first: int = 0, compiled: bool | None = None
) -> SurvivalLooks:
    """Simulate trials ``first`` to ``first + trials - 1``; each depends on the seed and its number alone.

    Args:
        plan: The trial.
        trials: How many, from 1 to 1,000,000,000; memory does not depend on it.
        seed: 0 … 2**64 - 1.
        first: Number of the first trial.
        compiled: Whether numba compiles the trial's course; nothing: where it is installed. The answer is the same.

    Raises:
        DesignError: The number of trials or the seed is out of range.
    """
    require_count("trials", trials, 1, MOST_TRIALS)
    if not 0 <= seed < 2**64:
        raise DesignError("seed", seed, "a whole number from 0 to 2**64 - 1 is wanted")
    looks = len(plan.looks)
    rejected, futile, seen = (np.zeros(looks, dtype=np.int64) for _ in range(3))
    time = np.zeros(looks)
    each = max(ROWS // plan.n, 1)
    for start in range(first, first + trials, each):
        ends, when = course(plan, (start, min(each, first + trials - start)), seed, compiled)[:2]
        stopped = np.abs(ends) - 1
        rejected += np.bincount(stopped[ends > 0], minlength=looks)
        futile += np.bincount(stopped[ends < 0], minlength=looks)
        there = (stopped[:, None] >= np.arange(looks)) & (when < FAR)
        seen += there.sum(axis=0)
        time += np.where(there, when, 0.0).sum(axis=0)
    mean = np.divide(time, seen, out=np.full(looks, np.nan), where=seen > 0)
    return SurvivalLooks(trials, rejected, futile, mean, seed)


def course(
    plan: SurvivalPlan, chosen: tuple[int, int], seed: int, compiled: bool | None = None
) -> tuple[npt.NDArray[np.int64], Floats, Floats]:
    """Play some trials: the first's number, and how many.

    Returns:
        Where each ended (look 1, 2, …; below 0 without rejection), shape ``(trials,)``; time of each look and z there, shape
        ``(trials, looks)``, meaningless after the end.
    """
    first, trials = chosen
    kernel = compiled_play() if compiled is None or compiled else None
    drawn = _words(first, trials, plan.n, seed) if kernel is None else _words_compiled(first, trials, plan.n, seed)
    ends, when, z = np.zeros(trials, dtype=np.int64), np.zeros((trials, len(plan.looks))), np.zeros((trials, len(plan.looks)))
    futility = (*plan.futility, np.inf) if plan.futility else (*([-np.inf] * (len(plan.looks) - 1)), np.inf)
    bounds = np.array([plan.efficacy, futility])
    hazards = np.array([plan.control_hazard, plan.treated_hazard, plan.loss_hazard])
    looks = np.array(plan.looks, dtype=np.int64)
    (kernel or play)(drawn, plan.entry, hazards, (looks, bounds), room_for(plan.n), (ends, when, z))
    return ends, when, z


def _words(first: int, trials: int, n: int, seed: int) -> Words:
    """Words of visits 0 (when) and 1 (event or loss) of each participant; shape ``(2, trials * n)``."""
    trial, person = np.repeat(np.arange(first, first + trials), n), np.tile(np.arange(n), trials)
    return np.stack([words(seed, trial, person, visit, STREAM) for visit in range(2)])


def _words_compiled(first: int, trials: int, n: int, seed: int) -> Words:
    from trialwright.simulation.philox_compiled import fill_words  # imports numba

    trial = np.repeat(np.arange(first, first + trials, dtype=np.uint64), n)
    person = np.tile(np.arange(n, dtype=np.uint64), trials) + ((trial >> np.uint64(32)) << np.uint64(PARTICIPANT_BITS))
    lanes = np.stack([trial & np.uint64(LOW), person]).astype(np.uint32)
    drawn = np.empty((4, trials * n), dtype=np.uint32)
    fill_words(lanes, 0, STREAM, key_words(seed), drawn)
    return drawn
