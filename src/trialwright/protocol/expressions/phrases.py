"""Phrases that ask the engine for something: readings, doses, responses, adverse events, consent, medication."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Literal, cast

from lark import Token

from trialwright.protocol.expressions.context import (
    Context,
    Typed,
    Wrong,
    days_unit,
    span_of,
    tokens,
    trees,
    words,
)
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
    Medication,
    Previous,
    Reading,
    Recurrence,
    ResponseOf,
    Stopped,
    Stratum,
    Today,
    TotalDose,
)
from trialwright.protocol.expressions.parse import Syntax
from trialwright.protocol.expressions.quantities import bring, quantity_type
from trialwright.protocol.expressions.tree import Change, Kind, Leaf, Number, Parameter, VariableType
from trialwright.vocabulary.units import parse_unit

FLAG = VariableType(Kind.FLAG)
_COUNT = VariableType(Kind.QUANTITY, low=Decimal(0))
_GRADE = VariableType(Kind.QUANTITY, low=Decimal(0), high=Decimal(5))
_LONGEST_WINDOW_DAYS = 36525
_MEASURED = (Kind.QUANTITY, Kind.DURATION)


def variable(context: Context, token: Token) -> VariableType:
    """The type of a declared variable."""
    found = context.scope.variables.get(str(token))
    if found is None:
        raise context.unknown("variable", str(token), span_of(token), context.scope.variables)
    return found


def _leaf(question: Input, kind: VariableType, tree: Syntax) -> Typed:
    return Typed(Leaf(question, kind), kind, span_of(tree))


def _when(context: Context, tree: Syntax) -> Typed:
    name = tokens(tree, "NAME")[0]
    kind, of = variable(context, name), str(tokens(tree, "WHEN")[0])
    return _leaf(_reference(context, of, name), kind, tree)


def _reference(context: Context, of: str, name: Token) -> Baseline | Previous | Aggregate:
    """The earlier value that is meant: at baseline, at the previous visit, or the lowest from baseline on."""
    match of:
        case "baseline":
            return Baseline(str(name))
        case "previous":
            return Previous(str(name))
    if variable(context, name).kind not in _MEASURED:
        raise Wrong("TW-E006", span_of(name), f"Only numbers have a nadir, and {name} is a {variable(context, name).kind}")
    return Aggregate("nadir", str(name), None)


def _change(context: Context, tree: Syntax) -> Typed:
    name, phrase = tokens(tree, "NAME")[0], words(tokens(tree, "CHANGE")[0])
    kind = variable(context, name)
    if kind.kind not in _MEASURED:
        raise Wrong("TW-E006", span_of(name), f"Only numbers change, and {name} is a {kind.kind}")
    percent = phrase.startswith("percent")
    reference = _reference(context, phrase.split()[-1], name)
    node = Change(Leaf(Reading(str(name)), kind), Leaf(reference, kind), percent)
    return Typed(node, quantity_type(parse_unit("%") if percent else kind.unit), span_of(tree))


_FUNCTIONS = {"highest": "max", "lowest": "min", "number": "count"}
_Function = Literal["max", "min", "mean", "median", "count", "first", "last"]
_MOST_VALUES = 100


def _aggregate(context: Context, tree: Syntax) -> Typed:
    name, word = tokens(tree, "NAME")[0], str(tokens(tree, "AGGREGATE")[0])
    kind, function = variable(context, name), cast("_Function", _FUNCTIONS.get(word, word))
    if function not in ("count", "first", "last") and kind.kind not in _MEASURED:
        raise Wrong("TW-E006", span_of(name), f"The {function} is of numbers, and {name} is a {kind.kind}")
    last = tokens(tree, "OVER_VALUES")
    if last:
        return _leaf(Aggregate(function, str(name), None, _values(last[0], function)), kind, tree)
    days = None if tokens(tree, "EVER") else whole_days(context, trees(tree)[0])
    return _leaf(Aggregate(function, str(name), days), _COUNT if function == "count" else kind, tree)


def _values(token: Token, function: str) -> int:
    number = int(re.sub(r"\D", "", str(token)))
    if function in ("count", "last"):
        raise Wrong("TW-E006", span_of(token), f"The {function} of so many values says nothing", "Write a window in days.")
    if not 1 <= number <= _MOST_VALUES:
        raise Wrong("TW-E013", span_of(token), f"{number} values cannot be summarised", f"From 1 to {_MOST_VALUES}.")
    return number


def literal_duration(context: Context, tree: Syntax) -> Typed:
    """A duration that is known when the text is read: a number with its unit, or a parameter.

    Raises:
        Wrong: It is anything else.
    """
    found = context.typed(tree)
    if found.type.kind is not Kind.DURATION or not found.constant:
        shown = context.source(found.span)
        ways = (f"{shown} d", f"{shown} wk") if isinstance(found.node, Number) and found.unit is None else ("7 d", "2 wk")
        raise Wrong("TW-E005", found.span, f"{shown} is no duration", "A number and d, wk, mo or a, or a parameter.", ways)
    return found


def whole_days(context: Context, tree: Syntax) -> int:
    """A duration in whole days, for a window."""
    found = literal_duration(context, tree)
    node = bring(context, found, days_unit(), found)
    assert isinstance(node, Number | Parameter)
    if node.value.denominator != 1 or not 0 <= node.value <= _LONGEST_WINDOW_DAYS:
        detail = (
            f"{context.source(found.span)} is {float(node.value):g} d; a window holds whole days, {_LONGEST_WINDOW_DAYS} at most."
        )
        raise Wrong(
            "TW-E013",
            found.span,
            "A window is counted in whole days",
            detail,
            (f"{min(round(abs(node.value)), _LONGEST_WINDOW_DAYS)} d",),
        )
    return int(node.value)


def which(tree: Syntax) -> Literal["uln", "lln"]:
    """Upper or lower limit."""
    return "uln" if words(tokens(tree, "LIMIT")[0]).lower().endswith("uln") else "lln"


def _given(context: Context, tree: Syntax) -> Typed:
    names, word = tokens(tree, "NAME"), words(tokens(tree, "GIVEN")[0])
    doses = context.scope.doses
    name = str(names[0]) if names else None
    if name is not None and name not in doses:
        raise context.unknown("intervention", name, span_of(names[0]), doses)
    if name is None and len(doses) > 1 and context.scope.regimen not in doses:
        ways = tuple(f"{known} {word}" for known in doses)
        raise Wrong("TW-E012", span_of(tree), f"Which intervention's {word}?", "The protocol has several.", ways[:3])
    only = next(iter(doses)) if len(doses) == 1 else context.scope.regimen or None
    unit = doses.get(name or only or "") or parse_unit("mg/d")
    name = None if name == only else name
    dose = VariableType(Kind.QUANTITY, unit, low=Decimal(0))
    flags: dict[str, Input] = {"held": Held(name), "stopped": Stopped(name), "increase": Increase(name)}
    if word in flags:
        return _leaf(flags[word], FLAG, tree)
    if word == "total dose":
        summed = parse_unit(unit.code.removesuffix("/d"))
        return _leaf(TotalDose(name), VariableType(Kind.QUANTITY, summed, low=Decimal(0)), tree)
    return _leaf(DoseOf(name) if word == "dose" else LevelOf(name), dose, tree)


def _recurrence(context: Context, tree: Syntax) -> Typed:
    names = tokens(tree, "NAME")
    if names and context.scope.rules and str(names[0]) not in context.scope.rules:
        raise context.unknown("hold rule", str(names[0]), span_of(names[0]), context.scope.rules)
    return _leaf(Recurrence(str(names[0]) if names else None), _COUNT, tree)


def _plain(context: Context, tree: Syntax) -> Typed:
    scope = context.scope
    match str(tokens(tree, "PLAIN")[0]):
        case "day":
            return _leaf(Day(), VariableType(Kind.QUANTITY), tree)
        case "today":
            return _leaf(Today(), VariableType(Kind.DATE), tree)
        case "arm":
            return _leaf(Arm(), VariableType(Kind.CODE, codes=scope.arms), tree)
        case "epoch":
            return _leaf(CurrentEpoch(), VariableType(Kind.CODE, codes=scope.epochs, ordered=True), tree)
        case _:
            return _leaf(Assent(), FLAG, tree)


def _stratum(context: Context, tree: Syntax) -> Typed:
    name = tokens(tree, "NAME")[0]
    if str(name) not in context.scope.strata:
        raise context.unknown("stratification factor", str(name), span_of(name), context.scope.strata)
    return _leaf(Stratum(str(name)), VariableType(Kind.CODE, codes=tuple(context.scope.strata[str(name)])), tree)


def _response(context: Context, tree: Syntax) -> Typed:
    responses, names = context.scope.responses, tokens(tree, "NAME")
    best = words(trees(tree)[0].children[0]) if trees(tree) else ""  # type: ignore[arg-type]
    if names and str(names[0]) not in responses:
        raise context.unknown("response", str(names[0]), span_of(names[0]), responses)
    if not responses:
        raise Wrong("TW-E002", span_of(tree), "The protocol defines no response", "Define one under responses.")
    name = str(names[0]) if names else next(iter(responses))
    kind = VariableType(Kind.CODE, codes=tuple(responses[name]), ordered=True)
    return _leaf(ResponseOf(name, best="best" in best, confirmed="confirmed" in best), kind, tree)


def selection(context: Context, tree: Syntax) -> AdverseEvents:
    """Which adverse events are meant: ``unresolved serious related cardiac event``."""
    said = {re.sub(r"^(treatment|drug)-", "", words(word)) for word in tokens(tree, "EVENT_WORD")}
    if {"expected", "unexpected"} <= said:
        raise Wrong("TW-E006", span_of(tree), "An event is either expected or unexpected")
    names, groups = tokens(tree, "NAME"), context.scope.special_interest
    if names and str(names[0]) not in groups:
        raise context.unknown("group of adverse events", str(names[0]), span_of(names[0]), groups)
    times = [bool(tokens(tree, "EVER")), "new" in said, bool(said & {"unresolved", "ongoing"})]
    if sum(times) > 1:
        raise Wrong("TW-E006", span_of(tree), "Only one of new, unresolved and ever can be meant")
    return AdverseEvents(
        scope="ever" if times[0] else "unresolved" if times[2] else "since_last_decision",
        related="related" in said,
        serious="serious" in said,
        expected=True if "expected" in said else False if "unexpected" in said else None,
        group=str(names[0]) if names else None,
    )


def event_count(context: Context, tree: Syntax) -> Typed:
    """How many events of a selection, at least of the grade that an ``events_bound`` or ``event_count`` tree says."""
    chosen = next(child for child in trees(tree) if child.data == "selection")
    grades = [child for child in trees(tree) if child.data == "grade"]
    least = 1
    if grades:
        number = int(Decimal(str(tokens(grades[0], "NUMBER")[0])))
        more = tokens(grades[0], "OR_MORE") or [one for one in tokens(grades[0], "CMP") if str(one) in (">=", "≥")]
        if not more or not 1 <= number <= 5:
            detail = "Events are counted from a grade on."
            raise Wrong("TW-E006", span_of(grades[0]), "Which grades are counted?", detail, ("grade >= 3",))
        least = number
    return _leaf(EventCount(selection(context, chosen), least), _COUNT, tree)


def _event_count(context: Context, tree: Syntax) -> Typed:
    word = tokens(tree, "AGGREGATE")[0]
    if str(word) not in ("number", "count"):
        raise Wrong("TW-E006", span_of(word), f"Adverse events have a number, and no {word}", "", ("number of",))
    return event_count(context, tree)


def highest_grade(context: Context, tree: Syntax) -> Typed:
    """The highest grade among the events selected by an ``events`` tree."""
    return _leaf(selection(context, tree), _GRADE, tree)


def _highest(context: Context, tree: Syntax) -> Typed:
    return replace(highest_grade(context, trees(tree)[0]), span=span_of(tree))


_SIGNERS = {
    "": "participant",
    "parent": "parents or guardian",
    "parents": "parents or guardian",
    "parents or guardians": "parents or guardian",
    "parents or tutors": "parents or guardian",
    "parents or tutor": "parents or guardian",
    "parent or guardian": "parents or guardian",
    "parent or tutor": "parents or guardian",
    "legally authorised representative": "legal representative",
    "legally authorized representative": "legal representative",
}


def _consent(_: Context, tree: Syntax) -> Typed:
    by = words(tokens(tree, "CONSENT")[0]).removeprefix("consent").removeprefix(" by ").strip()
    return _leaf(Consent(_SIGNERS.get(by, by)), FLAG, tree)


def _taking(context: Context, tree: Syntax) -> Typed:
    name, word = tokens(tree, "NAME")[0], words(tokens(tree, "TAKING")[0])
    known = context.scope.medications
    if known and str(name) not in known:
        raise context.unknown("medication group", str(name), span_of(name), known)
    within = whole_days(context, trees(tree)[0]) if trees(tree) else 0
    return _leaf(Medication(str(name), within, word == "new or increased"), FLAG, tree)


def _hold_input(context: Context, tree: Syntax) -> Typed:
    age = whole_days(context, trees(tree)[0]) if trees(tree) else None
    return _leaf(HoldInputs(age), FLAG, tree)


PHRASES: dict[str, Callable[[Context, Syntax], Typed]] = {
    "reading": _when,
    "change": _change,
    "aggregate": _aggregate,
    "given": _given,
    "recurrence": _recurrence,
    "plain": _plain,
    "stratum": _stratum,
    "response": _response,
    "highest_grade": _highest,
    "event_count": _event_count,
    "consent": _consent,
    "taking": _taking,
    "hold_input": _hold_input,
}
