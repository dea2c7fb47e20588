"""Typed tree → text of the language, in one canonical spelling. Reading that text again gives the same tree."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import assert_never

from trialwright.protocol.expressions.inputs import (
    AdverseEvents,
    Aggregate,
    Arm,
    Assent,
    Baseline,
    Consent,
    CurrentEpoch,
    Day,
    DoseOf,
    EventCount,
    Held,
    HoldInputs,
    Increase,
    Input,
    LevelOf,
    Limit,
    Medication,
    Milestone,
    Previous,
    Reading,
    Recurrence,
    ResponseOf,
    Since,
    Stopped,
    Stratum,
    Today,
    TotalDose,
)
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
from trialwright.vocabulary.units import Unit

# How tightly a node holds together: a looser one inside a tighter one needs parentheses.
_IF, _OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _NEGATIVE, _POWER, _ATOM = range(10)


def to_text(node: Node) -> str:
    """The canonical text of a typed tree.

    An exact factor between two units is left out: it comes back when the text is read in the same scope.
    """
    return _text(node)[0]


def _at(node: Node, least: int) -> str:
    text, tightness = _text(node)
    return text if tightness >= least else f"({text})"


def _text(node: Node) -> tuple[str, int]:
    match node:
        case If():
            then, otherwise = _at(node.then, _OR), _at(node.otherwise, _IF)
            return f"if {_at(node.condition, _OR)} then {then} else {otherwise}", _IF
        case Or():
            return " or ".join([_at(each, _AND) for each in node.operands]), _OR
        case And():
            return " and ".join([_at(each, _NOT) for each in node.operands]), _AND
        case Not():
            return f"not {_at(node.operand, _COMPARE)}", _NOT
        case Compare():
            comparator = node.comparator
            return f"{_at(node.left, _SUM)} {comparator} {_at(node.right, _SUM)}", _COMPARE
        case Within():
            return f"{_at(node.operand, _SUM)} in {_braced(node.codes)}", _COMPARE
        case Includes():
            number = f"at least {node.quantifier}" if isinstance(node.quantifier, int) else node.quantifier
            return f"{_at(node.operand, _SUM)} includes {number} of {_braced(node.codes)}", _COMPARE
        case Subset():
            return f"{_at(node.operand, _SUM)} {f'within {_braced(node.codes)}' if node.codes else 'is empty'}", _COMPARE
        case Known():
            return f"{_at(node.operand, _SUM)} is known", _COMPARE
        case _:
            return _value_text(node)


def _value_text(node: Node) -> tuple[str, int]:
    match node:
        case Scaled():
            return _text(node.operand)
        case Arithmetic(operator="+" | "-"):
            return f"{_at(node.left, _SUM)} {node.operator} {_at(node.right, _PRODUCT)}", _SUM
        case Arithmetic():
            return f"{_at(node.left, _PRODUCT)} {node.operator} {_at(node.right, _NEGATIVE)}", _PRODUCT
        case Shift():
            return f"{_at(node.operand, _SUM)} {_shift_text(node)}", _SUM
        case Interval():
            return f"{_at(node.later, _SUM)} - {_at(node.earlier, _PRODUCT)}", _SUM
        case Negative():
            return f"-{_at(node.operand, _NEGATIVE)}", _NEGATIVE
        case Power():
            return f"{_at(node.operand, _ATOM)} ^ {_exponent(node.exponent)}", _POWER
        case Function():
            return f"{node.name}({', '.join([to_text(each) for each in node.operands])})", _ATOM
        case Number():
            return number_text(node.amount, node.unit), _NEGATIVE if node.amount < 0 else _ATOM
        case _:
            return _atom_text(node), _ATOM


def _atom_text(node: Node) -> str:
    match node:
        case Leaf():
            return input_text(node.input)
        case Parameter():
            return node.name
        case Code():
            return quoted(node.name)
        case CalendarDate():
            return node.on.isoformat()
        case Verdict():
            return "true" if node.value else "false"
        case Change():
            return f"{'percent ' if node.percent else ''}change from {input_text(node.reference.input)}"
        case _:
            raise AssertionError(f"no text for {node}")


def number_text(amount: Decimal, unit: Unit | None) -> str:
    """A number as written, with its unit's code."""
    return f"{amount:f}" if unit is None else f"{amount:f} {unit.code}"


