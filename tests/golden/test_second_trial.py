"""A real trial unlike the seed, written in the language: two masked arms, dosed by body weight, from eight months of age."""

from __future__ import annotations

import json
from pathlib import Path

from trialwright.protocol import Protocol, read_protocol
from trialwright.review import check
from trialwright.review.checking import review_criteria

HOME = Path(__file__).parents[2] / "trials" / "sobi-anakin-303"


def protocol() -> Protocol:
    reading = read_protocol(HOME / "protocol.yaml")
    assert reading.protocol is not None, reading.findings
    return reading.protocol


def test_the_second_trial_passes_through_check_with_every_guarantee_proved() -> None:
    review = check(protocol())
    assert not [one.title for one in review.findings if one.stops]
    verdicts = {(report.intervention, one.id): one.verdict for report in review.policy for one in report.guarantees}
    assert len(verdicts) == 9
    assert set(verdicts.values()) == {"proved"}


def test_every_registered_outcome_is_carried_out_by_an_endpoint() -> None:
    record = json.loads((HOME / "record" / "NCT05814159.v2.json").read_text(encoding="utf-8"))["protocolSection"][
        "outcomesModule"
    ]
    measures = {one["measure"] for one in (*record["primaryOutcomes"], *record["secondaryOutcomes"])}
    carried = {one.outcome for one in protocol().file.endpoints.values()}
    assert measures <= carried


def test_the_criteria_of_the_second_trial_leave_no_gap_in_age_or_weight() -> None:
    assert not {one.code for one in review_criteria(protocol())} & {"TW-P014", "TW-P015", "TW-P016", "TW-P020", "TW-P021"}
