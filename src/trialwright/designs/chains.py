"""Exact operating characteristics of any rule over one arm's counts: a finite chain, no simulation. Chooses no rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from trialwright.designs.binomial import masses
from trialwright.designs.errors import DesignError, require_count
from trialwright.designs.stopping import CountRule, count_rule

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Characteristics:
    """What happens at each true rate; ``(...)`` is the shape of the rates and the last axis the looks, rising.

    Args:
        looks: Participants at each look.
        low: Chance of stopping there with too few; shape ``(..., looks)``.
        high: Chance of stopping there with so many; same shape.
        ends: Chance of each count 0 … n where no look stopped the trial; shape ``(..., n + 1)``.
        expected: Expected participants; shape ``(...)``.
    """

    looks: tuple[int, ...]
    low: Floats
    high: Floats
    ends: Floats
    expected: Floats

    @property
    def stopped_low(self) -> Floats:
        """Chance of ever stopping with too few."""
        return np.asarray(self.low.sum(axis=-1), np.float64)

    @property
    def stopped_high(self) -> Floats:
        """Chance of ever stopping with so many."""
        return np.asarray(self.high.sum(axis=-1), np.float64)


def operating_characteristics(rule: CountRule, n: int, rates: npt.ArrayLike) -> Characteristics:
    """Compute, exactly, where trials of at most ``n`` participants stop under a rule.

    Args:
        rule: Bounds at each number of participants assessed; looks beyond ``n`` are left out.
        n: Greatest number of participants, 1 … 10,000.
        rates: True rate of what is counted (0-1); any shape, many at once.

    Returns:
        Characteristics; its chances ``low``, ``high`` and ``ends`` add up to 1 at each rate.

    Raises:
        DesignError: ``n`` or a rate is out of range.

    Source: Schultz JR et al., Biometrics 1973;29:293-318 (recursion over stages); a look costs one convolution.
    """
    require_count("n", n)
    rate = np.asarray(rates, np.float64)
    if not np.all((rate >= 0) & (rate <= 1)):
        raise DesignError("rates", rates, "each is a number from 0 to 1")
    looks = tuple(at for at in rule.looks if at <= n)
    alive = np.zeros((*rate.shape, n + 1))
    alive[..., 0] = 1.0
    lows, highs, before = [], [], 0
    kept: dict[int, Floats] = {}
    for at in looks:
        alive = _further(alive, before, at, rate, kept)
        few, many = alive[..., : int(rule.low[at]) + 1], alive[..., int(rule.high[at]) :]
        lows.append(few.sum(axis=-1))
        highs.append(many.sum(axis=-1))
        few[...] = many[...] = 0.0
        before = at
    alive = _further(alive, before, n, rate, kept)
    low = np.stack(lows, axis=-1) if looks else np.zeros((*rate.shape, 0))
    high = np.stack(highs, axis=-1) if looks else np.zeros((*rate.shape, 0))
    expected = n * alive.sum(axis=-1) + ((low + high) * np.asarray(looks, np.float64)).sum(axis=-1)
    return Characteristics(looks, low, high, alive, np.asarray(expected, np.float64))


def _further(alive: Floats, before: int, after: int, rate: Floats, kept: dict[int, Floats]) -> Floats:
    """Add ``after - before`` participants to every trial that goes on; counts above ``before`` have no chance yet."""
    more = after - before
    if more == 0:
        return alive
    if more not in kept:
        kept[more] = masses(more, rate)
    steps, grown = kept[more], np.zeros_like(alive)
    if more <= before:
        for hits in range(more + 1):
            grown[..., hits : hits + before + 1] += alive[..., : before + 1] * steps[..., hits, None]
    else:
        for seen in range(before + 1):
            grown[..., seen : seen + more + 1] += alive[..., seen, None] * steps
    return grown


def stages(looks: Sequence[int], low: Sequence[int], high: Sequence[int]) -> CountRule:
    """Make a rule of responders out of acceptance and rejection numbers.

    Args:
        looks: Participants at each look, rising.
        low: Stop at this or fewer; -1 never.
        high: Stop at this or more; above the look never.

    Raises:
        DesignError: The three differ in length, or the looks do not rise.
    """
    if not looks or len(looks) != len(low) or len(looks) != len(high) or any(b <= a for a, b in pairwise(looks)):
        raise DesignError("looks", list(looks), "rising numbers of participants are wanted, with one bound of each kind for each")
    return count_rule("stages", "responders", looks[-1], list(zip(looks, low, high, strict=True)))
