"""Distinct sites in immutable files beside the index: what SEARCH[Location] and distances are worked out from.

A site is described at three levels, each with an identifier that is a digest of its words, so that a writer need not
know what was written before:

    1  country, status
    2  + city, state, latitude, longitude
    3  + facility, zip, contacts

Studies carry the identifiers of their sites at each level. A part holds each description that occurred in one stretch
of writing; parts may repeat each other, and descriptions that no study carries any more are harmless.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from trialwright.registry.index.analysis import stems
from trialwright.registry.record_parts import Json, nodes_at

LEVELS = 3
COLUMNS: Mapping[int, tuple[str, ...]] = {
    1: ("LocationCountry", "LocationStatus"),
    2: ("LocationCity", "LocationState"),
    3: (
        "LocationFacility",
        "LocationZip",
        "LocationContactName",
        "LocationContactRole",
        "LocationContactPhone",
        "LocationContactPhoneExt",
        "LocationContactEMail",
    ),
}
LEVEL_OF = {piece: level for level, pieces in COLUMNS.items() for piece in pieces} | {"LocationGeoPoint": 2}
VALUES_APART = "\x1f"  # between the values of one column, where a site has several contacts
ROWS_PER_PART = 400_000
MOST_PARTS = 24
_SMALL_ROWS = 100_000
_SUFFIX = ".sites"

Ints = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]

Words: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SiteRow:
    """One site of a record: its identifiers at the three levels, its words by level, and where it lies."""

    ids: tuple[int, int, int]
    level_1: Words
    level_2: Words
    level_3: Words
    point: tuple[float, float] | None


def site_row(level_1: Words, level_2: Words, level_3: Words, point: tuple[float, float] | None) -> SiteRow:
    """A site with its identifiers worked out."""
    place = (*level_1, *level_2, *_point_words(point))
    ids = _often(level_1), _often(place), identifier((*place, *level_3))
    return SiteRow(ids, level_1, level_2, level_3, point)


def identifier(words: Words) -> int:
    """A number of 63 bits and a sign that stands for words."""
    return int.from_bytes(blake2b("\x00".join(words).encode(), digest_size=8).digest(), "big", signed=True)


_often = lru_cache(maxsize=65_536)(identifier)


def point_id(lat: float, lon: float) -> int:
    """The identifier of a point."""
    return identifier(_point_words((lat, lon)))


def cell_id(lat: float, lon: float) -> int:
    """The one-degree cell that a point lies in."""
    return int((lat + 90) // 1) * 1_000 + int((lon + 180) // 1)


def _point_words(point: tuple[float, float] | None) -> Words:
    return (repr(point[0]), repr(point[1])) if point else ("", "")


def site_rows(locations: Iterable[object]) -> Iterator[SiteRow]:
    """The sites of a record's ``locations``; what is not an object is passed over."""
    for site in locations:
        if not isinstance(site, dict):
            continue
        contacts = nodes_at(site, "contacts")
        yield site_row(
            (_text(site, "country"), _text(site, "status")),
            (_text(site, "city"), _text(site, "state")),
            (
                _text(site, "facility"),
                _text(site, "zip"),
                *(_joined(contacts, member) for member in ("name", "role", "phone", "phoneExt", "email")),
            ),
            _point(site.get("geoPoint")),
        )


def _text(node: Json, member: str) -> str:
    value = node.get(member)
    return value.replace("\n", " ") if isinstance(value, str) else ""


def _joined(contacts: Sequence[Json], member: str) -> str:
    return VALUES_APART.join(text for each in contacts if (text := _text(each, member))) if contacts else ""


def _point(node: object) -> tuple[float, float] | None:
    if not isinstance(node, dict):
        return None
    lat, lon = node.get("lat"), node.get("lon")
    if isinstance(lat, bool) or isinstance(lon, bool) or not isinstance(lat, int | float) or not isinstance(lon, int | float):
        return None
    return (float(lat), float(lon)) if -90 <= lat <= 90 and -180 <= lon <= 180 else None


