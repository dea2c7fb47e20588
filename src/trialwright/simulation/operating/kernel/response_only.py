"""A kernel for designs in which nothing but the response is left to chance once the traits are drawn.

A participant's path then hangs on the traits and on the visit at which the response comes, and on nothing else. The
interpreter plays each of those few paths once; what remains for every participant of every trial is to draw which of them it
is. No rule is written here: the paths come from the protocol's own evaluator and policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.simulation.operating.chance import Chance
from trialwright.simulation.operating.counting import count
from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.interpreter import Player
from trialwright.simulation.operating.parameters import Parameters
from trialwright.simulation.operating.paths import Paths
from trialwright.simulation.operating.tally import Layout, layout_of

Ints = NDArray[np.int64]
OF_TRIALS = ("seen", "confirmed", "at_level", "enrolled", "stopped_by", "duration", "accrual", "sites", "responders")
MOST_PATHS, MOST_VISITS, MOST_ALIKE = 20_000, 255, 255


def applies(design: Design, numbers: Parameters) -> bool:
    """Whether, with these numbers, only traits and the response are drawn."""
    if design.response is None or design.goal is None or any(one.kind != "finite" for one in design.variables):
        return False
    drawn = {name for name in numbers.live if not name.startswith("trait/")} - {"site"}
    combinations = int(np.prod([len(trait.codes) for trait in design.traits], dtype=np.int64))
    few = combinations <= MOST_ALIKE and len(design.visits.on) <= MOST_VISITS
    return few and drawn <= {"response"} and combinations * len(design.visits.on) <= MOST_PATHS


class _Chosen(Chance):
    """Chance that is settled: each participant's traits, and the visit at which the response comes (0: never)."""

    def __init__(self, design: Design, numbers: Parameters, traits: Ints, comes: Ints) -> None:
        self.design, self.parameters, self.traits, self.comes = design, numbers, traits, comes
        self.trial = self.participant = np.zeros(len(traits), np.uint64)

    def happens(self, purpose: str, visit: int, *_: Any) -> NDArray[np.bool_]:
        """The response comes at its visit; nothing else happens."""
        return np.asarray((self.comes == visit) & (purpose == "response"))

    def leaves(self, *_: Any) -> NDArray[np.bool_]:
        """Nobody leaves."""
        return np.zeros(len(self.traits), bool)

    def chooses(self, *_: Any) -> NDArray[np.bool_]:
        """No visit is missed, no increase declined."""
        return np.zeros(len(self.traits), bool)

    def grade(self, *_: Any) -> Ints:
        """No event begins."""
        return np.zeros(len(self.traits), np.int64)

    def present(self, *_: Any) -> NDArray[np.bool_]:
        """Nothing goes missing."""
        return np.ones(len(self.traits), bool)


@dataclass(frozen=True, slots=True)
class FewPaths:
    """The paths, and what a kernel takes.

    Args:
        shares: Cumulative thresholds of each trait by the code of the trait above; ``(traits, codes above, codes)``.
        above: Index of the trait above; -1 none.
        bounds: Threshold of the response before each visit; ``(visits, columns)``; combinations of traits share columns.
        like: The column of each combination; ``(combinations,)``.
        traits: Codes of each combination; ``(combinations, traits)``.
        seen, confirmed: Whether a path sees and confirms the response; ``(combinations, visits)``, visit 0 meaning never.
        level: Index of what was taken when it was seen; one beyond all where it was not.
        last: Last day.
        cell: Combination × 3, and 1 more where the response is seen, 2 where it is confirmed.
        counts: What one participant on a path adds to the tables of participants; ``(combinations × visits, counts)``.
    """

    shares: Ints
    above: Ints
    bounds: Ints
    like: NDArray[np.uint32]
    traits: Ints
    seen: Ints
    confirmed: Ints
    level: Ints
    last: Ints
    cell: Ints
    counts: Ints


