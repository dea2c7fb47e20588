"""The log as plain rows for people and spreadsheets. A copy to read, never a log: it cannot be verified."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trialwright.log.canonical import canonical_text
from trialwright.log.entry import REDACTED, Entry
from trialwright.vocabulary.dates import format_instant

COLUMNS = (
    "sequence", "recorded_at", "actor", "role", "site", "trial", "protocol", "key", "kind", "version", "field", "value",
)  # fmt: skip

_PLAIN_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def plain(entry: Entry) -> dict[str, Any]:
    """An entry as a flat mapping: who, when, what, and its fields under ``fields``; erased ones read ``[redacted]``."""
    return {
        "sequence": entry.sequence,
        "recorded_at": format_instant(entry.recorded_at),
        "actor": entry.actor.id,
        "role": entry.actor.role,
        "site": entry.actor.site,
        "trial": entry.trial,
        "protocol": entry.protocol,
        "key": entry.key,
        "kind": entry.kind,
        "version": entry.version,
        "fields": {name: entry.fields.get(name, REDACTED) for name in sorted(entry.commitments)},
        "digest": entry.digest,
    }


def export_json_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """One line of JSON for each entry, without salts and commitments; no line feeds."""
    for entry in entries:
        yield canonical_text(plain(entry))


def export_csv(entries: Iterable[Entry]) -> Iterator[str]:
    """CSV with a header and one row for each field of each entry, as ``COLUMNS``; lines end in CR LF (RFC 4180).

    A text that a spreadsheet would take for a formula is given a leading apostrophe.
    """
    yield _row(COLUMNS)
    for entry in entries:
        facts: Mapping[str, Any] = plain(entry)
        who = [facts[column] for column in COLUMNS[:-2]]
        for name, value in facts["fields"].items() or [("", "")]:
            yield _row([*who, name, value if isinstance(value, str) else canonical_text(value)])


def _row(cells: Iterable[Any]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([_inert(str(cell)) for cell in cells])
    return written.getvalue()


def _inert(cell: str) -> str:
    risky = cell[:1] in ("=", "+", "-", "@", "\t", "\r") and not _PLAIN_NUMBER.fullmatch(cell)
    return f"'{cell}" if risky else cell
