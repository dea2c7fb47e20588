"""Carries out the plain facts: consent, attestations, adverse events, medication, endings. Each is recorded as it is told."""

from __future__ import annotations

from trialwright.conduct import commands as asked
from trialwright.conduct.drafting import Drafting
from trialwright.conduct.observing import record_state
from trialwright.engine.deviations import late_report
from trialwright.engine.gather import gather
from trialwright.engine.policy import TRUE
from trialwright.events import AnyEvent
from trialwright.events import catalogue as happened
from trialwright.protocol.expressions import AdverseEvents, EventCount, evaluate, truth


def open_trial(command: asked.OpenTrial, draft: Drafting) -> None:
    """Begin the log; refused where it has begun (TW-C050)."""
    if draft.state.opened_on is not None:
        draft.refuse("TW-C050", "This log has already begun", f"It was opened on {draft.state.opened_on}.")
    draft.record(
        happened.TrialOpened(
            study=command.study,
            title=command.title,
            simulated=command.simulated,
            sites=command.sites,
            seed=command.seed,
            on=command.on,
        )
    )


def delegate(command: asked.DelegateAuthority, draft: Drafting) -> None:
    """Record a delegation at a site of the trial."""
    _known_site(command.site, draft)
    draft.record(happened.AuthorityDelegated(person=command.person, roles=command.roles, site=command.site, on=command.on))


def _known_site(site: str, draft: Drafting) -> None:
    if site and draft.state.sites and site not in draft.state.sites:
        draft.refuse("TW-C051", f"The trial has no site `{site}`", f"Sites: {', '.join(draft.state.sites)}.")


def register(command: asked.RegisterCandidate, draft: Drafting) -> None:
    """Register a candidate once."""
    _known_site(command.site, draft)
    if command.participant in draft.state.participants:
        draft.refuse("TW-C052", f"{command.participant} is already registered", "Pseudonyms are unique in a trial.")
    draft.record(happened.CandidateRegistered(participant=command.participant, on=command.on, site=command.site))


def clarify(command: asked.ClarifyEligibility, draft: Drafting) -> None:
    """Record a clarification of criteria that the protocol has (TW-C053 otherwise)."""
    _known_criteria(command.criteria, draft)
    _say(command, happened.EligibilityClarified, draft)


def attest(command: asked.AttestCriterion, draft: Drafting) -> None:
    """Record an attestation of a criterion that the protocol has, by the role that it names."""
    _known_criteria((command.criterion,), draft)
    criterion = next(one for one in draft.protocol.criteria if one.id == command.criterion)
    if draft.actor.role != criterion.by:
        detail = f"{criterion.id} is attested by the {criterion.by}; {draft.actor.id} acts as {draft.actor.role}."
        draft.refuse("TW-C054", f"{criterion.id} is not for this role to attest", detail)
    _say(command, happened.CriterionAttested, draft)


def _known_criteria(names: tuple[str, ...], draft: Drafting) -> None:
    known = [one.id for one in draft.protocol.criteria]
    for name in names:
        if name not in known:
            draft.refuse("TW-C053", f"There is no criterion `{name}`", f"Criteria: {', '.join(known)}.")


def _say(command: asked.AboutParticipant, event: type[AnyEvent], draft: Drafting) -> int:
    """Record a fact that has the same fields as its command."""
    draft.person(command.participant)
    return draft.record(event.model_validate(command.model_dump()))


def report_adverse_event(command: asked.ReportAdverseEvent, draft: Drafting) -> None:
    """Record an adverse event, a deviation where it comes after its reporting clock, and any state that it means."""
    sequence = _say(command, happened.AdverseEventReported, draft)
    event = draft.events[-1]
    assert isinstance(event, happened.AdverseEventReported)
    hours = _strictest_clock(command, draft)
    if hours is not None:
        reported_on = draft.at.date()
        draft.deviate(command.participant, command.on, late_report(event, reported_on, hours), (sequence,))
    for state in draft.protocol.states.values():
        if state.when is not None and any(isinstance(one, AdverseEvents | EventCount) for one in state.when.inputs):
            record_state(command, state.id, draft)


