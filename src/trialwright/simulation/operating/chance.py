"""What is drawn for simulated participants: every word at its fixed place, one array over people at a time.

What may happen at visits is drawn a byte at a time: sixteen bytes come out of one block, and most questions ("does a rare event
begin?") are answered by the first byte. The 24 bits below it stand in a block of their own, which a kernel draws only where the
first byte leaves the answer open. Here both are put together:

    byte of draw i at place p  = byte (p · room + i) of the stream "chances", 16 to a block
    bits below it              = word i % 4 of block p of the stream "more/{i // 4}"

Events come first, then the rest of the course, then measurements: so two protocols with one file draw the same courses.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.parameters import Parameters
from trialwright.simulation.operating.quantiles import look_up
from trialwright.simulation.philox import block, stream, words

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Block = tuple[NDArray[np.uint64], ...]
BYTES, BLOCKS_KEPT = 16, 12


def draws(design: Design) -> tuple[str, ...]:
    """Return what may be drawn at a visit, in the order of its bytes."""
    own, chances = design.response, design.chances
    found = [f"event/{one.name}" for one in design.events]
    found += ["response"] if own is not None else []
    found += ["lost"] if own is not None and own.lost else []
    found += [name for name in ("leaves", "missed", "declines") if getattr(chances, name) is not None]
    for one in design.variables:
        found += [f"missing/{one.name}"] if one.missing else []
        found += [f"flag/{one.name}"] if one.kind == "flag" else []
        found += [f"noise/{one.name}"] if one.noisy and one.kind == "amount" else []
    return tuple(found)


def room(design: Design) -> int:
    """Return how many bytes a visit has: 1, 2, 4, 8, or a multiple of 16, so that they share a block or fill some."""
    count = max(1, len(draws(design)))
    return 1 << (count - 1).bit_length() if count <= BYTES else -(-count // BYTES) * BYTES


def more_stream(index: int) -> str:
    """Return the stream of the bits below a draw's byte."""
    return f"more/{index // 4}"


def trait_word(index: int) -> tuple[str, int]:
    """Return the stream and the place of a trait's word."""
    return "traits", index


def level_word(index: int) -> tuple[str, int]:
    """Return the stream and the place of the word for a participant's own level of the ``index``-th amount."""
    return "levels", index


