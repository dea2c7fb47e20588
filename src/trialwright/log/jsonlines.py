"""The log as a file of JSON Lines: what the command line keeps, and what anyone can read.

An append is one write, forced to the disk before it counts. A file that ends in the middle of a line or a command is
refused until ``recover`` has set the torn bytes aside: nothing is ever written behind them, and nothing is dropped.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trialwright.log import complaints
from trialwright.log.canonical import NotCanonicalError
from trialwright.log.entry import Entry, Head
from trialwright.log.line import LONGEST_LINE, format_line, parse_line
from trialwright.log.locking import locked
from trialwright.log.shelf import admit
from trialwright.log.tail import read_tail
from trialwright.vocabulary.findings import Place, Refused

# Field names and digests hold no quote or brace, and quotes inside text are escaped, so no text can imitate this.
_KEY = re.compile(rb'\{"body":\{"actor":\{.*?\},"commitments":\{[^{}]*\},"key":("(?:[^"\\]|\\.)*")')


@dataclass(slots=True)
class _Known:
    """What is known of the file without reading it again: which file it is, how far it was read, and its keys."""

    inode: int
    size: int
    head: Head
    keys: dict[str, list[int]] = field(default_factory=dict)  # key → byte offsets of its entries
    keys_read: int = 0


class JsonLinesShelf:
    """A log in one file, one entry on each line, in the order of their sequence numbers.

    Args:
        path: The file; it is made by the first append.
        durable: False leaves it to the operating system when bytes reach the disk: for simulated logs, which can be
            made again.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self.path = path
        self._durable = durable
        self._known: _Known | None = None

    def head(self) -> Head:
        """See ``Shelf``.

        Raises:
            Refused: The file ends in a torn line (TW-L012), half a command (TW-L013) or a line that is no entry.
        """
        with locked(self.path, shared=True):
            return self._look().head

    def entries(self, start: int = 0) -> Iterator[Entry]:
        """See ``Shelf``.

        Raises:
            Refused: As ``head``, or a line on the way is no entry (TW-L001).
        """
        with locked(self.path, shared=True):
            left = self._look().size
            if not left:
                return
            file = self.path.open("rb")
        with file:
            number = 0
            while left > 0:
                line = file.readline(LONGEST_LINE + 1)
                left -= len(line)
                number += 1
                if number > start:
                    yield self._parsed(line, number)

    def append(self, entries: Sequence[Entry], after: Head) -> Head:
        """See ``Shelf``.

        Raises:
            Refused: As ``head``; nothing is written.
        """
        with locked(self.path):
            known = self._look()
            self._read_keys(known)
            fresh = admit(entries, after, known.head, self._recorded)
            if fresh:
                self._write(known, fresh)
            return known.head

    def erase(self, sequence: int, field: str) -> None:
        """See ``Shelf``. The file is written anew beside the old one, which it then replaces."""
        with locked(self.path):
            self._look()
            beside = self.path.with_name(self.path.name + ".erasing")
            try:
                self._write_without(beside, sequence, field)
                beside.replace(self.path)
            finally:
                beside.unlink(missing_ok=True)
            self._sync_folder()
            self._known = None

    def _write_without(self, beside: Path, sequence: int, field: str) -> None:
        found = False
        if not self.path.exists():
            raise LookupError(f"there is no entry {sequence}")
        with self.path.open("rb") as old, beside.open("wb") as new:
            for number, line in enumerate(old):
                if number == sequence:
                    new.write(format_line(self._parsed(line, number + 1).without(field)))
                    found = True
                else:
                    new.write(line)
            new.flush()
            os.fsync(new.fileno())
        if not found:
            raise LookupError(f"there is no entry {sequence}")

    def _look(self) -> _Known:
        """What the file is now; reads its end only where somebody else has changed it."""
        stat = self.path.stat() if self.path.exists() else None
        inode, size = (stat.st_ino, stat.st_size) if stat else (0, 0)
        known = self._known
        if known is not None and (known.inode, known.size) == (inode, size):
            return known
        tail = read_tail(self.path)
        if tail.finding is not None:
            raise Refused([tail.finding])
        if known is not None and known.inode == inode and known.size <= size:
            known.size, known.head = size, tail.head
        else:
            known = _Known(inode, size, tail.head)
        self._known = known
        return known

    def _parsed(self, line: bytes, number: int) -> Entry:
        try:
            return parse_line(line)
        except NotCanonicalError as error:
            raise Refused([complaints.unreadable(Place(str(self.path), number, 1), str(error))]) from error

    def _read_keys(self, known: _Known) -> None:
        if known.keys_read == known.size:
            return
        with self.path.open("rb") as file:
            file.seek(known.keys_read)
            while known.keys_read < known.size:
                line = file.readline(LONGEST_LINE + 1)
                found = _KEY.match(line)
                if found:
                    known.keys.setdefault(json.loads(found[1]), []).append(known.keys_read)
                known.keys_read += len(line)

    def _recorded(self, key: str) -> list[Entry]:
        assert self._known is not None
        offsets = self._known.keys.get(key, ())
        if not offsets:
            return []
        found: list[Entry] = []
        with self.path.open("rb") as file:
            for offset in offsets:
                file.seek(offset)
                found.append(parse_line(file.readline(LONGEST_LINE + 1)))
        return found

    def _write(self, known: _Known, entries: Sequence[Entry]) -> None:
        lines = [format_line(entry) for entry in entries]
        new = not self.path.exists()
        with self.path.open("ab", buffering=0) as file:
            try:
                _write_all(file.fileno(), b"".join(lines))
                if self._durable:
                    os.fsync(file.fileno())
            except OSError:
                file.truncate(known.size)
                raise
            known.inode = os.fstat(file.fileno()).st_ino
        if new:
            self._sync_folder()
        for entry, line in zip(entries, lines, strict=True):
            known.keys.setdefault(entry.key, []).append(known.size)
            known.size += len(line)
        known.keys_read, known.head = known.size, entries[-1].head

    def _sync_folder(self) -> None:
        """Make a new or replaced name last through a crash, where the platform lets a folder be opened."""
        if not self._durable or not hasattr(os, "O_DIRECTORY"):
            return
        folder = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
