"""The demonstration: the seed trial rehearsed with the seed that its people name, as a reader will see it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from tests.simulated_people import AT_400, FEW, ONE, Played, people, played, protocol

from trialwright.conduct.commands import COMMANDS
from trialwright.engine.advice import advise
from trialwright.engine.state import ParticipantState
from trialwright.log import MemoryShelf, verify
from trialwright.protocol import Protocol
from trialwright.simulation import rehearse
from trialwright.vocabulary.dates import study_day

ROOT = Path(__file__).parents[2]
EVENT_OF = {
    "OpenTrial": "TrialOpened", "DelegateAuthority": "AuthorityDelegated", "RegisterCandidate": "CandidateRegistered",
    "RecordConsent": "ConsentGiven", "WithdrawConsent": "ConsentWithdrawn", "AttestCriterion": "CriterionAttested",
    "ClarifyEligibility": "EligibilityClarified", "ScreenCandidate": "CandidateScreened",
    "EnrolParticipant": "ParticipantEnrolled", "RecordVisit": "EncounterHeld", "MissVisit": "EncounterMissed",
    "CorrectObservation": "ObservationCorrected", "PrescribeDose": "DosePrescribed", "RecordDose": "DoseAdministered",
    "StopTreatment": "TreatmentStopped", "ReportAdverseEvent": "AdverseEventReported",
    "FollowAdverseEvent": "AdverseEventFollowed", "StartMedication": "MedicationStarted",
    "StopMedication": "MedicationStopped", "RecordDeath": "ParticipantDied", "EndFollowUp": "FollowUpEnded",
    "NoteDeviation": "DeviationNoted",
}  # fmt: skip


def demonstration() -> Played:
    return played(people().demonstration.seed)


def participant(number: int) -> ParticipantState:
    return demonstration().trial.state.participants[f"P{number:02d}"]


def test_the_planned_number_is_enrolled_and_every_kind_of_command_is_given() -> None:
    rehearsal = demonstration().rehearsal
    assert rehearsal.enrolled == rehearsal.treated == 25
    assert rehearsal.screening_failures == rehearsal.registered - 25 > 0
    assert set(EVENT_OF) == set(COMMANDS) - {"TakeInterimLook"}  # nobody looks ahead in a rehearsal
    assert not set(EVENT_OF.values()) - rehearsal.kinds.keys()


def test_everything_that_a_site_must_cope_with_happens() -> None:
    rehearsal, state = demonstration().rehearsal, demonstration().trial.state
    held = {reason for one in state.participants.values() for dose in one.prescribed for reason in dose.held_by}
    assert {"cytopenia", "organ_toxicity"} <= held
    assert {"visit missed", "visit too late", "dose against advice"} <= rehearsal.deviations.keys()
    changes = {one.change for person in state.participants.values() for one in person.medications}
    assert {"prophylactic", "new", "stable"} <= changes
    assert any(one.summary == "relapse" for person in state.participants.values() for one in person.states)
    blocked = [entry for entry in demonstration().trial.entries if entry.kind == "DoseAdvised" and entry.fields.get("measure")]
    assert blocked


def test_the_log_verifies_and_stands_in_the_order_of_time() -> None:
    entries = list(demonstration().shelf.entries())
    assert not verify(entries).findings
    assert all(one.recorded_at <= other.recorded_at for one, other in pairwise(entries))


def test_nothing_simulated_stands_under_a_real_name() -> None:
    told = json.dumps([entry.fields for entry in demonstration().trial.entries])
    study = protocol().file.study
    real = [study.identifiers.nct, *(site.city for site in study.sites), *(official.name for official in study.officials)]
    assert not [name for name in real if name and name in told]
    state = demonstration().trial.state
    assert state.simulated and state.study == "NILG-HES1-03 rehearsal (simulated)"
    assert all(site.startswith("Simulated site ") for site in state.sites)


def test_a_candidate_aged_15_meets_the_gap_and_is_clarified() -> None:
    candidate = participant(5)
    assert candidate.observations["age"][0].value == "15"
    outcomes = [one.summary for one in candidate.decisions if one.kind == "eligibility"]
    assert outcomes == ["not eligible", "eligible"]
    assert candidate.consents[0].by == ("parents or guardian",) and candidate.consents[0].assent
    assert candidate.attestations[-1].clarifies
    assert demonstration().rehearsal.planted[0].startswith("P05: ")


def test_participant_7_is_raised_to_300_mg_on_a_partial_response() -> None:
    person = participant(7)
    raised = next(one for one in person.prescribed if one.dose == 300)
    advice = advise(protocol(), person, raised.on)
    assert advice is not None
    assert advice.headline == "Advise: may raise to 300 mg/day."
    assert advice.responses["haematological"].category == "partial"
    assert max(one.dose for one in person.prescribed) == 300
    assert [one.change for one in person.medications if one.group == "corticosteroid"] == ["prophylactic"]
    blocked = advise(protocol(), person, next(one.on for one in person.prescribed if one.on > person.prescribed[0].on))
    assert blocked is not None
    assert blocked.responses["haematological"].because.startswith("not assessable")
    assert blocked.headline == "Advise: stay at 100 mg/day; can't raise."
    assert any(one.category == "complete" and one.confirmed and one.on > raised.on for one in person.responses)
    person_held = [one for one in person.prescribed if one.held_by]
    assert not person_held


def violations(study: Protocol, person: ParticipantState) -> list[str]:
    """Where an advice broke a guarantee of the seed, found without the engine's evaluator."""
    found: list[str] = []
    first = person.first_dose_on or date.max
    doses = {one.on: one for one in person.prescribed}
    for decision in (one for one in person.decisions if one.kind == "dose"):
        action, _, amount = decision.summary.partition(" · ")
        dose, day = float(amount.split()[0]), study_day(decision.on, first) if first < date.max else 1
        earlier = [doses[on] for on in sorted(doses) if on < decision.on]
        held = bool(earlier) and earlier[-1].dose == 0
        if dose > 400 or (dose > 0 and day > 84):
            found.append(f"{decision.on}: {decision.summary} on day {day}")
        if action == "increase":
            rises = [later.on for one, later in pairwise([one for one in earlier if one.dose > 0]) if later.dose > one.dose]
            if held or (rises and (decision.on - rises[-1]).days < 7):
                found.append(f"{decision.on}: {decision.summary}, held {held}, rises {rises}")
            for variable in ("anc", "platelets", "bilirubin", "transaminase"):
                seen = [one.on for one in person.observations[variable] if one.on <= decision.on]
                if not seen or (decision.on - seen[-1]).days > 3:
                    found.append(f"{decision.on}: {decision.summary} without {variable}")
    return found


