"""Walking a typed tree: its children, its leaves, and the same tree with leaves replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from trialwright.protocol.expressions.inputs import Input
from trialwright.protocol.expressions.tree import (
    And,
    Arithmetic,
    CalendarDate,
    Change,
    Code,
    Compare,
    Function,
    If,
    Includes,
    Interval,
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


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly below, in reading order."""
    match node:
        case Leaf() | Number() | Parameter() | Code() | CalendarDate() | Verdict():
            return ()
        case Scaled() | Negative() | Power() | Within() | Includes() | Subset() | Known() | Not():
            return (node.operand,)
        case Arithmetic() | Compare():
            return node.left, node.right
        case Function() | And() | Or():
            return node.operands
        case Change():
            return node.current, node.reference
        case Shift():
            return (node.operand,) if node.days is None else (node.operand, node.days)
        case Interval():
            return node.later, node.earlier
        case If():
            return node.condition, node.then, node.otherwise
        case _:
            assert_never(node)


def leaves(node: Node) -> Iterator[Leaf]:
    """Every leaf, in reading order, repeats included."""
    pending = [node]
    while pending:
        found = pending.pop()
        if isinstance(found, Leaf):
            yield found
        pending.extend(reversed(children(found)))


def inputs_of(node: Node) -> tuple[Input, ...]:
    """What a node reads, each once, in order of first appearance."""
    return tuple(dict.fromkeys(leaf.input for leaf in leaves(node)))


def substitute(node: Node, replacements: Mapping[Input, Node]) -> Node:
    """The same tree with inputs replaced by trees of the same kind and unit.

    A set, and the two sides of ``change from``, are read from inputs only and stay as they are.
    """
    match node:
        case Leaf():
            return replacements.get(node.input, node)
        case Number() | Parameter() | Code() | CalendarDate() | Verdict() | Includes() | Subset() | Change():
            return node
        case Scaled() | Negative() | Power() | Within() | Known() | Not():
            return replace(node, operand=substitute(node.operand, replacements))
        case Arithmetic() | Compare():
            return replace(node, left=substitute(node.left, replacements), right=substitute(node.right, replacements))
        case Function() | And() | Or():
            return replace(node, operands=tuple(substitute(each, replacements) for each in node.operands))
        case Shift():
            days = None if node.days is None else substitute(node.days, replacements)
            return replace(node, operand=substitute(node.operand, replacements), days=days)
        case Interval():
            return Interval(substitute(node.later, replacements), substitute(node.earlier, replacements))
        case If():
            parts = (substitute(each, replacements) for each in (node.condition, node.then, node.otherwise))
            return If(*parts)
        case _:
            assert_never(node)
