"""One variable's values as a row of cells, and what each statement says of each cell by that variable alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.expressions import Atom, Expression, Input, Kind, Reading, Values, VariableType, atoms, truth
from trialwright.protocol.expressions.evaluate import evaluate_node
from trialwright.protocol.expressions.tree import Node
from trialwright.protocol.expressions.values import EPOCH
from trialwright.protocol.expressions.walk import inputs_of
from trialwright.protocol.study import Protocol
from trialwright.review.blocks import NUMERIC
from trialwright.review.cells import Range, cut
from trialwright.review.drafting import number
from trialwright.review.samples import everyday
from trialwright.vocabulary.findings import Place

Truths = NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Line:
    """A variable's cells, in order.

    Args:
        variable: Its name.
        kind: Its type.
        values: One value in each cell; shape ``(cells,)`` (a set has one more axis).
        names: Each cell's value in words: `15 years`, `HES`.
        points: Whether a cell holds one value only.
        ordered: Whether neighbours are neighbours (numbers and dates).
    """

    variable: str
    kind: VariableType
    values: Values
    names: tuple[str, ...]
    points: tuple[bool, ...]
    ordered: bool

    @property
    def given(self) -> Reading:
        """The input that it is."""
        return Reading(self.variable)

    def truths(self, node: Node, more: dict[Input, Values] | None = None) -> Truths:
        """Return what an expression says of each cell; unknown where another input could decide, or the cells are too coarse."""
        if self.kind.kind in NUMERIC and any(self.given in one.inputs and one.linear is None for one in atoms_of(node)):
            return np.ones(len(self.names), np.int8)
        found = truth(evaluate_node(node, {self.given: self.values, **(more or {})}))
        return np.broadcast_to(found, (len(self.names),)).astype(np.int8)


def line_of(protocol: Protocol, variable: str, nodes: Iterable[Node]) -> Line | None:
    """Cut a variable's values where the expressions can tell them apart; None where it has no values that are listed."""
    kind = protocol.scope.variables[variable]
    if kind.kind in NUMERIC:
        return _number_line(protocol, variable, kind, nodes)
    match kind.kind:
        case Kind.CODE:
            many = len(kind.codes)
            return Line(variable, kind, Values.of(np.arange(many)), kind.codes, (True,) * many, False)
        case Kind.FLAG:
            return Line(variable, kind, Values.of(np.array([False, True])), ("false", "true"), (True, True), False)
        case Kind.SET:
            held = np.vstack([np.zeros((1, len(kind.codes)), bool), np.eye(len(kind.codes), dtype=bool)])
            return Line(variable, kind, Values.of_set(held), ("nothing", *kind.codes), (True,) * len(held), False)
        case _:
            return None


def thresholds(nodes: Iterable[Node], given: Input) -> set[Fraction]:
    """Return the numbers that an input is compared with by itself."""
    found = set()
    for node in nodes:
        found |= {one.threshold for one in atoms_of(node) if one.threshold is not None and one.inputs == (given,)}
    return found


def atoms_of(node: Node) -> tuple[Atom, ...]:
    """Return the atoms of a tree."""
    return atoms(Expression("", Place(""), Kind.TRUTH, None, node, inputs_of(node)))


def step_of(protocol: Protocol, variable: str) -> Fraction | None:
    """Return what a variable's recorded values are multiples of."""
    declared, kind = protocol.file.variables[variable], protocol.scope.variables[variable]
    if declared.rounding == "completed" or kind.kind is Kind.DATE:
        return Fraction(1)
    return Fraction(declared.precision) if declared.precision else None


def _number_line(protocol: Protocol, variable: str, kind: VariableType, nodes: Iterable[Node]) -> Line | None:
    step = step_of(protocol, variable)
    found: list[tuple[Range, Fraction]] = []
    for cell in cut(thresholds(nodes, Reading(variable))):
        inside = _plausible(cell, kind)
        value = everyday(inside, step) if inside is not None else None
        if inside is not None and value is not None:
            found.append((inside, value))
    if not found:
        return None
    values = Values.of(np.array([float(value) for _, value in found]))
    names = tuple(value_text(kind, value) for _, value in found)
    points = tuple(cell.low is not None and (cell.low == cell.high or _one_step(cell, step)) for cell, _ in found)
    return Line(variable, kind, values, names, points, True)


def _one_step(cell: Range, step: Fraction | None) -> bool:
    if step is None or cell.low is None or cell.high is None:
        return False
    return sum(cell.contains(cell.low // step * step + step * more) for more in range(4)) == 1


def _plausible(cell: Range, kind: VariableType) -> Range | None:
    low = Fraction(kind.low) if kind.low is not None else None
    high = Fraction(kind.high) if kind.high is not None else None
    inside = cell.meet(Range(low, high, low is not None, high is not None))
    return None if inside.is_empty else inside


def value_text(kind: VariableType, value: Fraction) -> str:
    """Write a value with its unit in words."""
    if kind.kind is Kind.DATE:
        return (EPOCH.fromordinal(EPOCH.toordinal() + int(value))).isoformat()
    unit = f" {kind.unit.label}" if kind.unit is not None and kind.unit.label else ""
    return f"{number(value)}{unit}"


def runs(where: Sequence[bool] | NDArray[np.bool_], ordered: bool) -> list[list[int]]:
    """Group the cells that are true: neighbours together where the line is ordered, else each by itself."""
    found: list[list[int]] = []
    for index in np.flatnonzero(where).tolist():
        if ordered and found and found[-1][-1] == index - 1:
            found[-1].append(index)
        else:
            found.append([index])
    return found
