"""The structure as the interface's metadata endpoints show it: the tree of fields, the search areas, the enumerations.

Shapes follow the registry's OpenAPI document (FieldNode, SearchDocument, EnumInfo). Never adds members to them.
"""

from __future__ import annotations

from trialwright.registry.structure.enumerations import enums
from trialwright.registry.structure.search_areas import areas
from trialwright.registry.structure.tree import Field, structure


def field_nodes(*, indexed_only: bool = False, historic_only: bool = False) -> list[dict[str, object]]:
    """The tree of fields (``/studies/metadata``).

    Args:
        indexed_only: Include fields that are searched and sorted but stand in no record.
        historic_only: Include fields that no record of today has.
    """
    return [_node(top, indexed_only, historic_only) for top in structure().tree]


def search_documents() -> list[dict[str, object]]:
    """The search areas (``/studies/search-areas``): one document, ``Study``."""
    listed = []
    for area in areas().values():
        entry: dict[str, object] = {"name": area.name}
        if area.ui_label:
            entry["uiLabel"] = area.ui_label
        if area.param:
            entry["param"] = area.param
        entry["parts"] = [
            {
                "pieces": list(part.pieces),
                "type": part.type,
                "isEnum": part.is_enum,
                "isSynonyms": part.synonyms,
                "weight": part.weight,
            }
            for part in area.parts
        ]
        listed.append(entry)
    return [{"name": "Study", "areas": listed}]


def enum_infos() -> list[dict[str, object]]:
    """The enumerations (``/studies/enums``)."""
    return [
        {
            "type": enum.type,
            "pieces": list(enum.pieces),
            "values": [
                {"value": each.value, "legacyValue": each.legacy}
                | ({"exceptions": dict(each.exceptions)} if each.exceptions else {})
                for each in enum.values
            ],
        }
        for enum in enums()
    ]


def _node(field: Field, indexed_only: bool, historic_only: bool) -> dict[str, object]:
    node: dict[str, object] = {
        "name": field.name,
        "piece": field.piece,
        "title": field.title,
        "sourceType": field.source_type,
        "type": f"{field.type}[]" if field.is_list else field.type,
    }
    flags = {
        "isEnum": field.is_enum,
        "synonyms": field.synonyms,
        "nested": field.nested,
        "indexedOnly": field.indexed_only,
        "historicOnly": field.historic_only,
    }
    node |= {name: True for name, holds in flags.items() if holds}
    shown = [child for child in field.children if indexed_only >= child.indexed_only and historic_only >= child.historic_only]
    if shown:
        node["children"] = [_node(child, indexed_only, historic_only) for child in shown]
    return node
