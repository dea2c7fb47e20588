"""Every kind of event in a plain sentence, and other words of the trial room. Judges nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping

from trialwright.events import AnyEvent
from trialwright.events import catalogue as happened
from trialwright.protocol.study import Protocol

_NUMBERED = re.compile(r"P0*(\d{1,6})")


def called(participant: str, *, enrolled: bool = True) -> str:
    """What a page calls a person: ``P07`` is "Participant 7", or a candidate until enrolled."""
    found = _NUMBERED.fullmatch(participant)
    return f"{'Participant' if enrolled else 'Candidate'} {found[1] if found else participant}"


def in_words(protocol: Protocol, event: AnyEvent) -> str:
    """What happened, in a sentence without the participant and the date."""
    match event:
        case happened.ObservationRecorded() | happened.ObservationCorrected():
            return _observed(protocol, event)
        case happened.DoseAdvised() | happened.DosePrescribed() | happened.DoseAdministered() | happened.TreatmentStopped():
            return _dosed(event)
        case happened.TrialOpened() | happened.AuthorityDelegated() | happened.AmendmentAdopted() | happened.DataLocked():
            return _of_trial(event)
        case happened.InterimLookTaken():
            known = f"{event.responders} responders of {event.known} known, {event.enrolled} of {event.planned} enrolled"
            return f"interim look: {known}; {event.question}: {event.answer}, by simulating the rest"
        case happened.EncounterHeld() | happened.EncounterMissed():
            return _visited(protocol, event)
        case (
            happened.ConsentGiven() | happened.ConsentWithdrawn() | happened.CriterionAttested() | happened.EligibilityClarified()
        ):
            return _admitted(event)
        case _:
            return _followed(protocol, event)


def shown(value: object) -> str:
    """A recorded value as people read it."""
    match value:
        case None:
            return "not observed"
        case bool():
            return "yes" if value else "no"
        case tuple():
            return ", ".join(map(str, value)) or "none"
        case _:
            return str(value)


def unit_in_words(unit: str) -> str:
    """A unit's code as people write it."""
    return {"10*9/L": "×10⁹/L", "umol/L": "µmol/L", "mg/d": "mg/day", "1": ""}.get(unit, unit)


def _observed(protocol: Protocol, event: happened.ObservationRecorded | happened.ObservationCorrected) -> str:
    value = f"{shown(event.value)} {unit_in_words(event.unit)}".strip()
    if isinstance(event, happened.ObservationCorrected):
        return f"entry {event.corrects} corrected to {value}: {event.reason}"
    return f"{protocol.label(event.variable)} {value}"


def _dosed(
    event: happened.DoseAdvised | happened.DosePrescribed | happened.DoseAdministered | happened.TreatmentStopped,
) -> str:
    match event:
        case happened.DoseAdvised():
            may = "may " if event.optional else ""
            return f"the protocol advises: {may}{event.action}, {_dose(event.dose, event.unit)} (rule {event.rule or 'none'})"
        case happened.DosePrescribed():
            return f"prescribed {_dose(event.dose, event.unit)}" + (f": {event.reason}" if event.reason else "")
        case happened.DoseAdministered():
            return f"took {_dose(event.dose, event.unit)}" + (f" until {event.through}" if event.through else "")
        case happened.TreatmentStopped():
            return f"treatment stopped: {event.reason}" + (f" ({event.note})" if event.note else "")


def _dose(dose: str, unit: str) -> str:
    return f"{event_number(dose)} {unit_in_words(unit)}"


