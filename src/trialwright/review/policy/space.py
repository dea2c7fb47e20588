"""The states that dosing can reach and the decisions between them, built once for every kind of day.

Days on which the rules and guarantees read the same are one kind. Whether a state is reached on a given day is found in
``reach``; this file only knows that it is reached on some day.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from fractions import Fraction
from typing import Any, TypeVar

import numpy as np

from trialwright.engine.policy import Decided, DoseState
from trialwright.protocol.expressions import Day, Milestone, Since, truth
from trialwright.protocol.expressions.evaluate import evaluate_node
from trialwright.review.policy.formulas import Truths
from trialwright.review.policy.moves import Vectors, after_decision, after_declining, decided, site_moves, vectors_for
from trialwright.review.policy.questions import Questions
from trialwright.review.policy.signatures import Signatures, distinct
from trialwright.review.policy.standing import Bools, Ints, Packing, Standing

MOST_STATES = 20_000
MOST_COUNTERS = 50_000
MOST_DECISIONS = 4_000_000
FOLLOWED, DECLINED, SITE = 0, 1, 2
Key = tuple[tuple[int, int], ...]


class TooManyStates(Exception):  # noqa: N818 - an answer ("not decided"), caught by the exploration
    """More states than are explored."""


@dataclass(frozen=True, slots=True)
class Batch:
    """States that answer the rules alike, met on one kind of day, and what the policy decides in each.

    Args:
        kind: The kind of day.
        key: The truths that the states give the rules' atoms, by step number.
        codes: Packed states; shape ``(states,)``.
        standing: The same, unpacked.
        vectors: The truth-vectors that can be met there.
        found: What is decided; fields have shape ``(states, vectors)``.
    """

    kind: int
    key: Key
    codes: Ints
    standing: Standing
    vectors: Vectors
    found: Decided


@dataclass(frozen=True, slots=True)
class Edges:
    """Decisions as pairs of packed states, each pair once per kind of day.

    ``batch`` and ``vector`` say which decision it was; ``how`` is FOLLOWED, DECLINED or SITE.
    """

    source: Ints
    target: Ints
    how: Ints
    batch: Ints
    vector: Ints


@dataclass(slots=True)
class Space:
    """Everything reachable.

    Args:
        kinds: The kind of each study day, from day 1 to the last one explored.
        batches: All decisions.
        edges: By kind of day.
        codes: Every packed state, rising.
    """

    questions: Questions
    kinds: tuple[int, ...]
    days: tuple[int, ...]
    batches: list[Batch] = field(default_factory=list)
    edges: dict[int, Edges] = field(default_factory=dict)
    codes: Ints = field(default_factory=lambda: np.zeros(0, np.int64))


def kinds_of_days(questions: Questions) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the kind of each day 1 … last, and a day of each kind."""
    course = questions.regimen.course
    marks: list[Fraction] = [Fraction(course.days) + Fraction(1, 2)] if course else []
    for atom in questions.asked:
        if atom.threshold is not None:
            for given in atom.inputs:
                marks += [atom.threshold] if isinstance(given, Day) else []
                marks += [atom.threshold + 1] if given == Since(Milestone.FIRST_DOSE) else []
    named: dict[tuple[int, ...], int] = {}
    kinds = []
    examples = []
    for day in range(1, questions.packing.day_cap + 1):
        key = tuple((day > mark) - (day < mark) for mark in marks)
        if key not in named:
            named[key] = len(named)
            examples.append(day)
        kinds.append(named[key])
    return tuple(kinds), tuple(examples)


def in_course(questions: Questions, day: int) -> bool:
    """Whether a study day lies in the course."""
    course = questions.regimen.course
    return course is None or day <= course.days


def build_space(questions: Questions, signatures: Signatures) -> Space:
    """Explore from before the first dose until nothing new is found.

    Raises:
        TooManyStates: There is more than is explored.
    """
    if questions.packing.since_size > MOST_COUNTERS:
        raise TooManyStates
    kinds, days = kinds_of_days(questions)
    space = Space(questions, kinds, days)
    builder = _Builder(space, signatures)
    unlike = builder.unlike_kinds()
    frontier = questions.packing.before_start()
    while frontier.size:
        space.codes = np.union1d(space.codes, frontier)
        if space.codes.size > MOST_STATES:
            raise TooManyStates
        found = np.unique(np.concatenate([builder.following(frontier, kind) for kind in unlike]))
        frontier = np.setdiff1d(_in_later_days(questions.packing, found), space.codes, assume_unique=True)
    for kind in range(len(days)):
        builder.settle(kind)
    return space


