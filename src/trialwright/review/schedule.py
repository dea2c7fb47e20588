"""What visits collect against what rules, responses and analyses read. Plans nobody's visits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trialwright.protocol.expressions import (
    AdverseEvents,
    Aggregate,
    Baseline,
    EventCount,
    Expression,
    Input,
    Limit,
    Medication,
    Previous,
    Reading,
    ResponseOf,
)
from trialwright.protocol.study import CompiledEncounter, CompiledRegimen, Protocol
from trialwright.review.drafting import NOTE, finding, listed
from trialwright.vocabulary.findings import Finding

EVENTS, MEDICATION, DOSE = "adverse events", "medication", "dose"


def schedule_findings(protocol: Protocol) -> Iterator[Finding]:
    """Yield what the schedule does not collect; nothing where the file has no schedule."""
    if not protocol.encounters:
        return
    everywhere = _collected_anywhere(protocol)
    for regimen in protocol.regimens.values():
        yield from _never_collected(protocol, regimen, everywhere)
        for encounter in protocol.encounters:
            apart = encounter.arms and regimen.arms and not set(encounter.arms) & set(regimen.arms)
            if DOSE in _raw(protocol, encounter) and not apart:
                yield from _decision(protocol, regimen, encounter, everywhere)
    yield from _analyses(protocol, everywhere)
    yield from _baselines(protocol)


def _raw(protocol: Protocol, encounter: CompiledEncounter) -> set[str]:
    found: set[str] = set()
    for activity in encounter.activities:
        declared = protocol.file.activities.get(activity)
        found |= set(declared.collects) if declared else {activity}
    return found | set(protocol.collected_at(encounter))


def _collected_anywhere(protocol: Protocol) -> set[str]:
    found = set(protocol.collected_unscheduled())
    for encounter in protocol.encounters:
        found |= _raw(protocol, encounter)
    return found


def reads(protocol: Protocol, expressions: Iterable[Expression | None]) -> dict[str, None]:
    """Return what expressions read of the visits: variables, adverse events, medication; responses by their definitions."""
    found: dict[str, None] = {}
    for expression in expressions:
        for given in expression.inputs if expression is not None else ():
            found.update(dict.fromkeys(_read_of(protocol, given)))
    return found


def _read_of(protocol: Protocol, given: Input) -> list[str]:
    match given:
        case Reading(name) | Previous(name) | Limit(_, name) | Aggregate(_, name, _):
            return [name]
        case AdverseEvents() | EventCount():
            return [EVENTS]
        case Medication():
            return [MEDICATION]
        case ResponseOf(name):
            response = protocol.responses[name]
            parts = [response.not_assessable, *(category.when for category in response.categories)]
            return list(reads(protocol, [part for part in parts if part is not None]))
        case _:
            return []


def _label(protocol: Protocol, name: str) -> str:
    return protocol.label(name)


def _rule_reads(protocol: Protocol, regimen: CompiledRegimen) -> dict[str, list[str]]:
    """Return what each rule reads, by what is read."""
    found: dict[str, list[str]] = {}
    for rule in regimen.rules:
        for name in reads(protocol, [rule.when, rule.until, *(clause.when for clause in rule.resume)]):
            found.setdefault(name, []).append(rule.id)
    return found


def _never_collected(protocol: Protocol, regimen: CompiledRegimen, everywhere: set[str]) -> Iterator[Finding]:
    for name, rules in _rule_reads(protocol, regimen).items():
        if name not in everywhere:
            rule = next(one for one in regimen.rules if one.id == rules[0])
            what = _label(protocol, name)
            yield finding(
                "TW-P011",
                rule.place,
                f"No visit collects {what}, which rule `{rule.id}` reads",
                "The rule can never be decided by it.",
                ways=(f"Add {what} to an activity's `collects`",),
            )


def _decision(
    protocol: Protocol, regimen: CompiledRegimen, encounter: CompiledEncounter, everywhere: set[str]
) -> Iterator[Finding]:
    here = _raw(protocol, encounter)
    missing: dict[str, list[str]] = {}
    for name, rules in _rule_reads(protocol, regimen).items():
        if name in everywhere and name not in here and not _still_valid(protocol, name):
            missing.setdefault(_label(protocol, name), []).extend(rules)
    if missing:
        named = dict.fromkeys(rule for each in missing.values() for rule in each)
        first_dose = all(moment.study_day and moment.earliest.count <= 1 for moment in encounter.occurrences)
        yield finding(
            "TW-P010",
            encounter.place,
            f"{encounter.label} decides a dose without {listed(list(missing))}",
            f"Read by {listed([f'`{rule}`' for rule in named])}.",
            ways=(f"Collect it at {encounter.label}",),
            severity=NOTE if first_dose else None,
        )


def _still_valid(protocol: Protocol, name: str) -> bool:
    """Whether an earlier visit's value serves for ever: a variable whose values do not grow old."""
    return name in protocol.scope.variables and name not in protocol.valid_days


def _analyses(protocol: Protocol, everywhere: set[str]) -> Iterator[Finding]:
    for name, endpoint in protocol.file.endpoints.items():
        wanted: dict[str, None] = {}
        for variable in (endpoint.variable, endpoint.with_):
            if variable and variable in protocol.file.variables:
                wanted[variable] = None
        if endpoint.response:
            wanted.update(dict.fromkeys(_read_of(protocol, ResponseOf(endpoint.response))))
        wanted.update(reads(protocol, [protocol.among.get(name)]))
        wanted.update(dict.fromkeys(_baseline_names(protocol, name)))
        lacking = [variable for variable in wanted if variable not in everywhere]
        if lacking:
            what = listed([_label(protocol, variable) for variable in lacking])
            yield finding(
                "TW-P056",
                protocol.source.place(("endpoints", name)),
                f"No visit collects {what}, which `{name}` analyses",
                f"“{endpoint.label}” cannot be computed.",
                ways=(f"Add {what} to an activity's `collects`",),
            )


def _baseline_names(protocol: Protocol, name: str) -> list[str]:
    among = protocol.among.get(name)
    return [given.variable for given in (among.inputs if among else ()) if isinstance(given, Baseline)]


def _baselines(protocol: Protocol) -> Iterator[Finding]:
    """Baselines that are read and not collected by the first dose."""
    before: set[str] = set()
    for encounter in protocol.encounters:
        if any(moment.anchor == protocol.day_1 and moment.days[0] <= 0 for moment in encounter.occurrences):
            before |= _raw(protocol, encounter)
    wanted: dict[str, str] = {}
    expressions = [(f"rule `{rule.id}`", rule.when) for regimen in protocol.regimens.values() for rule in regimen.rules]
    expressions += [(f"rule `{rule.id}`", rule.until) for regimen in protocol.regimens.values() for rule in regimen.rules]
    expressions += [(f"response `{one.id}`", each.when) for one in protocol.responses.values() for each in one.categories]
    expressions += [(f"endpoint `{name}`", among) for name, among in protocol.among.items()]
    for reader, expression in expressions:
        for given in expression.inputs if expression is not None else ():
            if isinstance(given, Baseline) and given.variable not in before:
                wanted.setdefault(given.variable, reader)
    for name, reader in wanted.items():
        yield finding(
            "TW-P071",
            protocol.source.place(("variables", name)),
            f"No visit up to the {protocol.day_1} collects {_label(protocol, name)}",
            f"Its baseline is read by {reader}, and would never be known.",
            ways=("Collect it at screening",),
        )
