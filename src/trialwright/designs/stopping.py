"""Stopping rules of a whole trial as tables of counts: one meaning for conduct, simulation and exact calculation.

Every rule over one arm's counts (a two-stage rule, a predictive probability, a posterior probability of harm) comes down to
two whole numbers at each number of participants assessed: stop at so few, stop at so many. It asks nobody and knows no dates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from trialwright.designs.errors import DesignError

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NEVER_LOW = -1
MOST = 10_000
Counted = Literal["responders", "events"]


@dataclass(frozen=True, slots=True)
class CountRule:
    """When a count stops the trial.

    Args:
        id: The rule's name in the protocol.
        counts: What is counted: ``responders`` among those assessed, or ``events`` (harms) among those exposed.
        low: Stop when the count is this or less; shape ``(most + 1,)``, indexed by the number assessed; -1 where it never stops.
        high: Stop when the count is this or more; same shape; ``most + 1`` where it never stops.
        sentence: The rule in words.
    """

    id: str
    counts: Counted
    low: Ints
    high: Ints
    sentence: str = ""

    @property
    def most(self) -> int:
        """The greatest number of participants that the rule speaks of."""
        return self.low.size - 1

    @property
    def looks(self) -> tuple[int, ...]:
        """The numbers of participants assessed at which the rule may stop the trial, rising."""
        return tuple(int(n) for n in np.flatnonzero((self.low > NEVER_LOW) | (self.high <= self.most)))

    def reason(self, side: int) -> str:
        """Say why it stops: ``side`` -1 is too few, +1 enough (of responders) or too many (of harms)."""
        if self.counts == "events":
            return "harm" if side > 0 else "few harms"
        return "futility" if side < 0 else "efficacy"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say of many trials at once; every array has the shape of the counts.

    Args:
        stops: True where a rule stops the trial.
        rule: Index of the first rule that stops it; -1 where none does.
        side: -1 stopped by too few, +1 by so many, 0 not stopped.
    """

    stops: Flags
    rule: Ints
    side: Ints


def count_rule(
    rule: str, counts: Counted, most: int, bounds: Sequence[tuple[int, int | None, int | None]], sentence: str = ""
) -> CountRule:
    """Make a rule out of its looks.

    Args:
        rule: The rule's name.
        counts: What is counted.
        most: Greatest number of participants, 1 … 10,000.
        bounds: For each look: participants assessed (1 … ``most``), stop at this or fewer (None: never), stop at this or more.
        sentence: The rule in words.

    Raises:
        DesignError: A look is outside 1 … ``most``, or its two bounds meet.
    """
    if not 1 <= most <= MOST:
        raise DesignError("looks", most, f"rules are worked out for 1 to {MOST} participants")
    low, high = np.full(most + 1, NEVER_LOW, np.int64), np.full(most + 1, most + 1, np.int64)
    for n, few, many in bounds:
        if not 1 <= n <= most:
            raise DesignError("looks", n, f"each look is at 1 to {most} participants")
        if few is not None and many is not None and few >= many:
            raise DesignError("looks", n, f"it stops at {few} or fewer and at {many} or more: nothing is between")
        low[n] = NEVER_LOW if few is None else min(few, n)
        high[n] = most + 1 if many is None or many > n else max(many, 0)
    return CountRule(rule, counts, low, high, sentence)


def verdict(
    monitoring: Sequence[CountRule],
    n_assessed: npt.ArrayLike,
    n_responders: npt.ArrayLike,
    n_exposed: npt.ArrayLike = 0,
    n_events: npt.ArrayLike = 0,
) -> Verdict:
    """Say whether trials stop now; conduct asks it for one trial, simulation for all of them at once.

    A look is at the first ``n`` participants in order of enrolment. Who plays a trial forward calls this each time that
    one more participant is assessed, or uses ``first_stop``; counts that jump over a look are not caught up here.

    Args:
        monitoring: The rules, in the protocol's order; the first that stops decides.
        n_assessed: Participants whose response is known; any shape, 0 or more.
        n_responders: Of those, responders; shapes broadcast.
        n_exposed: Participants whose harm is known.
        n_events: Of those, participants with the harm.

    Returns:
        Verdict of the broadcast shape. A number of participants beyond a rule's table never stops.
    """
    assessed, responders, exposed, events = np.broadcast_arrays(
        *(np.asarray(count, np.int64) for count in (n_assessed, n_responders, n_exposed, n_events))
    )
    index, side = np.full(assessed.shape, -1, np.int64), np.zeros(assessed.shape, np.int64)
    for position, rule in enumerate(monitoring):
        n, count = (assessed, responders) if rule.counts == "responders" else (exposed, events)
        at = np.minimum(n, rule.most)
        few, many = (count <= rule.low[at]) & (n <= rule.most), (count >= rule.high[at]) & (n <= rule.most)
        new = (index < 0) & (few | many)
        index, side = np.where(new, position, index), np.where(new, np.where(few, -1, 1), side)
    return Verdict(index >= 0, index, side)


def first_stop(rule: CountRule, outcomes: npt.ArrayLike) -> tuple[Ints, Ints]:
    """Find where each trial stops when its participants are looked at one after another.

    Args:
        rule: The rule.
        outcomes: 1 for a responder (or a harm), 0 for none, in order of enrolment; shape ``(..., participants)``.

    Returns:
        Participants assessed at the stop (0: it never stops) and the side (-1 few, +1 many, 0 none); shape ``(...)``.
    """
    seen = np.cumsum(np.asarray(outcomes, np.int64), axis=-1)[..., : rule.most]
    looks = seen.shape[-1]
    few, many = seen <= rule.low[1 : looks + 1], seen >= rule.high[1 : looks + 1]
    either = few | many
    stopped = either.any(axis=-1)
    at = np.where(stopped, either.argmax(axis=-1), 0)
    by_few = np.take_along_axis(few, at[..., None], axis=-1)[..., 0]
    side = np.where(stopped, np.where(by_few, -1, 1), 0)
    return np.where(stopped, at + 1, 0), side
