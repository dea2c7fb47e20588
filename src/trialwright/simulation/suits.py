"""Says whether a file of virtual people suits a protocol, before anything is run: what it lacks, what does not fit."""

from __future__ import annotations

from dataclasses import dataclass

from trialwright.protocol.expressions import Expression, Input, Kind, VariableType, read_expression
from trialwright.protocol.study import Protocol
from trialwright.simulation.plan import Plan, rehearsal_plan
from trialwright.simulation.virtual import records as how
from trialwright.simulation.virtual.model import Amount, Choice, Virtual
from trialwright.vocabulary.findings import Finding, Place, Severity
from trialwright.vocabulary.units import UnitError, conversion_factor, parse_unit

FILE = "virtual"


@dataclass(frozen=True, slots=True)
class Expressions:
    """The expressions of a virtual file, typed against a protocol, in the file's order."""

    clarifications: tuple[Expression, ...]
    medication: tuple[Expression, ...]


def suit(protocol: Protocol, virtual: Virtual) -> tuple[tuple[Finding, ...], Expressions]:
    """Return what stands in the way of a rehearsal (errors) or is left out of it (warnings, notes), and the expressions."""
    found = _Findings()
    _check_protocol(protocol, virtual, found)
    _check_sites(protocol, virtual, found)
    _check_names(protocol, virtual, found)
    for name, record in virtual.records.items():
        kind = protocol.scope.variables.get(name)
        if kind is None:
            detail = "It is simulated for nothing."
            found.add("TW-V014", Severity.NOTE, f"records.{name}", f"The protocol has no variable `{name}`", detail)
        else:
            _check_record(name, record, kind, virtual, found)
    _check_lacking(protocol, virtual, found)
    expressions = Expressions(
        tuple(
            one
            for index, clarification in enumerate(virtual.clarifications)
            if (one := _expression(clarification.when, f"clarifications[{index}].when", protocol, found)) is not None
        ),
        tuple(
            one
            for index, course in enumerate(virtual.medication)
            if (one := _expression(course.when, f"medication[{index}].when", protocol, found)) is not None
        ),
    )
    return tuple(found.findings), expressions


class _Findings:
    def __init__(self) -> None:
        self.findings: list[Finding] = []

    def add(self, code: str, severity: Severity, path: str, title: str, detail: str, *ways_out: str) -> None:
        self.findings.append(Finding(code, severity, Place(FILE, path=path), title, detail, ways_out))

    def error(self, code: str, path: str, title: str, detail: str, *ways_out: str) -> None:
        self.add(code, Severity.ERROR, path, title, detail, *ways_out)


def _expression(text: str, path: str, protocol: Protocol, found: _Findings) -> Expression | None:
    expression, findings = read_expression(text, protocol.scope, Place(FILE, path=path), expect=Kind.TRUTH)
    found.findings.extend(findings)
    return expression


def _check_protocol(protocol: Protocol, virtual: Virtual, found: _Findings) -> None:
    if protocol.id != virtual.protocol:
        detail = (
            f"The file is for `{virtual.protocol}`, the protocol is `{protocol.id}`; it is rehearsed as far as the names agree."
        )
        found.add("TW-V014", Severity.WARNING, "protocol", "The people were made for another protocol", detail)
    if protocol.file.randomization is not None or len(protocol.file.arms) > 1:
        detail = "Allocation to arms is not carried out by this version."
        found.error("TW-V015", "protocol", "A trial of several arms cannot be rehearsed yet", detail)
    if protocol.file.escalation is not None:
        detail = "What one cohort is given depends on another's toxicities; this version treats each participant alone."
        found.error("TW-V015", "protocol", "An escalation by cohorts cannot be rehearsed yet", detail)
    _check_dosing(protocol, virtual, found)
    plan: Plan = rehearsal_plan(protocol, virtual)
    if plan.first is None:
        detail = "A visit on day 1 must decide the first dose."
        found.error("TW-V015", "protocol", "No visit gives the first dose", detail, "at: day 1, do: [dose_decision]")
    if protocol.file.sample_size is None and protocol.file.study.enrollment is None:
        found.error("TW-V015", "protocol", "The protocol plans no number of participants", "Nobody would know when to stop.")
    for encounter in plan.unplayed:
        detail = "It hangs on something else than the first dose or the stop of treatment."
        found.add("TW-V016", Severity.WARNING, "protocol", f"The visit `{encounter.id}` is not rehearsed", detail)


