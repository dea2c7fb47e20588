"""Where a record's text stands among the packs, and what it came from.

Knows nothing of files (that is catalogue) or of search (that is index).
"""

from __future__ import annotations

from typing import NamedTuple


class Address(NamedTuple):
    """Where one record's text stands.

    Args:
        pack: Number of the pack, from 1.
        offset: First byte in the pack.
        length: Bytes in the pack, compressed.
    """

    pack: int
    offset: int
    length: int


CLASSIC = "classic XML"
"""The source of a record that was mapped from classic XML; a true v2 record of the same date stands above it."""
