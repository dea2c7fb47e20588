"""The registry's search areas: groups of weighted pieces that one query searches at once.

Source: the registry's page on search areas (19 areas). Never searches.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from trialwright.registry.structure.tree import Structure, read_data, structure


@dataclass(frozen=True, slots=True)
class Part:
    """Pieces of an area that share type and weight.

    Args:
        pieces: Piece names.
        type: The registry's type: ``text``, ``markup``, ``nct``, ``GeoName`` or an enumeration's name.
        is_enum: Whether ``type`` names an enumeration.
        synonyms: Whether words searched in them are expanded.
        weight: How much a match counts, 0 to 1.
    """

    pieces: tuple[str, ...]
    type: str
    is_enum: bool
    synonyms: bool
    weight: float

    @property
    def enum(self) -> str | None:
        """The enumeration's name, if it is one."""
        return self.type if self.is_enum else None


@dataclass(frozen=True, slots=True)
class SearchArea:
    """One search area.

    Args:
        name: Such as ``ConditionSearch``.
        ui_label: What the search form calls it, such as ``Conditions or disease``.
        param: The request parameter after ``query.``, such as ``cond``.
        parts: The weighted pieces, heaviest first.
    """

    name: str
    ui_label: str | None
    param: str | None
    parts: tuple[Part, ...]

    @property
    def weights(self) -> Mapping[str, float]:
        """Each piece with its weight, heaviest first."""
        return {piece: part.weight for part in self.parts for piece in part.pieces}


DEFAULT_AREA = "BasicSearch"


@cache
def areas() -> Mapping[str, SearchArea]:
    """The 19 search areas by name, in the registry's order."""
    return MappingProxyType({str(node["name"]): _read_area(node) for node in read_data("areas")})


def area_of_parameter(name: str) -> str | None:
    """The area or piece that ``query.<name>`` searches; ``None`` for an unknown parameter.

    >>> area_of_parameter("cond"), area_of_parameter("lead"), area_of_parameter("nobody")
    ('ConditionSearch', 'LeadSponsorName', None)
    """
    if name == "lead":
        return "LeadSponsorName"
    return next((area.name for area in areas().values() if area.param == name), None)


def pieces_of(name: str, known: Structure | None = None) -> tuple[str, ...] | None:
    """The piece names that an area, a piece, a branch or a dotted path stands for; ``None`` for an unknown name."""
    known = known or structure()
    if area := areas().get(name):
        return tuple(area.weights)
    if node := known.node(name):
        return tuple(leaf.piece for leaf in node.leaves())
    return None


def _read_area(node: dict[str, object]) -> SearchArea:
    parts = node["parts"]
    assert isinstance(parts, list)
    label, param = node.get("uiLabel"), node.get("param")
    read = tuple(
        Part(tuple(part["pieces"]), part["type"], part["isEnum"], part["isSynonyms"], float(part["weight"])) for part in parts
    )
    return SearchArea(str(node["name"]), str(label) if label else None, str(param) if param else None, read)
