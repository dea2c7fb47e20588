"""Checks an expression against the study structure: every area known, every value of the kind its piece holds.

Run after parsing and before searching, so that a search that starts can only find, and never fail over a name.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import assert_never

from trialwright.registry.language.bounds import EXAMPLES, read_number, read_value
from trialwright.registry.language.errors import ExpressionError
from trialwright.registry.language.tokens import nearest
from trialwright.registry.language.tree import (
    All,
    And,
    Area,
    Coverage,
    Distance,
    Expansion,
    Missing,
    Node,
    Not,
    Or,
    Range,
    Search,
    Section,
    Tilt,
    Words,
)
from trialwright.registry.structure import (
    DEFAULT_AREA,
    Piece,
    PieceType,
    areas,
    enum_type,
    is_located,
    list_fields,
    pieces_of,
    structure,
)

LOCATION_AREA = "LocationSearch"  # what unscoped words mean inside SEARCH[Location]


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a condition stands.

    Args:
        area: The area or piece it is about.
        size: Whether it is about the length of a list.
        section: The study, or one of its sites.
    """

    area: str
    size: bool = False
    section: Section = Section.STUDY

    @property
    def piece(self) -> Piece | None:
        """The one piece that the scope names; ``None`` for an area or a branch."""
        return None if self.area in areas() else structure().piece(self.area)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """Every piece that the scope covers."""
        known = structure().pieces
        return tuple(known[name] for name in pieces_of(self.area) or ())


def check_names(node: Node, default_area: str = DEFAULT_AREA) -> None:
    """Check the names and values of an expression.

    Args:
        node: The tree.
        default_area: The area that unscoped conditions are about.

    Raises:
        ExpressionError: An unknown area, piece or value; a condition that its area cannot answer.
    """
    _check(node, _Scope(default_area))


def queried_pieces(node: Node, default_area: str = DEFAULT_AREA) -> tuple[str, ...]:
    """The pieces that an expression looks into, in the structure's order (the interface's ``@query``)."""
    found: set[str] = set()
    _collect(node, default_area, found)
    return tuple(name for name in structure().pieces if name in found)


def _collect(node: Node, area: str, found: set[str]) -> None:
    match node:
        case Area(name, _, part):
            _collect(part, name, found)
        case Search(Section.LOCATION, part):
            _collect(part, LOCATION_AREA, found)
        case Words() | Range() | Missing() | Distance():
            found.update(pieces_of(area) or ())
        case All():
            pass
        case And(parts) | Or(parts):
            for part in parts:
                _collect(part, area, found)
        case Not() | Search() | Expansion() | Coverage() | Tilt():
            _collect(node.part, area, found)
        case _:
            assert_never(node)


def _check(node: Node, scope: _Scope) -> None:
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                _check(part, scope)
        case Area():
            _check(node.part, _entered(node, scope))
        case Search(section, part):
            area = LOCATION_AREA if section is Section.LOCATION else DEFAULT_AREA
            _check(part, _Scope(area, section=section))
        case Tilt(name, part):
            _check_tilt(node, name)
            _check(part, scope)
        case Not() | Expansion() | Coverage():
            _check(node.part, scope)
        case Words(text):
            _check_words(node, text, scope)
        case Range():
            _check_range(node, scope)
        case Distance():
            _check_distance(node, scope)
        case Missing() | All():
            pass
        case _:
            assert_never(node)


def _entered(node: Area, scope: _Scope) -> _Scope:
    inner = replace(scope, area=node.name, size=node.size)
    if pieces_of(node.name) is None:
        raise unknown_area(node.name, node.position)
    if node.size and not _is_list(node.name):
        raise ExpressionError(f"Area '{node.name}' is not a list", node.position, f"AREA[{node.name}] without :size")
    if scope.section is Section.LOCATION and not all(is_located(piece) for piece in inner.pieces):
        raise ExpressionError(
            f"Area '{node.name}' does not belong to Location", node.position, f"put AREA[{node.name}] outside SEARCH[Location]"
        )
    return inner


def _is_list(name: str) -> bool:
    node = structure().node(name)
    return node is not None and any(node.path[: len(each.path)] == each.path for each in list_fields())


def unknown_area(name: str, position: int) -> ExpressionError:
    """The error for a name that is no area, piece or path, with the nearest that is."""
    near = nearest(name, [*areas(), *structure().nodes])
    return ExpressionError(f"Unknown area name: '{name}'", position, f"did you mean {near}?" if near else None)


def _check_tilt(node: Tilt, name: str) -> None:
    if pieces_of(name) is None:
        raise unknown_area(name, node.position)
    piece = structure().piece(name)
    if piece is None or not piece.is_ordered:
        raise ExpressionError(
            f"Unsupported tilt field: '{name}'", node.position, "use a date or a number, such as StudyFirstPostDate"
        )


def _check_words(node: Words, text: str, scope: _Scope) -> None:
    piece = scope.piece
    if scope.size:
        if read_number(text) is None:
            raise ExpressionError(f"Invalid size: '{text}'", node.position, f"AREA[{scope.area}:size]2")
    elif piece is None:
        return
    elif piece.enum is not None:
        if enum_type(piece.enum).value_of(text) is None:
            raise _not_allowed(node, text, piece)
    elif piece.type is PieceType.GEO_POINT:
        raise ExpressionError(f"Area '{piece.name}' holds places, not words", node.position, "DISTANCE[45.69, 9.67, 50km]")
    elif piece.type in EXAMPLES and read_value(text, piece.type) is None:
        raise ExpressionError(
            f"Invalid value for {piece.type} field `{piece.dotted}`: '{text}'", node.position, EXAMPLES[piece.type]
        )


def _not_allowed(node: Words, text: str, piece: Piece) -> ExpressionError:
    allowed = [each.value for each in enum_type(piece.enum or "").values]
    near = nearest(text, allowed)
    return ExpressionError(
        f"Allowed values for enum field `{piece.dotted}` are " + ", ".join(f"`{value}`" for value in allowed),
        node.position,
        f"did you mean {near}?" if near else None,
    )


def _check_range(node: Range, scope: _Scope) -> None:
    bounds = [bound for bound in (node.low, node.high) if bound is not None]
    if not bounds:
        return  # RANGE[MIN, MAX]: any value, of whatever kind
    kinds = {PieceType.INTEGER} if scope.size else {piece.type for piece in scope.pieces if piece.is_ordered}
    if not kinds:
        raise ExpressionError(
            f"RANGE is not applicable to '{scope.area}'",
            node.position,
            "name a date, a number or an age: AREA[StartDate]RANGE[…]",
        )
    for bound in bounds:
        if all(read_value(bound, kind) is None for kind in kinds):
            raise ExpressionError(f"Invalid range value: '{bound}'", node.position, EXAMPLES[min(kinds)])


def _check_distance(node: Distance, scope: _Scope) -> None:
    if scope.size or scope.piece is None or scope.piece.type is not PieceType.GEO_POINT:
        raise ExpressionError(
            f"DISTANCE is not applicable to '{scope.area}'", node.position, "write AREA[LocationGeoPoint] before DISTANCE[…]"
        )
