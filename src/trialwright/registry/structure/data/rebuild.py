"""Rebuild the data files of this folder from their sources. Run by a maintainer; the product never does.

    python -m trialwright.registry.structure.data.rebuild OPENAPI_YAML ENUMS_JSON SEARCH_AREAS_MD

SOURCES.md says where each file comes from. The same input gives the same bytes. The OpenAPI document names the members
of a study but not their piece names; these follow from the rules below, and the build stops where a piece that the
search areas or the enumerations name does not come out of them.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

HERE = Path(__file__).parent
Node = dict[str, Any]

# What stands before the names of the members of a branch to make their piece names; the branch's own name where absent.
PREFIXES: Mapping[str, str] = {
    "identificationModule": "",
    "orgStudyIdInfo": "OrgStudyId",
    "secondaryIdInfos": "SecondaryId",
    "organization": "Org",
    "statusModule": "",
    "sponsorCollaboratorsModule": "",
    "collaborators": "Collaborator",
    "oversightModule": "",
    "descriptionModule": "",
    "conditionsModule": "",
    "designModule": "",
    "expandedAccessTypes": "ExpAccType",
    "designInfo": "Design",
    "maskingInfo": "Design",
    "enrollmentInfo": "Enrollment",
    "armsInterventionsModule": "",
    "armGroups": "ArmGroup",
    "interventions": "Intervention",
    "outcomesModule": "",
    "primaryOutcomes": "PrimaryOutcome",
    "secondaryOutcomes": "SecondaryOutcome",
    "otherOutcomes": "OtherOutcome",
    "eligibilityModule": "",
    "contactsLocationsModule": "",
    "centralContacts": "CentralContact",
    "overallOfficials": "OverallOfficial",
    "locations": "Location",
    "locations.contacts": "LocationContact",
    "referencesModule": "",
    "references": "Reference",
    "retractions": "Retraction",
    "seeAlsoLinks": "SeeAlsoLink",
    "availIpds": "AvailIPD",
    "ipdSharingStatementModule": "IPDSharing",
    "participantFlowModule": "Flow",
    "participantFlowModule.groups": "FlowGroup",
    "periods": "FlowPeriod",
    "milestones": "FlowMilestone",
    "achievements": "FlowAchievement",
    "dropWithdraws": "FlowDropWithdraw",
    "reasons": "FlowReason",
    "baselineCharacteristicsModule": "Baseline",
    "baselineCharacteristicsModule.groups": "BaselineGroup",
    "baselineCharacteristicsModule.denoms": "BaselineDenom",
    "baselineCharacteristicsModule.denoms.counts": "BaselineDenomCount",
    "measures": "BaselineMeasure",
    "measures.denoms": "BaselineMeasureDenom",
    "measures.denoms.counts": "BaselineMeasureDenomCount",
    "measures.classes": "BaselineClass",
    "measures.classes.denoms": "BaselineClassDenom",
    "measures.classes.denoms.counts": "BaselineClassDenomCount",
    "measures.classes.categories": "BaselineCategory",
    "measures.classes.categories.measurements": "BaselineMeasurement",
    "outcomeMeasuresModule": "",
    "outcomeMeasures": "OutcomeMeasure",
    "outcomeMeasures.groups": "OutcomeGroup",
    "outcomeMeasures.denoms": "OutcomeDenom",
    "outcomeMeasures.denoms.counts": "OutcomeDenomCount",
    "outcomeMeasures.classes": "OutcomeClass",
    "outcomeMeasures.classes.denoms": "OutcomeClassDenom",
    "outcomeMeasures.classes.denoms.counts": "OutcomeClassDenomCount",
    "outcomeMeasures.classes.categories": "OutcomeCategory",
    "outcomeMeasures.classes.categories.measurements": "OutcomeMeasurement",
    "analyses": "OutcomeAnalysis",
    "adverseEventsModule": "Events",
    "eventGroups": "EventGroup",
    "seriousEvents": "SeriousEvent",
    "seriousEvents.stats": "SeriousEventStats",
    "otherEvents": "OtherEvent",
    "otherEvents.stats": "OtherEventStats",
    "moreInfoModule": "",
    "certainAgreement": "Agreement",
    "annotationModule": "",
    "unpostedAnnotation": "",
    "unpostedEvents": "UnpostedEvent",
    "violationAnnotation": "",
    "violationEvents": "ViolationEvent",
    "largeDocumentModule": "LargeDoc",
    "largeDocs": "LargeDoc",
    "miscInfoModule": "",
    "submissionTracking": "",
    "firstMcpInfo": "FirstMCP",
    "firstMcpInfo.postDateStruct": "FirstMCPPostDate",
    "submissionInfos": "Submission",
    "conditionBrowseModule": "Condition",
    "conditionBrowseModule.meshes": "ConditionMesh",
    "conditionBrowseModule.ancestors": "ConditionAncestor",
    "conditionBrowseModule.browseLeaves": "ConditionBrowseLeaf",
    "conditionBrowseModule.browseBranches": "ConditionBrowseBranch",
    "interventionBrowseModule": "Intervention",
    "interventionBrowseModule.meshes": "InterventionMesh",
    "interventionBrowseModule.ancestors": "InterventionAncestor",
    "interventionBrowseModule.browseLeaves": "InterventionBrowseLeaf",
    "interventionBrowseModule.browseBranches": "InterventionBrowseBranch",
}

# Members whose piece is not prefix + name: an identifier is named as its list, a list by one of its items.
PIECES: Mapping[str, str] = {
    "orgStudyIdInfo.id": "OrgStudyId",
    "secondaryIdInfos.id": "SecondaryId",
    "nctIdAliases": "NCTIdAlias",
    "expandedAccessInfo.hasExpandedAccess": "HasExpandedAccess",
    "expandedAccessInfo.nctId": "ExpandedAccessNCTId",
    "expandedAccessInfo.statusForNctId": "ExpandedAccessStatusForNCTId",
    "conditionsModule.conditions": "Condition",
    "keywords": "Keyword",
    "phases": "Phase",
    "armGroups.interventionNames": "ArmGroupInterventionName",
    "interventions.armGroupLabels": "InterventionArmGroupLabel",
    "interventions.otherNames": "InterventionOtherName",
    "whoMasked": "DesignWhoMasked",
    "stdAges": "StdAge",
    "ipdSharing": "IPDSharing",
    "infoTypes": "IPDSharingInfoType",
    "analyses.groupIds": "OutcomeAnalysisGroupId",
    "removedCountries": "RemovedCountry",
    "unpostedResponsibleParty": "UnpostedResponsibleParty",
    "nPtrsToThisExpAccNctId": "NPtrsToThisExpAccNCTId",
    "maskingInfo": "MaskingInfo",
    "designInfo.maskingInfo": "DesignMaskingInfo",
}

# Spellings inside a piece name that differ from the member's own.
SPELLINGS = (
    (r"NctId", "NCTId"),
    (r"Qc(?=Date)", "QC"),
    (r"Dmc$", "DMC"),
    (r"^IsFda", "IsFDA"),
    (r"^IsPpsd", "IsPPSD"),
    (r"^IsUs", "IsUS"),
    (r"^Fdaaa", "FDAAA"),
    (r"Pmid$", "PMID"),
    (r"Url$", "URL"),
    (r"Email$", "EMail"),
    (r"AnalysisCi", "AnalysisCI"),
    (r"AgreementPi", "AgreementPI"),
    (r"Sap$", "SAP"),
    (r"Icf$", "ICF"),
    (r"AvailIpd", "AvailIPD"),
    (r"Ipd", "IPD"),
    (r"SubmissionMcp", "SubmissionMCP"),
    (r"FirstMcp", "FirstMCP"),
)

# A branch that is a list is named by one of its items.
PLURALS = (
    (r"analyses$", "analysis"),
    (r"classes$", "class"),
    (r"categories$", "category"),
    (r"leaves$", "leaf"),
    (r"Leaves$", "Leaf"),
    (r"branches$", "branch"),
    (r"Branches$", "Branch"),
    (r"meshes$", "mesh"),
    (r"Stats$", "Stats"),
    (r"stats$", "stats"),
    (r"s$", ""),
)

# Branches whose piece is their prefix or another name of their own.
BRANCHES: Mapping[str, str] = {
    "secondaryIdInfos": "SecondaryIdInfo",
    "organization": "Organization",
    "ipdSharingStatementModule": "IPDSharingStatementModule",
    "locations.contacts": "LocationContact",
    "submissionInfos": "SubmissionInfo",
    "firstMcpInfo": "FirstMCPInfo",
    "firstMcpInfo.postDateStruct": "FirstMCPPostDateStruct",
    "locations.geoPoint": "LocationGeoPoint",
}

# Text that carries the light markup, from the search areas, the study data structure and the prose fields of results.
MARKUP = re.compile(
    r"(?:BriefSummary|DetailedDescription|WhyStopped|EligibilityCriteria|StudyPopulation|GenderDescription|\w*Description"
    r"|IPDSharingTimeFrame|IPDSharingAccessCriteria|FlowPreAssignmentDetails|FlowRecruitmentDetails|AgreementOtherDetails"
    r"|SeeAlsoLinkLabel|EventsAllCauseMortalityComment|OutcomeAnalysis\w*Comment|AvailIPDComment)"
)
HISTORIC = frozenset({"FlowReasonNumUnits"})  # in the schema by a shared type; the registry says no study has it
COUNTED = {"armGroups": "NumArmGroups"}  # lists whose length is a piece of its own, searched and sorted but not returned


def spelt(name: str) -> str:
    """Capitalise a member's name as piece names are."""
    text = name[:1].upper() + name[1:]
    for pattern, replacement in SPELLINGS:
        text = re.sub(pattern, replacement, text)
    return text


