"""Findings: what our checks say about a file, a record or a log. Collected as values, never raised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs; only an unacknowledged error stops a run."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding points: a file, a 1-based line and column, and the path of the value inside the file.

    ``line`` and ``column`` are 0 where a place has no line (a JSON record's field); ``path`` is dotted
    (``eligibility.inclusion[1].when``) and may be empty.
    """

    file: str
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return where if self.line or not self.path else f"{where}#{self.path}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check found, with where, why and the ways out.

    Args:
        code: ``TW-`` + a letter for the family + three digits; each code has a page under docs/reference/findings.
        severity: Error, warning or note.
        place: Where the reader should look first.
        title: One line, a sentence without a full stop.
        detail: Sentences that say why, naming the witness where there is one.
        ways_out: What the author might write instead; may be empty.
        witness: A value or a history that shows the fault, in words; empty where none applies.
        others: Further places the finding rests on.
        acknowledged: The author's reason for keeping it, where the file acknowledges it; else empty.
    """

    code: str
    severity: Severity
    place: Place
    title: str
    detail: str = ""
    ways_out: tuple[str, ...] = ()
    witness: str = ""
    others: tuple[Place, ...] = ()
    acknowledged: str = ""

    @property
    def stops(self) -> bool:
        """True for an error that nobody has acknowledged."""
        return self.severity is Severity.ERROR and not self.acknowledged


class Refused(Exception):  # noqa: N818 - the field's word: a command is refused
    """A command that the protocol (or the shape of its input) forbids; carries why, changes nothing."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(f"{finding.code} {finding.title}" for finding in self.findings))
