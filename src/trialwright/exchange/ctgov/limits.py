"""How much one reading may take, so that a hostile or mistaken file is reported instead of filling memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a reading. The largest record published so far is below 20 MB.

    Args:
        record_bytes: Of one record (a file, a line, or a member of an archive once unpacked).
        file_bytes: Of one JSON file that holds a list of records.
        archive_bytes: Of all members of one archive, unpacked.
        archive_ratio: Unpacked to packed size of one member; XML seldom packs better than 1:20.
        archive_members: Of one archive.
    """

    record_bytes: int = 64_000_000
    file_bytes: int = 1_000_000_000
    archive_bytes: int = 20_000_000_000
    archive_ratio: int = 200
    archive_members: int = 2_000_000
