"""The order by distance of the nearest site, ring by ring outward, so that near studies come without measuring far ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tantivy import DocAddress, Occur, Query

from trialwright.registry.index.compiling import filter_only
from trialwright.registry.index.ordering import Ordered, Scored
from trialwright.registry.index.request import Near
from trialwright.registry.index.schema import schema
from trialwright.registry.index.searching import search
from trialwright.registry.index.site_parts import Ints
from trialwright.registry.index.sites import Points

_MOST_MEASURED = 2_000
Measure = Callable[[DocAddress], tuple[float, int]]
"""The distance of a study's nearest site, and its number."""


@dataclass(frozen=True, slots=True)
class ByDistance:
    """Orders what a query finds by distance, then by number; studies without a point in reach come last."""

    ordered: Ordered
    points: Points
    near: Near
    measure: Measure

    def stretch(self, query: Query, offset: int, limit: int) -> list[Scored]:
        """The studies from ``offset`` on, at most ``limit``, nearest first."""
        distances = self.points.distances_km(self.near.lat, self.near.lon)
        order = np.argsort(distances, kind="stable")
        if self.near.radius_km is not None:
            order = order[distances[order] <= self.near.radius_km]
        steps = np.unique(distances[order], return_index=True)[1]
        ids = self.points.ids[order]
        found: list[Scored] = []
        done = before = 0
        width = 1
        while done < len(steps) and len(found) < limit:
            start, end = int(steps[done]), _end(steps, done + width, len(ids))
            ring = _ring(query, ids[start:end], ids[:start])
            size = self.ordered.count(ring)
            if size > _MOST_MEASURED and width > 1 and before + size > offset:
                width = max(1, width // 8)
                continue
            if before + size > offset:
                skipped = max(0, offset - before)
                found += self._ring(ring, size, skipped, limit - len(found), single=width == 1)
            before, done, width = before + size, done + width, width * 2
        if len(found) < limit:
            rest = _ring(query, None, ids)
            found += self.ordered.stretch(rest, (), max(0, offset - before), limit - len(found))
        return found

    def _ring(self, ring: Query, size: int, skipped: int, limit: int, *, single: bool) -> list[Scored]:
        if single:
            return self.ordered.stretch(ring, (), skipped, limit)
        hits = search(self.ordered.searcher, ring, size).hits
        measured = sorted((*self.measure(address), at) for at, (_, address) in enumerate(hits))
        return [(0.0, hits[at][1]) for *_, at in measured[skipped : skipped + limit]]


def _end(steps: npt.NDArray[np.intp], number: int, length: int) -> int:
    return int(steps[number]) if number < len(steps) else length


def _ring(query: Query, inside: Ints | None, nearer: Ints) -> Query:
    """What has one of some points and none of others."""
    parts = [(Occur.Must, query)]
    if inside is not None:
        parts.append((Occur.Must, filter_only(Query.term_set_query(schema(), "point", inside.tolist()))))
    if len(nearer):
        parts.append((Occur.MustNot, Query.term_set_query(schema(), "point", nearer.tolist())))
    return Query.boolean_query(parts)
