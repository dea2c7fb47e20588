"""Criteria given to a solver (Z3), every value taken to be known. A time limit bounds each question.

Numbers are exact reals in the unit of the expression; what cannot be said to the solver is refused, never approximated.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

import z3

from trialwright.protocol.expressions import AdverseEvents, Input, Kind, Reading, VariableType
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
    Subset,
    Verdict,
    Within,
)
from trialwright.protocol.expressions.values import EPOCH
from trialwright.protocol.study import Protocol
from trialwright.review.blocks import NUMERIC, types_of

TIME_LIMIT_MS = 500


class Untranslatable(Exception):  # noqa: N818 - an answer ("not decided"), caught by the caller
    """An expression that is not said to the solver; the message says what it holds."""


class Answer(Enum):
    """What the solver says."""

    YES = "yes"
    NO = "no"
    OPEN = "not decided"


class Solving:
    """The variables of some expressions, within their plausible ranges.

    Raises:
        Untranslatable: An expression cannot be said to the solver.
    """

    def __init__(self, protocol: Protocol, nodes: list[Node]) -> None:
        self.protocol = protocol
        self.terms: dict[Input, Any] = {}
        self.bounds: list[Any] = []
        for given, kind in types_of(nodes).items():
            self.terms[given] = self._declared(given, kind)
        self.truths = {node: self.truth(node) for node in nodes}

    def required(self, node: Node, wanted: bool) -> Any:
        """Return that an expression holds, or does not."""
        return self.truths[node] if wanted else z3.Not(self.truths[node])

    def negated(self, term: Any) -> Any:
        """Return the contrary of a requirement."""
        return z3.Not(term)

    def possible(self, required: list[Any]) -> Answer:
        """Ask whether all can hold at once."""
        solver = z3.Solver()
        solver.set("timeout", TIME_LIMIT_MS)
        solver.add(*self.bounds, *required)
        found = solver.check()
        return Answer.YES if found == z3.sat else Answer.NO if found == z3.unsat else Answer.OPEN

    def _declared(self, given: Input, kind: VariableType) -> Any:
        name = repr(given)
        if kind.kind in NUMERIC:
            term = z3.Real(name)
            bounded = isinstance(given, Reading)
            self.bounds += [term >= _exact(kind.low)] if kind.low is not None else []
            self.bounds += [term <= _exact(kind.high)] if bounded and kind.high is not None else []
            if isinstance(given, AdverseEvents):
                self.bounds.append(z3.IsInt(term))
            return term
        match kind.kind:
            case Kind.CODE:
                term = z3.Int(name)
                self.bounds += [term >= 0, term < len(kind.codes)]
                return term
            case Kind.SET:
                return [z3.Bool(f"{name}:{code}") for code in kind.codes]
            case _:
                return z3.Bool(name)

    def truth(self, node: Node) -> Any:
        """Say a truth to the solver."""
        match node:
            case Not():
                return z3.Not(self.truth(node.operand))
            case And():
                return z3.And(*(self.truth(part) for part in node.operands))
            case Or():
                return z3.Or(*(self.truth(part) for part in node.operands))
            case If():
                return z3.If(self.truth(node.condition), self.truth(node.then), self.truth(node.otherwise))
            case Verdict() | Known():
                return z3.BoolVal(node.value if isinstance(node, Verdict) else True)
            case Within():
                operand = self.number(node.operand)
                return z3.Or(*(operand == index for index, accepts in enumerate(node.accepts) if accepts == 2))
            case Includes() | Subset():
                return self._set(node)
            case Compare():
                return self._compared(node)
            case Leaf():
                return self.terms[node.input]
            case _:
                raise Untranslatable(f"{type(node).__name__.lower()} is not said to the solver")

    def _set(self, node: Includes | Subset) -> Any:
        held = self.terms[node.operand.input]
        if isinstance(node, Subset):
            return z3.And(*(z3.Not(term) for index, term in enumerate(held) if index not in node.allowed))
        each = [z3.Or(*(held[index] for index in matches)) for matches in node.matches]
        return z3.Or(*each) if node.quantifier == "any" else z3.And(*each)

    def _compared(self, node: Compare) -> Any:
        left, right = self.number(node.left), self.number(node.right)
        match node.comparator:
            case "<":
                return left < right
            case "<=":
                return left <= right
            case "=":
                return left == right
            case "!=":
                return left != right
            case ">=":
                return left >= right
            case ">":
                return left > right

    def number(self, node: Node) -> Any:
        """Say a number, a date or a code to the solver."""
        match node:
            case Leaf():
                return self.terms[node.input]
            case Number() | Parameter():
                return _exact(node.value)
            case Code():
                return z3.IntVal(node.index)
            case CalendarDate():
                return z3.RealVal((node.on - EPOCH).days)
            case Scaled():
                return self.number(node.operand) * _exact(node.factor)
            case Negative():
                return -self.number(node.operand)
            case Interval():
                return self.number(node.later) - self.number(node.earlier)
            case Arithmetic():
                return self._arithmetic(node)
            case Power() if node.exponent.denominator == 1 and 0 < node.exponent <= 4:
                factor = self.number(node.operand)
                return z3.Product(*([factor] * int(node.exponent)))
            case Function() if node.name != "abs":
                return self._extreme(node)
            case If():
                return z3.If(self.truth(node.condition), self.number(node.then), self.number(node.otherwise))
            case Change(percent=False):
                return self.number(node.current) - self.number(node.reference)
            case _:
                raise Untranslatable(f"{type(node).__name__.lower()} is not said to the solver")

    def _arithmetic(self, node: Arithmetic) -> Any:
        left, right = self.number(node.left), self.number(node.right)
        match node.operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                self.bounds.append(right != 0)
                return left / right

    def _extreme(self, node: Function) -> Any:
        found, *rest = [self.number(part) for part in node.operands]
        for other in rest:
            found = z3.If(other > found if node.name == "max" else other < found, other, found)
        return found


def _exact(value: Any) -> Any:
    return z3.RealVal(str(value))
