"""An expression's typed tree as source: what reads few values from a table, the rest computed as the evaluator computes it."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from math import inf
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.expressions import AdverseEvents, Expression, Input, Kind, Values, truth
from trialwright.protocol.expressions.evaluate import evaluate_node
from trialwright.protocol.expressions.tree import (
    And,
    Arithmetic,
    Change,
    Code,
    Compare,
    Function,
    If,
    Includes,
    Known,
    Leaf,
    Negative,
    Node,
    Not,
    Or,
    Parameter,
    Scaled,
    Subset,
    Verdict,
    Within,
)
from trialwright.protocol.expressions.tree import Number as Literal
from trialwright.protocol.expressions.walk import inputs_of
from trialwright.simulation.operating.kernel.finite import Finite, Tables
from trialwright.simulation.operating.kernel.symbols import (
    UNKNOWN_NUMBER,
    Bool,
    NotCompiled,
    Number,
    Truth,
    both,
    condition_of,
    either,
    no,
)

SHORT = 12


class Leaves(Protocol):
    """What answers an input with source."""

    finite: Finite
    tables: Tables

    def number(self, wanted: Input) -> Number:
        """Source of a number (or of a code's index)."""

    def flag(self, wanted: Input) -> Truth:
        """Source of a flag or a truth."""

    def worst_at_least(self, comparator: str, wanted: AdverseEvents, grade: float) -> Truth | None:
        """Source of a comparison of the worst grade of some events; None where there is no short one."""

    def keep(self, condition: str) -> str:
        """Keep a condition in a name of its own, so that it is computed once; return the name."""


def truth_of(expression: Expression | None, otherwise: int, leaves: Leaves) -> Truth:
    """Source of an expression's truth; ``otherwise`` (0, 1, 2) where there is none.

    Raises:
        NotCompiled: It asks for something that has no compiled form.
    """
    return Truth.of(otherwise) if expression is None else truth_node(expression.node, leaves)


def truth_node(node: Node, leaves: Leaves) -> Truth:
    """Source of the truth of a part of an expression; what is more than a name is computed once."""
    from_table = _truth_from_table(node, leaves)
    found = _truth(node, leaves) if from_table is None else from_table
    exact = found.false == no(found.true)
    true = _kept(found.true, leaves)
    return Truth(true, no(true) if exact else _kept(found.false, leaves))


def _kept(condition: Bool, leaves: Leaves) -> Bool:
    if isinstance(condition, bool) or len(condition) <= SHORT:
        return condition
    return leaves.keep(condition)


def _truth(node: Node, leaves: Leaves) -> Truth:
    match node:
        case Leaf(wanted):
            return leaves.flag(wanted)
        case Not(operand):
            return ~truth_node(operand, leaves)
        case And(operands):
            return reduce(Truth.__and__, (truth_node(each, leaves) for each in operands))
        case Or(operands):
            return reduce(Truth.__or__, (truth_node(each, leaves) for each in operands))
        case Compare(comparator, Leaf(AdverseEvents() as events), Literal(value=grade) | Parameter(value=grade)) if (
            short := leaves.worst_at_least(comparator, events, float(grade))
        ):
            return short
        case Compare(comparator, left, right):
            return _compared(comparator, number_node(left, leaves), number_node(right, leaves), leaves)
        case Within(operand, _, accepts):
            return _within(number_node(operand, leaves), accepts)
        case Known(operand):
            found = truth_node(operand, leaves).known if _is_truth(operand) else number_node(operand, leaves).known
            return Truth.when(found)
        case If(condition, then, otherwise) if _is_truth(then):
            return _chosen(truth_node(condition, leaves), truth_node(then, leaves), truth_node(otherwise, leaves))
        case _:
            raise NotCompiled(f"{type(node).__name__.lower()} of what is drawn")


def _compared(comparator: str, left: Number, right: Number, leaves: Leaves) -> Truth:
    known = both(left.known, right.known)
    if known is False:
        return Truth.of(1)
    if left.constant is None and right.constant is None:
        left, right = _named(left, leaves), _named(right, leaves)
    condition = condition_of(comparator, left, right)
    if known is True:
        return Truth.when(condition)
    return Truth.when(_kept(condition, leaves), _kept(known, leaves))


def _named(one: Number, leaves: Leaves) -> Number:
    """The same number under a name, where its source is long, so that it is computed once."""
    return one if len(one.text) <= SHORT else replace(one, text=leaves.keep(one.text))


def _truth_from_table(node: Node, leaves: Leaves) -> Truth | None:
    found = _table(node, leaves)
    if found is None:
        return None
    verdict = truth(found)
    array = verdict.reshape((1,) * leaves.finite.axes) if verdict.ndim == 0 else verdict
    text = leaves.tables.code(array)
    if isinstance(text, int):
        return Truth.of(text)
    if array.shape[-1] == array.size == 2:
        return Truth(_by_response(array.reshape(-1) == 2), _by_response(array.reshape(-1) == 0))
    name = leaves.keep(text)
    is_true = f"({name} == 2)"
    return Truth(is_true, f"({name} == 0)" if (array == 1).any() else no(is_true))


def _by_response(holds: NDArray[np.bool_]) -> Bool:
    """A condition that hangs on the response alone: before it has come, and once it has."""
    before, after = bool(holds[0]), bool(holds[1])
    return before if before == after else "(r == 1)" if after else "(r == 0)"


def _table(node: Node, leaves: Leaves) -> Values | None:
    supply = {}
    for wanted in inputs_of(node):
        found = leaves.finite.supply(wanted)
        if found is None:
            return None
        supply[wanted] = found
    return evaluate_node(node, supply)


def number_node(node: Node, leaves: Leaves) -> Number:
    """Source of the number that a part of an expression comes to."""
    found = _table(node, leaves)
    if found is not None and not _of_set(node):
        return _number_from_table(found, leaves)
    match node:
        case Leaf(wanted, kind):
            if kind.kind in (Kind.SET, Kind.DATE, Kind.TEXT):
                raise NotCompiled(f"a {kind.kind.value} that is drawn")
            return leaves.number(wanted)
        case Literal(value=value) | Parameter(value=value):
            return Number.of(float(value))
        case Code(_, index):
            return Number.of(float(index))
        case Scaled(operand, factor):
            return _scaled(number_node(operand, leaves), float(factor.numerator), float(factor.denominator))
        case Negative(operand):
            one = number_node(operand, leaves)
            return Number(f"(-{one.text})", one.known, -one.high, -one.low)
        case Arithmetic(operator, left, right):
            return _arithmetic(operator, number_node(left, leaves), number_node(right, leaves))
        case Function(("abs" | "min" | "max") as name, operands):
            return _function(name, [number_node(each, leaves) for each in operands])
        case Change(current, reference, percent):
            return _change(number_node(current, leaves), number_node(reference, leaves), percent)
        case If(condition, then, otherwise):
            parts = number_node(then, leaves), number_node(otherwise, leaves)
            return _chosen_number(truth_node(condition, leaves), *parts)
        case _:
            raise NotCompiled(f"{type(node).__name__.lower()} of what is drawn")


def _of_set(node: Node) -> bool:
    return isinstance(node, Leaf) and node.type.kind is Kind.SET


def _number_from_table(found: Values, leaves: Leaves) -> Number:
    shape = (1,) * leaves.finite.axes
    if found.upper is not None:
        raise NotCompiled("a number that is only known to lie between two")
    data = found.data.reshape(shape) if found.data.ndim == 0 else found.data
    known = found.known.reshape(shape) if found.known.ndim == 0 else found.known
    if not known.any():
        return UNKNOWN_NUMBER
    certain = leaves.tables.code(known.astype("int8"))
    low, high = float(data[known].min()), float(data[known].max())
    is_known = bool(certain) if isinstance(certain, int) else f"({certain} == 1)"
    if low == high:
        return Number(Number.of(low).text, is_known, low, high)
    return Number(leaves.tables.amount(data), is_known, low, high)


def _is_truth(node: Node) -> bool:
    match node:
        case Leaf(_, kind):
            return kind.kind in (Kind.FLAG, Kind.TRUTH)
        case Not() | And() | Or() | Compare() | Within() | Known() | Includes() | Subset() | Verdict():
            return True
        case If(_, then, _):
            return _is_truth(then)
        case _:
            return False


def _within(one: Number, accepts: tuple[int, ...]) -> Truth:
    chosen = {verdict: [code for code, own in enumerate(accepts) if own == verdict] for verdict in (0, 2)}
    yes, not_it = _any_code(one, chosen[2]), _any_code(one, chosen[0])
    return Truth(both(one.known, yes), both(one.known, not_it))


def _any_code(one: Number, codes: list[int]) -> Bool:
    found: Bool = False
    for code in codes:
        found = either(found, f"({one.text} == {float(code)})")
    return found


def _all_known(parts: list[Number]) -> Bool:
    found: Bool = True
    for one in parts:
        found = both(found, one.known)
    return found


def _chosen(condition: Truth, then: Truth, otherwise: Truth) -> Truth:
    unsure = condition.unknown
    is_true = either(both(condition.true, then.true), both(condition.false, otherwise.true))
    is_false = either(both(condition.true, then.false), both(condition.false, otherwise.false))
    return Truth(
        either(is_true, both(unsure, both(then.true, otherwise.true))),
        either(is_false, both(unsure, both(then.false, otherwise.false))),
    )


def _chosen_number(condition: Truth, then: Number, otherwise: Number) -> Number:
    if condition.true is True:
        return then
    if condition.false is True:
        return otherwise
    alike = both(both(then.known, otherwise.known), condition_of("=", then, otherwise))
    known = either(
        either(both(condition.true, then.known), both(condition.false, otherwise.known)), both(condition.unknown, alike)
    )
    text = f"({otherwise.text} if {condition.false} else {then.text})"
    return Number(text, known, min(then.low, otherwise.low), max(then.high, otherwise.high))


def _scaled(one: Number, top: float, bottom: float) -> Number:
    bounds = sorted((one.low * top / bottom, one.high * top / bottom))
    return Number(f"({one.text} * {top!r} / {bottom!r})", one.known, *bounds)


def _unbounded(*numbers: Number) -> bool:
    return any(inf in (abs(one.low), abs(one.high)) for one in numbers)


def _arithmetic(operator: str, left: Number, right: Number) -> Number:
    known = both(left.known, right.known)
    if _unbounded(left, right):
        raise NotCompiled("arithmetic with a time that may be infinite")
    match operator:
        case "+":
            return Number(f"({left.text} + {right.text})", known, left.low + right.low, left.high + right.high)
        case "-":
            return Number(f"({left.text} + -{right.text})", known, left.low - right.high, left.high - right.low)
        case "*":
            ends = [one * another for one in (left.low, left.high) for another in (right.low, right.high)]
            return Number(f"({left.text} * {right.text})", known, min(ends), max(ends))
        case _:
            known = both(known, True if right.low > 0 or right.high < 0 else f"({right.text} != 0.0)")
            return Number(_quotient(left.text, right.text), known)


def _quotient(left: str, right: str) -> str:
    """Division; what has no value is unknown and stands as 0."""
    return f"({left} / {right} if {right} != 0.0 else 0.0)"


def _function(name: str, parts: list[Number]) -> Number:
    known = _all_known(parts)
    if name == "abs":
        return Number(f"abs({parts[0].text})", known, 0.0, max(abs(parts[0].low), abs(parts[0].high)))
    pick = min if name == "min" else max
    text = reduce(lambda left, right: f"{name}({left}, {right})", (one.text for one in parts))
    return Number(text, known, pick(one.low for one in parts), pick(one.high for one in parts))


def _change(current: Number, reference: Number, percent: bool) -> Number:
    difference = _arithmetic("-", current, reference)
    if not percent:
        return difference
    known = both(difference.known, True if reference.low > 0 else f"({reference.text} != 0.0)")
    return Number(_quotient(f"({difference.text} * 100.0)", reference.text), known)
