"""The one evaluator: a typed tree and values of any leading shape → the value of the tree, of the same shape.

Strong Kleene: unknown in gives unknown out unless the rest decides. NaN never leaves: what cannot be computed (division
by zero, a root of a negative number, overflow) is unknown. Never reads text, never converts recorded data but by the
exact factor between two units.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from math import isnan
from typing import assert_never

import numpy as np

from trialwright.protocol.expressions.inputs import Input
from trialwright.protocol.expressions.kleene import Array, choice, comparison, conjunction, disjunction, negation
from trialwright.protocol.expressions.tree import (
    And,
    Arithmetic,
    CalendarDate,
    Change,
    Code,
    Compare,
    Expression,
    Function,
    If,
    Includes,
    Interval,
    Kind,
    Known,
    Leaf,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Parameter,
    Power,
    Scaled,
    Shift,
    Subset,
    Verdict,
    Within,
)
from trialwright.protocol.expressions.values import EPOCH, Values
from trialwright.protocol.expressions.walk import children

Supply = Mapping[Input, Values]
_UNKNOWN = Values.unknown()


def evaluate(expression: Expression, values: Supply) -> Values:
    """The value of an expression.

    Args:
        expression: Read by ``read_expression``.
        values: What the engine knows of each input; an input that is missing here is unknown. Shapes broadcast.

    Returns:
        Data and what is known of it, of one shape: that of the inputs together. Quantities are in ``expression.unit``.

    Raises:
        ValueError: A code's index or a set's axis does not fit its declared codes (our bug, never the author's).
    """
    return evaluate_node(expression.node, values)


def evaluate_node(node: Node, values: Supply) -> Values:
    """The value of a part of an expression; see ``evaluate``."""
    with np.errstate(all="ignore"):
        found = _value(node, values)
    if isinstance(node, Leaf) and node.type.kind is Kind.SET:
        return found
    if found.data.shape == found.known.shape and found.upper is None:
        return found
    shape = np.broadcast_shapes(found.data.shape, found.known.shape)
    upper = None if found.upper is None else np.broadcast_to(found.upper, shape)
    return Values(np.broadcast_to(found.data, shape), np.broadcast_to(found.known, shape), upper)


def _value(node: Node, values: Supply) -> Values:
    if isinstance(node, Leaf):
        return _supplied(node, values.get(node.input))
    parts: list[Values] = []
    for child in children(node):
        parts.append(_value(child, values))  # noqa: PERF401 - a comprehension costs a frame of the stack per level
    return combined(node, parts)


def combined(node: Node, parts: list[Values]) -> Values:
    """The value of a node, given those of its children in the order of ``children``."""
    match node:
        case Not():
            return negation(parts[0])
        case And():
            return conjunction(parts)
        case Or():
            return disjunction(parts)
        case If():
            return choice(*parts, numeric=parts[1].data.dtype != bool)
        case Compare():
            return comparison(node.comparator, *parts)
        case Within():
            return _within(node, parts[0])
        case Known():
            return Values.of(parts[0].known)
        case Includes():
            return _includes(node, parts[0])
        case Subset():
            return _subset(node, parts[0])
        case _:
            return _number(node, parts)


def _number(node: Node, parts: list[Values]) -> Values:
    match node:
        case Number() | Parameter():
            return _constant(float(node.value))
        case Code():
            return _constant(float(node.index))
        case CalendarDate():
            return _constant(float((node.on - EPOCH).days))
        case Verdict():
            return Values.of(node.value)
        case Scaled():
            # Multiply, then divide: 50 × 1 / 100 is 0.5 to the last bit, 50 × 0.01 need not be.
            top, bottom = float(node.factor.numerator), float(node.factor.denominator)
            return _mapped(parts[0], lambda data: data * top / bottom)
        case Negative():
            return _turned(parts[0])
        case Arithmetic():
            return _arithmetic(node.operator, *parts)
        case Power():
            exponent = float(node.exponent)
            return _exact([parts[0]], lambda data: np.power(data, exponent))
        case Function():
            return _function(node, parts)
        case Change():
            difference = _arithmetic("-", *parts)
            return _percent(difference, parts[1]) if node.percent else difference
        case Shift():
            moved = _mapped(parts[0], lambda data: _months_later(data, node.months)) if node.months else parts[0]
            return moved if len(parts) == 1 else _arithmetic("+", moved, parts[1])
        case Interval():
            return _arithmetic("-", *parts)
        case _:
            raise AssertionError(f"{type(node).__name__} is computed elsewhere")


@lru_cache(maxsize=1024)
def _constant(value: float) -> Values:
    return Values.of(value)


def _supplied(leaf: Leaf, given: Values | None) -> Values:
    """An input as given, cleaned: NaN is unknown, and data is 0 where nothing is known."""
    kind, codes = leaf.type.kind, len(leaf.type.codes)
    if given is None:
        return _UNKNOWN if kind is not Kind.SET else Values(np.zeros(codes, bool), np.array(False))
    if kind is Kind.SET:
        if not given.known.any():
            return Values(np.zeros((*given.known.shape, codes), bool), given.known)
        if given.data.shape[-1:] != (codes,):
            raise ValueError(f"{leaf.input} has {codes} codes and a last axis of {given.data.shape[-1:]}")
        return Values(given.data.astype(bool) & given.known[..., np.newaxis], given.known)
    if kind in (Kind.FLAG, Kind.TRUTH):
        return Values(given.data.astype(bool) & given.known, given.known)
    if given.upper is None and given.data.shape == given.known.shape == ():
        return _supplied_one(leaf, given)
    data, known, upper = np.asarray(given.data, np.float64), given.known, given.upper
    usable = known & ~np.isnan(data)
    if not usable.all():
        known, data = usable, np.where(usable, data, 0.0)
        upper = None if upper is None else np.where(usable, upper, 0.0)
    if kind is Kind.CODE and bool(np.any(known & ((data < 0) | (data >= codes)))):
        raise ValueError(f"{leaf.input} has {codes} codes and an index beyond them")
    return Values(data, known, None if upper is None else np.asarray(upper, np.float64))


def _supplied_one(leaf: Leaf, given: Values) -> Values:
    """The number of a single case, cleaned as in ``_supplied``; an engine that decides one participant asks for many."""
    number = float(given.data)
    if not given.known or isnan(number):
        return _UNKNOWN
    if leaf.type.kind is Kind.CODE and not 0 <= number < len(leaf.type.codes):
        raise ValueError(f"{leaf.input} has {len(leaf.type.codes)} codes and an index beyond them")
    return given if given.data.dtype == np.float64 else Values(np.asarray(number), given.known)


def _finite(result: Array, known: Array, *operands: Array) -> tuple[Array, Array]:
    """Unknown where the result is no number, or runs over although its operands are finite."""
    fits = np.isfinite(result)
    for operand in operands:
        fits = fits | ~np.isfinite(operand)
    known = known & fits & ~np.isnan(result)
    return np.where(known, result, 0.0), known


def _mapped(operand: Values, change: Callable[[Array], Array]) -> Values:
    """A rising function of one operand, bounds and all."""
    data, known = _finite(change(operand.data), operand.known, operand.data)
    return Values(data, known, None if operand.upper is None else np.where(known, change(operand.upper), 0.0))


def _turned(operand: Values) -> Values:
    if operand.upper is None:
        return Values(-operand.data, operand.known)
    return Values(-operand.upper, operand.known, -operand.data)


def _exact(operands: list[Values], compute: Callable[..., Array]) -> Values:
    """Any function: known where every operand is known to be one number."""
    known = reduce(lambda left, right: left & right, (_single(each) for each in operands))
    data, known = _finite(compute(*(each.data for each in operands)), known, *(each.data for each in operands))
    return Values(data, known)


def _single(operand: Values) -> Array:
    return operand.known if operand.upper is None else operand.known & (operand.upper == operand.data)


def _arithmetic(operator: str, left: Values, right: Values) -> Values:
    match operator:
        case "*":
            return _exact([left, right], np.multiply)
        case "/":
            return _exact([left, right], np.divide)
        case "-":
            right = _turned(right)
    data, known = _finite(left.data + right.data, left.known & right.known, left.data, right.data)
    if left.upper is None and right.upper is None:
        return Values(data, known)
    tops = [each.data if each.upper is None else each.upper for each in (left, right)]
    return Values(data, known, np.where(known, tops[0] + tops[1], 0.0))


def _percent(difference: Values, reference: Values) -> Values:
    return _exact([difference, reference], lambda change, of: change * 100.0 / of)


def _function(node: Function, parts: list[Values]) -> Values:
    match node.name:
        case "abs":
            return _exact(parts, np.abs)
        case "min":
            return _exact(parts, lambda *data: reduce(np.minimum, data))
        case "max":
            return _exact(parts, lambda *data: reduce(np.maximum, data))
        case "ln":
            return _mapped(parts[0], np.log)
        case "log10":
            return _mapped(parts[0], np.log10)
        case "exp":
            return _mapped(parts[0], np.exp)
        case _:
            assert_never(node.name)


def _months_later(days: Array, months: int) -> Array:
    """The same day so many calendar months on, or the month's last day where it has none such."""
    date = np.asarray(days).astype("int64").astype("datetime64[D]")
    month = date.astype("datetime64[M]")
    day = date - month.astype("datetime64[D]")
    first = (month + months).astype("datetime64[D]")
    last = (month + months + 1).astype("datetime64[D]") - first - np.timedelta64(1, "D")
    return np.asarray((first + np.minimum(day, last)).astype("int64").astype(np.float64))


def _within(node: Within, operand: Values) -> Values:
    accepts = np.asarray(node.accepts, np.int8)
    verdict = accepts[operand.data.astype(np.int64)] if accepts.size else np.ones(operand.data.shape, np.int8)
    known = operand.known & (verdict != 1)
    return Values(known & (verdict == 2), known)


def _any_of(held: Array, indices: tuple[int, ...]) -> Array:
    return np.asarray(np.any(held[..., list(indices)], axis=-1)) if indices else np.zeros(held.shape[:-1], bool)


def _includes(node: Includes, operand: Values) -> Values:
    """A code that isn't listed is absent only where the list is declared complete and nothing above the code is listed."""
    complete = node.operand.type.complete
    found: list[Values] = []
    for matches, vague in zip(node.matches, node.vague, strict=True):
        has = _any_of(operand.data, matches)
        absent = ~has & ~_any_of(operand.data, vague) & complete
        found.append(Values(has, operand.known & (has | absent)))
    match node.quantifier:
        case "any":
            return disjunction(found)
        case "all":
            return conjunction(found)
        case least:
            held = sum((one.known & one.data).astype(int) for one in found)
            possible = held + sum((~one.known).astype(int) for one in found)
            return Values(np.asarray(held >= least), np.asarray((held >= least) | (possible < least)))


def _subset(node: Subset, operand: Values) -> Values:
    codes = range(len(node.operand.type.codes))
    outside = tuple(index for index in codes if index not in node.allowed and index not in node.vague)
    false = _any_of(operand.data, outside)
    true = ~false & ~_any_of(operand.data, node.vague) & node.operand.type.complete
    return Values(true & operand.known, operand.known & (true | false))
