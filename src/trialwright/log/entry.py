"""The parts of the log: an entry, the head that it follows, and what goes into it before it is sealed.

An entry's digest covers a commitment to each field instead of the field, so that a value and its salt can be erased and
the chain still verifies. Never reads a clock and never draws a salt; the bytes are in ``line``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from trialwright.log.canonical import JsonValue

REDACTED = "[redacted]"


@dataclass(frozen=True, slots=True)
class Head:
    """Where a log ends: the last entry's sequence number (-1 of an empty log) and digest (64 hexadecimal digits)."""

    sequence: int
    digest: str


GENESIS = Head(-1, "0" * 64)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who caused an entry: an identifier, the role acted in, and the site (empty where the role has none)."""

    id: str
    role: str
    site: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be recorded, before it has a place in the log: an event's kind, version and fields."""

    kind: str
    version: int
    fields: Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Stamp:
    """What the entries of one command share.

    Args:
        recorded_at: The instant of recording, aware.
        actor: Who caused them.
        trial: Identifier of the trial; an entry of another trial is found by ``verify``.
        protocol: Digest of the protocol version that the command was decided under.
        key: Idempotency key of the command, not empty; no personal data, since it cannot be erased.
    """

    recorded_at: datetime
    actor: Actor
    trial: str
    protocol: str
    key: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One sealed entry.

    ``rest`` counts the entries of the same command that follow, so that half a command is seen as such. ``fields`` and
    ``salts`` lack what was erased; ``commitments`` names every field there ever was.
    """

    sequence: int
    previous: str
    recorded_at: datetime
    actor: Actor
    trial: str
    protocol: str
    key: str
    kind: str
    version: int
    rest: int
    fields: Mapping[str, JsonValue]
    salts: Mapping[str, str]
    commitments: Mapping[str, str]
    digest: str

    @property
    def redacted(self) -> frozenset[str]:
        """Names of the fields whose value was erased."""
        return frozenset(self.commitments) - frozenset(self.fields)

    @property
    def head(self) -> Head:
        """The head of a log that ends with this entry."""
        return Head(self.sequence, self.digest)

    def without(self, field: str) -> Entry:
        """The entry with a field's value and salt erased; the digest stays.

        Raises:
            LookupError: The entry never had such a field.
        """
        if field not in self.commitments:
            raise LookupError(f"entry {self.sequence} ({self.kind}) has no field {field}")
        return replace(
            self,
            fields={name: value for name, value in self.fields.items() if name != field},
            salts={name: salt for name, salt in self.salts.items() if name != field},
        )
