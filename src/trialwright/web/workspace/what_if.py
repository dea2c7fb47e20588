"""The read-only what-if: the values that a dose decision reads, as a form; and what the engine advises with others.

Nothing is kept: the engine is asked a question, and the log is not touched.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from trialwright.engine.advice import Advice, advise
from trialwright.engine.readings import Readings
from trialwright.events.catalogue import Recorded
from trialwright.protocol.expressions import Expression, Input, Kind, Reading, ResponseOf, VariableType
from trialwright.protocol.expressions.atoms import Atom, atoms
from trialwright.protocol.study import CompiledRegimen, Protocol
from trialwright.web.workspace.decisions import ExplainedDecision
from trialwright.web.workspace.words import unit_in_words

_NUMBER = re.compile(r"[+-]?\d{1,12}(?:[.,]\d{1,12})?", re.ASCII)
_FLAGS = ("yes", "no")


@dataclass(frozen=True, slots=True)
class Field:
    """One value of the form.

    Args:
        variable: Its name in the protocol, and in the address.
        value: What the decision rests on; empty where nothing is known.
        given: What the reader put in its place; the same where nothing was changed.
        options: Of a code; empty for a number.
        entry: The log entry that the value comes from; None where there is none.
        problem: Why what was given cannot be read.
    """

    variable: str
    label: str
    unit: str
    value: str
    given: str
    options: tuple[str, ...] = ()
    entry: int | None = None
    problem: str = ""

    @property
    def changed(self) -> bool:
        """Whether the reader put something else."""
        return self.given != self.value

    @property
    def shown_unit(self) -> str:
        """The unit as people write it."""
        return unit_in_words(self.unit)

    @property
    def said(self) -> str:
        """The change in words, such as ``ANC 4.1 → 0.8``."""
        return f"{self.label} {self.value or 'unknown'} → {self.given or 'deleted'}"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The form and, where something was changed and can be read, the advice with it."""

    fields: tuple[Field, ...]
    advice: Advice | None

    @property
    def changes(self) -> tuple[Field, ...]:
        """The fields that were changed."""
        return tuple(one for one in self.fields if one.changed)


def what_if(protocol: Protocol, decision: ExplainedDecision, given: Mapping[str, str]) -> WhatIf:
    """Ask the engine what it would have advised, had the values of ``given`` (by variable, as typed) been known."""
    regimen = protocol.regimens[decision.advice.intervention]
    readings = Readings(protocol, decision.known, decision.recorded.on)
    fields = tuple(_field(protocol, readings, variable, given) for variable in read_at_decision(protocol, regimen))
    if any(one.problem for one in fields) or not any(one.changed for one in fields):
        return WhatIf(fields, None)
    replaced = {one.variable: _value(one, protocol.scope.variables[one.variable]) for one in fields if one.changed}
    return WhatIf(fields, advise(protocol, decision.known, decision.recorded.on, regimen.intervention, replaced))


def read_at_decision(protocol: Protocol, regimen: CompiledRegimen) -> tuple[str, ...]:
    """The recorded or derived variables that the rules read, directly or through a response, in their order."""
    names: dict[str, None] = {}
    for rule in regimen.rules:
        for expression in (rule.when, rule.until, *(one.when for one in rule.resume)):
            names.update(dict.fromkeys(_variables(expression, protocol)))
    return tuple(name for name in names if _askable(protocol.scope.variables.get(name)))


def _variables(expression: Expression | None, protocol: Protocol) -> Iterable[str]:
    for given in expression.inputs if expression else ():
        yield from _of_input(given, protocol)


def _of_input(given: Input, protocol: Protocol) -> Iterable[str]:
    match given:
        case Reading(variable):
            yield variable
        case ResponseOf(name) if name in protocol.responses:
            for category in protocol.responses[name].categories:
                for inner in category.when.inputs if category.when else ():
                    if isinstance(inner, Reading):
                        yield inner.variable
        case _:
            return


def _askable(kind: VariableType | None) -> bool:
    return kind is not None and kind.kind in (Kind.QUANTITY, Kind.CODE, Kind.FLAG)


def _field(protocol: Protocol, readings: Readings, variable: str, given: Mapping[str, str]) -> Field:
    kind = protocol.scope.variables[variable]
    point = readings.current(variable)
    shown = point.display if point else ""
    options = kind.codes if kind.kind is Kind.CODE else _FLAGS if kind.kind is Kind.FLAG else ()
    typed = given[variable].strip()[:30] if variable in given else shown
    unit = kind.unit.code if kind.unit is not None and kind.kind is Kind.QUANTITY else ""
    field = Field(
        variable, protocol.label(variable), unit, shown, _tidy(typed, kind), options, point.entries[-1] if point else None
    )
    return replace(field, problem=_problem(field, kind))


def _tidy(typed: str, kind: VariableType) -> str:
    return typed.replace(",", ".") if kind.kind is Kind.QUANTITY else typed


def _problem(field: Field, kind: VariableType) -> str:
    if not field.given or not field.changed:
        return ""
    if kind.kind is Kind.QUANTITY and not _NUMBER.fullmatch(field.given):
        return f"“{field.given}” is not a number."
    if field.options and field.given not in field.options:
        return f"“{field.given}” is none of: {', '.join(field.options)}."
    return ""


def _value(field: Field, kind: VariableType) -> Recorded | None:
    if not field.given:
        return None
    return field.given == "yes" if kind.kind is Kind.FLAG else field.given


@dataclass(frozen=True, slots=True)
class Try:
    """A what-if worth a click: the query that asks it, and its words."""

    query: str
    words: str


def tries(regimen: CompiledRegimen, fields: tuple[Field, ...]) -> tuple[Try, ...]:
    """For the first value that a hold rule compares with a number: one beyond the threshold, and none at all."""
    known = {one.variable: one for one in fields if one.value}
    for rule in regimen.rules:
        for atom in atoms(rule.when) if rule.holds and rule.when else ():
            reading = atom.inputs[0] if len(atom.inputs) == 1 else None
            if isinstance(reading, Reading) and reading.variable in known and atom.threshold is not None:
                field = known[reading.variable]
                beyond = _beyond(atom)
                return (
                    Try(f"{field.variable}={beyond}", f"{field.label} {field.value} → {beyond}"),
                    Try(f"{field.variable}=", f"{field.label} not measured"),
                )
    return ()


def _beyond(atom: Atom) -> str:
    assert atom.threshold is not None
    factor = 0.8 if atom.comparator in ("<", "<=") else 1.2
    return f"{float(atom.threshold) * factor:.3g}"
