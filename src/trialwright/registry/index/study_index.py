"""The index of studies, read-only: finds, counts and lists. Safe for many threads; sees one state of the folder.

Opened once per generation of the catalogue. Never writes, and never reads a record's text.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from tantivy import DocAddress, FieldType, Occur, Query

from trialwright.registry.index.analysis import stems
from trialwright.registry.index.compiling import Compiler, Scope, filter_only
from trialwright.registry.index.distances import ByDistance
from trialwright.registry.index.document import number_of
from trialwright.registry.index.facets import FieldValues, count_facets, facet_field, field_values
from trialwright.registry.index.notes import note_query, profile_of
from trialwright.registry.index.ordering import Ordered, Scored
from trialwright.registry.index.request import (
    DISTANCE,
    RELEVANCE,
    Bucket,
    City,
    Decay,
    Expanded,
    Found,
    Hit,
    Near,
    Profile,
    Request,
    RequestError,
)
from trialwright.registry.index.scales import YEAR_MINUTES
from trialwright.registry.index.schema import AREA_FIELDS, LISTED, schema, whole_field
from trialwright.registry.index.searching import search
from trialwright.registry.index.sites import SiteTable
from trialwright.registry.index.stored import Stored, address_of, places_of, unpack
from trialwright.registry.index.words import all_of
from trialwright.registry.index.writer import open_index
from trialwright.registry.structure import areas, structure
from trialwright.registry.vocabularies import read_note

_COMPILED = 512
_LONGEST_LIMIT = 100_000
RERANKED = 1_000
_NOBODY = Near(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class _Compiled:
    query: Query
    ranked: bool
    expanded: tuple[Expanded, ...]
    stems: frozenset[str]


class StudyIndex:
    """A folder's index.

    Args:
        folder: The index's folder, as an ``IndexWriter`` left it; one that is not there has no studies, and is not made.

    Raises:
        ValueError: The folder holds no index of this format.
    """

    def __init__(self, folder: Path) -> None:
        self._searcher = open_index(folder if folder.is_dir() else None).searcher()
        self._sites = SiteTable(folder)
        self._ordered = Ordered(self._searcher)
        self._compiled: Callable[[Request], _Compiled] = lru_cache(maxsize=_COMPILED)(self._compile)
        self._frequency = lru_cache(maxsize=65_536)(self._searcher.doc_freq)
        self._lists: dict[tuple[str, int], FieldValues | None] = {}
        self._lock = threading.Lock()

    # finding -------------------------------------------------------------------------------------------------------

    def find(self, request: Request) -> Found:
        """Answer a request.

        Raises:
            RequestError: It asks for what cannot be answered, such as a sort by text.
        """
        compiled = self._compiled_for(request)
        scored, total = self._page(request, compiled)
        facets = count_facets(self._searcher, compiled.query, request.facets)
        hits = self._hits(scored, request.near)
        return Found(hits, total, facets, compiled.expanded, compiled.stems)

    def _compiled_for(self, request: Request) -> _Compiled:
        _check(request)
        return self._compiled(replace(request, sort=(), offset=0, limit=0, facets=(), count=False, geo_decay=None))

    def _page(self, request: Request, compiled: _Compiled) -> tuple[list[Scored], int | None]:
        sort = request.sort if compiled.ranked else tuple(key for key in request.sort if key[0] != RELEVANCE)
        if request.limit and not request.geo_decay and (not sort or sort[0] == (RELEVANCE, True)):
            found = search(self._searcher, compiled.query, request.limit, request.offset, count=request.count)
            return [(score if compiled.ranked else 0.0, address) for score, address in found.hits], found.total
        total = self._ordered.count(compiled.query) if request.count else None
        if request.geo_decay and request.near and (not sort or sort[0][0] == RELEVANCE):
            return self._decayed(compiled.query, request.near, request.geo_decay, request.offset, request.limit), total
        if sort and sort[0][0] == DISTANCE:
            return self._by_distance(compiled.query, request), total
        return self._ordered.stretch(compiled.query, sort, request.offset, request.limit), total

    def _by_distance(self, query: Query, request: Request) -> list[Scored]:
        near = request.near
        if near is None:
            raise RequestError("to sort by distance, say from where")
        by_distance = ByDistance(self._ordered, self._sites.points, near, lambda address: self._measure(address, near))
        return by_distance.stretch(query, request.offset, request.limit)

    def _measure(self, address: DocAddress, near: Near) -> tuple[float, int]:
        key, head = self._head(address)
        (site,) = self._sites.nearest([places_of(head)], near.lat, near.lon)
        return (site.distance_km if site else math.inf), number_of(key)

    def _decayed(self, query: Query, near: Near, decay: Decay, offset: int, limit: int) -> list[Scored]:
        """The best by relevance put in order again, their scores multiplied by what the distance leaves of them."""
        best = search(self._searcher, query, RERANKED).hits
        weighed = [(score * _left(self._measure(address, near)[0], decay), address) for score, address in best]
        order = sorted(range(len(weighed)), key=lambda at: (-weighed[at][0], at))
        found = [weighed[at] for at in order[offset : offset + limit]]
        if len(found) < limit:
            start = max(offset, len(best))
            found += search(self._searcher, query, limit - len(found), start).hits
        return found

    def _hits(self, scored: list[Scored], near: Near | None) -> tuple[Hit, ...]:
        heads = [self._head(address) for _, address in scored]
        sites = self._sites.nearest([places_of(head) for _, head in heads], near.lat, near.lon) if near else [None] * len(heads)
        return tuple(
            Hit(key, address_of(head), score, site) for (score, _), (key, head), site in zip(scored, heads, sites, strict=True)
        )

    def _head(self, address: DocAddress) -> tuple[str, bytes]:
        document = self._searcher.doc(address)
        key, head = document.get_first("key"), document.get_first("head")
        return str(key), bytes(head)  # type: ignore[arg-type]

    # compiling -----------------------------------------------------------------------------------------------------

    def _compile(self, request: Request) -> _Compiled:
        compiler = Compiler(self._frequency, self._size_terms, self._sites)
        scope = Scope(synonyms=request.synonyms)
        scored = [compiler.query(tree, replace(scope, area=area)) for area, tree in request.queries]
        if request.note:
            scored.append(self._of_note(request, compiler))
        filters = [compiler.query(tree, scope) for tree in request.filters]
        if request.keys is not None:
            filters.append(Query.term_set_query(schema(), "key", list(request.keys)) if request.keys else Query.empty_query())
        if request.near and request.near.radius_km is not None:
            filters.append(compiler.circle(request.near.lat, request.near.lon, request.near.radius_km))
        if request.profile:
            filters += _profile(request.profile)
        chosen = [filter_only(query) for query in filters]
        query = all_of([*scored, *chosen])
        return _Compiled(query, bool(scored), tuple(compiler.expanded), frozenset(compiler.stems))

    def _of_note(self, request: Request, compiler: Compiler) -> Query:
        note = read_note(request.note)
        made = note_query(note, self._frequency, _profile(profile_of(note)), synonyms=request.synonyms)
        compiler.expanded += made.expanded
        compiler.stems |= made.stems
        return made.query

    def _size_terms(self, prefix: str) -> list[str]:
        return [term for term, _ in self._searcher.terms_with_prefix("size", prefix)]

    # looking up ----------------------------------------------------------------------------------------------------

    @property
    def count(self) -> int:
        """How many studies there are."""
        return self._searcher.num_docs

    def stored(self, key: str) -> Stored | None:
        """What is kept of a study."""
        hits = self._searcher.search(Query.term_query(schema(), "key", key, "basic"), 1, count=False).hits
        return unpack(*self._head(hits[0][1])) if hits else None

    def stored_many(self, keys: Iterable[str]) -> dict[str, Stored]:
        """What is kept of some studies, by key; those that are not there are left out."""
        wanted = list(dict.fromkeys(keys))
        if not wanted:
            return {}
        hits = self._searcher.search(Query.term_set_query(schema(), "key", wanted), len(wanted), count=False).hits
        found = (unpack(*self._head(address)) for _, address in hits)
        return {one.key: one for one in found}

    def resolve(self, number: str) -> str | None:
        """The key of a study by its NCT number or a number that it once had; ``None`` where it is neither."""
        number = number.upper()
        if self._searcher.doc_freq("key", number) and self.stored(number):
            return number
        hits = self._searcher.search(Query.term_query(schema(), "alias", number, "basic"), 1, count=False).hits
        return self._head(hits[0][1])[0] if hits else None

    def keys(self) -> Iterator[str]:
        """Every key, in the order of their numbers."""
        for one in self.everything():
            yield one.key

    def everything(self, batch: int = 10_000) -> Iterator[Stored]:
        """What is kept of every study, in the order of their numbers; in constant memory."""
        last: int | None = None
        while True:
            query = (
                Query.range_query(schema(), "number", FieldType.Integer, last, None, include_lower=False)
                if last is not None
                else Query.all_query()
            )
            hits = self._ordered.stretch(query, (), 0, batch)
            for _, address in hits:
                yield unpack(*self._head(address))
            if len(hits) < batch:
                return
            last = number_of(self._head(hits[-1][1])[0])

    # lists and counts ----------------------------------------------------------------------------------------------

    def facet(self, name: str, request: Request | None = None) -> tuple[Bucket, ...]:
        """The values of one facet over a request, or over everything."""
        facet_field(name)
        return self.find(replace(request or Request(), limit=0, facets=(name,), count=False)).facets[name]

    def field_values(self, piece: str, most: int = 250) -> FieldValues | None:
        """What a piece holds over all studies; ``None`` where the index does not keep its whole values.

        Counted once and remembered.
        """
        with self._lock:
            if (piece, most) not in self._lists:
                self._lists[piece, most] = field_values(self._searcher, Query.all_query(), piece, most)
            return self._lists[piece, most]

    def field_sizes(self, name: str) -> tuple[Bucket, ...]:
        """How long a list is and in how many studies, by length; studies without the list are not counted."""
        node = structure().node(name)
        prefix = f"{node.piece if node else name}:"
        found = self._searcher.terms_with_prefix("size", prefix, Query.all_query())
        sizes = sorted((int(term.rpartition(":")[2]), count) for term, count in found if count)
        return tuple(Bucket(str(size), count) for size, count in sizes)

    def listed(self, piece: str, prefix: str = "", most: int | None = None) -> tuple[Bucket, ...]:
        """Whole values of a piece of ``schema.LISTED`` that begin with a prefix, most frequent first."""
        if piece not in LISTED:
            raise RequestError(f"no list is kept of {piece}")
        found = self._searcher.terms_with_prefix(whole_field(piece), prefix, Query.all_query(), most)
        return tuple(Bucket(value, count) for value, count in found if count)

    def places(self, country: str | None = None, region: str | None = None) -> tuple[Bucket, ...]:
        """Countries; the regions of a country; or the cities of a region ("" for none): each with its studies."""
        way = [part for part in (country, region) if part is not None]
        prefix = "\t".join((str(len(way) + 1), *way, ""))
        found = self._searcher.terms_with_prefix("city", prefix, Query.all_query())
        return tuple(Bucket(term[len(prefix) :], count) for term, count in found if count)

    def cities(self, request: Request, most: int) -> tuple[City, ...]:
        """The cities with coordinates of the studies on a request's page, those of most studies first.

        Reads no record, so that a page of thousands is a matter of milliseconds.
        """
        scored, _ = self._page(replace(request, facets=(), count=False), self._compiled_for(request))
        return tuple(self._sites.cities([places_of(self._head(address)[1]) for _, address in scored], most))

    def suggest_terms(self, prefix: str, kind: str = "condition", most: int = 10) -> tuple[Bucket, ...]:
        """Conditions, interventions or sponsors that begin with some letters, whatever their case, most frequent first."""
        wanted = f"{kind}:{' '.join(prefix.lower().split())}"
        found = self._searcher.terms_with_prefix("suggest", wanted, None, 4 * most)
        merged: dict[str, tuple[str, int]] = {}
        for term, count in found:
            folded, _, shown = term.partition("\t")
            known = merged.get(folded)
            merged[folded] = (known[0], known[1] + count) if known else (shown, count)
        ranked = sorted(merged.values(), key=lambda each: -each[1])
        return tuple(Bucket(*each) for each in ranked[:most])

    def frequency(self, word: str, area: str = "BasicSearch") -> int:
        """In about how many studies a word stands; 0 means nowhere."""
        fields = [field for field, _ in AREA_FIELDS.get(area, ())] or [f"piece.{piece}" for piece in areas()[area].weights]
        return max((self._frequency(field, stem) for field in fields for stem in stems(word)), default=0)


def _check(request: Request) -> None:
    if len(request.sort) > 2:
        raise RequestError("at most two sort keys")
    if request.offset < 0 or not 0 <= request.limit <= _LONGEST_LIMIT:
        raise RequestError("offset and limit must not be negative, nor the limit above 100,000")
    for near in (request.near or _NOBODY,):
        if not (-90 <= near.lat <= 90 and -180 <= near.lon <= 180):
            raise RequestError(f"{near.lat}, {near.lon} is no place on the earth")


def _profile(profile: Profile) -> list[Query]:
    found = []
    if profile.age_years is not None:
        minutes = round(profile.age_years * YEAR_MINUTES)
        found.append(Query.range_query(schema(), "age_from", FieldType.Integer, None, minutes))
        found.append(Query.range_query(schema(), "age_to", FieldType.Integer, minutes, None))
    if profile.sex is not None:
        other = {"FEMALE": "MALE", "MALE": "FEMALE"}[profile.sex]
        only_other = Query.term_query(schema(), "Sex", other, "basic")
        found.append(Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, only_other)]))
    if profile.healthy:
        found.append(Query.term_query(schema(), "HealthyVolunteers", True, "basic"))
    return found


def _left(distance_km: float, decay: Decay) -> float:
    """The part of the score that a distance leaves; 0 for a study without a place.

    Source: the decay functions of Elasticsearch's function score, which the registry's ``geoDecay`` names.
    """
    if math.isinf(distance_km):
        return 0.0
    far = max(0.0, distance_km - decay.offset_km)
    match decay.function:
        case "exp":
            return math.exp(math.log(decay.decay) / decay.scale_km * far)
        case "gauss":
            return math.exp(math.log(decay.decay) * (far / decay.scale_km) ** 2)
        case "linear":
            whole = decay.scale_km / (1 - decay.decay)
            return max(0.0, (whole - far) / whole)