def _exponent(exponent: Fraction) -> str:
    return f"{Decimal(exponent.numerator) / Decimal(exponent.denominator):f}"


def _shift_text(node: Shift) -> str:
    if node.days is None:
        return f"{'-' if node.months < 0 else '+'} {abs(node.months)} mo"
    if isinstance(node.days, Negative):
        return f"- {_at(node.days.operand, _PRODUCT)}"
    if isinstance(node.days, Number) and node.days.amount < 0:
        return f"- {number_text(-node.days.amount, node.days.unit)}"
    return f"+ {_at(node.days, _PRODUCT)}"


def quoted(code: str) -> str:
    """A code in quotes, so that no word of the language is read in it."""
    return f'"{code}"' if "'" in code else f"'{code}'"


def _braced(codes: tuple[str, ...]) -> str:
    return f"{{{', '.join(code if code.isidentifier() else quoted(code) for code in codes)}}}"


def input_text(question: Input) -> str:
    """How an input is spelled."""
    match question:
        case Reading():
            return question.variable
        case Baseline():
            return f"baseline {question.variable}"
        case Previous():
            return f"previous {question.variable}"
        case Aggregate():
            return _aggregate_text(question)
        case Since():
            named = question.milestone in (Milestone.ENCOUNTER, Milestone.DATE, Milestone.READING, Milestone.NAMED)
            return f"time since {question.name if named else question.milestone}"
        case Limit():
            return f"{question.which} of {question.variable}"
        case ResponseOf():
            words = [*["best"] * question.best, *["confirmed"] * question.confirmed, question.name, "response"]
            return " ".join(words)
        case AdverseEvents():
            return f"highest grade of {_events_text(question)}"
        case EventCount():
            return f"number of {_events_text(question.events)} grade >= {question.least_grade}"
        case Consent():
            return f"consent by {question.by}"
        case HoldInputs():
            return f"an input of a hold rule is missing{_or_older(question.max_age_days)}"
        case Medication():
            window = f" within {question.within_days} d" if question.within_days else ""
            return f"{'new or increased' if question.changed else 'taking'} {question.group}{window}"
        case Recurrence():
            return f"recurrence of {question.rule}" if question.rule else "recurrence"
        case Stratum():
            return f"stratum {question.name}"
        case _:
            return _plain_text(question)


_Dosing = DoseOf | TotalDose | LevelOf | Held | Stopped | Increase
_DOSING_WORDS: dict[type[_Dosing], str] = {
    DoseOf: "dose",
    TotalDose: "total dose",
    LevelOf: "level",
    Held: "held",
    Stopped: "stopped",
    Increase: "increase",
}


def _plain_text(question: _Dosing | Day | Today | Assent | Arm | CurrentEpoch) -> str:
    match question:
        case DoseOf() | TotalDose() | LevelOf() | Held() | Stopped() | Increase():
            word = _DOSING_WORDS[type(question)]
            return f"{question.name} {word}" if question.name else word
        case Day():
            return "day"
        case Today():
            return "today"
        case Assent():
            return "assent"
        case Arm():
            return "arm"
        case CurrentEpoch():
            return "epoch"
        case _:
            assert_never(question)


def _or_older(days: int | None) -> str:
    return "" if days is None else f" or older than {days} d"


def _events_text(question: AdverseEvents) -> str:
    expected = {None: [], True: ["expected"], False: ["unexpected"]}[question.expected]
    words = [
        *["unresolved"] * (question.scope == "unresolved"),
        *["serious"] * question.serious,
        *["related"] * question.related,
        *expected,
        *[question.group or "adverse", "event"],
        *["ever"] * (question.scope == "ever"),
    ]
    return " ".join(words)


def _aggregate_text(question: Aggregate) -> str:
    if question.function == "nadir":
        return f"nadir {question.variable}"
    if question.values is not None:
        return f"{question.function} of {question.variable} over {question.values} values"
    window = "ever" if question.days is None else f"over {question.days} d"
    return f"{question.function} of {question.variable} {window}"
