"""Carries out enrolment and dosing: what may be refused (authorisations) and what is always recorded (facts)."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from trialwright.conduct import commands as asked
from trialwright.conduct.drafting import Drafting
from trialwright.engine.advice import ENGINE, Advice
from trialwright.engine.deviations import dose_deviations, override_deviations
from trialwright.engine.dosing_state import OTHERWISE, DosingStanding, dosing_standing, level_of
from trialwright.engine.eligibility import CriterionJudgement, Eligibility, judge_eligibility, lacking_consent
from trialwright.engine.gather import Standpoint, gather
from trialwright.engine.policy import FALSE, TRUE, UNKNOWN
from trialwright.engine.state import Ending, ParticipantState
from trialwright.engine.stopping import looks
from trialwright.events import catalogue as happened
from trialwright.protocol.expressions import DoseOf, Fact, Held, Increase, LevelOf, Values, evaluate, explain, truth
from trialwright.protocol.study import CompiledGuarantee, CompiledRegimen
from trialwright.vocabulary.findings import Finding, Refused, Severity


def screen(command: asked.ScreenCandidate, draft: Drafting) -> None:
    """Judge eligibility and record the verdicts."""
    person = draft.person(command.participant)
    _screened(command, judge_eligibility(draft.protocol, person, command.on), draft)


def _screened(command: asked.AboutParticipant, found: Eligibility, draft: Drafting) -> None:
    verdicts = tuple(happened.CriterionVerdict(criterion=one.criterion.id, verdict=one.verdict) for one in found.judgements)
    draft.record(
        happened.CandidateScreened(
            participant=command.participant,
            on=command.on,
            outcome=found.outcome,
            verdicts=verdicts,
            references=found.references,
            inputs_digest=found.inputs_digest,
            engine=ENGINE,
        )
    )


def enrol(command: asked.EnrolParticipant, draft: Drafting) -> None:
    """Enrol, or refuse: criteria (TW-C030, TW-C031), consent (TW-C035), a full (TW-C032) or stopped trial (TW-C036, TW-C037)."""
    person = draft.person(command.participant)
    if person.enrolled is not None:
        draft.refuse("TW-C033", f"{person.id} is already enrolled", f"Enrolled on {person.enrolled.on}.")
    gone = next((ending for ending in (person.died, person.ended) if ending is not None), None)
    if gone is not None:
        draft.refuse("TW-C033", f"{person.id} takes no part any more", f"Since {gone.on}.")
    found = judge_eligibility(draft.protocol, person, command.on)
    objections = [_objection(one) for one in found.judgements if not one.admits]
    objections += _consent_objections(person, command, draft)
    if objections:
        raise Refused(objections)
    _check_places(draft)
    _check_stopping(command, draft)
    draft.record(happened.ParticipantEnrolled(participant=command.participant, on=command.on, arm=_arm(command, draft)))


def _objection(one: CriterionJudgement) -> Finding:
    return Finding(
        "TW-C030" if one.admits is False else "TW-C031",
        Severity.ERROR,
        one.criterion.place,
        f"{one.criterion.side} {one.criterion.id}: {_barrier(one.verdict, one.criterion.side)}",
        f"“{one.criterion.text}” {one.sentence}.",
        ("Record what is missing",) if one.admits is None else ("ClarifyEligibility, where the criteria leave it open",),
    )


def _consent_objections(person: ParticipantState, command: asked.EnrolParticipant, draft: Drafting) -> list[Finding]:
    lacking = lacking_consent(draft.protocol, person, command.on)
    if not lacking:
        return []
    place = draft.protocol.source.place(("consent", "rules"))
    title = f"The consent of {person.id} is not complete"
    return [Finding("TW-C035", Severity.ERROR, place, title, f"Lacking: {', '.join(lacking)}.", ("RecordConsent",))]


def _barrier(verdict: str, side: str) -> str:
    if verdict in ("unknown", "conflict"):
        return "not yet decided" if verdict == "unknown" else "two sources disagree"
    return "not met" if side == "inclusion" else "applies"


def _check_places(draft: Drafting) -> None:
    size = draft.protocol.file.sample_size
    enrolled = sum(1 for one in draft.state.participants.values() if one.enrolled is not None)
    if size is not None and enrolled >= size.planned:
        detail = f"{enrolled} participants are enrolled; the protocol plans {size.planned}."
        draft.refuse("TW-C032", "The trial is full", detail, "An amendment of the sample size")


def _check_stopping(command: asked.EnrolParticipant, draft: Drafting) -> None:
    """Obey the protocol's monitoring: refuse once a rule stops the trial (TW-C036) or a look awaits its result (TW-C037)."""
    found = looks(draft.protocol, draft.state, command.on)
    for one in sorted(found, key=lambda result: not result.stops):
        place, named = one.monitoring.place, f"monitoring rule `{one.monitoring.id}`"
        if one.stops:
            title, ways = f"The {named} stops the trial", ("An amendment of the rule",)
            raise Refused([Finding("TW-C036", Severity.ERROR, place, title, f"{one.sentence}.", ways)])
        if one.says == "stop":
            draft.warn("TW-C038", f"The {named} advises to stop", f"{one.sentence}. The rule is not binding.")
        elif one.says == "wait" and one.monitoring.waits:
            title, ways = f"The {named} awaits the outcome of {one.look} participants", ("Record the outcomes",)
            raise Refused([Finding("TW-C037", Severity.ERROR, place, title, f"{one.sentence}.", ways)])


