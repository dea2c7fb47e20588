"""The small trial's results against values worked out by hand from its script (tests/small_trial.py)."""

import math

import pytest
from tests.small_trial import SEED, corrected, protocol, small_trial

from trialwright.analysis import AnalysisRun, Carried, analyse, estimate, sample_size_statement
from trialwright.protocol import parse_protocol


@pytest.fixture(scope="module")
def run() -> AnalysisRun:
    return analyse(protocol(), small_trial().state, small_trial().head.digest)


def of(run: AnalysisRun, result_id: str) -> Carried:
    return next(one for one in run.carried if one.result.id == result_id)


def responders(carried: Carried) -> list[str]:
    return [row[0] for row in carried.evidence.rows if row[1] == "yes"]


def test_every_endpoint_of_the_seed_is_carried_out(run: AnalysisRun) -> None:
    assert run.not_carried_out == ()
    assert all(run.of(endpoint) for endpoint in protocol().file.endpoints)


def test_two_of_six_respond_with_the_exact_interval(run: AnalysisRun) -> None:
    found = of(run, "chr_by_week_12")
    assert (found.result.numerator, found.result.n, responders(found)) == (2, 6, ["P01", "P02"])
    # Clopper-Pearson for 2 of 6, from the beta distribution: 0.0433 and 0.7772 (tables of exact limits, four digits).
    assert found.result.interval is not None
    assert (round(found.result.interval.low, 4), round(found.result.interval.high, 4)) == (0.0433, 0.7772)


def test_rescue_and_withdrawal_before_a_response_are_failures_and_say_so(run: AnalysisRun) -> None:
    why = {row[0]: row[4] for row in of(run, "chr_by_week_12").evidence.rows}
    assert why["P05"] == "rescue therapy on day 18 before a response"
    assert why["P06"] == "withdrawal on day 20"


def test_under_a_threshold_of_1_5_a_third_participant_responds(run: AnalysisRun) -> None:
    found = of(run, "chr_by_week_12.chr_threshold_1")
    assert responders(found) == ["P01", "P02", "P03"]
    assert "×10⁹/L" in found.result.title and any("driven by the definition" in note for note in found.result.notes)


def test_molecular_response_is_counted_among_those_who_carried_the_fusion(run: AnalysisRun) -> None:
    found = of(run, "molecular_response")
    assert (found.result.numerator, found.result.n, found.result.participants) == (1, 2, ("P01", "P02"))
    assert any("P06" in note and "Not known" in note for note in found.result.notes)


def test_time_to_response_follows_the_product_limit_by_hand(run: AnalysisRun) -> None:
    found = of(run, "time_to_response").result
    assert found.table is not None and found.estimate == 42
    survival = {row[0]: row[4] for row in found.table.rows}
    # P01 at 7 of 6 at risk; P06 withdraws at 19; P02 at 21 of 4; P05 at 42 of 3.
    assert survival[42.0] == pytest.approx(5 / 6 * 3 / 4 * 2 / 3)
    assert any("Response here, failure" in note and "P05" in note for note in found.notes)


def test_the_chance_of_response_first_counts_withdrawal_as_competing(run: AnalysisRun) -> None:
    found = of(run, "time_to_response.incidence").result
    assert found.estimate == pytest.approx(3 / 6) and found.numerator == 3  # nobody is censored before the last time


def test_relapse_is_counted_from_the_stop_among_responders(run: AnalysisRun) -> None:
    found = of(run, "response_duration")
    times = {row[0]: (row[1], row[2]) for row in found.evidence.rows}
    assert times == {"P01": ("28", "event"), "P02": ("28", "censored"), "P05": ("1", "censored")}
    assert found.result.estimate == 28
    readings = {row[0]: row[1] for row in of(run, "response_duration.between_visits").result.table.rows}  # type: ignore[union-attr]
    assert readings == {"right end point": 28.0, "midpoint": 21.0, "left end point": 14.0}
    assert any("does not compete" in note for note in found.result.notes)


def test_disease_subtype_is_tested_by_the_exact_sum_over_tables(run: AnalysisRun) -> None:
    # 2 responders of 6 can fall in 15 ways on HES 3, CEL 1, CIH 2; those no likelier than (1, 1, 0), 3 ways: 3+3+2+1 = 9.
    assert of(run, "response_by_disease").result.p_value == pytest.approx(9 / 15)


def test_fusion_is_tested_by_fishers_exact_test_with_the_difference_beside_it(run: AnalysisRun) -> None:
    found = of(run, "response_by_fusion").result
    assert found.p_value == pytest.approx(1 / 10)  # 2 of 2 against 0 of 3: one of the ten ways to place two responders
    assert found.estimate == math.inf and any("circular" in note for note in found.notes)
    assert of(run, "response_by_fusion.difference").result.estimate == 1


