"""What a competent user of tantivy would write over the same studies: the yardstick, with none of our own code.

One field with all the words, one for each of a few kinds of words, raw columns for what is filtered and counted, days
and counts as fast numbers, half-degree cells for places. The record's text is stored beside it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import tantivy

WORDS = ("everything", "title", "condition", "intervention", "outcome", "sponsor", "location", "eligibility", "description")
RAW = ("status", "phase", "type", "sex", "country", "cell", "key")
CELL_DEG = 0.5
_APART = ("descriptionModule", "eligibilityModule", "referencesModule")  # as in BasicSearch


def schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    for name in WORDS:
        builder.add_text_field(name, tokenizer_name="en_stem", index_option="position")
    for name in RAW:
        builder.add_text_field(name, tokenizer_name="raw", fast=name in ("status", "phase", "country"), index_option="basic")
    for name in ("start", "updated", "enrollment", "age_from", "age_to"):
        builder.add_integer_field(name, fast=True)
    builder.add_bytes_field("record", stored=True)
    builder.add_json_field("sites", stored=True, index_option="basic")
    return builder.build()


def document(raw: dict[str, Any], text: bytes) -> dict[str, Any]:
    protocol = raw["protocolSection"]
    status, design = protocol.get("statusModule", {}), protocol.get("designModule", {})
    sites = protocol.get("contactsLocationsModule", {}).get("locations", [])
    points = [(site["geoPoint"]["lat"], site["geoPoint"]["lon"]) for site in sites if site.get("geoPoint")]
    outcomes, arms = protocol.get("outcomesModule", {}), protocol.get("armsInterventionsModule", {})
    identity, eligibility = protocol["identificationModule"], protocol.get("eligibilityModule", {})
    description = protocol.get("descriptionModule", {})
    short = description.get("briefSummary", "")
    return {
        "key": identity["nctId"],
        "everything": [*_texts({name: module for name, module in protocol.items() if name not in _APART}), short],
        "description": [description.get("detailedDescription", "")],
        "title": [identity.get("briefTitle", ""), identity.get("officialTitle", "")],
        "condition": [identity.get("briefTitle", ""), *_texts(protocol.get("conditionsModule", {}))],
        "intervention": [identity.get("briefTitle", ""), *_texts(arms)],
        "outcome": list(_texts(outcomes)),
        "sponsor": list(_texts(protocol.get("sponsorCollaboratorsModule", {}))),
        "location": [f"{site.get('facility', '')} {site.get('city', '')} {site.get('country', '')}" for site in sites],
        "eligibility": [eligibility.get("eligibilityCriteria", "")],
        "status": status.get("overallStatus", ""),
        "phase": design.get("phases", []),
        "type": design.get("studyType", ""),
        "sex": eligibility.get("sex", ""),
        "country": sorted({site["country"] for site in sites if "country" in site}),
        "cell": sorted({cell(*point) for point in points}),
        "start": _day(status.get("startDateStruct", {}).get("date")),
        "updated": _day(status.get("lastUpdatePostDateStruct", {}).get("date")),
        "enrollment": int(design.get("enrollmentInfo", {}).get("count") or 0),
        "age_from": _years(eligibility.get("minimumAge"), 0),
        "age_to": _years(eligibility.get("maximumAge"), 999),
        "record": text,
        "sites": {"points": [axis for point in points for axis in point]},
    }


def cell(lat: float, lon: float) -> str:
    return f"{math.floor(lat / CELL_DEG)}:{math.floor(lon / CELL_DEG)}"


def cells_around(lat: float, lon: float, radius_km: float) -> list[str]:
    high = radius_km / 111.2
    wide = high / max(math.cos(math.radians(lat)), 0.1)
    rows = range(math.floor((lat - high) / CELL_DEG), math.floor((lat + high) / CELL_DEG) + 1)
    columns = range(math.floor((lon - wide) / CELL_DEG), math.floor((lon + wide) / CELL_DEG) + 1)
    return [f"{row}:{column}" for row in rows for column in columns]


def distance_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    a, b = math.radians(lat), math.radians(other_lat)
    inner = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 12742.0176 * math.asin(math.sqrt(min(1.0, inner)))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value)
    elif isinstance(node, str):
        yield node


def _day(text: str | None) -> int:
    parts = [int(part) for part in (text or "1900").split("-")]
    return (date(parts[0], *(parts[1:2] or [1]), *(parts[2:3] or [1])) - date(1970, 1, 1)).days


def _years(text: str | None, unknown: int) -> int:
    return int(text.split()[0]) if text and text.split()[0].isdecimal() and "Year" in text else unknown


class Bare:
    """The index of the yardstick in a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.schema = schema()
        self.index = tantivy.Index(self.schema, path=str(folder))

    def build(self, records: Iterator[tuple[dict[str, Any], bytes]], heap_bytes: int, threads: int) -> None:
        writer = self.index.writer(heap_bytes, threads)
        for raw, text in records:
            writer.add_document(tantivy.Document.from_dict(document(raw, text), self.schema))
        writer.commit()
        writer.wait_merging_threads()

    def open(self) -> None:
        self.index.reload()
        self.searcher = self.index.searcher()

    def search(
        self, query: str, fields: Sequence[str] = ("everything",), facets: Sequence[str] = (), by: str | None = None
    ) -> bytes:
        """A query in the library's own language; the first page as JSON."""
        parsed = self.index.parse_query(query, list(fields), conjunction_by_default=True)
        return self.page(parsed, facets, by)

    def page(self, query: tantivy.Query, facets: Sequence[str] = (), by: str | None = None) -> bytes:
        found = self.searcher.search(query, 10, count=True, order_by_field=by)
        counts = {}
        if facets:
            asked = {name: {"terms": {"field": name, "size": 500}} for name in facets}
            counts = self.searcher.aggregate(query, asked)
        records = [bytes(self.searcher.doc(address).get_first("record")) for _, address in found.hits]
        head = json.dumps({"totalCount": found.count, "facets": counts}).encode()
        return head[:-1] + b',"studies":[' + b",".join(records) + b"]}"

    def near(self, query: str | None, lat: float, lon: float, radius_km: float) -> bytes:
        """The first ten in the cells around that are truly within the radius; the count stays that of the cells."""
        inside = tantivy.Query.term_set_query(self.schema, "cell", cells_around(lat, lon, radius_km))
        parts = [(tantivy.Occur.Must, tantivy.Query.const_score_query(inside, 0.0))]
        if query:
            parts.append((tantivy.Occur.Must, self.index.parse_query(query, ["everything"], conjunction_by_default=True)))
        found = self.searcher.search(tantivy.Query.boolean_query(parts), 50, count=True)
        records: list[bytes] = []
        for _, address in found.hits:
            stored = self.searcher.doc(address)
            axes = stored.get_first("sites")["points"]
            if any(distance_km(lat, lon, *axes[at : at + 2]) <= radius_km for at in range(0, len(axes), 2)):
                records.append(bytes(stored.get_first("record")))
            if len(records) == 10:
                break
        return b'{"studies":[' + b",".join(records) + b"]}"
