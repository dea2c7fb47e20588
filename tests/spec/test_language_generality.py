"""Trials unlike the seed, written in the language: they read, they are advised, and they mean what their records say."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.other_trials import FILES, Facts, on_day, other_trial
from tests.small_trial import SEED

from trialwright.engine.eligibility import judge_eligibility
from trialwright.engine.gather import Standpoint, gather
from trialwright.engine.policy import Act
from trialwright.engine.readings import Readings
from trialwright.engine.response import reached
from trialwright.protocol import ProtocolReading, read_protocol
from trialwright.protocol.expressions import CurrentEpoch, Day, Expression, evaluate, read_expression, truth
from trialwright.protocol.model.file import json_schema
from trialwright.vocabulary.findings import Place


def named(path: Path) -> str:
    return path.stem


def asked(text: str, facts: Facts, day: int) -> int:
    """The truth (0, 1, 2) of an expression for the participant on a day."""
    protocol = facts.protocol
    expression, findings = read_expression(text, protocol.scope, Place("test"))
    assert isinstance(expression, Expression), findings
    at = Standpoint(protocol, facts.person, on_day(day), Readings(protocol, facts.person, on_day(day)))
    return int(truth(evaluate(expression, gather(expression.inputs, at)[0])))


@cache
def reading_of(path: Path) -> ProtocolReading:
    return read_protocol(path)


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads(json.dumps(json_schema()))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_trial_of_another_kind_reads_without_a_finding(path: Path) -> None:
    reading = reading_of(path)
    assert reading.findings == ()
    assert reading.protocol is not None
    assert len(reading.protocol.criteria) >= 4


@pytest.mark.parametrize("path", [SEED, *FILES], ids=named)
def test_the_published_schema_accepts_every_file(path: Path) -> None:
    reading = reading_of(path)
    assert reading.protocol is not None
    validator().validate(_plain(reading.protocol.source.data))


def test_the_published_schema_refuses_an_unknown_key() -> None:
    data = _plain(other_trial("digital-diabetes").source.data)
    with pytest.raises(jsonschema.ValidationError):
        validator().validate({**data, "dosage": {}})


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {key: _plain(part) for key, part in value.items()}
        case list():
            return [_plain(part) for part in value]
        case Decimal():
            return float(value)
        case _:
            return value


# Cycles, doses per body surface, nadir -------------------------------------------------------------------------------

RECOVERED = {"anc": "4.0", "platelets": "200"}
WELL = {**RECOVERED, "target_sum": "100", "non_target_progression": False, "new_lesion": False}


def cabazitaxel(height: str = "175", weight: str = "70", **values: str) -> Facts:
    facts = Facts("cabazitaxel-cycles", "single")
    facts.see(-7, height=height, sex="male", age="60", creatinine="0.9")
    facts.see(-1, weight=weight, **(WELL | values))
    return facts


def test_a_dose_per_body_surface_is_told_as_an_amount() -> None:
    advice = cabazitaxel().advice(1)
    assert advice.act is Act.START
    assert advice.headline == "Advise: start at 25 mg/m2 (46 mg for Body surface area 1.84 m2)."


def test_an_amount_is_capped() -> None:
    assert "(55 mg for Body surface area 2.72 m2, capped)" in cabazitaxel("190", "140").advice(1).headline


def test_an_amount_that_cannot_be_computed_says_what_to_measure() -> None:
    facts = Facts("cabazitaxel-cycles", "single")
    facts.see(-1, **WELL)
    assert "(measure Body surface area for the amount)" in facts.advice(1).headline


def test_what_is_fixed_serves_what_is_derived_later() -> None:
    facts = cabazitaxel()
    facts.give(1, "25")
    facts.see(22, weight="63", **RECOVERED)
    assert "(44 mg for Body surface area 1.75 m2)" in facts.advice(22).headline


def test_a_cycle_is_delayed_until_the_counts_recover_and_moves_every_later_one() -> None:
    facts = cabazitaxel()
    facts.give(1, "25")
    facts.see(22, weight="70", anc="1.0", platelets="200")
    held = facts.advice(22)
    assert (held.act, held.held_by) == (Act.HOLD, ("counts",))
    facts.give(22, "0", held_by=("counts",))
    facts.see(29, weight="70", **RECOVERED)
    assert facts.advice(29).act is Act.RESUME
    assert [visit.target for visit in facts.planned(22, "cycle_start")][2] == on_day(43)
    facts.give(29, "25")
    assert [visit.target for visit in facts.planned(29, "cycle_start")][2] == on_day(50)
    assert facts.planned(29, "mid_cycle")[1].target == on_day(38)


def test_a_cycle_that_is_more_than_three_weeks_late_is_not_given() -> None:
    facts = cabazitaxel()
    facts.give(1, "25")
    facts.give(22, "0", held_by=("counts",))
    facts.see(44, weight="70", **RECOVERED)
    stopped = facts.advice(44)
    assert (stopped.act, stopped.rule) == (Act.STOP, "too_late")


def test_the_dose_falls_by_levels_and_stops_below_the_lowest() -> None:
    facts = cabazitaxel()
    facts.give(1, "15")
    facts.suffer(8, "Febrile neutropenia", 3, until=12)
    facts.give(9, "0", held_by=("febrile",))
    facts.give(15, "0", held_by=("febrile",))
    facts.see(22, weight="70", **RECOVERED)
    assert facts.advice(22).act is Act.STOP


def test_two_events_of_grade_3_lower_the_level_and_one_does_not() -> None:
    facts = cabazitaxel()
    facts.give(1, "25")
    facts.see(22, weight="70", **RECOVERED)
    facts.suffer(5, "Fatigue", 3, until=9)
    assert facts.advice(22).act is Act.SAME
    facts.suffer(6, "Diarrhea", 3, until=10)
    lowered = facts.advice(22)
    assert (lowered.act, lowered.dose, lowered.rule) == (Act.DECREASE, Decimal(20), "toxicity")
    assert "2 related adverse events of grade 3 or more, at least 2" in lowered.sentence


def test_the_sixth_cycle_is_the_last() -> None:
    facts = cabazitaxel()
    for cycle in range(6):
        facts.give(1 + 21 * cycle, "25")
    facts.see(127, weight="70", **RECOVERED)
    assert (facts.advice(127).act, facts.advice(127).rule) == (Act.STOP, "course")
    assert asked("total dose = 150 mg/m2", facts, 127) == 2


@pytest.mark.parametrize(
    ("sums", "category"),
    [
        (("100", "60"), "partial"),
        (("100", "60", "70"), "partial"),  # 17 % above the nadir
        (("100", "60", "75"), "progressive"),  # 25 % and 15 mm above the nadir
        (("10", "6", "8"), "stable"),  # 33 % and only 2 mm above it
        (("100", "90"), "stable"),
        (("100", "121"), "progressive"),  # the baseline is the nadir
    ],
)
def test_progression_counts_from_the_nadir_and_response_from_baseline(sums: tuple[str, ...], category: str) -> None:
    first, *later = sums
    facts = cabazitaxel(target_sum=first)
    facts.give(1, "25")
    for index, total in enumerate(later):
        facts.see(43 + 42 * index, target_sum=total, non_target_progression=False, new_lesion=False)
    day = 1 + 42 * len(later)
    facts.see(day, weight="70", **RECOVERED)
    assert facts.advice(day).responses["tumour"].category == category


def test_a_new_lesion_is_progression_whatever_the_sum() -> None:
    facts = cabazitaxel()
    facts.give(1, "25")
    facts.see(43, target_sum="40", non_target_progression=False, new_lesion=True)
    assert facts.advice(43).rule == "progression"


# Cohorts, several interventions ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("arm", "dose"), [("dose_25", 50), ("dose_50", 100), ("dose_100_alone", 200)])
def test_each_cohort_starts_at_its_own_level(arm: str, dose: int) -> None:
    facts = Facts("olaparib-escalation", arm)
    facts.see(-1, anc="4.0", platelets="200", creatinine_clearance="90")
    assert facts.advice(1, "olaparib").dose == dose


def test_an_arm_is_advised_only_what_it_receives() -> None:
    facts = Facts("olaparib-escalation", "dose_100_alone")
    assert [name for name in facts.protocol.regimens if facts.receives(name)] == ["olaparib", "radiotherapy"]


def test_one_drug_is_held_with_another() -> None:
    facts = Facts("olaparib-escalation", "dose_25")
    facts.see(-1, anc="4.0", platelets="200", creatinine_clearance="90", bsa="1.80")
    facts.give(1, "50", "olaparib")
    facts.give(3, "6", "cisplatin")
    assert facts.advice(4, "cisplatin").act is Act.SAME
    facts.give(4, "0", "olaparib", held_by=("counts",))
    assert facts.advice(5, "cisplatin").rule == "with_olaparib"
    assert facts.advice(5, "radiotherapy").act is Act.START


def test_fractions_end_at_the_total() -> None:
    facts = Facts("olaparib-escalation", "dose_25")
    for day in range(3, 27):
        facts.give(day, "2.75", "radiotherapy")
    assert facts.advice(27, "radiotherapy").act is Act.STOP
    assert asked("radiotherapy total dose = 66 Gy", facts, 27) == 2


def test_a_dose_limiting_toxicity_is_a_state_that_cohorts_can_count() -> None:
    facts = Facts("olaparib-escalation", "dose_25")
    facts.give(1, "50", "olaparib")
    facts.suffer(9, "Esophagitis", 3)
    at = Standpoint(facts.protocol, facts.person, on_day(9), Readings(facts.protocol, facts.person, on_day(9)))
    assert reached(facts.protocol.states["dlt"], at)[0]
    assert facts.protocol.escalation is not None
    assert (facts.protocol.escalation.cohort, facts.protocol.escalation.window.anchor) == (3, "treatment stop")
    assert facts.planned(9, "dlt_visit")[0].target == on_day(9)


# Loading doses, masks, strata -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "dose", "rule"), [(15, 400, "loading"), (29, 400, "loading"), (43, 200, "loaded"), (57, 200, "loaded")]
)
def test_a_loading_dose_gives_way_to_maintenance(day: int, dose: int, rule: str) -> None:
    facts = Facts("certolizumab-loading", "czp", enrolled=1)
    facts.see(-1, pregnant=False)
    for earlier in range(1, day, 14):
        facts.give(earlier, "400" if earlier < 43 else "200")
    advice = facts.advice(day, "certolizumab")
    assert (advice.dose, advice.rule) == (dose, rule)


def test_the_placebo_arm_is_advised_no_drug() -> None:
    facts = Facts("certolizumab-loading", "placebo", enrolled=1)
    assert not facts.receives("certolizumab")
    assert facts.receives("placebo")


def test_an_activity_is_planned_only_for_those_whom_it_is_for() -> None:
    for sex, expected in (("female", True), ("male", False), ("", True)):
        facts = Facts("certolizumab-loading", "czp", enrolled=1)
        if sex:
            facts.see(-1, sex=sex)
        assert ("pregnancy" in facts.planned(2, "week_12")[0].activities) is expected


def test_a_flag_can_stratify() -> None:
    assert other_trial("cagrisema-masked").scope.strata["diabetes"] == ("no", "yes")


# Crossover -------------------------------------------------------------------------------------------------------------


def test_a_crossover_walks_through_its_periods_and_counts_from_its_visits() -> None:
    facts = Facts("ts142-crossover", "sequence_1", enrolled=1)
    facts.see(1, "first_night", rms_open="1.20")
    facts.give(1, "5", "ts142_low")
    facts.see(9, "second_night")
    epochs = facts.protocol.scope.epochs
    at = Standpoint(facts.protocol, facts.person, on_day(9), Readings(facts.protocol, facts.person, on_day(9)))
    assert epochs[int(gather((CurrentEpoch(),), at)[0][CurrentEpoch()].data)] == "period_2"
    assert facts.planned(9, "third_night")[0].target == on_day(16)
    assert facts.planned(9, "fourth_night") == []
    assert facts.advice(9, "ts142_low").act is Act.STOP
    assert facts.advice(9, "ts142_high").act is Act.START


# A vaccine -------------------------------------------------------------------------------------------------------------


def test_one_arm_has_one_dose_and_the_other_two() -> None:
    for arm, regimen, act in (("ic_1", "one_dose", Act.STOP), ("ic_2", "two_doses", Act.SAME)):
        facts = Facts("rsv-vaccine", arm)
        facts.see(1, temperature="36.6")
        assert facts.advice(1, regimen).act is Act.START
        facts.give(1, "0.5", regimen)
        facts.see(40, temperature="36.6")
        assert facts.advice(40, regimen).act is act


def test_fever_puts_a_vaccination_off() -> None:
    facts = Facts("rsv-vaccine", "ic_1")
    facts.see(1, temperature="38.4")
    advice = facts.advice(1, "one_dose")
    assert advice.headline == "Advise: do not start."
    assert "38.4 °C on 2 March is at least 38.0 °C (fever)" in advice.sentence


def test_diary_and_blood_count_from_the_second_dose_where_there_is_one() -> None:
    facts = Facts("rsv-vaccine", "ic_2")
    facts.give(1, "0.5", "two_doses")
    facts.see(40, "visit_3", titre_a="640")
    facts.see(40, "second_dose")
    assert [visit.target for visit in facts.planned(41, "diary_2")] == [on_day(40 + day) for day in range(7)]
    assert facts.planned(41, "visit_4")[0].target == on_day(70)
    one_dose = Facts("rsv-vaccine", "ic_1")
    one_dose.give(1, "0.5", "one_dose")
    one_dose.see(40, "visit_3", titre_a="640")
    assert one_dose.planned(41, "second_dose") == []


def test_a_fold_rise_is_a_quotient() -> None:
    facts = Facts("rsv-vaccine", "ic_1")
    facts.see(1, titre_a="100")
    facts.give(1, "0.5", "one_dose")
    facts.see(31, titre_a="399")
    assert asked("seroresponse_a", facts, 31) == 0
    facts.see(61, titre_a="400")
    assert asked("seroresponse_a", facts, 61) == 2


# No dosing: a device, a registry ---------------------------------------------------------------------------------------


def test_without_dosing_days_and_baseline_count_from_enrolment() -> None:
    facts = Facts("digital-diabetes", "bt001", enrolled=1)
    assert facts.protocol.day_1 == "enrolment"
    facts.see(-10, hba1c="8.4")
    facts.see(90, hba1c="7.6")
    assert asked("change from baseline hba1c <= -0.8 %", facts, 90) == 2
    assert asked("hba1c_change = -0.8 %", facts, 90) == 2
    at = Standpoint(facts.protocol, facts.person, on_day(90), Readings(facts.protocol, facts.person, on_day(90)))
    assert float(gather((Day(),), at)[0][Day()].data) == 90
    assert facts.planned(90, "day_90")[0].target == on_day(90)


def test_a_registry_follows_from_diagnosis_and_from_recurrence() -> None:
    facts = Facts("breast-registry", enrolled=1)
    facts.see(1, diagnosed_on="2019-11-15", er="negative", pr="negative", her2="equivocal")
    assert facts.planned(1, "annual")[0].target.isoformat() == "2020-11-15"
    assert facts.planned(1, "after_recurrence") == []
    facts.reach(300, "recurrence")
    assert facts.planned(300, "after_recurrence")[0].target == on_day(300).replace(month=6, year=2021)


@pytest.mark.parametrize(
    ("er", "pr", "her2", "subtype"),
    [
        ("positive", "negative", "positive", "luminal"),
        ("negative", "negative", "positive", "her2_enriched"),
        ("negative", "negative", "negative", "triple_negative"),
    ],
)
def test_a_code_is_derived_from_codes(er: str, pr: str, her2: str, subtype: str) -> None:
    facts = Facts("breast-registry", enrolled=1)
    facts.see(1, er=er, pr=pr, her2=her2)
    assert asked(f"subtype = {subtype}", facts, 1) == 2


# Titration up and down -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("glucose", "lowest", "dose", "rule"),
    [
        (("150", "120", "160"), "110", 22, "above"),  # 2 of 3 above 130: the median is
        (("150", "120", "110"), "110", 20, "on_target"),
        (("190", "200", "210"), "110", 24, "far_above"),
        (("150", "160", "170"), "66", 18, "low"),
        (("150", "160", "170"), "50", 16, "severe_low"),
        (("75", "70", "90"), "72", 18, "below"),
    ],
)
def test_insulin_goes_up_and_down_to_its_target(glucose: tuple[str, ...], lowest: str, dose: int, rule: str) -> None:
    facts = Facts("insulin-titration", "isage")
    facts.give(1, "20")
    for day, value in zip((6, 7, 8), glucose, strict=True):
        facts.see(day, fasting_glucose=value)
    facts.see(8, lowest_glucose=lowest, perceived_hypoglycaemia=False)
    advice = facts.advice(8)
    assert (advice.dose, advice.rule) == (dose, rule)


def test_too_few_values_raise_nothing() -> None:
    facts = Facts("insulin-titration", "isage")
    facts.give(1, "20")
    facts.see(8, fasting_glucose="300", lowest_glucose="280", perceived_hypoglycaemia=False)
    advice = facts.advice(8)
    assert advice.act is Act.SAME
    assert "far_above" in advice.blocked_by


# Children --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "doses", "verdict"), [("7", "1", "not met"), ("7", "2", "met"), ("9", "1", "met"), ("9", "0", "not met")]
)
def test_an_age_band_asks_its_own_question(age: str, doses: str, verdict: str) -> None:
    facts = Facts("influenza-children", "iiv4")
    facts.see(1, age=age, earlier_doses=doses)
    found = {one.criterion.id: one for one in judge_eligibility(facts.protocol, facts.person, on_day(1)).judgements}
    assert found["I4"].verdict == verdict


# Two drugs, counts of complications -----------------------------------------------------------------------------------


def test_doses_escalate_by_time_and_are_held_together() -> None:
    facts = Facts("cagrisema-masked", "cagrisema")
    facts.see(1, nausea=False)
    for drug in ("semaglutide", "cagrilintide"):
        facts.give(1, "0.25", drug)
    facts.see(29, nausea=False)
    assert [facts.advice(29, drug).dose for drug in ("semaglutide", "cagrilintide")] == [Decimal("0.5"), Decimal("0.5")]
    facts.see(29, nausea=True)
    assert facts.advice(29, "semaglutide").rule == "intolerable"
    facts.give(29, "0", "semaglutide", held_by=("intolerable",))
    assert facts.advice(30, "cagrilintide").rule == "together"


@pytest.mark.parametrize(
    ("weight", "complications", "verdict"),
    [
        ("75", ("hypertension", "osas"), "met"),
        ("75", ("hypertension",), "not met"),
        ("75", ("osas", "cvd"), "not met"),
        ("95", ("hypertension",), "met"),
    ],
)
def test_a_criterion_counts_complications(weight: str, complications: tuple[str, ...], verdict: str) -> None:
    facts = Facts("cagrisema-masked", "cagrisema")
    facts.see(-10, height="160", weight=weight, complications=complications)
    found = {one.criterion.id: one for one in judge_eligibility(facts.protocol, facts.person, on_day(-10)).judgements}
    assert found["I2"].verdict == verdict


# Free text -------------------------------------------------------------------------------------------------------------


def test_a_text_is_kept_as_written_and_asked_only_whether_it_is_known() -> None:
    facts = Facts("certolizumab-loading", "czp", enrolled=1)
    assert asked("comment is known", facts, 1) == 0
    facts.see(1, comment="left hip not assessed")
    assert asked("comment is known", facts, 1) == 2
    readings = Readings(facts.protocol, facts.person, on_day(1))
    assert readings.series("comment")[-1].display == "left hip not assessed"
    refused = read_expression("comment = 'left'", facts.protocol.scope, Place("test"))[1]
    assert [one.code for one in refused] == ["TW-E006"]
