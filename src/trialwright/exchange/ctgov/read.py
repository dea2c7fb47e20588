"""Read registry records from files: v2 JSON (one, a list, a page of the registry's interface, one a line), classic XML,
protocol files, folders and zip archives of these.

Bad records are refused one by one and the others go on. Never writes, never asks the network, never raises over input.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from trialwright.exchange.ctgov.content import LINED, read_content, too_large
from trialwright.exchange.ctgov.limits import Limits
from trialwright.exchange.ctgov.parse import Kept, Refusal, refusal
from trialwright.registry.record import Record
from trialwright.vocabulary.findings import Finding, Place, Severity

_SUFFIXES = (".json", ".xml", *LINED)
_PROTOCOLS = ("protocol.yaml", "protocol.yml")
_NO_LIMITS = Limits()


@dataclass(slots=True)
class Progress:
    """How far a reading has come, for whoever shows it.

    Args:
        done_bytes: Bytes of the files read so far; of an archive, packed.
    """

    done_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a path.

    Args:
        kept: The records, in order.
        refused: One error finding for each record or file that was not read.
        notes: What was read but could not be carried over, and repeated records.
    """

    kept: tuple[Kept, ...]
    refused: tuple[Finding, ...]
    notes: tuple[Finding, ...]

    @property
    def records(self) -> tuple[Record, ...]:
        """The records alone."""
        return tuple(kept.record for kept in self.kept)

    @property
    def read_count(self) -> int:
        """Records met: kept and refused."""
        return len(self.kept) + len(self.refused)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Refusals first, then notes."""
        return self.refused + self.notes


def read_records(path: Path, limits: Limits = _NO_LIMITS) -> Reading:
    """Read every record at a path.

    Args:
        path: A file, a folder (searched to any depth, in name order) or a zip archive.
        limits: How much may be read.

    Returns:
        The records kept, a finding for each one refused, and notes.
    """
    kept: list[Kept] = []
    refused: list[Finding] = []
    for item in iterate_records(path, limits):
        if isinstance(item, Kept):
            kept.append(item)
        else:
            refused.append(item.finding)
    notes = [note for item in kept for note in item.notes] + list(_repeated(kept))
    return Reading(tuple(kept), tuple(refused), tuple(notes))


def iterate_records(path: Path, limits: Limits = _NO_LIMITS, progress: Progress | None = None) -> Iterator[Kept | Refusal]:
    """Read records one at a time, for collections that do not fit in memory; see ``read_records``.

    Of an archive the directory is in memory (0.6 KB a member), of a folder the paths, of a file one record.
    """
    progress = progress or Progress()
    try:
        if path.is_dir():
            yield from _folder(path, limits, progress)
        else:
            yield from _file(path, limits, progress)
    except OSError as error:
        yield refusal("TW-R901", Place(str(path)), "This file cannot be read", f"{error.strerror or error}.")


def whole_bytes(path: Path) -> int:
    """Bytes of the files that reading a path would open; what cannot be read counts nothing."""
    try:
        return sum(file.stat().st_size for file in _files(path)) if path.is_dir() else path.stat().st_size
    except OSError:
        return 0


def _files(path: Path) -> list[Path]:
    suffixes = (*_SUFFIXES, ".zip")
    found = (file for file in path.rglob("*") if file.suffix.lower() in suffixes or file.name.lower() in _PROTOCOLS)
    return sorted(file for file in found if file.is_file())


def _folder(path: Path, limits: Limits, progress: Progress) -> Iterator[Kept | Refusal]:
    files = _files(path)
    for file in files:
        try:
            yield from _file(file, limits, progress)
        except OSError as error:
            yield refusal("TW-R901", Place(str(file)), "This file cannot be read", f"{error.strerror or error}.")
    if not files:
        detail = f"It holds no file ending in {', '.join(_SUFFIXES)} or .zip."
        yield refusal("TW-R901", Place(str(path)), "There is nothing to read in this folder", detail)


def _file(path: Path, limits: Limits, progress: Progress) -> Iterator[Kept | Refusal]:
    size, before = path.stat().st_size, progress.done_bytes
    if zipfile.is_zipfile(path):
        yield from _archive(path, limits, progress)
    else:
        with path.open("rb") as stream:
            for item in read_content(stream, size, Place(str(path)), limits):
                progress.done_bytes = before + stream.tell()
                yield item
    progress.done_bytes = before + size


def _archive(path: Path, limits: Limits, progress: Progress) -> Iterator[Kept | Refusal]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if one.filename.lower().endswith(_SUFFIXES)]
            whole = sum(one.file_size for one in members)
            if len(members) > limits.archive_members or whole > limits.archive_bytes:
                yield too_large(Place(str(path)), f"It would unpack to {len(members)} files of {whole} bytes")
                return
            for member in sorted(members, key=lambda one: one.filename):
                yield from _member(archive, member, f"{path}/{member.filename}", limits)
                progress.done_bytes += member.compress_size
    except (zipfile.BadZipFile, ValueError, RuntimeError) as error:
        yield refusal("TW-R901", Place(str(path)), "This archive cannot be read", f"{error}.")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str, limits: Limits) -> Iterator[Kept | Refusal]:
    place = Place(file)
    ratio = member.file_size / max(member.compress_size, 1)
    if ratio > limits.archive_ratio:
        yield too_large(place, f"It would unpack to {member.file_size} bytes, {ratio:.0f} times its packed size")
        return
    try:
        with archive.open(member) as stream:
            yield from read_content(stream, member.file_size, place, limits)  # type: ignore[arg-type]
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError) as error:
        yield refusal("TW-R901", place, "This member of the archive cannot be unpacked", f"{error}.")


def _repeated(kept: list[Kept]) -> Iterator[Finding]:
    first: dict[str, Place] = {}
    for item in kept:
        nct_id = item.record.nct_id
        if nct_id is None:
            continue
        if nct_id in first:
            title = f"{nct_id} stands twice in what was read"
            yield Finding("TW-R909", Severity.NOTE, item.place, title, "Both are kept.", others=(first[nct_id],))
        first.setdefault(nct_id, item.place)
