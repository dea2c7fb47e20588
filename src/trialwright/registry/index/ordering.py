"""A stretch of the studies that a query finds, in a total order, without looking at those before it.

Two studies never tie: what is equal by every key goes by number. Studies without a value come last. Never keeps more
than one stretch in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from tantivy import DocAddress, FieldType, Occur, Order, Query, Searcher

from trialwright.registry.index.compiling import filter_only
from trialwright.registry.index.request import DISTANCE, RELEVANCE, RequestError
from trialwright.registry.index.schema import WHOLE_NUMBERS, schema
from trialwright.registry.index.searching import count, search
from trialwright.registry.structure import structure

Scored = tuple[float, DocAddress]


def sort_field(name: str) -> str:
    """The field that orders by a piece.

    Raises:
        RequestError: The piece is unknown or has no order.
    """
    piece = structure().piece(name)
    if piece is None:
        raise RequestError(f"Unknown sort field: {name}")
    if piece.type not in WHOLE_NUMBERS or piece.repeated:
        raise RequestError(f"Unsupported sort field type: {piece.type}")
    return piece.name


@dataclass(frozen=True, slots=True)
class Ordered:
    """Orders what a query finds."""

    searcher: Searcher

    def count(self, query: Query) -> int:
        """How many studies a query finds."""
        return count(self.searcher, query)

    def stretch(self, query: Query, keys: Sequence[tuple[str, bool]], offset: int, limit: int) -> list[Scored]:
        """The studies from ``offset`` on, at most ``limit``, by some keys (pieces or relevance)."""
        limit = min(limit, self.searcher.num_docs - offset)
        if limit <= 0:
            return []
        if not keys:
            return self._by_number(query, offset, limit)
        (name, descending), *rest = keys
        if name == RELEVANCE:
            return self._by_relevance(query, offset, limit, descending=descending)
        if name == DISTANCE:
            raise AssertionError("distances are ordered elsewhere")
        return self._by_field(query, (sort_field(name), descending), rest, offset, limit)

    def _by_relevance(self, query: Query, offset: int, limit: int, *, descending: bool) -> list[Scored]:
        if descending:
            return search(self.searcher, query, limit, offset).hits
        total = self.count(query)
        end = total - offset
        start = max(0, end - limit)
        return search(self.searcher, query, end - start, start).hits[::-1] if end > start else []

    def _by_number(self, query: Query, offset: int, limit: int) -> list[Scored]:
        hits = self.searcher.search(query, limit, count=False, offset=offset, order_by_field="number", order=Order.Asc).hits
        return [(0.0, address) for _, address in hits]

    def _by_field(
        self, query: Query, key: tuple[str, bool], rest: Sequence[tuple[str, bool]], offset: int, limit: int
    ) -> list[Scored]:
        """The stretch as the field orders it, each group of equals put in order by the remaining keys.

        One study more is looked at on either side, to see whether a group goes on beyond the stretch.
        """
        name, descending = key
        lead = 1 if offset else 0
        order = Order.Desc if descending else Order.Asc
        asked = min(limit + lead + 1, self.searcher.num_docs - offset + lead)
        hits = self.searcher.search(query, asked, count=False, offset=offset - lead, order_by_field=name, order=order).hits
        inside, beyond = hits[lead : lead + limit], hits[lead + limit :]
        found: list[Scored] = []
        for value, group in groupby(inside, key=itemgetter(0)):
            equals = [address for _, address in group]
            first = not found and lead and hits[0][0] == value
            last = beyond and beyond[0][0] == value
            if not first and not last and (len(equals) == 1 or not rest):
                found += self._numbered(equals)
                continue
            before = self.count(_all(query, _before(name, value, descending=descending))) if first else offset + len(found)
            found += self.stretch(_all(query, _equal(name, value)), rest, offset + len(found) - before, len(equals))
        return found

    def _numbered(self, equals: list[DocAddress]) -> list[Scored]:
        """Studies that tie, by number."""
        if len(equals) == 1:
            return [(0.0, equals[0])]
        numbers = self.searcher.fast_field_values("number", equals)
        return [(0.0, equals[at]) for at in sorted(range(len(equals)), key=lambda at: numbers[at] or 0)]


def _all(query: Query, condition: Query) -> Query:
    return Query.boolean_query([(Occur.Must, query), (Occur.Must, filter_only(condition))])


def _equal(name: str, value: int | None) -> Query:
    if value is None:
        return Query.boolean_query([(Occur.Must, Query.all_query()), (Occur.MustNot, Query.exists_query(name))])
    return Query.range_query(schema(), name, FieldType.Integer, value, value)


def _before(name: str, value: int | None, *, descending: bool) -> Query:
    if value is None:
        return Query.exists_query(name)
    if descending:
        return Query.range_query(schema(), name, FieldType.Integer, value, None, include_lower=False)
    return Query.range_query(schema(), name, FieldType.Integer, None, value, include_upper=False)
