"""One suite for every shelf: what ``Shelf`` promises holds in memory and in a file alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from trialwright.log import (
    GENESIS,
    Actor,
    Draft,
    Entry,
    Head,
    HeadMoved,
    JsonLinesShelf,
    JsonValue,
    KeyReused,
    MemoryShelf,
    Shelf,
    Stamp,
    seal,
    seeded_salts,
    verify,
)

START = datetime(2004, 10, 12, 8, tzinfo=UTC)


def command(after: Head, key: str, *fields: Mapping[str, JsonValue], salt: int = 1, minutes: int = 0) -> tuple[Entry, ...]:
    stamp = Stamp(START + timedelta(minutes=minutes), Actor("inv-1", "investigator", "S1"), "T1", "a" * 64, key)
    return seal([Draft("ObservationRecorded", 1, each) for each in fields], stamp, after, seeded_salts(salt))


def observed(value: str) -> dict[str, JsonValue]:
    return {"participant": "P001", "value": value, "on": "2004-10-12"}


@pytest.fixture(params=["memory", "file", "file reopened at each call"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Shelf:
    if request.param == "memory":
        return MemoryShelf()
    return JsonLinesShelf(tmp_path / "log.jsonl") if request.param == "file" else Reopened(tmp_path / "log.jsonl")


class Reopened:
    """A file shelf that forgets all it knows between calls, as one process after another would."""

    def __init__(self, path: Path) -> None:
        self._open: Callable[[], JsonLinesShelf] = lambda: JsonLinesShelf(path)

    def head(self) -> Head:
        return self._open().head()

    def append(self, entries: tuple[Entry, ...], after: Head) -> Head:
        return self._open().append(entries, after)

    def entries(self, start: int = 0):
        return self._open().entries(start)

    def erase(self, sequence: int, field: str) -> None:
        self._open().erase(sequence, field)


def test_an_empty_shelf_ends_at_genesis_and_holds_nothing(shelf: Shelf) -> None:
    assert shelf.head() == GENESIS
    assert list(shelf.entries()) == []


def test_what_is_appended_is_what_is_read_and_the_head_moves(shelf: Shelf) -> None:
    first = command(GENESIS, "k1", observed("12.4"), observed("9.81"))
    head = shelf.append(first, GENESIS)
    second = command(head, "k2", observed("µ × ⁹ 🙂"))
    head = shelf.append(second, head)
    assert shelf.head() == head == second[-1].head
    assert tuple(shelf.entries()) == first + second
    assert tuple(shelf.entries(2)) == second
    assert tuple(shelf.entries(9)) == ()


def test_an_append_after_another_head_is_refused_and_writes_nothing(shelf: Shelf) -> None:
    head = shelf.append(command(GENESIS, "k1", observed("1")), GENESIS)
    with pytest.raises(HeadMoved) as caught:
        shelf.append(command(GENESIS, "k2", observed("2")), GENESIS)
    assert caught.value.head == head
    assert len(list(shelf.entries())) == 1


def test_a_command_sent_twice_is_recorded_once(shelf: Shelf) -> None:
    head = shelf.append(command(GENESIS, "k1", observed("1"), observed("2")), GENESIS)
    again = command(GENESIS, "k1", observed("1"), observed("2"), salt=2, minutes=5)
    assert shelf.append(again, GENESIS) == head
    assert len(list(shelf.entries())) == 2
    later = shelf.append(command(head, "k2", observed("3")), head)
    assert shelf.append(again, GENESIS) == later


@pytest.mark.parametrize("other", [[observed("2")], [observed("1"), observed("1")], [{"participant": "P001"}]])
def test_a_key_that_comes_back_with_other_content_is_refused(shelf: Shelf, other: list[dict[str, JsonValue]]) -> None:
    head = shelf.append(command(GENESIS, "k1", observed("1")), GENESIS)
    with pytest.raises(KeyReused) as caught:
        shelf.append(command(head, "k1", *other), head)
    assert (caught.value.key, caught.value.sequence) == ("k1", 0)
    assert shelf.head() == head


def test_many_commands_go_in_one_append_and_a_repeated_beginning_is_skipped(shelf: Shelf) -> None:
    first = command(GENESIS, "k1", observed("1"))
    second = command(first[-1].head, "k2", observed("2"), observed("3"))
    third = command(second[-1].head, "k3", observed("4"))
    shelf.append(first + second, GENESIS)
    assert shelf.append(first + second + third, GENESIS) == third[-1].head
    assert tuple(shelf.entries()) == first + second + third


def test_half_a_command_or_a_broken_chain_is_our_mistake_and_is_loud(shelf: Shelf) -> None:
    whole = command(GENESIS, "k1", observed("1"), observed("2"))
    with pytest.raises(ValueError, match="lacks 1"):
        shelf.append(whole[:1], GENESIS)
    with pytest.raises(ValueError, match="does not go on"):
        shelf.append((whole[0], replace(whole[1], key="k2")), GENESIS)
    with pytest.raises(ValueError, match="does not follow"):
        shelf.append((whole[0], replace(whole[1], sequence=7)), GENESIS)
    assert shelf.head() == GENESIS


def test_appending_nothing_changes_nothing(shelf: Shelf) -> None:
    assert shelf.append((), GENESIS) == GENESIS


def test_an_erased_value_is_gone_with_its_salt_and_the_chain_still_verifies(shelf: Shelf) -> None:
    head = shelf.append(command(GENESIS, "k1", observed("SECRET"), observed("2")), GENESIS)
    shelf.erase(0, "value")
    shelf.erase(0, "value")
    erased = next(iter(shelf.entries()))
    assert erased.redacted == {"value"}
    assert "value" not in erased.fields
    assert "value" not in erased.salts
    assert shelf.head() == head
    verified = verify(shelf.entries(), expect_head=head)
    assert (verified.findings, verified.redacted, verified.count) == ((), 1, 2)
    after = shelf.append(command(head, "k2", observed("3")), head)
    assert shelf.append(command(GENESIS, "k1", observed("SECRET"), observed("2")), GENESIS) == after


@pytest.mark.parametrize(("sequence", "field"), [(0, "colour"), (5, "value"), (-1, "value")])
def test_erasing_what_never_was_is_an_error(shelf: Shelf, sequence: int, field: str) -> None:
    shelf.append(command(GENESIS, "k1", observed("1")), GENESIS)
    with pytest.raises(LookupError):
        shelf.erase(sequence, field)
    assert verify(shelf.entries()).findings == ()
    assert next(iter(shelf.entries())).redacted == frozenset()


def test_reading_goes_on_undisturbed_while_others_append_or_erase(shelf: Shelf) -> None:
    first = command(GENESIS, "k1", observed("1"), observed("2"))
    head = shelf.append(first, GENESIS)
    reading = iter(shelf.entries())
    read = [next(reading)]
    shelf.append(command(head, "k2", observed("3")), head)
    read.extend(reading)
    assert tuple(read) == first


def test_the_same_commands_give_the_same_head_on_every_shelf(shelf: Shelf) -> None:
    head = shelf.append(command(GENESIS, "k1", observed("12.4")), GENESIS)
    assert head.digest == "28dcef3889bf241b2992e6f35649a617b4106677bdf7da371c33b350202aa315"
