"""The log: an append-only chain of entries, where it is kept, and how anyone verifies it.

Knows what an entry is and nothing of what it means: kinds and fields come from ``events`` and go back there. Reads no
clock and draws no salt.
"""

from trialwright.log.canonical import JsonValue, NotCanonicalError, canonical_bytes
from trialwright.log.entry import GENESIS, REDACTED, Actor, Draft, Entry, Head, Stamp
from trialwright.log.export import export_csv, export_json_lines
from trialwright.log.jsonlines import JsonLinesShelf
from trialwright.log.salts import SaltSource, seeded_salts
from trialwright.log.seal import seal
from trialwright.log.shelf import HeadMoved, KeyReused, MemoryShelf, Shelf
from trialwright.log.tail import Recovery, recover
from trialwright.log.verify import Verification, verify

__all__ = [
    "GENESIS",
    "REDACTED",
    "Actor",
    "Draft",
    "Entry",
    "Head",
    "HeadMoved",
    "JsonLinesShelf",
    "JsonValue",
    "KeyReused",
    "MemoryShelf",
    "NotCanonicalError",
    "Recovery",
    "SaltSource",
    "Shelf",
    "Stamp",
    "Verification",
    "canonical_bytes",
    "export_csv",
    "export_json_lines",
    "recover",
    "seal",
    "seeded_salts",
    "verify",
]
