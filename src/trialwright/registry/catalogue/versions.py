"""A record's versions: where each text stands, when it was seen, what the record said of its date. Never reads a text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from trialwright.registry.address import CLASSIC, Address
from trialwright.registry.record import Record


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a record that the catalogue has seen.

    Args:
        address: Where the text stands.
        seen_at: When it was read.
        last_update_posted: The record's own date of its last posted change, as written; ``None`` where it has none.
        digest: The first 16 bytes of the text's SHA-256.
        source: Where it came from, in a word or two: ``v2 JSON``, ``classic XML``, ``protocol file``, ``sync``.
    """

    address: Address
    seen_at: datetime
    last_update_posted: str | None
    digest: bytes
    source: str

    @property
    def rank(self) -> tuple[str, int]:
        """What decides which version is the present one: the record's date, then a true v2 record above a mapped one."""
        return self.last_update_posted or "", 0 if self.source == CLASSIC else 1


def posted_date(record: Record) -> str | None:
    """The date of a record's last posted change, or of its last submitted one, in a form that sorts."""
    found = record.last_update_posted_on or record.last_update_submitted_on
    return found.text if found is not None and found.first_day is not None else None


def pack_history(versions: Iterable[Version]) -> bytes:
    """Versions as bytes, newest first."""
    rows = [
        [*one.address, one.seen_at.astimezone(UTC).isoformat(), one.last_update_posted, one.digest.hex(), one.source]
        for one in versions
    ]
    return json.dumps(rows, separators=(",", ":")).encode()


def unpack_history(packed: bytes) -> tuple[Version, ...]:
    """Versions from ``pack_history``."""
    return tuple(
        Version(Address(pack, offset, length), datetime.fromisoformat(seen), posted, bytes.fromhex(digest), source)
        for pack, offset, length, seen, posted, digest, source in json.loads(packed or b"[]")
    )
