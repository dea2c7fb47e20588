"""The way of each simulated participant, visit by visit: what the interpreter plays and a kernel traces. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Array = NDArray[Any]
NOT_SEEN = -2  # no visit, or nothing decided or assessed at it


@dataclass(slots=True)
class Paths:
    """So many participants, one after the other (trial by trial), and their visits.

    Args:
        participants: How many belong to each trial.
        traits: Code of each trait; shape ``(n, traits)``.
        state: State after each visit: level index, ``levels`` for nothing taken, ``levels + 1`` off treatment; ``(n, visits)``.
        act: What was advised (``engine.policy.Act``); -2 where nothing was decided. ``(n, visits)``.
        rule: Which rule decided (-1 none, -2 the course or nothing decided). ``(n, visits)``.
        category: Category of each recorded response, worst first; -1 not known, -2 not recorded. ``(n, visits, responses)``.
        grades: Grade of each event that begins at a visit; 0 none. ``(n, visits, events)``.
        holds: Holds that each rule began. ``(n, rules)``.
        seen: Visit at which the goal was first seen; -1 never. ``(n,)``.
        confirmed: Visit at which it was first confirmed; -1 never. ``(n,)``.
        left: Visit at which the participant left; -1 never. ``(n,)``.
        ended: What ended treatment (see ``tally``). ``(n,)``.
        values: What was measured at each visit: (value, given) by variable, visit by visit; only where it was asked for.
        missed: Whether each visit was missed. ``(n, visits)``.
    """

    participants: int
    traits: Ints
    state: Ints
    act: Ints
    rule: Ints
    category: Ints
    grades: Ints
    holds: Ints
    seen: Ints
    confirmed: Ints
    left: Ints
    ended: Ints
    missed: NDArray[np.bool_]
    values: list[dict[str, tuple[Array, NDArray[np.bool_]]]] = field(default_factory=list)
    before: list[dict[str, tuple[Array, NDArray[np.bool_]]]] = field(default_factory=list)


COMPARED = ("traits", "state", "act", "rule", "category", "grades", "holds", "seen", "confirmed", "left", "ended", "missed")


def empty_paths(count: int, participants: int, sizes: tuple[int, int, int, int, int]) -> Paths:
    """Return the paths of participants who have not begun; ``sizes``: traits, visits, responses, events, rules."""
    traits, visits, responses, events, rules = sizes
    return Paths(
        participants=participants,
        traits=np.zeros((count, traits), np.int64),
        state=np.full((count, visits), NOT_SEEN, np.int64),
        act=np.full((count, visits), NOT_SEEN, np.int64),
        rule=np.full((count, visits), NOT_SEEN, np.int64),
        category=np.full((count, visits, responses), NOT_SEEN, np.int64),
        grades=np.zeros((count, visits, events), np.int64),
        holds=np.zeros((count, rules), np.int64),
        seen=np.full(count, -1, np.int64),
        confirmed=np.full(count, -1, np.int64),
        left=np.full(count, -1, np.int64),
        ended=np.zeros(count, np.int64),
        missed=np.zeros((count, visits), bool),
    )
