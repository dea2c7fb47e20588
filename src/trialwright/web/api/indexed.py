"""Counts of values of a large registry, from the index's columns: the same shapes as ``tally`` gives for a small one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from trialwright.registry.index import Request, StudyIndex
from trialwright.registry.language import parse_expression
from trialwright.registry.structure import Piece
from trialwright.web.api.tally import MOST_VALUES, STATS_TYPES, PieceTally, date_formats

_EPOCH = date(1970, 1, 1)


def keeps_values(piece: Piece) -> bool:
    """Whether the index alone can answer for a piece, as exactly as the records could."""
    return STATS_TYPES.get(piece.type) in ("ENUM", "BOOLEAN", "INTEGER", "NUMBER")


def indexed_stats(index: StudyIndex, piece: Piece, seen: Callable[[], PieceTally]) -> dict[str, object]:
    """One item of ``/stats/field/values`` of a large registry.

    Args:
        index: The index of all studies.
        piece: What is counted.
        seen: What was counted of it in some of the records: the formats of dates; and, where the index keeps no whole
            values (free text), how many distinct ones there are at least.
    """
    kind = STATS_TYPES[piece.type]
    found = None if kind == "STRING" and piece.is_ordered else index.field_values(piece.name, MOST_VALUES)
    head: dict[str, object] = {"type": kind, "piece": piece.name, "field": piece.dotted}
    if found is None:
        return head | {"missingStudiesCount": _missing(index, piece), "uniqueValuesCount": len(seen().counts)}
    head["missingStudiesCount"] = index.count - found.studies
    match kind:
        case "BOOLEAN":
            counts = {bucket.value: bucket.count for bucket in found.top}
            return head | {"trueCount": counts.get("true", 0), "falseCount": counts.get("false", 0)}
        case "DATE":
            bounds = {"min": _day(found.low), "max": _day(found.high)} if found.low is not None else {}
            return head | bounds | {"formats": date_formats(seen())}
        case "INTEGER" | "NUMBER":
            whole = int if kind == "INTEGER" else float
            if found.low is None or found.high is None:
                return head
            return head | {"min": whole(found.low), "max": whole(found.high), "avg": found.mean}
        case _:
            top = [{"value": bucket.value, "studiesCount": bucket.count} for bucket in found.top]
            return head | {"uniqueValuesCount": found.distinct or 0, "topValues": top}


def _missing(index: StudyIndex, piece: Piece) -> int:
    without = parse_expression(f"AREA[{piece.name}]MISSING")
    return index.find(Request(filters=(without,), limit=0, count=True)).total or 0


def _day(days: float | None) -> str:
    return (_EPOCH + timedelta(days=int(days or 0))).isoformat()
