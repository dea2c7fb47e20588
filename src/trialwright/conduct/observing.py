"""Carries out visits and observations, and the decisions that the protocol ties to them. Decides by the engine alone."""

from __future__ import annotations

import difflib
import re
from decimal import Decimal, InvalidOperation

from trialwright.conduct import commands as asked
from trialwright.conduct.drafting import Drafting
from trialwright.engine.advice import ENGINE, Advice, advise_from
from trialwright.engine.day_one import day_one
from trialwright.engine.deviations import missed_visit, visit_deviations
from trialwright.engine.gather import Standpoint
from trialwright.engine.policy import Act
from trialwright.engine.response import Assessment, assess_all, reached
from trialwright.events import catalogue as happened
from trialwright.protocol.expressions import Kind, VariableType
from trialwright.vocabulary.dates import DateError, parse_partial_date
from trialwright.vocabulary.units import UnitError, commensurable, parse_unit

UNSCHEDULED = "unscheduled"
_AMOUNT = re.compile(r"\s*\+?(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)\s*(\S.{0,60}?)?\s*")


def record_visit(command: asked.RecordVisit, draft: Drafting) -> None:
    """Record the visit, its observations, and then assessments, derived states and dose advice."""
    person = draft.person(command.participant)
    occurrence = _occurrence(command, draft)
    if any(
        (one.encounter, one.occurrence, one.held) == (command.encounter, occurrence, True) for one in person.visits if occurrence
    ):
        detail = f"{command.encounter} {occurrence} of {person.id} is already recorded."
        draft.refuse("TW-C005", "This visit is already recorded", detail, "Correct a value with CorrectObservation")
    held = happened.EncounterHeld(
        participant=command.participant, on=command.on, encounter=command.encounter, occurrence=occurrence
    )
    deviations = visit_deviations(draft.protocol, person, held)
    sequence = draft.record(held)
    _check_limits(command, draft)
    for variable, value in command.values.items():
        _observe(command, variable, value, draft)
    draft.deviate(command.participant, command.on, deviations, (sequence,))
    _decide(command, draft)


def _occurrence(command: asked.RecordVisit | asked.MissVisit, draft: Drafting) -> int:
    """Return which repeat of its encounter a visit is; refused (TW-C006) where the protocol has no such visit."""
    if command.encounter == UNSCHEDULED and isinstance(command, asked.RecordVisit):
        return 0
    planned = {encounter.id: encounter for encounter in draft.protocol.encounters}
    encounter = planned.get(command.encounter)
    if encounter is None:
        near = difflib.get_close_matches(command.encounter, planned, n=2)
        title = f"The protocol has no visit `{command.encounter}`"
        draft.refuse("TW-C006", title, f"Visits: {', '.join(planned)}.", *near, UNSCHEDULED)
    most = len(encounter.occurrences)
    if command.occurrence < 1 or (encounter.trigger is None and command.occurrence > most):
        title = f"The protocol has no visit `{command.encounter}` {command.occurrence}"
        draft.refuse("TW-C006", title, f"It is planned {most} times, counted from 1.", UNSCHEDULED)
    return command.occurrence


def _check_limits(command: asked.RecordVisit, draft: Drafting) -> None:
    """Limits of normal belong to quantities and go from low to high; those of what was not measured are of no use."""
    for variable, (low, high) in command.limits.items():
        kind = _kind(variable, draft)
        if kind.kind is not Kind.QUANTITY or (low is not None and high is not None and Decimal(low) > Decimal(high)):
            detail = f"`{low} .. {high}` was given for `{variable}`."
            draft.refuse("TW-C008", f"The limits of `{variable}` are no range of a quantity", detail, "0 .. 40")


def _observe(command: asked.RecordVisit, variable: str, value: str | bool | tuple[str, ...], draft: Drafting) -> None:
    kind = _kind(variable, draft)
    clean, unit = _clean(variable, value, kind, draft)
    low, high = command.limits.get(variable, (None, None))
    draft.record(
        happened.ObservationRecorded(
            participant=command.participant,
            on=command.on,
            variable=variable,
            value=clean,
            unit=unit,
            encounter=command.encounter,
            limit_low=low,
            limit_high=high,
        )
    )


def _kind(variable: str, draft: Drafting) -> VariableType:
    kind = draft.protocol.scope.variables.get(variable)
    declared = draft.protocol.file.variables.get(variable)
    if declared is not None and declared.derive:
        detail = f"{variable} is derived: {declared.derive}."
        draft.refuse("TW-C007", f"`{variable}` is not recorded but derived", detail, "Record what it is derived from")
    if kind is None:
        near = difflib.get_close_matches(variable, draft.protocol.file.variables, n=2)
        draft.refuse("TW-C007", f"The protocol has no variable `{variable}`", "Nothing was recorded.", *near)
    return kind


