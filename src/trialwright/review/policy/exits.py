"""Holds that a participant could leave only by becoming better than before treatment."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from trialwright.protocol.expressions import Baseline, Expression, Input, Limit, Reading, Values, truth
from trialwright.protocol.expressions.evaluate import evaluate_node
from trialwright.protocol.study import CompiledRegimen, CompiledRule, Protocol
from trialwright.review.blocks import USUAL_LIMIT
from trialwright.review.cells import cut, witness
from trialwright.review.criteria.lines import atoms_of, step_of, value_text
from trialwright.review.drafting import finding, listed
from trialwright.review.samples import everyday
from trialwright.vocabulary.findings import Finding


def exits(protocol: Protocol, regimen: CompiledRegimen) -> Iterator[Finding]:
    """Yield hold rules whose `until` asks for more than some participant had at the start."""
    for rule in regimen.rules:
        if rule.action.kind != "hold" or rule.until is None:
            continue
        trapped = [words for name in _names(rule.until) if (words := _trap(protocol, regimen, rule, name))]
        if trapped:
            yield finding(
                "TW-P009",
                rule.place,
                f"The hold by `{rule.id}` may have no exit for some who are admitted",
                f"Its `until` is false at values that a participant may have before treatment: {listed(trapped)}.",
                "Such a participant may start, and once held resumes only when better than at baseline.",
                ways=(f"or … and {_names(rule.until)[0]} >= baseline {_names(rule.until)[0]}", "a criterion that keeps them out"),
                witness=trapped[0],
            )


def _names(until: Expression) -> list[str]:
    return [given.variable for given in until.inputs if isinstance(given, Reading)]


def _trap(protocol: Protocol, regimen: CompiledRegimen, rule: CompiledRule, name: str) -> str:
    """Return a value of a variable, in words, at which one may start and never leaves; "" where there is none."""
    kind = protocol.scope.variables[name]
    if kind.unit is None:
        return ""
    limits = [
        given for given in (*(rule.until.inputs if rule.until else ()),) if isinstance(given, Limit) and given.variable == name
    ]
    marks = _marks(regimen, name)
    low = Fraction(kind.low) if kind.low is not None else Fraction(0)
    cells = sorted(cut(marks), key=lambda cell: (cell.low == cell.high, -(cell.low or 0)))
    for cell in cells:
        value = everyday(cell, step_of(protocol, name)) or witness(cell)
        if value is None or value < low:
            continue
        if _may_start(protocol, regimen, name, value) and _until(rule, name, value) == 0:
            if limits:
                return f"{protocol.label(name)} {float(value / USUAL_LIMIT):g} times the limit of normal"
            return f"{protocol.label(name)} {value_text(kind, value)}"
    return ""


def _supply(name: str, value: Fraction) -> dict[Input, Values]:
    held = Values.of(float(value))
    usual = Values.of(float(USUAL_LIMIT))
    return {Reading(name): held, Baseline(name): held, Limit("uln", name): usual, Limit("lln", name): usual}


def _marks(regimen: CompiledRegimen, name: str) -> set[Fraction]:
    """Return where the hold rules can tell values apart, a limit of normal being taken as the usual one."""
    found: set[Fraction] = set()
    for rule in regimen.rules:
        for expression in (rule.when, rule.until):
            for atom in atoms_of(expression.node) if expression is not None else ():
                if atom.linear is None:
                    continue
                factors = dict(atom.linear.terms)
                own = factors.pop(Reading(name), Fraction(0)) + factors.pop(Baseline(name), Fraction(0))
                limit = sum((factors.pop(given, Fraction(0)) for given in (Limit("uln", name), Limit("lln", name))), Fraction(0))
                if own and not factors:
                    found.add((atom.linear.threshold - limit * USUAL_LIMIT) / own)
    return found


def _may_start(protocol: Protocol, regimen: CompiledRegimen, name: str, value: Fraction) -> bool:
    supply = _supply(name, value)
    for rule in regimen.rules:
        if rule.holds and rule.when is not None and _verdict(rule.when, supply) == 2:
            return False
    for criterion in protocol.criteria:
        if criterion.when is not None and _verdict(criterion.when, supply) == (0 if criterion.side == "inclusion" else 2):
            return False
    return True


def _until(rule: CompiledRule, name: str, value: Fraction) -> int:
    assert rule.until is not None
    return _verdict(rule.until, _supply(name, value))


def _verdict(expression: Expression, supply: dict[Input, Values]) -> int:
    return int(np.asarray(truth(evaluate_node(expression.node, supply))))
