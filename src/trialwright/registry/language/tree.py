"""The tree of a search expression. Every node knows where in the text it began; equality looks at meaning alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias


class Level(StrEnum):
    """How far a term may be expanded (``EXPANSION``), narrowest first."""

    NONE = "None"
    TERM = "Term"
    CONCEPT = "Concept"
    RELAXATION = "Relaxation"
    LOSSY = "Lossy"


class Kind(StrEnum):
    """How much of a value a term must cover (``COVERAGE``)."""

    FULL_MATCH = "FullMatch"
    STARTS_WITH = "StartsWith"
    ENDS_WITH = "EndsWith"
    CONTAINS = "Contains"


class Section(StrEnum):
    """What a condition is about (``SEARCH``): the study, or one of its sites."""

    STUDY = "Study"
    LOCATION = "Location"


DEFAULT_LEVEL, DEFAULT_KIND = Level.RELAXATION, Kind.CONTAINS


@dataclass(frozen=True, slots=True)
class Words:
    """A search term: words, escapes undone, one space between.

    Args:
        text: The words; never empty.
        quoted: Whether they stood in quotation marks, and so are one phrase.
        position: Where the node began in the text, from 0.
    """

    text: str
    quoted: bool = False
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Range:
    """``RANGE[low, high]``: values from ``low`` to ``high``, both included, as written; ``None`` for MIN and MAX."""

    low: str | None
    high: str | None
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Missing:
    """``MISSING``: no value in the area."""

    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class All:
    """``ALL``: every study."""

    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Distance:
    """``DISTANCE[lat, lon, radius]``: degrees north and east, and a radius in km."""

    lat: float
    lon: float
    radius_km: float
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Not:
    """``NOT part``."""

    part: Node
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class And:
    """Two parts or more that must all hold."""

    parts: tuple[Node, ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Or:
    """Two parts or more of which one must hold."""

    parts: tuple[Node, ...]
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Area:
    """``AREA[name]part``, or with ``size`` ``AREA[name:size]part``: the length of a list."""

    name: str
    size: bool
    part: Node
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Search:
    """``SEARCH[section]part``: for ``Location``, the conditions inside hold at one and the same site."""

    section: Section
    part: Node
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Expansion:
    """``EXPANSION[level]part``."""

    level: Level
    part: Node
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Coverage:
    """``COVERAGE[kind]part`` (or ``COVER``)."""

    kind: Kind
    part: Node
    position: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Tilt:
    """``TILT[name]part``: ranks studies with a higher value of the piece further up."""

    name: str
    part: Node
    position: int = field(default=0, compare=False)


Leaf: TypeAlias = Words | Range | Missing | All | Distance
Context: TypeAlias = Not | Area | Search | Expansion | Coverage | Tilt
Node: TypeAlias = Leaf | Context | And | Or


def parts_of(node: Node) -> tuple[Node, ...]:
    """The nodes directly below a node."""
    match node:
        case And(parts) | Or(parts):
            return parts
        case Not() | Area() | Search() | Expansion() | Coverage() | Tilt():
            return (node.part,)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and every node below it, in the order of the text."""
    yield node
    for part in parts_of(node):
        yield from walk(part)