def singular(name: str) -> str:
    """Name one item of a list."""
    for pattern, replacement in PLURALS:
        if re.search(pattern, name):
            return re.sub(pattern, replacement, name)
    return name


def looked_up(table: Mapping[str, str], path: tuple[str, ...]) -> str | None:
    """The entry of the longest tail of a path."""
    for start in range(len(path)):
        if (found := table.get(".".join(path[start:]))) is not None:
            return found
    return None


def prefix_of(path: tuple[str, ...]) -> str:
    """What stands before the piece names of a branch's members."""
    if not path or path[-1].endswith("Section"):
        return ""
    if (found := looked_up(PREFIXES, path)) is not None:
        return found
    name = spelt(path[-1])
    return re.sub(r"(?:Struct|Info)$", "", name)


def piece_of(path: tuple[str, ...], branch: bool, repeated: bool) -> str:
    """The piece name of a member."""
    name, parent = path[-1], path[:-1]
    if branch:
        if (found := looked_up(BRANCHES, path)) is not None:
            return found
        if repeated:
            return spelt(looked_up(PREFIXES, path) or singular(name))
        return spelt(looked_up(PIECES, path) or name)
    if (found := looked_up(PIECES, path)) is not None:
        return found
    if name == "date" and parent[-1].endswith("DateStruct"):
        return spelt(prefix_of(parent))
    return spelt(prefix_of(parent) + spelt(name))


