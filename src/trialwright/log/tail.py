"""The end of a log file: where its last whole command ends, and what a crash may have left behind it.

Reads from the back, so that opening a long log costs no more than opening a short one. Never drops a byte: what a
crash tore is moved into a file of its own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from trialwright.log import complaints
from trialwright.log.canonical import NotCanonicalError
from trialwright.log.entry import GENESIS, Entry, Head
from trialwright.log.line import LONGEST_LINE, parse_line
from trialwright.log.locking import locked
from trialwright.vocabulary.findings import Finding, Place, Refused

_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Tail:
    """The end of a log file.

    Args:
        head: Of the last whole command; ``GENESIS`` where there is none.
        sound: Bytes up to the end of that command.
        size: Bytes in all.
        finding: What is wrong behind ``sound``; None where nothing is.
    """

    head: Head
    sound: int
    size: int
    finding: Finding | None


def read_tail(path: Path) -> Tail:
    """Look at the end of a log file; a file that is not there is an empty log.

    Raises:
        Refused: It is a folder, or may not be read.
    """
    if not path.exists():
        return Tail(GENESIS, 0, 0, None)
    try:
        file = path.open("rb")
    except OSError as error:
        raise Refused([complaints.no_file(Place(str(path)), error.strerror or type(error).__name__)]) from error
    with file:
        size = file.seek(0, os.SEEK_END)
        lines_end = _line_start(file, size)
        head, sound, finding = _last_command(file, lines_end, Place(str(path)))
        if lines_end < size and (finding is None or finding.code == complaints.HALF_A_COMMAND):
            finding = complaints.torn(Place(str(path)), sound, size - sound)
    return Tail(head, sound, size, finding)


def _last_command(file: BinaryIO, end: int, place: Place) -> tuple[Head, int, Finding | None]:
    """Walk back over the lines of a half-written command to the end of the last whole one."""
    sound, entries, rest = end, 0, 0
    while sound:
        start = _line_start(file, sound - 1)
        try:
            entry = _entry_at(file, start, sound)
        except NotCanonicalError as error:
            return GENESIS, sound, complaints.unreadable(place, f"{error}, at byte {start}")
        if entry.rest == 0:
            break
        rest = rest or entry.rest
        sound, entries = start, entries + 1
    finding = complaints.half_a_command(place, sound, entries, rest) if entries else None
    return (entry.head if sound else GENESIS), sound, finding


def _entry_at(file: BinaryIO, start: int, end: int) -> Entry:
    file.seek(start)
    return parse_line(file.read(min(end - start, LONGEST_LINE + 1)))


def _line_start(file: BinaryIO, end: int) -> int:
    """Just after the last line feed before ``end``; 0 where there is none."""
    while end > 0:
        start = max(0, end - _BLOCK)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


@dataclass(frozen=True, slots=True)
class Recovery:
    """What ``recover`` did: the head that the log now has, and where the torn bytes are; both None where nothing was."""

    head: Head
    moved_bytes: int
    moved_to: Path | None
    finding: Finding | None


def recover(path: Path) -> Recovery:
    """Move what a crash tore off the end of a log into a file beside it (``….torn-OFFSET``), and cut the log there.

    The side file is on the disk before the log is cut. A log whose end is whole is left alone.

    Raises:
        Refused: The end is damaged in another way (a whole line that is no entry), which no crash explains.
    """
    with locked(path):
        tail = read_tail(path)
        if tail.finding is None:
            return Recovery(tail.head, 0, None, None)
        if tail.finding.code == complaints.UNREADABLE:
            raise Refused([tail.finding])
        side = _unused(path.with_name(f"{path.name}.torn-{tail.sound}"))
        with path.open("r+b") as log, side.open("xb") as kept:
            log.seek(tail.sound)
            while block := log.read(_BLOCK):
                kept.write(block)
            kept.flush()
            os.fsync(kept.fileno())
            log.truncate(tail.sound)
            log.flush()
            os.fsync(log.fileno())
    return Recovery(tail.head, tail.size - tail.sound, side, tail.finding)


def _unused(path: Path) -> Path:
    number, candidate = 1, path
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate
