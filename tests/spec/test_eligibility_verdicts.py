"""Who may be enrolled: verdicts, what is asked next, clarification of the gap, consent and assent."""

from typing import Any

import pytest
from tests.tiny_protocol import SPONSOR, TINY, Script, bloods, on_day

from trialwright.conduct import commands as asked
from trialwright.engine.eligibility import CriterionJudgement, Eligibility, judge_eligibility, lacking_consent
from trialwright.engine.state import Phase


def judged(script: Script) -> Eligibility:
    return judge_eligibility(script.trial.protocol, script.person(), on_day(-1))


def verdict(script: Script, criterion: str) -> CriterionJudgement:
    return next(one for one in judged(script).judgements if one.criterion.id == criterion)


def candidate(**values: Any) -> Script:
    script = Script()
    script.register()
    script.consent()
    script.screen(**values)
    return script


VERDICTS = [
    ("an inclusion that holds", "I2", {"age": "16"}, "met", True),
    ("an inclusion that does not hold", "I2", {"age": "14"}, "not met", False),
    ("an exclusion that applies", "E1", {"age": "14"}, "met", False),
    ("an exclusion that does not apply", "E1", {"age": "15"}, "not met", True),
    ("a flag that says no", "E2", {"pregnant": False}, "not met", True),
    ("a flag that says yes", "E2", {"pregnant": True}, "met", False),
    ("computed true, and nobody has attested yet", "I1", {}, "unknown", None),
    ("computed false needs no attestation", "I1", {"disease": "other"}, "not met", False),
]


@pytest.mark.parametrize(("why", "criterion", "values", "said", "admits"), VERDICTS, ids=[row[0] for row in VERDICTS])
def test_a_criterion_has_the_verdict_that_its_text_gives(
    why: str, criterion: str, values: dict[str, Any], said: str, admits: bool | None
) -> None:
    found = verdict(candidate(**values), criterion)
    assert (found.verdict, found.admits) == (said, admits), why


def test_what_was_not_measured_is_unknown_and_is_what_is_asked_next() -> None:
    script = Script()
    script.register()
    script.visit(-13, "screening", age="40")
    found = verdict(script, "E2")
    assert (found.verdict, found.admits) == ("unknown", None)
    assert [getattr(one, "variable", "") for one in found.missing] == ["pregnant"]
    assert judged(script).outcome == "open"


def test_one_criterion_that_keeps_out_decides_though_others_are_open() -> None:
    script = Script()
    script.register()
    script.visit(-13, "screening", age="14")
    assert judged(script).outcome == "not eligible"


@pytest.mark.parametrize(("holds", "said", "admits"), [(True, "attested", True), (False, "not met", False)])
def test_an_attestation_decides_what_is_left_to_a_person(holds: bool, said: str, admits: bool) -> None:
    script = candidate()
    script.attest(holds=holds)
    found = verdict(script, "I1")
    assert (found.verdict, found.admits) == (said, admits)


def test_two_attestations_that_disagree_are_a_conflict() -> None:
    script = candidate()
    script.attest(holds=True)
    script.attest(holds=False)
    assert (verdict(script, "I1").verdict, verdict(script, "I1").admits) == ("conflict", None)


def test_an_attestation_against_a_computed_verdict_is_a_conflict() -> None:
    script = candidate(age="40")
    script.do(asked.AttestCriterion(participant="P1", on=on_day(-12), criterion="I2", holds=False))
    found = verdict(script, "I2")
    assert (found.verdict, found.admits) == ("conflict", None)
    assert len(found.references) == 2


def test_a_person_aged_fifteen_falls_between_the_criteria_until_the_sponsor_clarifies() -> None:
    script = candidate(age="15")
    script.attest()
    assert (verdict(script, "I2").admits, verdict(script, "E1").admits) == (False, True)
    script.consent(by=("parents or guardian",), assent=True)
    enrol = asked.EnrolParticipant(participant="P1", on=on_day(-7))
    assert script.refused(enrol) == ["TW-C030"]
    clarified = asked.ClarifyEligibility(
        participant="P1", on=on_day(-9), criteria=("I2",), admit=True, reason="the record says 15 years"
    )
    script.do(clarified, SPONSOR)
    found = verdict(script, "I2")
    assert (found.verdict, found.admits) == ("attested", True)
    assert "the record says 15 years" in found.sentence
    script.do(enrol)
    assert script.person().phase is Phase.ENROLLED