def event_number(text: str) -> str:
    """A decimal's text without idle zeros after the point."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def _of_trial(
    event: happened.TrialOpened | happened.AuthorityDelegated | happened.AmendmentAdopted | happened.DataLocked,
) -> str:
    match event:
        case happened.TrialOpened():
            kind = "with simulated participants" if event.simulated else "with real participants"
            return f"the trial “{event.title}” was opened {kind}, at {', '.join(event.sites)}"
        case happened.AuthorityDelegated():
            return f"{event.person} was made {', '.join(event.roles)} at {event.site or 'every site'}"
        case happened.AmendmentAdopted():
            return f"protocol {event.adopted[:12]} replaced {event.previous[:12]}" + (f": {event.reason}" if event.reason else "")
        case happened.DataLocked():
            return f"the data were locked at head {event.head[:12]}"


def _visited(protocol: Protocol, event: happened.EncounterHeld | happened.EncounterMissed) -> str:
    visit = visit_name(protocol, event.encounter, event.occurrence)
    if isinstance(event, happened.EncounterMissed):
        return f"visit missed: {visit}" + (f" ({event.reason})" if event.reason else "")
    return f"visit held: {visit}"


def visit_name(protocol: Protocol, encounter: str, occurrence: int) -> str:
    """A visit as the protocol labels it, with its number where it is one of several."""
    found = next((one for one in protocol.encounters if one.id == encounter), None)
    if found is None:
        return encounter.replace("_", " ").capitalize()
    return f"{found.label} {occurrence}" if len(found.occurrences) > 1 else found.label


def _admitted(
    event: happened.ConsentGiven | happened.ConsentWithdrawn | happened.CriterionAttested | happened.EligibilityClarified,
) -> str:
    match event:
        case happened.ConsentGiven():
            return f"consent signed by {', '.join(event.by)}" + (", with the minor's assent" if event.assent else "")
        case happened.ConsentWithdrawn():
            return f"consent withdrawn ({event.extent})" + (f": {event.reason}" if event.reason else "")
        case happened.CriterionAttested():
            return f"criterion {event.criterion} attested: {'it holds' if event.holds else 'it does not hold'}"
        case happened.EligibilityClarified():
            verdict = "admitted" if event.admit else "not admitted"
            return f"{verdict} by the sponsor's clarification of {', '.join(event.criteria)}: {event.reason}"


def _followed(protocol: Protocol, event: AnyEvent) -> str:
    match event:
        case happened.CandidateRegistered():
            return f"candidate registered at {event.site}"
        case happened.CandidateScreened():
            return f"screened: {event.outcome}"
        case happened.ParticipantEnrolled():
            return "enrolled" + (f" in arm {event.arm}" if event.arm else "")
        case happened.ResponseAssessed():
            return response_in_words(protocol, event.response, event.category, event.assessable, event.confirmed)
        case happened.StateReached():
            state = protocol.states.get(event.state)
            return f"{state.label if state else event.state} reached"
        case happened.AdverseEventReported():
            return f"adverse event: {event.term}, grade {event.grade}{_qualities(event)}"
        case happened.AdverseEventFollowed():
            end = f", resolved on {event.resolved_on}" if event.resolved_on else ""
            return f"adverse event of entry {event.event}: now grade {event.grade}{end}"
        case happened.MedicationStarted():
            return f"medication: {event.name} ({event.group}), {event.change}"
        case happened.MedicationStopped():
            return f"medication of entry {event.medication} stopped"
        case happened.ParticipantDied():
            return "died" + (f": {event.cause}" if event.cause else "")
        case happened.FollowUpEnded():
            return f"follow-up ended: {event.reason}"
        case happened.DeviationNoted():
            return f"deviation: {event.detail}"
        case _:
            return type(event).__name__


def response_in_words(protocol: Protocol, response: str, category: str, assessable: bool, confirmed: bool) -> str:
    """A response's category by its label, or why there is none."""
    known = protocol.responses.get(response)
    label = known.label if known else response
    if not category:
        return f"{label}: {'not known' if assessable else 'not assessable'}"
    categories: Mapping[str, str] = {one.id: one.label for one in known.categories} if known else {}
    return f"{label}: {categories.get(category, category)}" + (", confirmed" if confirmed else "")


def _qualities(event: happened.AdverseEventReported) -> str:
    said = [word for word, holds in (("serious", event.serious), ("related", event.related)) if holds]
    said += [] if event.expected else ["unexpected"]
    return f" ({', '.join(said)})" if said else ""