def _in_later_days(packing: Packing, codes: Ints) -> Ints:
    """Add the states that these become while days pass without a decision.

    Raises:
        TooManyStates: There are more than are explored.
    """
    found = newest = codes
    while newest.size:
        newest = np.setdiff1d(np.unique(packing.next_day(newest)), found, assume_unique=True)
        found = np.union1d(found, newest)
        if found.size > MOST_STATES:
            raise TooManyStates
    return found


class _Builder:
    """Asks the policy once about every dose state and vector that can meet, and joins the answers to states."""

    def __init__(self, space: Space, signatures: Signatures) -> None:
        self.space, self.questions, self.signatures = space, space.questions, signatures
        self.vectors: dict[tuple[bool, Key], Vectors] = {}
        self.tables = {within: _Table(space.questions, within) for within in (True, False)}

    def unlike_kinds(self) -> list[int]:
        """Return one kind of day for each way in which the rules can be answered."""
        alike: dict[tuple[bool, bytes], int] = {}
        standing = self.questions.packing.unpack(self.questions.packing.before_start())
        standing.dose.level[:] = 0
        for kind, day in enumerate(self.space.days):
            _, matrix = self._state_truths(standing, day)
            alike.setdefault((in_course(self.questions, day), matrix.tobytes()), kind)
        return list(alike.values())

    def following(self, codes: Ints, kind: int) -> Ints:
        """Return the states that decisions on one kind of day lead to."""
        packing = self.questions.packing
        found = [site_moves(packing, codes)[1]]
        for batch in self._decided(codes, kind):
            found.append(np.unique(after_decision(packing, batch.standing, batch.found)))
            if batch.found.optional.any():
                declined = after_declining(packing, batch.standing, batch.found.optional.shape)
                found.append(declined[batch.found.optional])
        return np.unique(np.concatenate(found))

    def settle(self, kind: int) -> None:
        """Keep every decision of one kind of day, now that all states are known."""
        codes, packing = self.space.codes, self.questions.packing
        parts = [_site_edges(packing, codes)]
        for batch in self._decided(codes, kind, MOST_DECISIONS):
            number = len(self.space.batches)
            self.space.batches.append(batch)
            after = after_decision(packing, batch.standing, batch.found)
            parts.append(_edges(codes, batch.codes, after, np.ones(after.shape, bool), (FOLLOWED, number)))
            if batch.found.optional.any():
                declined = after_declining(packing, batch.standing, after.shape)
                parts.append(_edges(codes, batch.codes, declined, batch.found.optional, (DECLINED, number)))
        names = ("source", "target", "how", "batch", "vector")
        merged = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
        self.space.edges[kind] = Edges(**merged)

    def _decided(self, codes: Ints, kind: int, most: int | None = None) -> list[Batch]:
        """Ask the policy about states on one kind of day; everything that it was not asked before, at once.

        Raises:
            TooManyStates: There are more decisions than ``most``.
        """
        packing = self.questions.packing
        answered = list(self._answered_alike(codes, kind))
        if most is not None and sum(int(chosen.sum()) * vectors.count for chosen, vectors, _ in answered) > most:
            raise TooManyStates
        table = self.tables[in_course(self.questions, self.space.days[kind])]
        standing = packing.unpack(codes)
        doses = packing.dose_code(standing.dose)
        table.meet([vectors for _, vectors, _ in answered], standing.dose, doses)
        return [
            Batch(
                kind,
                key,
                codes[chosen],
                Standing(pick(standing.dose, chosen), standing.since[chosen]),
                vectors,
                table.decided(vectors, doses[chosen]),
            )
            for chosen, vectors, key in answered
        ]

    def _state_truths(self, standing: Standing, day: int) -> tuple[list[int], Truths]:
        answers = self.questions.packing.answers(standing, day)
        atoms = self.questions.formulas.atoms(self.questions.state_group)
        many = standing.dose.level.shape
        columns = [np.broadcast_to(truth(evaluate_node(node, answers)), many) for _, node in atoms]
        matrix = np.stack(columns, axis=1) if columns else np.zeros((*many, 0), np.int8)
        return [step for step, _ in atoms], matrix

    def _answered_alike(self, codes: Ints, kind: int) -> Iterator[tuple[Bools, Vectors, Key]]:
        """Split states by the truths that they give the rules' atoms."""
        day = self.space.days[kind]
        within = in_course(self.questions, day)
        steps, matrix = self._state_truths(self.questions.packing.unpack(codes), day)
        first, kinds = distinct(matrix)
        for number, row in enumerate(first):
            key = tuple(zip(steps, map(int, matrix[row]), strict=True))
            if (within, key) not in self.vectors:
                self.vectors[within, key] = vectors_for(self.questions, self.signatures, dict(key), within)
            yield kinds == number, self.vectors[within, key], key


