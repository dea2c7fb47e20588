"""``trialwright registry evaluate`` over a small catalogue; and a note that finds what it names."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from trialwright.cli.main import cli
from trialwright.registry.catalogue import Catalogue
from trialwright.registry.evaluation import corpus_record
from trialwright.registry.index import Request
from trialwright.registry.record import Record

STUDIES = {
    "NCT00000001": ("Imatinib in hypereosinophilic syndrome", "Hypereosinophilic syndrome", "Imatinib"),
    "NCT00000002": ("Aspirin after heart attack", "Myocardial infarction", "Aspirin"),
    "NCT00000003": ("Vaccine in children", "Influenza", "Vaccine"),
    "NCT00000004": ("Doxorubicin in women", "Breast cancer", "Doxorubicin"),
}


def _record(number: str) -> Record:
    title, condition, drug = STUDIES[number]
    made = corpus_record(
        {"_id": number, "title": title, "text": title, "metadata": {"diseases_list": [condition], "drugs_list": [drug]}}
    )
    protocol = dict(made.raw["protocolSection"])  # type: ignore[call-overload]
    ages = {"NCT00000003": {"maximumAge": "12 Years"}, "NCT00000004": {"sex": "FEMALE", "minimumAge": "18 Years"}}.get(number, {})
    protocol["eligibilityModule"] = {**protocol["eligibilityModule"], **ages}
    return Record({"protocolSection": protocol})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with Catalogue(folder / "registry").revision(datetime(2026, 1, 1, tzinfo=UTC)) as revision:
        for number in list(STUDIES)[:3]:
            revision.put(_record(number), "test")
    return folder


@pytest.fixture
def topics(tmp_path: Path) -> Path:
    notes = {"t1": "A 45 yo man with HES given Glivec.", "t2": "65-year-old woman after a myocardial infarction."}
    (tmp_path / "queries.jsonl").write_text("\n".join(json.dumps({"_id": key, "text": text}) for key, text in notes.items()))
    (tmp_path / "qrels.tsv").write_text("t1\tNCT00000001\t2\nt1\tNCT00000002\t0\nt2\tNCT00000002\t2\nt2\tNCT00000003\t0\n")
    return tmp_path


def test_both_searches_are_measured_on_the_same_topics(home: Path, topics: Path) -> None:
    ran = CliRunner().invoke(cli, ["registry", "evaluate", "--topics", str(topics), "--home", str(home), "--json"])
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.output)
    (one,) = told["sets"]
    assert (told["records"], one["topics"], one["judged_pairs"]) == (3, 2, 4)
    first = one["unjudged"]["counted as not relevant"][0]
    assert (first["measure"], first["ours"]) == ("nDCG@10", 1.0)
    assert first["baseline"] < 1.0, "HES and Glivec stand in no record, so plain words find nothing"


def test_the_table_names_topics_records_and_the_rule_for_unjudged(home: Path, topics: Path) -> None:
    ran = CliRunner().invoke(cli, ["registry", "evaluate", "--topics", str(topics), "--home", str(home), "--half", "tuned"])
    assert ran.exit_code == 0, ran.output
    assert "1 topics with a relevant record, tuned half, 2 judged pairs, 3 records" in ran.output
    assert "unjudged records counted as not relevant" in ran.output
    assert "unjudged records left out of the lists" in ran.output


def test_a_sets_own_corpus_is_searched_for_one_run_and_not_kept(home: Path, topics: Path) -> None:
    line = {"_id": "NCT00000004", "title": "Doxorubicin in women", "text": "Breast cancer", "metadata": {}}
    (topics / "corpus.jsonl").write_text(json.dumps(line))
    options = ["--topics", str(topics), "--corpus", str(topics / "corpus.jsonl"), "--home", str(home), "--json"]
    assert json.loads(CliRunner().invoke(cli, ["registry", "evaluate", *options]).output)["records"] == 4
    assert Catalogue(home / "registry").edition().count == 3


def test_a_folder_that_holds_no_benchmark_ends_with_ten(home: Path, tmp_path: Path) -> None:
    ran = CliRunner().invoke(cli, ["registry", "evaluate", "--topics", str(tmp_path), "--home", str(home)])
    assert ran.exit_code == 10
    assert "queries.jsonl" in ran.output


def test_a_note_puts_those_who_could_take_part_first_and_hides_nobody(home: Path) -> None:
    index = Catalogue(home / "registry").edition().index
    found = index.find(Request(note="A 70-year-old man with influenza after a heart attack."))
    assert [hit.key for hit in found.hits] == ["NCT00000002", "NCT00000003"]
    assert ("heart attack", "Myocardial infarction") in [(one.words, one.preferred) for one in found.expanded]


def test_a_note_without_other_names_finds_only_its_own_words(home: Path) -> None:
    index = Catalogue(home / "registry").edition().index
    assert [hit.key for hit in index.find(Request(note="Glivec")).hits] == ["NCT00000001"]
    assert index.find(Request(note="Glivec", synonyms=False)).hits == ()
    assert index.find(Request(note="no fever")).hits == ()
