"""Packs: files of record texts, each compressed by itself, appended once and never changed.

A pack is known by its number. Its first bytes say what it is; after that a record's text stands wherever its Address
says. Never parses a record, and never deletes a pack that a manifest names (that is ``folder``).
"""

from __future__ import annotations

import mmap
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from zstandard import ZstdCompressor, ZstdDecompressor, ZstdError, frame_content_size

from trialwright.registry.address import Address

MAGIC = b"trialwright pack 2\n"
_LEVEL = 1  # three and a half times smaller; higher levels gain 4 % and take a third more time
_MOST_OPEN = 64
_LONGEST_TEXT = 256_000_000  # bytes of one record unpacked; above the reader's own bound


class DamagedPack(Exception):  # noqa: N818 - the word for what happened
    """A pack that is missing, cut short or not what was written; says which."""


def pack_path(folder: Path, number: int) -> Path:
    """The file of a pack."""
    return folder / f"{number:06d}.pack"


class PackWriter:
    """One pack being written; goes on at the end of a pack that a broken-off revision left.

    Args:
        folder: The folder of packs.
        number: Of the pack, from 1.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self.number = number
        self.path = pack_path(folder, number)
        folder.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("ab")
        self._end = self._file.tell()
        self._compressor = ZstdCompressor(level=_LEVEL, write_checksum=True)
        if self._end == 0:
            self._end = self._file.write(MAGIC)

    def append(self, text: bytes) -> Address:
        """Write a record's text and say where it stands. It is durable after ``sync``."""
        packed = self._compressor.compress(text)
        address = Address(self.number, self._end, len(packed))
        self._file.write(packed)
        self._end += len(packed)
        return address

    @property
    def size_bytes(self) -> int:
        """Bytes written so far."""
        return self._end

    def flush(self) -> None:
        """Let readers of this machine see what was appended."""
        self._file.flush()

    def sync(self) -> None:
        """Make what was appended durable."""
        self._file.flush()
        os.fsync(self._file.fileno())

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


class Packs:
    """Record texts read from packs; may be used by many threads.

    Args:
        folder: The folder of packs.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._open: dict[int, mmap.mmap] = {}

    def read(self, address: Address) -> bytes:
        """The text at an address.

        Raises:
            DamagedPack: The pack is not there, ends before the record, or holds something else at that place.
        """
        pack, offset, length = address
        mapped = self._open.get(pack)
        if mapped is None or offset + length > len(mapped):
            mapped = self._map(pack)
        packed = mapped[offset : offset + length]
        if len(packed) != length:
            raise DamagedPack(f"{pack_path(self._folder, pack)} at byte {offset}: the record is cut short")
        try:
            return _unpacked(packed)
        except (ZstdError, ValueError) as error:
            raise DamagedPack(f"{pack_path(self._folder, pack)} at byte {offset}: {error}") from error

    def _map(self, number: int) -> mmap.mmap:
        path = pack_path(self._folder, number)
        try:
            with path.open("rb") as file:
                mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            raise DamagedPack(f"{path}: {error}") from error
        if mapped[: len(MAGIC)] != MAGIC:
            raise DamagedPack(f"{path} is not a pack of this program")
        with self._lock:
            while len(self._open) >= _MOST_OPEN:
                del self._open[next(iter(self._open))]  # whoever still reads from it keeps it alive
            self._open[number] = mapped
        return mapped


def _unpacked(packed: bytes) -> bytes:
    """The one text in a frame.

    Raises:
        ZstdError: It is damaged, cut short, or followed by something.
        ValueError: It says that it is longer than any record.
    """
    size = frame_content_size(packed)
    if not 0 <= size <= _LONGEST_TEXT:
        raise ValueError(f"a record of {size} bytes is none of this program's")
    return ZstdDecompressor().decompress(packed, allow_extra_data=False)
