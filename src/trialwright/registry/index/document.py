"""One study as a document of the index. Pure: a record in, one JSON text out."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from functools import cache, lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import TypeAlias, TypeVar

import numpy as np

from trialwright.registry.index.analysis import marked, stems
from trialwright.registry.index.scales import LONGEST_LIFE_MINUTES, age_minutes, stored_value, unit_minutes
from trialwright.registry.index.schema import LISTED, PAIRED, TEXTUAL, WHOLE_NUMBERS, combined_pieces, whole_field
from trialwright.registry.index.site_parts import SiteRow, cell_id, point_id, site_rows
from trialwright.registry.index.stored import Stored, pack
from trialwright.registry.index.walk import Gathered, gather
from trialwright.registry.json_text import text_of
from trialwright.registry.record import Record
from trialwright.registry.structure import PieceType, enum_type, structure

_LONGEST_WHOLE = 200  # characters; a longer value is no entry of a list
_LONGEST_TEXT = 2_000_000
_NO_NCT = 1 << 40
_SUGGESTED = (("condition", "Condition"), ("intervention", "InterventionName"), ("sponsor", "LeadSponsorName"))

Document: TypeAlias = dict[str, object]
_T = TypeVar("_T")


def document(record: Record, stored: Stored) -> tuple[str, tuple[SiteRow, ...]]:
    """The document of a study as JSON, and its distinct sites."""
    gathered = gather(record.raw)
    sites = tuple({site.ids[2]: site for site in site_rows(_locations(record))}.values())
    made: Document = {"key": stored.key, "number": number_of(stored.key)}
    _add_words(gathered, made)
    _add_values(gathered, made)
    _add_ages(gathered, made)
    places = _add_places(sites, made)
    made["head"] = b64encode(pack(stored, places)).decode("ascii")
    return text_of(made), sites


def number_of(key: str) -> int:
    """Where a study stands when all else ties: its NCT number; other keys after all of those."""
    digits = key[3:]
    if key[:3] == "NCT" and digits.isdecimal() and digits.isascii() and len(digits) <= 10:
        return int(digits)
    return _NO_NCT + int.from_bytes(blake2b(key.encode(), digest_size=7).digest(), "big")


def _locations(record: Record) -> Iterable[object]:
    found = record.module("contactsLocationsModule").get("locations")
    return found if isinstance(found, list) else ()


def _texts(values: Iterable[object]) -> list[str]:
    return [value if len(value) <= _LONGEST_TEXT else value[:_LONGEST_TEXT] for value in values if isinstance(value, str)]


def _add_words(gathered: Gathered, made: Document) -> None:
    words: dict[str, list[str]] = {}
    textual, enumerated = _textual(), _enumerated()
    marks: dict[str, str] = {}
    for name, values in gathered.values.items():
        if name in textual:
            words[name] = texts = _texts(values)
            if texts:
                marks[name] = marked(texts)
        elif name in enumerated:
            words[name] = [word for value in _texts(values) for word in enum_words(enumerated[name], value)]
    made["piece"] = marks
    for field, pieces in combined_pieces().items():
        made[field] = [text for name, copies in pieces if name in words for text in words[name] * copies]
    pairs = (f"{one}_{two}" for name in PAIRED for text in words.get(name, ()) for one, two in pairwise(stems(text)))
    made["pair"] = " ".join(pairs)
    for name in LISTED:
        if name in words:
            made[whole_field(name)] = distinct(text for text in words[name] if 0 < len(text) <= _LONGEST_WHOLE)
    made["alias"] = [text.upper() for text in words.get("NCTIdAlias", ())]
    made["suggest"] = distinct(
        f"{kind}:{' '.join(text.lower().split())}\t{text}"
        for kind, name in _SUGGESTED
        for text in words.get(name, ())
        if len(text) <= _LONGEST_WHOLE
    )


@cache
def _textual() -> frozenset[str]:
    return frozenset(piece.name for piece in structure().pieces.values() if piece.type in TEXTUAL)


@cache
def _enumerated() -> dict[str, str]:
    return {piece.name: piece.enum for piece in structure().pieces.values() if piece.enum is not None}


@cache
def _measured() -> dict[str, PieceType]:
    return {piece.name: piece.type for piece in structure().pieces.values() if piece.type in WHOLE_NUMBERS}


@cache
def _true_or_false() -> frozenset[str]:
    return frozenset(piece.name for piece in structure().pieces.values() if piece.type is PieceType.BOOLEAN)


@lru_cache(maxsize=4_096)
def enum_words(enum: str, value: str) -> tuple[str, ...]:
    """The words that an enumerated value is found by in a search over many pieces: its label, and the value itself."""
    label = enum_type(enum).label_of(value)
    return (label,) if label == value else (label, value)


def _add_values(gathered: Gathered, made: Document) -> None:
    enumerated, measured, true_or_false = _enumerated(), _measured(), _true_or_false()
    for name, values in gathered.values.items():
        if name in enumerated:
            made[name] = distinct(_texts(values))
        elif name in true_or_false:
            made[name] = distinct(value for value in values if isinstance(value, bool))
        elif name in measured:
            kind = measured[name]
            numbers = distinct(number for value in values if (number := stored_value(value, kind)) is not None)
            if numbers:
                made[name] = numbers
    made["has"] = list(gathered.present)
    made["size"] = [f"{name}:{size}" for name, sizes in gathered.sizes.items() for size in distinct(sizes)]


def _add_ages(gathered: Gathered, made: Document) -> None:
    """The span of ages that may take part: from the first instant of the youngest to the last of the oldest."""
    low, high = (_first_text(gathered, name) for name in ("MinimumAge", "MaximumAge"))
    from_minutes = age_minutes(low) if low else None
    to_minutes = age_minutes(high) if high else None
    made["age_from"] = from_minutes or 0
    made["age_to"] = LONGEST_LIFE_MINUTES if to_minutes is None or high is None else to_minutes + unit_minutes(high) - 1


def _first_text(gathered: Gathered, name: str) -> str | None:
    return next(iter(_texts(gathered.values.get(name, ()))), None)


def _add_places(sites: tuple[SiteRow, ...], made: Document) -> bytes:
    ids = [site.ids for site in sites]
    for level in (1, 2, 3):
        made[f"site{level}"] = distinct(each[level - 1] for each in ids)
    points = distinct(site.point for site in sites if site.point is not None)
    made["point"] = [point_id(*point) for point in points]
    made["cell"] = distinct(cell_id(*point) for point in points)
    made["city"] = distinct(way for site in sites for way in _ways(site))
    return np.array(made["site2"], np.int64).tobytes()


def _ways(site: SiteRow) -> tuple[str, ...]:
    """Country, then with its region, then with its city: what the lists of places are counted by."""
    (country, _), (city, state) = site.level_1, site.level_2
    if not country:
        return ()
    return (f"1\t{country}", f"2\t{country}\t{state}", f"3\t{country}\t{state}\t{city}")


def distinct(values: Iterable[_T]) -> list[_T]:
    """Each value once, in the order of its first occurrence."""
    return list(dict.fromkeys(values))
