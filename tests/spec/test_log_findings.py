"""What verification says of each fault: the code, the line, and no traceback."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from tests.log_samples import START, sample_log, sealed, write_log

from trialwright.log import (
    GENESIS,
    REDACTED,
    Actor,
    Draft,
    Head,
    JsonLinesShelf,
    MemoryShelf,
    NotCanonicalError,
    Stamp,
    canonical_bytes,
    complaints,
    export_csv,
    export_json_lines,
    recover,
    seal,
    seeded_salts,
    verify,
)
from trialwright.log.line import format_line, parse_line
from trialwright.vocabulary.findings import Refused, Severity

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "findings"
LINES = [format_line(entry) for entry in sample_log(8)]
PARTS = ("## Example", "## Why it matters", "## Ways out")
CODES = sorted(value for name, value in vars(complaints).items() if name.isupper() and str(value).startswith("TW-L"))


def change(line: bytes, alter: Callable[[Any], None]) -> bytes:
    raw = json.loads(line)
    alter(raw)
    return rfc8785.dumps(raw) + b"\n"


def resealed(line: bytes, alter: Callable[[Any], None]) -> bytes:
    """What somebody who owns the log could do: change an entry and seal it again."""
    raw = json.loads(line)
    alter(raw["body"])
    raw["digest"] = hashlib.sha256(rfc8785.dumps(raw["body"])).hexdigest()
    return rfc8785.dumps(raw) + b"\n"


def put(path: tuple[str, ...], value: Any) -> Callable[[Any], None]:
    def alter(raw: Any) -> None:
        for step in path[:-1]:
            raw = raw[step]
        raw[path[-1]] = value

    return alter


def drop(path: tuple[str, ...]) -> Callable[[Any], None]:
    def alter(raw: Any) -> None:
        for step in path[:-1]:
            raw = raw[step]
        del raw[path[-1]]

    return alter


def at(index: int, line: bytes) -> list[bytes]:
    return [*LINES[:index], line, *LINES[index + 1 :]]


OTHER_TRIAL = [format_line(entry) for entry in sample_log(8, trial="T2")]
HALF = [format_line(entry) for entry in sample_log(6, commands_of=3)]
SAME_KEY = sample_log(2)
AGAIN = sealed(SAME_KEY[-1].head, "k0", {"value": "other"}, minutes=9)
EARLY = sealed(SAME_KEY[-1].head, "k9", {"value": "other"}, minutes=-9)

FAULTS: list[tuple[str, list[bytes], list[tuple[str, int]]]] = [
    ("noise", at(3, b"%PDF-1.7\n"), [("TW-L001", 4)]),
    ("an empty line", at(3, b"\n"), [("TW-L001", 4)]),
    ("bytes that are no text", at(3, b'{"body":"\xff"}\n'), [("TW-L001", 4)]),
    ("JSON that is no entry", at(3, b'{"hello":1}\n'), [("TW-L001", 4)]),
    ("a float", at(3, change(LINES[3], put(("fields", "value"), 1.5))), [("TW-L001", 4)]),
    ("deep nesting", at(3, b"[" * 100_000 + b"\n"), [("TW-L001", 4)]),
    ("a part missing", at(3, change(LINES[3], drop(("body", "trial")))), [("TW-L001", 4)]),
    ("a later format", at(3, change(LINES[3], put(("body", "log"), 2))), [("TW-L001", 4)]),
    ("a blank", at(3, LINES[3].replace(b'","', b'", "', 1)), [("TW-L002", 4)]),
    ("an escape", at(3, LINES[3].replace(b"12.4", b"\\u0031" + b"2.4")), [("TW-L002", 4)]),
    ("a name given twice", at(3, LINES[3].replace(b'"fields":{', b'"fields":{"on":"2004-10-12",')), [("TW-L002", 4)]),
    ("an altered body", at(3, change(LINES[3], put(("body", "kind"), "DoseAdvised"))), [("TW-L003", 4)]),
    ("an altered number", at(3, change(LINES[3], put(("body", "sequence"), 77))), [("TW-L003", 4)]),
    ("an altered digest", at(3, change(LINES[3], put(("digest",), "0" * 64))), [("TW-L003", 4)]),
    ("an altered first entry", at(0, change(LINES[0], put(("body", "trial"), "T9"))), [("TW-L003", 1)]),
    ("an altered value", at(3, change(LINES[3], put(("fields", "value"), "9.9"))), [("TW-L004", 4)]),
    ("a wrong salt", at(3, change(LINES[3], put(("salts", "value"), "0" * 32))), [("TW-L004", 4)]),
    ("an entry sealed again", at(3, resealed(LINES[3], put(("kind",), "DoseAdvised"))), [("TW-L005", 5)]),
    ("a dropped entry", LINES[:3] + LINES[4:], [("TW-L006", 4)]),
    ("two dropped entries", LINES[:3] + LINES[5:], [("TW-L006", 4)]),
    ("a dropped beginning", LINES[2:], [("TW-L006", 1)]),
    ("an entry doubled in place", [*LINES[:4], *LINES[3:]], [("TW-L007", 5)]),
    ("an entry doubled elsewhere", [*LINES[:6], LINES[1], *LINES[6:]], [("TW-L007", 7)]),
    ("swapped neighbours", [*LINES[:3], LINES[4], LINES[3], *LINES[5:]], [("TW-L008", 4)]),
    ("an entry moved far", [LINES[0], *LINES[2:7], LINES[1], LINES[7]], [("TW-L008", 7)]),
    ("another trial's entry", at(3, OTHER_TRIAL[3]), [("TW-L009", 4), ("TW-L006", 5)]),
    ("another trial's entry between", [*LINES[:3], OTHER_TRIAL[3], *LINES[3:]], [("TW-L009", 4)]),
    ("a torn last line", [*LINES[:7], LINES[7][:50]], [("TW-L012", 8)]),
    ("a last line without its line feed", [*LINES[:7], LINES[7][:-1]], [("TW-L012", 8)]),
    ("half a command at the end", HALF[:5], [("TW-L013", 5)]),
    ("a key used twice", [*map(format_line, [*SAME_KEY, *AGAIN])], [("TW-L014", 3)]),
    ("a salt without its field", at(3, change(LINES[3], drop(("fields", "value")))), [("TW-L015", 4)]),
    ("a field without its salt", at(3, change(LINES[3], drop(("salts", "value")))), [("TW-L015", 4)]),
    (
        "salts of odd lengths",
        at(3, change(LINES[3], lambda raw: raw["salts"].update(on="0" * 31, value="0" * 33))),
        [("TW-L015", 4)],
    ),
    (
        "a salt in capitals",
        at(3, change(LINES[3], lambda raw: raw["salts"].update({name: salt.upper() for name, salt in raw["salts"].items()}))),
        [("TW-L015", 4)],
    ),
    (
        "a name that is no word",
        at(3, change(LINES[3], lambda raw: raw["body"]["commitments"].update({'x":"y': "0" * 64}))),
        [("TW-L001", 4)],
    ),
    ("an instant that is none", at(3, resealed(LINES[3], put(("recorded_at",), None))), [("TW-L001", 4)]),
    ("half a surrogate pair", at(3, LINES[3].replace(b"12.4", b"\\ud800")), [("TW-L001", 4)]),
    ("a short salt", at(3, change(LINES[3], put(("salts", "value"), "00"))), [("TW-L015", 4)]),
    ("a clock set back", [*map(format_line, [*SAME_KEY, *EARLY])], [("TW-L016", 3)]),
]


def found(path: Path, **expectations: Any) -> list[tuple[str, int]]:
    return [(finding.code, finding.place.line) for finding in verify(path, **expectations).findings]


@pytest.mark.parametrize(("fault", "lines", "expected"), FAULTS, ids=[fault for fault, _, _ in FAULTS])
def test_each_fault_has_its_finding_on_its_line(
    tmp_path: Path, fault: str, lines: list[bytes], expected: list[tuple[str, int]]
) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(lines))
    assert sorted(found(path)) == sorted(expected)
    for finding in verify(path).findings:
        assert finding.ways_out
        assert finding.detail.endswith(".")
        assert finding.stops or finding.severity is Severity.WARNING


def test_a_sound_log_has_no_findings_in_a_file_or_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    entries = sample_log(8)
    write_log(path, entries)
    for source in (path, entries):
        verified = verify(source, expect_head=entries[-1].head, trial="T1")
        assert (verified.count, verified.head, verified.findings) == (8, entries[-1].head, ())
        assert verified.sound
        assert verified.trial == "T1"


def test_a_cut_tail_is_seen_against_a_head_that_a_witness_kept(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    entries = sample_log(8)
    write_log(path, entries[:5])
    assert found(path) == []
    assert found(path, expect_head=entries[4].head) == []
    assert found(path, expect_head=entries[7].head) == [("TW-L010", 0)]
    assert found(path, expect_head=entries[7].digest) == [("TW-L010", 0)]
    assert found(path, expect_head=GENESIS) == []


def test_a_history_made_anew_is_seen_against_a_head_that_a_witness_kept(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    write_log(path, sample_log(8, commands_of=2))
    assert found(path) == []
    assert found(path, expect_head=sample_log(6)[-1].head) == [("TW-L011", 0)]


def test_a_log_of_another_trial_is_seen_when_the_trial_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    write_log(path, sample_log(2))
    assert found(path, trial="T2") == [("TW-L009", 1), ("TW-L009", 2)]


def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    assert found(tmp_path / "none.jsonl") == [("TW-L017", 0)]
    assert found(tmp_path) == [("TW-L017", 0)]


def test_ten_megabytes_of_noise_are_few_findings(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"noise without meaning\n" * 500_000)
    findings = verify(path).findings
    assert len(findings) == 21
    assert findings[-1].title == "499980 more of the same"


def test_a_rival_entry_with_the_same_number_is_told_from_a_copy(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    entries = sample_log(3)
    rival = sealed(entries[0].head, "rival", {"value": "other"}, minutes=1)
    write_log(path, [*entries[:2], *rival, entries[2]])
    assert [finding.title for finding in verify(path).findings] == [
        "Two different entries are numbered 1",
        "Entry 2 does not follow the entry before it",
    ]


def test_entries_with_values_that_no_log_holds_are_a_finding() -> None:
    entries = sample_log(2)
    strange = replace(entries[1], fields={**entries[1].fields, "value": 1.5})  # type: ignore[dict-item]
    assert [finding.code for finding in verify([entries[0], strange]).findings] == ["TW-L001"]


def test_a_shelf_refuses_a_file_that_ends_in_a_line_that_is_no_entry(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b"".join(LINES[:2]) + b"noise\n")
    for attempt in (JsonLinesShelf(path).head, lambda: recover(path), lambda: list(JsonLinesShelf(path).entries())):
        with pytest.raises(Refused) as caught:
            attempt()
        assert [finding.code for finding in caught.value.findings] == ["TW-L001"]
    assert path.read_bytes().endswith(b"noise\n")


def test_recovery_never_overwrites_what_an_earlier_one_set_aside(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    for torn in (b"first", b"second"):
        path.write_bytes(LINES[0] + torn)
        recovery = recover(path)
        assert recovery.moved_to is not None
        assert recovery.moved_to.read_bytes() == torn
    assert len(list(tmp_path.glob("*.torn-*"))) == 2


def test_the_digest_and_the_commitments_follow_the_documented_bytes() -> None:
    raw = json.loads(LINES[3])
    assert raw["digest"] == hashlib.sha256(rfc8785.dumps(raw["body"])).hexdigest()
    assert raw["body"]["previous"] == json.loads(LINES[2])["digest"]
    assert json.loads(LINES[0])["body"]["previous"] == "0" * 64
    for name, value in raw["fields"].items():
        salted = bytes.fromhex(raw["salts"][name]) + rfc8785.dumps([name, value])
        assert raw["body"]["commitments"][name] == hashlib.sha256(salted).hexdigest()


def test_seeded_salts_differ_by_seed_sequence_and_field_and_are_always_the_same() -> None:
    salts = {seeded_salts(seed)(sequence, field) for seed in (1, 2) for sequence in (0, 1) for field in ("a", "b")}
    assert len(salts) == 8
    assert seeded_salts(1)(0, "a").hex() == "0103f49543e89253c66ab1a79d563e28"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"weight": 71.5}, "float"),
        ({"big": 2**53}, "beyond"),
        ({"name with blank": "x"}, "named by a word"),
        ({"x": "\ud800"}, "surrogate"),
        ({"x": {1: "a"}}, "not text"),
    ],
)
def test_what_cannot_be_spelled_in_one_way_is_never_sealed(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        sealed(GENESIS, "k", fields)


@pytest.mark.parametrize(("key", "version", "salt"), [("", 1, 16), ("k", -1, 16), ("k", 1, 8)])
def test_an_entry_without_key_or_with_a_short_salt_is_never_sealed(key: str, version: int, salt: int) -> None:
    stamp = Stamp(START, Actor("a", "investigator"), "T1", "", key)
    with pytest.raises(ValueError, match=r"sealed|salted"):
        seal([Draft("X", version, {"a": "b"})], stamp, GENESIS, lambda sequence, field: bytes(salt))


def test_canonical_json_has_no_place_for_what_two_programs_may_read_differently() -> None:
    for value in (1.0, float("nan"), 2**60, {1: 2}, {"a": {1, 2}}, b"x"):
        with pytest.raises(NotCanonicalError):
            canonical_bytes(value)  # type: ignore[arg-type]


def test_exported_rows_are_plain_and_erased_values_say_so() -> None:
    shelf = MemoryShelf()
    shelf.append(sealed(GENESIS, "k", {"value": "=1+1", "on": "2004-10-12", "low": "-4.5", "rows": [1, 2]}), GENESIS)
    shelf.erase(0, "on")
    row = json.loads(next(export_json_lines(shelf.entries())))
    assert (row["sequence"], row["fields"]["on"], row["fields"]["rows"]) == (0, REDACTED, [1, 2])
    assert row["recorded_at"] == "2004-10-12T08:00:00Z"
    rows = list(csv.DictReader(io.StringIO("".join(export_csv(shelf.entries())), newline="")))
    assert {row["field"]: row["value"] for row in rows} == {
        "low": "-4.5",
        "on": REDACTED,
        "rows": "[1,2]",
        "value": "'=1+1",
    }


def test_an_instant_in_another_time_zone_is_sealed_in_utc() -> None:
    one, other = (
        seal([Draft("X", 1, {})], Stamp(at, Actor("a", "b"), "T", "p", "k"), GENESIS, seeded_salts(1))[0].digest
        for at in (START, START.astimezone(timezone(timedelta(hours=2))))
    )
    assert one == other


def test_an_entry_of_half_a_command_in_the_middle_is_found(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    half = sealed(GENESIS, "k0", {"value": "1"}, {"value": "2"})[:1]
    write_log(path, [*half, *sealed(half[0].head, "k1", {"value": "3"}, minutes=1)])
    assert found(path) == [("TW-L013", 2)]


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_a_page_and_a_test_that_produces_it(code: str) -> None:
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}: ")
    for part in ("**Error.**" if code != complaints.CLOCK_BACK else "**Warning.**", *PARTS):
        assert part in page
    produced = {each for _, _, expected in FAULTS for each, _ in expected} | {"TW-L010", "TW-L011", "TW-L017"}
    assert code in produced


def test_a_head_is_where_an_entry_leaves_the_log() -> None:
    entry = parse_line(LINES[3])
    assert entry.head == Head(3, entry.digest)