def test_dose_at_response_is_the_dose_taken_before_the_visit_that_showed_it(run: AnalysisRun) -> None:
    table = of(run, "dose_at_response").result.table
    assert table is not None
    assert dict(table.rows) == {"100 mg/d": 1, "200 mg/d": 0, "300 mg/d": 1, "400 mg/d": 0}


def test_adverse_events_count_each_participant_once_by_worst_grade(run: AnalysisRun) -> None:
    table = of(run, "adverse_events").result.table
    assert table is not None and [one.id for one in table.columns][-3:] == ["severe", "serious", "related"]
    assert table.rows[0] == ("Any adverse event", 2, 1, 0, 1, 0, 0, 1, 0, 2)
    assert of(run, "adverse_events.grade_3").result.numerator == 1


def test_exposure_adds_up_the_days_and_the_hold(run: AnalysisRun) -> None:
    rows = {row[0]: row[1:4] for row in of(run, "exposure").result.table.rows}  # type: ignore[union-attr]
    assert rows["P01"] == (84, 0, 8400.0)
    # P04: 100 and 200 mg for a week each, a week held, 200, 300 for a week each, then 400 for seven weeks.
    assert rows["P04"] == (77, 7, 7 * (100 + 200 + 200 + 300) + 49 * 400.0)
    assert of(run, "exposure.holds").result.table.rows == (("cytopenia", 1, 1, 7),)  # type: ignore[union-attr]


def test_the_number_of_participants_has_no_justification_and_that_is_said() -> None:
    said = sample_size_statement(protocol())
    assert said is not None and not said.justified and said.words == "25 has no stated justification."
    at_20 = next(one for one in said.detectable if one.rule.null_rate == 0.2)
    assert at_20.rule.min_responses == 9  # A'Hern's exact single-stage rule for 25 at one-sided 5 %


def test_a_correction_moves_the_estimate_and_the_recorded_reading_stays_beside_it() -> None:
    state = small_trial().state
    for day in range(29, 86, 7):
        state = corrected(state, "P02", day, "30.0")
    run = analyse(protocol(), state)
    assert of(run, "chr_by_week_12").result.numerator == 1
    assert of(run, "chr_by_week_12.as_recorded").result.numerator == 2
    assert any("assessed anew" in note and "P02" in note for note in of(run, "chr_by_week_12").result.notes)
    assert estimate(protocol(), state, "chr_by_week_12")[0].numerator == 1


def test_a_response_confirmed_only_after_the_period_counts_in_the_laxer_reading_alone() -> None:
    state = corrected(corrected(small_trial().state, "P03", 78, "2.0"), "P03", 85, "2.0")
    run = analyse(protocol(), state)
    primary = of(run, "chr_by_week_12").result
    assert (primary.numerator, of(run, "chr_by_week_12.confirmed_later").result.numerator) == (2, 3)
    assert any("confirmed only after it" in note and "P03" in note for note in primary.notes)
    times = {row[0]: row[2] for row in of(run, "time_to_response").evidence.rows}
    assert times["P03"] == "censored"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("measure: exposure", "measure: value", "not one that this version estimates"),
        ("summary: aalen-johansen", "summary: fine-gray", "fine-gray"),
        ("interval: clopper-pearson 95 %", "interval: bootstrap 95 %", "bootstrap"),
        ("from: treatment stop", "from: surgery", "surgery"),
        ("to: state relapse", "to: the end of the world", "the end of the world"),
        ("with: disease", "with: age", "has no groups"),
    ],
)  # fmt: skip
def test_what_the_program_does_not_know_is_said_and_nothing_crashes(old: str, new: str, said: str) -> None:
    text = SEED.read_text(encoding="utf-8")
    assert old in text
    changed = parse_protocol(text.replace(old, new), "changed.yaml").protocol
    assert changed is not None
    run = analyse(changed, small_trial().state)
    assert any(said in sentence for sentence in run.not_carried_out)
    assert run.results  # the rest of the plan is carried out


def test_a_credible_interval_states_its_prior_and_needs_one() -> None:
    text = SEED.read_text(encoding="utf-8")
    plan = "interval: clopper-pearson 95 %"
    told, mute = (
        parse_protocol(text.replace(plan, f"interval: {words} 90 %"), "changed.yaml").protocol
        for words in ("credible beta(0.5, 1.5)", "credible")
    )
    assert told is not None and mute is not None
    found = of(analyse(told, small_trial().state), "chr_by_week_12").result
    assert found.estimate == pytest.approx(2.5 / 8) and "prior beta(0.5, 1.5)" in found.method
    assert found.interval is not None and found.interval.level == 0.9
    assert any("states no prior" in sentence for sentence in analyse(mute, small_trial().state).not_carried_out)
