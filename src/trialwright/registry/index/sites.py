"""Conditions that must hold at one site, and distances, worked out exactly on the distinct sites in memory.

The answer is always a set of identifiers that studies carry, so that the index only looks up terms. Never looks at a
study.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from trialwright.registry.index.analysis import stems
from trialwright.registry.index.request import City, RequestError, Site
from trialwright.registry.index.site_parts import (
    COLUMNS,
    LEVEL_OF,
    VALUES_APART,
    Codes,
    Floats,
    Ints,
    Part,
    cell_id,
    part_paths,
    point_id,
)
from trialwright.registry.language import (
    All,
    And,
    Area,
    Coverage,
    Distance,
    Expansion,
    Kind,
    Level,
    Missing,
    Node,
    Not,
    Or,
    Range,
    Search,
    Tilt,
    Words,
    parts_of,
    walk,
)
from trialwright.registry.structure import PieceType, areas, enum_type, structure

Mask = npt.NDArray[np.bool_]
EARTH_KM: Final = 6371.0088  # mean radius, IUGG 1980
DEFAULT_AREA = "LocationSearch"
BRANCHES = {
    "Location": tuple(LEVEL_OF),
    "LocationContact": tuple(piece for piece in LEVEL_OF if piece.startswith("LocationContact")),
}
_CACHED_MASKS = 256
MOST_TERMS = {1: 1_000, 2: 500, 3: 40}  # each term of level 3 reads through the names of a million facilities


def haversine_km(lat: float, lon: float, lats: Floats, lons: Floats) -> Floats:
    """Great-circle distances from one point to many, in km; degrees in."""
    a, b = np.radians(lat), np.radians(lats)
    across = np.sin(np.radians(lons - lon) / 2) ** 2
    inner = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * across
    found: Floats = 2 * EARTH_KM * np.arcsin(np.sqrt(np.minimum(inner, 1.0)))
    return found


@dataclass(frozen=True, slots=True)
class Circle:
    """The terms that together mean "has a site within this circle": whole cells, and points of the cells on its rim."""

    cells: tuple[int, ...]
    points: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """The distinct points of all sites."""

    ids: Ints
    cells: Ints
    lats: Floats
    lons: Floats

    def distances_km(self, lat: float, lon: float) -> Floats:
        """From a point to each."""
        return haversine_km(lat, lon, self.lats, self.lons)

    def within(self, lat: float, lon: float, radius_km: float) -> Circle:
        """What lies within a radius, its rim included."""
        inside = self.distances_km(lat, lon) <= radius_km
        touched = np.unique(self.cells[inside])
        broken = np.unique(self.cells[~inside & np.isin(self.cells, touched)])
        whole = np.setdiff1d(touched, broken)
        rim = self.ids[inside & np.isin(self.cells, broken)]
        return Circle(tuple(whole.tolist()), tuple(rim.tolist()))


@dataclass(frozen=True, slots=True)
class Context:
    """What the operators around a term say."""

    area: str = DEFAULT_AREA
    level: Level = Level.RELAXATION
    kind: Kind = Kind.CONTAINS


class _Rows:
    """The rows of one part at one level, each column brought to that level."""

    def __init__(self, part: Part, level: int) -> None:
        self.part, self.level = part, level
        self._up: dict[int, Codes | None] = {level: None}
        self._masks: dict[tuple[str, bytes], Mask] = {}
        lower: Codes | None = None
        for at in range(level, 1, -1):
            step = part.lower(at)
            lower = step if lower is None else step[lower]
            self._up[at - 1] = lower

    @cached_property
    def ids(self) -> Ints:
        return self.part.ids(self.level)

    def spread(self, values: npt.NDArray[np.generic], level: int) -> npt.NDArray[np.generic]:
        """Values by row of a level below, by row of this one."""
        up = self._up[level]
        return values if up is None else values[up]

    def where(self, piece: str, pattern: bytes) -> Mask:
        """The rows whose value has stems that match a pattern, which never matches across a line."""
        key = (piece, pattern)
        if key not in self._masks:
            if len(self._masks) >= _CACHED_MASKS:
                self._masks.clear()
            self._masks[key] = self._search(piece, pattern)
        return self._masks[key]

    def _search(self, piece: str, pattern: bytes) -> Mask:
        text, starts = self._column(piece)
        holds = np.zeros(len(starts), np.bool_)
        found = np.fromiter((match.start() for match in re.finditer(pattern, text, re.MULTILINE)), np.int64)
        holds[np.searchsorted(starts, found, side="right") - 1] = True
        return self._of_values(piece, holds)

    def _column(self, piece: str) -> tuple[bytes, Ints]:
        text = self.part.stemmed(piece)
        breaks = np.flatnonzero(np.frombuffer(text, np.uint8) == 0x0A)
        return text, np.concatenate([np.zeros(1, np.int64), breaks + 1])

    def equal(self, piece: str, values: Sequence[str]) -> Mask:
        """The rows that hold one of the values as registered."""
        wanted = set(values)
        texts = self.part.texts(piece)
        return self._of_values(piece, np.array([not wanted.isdisjoint(text.split(VALUES_APART)) for text in texts], np.bool_))

    def filled(self, piece: str) -> Mask:
        """The rows that have a value."""
        if piece == "LocationGeoPoint":
            known: Mask = ~np.isnan(self.part.points()[:, 0])
            return self.spread(known, 2)  # type: ignore[return-value]
        return self._of_values(piece, np.array([bool(text) for text in self.part.texts(piece)], np.bool_))

    def _of_values(self, piece: str, holds: Mask) -> Mask:
        rows: Mask = holds[self.part.codes(piece)]
        return self.spread(rows, LEVEL_OF[piece])  # type: ignore[return-value]

    def within(self, node: Distance) -> Mask:
        points = self.part.points()
        with np.errstate(invalid="ignore"):
            inside: Mask = haversine_km(node.lat, node.lon, points[:, 0], points[:, 1]) <= node.radius_km
        return self.spread(inside, 2)  # type: ignore[return-value]


class SiteTable:
    """The distinct sites of an index; safe for many threads.

    Args:
        folder: The index's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._parts = [Part(path) for path in part_paths(folder)]
        self._rows: dict[tuple[int, int], _Rows] = {}
        self._lock = threading.Lock()

    def ids_where(self, node: Node, context: Context) -> tuple[int, Ints]:
        """The level, and the identifiers at it of the sites where an expression holds.

        Raises:
            RequestError: The expression asks for something that a site does not have.
        """
        level = _level(node, context.area)
        terms = sum(isinstance(each, Words) for each in walk(node))
        if terms > MOST_TERMS[level]:
            raise RequestError(f"SEARCH[Location] takes at most {MOST_TERMS[level]} terms of this kind; this one has {terms}")
        found = [
            self._at(number, level).ids[_holds(node, self._at(number, level), context)] for number in range(len(self._parts))
        ]
        return level, np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)

    def _at(self, part: int, level: int) -> _Rows:
        with self._lock:
            if (part, level) not in self._rows:
                self._rows[part, level] = _Rows(self._parts[part], level)
            return self._rows[part, level]

    @cached_property
    def points(self) -> Points:
        """The distinct points."""
        found = [part.points() for part in self._parts]
        every = np.concatenate(found) if found else np.zeros((0, 2))
        distinct = np.unique(every[~np.isnan(every[:, 0])], axis=0)
        ids = np.array([point_id(lat, lon) for lat, lon in distinct.tolist()], np.int64)
        cells = np.array([cell_id(lat, lon) for lat, lon in distinct.tolist()], np.int64)
        return Points(ids, cells, distinct[:, 0], distinct[:, 1])

    @cached_property
    def _places(self) -> tuple[Ints, Ints, Floats]:
        """Sorted place ids, for each the part and row it stands in, and its point."""
        ids = [part.ids(2) for part in self._parts]
        if not ids:
            return np.zeros(0, np.int64), np.zeros((0, 2), np.int64), np.zeros((0, 2))
        where = [
            np.stack([np.full(len(each), at, np.int64), np.arange(len(each), dtype=np.int64)], 1) for at, each in enumerate(ids)
        ]
        every, first = np.unique(np.concatenate(ids), return_index=True)
        points = np.concatenate([part.points() for part in self._parts])
        return every, np.concatenate(where)[first], points[first]

    def nearest(self, studies: Sequence[bytes], lat: float, lon: float) -> list[Site | None]:
        """For each of some studies the nearest of its places that has coordinates."""
        every, where, points = self._places
        ids = np.frombuffer(b"".join(studies), np.int64)
        if not len(ids) or not len(every):
            return [None] * len(studies)
        rows = np.minimum(np.searchsorted(every, ids), len(every) - 1)
        distances = haversine_km(lat, lon, points[rows, 0], points[rows, 1])
        distances[(every[rows] != ids) | np.isnan(distances)] = np.inf
        found: list[Site | None] = []
        at = 0
        for places in studies:
            end = at + len(places) // ids.itemsize
            best = at + int(np.argmin(distances[at:end])) if end > at else -1
            known = best >= 0 and distances[best] < np.inf
            part, row = (int(number) for number in where[rows[best]])
            found.append(self._site(part, row, float(distances[best])) if known else None)
            at = end
        return found

    def cities(self, studies: Sequence[bytes], most: int) -> list[City]:
        """The points where some studies take place, those of most studies first, each by the name that a site there has."""
        every, where, points = self._places
        ids = np.frombuffer(b"".join(studies), np.int64)
        if not len(ids) or not len(every):
            return []
        study = np.repeat(np.arange(len(studies)), [len(places) // ids.itemsize for places in studies])
        rows = np.minimum(np.searchsorted(every, ids), len(every) - 1)
        known = (every[rows] == ids) & ~np.isnan(points[rows, 0])
        rows, study = rows[known], study[known]
        _, first, point = np.unique(points[rows], axis=0, return_index=True, return_inverse=True)
        once = np.unique(np.stack([point.reshape(-1), study]), axis=1)[0]  # a study counts once at a point
        counts = np.bincount(once, minlength=len(first))
        best = np.argsort(-counts, kind="stable")[:most]
        return [self._city(where[rows[first[at]]], int(counts[at])) for at in best.tolist()]

    def _city(self, where: Ints, studies: int) -> City:
        site = self._site(int(where[0]), int(where[1]), 0.0)
        return City(site.city, site.country, site.lat, site.lon, studies)

    def _site(self, part: int, row: int, distance_km: float) -> Site:
        lat, lon = (float(number) for number in self._parts[part].points()[row])
        one = int(self._parts[part].lower(2)[row])
        city, state = (self._text(part, piece, row) for piece in COLUMNS[2])
        country, status = (self._text(part, piece, one) for piece in COLUMNS[1])
        return Site(city, state, country, status, lat, lon, distance_km)

    def _text(self, part: int, piece: str, row: int) -> str:
        return self._parts[part].texts(piece)[int(self._parts[part].codes(piece)[row])]


def _level(node: Node, area: str) -> int:
    """The lowest level that has every piece that an expression looks at."""
    match node:
        case Area(name, _, part):
            return _level(part, name)
        case Words() | Missing() | Range():
            return max(LEVEL_OF[piece] for piece in located_pieces(area))
        case Distance():
            return 2
        case _:
            return max((_level(part, area) for part in parts_of(node)), default=1)


def located_pieces(name: str) -> tuple[str, ...]:
    """The pieces of a site that an area, a piece or a branch means.

    Raises:
        RequestError: It is nothing of a site.
    """
    if area := areas().get(name):
        pieces = tuple(piece for piece in area.weights if piece in LEVEL_OF)
    elif node := structure().node(name):
        pieces = BRANCHES.get(node.piece, (node.piece,) if node.piece in LEVEL_OF else ())
    else:
        raise RequestError(f"Unknown area name: '{name}'")
    if not pieces:
        raise RequestError(f"'{name}' is not part of Location")
    return pieces


def _holds(node: Node, rows: _Rows, context: Context) -> Mask:
    match node:
        case And(parts):
            return np.logical_and.reduce([_holds(part, rows, context) for part in parts])  # type: ignore[no-any-return]
        case Or(parts):
            return np.logical_or.reduce([_holds(part, rows, context) for part in parts])  # type: ignore[no-any-return]
        case Not(part):
            return ~_holds(part, rows, context)
        case Area(name, size, part):
            if size:
                raise RequestError("the size of a list cannot be asked for inside SEARCH[Location]")
            return _holds(part, rows, Context(name, context.level, context.kind))
        case Expansion(level, part):
            return _holds(part, rows, Context(context.area, level, context.kind))
        case Coverage(kind, part):
            return _holds(part, rows, Context(context.area, context.level, kind))
        case Search(_, part) | Tilt(_, part):
            return _holds(part, rows, context)
        case All():
            return np.ones(len(rows.ids), np.bool_)
        case Missing():
            return ~_filled(rows, context)
        case Range(None, None):
            return _filled(rows, context)
        case Distance():
            return rows.within(node)
        case Range():
            raise RequestError(f"Unsupported range field: {context.area}")
        case Words():
            return _words(node, rows, context)


def _filled(rows: _Rows, context: Context) -> Mask:
    return np.logical_or.reduce([rows.filled(piece) for piece in located_pieces(context.area)])  # type: ignore[no-any-return]


def _words(node: Words, rows: _Rows, context: Context) -> Mask:
    pieces = [piece for piece in located_pieces(context.area) if piece != "LocationGeoPoint"]
    enums = [piece for piece in pieces if structure().pieces[piece].type is PieceType.ENUM]
    named = np.zeros(len(rows.ids), np.bool_)
    for piece in enums:
        enum = structure().pieces[piece].enum
        value = enum_type(enum).value_of(node.text) if enum else None
        if value is not None:
            named |= rows.equal(piece, (value,))
    texts = [piece for piece in pieces if piece not in enums]
    words = stems(node.text)
    if not words or not texts:
        return named
    loose = not node.quoted and context.kind is Kind.CONTAINS
    if loose and context.level in (Level.RELAXATION, Level.LOSSY):
        join = np.logical_and if context.level is Level.RELAXATION else np.logical_or
        each = [_anywhere(rows, texts, _pattern((word,), Kind.CONTAINS)) for word in dict.fromkeys(words)]
        return named | join.reduce(each)  # type: ignore[no-any-return]
    return named | _anywhere(rows, texts, _pattern(words, context.kind))


def _anywhere(rows: _Rows, pieces: Sequence[str], pattern: bytes) -> Mask:
    return np.logical_or.reduce([rows.where(piece, pattern) for piece in pieces])  # type: ignore[no-any-return]


def _pattern(words: Sequence[str], kind: Kind) -> bytes:
    inner = re.escape(f" {' '.join(words)} ".encode())
    edge = re.escape(VALUES_APART.encode())
    begin = b"(?:^|(?<=" + edge + b"))" if kind in (Kind.FULL_MATCH, Kind.STARTS_WITH) else b""
    end = b"(?=$|" + edge + b")" if kind in (Kind.FULL_MATCH, Kind.ENDS_WITH) else b""
    return begin + inner + end