def _strictest_clock(command: asked.ReportAdverseEvent, draft: Drafting) -> int | None:
    """Return the hours of the strictest clock that this event alone starts."""
    person = draft.person(command.participant)
    alone = draft.standpoint(command.participant, max(command.on, command.aware_on))
    alone.person = type(person)(person.id, person.site, person.registered_on, adverse_events=person.adverse_events[-1:])
    hours = []
    for clock in draft.protocol.clocks:
        values, _ = gather(clock.when.inputs, alone)
        if int(truth(evaluate(clock.when, values))) == TRUE:
            hours.append(clock.within_hours)
    return min(hours, default=None)


def follow_adverse_event(command: asked.FollowAdverseEvent, draft: Drafting) -> None:
    """Record news of an adverse event of the same participant (TW-C055 otherwise)."""
    person = draft.person(command.participant)
    if command.event not in {one.entry for one in person.adverse_events}:
        draft.refuse("TW-C055", f"Entry {command.event} reports no adverse event", f"Nothing of {person.id} stands there.")
    _say(command, happened.AdverseEventFollowed, draft)


def start_medication(command: asked.StartMedication, draft: Drafting) -> None:
    """Record medication of a group that the protocol names, and any derived state that its start means."""
    groups = draft.protocol.file.medications
    if command.group not in groups:
        draft.refuse("TW-C056", f"The protocol names no medication group `{command.group}`", f"Groups: {', '.join(groups)}.")
    _say(command, happened.MedicationStarted, draft)
    for state in draft.protocol.states.values():
        if state.or_medication == command.group:
            record_state(command, state.id, draft)


def stop_medication(command: asked.StopMedication, draft: Drafting) -> None:
    """Record the end of a medication of the same participant (TW-C055 otherwise)."""
    person = draft.person(command.participant)
    if command.medication not in {one.entry for one in person.medications}:
        draft.refuse("TW-C055", f"Entry {command.medication} starts no medication", f"Nothing of {person.id} stands there.")
    _say(command, happened.MedicationStopped, draft)


def consent(command: asked.RecordConsent, draft: Drafting) -> None:
    """Record consent; a signer whom no consent rule names is pointed out (TW-C021), since they complete nothing."""
    wanted = {by for rule in draft.protocol.consent_rules for by in rule.by}
    strangers = [by for by in command.by if wanted and by not in wanted]
    if strangers:
        detail = f"The protocol asks for consent by: {', '.join(sorted(wanted))}."
        draft.warn("TW-C021", f"No consent rule names `{strangers[0]}`", detail, *sorted(wanted))
    _say(command, happened.ConsentGiven, draft)


def withdraw(command: asked.WithdrawConsent, draft: Drafting) -> None:
    """Record the withdrawal of consent."""
    _say(command, happened.ConsentWithdrawn, draft)


def die(command: asked.RecordDeath, draft: Drafting) -> None:
    """Record a death."""
    _say(command, happened.ParticipantDied, draft)


def end_follow_up(command: asked.EndFollowUp, draft: Drafting) -> None:
    """Record the end of follow-up."""
    _say(command, happened.FollowUpEnded, draft)


def note_deviation(command: asked.NoteDeviation, draft: Drafting) -> None:
    """Record a deviation that a person saw, with earlier entries that show it (TW-C055 otherwise)."""
    if any(not 0 <= entry < draft.next_sequence for entry in command.refers):
        draft.refuse("TW-C055", "An entry that the deviation refers to does not exist", f"Entries: {command.refers}.")
    _say(command, happened.DeviationNoted, draft)


def look_ahead(command: asked.TakeInterimLook, draft: Drafting) -> None:
    """Record an interim look at an endpoint of the protocol; counts that contradict each other are refused (TW-V046)."""
    endpoints = draft.protocol.file.endpoints
    if command.endpoint not in endpoints:
        detail = f"Endpoints: {', '.join(endpoints)}."
        draft.refuse("TW-V046", f"The protocol has no endpoint `{command.endpoint}`", detail)
    if not command.responders <= command.known <= command.enrolled or not 0 <= float(command.answer) <= 1:
        detail = (
            f"{command.responders} responders of {command.known} known, {command.enrolled} enrolled; answer {command.answer}."
        )
        draft.refuse("TW-V046", "The look contradicts itself", detail)
    draft.record(happened.InterimLookTaken.model_validate(command.model_dump()))
