"""Where salts come from: a function of sequence number and field, given by the caller.

Never draws from the operating system: doors do that. A rehearsal derives its salts from its seed, so that the same seed
gives the same head digest.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import TypeAlias

SALT_BYTES = 16
SaltSource: TypeAlias = Callable[[int, str], bytes]


def seeded_salts(seed: int | bytes) -> SaltSource:
    """Salts that follow from a seed: the first 16 bytes of HMAC-SHA256(seed, sequence ‖ field).

    Fit for simulated people only: who knows the seed can undo what an erased salt hides.

    Args:
        seed: Key of the HMAC; a number is written in decimal ASCII.

    Returns:
        A function of ``(sequence, field)``; sequence goes in as 8 bytes, big-endian, field as UTF-8.

    >>> seeded_salts(7)(0, "on") == seeded_salts(b"7")(0, "on")
    True
    """
    keyed = hmac.new(str(seed).encode("ascii") if isinstance(seed, int) else seed, digestmod="sha256")

    def salt(sequence: int, field: str) -> bytes:
        drawn = keyed.copy()
        drawn.update(sequence.to_bytes(8, "big") + field.encode("utf-8"))
        return drawn.digest()[:SALT_BYTES]

    return salt