def _arm(command: asked.EnrolParticipant, draft: Drafting) -> str:
    arms = draft.protocol.scope.arms
    if draft.protocol.file.randomization is not None:
        detail = "Arms are allocated by randomization, which this version does not carry out."
        draft.refuse("TW-C034", "This trial is randomized", detail)
    if command.arm and command.arm not in arms:
        draft.refuse("TW-C034", f"There is no arm `{command.arm}`", f"Arms: {', '.join(arms)}.")
    if not command.arm and len(arms) > 1:
        draft.refuse("TW-C034", "The arm is not named", f"Arms: {', '.join(arms)}.", *arms)
    return command.arm or (arms[0] if arms else "")


def prescribe(command: asked.PrescribeDose, draft: Drafting) -> None:
    """Record the investigator's decision; refused where it needs a reason (TW-C040) or a guarantee forbids it (TW-C041)."""
    person = draft.person(command.participant)
    regimen = draft.regimen(command.intervention)
    dose = Decimal(command.dose)
    if person.enrolled is None:
        draft.refuse("TW-C042", f"{person.id} is not enrolled", "Nothing can be prescribed before enrolment.", "EnrolParticipant")
    _check_going_on(person, regimen, command, draft)
    advice = draft.advice(command.participant, command.on, regimen.intervention)
    if advice is None:
        detail = f"{person.id} is in the arm {person.arm}, which does not receive {regimen.intervention}."
        draft.refuse("TW-C045", f"The arm receives no {regimen.intervention}", detail)
    _check_guarantees(regimen, dose, draft.standpoint(command.participant, command.on, regimen.intervention))
    followed = dose == advice.dose or (advice.optional and dose == _current(regimen, draft, command))
    if not followed and not command.reason:
        detail = f"{advice.headline} {command.dose} {regimen.unit_text} departs from it."
        draft.refuse("TW-C040", "A prescription against the advice needs a reason", detail, "Give `reason`")
    deviations = () if followed else override_deviations(regimen, person, advice.dose, dose)
    sequence = draft.record(_prescription(command, regimen, dose, advice, draft))
    draft.deviate(command.participant, command.on, deviations, (sequence,))


def _check_going_on(person: ParticipantState, regimen: CompiledRegimen, command: asked.PrescribeDose, draft: Drafting) -> None:
    """Refuse drug that is no level of the protocol (TW-C044), or after what ended treatment for good (TW-C046)."""
    dose = Decimal(command.dose)
    if dose == 0:
        return
    if dose not in regimen.levels and dose <= regimen.levels[-1]:
        listed = ", ".join(f"{level:f}" for level in regimen.levels)
        detail = f"The levels are {listed} {regimen.unit_text}; 0 holds the dose."
        draft.refuse("TW-C044", f"{dose:f} {regimen.unit_text} is no dose level", detail, "An amendment of the levels")
    endings = {
        "treatment stopped": person.stops.get(regimen.intervention),
        "consent was withdrawn": _withdrawn_for_now(person),
        "the participant died": person.died,
        "follow-up ended": person.ended,
    }
    for what, ending in endings.items():
        if ending is not None and ending.on <= command.on:
            detail = f"On {ending.on} {what}; what has ended is not taken up again."
            draft.refuse("TW-C046", f"Treatment of {person.id} has ended", detail)


