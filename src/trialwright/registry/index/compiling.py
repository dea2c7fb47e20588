"""From an expression's tree to one query of the index. Searches only to look up words of the dictionary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tantivy import FieldType, Occur, Query

from trialwright.registry.index.analysis import stems
from trialwright.registry.index.request import Expanded, RequestError
from trialwright.registry.index.scales import date_stretch, literal_stretch
from trialwright.registry.index.schema import AREA_FIELDS, TEXTUAL, WHOLE_NUMBERS, schema
from trialwright.registry.index.sites import BRANCHES, Context, SiteTable
from trialwright.registry.index.sites import DEFAULT_AREA as SITE_AREA
from trialwright.registry.index.words import Frequency, Term, all_of, any_of, target_of, words_query
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
    Section,
    Tilt,
    Words,
)
from trialwright.registry.structure import DEFAULT_AREA, Piece, PieceType, areas, enum_type, structure

_TILT_STEPS = 12
_TILT_WEIGHT = 0.25
_LARGEST = 2**62
TRUE_WORDS = frozenset({"true", "yes", "y", "1"})
FALSE_WORDS = frozenset({"false", "no", "n", "0"})


@dataclass(frozen=True, slots=True)
class Scope:
    """What the operators around a node say.

    Args:
        area: The area, branch or piece that terms are looked for in.
        size: Whether the length of a list is asked for instead of its values.
    """

    area: str = DEFAULT_AREA
    size: bool = False
    level: Level = Level.RELAXATION
    kind: Kind = Kind.CONTAINS
    synonyms: bool = True


@dataclass(slots=True)
class Compiler:
    """Compiles the nodes of one request and remembers what it expanded.

    Args:
        frequency: How often a stem stands in a field.
        terms: The terms of the ``size`` field that begin with a prefix.
        sites: The distinct sites.
    """

    frequency: Frequency
    terms: Callable[[str], list[str]]
    sites: SiteTable
    expanded: list[Expanded] = field(default_factory=list)
    stems: set[str] = field(default_factory=set)

    def query(self, node: Node, scope: Scope) -> Query:
        """The query of a node.

        Raises:
            RequestError: The expression asks for what cannot be searched, such as a range of a text.
        """
        match node:
            case And(parts):
                return self._all(parts, scope)
            case Or(parts):
                return any_of([self.query(part, scope) for part in parts])
            case Not(part):
                return _without(Query.all_query(), [self.query(part, scope)])
            case Area(name, size, part):
                return self.query(part, replace(scope, area=name, size=size))
            case Expansion(level, part):
                return self.query(part, replace(scope, level=level))
            case Coverage(kind, part):
                return self.query(part, replace(scope, kind=kind))
            case Tilt(name, part):
                return _tilted(self.query(part, scope), _ordered(name))
            case Search(Section.STUDY, part):
                return self.query(part, scope)
            case Search(_, part):
                return self._at_one_site(part, scope)
            case _:
                return self._source(node, scope)

    def _all(self, parts: tuple[Node, ...], scope: Scope) -> Query:
        wanted = [self.query(part, scope) for part in parts if not isinstance(part, Not)]
        unwanted = [self.query(part.part, scope) for part in parts if isinstance(part, Not)]
        return _without(all_of(wanted), unwanted) if unwanted else all_of(wanted)

    def _source(self, node: Node, scope: Scope) -> Query:
        match node:
            case All():
                return Query.all_query()
            case Missing():
                return _missing(scope.area)
            case Distance(lat, lon, radius_km):
                return self.circle(lat, lon, radius_km)
            case Range(low, high):
                return self._range(low, high, scope)
            case Words():
                return self._list_size(node, scope) if scope.size else self._words(node, scope)
            case _:
                raise AssertionError(node)

    def circle(self, lat: float, lon: float, radius_km: float) -> Query:
        """Studies that have a site within a radius."""
        circle = self.sites.points.within(lat, lon, radius_km)
        found = [_one_of("cell", circle.cells)] if circle.cells else []
        found += [_one_of("point", circle.points)] if circle.points else []
        return any_of(found)

    def _at_one_site(self, part: Node, scope: Scope) -> Query:
        area = scope.area if scope.area in BRANCHES or scope.area.startswith("Location") else SITE_AREA
        level, ids = self.sites.ids_where(part, Context(area, scope.level, scope.kind))
        return _one_of(f"site{level}", ids.tolist()) if len(ids) else Query.empty_query()

    def _words(self, node: Words, scope: Scope) -> Query:
        queries = []
        term = Term(node.text, node.quoted, target_of(scope.area), scope.level, scope.kind, scope.synonyms)
        if term.target.paths:
            made = words_query(term, self.frequency)
            self.expanded += [one for one in made.expanded if one not in self.expanded]
            self.stems |= made.stems
            queries.append(made.query)
        if scope.area not in AREA_FIELDS:
            queries += [_typed(node.text, piece) for piece in pieces_of(scope.area) if piece.type not in TEXTUAL]
        return any_of(queries)

    def _list_size(self, node: Words, scope: Scope) -> Query:
        text = node.text.strip()
        if not text.isdecimal() or len(text) > 9:
            raise RequestError(f"the size of a list is a whole number, not '{text[:40]}'")
        if int(text) == 0:
            return _missing(scope.area)
        return any_of([_term("size", f"{name}:{int(text)}") for name in _lists(scope.area)])

    def _range(self, low: str | None, high: str | None, scope: Scope) -> Query:
        if scope.size:
            return self._size_range(low, high, scope)
        if low is None and high is None:
            return _present(scope.area)
        pieces = pieces_of(scope.area)
        if not pieces or any(piece.type not in WHOLE_NUMBERS for piece in pieces):
            raise RequestError(f"Unsupported range field: {scope.area}")
        return any_of([_range(piece, low, high) for piece in pieces])

    def _size_range(self, low: str | None, high: str | None, scope: Scope) -> Query:
        least = _bound(low, PieceType.INTEGER, upper=False)
        most = _bound(high, PieceType.INTEGER, upper=True)
        found = []
        for name in _lists(scope.area):
            terms = self.terms(f"{name}:")
            found += [
                term for term in terms if (least or 0) <= int(term.rpartition(":")[2]) <= (_LARGEST if most is None else most)
            ]
        return Query.term_set_query(schema(), "size", found) if found else Query.empty_query()


def pieces_of(name: str) -> tuple[Piece, ...]:
    """The pieces that an area, a branch or a piece stands for.

    Raises:
        RequestError: An unknown name.
    """
    known = structure()
    if area := areas().get(name):
        return tuple(known.pieces[piece] for piece in area.weights)
    node = known.node(name)
    if node is None:
        raise RequestError(f"Unknown area name: '{name}'")
    return tuple(known.pieces[leaf.piece] for leaf in node.leaves())


def filter_only(query: Query) -> Query:
    """The same studies, without a say in the order."""
    return Query.const_score_query(query, 0.0)


def has_query(name: str) -> Query:
    """Studies that have something under the name of a piece or branch."""
    return _term("has", name)


def _term(field_name: str, value: object) -> Query:
    return Query.term_query(schema(), field_name, value, "basic")


def _one_of(field_name: str, ids: tuple[int, ...] | list[int]) -> Query:
    if len(ids) == 1:
        return _term(field_name, ids[0])
    return Query.term_set_query(schema(), field_name, list(ids))


def _without(query: Query, unwanted: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query), *((Occur.MustNot, each) for each in unwanted)])


def _missing(area: str) -> Query:
    return _without(Query.all_query(), [_present(area)])


def _present(area: str) -> Query:
    names = [piece.name for piece in pieces_of(area)] if area in areas() else [_node_name(area)]
    return any_of([has_query(name) for name in names])


def _node_name(name: str) -> str:
    node = structure().node(name)
    if node is None:
        raise RequestError(f"Unknown area name: '{name}'")
    return node.piece


def _lists(area: str) -> list[str]:
    """The list around each piece of an area: the leaf itself, or the nearest branch that is a list."""
    found: list[str] = []
    names = [piece.name for piece in pieces_of(area)] if area in areas() else [_node_name(area)]
    for name in names:
        node = structure().node(name)
        while node is not None and not node.is_list:
            node = structure().node(".".join(node.path[:-1]))
        if node is not None and node.piece not in found:
            found.append(node.piece)
    if not found:
        raise RequestError(f"'{area}' is not a list")
    return found


def _typed(text: str, piece: Piece) -> Query:
    """A term over a piece whose values are no text."""
    match piece.type:
        case PieceType.ENUM:
            values = enum_values(text, piece.enum or "")
            return any_of([_term(piece.name, value) for value in values])
        case PieceType.BOOLEAN:
            word = text.strip().lower()
            known = word in TRUE_WORDS or word in FALSE_WORDS
            return _term(piece.name, word in TRUE_WORDS) if known else Query.empty_query()
        case PieceType.GEO_POINT:
            return Query.empty_query()
        case _:
            stretch = literal_stretch(text, piece.type)
            return _between(piece.name, *stretch) if stretch else Query.empty_query()


def enum_values(text: str, enum: str) -> tuple[str, ...]:
    """The values that words name: the one of that name or label, else every one whose label has all of the words."""
    known = enum_type(enum)
    if value := known.value_of(text):
        return (value,)
    words = set(stems(text))
    return tuple(
        one.value for one in known.values if words and words <= set(stems(f"{one.legacy} {one.value.replace('_', ' ')}"))
    )


def _between(name: str, low: int | None, high: int | None) -> Query:
    if low is not None and high is not None and low > high:
        return Query.empty_query()
    if low is None and high is None:
        return Query.exists_query(name)
    return Query.range_query(schema(), name, FieldType.Integer, low, high)


def _range(piece: Piece, low: str | None, high: str | None) -> Query:
    return _between(piece.name, _bound(low, piece.type, upper=False), _bound(high, piece.type, upper=True))


def _bound(text: str | None, kind: PieceType, *, upper: bool) -> int | None:
    if text is None or text.upper() in ("MIN", "MAX"):
        return None
    stretch = literal_stretch(text, kind)
    if stretch is None:
        raise RequestError(f"Invalid range value: {text[:60]}")
    return stretch[1] if upper else stretch[0]


def _ordered(name: str) -> Piece:
    piece = structure().piece(name)
    if piece is None or piece.type not in WHOLE_NUMBERS:
        raise RequestError(f"Unsupported tilt field: {name}")
    return piece


def _tilted(query: Query, piece: Piece) -> Query:
    """The same studies; the higher the piece's value, the more is added to the score, in a dozen steps."""
    steps = [(Occur.Should, Query.const_score_query(_between(piece.name, low, None), _TILT_WEIGHT)) for low in _tilt_steps(piece)]
    return Query.boolean_query([(Occur.Must, query), *steps])


def _tilt_steps(piece: Piece) -> list[int]:
    if piece.type in (PieceType.DATE, PieceType.PARTIAL_DATE):
        stretches = [date_stretch(str(year)) for year in range(2000, 2000 + 3 * _TILT_STEPS, 3)]
        return [stretch[0] for stretch in stretches if stretch]
    if piece.type is PieceType.AGE:
        return [525_960 * years for years in (1, 6, 12, 18, 30, 45, 60, 75)]
    return [3**power for power in range(1, _TILT_STEPS + 1)]
