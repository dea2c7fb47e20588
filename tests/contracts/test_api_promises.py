"""Every answer of ``/api/v2`` has the shape that the official OpenAPI document promises, and every example of it is answered."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML
from tests.api_homes import ALIASED, OAS, api_home, fill, get, raws


@cache
def document() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(OAS.read_text("utf-8"))
    return found


def conforms(value: object, name: str) -> None:
    schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    jsonschema.Draft4Validator(schema).validate(value)


def written(value: object, style: str | None) -> str:
    return "|".join(map(str, value)) if isinstance(value, list) else str(value)


def examples() -> Iterator[tuple[str, dict[str, str]]]:
    for path, item in document()["paths"].items():
        yield path.replace("{nctId}", "NCT00000410"), {}
        for parameter in item["get"]["parameters"]:
            for example in parameter.get("examples", {}).values():
                if parameter["in"] == "query":
                    yield path, {parameter["name"]: written(example["value"], parameter.get("style"))}


@pytest.mark.parametrize(("path", "params"), list(examples()))
def test_every_example_of_the_document_is_answered(path: str, params: dict[str, str]) -> None:
    path = path.replace("{nctId}", "NCT00000410")
    assert get(path, params).status_code == 200


def test_each_address_answers_in_its_shape() -> None:
    assert len(examples_of_every_address()) == len(document()["paths"])
    for path, name in examples_of_every_address().items():
        answer = get(path)
        assert answer["content-type"] == "application/json"
        conforms(answer.json(), name)


def examples_of_every_address() -> dict[str, str]:
    return {
        "/studies": "PagedStudies",
        "/studies/NCT00000410": "Study",
        "/studies/metadata": "FieldNodeList",
        "/studies/search-areas": "SearchDocumentList",
        "/studies/enums": "EnumInfoList",
        "/stats/size": "GzipStats",
        "/stats/field/values": "FieldValuesStatsList",
        "/stats/field/sizes": "ListSizesList",
        "/version": "Version",
    }


def test_every_study_conforms_whole_and_cut_down() -> None:
    for params in (
        {},
        {"fields": "NCTId|Condition|LocationCity|StartDate"},
        {"markupFormat": "legacy"},
        {"fields": "ResultsSection"},
    ):
        conforms(get("/studies", {"pageSize": "1000", "countTotal": "true", **params}).json(), "PagedStudies")


def test_field_values_say_their_type_and_each_kind_has_its_members() -> None:
    kinds = {
        "OverallStatus": "EnumStats",
        "LeadSponsorName": "StringStats",
        "StartDate": "DateStats",
        "EnrollmentCount": "IntegerStats",
        "HasResults": "BooleanStats",
    }
    for piece, name in kinds.items():
        (item,) = get("/stats/field/values", {"fields": piece}).json()
        conforms(item, name)
        assert item["piece"] == piece
    statuses = [raw["protocolSection"]["statusModule"]["overallStatus"] for raw in raws().values()]
    (item,) = get("/stats/field/values", {"fields": "OverallStatus", "types": "ENUM,BOOLEAN"}).json()
    assert {one["value"]: one["studiesCount"] for one in item["topValues"]} == {each: statuses.count(each) for each in statuses}
    assert item["missingStudiesCount"] == 0 and item["field"] == "protocolSection.statusModule.overallStatus"
    assert get("/stats/field/values", {"fields": "OverallStatus", "types": "DATE"}).json() == []


def test_field_values_count_every_study_once() -> None:
    phases = [raw["protocolSection"]["designModule"].get("phases", []) for raw in raws().values()]
    (item,) = get("/stats/fieldValues", {"fields": "Phase"}).json()
    assert item["missingStudiesCount"] == sum(not some for some in phases)
    for one in item["topValues"]:
        assert one["studiesCount"] == sum(one["value"] in some for some in phases)
    (sizes,) = get("/stats/field/sizes", {"fields": "Phase"}).json()
    assert {one["size"]: one["studiesCount"] for one in sizes["topSizes"]} == {
        size: sum(len(some) == size for some in phases) for size in {len(some) for some in phases if some}
    }


@pytest.mark.parametrize("address", ["/stats/field/values", "/stats/field/sizes"])
def test_an_unknown_field_of_the_statistics_is_not_found(address: str) -> None:
    answer = get(address, {"fields": "Phase|BadField"})
    assert (answer.status_code, answer.content.decode()) == (404, "Unknown piece name of field path: BadField")


def test_statistics_are_of_the_whole_data_set_only() -> None:
    answer = get("/stats/field/values", {"fields": "Phase", "query.cond": "cancer"})
    assert (answer.status_code, answer.content.decode()) == (400, "Invalid prefix in parameter name: query.cond")
    answer = get("/stats/field/values", {"fields": "Phase", "aggFilters": "phase:3"})
    assert (answer.status_code, answer.content.decode()) == (400, "`aggFilters` is unknown parameter")


def test_sizes_are_those_of_the_filed_texts() -> None:
    sizes = {nct: len(json.dumps(raw, ensure_ascii=False, separators=(",", ":")).encode()) for nct, raw in raws().items()}
    summary = get("/stats/size").json()
    assert summary["totalStudies"] == len(sizes) and summary["averageSizeBytes"] == round(sum(sizes.values()) / len(sizes))
    assert summary["largestStudies"][0]["sizeBytes"] == max(sizes.values())
    assert sum(one["studiesCount"] for one in summary["ranges"]) == len(sizes)


def test_the_statistics_of_a_large_registry_agree_with_those_of_a_small_one(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trialwright.web.api import stats

    home = fill(tmp_path, list(raws().values()))
    fields = "OverallStatus|Phase|HasResults|EnrollmentCount|Condition|LeadSponsorName|NumArmGroups"
    small = get("/stats/field/values", {"fields": fields}, home).json()
    lengths = get("/stats/field/sizes", {"fields": "Condition|Phase|Location"}, home).json()
    monkeypatch.setattr(stats, "SMALL", 5)
    monkeypatch.setattr(stats, "EXACT_UP_TO", 10)
    fill(home, [{**raws()[ALIASED], "unknownMember": "so that the edition is another"}])
    large = get("/stats/field/values", {"fields": fields}, home).json()
    for one, other in zip(small, large, strict=True):
        one.pop("longest", None)
        for values in (one.get("topValues", []), other.get("topValues", [])):
            values.sort(key=lambda each: (-each["studiesCount"], each["value"]))
        if "avg" in one:
            assert other.pop("avg") == pytest.approx(one.pop("avg"))
        assert other == one
    assert get("/stats/field/sizes", {"fields": "Condition|Phase|Location"}, home).json() == lengths
    conforms(get("/stats/field/values", home=home).json(), "FieldValuesStatsList")


def test_the_tree_of_fields_knows_every_piece_that_can_be_asked_for() -> None:
    def names(nodes: list[dict[str, Any]]) -> Iterator[str]:
        for node in nodes:
            yield node["piece"]
            yield from names(node.get("children", []))

    plain, whole = (set(names(get("/studies/metadata", params).json())) for params in ({}, {"includeIndexedOnly": "true"}))
    assert {"NCTId", "LocationGeoPoint", "EligibilityModule"} < plain < whole
    assert get("/studies", {"fields": "|".join(sorted(plain)), "pageSize": "1"}).status_code == 200


def test_the_version_says_how_fresh_the_data_are() -> None:
    assert get("/version").json() == {"apiVersion": "2.0.5", "dataTimestamp": "2026-08-14T09:00:05"}
    assert api_home().exists()
