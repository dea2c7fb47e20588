"""``/api/v2/studies`` and one study, as programs that were written for ClinicalTrials.gov know them."""

import csv
import gzip
import io
import json
import shutil
import zipfile
from pathlib import Path

import pytest
from tests.api_homes import ALIAS, ALIASED, NOWHERE, UNNUMBERED, api_home, fill, found, get, raws, refused, unnumbered
from tests.web_homes import build_home

from trialwright.exchange.ctgov import read_records

STATUS = "protocolSection", "statusModule", "overallStatus"


def value(raw: object, *path: str) -> object:
    for key in path:
        raw = raw.get(key) if isinstance(raw, dict) else None
    return raw


def test_a_page_holds_ten_studies_each_on_its_own_line_and_whole() -> None:
    answer = get("/studies", {"countTotal": "true"})
    page = answer.json()
    assert list(page) == ["totalCount", "studies", "nextPageToken"]
    assert page["totalCount"] == len(raws()) and len(page["studies"]) == 10
    assert len(answer.content.split(b"\n")) == 12
    for study in page["studies"]:
        assert study == raws()[study["protocolSection"]["identificationModule"]["nctId"]]


@pytest.mark.parametrize(("size", "given"), [("0", 10), ("3", 3), ("1000", 59), ("5000", 59), ("99999999999", 59)])
def test_page_size_is_ten_by_default_and_never_above_a_thousand(size: str, given: int) -> None:
    assert len(get("/studies", {"pageSize": size, "fields": "NCTId"}).json()["studies"]) == given


def test_pages_part_the_result_and_the_last_one_has_no_token() -> None:
    seen: list[str] = []
    params = {"pageSize": "7", "fields": "NCTId", "sort": "LastUpdatePostDate", "countTotal": "true"}
    pages = 0
    while True:
        page = get("/studies", params).json()
        assert ("totalCount" in page) is (pages == 0)
        seen += [one["protocolSection"]["identificationModule"]["nctId"] for one in page["studies"]]
        pages += 1
        if "nextPageToken" not in page:
            break
        params["pageToken"] = page["nextPageToken"]
    assert pages == 9 and sorted(seen) == sorted(raws())


def test_a_full_last_page_has_no_token_either() -> None:
    page = get("/studies", {"pageSize": "59", "fields": "NCTId"}).json()
    assert len(page["studies"]) == 59 and "nextPageToken" not in page


def test_a_token_with_another_query_goes_on_at_its_old_place_in_the_new_one() -> None:
    token = get("/studies", {"pageSize": "5"}).json()["nextPageToken"]
    other = get("/studies", {"pageSize": "5", "filter.overallStatus": "COMPLETED", "pageToken": token})
    assert other.status_code == 200


def test_queries_and_filters_must_all_hold() -> None:
    completed = found({"filter.overallStatus": "COMPLETED"})
    assert set(completed) == {nct for nct, raw in raws().items() if value(raw, *STATUS) == "COMPLETED"}
    both = found({"filter.overallStatus": "COMPLETED", "postFilter.advanced": "AREA[Phase]PHASE2"})
    assert set(both) == {
        nct for nct in completed if "PHASE2" in (value(raws()[nct], "protocolSection", "designModule", "phases") or [])
    }
    assert set(found({"query.cond": "cancer", "aggFilters": "status:com"})) < set(completed)


@pytest.mark.parametrize("parting", [",", "|", ", "])
def test_lists_are_parted_by_commas_or_bars(parting: str) -> None:
    two = found({"filter.overallStatus": parting.join(("COMPLETED", "RECRUITING"))})
    assert set(two) == set(found({"filter.overallStatus": "COMPLETED"})) | set(found({"filter.overallStatus": "RECRUITING"}))


def test_a_query_of_nct_numbers_alone_leaves_the_filters_out() -> None:
    some = sorted(raws())[:3]
    text = f"{some[0]}, {some[1].lower()} {some[2]}"
    assert sorted(found({"query.term": text, "filter.advanced": "AREA[Phase]MISSING AND NOT AREA[Phase]MISSING"})) == some
    assert found({"query.id": NOWHERE}) == []


def test_numbers_are_found_by_filter_in_any_spelling_and_by_alias() -> None:
    assert found({"filter.ids": "nct0410"}) == [ALIASED]
    assert found({"filter.ids": f"{ALIAS}|{NOWHERE}"}) == [ALIASED]


