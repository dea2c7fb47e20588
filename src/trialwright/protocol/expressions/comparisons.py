"""Comparisons of numbers, dates and codes, membership in lists and sets, and time since a milestone: typed into nodes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal, cast

from lark import Token

from trialwright.protocol.expressions.context import (
    TRUTH,
    Context,
    Span,
    Typed,
    Wrong,
    leaf_of,
    nearest,
    span_of,
    words,
)
from trialwright.protocol.expressions.inputs import Milestone, Since
from trialwright.protocol.expressions.quantities import common, quantity_type
from trialwright.protocol.expressions.tree import (
    Code,
    Comparator,
    Compare,
    Includes,
    Kind,
    Leaf,
    Node,
    Not,
    Number,
    Parameter,
    Subset,
    VariableType,
    Verdict,
    Within,
)
from trialwright.vocabulary.findings import Severity
from trialwright.vocabulary.units import parse_unit

_SYMBOLS: dict[str, Comparator] = {
    "<": "<", "<=": "<=", "≤": "<=", "=": "=", "==": "=", "!=": "!=", "<>": "!=", "≠": "!=", ">=": ">=", "≥": ">=", ">": ">",
    "above": ">", "below": "<", "greater than": ">", "at least": ">=", "at most": "<=", "more than": ">", "less than": "<",
    "fewer than": "<", "no more than": "<=", "not more than": "<=", "no less than": ">=", "not less than": ">=",
    "exactly": "=", "after": ">", "on or after": ">=", "before": "<", "on or before": "<=", "is": "=", "are": "=",
    "is not": "!=", "are not": "!=",
}  # fmt: skip


def comparator_of(token: Token) -> Comparator:
    """The comparison that a symbol or phrase stands for."""
    phrase = words(token)
    if phrase in _SYMBOLS:
        return _SYMBOLS[phrase]
    return _SYMBOLS[phrase.removeprefix("is ").removeprefix("are ")]


def compare(context: Context, comparator: Comparator, left: Typed, right: Typed) -> Typed:
    """One comparison.

    Raises:
        Wrong: The two sides are of different kinds, or of a kind that has no such order.
    """
    span = (left.span[0], right.span[1])
    kinds = {left.type.kind, right.type.kind}
    if left.numeric and right.numeric:
        return _numbers(context, comparator, left, right)
    if kinds == {Kind.DATE}:
        return Typed(Compare(comparator, left.node, right.node), TRUTH, span)
    if kinds == {Kind.CODE}:
        return _codes(context, comparator, left, right)
    if kinds <= {Kind.FLAG, Kind.TRUTH}:
        return _truths(context, comparator, left, right)
    raise _unlike(context, left, right)


def _unlike(context: Context, left: Typed, right: Typed) -> Wrong:
    one, other = context.source(left.span), context.source(right.span)
    title = f"{one} ({left.type.kind}) cannot be compared with {other} ({right.type.kind})"
    ways: list[str] = []
    for side, against in ((left, other), (right, one)):
        if side.type.kind is Kind.CODE:
            ways += [f"{context.source(side.span)} in {{{', '.join(side.type.codes[:3])}}}"]
        elif side.type.kind is Kind.SET:
            ways += [f"{context.source(side.span)} includes {against}"]
    return Wrong("TW-E006", (left.span[0], right.span[1]), title, "", ways)


def _numbers(context: Context, comparator: Comparator, left: Typed, right: Typed) -> Typed:
    left, right = _by_calendar(left, right), _by_calendar(right, left)
    first, second, unit = common(context, left, right)
    span = (left.span[0], right.span[1])
    _mind_per_cent(context, left, right)
    _mind_range(context, comparator, first, second, span)
    return Typed(Compare(comparator, first, second, unit), TRUTH, span)


def _by_calendar(since: Typed, other: Typed) -> Typed:
    """Time since a milestone against a number of months or years is counted by the calendar."""
    leaf, unit = leaf_of(since), other.unit
    if leaf is None or not isinstance(leaf.input, Since) or unit is None or not other.constant:
        return since
    if unit.code not in ("mo", "a"):
        return since
    calendar = cast("Literal['mo', 'a']", unit.code)
    kind = replace(leaf.type, unit=unit)
    return replace(since, node=Leaf(replace(leaf.input, unit=calendar), kind), type=kind)


def _mind_per_cent(context: Context, left: Typed, right: Typed) -> None:
    for bare, other in ((left, right), (right, left)):
        if isinstance(bare.node, Number) and bare.unit is None and other.unit is not None and other.unit.code == "%":
            shown = context.source(bare.span)
            detail = f"{context.source(other.span)} is in %, so {shown} is read as {shown} %."
            context.say(Wrong("TW-E014", bare.span, f"{shown} is read as {shown} %", detail, (f"{shown} %",)), Severity.NOTE)


def _mind_range(context: Context, comparator: Comparator, left: Node, right: Node, span: Span) -> None:
    """Say where a comparison comes out the same for every plausible value."""
    flipped: dict[Comparator, Comparator] = {"<": ">", "<=": ">=", "=": "=", "!=": "!=", ">=": "<=", ">": "<"}
    if isinstance(right, Leaf):
        left, right, comparator = right, left, flipped[comparator]
    if not isinstance(left, Leaf) or not isinstance(right, Number | Parameter):
        return
    low, high = left.type.low, left.type.high
    always = constant_verdict(comparator, low, high, right.value)
    if always is None:
        return
    unit = f" {left.type.unit.code}" if left.type.unit else ""
    bounds = f"{low if low is not None else '…'} .. {high if high is not None else '…'}{unit}"
    detail = f"Plausible values lie in {bounds}; {float(right.value):g}{unit} is outside. Is the unit the one meant?"
    title = f"{context.source(span)} is {'always' if always else 'never'} true"
    context.say(Wrong("TW-E015", span, title, detail), Severity.WARNING)


def constant_verdict(comparator: Comparator, low: Decimal | None, high: Decimal | None, value: Fraction) -> bool | None:
    """What a comparison of a variable with a number comes to over the whole of its range, if that is one thing."""
    least = -math.inf if low is None else Fraction(low)
    most = math.inf if high is None else Fraction(high)
    match comparator:
        case "<":
            return True if most < value else False if least >= value else None
        case "<=":
            return True if most <= value else False if least > value else None
        case ">=":
            return True if least >= value else False if most < value else None
        case ">":
            return True if least > value else False if most <= value else None
        case "=" | "!=":
            return comparator == "!=" if least > value or most < value else None


def _codes(context: Context, comparator: Comparator, left: Typed, right: Typed) -> Typed:
    if isinstance(left.node, Code) and not isinstance(right.node, Code):
        flipped: dict[Comparator, Comparator] = {"<": ">", "<=": ">=", "=": "=", "!=": "!=", ">=": "<=", ">": "<"}
        left, right, comparator = right, left, flipped[comparator]
    span = (min(left.span[0], right.span[0]), max(left.span[1], right.span[1]))
    if left.type.codes != right.type.codes:
        raise _unlike(context, left, right)
    if comparator in ("=", "!=") and isinstance(right.node, Code):
        node: Node = within(left.node, left.type, (right.node.name,))
        return Typed(node if comparator == "=" else Not(node), TRUTH, span)
    if comparator not in ("=", "!=") and not left.type.ordered:
        shown = context.source(left.span)
        detail = f"The codes of {shown} stand in no order: {', '.join(left.type.codes[:8])}."
        ways = (f"{shown} in {{…}}", "ordered: true on the variable, its codes from least to most")
        raise Wrong("TW-E008", span, f"'{comparator}' needs ordered codes", detail, ways)
    return Typed(Compare(comparator, left.node, right.node), TRUTH, span)


def _truths(context: Context, comparator: Comparator, left: Typed, right: Typed) -> Typed:
    span = (left.span[0], right.span[1])
    if comparator not in ("=", "!=") or not isinstance(right.node, Verdict):
        detail = "A flag is true or false by itself: write its name, or not and its name."
        raise Wrong("TW-E006", span, f"{context.source(span)} compares truths", detail, (context.source(left.span),))
    wanted = right.node.value == (comparator == "=")
    return Typed(left.node if wanted else Not(left.node), TRUTH, span)


def code(name: str, span: Span, kind: VariableType, of: str) -> Code:
    """A declared code of a variable.

    Raises:
        Wrong: The variable has no such code.
    """
    if name in kind.codes:
        return Code(name, kind.codes.index(name))
    close = nearest(name, kind.codes)
    hint = f"Did you mean {' or '.join(close)}?" if close else f"Its codes: {', '.join(kind.codes[:12]) or 'none'}."
    raise Wrong("TW-E007", span, f"'{name}' is no code of {of}", hint, close or kind.codes[:3])


def _generations(kind: VariableType, name: str) -> tuple[frozenset[str], frozenset[str]]:
    """The code with all below it, and all above it. A cycle in the declaration ends where it closes."""
    below, above = {name}, set[str]()
    for found, pairs in ((below, [(parent, child) for child, parent in kind.parents]), (above, list(kind.parents))):
        edge = {name}
        while edge:
            edge = {to for start, to in pairs if start in edge} - found - {name}
            found |= edge
    return frozenset(below), frozenset(above - below)


def within(operand: Node, kind: VariableType, names: tuple[str, ...]) -> Within:
    """A code among those listed or below them; a code above one of them is too general to tell."""
    families = [_generations(kind, name) for name in names]
    yes = frozenset[str]().union(*(below for below, _ in families))
    vague = frozenset[str]().union(*(above for _, above in families))
    accepts = tuple(2 if found in yes else 1 if found in vague else 0 for found in kind.codes)
    return Within(operand, names, accepts)


def _indices(kind: VariableType, names: Iterable[str]) -> tuple[int, ...]:
    wanted = frozenset(names)
    return tuple(index for index, name in enumerate(kind.codes) if name in wanted)


def includes(operand: Leaf, names: tuple[str, ...], quantifier: Literal["any", "all"] | int) -> Includes:
    """A set that holds any, all or at least so many of the codes, counting what is below them."""
    families = [_generations(operand.type, name) for name in names]
    matches = tuple(_indices(operand.type, below) for below, _ in families)
    return Includes(operand, names, quantifier, matches, tuple(_indices(operand.type, above) for _, above in families))


def subset(operand: Leaf, names: tuple[str, ...]) -> Subset:
    """A set that holds nothing but the codes and what is below them."""
    families = [_generations(operand.type, name) for name in names]
    allowed = frozenset[str]().union(*(below for below, _ in families))
    vague = frozenset[str]().union(*(above for _, above in families)) - allowed
    return Subset(operand, names, _indices(operand.type, allowed), _indices(operand.type, vague))


_NAMED_MILESTONES = {
    "end of treatment": Milestone.TREATMENT_STOP,
    "enrollment": Milestone.ENROLMENT,
    "randomization": Milestone.RANDOMISATION,
}


def milestone(context: Context, token: Token) -> Typed:
    """Time since a milestone, an encounter, a date, or the last reading of a variable."""
    span, name = span_of(token), words(token)
    if token.type == "MILESTONE":
        return _since(Since(_NAMED_MILESTONES.get(name) or Milestone(name)), span)
    scope = context.scope
    if name in scope.variables:
        dated = scope.variables[name].kind is Kind.DATE
        return _since(Since(Milestone.DATE if dated else Milestone.READING, name), span)
    if name in scope.encounters:
        return _since(Since(Milestone.ENCOUNTER, name), span)
    if name in scope.milestones:
        return _since(Since(Milestone.NAMED, name), span)
    known = [kind.value for kind in Milestone if kind not in _UNNAMED]
    raise context.unknown("milestone", name, span, [*known, *scope.encounters, *scope.milestones, *scope.variables])


_UNNAMED = (Milestone.ENCOUNTER, Milestone.DATE, Milestone.READING, Milestone.NAMED)


def _since(question: Since, span: Span) -> Typed:
    kind = quantity_type(parse_unit("d"))
    return Typed(Leaf(question, kind), kind, span)
