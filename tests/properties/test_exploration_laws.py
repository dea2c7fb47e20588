"""Laws of the exploration: what is refuted is really broken by a participant, what is proved is broken by none."""

from __future__ import annotations

import pytest
from tests.check_cases import protocol_with
from tests.policy_walks import Walk, perturbed

from trialwright.protocol import Protocol
from trialwright.review.policy.explore import explore
from trialwright.review.result import PolicyReport


def explored(protocol: Protocol) -> PolicyReport:
    return explore(protocol, protocol.regimens["imatinib"]).report


def assert_walks_keep_what_is_proved(protocol: Protocol, walks: range) -> None:
    proved = {one.id for one in explored(protocol).guarantees if one.verdict == "proved"}
    for seed in walks:
        broken = Walk(protocol, seed).broken() & proved
        assert not broken, f"walk {seed} breaks {broken}, which is proved"


def test_walks_through_the_seed_keep_every_guarantee() -> None:
    protocol = protocol_with()
    assert {one.verdict for one in explored(protocol).guarantees} == {"proved"}
    assert_walks_keep_what_is_proved(protocol, range(60))


@pytest.mark.parametrize("seed", range(5))
def test_walks_through_a_perturbed_policy_keep_what_is_proved(seed: int) -> None:
    assert_walks_keep_what_is_proved(perturbed(seed), range(100 * seed, 100 * seed + 25))


@pytest.mark.long
@pytest.mark.parametrize("seed", range(5, 65))
def test_many_walks_through_many_policies_keep_what_is_proved(seed: int) -> None:
    assert_walks_keep_what_is_proved(perturbed(seed), range(1000 * seed, 1000 * seed + 200))


@pytest.mark.long
def test_two_thousand_walks_through_the_seed_keep_every_guarantee() -> None:
    assert_walks_keep_what_is_proved(protocol_with(), range(2000))


@pytest.mark.parametrize("seed", range(4))
def test_a_perturbed_policy_is_refuted_by_a_history_or_proved(seed: int) -> None:
    report = explored(perturbed(seed))
    for one in report.guarantees:
        assert one.verdict in ("proved", "refuted"), one
        assert (one.history is not None) == (one.verdict == "refuted")
        assert one.history is None or one.history.ending.endswith(f"`{one.id}` is broken")


def test_a_refuted_guarantee_shows_its_shortest_history() -> None:
    report = explored(protocol_with(("at least 7 d since last increase", "at least 5 d since last increase")))
    pace = next(one for one in report.guarantees if one.id == "pace")
    assert pace.verdict == "refuted"
    assert pace.history is not None
    assert [step.day for step in pace.history.steps] == [1, 6]


def test_without_a_course_the_dose_goes_on_beyond_it() -> None:
    report = explored(protocol_with(("    course: 12 weeks from first dose\n", "")))
    course = next(one for one in report.guarantees if one.id == "course")
    assert course.verdict == "refuted"
    assert course.history is not None
    assert course.history.ending == "on day 85, without a further decision `course` is broken"


def test_a_raise_without_looking_at_the_hold_inputs_is_found() -> None:
    blind = ("when: an input of a hold rule is missing or older than 3 d", "when: anc < 0.1 10*9/L and platelets < 1 10*9/L")
    known = ("anc < 1.0 10*9/L or platelets < 50 10*9/L", "anc < 1.0 10*9/L and platelets < 50 10*9/L")
    report = explored(protocol_with(blind, known))
    raised = next(one for one in report.guarantees if one.id == "blind_raise")
    assert raised.verdict == "refuted"