class _Table:
    """What the policy decides for each dose state and each vector of rule truths; grows as either are met."""

    def __init__(self, questions: Questions, within: bool) -> None:
        self.questions, self.within = questions, within
        self.row_of: dict[int, int] = {}
        self.column_of: dict[bytes, int] = {}
        self.doses: DoseState | None = None
        self.rows = np.zeros((0, len(questions.rule_roots)), np.int8)
        self.answers: Decided | None = None

    def meet(self, vectors: list[Vectors], dose: DoseState, codes: Ints) -> None:
        """Take in the dose states (``codes`` are theirs, packed) and vectors that are to be asked about.

        Raises:
            TooManyStates: There are more decisions than are kept.
        """
        self._add_columns(np.concatenate([self._roots(one) for one in vectors]))
        self._add_doses(dose, codes)
        if len(self.row_of) * len(self.rows) > MOST_DECISIONS:
            raise TooManyStates

    def _roots(self, vectors: Vectors) -> Truths:
        return vectors.rows[:, : self.rows.shape[1]]

    def _add_columns(self, roots: Truths) -> None:
        new = {key: row for row in roots if (key := row.tobytes()) not in self.column_of}
        if not new:
            return
        self.column_of.update({row: len(self.rows) + number for number, row in enumerate(new)})
        added = np.stack(list(new.values()))
        self.rows = np.concatenate([self.rows, added])
        if self.doses is not None and self.answers is not None:
            more = decided(self.questions, self.questions.truths_of(added), self.doses, self.within)
            self.answers = joined(self.answers, more, 1)

    def _add_doses(self, dose: DoseState, codes: Ints) -> None:
        unlike, first = np.unique(codes, return_index=True)
        new = [int(index) for code, index in zip(unlike, first, strict=True) if int(code) not in self.row_of]
        if not new:
            return
        added = pick(dose, np.array(new))
        found = decided(self.questions, self.questions.truths_of(self.rows), added, self.within)
        self.doses = added if self.doses is None else joined(self.doses, added, 0)
        self.answers = found if self.answers is None else joined(self.answers, found, 0)
        self.row_of.update({int(codes[index]): len(self.row_of) + offset for offset, index in enumerate(new)})

    def decided(self, vectors: Vectors, codes: Ints) -> Decided:
        """Return the decisions for dose states and vectors that were met; fields have shape ``(states, vectors)``."""
        assert self.answers is not None
        columns = np.array([self.column_of[row.tobytes()] for row in self._roots(vectors)], np.int64)
        rows = np.array([self.row_of[int(code)] for code in codes], np.int64)
        return pick(self.answers, (rows[:, None], columns[None, :]))


T = TypeVar("T", DoseState, Decided)


def pick(found: T, where: Any) -> T:
    """Return only the given part of every field."""
    return replace(found, **{one.name: _pick(getattr(found, one.name), where) for one in fields(found)})


def _pick(value: Any, where: Any) -> Any:
    return pick(value, where) if isinstance(value, DoseState) else value[where]


def joined(one: T, other: T, axis: int) -> T:
    """Return two results as one, along an axis."""
    return replace(one, **{each.name: _joined(getattr(one, each.name), getattr(other, each.name), axis) for each in fields(one)})


def _joined(one: Any, other: Any, axis: int) -> Any:
    return joined(one, other, axis) if isinstance(one, DoseState) else np.concatenate([one, other], axis=axis)


def _site_edges(packing: Packing, codes: Ints) -> Edges:
    source, target = site_moves(packing, codes)
    blank = np.full(source.shape, -1, np.int64)
    how = np.full(source.shape, SITE)
    return _once(Edges(np.searchsorted(codes, source), np.searchsorted(codes, target), how, blank, blank), codes.size)


def _edges(codes: Ints, before: Ints, after: Ints, where: Bools, decision: tuple[int, int]) -> Edges:
    """Return the pairs of states (as places in ``codes``) among ``where``; a decision is how it was taken, and its batch."""
    how, batch = decision
    source = np.broadcast_to(np.searchsorted(codes, before)[:, None], after.shape)[where]
    vector = np.broadcast_to(np.arange(after.shape[1]), after.shape)[where]
    target = np.searchsorted(codes, after[where])
    return _once(Edges(source, target, np.full(source.shape, how), np.full(source.shape, batch), vector), codes.size)


def _once(edges: Edges, states: int) -> Edges:
    """Keep each pair of states once, with the first decision that leads from one to the other."""
    _, first = np.unique(edges.source * states + edges.target, return_index=True)
    return Edges(edges.source[first], edges.target[first], edges.how[first], edges.batch[first], edges.vector[first])
