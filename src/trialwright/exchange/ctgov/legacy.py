"""``markupFormat=legacy``: text of a v2 record as the classic registration system kept it, plain and with its line ends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TypeAlias

from trialwright.registry.record_parts import Json
from trialwright.registry.structure import PieceType, structure

Places: TypeAlias = "dict[str, Places | None]"

_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()<>#+\-.!~^&|])")


def legacy_text(markup: str) -> str:
    """Markdown without its escapes, lines ended by carriage return and line feed.

    >>> legacy_text("age \\\\> 15\\n* and more")
    'age > 15\\r\\n* and more'
    """
    return _ESCAPED.sub(r"\1", markup).replace("\r\n", "\n").replace("\n", "\r\n")


def with_legacy_markup(raw: Json) -> Json:
    """A record, or part of one, with every text of type ``markup`` in its legacy form. What it came from is not changed."""
    found = _turned(raw, _places())
    return found if isinstance(found, Mapping) else raw


@cache
def _places() -> Places:
    tree: Places = {}
    for piece in structure().pieces.values():
        if piece.type is not PieceType.MARKUP:
            continue
        node = tree
        for member in piece.path[:-1]:
            inner = node.setdefault(member, {})
            node = inner if inner is not None else {}
        node[piece.path[-1]] = None
    return tree


def _turned(value: object, places: Places | None) -> object:
    if places is None:
        return legacy_text(value) if isinstance(value, str) else value
    if isinstance(value, list):
        return [_turned(item, places) for item in value]
    if isinstance(value, Mapping):
        return {key: _turned(inner, places[key]) if key in places else inner for key, inner in value.items()}
    return value
