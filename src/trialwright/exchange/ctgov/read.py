"""Read registry records from files: v2 JSON (one, a list, a page of the registry's interface, one a line), classic XML,
folders and zip archives of either.

Bad records are refused one by one and the others go on. Never writes, never asks the network, never raises over input.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from trialwright.exchange.ctgov.limits import Limits
from trialwright.exchange.ctgov.parse import Kept, Refusal, parse_json, record_from_v2, record_from_xml, refusal
from trialwright.registry.record import Record
from trialwright.vocabulary.findings import Finding, Place, Severity

_LINED = (".jsonl", ".ndjson")
_SUFFIXES = (".json", ".xml", *_LINED)
_NO_IDS: Mapping[str, str] = {}
_NO_LIMITS = Limits()


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


def read_records(path: Path, limits: Limits = _NO_LIMITS, mesh_ids: Mapping[str, str] = _NO_IDS) -> Reading:
    """Read every record at a path.

    Args:
        path: A file, a folder (searched to any depth, in name order) or a zip archive.
        limits: How much may be read.
        mesh_ids: Identifier by MeSH heading, for classic XML.

    Returns:
        The records kept, a finding for each one refused, and notes.
    """
    kept: list[Kept] = []
    refused: list[Finding] = []
    for item in iterate_records(path, limits, mesh_ids):
        if isinstance(item, Kept):
            kept.append(item)
        else:
            refused.append(item.finding)
    notes = [note for item in kept for note in item.notes] + list(_repeated(kept))
    return Reading(tuple(kept), tuple(refused), tuple(notes))


def iterate_records(path: Path, limits: Limits = _NO_LIMITS, mesh_ids: Mapping[str, str] = _NO_IDS) -> Iterator[Kept | Refusal]:
    """Read records one at a time, for collections that do not fit in memory; see ``read_records``."""
    try:
        if path.is_dir():
            yield from _folder(path, limits, mesh_ids)
        elif zipfile.is_zipfile(path):
            yield from _archive(path, limits, mesh_ids)
        elif path.suffix.lower() in _LINED:
            yield from _lines(path, limits)
        else:
            yield from _file(path, limits, mesh_ids)
    except OSError as error:
        yield refusal("TW-R901", Place(str(path)), "This file cannot be read", f"{error.strerror or error}.")


def _folder(path: Path, limits: Limits, mesh_ids: Mapping[str, str]) -> Iterator[Kept | Refusal]:
    met = False
    for file in sorted(path.rglob("*")):
        if file.suffix.lower() in (*_SUFFIXES, ".zip") and file.is_file():
            met = True
            yield from iterate_records(file, limits, mesh_ids)
    if not met:
        detail = f"It holds no file ending in {', '.join(_SUFFIXES)} or .zip."
        yield refusal("TW-R901", Place(str(path)), "There is nothing to read in this folder", detail)


def _archive(path: Path, limits: Limits, mesh_ids: Mapping[str, str]) -> Iterator[Kept | Refusal]:
    try:
        with zipfile.ZipFile(path) as archive:
            members = [one for one in archive.infolist() if one.filename.lower().endswith(_SUFFIXES)]
            whole = sum(one.file_size for one in members)
            if len(members) > limits.archive_members or whole > limits.archive_bytes:
                yield _too_large(Place(str(path)), f"It would unpack to {len(members)} files of {whole} bytes")
                return
            for member in sorted(members, key=lambda one: one.filename):
                yield from _member(archive, member, f"{path}/{member.filename}", limits, mesh_ids)
    except (zipfile.BadZipFile, ValueError) as error:
        yield refusal("TW-R901", Place(str(path)), "This archive cannot be read", f"{error}.")


def _member(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str, limits: Limits, mesh_ids: Mapping[str, str]
) -> Iterator[Kept | Refusal]:
    place = Place(file)
    ratio = member.file_size / max(member.compress_size, 1)
    if member.file_size > limits.record_bytes or ratio > limits.archive_ratio:
        yield _too_large(place, f"It would unpack to {member.file_size} bytes, {ratio:.0f} times its packed size")
        return
    try:
        with archive.open(member) as stream:
            data = stream.read(limits.record_bytes + 1)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError) as error:
        yield refusal("TW-R901", place, "This member of the archive cannot be unpacked", f"{error}.")
        return
    yield from _content(data, place, limits, mesh_ids)


def _file(path: Path, limits: Limits, mesh_ids: Mapping[str, str]) -> Iterator[Kept | Refusal]:
    size = path.stat().st_size
    if size > limits.file_bytes:
        yield _too_large(Place(str(path)), f"It is {size} bytes long")
        return
    yield from _content(path.read_bytes(), Place(str(path)), limits, mesh_ids)


def _content(data: bytes, place: Place, limits: Limits, mesh_ids: Mapping[str, str]) -> Iterator[Kept | Refusal]:
    if place.file.lower().endswith(_LINED):
        for number, line in enumerate(data.split(b"\n"), start=1):
            yield from _line(line, Place(place.file, number, 1), limits)
    elif data.lstrip()[:1] == b"<" or place.file.lower().endswith(".xml"):
        if len(data) > limits.record_bytes:
            yield _too_large(place, f"It is {len(data)} bytes long")
            return
        yield record_from_xml(data, place, mesh_ids)
    else:
        yield from _json(data, place)


def _json(data: bytes, place: Place) -> Iterator[Kept | Refusal]:
    value = parse_json(data, place)
    match value:
        case Refusal():
            yield value
        case {"studies": list(studies)}:
            yield from _list(studies, place, "studies")
        case list():
            yield from _list(value, place, "")
        case _:
            yield record_from_v2(value, place)


def _list(nodes: list[object], place: Place, path: str) -> Iterator[Kept | Refusal]:
    for index, node in enumerate(nodes):
        yield record_from_v2(node, Place(place.file, path=f"{path}[{index}]"))


def _lines(path: Path, limits: Limits) -> Iterator[Kept | Refusal]:
    with path.open("rb") as stream:
        number = 0
        while line := stream.readline(limits.record_bytes + 1):
            number += 1
            yield from _line(line, Place(str(path), number, 1), limits)
            while len(line) > limits.record_bytes and not line.endswith(b"\n"):
                line = stream.readline(limits.record_bytes + 1)


def _line(line: bytes, place: Place, limits: Limits) -> Iterator[Kept | Refusal]:
    if len(line) > limits.record_bytes:
        yield _too_large(place, f"This line is longer than {limits.record_bytes} bytes")
    elif line.strip():
        value = parse_json(line, place)
        yield value if isinstance(value, Refusal) else record_from_v2(value, place)


def _too_large(place: Place, detail: str) -> Refusal:
    return refusal("TW-R905", place, "This is too large to be a registry record", f"{detail}.")


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
