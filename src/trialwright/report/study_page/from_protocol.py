"""What a protocol file adds to its record's page: only nodes that it marks public. Everything else stays where it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from trialwright.protocol.study import CompiledRegimen, Protocol
from trialwright.report.study_page.extras import Assumption, DoseRules, PageExtras
from trialwright.vocabulary.dates import parse_partial_date


def page_extras(protocol: Protocol, today: date) -> PageExtras:
    """Return the additions to the page of a protocol's study; addresses are for the door to fill in.

    ``today`` is the processing date where the file does not say when its record was processed.
    """
    study = protocol.file.study
    plain = study.plain_summary
    return PageExtras(
        processed_on=parse_partial_date(study.record.processed).earliest if study.record else today,
        plain_summary=plain.text if plain else "",
        plain_summary_label=(plain.assumption or "") if plain else "",
        assumptions=tuple(_assumptions(_beyond_the_record(protocol))),
        dosing=tuple(_dosing(protocol)),
    )


def _beyond_the_record(protocol: Protocol) -> dict[str, Any]:
    return {name: part for name, part in protocol.source.data.items() if name != "study"}


def _assumptions(node: Any) -> Iterator[Assumption]:
    if isinstance(node, dict):
        if node.get("public") is True and node.get("assumption"):
            yield Assumption(str(node["assumption"]), str(node.get("source") or ""))
        for part in node.values():
            yield from _assumptions(part)
    elif isinstance(node, list):
        for part in node:
            yield from _assumptions(part)


def _dosing(protocol: Protocol) -> Iterator[DoseRules]:
    for name, regimen in protocol.regimens.items():
        written = protocol.file.dosing[name]
        rules = tuple(_public_rules(protocol, regimen))
        if written.public or rules:
            stated = (("first_dose", written.start), ("levels", written.levels), ("course", written.course or ""))
            facts = tuple((word, value) for word, value in stated if value) if written.public else ()
            title = next((one.name for one in protocol.file.study.interventions if one.id == name), name)
            yield DoseRules(title, facts, rules)


def _public_rules(protocol: Protocol, regimen: CompiledRegimen) -> Iterator[tuple[str, str]]:
    written = protocol.file.dosing[regimen.intervention]
    for rule in written.rules:
        if rule.public:
            condition = f"when {rule.when.strip()}" if rule.when else "otherwise"
            yield rule.text or "", f"{condition}: {rule.then}"
    for guarantee in written.guarantees:
        if guarantee.public:
            said = f"always {guarantee.always}" if guarantee.always else f"never {guarantee.never}"
            yield guarantee.text or "", said