def test_a_clarification_can_keep_out_as_well() -> None:
    script = candidate(age="15")
    command = asked.ClarifyEligibility(participant="P1", on=on_day(-9), criteria=("I2",), admit=False, reason="adults are meant")
    script.do(command, SPONSOR)
    assert verdict(script, "I2").admits is False


def test_a_clarification_does_not_overrule_a_criterion_that_admits() -> None:
    script = candidate(age="40")
    command = asked.ClarifyEligibility(participant="P1", on=on_day(-9), criteria=("I2",), admit=True, reason="as the text says")
    script.do(command, SPONSOR)
    assert verdict(script, "I2").verdict == "met"


CONSENTS: list[tuple[str, dict[str, Any], tuple[str, ...], bool, tuple[str, ...]]] = [
    ("an adult signs", {"age": "40"}, ("participant",), False, ()),
    ("an adult has not signed", {"age": "40"}, (), False, ("consent by participant",)),
    ("parents cannot sign for an adult", {"age": "18"}, ("parents or guardian",), False, ("consent by participant",)),
    ("parents sign and the minor assents", {"age": "17"}, ("parents or guardian",), True, ()),
    ("the minor has not assented", {"age": "17"}, ("parents or guardian",), False, ("assent",)),
    ("the minor alone cannot sign", {"age": "17"}, ("participant",), True, ("consent by parents or guardian",)),
    ("without an age nobody knows who signs", {}, ("participant",), False, ("Age (it says who signs)",)),
]


@pytest.mark.parametrize(("why", "values", "by", "assent", "lacking"), CONSENTS, ids=[row[0] for row in CONSENTS])
def test_the_first_consent_rule_that_holds_says_who_signs(
    why: str, values: dict[str, Any], by: tuple[str, ...], assent: bool, lacking: tuple[str, ...]
) -> None:
    script = Script()
    script.register()
    if by:
        script.consent(by=by, assent=assent)
    script.visit(-13, "screening", **values)
    assert lacking_consent(script.trial.protocol, script.person(), on_day(-7)) == lacking, why


def test_enrolment_without_the_whole_consent_is_refused() -> None:
    script = Script()
    script.register()
    script.screen()
    script.attest()
    enrol = asked.EnrolParticipant(participant="P1", on=on_day(-7))
    assert script.refused(enrol) == ["TW-C035"]
    script.consent(day=-8)
    script.do(enrol)


def test_consent_that_was_withdrawn_is_no_consent_until_it_is_given_anew() -> None:
    script = candidate()
    script.attest()
    script.do(asked.WithdrawConsent(participant="P1", on=on_day(-10), extent="all"))
    enrol = asked.EnrolParticipant(participant="P1", on=on_day(-7))
    assert script.refused(enrol) == ["TW-C035"]
    script.consent(day=-8)
    script.do(enrol)


def test_a_protocol_without_consent_rules_asks_for_none_here() -> None:
    text = TINY[: TINY.index("consent:\n  rules")] + TINY[TINY.index("arms:\n  only:") :]
    script = Script(text)
    script.register()
    script.screen()
    script.attest()
    script.do(asked.EnrolParticipant(participant="P1", on=on_day(-7)))
    assert script.person().phase is Phase.ENROLLED


def test_screening_records_every_verdict_with_the_entries_that_it_rests_on() -> None:
    script = candidate()
    script.attest()
    (event,) = script.do(asked.ScreenCandidate(participant="P1", on=on_day(-8))).events
    assert event.outcome == "eligible"  # type: ignore[union-attr]
    assert {one.criterion: one.verdict for one in event.verdicts} == {  # type: ignore[union-attr]
        "I1": "attested", "I2": "met", "E1": "not met", "E2": "not met",
    }  # fmt: skip
    assert len(event.references) >= 4  # type: ignore[union-attr]
    assert script.person().phase is Phase.ELIGIBLE


def test_screening_somebody_who_is_enrolled_takes_nothing_back() -> None:
    script = Script()
    script.enrol()
    script.visit(-6, age="14", **bloods())
    script.do(asked.ScreenCandidate(participant="P1", on=on_day(-5)))
    assert script.person().phase is Phase.ENROLLED
