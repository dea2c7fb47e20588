"""The values of a piece in a record, in document order; and per site, for conditions that must hold at one place.

Tolerant: a member that is missing, null or of another kind than the structure says yields nothing. Never raises over a
record and never converts a value (dates and ages stay as registered).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from trialwright.registry.record_parts import Json
from trialwright.registry.structure.tree import Field, Piece, structure

SECTIONS: Mapping[str, tuple[str, ...]] = {"Location": ("protocolSection", "contactsLocationsModule", "locations")}


def values(raw: Json, piece: Piece) -> Iterator[object]:
    """All values of a piece.

    Args:
        raw: A v2 study.
        piece: A leaf of the structure.

    Yields:
        Text, number, truth value, or for ``LocationGeoPoint`` a mapping with ``lat`` and ``lon``; for a piece that
        counts a list, the list's length once.
    """
    if piece.counted is not None:
        yield from (len(found) for found in _lists(raw, piece.counted, 0))
    else:
        yield from _walk(raw, piece.path, 0)


def located_values(raw: Json, piece: Piece, section: str = "Location") -> Iterator[tuple[object, ...]]:
    """The values of a piece for each site in order, one tuple a site (empty where the site has none).

    Args:
        raw: A v2 study.
        piece: A piece below the section.
        section: The nested branch; ``Location`` is the one there is.

    Raises:
        KeyError: No such section.
        ValueError: The piece does not stand in it.
    """
    path = SECTIONS[section]
    if not is_located(piece, section):
        raise ValueError(f"{piece.name} does not belong to {section}")
    for site in _walk(raw, path, 0):
        yield tuple(_walk(site, piece.path, len(path)))


def is_located(piece: Piece, section: str = "Location") -> bool:
    """Whether a piece stands in a nested section."""
    path = SECTIONS[section]
    return piece.path[: len(path)] == path


def list_sizes(raw: Json, name: str) -> Iterator[int]:
    """The length of each list that a list field has in a record; nothing where it has none.

    Args:
        raw: A v2 study.
        name: A piece name or dotted path; a leaf inside a list (``LocationCity``) means the nearest list around it.
    """
    node = structure().node(name)
    while node is not None and not node.is_list:
        node = structure().node(".".join(node.path[:-1]))
    if node is not None:
        yield from (len(found) for found in _lists(raw, node.path, 0))


def list_fields() -> tuple[Field, ...]:
    """Every field that is a list, in the structure's order."""
    return tuple(node for node in structure().nodes.values() if node.is_list)


def _walk(node: object, path: tuple[str, ...], depth: int) -> Iterator[object]:
    if isinstance(node, list):
        for item in node:
            yield from _walk(item, path, depth)
    elif depth == len(path):
        if node is not None:
            yield node
    elif isinstance(node, dict) and path[depth] in node:
        yield from _walk(node[path[depth]], path, depth + 1)


def _lists(node: object, path: tuple[str, ...], depth: int) -> Iterator[list[object]]:
    if depth == len(path):
        if isinstance(node, list):
            yield node
    elif isinstance(node, list):
        for item in node:
            yield from _lists(item, path, depth)
    elif isinstance(node, dict) and path[depth] in node:
        yield from _lists(node[path[depth]], path, depth + 1)
