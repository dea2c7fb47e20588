"""What the index promises beside finding: bounds, errors, records looked up, lists, and the state that a reader sees."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from tests.registry_samples import key_of, sample_index, sample_records, stored_of, write_index

from trialwright.registry.address import Address
from trialwright.registry.index import (
    Decay,
    IndexWriter,
    Near,
    Request,
    RequestError,
    Stored,
    StudyIndex,
    ranges,
    snippet,
)
from trialwright.registry.index.walk import gather
from trialwright.registry.language import parse_expression
from trialwright.registry.record import Record
from trialwright.registry.structure import structure, values

BERGAMO = Near(45.698, 9.677, 100.0)


def asked(text: str, area: str = "BasicSearch", **more: Any) -> Request:
    return Request(queries=((area, parse_expression(text)),), **more)


def test_the_seed_is_found_by_its_names_numbers_and_place() -> None:
    for request in (
        asked("imatinib hypereosinophilic"),
        asked("NILG-HES1-03", "IdSearch"),
        asked("NCT00787384", "IdSearch"),
        asked("glivec HES"),
        asked("imatinib", near=BERGAMO),
    ):
        assert "NCT00787384" in [hit.key for hit in sample_index().find(request).hits], request


def test_an_expansion_is_shown_and_can_be_switched_off() -> None:
    found = sample_index().find(asked("imatinib"))
    assert [one.words for one in found.expanded] == ["imatinib"]
    assert "Glivec" in found.expanded[0].variants
    assert sample_index().find(asked("imatinib", synonyms=False)).expanded == ()


def test_words_together_in_a_title_or_condition_rank_above_words_apart() -> None:
    hits = sample_index().find(asked("breast cancer", synonyms=False)).hits
    together = ["breast cancer" in short_texts(hit.key) for hit in hits]
    assert together[0]
    assert together == sorted(together, reverse=True)


@pytest.mark.parametrize("piece", ["WhyStopped", "StartDate", "LocationFacility", "EligibilityModule"])
def test_a_range_open_at_both_ends_is_whatever_is_there(piece: str) -> None:
    there = {hit.key for hit in sample_index().find(asked(f"AREA[{piece}]RANGE[MIN, MAX]", limit=1_000)).hits}
    missing = {hit.key for hit in sample_index().find(asked(f"AREA[{piece}]MISSING", limit=1_000)).hits}
    assert there | missing == {key_of(raw) for raw in sample_records()} and not there & missing


def test_a_range_open_at_both_ends_holds_at_the_same_site() -> None:
    everywhere = asked("SEARCH[Location](AREA[LocationCity]RANGE[MIN, MAX])", limit=1_000)
    nowhere = asked("SEARCH[Location](AREA[LocationCity]RANGE[MIN, MAX] AND AREA[LocationCity]MISSING)", limit=1_000)
    assert sample_index().find(everywhere).total and not sample_index().find(nowhere).total


def short_texts(key: str) -> str:
    raw = next(raw for raw in sample_records() if key_of(raw) == key)
    names = ("BriefTitle", "OfficialTitle", "Condition", "Keyword", "InterventionName")
    return " | ".join(str(value) for name in names for value in values(raw, structure().pieces[name])).lower()


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (asked("cancer", sort=(("BriefTitle", False),)), "Unsupported sort field type: text"),
        (asked("cancer", sort=(("Nothing", False),)), "Unknown sort field: Nothing"),
        (asked("cancer", sort=(("@distance", False),)), "say from where"),
        (asked("AREA[BriefTitle]RANGE[a, b]"), "Unsupported range field: BriefTitle"),
        (asked("AREA[StartDate]RANGE[soon, MAX]"), "Invalid range value: soon"),
        (asked("AREA[Nowhere]cancer"), "Unknown area name: 'Nowhere'"),
        (asked("SEARCH[Location](AREA[BriefTitle]cancer)"), "'BriefTitle' is not part of Location"),
        (asked("AREA[Phase:size]many"), "whole number"),
        (asked("SEARCH[Location](" + " OR ".join(f"AREA[LocationFacility]h{n}" for n in range(41)) + ")"), "at most 40 terms"),
        (asked(" ".join(f"w{n}" for n in range(1_001))), "at most 1000 words"),
        (asked("cancer", facets=("BriefTitle",)), "Unknown facet: BriefTitle"),
        (asked("cancer", offset=-1), "offset"),
        (asked("cancer", near=Near(91, 0)), "no place on the earth"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_reason(request_: Request, message: str) -> None:
    with pytest.raises(RequestError, match=message.replace("(", r"\(")):
        sample_index().find(request_)


@pytest.mark.parametrize("text", ["☃", '"..."', "ʘ", "AREA[Phase]nonsense", "a" * 5_000, " ".join(f"w{n}" for n in range(900))])
def test_words_that_nothing_has_find_nothing(text: str) -> None:
    assert sample_index().find(asked(text)).total == 0


def test_no_hits_beyond_the_last_and_none_where_none_are_asked_for() -> None:
    for request in (asked("ALL", offset=10**12), asked("ALL", limit=0), Request(offset=10**9, sort=(("StartDate", True),))):
        assert sample_index().find(request).hits == ()
    assert sample_index().find(asked("ALL", offset=10**12)).total == len(sample_records())


def test_a_score_that_falls_with_distance_keeps_the_studies_and_prefers_the_near() -> None:
    plain = sample_index().find(asked("cancer", near=Near(45.7, 9.67), limit=500))
    near = sample_index().find(asked("cancer", near=Near(45.7, 9.67), geo_decay=Decay("gauss", 100.0), limit=500))
    assert {hit.key for hit in plain.hits} == {hit.key for hit in near.hits}
    assert near.hits[0].distance_km is not None
    assert near.hits[0].distance_km < 300


def test_one_walk_gathers_what_the_structure_says_of_each_piece() -> None:
    for raw in sample_records()[::25]:
        gathered = gather(raw)
        for name, piece in structure().pieces.items():
            assert gathered.values.get(name, []) == list(values(raw, piece)), name


def test_what_is_stored_comes_back_and_another_name_leads_to_its_study(tmp_path: Path) -> None:
    raw = json.loads(json.dumps(sample_records()[0]))
    raw["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT00000009"]
    stored = Stored(key_of(raw), Address(7, 2**40, 99), bytes(range(16)), b"earlier")
    writer = IndexWriter(tmp_path, threads=1)
    writer.add(Record(raw), stored)
    writer.commit()
    writer.close()
    index = StudyIndex(tmp_path)
    assert index.stored(key_of(raw)) == stored
    assert index.stored_many([key_of(raw), "NCT99999999"]) == {key_of(raw): stored}
    assert index.resolve("nct00000009") == key_of(raw)
    assert index.resolve("NCT99999999") is None


def test_a_reader_keeps_its_state_while_a_writer_replaces_and_deletes(tmp_path: Path) -> None:
    raws = sample_records()[:6]
    write_index(tmp_path, raws)
    before = StudyIndex(tmp_path)
    writer = IndexWriter(tmp_path, threads=1)
    writer.delete(key_of(raws[0]))
    writer.add(Record(raws[1]), stored_of(raws[1], 77))
    assert StudyIndex(tmp_path).count == 6
    writer.commit()
    writer.close()
    after = StudyIndex(tmp_path)
    assert (before.count, after.count) == (6, 5)
    assert before.stored(key_of(raws[0])) is not None
    found = after.stored(key_of(raws[1]))
    assert found is not None
    assert found.address.offset == 77


def test_what_was_not_committed_is_dropped(tmp_path: Path) -> None:
    write_index(tmp_path, sample_records()[:2])
    writer = IndexWriter(tmp_path, threads=1)
    writer.delete(key_of(sample_records()[0]))
    writer.close()
    assert StudyIndex(tmp_path).count == 2


def test_a_closed_folder_is_at_rest_and_holds_only_what_its_index_names(tmp_path: Path) -> None:
    """Nine commits make merging begin; after ``close`` it has ended, and what was not committed is cleared away."""
    raws = sample_records()[:90]
    for turn in range(3):
        folder = tmp_path / str(turn)
        writer = IndexWriter(folder, threads=2)
        for first in range(0, 81, 9):
            for number, raw in enumerate(raws[first : first + 9]):
                writer.add(Record(raw), stored_of(raw, number))
            writer.commit()
        for number, raw in enumerate(raws[81:]):
            writer.add(Record(raw), stored_of(raw, number))
        writer.close()
        left = listing(folder)
        time.sleep(0.3)
        assert listing(folder) == left
        segments = json.loads((folder / "meta.json").read_bytes())["segments"]
        named = {one["segment_id"].replace("-", "") for one in segments}
        assert {name.split(".")[0] for name in left if re.match("[0-9a-f]{32}", name)} == named
        assert StudyIndex(folder).count == 81


def listing(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in folder.iterdir()}


def test_places_are_listed_with_counts_from_country_to_city() -> None:
    countries = {bucket.value: bucket.count for bucket in sample_index().places()}
    assert countries["Italy"] >= 1
    cities = {
        bucket.value for region in sample_index().places("Italy") for bucket in sample_index().places("Italy", region.value)
    }
    assert "Bergamo" in cities


def test_suggestions_and_lists_say_how_many_studies_they_lead_to() -> None:
    assert sample_index().suggest_terms("  BREAST c")[0].value.lower().startswith("breast c")
    phases = sample_index().field_values("Phase")
    assert phases is not None
    assert {bucket.value for bucket in phases.top} <= {"NA", "EARLY_PHASE1", "PHASE1", "PHASE2", "PHASE3", "PHASE4"}
    sizes = {bucket.value: bucket.count for bucket in sample_index().field_sizes("Phase")}
    assert sum(sizes.values()) == phases.studies


def test_highlights_are_ranges_of_the_text_and_never_markup() -> None:
    text = "<b>Sjögren’s</b> syndrome: heart ATTACKS & more"
    stems = sample_index().find(asked("sjogren attack")).stems
    assert [text[begin:end] for begin, end in ranges(text, stems)] == ["Sjögren", "ATTACKS"]
    cut = snippet("word " * 200 + "attack here " + "word " * 200, {"attack"}, 80)
    assert cut is not None
    assert [cut.text[begin:end] for begin, end in cut.ranges] == ["attack"]
    assert len(cut.text) < 120


def test_an_empty_folder_is_an_index_without_studies(tmp_path: Path) -> None:
    index = StudyIndex(tmp_path)
    assert index.find(asked("cancer", near=BERGAMO, facets=("status",))).total == 0
    assert index.find(asked("SEARCH[Location](AREA[LocationCity]Boston)")).hits == ()
