"""Why an expression came out as it did, in plain words from the evaluation itself: only what decided is said.

Rounds nothing that would change a comparison's look, and never evaluates in any other way than ``evaluate`` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from trialwright.protocol.expressions.evaluate import Supply, combined, evaluate_node
from trialwright.protocol.expressions.inputs import (
    AdverseEvents,
    Aggregate,
    Assent,
    Baseline,
    Consent,
    Day,
    EventCount,
    Held,
    HoldInputs,
    Increase,
    Input,
    Limit,
    Medication,
    Previous,
    Reading,
    ResponseOf,
    Since,
    Stopped,
)
from trialwright.protocol.expressions.kleene import truth
from trialwright.protocol.expressions.missing import missing_in
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
    Scope,
    Shift,
    Subset,
    Verdict,
    Within,
)
from trialwright.protocol.expressions.values import Values
from trialwright.protocol.expressions.walk import children, inputs_of, leaves
from trialwright.protocol.expressions.wording import (
    Fact,
    Wording,
    count_words,
    elapsed_words,
    events_words,
    flag_words,
    listed,
    plain_date,
    plain_number,
    spoken,
    verb,
    with_unit,
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a part of an expression has its truth.

    Args:
        text: The part, in canonical text.
        sentence: What decided it, in plain words, without a full stop.
        truth: 0 false, 1 unknown, 2 true.
        inputs: What it reads.
        entries: Log entries that those inputs rest on, in order.
        parts: The parts that it is made of, each with its own explanation.
    """

    text: str
    sentence: str
    truth: int
    inputs: tuple[Input, ...]
    entries: tuple[int, ...]
    parts: tuple[Explanation, ...] = ()


def explain(expression: Expression, values: Supply, facts: Mapping[Input, Fact], scope: Scope | None = None) -> Explanation:
    """Say in plain words why an expression is true, false or unknown, for one case.

    Args:
        expression: Of kind truth or flag; any other kind is told with its value.
        values: What evaluation was given.
        facts: Where those values are from; an input without one is told from its value.
        scope: For the names that people use of responses and variables.
    """
    return _explained(expression.node, Wording(values, facts, scope or Scope()))[0]


def _explained(node: Node, wording: Wording) -> tuple[Explanation, Values]:
    parts: list[Explanation] = []
    values: list[Values] = []
    joins = isinstance(node, And | Or | Not | If)
    for child in children(node) if joins else ():
        part, value = _explained(child, wording)
        parts.append(part)
        values.append(value)
    found = combined(node, values) if joins else evaluate_node(node, wording.values)
    verdict = int(truth(found)) if found.data.ndim == 0 else int(found.known)
    asked = inputs_of(node)
    entries = sorted({entry for each in asked if each in wording.facts for entry in wording.facts[each].entries})
    sentence = _sentence(node, verdict, parts, wording)
    return Explanation(to_text(node), sentence, verdict, asked, tuple(entries), tuple(parts)), found


def _sentence(node: Node, verdict: int, parts: list[Explanation], wording: Wording) -> str:
    match node:
        case And() | Or():
            return (
                _unknown(node, wording) if verdict == 1 else _joined([part.sentence for part in parts if part.truth == verdict])
            )
        case Not():
            return parts[0].sentence
        case If():
            return _branch_sentence(parts)
        case Verdict():
            return f"always {'true' if node.value else 'false'}"
        case _:
            return _unknown(node, wording) if verdict == 1 else _told(node, wording, true=verdict == 2)


def _joined(sentences: list[str]) -> str:
    return "; ".join(dict.fromkeys(sentences))


def _branch_sentence(parts: list[Explanation]) -> str:
    condition, then, otherwise = parts
    if condition.truth == 1:
        return _joined([condition.sentence, then.sentence, otherwise.sentence])
    return _joined([condition.sentence, (then if condition.truth == 2 else otherwise).sentence])