def few_paths(design: Design, numbers: Parameters) -> FewPaths:
    """Play every path once."""
    visits, response = len(design.visits.on), design.response
    assert response is not None
    codes = [len(trait.codes) for trait in design.traits]
    grid = np.indices(codes or [1]).reshape(max(1, len(codes)), -1).T[:, : len(codes)]
    traits = np.repeat(grid, visits, axis=0)
    comes = np.tile(np.arange(visits), len(grid))
    chance = _Chosen(design, numbers, traits, comes)
    player = Player(design, numbers, chance, keep_values=False)
    paths = player.play()
    never = paths.state.reshape(len(grid), visits, -1)[:, 0]
    table = numbers.chances["response"]
    bounds = np.zeros((visits, len(grid)), np.int64)
    for visit in range(1, visits):
        dose = never[:, visit - 1]
        code = grid[:, response.trait] if response.trait >= 0 else np.zeros(len(grid), np.int64)
        on = dose <= design.levels
        bounds[visit] = np.where(on, table[design.gap_of[visit]][code, np.minimum(dose, design.levels)].astype(np.int64), 0)
    columns, like = np.unique(bounds, axis=1, return_inverse=True)
    ends, counts = _ends(design, paths, len(grid)), _counts(design, numbers, paths)
    shares, above = _shares(design, numbers)
    of_combination = like.reshape(-1).astype(np.uint32)
    return FewPaths(shares, above, np.asarray(columns), of_combination, grid.astype(np.int64), *ends, counts)


def _shares(design: Design, numbers: Parameters) -> tuple[Ints, Ints]:
    most = max([1, *(len(trait.codes) for trait in design.traits)])
    shares = np.full((len(design.traits), most, most), 2**32, np.int64)
    for index, trait in enumerate(design.traits):
        table = numbers.chances[f"trait/{trait.name}"].astype(np.int64)
        shares[index, : table.shape[0], : table.shape[1]] = table
    return shares, np.array([trait.by for trait in design.traits], np.int64)


def _ends(design: Design, paths: Paths, combinations: int) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    shape, off = (combinations, len(design.visits.on)), design.levels + 1
    before = paths.state[np.arange(len(paths.state)), np.maximum(paths.seen - 1, 0)]
    days = np.array([visit.day for visit in design.visits.on])
    stopped = (paths.state == off).any(axis=1)
    last = np.where(stopped, days[(paths.state == off).argmax(axis=1)], design.visits.end_day)
    seen, confirmed = (paths.seen >= 0).astype(np.int64), (paths.confirmed >= 0).astype(np.int64)
    level = np.where(paths.seen >= 0, np.minimum(before, design.levels), design.levels + 1)
    cell = np.repeat(np.arange(combinations) * 3, shape[1]) + seen + (seen & confirmed)
    found = (seen, confirmed, level, last, cell)
    return tuple(one.reshape(shape).astype(np.int64) for one in found)  # type: ignore[return-value]  # five of them


def _counts(design: Design, numbers: Parameters, paths: Paths) -> Ints:
    """What each path adds: the participant counted alone, the tables of trials left out."""
    layout = layout_of(design, numbers.participants)
    rows = []
    for row in range(len(paths.state)):
        alone = _alone(paths, row)
        tally = count(design, Parameters(1, numbers.chances, numbers.numbers, numbers.live), alone, 0, range(1))
        rows.append(np.concatenate([tally.table(name).reshape(-1) for name in _of_people(layout)]))
    return np.array(rows, np.int64)


def _of_people(layout: Layout) -> list[str]:
    """The tables that count participants and not trials: their shape does not hang on how many there are."""
    joint = ("seen/", "confirmed/", "cross/")
    return [name for name in layout.shapes if name not in OF_TRIALS and not name.startswith(joint)]


def _alone(paths: Paths, row: int) -> Paths:
    part = slice(row, row + 1)
    return Paths(
        1, paths.traits[part], paths.state[part], paths.act[part], paths.rule[part], paths.category[part], paths.grades[part],
        paths.holds[part], paths.seen[part], paths.confirmed[part], paths.left[part], paths.ended[part], paths.missed[part],
    )  # fmt: skip


def spread(layout: Layout, counts: NDArray[np.int64], of_paths: Ints, found: FewPaths) -> None:
    """Add what the participants on each path add to the tables of participants."""
    total = of_paths.reshape(-1) @ found.counts
    places, at = layout.offsets(), 0
    for name in _of_people(layout):
        size = int(np.prod(layout.shapes[name], dtype=np.int64))
        counts[places[name] : places[name] + size] += total[at : at + size]
        at += size
