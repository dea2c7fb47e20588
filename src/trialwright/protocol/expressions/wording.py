"""Plain words for inputs and their values: "AEC 1.9 ×10⁹/L on 12 March", "7 days since the last increase"."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import assert_never

from trialwright.protocol.expressions.evaluate import Supply
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
from trialwright.protocol.expressions.tree import Kind, Leaf, Scope
from trialwright.protocol.expressions.values import EPOCH, Values
from trialwright.vocabulary.units import Unit

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905


@dataclass(frozen=True, slots=True)
class Fact:
    """Where a value is from.

    Args:
        on: The day it was true.
        entries: Sequence numbers of the log entries that it rests on.
        display: The value as recorded, decimals kept; the unit may be left out. Written from the data where empty.
    """

    on: date | None = None
    entries: tuple[int, ...] = ()
    display: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """The values of one case, the facts behind them, and the names that people use."""

    values: Supply
    facts: Mapping[Input, Fact]
    scope: Scope = field(default_factory=Scope)

    def known(self, question: Input) -> bool:
        """Whether the input has a value."""
        found = self.values.get(question)
        return found is not None and bool(found.known)

    def number(self, question: Input) -> float | None:
        """The value of a known number."""
        found = self.values.get(question)
        return float(found.data) if found is not None and bool(found.known) and found.data.ndim == 0 else None

    def value(self, leaf: Leaf) -> str:
        """The value alone, as recorded."""
        fact, found = self.facts.get(leaf.input), self.values.get(leaf.input)
        if fact is not None and fact.display:
            return fact.display
        return written(found, leaf) if found is not None and bool(found.known) else "not known"

    def value_with_unit(self, leaf: Leaf) -> str:
        """The value as recorded, and its unit."""
        return with_unit(self.value(leaf), leaf.type.unit)

    def day(self, question: Input) -> str:
        """`` on 12 March``; with the year where the facts are of several years."""
        fact = self.facts.get(question)
        if fact is None or fact.on is None:
            return ""
        years = {each.on.year for each in self.facts.values() if each.on is not None}
        return f" on {plain_date(fact.on, year=len(years) > 1)}"

    def name(self, leaf: Leaf) -> str:
        """What an input is called, without its value."""
        return _name(leaf, self)


def plain_date(on: date, *, year: bool = True) -> str:
    """A date in words."""
    return f"{on.day} {_MONTHS[on.month - 1]}{f' {on.year}' if year else ''}"


def spoken(name: str) -> str:
    """An identifier as words."""
    return name.replace("_", " ")


def with_unit(display: str, unit: Unit | None) -> str:
    """A number and the unit that people read; one of something is singular."""
    label = unit.label if unit is not None else ""
    if not label or display.endswith(label):
        return display
    if label.isalpha() and label.endswith("s") and display in ("1", "-1"):
        label = label[:-1]
    return f"{display}{'' if label.startswith('/') else ' '}{label}"


def plain_number(value: float) -> str:
    """The shortest decimals that give the number again, up to 12 digits."""
    return f"{value:.12g}"


def written(found: Values, leaf: Leaf) -> str:
    """A known value in words, from its data."""
    match leaf.type.kind:
        case Kind.TEXT:
            return "known"
        case Kind.FLAG | Kind.TRUTH:
            return "yes" if bool(found.data) else "no"
        case Kind.CODE:
            return leaf.type.codes[int(found.data)]
        case Kind.SET:
            held = [spoken(code) for code, has in zip(leaf.type.codes, found.data, strict=True) if has]
            return listed(held, "and") or "none"
        case Kind.DATE:
            ends = [found.data] if found.upper is None else [found.data, found.upper]
            return " to ".join(plain_date(EPOCH + timedelta(days=int(end))) for end in ends)
        case Kind.QUANTITY | Kind.DURATION:
            ends = [found.data] if found.upper is None else [found.data, found.upper]
            return " to ".join(plain_number(float(end)) for end in ends)
        case _:
            assert_never(leaf.type.kind)


def verb(names: list[str]) -> str:
    """``is`` or ``are``, as the names want it."""
    only = names[0] if len(names) == 1 else ""
    plural = only.endswith("s") and not only.endswith(("ss", "is", "us"))
    return "is" if only and not plural else "are"


def listed(items: list[str], joint: str) -> str:
    """``a, b and c``."""
    return f"{', '.join(items[:-1])} {joint} {items[-1]}" if len(items) > 1 else "".join(items)


_SINCE = {
    Milestone.FIRST_DOSE: "the first dose",
    Milestone.LAST_DOSE: "the last dose",
    Milestone.LAST_INCREASE: "the last increase",
    Milestone.LAST_DECREASE: "the last decrease",
    Milestone.LAST_CHANGE: "the last dose change",
    Milestone.LAST_HOLD: "the last hold",
    Milestone.LAST_RESUMPTION: "the last resumption",
    Milestone.LAST_DECISION: "the last decision",
    Milestone.TREATMENT_STOP: "treatment stop",
    Milestone.CONSENT: "consent",
    Milestone.ENROLMENT: "enrolment",
    Milestone.RANDOMISATION: "randomisation",
    Milestone.FIRST_RESPONSE: "the first response",
}


def milestone_name(question: Since, scope: Scope) -> str:
    """What time is counted from."""
    match question.milestone:
        case Milestone.ENCOUNTER:
            return f"the visit {spoken(question.name)}"
        case Milestone.READING | Milestone.DATE:
            kind = scope.variables.get(question.name)
            label = kind.label if kind is not None and kind.label else spoken(question.name)
            return f"the last {label}" if question.milestone is Milestone.READING else label
        case Milestone.NAMED:
            return spoken(question.name)
        case _:
            return _SINCE[question.milestone]


def never(question: Since, scope: Scope) -> str:
    """That a milestone has not happened."""
    return f"no {milestone_name(question, scope).removeprefix('the ').removeprefix('last ').removeprefix('first ')} so far"


def elapsed_words(passed: float, leaf: Leaf, scope: Scope) -> str:
    """``7 days since the last increase``, or that there was none."""
    assert isinstance(leaf.input, Since)
    if math.isinf(passed):
        return never(leaf.input, scope)
    amount = passed if leaf.input.unit == "d" else round(passed, 2)
    return f"{with_unit(plain_number(amount), leaf.type.unit)} since {milestone_name(leaf.input, scope)}"


def _name(leaf: Leaf, wording: Wording) -> str:
    match leaf.input:
        case Reading(variable):
            return leaf.type.label or spoken(variable)
        case Baseline(variable):
            return f"baseline {leaf.type.label or spoken(variable)}"
        case Previous(variable):
            return f"previous {leaf.type.label or spoken(variable)}"
        case Aggregate():
            return _aggregate_name(leaf.input, leaf.type.label or spoken(leaf.input.variable))
        case Limit(which, variable):
            side = "upper" if which == "uln" else "lower"
            return f"{side} limit of normal of {leaf.type.label or spoken(variable)}"
        case Since():
            return f"time since {milestone_name(leaf.input, wording.scope)}"
        case ResponseOf(name, best, confirmed):
            own = "" if name == next(iter(wording.scope.responses), None) else spoken(name)
            return " ".join([*["best"] * best, *["confirmed"] * confirmed, *[own] * bool(own), "response"])
        case AdverseEvents():
            return f"grade of {events_words(leaf.input)}"
        case EventCount(events, least):
            return f"number of {count_words(events, least)}"
        case Stratum(name):
            return f"stratum {spoken(name)}"
        case Recurrence(rule):
            return f"recurrences of {spoken(rule)}" if rule else "recurrences of a hold"
        case Day() | Today() | Arm() | CurrentEpoch() | DoseOf() | TotalDose() | LevelOf():
            return _own_name(leaf.input)
        case Held() | Stopped() | Increase() | Consent() | Assent() | HoldInputs() | Medication():
            return flag_name(leaf.input)
        case _:
            assert_never(leaf.input)


_AGGREGATES = {
    "max": "highest",
    "min": "lowest",
    "mean": "mean",
    "median": "median",
    "count": "number of values of",
    "first": "first",
    "last": "last",
    "nadir": "lowest",
}


def _aggregate_name(question: Aggregate, label: str) -> str:
    if question.function == "nadir":
        return f"nadir {label}"
    if question.values is not None:
        return f"{_AGGREGATES[question.function]} {label} of the last {question.values} values"
    return f"{_AGGREGATES[question.function]} {label} {'ever' if question.days is None else f'over {question.days} d'}"


def _own_name(question: Day | Today | Arm | CurrentEpoch | DoseOf | TotalDose | LevelOf) -> str:
    match question:
        case Day():
            return "study day"
        case Today():
            return "today"
        case Arm():
            return "arm"
        case CurrentEpoch():
            return "epoch"
        case DoseOf(name):
            return f"{spoken(name)} dose" if name else "dose"
        case TotalDose(name):
            return f"total dose of {spoken(name)}" if name else "total dose"
        case LevelOf(name):
            return f"{spoken(name)} dose level" if name else "dose level"
        case _:
            assert_never(question)


Flag = Held | Stopped | Increase | Consent | Assent | HoldInputs | Medication


def flag_name(question: Flag) -> str:
    """What a flag is called, as something that may not be known."""
    match question:
        case Held(name):
            return f"whether {spoken(name or 'treatment')} is held"
        case Stopped(name):
            return f"whether {spoken(name or 'treatment')} has stopped"
        case Increase():
            return "whether the dose is raised"
        case Consent(by):
            return f"consent by {by}"
        case Assent():
            return "assent"
        case HoldInputs():
            return "an input of a hold rule"
        case Medication(group):
            return f"use of {spoken(group)}"
        case _:
            assert_never(question)


def flag_words(question: Flag, *, true: bool) -> str:
    """A known flag as a clause."""
    turned = "" if true else " not"
    match question:
        case Held(name):
            return f"{spoken(name or 'treatment')} is{turned} held"
        case Stopped(name):
            return f"{spoken(name or 'treatment')} has{turned} stopped"
        case Increase():
            return f"the dose is{turned} raised"
        case Consent(by):
            return f"consent by {by} is{turned} given"
        case Assent():
            return f"assent is{turned} given"
        case HoldInputs(days):
            older = "" if days is None else f" or older than {days} days"
            return f"{'an' if true else 'no'} input of a hold rule is missing{older}"
        case Medication(group, days, changed):
            when = f" within {days} days" if days else ""
            return f"{'' if true else 'no '}{'new or increased ' * changed}{spoken(group)}{when}"
        case _:
            assert_never(question)


def count_words(events: AdverseEvents, least: int, number: str = "") -> str:
    """``related adverse events of grade 3 or more``."""
    grade = f" of grade {least} or more" if least > 1 else ""
    return f"{events_words(events)}{'' if number == '1' else 's'}{grade}"


def events_words(question: AdverseEvents) -> str:
    """``unresolved related adverse event``."""
    expected = {None: [], True: ["expected"], False: ["unexpected"]}[question.expected]
    own = spoken(question.group) if question.group else "adverse"
    words = [
        *["unresolved"] * (question.scope == "unresolved"),
        *["serious"] * question.serious,
        *["related"] * question.related,
        *expected,
        own,
        "event",
    ]
    return " ".join(words)