def _check_dosing(protocol: Protocol, virtual: Virtual, found: _Findings) -> None:
    if len(protocol.regimens) != 1:
        detail = f"The protocol doses: {', '.join(protocol.regimens) or 'nothing'}. A rehearsal plays exactly one dosing policy."
        found.error("TW-V015", "protocol", "There is not one dosing policy to rehearse", detail)
        return
    drug, regimen = next(iter(protocol.regimens.items()))
    if drug not in virtual.exposure:
        found.error("TW-V012", "exposure", f"Nothing says how {drug} acts", f"`exposure` has no `{drug}`.", f"{drug}: …")
    if regimen.per or regimen.every_days is not None or not _same_unit(regimen.unit_text, "mg/d"):
        detail = (
            f"{drug} is dosed in {regimen.unit_text}{f' by {regimen.per}' if regimen.per else ''}; the people take mg/d, daily."
        )
        found.error("TW-V015", "protocol", "The dose is no daily amount in mg", detail)


def _same_unit(given: str, wanted: str) -> bool:
    try:
        return conversion_factor(parse_unit(given), parse_unit(wanted)) == 1
    except UnitError:
        return False


def _check_names(protocol: Protocol, virtual: Virtual, found: _Findings) -> None:
    """Check the names of the protocol that medication, clarifications and habits use."""
    groups, criteria = protocol.file.medications, {one.id for one in protocol.criteria}
    for index, course in enumerate(virtual.medication):
        if course.group not in groups:
            detail = f"Groups: {', '.join(groups) or 'none'}."
            found.error("TW-V013", f"medication[{index}].group", f"The protocol has no medication group `{course.group}`", detail)
    for index, clarification in enumerate(virtual.clarifications):
        for name in clarification.criteria:
            if name not in criteria:
                detail = f"Criteria: {', '.join(sorted(criteria))}."
                found.error("TW-V013", f"clarifications[{index}].criteria", f"The protocol has no criterion `{name}`", detail)
    for name in virtual.habits.missing:
        if name not in protocol.file.activities:
            detail = "Its values never go missing."
            found.add("TW-V014", Severity.NOTE, f"habits.missing.{name}", f"The protocol has no activity `{name}`", detail)


def _check_sites(protocol: Protocol, virtual: Virtual, found: _Findings) -> None:
    """No simulated result may stand under a real site's name."""
    real = {text.casefold() for site in protocol.file.study.sites for text in (site.id, site.name, site.city) if text}
    for index, name in enumerate(virtual.accrual.sites):
        if name.casefold() in real or "simulated" not in name.casefold():
            detail = "What is simulated must not stand under a real name, and must say that it is simulated."
            found.error(
                "TW-V017",
                f"accrual.sites[{index}]",
                f"`{name}` does not say that it is simulated",
                detail,
                f"Simulated site {index + 1}",
            )


_RECORDS: dict[type, tuple[Kind, ...]] = {
    how.OfMarker: (Kind.QUANTITY,),
    how.Total: (Kind.QUANTITY,),
    how.Share: (Kind.QUANTITY,),
    how.Leftover: (Kind.QUANTITY,),
    how.Several: (Kind.SET,),
    how.Flag: (Kind.FLAG,),
    how.Taken: (Kind.FLAG,),
    how.Grade: (Kind.CODE,),
    how.Clearing: (Kind.CODE,),
    how.Alive: (Kind.CODE,),
    how.OfTrait: (Kind.QUANTITY, Kind.CODE),
}


