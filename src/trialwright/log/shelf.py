"""Where a log is kept: four methods and no more, and the rules of appending that every shelf follows.

A shelf knows entries and nothing of trials. Appending is conditional on the head, so that two writers cannot both
follow it, and idempotent by key, so that a command sent twice is recorded once. Never re-seals an entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from trialwright.log.canonical import canonical_text
from trialwright.log.entry import GENESIS, Entry, Head


class HeadMoved(Exception):  # noqa: N818 - the word of the design: the head moved, and the command is decided anew
    """Somebody else appended first; ``head`` is where the log ends now."""

    def __init__(self, head: Head) -> None:
        self.head = head
        super().__init__(f"the log now ends at entry {head.sequence}")


class KeyReused(Exception):  # noqa: N818 - named for what happened
    """A key that is already recorded came with other content; ``key`` and the ``sequence`` recorded under it."""

    def __init__(self, key: str, sequence: int) -> None:
        self.key = key
        self.sequence = sequence
        super().__init__(f"the key {key!r} already stands for entry {sequence}, which says something else")


class Shelf(Protocol):
    """A log's persistence."""

    def head(self) -> Head:
        """Where the log ends; ``GENESIS`` while it is empty."""
        ...

    def append(self, entries: Sequence[Entry], after: Head) -> Head:
        """Write whole commands after a head: each command is kept whole or not at all.

        A command whose key is already recorded with the same content adds nothing.

        Returns:
            The head afterwards.

        Raises:
            HeadMoved: The log does not end at ``after``.
            KeyReused: A key is recorded with other content.
            ValueError: The entries are not whole commands that follow ``after`` (our mistake).
        """
        ...

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """The entries from sequence number ``start`` on, in order, as they stood when the reading began."""
        ...

    def erase(self, sequence: int, field: str) -> None:
        """Erase one field's value and salt for good; the chain still verifies. Erasing twice changes nothing.

        Raises:
            LookupError: No such entry, or it never had such a field.
        """
        ...


def admit(entries: Sequence[Entry], after: Head, head: Head, recorded: Callable[[str], Sequence[Entry]]) -> tuple[Entry, ...]:
    """Decide what of an append is still to be written.

    Args:
        entries: What is to be appended.
        after: The head that the caller decided under.
        head: The head of the shelf.
        recorded: The entries already recorded under a key; empty where there are none.

    Returns:
        The entries to write; empty where all is recorded already.

    Raises:
        HeadMoved, KeyReused, ValueError: As ``Shelf.append``.
    """
    commands = _commands(entries)
    fresh: list[Entry] = []
    seen: set[str] = set()
    for command in commands:
        key = command[0].key
        before = recorded(key)
        if key in seen or (before and (fresh or not _same_content(before, command))):
            raise KeyReused(key, before[0].sequence if before else command[0].sequence)
        seen.add(key)
        if not before:
            fresh.extend(command)
    if not fresh:
        return ()
    if (after != head and len(fresh) == len(entries)) or fresh[0].previous != head.digest:
        raise HeadMoved(head)
    _check_chain(fresh, head)
    return tuple(fresh)


def _commands(entries: Sequence[Entry]) -> list[list[Entry]]:
    commands: list[list[Entry]] = []
    left = 0
    for entry in entries:
        if left == 0:
            commands.append([])
        elif entry.rest != left - 1 or entry.key != commands[-1][0].key:
            raise ValueError(f"entry {entry.sequence} does not go on with the command before it")
        commands[-1].append(entry)
        left = entry.rest
    if left:
        raise ValueError(f"the last command lacks {left} of its entries")
    return commands


def _check_chain(entries: Sequence[Entry], head: Head) -> None:
    for entry in entries:
        if (entry.sequence, entry.previous) != (head.sequence + 1, head.digest):
            raise ValueError(f"entry {entry.sequence} does not follow entry {head.sequence}")
        head = entry.head


def _same_content(before: Sequence[Entry], command: Sequence[Entry]) -> bool:
    return len(before) == len(command) and all(map(_says_the_same, before, command))


def _says_the_same(old: Entry, new: Entry) -> bool:
    alike = (old.kind, old.version, old.actor, old.trial) == (new.kind, new.version, new.actor, new.trial)
    if not alike or old.commitments.keys() != new.commitments.keys():
        return False
    kept = old.fields.keys() & new.fields.keys()
    return all(canonical_text(old.fields[name]) == canonical_text(new.fields[name]) for name in kept)


class MemoryShelf:
    """A log in memory, for rehearsals and tests."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._keys: dict[str, list[int]] = {}

    def head(self) -> Head:
        """See ``Shelf``."""
        return self._entries[-1].head if self._entries else GENESIS

    def append(self, entries: Sequence[Entry], after: Head) -> Head:
        """See ``Shelf``."""
        for entry in admit(entries, after, self.head(), self._recorded):
            self._keys.setdefault(entry.key, []).append(entry.sequence)
            self._entries.append(entry)
        return self.head()

    def _recorded(self, key: str) -> list[Entry]:
        return [self._entries[sequence] for sequence in self._keys.get(key, ())]

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """See ``Shelf``."""
        return iter(self._entries[start:])

    def erase(self, sequence: int, field: str) -> None:
        """See ``Shelf``."""
        if not 0 <= sequence < len(self._entries):
            raise LookupError(f"there is no entry {sequence}")
        self._entries[sequence] = self._entries[sequence].without(field)