class Chance:
    """The draws of some participants.

    Args:
        design: What is played.
        parameters: With which numbers.
        seed: 0 … 2**64 - 1.
        trial: Number of each participant's trial; shape ``(n,)``.
        participant: Number of each in the trial; shape ``(n,)``.
    """

    def __init__(self, design: Design, parameters: Parameters, seed: int, trial: NDArray[Any], participant: NDArray[Any]) -> None:
        self.design, self.parameters, self.seed = design, parameters, seed
        self.trial, self.participant = trial, participant
        self._room, self._order = room(design), {name: index for index, name in enumerate(draws(design))}
        self._blocks: dict[tuple[str, int], Block] = {}
        self.traits = self._traits()
        self._own = self._levels()

    def word(self, purpose: str, place: int) -> NDArray[np.uint32]:
        """The word of a purpose at a place: the visit's number, or one behind them all for a visit before the first dose."""
        index = self._order[purpose]
        number = place * self._room + index
        first = self._block("chances", number // BYTES)[number % BYTES // 4] >> np.uint64(8 * (number % 4)) & np.uint64(255)
        more = self._block(more_stream(index), place)[index % 4]
        return (first << np.uint64(24) | more >> np.uint64(8)).astype(np.uint32)

    def _block(self, of_stream: str, number: int) -> Block:
        """A block of a stream; the latest are kept, since purposes share them."""
        key = (of_stream, number)
        if key not in self._blocks:
            while len(self._blocks) >= BLOCKS_KEPT:
                del self._blocks[next(iter(self._blocks))]
            self._blocks[key] = block(self.seed, self.trial, self.participant, number, stream(of_stream))
        return self._blocks[key]

    def _once(self, place: tuple[str, int]) -> NDArray[np.uint32]:
        """A word that is drawn once for each participant."""
        return words(self.seed, self.trial, self.participant, place[1], stream(place[0]))

    def _traits(self) -> Ints:
        found = np.zeros((len(self.trial), len(self.design.traits)), np.int64)
        for index, trait in enumerate(self.design.traits):
            shares = self.parameters.chances[f"trait/{trait.name}"]
            row = shares[found[:, trait.by]] if trait.by >= 0 else shares[0]
            found[:, index] = (self._once(trait_word(index))[:, None] >= row).sum(axis=-1)
        return found

    def _levels(self) -> dict[str, NDArray[np.float64]]:
        found = {}
        amounts = [one for one in self.design.variables if one.kind == "amount"]
        for index, plan in enumerate(amounts):
            found[plan.name] = look_up(
                self.parameters.numbers[f"level/{plan.name}"][self.code(plan.trait)], self._once(level_word(index))
            )
        return found

    def code(self, trait: int) -> Ints:
        """Each participant's code of a trait; 0 for -1, where nothing depends on any."""
        return self.traits[:, trait] if trait >= 0 else np.zeros(len(self.trial), np.int64)

    def happens(self, purpose: str, visit: int, trait: int, dose: Ints) -> Bools:
        """Whether something with a weekly chance happens in the time up to a visit; ``dose`` is the index of what is taken."""
        table = self.parameters.chances[purpose][self.design.gap_of[visit]]
        return np.asarray(self.word(purpose, visit) < table[self.code(trait), dose])

    def leaves(self, visit: int, trait: int, responding: Ints, dose: Ints) -> Bools:
        """Whether each leaves by a visit; the chance may hang on the response."""
        table = self.parameters.chances["leaves"][self.design.gap_of[visit]]
        state = responding if table.shape[1] > 1 else 0
        return np.asarray(self.word("leaves", visit) < table[self.code(trait), state, dose])

    def chooses(self, purpose: str, visit: int, trait: int, dose: Ints) -> Bools:
        """Whether something with a chance at each visit happens."""
        return np.asarray(self.word(purpose, visit) < self.parameters.chances[purpose][self.code(trait), dose])

    def grade(self, event: int, visit: int, dose: Ints) -> Ints:
        """The grade of an event that begins in the time up to a visit; 0 where none does."""
        plan = self.design.events[event]
        purpose = f"event/{plan.name}"
        bounds = self.parameters.chances[purpose][self.design.gap_of[visit]][self.code(plan.trait), dose]
        index = (self.word(purpose, visit)[:, None] >= bounds).sum(axis=-1)
        return np.asarray(np.array([*plan.grades, 0])[index])

    def present(self, variable: str, visit: int) -> Bools:
        """Whether a value is there at a visit; before the first dose, and with it, one that is lost is measured again."""
        purpose = f"missing/{variable}"
        if purpose not in self.parameters.chances or not 0 < visit < len(self.design.visits.on):
            return np.ones(len(self.trial), bool)
        return np.asarray(self.word(purpose, visit) >= self.parameters.chances[purpose][0])

    def value(self, variable: str, visit: int, responding: Ints, dose: Ints) -> NDArray[Any]:
        """What a measurement gives at a visit, before rounding."""
        plan, numbers = self.design.variable(variable), self.parameters.numbers
        match plan.kind:
            case "finite":
                return np.asarray(numbers[f"value/{variable}"][self.code(plan.trait), responding if plan.by_response else 0])
            case "flag":
                chance = self.parameters.chances[f"flag/{variable}"][0]
                return np.asarray(self.word(f"flag/{variable}", visit) < chance, np.float64)
            case "amount":
                found = self._own[variable]
                if plan.by_dose:
                    found = found * numbers[f"dose/{variable}"][dose]
                if plan.noisy:
                    found = found * look_up(numbers[f"noise/{variable}"], self.word(f"noise/{variable}", visit))
                return found
