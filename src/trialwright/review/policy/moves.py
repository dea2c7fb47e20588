"""What can follow a decision: the engine's policy asked about every dose state and truth-vector that can meet.

Besides the advice itself: an increase that is permitted need not be made, and a site may always hold, reduce or stop, and
resume what it held itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from trialwright.engine.policy import Decided, DoseState, RuleTruths, decide
from trialwright.review.policy.formulas import Truths
from trialwright.review.policy.questions import Questions
from trialwright.review.policy.signatures import Signatures, distinct
from trialwright.review.policy.standing import Bools, Ints, Packing, Standing, counters_after


@dataclass(slots=True)
class Vectors:
    """The truth-vectors that can be met in states which answer the rules alike.

    Args:
        truths: Of the rules; leading shape ``(vectors,)``.
        promised: Step number to truths of what the guarantees read of the inputs; shape ``(vectors,)``.
        rows: The rules' roots (and promised columns) of each vector; shape ``(vectors, columns)``.
        examples: A signature for each vector.
    """

    truths: RuleTruths
    promised: Mapping[int, Truths]
    rows: Truths
    examples: Ints

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.examples)


def vectors_for(questions: Questions, signatures: Signatures, answered: Mapping[int, int], within: bool = True) -> Vectors:
    """Return the distinct vectors where the state's atoms have these truths (step number to truth).

    Beyond the course (``within`` False) no rule is asked, so vectors that differ only in the rules are one.
    """
    columns: dict[int, Truths] = {**signatures.columns}
    columns.update({step: np.asarray(value, np.int8) for step, value in answered.items()})
    state = questions.state_group
    questions.formulas.decide(columns, (-1, state))
    kept = questions.formulas.needed_after(state, questions.guarantees)
    promised = [step for step in kept if step in columns]
    wanted = [*questions.rule_roots, *promised]
    matrix = np.stack([np.broadcast_to(columns[step], (signatures.count,)) for step in wanted], axis=1) if wanted else None
    if matrix is None:
        matrix = np.zeros((signatures.count, 0), np.int8)
    roots = len(questions.rule_roots)
    first, _ = distinct(matrix if within else matrix[:, roots:])
    rows = matrix[first].astype(np.int8)
    told = {step: rows[:, roots + index] for index, step in enumerate(promised)}
    return Vectors(questions.truths_of(rows[:, :roots]), told, rows, first)


def decided(questions: Questions, truths: RuleTruths, dose: DoseState, in_course: bool) -> Decided:
    """Ask the policy: every dose state against every vector; fields have shape ``(states, vectors)``."""
    spread = DoseState(
        dose.level[:, None], dose.held[:, None], dose.held_otherwise[:, None], dose.holds[:, None], dose.stopped[:, None]
    )
    found = decide(questions.regimen, spread, truths, np.asarray(in_course))
    return replace(found, after=_as_prescribed(spread, found.after))


def _as_prescribed(before: DoseState, after: DoseState) -> DoseState:
    """Read a hold as the log of prescriptions does: the rules that hold, or else somebody's own reason."""
    shape = np.broadcast_shapes(after.level.shape, before.level.shape)
    held = np.broadcast_to(after.held, (*shape, after.held.shape[-1]))
    otherwise = np.broadcast_to(after.held_otherwise, shape) & ~held.any(axis=-1)
    return DoseState(
        np.broadcast_to(after.level, shape),
        held,
        otherwise,
        np.broadcast_to(after.holds, held.shape),
        np.broadcast_to(after.stopped, shape),
    )


def after_decision(packing: Packing, before: Standing, found: Decided) -> Ints:
    """Return the packed state after following the advice; shape ``(states, vectors)``."""
    spread = _spread(before)
    dosed = np.asarray(found.dosed)
    packed = packing.pack(found.after, counters_after(packing, spread, found.after, dosed))
    waiting = np.asarray(found.after.level < 0)
    return np.where(waiting, packing.before_start()[0], packed)


def after_declining(packing: Packing, before: Standing, shape: tuple[int, ...]) -> Ints:
    """Return the packed state where a permitted increase is not made; only meant where one is permitted."""
    spread = _spread(before)
    kept = np.ones(shape, bool)
    return np.broadcast_to(packing.pack(spread.dose, counters_after(packing, spread, spread.dose, kept)), shape)


def _spread(before: Standing) -> Standing:
    dose = before.dose
    return Standing(
        DoseState(
            dose.level[:, None], dose.held[:, None], dose.held_otherwise[:, None], dose.holds[:, None], dose.stopped[:, None]
        ),
        before.since[:, None],
    )


def site_moves(packing: Packing, codes: Ints) -> tuple[Ints, Ints]:
    """Return what a site may do of its own accord: pairs of packed states before and after."""
    before = packing.unpack(codes)
    dose = before.dose
    alive = (dose.level >= 0) & ~dose.stopped
    own_hold = alive & dose.held_otherwise & ~dose.held.any(axis=-1)
    dosed = alive & ~dose.on_hold
    empty = np.zeros_like(dose.held)
    no, yes = np.zeros(codes.shape, bool), np.ones(codes.shape, bool)
    found = [
        _moved(packing, before, dosed, DoseState(dose.level, empty, yes, dose.holds, no), no),
        _moved(packing, before, alive, DoseState(dose.level, empty, no, dose.holds, yes), no),
    ]
    for level in range(len(packing.regimen.levels)):
        lower = DoseState(np.full(codes.shape, level), empty, no, dose.holds, no)
        where = (dosed & (dose.level > level)) | (own_hold & (dose.level >= level))
        found.append(_moved(packing, before, where, lower, yes))
    return np.concatenate([codes[where] for where, _ in found]), np.concatenate([after[where] for where, after in found])


def _moved(packing: Packing, before: Standing, where: Bools, after: DoseState, dosed: Bools) -> tuple[Bools, Ints]:
    return where, packing.pack(after, counters_after(packing, before, after, dosed))
