"""Syntax tree → typed tree: each name resolved, each unit agreed, each kind checked, before anything runs.

``READERS`` has one reader per rule of the grammar; a reader types its parts through ``Context.typed``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from lark import Token

from trialwright.protocol.expressions.comparisons import code
from trialwright.protocol.expressions.conditions import CONDITIONS, spelled
from trialwright.protocol.expressions.context import (
    TRUTH,
    Context,
    Said,
    Typed,
    Wrong,
    as_truth,
    span_of,
    tokens,
    trees,
)
from trialwright.protocol.expressions.inputs import (
    Limit,
    Reading,
)
from trialwright.protocol.expressions.parse import Syntax
from trialwright.protocol.expressions.phrases import PHRASES, which
from trialwright.protocol.expressions.quantities import (
    add,
    apply_function,
    common,
    multiply,
    negative_node,
    plain,
    quantity_type,
    read_number,
    read_parameter,
    read_power,
    wanted_number,
)
from trialwright.protocol.expressions.tree import (
    And,
    CalendarDate,
    If,
    Kind,
    Leaf,
    Node,
    Not,
    Number,
    Or,
    VariableType,
    Verdict,
)


def _truths(context: Context, tree: Syntax) -> list[Node]:
    """Every operand as a truth; what is wrong with one does not hide what is wrong with the next."""
    found: list[Node] = []
    failed = False
    for child in trees(tree):
        try:
            found.append(as_truth(context, context.typed(child)).node)
        except Wrong as wrong:
            context.say(wrong)
            failed = True
        except Said:
            failed = True
    if failed:
        raise Said
    return found


def _all_of(context: Context, tree: Syntax) -> Typed:
    return Typed(And(tuple(_truths(context, tree))), TRUTH, span_of(tree))


def _any_of(context: Context, tree: Syntax) -> Typed:
    return Typed(Or(tuple(_truths(context, tree))), TRUTH, span_of(tree))


def _not(context: Context, tree: Syntax) -> Typed:
    return Typed(Not(as_truth(context, context.typed(trees(tree)[0])).node), TRUTH, span_of(tree))


def _conditional(context: Context, tree: Syntax) -> Typed:
    condition, then, otherwise = trees(tree)
    asked = as_truth(context, context.typed(condition))
    one, other = _branch(context, then), _branch(context, otherwise)
    span = span_of(tree)
    if one.numeric and other.numeric:
        first, second, unit = common(context, one, other)
        return Typed(If(asked.node, first, second), quantity_type(unit), span)
    if {one.type.kind, other.type.kind} <= {Kind.TRUTH, Kind.FLAG}:
        return Typed(If(asked.node, one.node, other.node), TRUTH, span)
    if one.type.kind is other.type.kind and one.type.codes == other.type.codes:
        return Typed(If(asked.node, one.node, other.node), replace(one.type, label=""), span)
    title = f"{context.source(one.span)} ({one.type.kind}) and {context.source(other.span)} ({other.type.kind}) are of two kinds"
    raise Wrong("TW-E006", span, title, "Both branches of an if give the same kind of value.")


def _branch(context: Context, tree: Syntax) -> Typed:
    """A branch of an if; where a coded variable is derived, a bare or quoted word is one of its codes."""
    kind, word = context.scope.derives, spelled(tree)
    if kind is None or not word or (tree.data == "name" and word in context.scope.variables):
        return context.typed(tree)
    return Typed(code(word, span_of(tree), kind, "what is derived"), kind, span_of(tree))


def _sum(context: Context, tree: Syntax) -> Typed:
    signs = [str(child) for child in tree.children if isinstance(child, Token)]
    left, *rest = trees(tree)
    total = context.typed(left)
    for sign, operand in zip(signs, rest, strict=True):
        total = add(context, "+" if sign == "+" else "-", total, context.typed(operand))
    return total


def _product(context: Context, tree: Syntax) -> Typed:
    signs = [str(child) for child in tree.children if isinstance(child, Token)]
    left, *rest = trees(tree)
    total = context.typed(left)
    for sign, operand in zip(signs, rest, strict=True):
        total = multiply(context, "/" if sign == "/" else "*", total, context.typed(operand))
    return total


def _negative(context: Context, tree: Syntax) -> Typed:
    operand = wanted_number(context, context.typed(trees(tree)[0]), "'-'")
    return replace(operand, node=negative_node(operand.node), span=span_of(tree), type=quantity_type(operand.unit))


def _power(context: Context, tree: Syntax) -> Typed:
    return read_power(context, context.typed(trees(tree)[0]), tree)


def _function(context: Context, tree: Syntax) -> Typed:
    operands = []
    for child in trees(tree):
        operands.append(context.typed(child))  # noqa: PERF401 - a comprehension costs a frame of the stack per level
    return apply_function(context, str(tokens(tree, "FUNCTION")[0]), operands, span_of(tree))


def _number(_: Context, tree: Syntax) -> Typed:
    units = tokens(tree, "UNIT")
    unit = getattr(units[0], "unit", None) if units else None
    number = read_number(tokens(tree, "NUMBER")[0], unit)
    return replace(number, span=span_of(tree))


def _part_of(context: Context, tree: Syntax) -> Typed:
    part = tokens(tree, "PART_OF")[0]
    share = read_number(tokens(tree, "NUMBER")[0], None)
    assert isinstance(share.node, Number)
    whole = wanted_number(context, context.typed(trees(tree)[0]), "'% of'")
    hundredth = replace(share.node, amount=share.node.amount / 100, value=share.node.value / 100)
    assert plain(getattr(part, "unit", None))
    return replace(multiply(context, "*", replace(share, node=hundredth), whole), span=span_of(tree))


def _limit(context: Context, tree: Syntax) -> Typed:
    """``3 uln``: so many times the limit of the variable that it is compared with, or of the one named."""
    names, numbers = tokens(tree, "NAME"), tokens(tree, "NUMBER")
    name = str(names[0]) if names else context.subject
    span = span_of(tree)
    if name is None:
        detail = f"{context.source(span)} is compared with no single variable."
        raise Wrong("TW-E011", span, "Which variable's limit of normal?", detail, (f"{context.source(span)} of bilirubin",))
    kind = context.scope.variables.get(name)
    if kind is None:
        raise context.unknown("variable", name, span, context.scope.variables)
    if kind.kind not in (Kind.QUANTITY, Kind.DURATION):
        raise Wrong("TW-E006", span, f"{name} is a {kind.kind} and has no limits of normal")
    kind = replace(kind, low=None, high=None)
    limit = Typed(Leaf(Limit(which(tree), name), kind), kind, span)
    if not numbers:
        return limit
    return replace(multiply(context, "*", read_number(numbers[0], None), limit), span=span)


def _date(_: Context, tree: Syntax) -> Typed:
    text, span = str(tokens(tree, "DATE")[0]), span_of(tree)
    try:
        return Typed(CalendarDate(date.fromisoformat(text)), VariableType(Kind.DATE), span)
    except ValueError as error:
        raise Wrong("TW-E013", span, f"There is no day {text}", str(error).capitalize() + ".") from error


def _name(context: Context, tree: Syntax) -> Typed:
    name, span = spelled(tree), span_of(tree)
    if name in context.scope.variables:
        kind = context.scope.variables[name]
        return Typed(Leaf(Reading(name), kind), kind, span)
    if name in context.scope.parameters:
        return read_parameter(context, name, span)
    if name.lower() in ("yes", "no"):
        raise Wrong("TW-E002", span, f"There is no name '{name}'", "A flag is true or false.", ("true", "false"))
    owners = sorted(found for found, kind in context.scope.variables.items() if name in kind.codes)
    if owners:
        detail = f"It is a code of {' and '.join(owners[:3])}."
        raise Wrong("TW-E002", span, f"'{name}' cannot stand alone", detail, tuple(f"{owner} = {name}" for owner in owners[:3]))
    raise context.unknown("variable or parameter", name, span, {*context.scope.variables, *context.scope.parameters})


def _code(_: Context, tree: Syntax) -> Typed:
    raise Wrong("TW-E006", span_of(tree), f"{spelled(tree)!r} is compared with no coded variable")


def _truth(_: Context, tree: Syntax) -> Typed:
    return Typed(Verdict(str(tokens(tree, "TRUTH")[0]) == "true"), TRUTH, span_of(tree))


READERS: dict[str, Callable[[Context, Syntax], Typed]] = {
    "all_of": _all_of,
    "any_of": _any_of,
    "not_": _not,
    "conditional": _conditional,
    "sum": _sum,
    "product": _product,
    "negative": _negative,
    "power": _power,
    "function": _function,
    "number": _number,
    "part_of": _part_of,
    "limit": _limit,
    "date": _date,
    "name": _name,
    "code": _code,
    "truth": _truth,
    **CONDITIONS,
    **PHRASES,
}