def _clean(
    variable: str, value: str | bool | tuple[str, ...], kind: VariableType, draft: Drafting
) -> tuple[str | bool | tuple[str, ...], str]:
    match kind.kind:
        case Kind.QUANTITY | Kind.DURATION:
            return _quantity(variable, value, kind, draft)
        case Kind.CODE:
            if value not in kind.codes:
                _bad_code(variable, value, kind, draft)
            return value, ""
        case Kind.SET:
            listed = (value,) if isinstance(value, str) and value else value if isinstance(value, tuple) else ()
            for code in listed:
                if code not in kind.codes:
                    _bad_code(variable, code, kind, draft)
            return listed, ""
        case Kind.TEXT:
            if not isinstance(value, str) or not value.strip():
                draft.refuse("TW-C008", f"`{variable}` is a text", f"`{value}` was given.")
            return value, ""
        case Kind.FLAG:
            if not isinstance(value, bool):
                draft.refuse("TW-C008", f"`{variable}` is yes or no", f"`{value}` was given.", "true", "false")
            return value, ""
        case Kind.DATE:
            try:
                parse_partial_date(str(value))
            except DateError as error:
                draft.refuse("TW-C008", f"`{variable}` is a date", f"{error}", "2004-10-01", "2004-10")
            return value, ""
    return value, ""


def _bad_code(variable: str, value: object, kind: VariableType, draft: Drafting) -> None:
    near = difflib.get_close_matches(str(value), kind.codes, n=2)
    draft.refuse("TW-C008", f"`{value}` is no code of `{variable}`", f"Codes: {', '.join(kind.codes)}.", *near)


def _quantity(variable: str, value: str | bool | tuple[str, ...], kind: VariableType, draft: Drafting) -> tuple[str, str]:
    match = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if match is None or kind.unit is None:
        draft.refuse(
            "TW-C008", f"`{variable}` is a number", f"`{value}` was given.", f"4.1 {kind.unit.code if kind.unit else ''}"
        )
    unit = match[2] or kind.unit.code
    try:
        given = parse_unit(unit)
        if not commensurable(given, kind.unit):
            detail = f"`{variable}` is in {kind.unit.code}; {unit} measures something else."
            draft.refuse("TW-C009", f"The unit {unit} does not fit", detail, kind.unit.code)
        amount = Decimal(match[1])
    except UnitError as error:
        draft.refuse("TW-C009", f"`{unit}` is no unit", f"{error.reason}.", *error.suggestions)
    except InvalidOperation:
        draft.refuse("TW-C008", f"`{variable}` is a number", f"`{value}` was given.")
    if given == kind.unit and kind.low is not None and kind.high is not None and not kind.low <= amount <= kind.high:
        detail = f"{amount} {unit} lies outside {kind.low} .. {kind.high}; it is recorded as given."
        draft.warn("TW-C020", f"`{variable}` is implausible", detail, "Check the source document", "CorrectObservation")
    return match[1], kind.unit.code if given == kind.unit else unit


def _decide(command: asked.RecordVisit, draft: Drafting) -> None:
    """Record what the protocol decides at this visit: responses and derived states after study day 1, dose advice."""
    person = draft.person(command.participant)
    if person.enrolled is None:
        return
    at = draft.standpoint(command.participant, command.on)
    assessments = assess_all(at, explained=False)
    first = day_one(draft.protocol, person)
    started = first is not None and command.on > first
    observed = _observed_with_derived(command, draft)
    for name, assessment in assessments.items():
        if started and _reads(name, draft) & observed:
            draft.record(response_event(command, assessment))
    for state in draft.protocol.states.values():
        if started and state.when is not None and {getattr(given, "variable", "") for given in state.when.inputs} & observed:
            record_state(command, state.id, draft)
    if person.stopped is None and "dose" in _collected(command, draft):
        for intervention in draft.protocol.regimens:
            person = draft.person(command.participant)
            seen = Standpoint(at.protocol, person, at.on, at.readings, intervention, current_response=at.current_response)
            advice = advise_from(seen, assessments, explained=False)
            if advice is not None:
                draft.record(advice_event(advice))
                draft.advised[intervention] = (draft.person(command.participant), advice)