def _check_record(name: str, record: how.Record, kind: VariableType, virtual: Virtual, found: _Findings) -> None:
    path = f"records.{name}"
    if kind.kind not in _RECORDS[type(record)]:
        found.error("TW-V013", path, f"`{name}` is a {kind.kind.value}", f"A record of kind `{record.kind}` gives none.")
        return
    codes = _codes(record, virtual)
    for code in codes:
        if code not in kind.codes:
            found.error("TW-V013", path, f"`{code}` is no code of `{name}`", f"Codes: {', '.join(kind.codes)}.")
    unit = _unit(record, virtual)
    if unit and kind.unit is not None and not _same_unit(unit, kind.unit.code):
        found.error("TW-V013", path, f"`{name}` is in {kind.unit.code}", f"The file gives it in {unit}.", kind.unit.code)


def _codes(record: how.Record, virtual: Virtual) -> tuple[str, ...]:
    match record:
        case how.OfTrait(trait=trait):
            given = virtual.traits[trait]
            return tuple(code for table in given.tables for code in table) if isinstance(given, Choice) else ()
        case how.Several(chances=chances, by=by):
            return tuple(code for table in how.tables(chances, by) for code in table)
        case how.Grade(at_start=at_start, steps=steps):
            return (at_start, *(step.code for step in steps))
        case how.Clearing(present=present, cleared=cleared):
            return present, cleared
        case how.Alive(yes=yes, no=no):
            return yes, no
        case _:
            return ()


def _unit(record: how.Record, virtual: Virtual) -> str:
    match record:
        case how.OfTrait(trait=trait):
            given = virtual.traits[trait]
            return given.unit if isinstance(given, Amount) else ""
        case how.OfMarker(marker=marker):
            return _marker_unit(marker, virtual)
        case how.Total(of=parts):
            return _marker_unit(parts[0], virtual) if parts else ""
        case how.Share():
            return "%"
        case _:
            return ""


def _marker_unit(marker: str, virtual: Virtual) -> str:
    start = virtual.traits[virtual.markers[marker].start]
    return start.unit if isinstance(start, Amount) else ""


def _check_lacking(protocol: Protocol, virtual: Virtual, found: _Findings) -> None:
    """Name each variable that the protocol reads, or only collects, and that the file says nothing about."""
    read = _read_variables(protocol)
    collected = {name for encounter in protocol.encounters for name in protocol.collected_at(encounter)}
    for name in sorted((read | collected) - virtual.records.keys() - protocol.derivations.keys()):
        if name not in protocol.scope.variables:
            continue
        if name in read:
            detail = f"A rule of the protocol reads {protocol.label(name)}; the file does not say how it comes about."
            found.error("TW-V012", "records", f"Nothing simulates `{name}`", detail, f"{name}: {{kind: …}}")
        else:
            detail = f"A visit collects {protocol.label(name)}; it stays empty in the rehearsal."
            found.add("TW-V016", Severity.WARNING, "records", f"Nothing simulates `{name}`", detail)


def _read_variables(protocol: Protocol) -> set[str]:
    expressions: list[Expression | None] = [criterion.when for criterion in protocol.criteria]
    expressions += [rule.when for rule in protocol.consent_rules]
    expressions += list(protocol.derivations.values())
    for regimen in protocol.regimens.values():
        for rule in regimen.rules:
            expressions += [rule.when, rule.standing, rule.until, *(resumption.when for resumption in rule.resume)]
    for response in protocol.responses.values():
        expressions += [response.not_assessable, *(category.when for category in response.categories)]
    expressions += [state.when for state in protocol.states.values()]
    inputs: set[Input] = {given for one in expressions if one is not None for given in one.inputs}
    return {str(given.variable) for given in inputs if hasattr(given, "variable")}