def test_a_study_without_a_number_is_never_shown() -> None:
    assert found({"query.term": "own study, not registered yet"}) == []
    assert found({"query.id": UNNUMBERED}) == []
    assert get(f"/studies/{UNNUMBERED}").status_code == 400


@pytest.mark.parametrize(
    ("filters", "piece", "values"),
    [
        ("phase:2 3", ("protocolSection", "designModule", "phases"), {"PHASE2", "PHASE3"}),
        ("phase:NA", ("protocolSection", "designModule", "phases"), {"NA"}),
        ("status:not rec", STATUS, {"NOT_YET_RECRUITING", "RECRUITING"}),
        ("ages:child", ("protocolSection", "eligibilityModule", "stdAges"), {"CHILD"}),
        ("studyType:obs", ("protocolSection", "designModule", "studyType"), {"OBSERVATIONAL"}),
        ("sex:f", ("protocolSection", "eligibilityModule", "sex"), {"FEMALE"}),
    ],
)
def test_check_boxes_filter_by_their_options(filters: str, piece: tuple[str, ...], values: set[str]) -> None:
    def holds(raw: object) -> bool:
        there = value(raw, *piece)
        return bool(values & set(there if isinstance(there, list) else [there]))

    expected = {nct for nct, raw in raws().items() if holds(raw)}
    assert expected and set(found({"aggFilters": filters})) == expected


def test_check_boxes_all_hold_and_unknown_options_find_nothing() -> None:
    assert set(found({"aggFilters": "results:with,status:com"})) == {
        nct for nct, raw in raws().items() if raw.get("hasResults") and value(raw, *STATUS) == "COMPLETED"
    }
    assert found({"aggFilters": "phase:PHASE3"}) == found({"aggFilters": "phase:na"}) == []
    assert refused({"aggFilters": "colour:red"}) == "Unknown aggregation filter: 'colour'"


def test_sites_within_a_circle() -> None:
    near = found({"filter.geo": "distance(39.0035707,-77.1013313,50mi)"})
    far = found({"filter.geo": "distance(39.0035707,-77.1013313,500mi)"})
    assert set(near) < set(far)
    assert set(near) == set(found({"postFilter.geo": "distance(39.0035707,-77.1013313,80.4672km)"}))
    assert set(near) == set(found({"filter.advanced": "AREA[LocationGeoPoint]DISTANCE[39.0035707, -77.1013313, 50mi]"}))
    assert set(near) == set(
        found({"filter.geo": "distance(39.0035707,-77.1013313,50mi)", "postFilter.geo": "distance(39.0035707,-77.1013313,500mi)"})
    )


def test_order_by_date_number_and_relevance() -> None:
    dates = [
        value(raws()[nct], "protocolSection", "statusModule", "lastUpdatePostDateStruct", "date")
        for nct in found({"sort": "LastUpdatePostDate"})
    ]
    assert dates == sorted(dates, key=str, reverse=True)
    counts = [
        value(raws()[nct], "protocolSection", "designModule", "enrollmentInfo", "count")
        for nct in found({"sort": "EnrollmentCount"})
    ]
    stated = [count for count in counts if count is not None]
    assert stated == sorted(stated, key=lambda one: int(str(one))) and counts == stated + [None] * (len(counts) - len(stated))
    assert found({"sort": "EnrollmentCount:desc,StartDate"}) != found({"sort": "EnrollmentCount"})
    assert found({"query.cond": "asthma", "sort": "@relevance"})


def test_fields_keep_the_nesting_and_take_pieces_paths_branches_and_areas() -> None:
    def one(fields: str) -> object:
        return get(f"/studies/{ALIASED}", {"fields": fields}).json()

    section = raws()[ALIASED]["protocolSection"]
    assert one("NCTId|HasResults") == {
        "protocolSection": {"identificationModule": {"nctId": ALIASED}},
        "hasResults": raws()[ALIASED]["hasResults"],
    }
    assert one("protocolSection.identificationModule.nctId") == one("NCTId")
    assert one("EligibilityModule") == {"protocolSection": {"eligibilityModule": section["eligibilityModule"]}}
    assert value(one("ConditionSearch"), "protocolSection", "conditionsModule") == section["conditionsModule"]
    page = get("/studies", {"query.cond": "disc", "fields": "@query", "pageSize": "1"}).json()["studies"][0]
    assert "conditionsModule" in page["protocolSection"] and "eligibilityModule" not in page["protocolSection"]


