"""Small logs for tests: simulated entries, sealed with a seed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from trialwright.log import GENESIS, Actor, Draft, Entry, Head, JsonValue, Stamp, seal, seeded_salts
from trialwright.log.line import format_line

START = datetime(2004, 10, 12, 8, tzinfo=UTC)


def sealed(
    after: Head, key: str, *fields: Mapping[str, JsonValue], minutes: int = 0, trial: str = "T1", salt: int = 1
) -> tuple[Entry, ...]:
    """One command with one entry for each mapping of fields."""
    stamp = Stamp(START + timedelta(minutes=minutes), Actor("inv-1", "investigator", "S1"), trial, "a" * 64, key)
    return seal([Draft("ObservationRecorded", 1, each) for each in fields], stamp, after, seeded_salts(salt))


def sample_log(count: int, trial: str = "T1", commands_of: int = 1) -> list[Entry]:
    """``count`` entries in commands of a few entries each, one minute apart."""
    entries: list[Entry] = []
    head = GENESIS
    while len(entries) < count:
        at = len(entries)
        size = min(commands_of, count - at)
        observed = [
            {"participant": f"P{at + each:03d}", "on": "2004-10-12", "value": "12.4", "note": 'été "µ" \n 🙂', "rows": [1, None]}
            for each in range(size)
        ]
        entries.extend(sealed(head, f"k{at}", *observed, minutes=at, trial=trial))
        head = entries[-1].head
    return entries


def write_log(path: Path, entries: list[Entry]) -> bytes:
    """The entries as a file; returns its bytes."""
    data = b"".join(map(format_line, entries))
    path.write_bytes(data)
    return data
