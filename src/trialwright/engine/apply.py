"""Folds events into state: ``apply`` one, ``replay`` many. Reads recorded decisions; evaluates no rule, refuses nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from trialwright.engine.state import (
    AdverseEventFact,
    Attestation,
    ConsentFact,
    Decision,
    DeviationFact,
    DoseFact,
    Ending,
    MedicationFact,
    Observation,
    ParticipantState,
    Phase,
    ResponseFact,
    TrialState,
    Visit,
)
from trialwright.events import Occurred
from trialwright.events import catalogue as happened
from trialwright.events.catalogue import ParticipantEvent


def replay(occurred: Iterable[Occurred], state: TrialState | None = None) -> TrialState:
    """Fold events, in order, from an empty trial (or from ``state``). The same events always give the same state."""
    state = state or TrialState()
    people = dict(state.participants)
    applied = state.applied
    for fact in occurred:
        event = fact.event
        applied += 1
        if isinstance(event, ParticipantEvent):
            people[event.participant] = _apply_person(people.get(event.participant), fact)
        else:
            state = _apply_trial(state, fact)
    return replace(state, participants=people, applied=applied)


def apply(state: TrialState, fact: Occurred) -> TrialState:
    """Return the state after one more event."""
    return replay((fact,), state)


def _apply_trial(state: TrialState, fact: Occurred) -> TrialState:
    match fact.event:
        case happened.TrialOpened() as event:
            return replace(
                state,
                study=event.study,
                title=event.title,
                simulated=event.simulated,
                seed=event.seed,
                sites=event.sites,
                opened_on=event.on,
            )
        case happened.AuthorityDelegated() as event:
            given = (*state.roles.get(event.person, ()), *((role, event.site) for role in event.roles))
            return replace(state, roles={**state.roles, event.person: given})
        case happened.AmendmentAdopted() as event:
            return replace(state, amendments=(*state.amendments, (event.on, event.previous, event.adopted)))
        case happened.DataLocked() as event:
            return replace(state, locked_head=event.head)
    raise AssertionError(f"not an event of the trial: {fact.event!r}")


def _apply_person(person: ParticipantState | None, fact: Occurred) -> ParticipantState:
    event = fact.event
    assert isinstance(event, ParticipantEvent)
    if isinstance(event, happened.CandidateRegistered):
        return ParticipantState(event.participant, event.site, event.on) if person is None else person
    if person is None:
        person = ParticipantState(event.participant, "", event.on)
    return _apply_to(person, fact)


def _apply_to(person: ParticipantState, fact: Occurred) -> ParticipantState:
    match fact.event:
        case happened.ObservationRecorded() as event:
            return _observed(person, event, fact.sequence)
        case happened.ObservationCorrected() as event:
            return _corrected(person, event, fact.sequence)
        case happened.EncounterHeld() as event:
            visit = Visit(event.encounter, event.occurrence, event.on, True, fact.sequence)
            return replace(person, visits=(*person.visits, visit))
        case happened.EncounterMissed() as event:
            visit = Visit(event.encounter, event.occurrence, event.on, False, fact.sequence)
            return replace(person, visits=(*person.visits, visit))
        case (
            happened.DoseAdvised()
            | happened.DosePrescribed()
            | happened.DoseAdministered()
            | happened.TreatmentStopped()
            | happened.ResponseAssessed()
            | happened.StateReached()
        ):
            return _apply_treatment(person, fact)
        case (
            happened.AdverseEventReported()
            | happened.AdverseEventFollowed()
            | happened.MedicationStarted()
            | happened.MedicationStopped()
        ):
            return _apply_safety(person, fact)
        case _:
            return _apply_course(person, fact)


def _observed(person: ParticipantState, event: happened.ObservationRecorded, sequence: int) -> ParticipantState:
    seen = Observation(
        event.variable, event.value, event.unit, event.on, event.encounter, (sequence,), event.limit_low, event.limit_high
    )
    series = (*person.observations.get(event.variable, ()), seen)
    if len(series) > 1 and series[-2].on > seen.on:
        series = tuple(sorted(series, key=lambda one: (one.on, one.entry)))
    return replace(
        person,
        observations={**person.observations, event.variable: series},
        variable_of_entry={**person.variable_of_entry, sequence: event.variable},
    )


def _corrected(person: ParticipantState, event: happened.ObservationCorrected, sequence: int) -> ParticipantState:
    variable = person.variable_of_entry.get(event.corrects)
    if variable is None:
        return person
    series = tuple(
        replace(
            one,
            value=event.value,
            unit=event.unit or one.unit,
            entries=(*one.entries, sequence),
            earlier=(*one.earlier, one.value),
        )
        if one.entry == event.corrects
        else one
        for one in person.observations[variable]
    )
    return replace(
        person,
        observations={**person.observations, variable: series},
        corrected={**person.corrected, event.corrects: sequence},
    )


def _apply_treatment(person: ParticipantState, fact: Occurred) -> ParticipantState:
    entry = fact.sequence
    match fact.event:
        case happened.DoseAdvised() as event:
            summary = f"{event.action} · {event.dose} {event.unit}"
            decision = Decision(
                "dose",
                event.on,
                entry,
                summary,
                event.references,
                event.inputs_digest,
                event.rule,
                event.optional,
                event.blocked_by,
            )
            return replace(person, decisions=(*person.decisions, decision))
        case happened.DosePrescribed() as event:
            dose = DoseFact(
                event.intervention,
                event.on,
                Decimal(event.dose),
                event.unit,
                entry,
                held_by=event.held_by,
                advised=event.advised,
                reason=event.reason,
            )
            return replace(person, prescribed=(*person.prescribed, dose))
        case happened.DoseAdministered() as event:
            dose = DoseFact(event.intervention, event.on, Decimal(event.dose), event.unit, entry, event.through)
            phase = Phase.TREATED if dose.dose > 0 and person.stopped is None else person.phase
            return replace(person, administered=(*person.administered, dose), phase=phase)
        case happened.TreatmentStopped() as event:
            return replace(person, stopped=Ending(event.on, event.reason, entry), phase=Phase.STOPPED)
        case happened.ResponseAssessed() as event:
            return _assessed(person, event, entry)
        case happened.StateReached() as event:
            decision = Decision("state", event.on, entry, event.state, event.references, event.inputs_digest)
            return replace(person, states=(*person.states, decision))
    raise AssertionError(f"not a fact about treatment: {fact.event!r}")


def _assessed(person: ParticipantState, event: happened.ResponseAssessed, entry: int) -> ParticipantState:
    found = ResponseFact(event.response, event.on, event.category, event.assessable, event.confirmed, entry, event.references)
    summary = f"{event.response}: {event.category or 'not assessable' if not event.assessable else event.category or 'not known'}"
    decision = Decision("response", event.on, entry, summary, event.references, event.inputs_digest, event.response)
    return replace(person, responses=(*person.responses, found), decisions=(*person.decisions, decision))


def _apply_safety(person: ParticipantState, fact: Occurred) -> ParticipantState:
    entry = fact.sequence
    match fact.event:
        case happened.AdverseEventReported() as event:
            reported = AdverseEventFact(
                event.term,
                event.grade,
                event.grade,
                event.serious,
                event.related,
                event.expected,
                event.on,
                event.aware_on,
                event.resolved_on,
                entry,
                (entry,),
            )
            return replace(person, adverse_events=(*person.adverse_events, reported))
        case happened.AdverseEventFollowed() as event:
            return replace(person, adverse_events=tuple(_followed(one, event, entry) for one in person.adverse_events))
        case happened.MedicationStarted() as event:
            taken = MedicationFact(event.group, event.name, event.change, event.on, None, entry, (entry,))
            return replace(person, medications=(*person.medications, taken))
        case happened.MedicationStopped() as event:
            medications = tuple(
                replace(one, stopped_on=event.on, entries=(*one.entries, entry)) if one.entry == event.medication else one
                for one in person.medications
            )
            return replace(person, medications=medications)
    raise AssertionError(f"not a fact about safety: {fact.event!r}")


def _followed(one: AdverseEventFact, event: happened.AdverseEventFollowed, entry: int) -> AdverseEventFact:
    if one.entry != event.event:
        return one
    return replace(
        one,
        grade=event.grade,
        worst_grade=max(one.worst_grade, event.grade),
        resolved_on=event.resolved_on,
        entries=(*one.entries, entry),
    )


def _apply_course(person: ParticipantState, fact: Occurred) -> ParticipantState:
    entry = fact.sequence
    match fact.event:
        case happened.ConsentGiven() as event:
            return replace(person, consents=(*person.consents, ConsentFact(event.on, event.by, event.assent, entry)))
        case happened.ConsentWithdrawn() as event:
            return replace(person, withdrawn=Ending(event.on, event.extent, entry))
        case happened.CriterionAttested() as event:
            said = Attestation((event.criterion,), event.holds, event.on, entry, False, event.note)
            return replace(person, attestations=(*person.attestations, said))
        case happened.EligibilityClarified() as event:
            said = Attestation(event.criteria, event.admit, event.on, entry, True, event.reason)
            return replace(person, attestations=(*person.attestations, said))
        case happened.CandidateScreened() as event:
            phases = {"eligible": Phase.ELIGIBLE, "not eligible": Phase.NOT_ELIGIBLE, "open": Phase.CANDIDATE}
            decision = Decision("eligibility", event.on, entry, event.outcome, event.references, event.inputs_digest)
            return replace(person, phase=phases[event.outcome], decisions=(*person.decisions, decision))
        case happened.ParticipantEnrolled() as event:
            ending = Ending(event.on, "enrolled", entry)
            return replace(person, enrolled=ending, arm=event.arm, phase=Phase.ENROLLED)
        case happened.ParticipantDied() as event:
            return replace(person, died=Ending(event.on, event.cause, entry))
        case happened.FollowUpEnded() as event:
            return replace(person, ended=Ending(event.on, event.reason, entry), phase=Phase.ENDED)
        case happened.DeviationNoted() as event:
            noted = DeviationFact(event.deviation, event.detail, event.on, entry, event.refers)
            return replace(person, deviations=(*person.deviations, noted))
    raise AssertionError(f"not a fact about a participant: {fact.event!r}")
