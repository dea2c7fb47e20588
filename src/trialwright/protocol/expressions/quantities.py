"""Numbers with units: literals, conversion by exact fractions, and arithmetic. Converts literals, never a variable's data
(two variables in different units meet by an exact factor on the right one)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from lark import Token

from trialwright.protocol.expressions.context import Context, Span, Typed, Wrong, days_unit, span_of, tokens
from trialwright.protocol.expressions.parse import Syntax
from trialwright.protocol.expressions.tree import (
    Arithmetic,
    Function,
    Interval,
    Kind,
    Negative,
    Node,
    Number,
    Parameter,
    Power,
    Quantity,
    Scaled,
    Shift,
    VariableType,
)
from trialwright.vocabulary.units import Unit, UnitError, commensurable, conversion_factor, dimension_name, parse_unit

_LARGEST_EXPONENT = 12
_FARTHEST = 100  # powers of ten; float64 holds 300, and factors between units come on top
_LARGEST = 10**250
_MOST_DIGITS = 25
_MOST_MONTHS = 12 * 500
Operator = Literal["+", "-", "*", "/"]


def quantity_type(unit: Unit | None) -> VariableType:
    """A quantity, or a duration where the unit is one of time."""
    timely = unit is not None and commensurable(unit, days_unit())
    return VariableType(Kind.DURATION if timely else Kind.QUANTITY, unit)


def plain(unit: Unit | None) -> bool:
    """No dimension: a bare number, a count, a per cent."""
    return unit is None or not unit.dimension


def shown(unit: Unit | None) -> str:
    """A unit as authors write it."""
    return "no unit" if unit is None or unit.code == "1" else unit.code


def read_number(token: Token, unit: Unit | None, sign: int = 1) -> Typed:
    """A literal, in the unit written behind it."""
    span = span_of(token)
    amount = Decimal(str(token)) * sign
    if (amount and abs(amount.adjusted()) > _FARTHEST) or len(amount.as_tuple().digits) > _MOST_DIGITS:
        raise Wrong("TW-E013", span, f"{str(token)[:20]} is beyond what can be computed with")
    return Typed(Number(amount, unit, Fraction(amount)), quantity_type(unit), span)


def read_parameter(context: Context, name: str, span: Span) -> Typed:
    """A named constant."""
    quantity = context.scope.parameters[name]
    return Typed(Parameter(name, quantity, Fraction(quantity.amount)), quantity_type(quantity.unit), span)


def bring(context: Context, typed: Typed, target: Unit | None, other: Typed) -> Node:
    """The node brought to the target unit, which is that of ``other``.

    Raises:
        Wrong: The two measure different things, or a number has no unit where one is needed.
    """
    if typed.unit is None and not plain(target) and isinstance(typed.node, Number):
        raise _missing_unit(context, typed, target, other)
    if not plain(typed.unit) if plain(target) else not _fits(typed.unit, target):
        raise _different(context, typed, other)
    if typed.unit is None and target is not None and target.code == "%" and isinstance(typed.node, Number):
        return typed.node
    by = factor(typed.unit, target)
    if max(by.numerator, by.denominator) > _LARGEST:
        raise Wrong("TW-E013", typed.span, f"{shown(typed.unit)} and {shown(target)} lie too far apart to compute with")
    return _convert(typed.node, by)


def _fits(source: Unit | None, target: Unit | None) -> bool:
    return source is not None and target is not None and commensurable(source, target)


def factor(source: Unit | None, target: Unit | None) -> Fraction:
    """What a value in ``source`` is multiplied by to be in ``target``; None is a bare number.

    Raises:
        UnitError: They do not convert.
    """
    if source == target:
        return Fraction(1)
    one = parse_unit("1")
    return conversion_factor(source or one, target or one)


def _convert(node: Node, by: Fraction) -> Node:
    match node:
        case Number() | Parameter():
            return replace(node, value=node.value * by)
        case _:
            return node if by == 1 else Scaled(node, by)


def _missing_unit(context: Context, typed: Typed, target: Unit | None, other: Typed) -> Wrong:
    words, code = context.source(typed.span), shown(target)
    detail = f"{context.source(other.span)} is in {code}, and {words} says no unit."
    return Wrong("TW-E005", typed.span, f"{words} needs a unit", detail, _ways(words, target))


_EVERYDAY = ("10*9/L", "/uL", "g/dL", "mg/dL", "umol/L", "mg", "mg/d", "d", "wk", "a", "kg")


def _ways(words: str, target: Unit | None) -> tuple[str, ...]:
    if target is None:
        return ()
    alike = [
        code for code in ("10*9/L", "/uL", "g/dL", "mg/dL", "umol/L", "mg", "mg/d", "d", "wk", "a", "kg") if code != target.code
    ]
    same = [code for code in alike if commensurable(parse_unit(code), target)]
    return tuple(f"{words} {code}" for code in [target.code, *same[:2]])


def _different(context: Context, typed: Typed, other: Typed) -> Wrong:
    words, others = context.source(typed.span), context.source(other.span)
    detail = f"{others} is in {_measured(other.unit)}; {words} is in {_measured(typed.unit)}."
    if typed.unit is not None and other.unit is not None:
        try:
            conversion_factor(typed.unit, other.unit)
        except UnitError as error:
            detail = f"{detail} {error.reason}" if "molar" in error.reason else detail
    number = str(typed.node.amount) if isinstance(typed.node, Number) else ""
    ways = _ways(number, other.unit) if number else ()
    return Wrong("TW-E004", typed.span, f"{words} cannot be set against {others}", detail, ways)


def _measured(unit: Unit | None) -> str:
    if unit is None:
        return "no unit"
    name = dimension_name(unit.dimension)
    return f"{shown(unit)} ({name})" if name else shown(unit)


def common(context: Context, left: Typed, right: Typed) -> tuple[Node, Node, Unit | None]:
    """Two quantities in one unit: that of the left one, unless only the left one is written as a number."""
    if left.constant and not right.constant:
        return bring(context, left, right.unit, right), right.node, right.unit
    if left.unit is None and isinstance(left.node, Number) and right.unit is not None:
        return bring(context, left, right.unit, right), right.node, right.unit
    return left.node, bring(context, right, left.unit, left), left.unit


def wanted_number(context: Context, typed: Typed, what: str) -> Typed:
    """The value itself, when it is a quantity.

    Raises:
        Wrong: It is anything else.
    """
    if typed.numeric:
        return typed
    words = context.source(typed.span)
    raise Wrong("TW-E006", typed.span, f"{what} needs a number, and {words} is a {typed.type.kind}")


def add(context: Context, operator: Literal["+", "-"], left: Typed, right: Typed) -> Typed:
    """Sum or difference of two quantities; a date moved by a duration; the days between two dates."""
    span = (left.span[0], right.span[1])
    if left.type.kind is Kind.DATE or right.type.kind is Kind.DATE:
        return _with_date(context, operator, left, right)
    wanted_number(context, left, f"'{operator}'")
    wanted_number(context, right, f"'{operator}'")
    first, second, unit = common(context, left, right)
    return Typed(Arithmetic(operator, first, second), quantity_type(unit), span)


def _with_date(context: Context, operator: Literal["+", "-"], left: Typed, right: Typed) -> Typed:
    span = (left.span[0], right.span[1])
    if left.type.kind is Kind.DATE and right.type.kind is Kind.DATE and operator == "-":
        return Typed(Interval(left.node, right.node), quantity_type(days_unit()), span)
    if left.type.kind is not Kind.DATE or right.type.kind is not Kind.DURATION:
        detail = "A date plus or minus a duration is a date, and a date minus a date is a duration."
        raise Wrong("TW-E006", span, f"{context.source(span)} makes no sense of dates", detail)
    node, sign = right.node, 1 if operator == "+" else -1
    code = right.unit.code if right.unit is not None else ""
    if isinstance(node, Number | Parameter) and code in ("mo", "a"):
        months = node.value * (12 if code == "a" else 1) * sign
        if months.denominator != 1:
            raise Wrong("TW-E013", right.span, f"{context.source(right.span)} is no whole number of months")
        if abs(months) > _MOST_MONTHS:
            raise Wrong("TW-E013", right.span, f"{context.source(right.span)} is longer than a date can be moved")
        return Typed(Shift(left.node, int(months), None), VariableType(Kind.DATE), span)
    days = bring(context, right, days_unit(), left)
    return Typed(Shift(left.node, 0, days if sign > 0 else negative_node(days)), VariableType(Kind.DATE), span)


def negative_node(node: Node) -> Node:
    """The node with its sign turned; a written number keeps being one."""
    if isinstance(node, Number):
        return replace(node, amount=-node.amount, value=-node.value)
    return Negative(node)


def multiply(context: Context, operator: Literal["*", "/"], left: Typed, right: Typed) -> Typed:
    """Product or quotient; the units go with it."""
    span = (left.span[0], right.span[1])
    wanted_number(context, left, f"'{operator}'")
    wanted_number(context, right, f"'{operator}'")
    if operator == "/" and isinstance(right.node, Number) and not right.node.amount:
        raise Wrong("TW-E013", right.span, "Division by zero", "It is never known.")
    unit = _joined(operator, left, right, span)
    return Typed(Arithmetic(operator, left.node, right.node), quantity_type(unit), span)


def _joined(operator: Literal["*", "/"], left: Typed, right: Typed, span: Span) -> Unit | None:
    if right.unit is None:
        return left.unit
    if left.unit is None and operator == "*":
        return right.unit
    first, second = left.unit.code if left.unit else "", right.unit.code
    second = f"({second})" if "/" in second or "." in second else second
    code = f"{first}/{second}" if operator == "/" else f"{first}.{second}"
    try:
        unit = parse_unit(code)
    except UnitError as error:
        raise Wrong(
            "TW-E004", span, f"The units {shown(left.unit)} and {shown(right.unit)} have no product", error.reason
        ) from error
    return _simplest(unit, f"{first}/{right.unit.code}")


def _simplest(unit: Unit, codes: str) -> Unit | None:
    """A part of the code that means the same (mg/kg × kg is mg); a bare number where everything cancels."""
    if not unit.dimension and unit.factor == 1:
        return None
    for code in codes.replace("(", "").replace(")", "").replace(".", "/").split("/"):
        try:
            part = parse_unit(code)
        except UnitError:
            continue
        if part.dimension == unit.dimension and part.factor == unit.factor:
            return part
    return unit


def read_power(context: Context, operand: Typed, tree: Syntax) -> Typed:
    """``x ^ 2``, ``x ^ 0.5``: any exponent for a plain number, whole ones and roots where the unit allows."""
    span = span_of(tree)
    wanted_number(context, operand, "'^'")
    exponent = Fraction(Decimal(str(tokens(tree, "NUMBER")[0]))) * (-1 if tokens(tree, "MINUS") else 1)
    if abs(exponent) > _LARGEST_EXPONENT:
        raise Wrong("TW-E013", span, f"The exponent {exponent} is beyond ±{_LARGEST_EXPONENT}")
    if operand.unit is None or exponent == 1:
        return Typed(Power(operand.node, exponent), operand.type, span)
    return Typed(Power(operand.node, exponent), quantity_type(_raised(operand, exponent, span)), span)


def _raised(operand: Typed, exponent: Fraction, span: Span) -> Unit | None:
    unit = operand.unit
    assert unit is not None
    if exponent == 0:
        return None
    root = unit
    if exponent.denominator == 2 and unit.code.endswith("2") and unit.code[:-1].isalpha():
        root, exponent = parse_unit(unit.code[:-1]), exponent * 2
    if exponent.denominator != 1:
        detail = "Divide by a quantity in that unit first, so that a plain number is left."
        raise Wrong("TW-E004", span, f"{shown(unit)} has no power {float(exponent):g}", detail)
    try:
        joined = ".".join([f"({root.code})"] * abs(int(exponent)))
        return parse_unit(joined if exponent > 0 else f"1/({joined})")
    except UnitError as error:
        raise Wrong("TW-E004", span, f"{shown(unit)} has no power {exponent}", error.reason) from error


def apply_function(context: Context, name: str, operands: list[Typed], span: Span) -> Typed:
    """``abs(x)``, ``min(x, y)``, ``max(x, y, …)``, and ``ln(x)``, ``log10(x)``, ``exp(x)`` of a plain number."""
    for operand in operands:
        wanted_number(context, operand, name)
    first = next((operand for operand in operands if not operand.constant), operands[0])
    if name == "abs":
        if len(operands) != 1:
            raise Wrong("TW-E006", span, "abs takes one number")
        return Typed(Function("abs", (first.node,)), first.type, span)
    if name in ("ln", "log10", "exp"):
        return _transcendental(context, name, operands, span)
    if len(operands) < 2:
        raise Wrong("TW-E006", span, f"{name} of a list takes two numbers or more", "Over time it is: max of aec over 28 d.")
    nodes = tuple(bring(context, operand, first.unit, first) if operand is not first else first.node for operand in operands)
    return Typed(Function("min" if name == "min" else "max", nodes), quantity_type(first.unit), span)


def _transcendental(context: Context, name: str, operands: list[Typed], span: Span) -> Typed:
    operand = operands[0]
    if len(operands) != 1:
        raise Wrong("TW-E006", span, f"{name} takes one number")
    if not plain(operand.unit):
        detail = "Divide by a quantity in that unit first, so that a plain number is left."
        way = f"{name}({context.source(operand.span)} / 1 {shown(operand.unit)})"
        raise Wrong("TW-E004", operand.span, f"{shown(operand.unit)} has no {name}", detail, (way,))
    node = bring(context, operand, None, operand)
    return Typed(Function("ln" if name == "ln" else "log10" if name == "log10" else "exp", (node,)), quantity_type(None), span)


def parse_quantity(text: str) -> Quantity:
    """A decimal number and its unit, as parameters are written: ``0.5 10*9/L``.

    Raises:
        UnitError: The unit cannot be read.
        ValueError: The number cannot be read.

    >>> parse_quantity("7 d").amount
    Decimal('7')
    """
    number, _, unit = text.strip().partition(" ")
    amount = Decimal(number) if number.replace(".", "", 1).lstrip("+-").isdigit() else None
    if amount is None:
        raise ValueError(f"'{number}' is not a decimal number")
    return Quantity(amount, parse_unit(unit.strip()) if unit.strip() else None)
