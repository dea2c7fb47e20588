"""One search of the index: what the library's answer holds, with its types."""

from __future__ import annotations

from typing import NamedTuple

from tantivy import DocAddress, Query, Searcher


class Counted(NamedTuple):
    """The best of what a query finds, and how many there are if that was asked."""

    hits: list[tuple[float, DocAddress]]
    total: int | None


def search(searcher: Searcher, query: Query, limit: int, offset: int = 0, *, count: bool = False) -> Counted:
    """The studies from ``offset`` on in the order of their scores, at most ``limit``; equal scores in the index's order."""
    limit = min(limit, searcher.num_docs - offset)  # the library makes room for all that are asked for
    if limit <= 0:
        total = searcher.search(query, 1, count=True) if count else None
        return Counted([], getattr(total, "count", None))
    found = searcher.search(query, limit, count=count, offset=offset)
    return Counted(found.hits, getattr(found, "count", None) if count else None)


def count(searcher: Searcher, query: Query) -> int:
    """How many studies a query finds."""
    return search(searcher, query, 1, count=True).total or 0