TYPES = {
    "nct": "nct",
    "PartialDate": "PartialDate",
    "GeoName": "GeoName",
    "DateTimeMinutes": "DateTimeMinutes",
    "GeoPoint": "GeoPoint",
}
SOURCES = {
    "nct": "NCT",
    "PartialDate": "PARTIAL_DATE",
    "NormalizedDate": "DATE",
    "DateTimeMinutes": "DATE",
    "NormalizedTime": "TIME",
    "GeoPoint": "GEO",
    "boolean": "BOOLEAN",
    "integer": "NUMERIC",
    "number": "NUMERIC",
    "markup": "MARKUP",
}


def type_of(schema: Mapping[str, Any], reference: str, piece: str) -> str:
    """The type of a leaf as the registry's metadata writes it."""
    if reference:
        return TYPES.get(reference, reference)
    if schema.get("format") == "date":
        return "NormalizedDate"
    if "Years" in schema.get("pattern", ""):
        return "NormalizedTime"
    if schema["type"] == "string":
        return "markup" if MARKUP.fullmatch(piece) else "text"
    return str(schema["type"])


def read_node(schemas: Mapping[str, Any], name: str, schema: Mapping[str, Any], parent: tuple[str, ...]) -> Node:
    """One node of the tree, with its members."""
    repeated = schema.get("type") == "array"
    schema = schema["items"] if repeated else schema
    reference = schema.get("$ref", "").rpartition("/")[2]
    target = schemas[reference] if reference else schema
    path = (*parent, name)
    branch = "properties" in target and reference != "GeoPoint"
    node: Node = {"name": name, "piece": piece_of(path, "properties" in target, repeated)}
    if branch:
        node["type"] = reference
        node["children"] = [read_node(schemas, key, value, path) for key, value in target["properties"].items()]
        node["children"] += [
            {"name": "num" + spelt(key), "piece": COUNTED[key], "type": "integer", "indexedOnly": True}
            for key in target["properties"]
            if key in COUNTED
        ]
    else:
        node["type"] = type_of(schema, reference, node["piece"])
        if "enum" in target:
            node["isEnum"] = True
        node["historicOnly"] = node["piece"] in HISTORIC
        node["sourceType"] = SOURCES.get(node["type"], "TEXT")
    node["repeated"] = repeated
    node["nested"] = name == "locations"
    return {key: value for key, value in node.items() if value not in (False, "TEXT")}