def test_legacy_markup_has_no_escapes_and_the_line_ends_of_old() -> None:
    nct = next(
        nct
        for nct, raw in raws().items()
        if "\\>" in str(value(raw, "protocolSection", "eligibilityModule", "eligibilityCriteria"))
    )
    module = get(f"/studies/{nct}", {"markupFormat": "legacy", "fields": "EligibilityModule"}).json()["protocolSection"][
        "eligibilityModule"
    ]
    text = module["eligibilityCriteria"]
    assert "\\>" not in text and ">" in text and "\r\n" in text
    page = get("/studies", {"filter.ids": nct, "markupFormat": "legacy"}).json()["studies"][0]
    assert page["protocolSection"]["eligibilityModule"] == module


REFUSALS = [
    ({"query.badfield": "x"}, "`query.badfield` is unknown parameter"),
    ({"bogusParam": "x"}, "`bogusParam` is unknown parameter"),
    ({"filter.phase": "PHASE3"}, "`filter.phase` is unknown parameter"),
    ({"filter.advanced": "AREA[X]y"}, "Error parsing query in advanced filter: Unknown area name: 'X'"),
    ({"sort": "BriefTitle"}, "Unsupported sort field type: text"),
    ({"fields": "StudyDesign"}, "Parameter 'fields' contains invalid field name: 'StudyDesign'"),
    ({"format": "csv", "fields": "NCTId"}, "Parameter 'fields' contains invalid CSV column name: 'NCTId'"),
]


@pytest.mark.parametrize(("params", "words"), REFUSALS)
def test_refusals_are_plain_text_in_the_words_that_are_known(params: dict[str, str], words: str) -> None:
    assert refused(params) == words


@pytest.mark.parametrize(
    "params",
    [
        {"query.term": "(a OR b"},
        {"query.cond": "AREA[Phase"},
        {"filter.overallStatus": "RECRUITNG"},
        {"filter.ids": "NCT00000000"},
        {"filter.geo": "distance(1,2)"},
        {"filter.geo": "distance(91,2,50mi)"},
        {"filter.geo": "distance(1,2,501mi)"},
        {"geoDecay": "func:cubic,scale:1km,offset:0km,decay:0.5"},
        {"filter.synonyms": "nothing"},
        {"sort": "StartDate,EnrollmentCount,@relevance"},
        {"sort": "Nothing:desc"},
        {"pageSize": "-1"},
        {"pageSize": "ten"},
        {"pageToken": "abracadabra"},
        {"countTotal": "perhaps"},
        {"format": "xml"},
        {"markupFormat": "html"},
        {"fields": ""},
        {"aggFilters": "phase"},
    ],
)
def test_what_cannot_be_followed_is_refused_with_a_reason(params: dict[str, str]) -> None:
    words = refused(params)
    assert words and "Traceback" not in words


def test_an_expression_error_says_where_and_what_may_have_been_meant() -> None:
    answer = get("/studies", {"query.term": "AREA[BriefTitel]asthma"})
    assert answer.content.decode().startswith("Error parsing query in Other terms: Unknown area name: 'BriefTitel'\n")
    assert "BriefTitle" in answer.content.decode() and "BriefTitle" in answer["x-error-suggestion"]
    assert answer["x-error-position"].isdigit()


def test_one_study_is_found_in_any_spelling_and_an_alias_leads_on() -> None:
    assert get("/studies/nct410").json() == raws()[ALIASED]
    moved = get(f"/studies/{ALIAS}", {"fields": "NCTId|BriefTitle"})
    assert moved.status_code == 301
    assert moved["location"] == f"/api/v2/studies/{ALIASED}?fields=NCTId%7CBriefTitle"
    missing = get(f"/studies/{NOWHERE}")
    assert (missing.status_code, missing.content.decode()) == (404, f"NCT number {NOWHERE} not found")
    assert missing["content-type"] == "text/plain; charset=UTF-8"
    assert get("/studies/NCT1234567890").status_code == 400


