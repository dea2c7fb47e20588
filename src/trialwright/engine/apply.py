"""Folds events into state: ``apply`` one, ``replay`` many. Reads recorded decisions; evaluates no rule, refuses nothing.

Each participant is folded in a draft of lists that never leaves this module; what comes out is frozen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, TypeVar

from trialwright.engine.folding import PersonDraft
from trialwright.engine.state import (
    AdverseEventFact,
    Attestation,
    ConsentFact,
    Decision,
    DeviationFact,
    DoseFact,
    Ending,
    InterimLook,
    MedicationFact,
    Observation,
    Phase,
    ResponseFact,
    TrialState,
    Visit,
)
from trialwright.events import Occurred
from trialwright.events import catalogue as happened
from trialwright.events.catalogue import Event

Fold = Callable[[PersonDraft, Any, int], None]
Kind = TypeVar("Kind", bound=Event)


def replay(occurred: Iterable[Occurred], state: TrialState | None = None) -> TrialState:
    """Fold events, in order, from an empty trial (or from ``state``). The same events always give the same state."""
    state = state or TrialState()
    drafts: dict[str, PersonDraft] = {}
    applied = state.applied
    for fact in occurred:
        event = fact.event
        applied += 1
        fold = FOLDS.get(type(event))
        if fold is None:
            state = _apply_trial(state, fact)
            continue
        who = event.participant  # type: ignore[union-attr]  # FOLDS holds only events of participants
        draft = drafts.get(who)
        if draft is None:
            known = state.participants.get(who)
            draft = drafts[who] = PersonDraft(event) if known is None else PersonDraft.of(known)  # type: ignore[arg-type]  # as above
        fold(draft, event, fact.sequence)
    people = {**state.participants, **{who: draft.frozen() for who, draft in drafts.items()}}
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
        case happened.InterimLookTaken() as event:
            return replace(state, interim_looks=(*state.interim_looks, _looked(event, fact)))
    raise AssertionError(f"not an event of the trial: {fact.event!r}")


def _looked(event: happened.InterimLookTaken, fact: Occurred) -> InterimLook:
    return InterimLook(
        on=event.on,
        endpoint=event.endpoint,
        enrolled=event.enrolled,
        known=event.known,
        responders=event.responders,
        planned=event.planned,
        question=event.question,
        answer=Decimal(event.answer),
        trials=event.trials,
        seed=event.seed,
        virtual=event.virtual,
        protocol=fact.protocol,
        reason=event.reason,
        by=fact.actor,
        recorded_at=fact.recorded_at,
        entry=fact.sequence,
    )


def _registered(person: PersonDraft, event: happened.CandidateRegistered, _: int) -> None:
    if not person.site:
        person.site, person.registered_on = event.site, event.on


def _observed(person: PersonDraft, event: happened.ObservationRecorded, entry: int) -> None:
    seen = Observation(
        event.variable, event.value, event.unit, event.on, event.encounter, (entry,), event.limit_low, event.limit_high
    )
    person.in_order(person.series(event.variable), seen)
    person.variable_of_entry[entry] = event.variable


def _corrected(person: PersonDraft, event: happened.ObservationCorrected, entry: int) -> None:
    variable = person.variable_of_entry.get(event.corrects)
    if variable is None:
        return
    series = person.series(variable)
    for index, one in enumerate(series):
        if one.entry == event.corrects:
            entries, earlier = (*one.entries, entry), (*one.earlier, one.value)
            series[index] = replace(one, value=event.value, unit=event.unit or one.unit, entries=entries, earlier=earlier)
    person.corrected[event.corrects] = entry


def _held(person: PersonDraft, event: happened.EncounterHeld, entry: int) -> None:
    person.in_order(person.visits, Visit(event.encounter, event.occurrence, event.on, True, entry))


def _missed(person: PersonDraft, event: happened.EncounterMissed, entry: int) -> None:
    person.in_order(person.visits, Visit(event.encounter, event.occurrence, event.on, False, entry))


def _advised(person: PersonDraft, event: happened.DoseAdvised, entry: int) -> None:
    summary = f"{event.action} · {event.dose} {event.unit}"
    person.decisions.append(
        Decision(
            "dose", event.on, entry, summary, event.references, event.inputs_digest, event.rule, event.optional, event.blocked_by
        )
    )  # fmt: skip


def _prescribed(person: PersonDraft, event: happened.DosePrescribed, entry: int) -> None:
    dose, held_by, advised, reason = Decimal(event.dose), event.held_by, event.advised, event.reason
    found = DoseFact(event.intervention, event.on, dose, event.unit, entry, None, held_by, advised, reason)
    person.in_order(person.prescribed, found)


def _administered(person: PersonDraft, event: happened.DoseAdministered, entry: int) -> None:
    dose = DoseFact(event.intervention, event.on, Decimal(event.dose), event.unit, entry, event.through)
    person.in_order(person.administered, dose)
    if dose.dose > 0 and event.intervention not in person.stops and person.ended is None:
        person.stopped, person.phase = None, Phase.TREATED


def _stopped(person: PersonDraft, event: happened.TreatmentStopped, entry: int) -> None:
    ending = Ending(event.on, event.reason, entry)
    person.stops.setdefault(event.intervention, ending)
    if person.given() <= person.stops.keys():
        person.stopped = ending
        person.advance(Phase.STOPPED)


def _assessed(person: PersonDraft, event: happened.ResponseAssessed, entry: int) -> None:
    found = ResponseFact(event.response, event.on, event.category, event.assessable, event.confirmed, entry, event.references)
    person.in_order(person.responses, found)
    said = event.category or ("not known" if event.assessable else "not assessable")
    summary = f"{event.response}: {said}"
    person.decisions.append(Decision("response", event.on, entry, summary, event.references, event.inputs_digest, event.response))


def _reached(person: PersonDraft, event: happened.StateReached, entry: int) -> None:
    person.states.append(Decision("state", event.on, entry, event.state, event.references, event.inputs_digest))


def _reported(person: PersonDraft, event: happened.AdverseEventReported, entry: int) -> None:
    person.adverse_events.append(
        AdverseEventFact(
            event.term, event.grade, event.grade, event.serious, event.related, event.expected, event.on, event.aware_on,
            event.resolved_on, entry, (entry,), ((event.on, event.grade),),
        )
    )  # fmt: skip


def _followed(person: PersonDraft, event: happened.AdverseEventFollowed, entry: int) -> None:
    for index, one in enumerate(person.adverse_events):
        if one.entry == event.event:
            person.adverse_events[index] = replace(
                one,
                grade=event.grade,
                worst_grade=max(one.worst_grade, event.grade),
                resolved_on=event.resolved_on,
                entries=(*one.entries, entry),
                course=(*one.course, (event.on, event.grade)),
            )


def _medicated(person: PersonDraft, event: happened.MedicationStarted, entry: int) -> None:
    person.in_order(person.medications, MedicationFact(event.group, event.name, event.change, event.on, None, entry, (entry,)))


def _unmedicated(person: PersonDraft, event: happened.MedicationStopped, entry: int) -> None:
    for index, one in enumerate(person.medications):
        if one.entry == event.medication:
            person.medications[index] = replace(one, stopped_on=event.on, entries=(*one.entries, entry))


def _consented(person: PersonDraft, event: happened.ConsentGiven, entry: int) -> None:
    person.in_order(person.consents, ConsentFact(event.on, event.by, event.assent, entry))


def _withdrew(person: PersonDraft, event: happened.ConsentWithdrawn, entry: int) -> None:
    person.withdrawn = Ending(event.on, event.extent, entry)


def _attested(person: PersonDraft, event: happened.CriterionAttested, entry: int) -> None:
    person.attestations.append(Attestation((event.criterion,), event.holds, event.on, entry, False, event.note))


def _clarified(person: PersonDraft, event: happened.EligibilityClarified, entry: int) -> None:
    person.attestations.append(Attestation(event.criteria, event.admit, event.on, entry, True, event.reason))


_SCREENED = {"eligible": Phase.ELIGIBLE, "not eligible": Phase.NOT_ELIGIBLE, "open": Phase.CANDIDATE}


def _screened(person: PersonDraft, event: happened.CandidateScreened, entry: int) -> None:
    person.advance(_SCREENED[event.outcome])
    person.decisions.append(Decision("eligibility", event.on, entry, event.outcome, event.references, event.inputs_digest))


def _enrolled(person: PersonDraft, event: happened.ParticipantEnrolled, entry: int) -> None:
    person.enrolled, person.arm = Ending(event.on, "enrolled", entry), event.arm
    person.advance(Phase.ENROLLED)


def _died(person: PersonDraft, event: happened.ParticipantDied, entry: int) -> None:
    person.died = Ending(event.on, event.cause, entry)


def _ended(person: PersonDraft, event: happened.FollowUpEnded, entry: int) -> None:
    person.ended = Ending(event.on, event.reason, entry)
    person.advance(Phase.ENDED)


def _deviated(person: PersonDraft, event: happened.DeviationNoted, entry: int) -> None:
    person.deviations.append(DeviationFact(event.deviation, event.detail, event.on, entry, event.refers))


FOLDS: Mapping[type[Event], Fold] = {
    happened.CandidateRegistered: _registered,
    happened.ConsentGiven: _consented,
    happened.ConsentWithdrawn: _withdrew,
    happened.CriterionAttested: _attested,
    happened.EligibilityClarified: _clarified,
    happened.CandidateScreened: _screened,
    happened.ParticipantEnrolled: _enrolled,
    happened.EncounterHeld: _held,
    happened.EncounterMissed: _missed,
    happened.ObservationRecorded: _observed,
    happened.ObservationCorrected: _corrected,
    happened.DoseAdvised: _advised,
    happened.DosePrescribed: _prescribed,
    happened.DoseAdministered: _administered,
    happened.TreatmentStopped: _stopped,
    happened.ResponseAssessed: _assessed,
    happened.StateReached: _reached,
    happened.AdverseEventReported: _reported,
    happened.AdverseEventFollowed: _followed,
    happened.MedicationStarted: _medicated,
    happened.MedicationStopped: _unmedicated,
    happened.ParticipantDied: _died,
    happened.FollowUpEnded: _ended,
    happened.DeviationNoted: _deviated,
}