class PartWriter:
    """Collects distinct sites and writes them as parts.

    Args:
        folder: The index's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._rows: dict[int, SiteRow] = {}

    def add(self, row: SiteRow) -> None:
        """Take a site in; a full part is written at once."""
        self._rows.setdefault(row.ids[2], row)
        if len(self._rows) >= ROWS_PER_PART:
            self._write()

    def flush(self) -> None:
        """Write what is left, and join the small parts when there are many."""
        if self._rows:
            self._write()
        parts = part_paths(self._folder)
        if len(parts) <= MOST_PARTS:
            return
        small = [path for path in parts if Part(path).length(3) < _SMALL_ROWS]
        for path in small:
            for row in Part(path).rows():
                self.add(row)
        if self._rows:
            self._write()
        for path in small:
            path.unlink()

    def _write(self) -> None:
        numbers = [int(path.stem) for path in part_paths(self._folder)]
        path = self._folder / f"{max(numbers, default=0) + 1:06d}{_SUFFIX}"
        path.write_bytes(_packed(list(self._rows.values())))
        self._rows.clear()


def part_paths(folder: Path) -> tuple[Path, ...]:
    """The parts of an index, oldest first."""
    return tuple(sorted(folder.glob(f"*{_SUFFIX}")))


def _packed(rows: list[SiteRow]) -> bytes:
    """A part as bytes: a line of JSON that names the sections, then the sections, each compressed."""
    sections: dict[str, bytes] = {}
    lower: dict[int, int] = {}
    for level in range(1, LEVELS + 1):
        first: dict[int, SiteRow] = {}
        for row in rows:
            first.setdefault(row.ids[level - 1], row)
        kept = list(first.values())
        sections[f"id{level}"] = np.array(list(first), np.int64).tobytes()
        if level > 1:
            sections[f"lower{level}"] = np.array([lower[row.ids[level - 2]] for row in kept], np.int32).tobytes()
        if level == 2:
            points = [row.point or (np.nan, np.nan) for row in kept]
            sections["points"] = np.array(points, np.float64).reshape(-1, 2).tobytes()
        for at, piece in enumerate(COLUMNS[level]):
            _column([_level(row, level)[at] for row in kept], piece, sections)
        lower = {key: number for number, key in enumerate(first)}
    packed = {name: zlib.compress(content, 1) for name, content in sections.items()}
    header = json.dumps({name: len(content) for name, content in packed.items()}).encode()
    return header + b"\n" + b"".join(packed.values())


def _level(row: SiteRow, level: int) -> Words:
    return (row.level_1, row.level_2, row.level_3)[level - 1]


def _column(values: list[str], piece: str, sections: dict[str, bytes]) -> None:
    codes: dict[str, int] = {"": 0}
    numbers = [codes.setdefault(value, len(codes)) for value in values]
    sections[f"codes.{piece}"] = np.array(numbers, np.int32).tobytes()
    sections[f"text.{piece}"] = "\n".join(codes).encode()
    sections[f"stems.{piece}"] = "\n".join(_stemmed(value) for value in codes).encode()


@lru_cache(maxsize=65_536)
def _stemmed(value: str) -> str:
    """The stems of each value, a space at both ends: what words are looked for in."""
    return VALUES_APART.join(f" {' '.join(stems(one))} " for one in value.split(VALUES_APART)) if value else ""


class Part:
    """One part, read section by section as needed.

    Args:
        path: Its file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at: dict[str, tuple[int, int]] = {}
        self._read: dict[str, bytes] = {}
        self._lists: dict[str, list[str]] = {}
        with path.open("rb") as file:
            header = file.readline()
        at = len(header)
        for name, length in json.loads(header).items():
            self._at[name] = (at, length)
            at += length

    def _section(self, name: str) -> bytes:
        if name not in self._read:
            at, length = self._at[name]
            with self._path.open("rb") as file:
                file.seek(at)
                self._read[name] = zlib.decompress(file.read(length))
        return self._read[name]

    def length(self, level: int) -> int:
        """How many descriptions it holds at a level."""
        return len(self.ids(level))

    def ids(self, level: int) -> Ints:
        """Identifiers at a level."""
        return np.frombuffer(self._section(f"id{level}"), np.int64)

    def lower(self, level: int) -> Codes:
        """For each description the row of the one that it refines, a level below."""
        return np.frombuffer(self._section(f"lower{level}"), np.int32)

    def points(self) -> Floats:
        """Latitude and longitude of each description of level 2; NaN where unknown."""
        return np.frombuffer(self._section("points"), np.float64).reshape(-1, 2)

    def codes(self, piece: str) -> Codes:
        """For each description of the piece's level the number of its value."""
        return np.frombuffer(self._section(f"codes.{piece}"), np.int32)

    def texts(self, piece: str) -> list[str]:
        """The distinct values of a piece as registered; number 0 is the empty one."""
        if piece not in self._lists:
            self._lists[piece] = self._section(f"text.{piece}").decode().split("\n")
        return self._lists[piece]

    def stemmed(self, piece: str) -> bytes:
        """The same values as stems, one a line."""
        return self._section(f"stems.{piece}")

    def rows(self) -> Iterator[SiteRow]:
        """Every site, as it was taken in."""
        up_2, up_1 = self.lower(3), self.lower(2)
        points = self.points()
        columns = {piece: (self.codes(piece), self.texts(piece)) for level in COLUMNS for piece in COLUMNS[level]}

        def words(level: int, row: int) -> Words:
            return tuple(columns[piece][1][columns[piece][0][row]] for piece in COLUMNS[level])

        for three in range(len(up_2)):
            two = int(up_2[three])
            one = int(up_1[two])
            lat, lon = (float(number) for number in points[two])
            yield site_row(words(1, one), words(2, two), words(3, three), None if lat != lat else (lat, lon))
