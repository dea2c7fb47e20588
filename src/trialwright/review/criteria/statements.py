"""What the file states about who may take part, each as an expression: criteria and the fields of the record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from trialwright.protocol.expressions import Expression, Kind, Reading, atoms, read_expression
from trialwright.protocol.expressions.tree import Node
from trialwright.protocol.expressions.walk import inputs_of
from trialwright.protocol.study import Protocol
from trialwright.review.blocks import NUMERIC
from trialwright.vocabulary.findings import Place

Side = Literal["inclusion", "exclusion", "record"]
_RECORD_AGE = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*(year|month|week|day|hour)s?\s*$", re.IGNORECASE)
_UNITS = {"year": "a", "month": "mo", "week": "wk", "day": "d", "hour": "h"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_WORDS = {"a": "years", "mo": "months", "wk": "weeks", "d": "days", "h": "hours"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement.

    Args:
        side: Whose it is.
        id: The criterion's name, or the record's field.
        node: What must hold (inclusion, record) or must not (exclusion).
        place: Where it stands.
        words: For a record field, what it says in words.
    """

    side: Side
    id: str
    node: Node
    place: Place
    words: str = ""

    @property
    def name(self) -> str:
        """How a sentence calls it: `inclusion I2`, `the record`."""
        return "the record" if self.side == "record" else f"{self.side} {self.id}"

    def says(self, given: Reading) -> str:
        """What it says of one variable, in words."""
        if self.side == "record":
            return f"the record says {self.words}"
        texts = [atom.text for atom in atoms(_expression(self.node, self.place)) if given in atom.inputs]
        return f"{self.name} wants {spelled(' … '.join(texts))}"


def _expression(node: Node, place: Place) -> Expression:
    return Expression("", place, Kind.TRUTH, None, node, inputs_of(node))


def spelled(text: str) -> str:
    """Write time units as words: `15 a` as `15 years`."""
    worded = re.sub(r"(\d) (a|mo|wk|d|h)\b", lambda found: f"{found[1]} {_WORDS[found[2]]}", text)
    raised = re.sub(r"\b10\*(\d+)", lambda found: f"×10{found[1].translate(_RAISED)}", worded)
    return raised.replace("'", "")


def statements_of(protocol: Protocol) -> tuple[Statement, ...]:
    """Return every computed criterion and every field of the record that says who may take part."""
    criteria = [Statement(one.side, one.id, one.when.node, one.when.place) for one in protocol.criteria if one.when is not None]
    return (*criteria, *_record(protocol))


def age_variable(protocol: Protocol) -> str | None:
    """Return the variable that holds age; None where the file has none."""
    for name, kind in protocol.scope.variables.items():
        if kind.kind in NUMERIC and kind.unit is not None and (name == "age" or kind.label.casefold() == "age"):
            return name
    return None


def _record(protocol: Protocol) -> Iterator[Statement]:
    said = protocol.file.study.eligibility
    age = age_variable(protocol)
    for field, text, sign, words in (
        ("minimum_age", said.minimum_age, ">=", "and over"),
        ("maximum_age", said.maximum_age, "<=", "and under"),
    ):
        found = _RECORD_AGE.match(text or "")
        if age is not None and found is not None:
            unit = _UNITS[found[2].lower()]
            yield from _read(protocol, field, f"{age} {sign} {found[1]} {unit}", f"{found[1]} {_WORDS[unit]} {words}")
    if said.sex in ("female", "male"):
        for name, kind in protocol.scope.variables.items():
            if kind.kind is Kind.CODE and {"female", "male"} <= set(kind.codes):
                yield from _read(protocol, "sex", f"{name} = {said.sex}", f"{said.sex} only")


def _read(protocol: Protocol, field: str, text: str, words: str) -> Iterator[Statement]:
    place = protocol.source.place(("study", "eligibility", field))
    expression, _ = read_expression(text, protocol.scope, place)
    if expression is not None:
        yield Statement("record", field, expression.node, place, words)


def record_age(protocol: Protocol, field: str) -> str:
    """Return a record's age as an expression's text (`15 a`); empty where it says none."""
    text = getattr(protocol.file.study.eligibility, field)
    found = _RECORD_AGE.match(text or "")
    return f"{found[1]} {_UNITS[found[2].lower()]}" if found else ""
