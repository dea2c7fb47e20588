"""Which states are reached on which study day, by how few decisions, and the shortest way to one of them.

Every day a decision may be taken or not, so missed, early, late and unscheduled visits are all there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialwright.review.policy.moves import after_decision
from trialwright.review.policy.space import DECLINED, SITE, Space, pick

FAR = np.int32(1_000_000)
MOST_EXTRA_DAYS = 400


@dataclass(frozen=True, slots=True)
class Taken:
    """One decision on a way: the study day, how it was taken, its batch, and the vectors that any of which will do."""

    day: int
    source: int
    target: int
    how: int
    batch: int
    vectors: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reached:
    """Fewest decisions to each state at the start of each day.

    Args:
        cost: Shape ``(days, states)``; ``FAR`` where the state is not reached. Row 0 is study day 1.
        next_day: The state a day later, nothing being decided; shape ``(states,)``.
        nearest: For each kind of day, the fewest decisions to each state on any such day.
    """

    space: Space
    cost: NDArray[np.int32]
    next_day: NDArray[np.int64]
    nearest: Mapping[int, NDArray[np.int32]]

    @property
    def states(self) -> int:
        """How many pairs of state and day are reached."""
        return int((self.cost < FAR).sum())

    def kind(self, row: int) -> int:
        """The kind of day of a row; the last kind goes on for ever."""
        kinds = self.space.kinds
        return kinds[min(row, len(kinds) - 1)]

    def by_kind(self, kind: int) -> NDArray[np.int32]:
        """Return the fewest decisions to each state on any day of a kind."""
        return self.nearest[kind]

    def way_to(self, row: int, state: int) -> tuple[Taken, ...]:
        """Return the decisions of a shortest way to a state at the start of a day, in order."""
        taken: list[Taken] = []
        while row > 0:
            row -= 1
            before = self._without_decision(row, state)
            if before is not None:
                state = before
                continue
            last = self._decision(row, state)
            taken.append(last)
            state = last.source
        return tuple(reversed(taken))

    def _without_decision(self, row: int, state: int) -> int | None:
        stayed = (self.next_day == state) & (self.cost[row] == self.cost[row + 1, state]) & self._waits()
        found = np.flatnonzero(stayed)
        return int(found[0]) if found.size else None

    def _waits(self) -> NDArray[np.bool_]:
        """A day may pass without a decision in every state but the one before the first dose."""
        start = int(np.searchsorted(self.space.codes, self.space.questions.packing.before_start()[0]))
        waits = np.ones(self.cost.shape[1], bool)
        waits[start] = False
        return waits

    def _decision(self, row: int, state: int) -> Taken:
        edges = self.space.edges[self.kind(row)]
        spent = self.cost[row][edges.source] + weights(edges.how)
        fits = (self.next_day[edges.target] == state) & (spent == self.cost[row + 1, state])
        index = int(np.flatnonzero(fits)[0])
        source, target, how = int(edges.source[index]), int(edges.target[index]), int(edges.how[index])
        batch = int(edges.batch[index])
        vectors = () if how == SITE else self._leading(source, target, how, batch)
        return Taken(row + 1, source, target, how, batch, vectors)

    def _leading(self, source: int, target: int, how: int, number: int) -> tuple[int, ...]:
        """Return every vector by which a decision leads from one state to another."""
        space = self.space
        batch, packing = space.batches[number], space.questions.packing
        row = np.searchsorted(batch.codes, space.codes[source : source + 1])
        found = pick(batch.found, row)
        before = packing.unpack(space.codes[source : source + 1])
        if how == DECLINED:
            return tuple(np.flatnonzero(found.optional[0]).tolist())
        return tuple(np.flatnonzero(after_decision(packing, before, found)[0] == space.codes[target]).tolist())


def weights(how: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return what a decision counts: one that leaves the advice counts double, so that the plainest way is found."""
    return np.where(how == SITE, 2, 1).astype(np.int32)


def reach(space: Space, departures: bool = True) -> Reached:
    """Walk through the days until nothing new is reached.

    Args:
        departures: Whether a site may hold, reduce or stop of its own accord, and resume what it held.
    """
    packing, states = space.questions.packing, space.codes.size
    start = int(np.searchsorted(space.codes, packing.before_start()[0]))
    next_day = np.searchsorted(space.codes, packing.next_day(space.codes))
    today = np.full(states, FAR)
    today[start] = 0
    rows = [today]
    last = len(space.kinds)
    while len(rows) < last + MOST_EXTRA_DAYS:
        edges = space.edges[space.kinds[min(len(rows) - 1, last - 1)]]
        tomorrow = np.full(states, FAR)
        waiting = today.copy()
        waiting[start] = FAR
        np.minimum.at(tomorrow, next_day, waiting)
        arriving = (edges.target != start) & (departures | (edges.how != SITE))
        np.minimum.at(tomorrow, next_day[edges.target[arriving]], (today[edges.source] + weights(edges.how))[arriving])
        tomorrow = np.minimum(tomorrow, FAR)
        if len(rows) >= last and not (tomorrow < np.stack(rows[last - 1 :]).min(axis=0)).any():
            break
        rows.append(tomorrow)
        today = tomorrow
    cost = np.stack(rows)
    kinds = np.array([space.kinds[min(row, last - 1)] for row in range(len(rows))])
    nearest = {kind: cost[kinds == kind].min(axis=0) for kind in set(space.kinds)}
    return Reached(space, cost, next_day, nearest)
