"""What can be counted over a result, and lists of values with counts. Only reads the columns of the index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from tantivy import Query, Searcher

from trialwright.registry.index.compiling import has_query
from trialwright.registry.index.request import Bucket, RequestError
from trialwright.registry.index.schema import COUNTED, LISTED, whole_field
from trialwright.registry.index.searching import count
from trialwright.registry.index.words import all_of
from trialwright.registry.structure import PieceType, structure

MOST_BUCKETS = 500

FACETS: Mapping[str, str] = MappingProxyType(
    {
        "status": "OverallStatus",
        "phase": "Phase",
        "type": "StudyType",
        "sex": "Sex",
        "ages": "StdAge",
        "funder": "LeadSponsorClass",
        "results": "HasResults",
        "country": "LocationCountry",
        "condition": "Condition",
        "sponsor": "LeadSponsorName",
        "conditionMesh": "ConditionMeshTerm",
        "purpose": "DesignPrimaryPurpose",
        "intervention": "InterventionType",
        "healthy": "HealthyVolunteers",
    }
)


def facet_field(name: str) -> str:
    """The column that a facet counts.

    Raises:
        RequestError: It is no facet, and no enumerated or true/false piece.
    """
    piece = structure().piece(FACETS.get(name, name))
    if piece is not None and piece.type in (PieceType.ENUM, PieceType.BOOLEAN):
        return piece.name
    if piece is not None and piece.name in COUNTED:
        return whole_field(piece.name)
    raise RequestError(f"Unknown facet: {name}")


def count_facets(searcher: Searcher, query: Query, names: Sequence[str]) -> dict[str, tuple[Bucket, ...]]:
    """The values of each facet over what a query finds, most frequent first, at most ``MOST_BUCKETS`` each."""
    if not names:
        return {}
    asked = {name: {"terms": {"field": facet_field(name), "size": MOST_BUCKETS}} for name in names}
    counted = searcher.aggregate(query, asked)
    return {name: tuple(Bucket(_shown(each), int(each["doc_count"])) for each in counted[name]["buckets"]) for name in names}


def _shown(bucket: Mapping[str, object]) -> str:
    return str(bucket.get("key_as_string", bucket["key"]))


@dataclass(frozen=True, slots=True)
class FieldValues:
    """What a piece holds over a set of studies.

    Args:
        studies: Studies that have a value.
        distinct: Distinct values; ``None`` for ordered pieces.
        top: The most frequent values.
        low: For an ordered piece the smallest stored value, as ``scales`` writes it.
        high: The largest.
        mean: Their mean.
    """

    studies: int
    distinct: int | None = None
    top: tuple[Bucket, ...] = ()
    low: float | None = None
    high: float | None = None
    mean: float | None = None


def field_values(searcher: Searcher, query: Query, piece_name: str, most: int) -> FieldValues | None:
    """What a piece holds; ``None`` where the index does not keep its whole values (long or rare texts)."""
    piece = structure().piece(piece_name)
    if piece is None:
        raise RequestError(f"Unknown field name: '{piece_name}'")
    studies = count(searcher, all_of([query, has_query(piece.name)]))
    if piece.type is PieceType.BOOLEAN:
        column = {"v": {"terms": {"field": piece.name, "size": 2}}}
        top = tuple(Bucket(_shown(each), int(each["doc_count"])) for each in searcher.aggregate(query, column)["v"]["buckets"])
        return FieldValues(studies, len(top), top)
    if piece.type is PieceType.ENUM or piece.name in LISTED:
        field = piece.name if piece.type is PieceType.ENUM else whole_field(piece.name)
        listed = searcher.terms_with_prefix(field, "", query)
        kept = [(value, number) for value, number in listed if number]
        return FieldValues(studies, len(kept), tuple(Bucket(*each) for each in kept[:most]))
    if piece.is_ordered:
        stats = searcher.aggregate(query, {"v": {"stats": {"field": piece.name}}})["v"]
        return FieldValues(studies, low=stats["min"], high=stats["max"], mean=stats["avg"])
    return None
