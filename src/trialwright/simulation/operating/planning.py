"""Puts a protocol and a file of operating characteristics together into a design; what does not fit becomes findings.

Everything is found before the first trial is played. Numbers are ``parameters``' part.
"""

from __future__ import annotations

from collections.abc import Iterable

from trialwright.protocol import expressions as asked
from trialwright.protocol.expressions import Kind
from trialwright.protocol.study import CompiledRegimen, CompiledResponse, Protocol
from trialwright.simulation.operating import file as given
from trialwright.simulation.operating import reads
from trialwright.simulation.operating.checks import Found, check_codes, check_names, check_protocol
from trialwright.simulation.operating.design import Chances, Design, EventPlan, ResponsePlan, TraitPlan, VariablePlan
from trialwright.simulation.operating.endpoints import with_goal
from trialwright.simulation.operating.file import DOSE, RESPONSE, Operating
from trialwright.simulation.operating.visits import planned_visits
from trialwright.vocabulary.findings import Finding


def plan(protocol: Protocol, operating: Operating, found: Found) -> Design | None:
    """Return the design; None where a finding stops it (``found`` collects them all)."""
    regimen = check_protocol(protocol, operating, found)
    if regimen is None:
        return None
    decides = needed_variables(protocol, regimen, reads.inputs_of(reads.rule_expressions(regimen)))
    protocol, goal = with_goal(protocol, operating, regimen, decides)
    responses = reads.responses_read(protocol, regimen, goal.response if goal else "")
    inputs = reads.all_read(protocol, regimen, responses)
    needed = needed_variables(protocol, regimen, inputs)
    arm = operating.arm or next(iter(protocol.scope.arms), "")
    visits = planned_visits(protocol, regimen, needed, arm)
    check_names(protocol, operating, found)
    _check_reads(protocol, operating, regimen, responses, inputs, found)
    if not visits.on:
        detail = f"A visit on day {regimen.start_day} must decide the first dose."
        found.error("TW-V022", "protocol", "No visit gives the first dose", detail)
    if any(one.stops for one in found.findings) or not visits.on:
        return None
    traits = _traits(operating)
    gaps = [later.day - earlier.day for earlier, later in zip(visits.on, visits.on[1:], strict=False)]
    distinct = tuple(dict.fromkeys(gaps)) or (7,)
    design = Design(
        protocol=protocol,
        arm=arm,
        regimen=regimen,
        visits=visits,
        gaps=distinct,
        gap_of=(0, *(distinct.index(gap) for gap in gaps)),
        traits=traits,
        variables=tuple(_variable(protocol, operating, name, traits) for name in _recorded(protocol, needed)),
        derived=tuple(name for name in protocol.derivations if name in needed),
        responses=responses,
        goal=goal,
        response=_response(operating, traits),
        events=tuple(_event(protocol, name, one, traits) for name, one in operating.events.items()),
        chances=Chances(*(_chance(one, traits) for one in (operating.leaves, operating.missed, operating.declines))),
        limits={name: _trait_index(one.by, traits) for name, one in operating.limits.items()},
        inputs=inputs,
        sites=tuple(operating.accrual.sites) if operating.accrual else (),
    )
    check_codes(design, operating, found)
    return None if any(one.stops for one in found.findings) else design


def needed_variables(protocol: Protocol, regimen: CompiledRegimen, inputs: Iterable[asked.Input]) -> frozenset[str]:
    """Every variable that something which decides reads, with what derived ones are derived from."""
    wanted = set(reads.variables_of(inputs))
    if any(isinstance(one, asked.HoldInputs) for one in inputs):
        for rule in regimen.rules:
            if rule.action.kind == "hold" and rule.when is not None:
                wanted |= {one.variable for one in rule.when.inputs if isinstance(one, asked.Reading)}
    return reads.behind(protocol, wanted)


def _recorded(protocol: Protocol, needed: frozenset[str]) -> list[str]:
    return [name for name in protocol.scope.variables if name in needed and name not in protocol.derivations]


