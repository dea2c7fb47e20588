"""The truth-vectors that measurements can produce: every combination the rules can tell apart, each with one example.

Groups of inputs are joined one after another and combinations that look the same from then on are kept once, so the
whole product is never built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.review.policy.formulas import Formulas, Truths

MOST_ROWS = 3_000_000


@dataclass(frozen=True, slots=True)
class GroupTruths:
    """Truths of the atoms that one group decides, one entry per distinct combination.

    Args:
        atoms: Step number to truths; shape ``(combinations,)``.
        examples: A row of the group's domain for each combination.
    """

    atoms: Mapping[int, Truths]
    examples: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Signatures:
    """Distinct truth-vectors as far as inputs decide them.

    Args:
        columns: Step number to truths; shape ``(signatures,)``.
        examples: For each signature a row of every group's domain; shape ``(signatures, groups)``.
    """

    columns: Mapping[int, Truths]
    examples: NDArray[np.int64]

    @property
    def count(self) -> int:
        """How many there are."""
        return int(self.examples.shape[0])


class TooManyTruths(Exception):  # noqa: N818 - an answer ("not decided"), caught by the exploration
    """More truth-vectors than are explored."""


def distinct(matrix: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the index of the first row of each kind, and for each row the number of its kind."""
    if matrix.shape[1] == 0:
        return np.zeros(min(1, matrix.shape[0]), np.int64), np.zeros(matrix.shape[0], np.int64)
    keys = np.zeros(matrix.shape[0], np.int64)
    for column in matrix.T:
        values, column = np.unique(column, return_inverse=True)
        keys = keys * len(values) + column
        if matrix.shape[0] and int(keys.max()) > 2**40:
            keys = np.unique(keys, return_inverse=True)[1].astype(np.int64)
    _, first, kinds = np.unique(keys, return_index=True, return_inverse=True)
    return first.astype(np.int64), kinds.astype(np.int64)


def group_truths(atoms: Mapping[int, Truths], rows: int) -> GroupTruths:
    """Keep one row of each kind of truths that a group's domain gives its atoms."""
    matrix = np.stack([np.broadcast_to(truths, (rows,)) for truths in atoms.values()], axis=1) if atoms else np.zeros((rows, 0))
    first, _ = distinct(matrix)
    return GroupTruths({number: matrix[first, column].astype(np.int8) for column, number in enumerate(atoms)}, first)


def join_groups(formulas: Formulas, groups: Sequence[GroupTruths], roots: Sequence[int]) -> Signatures:
    """Join the groups in order.

    Raises:
        TooManyTruths: A step would hold more combinations than are explored.
    """
    columns: dict[int, Truths] = {}
    formulas.decide(columns, (-1,))
    columns = {number: np.broadcast_to(column, (1,)) for number, column in columns.items()}
    examples = np.zeros((1, 0), np.int64)
    for number, group in enumerate(groups):
        many, more = examples.shape[0], len(group.examples)
        if many * more > MOST_ROWS:
            raise TooManyTruths
        wide = {step: np.repeat(column, more) for step, column in columns.items()}
        wide.update({step: np.tile(column, many) for step, column in group.atoms.items()})
        formulas.decide(wide, (number,))
        examples = np.hstack([np.repeat(examples, more, axis=0), np.tile(group.examples, many)[:, None]])
        kept = formulas.needed_after(number, roots)
        matrix = np.stack([wide[step] for step in kept], axis=1) if kept else np.zeros((many * more, 0))
        first, _ = distinct(matrix)
        columns = {step: matrix[first, index].astype(np.int8) for index, step in enumerate(kept)}
        examples = examples[first]
    return Signatures(columns, examples)
