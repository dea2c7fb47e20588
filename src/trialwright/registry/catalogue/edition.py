"""An edition: one generation of the catalogue, open for reading. Never writes, never blocks, never changes underfoot."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from pathlib import Path

from trialwright.registry.address import Address
from trialwright.registry.catalogue.folder import Layout, size_of
from trialwright.registry.catalogue.manifest import Manifest, read_manifest
from trialwright.registry.catalogue.packs import Packs
from trialwright.registry.catalogue.versions import Version, unpack_history
from trialwright.registry.index import StudyIndex
from trialwright.registry.json_text import parse_text
from trialwright.registry.record import Record

_TOGETHER = 500  # records looked up at once when all are read
_BEFORE_ANY = datetime(1970, 1, 1, tzinfo=UTC)


class Edition:
    """One generation of the catalogue. Many threads may read from it.

    Args:
        layout: Where the catalogue stands.
        generation: Its number; 0 is the empty edition, which needs no file.

    Raises:
        FileNotFoundError: The generation is not there, or was just cleared away.
        ValueError: It is damaged or of another format.
    """

    def __init__(self, layout: Layout, generation: int) -> None:
        self.generation = generation
        self.folder = layout.generation(generation)
        self.manifest = read_manifest(self.folder) if generation else _nothing()
        self.index = _index_of(self.folder, self.manifest.count)
        self.packs = Packs(layout.packs)

    @property
    def stamp(self) -> datetime:
        """When the generation was made; 1970 for the empty one."""
        return self.manifest.stamp

    @property
    def count(self) -> int:
        """Records in it."""
        return self.manifest.count

    def resolve(self, identifier: str) -> str | None:
        """The key of the record that bears an identifier, or that took an alias over; ``None`` where there is none."""
        return self.index.resolve(identifier)

    def record(self, identifier: str) -> Record | None:
        """The record with this NCT number (or its alias), or this organisation's number where it has no NCT number."""
        key = self.resolve(identifier)
        stored = self.index.stored(key) if key is not None else None
        return self.at(stored.address) if stored is not None else None

    def at(self, address: Address) -> Record:
        """The record at an address that this edition gave out."""
        return Record(parse_text(self.packs.read(address)))

    def raw(self, address: Address) -> bytes:
        """The JSON text at an address, on one line, as it came."""
        return self.packs.read(address)

    def history(self, identifier: str) -> tuple[Version, ...]:
        """The versions of a record that the catalogue has seen, newest first; also of a record that was removed."""
        key = self.resolve(identifier)
        stored = self.index.stored(key) if key is not None else None
        if stored is not None:
            return unpack_history(stored.history)
        return unpack_history(self.removed.get(identifier.upper(), self.removed.get(identifier, "[]")).encode())

    @cached_property
    def removed(self) -> dict[str, str]:
        """The packed histories of records that were removed, by key."""
        path = self.folder / "removed.json"
        found: dict[str, str] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        return found

    def records(self) -> Iterator[Record]:
        """All records, one after another, in no stated order."""
        every = iter(self.index.keys())
        while keys := tuple(islice(every, _TOGETHER)):
            found = sorted(one.address for one in self.index.stored_many(keys).values())
            for address in found:
                yield self.at(address)

    def sizes_bytes(self) -> dict[str, int]:
        """Bytes on disk: the index of this generation, and the packs of all versions."""
        packs = sum(path.stat().st_size for path in self._pack_files() if path.is_file())
        return {"index": size_of(self.folder / "index"), "packs": packs}

    def _pack_files(self) -> Iterator[Path]:
        return (self.folder.parent.parent / "packs" / f"{number:06d}.pack" for number in self.manifest.packs)


def _index_of(folder: Path, count: int) -> StudyIndex:
    if count and not (folder / "index" / "meta.json").is_file():
        raise FileNotFoundError(2, "the index is not there", str(folder / "index"))
    index = StudyIndex(folder / "index")
    if index.count != count:
        raise ValueError(f"{folder}: the manifest names {count} records, the index holds {index.count}")
    return index


def _nothing() -> Manifest:
    return Manifest(generation=0, stamp=_BEFORE_ANY, data_timestamp=_BEFORE_ANY, count=0)