def _unknown(node: Node, wording: Wording) -> str:
    """Which inputs are missing, or known too roughly."""
    missing = missing_in(node, wording.values)
    names = {leaf.input: wording.name(leaf) for leaf in leaves(node)}
    absent = [names[each] for each in missing if not wording.known(each)]
    rough = [names[each] for each in missing if wording.known(each)]
    clauses = [f"{listed(absent, 'and')} {verb(absent)} not known"] if absent else []
    if rough:
        clauses.append(f"{listed(rough, 'and')} {verb(rough)} not known well enough{_too_vague(node)}")
    return "; ".join(clauses) or "it cannot be computed"


def _too_vague(node: Node) -> str:
    return f" to tell {listed([spoken(code) for code in node.codes], 'or')}" if isinstance(node, Within | Includes) else ""


def _told(node: Node, wording: Wording, *, true: bool) -> str:
    match node:
        case Leaf():
            return _flag(node, wording, true=true)
        case Compare():
            return _compared(node, wording, true=true)
        case Within():
            return _coded(node, wording, true=true)
        case Includes():
            named = listed([spoken(code) for code in node.codes], "or" if node.quantifier == "any" else "and")
            least = f"at least {node.quantifier} of " if isinstance(node.quantifier, int) else ""
            return f"{wording.name(node.operand)} {'includes' if true else 'does not include'} {least}{named}"
        case Subset():
            return _contained(node, wording, true=true)
        case Known():
            return f"{phrase(node.operand, wording)} is known" if true else f"{_names(node.operand, wording)} is missing"
        case _:
            return phrase(node, wording)


def _names(node: Node, wording: Wording) -> str:
    return listed(list(dict.fromkeys(wording.name(leaf) for leaf in leaves(node))), "and") or to_text(node)


def _flag(leaf: Leaf, wording: Wording, *, true: bool) -> str:
    match leaf.input:
        case Held() | Stopped() | Increase() | Consent() | Assent() | HoldInputs() | Medication():
            said = flag_words(leaf.input, true=true)
            fact = wording.facts.get(leaf.input)
            detail = fact.display if true and fact is not None and isinstance(leaf.input, HoldInputs | Medication) else ""
            return f"{said} ({detail})" if detail else said
        case _ if leaf.type.kind in (Kind.FLAG, Kind.TRUTH):
            return f"{wording.name(leaf)}: {'yes' if true else 'no'}{wording.day(leaf.input)}"
        case _:
            return phrase(leaf, wording)


def _contained(node: Subset, wording: Wording, *, true: bool) -> str:
    name, held = wording.name(node.operand), wording.value(node.operand)
    if not node.codes:
        return f"{name} is empty" if true else f"{name}: {held}"
    allowed = listed([spoken(code) for code in node.codes], "and")
    return f"{name} ({held}) {'holds nothing but' if true else 'goes beyond'} {allowed}"


def _coded(node: Within, wording: Wording, *, true: bool) -> str:
    said = phrase(node.operand, wording, said=True)
    if true or (isinstance(node.operand, Leaf) and isinstance(node.operand.input, ResponseOf)):
        return said
    return f"{said}, not {listed([spoken(code) for code in node.codes], 'or')}"


_RELATIONS: dict[tuple[Comparator, bool], str] = {
    ("<", True): "below",
    ("<", False): "not below",
    ("<=", True): "at most",
    ("<=", False): "above",
    (">", True): "above",
    (">", False): "not above",
    (">=", True): "at least",
    (">=", False): "below",
    ("=", True): "equal to",
    ("=", False): "not equal to",
    ("!=", True): "not equal to",
    ("!=", False): "equal to",
}
_DATED = {"below": "before", "not below": "on or after", "at most": "on or before", "above": "after"} | {
    "not above": "on or before",
    "at least": "on or after",
    "equal to": "the same day as",
    "not equal to": "another day than",
}
_FLIPPED: dict[Comparator, Comparator] = {"<": ">", "<=": ">=", "=": "=", "!=": "!=", ">=": "<=", ">": "<"}


