"""What is drawn for simulated participants: every word at its fixed place, one array over people at a time.

Streams are named by purpose, so that a file with one event more, or a protocol with other rules, draws the same for the rest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.parameters import Parameters
from trialwright.simulation.operating.quantiles import look_up
from trialwright.simulation.philox import stream, words

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
AT_VISITS = ("missing/", "flag/", "noise/")


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
        self.traits = self._traits()
        self._own = self._levels()

    def word(self, purpose: str, place: int) -> NDArray[np.uint32]:
        """The word at a place of a stream: the visit's number for what is measured at it."""
        return words(self.seed, self.trial, self.participant, place, stream(purpose))

    def before(self, purpose: str, visit: int) -> NDArray[np.uint32]:
        """The word for the time that ends with a visit."""
        return self.word(purpose, visit - 1)

    def _traits(self) -> Ints:
        found = np.zeros((len(self.trial), len(self.design.traits)), np.int64)
        for index, trait in enumerate(self.design.traits):
            shares = self.parameters.chances[f"trait/{trait.name}"]
            row = shares[found[:, trait.by]] if trait.by >= 0 else shares[0]
            found[:, index] = (self.word(*trait_word(index))[:, None] >= row).sum(axis=-1)
        return found

    def _levels(self) -> dict[str, NDArray[np.float64]]:
        found = {}
        amounts = [one for one in self.design.variables if one.kind == "amount"]
        for index, plan in enumerate(amounts):
            found[plan.name] = look_up(
                self.parameters.numbers[f"level/{plan.name}"][self.code(plan.trait)], self.word(*level_word(index))
            )
        return found

    def code(self, trait: int) -> Ints:
        """Each participant's code of a trait; 0 for -1, where nothing depends on any."""
        return self.traits[:, trait] if trait >= 0 else np.zeros(len(self.trial), np.int64)

    def happens(self, purpose: str, visit: int, trait: int, dose: Ints) -> Bools:
        """Whether something with a weekly chance happens in the time up to a visit; ``dose`` is the index of what is taken."""
        table = self.parameters.chances[purpose][self.design.gap_of[visit]]
        return np.asarray(self.before(purpose, visit) < table[self.code(trait), dose])

    def leaves(self, visit: int, trait: int, responding: Ints, dose: Ints) -> Bools:
        """Whether each leaves by a visit; the chance may hang on the response."""
        table = self.parameters.chances["leaves"][self.design.gap_of[visit]]
        state = responding if table.shape[1] > 1 else 0
        return np.asarray(self.before("leaves", visit) < table[self.code(trait), state, dose])

    def chooses(self, purpose: str, visit: int, trait: int, dose: Ints) -> Bools:
        """Whether something with a chance at each visit happens."""
        return np.asarray(self.before(purpose, visit) < self.parameters.chances[purpose][self.code(trait), dose])

    def grade(self, event: int, visit: int, dose: Ints) -> Ints:
        """The grade of an event that begins in the time up to a visit; 0 where none does."""
        plan = self.design.events[event]
        purpose = f"event/{plan.name}"
        bounds = self.parameters.chances[purpose][self.design.gap_of[visit]][self.code(plan.trait), dose]
        index = (self.before(purpose, visit)[:, None] >= bounds).sum(axis=-1)
        return np.asarray(np.array([*plan.grades, 0])[index])

    def present(self, variable: str, visit: int) -> Bools:
        """Whether a value is there at a visit."""
        purpose = f"missing/{variable}"
        if purpose not in self.parameters.chances:
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
