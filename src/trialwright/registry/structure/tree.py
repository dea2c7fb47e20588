"""The registry's study data structure: each field of a v2 study, its piece name, its path and its type.

A piece is a leaf (``BriefTitle``); a field is any node, branches (``EligibilityModule``) included. Read from the data
file that is derived from the registry's OpenAPI document. Never looks into a record (that is ``values``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType


class PieceType(StrEnum):
    """What the values of a piece are, and so how they are searched, compared and sorted."""

    TEXT = "text"
    MARKUP = "markup"
    NCT = "nct"
    ENUM = "enum"
    BOOLEAN = "boolean"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    PARTIAL_DATE = "partial date"
    AGE = "age"
    GEO_POINT = "geo point"


_PIECE_TYPES = {
    "text": PieceType.TEXT,
    "GeoName": PieceType.TEXT,
    "markup": PieceType.MARKUP,
    "nct": PieceType.NCT,
    "boolean": PieceType.BOOLEAN,
    "integer": PieceType.INTEGER,
    "number": PieceType.NUMBER,
    "NormalizedDate": PieceType.DATE,
    "DateTimeMinutes": PieceType.DATE,
    "PartialDate": PieceType.PARTIAL_DATE,
    "NormalizedTime": PieceType.AGE,
    "GeoPoint": PieceType.GEO_POINT,
}


_WORDS = re.compile(r"EMail|[A-Z]{2,}(?![a-z])|[A-Z][a-z]+|[A-Z]|\d+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A leaf of the structure.

    Args:
        name: The piece name, such as ``NCTId``.
        path: Members from the study down, such as ``("protocolSection", "identificationModule", "nctId")``; lists on
            the way are implied.
        type: What its values are.
        enum: The enumeration's name where ``type`` is ``ENUM``, such as ``Status``.
        repeated: Whether a study can hold several values (the leaf, or a branch above it, is a list).
        synonyms: Whether words searched in it are expanded by synonyms.
        counted: For a piece that is a list's length, the path of that list; such a piece is searched and sorted, and
            stands in no record.
    """

    name: str
    path: tuple[str, ...]
    type: PieceType
    enum: str | None = None
    repeated: bool = False
    synonyms: bool = False
    counted: tuple[str, ...] | None = None

    @property
    def dotted(self) -> str:
        """The path as one text with points between."""
        return ".".join(self.path)

    @property
    def is_ordered(self) -> bool:
        """Whether values have an order, so that a range, a sort or a tilt makes sense."""
        return self.type in _ORDERED

    @property
    def is_sortable(self) -> bool:
        """Whether the interface sorts by it: dates and numbers only."""
        return self.type in (PieceType.DATE, PieceType.PARTIAL_DATE, PieceType.INTEGER, PieceType.NUMBER)


_ORDERED = (PieceType.DATE, PieceType.PARTIAL_DATE, PieceType.INTEGER, PieceType.NUMBER, PieceType.AGE)


@dataclass(frozen=True, slots=True)
class Field:
    """A node of the structure, as the registry's metadata describe it.

    Args:
        name: The member's name in JSON.
        piece: The piece name; branches have one too.
        path: Members from the study down to this one.
        type: The registry's type (``text``, ``markup``, ``Phase``, ``Location``), without the mark of a list.
        source_type: ``STRUCT`` for a branch, else ``TEXT``, ``DATE``, ``NUMERIC`` …
        children: Members, for a branch.
        is_list: Whether the member itself is a list.
        is_enum: Whether ``type`` names an enumeration.
        synonyms: Whether words searched in it are expanded.
        nested: Whether the branch is a document of its own for ``SEARCH[…]``.
        indexed_only: Searched and sorted, but in no record.
        historic_only: In the schema, but in no record of today.
    """

    name: str
    piece: str
    path: tuple[str, ...]
    type: str
    source_type: str = "TEXT"
    children: tuple[Field, ...] = field(default=(), repr=False)
    is_list: bool = False
    is_enum: bool = False
    synonyms: bool = False
    nested: bool = False
    indexed_only: bool = False
    historic_only: bool = False

    @property
    def title(self) -> str:
        """The piece name as words, such as ``Overall Status``.

        >>> structure().nodes["CentralContactEMail"].title, structure().nodes["NCTIdAlias"].title
        ('Central Contact EMail', 'NCT Id Alias')
        """
        return " ".join(_WORDS.findall(self.piece))

    def leaves(self) -> Iterator[Field]:
        """Every leaf below, or the field itself."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True, slots=True)
class Structure:
    """The whole structure.

    Args:
        tree: The top-level fields in order.
        pieces: Each leaf by its piece name, in the structure's order.
        nodes: Each field, branches included, by its piece name.
        paths: Each field by its dotted path.
    """

    tree: tuple[Field, ...] = field(repr=False)
    pieces: Mapping[str, Piece] = field(repr=False)
    nodes: Mapping[str, Field] = field(repr=False)
    paths: Mapping[str, Field] = field(repr=False)

    def node(self, name: str) -> Field | None:
        """The field of a piece name or a dotted path; ``None`` where there is none."""
        return self.nodes.get(name) or self.paths.get(name)

    def piece(self, name: str) -> Piece | None:
        """The piece of a piece name or a dotted path; ``None`` for a branch or an unknown name."""
        found = self.node(name)
        return self.pieces.get(found.piece) if found else None


@cache
def structure() -> Structure:
    """The structure, read once."""
    tree = tuple(_read_field(node, ()) for node in read_data("fields"))
    nodes: dict[str, Field] = {}
    pieces: dict[str, Piece] = {}
    for top in tree:
        _collect(top, False, nodes, pieces)
    paths = {".".join(node.path): node for node in nodes.values()}
    return Structure(tree, MappingProxyType(pieces), MappingProxyType(nodes), MappingProxyType(paths))


def read_data(name: str) -> list[dict[str, object]]:
    """One of the room's data files."""
    text = resources.files("trialwright.registry.structure.data").joinpath(f"{name}.json").read_text(encoding="utf-8")
    found: list[dict[str, object]] = json.loads(text)
    return found


def _read_field(node: dict[str, object], parent: tuple[str, ...]) -> Field:
    path = (*parent, str(node["name"]))
    children = node.get("children", [])
    assert isinstance(children, list)
    return Field(
        name=path[-1],
        piece=str(node["piece"]),
        path=path,
        type=str(node["type"]),
        source_type="STRUCT" if children else str(node.get("sourceType", "TEXT")),
        children=tuple(_read_field(child, path) for child in children),
        is_list=bool(node.get("repeated")),
        is_enum=bool(node.get("isEnum")),
        synonyms=bool(node.get("synonyms")),
        nested=bool(node.get("nested")),
        indexed_only=bool(node.get("indexedOnly")),
        historic_only=bool(node.get("historicOnly")),
    )


def _collect(node: Field, repeated: bool, nodes: dict[str, Field], pieces: dict[str, Piece]) -> None:
    nodes[node.piece] = node
    repeated = repeated or node.is_list
    if not node.children:
        pieces[node.piece] = _piece(node, repeated)
    for child in node.children:
        _collect(child, repeated, nodes, pieces)


def _piece(node: Field, repeated: bool) -> Piece:
    kind = PieceType.ENUM if node.is_enum else _PIECE_TYPES[node.type]
    enum = node.type if node.is_enum else None
    counted = None
    if node.indexed_only:  # numArmGroups counts armGroups beside it
        member = node.name.removeprefix("num")
        counted = (*node.path[:-1], member[:1].lower() + member[1:])
    return Piece(node.piece, node.path, kind, enum, repeated, node.synonyms, counted)
