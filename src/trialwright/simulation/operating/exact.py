"""Exact operating characteristics where chance has few outcomes: every way through a trial, with its probability.

The interpreter itself walks all ways at once: where something may happen or not, a way becomes two. So the exact answer rests
on the same rules, evaluator and policy as a run. Amounts that are drawn have no end of outcomes, and are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.expressions import Milestone
from trialwright.simulation.operating.chance import Chance
from trialwright.simulation.operating.chart import LATER, Answers, Chart, Episodes
from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.interpreter import Player
from trialwright.simulation.operating.parameters import ALWAYS, Parameters
from trialwright.simulation.operating.paths import Paths

MOST_WAYS = 2_000_000
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class NotFinite(ValueError):  # noqa: N818 - named for what was found
    """A design whose ways cannot all be walked; the message says why."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Every way of one participant through the trial: its probability (they add up to 1) and its path."""

    probability: Floats
    paths: Paths

    def of(self, condition: NDArray[np.bool_]) -> float:
        """The probability of a condition on the paths."""
        return float(self.probability[condition].sum())


def exact_ways(design: Design, numbers: Parameters) -> Ways:
    """Walk every way of one participant.

    Args:
        design: What is played.
        numbers: With which numbers; chances are taken to their 32 bits, as a run takes them.

    Raises:
        NotFinite: An amount is drawn, a value may go missing, or there are more than two million ways.
    """
    drawn = [one.name for one in design.variables if one.kind != "finite" or f"missing/{one.name}" in numbers.live]
    if drawn:
        raise NotFinite(f"{', '.join(drawn)} has no end of values")
    traits, weight = _traits(design, numbers)
    chance = _Certain(design, numbers, traits)
    player = Player(design, numbers, chance, keep_values=False)
    player.start()
    for index, visit in enumerate(design.visits.on):
        if index:
            weight = _split(player, chance, index, weight)
        player.visit(index, visit)
    return Ways(weight, player.finish())


def _traits(design: Design, numbers: Parameters) -> tuple[Ints, Floats]:
    """Every combination of traits, and its probability."""
    codes, weight = np.zeros((1, 0), np.int64), np.ones(1)
    for trait in design.traits:
        shares = numbers.chances[f"trait/{trait.name}"].astype(np.float64) / ALWAYS
        shares = np.diff(shares, axis=-1, prepend=0.0)
        row = codes[:, trait.by] if trait.by >= 0 else np.zeros(len(codes), np.int64)
        weight = (weight[:, None] * shares[row]).reshape(-1)
        count = len(trait.codes)
        codes = np.column_stack([np.repeat(codes, count, axis=0), np.tile(np.arange(count), len(codes))])
        codes, weight = codes[weight > 0], weight[weight > 0]
    return codes, weight


class _Certain(Chance):
    """Chance that has been decided: what happens up to the next visit stands in ``decided``, by purpose."""

    def __init__(self, design: Design, numbers: Parameters, traits: Ints) -> None:
        self.design, self.parameters, self.traits = design, numbers, traits
        self.trial = self.participant = np.zeros(len(traits), np.uint64)
        self.decided: dict[str, Ints] = {}

    def happens(self, purpose: str, *_: Any) -> NDArray[np.bool_]:
        """As decided."""
        return np.asarray(self.decided[purpose] == 1)

    def leaves(self, *_: Any) -> NDArray[np.bool_]:
        """As decided."""
        return np.asarray(self.decided["leaves"] == 1)

    def chooses(self, purpose: str, *_: Any) -> NDArray[np.bool_]:
        """As decided."""
        return np.asarray(self.decided[purpose] == 1)

    def grade(self, event: int, *_: Any) -> Ints:
        """As decided."""
        return self.decided[f"event/{self.design.events[event].name}"]

    def present(self, *_: Any) -> NDArray[np.bool_]:
        """Nothing goes missing."""
        return np.ones(len(self.traits), bool)