def leaves(nodes: list[Node]) -> Iterator[Node]:
    """Every leaf of a tree."""
    for node in nodes:
        yield from leaves(node["children"]) if "children" in node else (node,)


AREA = re.compile(r"^(\w+) area$", re.MULTILINE)
PARTS = re.compile(r"((?:^[A-Z]\w+\n)+)(\d(?:\.\d+)?)\s((?:text|markup|nct|GeoName|enum \w+))\s*?(✓)?\s*?$", re.MULTILINE)
LABEL = re.compile(r'query entered in "([^"]+)" input field')
PARAM = re.compile(r"Request parameter: (query\.\w+)\.")


def read_areas(text: str) -> list[Node]:
    """The search areas of the registry's page: name, label, parameter, parts."""
    starts = list(AREA.finditer(text))
    areas = []
    for start, end in zip(starts, [*(s.start() for s in starts[1:]), len(text)], strict=True):
        body = text[start.end() : end]
        label, param = LABEL.search(body), PARAM.search(body)
        parts = []
        for names, weight, kind, synonyms in PARTS.findall(body):
            parts.append(
                {
                    "pieces": names.split(),
                    "type": kind.removeprefix("enum "),
                    "isEnum": kind.startswith("enum "),
                    "isSynonyms": bool(synonyms),
                    "weight": float(weight),
                }
            )
        area: Node = {"name": start[1], "parts": parts}
        if label:
            area["uiLabel"] = label[1]
        if param:
            area["param"] = param[1].removeprefix("query.")
        declared = re.search(r"contains (\d+) data fields", body)
        assert declared and sum(len(part["pieces"]) for part in parts) == int(declared[1]), start[1]
        areas.append(area)
    return areas


def main(openapi: str, enums: str, areas_page: str) -> None:
    """Write fields.json, areas.json and enums.json."""
    schemas = YAML(typ="safe", pure=True).load(Path(openapi).read_text(encoding="utf-8"))["components"]["schemas"]
    fields = [read_node(schemas, name, schema, ()) for name, schema in schemas["Study"]["properties"].items()]
    areas = read_areas(Path(areas_page).read_text(encoding="utf-8"))
    listed = json.loads(Path(enums).read_text(encoding="utf-8"))
    marked = [(name, part["isSynonyms"]) for area in areas for part in area["parts"] for name in part["pieces"]]
    synonymous = {name for name, marks in marked if marks} - {name for name, marks in marked if not marks}
    known: dict[str, Node] = {}
    for leaf in leaves(fields):
        assert leaf["piece"] not in known, leaf["piece"]
        known[leaf["piece"]] = leaf
        if leaf["piece"] in synonymous and "isEnum" not in leaf:
            leaf["synonyms"] = True
    missing = {name for area in areas for part in area["parts"] for name in part["pieces"]} - known.keys()
    assert not missing, missing
    for enum in listed:
        assert all(known[name]["type"] == enum["type"] for name in enum["pieces"]), enum["type"]
    for name, content in (("fields", fields), ("areas", areas), ("enums", listed)):
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        (HERE / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
