"""What `check` says of ten other trials: the slips that their records really have, and nothing that a reader would laugh at."""

from __future__ import annotations

import pytest
from tests.other_trials import FILES, other_trial

from trialwright.review import check
from trialwright.vocabulary.findings import Severity

LARGE = {"cagrisema-masked", "insulin-titration"}  # millions of decisions each
ERRORS = {"cabazitaxel-cycles": {"TW-P020"}}  # "Age\>18 years old" beside a minimum age of 18 years
ABOUT_NUMBERS = {"TW-P030", "TW-P031", "TW-P035", "TW-P068", "TW-P069"}
ACKNOWLEDGED = {"olaparib-escalation"}  # mmol/l where the record means µmol/l
PROVED = {
    "cabazitaxel-cycles": {"ceiling": "proved", "never_raised": "proved", "cumulative": "not decided"},
    "certolizumab-loading": {"ceiling": "proved", "never_raised": "proved"},
    "olaparib-escalation": {
        "within_participant": "proved",
        "course": "proved",
        "together": "proved",
        "total": "not decided",
    },
    "insulin-titration": {"pace": "proved", "ceiling": "proved"},
    "cagrisema-masked": {"ceiling": "proved", "pace": "proved", "same_as_partner": "not decided"},
}


def assert_sensible(name: str) -> None:
    review = check(other_trial(name))
    kept = [one for one in review.findings if not one.acknowledged]
    assert {one.code for one in kept if one.severity is Severity.ERROR} == ERRORS.get(name, set())
    assert not [one.title for one in kept if one.code in ABOUT_NUMBERS]
    assert bool([one for one in review.findings if one.acknowledged]) == (name in ACKNOWLEDGED)
    judged = {one.id: one for report in review.policy for one in report.guarantees}
    for guarantee, verdict in PROVED.get(name, {}).items():
        assert judged[guarantee].verdict == verdict, judged[guarantee]
    assert all("which the exploration does not follow" in one.reason for one in judged.values() if one.verdict != "proved")


@pytest.mark.parametrize("name", [path.stem for path in FILES if path.stem not in LARGE])
def test_check_finds_what_is_there_and_no_more(name: str) -> None:
    assert_sensible(name)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(LARGE))
def test_check_of_a_large_policy_finds_what_is_there_and_no_more(name: str) -> None:
    assert_sensible(name)
