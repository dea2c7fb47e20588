"""One arm, a yes-or-no outcome, several looks: where simulated trials stop. Many trials at once, one word a stage.

What it estimates is known exactly (:func:`trialwright.designs.chains.operating_characteristics`); it is here because the seed of
a simulation is, and to be checked against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from trialwright.designs.binomial import masses
from trialwright.designs.errors import DesignError, require_chance, require_count
from trialwright.designs.stopping import CountRule
from trialwright.simulation import philox
from trialwright.simulation.compiling import compiled
from trialwright.simulation.philox import LOW, PARTICIPANT_BITS, key_words, stream, words

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

STREAM = stream("one arm looks")
philox_block: Any = None  # put here when the loop is compiled, since importing it imports numba

EACH = 16_384  # trials drawn at a time
MOST_TRIALS = 10**10
GUIDE_BITS = 8


@dataclass(frozen=True, slots=True)
class OneArmLooks:
    """Where simulated trials stopped.

    Args:
        trials: How many were simulated.
        looks: Participants at each look, rising.
        low: Trials that stopped there with too few; shape ``(looks,)``.
        high: Trials that stopped there with so many; same shape.
        ends: Trials that no look stopped, by their count 0 … n; shape ``(n + 1,)``.
        seed: What the trials were drawn from.
    """

    trials: int
    looks: tuple[int, ...]
    low: Ints
    high: Ints
    ends: Ints
    seed: int

    @property
    def stopped_high(self) -> float:
        """Share of the trials that ever stopped with so many."""
        return float(self.high.sum() / self.trials)

    @property
    def stopped_high_error(self) -> float:
        """Its Monte Carlo standard error."""
        return float(np.sqrt(self.stopped_high * (1 - self.stopped_high) / self.trials))

    @property
    def expected(self) -> float:
        """Mean number of participants."""
        stopped = (self.low + self.high) @ np.array(self.looks, dtype=np.int64)
        return float((stopped + self.ends.sum() * (self.ends.size - 1)) / self.trials)


def simulate_one_arm(rule: CountRule, n: int, rate: float, trials: int, seed: int, compiled: bool | None = None) -> OneArmLooks:
    """Simulate trials of at most ``n`` participants under a rule.

    Each stage's count is one word of 32 bits put through the inverse of its binomial distribution, whose chances are thereby
    rounded to 2**-32. Trial *k* depends on the seed and its number alone.

    Args:
        rule: Bounds at each number of participants assessed; looks beyond ``n`` are left out.
        n: Greatest number of participants, 1 … 10,000.
        rate: True rate of what is counted, 0-1.
        trials: How many, from 1 to 10,000,000,000; memory does not depend on it.
        seed: 0 … 2**64 - 1.
        compiled: Whether numba compiles it; nothing: where it is installed. The answer is the same, to the trial.

    Raises:
        DesignError: A number is out of range.
    """
    require_count("n", n)
    require_chance("rate", rate)
    require_count("trials", trials, 1, MOST_TRIALS)
    if not 0 <= seed < 2**64:
        raise DesignError("seed", seed, "a whole number from 0 to 2**64 - 1 is wanted")
    looks = tuple(at for at in rule.looks if at <= n)
    edges = (*looks, n) if not looks or looks[-1] < n else looks
    steps = _thresholds(edges, rate)
    bounds = np.array([[rule.low[at], rule.high[at]] for at in looks], dtype=np.int64).reshape(-1, 2)
    low, high, ends = np.zeros(len(looks), np.int64), np.zeros(len(looks), np.int64), np.zeros(n + 1, np.int64)
    kernel = compiled_count() if compiled is None or compiled else None
    if kernel is None:
        _count_by_arrays((steps[0], bounds), trials, seed, (low, high, ends))
    else:
        kernel(steps, bounds, (0, trials), STREAM, key_words(seed), (low, high, ends))
    return OneArmLooks(trials, looks, low, high, ends, seed)


def _thresholds(edges: tuple[int, ...], rate: float) -> tuple[Ints, Ints]:
    """For each stage, rising words at which its count grows by one, and for each leading byte where to begin to look.

    A count is the number of thresholds that are not above the word; those that no word reaches are ``2**32``.
    """
    sizes = np.diff(edges, prepend=0)
    found = np.full((len(edges), int(sizes.max()) + 1), 2**32, dtype=np.int64)
    for stage, size in enumerate(sizes):
        chances = np.cumsum(masses(int(size), rate))[:-1]
        found[stage, :size] = np.minimum(np.rint(chances * 2.0**32), 2.0**32).astype(np.int64)
    bytes_ = np.arange(2**GUIDE_BITS, dtype=np.int64) << (32 - GUIDE_BITS)
    guide = np.stack([np.searchsorted(row, bytes_, side="right") for row in found])
    return found, guide.astype(np.int64)


def _count_by_arrays(steps: tuple[Ints, Ints], trials: int, seed: int, out: tuple[Ints, Ints, Ints]) -> None:
    thresholds, bounds = steps
    low, high, ends = out
    for start in range(0, trials, EACH):
        trial = np.arange(start, min(start + EACH, trials))
        count = np.zeros(len(trial), dtype=np.int64)
        for stage, row in enumerate(thresholds):
            count += np.searchsorted(row, words(seed, trial, 0, stage, STREAM), side="right")
            if stage == len(bounds):
                break
            few, many = count <= bounds[stage, 0], count >= bounds[stage, 1]
            low[stage] += few.sum()
            high[stage] += (many & ~few).sum()
            trial, count = trial[~(few | many)], count[~(few | many)]
        ends += np.bincount(count, minlength=ends.size)


def _count(steps: Any, bounds: Any, chosen: Any, of_stream: Any, key: Any, out: Any) -> None:
    """As :func:`_count_by_arrays`, a trial at a time; compiled by numba."""
    thresholds, guide = steps
    low, high, ends = out
    for trial in range(chosen[0], chosen[0] + chosen[1]):
        count, stopped, drawn = 0, False, (np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0))
        second = (trial >> 32) << PARTICIPANT_BITS
        for stage in range(thresholds.shape[0]):
            if stage % 4 == 0:
                drawn = philox_block((trial & LOW, second, key[0], key[1]), stage // 4, of_stream)
            word = np.int64(drawn[stage % 4])
            more = guide[stage, word >> (32 - GUIDE_BITS)]
            while thresholds[stage, more] <= word:
                more += 1
            count += more
            if stage < bounds.shape[0]:
                if count <= bounds[stage, 0]:
                    low[stage] += 1
                    stopped = True
                    break
                if count >= bounds[stage, 1]:
                    high[stage] += 1
                    stopped = True
                    break
        if not stopped:
            ends[count] += 1


@lru_cache(maxsize=1)
def compiled_count() -> Callable[..., None] | None:
    """Return the counting loop compiled (kept on disk between runs), or None where numba is not installed."""
    try:
        from trialwright.simulation import philox_compiled  # imports numba
    except ImportError:
        return None
    globals()["philox_block"] = philox_compiled.philox_block
    return compiled(_count, philox, philox_compiled)
