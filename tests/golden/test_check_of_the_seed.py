"""What `check` says of the seed protocol as it stands, and what one changed line does to it."""

from __future__ import annotations

from tests.check_cases import protocol_with

from trialwright.review import check
from trialwright.vocabulary.findings import Severity

STANDING = {
    "TW-P014", "TW-P006", "TW-P009", "TW-P033", "TW-P055", "TW-P059", "TW-P061", "TW-P062", "TW-P072", "TW-P010", "TW-P034",
    "TW-P004", "TW-P063", "TW-P070",
}  # fmt: skip


def test_the_age_gap_leads_and_is_acknowledged_with_its_reason() -> None:
    first, *others = check(protocol_with()).findings
    assert first.title == "Age 15 is neither included nor excluded"
    assert first.severity is Severity.ERROR
    assert "nobody aged 15 is enrolled" in first.acknowledged
    assert not first.stops
    assert all(one.severity is not Severity.ERROR for one in others)


def test_the_findings_of_the_seed_are_these_and_no_others() -> None:
    assert {one.code for one in check(protocol_with()).findings} == STANDING


def test_the_recurrence_of_cytopenia_at_low_doses_is_shown_by_a_participant() -> None:
    (left_open,) = [one for one in check(protocol_with()).findings if one.code == "TW-P006"]
    assert left_open.title == "No rule says how to resume after `cytopenia` at 100, 200 or 300 mg/d"
    assert "· day 5: no rule of the protocol decides" in left_open.detail


def test_every_guarantee_of_the_seed_is_proved_over_millions_of_decisions() -> None:
    (report,) = check(protocol_with()).policy
    assert [one.verdict for one in report.guarantees] == ["proved"] * 5
    assert report.transitions > 1_000_000
    assert report.limits == ""


def test_starting_at_400_mg_changes_what_check_says() -> None:
    changed = {one.code for one in check(protocol_with(("start: 100 mg/d on day 1", "start: 400 mg/d on day 1"))).findings}
    assert {"TW-P012", "TW-P068"} <= changed - STANDING
