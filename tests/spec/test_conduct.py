"""What may be refused and what is always recorded: authorisations, facts with their deviations, corrections, retries."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.tiny_protocol import DOCTOR, LIMITS, SPONSOR, TINY, Script, at_noon, bloods, edited, on_day, tiny

from trialwright.conduct import Actor, Refused, Trial
from trialwright.conduct import commands as asked
from trialwright.conduct.home import TrialFolder, trial_folder
from trialwright.engine.advice import advise
from trialwright.engine.policy import Act
from trialwright.engine.state import Phase, changed_decisions
from trialwright.log import JsonLinesShelf, MemoryShelf, seeded_salts, verify
from trialwright.vocabulary.findings import Place

PAGES = Path(__file__).parents[2] / "docs/reference/findings"
NURSE = Actor("nurse", "coordinator", "S1")
P1 = {"participant": "P1"}


def treated() -> Script:
    script = Script()
    script.treat()
    return script


def visit(day: int, encounter: str = "week", occurrence: int = 1, **values: Any) -> asked.RecordVisit:
    return asked.RecordVisit(**P1, on=on_day(day), encounter=encounter, occurrence=occurrence, values=values)


def prescription(day: int, dose: str, reason: str = "", **more: Any) -> asked.PrescribeDose:
    return asked.PrescribeDose(**P1, on=on_day(day), dose=dose, reason=reason, **more)


# code · the command (given to a trial with P1 on 100 mg/d since day 1 and a visit on day 8) · who
REFUSED: list[tuple[str, Any, Actor]] = [
    ("TW-C001", prescription(8, "200"), NURSE),
    ("TW-C001", asked.RegisterCandidate(participant="P2", on=on_day(8), site="S1"), Actor("m", "monitor")),
    ("TW-C001", asked.EnrolParticipant(**P1, on=on_day(8)), Actor("x", "wizard")),
    ("TW-C002", visit(15, occurrence=2), Actor("other", "investigator", "S2")),
    ("TW-C003", asked.RecordDeath(participant="P9", on=on_day(8)), DOCTOR),
    ("TW-C004", prescription(8, "200", intervention="aspirin"), DOCTOR),
    ("TW-C004", asked.RecordDose(**P1, on=on_day(8), dose="100", intervention="drugg"), DOCTOR),
    ("TW-C005", visit(8), DOCTOR),
    ("TW-C005", asked.MissVisit(**P1, on=on_day(8), encounter="week", occurrence=1), DOCTOR),
    ("TW-C006", visit(15, "wek"), DOCTOR),
    ("TW-C006", visit(15, "week", 12), DOCTOR),
    ("TW-C006", visit(15, "week", 0), DOCTOR),
    ("TW-C006", asked.MissVisit(**P1, on=on_day(15), encounter="wek"), DOCTOR),
    ("TW-C007", visit(15, occurrence=2, part="1.0"), DOCTOR),
    ("TW-C007", visit(15, occurrence=2, celsl="1.0"), DOCTOR),
    ("TW-C007", asked.RecordVisit(**P1, on=on_day(15), encounter="unscheduled", limits={"bilrubin": ("0", "20")}), DOCTOR),
    ("TW-C008", visit(15, occurrence=2, cells="many"), DOCTOR),
    ("TW-C008", visit(15, occurrence=2, cells="9" * 400), DOCTOR),
    ("TW-C008", visit(15, occurrence=2, cells="٤.١"), DOCTOR),
    ("TW-C008", visit(15, occurrence=2, cells="NaN"), DOCTOR),
    ("TW-C008", visit(15, occurrence=2, cells=True), DOCTOR),
    ("TW-C008", visit(15, occurrence=2, disease="HESS"), DOCTOR),
    ("TW-C008", visit(15, occurrence=2, disease=("HES",)), DOCTOR),
    ("TW-C008", visit(15, occurrence=2, prior=("steroid", "chemmo")), DOCTOR),
    ("TW-C008", visit(15, occurrence=2, pregnant="perhaps"), DOCTOR),
    ("TW-C008", visit(15, occurrence=2, surgery="2020-02-30"), DOCTOR),
    ("TW-C008", asked.RecordVisit(**P1, on=on_day(15), encounter="unscheduled", limits={"bilirubin": ("20", "0")}), DOCTOR),
    ("TW-C009", visit(15, occurrence=2, cells="4 mg"), DOCTOR),
    ("TW-C009", visit(15, occurrence=2, cells="4 parsecs"), DOCTOR),
    ("TW-C012", asked.CorrectObservation(**P1, on=on_day(15), corrects=0, value="1", reason="slip"), DOCTOR),
    ("TW-C012", asked.CorrectObservation(**P1, on=on_day(15), corrects=10**15, value="1", reason="slip"), DOCTOR),
    ("TW-C014", asked.DelegateAuthority(person="nurse", roles=("wizard",), on=on_day(8)), SPONSOR),
    ("TW-C014", asked.DelegateAuthority(person="nurse", roles=(), on=on_day(8)), SPONSOR),
    ("TW-C014", asked.DelegateAuthority(person="nurse", roles=("sponsor",), site="S1", on=on_day(8)), DOCTOR),
    ("TW-C014", asked.DelegateAuthority(person="nurse", roles=("coordinator",), site="S2", on=on_day(8)), DOCTOR),
    ("TW-C033", asked.EnrolParticipant(**P1, on=on_day(8)), DOCTOR),
    ("TW-C040", prescription(8, "0"), DOCTOR),
    ("TW-C041", prescription(8, "500", "a try"), DOCTOR),
    ("TW-C041", prescription(90, "100", "a try"), DOCTOR),
    ("TW-C044", prescription(8, "150", "a try"), DOCTOR),
    ("TW-C050", asked.OpenTrial(study="again", title="Again", simulated=True, sites=("S1",), on=on_day(8)), SPONSOR),
    ("TW-C051", asked.RegisterCandidate(participant="P2", on=on_day(8), site="S3"), DOCTOR),
    ("TW-C051", asked.DelegateAuthority(person="nurse", roles=("coordinator",), site="S3", on=on_day(8)), SPONSOR),
    ("TW-C052", asked.RegisterCandidate(participant="P1", on=on_day(8), site="S1"), DOCTOR),
    ("TW-C053", asked.AttestCriterion(**P1, on=on_day(8), criterion="I9", holds=True), DOCTOR),
    ("TW-C053", asked.ClarifyEligibility(**P1, on=on_day(8), criteria=("I2", "I9"), admit=True, reason="so"), SPONSOR),
    ("TW-C054", asked.AttestCriterion(**P1, on=on_day(8), criterion="I1", holds=True), NURSE),
    ("TW-C055", asked.FollowAdverseEvent(**P1, on=on_day(8), event=3, grade=2), DOCTOR),
    ("TW-C055", asked.StopMedication(**P1, on=on_day(8), medication=3), DOCTOR),
    ("TW-C055", asked.NoteDeviation(**P1, on=on_day(8), deviation="late", detail="", refers=(10**9,)), DOCTOR),
    ("TW-C056", asked.StartMedication(**P1, on=on_day(8), group="steroids", name="p", change="new"), DOCTOR),
    ("TW-C061", asked.RecordDeath(**P1, on=date(1066, 10, 14)), DOCTOR),
    ("TW-C063", asked.RecordDeath(**P1, on=on_day(8)), Actor("", "investigator", "S1")),
    ("TW-C063", asked.RecordDeath(**P1, on=on_day(8)), Actor("\ud800", "investigator", "S1")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "command", "actor"), REFUSED, ids=[f"{row[0]}-{type(row[1]).__name__}" for row in REFUSED])
def test_what_cannot_be_carried_out_is_refused_and_leaves_no_trace(code: str, command: Any, actor: Actor) -> None:
    script = treated()
    script.visit(8, "week", 1, **bloods())
    at = at_noon(command.on) if command.on > date(1950, 1, 1) else at_noon(on_day(8))
    assert script.refused(command, actor, at) == [code]


OTHER_CODES = (10, 11, 13, 20, 21, 30, 31, 32, 34, 35, 42, 43, 45, 46, 57, 60, 62, 70, 71, 72, 80)


@pytest.mark.parametrize("code", sorted({row[0] for row in REFUSED} | {f"TW-C{number:03d}" for number in OTHER_CODES}))
def test_each_code_of_conduct_has_a_page_that_names_a_way_out(code: str) -> None:
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}: ")
    assert "## Ways out" in page


@pytest.mark.parametrize("value", ["4.1", "4100 /uL"])
def test_a_correction_that_says_the_same_again_is_refused_and_another_unit_is_another_value(value: str) -> None:
    script = treated()
    entry = script.person().observations["anc"][-1].entry
    correct = asked.CorrectObservation(**P1, on=on_day(9), corrects=entry, value=value, reason="checked")
    if value == "4.1":
        assert script.refused(correct) == ["TW-C013"]
    else:
        script.do(correct)
        assert script.person().observations["anc"][-1].unit == "/uL"


def test_nothing_is_recorded_before_the_trial_is_opened() -> None:
    trial = Trial(MemoryShelf(), tiny(), seeded_salts(b"tiny"))
    with pytest.raises(Refused) as refused:
        trial.submit(
            asked.RegisterCandidate(participant="P1", on=on_day(1), site="S1"), actor=DOCTOR, at=at_noon(on_day(1)), key="k"
        )
    assert [found.code for found in refused.value.findings] == ["TW-C057"]
    assert trial.entries == ()


def test_the_trial_takes_as_many_participants_as_it_plans() -> None:
    script = Script(edited("planned: 3,", "planned: 1,"))
    script.enrol("P1")
    script.register("P2")
    script.consent("P2")
    script.screen("P2")
    script.attest("P2")
    assert script.refused(asked.EnrolParticipant(participant="P2", on=on_day(-7))) == ["TW-C032"]


@pytest.mark.parametrize("arm", ["", "wrong"])
def test_an_arm_is_named_where_there_are_several(arm: str) -> None:
    script = Script(
        edited(
            "  only: {label: Only, receives: [drug]}\n", "  a: {label: A, receives: [drug]}\n  b: {label: B, receives: [drug]}\n"
        )
    )
    script.register()
    script.consent()
    script.screen()
    script.attest()
    assert script.refused(asked.EnrolParticipant(**P1, on=on_day(-7), arm=arm)) == ["TW-C034"]
    script.do(asked.EnrolParticipant(**P1, on=on_day(-7), arm="b"))
    assert script.person().arm == "b"


def test_nothing_is_prescribed_before_enrolment() -> None:
    script = Script()
    script.register()
    assert script.refused(prescription(1, "100")) == ["TW-C042"]


def test_a_stop_is_recorded_once_and_nothing_is_prescribed_after_it() -> None:
    script = treated()
    stop = asked.StopTreatment(**P1, on=on_day(8), reason="investigator")
    script.do(stop)
    assert script.refused(stop) == ["TW-C043"]
    assert script.refused(prescription(9, "100", "once more")) == ["TW-C046"]
    script.do(prescription(9, "0", "as stopped"))


@pytest.mark.parametrize(
    "ending",
    [
        asked.RecordDeath(**P1, on=on_day(8)),
        asked.WithdrawConsent(**P1, on=on_day(8), extent="treatment"),
        asked.EndFollowUp(**P1, on=on_day(8), reason="lost to follow-up"),
    ],
    ids=lambda command: type(command).__name__,
)
def test_nothing_is_prescribed_after_the_end(ending: Any) -> None:
    script = treated()
    script.do(ending)
    assert script.refused(prescription(9, "100")) == ["TW-C046"]


def test_consent_given_anew_takes_treatment_up_again() -> None:
    script = treated()
    script.do(asked.WithdrawConsent(**P1, on=on_day(3), extent="treatment"))
    script.consent(day=5)
    script.visit(8, "week", 1, **bloods())
    script.do(prescription(8, "100"))


def test_following_the_advice_needs_no_reason_and_neither_does_not_raising() -> None:
    for dose in ("100", "200", "200.0"):
        script = treated()
        script.visit(8, "week", 1, **bloods())
        assert script.do(prescription(8, dose)).deviations == ()


def test_giving_more_than_advised_with_a_reason_is_a_deviation_and_giving_less_is_none() -> None:
    script = treated()
    script.visit(8, "week", 1, **bloods("0.9"))
    assert [found.kind for found in script.do(prescription(8, "200", "my judgement")).deviations] == ["dose against advice"]
    script = treated()
    assert script.do(prescription(5, "0", "vomiting")).deviations == ()


@pytest.mark.parametrize(
    ("broken", "day", "dose", "prepare"),
    [
        ("ceiling", 8, "500", {}),
        ("blind", 8, "200", {"cells": "12", "bilirubin": "10"}),
        ("pace", 5, "200", bloods()),
        ("course", 85, "100", bloods()),
    ],
)
def test_no_reason_lifts_a_guarantee(broken: str, day: int, dose: str, prepare: dict[str, str]) -> None:
    script = treated()
    if prepare:
        script.visit(day, **prepare)
    with pytest.raises(Refused) as refused:
        script.do(prescription(day, dose, "I take it upon me"))
    assert f"breaks the guarantee `{broken}`" in " ".join(found.title for found in refused.value.findings)


def test_an_increase_while_held_breaks_a_guarantee_and_resuming_does_not() -> None:
    script = treated()
    script.visit(8, "week", 1, **bloods(anc="0.8"))
    script.dose(8, "0")
    script.visit(15, "week", 2, **bloods(anc="2.0"))
    assert script.refused(prescription(15, "200", "to make up")) == ["TW-C041"]
    assert script.do(prescription(15, "100")).deviations == ()


def test_a_guarantee_that_cannot_be_told_refuses_an_increase_and_nothing_else() -> None:
    script = Script(edited("{id: pace, never: two increases within 7 d}", "{id: pace, never: increase and symptoms = worse}"))
    script.treat()
    script.visit(8, "week", 1, **bloods())
    assert script.refused(prescription(8, "200")) == ["TW-C041"]
    script.do(prescription(8, "100"))


DEVIATIONS: list[tuple[str, Any, list[str]]] = [
    ("a visit on the first day of its window is none", visit(7), []),
    ("a visit on the last day of its window is none", visit(10), []),
    ("a visit too early", visit(6), ["visit too early"]),
    ("a visit too late", visit(11), ["visit too late"]),
    ("a visit outside the plan is none", visit(11, "unscheduled"), []),
    ("a missed visit", asked.MissVisit(**P1, on=on_day(8), encounter="week", occurrence=1, reason="snow"), ["visit missed"]),
    ("the prescribed dose is none", asked.RecordDose(**P1, on=on_day(3), dose="100.0"), []),
    ("another dose than prescribed", asked.RecordDose(**P1, on=on_day(3), dose="200"), ["dose differs from prescription"]),
    ("a dose that is no level", asked.RecordDose(**P1, on=on_day(3), dose="150"),
     ["dose is no level", "dose differs from prescription"]),
    ("a dose above the highest level", asked.RecordDose(**P1, on=on_day(3), dose="500"),
     ["dose above the highest level", "dose differs from prescription"]),
    ("the last day of the course is none", asked.RecordDose(**P1, on=on_day(84), dose="100"), []),
    ("drug beyond the course", asked.RecordDose(**P1, on=on_day(85), dose="100"), ["dose beyond the course"]),
    ("drug that lasts beyond the course", asked.RecordDose(**P1, on=on_day(80), dose="100", through=on_day(86)),
     ["dose beyond the course"]),
    ("a tablet forgotten", asked.RecordDose(**P1, on=on_day(5), dose="0"), ["dose differs from prescription"]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "command", "kinds"), DEVIATIONS, ids=[row[0] for row in DEVIATIONS])
def test_what_happened_is_recorded_with_the_deviation_that_it_is(why: str, command: Any, kinds: list[str]) -> None:
    script = treated()
    outcome = script.do(command, at=at_noon(max(command.on, getattr(command, "through", None) or command.on)))
    assert [found.kind for found in outcome.deviations] == kinds, why
    noted = script.person().deviations[-len(kinds) :] if kinds else ()
    assert [fact.deviation for fact in noted] == kinds
    assert all(fact.refers == (outcome.entries[0].sequence,) for fact in noted)


def test_a_visit_before_consent_is_recorded_as_a_deviation_and_not_refused() -> None:
    script = Script()
    script.register()
    kinds = [found.kind for found in script.visit(-13, "screening", age="40").deviations]
    assert kinds == ["procedure before consent"]
    script.consent(day=-10)
    assert [found.kind for found in script.visit(-12, age="40").deviations] == ["procedure before consent"]
    assert script.visit(-10, age="40").deviations == ()


def test_a_treatment_visit_and_a_dose_without_enrolment_are_recorded_as_deviations() -> None:
    script = Script()
    script.register()
    script.consent()
    assert [found.kind for found in script.visit(1, "first_dose", **bloods()).deviations] == ["visit before enrolment"]
    taken = script.do(asked.RecordDose(**P1, on=on_day(1), dose="100"))
    assert [found.kind for found in taken.deviations] == ["treated without enrolment", "dose differs from prescription"]


def test_drug_after_the_stop_and_a_visit_after_withdrawal_are_recorded_as_deviations() -> None:
    script = treated()
    script.do(asked.StopTreatment(**P1, on=on_day(8), reason="investigator"))
    taken = script.do(asked.RecordDose(**P1, on=on_day(10), dose="100"))
    assert "dose after the end of treatment" in [found.kind for found in taken.deviations]
    assert script.person().phase is Phase.STOPPED
    script.do(asked.WithdrawConsent(**P1, on=on_day(11), extent="all"))
    assert [found.kind for found in script.visit(12, **bloods()).deviations] == ["visit after withdrawal of consent"]


@pytest.mark.parametrize(("days", "late"), [(0, False), (1, False), (2, True)])
def test_a_serious_event_recorded_after_its_clock_is_a_deviation(days: int, late: bool) -> None:
    script = treated()
    event = asked.ReportAdverseEvent(
        **P1, on=on_day(5), term="Sepsis", grade=4, serious=True, related=False, expected=False, aware_on=on_day(6)
    )
    outcome = script.do(event, at=at_noon(on_day(6) + timedelta(days)))
    assert [found.kind for found in outcome.deviations] == (["late safety report"] if late else [])


def test_an_implausible_value_is_recorded_with_a_warning() -> None:
    script = treated()
    outcome = script.visit(8, "week", 1, **bloods("501"))
    assert [found.code for found in outcome.findings] == ["TW-C020"]
    assert script.person().observations["cells"][-1].value == "501"


def test_a_signer_whom_no_rule_names_is_recorded_with_a_warning() -> None:
    script = Script()
    script.register()
    outcome = script.do(asked.RecordConsent(**P1, on=on_day(-14), by=("particpant",)))
    assert [found.code for found in outcome.findings] == ["TW-C021"]
    assert script.person().consents[0].by == ("particpant",)


@pytest.mark.parametrize(
    ("field", "command"),
    [
        ("on", asked.RecordDeath(**P1, on=on_day(10))),
        ("through", asked.RecordDose(**P1, on=on_day(5), dose="100", through=on_day(10))),
        ("through", asked.RecordDose(**P1, on=on_day(5), dose="100", through=on_day(4))),
    ],
)
def test_what_has_not_happened_or_ends_before_it_begins_is_refused(field: str, command: Any) -> None:
    script = treated()
    with pytest.raises(Refused) as refused:
        script.do(command, at=at_noon(on_day(8)))
    assert [(found.code, found.place.path) for found in refused.value.findings] == [("TW-C061", field)]


def test_a_day_ahead_is_allowed_for_time_zones() -> None:
    script = treated()
    script.do(asked.RecordDose(**P1, on=on_day(9), dose="100"), at=at_noon(on_day(8)))


def test_the_same_command_under_the_same_key_is_answered_as_the_first_time() -> None:
    script = treated()
    command = visit(8, **bloods("8"))
    first = script.do(command, key="visit-8")
    again = script.do(command, key="visit-8")
    assert (again.entries, again.repeated, first.repeated) == (first.entries, True, False)
    script.do(prescription(8, "100"), key="dose-8")
    assert script.do(prescription(8, "100"), key="dose-8").repeated
    assert script.do(command, key="visit-8", at=at_noon(on_day(30))).repeated


CHANGED = [
    visit(8, **bloods("9")),
    visit(8, **{**bloods("8"), "wbc": "4"}),
    visit(8, anc="4.1", bilirubin="10"),
    visit(8, occurrence=2, **bloods("8")),
    visit(9, **bloods("8")),
    asked.RecordVisit(participant="P1", on=on_day(8), encounter="week", values=bloods("8"), limits=LIMITS),
    asked.RecordDeath(**P1, on=on_day(8)),
]


@pytest.mark.parametrize("command", CHANGED, ids=lambda command: type(command).__name__)
def test_another_command_under_a_used_key_is_refused_whatever_differs(command: Any) -> None:
    script = treated()
    script.do(visit(8, **bloods("8")), key="visit-8")
    before = script.trial.head
    with pytest.raises(Refused) as refused:
        script.do(command, key="visit-8")
    assert [found.code for found in refused.value.findings] == ["TW-C060"]
    assert script.trial.head == before


def test_a_field_at_its_default_does_not_hide_a_change_under_a_used_key() -> None:
    script = Script()
    script.register()
    script.do(asked.RecordConsent(**P1, on=on_day(-14), by=("participant",)), key="consent")
    with pytest.raises(Refused):
        script.do(asked.RecordConsent(**P1, on=on_day(-14), by=("participant",), assent=True), key="consent")


def test_a_dose_taken_is_not_the_dose_prescribed_under_a_used_key() -> None:
    script = treated()
    script.do(prescription(1, "100"), key="dose")
    with pytest.raises(Refused):
        script.do(asked.RecordDose(**P1, on=on_day(1), dose="100"), key="dose")


def test_a_correction_flags_the_decisions_that_rest_on_the_value_and_decides_nothing_anew() -> None:
    script = treated()
    script.visit(8, "week", 1, **bloods("8"))
    script.dose(8, "200")
    script.visit(15, "week", 2, **bloods("8"))
    before = script.person()
    entry = next(one.entry for one in before.observations["cells"] if one.on == on_day(8))
    assert changed_decisions(before) == ()
    fix = script.do(asked.CorrectObservation(**P1, on=on_day(16), corrects=entry, value="0.9", reason="two samples were swapped"))
    after = script.person()
    changed = changed_decisions(after)
    assert {(one.decision.kind, one.decision.on) for one in changed} == {("response", on_day(8)), ("dose", on_day(8))}
    assert {correction for one in changed for correction in one.corrections} == {fix.entries[0].sequence}
    assert after.decisions == before.decisions
    seen = next(one for one in after.observations["cells"] if one.on == on_day(8))
    assert (seen.value, seen.earlier, seen.entries) == ("0.9", ("8",), (entry, fix.entries[0].sequence))


def test_a_decision_made_after_the_correction_is_not_flagged() -> None:
    script = treated()
    script.visit(8, "week", 1, **bloods("8"))
    entry = script.person().observations["cells"][-1].entry
    script.do(asked.CorrectObservation(**P1, on=on_day(9), corrects=entry, value="7", reason="slip"))
    script.visit(9, anc="4.2")
    assert {one.decision.on for one in changed_decisions(script.person())} == {on_day(8)}


def test_a_value_that_was_never_observed_is_unknown_from_then_on() -> None:
    script = treated()
    script.visit(8, "week", 1, **bloods("8"))
    entry = script.person().observations["anc"][-1].entry
    script.do(asked.CorrectObservation(**P1, on=on_day(9), corrects=entry, value=None, reason="the tube was somebody else's"))
    advice = advise(script.trial.protocol, script.person(), on_day(8))
    assert advice is not None
    assert (advice.act, advice.measure) == (Act.SAME, ("anc",))


def test_a_what_if_changes_nothing_that_is_kept() -> None:
    script = treated()
    script.visit(8, "week", 1, **bloods("8"))
    head, state = script.trial.head, script.trial.state
    protocol, person = script.trial.protocol, script.person()
    acts = {
        value: advise(protocol, person, on_day(8), what_if={"anc": value}).act  # type: ignore[union-attr]
        for value in (None, "0.8", "4.1")
    }
    assert acts == {None: Act.SAME, "0.8": Act.HOLD, "4.1": Act.INCREASE}
    assert (script.trial.head, script.trial.state) == (head, state)
    plain = advise(protocol, person, on_day(8))
    assert plain is not None
    assert plain.act is Act.INCREASE


@pytest.mark.parametrize("value", ["rubbish", "9" * 400, "-", ""])
def test_a_what_if_that_is_no_value_is_no_value(value: str) -> None:
    script = treated()
    script.visit(8, "week", 1, **bloods("8"))
    advice = advise(script.trial.protocol, script.person(), on_day(8), what_if={"anc": value, "surgery": value})
    assert advice is not None
    assert (advice.act, advice.measure) == (Act.SAME, ("anc",))


def test_advice_asks_for_what_is_missing_and_for_the_parts_of_what_is_derived() -> None:
    script = Script(edited("when: anc < 1.0 10*9/L", "when: anc < 1.0 10*9/L or part < 0.1 10*9/L"))
    script.enrol()
    script.visit(1, "first_dose", **bloods(), wbc="10", share="20")
    script.dose(1, "100")
    script.visit(8, "week", 1, cells="8", anc="4.1", bilirubin="10", wbc="10")
    advice = advise(script.trial.protocol, script.person(), on_day(8))
    assert advice is not None
    assert (advice.act, advice.measure) == (Act.SAME, ("share",))


def test_the_first_dose_waits_for_what_a_hold_rule_reads_and_then_starts() -> None:
    script = Script()
    script.enrol()
    first = script.visit(1, "first_dose", cells="12", bilirubin="10")
    assert first.events[-1].action == "hold"  # type: ignore[union-attr]
    script.do(prescription(1, "0"))
    second = script.visit(2, **bloods())
    assert (second.events[-1].action, second.events[-1].dose) == ("start", "100")  # type: ignore[union-attr]
    script.do(prescription(2, "100"))


def test_once_roles_are_delegated_only_they_act() -> None:
    script = Script()
    script.do(asked.DelegateAuthority(person="doctor", roles=("investigator",), site="S1", on=on_day(-50)), SPONSOR)
    script.register()
    register = asked.RegisterCandidate(participant="P2", on=on_day(-14), site="S1")
    assert script.refused(register, Actor("stranger", "investigator", "S1")) == ["TW-C002"]
    assert script.refused(register, Actor("doctor", "investigator", "S2")) == ["TW-C002"]
    assert script.refused(register, NURSE) == ["TW-C002"]
    script.do(asked.DelegateAuthority(person="nurse", roles=("coordinator",), site="S1", on=on_day(-14)))
    script.do(register, NURSE)


def test_two_people_who_write_into_one_log_decide_on_all_that_is_recorded(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    script = Script(shelf=JsonLinesShelf(path))
    script.treat()
    other = Trial(JsonLinesShelf(path), tiny(), seeded_salts(b"other"))
    script.visit(8, "week", 1, **bloods(anc="0.8"))
    other.submit(visit(8, "unscheduled", cells="8"), actor=DOCTOR, at=at_noon(on_day(8)), key="other")
    assert other.state.participants["P1"].decisions[-1].summary.startswith("hold")
    with pytest.raises(Refused) as refused:
        other.submit(visit(8, **bloods()), actor=DOCTOR, at=at_noon(on_day(8)), key="other-2")
    assert refused.value.findings[0].code == "TW-C005"
    assert verify(path).findings == ()
    script.do(asked.RecordDose(**P1, on=on_day(8), dose="100"))
    assert script.trial.state == Trial(JsonLinesShelf(path), tiny(), seeded_salts(b"third")).state


def test_nothing_is_added_to_a_log_that_does_not_verify(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    Script(shelf=JsonLinesShelf(path)).treat()
    path.write_bytes(path.read_bytes().replace(b'"value":"4.1"', b'"value":"4.2"', 1))
    before = path.read_bytes()
    trial = Trial(JsonLinesShelf(path), tiny(), seeded_salts(b"tiny"))
    with pytest.raises(Refused) as refused:
        trial.submit(visit(8, **bloods()), actor=DOCTOR, at=at_noon(on_day(8)), key="new")
    assert refused.value.findings[0].code.startswith("TW-L")
    assert path.read_bytes() == before


def test_an_entry_that_is_no_event_is_named_and_the_trial_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    Script(shelf=JsonLinesShelf(path)).treat()
    path.write_bytes(path.read_bytes().replace(b'"on":"2020-01-20"', b'"on":"2020-01-32"', 1))
    with pytest.raises(Refused) as refused:
        Trial(JsonLinesShelf(path), tiny(), seeded_salts(b"tiny"))
    (found,) = refused.value.findings
    assert (found.code, found.place.line) == ("TW-C072", 2)


@pytest.mark.parametrize(
    ("kind", "field"), [("ObservationRecorded", "value"), ("ObservationRecorded", "limit_high"), ("ConsentGiven", "form")]
)
def test_an_erased_value_is_unknown_and_the_trial_still_opens(kind: str, field: str) -> None:
    script = treated()
    script.do(asked.RecordConsent(**P1, on=on_day(1), by=("participant",), form="v2"))
    entries = [entry for entry in script.trial.entries if entry.kind == kind and field in entry.fields]
    for entry in entries:
        script.shelf.erase(entry.sequence, field)
    trial = Trial(script.shelf, tiny(), seeded_salts(b"tiny"))
    advice = advise(trial.protocol, trial.state.participants["P1"], on_day(1))
    assert advice is not None
    if field == "value":
        assert set(advice.measure) >= {"anc"}


def test_an_erased_date_leaves_nothing_to_decide_on_and_says_so() -> None:
    script = treated()
    script.shelf.erase(1, "on")
    with pytest.raises(Refused) as refused:
        Trial(script.shelf, tiny(), seeded_salts(b"tiny"))
    assert refused.value.findings[0].code == "TW-C072"
    assert "erased" in refused.value.findings[0].detail


def two_drugs() -> str:
    """The tiny protocol with a second drug under the same rules."""
    dosing = TINY[TINY.index("  drug:\n    levels") : TINY.index("adverse_events:\n")]
    text = edited("adverse_events:\n  grading", dosing.replace("  drug:\n", "  second:\n") + "adverse_events:\n  grading")
    text = edited(
        "    - {id: drug, name: Drug, type: drug}\n",
        "    - {id: drug, name: Drug, type: drug}\n    - {id: second, name: Second, type: drug}\n",
        text,
    )
    text = edited("receives: [drug]", "receives: [drug, second]", text)
    return edited("when: dose > 0 mg/d}", "when: drug dose > 0 mg/d}", text)


def test_each_intervention_stops_by_itself() -> None:
    script = Script(two_drugs())
    script.enrol()
    script.visit(1, "first_dose", **bloods())
    for name in ("drug", "second"):
        script.do(asked.PrescribeDose(**P1, on=on_day(1), dose="100", intervention=name))
        script.do(asked.RecordDose(**P1, on=on_day(1), dose="100", intervention=name))
    script.do(asked.StopTreatment(**P1, on=on_day(5), reason="adverse event", intervention="drug"))
    assert script.person().stopped is None
    assert script.person().phase is Phase.TREATED
    script.visit(8, "week", 1, **bloods())
    script.do(asked.PrescribeDose(**P1, on=on_day(8), dose="200", intervention="second"))
    assert script.refused(asked.PrescribeDose(**P1, on=on_day(8), dose="100", intervention="drug")) == ["TW-C046"]
    script.do(asked.StopTreatment(**P1, on=on_day(9), reason="investigator", intervention="second"))
    assert script.person().stopped is not None
    assert script.person().phase is Phase.STOPPED
    assert script.refused(asked.PrescribeDose(**P1, on=on_day(10), dose="100")) == ["TW-C004"]


def test_a_drug_that_starts_later_is_not_started_before_its_day() -> None:
    first, _, second = two_drugs().partition("  second:\n")
    script = Script(first + "  second:\n" + second.replace("start: 100 mg/d on day 1", "start: 100 mg/d on day 8", 1))
    script.enrol()
    script.visit(1, "first_dose", **bloods())
    script.do(asked.PrescribeDose(**P1, on=on_day(1), dose="100", intervention="drug"))
    script.do(asked.RecordDose(**P1, on=on_day(1), dose="100", intervention="drug"))
    protocol, acts = script.trial.protocol, {}
    for day in (2, 7, 8):
        script.visit(day, **bloods())
        advice = advise(protocol, script.person(), on_day(day), "second")
        assert advice is not None
        acts[day] = advice.act
        assert ("before day 8" in advice.headline) is (day < 8)
    assert acts == {2: Act.HOLD, 7: Act.HOLD, 8: Act.START}


def test_a_protocol_changed_under_a_running_log_is_refused(tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path)
    Script(shelf=JsonLinesShelf(folder.log))
    changed = tiny(edited("levels: 100, 200, 300, 400 mg/d", "levels: 100, 200, 300, 400, 500 mg/d"))
    with pytest.raises(Refused) as refused:
        folder.open(changed, seeded_salts(b"tiny"))
    assert refused.value.findings[0].code == "TW-C070"
    assert folder.open(tiny(), seeded_salts(b"tiny")).head.sequence == 0


@pytest.mark.parametrize("name", ["../other", "a/b", "", ".hidden", "Ünï", "a" * 200, "x..y"])
def test_a_trial_s_name_cannot_leave_the_home(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused) as refused:
        trial_folder(tmp_path, name)
    assert refused.value.findings[0].code == "TW-C071"


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        ({"command": "RecordVist"}, ["TW-C010"]),
        ({}, ["TW-C010"]),
        ({"command": ["RecordVisit"]}, ["TW-C010"]),
        ({"command": "RecordDeath", "participant": "P1", "on": "yesterday"}, ["TW-C011"]),
        ({"command": "RecordDeath", "participant": "", "on": "2020-01-01"}, ["TW-C011"]),
        ({"command": "RecordDeath", "on": "2020-01-01", "dosage": 1}, ["TW-C011", "TW-C011"]),
        ({"command": "PrescribeDose", "participant": "P1", "on": "2020-01-01", "dose": "-100"}, ["TW-C011"]),
        ({"command": "PrescribeDose", "participant": "P1", "on": "2020-01-01", "dose": 1e400}, ["TW-C011"]),
        ({"command": "RecordDeath", "participant": "\ud800", "on": "2020-01-01"}, ["TW-C011"]),
    ],
)
def test_a_command_that_cannot_be_read_names_each_field(data: dict[str, Any], codes: list[str]) -> None:
    command, findings = asked.read_command(data, Place("script.json", 1, 1))
    assert command is None
    assert [found.code for found in findings] == codes


def test_a_number_of_json_stands_for_its_decimal_text() -> None:
    command, findings = asked.read_command(
        {"command": "PrescribeDose", "participant": "P1", "on": "2020-01-01", "dose": 100}, Place("script.json")
    )
    assert findings == ()
    assert isinstance(command, asked.PrescribeDose)
    assert Decimal(command.dose) == 100


def test_an_instant_may_be_in_any_zone_and_is_kept_in_utc() -> None:
    script = Script()
    script.register()
    assert script.trial.entries[-1].recorded_at == datetime(2020, 1, 20, 12, tzinfo=UTC)
