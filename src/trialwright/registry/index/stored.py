"""What the index keeps of a study beside its words: where its record stands, its digest, its history, its places."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from trialwright.registry.address import Address

_HEAD = struct.Struct("<IQI16sII")


@dataclass(frozen=True, slots=True)
class Stored:
    """What a catalogue wants to know of a study without reading its record.

    Args:
        key: The study's NCT number, or the key of one without.
        address: Where the present text stands.
        digest: First 16 bytes of the SHA-256 of the text.
        history: Earlier versions, packed by the catalogue; the index does not look inside.
    """

    key: str
    address: Address
    digest: bytes
    history: bytes = b""


def pack(stored: Stored, places: bytes) -> bytes:
    """Everything but the key as bytes; ``places`` are the study's place ids, 8 bytes each.

    Raises:
        ValueError: The digest is not of 16 bytes.
    """
    if len(stored.digest) != 16:
        raise ValueError(f"a digest has 16 bytes, not {len(stored.digest)}")
    return _HEAD.pack(*stored.address, stored.digest, len(stored.history), len(places)) + stored.history + places


def unpack(key: str, packed: bytes) -> Stored:
    """What ``pack`` packed."""
    number, offset, length, digest, history, _ = _HEAD.unpack_from(packed)
    return Stored(key, Address(number, offset, length), digest, packed[_HEAD.size : _HEAD.size + history])


def address_of(packed: bytes) -> Address:
    """Only the address."""
    number, offset, length, *_ = _HEAD.unpack_from(packed)
    return Address(number, offset, length)


def places_of(packed: bytes) -> bytes:
    """Only the place ids."""
    *_, places = _HEAD.unpack_from(packed)
    return packed[len(packed) - places :]