def _check_reads(
    protocol: Protocol,
    operating: Operating,
    regimen: CompiledRegimen,
    responses: tuple[CompiledResponse, ...],
    inputs: frozenset[asked.Input],
    found: Found,
) -> None:
    for name in _recorded(protocol, needed_variables(protocol, regimen, inputs)):
        if name not in operating.records:
            detail = f"{_reader(protocol, regimen, responses, name)} reads {protocol.label(name)}."
            way = f"{name}: {{kind: fixed, value: …, assumption: …}}"
            found.error("TW-V012", "records", f"Nothing says how `{name}` comes about", detail, way)
    for one in inputs:
        if isinstance(one, asked.Limit) and one.which == "uln" and one.variable not in operating.limits:
            detail = f"A rule compares {protocol.label(one.variable)} with the laboratory's limit of normal."
            found.error("TW-V012", "limits", f"`limits` has no `{one.variable}`", detail, f"{one.variable}: …")
    reads_events = any(isinstance(one, asked.AdverseEvents | asked.EventCount) for one in inputs)
    if reads_events and "events" not in operating.model_fields_set:
        detail = "A rule reads adverse events; say which befall people, or that none do."
        found.error("TW-V012", "events", "Nothing says which adverse events there are", detail, "events: {}")
    for wanted in (*reads.unanswered(inputs), *reads.elsewhere(inputs, protocol, regimen)):
        detail = "It hangs on the calendar, or on something that is not played here. A rehearsal can answer it."
        found.error("TW-V021", "protocol", f"No simulated participant can answer `{asked.input_text(wanted)}`", detail)
    for name in reads.circular(responses):
        found.error("TW-V023", "protocol", f"The response `{name}` is defined by itself", "It would never be decided.")


def _reader(protocol: Protocol, regimen: CompiledRegimen, responses: tuple[CompiledResponse, ...], name: str) -> str:
    """Name one rule or response that reads a variable, directly or through a derived one."""
    wanted = {name, *(derived for derived, one in protocol.derivations.items() if name in reads.variables_of(one.inputs))}
    for rule in regimen.rules:
        own = [one for one in (rule.when, rule.until) if one is not None] + [one.when for one in rule.resume if one.when]
        if wanted & reads.variables_of(reads.inputs_of(own)):
            return f"The rule `{rule.id}`"
    for response in responses:
        if wanted & reads.variables_of(reads.inputs_of(reads.response_expressions(response))):
            return f"The response `{response.id}`"
    return "Something that decides"


def _traits(operating: Operating) -> tuple[TraitPlan, ...]:
    names = list(operating.traits)
    found = []
    for name, one in operating.traits.items():
        codes = tuple(dict.fromkeys(code for table in one.tables for code in table))
        found.append(TraitPlan(name, codes, names.index(one.by) if one.by else -1))
    return tuple(found)


def _trait_index(by: Iterable[str], traits: tuple[TraitPlan, ...]) -> int:
    """The index of the one trait that a table is by; -1 where it is by none."""
    names = [trait.name for trait in traits]
    return next((names.index(name) for name in by if name not in (DOSE, RESPONSE)), -1)


def _chance(rate: given.Rate | None, traits: tuple[TraitPlan, ...]) -> int | None:
    return None if rate is None else _trait_index(rate.by, traits)


def _response(operating: Operating, traits: tuple[TraitPlan, ...]) -> ResponsePlan | None:
    own = operating.response
    if own is None:
        return None
    lost = _trait_index(own.lost.by, traits) if own.lost is not None else -1
    return ResponsePlan(own.of, own.category, _trait_index(own.by, traits), own.lost is not None, lost)


def _event(protocol: Protocol, name: str, event: given.Event, traits: tuple[TraitPlan, ...]) -> EventPlan:
    declared = protocol.file.adverse_events
    special = declared.special_interest if declared is not None else {}
    term = event.term.casefold()
    groups = frozenset(group for group, one in special.items() if term in {each.casefold() for each in one.terms})
    grades = tuple(sorted((int(grade) for grade in event.grades), reverse=True))
    trait = _trait_index(event.by, traits)
    return EventPlan(name, event.term, grades, event.lasts_days, event.related, event.expected, event.serious_from, groups, trait)


def _variable(protocol: Protocol, operating: Operating, name: str, traits: tuple[TraitPlan, ...]) -> VariablePlan:
    record, kind, declared = operating.records[name], protocol.scope.variables[name], protocol.file.variables[name]
    precision = declared.precision.as_integer_ratio() if declared.precision is not None else None
    completed = declared.rounding == "completed"
    if kind.kind not in (Kind.QUANTITY, Kind.DURATION):
        precision, completed = None, False
    elif completed and precision is None:
        precision = (1, 1)
    missing = record.missing > 0
    match record:
        case given.Fixed():
            trait = _trait_index(record.by, traits)
            return VariablePlan(name, kind, "finite", trait, RESPONSE in record.by, missing, False, False, precision, completed)
        case given.OfTrait():
            trait = _trait_index((record.trait,), traits)
            return VariablePlan(name, kind, "finite", trait, False, missing, False, False, precision, completed)
        case given.Amount():
            trait, noisy, by_dose = _trait_index(record.by, traits), record.noise > 0, bool(record.at_dose)
            return VariablePlan(name, kind, "amount", trait, False, missing, noisy, by_dose, precision, completed)
        case given.Flag():
            return VariablePlan(name, kind, "flag", -1, False, missing, True, False, None, False)


def stopping(findings: Iterable[Finding]) -> bool:
    """Whether any finding stops a run."""
    return any(one.stops for one in findings)