def _withdrawn_for_now(person: ParticipantState) -> Ending | None:
    """The withdrawal of consent, unless consent was given anew after it."""
    withdrawn = person.withdrawn
    return None if withdrawn is None or any(one.on > withdrawn.on for one in person.consents) else withdrawn


def _current(regimen: CompiledRegimen, draft: Drafting, command: asked.PrescribeDose) -> Decimal:
    standing = dosing_standing(regimen, draft.person(command.participant), command.on)
    on_drug = standing.level_index >= 0 and not standing.on_hold
    return regimen.levels[standing.level_index] if on_drug else Decimal(0)


def _prescription(
    command: asked.PrescribeDose, regimen: CompiledRegimen, dose: Decimal, advice: Advice, draft: Drafting
) -> happened.DosePrescribed:
    person = draft.person(command.participant)
    advised = [one.entry for one in person.decisions if one.kind == "dose" and one.on == command.on]
    return happened.DosePrescribed(
        participant=command.participant,
        on=command.on,
        intervention=regimen.intervention,
        dose=command.dose,
        unit=regimen.unit_text,
        advised=advised[-1] if advised else None,
        reason=command.reason,
        held_by=() if dose > 0 else advice.held_by or (OTHERWISE,),
    )


def _check_guarantees(regimen: CompiledRegimen, dose: Decimal, at: Standpoint) -> None:
    standing = dosing_standing(regimen, at.person, at.on)
    broken = [found for one in regimen.guarantees if (found := _broken(one, regimen, standing, dose, at)) is not None]
    if broken:
        raise Refused(broken)


def _broken(
    guarantee: CompiledGuarantee, regimen: CompiledRegimen, standing: DosingStanding, dose: Decimal, at: Standpoint
) -> Finding | None:
    level = level_of(regimen, dose)
    rises = dose > 0 and standing.level_index >= 0 and dose > regimen.levels[standing.level_index]
    at.increase = rises
    values, facts = gather(guarantee.expression.inputs, at)
    for wanted in guarantee.expression.inputs:
        if getattr(wanted, "name", None) not in (None, regimen.intervention):
            continue
        match wanted:
            case DoseOf():
                values[wanted] = Values.of(float(dose))
                facts[wanted] = Fact(at.on, (), f"{dose:f}")
            case Increase():
                values[wanted] = Values.of(rises)
            case LevelOf():
                values[wanted] = Values.of(float(regimen.levels[level]))
            case Held():
                values[wanted] = Values.of(np.bool_(standing.on_hold))
            case _:
                continue
    verdict = int(truth(evaluate(guarantee.expression, values)))
    broken = FALSE if guarantee.wanted else TRUE
    if verdict != broken and not (rises and verdict == UNKNOWN):
        return None
    why = explain(guarantee.expression, values, facts, at.protocol.scope).sentence
    said = guarantee.text or guarantee.expression.text
    title = f"{dose:f} {regimen.unit_text} breaks the guarantee `{guarantee.id}`"
    return Finding("TW-C041", Severity.ERROR, guarantee.place, title, f"“{said}”: {why}.", ("Prescribe what is advised",))


def record_dose(command: asked.RecordDose, draft: Drafting) -> None:
    """Record what was taken, with every deviation that it is."""
    person = draft.person(command.participant)
    regimen = draft.regimen(command.intervention)
    taken = happened.DoseAdministered(
        participant=command.participant,
        on=command.on,
        intervention=regimen.intervention,
        dose=command.dose,
        unit=regimen.unit_text,
        through=command.through,
    )
    deviations = dose_deviations(regimen, person, taken)
    sequence = draft.record(taken)
    draft.deviate(command.participant, command.on, deviations, (sequence,))


def stop_treatment(command: asked.StopTreatment, draft: Drafting) -> None:
    """Record the end of treatment."""
    person = draft.person(command.participant)
    regimen = draft.regimen(command.intervention)
    stop = person.stops.get(regimen.intervention)
    if stop is not None:
        draft.refuse("TW-C043", f"Treatment of {person.id} has already stopped", f"It stopped on {stop.on}.")
    draft.record(
        happened.TreatmentStopped(
            participant=command.participant,
            on=command.on,
            intervention=regimen.intervention,
            reason=command.reason,
            note=command.note,
        )
    )