def test_no_advice_of_the_demonstration_breaks_a_guarantee() -> None:
    people_ = demonstration().trial.state.participants.values()
    assert sum(one.kind == "dose" for person in people_ for one in person.decisions) > 200
    assert not [told for person in people_ for told in violations(protocol(), person)]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1020))
def test_no_advice_of_any_rehearsal_breaks_a_guarantee(seed: int) -> None:
    trial = played(seed).trial
    assert not [told for person in trial.state.participants.values() for told in violations(protocol(), person)]
    assert not verify(list(played(seed).shelf.entries())).findings


def test_the_same_seed_gives_the_same_head_whatever_the_environment() -> None:
    script = "from tests.simulated_people import ONE, played\nprint(played(31, ONE).rehearsal.head.digest)\n"
    told = []
    for environment in (
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "LC_ALL": "C"},
        {"PYTHONHASHSEED": "77", "TZ": "America/Lima"},
    ):
        done = subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        )
        told.append(done.stdout.strip())
    assert told == [played(31, ONE).rehearsal.head.digest] * 2


def test_another_seed_gives_another_trial() -> None:
    assert played(31, ONE).rehearsal.head != played(32, ONE).rehearsal.head


def test_starting_at_400_shows_in_the_rehearsal_and_the_people_stay_who_they_are() -> None:
    usual, at_400 = played(12, FEW).trial.state, played(12, FEW, AT_400).trial.state
    for name, person in usual.participants.items():
        other = at_400.participants[name]
        for variable in ("age", "sex", "disease", "wbc", "anc", "prior_therapy"):
            assert person.observations[variable][0].value == other.observations[variable][0].value
    treated = [person for person in usual.participants.values() if person.first_dose_on]
    assert {one.prescribed[0].dose for one in treated} == {100}
    assert {at_400.participants[one.id].prescribed[0].dose for one in treated} == {400}
    assert played(12, FEW).rehearsal.head != played(12, FEW, AT_400).rehearsal.head


def test_progress_is_told_from_nobody_to_everybody() -> None:
    told: list[tuple[int, int]] = []
    rehearse(protocol(ONE), people(), 5, MemoryShelf(), lambda enrolled, planned: told.append((enrolled, planned)))
    assert told[0] == (0, 1) and told[-1] == (1, 1)
