"""Guarantees judged on every decision, and on every day that a dose covers until the next one.

At a decision, the dose, the level and the increase are those advised; held, stopped and the days since are as the decision
found them. That is how a prescription is judged in conduct.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trialwright.protocol.expressions import Day, DoseOf, Increase, Input, LevelOf, Values, truth
from trialwright.protocol.expressions.evaluate import evaluate_node
from trialwright.review.policy.formulas import Truths
from trialwright.review.policy.questions import Questions
from trialwright.review.policy.reach import FAR, Reached
from trialwright.review.policy.space import Batch, Space, in_course


@dataclass(frozen=True, slots=True)
class Target:
    """Something to be shown by a history: a state on a day, and the decision taken there (``batch`` None: none is).

    Any of ``vectors`` will do.
    """

    row: int
    state: int
    cost: int
    batch: int | None = None
    vectors: tuple[int, ...] = ()


def promised_at_decisions(space: Space, batch: Batch) -> list[Truths]:
    """Return each guarantee's truth after each decision of a batch; shape ``(states, vectors)``."""
    questions, found, day = space.questions, batch.found, space.days[batch.kind]
    regimen, shape = questions.regimen, np.shape(batch.found.act)
    level = np.broadcast_to(found.level, shape)
    amounts = np.array([float(amount) for amount in regimen.levels])
    amount = amounts[np.maximum(level, 0)]
    dosed = np.broadcast_to(found.dosed, shape)
    before = batch.standing.dose.level[:, None]
    answers: dict[Input, Values] = {
        given: Values(values.data[:, None], values.known[:, None])
        for given, values in questions.packing.answers(batch.standing, day).items()
    }
    for name in (None, regimen.intervention):
        answers[DoseOf(name)] = Values.of(np.where(dosed, amount, 0.0))
        answers[LevelOf(name)] = Values(amount, level >= 0)
        answers[Increase(name)] = Values.of(dosed & (before >= 0) & (level > before))
    answers[Day()] = Values.of(np.full((shape[0], 1), float(day)))
    columns = {step: truths[None, :] for step, truths in batch.vectors.promised.items()}
    return _promised(questions, columns, answers, shape)


def promised_between(space: Space, kind: int) -> list[Truths]:
    """Return each guarantee's truth on a day on which nothing is decided; shape ``(states,)``."""
    questions, day = space.questions, space.days[kind]
    standing = questions.packing.unpack(space.codes)
    answers = questions.packing.answers(standing, day)
    dispensed = standing.dosed & in_course(questions, day)
    for name in (None, questions.regimen.intervention):
        dose = answers[DoseOf(name)]
        answers[DoseOf(name)] = Values.of(np.where(dispensed, dose.data, 0.0))
        answers[Increase(name)] = Values.of(np.zeros(space.codes.shape, bool))
    unknown = np.ones(1, np.int8)
    columns = {step: unknown for group in range(questions.state_group) for step, _ in questions.formulas.atoms(group)}
    questions.formulas.decide(columns, range(-1, questions.state_group))
    return _promised(questions, columns, answers, space.codes.shape)


def _promised(
    questions: Questions, columns: dict[int, Truths], answers: dict[Input, Values], shape: tuple[int, ...]
) -> list[Truths]:
    outcome = questions.state_group + 1
    for step, node in questions.formulas.atoms(outcome):
        columns[step] = truth(evaluate_node(node, answers))
    questions.formulas.decide(columns, (-1, outcome))
    return [np.broadcast_to(columns[step], shape) for step in questions.guarantees]


def nearest(reached: Reached, batch_number: int, where: np.ndarray) -> Target | None:
    """Return the decision among ``where`` (shape ``(states, vectors)``) that is reached by the fewest decisions."""
    space = reached.space
    batch = space.batches[batch_number]
    states = np.searchsorted(space.codes, batch.codes)
    cost = reached.by_kind(batch.kind)[states]
    usable = where.any(axis=1) & (cost < FAR)
    if not usable.any():
        return None
    best = int(np.flatnonzero(usable)[cost[usable].argmin()])
    row = _first_row(reached, batch.kind, int(states[best]), int(cost[best]))
    return Target(row, int(states[best]), int(cost[best]) + 1, batch_number, tuple(np.flatnonzero(where[best]).tolist()))


def nearest_between(reached: Reached, kind: int, where: np.ndarray) -> Target | None:
    """Return the day without a decision among ``where`` (shape ``(states,)``) that is reached by the fewest decisions."""
    cost = reached.by_kind(kind)
    usable = where & (cost < FAR)
    if not usable.any():
        return None
    best = int(np.flatnonzero(usable)[cost[usable].argmin()])
    return Target(_first_row(reached, kind, best, int(cost[best])), best, int(cost[best]))


def _first_row(reached: Reached, kind: int, state: int, cost: int) -> int:
    return next(row for row in range(len(reached.cost)) if reached.kind(row) == kind and reached.cost[row, state] == cost)
