"""Terms: words of a query over the pieces of an area, with expansion and coverage, as queries of the index.

    unquoted (Relaxation)   every word somewhere in the area; neighbours in titles, conditions and names rank higher
    quoted, Concept         the words as a phrase, or another name of what they name
    Term, None              the words as a phrase
    Lossy                   any of the words
    FullMatch, StartsWith, EndsWith   the phrase at the edges of a value

Other names come from the vocabularies and weigh less than the words themselves. Never parses an expression.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from tantivy import Occur, Query

from trialwright.registry.index.analysis import MARK, stems
from trialwright.registry.index.request import Expanded, RequestError
from trialwright.registry.index.schema import AREA_FIELDS, TEXTUAL, schema
from trialwright.registry.language import Kind, Level
from trialwright.registry.structure import areas, structure
from trialwright.registry.vocabularies import expand, words_of

MOST_WORDS = 1_000
MOST_VARIANTS = 12
EXPANDED_WEIGHT = 0.7
PAIR_WEIGHT = 0.5
_SLIGHT = frozenset(("a", "an", "and", "by", "due", "for", "from", "in", "of", "on", "or", "the", "to", "with"))

Paths = tuple[tuple[str, float], ...]
VocabularyKind = Literal["condition", "intervention", "any"]


@dataclass(frozen=True, slots=True)
class Target:
    """Where words are looked for.

    Args:
        paths: Fields of the index with weights; a match in any of them counts.
        pieces: The text pieces that they hold, for coverage.
        kind: Which vocabulary expands the words; ``None`` for none.
        paired: Whether neighbouring words are ranked up.
    """

    paths: Paths
    pieces: tuple[str, ...]
    kind: VocabularyKind | None
    paired: bool = False


@lru_cache(maxsize=1024)
def target_of(name: str) -> Target:
    """Where the text of an area, branch or piece stands; ``paths`` is empty where it has no text."""
    pieces = tuple(piece for piece in _pieces(name) if structure().pieces[piece].type in TEXTUAL)
    if name in AREA_FIELDS:
        return Target(AREA_FIELDS[name], pieces, _kind(name), paired=True)
    weights = areas()[name].weights if name in areas() else {}
    paths = tuple((f"piece.{piece}", weights.get(piece, 1.0)) for piece in pieces)
    return Target(paths, pieces, _kind(name) if any(structure().pieces[piece].synonyms for piece in pieces) else None)


def _pieces(name: str) -> tuple[str, ...]:
    if area := areas().get(name):
        return tuple(area.weights)
    node = structure().node(name)
    if node is None:
        raise RequestError(f"Unknown area name: '{name}'")
    return tuple(leaf.piece for leaf in node.leaves())


def _kind(name: str) -> VocabularyKind:
    if name.startswith(("Condition", "ObsoleteCondition")):
        return "condition"
    return "intervention" if name.startswith(("Intervention", "ArmGroup")) else "any"


@dataclass(frozen=True, slots=True)
class WordsQuery:
    """A term ready to search.

    Args:
        query: What to search.
        expanded: The other names that it searches too.
        stems: The stems in it, for highlighting.
    """

    query: Query
    expanded: tuple[Expanded, ...] = ()
    stems: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Term:
    """A term of an expression with what the operators around it say."""

    text: str
    quoted: bool
    target: Target
    level: Level
    kind: Kind
    synonyms: bool

    @property
    def as_phrase(self) -> bool:
        """Whether the words must stand together."""
        return self.quoted or self.kind is not Kind.CONTAINS or self.level in (Level.NONE, Level.TERM, Level.CONCEPT)


Frequency = Callable[[str, str], int]
"""In how many studies a stem stands in a field; also an upper bound is good."""


def words_query(term: Term, frequency: Frequency) -> WordsQuery:
    """Make the query of a term.

    Raises:
        RequestError: More than ``MOST_WORDS`` words.
    """
    words = stems(term.text)
    if len(words) > MOST_WORDS:
        raise RequestError(f"a term has at most {MOST_WORDS} words; this one has {len(words)}")
    if not words or not term.target.paths:
        return WordsQuery(Query.empty_query())
    groups = _groups(term, words, frequency)
    if term.as_phrase:
        return _phrases(term, words, groups)
    return _loose(term, words, groups)


@dataclass(frozen=True, slots=True)
class _Group:
    """A stretch of words that names something, and the stems of its other names."""

    start: int
    end: int
    preferred: str
    names: tuple[str, ...]
    variants: tuple[tuple[str, ...], ...]


def _groups(term: Term, words: tuple[str, ...], frequency: Frequency) -> tuple[_Group, ...]:
    wanted = term.synonyms and term.target.kind is not None and term.level not in (Level.NONE, Level.TERM)
    if not wanted or term.kind is not Kind.CONTAINS or term.target.kind is None:
        return ()
    tokens = words_of(term.text)
    if len(tokens) != len(words):
        return ()
    found = []
    for one in expand(term.text, term.target.kind):
        if term.as_phrase and (one.start, one.end) != (0, len(words)):
            continue
        own = words[one.start : one.end]
        kept = {variant: name for name in one.variants if (variant := stems(name)) and variant != own}
        present = {variant: name for variant, name in kept.items() if _occurs(variant, term.target.paths, frequency)}
        variants = tuple(present)[:MOST_VARIANTS]
        if variants:
            found.append(_Group(one.start, one.end, one.preferred, tuple(present.values())[:MOST_VARIANTS], variants))
    return tuple(found)


def _occurs(variant: tuple[str, ...], paths: Paths, frequency: Frequency) -> bool:
    return all(any(frequency(path, word) for path, _ in paths) for word in variant)


def _phrases(term: Term, words: tuple[str, ...], groups: tuple[_Group, ...]) -> WordsQuery:
    if term.kind is not Kind.CONTAINS:
        begin = (MARK,) if term.kind in (Kind.FULL_MATCH, Kind.STARTS_WITH) else ()
        end = (MARK,) if term.kind in (Kind.FULL_MATCH, Kind.ENDS_WITH) else ()
        paths = tuple((f"piece.{piece}", 1.0) for piece in term.target.pieces)
        return WordsQuery(phrase((*begin, *words, *end), paths), (), frozenset(words))
    own = phrase(words, term.target.paths)
    others = [
        _weighed(_near_phrase(variant, term.target.paths), EXPANDED_WEIGHT) for group in groups for variant in group.variants
    ]
    query = any_of([own, *others])
    return WordsQuery(query, _expanded(words_of(term.text), groups), _stems(words, groups))


def _loose(term: Term, words: tuple[str, ...], groups: tuple[_Group, ...]) -> WordsQuery:
    paths = term.target.paths
    parts: list[Query] = []
    seen: set[str] = set()
    at = 0
    for group in (*groups, _Group(len(words), len(words), "", (), ())):
        for word in words[at : group.start]:
            if word not in seen:
                seen.add(word)
                parts.append(phrase((word,), paths))
        if group.variants:
            each = [phrase((word,), paths) for word in dict.fromkeys(words[group.start : group.end])]
            own = any_of(each) if term.level is Level.LOSSY else all_of(each)
            others = [
                _weighed(_near_phrase(variant, paths), EXPANDED_WEIGHT)
                for variant in group.variants
                if term.level is Level.LOSSY or not set(words[group.start : group.end]) <= set(variant)  # these it finds already
            ]
            parts.append(any_of([own, *others]))
        at = group.end
    joined = any_of(parts) if term.level is Level.LOSSY else all_of(parts)
    query = _with_pairs(joined, words) if term.target.paired and len(words) > 1 else joined
    return WordsQuery(query, _expanded(words_of(term.text), groups), _stems(words, groups))


def _with_pairs(query: Query, words: tuple[str, ...]) -> Query:
    """The same studies, those with neighbouring words in titles and names further up."""
    pairs = [f"{one}_{two}" for one, two in dict.fromkeys(pairwise(words))]
    raised = [(Occur.Should, _weighed(Query.term_query(schema(), "pair", pair, "freq"), PAIR_WEIGHT)) for pair in pairs]
    return Query.boolean_query([(Occur.Must, query), *raised])


def phrase(words: Sequence[str], paths: Paths) -> Query:
    """The words in a row in any of some fields; one word is a term."""
    return any_of([_weighed(_phrase(words, path), weight) for path, weight in paths])


def _phrase(words: Sequence[str], path: str) -> Query:
    if len(words) == 1:
        return Query.term_query(schema(), path, words[0], "freq")
    return Query.phrase_query(schema(), path, list(words))


def _near_phrase(words: Sequence[str], paths: Paths) -> Query:
    """The words in a row, any word standing where a word such as "of" or "the" stands, whose places are costly to look up."""
    kept = [(at, word) for at, word in enumerate(words) if word not in _SLIGHT]
    if len(kept) == len(words) or len(kept) < 2 or any("." in path for path, _ in paths):  # a gap needs a field of its own
        return phrase(words, paths)
    start = kept[0][0]
    gapped: list[str | tuple[int, str]] = [(at - start, word) for at, word in kept]
    return any_of([_weighed(Query.phrase_query(schema(), path, gapped), weight) for path, weight in paths])


def _weighed(query: Query, weight: float) -> Query:
    return query if weight == 1.0 else Query.boost_query(query, weight)


def any_of(queries: Sequence[Query]) -> Query:
    """A study that one of the queries finds; nothing where there is none."""
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Should, query) for query in queries]) if queries else Query.empty_query()


def all_of(queries: Sequence[Query]) -> Query:
    """A study that all of the queries find; every study where there is none."""
    if len(queries) == 1:
        return queries[0]
    return Query.boolean_query([(Occur.Must, query) for query in queries]) if queries else Query.all_query()


def _expanded(tokens: tuple[str, ...], groups: tuple[_Group, ...]) -> tuple[Expanded, ...]:
    return tuple(Expanded(" ".join(tokens[group.start : group.end]), group.preferred, group.names) for group in groups)


def _stems(words: tuple[str, ...], groups: tuple[_Group, ...]) -> frozenset[str]:
    return frozenset(words).union(*(variant for group in groups for variant in group.variants))
