"""Laws of the log: any flipped byte is found, a prefix never changes, redaction keeps the chain, a crash loses nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.log_samples import sample_log, sealed, write_log

from trialwright.log import GENESIS, JsonLinesShelf, MemoryShelf, canonical_bytes, recover, verify
from trialwright.log.canonical import NotCanonicalError, read_strict
from trialwright.log.line import body_of, body_text, format_line, parse_line
from trialwright.vocabulary.findings import Refused

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = texts | st.text("ab\ud7ff\ue000\uffff\U00010000\U0001f642", max_size=4)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)
fields = st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True), values, max_size=5)


@given(values)
@settings(max_examples=500)
def test_our_spelling_is_that_of_rfc_8785_and_reads_back(value: object) -> None:
    spelling = canonical_bytes(value)  # type: ignore[arg-type]
    assert spelling == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert read_strict(spelling.decode()) == value


@given(fields, st.integers(0, 2**53 - 1), texts)
def test_a_line_and_its_body_are_in_canonical_spelling_and_read_back(content: dict[str, object], seed: int, trial: str) -> None:
    entry = sealed(GENESIS, "k", content, trial=trial or "T", salt=seed)[0]  # type: ignore[arg-type]
    line = format_line(entry)
    body = body_of(entry)
    assert body_text(body).encode() == rfc8785.dumps(body)
    assert line == rfc8785.dumps(json.loads(line)) + b"\n"
    assert parse_line(line) == entry
    assert verify([entry]).findings == ()


@given(st.binary(max_size=200) | texts.map(str.encode))
def test_a_line_of_noise_is_an_entry_or_an_error_and_never_a_traceback(noise: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        parse_line(noise)


def flipped(data: bytes, position: int, mask: int) -> bytes:
    return data[:position] + bytes([data[position] ^ mask]) + data[position + 1 :]


def assert_every_flip_is_found(path: Path, data: bytes, flips: list[tuple[int, int]]) -> None:
    for position, mask in flips:
        path.write_bytes(flipped(data, position, mask))
        assert not verify(path).sound, f"byte {position} flipped by {mask:#x} went unseen"


def test_any_flipped_byte_of_a_sample_fails_verification(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    data = write_log(path, sample_log(6, commands_of=2))
    assert verify(path).findings == ()
    stride = len(data) // 300
    assert_every_flip_is_found(path, data, [(index * stride + index % stride, 1 << index % 8) for index in range(300)])


@pytest.mark.long
def test_any_flipped_byte_of_a_whole_log_fails_verification(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    entries = sample_log(1)
    while sum(map(len, map(format_line, entries))) < 64 * 1024:
        entries = sample_log(len(entries) + 4, commands_of=3)
    data = write_log(path, entries)
    lines = data.splitlines(keepends=True)
    for number, line in enumerate(lines):
        # A flip is seen in its line or by the next one, so two lines stand for the whole and keep this linear; what is
        # said of them unflipped (they are no beginning of a log) does not count.
        window = b"".join(lines[number : number + 2])
        path.write_bytes(window)
        said = set(verify(path).findings)
        for at in range(len(line)):
            path.write_bytes(flipped(window, at, 1 << at % 8))
            assert set(verify(path).findings) - said, f"byte {at} of line {number + 1} went unseen"


@given(st.lists(st.lists(fields, min_size=1, max_size=3), min_size=1, max_size=6), st.data())
@settings(max_examples=40, deadline=None)
def test_a_prefix_never_changes_as_the_log_grows(commands: list[list[dict[str, object]]], data: st.DataObject) -> None:
    shelf = MemoryShelf()
    before: list[object] = []
    for number, command in enumerate(commands):
        head = shelf.head()
        shelf.append(sealed(head, f"k{number}", *command), head)  # type: ignore[arg-type]
        now = list(shelf.entries())
        assert now[: len(before)] == before
        before = list(now)
    entries = list(shelf.entries())
    cut = data.draw(st.integers(0, len(entries) - 1))
    assert verify(entries, expect_head=entries[cut].head).findings == ()
    assert verify(entries, expect_head=entries[cut].digest).findings == ()


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_erasing_any_values_keeps_the_chain_and_the_head(data: st.DataObject) -> None:
    shelf = MemoryShelf()
    entries = sample_log(8, commands_of=3)
    head = shelf.append(entries, GENESIS)
    chosen = data.draw(st.lists(st.tuples(st.integers(0, 7), st.sampled_from(["value", "on", "note", "rows"])), max_size=12))
    for sequence, field in chosen:
        shelf.erase(sequence, field)
    verified = verify(shelf.entries(), expect_head=head)
    assert verified.findings == ()
    assert verified.head == head
    assert verified.redacted == len(set(chosen))
    for sequence, field in chosen:
        assert field not in list(shelf.entries())[sequence].fields


def assert_crash_image_opens_or_reports(path: Path, image: bytes, whole: dict[int, int]) -> None:
    """Either the image ends with a whole command and opens, or it is refused, and recovery keeps every byte."""
    path.write_bytes(image)
    kept = max(end for end in whole if end <= len(image))
    if len(image) in whole:
        assert len(list(JsonLinesShelf(path).entries())) == whole[len(image)]
        assert verify(path).findings == ()
        return
    with pytest.raises(Refused):
        JsonLinesShelf(path).head()
    with pytest.raises(Refused):
        JsonLinesShelf(path).append(sealed(GENESIS, "later", {"value": "1"}), GENESIS)
    assert path.read_bytes() == image
    assert not verify(path).sound
    recovery = recover(path)
    assert recovery.moved_to is not None
    assert (path.read_bytes(), recovery.moved_to.read_bytes()) == (image[:kept], image[kept:])
    recovery.moved_to.unlink()
    assert JsonLinesShelf(path).head() == recovery.head
    assert verify(path).findings == ()
    assert len(list(JsonLinesShelf(path).entries())) == whole[kept]


def crash_images(path: Path) -> tuple[bytes, dict[int, int]]:
    entries = sample_log(6, commands_of=2)
    data = write_log(path, entries)
    ends, offset = {0: 0}, 0
    for number, entry in enumerate(entries, 1):
        offset += len(format_line(entry))
        if entry.rest == 0:
            ends[offset] = number
    return data, ends


def test_a_file_cut_anywhere_in_a_sample_opens_to_whole_commands_or_says_so(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    data, whole = crash_images(path)
    near = [end + step for end in whole for step in (-1, 0, 1) if 0 <= end + step <= len(data)]
    for length in [*near, *range(1, len(data), len(data) // 60)]:
        assert_crash_image_opens_or_reports(path, data[:length], whole)


@pytest.mark.long
def test_a_file_cut_at_every_byte_opens_to_whole_commands_or_says_so(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    data, whole = crash_images(path)
    for length in range(len(data) + 1):
        assert_crash_image_opens_or_reports(path, data[:length], whole)


def test_zeros_that_a_crash_left_behind_the_last_line_are_torn_bytes_too(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    data, _ = crash_images(path)
    path.write_bytes(data + b"\0" * 512)
    with pytest.raises(Refused):
        JsonLinesShelf(path).head()
    recovery = recover(path)
    assert (recovery.moved_bytes, path.read_bytes()) == (512, data)
    assert recover(path).moved_to is None


@st.composite
def mutated(draw: st.DrawFn, data: bytes) -> bytes:
    """The log after a few careless or malicious edits of its bytes or lines."""
    for _ in range(draw(st.integers(1, 3))):
        lines = data.splitlines(keepends=True) or [b""]
        at, line = draw(st.integers(0, len(data))), draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(["insert", "cut", "noise line", "line away", "line again", "digit", "splice"])):
            case "insert":
                data = data[:at] + draw(st.binary(min_size=1, max_size=8)) + data[at:]
            case "cut":
                data = data[:at] + data[at + draw(st.integers(1, 400)) :]
            case "noise line":
                data = b"".join([*lines[:line], draw(st.binary(max_size=40)) + b"\n", *lines[line:]])
            case "line away":
                data = b"".join(lines[:line] + lines[line + 1 :])
            case "line again":
                data = b"".join([*lines[:line], lines[line], *lines[line:]])
            case "digit":
                data = data[:at] + bytes([48 + draw(st.integers(0, 9))]) + data[at + 1 :]
            case _:
                data = data[: draw(st.integers(0, len(data)))] + data[at:]
    return data


MUTABLE = sample_log(7, commands_of=3)
MUTABLE_BYTES = b"".join(map(format_line, MUTABLE))


def assert_mutation_is_seen_and_survived(path: Path, image: bytes) -> None:
    path.write_bytes(image)
    verified = verify(path, expect_head=MUTABLE[-1].head)
    assert verified.sound == (image == MUTABLE_BYTES)
    try:
        head = JsonLinesShelf(path).head()
        list(JsonLinesShelf(path).entries())
        JsonLinesShelf(path).append(sealed(head, "later", {"value": "1"}), head)
    except Refused as refused:
        assert refused.findings
    try:
        recovery = recover(path)
    except Refused:
        return
    if recovery.moved_to is not None:
        recovery.moved_to.unlink()


@given(mutated(MUTABLE_BYTES))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mutation_of_a_log_goes_unseen_or_breaks_a_shelf(tmp_path: Path, image: bytes) -> None:
    assert_mutation_is_seen_and_survived(tmp_path / "log.jsonl", image)


@pytest.mark.long
@given(mutated(MUTABLE_BYTES))
@settings(max_examples=5000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_mutation_of_thousands_goes_unseen_or_breaks_a_shelf(tmp_path: Path, image: bytes) -> None:
    assert_mutation_is_seen_and_survived(tmp_path / "log.jsonl", image)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_lines_dropped_doubled_or_moved_never_go_unseen(data: st.DataObject) -> None:
    entries = sample_log(9, commands_of=2)
    order = list(range(9))
    match data.draw(st.sampled_from(["drop", "double", "move", "swap"])):
        case "drop":
            order.pop(data.draw(st.integers(0, 7)))
        case "double":
            order.insert(data.draw(st.integers(0, 9)), data.draw(st.integers(0, 8)))
        case "move":
            moved = order.pop(data.draw(st.integers(0, 8)))
            order.insert(data.draw(st.integers(0, 8).filter(lambda place: place != moved)), moved)
        case _:
            one, other = data.draw(st.lists(st.integers(0, 8), min_size=2, max_size=2, unique=True))
            order[one], order[other] = order[other], order[one]
    assert not verify([entries[index] for index in order]).sound
