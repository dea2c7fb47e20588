"""The interface's ``fields`` parameter: a record cut down to some fields, its nesting and order kept.

Parents that the record has stay, empty where nothing below them was asked for or found, as the registry's interface
does. Never copies values: what is kept is shared with the record.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from trialwright.registry.record_parts import Json
from trialwright.registry.structure.search_areas import areas
from trialwright.registry.structure.tree import Field, structure

Selection: TypeAlias = "dict[str, Selection | None]"


class UnknownFieldError(ValueError):
    """A name in ``fields`` is no piece, path, branch or area.

    Args:
        name: The name.
        suggestion: The nearest name that is known, if one is near.
    """

    def __init__(self, name: str, suggestion: str | None) -> None:
        super().__init__(f"Unknown field name: '{name}'")
        self.name = name
        self.suggestion = suggestion


def project(raw: Json, fields: Sequence[str]) -> Json:
    """Cut a record down.

    Args:
        raw: A v2 study.
        fields: Piece names, dotted paths, branch pieces or area names, in any order. Empty means everything.

    Returns:
        A new object of the same nesting; members keep the record's order.

    Raises:
        UnknownFieldError: A name is unknown.

    >>> project({"protocolSection": {"designModule": {"studyType": "OBSERVATIONAL"}}, "hasResults": False}, ["Phase"])
    {'protocolSection': {'designModule': {}}}
    """
    return select(raw, selection(tuple(fields))) if fields else raw


@lru_cache(maxsize=512)
def selection(fields: tuple[str, ...]) -> Selection:
    """The members to keep, as a tree; ``None`` keeps the whole member. Kept for reuse: don't change it.

    Raises:
        UnknownFieldError: A name is unknown.
    """
    tree: Selection = {}
    for name in fields:
        for node in _nodes(name):
            _keep(tree, node.path)
    return tree


def select(raw: Json, tree: Selection) -> Json:
    """Cut a record down to a selection made before: the quick form for many records."""
    if len(tree) == 1:  # most branches of most selections; order does not matter
        ((key, below),) = tree.items()
        return {key: raw[key] if below is None else _cut(raw[key], below)} if key in raw else {}
    return {key: value if (below := tree[key]) is None else _cut(value, below) for key, value in raw.items() if key in tree}


def _cut(value: object, tree: Selection) -> object:
    if isinstance(value, dict):
        return select(value, tree)
    if isinstance(value, list):
        return [_cut(item, tree) for item in value]
    return value


def _nodes(name: str) -> tuple[Field, ...]:
    known = structure()
    if area := areas().get(name):
        return tuple(known.nodes[piece] for piece in area.weights)
    if node := known.node(name):
        return (node,)
    near = difflib.get_close_matches(name, [*known.nodes, *areas()], 1, 0.7) if len(name) <= 80 else []
    raise UnknownFieldError(name, near[0] if near else None)


def _keep(tree: Selection, path: tuple[str, ...]) -> None:
    for member in path[:-1]:
        inner = tree.setdefault(member, {})
        if inner is None:
            return
        tree = inner
    tree[path[-1]] = None
