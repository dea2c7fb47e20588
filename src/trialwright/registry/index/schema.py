"""The fields of the index. One place says which pieces go where; document and query both read it here.

    body, more     the words of BasicSearch: ``body`` is PatientSearch, ``more`` what BasicSearch has beside it
    cond, intr     the words of ConditionSearch and InterventionSearch
    pair           neighbouring words of titles, conditions, keywords and intervention names, joined: a cheap phrase
    piece          JSON: the words of each text piece under its name, each value between marks
    <Piece>        every enumerated, ordered or true/false piece under its own name, for filter, order and count
    whole.<Piece>  whole values of a few text pieces, for lists with counts
    has, size      names of what is there; ``List:length``
    site1…3, point, cell, city   where (sites.py)
    key, number, head            who it is, its order where all else ties, what is stored

Weights of pieces inside a combined field are whole repetitions of their text, so that one posting list per word serves
a search over dozens of weighted pieces (as BM25F does). Never reads a record.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from tantivy import Schema, SchemaBuilder

from trialwright.registry.index.analysis import TOKENIZER
from trialwright.registry.structure import PieceType, areas, structure

FORMAT = 1
COMBINED = ("body", "more", "cond", "intr")
AREA_FIELDS: Mapping[str, tuple[tuple[str, float], ...]] = MappingProxyType(
    {
        "BasicSearch": (("body", 1.0), ("more", 0.5)),
        "PatientSearch": (("body", 1.0),),
        "ConditionSearch": (("cond", 1.0),),
        "InterventionSearch": (("intr", 1.0),),
    }
)
PAIRED = ("BriefTitle", "OfficialTitle", "Condition", "Keyword", "InterventionName")
LISTED = (
    "Condition",
    "Keyword",
    "LeadSponsorName",
    "CollaboratorName",
    "LocationCountry",
    "InterventionName",
    "ConditionMeshTerm",
    "InterventionMeshTerm",
)
COUNTED = ("Condition", "LeadSponsorName", "LocationCountry", "ConditionMeshTerm")  # of LISTED: facets too
TEXTUAL = (PieceType.TEXT, PieceType.MARKUP, PieceType.NCT)
WHOLE_NUMBERS = (PieceType.DATE, PieceType.PARTIAL_DATE, PieceType.AGE, PieceType.INTEGER, PieceType.NUMBER)
IDENTIFIERS = ("site1", "site2", "site3", "point", "cell")


@cache
def combined_pieces() -> Mapping[str, tuple[tuple[str, int], ...]]:
    """For each combined field its pieces, each with how often its text is repeated."""
    known = areas()
    basic, patient = known["BasicSearch"].weights, known["PatientSearch"].weights
    weights = {
        "body": {piece: basic.get(piece, weight) for piece, weight in patient.items()},
        "more": {piece: weight for piece, weight in basic.items() if piece not in patient},
        "cond": known["ConditionSearch"].weights,
        "intr": known["InterventionSearch"].weights,
    }
    return MappingProxyType(
        {name: tuple((piece, _copies(piece, weight)) for piece, weight in those.items()) for name, those in weights.items()}
    )


def _copies(piece: str, weight: float) -> int:
    """How often a piece's text counts: long prose once, titles and names up to three times."""
    if structure().pieces[piece].type is PieceType.MARKUP:
        return 1
    return 3 if weight >= 0.75 else 2 if weight >= 0.45 else 1


def whole_field(piece: str) -> str:
    """The field that holds the whole values of a text piece."""
    return f"whole_{piece}"


@cache
def schema() -> Schema:
    """The schema of every index of this format."""
    builder = SchemaBuilder()
    builder.add_text_field("key", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("number", fast=True)
    builder.add_bytes_field("head", stored=True)
    for name in COMBINED:
        builder.add_text_field(name, tokenizer_name=TOKENIZER, index_option="position")
    builder.add_text_field("pair", tokenizer_name="whitespace", index_option="freq")
    builder.add_json_field("piece", tokenizer_name=TOKENIZER, index_option="position")
    for name in ("alias", "has", "size", "city", "suggest"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in IDENTIFIERS:
        builder.add_integer_field(name, indexed=True)
    builder.add_integer_field("age_from", fast=True)
    builder.add_integer_field("age_to", fast=True)
    for piece in structure().pieces.values():
        _add_piece(builder, piece.name, piece.type)
    for name in LISTED:
        builder.add_text_field(whole_field(name), fast=name in COUNTED, tokenizer_name="raw", index_option="basic")
    return builder.build()


def _add_piece(builder: SchemaBuilder, name: str, kind: PieceType) -> None:
    if kind is PieceType.ENUM:
        builder.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    elif kind in WHOLE_NUMBERS:
        builder.add_integer_field(name, fast=True)
    elif kind is PieceType.BOOLEAN:
        builder.add_boolean_field(name, indexed=True, fast=True)
