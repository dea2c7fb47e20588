"""The study structure: 454 fields, each piece in its place, and what the interface's metadata endpoints show of them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trialwright.registry.structure import (
    PieceType,
    area_of_parameter,
    areas,
    enum_infos,
    enum_type,
    enums,
    field_nodes,
    pieces_of,
    search_documents,
    structure,
)
from trialwright.registry.structure import data as structure_data

RECORDS = sorted((Path(__file__).parents[1] / "fixtures" / "registry" / "v2").glob("*.json"))
CORPUS = os.environ.get("TRIALWRIGHT_CORPUS", "")
NOT_IN_THE_DOCUMENT = ("derivedSection.miscInfoModule.modelPredictions",)  # withdrawn before version 2.0.5

FIELD_NODE = {
    "altPieceNames",
    "children",
    "dedLink",
    "description",
    "historicOnly",
    "indexedOnly",
    "isEnum",
    "maxChars",
    "name",
    "nested",
    "piece",
    "rules",
    "sourceType",
    "synonyms",
    "title",
    "type",
}


def flat(nodes: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    for node in nodes:
        yield node
        children = node.get("children", [])
        assert isinstance(children, list)
        yield from flat(children)


def paths(node: object, path: tuple[str, ...] = ()) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from paths(item, path)
    elif isinstance(node, dict):
        for key, value in node.items():
            yield ".".join((*path, key))
            yield from paths(value, (*path, key))


def unknown_paths(record: object) -> set[str]:
    known = structure().paths
    found = {path for path in paths(record) if path not in known and not path.endswith((".geoPoint.lat", ".geoPoint.lon"))}
    return {path for path in found if not path.startswith(NOT_IN_THE_DOCUMENT)}


def test_the_tree_has_the_454_fields_that_the_registry_shows() -> None:
    assert len(list(flat(field_nodes()))) == 454
    assert len(list(flat(field_nodes(indexed_only=True)))) == 455
    assert len(list(flat(field_nodes(indexed_only=True, historic_only=True)))) == 456


def test_piece_names_and_paths_are_each_used_once() -> None:
    known = structure()
    assert len(known.nodes) == len(known.paths) == 456
    assert len(known.pieces) == 344
    assert all(known.node(node.piece) is known.node(".".join(node.path)) is node for node in known.nodes.values())


@pytest.mark.parametrize(
    ("piece", "path", "kind", "repeated"),
    [
        ("NCTId", "protocolSection.identificationModule.nctId", PieceType.NCT, False),
        ("NCTIdAlias", "protocolSection.identificationModule.nctIdAliases", PieceType.NCT, True),
        ("OrgStudyId", "protocolSection.identificationModule.orgStudyIdInfo.id", PieceType.TEXT, False),
        ("OrgStudyIdType", "protocolSection.identificationModule.orgStudyIdInfo.type", PieceType.ENUM, False),
        ("OrgFullName", "protocolSection.identificationModule.organization.fullName", PieceType.TEXT, False),
        ("StartDate", "protocolSection.statusModule.startDateStruct.date", PieceType.PARTIAL_DATE, False),
        ("StudyFirstSubmitQCDate", "protocolSection.statusModule.studyFirstSubmitQcDate", PieceType.DATE, False),
        ("WhyStopped", "protocolSection.statusModule.whyStopped", PieceType.MARKUP, False),
        ("OversightHasDMC", "protocolSection.oversightModule.oversightHasDmc", PieceType.BOOLEAN, False),
        ("Condition", "protocolSection.conditionsModule.conditions", PieceType.TEXT, True),
        ("EnrollmentCount", "protocolSection.designModule.enrollmentInfo.count", PieceType.INTEGER, False),
        ("DesignMasking", "protocolSection.designModule.designInfo.maskingInfo.masking", PieceType.ENUM, False),
        ("ExpAccTypeTreatment", "protocolSection.designModule.expandedAccessTypes.treatment", PieceType.BOOLEAN, False),
        ("MinimumAge", "protocolSection.eligibilityModule.minimumAge", PieceType.AGE, False),
        ("LocationGeoPoint", "protocolSection.contactsLocationsModule.locations.geoPoint", PieceType.GEO_POINT, True),
        ("LocationContactEMail", "protocolSection.contactsLocationsModule.locations.contacts.email", PieceType.TEXT, True),
        ("AvailIPDURL", "protocolSection.referencesModule.availIpds.url", PieceType.TEXT, True),
        ("IPDSharingInfoType", "protocolSection.ipdSharingStatementModule.infoTypes", PieceType.ENUM, True),
        (
            "EventGroupDeathsNumAffected",
            "resultsSection.adverseEventsModule.eventGroups.deathsNumAffected",
            PieceType.INTEGER,
            True,
        ),
        (
            "OutcomeAnalysisCILowerLimit",
            "resultsSection.outcomeMeasuresModule.outcomeMeasures.analyses.ciLowerLimit",
            PieceType.TEXT,
            True,
        ),
        (
            "BaselineClassDenomCountValue",
            "resultsSection.baselineCharacteristicsModule.measures.classes.denoms.counts.value",
            PieceType.TEXT,
            True,
        ),
        (
            "AgreementPISponsorEmployee",
            "resultsSection.moreInfoModule.certainAgreement.piSponsorEmployee",
            PieceType.BOOLEAN,
            False,
        ),
        ("LargeDocLabel", "documentSection.largeDocumentModule.largeDocs.label", PieceType.TEXT, True),
        ("VersionHolder", "derivedSection.miscInfoModule.versionHolder", PieceType.DATE, False),
        ("ConditionAncestorTerm", "derivedSection.conditionBrowseModule.ancestors.term", PieceType.TEXT, True),
        ("HasResults", "hasResults", PieceType.BOOLEAN, False),
    ],
)
def test_a_piece_stands_where_the_registry_puts_it(piece: str, path: str, kind: PieceType, repeated: bool) -> None:
    found = structure().pieces[piece]
    assert (found.dotted, found.type, found.repeated) == (path, kind, repeated)


def test_every_path_of_the_real_records_is_known() -> None:
    assert len(RECORDS) >= 50
    for record in RECORDS:
        assert not unknown_paths(json.loads(record.read_text(encoding="utf-8"))), record.name


@pytest.mark.long
@pytest.mark.skipif(not CORPUS, reason="TRIALWRIGHT_CORPUS names no folder of registry records")
def test_every_path_of_the_corpus_is_known() -> None:
    lines = (Path(CORPUS) / "studies_v2.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 333
    assert not set().union(*(unknown_paths(json.loads(line)) for line in lines))


@pytest.mark.long
@pytest.mark.skipif(not CORPUS, reason="TRIALWRIGHT_CORPUS names no folder of registry records")
def test_the_data_files_come_out_of_their_sources_byte_by_byte() -> None:
    folder = Path(structure_data.__file__).parent
    digests = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.json")}
    spec = Path(CORPUS) / "spec"
    sources = [spec / "ctg-oas-v2.0.5.yaml", spec / "live" / "studies_enums.json", spec / "pancrepal_search_area.md"]
    subprocess.run([sys.executable, "-m", "trialwright.registry.structure.data.rebuild", *map(str, sources)], check=True)
    assert digests == {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.json")}


def test_metadata_have_the_shape_of_the_interfaces_document() -> None:
    nodes = list(flat(field_nodes(indexed_only=True, historic_only=True)))
    assert all({"name", "piece", "sourceType", "type"} <= node.keys() <= FIELD_NODE for node in nodes)
    by_piece = {str(node["piece"]): node for node in nodes}
    assert by_piece["NCTIdAlias"]["type"] == "nct[]"
    assert by_piece["Location"] == by_piece["Location"] | {"type": "Location[]", "sourceType": "STRUCT", "nested": True}
    assert by_piece["OverallStatus"] == {
        "name": "overallStatus",
        "piece": "OverallStatus",
        "title": "Overall Status",
        "sourceType": "TEXT",
        "type": "Status",
        "isEnum": True,
    }
    assert by_piece["NumArmGroups"]["indexedOnly"] and by_piece["FlowReasonNumUnits"]["historicOnly"]
    assert by_piece["BriefTitle"]["synonyms"] is True and "synonyms" not in by_piece["LocationCity"]


def test_there_are_19_search_areas_with_the_pages_weights() -> None:
    assert len(areas()) == 19
    assert {name: len(area.weights) for name, area in areas().items()} | {"BasicSearch": 57, "PatientSearch": 47} == {
        "BasicSearch": 57,
        "ConditionSearch": 7,
        "InterventionSearch": 12,
        "InterventionNameSearch": 2,
        "ObsoleteConditionSearch": 4,
        "ExternalIdsSearch": 2,
        "ExternalIdTypesSearch": 2,
        "EligibilitySearch": 2,
        "OutcomeSearch": 9,
        "OutcomeNameSearch": 4,
        "TitleSearch": 3,
        "LocationSearch": 5,
        "ContactSearch": 4,
        "NCTIdSearch": 2,
        "IdSearch": 5,
        "SponsorSearch": 3,
        "FunderTypeSearch": 2,
        "ResponsiblePartySearch": 5,
        "PatientSearch": 47,
    }
    assert areas()["ConditionSearch"].weights == {
        "Condition": 0.95,
        "BriefTitle": 0.6,
        "OfficialTitle": 0.55,
        "ConditionMeshTerm": 0.5,
        "ConditionAncestorTerm": 0.4,
        "Keyword": 0.3,
        "NCTId": 0.2,
    }


def test_each_area_names_pieces_of_its_own_types() -> None:
    for area in areas().values():
        for part in area.parts:
            for name in part.pieces:
                if name != "OverallOfficialRole":  # an enumeration that the registry's page lists among texts
                    assert structure().pieces[name].enum == part.enum, name
                    assert structure().nodes[name].type == part.type, name


@pytest.mark.parametrize(
    ("param", "area"),
    [
        ("cond", "ConditionSearch"),
        ("term", "BasicSearch"),
        ("locn", "LocationSearch"),
        ("titles", "TitleSearch"),
        ("intr", "InterventionSearch"),
        ("outc", "OutcomeSearch"),
        ("spons", "SponsorSearch"),
        ("lead", "LeadSponsorName"),
        ("id", "IdSearch"),
        ("patient", "PatientSearch"),
        ("badfield", None),
    ],
)
def test_a_query_parameter_searches_its_area(param: str, area: str | None) -> None:
    assert area_of_parameter(param) == area


def test_a_name_stands_for_pieces_whether_area_branch_or_path() -> None:
    assert pieces_of("SponsorSearch") == ("LeadSponsorName", "CollaboratorName", "OrgFullName")
    assert pieces_of("EnrollmentInfo") == ("EnrollmentCount", "EnrollmentType")
    assert pieces_of("protocolSection.designModule.enrollmentInfo.count") == ("EnrollmentCount",)
    assert pieces_of("Nothing") is None


def test_the_search_areas_are_shown_as_the_interface_does() -> None:
    (document,) = search_documents()
    assert document["name"] == "Study"
    shown = document["areas"]
    assert isinstance(shown, list)
    assert shown[1] == shown[1] | {"name": "ConditionSearch", "uiLabel": "Conditions or disease", "param": "cond"}
    assert shown[1]["parts"][0] == {"pieces": ["Condition"], "type": "text", "isEnum": False, "isSynonyms": True, "weight": 0.95}


def test_there_are_41_enumerations_and_each_governs_its_pieces() -> None:
    assert len(enums()) == 41
    governed = {piece: enum.type for enum in enums() for piece in enum.pieces}
    assert governed == {piece.name: piece.enum for piece in structure().pieces.values() if piece.enum}


def test_an_enumeration_is_shown_with_its_exceptions() -> None:
    shown = {str(each["type"]): each for each in enum_infos()}
    assert shown["Phase"] == {
        "type": "Phase",
        "pieces": ["Phase"],
        "values": [
            {"value": "NA", "legacyValue": "Not Applicable"},
            {"value": "EARLY_PHASE1", "legacyValue": "Early Phase 1"},
            {"value": "PHASE1", "legacyValue": "Phase 1"},
            {"value": "PHASE2", "legacyValue": "Phase 2"},
            {"value": "PHASE3", "legacyValue": "Phase 3"},
            {"value": "PHASE4", "legacyValue": "Phase 4"},
        ],
    }
    kinds = shown["EnrollmentType"]["values"]
    assert isinstance(kinds, list)
    assert any(each.get("exceptions") == {"EnrollmentType": "Anticipated"} for each in kinds)


@pytest.mark.parametrize(
    ("enum", "words", "value"),
    [
        ("Status", "Recruiting", "RECRUITING"),
        ("Status", "active not recruiting", "ACTIVE_NOT_RECRUITING"),
        ("Phase", "phase2", "PHASE2"),
        ("Phase", "N/A", "NA"),
        ("DesignAllocation", "N/A", "NA"),
        ("DateType", "anticipated", "ESTIMATED"),
        ("Sex", "women", None),
        ("SecondaryIdType", "EudraCT Number", "EUDRACT_NUMBER"),
    ],
)
def test_a_value_is_known_by_either_spelling(enum: str, words: str, value: str | None) -> None:
    assert enum_type(enum).value_of(words) == value