def _compared(node: Compare, wording: Wording, *, true: bool) -> str:
    left, right, comparator = node.left, node.right, node.comparator
    if isinstance(left, Number | Parameter | CalendarDate | Code) and not isinstance(right, Number | Parameter | CalendarDate):
        left, right, comparator = right, left, _FLIPPED[comparator]
    relation = _RELATIONS[comparator, true]
    if isinstance(left, Leaf):
        match left.input:
            case Since():
                return _since_sentence(left, right, relation, wording)
            case AdverseEvents():
                return _events_sentence(left, right, relation, wording)
            case EventCount(events, least):
                number = plain_number(wording.number(left.input) or 0.0)
                return f"{number} {count_words(events, least, number)}, {relation} {phrase(right, wording)}"
            case ResponseOf():
                return phrase(left, wording, said=True)
            case Day():
                return f"study day {wording.value(left)} is {relation} {phrase(right, wording)}"
            case _ if left.type.kind is Kind.DATE:
                relation = _DATED[relation]
            case _ if left.type.kind is Kind.CODE:
                said, bound = phrase(left, wording, said=True), phrase(right, wording)
                return said if said.endswith(f" {bound}") else f"{said}, {relation} {bound}"
            case _:
                pass
    subject = left.input.variable if isinstance(left, Leaf) and isinstance(left.input, Reading) else ""
    object_ = phrase(right, wording, subject=subject)
    return f"{phrase(left, wording)} is {relation} {object_}{_percent_of_reference(left, right, wording)}"


def _since_sentence(left: Leaf, right: Node, relation: str, wording: Wording) -> str:
    said = elapsed_words(wording.number(left.input) or 0.0, left, wording.scope)
    if said.startswith("no "):
        return said
    return f"{said}, {relation.replace('not below', 'at least').replace('not above', 'at most')} {phrase(right, wording)}"


def _events_sentence(left: Leaf, right: Node, relation: str, wording: Wording) -> str:
    assert isinstance(left.input, AdverseEvents)
    words = events_words(left.input)
    if not wording.number(left.input):
        return f"no {words}"
    fact = wording.facts.get(left.input)
    told = fact.display if fact is not None and not fact.display.isdigit() else ""
    told = told or f"grade {wording.value(left)}"
    any_grade = isinstance(right, Number) and right.value == 1 and relation == "at least"
    least = "" if any_grade else f", {relation} grade {phrase(right, wording)}"
    return f"{words} ({told}{wording.day(left.input)}){least}"


def _percent_of_reference(left: Node, right: Node, wording: Wording) -> str:
    """How far the current value lies from the baseline or previous one, where those two are compared."""
    found = {leaf.input for leaf in leaves(right)}
    if not isinstance(left, Leaf) or not isinstance(left.input, Reading):
        return ""
    for question, word in ((Baseline(left.input.variable), "baseline"), (Previous(left.input.variable), "the previous value")):
        if question not in found:
            continue
        now, then = wording.number(left.input), wording.number(question)
        bound = evaluate_node(right, wording.values)
        if now is None or not then or not bool(bound.known):
            return ""
        change = (now / then - 1.0) * 100.0
        shown = rounded(change, (float(bound.data) / then - 1.0) * 100.0)
        side = "below" if change < 0 else "above"
        return f" ({shown.lstrip('-')} % {side} {word})" if change else f" (the same as {word})"
    return ""


def rounded(value: float, against: float) -> str:
    """The fewest decimals that leave a number on its own side of another one."""
    side = np.sign(value - against) if abs(value - against) > 1e-9 * max(abs(value), abs(against), 1e-3) else 0.0
    for decimals in range(10):
        shown = f"{value:.{decimals}f}"
        if np.sign(float(shown) - against) == side or (side == 0.0 and abs(float(shown) - against) < 1e-9):
            return shown
    return plain_number(value)


def phrase(node: Node, wording: Wording, *, subject: str = "", said: bool = False) -> str:
    """A value in words.

    ``subject`` is the variable that it is set against, whose name and unit need no second telling; ``said`` makes a
    clause of name and value.
    """
    match node:
        case Leaf():
            return _leaf_phrase(node, wording, subject, said=said)
        case Number():
            return with_unit(f"{node.amount:f}", node.unit)
        case Parameter():
            return f"{with_unit(f'{node.quantity.amount:f}', node.quantity.unit)} ({spoken(node.name)})"
        case Code():
            return spoken(node.name)
        case CalendarDate():
            return plain_date(node.on)
        case Scaled():
            return phrase(node.operand, wording, subject=subject)
        case Arithmetic():
            return _arithmetic_phrase(node, wording, subject)
        case Change():
            return _change_phrase(node, wording)
        case _:
            return _computed(node, wording, subject)


