"""The study data structure: pieces and paths, types, enumerations, search areas, values, and the ``fields`` projection."""

from trialwright.registry.structure.enumerations import EnumType, EnumValue, enum_type, enums
from trialwright.registry.structure.metadata import enum_infos, field_nodes, search_documents
from trialwright.registry.structure.projection import UnknownFieldError, project, select, selection
from trialwright.registry.structure.search_areas import DEFAULT_AREA, Part, SearchArea, area_of_parameter, areas, pieces_of
from trialwright.registry.structure.tree import Field, Piece, PieceType, Structure, structure
from trialwright.registry.structure.values import SECTIONS, is_located, list_fields, list_sizes, located_values, values

__all__ = [
    "DEFAULT_AREA",
    "SECTIONS",
    "EnumType",
    "EnumValue",
    "Field",
    "Part",
    "Piece",
    "PieceType",
    "SearchArea",
    "Structure",
    "UnknownFieldError",
    "area_of_parameter",
    "areas",
    "enum_infos",
    "enum_type",
    "enums",
    "field_nodes",
    "is_located",
    "list_fields",
    "list_sizes",
    "located_values",
    "pieces_of",
    "project",
    "search_documents",
    "select",
    "selection",
    "structure",
    "values",
]
