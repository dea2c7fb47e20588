"""Sealing: what one command recorded becomes entries that follow a head. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from trialwright.log.canonical import JsonValue, canonical_text
from trialwright.log.entry import Draft, Entry, Head, Stamp
from trialwright.log.line import body_of, body_text, commitment, digest_of, is_field_name, malformed_body
from trialwright.log.salts import SALT_BYTES, SaltSource


def seal(drafts: Sequence[Draft], stamp: Stamp, after: Head, salt: SaltSource) -> tuple[Entry, ...]:
    """Seal the entries of one command onto a head; nothing is written.

    Args:
        drafts: In order; they are kept or lost together.
        stamp: What they share.
        after: The head that they follow.
        salt: Gives 16 bytes for each sequence number and field.

    Raises:
        ValueError: A field's name or value, or the stamp, cannot stand in the log. (Our mistake: what people enter has
            been through an event's types before.)
    """
    entries: list[Entry] = []
    for index, draft in enumerate(drafts):
        entry = _sealed(draft, stamp, after, rest=len(drafts) - 1 - index, salt=salt)
        entries.append(entry)
        after = entry.head
    return tuple(entries)


def _sealed(draft: Draft, stamp: Stamp, after: Head, *, rest: int, salt: SaltSource) -> Entry:
    sequence = after.sequence + 1
    fields: dict[str, JsonValue] = {}
    salts: dict[str, str] = {}
    commitments: dict[str, str] = {}
    for name in sorted(draft.fields):
        drawn = salt(sequence, name)
        if not is_field_name(name) or len(drawn) != SALT_BYTES:
            raise ValueError(f"a field is named by a word and salted with {SALT_BYTES} bytes, unlike {name!r}")
        fields[name] = draft.fields[name]
        salts[name] = drawn.hex()
        commitments[name] = commitment(drawn, name, canonical_text(fields[name]))
    parts = (
        sequence, after.digest, stamp.recorded_at, stamp.actor, stamp.trial, stamp.protocol, stamp.key, draft.kind,
        draft.version, rest, fields, salts, commitments,
    )  # fmt: skip
    body = body_of(Entry(*parts, ""))
    reason = malformed_body(body)
    if reason:
        raise ValueError(f"an entry cannot be sealed: {reason}")
    return Entry(*parts, digest_of(body_text(body)))