def _arithmetic_phrase(node: Arithmetic, wording: Wording, subject: str) -> str:
    sign = {"*": "×", "/": "÷", "-": "–", "+": "+"}[node.operator]
    product = node.operator in ("*", "/")
    left, right = phrase(node.left, wording, subject=subject), phrase(node.right, wording, subject=subject)
    inner, outer = _operator(node.left), _operator(node.right)
    left = f"({left})" if product and inner in ("+", "-") else left
    tight = bool(outer) if product else node.operator == "-" and outer in ("+", "-")
    return f"{left} {sign} {f'({right})' if tight else right}"


def _operator(node: Node) -> str:
    """The sign of a sum or product, whatever unit it was brought to; empty for anything else."""
    while isinstance(node, Scaled):
        node = node.operand
    return node.operator if isinstance(node, Arithmetic) else ""


def _grouped(node: Node, wording: Wording, subject: str) -> str:
    said = phrase(node, wording, subject=subject)
    return f"({said})" if isinstance(node, Arithmetic | If) else said


_FUNCTIONS = {
    "abs": "the size of",
    "min": "the least of",
    "max": "the greatest of",
    "ln": "the natural logarithm of",
    "log10": "the decimal logarithm of",
    "exp": "the exponential of",
}


def _computed(node: Node, wording: Wording, subject: str) -> str:
    match node:
        case Negative():
            return f"–{_grouped(node.operand, wording, subject)}"
        case Power():
            return f"{_grouped(node.operand, wording, subject)} to the power {float(node.exponent):g}"
        case Function():
            name = _FUNCTIONS[node.name]
            return f"{name} {listed([phrase(each, wording, subject=subject) for each in node.operands], 'and')}"
        case Shift():
            by = f"{abs(node.months)} months" if node.days is None else phrase(node.days, wording)
            sign = "less" if node.months < 0 or by.startswith("-") else "plus"
            return f"{phrase(node.operand, wording)} {sign} {by.lstrip('-')}"
        case Interval():
            return f"days from {phrase(node.earlier, wording)} to {phrase(node.later, wording)}"
        case If():
            asked = evaluate_node(node.condition, wording.values)
            return phrase(node.then if bool(asked.data) else node.otherwise, wording, subject=subject)
        case _:
            return to_text(node)


def _change_phrase(node: Change, wording: Wording) -> str:
    found = evaluate_node(node, wording.values)
    value = f"{plain_number(round(float(found.data), 6))}" if bool(found.known) else "not known"
    unit = "%" if node.percent else node.current.type.unit.label if node.current.type.unit else ""
    reference = {Baseline: "baseline", Aggregate: "nadir"}.get(type(node.reference.input), "previous")
    current, before = phrase(node.current, wording), wording.value(node.reference)
    kind = "percent change" if node.percent else "change"
    return f"{kind} from {reference} {value} {unit}".rstrip() + f" ({current}, {reference} {before})"


def _leaf_phrase(leaf: Leaf, wording: Wording, subject: str, *, said: bool) -> str:
    name, day = wording.name(leaf), wording.day(leaf.input)
    joint = f" {verb([name])} " if said else " "
    match leaf.input:
        case Baseline(variable) if variable == subject:
            return f"baseline {wording.value(leaf)}"
        case Previous(variable) if variable == subject:
            return f"previous {wording.value(leaf)}{day}"
        case Limit(which, variable) if variable == subject:
            return f"the {'upper' if which == 'uln' else 'lower'} limit of normal {wording.value(leaf)}"
        case Since():
            return elapsed_words(wording.number(leaf.input) or 0.0, leaf, wording.scope)
        case ResponseOf():
            return f"{name}{joint}{wording.value(leaf)}"
        case Reading() | Previous():
            return f"{name}{joint}{wording.value_with_unit(leaf)}{day}"
        case _:
            return f"{name}{joint}{wording.value_with_unit(leaf)}"