def test_csv_has_thirty_columns_one_row_of_names_and_its_tokens_in_headers() -> None:
    first = get("/studies", {"format": "csv", "pageSize": "40", "countTotal": "true"})
    assert first["content-type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(first.content.decode())))
    names = [row[0] for row in csv.reader((Path(__file__).parent.parent / "contracts/data/csv_columns_to_pieces.csv").open())][1:]
    assert rows[0] == names and len(names) == 30 and len(rows) == 41
    assert first["x-total-count"] == "59"
    second = get("/studies", {"format": "csv", "pageSize": "40", "countTotal": "true", "pageToken": first["x-next-page-token"]})
    rest = list(csv.reader(io.StringIO(second.content.decode())))
    assert len(rest) == 19 and rest[0][0].startswith("NCT")
    assert "x-next-page-token" not in second.headers and "x-total-count" not in second.headers
    assert {row[0] for row in rows[1:] + rest} == set(raws())


def test_csv_columns_stand_in_their_own_order() -> None:
    text = get("/studies", {"format": "csv", "fields": "Phases|Sponsor,NCT Number", "filter.ids": ALIASED}).content.decode()
    assert text.splitlines()[0] == "NCT Number,Sponsor,Phases"
    assert text.splitlines()[1] == f"{ALIASED},Dartmouth-Hitchcock Medical Center,PHASE4"


def test_one_study_comes_in_every_format() -> None:
    nct = "NCT02369484"
    table = list(csv.DictReader(io.StringIO(get(f"/studies/{nct}", {"format": "csv"}).content.decode())))
    assert table[0]["NCT Number"] == nct and "Prot_001.pdf" in table[0]["Study Documents"]
    ris = get(f"/studies/{nct}", {"format": "ris"})
    lines = ris.content.decode().split("\r\n")
    assert lines[0] == "TY  - DBASE" and lines[-2] == "ER  - " and f"ID  - {nct}" in lines
    assert get(f"/studies/{nct}", {"format": "ris", "fields": "TI|ID"}).content.decode().count("\r\n") == 4
    assert refused({"format": "ris", "fields": "XX"}, f"/studies/{nct}")
    packed = get(f"/studies/{nct}", {"format": "json.zip"})
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        assert archive.namelist() == [f"{nct}.json"] and json.loads(archive.read(f"{nct}.json")) == raws()[nct]
    fhir = get(f"/studies/{nct}", {"format": "fhir.json"})
    assert fhir["content-type"] == "application/fhir+json"
    assert fhir.json()["resourceType"] == "ResearchStudy" and fhir.json()["identifier"][0]["value"] == nct
    assert refused({"format": "fhir.json", "fields": "NCTId"}, f"/studies/{nct}")


def test_the_whole_registry_comes_as_one_archive_that_can_be_imported_again(tmp_path: Path) -> None:
    answer = get("/studies/download", {"format": "json.zip"})
    assert answer["content-type"] == "application/zip"
    body = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        assert {name: json.loads(archive.read(name)) for name in archive.namelist()} == {
            f"{nct[-2:]}/{nct}.json": raw for nct, raw in raws().items()
        }
    (tmp_path / "ctg-studies.json.zip").write_bytes(body)
    reading = read_records(tmp_path / "ctg-studies.json.zip")
    assert {record.nct_id: record.raw for record in reading.records} == raws() and not reading.findings
    assert refused({"format": "csv"}, "/studies/download")
    assert refused({"filter.ids": ALIASED}, "/studies/download") == "Invalid prefix in parameter name: filter.ids"


def test_an_entity_tag_belongs_to_the_data_set_and_saves_the_answer(tmp_path: Path) -> None:
    home = fill(tmp_path, [raws()[ALIASED]])
    tag = get("/version", home=home)["etag"]
    assert get("/studies", {"pageSize": "1"}, home)["etag"] == get("/studies/enums", home=home)["etag"] == tag
    for given in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        same = get("/studies", {"query.cond": "disc"}, home, if_none_match=given)
        assert (same.status_code, same.content) == (304, b"")
    assert get("/studies", {"bogus": "1"}, home, if_none_match=tag).status_code == 400
    fill(home, list(raws().values())[:3])
    assert get("/studies", {"query.cond": "disc"}, home, if_none_match=tag).status_code == 200


def test_answers_are_compressed_on_request_and_open_to_every_origin() -> None:
    plain, packed = get("/studies"), get("/studies", accept_encoding="br, gzip")
    assert packed["content-encoding"] == "gzip" and gzip.decompress(packed.content) == plain.content
    assert "content-encoding" not in get("/studies", accept_encoding="gzip;q=0").headers
    assert plain["access-control-allow-origin"] == "*" and plain["cross-origin-resource-policy"] == "cross-origin"
    assert "x-next-page-token" in plain["access-control-expose-headers"]
    assert "set-cookie" not in plain.headers


def test_heads_are_answered_without_a_body_and_preflights_with_leave() -> None:
    from tests.web_homes import web_client

    client = web_client(api_home(), peer="203.0.113.7", host="trials.example")
    whole = client.get("/api/v2/studies?pageSize=2")
    head = client.head("/api/v2/studies?pageSize=2")
    assert head.status_code == 200 and head.content == b"" and head["content-length"] == whole["content-length"]
    leave = client.options("/api/v2/studies", headers={"origin": "https://example.org", "access-control-request-method": "GET"})
    assert (
        leave.status_code == 200
        and leave["access-control-allow-origin"] == "*"
        and "GET" in leave["access-control-allow-methods"]
    )
    assert client.post("/api/v2/studies").status_code == 405


def test_a_slash_at_the_end_makes_no_difference_and_other_addresses_are_nowhere() -> None:
    assert get("/studies/").status_code == get(f"/studies/{ALIASED}/").status_code == get("/version/").status_code == 200
    nowhere = get("/nothing")
    assert (nowhere.status_code, nowhere["content-type"]) == (404, "text/plain; charset=UTF-8")


def test_a_home_without_a_registry_answers_with_its_own_records(tmp_path: Path) -> None:
    home = build_home(tmp_path)
    assert found(home=home) == ["NCT00787384"]
    assert found({"query.intr": "imatinib"}, home) == ["NCT00787384"]
    assert not (home / "registry").exists()


def test_the_homes_own_record_stands_before_the_registrys(tmp_path: Path) -> None:
    home = build_home(tmp_path)
    own = json.loads((home / "trials/nilg-hes1-03/study.json").read_text("utf-8"))
    mirrored = json.loads(json.dumps(own))
    mirrored["protocolSection"]["identificationModule"]["briefTitle"] = "As the registry still has it"
    fill(home, [mirrored])
    assert get("/studies/NCT00787384", home=home).json() == own
    assert get("/studies", home=home).json()["studies"] == [own]
    shutil.rmtree(home / "trials")
    assert get("/studies/NCT00787384", home=home).json() == mirrored


def test_an_own_study_that_the_registry_does_not_hold_is_found_before_its_studies(tmp_path: Path) -> None:
    home = fill(build_home(tmp_path), [*raws().values(), unnumbered()])
    own = "NCT00787384"
    everything = found({"countTotal": "true"}, home)
    assert everything[0] == own and sorted(everything) == sorted([own, *raws()])
    assert get("/studies", {"countTotal": "true"}, home).json()["totalCount"] == len(raws()) + 1
    seen: list[str] = []
    params = {"pageSize": "13", "fields": "NCTId"}
    while True:
        page = get("/studies", params, home).json()
        seen += [one["protocolSection"]["identificationModule"]["nctId"] for one in page["studies"]]
        if "nextPageToken" not in page:
            break
        params["pageToken"] = page["nextPageToken"]
    assert seen == everything
    assert found({"query.intr": "imatinib", "filter.overallStatus": "COMPLETED"}, home)[:1] == [own]
    assert found({"filter.ids": f"{own},{ALIAS}"}, home) == [own, ALIASED]
    assert own in get("/studies", {"format": "csv", "filter.ids": own}, home).content.decode()
    archive = b"".join(get("/studies/download", {"format": "json.zip"}, home).streaming_content)
    with zipfile.ZipFile(io.BytesIO(archive)) as members:
        assert f"84/{own}.json" in members.namelist() and len(members.namelist()) == len(raws()) + 1


def test_an_entity_tag_changes_with_an_own_record(tmp_path: Path) -> None:
    home = build_home(tmp_path)
    tag = get("/version", home=home)["etag"]
    path = home / "trials/nilg-hes1-03/study.json"
    path.write_text(path.read_text("utf-8").replace("COMPLETED", "TERMINATED"), "utf-8")
    assert get("/version", home=home)["etag"] != tag


def test_an_empty_home_has_no_studies(tmp_path: Path) -> None:
    page = get("/studies", {"countTotal": "true"}, tmp_path)
    assert page.json() == {"totalCount": 0, "studies": []}
    assert get("/version", home=tmp_path).json()["apiVersion"] == "2.0.5"
    assert get("/stats/size", home=tmp_path).json()["totalStudies"] == 0
