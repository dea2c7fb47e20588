"""Classic XML reproduces the registry's own v2 records, apart from what the XML does not hold."""

import json
from pathlib import Path
from typing import Any

import pytest

from trialwright.exchange.ctgov import read_records

ROOT = Path(__file__).parents[2]
SEED = ROOT / "trials/nilg-hes1-03/record"
FIXTURES = ROOT / "tests/fixtures/registry"
MESH_IDS = {
    "Hypereosinophilic Syndrome": "D017681",
    "Syndrome": "D013577",
    "Imatinib Mesylate": "D000068877",
}


def without_coordinates(node: Any) -> Any:
    match node:
        case dict():
            return {key: without_coordinates(value) for key, value in node.items() if key != "geoPoint"}
        case list():
            return [without_coordinates(value) for value in node]
        case _:
            return node


def test_the_seed_xml_gives_the_v2_record_with_the_coordinates_of_its_cities() -> None:
    reading = read_records(SEED / "NCT00787384.2020-07-28.xml", mesh_ids=MESH_IDS)
    expected = json.loads((SEED / "NCT00787384.v2.json").read_text("utf-8"))
    assert reading.findings == ()
    assert reading.records[0].raw == expected


@pytest.mark.parametrize(
    "module",
    [
        "statusModule",
        "sponsorCollaboratorsModule",
        "oversightModule",
        "descriptionModule",
        "conditionsModule",
        "designModule",
        "armsInterventionsModule",
        "outcomesModule",
        "eligibilityModule",
        "contactsLocationsModule",
    ],
)
def test_a_record_published_in_both_forms_is_mapped_as_the_registry_did(module: str) -> None:
    ours = read_records(FIXTURES / "classic/NCT00000410.xml").records[0]
    theirs = read_records(FIXTURES / "v2/NCT00000410.json").records[0]
    assert without_coordinates(ours.module(module)) == without_coordinates(theirs.module(module))


def test_the_sites_of_a_classic_record_stand_where_the_registry_put_them() -> None:
    ours = read_records(FIXTURES / "classic/NCT00000410.xml").records[0].locations
    theirs = read_records(FIXTURES / "v2/NCT00000410.json").records[0].locations
    pairs = [(one.geo_point, other.geo_point) for one, other in zip(ours, theirs, strict=True) if one.geo_point and other.geo_point]
    assert pairs
    assert all(abs(one.lat - other.lat) < 0.05 and abs(one.lon - other.lon) < 0.05 for one, other in pairs)


def test_criteria_keep_their_lists_and_paragraphs_as_the_registry_did() -> None:
    ours = read_records(FIXTURES / "classic/NCT02513394.xml").records[0]
    theirs = read_records(FIXTURES / "v2/NCT02513394.json").records[0]
    assert ours.eligibility_text == theirs.eligibility_text
    assert ours.eligibility_text and "\n\n-Patients must either be initiating" in ours.eligibility_text


def test_what_the_xml_holds_and_v2_lacks_is_noted_not_lost_silently() -> None:
    with_results = [kept for kept in read_records(FIXTURES / "classic").kept if kept.record.has_results]
    assert with_results
    for kept in with_results:
        assert any(note.code == "TW-R908" and "clinical_results" in note.detail for note in kept.notes)
