"""Conditions: comparisons, membership, what is known, time since, days, adverse events; phrase by phrase into nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from lark import Token

from trialwright.protocol.expressions.comparisons import (
    code,
    comparator_of,
    compare,
    includes,
    milestone,
    subset,
    within,
)
from trialwright.protocol.expressions.context import (
    TRUTH,
    Context,
    Typed,
    Wrong,
    as_truth,
    leaf_of,
    span_of,
    tokens,
    trees,
    words,
)
from trialwright.protocol.expressions.inputs import (
    Aggregate,
    Baseline,
    CurrentEpoch,
    Day,
    HoldInputs,
    Increase,
    Limit,
    Milestone,
    Previous,
    Reading,
    Since,
)
from trialwright.protocol.expressions.parse import Syntax
from trialwright.protocol.expressions.phrases import FLAG, event_count, highest_grade, literal_duration
from trialwright.protocol.expressions.quantities import (
    negative_node,
    quantity_type,
    read_number,
)
from trialwright.protocol.expressions.tree import (
    And,
    Compare,
    Kind,
    Known,
    Leaf,
    Node,
    Not,
    Number,
    Or,
    VariableType,
)
from trialwright.protocol.expressions.walk import leaves
from trialwright.vocabulary.units import parse_unit


def _bare(context: Context, tree: Syntax) -> bool:
    """A name or quoted code that no variable or parameter has."""
    word = spelled(tree)
    declared = word in context.scope.variables or word in context.scope.parameters
    return bool(word) and (tree.data == "code" or not declared)


def spelled(tree: Syntax) -> str:
    """The word of a name or quoted code; empty where the tree is neither."""
    if tree.data == "code":
        return str(tokens(tree, "STRING")[0])[1:-1]
    return str(tokens(tree, "NAME")[0]) if tree.data == "name" else ""


def _sides(context: Context, first: Syntax, second: Syntax) -> tuple[Typed, Typed]:
    """Both sides of a comparison: a bare word is a code of the other side, a bare limit one of its variable."""
    if (_bare(context, first) is not None and _bare(context, second) is None) or _has_limit(first):
        right = context.typed(second)
        return _against(context, first, right), right
    left = context.typed(first)
    return left, _against(context, second, left)


def _against(context: Context, tree: Syntax, other: Typed) -> Typed:
    word = spelled(tree)
    if word and other.type.kind is Kind.CODE and (word in other.type.codes or _bare(context, tree)):
        of = context.source(other.span)
        return Typed(code(word, span_of(tree), other.type, of), other.type, span_of(tree))
    if _bare(context, tree) and other.type.kind is Kind.SET:
        shown = context.source(other.span)
        raise Wrong(
            "TW-E006",
            other.span,
            f"{shown} is a set",
            "A set is asked what it includes.",
            (f"{shown} includes {word}",),
        )
    before, context.subject = context.subject, _subject(other) or context.subject
    try:
        return context.typed(tree)
    finally:
        context.subject = before


def _has_limit(tree: Syntax) -> bool:
    return any(part.data == "limit" and not tokens(part, "NAME") for part in tree.iter_subtrees())


def _subject(typed: Typed) -> str | None:
    """The one variable that a value is of."""
    found = {
        leaf.input.variable
        for leaf in leaves(typed.node)
        if isinstance(leaf.input, Reading | Baseline | Previous | Aggregate | Limit)
    }
    return found.pop() if len(found) == 1 else None


def _chain(context: Context, tree: Syntax) -> Typed:
    operands = trees(tree)
    comparators = [comparator_of(child) for child in tree.children if isinstance(child, Token)]
    found: list[Typed] = []
    for index, comparator in enumerate(comparators):
        left, right = _sides(context, operands[index], operands[index + 1])
        found.append(compare(context, comparator, left, right))
    if len(found) == 1:
        return found[0]
    return Typed(And(tuple(each.node for each in found)), TRUTH, span_of(tree))


def _between(context: Context, tree: Syntax) -> Typed:
    value, low, high = trees(tree)
    left = context.typed(value)
    first, second = _against(context, low, left), _against(context, high, left)
    if isinstance(first.node, Number) and first.unit is None and second.unit is not None:
        first = replace(first, node=replace(first.node, unit=second.unit), type=second.type)
    both = (compare(context, ">=", left, first).node, compare(context, "<=", left, second).node)
    turned = "not" in words(tokens(tree, "BETWEEN")[0]).split()
    return Typed(Not(And(both)) if turned else And(both), TRUTH, span_of(tree))


def _items(tree: Syntax) -> list[Syntax]:
    return trees(trees(tree)[-1]) if trees(tree)[-1].data == "members" else [trees(tree)[-1]]


def _item_word(item: Syntax) -> str:
    return str(item.children[0]).strip("'\"")


def _item_codes(tree: Syntax, kind: VariableType, of: str) -> tuple[str, ...]:
    return tuple(code(_item_word(item), span_of(item), kind, of).name for item in _items(tree))


def _among(context: Context, tree: Syntax) -> Typed:
    operand = context.typed(trees(tree)[0])
    shown, span = context.source(operand.span), span_of(tree)
    if operand.type.kind is Kind.CODE:
        node: Node = within(operand.node, operand.type, _item_codes(tree, operand.type, shown))
    elif operand.numeric and _items(tree):
        each = [compare(context, "=", operand, _item_number(item)).node for item in _items(tree)]
        node = each[0] if len(each) == 1 else Or(tuple(each))
    else:
        ways = (f"{shown} within {{…}}", f"{shown} includes …") if operand.type.kind is Kind.SET else (f"{shown} = …",)
        raise Wrong("TW-E006", span, f"'in' asks about a code, and {shown} is a {operand.type.kind}", "", ways)
    turned = "not" in words(tokens(tree, "IN")[0]).split()
    return Typed(Not(node) if turned else node, TRUTH, span)


def _item_number(item: Syntax) -> Typed:
    numbers, units = tokens(item, "NUMBER"), tokens(item, "UNIT")
    if not numbers:
        word = _item_word(item)
        raise Wrong("TW-E006", span_of(item), f"'{word}' is no number", "The list is compared with a number.")
    unit = getattr(units[0], "unit", None) if units else None
    return replace(read_number(numbers[0], unit, -1 if tokens(item, "MINUS") else 1), span=span_of(item))


def _set_leaf(context: Context, tree: Syntax) -> Leaf:
    operand = context.typed(trees(tree)[0])
    leaf = leaf_of(operand)
    if leaf is None or operand.type.kind is not Kind.SET:
        shown = context.source(operand.span)
        ways = (f"{shown} in {{…}}",) if operand.type.kind is Kind.CODE else ()
        raise Wrong("TW-E006", operand.span, f"Only a set has members, and {shown} is a {operand.type.kind}", "", ways)
    return leaf


def _includes(context: Context, tree: Syntax) -> Typed:
    leaf = _set_leaf(context, tree)
    phrase = words((tokens(tree, "INCLUDES") or tokens(tree, "INCLUDES_OF"))[0])
    names = _item_codes(tree, leaf.type, context.source(span_of(trees(tree)[0])))
    number = next((int(word) for word in phrase.split() if word.isdigit()), None)
    if number is not None and not 1 <= number <= len(names):
        raise Wrong("TW-E013", span_of(tree), f"{number} of {len(names)} cannot be included", "Count the codes that are listed.")
    node = includes(leaf, names, number or ("all" if phrase.endswith("all of") else "any"))
    return Typed(Not(node) if phrase.startswith("does not") else node, TRUTH, span_of(tree))


def _subset(context: Context, tree: Syntax) -> Typed:
    leaf = _set_leaf(context, tree)
    names = _item_codes(tree, leaf.type, context.source(span_of(trees(tree)[0])))
    return Typed(subset(leaf, names), TRUTH, span_of(tree))


def _state(context: Context, tree: Syntax) -> Typed:
    phrase = words(tokens(tree, "IS_STATE")[0]).split()
    if phrase[-1] == "empty":
        node: Node = subset(_set_leaf(context, tree), ())
    else:
        node = Known(context.typed(trees(tree)[0]).node)
    turned = ("not" in phrase) != (phrase[-1] in ("missing", "unknown"))
    return Typed(Not(node) if turned else node, TRUTH, span_of(tree))


def _stale(context: Context, tree: Syntax) -> Typed:
    operand = context.typed(trees(tree)[0])
    leaf, phrase = leaf_of(operand), words(tokens(tree, "IS_STATE")[0])
    if leaf is None or not isinstance(leaf.input, Reading) or phrase not in ("is missing", "are missing", "is unknown"):
        raise Wrong("TW-E006", span_of(tree), "Only a variable's reading is missing or older than so long")
    kind = quantity_type(parse_unit("d"))
    age = Typed(Leaf(Since(Milestone.READING, leaf.input.variable), kind), kind, operand.span)
    older = compare(context, ">", age, literal_duration(context, trees(tree)[1]))
    return Typed(Or((Not(Known(leaf)), older.node)), TRUTH, span_of(tree))


def _target(tree: Syntax) -> Token:
    found = trees(tree)[-1].children[0]
    assert isinstance(found, Token)
    return found


def _elapsed(context: Context, tree: Syntax) -> Typed:
    return replace(milestone(context, _target(tree)), span=span_of(tree))


def _elapsed_bound(context: Context, tree: Syntax) -> Typed:
    since = milestone(context, _target(tree))
    duration = context.typed(trees(tree)[0])
    compared = compare(context, comparator_of(tokens(tree, "BOUND")[0]), since, duration)
    return replace(compared, span=span_of(tree))


def _elapsed_within(context: Context, tree: Syntax) -> Typed:
    """Closed windows; a date may also lie ahead."""
    since, span = milestone(context, _target(tree)), span_of(tree)
    duration = context.typed(trees(tree)[0])
    near = compare(context, "<=", since, duration).node
    leaf = leaf_of(since)
    assert leaf is not None
    if not isinstance(leaf.input, Since) or leaf.input.milestone is not Milestone.DATE:
        return Typed(near, TRUTH, span)
    zero = (
        replace(duration, node=Number(duration.node.amount * 0, duration.unit, Fraction(0)))
        if isinstance(duration.node, Number)
        else duration
    )
    if zero is duration:
        raise Wrong("TW-E006", duration.span, "Write the duration as a number with its unit")
    minus = replace(duration, node=negative_node(duration.node))
    ahead = compare(context, ">=", since, minus).node
    match tokens(tree, "AFTER"), tokens(tree, "BEFORE"):
        case [], []:
            both = (ahead, near)
        case _, []:
            both = (compare(context, ">=", since, zero).node, near)
        case _:
            both = (ahead, compare(context, "<=", since, zero).node)
    return Typed(And(both), TRUTH, span)


def _two_increases(context: Context, tree: Syntax) -> Typed:
    """Days 8 and 15 are two increases, and not within 7 d: the rule "at least 7 d since" allows them."""
    kind = quantity_type(parse_unit("d"))
    since = Typed(Leaf(Since(Milestone.LAST_INCREASE), kind), kind, span_of(tree))
    close = compare(context, "<", since, literal_duration(context, trees(tree)[0]))
    return Typed(And((Leaf(Increase(), FLAG), close.node)), TRUTH, span_of(tree))


_QUALIFIERS = {
    "beyond": ">",
    "after": ">",
    "before": "<",
    "from": ">=",
    "on": "=",
    "by": "<=",
    "until": "<=",
    "up to": "<=",
}


def _qualified(context: Context, tree: Syntax) -> Typed:
    """Limited to days: week n is days 7n-6 to 7n."""
    inner = as_truth(context, context.typed(trees(tree)[0]))
    token = tokens(tree, "QUALIFIER")[0]
    *preposition, unit, number = words(token).split()
    return Typed(And((inner.node, *_on_days(" ".join(preposition), unit, int(number)))), TRUTH, span_of(tree))


def _on_days(preposition: str, unit: str, number: int) -> tuple[Node, ...]:
    first, last = (7 * number - 6, 7 * number) if unit == "week" else (number, number)
    comparator = _QUALIFIERS[preposition]
    if comparator == "=" and unit == "week":
        return _day(">=", first), _day("<=", last)
    return (_day(comparator, first if comparator in ("<", ">=") else last),)


def _day(comparator: Any, number: int) -> Node:
    return Compare(comparator, Leaf(Day(), VariableType(Kind.QUANTITY)), _whole(number))


def _whole(number: int) -> Number:
    return Number(Decimal(number), None, Fraction(number))


def _with_unknown(context: Context, tree: Syntax) -> Typed:
    inner = as_truth(context, context.typed(trees(tree)[0]))
    return Typed(And((inner.node, Leaf(HoldInputs(), FLAG))), TRUTH, span_of(tree))


def _events(context: Context, tree: Syntax) -> Typed:
    selection = next(child for child in trees(tree) if child.data == "selection")
    grades = [child for child in trees(tree) if child.data == "grade"]
    comparator, least = ">=", _whole(1)
    if grades:
        compared = tokens(grades[0], "CMP")
        comparator = comparator_of(compared[0]) if compared else ">=" if tokens(grades[0], "OR_MORE") else "="
        number = read_number(tokens(grades[0], "NUMBER")[0], None).node
        assert isinstance(number, Number)
        least = number
    worst = highest_grade(context, selection)
    found = compare(context, comparator, worst, Typed(least, worst.type, span_of(tree)))  # type: ignore[arg-type]
    return Typed(Not(found.node) if tokens(tree, "NO") else found.node, TRUTH, span_of(tree))


def _events_bound(context: Context, tree: Syntax) -> Typed:
    """``at least 2 related adverse events grade >= 3``."""
    counted = event_count(context, tree)
    wanted = replace(read_number(tokens(tree, "NUMBER")[0], None), span=span_of(tree))
    return replace(compare(context, comparator_of(tokens(tree, "BOUND")[0]), counted, wanted), span=span_of(tree))


def _during(context: Context, tree: Syntax) -> Typed:
    name = tokens(tree, "NAME")[0]
    kind = VariableType(Kind.CODE, codes=context.scope.epochs, ordered=True)
    if str(name) not in kind.codes:
        raise context.unknown("epoch", str(name), span_of(name), kind.codes)
    return Typed(within(Leaf(CurrentEpoch(), kind), kind, (str(name),)), TRUTH, span_of(tree))


CONDITIONS: dict[str, Callable[[Context, Syntax], Typed]] = {
    "chain": _chain,
    "between": _between,
    "among": _among,
    "includes": _includes,
    "includes_of": _includes,
    "subset": _subset,
    "state": _state,
    "stale": _stale,
    "elapsed": _elapsed,
    "elapsed_bound": _elapsed_bound,
    "elapsed_within": _elapsed_within,
    "two_increases": _two_increases,
    "qualified": _qualified,
    "with_unknown": _with_unknown,
    "events": _events,
    "events_bound": _events_bound,
    "during": _during,
}
