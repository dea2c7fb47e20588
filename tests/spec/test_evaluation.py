"""The measurement of a search: definitions by hand, unjudged records, intervals, folders that hold no benchmark."""

from __future__ import annotations

import json
from math import log2
from pathlib import Path

import numpy as np
import pytest

from trialwright.registry.evaluation import (
    BenchmarkError,
    Rule,
    Topic,
    compare,
    corpus_record,
    interval,
    read_benchmark,
    read_corpus,
)
from trialwright.registry.evaluation.comparison import ranked_lists
from trialwright.registry.evaluation.measures import judged_only, ndcg, precision, recall

GRADES = {"a": 2, "b": 1, "c": 0, "d": 2}


def test_ndcg_is_the_gain_over_the_best_order() -> None:
    best = 2 + 2 / log2(3) + 1 / log2(4)
    assert ndcg(["c", "a", "x", "b"], GRADES) == pytest.approx((2 / log2(3) + 1 / log2(5)) / best)
    assert ndcg(["a", "d", "b"], GRADES) == 1.0
    assert ndcg([], GRADES) == 0.0
    assert ndcg(["a"], {}) == 0.0


def test_only_the_first_ten_places_count() -> None:
    below = [f"x{place}" for place in range(10)] + ["a"]
    assert ndcg(below, GRADES) == 0.0
    assert precision(below, GRADES, 1) == 0.0
    assert recall(below, GRADES, 1) == pytest.approx(1 / 3)


def test_precision_and_recall_count_records_of_a_grade() -> None:
    assert precision(["a", "b", "c"], GRADES, 1) == pytest.approx(0.2)
    assert precision(["a", "b", "c"], GRADES, 2) == pytest.approx(0.1)
    assert recall(["a", "b", "c"], GRADES, 2) == pytest.approx(0.5)
    assert recall(["a"], {"c": 0}, 1) == 0.0


def test_unjudged_records_can_be_left_out() -> None:
    assert judged_only(["x", "a", "y", "c"], GRADES) == ["a", "c"]


def _folder(folder: Path, qrels: str = "qrels.tsv") -> Path:
    (folder / qrels).parent.mkdir(parents=True, exist_ok=True)
    topics = [{"_id": "t1", "text": "one"}, {"_id": "t2", "text": "two"}, {"_id": "t3", "text": "three"}]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, topics)))
    (folder / qrels).write_text("query-id\tcorpus-id\tscore\nt1\ta\t2\nt1\tb\t0\nt2\tc\t0\nt3\td\t1\nt3\tz\t2\n")
    return folder


@pytest.mark.parametrize("qrels", ["qrels.tsv", "qrels/test.tsv", "qrels_subset.tsv"])
def test_a_folder_is_read_and_kept_to_the_records_that_are_held(tmp_path: Path, qrels: str) -> None:
    read = read_benchmark(_folder(tmp_path, qrels))
    assert read.topics[0] == Topic("t1", "one")
    within = read.within(frozenset("abcd"))
    assert [topic.identifier for topic in within.topics] == ["t1", "t3"], "t2 has no relevant record"
    assert within.pairs == 3
    assert [topic.identifier for topic in within.half(first=True).topics] == ["t1"]
    assert [topic.identifier for topic in within.half(first=False).topics] == ["t3"]


@pytest.mark.parametrize("missing", ["queries.jsonl", "qrels.tsv"])
def test_a_folder_without_topics_or_judgements_is_refused_by_name(tmp_path: Path, missing: str) -> None:
    (_folder(tmp_path) / missing).unlink()
    with pytest.raises(BenchmarkError, match=r"queries\.jsonl|judgements"):
        read_benchmark(tmp_path)


@pytest.mark.parametrize("text", ["t1 a 2\nt1 b 1\n", "query\tdoc\tgrade\nt1\ta\thigh\n"])
def test_a_judgement_that_cannot_be_read_is_named_by_its_line(tmp_path: Path, text: str) -> None:
    (_folder(tmp_path) / "qrels.tsv").write_text(text)
    with pytest.raises(BenchmarkError, match=r"qrels\.tsv:2"):
        read_benchmark(tmp_path)


def test_a_better_list_has_an_interval_above_nothing(tmp_path: Path) -> None:
    benchmark = read_benchmark(_folder(tmp_path)).within(frozenset("abcd"))
    good = ranked_lists(benchmark, lambda text: ["a", "d"])
    poor = ranked_lists(benchmark, lambda text: ["b", "c"])
    draws = np.random.Generator(np.random.PCG64(1)).random((200, 2))
    rows = {row.measure: row for row in compare(benchmark, good, poor, Rule(1), draws)}
    assert set(rows) == {"nDCG@10", "P@10", "recall@100"}
    assert (rows["recall@100"].ours, rows["recall@100"].baseline) == (1.0, 0.0)
    assert all(row.low > 0 for row in rows.values())
    assert [row.topics for row in compare(benchmark, good, poor, Rule(2), draws)] == [2, 1, 1], "only t1 has a record of grade 2"


def test_two_equal_lists_have_no_difference(tmp_path: Path) -> None:
    benchmark = read_benchmark(_folder(tmp_path)).within(frozenset("abcd"))
    same = ranked_lists(benchmark, lambda text: ["a"])
    for row in compare(benchmark, same, same, Rule(1), np.full((50, 2), 0.4)):
        assert (row.difference, row.low, row.high) == (0, 0, 0)


def test_the_interval_of_many_topics_is_near_that_of_the_normal_law() -> None:
    chance = np.random.Generator(np.random.PCG64(7))
    differences = chance.normal(0.1, 1.0, 400)
    low, high = interval(differences, chance.random((4000, 400)))
    half_width = 1.96 * differences.std() / 20
    assert low == pytest.approx(differences.mean() - half_width, abs=0.02)
    assert high == pytest.approx(differences.mean() + half_width, abs=0.02)


def test_a_corpus_line_becomes_a_record(tmp_path: Path) -> None:
    line = {
        "_id": "NCT00000001",
        "title": "A study",
        "text": "Summary: …",
        "metadata": {
            "brief_summary": "Of bones.",
            "diseases_list": ["Osteoporosis"],
            "drugs_list": ["Alendronate"],
            "inclusion_criteria": "Age 60",
        },
    }
    record = corpus_record(line)
    assert (record.nct_id, record.brief_title) == ("NCT00000001", "A study")
    (tmp_path / "corpus.jsonl").write_text(json.dumps(line) + "\n\nno json\n")
    records = read_corpus(tmp_path / "corpus.jsonl")
    assert next(records).nct_id == "NCT00000001"
    with pytest.raises(BenchmarkError, match=r"corpus\.jsonl:3"):
        next(records)
