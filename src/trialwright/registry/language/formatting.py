"""Writes a tree back as an expression, so that reading it again gives the same tree."""

from __future__ import annotations

from decimal import Decimal
from typing import assert_never

from trialwright.registry.language.tokens import BARE, BRACKETED, SPECIAL
from trialwright.registry.language.tree import (
    All,
    And,
    Area,
    Coverage,
    Distance,
    Expansion,
    Missing,
    Node,
    Not,
    Or,
    Range,
    Search,
    Tilt,
    Words,
)


def format_expression(node: Node) -> str:
    """Write a tree as text.

    >>> format_expression(Or((Words("heart attack"), Not(Words("ALL", quoted=True)))))
    'heart attack OR NOT "ALL"'
    """
    match node:
        case Words(text, quoted):
            return quote(text) if quoted else escape(text)
        case Range(low, high):
            return f"RANGE[{low or 'MIN'}, {high or 'MAX'}]"
        case Missing():
            return "MISSING"
        case All():
            return "ALL"
        case Distance(lat, lon, radius_km):
            return f"DISTANCE[{_plain(lat)}, {_plain(lon)}, {_plain(radius_km)}km]"
        case And(parts):
            return " AND ".join(_inner(part, And, Or) for part in parts)
        case Or(parts):
            return " OR ".join(_inner(part, Or) for part in parts)
        case Not(part):
            return f"NOT {_inner(part, And, Or)}"
        case Area(name, size, part):
            return f"AREA[{name}{':size' if size else ''}]{_inner(part, And, Or)}"
        case Search(section, part):
            return f"SEARCH[{section}]{_inner(part, And, Or)}"
        case Expansion(level, part):
            return f"EXPANSION[{level}]{_inner(part, And, Or)}"
        case Coverage(kind, part):
            return f"COVERAGE[{kind}]{_inner(part, And, Or)}"
        case Tilt(name, part):
            return f"TILT[{name}]{_inner(part, And, Or)}"
        case _:
            assert_never(node)


def quote(text: str) -> str:
    """A text as a phrase, whatever stands in it.

    >>> quote('Merck" OR ALL')
    '"Merck\\\\" OR ALL"'
    """
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def escape(text: str) -> str:
    """A text as plain words: nothing in it acts as an operator.

    >>> escape("[177Lu]Lu-PSMA-617 AND more")
    '\\\\[177Lu\\\\]Lu-PSMA-617 \\\\AND more'
    """
    words = (SPECIAL.sub(r"\\\g<0>", word) for word in text.split())
    return " ".join(f"\\{word}" if word in BARE or word in BRACKETED else word for word in words)


def _inner(part: Node, *grouped: type[Node]) -> str:
    text = format_expression(part)
    return f"({text})" if isinstance(part, grouped) else text


def _plain(number: float) -> str:
    return format(Decimal(repr(number)), "f")
