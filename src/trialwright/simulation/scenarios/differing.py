"""Differences between scenarios that were played with the same random numbers, and the error that remains in them.

The same trials are played under both; what chance they share falls out of the difference of each chunk, so its error is smaller
than that of two runs apart. Both errors are told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from trialwright.simulation.characteristics.building import FEWEST_BATCHES, Measures, column
from trialwright.simulation.characteristics.estimates import Estimate, of_batches
from trialwright.simulation.characteristics.result import Probability
from trialwright.simulation.scenarios.playing import Compared


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure under two scenarios: ``difference`` is that of the other minus this one.

    Args:
        id: The measure.
        label: In words.
        share: Whether it is a probability.
        one: Its value in the scenario that is compared with.
        other: Its value in the other.
        difference: With the error of paired trials; not a number where there are too few chunks to have one.
        apart: What the error would be, had both been played with random numbers of their own.
    """

    id: str
    label: str
    share: bool
    one: float
    other: float
    difference: Estimate
    apart: float


def differences(one: Compared, other: Compared) -> Iterator[Difference]:
    """Yield the difference of every measure that both have."""
    theirs = {found.id: found for found in other.found.probabilities}
    for mine in one.found.probabilities:
        if mine.id in theirs:
            yield _difference(mine, theirs[mine.id], one.batches, other.batches)


def difference(one: Compared, other: Compared, name: str) -> Difference:
    """Return the difference of one measure.

    Raises:
        KeyError: One of them has none of that name.
    """
    return _difference(one.found.probability(name), other.found.probability(name), one.batches, other.batches)


def _difference(
    mine: Probability, theirs: Probability, ours: Mapping[int, Measures], others: Mapping[int, Measures]
) -> Difference:
    both = [first for first in ours if first in others]
    pairs = column([others[first] for first in both], mine.id) - column([ours[first] for first in both], mine.id)
    whole = theirs.estimate.value - mine.estimate.value
    found = (
        of_batches(pairs, whole) if np.isfinite(pairs).sum() >= FEWEST_BATCHES else Estimate(whole, math.nan, math.nan, math.nan)
    )
    apart = math.hypot(mine.estimate.error, theirs.estimate.error)
    return Difference(mine.id, mine.label, mine.share, mine.estimate.value, theirs.estimate.value, found, apart)