def _split(player: Player, chance: _Certain, index: int, weight: Floats) -> Floats:
    """Let each thing that may happen before a visit happen and not happen; return the new weights."""
    design, gap = player.design, player.design.gap_of[index]
    chance.decided = {}
    own = design.response
    dose = player.dose_index
    if own is not None:
        comes = _chances(chance, "response", gap)[chance.code(own.trait), dose()] * (player.responding == 0)
        weight = _two(player, chance, "response", comes, weight)
        if own.lost:
            gone = _chances(chance, "lost", gap)[chance.code(own.lost_trait), dose()] * (player.responding == 1)
            weight = _two(player, chance, "lost", gone, weight)
    for number in range(len(design.events)):
        weight = _event(player, chance, number, gap, weight)
    chances = design.chances
    if chances.leaves is not None:
        table = _chances(chance, "leaves", gap)
        state = player.responding if own is None else _responding_next(player, chance)
        leaving = table[chance.code(chances.leaves), state if table.shape[1] > 1 else 0, dose()]
        weight = _two(player, chance, "leaves", leaving, weight)
    for purpose, trait in (("missed", chances.missed), ("declines", chances.declines)):
        if trait is not None:
            table = chance.parameters.chances[purpose].astype(np.float64) / ALWAYS
            weight = _two(player, chance, purpose, table[chance.code(trait), dose()], weight)
    return weight


def _chances(chance: _Certain, purpose: str, gap: int) -> Floats:
    return np.asarray(chance.parameters.chances[purpose][gap].astype(np.float64) / ALWAYS)


def _responding_next(player: Player, chance: _Certain) -> Ints:
    """Whether the response is there once what was decided has happened."""
    gone = chance.decided.get("lost", np.zeros_like(player.responding)) == 1
    return np.where(player.responding == 0, chance.decided["response"], np.where(gone, 0, 1))


def _two(player: Player, chance: _Certain, purpose: str, happens: Floats, weight: Floats) -> Floats:
    return _branched(player, chance, purpose, [(0, 1 - happens), (1, happens)], weight)


def _event(player: Player, chance: _Certain, number: int, gap: int, weight: Floats) -> Floats:
    plan, episodes = player.design.events[number], player.chart.episodes[number]
    purpose = f"event/{plan.name}"
    rows = _chances(chance, purpose, gap)[chance.code(plan.trait), player.dose_index()]
    free = (episodes.begins == LATER) | (episodes.ends <= player.chart.last[Milestone.LAST_DECISION])
    each = np.diff(rows, axis=-1, prepend=0.0) * free[:, None]
    outcomes = [(0, 1 - each.sum(axis=-1)), *((grade, each[:, place]) for place, grade in enumerate(plan.grades))]
    return _branched(player, chance, purpose, outcomes, weight)


def _branched(player: Player, chance: _Certain, purpose: str, outcomes: list[tuple[int, Floats]], weight: Floats) -> Floats:
    """Take every way once for each outcome that it can have; who is off treatment has one outcome: nothing happens."""
    probable = np.stack([one for _, one in outcomes])
    probable[0, ~player.active], probable[1:, ~player.active] = 1.0, 0.0
    outcome, way = np.nonzero(probable > 0)
    if len(way) > MOST_WAYS:
        raise NotFinite(f"there are more than {MOST_WAYS:,} ways")
    _take(player, way, len(weight))
    _take(chance, way, len(weight))
    player.chart.count = len(way)
    chance.decided[purpose] = np.array([code for code, _ in outcomes])[outcome]
    return np.asarray(weight[way] * probable[outcome, way])


def _take(whole: Any, index: NDArray[np.int64], count: int) -> None:
    """Take some rows, perhaps repeated, of every array over people that something holds."""
    names = [one.name for one in fields(whole)] if is_dataclass(whole) else list(vars(whole))
    for name in names:
        setattr(whole, name, _rows(getattr(whole, name), index, count))


def _rows(value: Any, index: NDArray[np.int64], count: int) -> Any:
    match value:
        case np.ndarray() if value.ndim and value.shape[0] == count:
            return value[index]
        case dict():
            return {key: _rows(one, index, count) for key, one in value.items()}
        case list() | tuple():
            return type(value)(_rows(one, index, count) for one in value)
        case Chance() | Design() | Parameters():
            return value
        case Chart() | Episodes() | Answers() | Paths():
            _take(value, index, count)
            return value
        case _:
            return value
