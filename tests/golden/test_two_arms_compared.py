"""Times to an event between two arms: the small trial with its people dealt to two arms, against the estimators and by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache

import pytest
from tests.small_trial import SEED, small_trial

from trialwright.analysis import AnalysisRun, analyse
from trialwright.analysis.estimators.cox import cox
from trialwright.analysis.estimators.gray import gray_test
from trialwright.analysis.estimators.log_rank import log_rank
from trialwright.analysis.result import Result
from trialwright.engine.state import TrialState
from trialwright.log import GENESIS
from trialwright.protocol import parse_protocol
from trialwright.protocol.study import Protocol
from trialwright.report.html import render_html
from trialwright.report.trial_report import build_report

pytestmark = pytest.mark.slow  # the seed's protocol read and analysed for each plan

ARMS = (
    "  imatinib: {label: Imatinib, receives: [imatinib]}\n",
    "  imatinib: {label: Imatinib, receives: [imatinib]}\n  other: {label: Other, receives: [imatinib]}\n",
)
PLAN = "    population: treated\n    summary: kaplan-meier\n    interval: log-log 95 %\n    assumption: time zero"
OTHERS = ("P02", "P04", "P06")


def dealt(others: tuple[str, ...] = OTHERS) -> TrialState:
    state = small_trial().state
    people = {name: replace(one, arm="other" if name in others else one.arm) for name, one in state.participants.items()}
    return replace(state, participants=people)


@lru_cache
def planned(plan: str) -> Protocol:
    """The seed with two arms and another plan for the time to response."""
    text = SEED.read_text(encoding="utf-8")
    for old, new in (ARMS, (PLAN, f"    population: treated\n{plan}    assumption: time zero")):
        assert old in text
        text = text.replace(old, new)
    changed = parse_protocol(text, "changed.yaml").protocol
    assert changed is not None
    return changed


def analysed(plan: str, state: TrialState | None = None) -> AnalysisRun:
    """The time to response under another plan."""
    return analyse(planned(plan), state or dealt())


def result(run: AnalysisRun, result_id: str) -> Result:
    return next(one.result for one in run.carried if one.result.id == result_id)


def test_a_compared_curve_has_the_hazard_ratio_and_the_log_rank_test_of_its_rows_beside_it() -> None:
    run = analysed("    summary: kaplan-meier\n    compare: hazard ratio\n")
    found = result(run, "time_to_response.hazard_ratio")
    rows = next(one for one in run.carried if one.result is found).evidence.rows
    days, seen, arm = ([int(r[2]) for r in rows], [r[3] == "event" for r in rows], [r[1] == "Imatinib" for r in rows])
    assert len(rows) == 6 and sum(seen) == 3 and sum(arm) == 3
    fit = cox(days, seen, [float(one) for one in arm])
    assert found.estimate == pytest.approx(float(fit.hazard_ratio[0]), rel=1e-12)
    assert found.interval is not None and found.interval.low == pytest.approx(float(fit.low[0]), rel=1e-12)
    assert found.p_value == pytest.approx(log_rank(days, seen, arm).p_value, rel=1e-12)
    assert found.estimate > 1 and found.numerator == 3 and "Imatinib to Other" in found.method
    assert result(run, "time_to_response").estimate == 42  # the curve of all stays what it was


def test_the_summary_may_be_the_comparison_itself() -> None:
    for summary in ("hazard ratio", "log-rank"):
        found = result(analysed(f"    summary: {summary}\n"), "time_to_response")
        assert found.estimate is not None and found.p_value is not None
        assert found.table is not None and [row[:3] for row in found.table.rows] == [("Imatinib", 3, 2), ("Other", 3, 1)]


def test_a_comparison_within_strata_says_so_and_leaves_out_whom_it_cannot_place() -> None:
    found = result(analysed("    summary: hazard ratio\n    adjusted_for: [fip1l1_pdgfra, age]\n"), "time_to_response")
    assert "stratified by" in found.method
    assert any("Age is the same for everybody" in note for note in found.notes)
    assert found.n + sum("P06" in note and "left out" in note for note in found.notes) == 6


def test_an_arm_without_an_event_has_no_hazard_ratio_and_still_a_test() -> None:
    found = result(analysed("    summary: hazard ratio\n", dealt(("P03", "P04", "P06"))), "time_to_response")
    assert found.estimate is None and found.interval is None and found.p_value is not None
    assert any("not estimable" in note for note in found.notes)


def test_one_arm_alone_is_compared_with_nobody() -> None:
    found = result(analysed("    summary: hazard ratio\n", dealt(())), "time_to_response")
    assert found.estimate is None and found.p_value is None and any("Fewer than two arms" in note for note in found.notes)


def test_restricted_means_follow_the_area_by_hand() -> None:
    """Imatinib (P01, P03, P05): events on days 7 and 42 of three. Other (P02, P04, P06): one on 21 of two."""
    run = analysed("    summary: rmst\n    compare: difference\n")
    found, gap = result(run, "time_to_response"), result(run, "time_to_response.difference")
    assert found.table is not None
    (imatinib, other) = found.table.rows
    until = float(found.method.partition("to day ")[2].partition(",")[0])
    assert until > 60 and imatinib[3] == pytest.approx(7 + 35 * 2 / 3 + (until - 42) / 3)
    assert other[3] == pytest.approx(21 + (until - 21) / 2)
    assert gap.estimate == pytest.approx(float(imatinib[3]) - float(other[3]))  # type: ignore[arg-type]
    assert gap.interval is not None and gap.p_value is not None and gap.interval.low < gap.estimate < gap.interval.high


def test_incidences_are_compared_by_grays_test() -> None:
    run = analysed("    summary: aalen-johansen\n    compare: gray\n")
    found = result(run, "time_to_response.gray")
    rows = next(one for one in run.carried if one.result is found).evidence.rows
    kinds = [{"event": 1, "competing": 2}.get(row[3], 0) for row in rows]
    assert kinds.count(1) == 3 and kinds.count(2) == 1
    assert found.p_value == pytest.approx(gray_test([int(r[2]) for r in rows], kinds, [r[1] for r in rows]).p_value, rel=1e-9)
    assert found.table is not None and found.table.rows[0][4] == pytest.approx(2 / 3)
    alone = result(analysed("    summary: aalen-johansen\n    compare: gray\n", dealt(())), "time_to_response.gray")
    assert alone.p_value is None and any("Fewer than two arms" in note for note in alone.notes)


def test_restricted_mean_of_a_single_arm_is_the_estimate() -> None:
    found = result(analysed("    summary: rmst\n", dealt(())), "time_to_response")
    assert found.estimate is not None and found.interval is not None and found.interval.low < found.estimate < found.interval.high


def test_bounds_may_be_those_of_the_log_scale() -> None:
    wide, usual = (
        result(analysed(f"    summary: kaplan-meier\n    interval: {one} 95 %\n"), "time_to_response")
        for one in ("log", "log-log")
    )
    assert wide.estimate == usual.estimate and wide.table != usual.table and "log interval" in wide.method


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("    summary: kaplan-meier\n    compare: odds ratio\n", "odds ratio"),
        ("    summary: aalen-johansen\n    compare: hazard ratio\n", "hazard ratio"),
        ("    summary: fine-gray\n", "fine-gray"),
        ("    summary: rmst\n    interval: log-log 95 %\n", "log-log"),
        ("    summary: hazard ratio\n    adjusted_for: [prior_therapy]\n", "prior_therapy"),
    ],
)
def test_a_comparison_that_is_not_known_is_said(plan: str, said: str) -> None:
    assert any(said in sentence for sentence in analysed(plan).not_carried_out)


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (
            "    summary: kaplan-meier\n    compare: hazard ratio\n",
            ("95 % interval 0.143 to 18.3); p = 0.69", "2 of 3; median 42 d"),
        ),
        ("    summary: log-rank\n", ("p = 0.69", "1 of 3; median 21 d")),
        ("    summary: rmst\n    compare: difference\n", ("by arm", "2 of 3; restricted mean 44 d", "−8 d; 95 % interval")),
        ("    summary: aalen-johansen\n    compare: gray\n", ("p = 0.49", "cumulative incidence 67 %", "Gray&#39;s test")),
    ],
)
def test_the_report_prints_a_comparison_with_its_p_and_its_arms(plan: str, said: tuple[str, ...]) -> None:
    page = render_html(build_report(planned(plan), dealt(), GENESIS, (), datetime(2026, 1, 1, tzinfo=UTC)))
    for words in said:
        assert words in page
