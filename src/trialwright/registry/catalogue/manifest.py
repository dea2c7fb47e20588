"""A generation's manifest: what it holds and where it came from. Reads and writes one small JSON file, no record."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from trialwright.registry.catalogue.folder import write_whole

FORMAT = 1
_MOST_SOURCES = 200


class Source(BaseModel):
    """One revision: where its records came from, and what came of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str
    on: datetime
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0


class Manifest(BaseModel):
    """What a generation holds.

    Args:
        format: Of the folder; a program reads only its own.
        generation: Its number.
        stamp: When its revision was made.
        data_timestamp: What the origin says of how fresh its data are; the stamp where it says nothing.
        count: Records.
        packs: Numbers of the packs in which their texts (and those of earlier versions) stand.
        sources: The last revisions, newest last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = Field(default=FORMAT, ge=FORMAT, le=FORMAT)
    generation: int
    stamp: datetime
    data_timestamp: datetime
    count: int
    packs: tuple[int, ...] = ()
    sources: tuple[Source, ...] = ()

    def write(self, folder: Path) -> None:
        """Write the manifest of the generation that stands in a folder."""
        kept = self.model_copy(update={"sources": self.sources[-_MOST_SOURCES:]})
        write_whole(folder / "manifest.json", kept.model_dump_json(indent=1).encode() + b"\n")


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of the generation in a folder.

    Raises:
        OSError: It is not there.
        ValueError: It is of another format, or damaged.
    """
    return Manifest.model_validate_json((folder / "manifest.json").read_bytes())
