"""Verification: is this log what was written, whole and in order? Answers with findings, never with a traceback.

Reads a file or entries once, line by line, and trusts nothing in it. A chain alone cannot show that its end was cut off
or that all of it was made anew: for that, ``verify`` takes the head that a witness kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trialwright.log import complaints
from trialwright.log.canonical import NotCanonicalError, spelled, to_utf8
from trialwright.log.entry import GENESIS, Entry, Head
from trialwright.log.line import (
    LONGEST_LINE,
    body_text,
    commitment,
    digest_of,
    format_line,
    line_text,
    malformed_instant,
    malformed_line,
    malformed_salts,
    read_line,
)
from trialwright.log.order import Order
from trialwright.vocabulary.findings import Finding, Place, Refused

_SHOWN = 20  # findings of one code; the rest are counted in one more


@dataclass(frozen=True, slots=True)
class Verification:
    """What verification found.

    Args:
        count: Entries read, whole lines that are entries.
        head: Of the last entry read; ``GENESIS`` where there is none.
        findings: What is wrong; empty for a sound log.
        redacted: Fields whose value and salt were erased; they are no fault.
        trial: The trial that the log belongs to; empty for an empty log.
    """

    count: int
    head: Head
    findings: tuple[Finding, ...]
    redacted: int
    trial: str

    @property
    def sound(self) -> bool:
        """True where no finding stops."""
        return not any(finding.stops for finding in self.findings)


def verify(source: Path | Iterable[Entry], expect_head: Head | str | None = None, trial: str | None = None) -> Verification:
    """Check every byte of a log, every digest, commitment and link, and its order.

    Args:
        source: A JSON Lines file, or entries from any shelf.
        expect_head: A head that a witness kept (or its digest alone): the log must contain it. It may have grown since.
        trial: The trial that every entry must belong to; without it, that of the first entry.

    Returns:
        The count, the head and the findings, in the order of the lines.
    """
    walk = _Walk(str(source) if isinstance(source, Path) else "log", expect_head, trial)
    if isinstance(source, Path):
        try:
            with source.open("rb") as file:
                walk.read(iter(lambda: file.readline(LONGEST_LINE + 1), b""))
        except OSError as error:
            walk.report(complaints.no_file(Place(str(source)), error.strerror or type(error).__name__))
    else:
        try:
            walk.read(_lines(source))
        except Refused as refused:
            for finding in refused.findings:
                walk.report(finding)
    return walk.result()


def _lines(entries: Iterable[Entry]) -> Iterator[bytes]:
    for number, entry in enumerate(entries, 1):
        try:
            yield format_line(entry)
        except NotCanonicalError as error:
            raise Refused([complaints.unreadable(Place("log", number, 1), str(error))]) from error


@dataclass(slots=True)
class _Facts:
    """What one line says, and whether its body can be believed."""

    body: dict[str, Any]
    stated: str
    computed: str


class _Walk:
    """One pass over the lines, keeping what the next line is compared with."""

    def __init__(self, name: str, expected: Head | str | None, trial: str | None) -> None:
        self.name = name
        self.expected = expected
        self.trial = trial
        self.findings: list[tuple[int, Finding]] = []
        self.counts: Counter[str] = Counter()
        self.count = 0
        self.redacted = 0
        self.head = GENESIS
        self.met: str | None = None  # the digest at the expected sequence number, or the expected digest once met
        self.links: tuple[str, ...] = (GENESIS.digest,)  # digests that the next entry may name as previous; () unknown
        self.order = Order()
        self.keys: dict[str, int] = {}
        self.command: tuple[str, int] | None = ("", 0)  # the last key, and what its command still lacks; None unknown
        self.recorded_at = ""

    def report(self, finding: Finding) -> None:
        self.counts[finding.code] += 1
        if self.counts[finding.code] <= _SHOWN:
            self.findings.append((finding.place.line, finding))

    def complain(self, code: str, number: int, title: str, detail: str) -> None:
        self.report(complaints.complaint(code, Place(self.name, number, 1), title, detail))

    def read(self, lines: Iterator[bytes]) -> None:
        """Examine each line; the last may lack its line feed."""
        offset = number = 0
        for number, line in enumerate(lines, 1):
            if not line.endswith(b"\n") and len(line) <= LONGEST_LINE:
                self.report(complaints.torn(Place(self.name, number, 1), offset, len(line)))
                break
            offset += len(line)
            facts = self._examine(line, number)
            if facts is None:
                self._skip(number)
            else:
                self._follow(facts, number)
        self._close(number)

    def _examine(self, line: bytes, number: int) -> _Facts | None:
        """Check one line by itself: shape, spelling, digest, commitments."""
        try:
            raw = read_line(line)
            reason = malformed_line(raw) or malformed_instant(raw["body"]["recorded_at"])
            if reason:
                raise NotCanonicalError(reason)
            body = body_text(raw["body"])
            facts = _Facts(raw["body"], raw["digest"], digest_of(body))
            self._examine_fields(raw, body, line, number)
        except NotCanonicalError as error:
            self.report(complaints.unreadable(Place(self.name, number, 1), str(error)))
            return None
        if facts.stated != facts.computed:
            self.complain(
                complaints.ALTERED,
                number,
                f"Entry {facts.body['sequence']} was altered",
                f"Its body has the digest {facts.computed}; when it was sealed it had {facts.stated}.",
            )
        return facts

    def _examine_fields(self, raw: dict[str, Any], body: str, line: bytes, number: int) -> None:
        reason = malformed_salts(raw)
        if reason:
            self.complain(complaints.SALT_MISSING, number, "A field and its salt do not belong together", f"{reason}.")
            return
        commitments, salts = raw["body"]["commitments"], raw["salts"]
        values: dict[str, str] = {}
        self.redacted += len(commitments) - len(raw["fields"])
        for name, value in raw["fields"].items():
            values[name] = text = spelled(value)
            if commitment(bytes.fromhex(salts[name]), name, text) != commitments[name]:
                self.complain(
                    complaints.VALUE_CHANGED,
                    number,
                    f"The value of {name} in entry {raw['body']['sequence']} is not the one that was sealed",
                    "The value or its salt was changed afterwards (which of the two, a digest cannot tell).",
                )
        if line[:-1] != to_utf8(line_text(body, raw["digest"], values, salts)):
            self.complain(
                complaints.NOT_CANONICAL,
                number,
                "The line is not spelled as the log spells it",
                "It reads as an entry, yet its bytes differ from the one canonical spelling (RFC 8785): blanks, another "
                "order, an escape, or a name given twice.",
            )

    def _skip(self, number: int) -> None:
        """Take an unreadable line as the entry that should stand there, so that it is not reported as missing too."""
        self.order.assume(number)
        self.links = ()
        self.command = None

    def _follow(self, facts: _Facts, number: int) -> None:
        """Check one entry against those before it."""
        body, altered = facts.body, facts.stated != facts.computed
        if self.trial is None and not altered:
            self.trial = body["trial"]
        if body["trial"] != self.trial and not altered:
            self.complain(
                complaints.ANOTHER_TRIAL,
                number,
                f"Entry {body['sequence']} belongs to another trial",
                f"It was recorded for {body['trial']!r}; this log is of {self.trial!r}.",
            )
            return
        self.count += 1
        if self._stands_in_place(facts, number, altered=altered):
            self._check_command(body, number)
            self._check_clock(body, number)
        else:
            self.command = None
        self.head = Head(body["sequence"], facts.computed)
        self.links = (facts.stated, facts.computed)
        if self.expected is not None and self.met is None:
            met = self.expected == (facts.computed if isinstance(self.expected, str) else self.head)
            same_number = isinstance(self.expected, Head) and self.expected.sequence == body["sequence"]
            self.met = facts.computed if met or same_number else None

    def _stands_in_place(self, facts: _Facts, number: int, *, altered: bool) -> bool:
        """Check number and link; true where the entry is the one that should stand here."""
        body = facts.body
        if altered:
            self.order.assume(number)
            return False
        if not self.order.add(number, body["sequence"], facts.computed):
            return False
        if self.links and body["previous"] not in self.links:
            self.complain(
                complaints.CHAIN_BROKEN,
                number,
                f"Entry {body['sequence']} does not follow the entry before it",
                f"It names {body['previous']} as the digest of the entry before; that entry has {self.links[-1]}.",
            )
        return True

    def _check_command(self, body: dict[str, Any], number: int) -> None:
        key, left = self.command or (body["key"], 0)
        goes_on = left > 0 and (body["key"], body["rest"]) == (key, left - 1)
        if left and not goes_on:
            self._half(number, left)
        if self.keys.setdefault(body["key"], number) != number and not goes_on and self.command is not None:
            self.complain(
                complaints.KEY_TWICE,
                number,
                "An idempotency key stands for two commands",
                f"The key {body['key'][:60]!r} was used on line {self.keys[body['key']]} already.",
            )
        self.command = (body["key"], body["rest"])

    def _half(self, number: int, left: int) -> None:
        self.complain(
            complaints.HALF_A_COMMAND,
            number,
            "A command is not whole",
            f"{left} more of its entries should stand here; a command is kept whole or not at all.",
        )

    def _check_clock(self, body: dict[str, Any], number: int) -> None:
        at = body["recorded_at"].removesuffix("Z")
        if at < self.recorded_at:
            self.complain(
                complaints.CLOCK_BACK,
                number,
                f"Entry {body['sequence']} was recorded before the one above it",
                f"Its instant is {at}Z, the instant above {self.recorded_at}Z.",
            )
        self.recorded_at = at

    def _close(self, number: int) -> None:
        for finding in self.order.findings(self.name):
            self.report(finding)
        if self.command and self.command[1]:
            self._half(number, self.command[1])
        match self.expected:
            case None:
                pass
            case Head() as head if self.met is not None and self.met != head.digest:
                self.complain(
                    complaints.REWRITTEN,
                    0,
                    f"Entry {head.sequence} is not the one that the witness saw",
                    f"Its digest is {self.met}; the head that was kept has {head.digest}.",
                )
            case _ if self.met is None and self.expected not in (GENESIS, GENESIS.digest):
                wanted = self.expected if isinstance(self.expected, str) else f"entry {self.expected.sequence}"
                self.complain(
                    complaints.CUT,
                    0,
                    "The log does not reach the expected head",
                    f"It ends at entry {self.head.sequence}; the head that was kept is {wanted}.",
                )
            case _:
                pass

    def result(self) -> Verification:
        findings = [finding for _, finding in sorted(self.findings, key=lambda item: item[0])]
        for code, counted in sorted(self.counts.items()):
            if counted > _SHOWN:
                detail = f"Only the first {_SHOWN} are listed."
                place = Place(self.name)
                findings.append(complaints.complaint(code, place, f"{counted - _SHOWN} more of the same", detail))
        return Verification(self.count, self.head, tuple(findings), self.redacted, self.trial or "")
