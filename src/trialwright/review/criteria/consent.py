"""Consent rules against those who may take part: someone left out, a minor without assent, a signature that is not asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.expressions import Assent, Consent, Input, Reading, Values, to_text
from trialwright.protocol.expressions.walk import inputs_of
from trialwright.protocol.quantities import QuantityError, read_quantity
from trialwright.protocol.study import Protocol
from trialwright.review.criteria.comparing import Compared
from trialwright.review.criteria.lines import Line, line_of
from trialwright.review.criteria.statements import Statement, age_variable, spelled
from trialwright.review.drafting import finding, listed
from trialwright.vocabulary.findings import Finding
from trialwright.vocabulary.units import conversion_factor, parse_unit

MAJORITY_YEARS = 18
"""Age at which a person signs alone in most countries; a file that sets another age says so in its rules."""
ASSENT_YEARS = 7
"""Age from which a child is usually asked for assent (National Commission, Research Involving Children, 1977)."""


def consent_findings(protocol: Protocol, statements: tuple[Statement, ...]) -> Iterator[Finding]:
    """Yield what the consent rules have against those who may take part."""
    rules = protocol.consent_rules
    if not rules:
        place = protocol.source.place(("consent",))
        yield finding(
            "TW-P021",
            place,
            "Nobody is asked for consent",
            "The file has no consent rule.",
            ways=("consent: … with a rule `by: [participant]`",),
        )
        return
    read = [given for rule in rules if rule.when for given in rule.when.inputs]
    names = dict.fromkeys(given.variable for given in read if isinstance(given, Reading))
    age = age_variable(protocol)
    for name in dict.fromkeys([*names, *([age] if age else [])]):
        line = _line(protocol, name, statements)
        if line is not None:
            yield from _about(protocol, line, statements, is_age=name == age)


def _line(protocol: Protocol, name: str, statements: tuple[Statement, ...]) -> Line | None:
    nodes = [rule.when.node for rule in protocol.consent_rules if rule.when is not None]
    nodes += [one.node for one in statements if Reading(name) in inputs_of(one.node)]
    return line_of(protocol, name, nodes)


def _about(protocol: Protocol, line: Line, statements: tuple[Statement, ...], *, is_age: bool) -> Iterator[Finding]:
    reading = tuple(one for one in statements if line.given in inputs_of(one.node))
    admitted = ~Compared(line, reading).keeps_out
    applies = _applying(protocol, line)
    yield from _left_out(protocol, line, admitted, applies)
    yield from _against_criteria(protocol, line, admitted, applies, reading)
    if is_age:
        yield from _minors(protocol, line, admitted, applies)


def _applying(protocol: Protocol, line: Line) -> NDArray[np.int64]:
    """Return the rule that applies in each cell; -1 none, -2 where another variable decides."""
    applies = np.full(len(line.names), -1)
    still_open = np.ones(len(line.names), bool)
    for index, rule in enumerate(protocol.consent_rules):
        truths = line.truths(rule.when.node) if rule.when is not None else np.full(len(line.names), 2)
        applies = np.where(still_open & (truths == 2), index, np.where(still_open & (truths == 1), -2, applies))
        still_open &= truths == 0
    return applies


def _left_out(protocol: Protocol, line: Line, admitted: NDArray[np.bool_], applies: NDArray[np.int64]) -> Iterator[Finding]:
    label = line.kind.label.lower()
    for cell in np.flatnonzero(admitted & (applies == -1)).tolist():
        place = protocol.source.place(("consent", "rules"))
        yield finding(
            "TW-P021",
            place,
            f"No consent rule covers {label} {line.names[cell]}",
            "The criteria admit such a candidate and nobody would sign.",
            ways=("a last rule with `otherwise: true`",),
            witness=f"{label} = {line.names[cell]}",
        )
        return
    if (applies == -2).any():
        return
    for index in range(len(protocol.consent_rules)):
        if not (admitted & (applies == index)).any():
            place = protocol.source.place(("consent", "rules", index))
            by = listed(list(protocol.consent_rules[index].by))
            yield finding(
                "TW-P017",
                place,
                f"The consent rule for {by} covers nobody",
                f"The criteria admit nobody to whom it applies, by {label}.",
                ways=("Drop the rule", "Change the criteria"),
            )


def _against_criteria(
    protocol: Protocol, line: Line, admitted: NDArray[np.bool_], applies: NDArray[np.int64], reading: tuple[Statement, ...]
) -> Iterator[Finding]:
    """Check that who signs by the rules satisfies the criteria that speak of consent."""
    for one in reading:
        asked = [given for given in inputs_of(one.node) if isinstance(given, Consent | Assent)]
        if not asked or one.side == "record":
            continue
        signed: dict[Input, Values] = {given: _signed(protocol, applies, given) for given in asked}
        wrong = 0 if one.side == "inclusion" else 2
        failing = admitted & (applies >= 0) & (line.truths(one.node, signed) == wrong)
        for cell in np.flatnonzero(failing).tolist():
            rule = protocol.consent_rules[int(applies[cell])]
            by = listed([*rule.by, *(["the minor (assent)"] if rule.assent else [])])
            wants = spelled(to_text(one.node))
            yield finding(
                "TW-P024",
                one.place,
                f"Consent as the rules ask for it fails {one.name}",
                f"At {line.kind.label.lower()} {line.names[cell]} the rules let {by} sign; {one.name} wants: {wants}.",
                witness=f"{line.kind.label.lower()} = {line.names[cell]}",
            )
            break


def _signed(protocol: Protocol, applies: NDArray[np.int64], given: Consent | Assent) -> Values:
    rules = protocol.consent_rules
    found = []
    for index in applies.tolist():
        rule = rules[index] if index >= 0 else None
        found.append(rule is not None and (rule.assent if isinstance(given, Assent) else given.by in rule.by))
    return Values.of(np.array(found, bool))


def _minors(protocol: Protocol, line: Line, admitted: NDArray[np.bool_], applies: NDArray[np.int64]) -> Iterator[Finding]:
    assert line.kind.unit is not None
    years = float(conversion_factor(line.kind.unit, parse_unit("a")))
    minor = admitted & (line.values.data * years < MAJORITY_YEARS)
    place = protocol.source.place(("consent",))
    asked = minor & (applies >= 0) & (line.values.data * years >= ASSENT_YEARS)
    without = [cell for cell in np.flatnonzero(asked) if not protocol.consent_rules[int(applies[cell])].assent]
    if without:
        name = line.names[int(without[-1])]
        yield finding(
            "TW-P022",
            place,
            f"A minor of {name} is not asked for assent",
            f"The criteria admit people under {MAJORITY_YEARS} years.",
            ways=("assent: true",),
            witness=f"age = {name}",
        )
    if minor.any():
        yield from _renewal(protocol)


def _renewal(protocol: Protocol) -> Iterator[Finding]:
    consent = protocol.file.consent
    again = consent.reconsent_at if consent else None
    place = protocol.source.place(("consent", "reconsent_at"))
    if again is None:
        yield finding(
            "TW-P023",
            place,
            "Minors are not asked again when they come of age",
            "The criteria admit people under 18 years, and the file does not say when they sign for themselves.",
            ways=("reconsent_at: 18 a",),
        )
        return
    try:
        when = read_quantity(again)
    except QuantityError as error:
        yield finding(
            "TW-P023", place, "The age at which consent is renewed cannot be read", f"{error}.", ways=("reconsent_at: 18 a",)
        )
        return
    years = when.amount * 1 if when.unit is None or when.unit.code == "a" else None
    texts = [rule.when.text for rule in protocol.consent_rules if rule.when is not None]
    if years is not None and not any(str(years) in text for text in texts):
        yield finding(
            "TW-P023",
            place,
            f"Consent is renewed at {spelled(again)}, an age that no consent rule names",
            f"The rules say {listed(texts)}.",
        )
