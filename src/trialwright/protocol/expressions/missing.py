"""What to ask next: the unknown inputs that could change a verdict, and not those that cannot matter."""

from __future__ import annotations

from typing import assert_never

from trialwright.protocol.expressions.evaluate import Supply, evaluate_node
from trialwright.protocol.expressions.inputs import Input
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
from trialwright.protocol.expressions.walk import children


def missing_inputs(expression: Expression, values: Supply) -> tuple[Input, ...]:
    """The inputs that leave the value of an expression unknown; empty where it is known.

    One case only (shape ``()``). An unknown part under an ``and`` that is already false, or in the branch that is not
    taken, is not among them. An input that is known only roughly (a partial date, a set that is not complete) is.
    """
    return tuple(dict.fromkeys(missing_in(expression.node, values)))


def is_known(node: Node, values: Supply) -> bool:
    """Whether one case has a value."""
    return bool(evaluate_node(node, values).known)


def missing_in(node: Node, values: Supply) -> list[Input]:
    """The inputs that leave a part of an expression unknown, repeats included; see ``missing_inputs``."""
    if is_known(node, values):
        return []
    match node:
        case Leaf():
            return [node.input]
        case And() | Or() | Not():
            return _of_all(node, values)
        case If():
            asked = evaluate_node(node.condition, values)
            if not bool(asked.known):
                return _of_all(node, values)
            return missing_in(node.then if bool(asked.data) else node.otherwise, values)
        case Compare() | Within() | Includes() | Subset() | Scaled() | Arithmetic() | Negative() | Power() | Function():
            return _of_all(node, values) or _rough(node)
        case Change() | Shift() | Interval():
            return _of_all(node, values) or _rough(node)
        case Known() | Number() | Parameter() | Code() | CalendarDate() | Verdict():
            return []
        case _:
            assert_never(node)


def _of_all(node: Node, values: Supply) -> list[Input]:
    found: list[Input] = []
    for child in children(node):
        found.extend(missing_in(child, values))
    return found


def _rough(node: Node) -> list[Input]:
    """Every input below: each is known, but not well enough."""
    found = [node.input] if isinstance(node, Leaf) else []
    for child in children(node):
        found.extend(_rough(child))
    return found
