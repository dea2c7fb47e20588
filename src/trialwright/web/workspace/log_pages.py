"""The log as pages: verified whenever it has changed, entries in plain words. Reads the file and never mends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from trialwright.conduct import occurred
from trialwright.events import UnknownEvent
from trialwright.log import Entry, JsonLinesShelf, Verification
from trialwright.protocol import Protocol
from trialwright.vocabulary.dates import format_instant
from trialwright.vocabulary.findings import Refused
from trialwright.web.workspace.folder import verified
from trialwright.web.workspace.words import in_words

PAGE = 100


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as listed; ``suspect`` where verification found something on its line."""

    sequence: int
    recorded_at: str
    actor: str
    role: str
    participant: str
    on: str
    words: str
    kind: str
    digest: str
    suspect: bool


@dataclass(frozen=True, slots=True)
class LogPage:
    """One page of a log.

    Args:
        verification: Of the whole file as it is now.
        rows: The entries of this page.
        first: Sequence number of the first.
        earlier: Where the page before begins; None on the first page.
        later: Where the next page begins; None on the last.
        unread: Why reading stopped before the end of the page; empty where it did not.
    """

    verification: Verification
    rows: tuple[EntryRow, ...]
    first: int
    earlier: int | None
    later: int | None
    unread: str

    @property
    def last(self) -> int:
        """Sequence number of the last entry of this page."""
        return self.first + len(self.rows) - 1


def log_page(log: Path, protocol: Protocol | None, start: int) -> LogPage:
    """List up to a hundred entries from ``start`` on (clamped to the log), with what verifying the file found."""
    verification = verified(log)
    last_page = max(0, verification.count - 1) // PAGE * PAGE
    first = min(max(0, start) // PAGE * PAGE, last_page)
    suspect = {finding.place.line for finding in verification.findings if finding.place.line}
    rows: list[EntryRow] = []
    unread = ""
    try:
        rows.extend(_row(entry, protocol, suspect) for entry in islice(_lines(log, first), PAGE))
    except Refused as refused:
        unread = refused.findings[0].title
    later = first + PAGE if first + PAGE < verification.count else None
    return LogPage(verification, tuple(rows), first, max(0, first - PAGE) if first else None, later, unread)


def _lines(log: Path, first: int) -> Iterator[Entry]:
    return JsonLinesShelf(log).entries(first)


def _row(entry: Entry, protocol: Protocol | None, suspect: set[int]) -> EntryRow:
    fields = entry.fields
    return EntryRow(
        sequence=entry.sequence,
        recorded_at=format_instant(entry.recorded_at),
        actor=entry.actor.id,
        role=entry.actor.role,
        participant=str(fields.get("participant", "")),
        on=str(fields.get("on", "")),
        words=_words(entry, protocol),
        kind=entry.kind,
        digest=entry.digest,
        suspect=entry.sequence + 1 in suspect,
    )


def _words(entry: Entry, protocol: Protocol | None) -> str:
    if protocol is None:
        return ""
    try:
        return in_words(protocol, next(iter(occurred((entry,)))).event)
    except UnknownEvent as error:
        return f"not readable: {error}"
