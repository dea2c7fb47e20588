"""What expressions may find: every combination of values that they can tell apart, as arrays for the evaluator.

A block is a set of inputs that belong together, and its rows; a row gives each input a value or leaves it unknown.
Numbers are cut where the expressions compare them; codes, flags and sets are listed. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.expressions import (
    Aggregate,
    Arm,
    Atom,
    Baseline,
    Input,
    Kind,
    Limit,
    Medication,
    Milestone,
    Previous,
    Reading,
    ResponseOf,
    Since,
    Stratum,
    Values,
    VariableType,
)
from trialwright.protocol.expressions.tree import Node
from trialwright.protocol.expressions.walk import leaves
from trialwright.review.samples import Form, Point, TooManyCells, arrangement

NUMERIC = (Kind.QUANTITY, Kind.DURATION, Kind.DATE)
MOST_TOGETHER = 3
MOST_CODES_OF_SET = 8
USUAL_LIMIT = Fraction(20)


@dataclass(frozen=True, slots=True)
class Block:
    """Inputs and the combinations of values that they may have.

    Args:
        inputs: What the block supplies.
        values: Of each input; shape ``(rows,)`` (a set has one more axis).
        rows: How many combinations.
    """

    inputs: tuple[Input, ...]
    values: Mapping[Input, Values]
    rows: int

    def take(self, chosen: NDArray[Any]) -> Block:
        """Return the block with only the rows chosen (indices or a mask)."""
        picked = {given: Values(found.data[chosen], found.known[chosen]) for given, found in self.values.items()}
        return Block(self.inputs, picked, int(np.arange(self.rows)[chosen].size))


@dataclass(frozen=True, slots=True)
class Manner:
    """How inputs are cut into rows.

    Args:
        unknown: Whether an input may be unknown.
        limits: The lowest and highest value an input has, None where it has none.
        step: What an input's recorded values are multiples of, None for any.
    """

    unknown: Callable[[Input], bool]
    limits: Callable[[Input, VariableType], tuple[Fraction | None, Fraction | None]]
    step: Callable[[Input, VariableType], Fraction | None]


def types_of(nodes: Iterable[Node]) -> dict[Input, VariableType]:
    """Return every input below the nodes with its type, in reading order."""
    return {leaf.input: leaf.type for node in nodes for leaf in leaves(node)}


def number_blocks(
    types: Mapping[Input, VariableType], atoms: Iterable[Atom], manner: Manner
) -> tuple[list[Block], frozenset[Input]]:
    """Return blocks for the numbers among the inputs, and the inputs that could not be cut (too many compared together)."""
    numbers = [given for given, kind in types.items() if kind.kind in NUMERIC]
    linear = [atom.linear for atom in atoms if atom.linear and all(given in numbers for given, _ in atom.linear.terms)]
    joined = connected(numbers, [[given for given, _ in one.terms] for one in linear])
    blocks, given_up = [], set[Input]()
    for together in joined:
        ordered = sorted(together, key=lambda given: not isinstance(given, Limit))
        forms = [
            Form(tuple(dict(one.terms).get(given, Fraction(0)) for given in ordered), -one.threshold)
            for one in linear
            if one.terms[0][0] in together
        ]
        try:
            blocks.append(_number_block(ordered, types, forms, manner))
        except TooManyCells:
            given_up |= set(together)
    return blocks, frozenset(given_up)


def connected(members: Iterable[Input], links: Iterable[list[Input]]) -> list[tuple[Input, ...]]:
    """Group members that links join, in the order in which they are given."""
    group = {member: {member: None} for member in members}
    for link in links:
        for other in link[1:]:
            if group[link[0]] is not group[other]:
                group[link[0]].update(group[other])
                for member in tuple(group[link[0]]):
                    group[member] = group[link[0]]
    found: list[tuple[Input, ...]] = []
    for members_of in group.values():
        if not any(next(iter(members_of)) in seen for seen in found):
            found.append(tuple(members_of))
    return found


def _number_block(ordered: list[Input], types: Mapping[Input, VariableType], forms: list[Form], manner: Manner) -> Block:
    if len(ordered) > MOST_TOGETHER:
        raise TooManyCells
    columns: list[list[Fraction | None]] = [[] for _ in ordered]
    for known in product(*([True, False] if manner.unknown(given) else [True] for given in ordered)):
        for point in _known_points(ordered, known, types, forms, manner):
            rest = iter(point)
            for column, is_known in zip(columns, known, strict=True):
                column.append(next(rest) if is_known else None)
    values = {given: _values(column) for given, column in zip(ordered, columns, strict=True)}
    return Block(tuple(ordered), values, len(columns[0]))


def _known_points(
    ordered: list[Input], known: tuple[bool, ...], types: Mapping[Input, VariableType], forms: list[Form], manner: Manner
) -> list[Point]:
    """Sample the numbers that are known; comparisons with one that is not say nothing."""
    chosen = [index for index, is_known in enumerate(known) if is_known]
    usable = [
        Form(tuple(form.factors[index] for index in chosen), form.constant)
        for form in forms
        if all(is_known or not factor for factor, is_known in zip(form.factors, known, strict=True))
    ]
    given = [ordered[index] for index in chosen]
    bounds = [manner.limits(one, types[one]) for one in given]
    for position, pair in enumerate(bounds):
        factors = tuple(Fraction(int(position == index)) for index in range(len(given)))
        usable += [Form(factors, -bound) for bound in pair if bound is not None]
        if isinstance(given[position], Limit):
            usable.append(Form(factors, -USUAL_LIMIT))
    points = arrangement(usable, [manner.step(one, types[one]) for one in given])
    kept = [point for point in points if _within(point, given, bounds)]
    usual = [given.index(one) for one in given if isinstance(one, Limit)]
    edges = [{bound for bound in pair if bound is not None} for pair in bounds]
    return sorted(kept, key=lambda point: _oddity(point, usual, edges))


def _oddity(point: Point, usual: list[int], edges: list[set[Fraction]]) -> tuple[int, list[Fraction]]:
    """Prefer everyday values: none at the edge of what is possible, limits of normal near a usual one."""
    at_edge = sum(value in edge for value, edge in zip(point, edges, strict=True))
    return at_edge, [abs(point[index] - USUAL_LIMIT) for index in usual]


def _within(point: Point, given: list[Input], bounds: list[tuple[Fraction | None, Fraction | None]]) -> bool:
    for value, one, (low, high) in zip(point, given, bounds, strict=True):
        if isinstance(one, Limit) and value <= 0:
            return False
        if (low is not None and value < low) or (high is not None and value > high):
            return False
    return True


def _values(column: list[Fraction | None]) -> Values:
    data = np.array([0.0 if value is None else float(value) for value in column])
    return Values(data, np.array([value is not None for value in column], bool))


def code_block(given: Input, kind: VariableType, unknown: bool) -> Block:
    """Return each code, and unknown where that may be."""
    indices = [*range(len(kind.codes)), *([-1] if unknown else [])]
    array = np.array(indices or [-1])
    return Block((given,), {given: Values(np.maximum(array, 0), array >= 0)}, array.size)


def flag_block(given: Input, unknown: bool) -> Block:
    """Return false, true, and unknown where that may be."""
    data = np.array([False, True, *([False] if unknown else [])])
    known = np.array([True, True, *([False] if unknown else [])])
    return Block((given,), {given: Values(data, known)}, data.size)


def set_block(given: Input, kind: VariableType, unknown: bool) -> Block:
    """Return every set of the codes; of many codes only the empty one, single ones, pairs, and all."""
    size = len(kind.codes)
    if size <= MOST_CODES_OF_SET:
        rows = [list(held) for held in product([False, True], repeat=size)]
    else:
        pairs = {frozenset((one, other)) for one in range(size) for other in range(size)}
        rows = [[index in pair for index in range(size)] for pair in [frozenset[int](), *pairs]]
        rows.append([True] * size)
    known = np.array([*(True for _ in rows), *([False] if unknown else [])])
    rows += [[False] * size] if unknown else []
    return Block((given,), {given: Values(np.array(rows, bool).reshape(len(rows), size), known)}, len(rows))


def medication_blocks(inputs: Iterable[Input]) -> list[Block]:
    """Return, for each group of medication, the answers that fit together: a longer look back sees no less."""
    by_group: dict[str, list[Medication]] = {}
    for given in inputs:
        if isinstance(given, Medication):
            by_group.setdefault(given.group, []).append(given)
    blocks = []
    for asked in by_group.values():
        rows = [row for row in product([False, True], repeat=len(asked)) if _fits(asked, row)]
        data = np.array(rows, bool)
        blocks.append(Block(tuple(asked), {given: Values.of(data[:, index]) for index, given in enumerate(asked)}, len(rows)))
    return blocks


def _fits(asked: list[Medication], row: tuple[bool, ...]) -> bool:
    for one, holds in zip(asked, row, strict=True):
        for other, also in zip(asked, row, strict=True):
            wider = one.within_days <= other.within_days and one.changed >= other.changed
            if holds and wider and not also:
                return False
    return True


def may_be_missing(given: Input) -> bool:
    """Whether an input can be unknown during treatment: what is measured can be, what the log counts cannot."""
    match given:
        case Aggregate(function=function):
            return function != "count"
        case Reading() | Baseline() | Previous() | Limit() | Stratum() | Arm() | ResponseOf():
            return True
        case Since(milestone=milestone):
            return milestone in (Milestone.DATE, Milestone.READING)
        case _:
            return False


def joined(blocks: list[Block]) -> Block:
    """Return one block with every combination of the rows of several."""
    values: dict[Input, Values] = {}
    total = 1
    for block in blocks:
        repeated = {given: _repeat(found, block.rows) for given, found in values.items()}
        tiled = {given: _tile(found, total) for given, found in block.values.items()}
        values = {**repeated, **tiled}
        total *= block.rows
    return Block(tuple(values), values, total)


def _repeat(found: Values, times: int) -> Values:
    return Values(np.repeat(found.data, times, axis=0), np.repeat(found.known, times))


def _tile(found: Values, times: int) -> Values:
    shape = (times, *(1 for _ in found.data.shape[1:]))
    return Values(np.tile(found.data, shape), np.tile(found.known, times))


def readings_of(inputs: Iterable[Input]) -> tuple[str, ...]:
    """Return the variables whose current value is read, each once."""
    return tuple(dict.fromkeys(given.variable for given in inputs if isinstance(given, Reading)))