def record_state(command: asked.AboutParticipant, state: str, draft: Drafting) -> None:
    """Record a derived state if it is reached on the command's day."""
    compiled = draft.protocol.states[state]
    is_reached, _, behind, digest = reached(compiled, draft.standpoint(command.participant, command.on), explained=False)
    if is_reached:
        draft.record(
            happened.StateReached(
                participant=command.participant,
                on=command.on,
                state=state,
                references=behind,
                inputs_digest=digest,
                engine=ENGINE,
            )
        )


def _observed_with_derived(command: asked.RecordVisit, draft: Drafting) -> frozenset[str]:
    observed = set(command.values)
    for name in draft.protocol.derivations:
        if draft.protocol.measured_for(name) <= observed:
            observed.add(name)
    return frozenset(observed)


def _reads(response: str, draft: Drafting) -> frozenset[str]:
    compiled = draft.protocol.responses[response]
    expressions = [category.when for category in compiled.categories if category.when is not None]
    return frozenset(getattr(given, "variable", "") for one in expressions for given in one.inputs) - {""}


def _collected(command: asked.RecordVisit, draft: Drafting) -> frozenset[str]:
    if command.encounter == UNSCHEDULED:
        return draft.protocol.collected_unscheduled()
    encounter = next(one for one in draft.protocol.encounters if one.id == command.encounter)
    return draft.protocol.collected_at(encounter)


def response_event(command: asked.AboutParticipant, assessment: Assessment) -> happened.ResponseAssessed:
    """Return the fact that a response was assessed."""
    return happened.ResponseAssessed(
        participant=command.participant,
        on=command.on,
        response=assessment.response,
        category=assessment.category,
        assessable=assessment.assessable,
        confirmed=assessment.confirmed,
        references=assessment.references,
        inputs_digest=assessment.inputs_digest,
        engine=ENGINE,
    )


_ACTIONS = {
    Act.START: "start",
    Act.INCREASE: "increase",
    Act.SAME: "same",
    Act.DECREASE: "decrease",
    Act.HOLD: "hold",
    Act.RESUME: "resume",
    Act.STOP: "stop",
    Act.UNDECIDED: "undecided",
}


def advice_event(advice: Advice) -> happened.DoseAdvised:
    """Return the fact that a dose was advised."""
    return happened.DoseAdvised(
        participant=advice.participant,
        on=advice.on,
        intervention=advice.intervention,
        action=_ACTIONS[advice.act],  # type: ignore[arg-type]  # the table holds every action
        dose=f"{advice.dose:f}",
        unit=advice.unit,
        optional=advice.optional,
        rule=advice.rule,
        blocked_by=advice.blocked_by,
        measure=advice.measure,
        through=advice.through,
        references=advice.references,
        inputs_digest=advice.inputs_digest,
        engine=ENGINE,
    )


def miss_visit(command: asked.MissVisit, draft: Drafting) -> None:
    """Record a missed visit, which is a deviation."""
    person = draft.person(command.participant)
    occurrence = _occurrence(command, draft)
    if any((one.encounter, one.occurrence) == (command.encounter, occurrence) for one in person.visits):
        detail = f"{command.encounter} {occurrence} of {person.id} is already recorded."
        draft.refuse("TW-C005", "This visit is already recorded", detail)
    missed = happened.EncounterMissed(
        participant=command.participant,
        on=command.on,
        encounter=command.encounter,
        occurrence=occurrence,
        reason=command.reason,
    )
    sequence = draft.record(missed)
    draft.deviate(command.participant, command.on, missed_visit(missed), (sequence,))


def correct_observation(command: asked.CorrectObservation, draft: Drafting) -> None:
    """Record a correction; decisions that rest on the old value stay as they are and are flagged on reading."""
    person = draft.person(command.participant)
    variable = person.variable_of_entry.get(command.corrects)
    if variable is None:
        detail = f"Entry {command.corrects} is no observation of {person.id}."
        draft.refuse("TW-C012", "There is no such observation to correct", detail, "trialwright log show")
    value, unit = command.value, ""
    if value is not None:
        value, unit = _clean(variable, value, _kind(variable, draft), draft)
    seen = next(one for one in person.observations[variable] if one.entry == command.corrects)
    if (value, unit) == (seen.value, seen.unit if value is not None else ""):
        draft.refuse("TW-C013", "The correction changes nothing", f"{variable} is {value} already.")
    draft.record(
        happened.ObservationCorrected(
            participant=command.participant,
            on=command.on,
            corrects=command.corrects,
            value=value,
            unit=unit,
            reason=command.reason,
        )
    )
