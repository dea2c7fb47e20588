"""The small trial's tables against values worked out by hand from its script (tests/small_trial.py)."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from tests.small_trial import LIMITS, corrected, imagined, on_day, protocol, small_trial

from trialwright.datasets import TABLES, Tables, derive_tables, describe, write_tables
from trialwright.events.catalogue import MedicationStarted


@pytest.fixture(scope="module")
def tables() -> Tables:
    return derive_tables(protocol(), small_trial().state)


def of(table: pl.DataFrame, who: str) -> pl.DataFrame:
    return table.filter(pl.col("participant") == who)


def test_every_table_holds_exactly_the_columns_that_describe_it_and_each_is_explained(tables: Tables) -> None:
    assert tuple(name for name, _ in tables.named()) == TABLES
    for name, table in tables.named():
        described = describe(name, protocol())
        assert table.columns == [column.name for column in described]
        assert all(column.label and column.derivation for column in described)
        assert table.columns[-1] == "entries"


def test_the_participants_table_says_who_was_enrolled_treated_and_why_treatment_stopped(tables: Tables) -> None:
    rows = {row["participant"]: row for row in tables.participants.to_dicts()}
    assert [who for who, row in rows.items() if row["in_enrolled"]] == ["P01", "P02", "P03", "P04", "P05", "P06"]
    assert rows["P07"]["eligibility"] == "not eligible" and rows["P07"]["first_dose_on"] is None
    assert (rows["P01"]["stop_day"], rows["P01"]["stop_reason"]) == (84, "course complete")
    assert (rows["P06"]["stop_day"], rows["P06"]["stop_reason"]) == (20, "withdrawal")
    assert rows["P01"]["baseline_aec"] == 12.0  # 20.0 × 60 %
    assert (rows["P02"]["baseline_disease"], rows["P06"]["baseline_fip1l1_pdgfra"]) == ("CEL", None)


def test_study_days_have_no_day_0(tables: Tables) -> None:
    for _, table in tables.named():
        for name in {"day", "from_day", "to_day", "stop_day"} & set(table.columns):
            assert 0 not in table[name].to_list()


def test_doses_cover_the_course_day_by_day_with_the_hold_and_its_rule(tables: Tables) -> None:
    rows = of(tables.doses, "P04").to_dicts()
    assert [(r["from_day"], r["to_day"], r["dose"]) for r in rows[:5]] == [
        (1, 7, 100.0), (8, 14, 200.0), (15, 21, 0.0), (22, 28, 200.0), (29, 35, 300.0),
    ]  # fmt: skip
    assert rows[2]["held"] and rows[2]["held_by"] == ["cytopenia"] and rows[2]["rule"] == "cytopenia"
    assert rows[-1]["to_day"] == 84 and sum(r["days"] for r in rows) == 84


def test_encounters_say_what_was_held_and_what_is_overdue(tables: Tables) -> None:
    rows = of(tables.encounters, "P03").to_dicts()
    status = {(r["encounter"], r["occurrence"]): r["status"] for r in rows}
    assert status["week", 11] == "done" and status["end_of_treatment", 1] == "done"
    assert status["early_safety", 1] == "overdue"
    assert next(r for r in rows if r["encounter"] == "week" and r["occurrence"] == 1)["day"] == 8


def test_derived_values_lead_back_to_both_values_that_they_come_from(tables: Tables) -> None:
    rows = of(tables.laboratory, "P01").filter(pl.col("variable") == "aec", pl.col("day") == 8).to_dicts()
    behind = of(tables.laboratory, "P01").filter(pl.col("variable").is_in(["wbc", "eos_pct"]), pl.col("day") == 8)
    assert len(rows) == 1 and rows[0]["number"] == 0.4 and rows[0]["derived"]
    assert sorted(rows[0]["entries"]) == sorted(entry for entries in behind["entries"] for entry in entries)


def test_relapse_is_dated_to_the_visit_that_first_showed_it(tables: Tables) -> None:
    rows = tables.states.to_dicts()
    assert [(r["participant"], r["state"]) for r in rows] == [("P01", "relapse")]
    assert (rows[0]["on"], rows[0]["established_on"], rows[0]["last_clear_on"]) == (on_day(112), on_day(140), on_day(98))


def test_times_to_response_end_as_the_script_says(tables: Tables) -> None:
    rows = tables.time_to_event.filter(pl.col("endpoint") == "time_to_response")
    found = {r["participant"]: (r["days"], r["outcome"]) for r in rows.to_dicts()}
    assert found == {
        "P01": (7, "event"), "P02": (21, "event"), "P03": (83, "censored"),
        "P04": (83, "censored"), "P05": (42, "event"), "P06": (19, "competing"),
    }  # fmt: skip


def test_every_row_names_its_participant_and_only_entries_of_that_participant(tables: Tables) -> None:
    owner = {entry.sequence: entry.fields.get("participant") for entry in small_trial().entries}
    for name, table in tables.named():
        for row in table.to_dicts():
            assert {owner[entry] for entry in row["entries"]} <= {row["participant"]}, name


def test_a_correction_changes_the_analysed_category_and_keeps_the_recorded_one() -> None:
    found = derive_tables(protocol(), corrected(small_trial().state, "P01", 15, "30.0"))
    row = of(found.responses, "P01").filter(pl.col("response") == "haematological", pl.col("day") == 15).to_dicts()[0]
    assert (row["category"], row["recorded_category"]) == ("partial", "complete") and row["reassessed"]
    decisions = of(found.decisions, "P01").filter(pl.col("changed_since"))
    assert set(decisions["kind"]) == {"dose", "response"} and set(decisions["on"]) == {on_day(15)}
    value = of(found.laboratory, "P01").filter(pl.col("variable") == "eos_pct", pl.col("day") == 15).to_dicts()[0]
    assert (value["value"], value["before"], value["corrected"]) == ("30.0", "2.0", True)


def test_a_steroid_entered_late_bars_the_assessments_after_it() -> None:
    started = MedicationStarted(participant="P02", on=on_day(24), group="corticosteroid", name="prednisone", change="new")
    tables = derive_tables(protocol(), imagined(small_trial().state, started))
    found = of(tables.responses, "P02").filter(pl.col("response") == "haematological")
    row = found.filter(pl.col("day") == 29).to_dicts()[0]
    assert row["recorded_category"] == "complete" and not row["assessable"] and row["category"] == ""


def test_tables_are_written_as_csv_and_parquet_with_their_columns_described(tables: Tables, tmp_path: Path) -> None:
    for kind in ("csv", "parquet"):
        files = write_tables(tables, protocol(), tmp_path / kind, kind)
        assert len(files) == len(TABLES) + 1
    back = pl.read_parquet(tmp_path / "parquet/doses.parquet")
    assert back.equals(tables.doses)
    described = json.loads((tmp_path / "csv/columns.json").read_text())
    assert described["tables"]["doses"][0]["name"] == "participant"
    assert (tmp_path / "csv/responses.csv").read_text().splitlines()[0].endswith(",entries")


def test_the_limits_of_normal_stand_beside_the_value(tables: Tables) -> None:
    row = of(tables.laboratory, "P01").filter(pl.col("variable") == "bilirubin").to_dicts()[0]
    assert (row["limit_low"], row["limit_high"]) == tuple(float(one) for one in LIMITS["bilirubin"])
    assert row["on"] == date(2005, 1, 1)
