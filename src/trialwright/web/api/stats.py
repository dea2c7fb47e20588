"""``/api/v2/stats``: sizes of records, values of fields, lengths of lists, over the whole data set. Counted once an edition."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from trialwright.registry.catalogue import Edition
from trialwright.registry.index import Request
from trialwright.registry.language import canonical_nct
from trialwright.registry.record_parts import Json
from trialwright.registry.requests import ParameterError, listed, refuse_unknown, shown
from trialwright.registry.structure import Piece, list_fields, structure
from trialwright.web.api.answers import Call, Missing, Reply, as_json
from trialwright.web.api.indexed import indexed_stats, keeps_values
from trialwright.web.api.sizes import size_summary
from trialwright.web.api.tally import STATS_TYPES, Tally, leaves, size_stats, tallied, value_stats
from trialwright.web.cache import Remembered

SMALL, EXACT_UP_TO = 1_000, 10_000  # records
SAMPLE, STRETCH = 5_000, 100  # records
_valued: Remembered[dict[str, object]] = Remembered(most=1_000)
_counted: Remembered[Tally] = Remembered(most=1)
_sized: Remembered[dict[str, object]] = Remembered(most=1)
TYPES = ("ENUM", "STRING", "DATE", "INTEGER", "NUMBER", "BOOLEAN")


def size(call: Call) -> Reply:
    """How large the records are (``sizeStats``)."""
    refuse_unknown(call.params, ())
    return as_json(_sized.get("sizes", call.edition, lambda: size_summary(call.edition)))


def field_values(call: Call) -> Reply:
    """Which values fields have (``fieldValuesStats``)."""
    refuse_unknown(call.params, ("types", "fields"))
    types = _types(call)
    names = _fields(call)
    wanted = tuple(structure().pieces) if names is None else tuple(leaves(names))
    chosen = [
        name for name in wanted if (kind := STATS_TYPES.get(structure().pieces[name].type)) and (not types or kind in types)
    ]
    return as_json([_values(call.edition, name) for name in chosen])


def _values(edition: Edition, name: str) -> dict[str, object]:
    return _valued.get(name, edition, lambda: _counted_values(edition, structure().pieces[name]))


def _counted_values(edition: Edition, piece: Piece) -> dict[str, object]:
    """From the index where it keeps the piece's whole values; else from the records, beyond a bound from some of them."""
    by_index = keeps_values(piece) and edition.count > SMALL
    if by_index or edition.count > EXACT_UP_TO:
        return indexed_stats(edition.index, piece, lambda: _tally(edition).pieces[piece.name])
    tally = _tally(edition)
    return value_stats(tally.pieces[piece.name], tally.studies)


def field_sizes(call: Call) -> Reply:
    """How long lists are (``listFieldSizesStats``)."""
    refuse_unknown(call.params, ("fields",))
    names = _fields(call)
    lists = {node.piece: node for node in list_fields()}
    wanted = tuple(lists) if names is None else [node.piece for name in names if (node := structure().node(name))]
    return as_json([size_stats(lists[name], _lengths(call.edition, name)) for name in wanted if name in lists])


def _lengths(edition: Edition, name: str) -> Counter[int]:
    if edition.count <= SMALL:
        return _tally(edition).lists[name]
    return Counter({int(bucket.value): bucket.count for bucket in edition.index.field_sizes(name)})


def _types(call: Call) -> tuple[str, ...]:
    types = listed(call.params, "types") or ()
    for one in types:
        if one not in TYPES:
            raise ParameterError(f"Invalid value in parameter types: '{shown(one)}'", parameter="types")
    return types


def _fields(call: Call) -> tuple[str, ...] | None:
    names = listed(call.params, "fields")
    if names is None:
        return None
    if not names:
        raise ParameterError("Parameter 'fields' must not be empty", parameter="fields")
    for name in names:
        if structure().node(name) is None:
            raise Missing(f"Unknown piece name of field path: {shown(name)}")
    return names


def _tally(edition: Edition) -> Tally:
    return _counted.get("tally", edition, lambda: tallied(_some(edition)))


def _some(edition: Edition) -> Iterator[Json]:
    """All records of a small registry; of a large one some, in stretches spread over the whole."""
    stretches = 1 if edition.count <= EXACT_UP_TO else SAMPLE // STRETCH
    length = edition.count if stretches == 1 else STRETCH
    for number in range(stretches):
        found = edition.index.find(Request(offset=number * edition.count // stretches, limit=length, count=False))
        for hit in found.hits:
            if canonical_nct(hit.key):
                yield json.loads(edition.raw(hit.address))
