"""``sort``: up to two keys, dates and numbers and relevance only, as the service that callers know allows."""

from __future__ import annotations

import re

from trialwright.registry.index import SortKey
from trialwright.registry.requests.errors import ParameterError
from trialwright.registry.requests.reading import Params, listed, shown
from trialwright.registry.structure import PieceType, structure

MOST_KEYS = 2
RELEVANCE = "@relevance"
_KEY = re.compile(r"(@relevance|[a-zA-Z][a-zA-Z0-9\-. ]*)(?::(asc|desc))?")
_DATES = frozenset({PieceType.DATE, PieceType.PARTIAL_DATE})


def read_sort(params: Params) -> tuple[SortKey, ...]:
    """The keys of ``sort``; ``()`` where it is absent.

    Dates and relevance fall and numbers rise unless ``:asc`` or ``:desc`` says otherwise.

    Raises:
        ParameterError: More than two keys, an unknown field, or one that is neither date nor number.
    """
    items = listed(params, "sort") or ()
    if len(items) > MOST_KEYS:
        raise ParameterError(f"Parameter 'sort' contains more than {MOST_KEYS} items", parameter="sort")
    return tuple(_key(item) for item in items)


def _key(item: str) -> SortKey:
    found = _KEY.fullmatch(item)
    if found is None:
        raise ParameterError(f"Parameter 'sort' has incorrect format: '{shown(item)}'", parameter="sort")
    name, direction = found[1], found[2]
    if name == RELEVANCE:
        return SortKey(RELEVANCE, direction != "asc")
    node = structure().node(name)
    piece = structure().piece(name)
    if node is None:
        raise ParameterError(f"Parameter 'sort' contains invalid field name: '{shown(name)}'", parameter="sort")
    if piece is None or not piece.is_sortable:
        raise ParameterError(f"Unsupported sort field type: {node.type}", parameter="sort")
    descending = piece.type in _DATES if direction is None else direction == "desc"
    return SortKey(piece.name, descending)
