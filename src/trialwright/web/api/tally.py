"""Counts of values over records, one pass for all fields: what ``/stats`` answers. Holds every distinct value in memory.

Pure: no catalogue and no request. Shapes follow the official OpenAPI document (EnumStats, StringStats, DateStats …).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trialwright.registry.record_parts import Json
from trialwright.registry.structure import Field, Piece, PieceType, list_fields, structure, values

MOST_VALUES = 250
STATS_TYPES: Mapping[PieceType, str] = {
    PieceType.ENUM: "ENUM",
    PieceType.BOOLEAN: "BOOLEAN",
    PieceType.INTEGER: "INTEGER",
    PieceType.NUMBER: "NUMBER",
    PieceType.DATE: "DATE",
    PieceType.PARTIAL_DATE: "DATE",
    PieceType.TEXT: "STRING",
    PieceType.MARKUP: "STRING",
    PieceType.NCT: "STRING",
    PieceType.AGE: "STRING",
}
_DATE_FORMATS: Mapping[int, str] = {4: "yyyy", 7: "yyyy-MM", 10: "yyyy-MM-dd", 16: "yyyy-MM-dd'T'HH:mm"}


@dataclass(slots=True)
class PieceTally:
    """What was counted of one piece."""

    piece: Piece
    studies: int = 0
    counts: Counter[object] = field(default_factory=Counter)
    longest: tuple[int, str, str] = (0, "", "")
    total: float = 0.0
    numbers: int = 0

    def add(self, found: Iterable[object], nct: str) -> None:
        """Count the values of one study, each once."""
        seen = set()
        for value in found:
            if isinstance(value, str) and len(value) > self.longest[0]:
                self.longest = (len(value), nct, value)
            if isinstance(value, int | float) and not isinstance(value, bool):
                self.total += value
                self.numbers += 1
            seen.add(value)
        if seen:
            self.studies += 1
            self.counts.update(seen)


@dataclass(slots=True)
class Tally:
    """What was counted over all records."""

    studies: int = 0
    pieces: dict[str, PieceTally] = field(default_factory=dict)
    lists: dict[str, Counter[int]] = field(default_factory=dict)


class _Place:
    """A member of the structure: the piece it is, or the list, and its members."""

    __slots__ = ("inner", "lists", "piece")

    def __init__(self) -> None:
        self.piece: str | None = None
        self.lists: str | None = None
        self.inner: dict[str, _Place] = {}


def tallied(records: Iterable[Json]) -> Tally:
    """Count every leaf and every list of some records."""
    known = structure()
    counted = {name: piece for name, piece in known.pieces.items() if piece.type in STATS_TYPES}
    tally = Tally(
        0, {name: PieceTally(piece) for name, piece in counted.items()}, {node.piece: Counter() for node in list_fields()}
    )
    derived = [piece for piece in counted.values() if piece.counted is not None]
    root = _places(counted.values())
    for raw in records:
        tally.studies += 1
        found: dict[str, list[object]] = {}
        sizes: dict[str, set[int]] = {}
        _collect(raw, root, found, sizes)
        nct = str((found.get("NCTId") or [""])[0])
        found.update((piece.name, list(values(raw, piece))) for piece in derived)
        for name, some in found.items():
            tally.pieces[name].add(some, nct)
        for name, each in sizes.items():
            tally.lists[name].update(each)
    return tally


def _places(pieces: Iterable[Piece]) -> _Place:
    root = _Place()
    for piece in pieces:
        if piece.counted is None:
            _at(root, piece.path).piece = piece.name
    for node in list_fields():
        _at(root, node.path).lists = node.piece
    return root


def _at(place: _Place, path: Sequence[str]) -> _Place:
    for member in path:
        place = place.inner.setdefault(member, _Place())
    return place


def _collect(node: object, place: _Place, found: dict[str, list[object]], sizes: dict[str, set[int]]) -> None:
    if type(node) is dict:
        for key, inner in node.items():
            below = place.inner.get(key)
            if below is not None:
                _collect(inner, below, found, sizes)
    elif type(node) is list:
        if place.lists is not None:
            sizes.setdefault(place.lists, set()).add(len(node))
        for item in node:
            _collect(item, place, found, sizes)
    elif place.piece is not None and node is not None:
        found.setdefault(place.piece, []).append(node)


def value_stats(tally: PieceTally, studies: int) -> dict[str, object]:
    """One item of ``/stats/field/values``."""
    piece = tally.piece
    kind = STATS_TYPES[piece.type]
    head: dict[str, object] = {
        "type": kind,
        "piece": piece.name,
        "field": piece.dotted,
        "missingStudiesCount": studies - tally.studies,
    }
    match kind:
        case "BOOLEAN":
            return head | {"trueCount": tally.counts[True], "falseCount": tally.counts[False]}
        case "DATE":
            return head | _dates(tally)
        case "INTEGER" | "NUMBER":
            return head | _numbers(tally, int if kind == "INTEGER" else float)
        case _:
            return head | _texts(tally)


def _dates(tally: PieceTally) -> dict[str, object]:
    dates = [value for value in tally.counts if isinstance(value, str)]
    bounds: dict[str, object] = {"min": min(dates), "max": max(dates)} if dates else {}
    return bounds | {"formats": date_formats(tally)}


def date_formats(tally: PieceTally) -> list[str]:
    """The formats in which a piece's dates are written."""
    return sorted({name for value in tally.counts if isinstance(value, str) and (name := _DATE_FORMATS.get(len(value)))})


def _numbers(tally: PieceTally, kind: type[int] | type[float]) -> dict[str, object]:
    numbers = [value for value in tally.counts if isinstance(value, int | float)]
    if not numbers:
        return {}
    return {"min": kind(min(numbers)), "max": kind(max(numbers)), "avg": tally.total / tally.numbers}


def _texts(tally: PieceTally) -> dict[str, object]:
    found: dict[str, object] = {"uniqueValuesCount": len(tally.counts)}
    if tally.piece.type is not PieceType.MARKUP:
        found["topValues"] = [{"value": str(value), "studiesCount": count} for value, count in _top(tally.counts)]
    if tally.piece.type is not PieceType.ENUM and tally.longest[0]:
        length, nct, value = tally.longest
        found["longest"] = {"length": length, "nctId": nct, "value": value}
    return found


def _top(counts: Counter[object]) -> list[tuple[object, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))[:MOST_VALUES]


def size_stats(node: Field, sizes: Counter[int]) -> dict[str, object]:
    """One item of ``/stats/field/sizes``."""
    found: dict[str, object] = {"piece": node.piece, "field": ".".join(node.path), "uniqueSizesCount": len(sizes)}
    if sizes:
        top = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:MOST_VALUES]
        found |= {"minSize": min(sizes), "maxSize": max(sizes)}
        found["topSizes"] = [{"size": size, "studiesCount": count} for size, count in top]
    return found


def leaves(names: Iterable[str]) -> Iterator[str]:
    """The pieces of some fields, branches resolved to their leaves, each once and in order.

    Raises:
        KeyError: A name is no field.
    """
    seen: dict[str, None] = {}
    for name in names:
        node = structure().node(name)
        if node is None:
            raise KeyError(name)
        seen.update(dict.fromkeys(leaf.piece for leaf in node.leaves()))
    yield from seen
