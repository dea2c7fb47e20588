"""Values of pieces in real records, per site too, and the ``fields`` projection."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from trialwright.registry.structure import (
    PieceType,
    UnknownFieldError,
    areas,
    list_sizes,
    located_values,
    project,
    select,
    selection,
    structure,
    values,
)

RECORDS = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parents[1] / "fixtures" / "registry" / "v2").glob("*.json"))
]
STUDY: dict[str, Any] = {
    "protocolSection": {
        "identificationModule": {"nctId": "NCT00000001", "nctIdAliases": ["NCT00000002", None, "NCT00000003"], "briefTitle": "A"},
        "designModule": {"studyType": "INTERVENTIONAL", "phases": ["PHASE1", "PHASE2"]},
        "armsInterventionsModule": {"armGroups": [{"label": "a", "interventionNames": ["x", "y"]}, {"label": "b"}]},
        "contactsLocationsModule": {
            "locations": [
                {"city": "Bergamo", "status": "COMPLETED", "geoPoint": {"lat": 45.7, "lon": 9.67}},
                {"city": "Milan", "contacts": [{"name": "One"}, {"name": "Two"}]},
            ]
        },
    },
    "unknownSection": {"kept": True},
    "hasResults": False,
}


def found(piece: str, raw: dict[str, Any] = STUDY) -> list[object]:
    return list(values(raw, structure().pieces[piece]))


def test_values_come_in_document_order_and_never_null() -> None:
    assert found("NCTIdAlias") == ["NCT00000002", "NCT00000003"]
    assert found("ArmGroupInterventionName") == ["x", "y"]
    assert found("LocationCity") == ["Bergamo", "Milan"]
    assert found("LocationGeoPoint") == [{"lat": 45.7, "lon": 9.67}]
    assert found("HasResults") == [False]
    assert found("EligibilityCriteria") == []


def test_a_counted_piece_is_the_length_of_its_list() -> None:
    assert found("NumArmGroups") == [2]
    assert found("NumArmGroups", {"protocolSection": {}}) == []


def test_values_of_a_site_stay_together() -> None:
    pieces = structure().pieces
    assert list(located_values(STUDY, pieces["LocationCity"])) == [("Bergamo",), ("Milan",)]
    assert list(located_values(STUDY, pieces["LocationStatus"])) == [("COMPLETED",), ()]
    assert list(located_values(STUDY, pieces["LocationContactName"])) == [(), ("One", "Two")]
    with pytest.raises(ValueError, match="Phase does not belong to Location"):
        list(located_values(STUDY, pieces["Phase"]))


def test_sizes_of_a_list_are_those_of_the_nearest_one() -> None:
    assert list(list_sizes(STUDY, "Phase")) == [2]
    assert list(list_sizes(STUDY, "LocationCity")) == list(list_sizes(STUDY, "Location")) == [2]
    assert list(list_sizes(STUDY, "ArmGroupInterventionName")) == [2]
    assert list(list_sizes(STUDY, "BriefTitle")) == []


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"protocolSection": None},
        {"protocolSection": "x"},
        {"protocolSection": [1, [2]]},
        {"protocolSection": {"contactsLocationsModule": {"locations": {"city": 5}}}},
    ],
)
def test_a_malformed_record_yields_what_can_be_told(broken: dict[str, Any]) -> None:
    for piece in structure().pieces.values():
        assert all(value is not None for value in values(broken, piece))
    project(broken, ["NCTId", "LocationCity"])


def test_every_leaf_of_a_real_record_is_the_value_of_one_piece() -> None:
    for record in RECORDS:
        told = sum(1 for piece in structure().pieces.values() if not piece.counted for _ in values(record, piece))
        assert told == leaves(record) - leaves(record.get("derivedSection", {}).get("miscInfoModule", {}).get("modelPredictions"))


def test_text_is_never_escaped_and_prose_always() -> None:
    escaped, raw = re.compile(r"\\[<>^~]"), re.compile(r"(?<!\\)[<>]")
    for record in RECORDS:
        for piece in structure().pieces.values():
            told = [value for value in values(record, piece) if isinstance(value, str)]
            if piece.type is PieceType.TEXT:
                assert not [value for value in told if escaped.search(value)], piece.name
            elif piece.type is PieceType.MARKUP:
                assert not [value for value in told if raw.search(value) and not escaped.search(value)], piece.name


def leaves(node: object) -> int:
    if isinstance(node, dict):
        return 1 if node.keys() == {"lat", "lon"} else sum(leaves(value) for value in node.values())
    if isinstance(node, list):
        return sum(leaves(item) for item in node)
    return node is not None


def test_fields_keep_nesting_and_order() -> None:
    assert project(STUDY, ["LocationCity", "NCTId"]) == {
        "protocolSection": {
            "identificationModule": {"nctId": "NCT00000001"},
            "contactsLocationsModule": {"locations": [{"city": "Bergamo"}, {"city": "Milan"}]},
        }
    }


def test_a_leaf_that_the_record_lacks_leaves_its_parents_empty() -> None:
    assert project(STUDY, ["EnrollmentCount"]) == {"protocolSection": {"designModule": {}}}
    assert project(STUDY, ["LocationZip"]) == {"protocolSection": {"contactsLocationsModule": {"locations": [{}, {}]}}}
    assert project(STUDY, ["LargeDocLabel"]) == {}


def test_branches_paths_and_areas_name_all_below_them() -> None:
    design = {"protocolSection": {"designModule": STUDY["protocolSection"]["designModule"]}}
    assert project(STUDY, ["DesignModule"]) == project(STUDY, ["protocolSection.designModule"]) == design
    assert project(STUDY, ["DesignModule", "Phase"]) == project(STUDY, ["Phase", "DesignModule"]) == design
    assert project(STUDY, ["NCTIdSearch"]) == project(STUDY, list(areas()["NCTIdSearch"].weights))
    assert project(STUDY, []) is STUDY


def test_an_unknown_field_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(UnknownFieldError, match="Unknown field name: 'BreifTitle'") as caught:
        project(STUDY, ["NCTId", "BreifTitle"])
    assert caught.value.suggestion == "BriefTitle"
    with pytest.raises(UnknownFieldError):
        project(STUDY, ["x" * 100_000])


def test_a_selection_is_made_once() -> None:
    chosen = selection(("NCTId", "BriefTitle"))
    assert selection(("NCTId", "BriefTitle")) is chosen
    assert [select(record, chosen)["protocolSection"]["identificationModule"]["nctId"] for record in RECORDS] == [
        record["protocolSection"]["identificationModule"]["nctId"] for record in RECORDS
    ]
