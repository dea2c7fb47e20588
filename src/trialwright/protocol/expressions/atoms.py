"""The comparisons and flags that a truth depends on, in a form that can be checked cell by cell or given to a solver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.protocol.expressions.evaluate import combined
from trialwright.protocol.expressions.inputs import Input
from trialwright.protocol.expressions.kleene import from_truth, truth
from trialwright.protocol.expressions.text import to_text
from trialwright.protocol.expressions.tree import (
    And,
    Arithmetic,
    CalendarDate,
    Change,
    Code,
    Comparator,
    Compare,
    Expression,
    If,
    Interval,
    Kind,
    Leaf,
    Negative,
    Node,
    Not,
    Number,
    Or,
    Parameter,
    Scaled,
    Shift,
    Verdict,
    Within,
)
from trialwright.protocol.expressions.values import EPOCH, Values
from trialwright.protocol.expressions.walk import children, inputs_of

_FLIPPED: dict[Comparator, Comparator] = {"<": ">", "<=": ">=", "=": "=", "!=": "!=", ">=": "<=", ">": "<"}


@dataclass(frozen=True, slots=True)
class Linear:
    """``sum of factor * input  comparator  threshold``; the first factor is 1. Exact; inputs in their own units."""

    terms: tuple[tuple[Input, Fraction], ...]
    comparator: Comparator
    threshold: Fraction


@dataclass(frozen=True, slots=True)
class Atom:
    """A part of an expression that is true, false or unknown by itself.

    Args:
        node: The part: a comparison, a flag, membership, or whether something is known.
        text: Its canonical text.
        inputs: What it reads.
        linear: The comparison as a linear one, where it is one; dates are days since 1970-01-01, codes their index.
        threshold: Of a comparison of one input with a number, in the input's unit; else None.
        comparator: Of that comparison, with the input on the left.
        accepts: Of a code among those listed: a truth per code of the one input; else empty.
    """

    node: Node
    text: str
    inputs: tuple[Input, ...]
    linear: Linear | None = None
    threshold: Fraction | None = None
    comparator: Comparator | None = None
    accepts: tuple[int, ...] = ()


def atoms(expression: Expression) -> tuple[Atom, ...]:
    """The atoms of a truth, each once, in reading order. An ``if`` inside a comparison is part of that atom."""
    found: dict[Node, Atom] = {}
    pending = [expression.node]
    while pending:
        node = pending.pop()
        if _joins(node):
            pending.extend(reversed(children(node)))
        elif not isinstance(node, Verdict) and node not in found:
            found[node] = _atom(node)
    return tuple(found.values())


def truth_given(expression: Expression, truths: Mapping[Node, ArrayLike]) -> NDArray[np.int8]:
    """The truth of an expression when those of its atoms are given (by ``atom.node``), as 0, 1, 2 of any shape.

    The same Kleene logic as ``evaluate``; an atom that is not given is unknown.
    """
    return truth(_joined(expression.node, truths))


def _joined(node: Node, truths: Mapping[Node, ArrayLike]) -> Values:
    if isinstance(node, Verdict):
        return Values.of(node.value)
    if not _joins(node):
        return from_truth(np.asarray(truths.get(node, 1), np.int8))
    parts: list[Values] = []
    for child in children(node):
        parts.append(_joined(child, truths))  # noqa: PERF401 - a comprehension costs a frame of the stack per level
    return combined(node, parts)


def _joins(node: Node) -> bool:
    return isinstance(node, And | Or | Not | If)


def _atom(node: Node) -> Atom:
    text, asked = to_text(node), inputs_of(node)
    if isinstance(node, Within) and isinstance(node.operand, Leaf):
        return Atom(node, text, asked, accepts=node.accepts)
    linear = linear_form(node) if isinstance(node, Compare) else None
    if linear is None or len(linear.terms) != 1:
        return Atom(node, text, asked, linear)
    return Atom(node, text, asked, linear, linear.threshold, linear.comparator)


def linear_form(node: Compare) -> Linear | None:
    """A comparison as a linear one, or None where it is not one or where it compares constants."""
    left, right = _ratio(node) or (_sum(node.left), _sum(node.right))
    if left is None or right is None:
        return None
    terms = {key: left[0].get(key, Fraction(0)) - right[0].get(key, Fraction(0)) for key in (*left[0], *right[0])}
    terms = {key: factor for key, factor in terms.items() if factor}
    if not terms:
        return None
    lead = next(iter(terms.values()))
    comparator = node.comparator if lead > 0 else _FLIPPED[node.comparator]
    scaled = tuple((key, factor / lead) for key, factor in terms.items())
    return Linear(scaled, comparator, (right[1] - left[1]) / lead)


_Sum = tuple[dict[Input, Fraction], Fraction]


def _ratio(node: Compare) -> tuple[_Sum | None, _Sum | None] | None:
    """Per cent change against a number is linear in both values, since a reference that may be known is above zero."""
    change, bound = node.left, _sum(node.right)
    if not isinstance(change, Change) or not change.percent or bound is None or bound[0]:
        return None
    low = change.reference.type.low
    if low is None or low < 0:
        return None
    share = 1 + bound[1] / 100
    return ({change.current.input: Fraction(1)}, Fraction(0)), ({change.reference.input: share}, Fraction(0))


def _sum(node: Node) -> _Sum | None:
    """A value as a sum of inputs with factors and a constant, or None."""
    match node:
        case Leaf(question, kind):
            numeric = kind.kind in (Kind.QUANTITY, Kind.DURATION, Kind.DATE, Kind.CODE)
            return ({question: Fraction(1)}, Fraction(0)) if numeric else None
        case Number() | Parameter():
            return {}, node.value
        case Code():
            return {}, Fraction(node.index)
        case CalendarDate():
            return {}, Fraction((node.on - EPOCH).days)
        case Scaled():
            return _times(_sum(node.operand), node.factor)
        case Negative():
            return _times(_sum(node.operand), Fraction(-1))
        case Change(percent=False):
            return _plus(_sum(node.current), _times(_sum(node.reference), Fraction(-1)))
        case Interval():
            return _plus(_sum(node.later), _times(_sum(node.earlier), Fraction(-1)))
        case Shift(months=0):
            return _plus(_sum(node.operand), _sum(node.days)) if node.days is not None else _sum(node.operand)
        case Arithmetic():
            return _combined(node)
        case _:
            return None


def _combined(node: Arithmetic) -> _Sum | None:
    left, right = _sum(node.left), _sum(node.right)
    if left is None or right is None:
        return None
    match node.operator:
        case "+":
            return _plus(left, right)
        case "-":
            return _plus(left, _times(right, Fraction(-1)))
        case "*":
            return _times(left, right[1]) if not right[0] else _times(right, left[1]) if not left[0] else None
        case "/":
            return _times(left, 1 / right[1]) if not right[0] and right[1] else None


def _times(found: _Sum | None, factor: Fraction) -> _Sum | None:
    return None if found is None else ({key: value * factor for key, value in found[0].items()}, found[1] * factor)


def _plus(left: _Sum | None, right: _Sum | None) -> _Sum | None:
    if left is None or right is None:
        return None
    keys = {**left[0], **right[0]}
    terms = {key: left[0].get(key, Fraction(0)) + right[0].get(key, Fraction(0)) for key in keys}
    return terms, left[1] + right[1]
