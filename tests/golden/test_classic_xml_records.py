"""Classic XML reproduces the registry's own v2 records, apart from what the XML does not hold."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from trialwright.exchange.ctgov import read_records

ROOT = Path(__file__).parents[2]
SEED = ROOT / "trials/nilg-hes1-03/record"
FIXTURES = ROOT / "tests/fixtures/registry"


def without_coordinates(node: Any) -> Any:
    match node:
        case dict():
            return {key: without_coordinates(value) for key, value in node.items() if key != "geoPoint"}
        case list():
            return [without_coordinates(value) for value in node]
        case _:
            return node


def test_the_seed_xml_gives_the_v2_record_with_the_coordinates_of_its_cities() -> None:
    reading = read_records(SEED / "NCT00787384.2020-07-28.xml")
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
    pairs = [
        (one.geo_point, other.geo_point) for one, other in zip(ours, theirs, strict=True) if one.geo_point and other.geo_point
    ]
    assert pairs
    assert all(abs(one.lat - other.lat) < 0.05 and abs(one.lon - other.lon) < 0.05 for one, other in pairs)


def test_criteria_keep_their_lists_and_paragraphs_as_the_registry_did() -> None:
    ours = read_records(FIXTURES / "classic/NCT02513394.xml").records[0]
    theirs = read_records(FIXTURES / "v2/NCT02513394.json").records[0]
    assert ours.eligibility_text == theirs.eligibility_text
    assert ours.eligibility_text and "\n\n-Patients must either be initiating" in ours.eligibility_text


def said(node: Any) -> Iterator[str]:
    """Every text and number of a JSON value, without markup's backslashes and white space."""
    match node:
        case dict():
            for value in node.values():
                yield from said(value)
        case list():
            for value in node:
                yield from said(value)
        case _:
            yield "".join(str(node).replace("\\", "").split())


RESTATED = {"type", "param", "dispersion", "dispersion_type", "non_inferiority_type", "ci_n_sides", "assessment", "scope"}
RESTATED |= {"default_assessment", "default_vocab", "pi_employee", "restrictive_agreement", "group_id", "posting_date"}


def lost_of_results(file: Path) -> set[str]:
    """Texts and numbers of the posted results that the v2 record does not say."""
    results = ElementTree.parse(file).getroot().find("clinical_results")
    assert results is not None
    ours = set(said(read_records(file).records[0].raw["resultsSection"]))
    lost = set()
    for element in results.iter():
        texts = [value for name, value in element.attrib.items() if name != "group_id"]
        texts += [element.text] if element.text and element.tag not in RESTATED else []
        lost |= {text for text in ("".join(one.split()) for one in texts) if text and text not in ours}
    return {text for text in lost if not text.startswith("Total,")}


WITH_RESULTS = sorted(file for file in (FIXTURES / "classic").glob("*.xml") if b"<clinical_results>" in file.read_bytes())


@pytest.mark.parametrize("file", WITH_RESULTS, ids=lambda file: file.stem)
def test_posted_results_are_carried_over_to_the_last_number(file: Path) -> None:
    assert lost_of_results(file) - {"Total"} == set()
    assert not [note for note in read_records(file).notes if "clinical_results" in note.detail]


def test_posted_results_have_the_shape_that_the_registry_gives_them() -> None:
    results: Any = read_records(FIXTURES / "classic/NCT00461812.xml").records[0].raw["resultsSection"]
    assert results["participantFlowModule"]["groups"][0]["id"] == "FG000"
    assert results["participantFlowModule"]["periods"][0]["milestones"][2] == {
        "type": "NOT COMPLETED",
        "achievements": [{"groupId": "FG000", "numSubjects": "10"}],
    }
    assert results["baselineCharacteristicsModule"]["denoms"] == [
        {"units": "Participants", "counts": [{"groupId": "BG000", "value": "10"}]}
    ]
    (group,) = results["adverseEventsModule"]["eventGroups"]
    assert {name: value for name, value in group.items() if name.endswith(("Affected", "AtRisk"))} == {
        "deathsNumAffected": 0,
        "deathsNumAtRisk": 0,
        "seriousNumAffected": 0,
        "seriousNumAtRisk": 0,
        "otherNumAffected": 0,
        "otherNumAtRisk": 0,
    }
    assert results["moreInfoModule"]["certainAgreement"] == {"piSponsorEmployee": True, "restrictiveAgreement": False}
    outcome = results["outcomeMeasuresModule"]["outcomeMeasures"][0]
    assert (outcome["type"], outcome["reportingStatus"]) == ("PRIMARY", "POSTED")
    assert [one["id"] for one in outcome["groups"]] == ["OG000", "OG001"]


def test_an_element_or_a_term_that_v2_lacks_is_noted_not_lost_silently(tmp_path: Path) -> None:
    text = "<clinical_study><overall_status>Dreaming</overall_status><horoscope>x</horoscope></clinical_study>"
    (tmp_path / "odd.xml").write_text(text)
    (kept,) = read_records(tmp_path / "odd.xml").kept
    assert {note.code for note in kept.notes} == {"TW-R908"}
    assert any("horoscope" in note.detail for note in kept.notes)
    assert any("Dreaming" in note.title for note in kept.notes)
    assert kept.record.status == "Dreaming"
