"""Reading registry records: what comes in goes out whole, and a bad record never stops the others."""

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.exchange.ctgov import Limits, format_record, read_records, write_records

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests/fixtures/registry"
V2 = FIXTURES / "v2"
CLASSIC = FIXTURES / "classic"
GOOD = json.dumps({"protocolSection": {"identificationModule": {"nctId": "NCT00000001"}}})
BOMB = (
    b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;">]>'
    b"<clinical_study><brief_title>&c;</brief_title></clinical_study>"
)


def only_code(path: Path, limits: Limits | None = None) -> str:
    reading = read_records(path, limits) if limits else read_records(path)
    (refused,) = reading.refused
    assert str(path) in refused.place.file
    assert refused.title
    return refused.code


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_a_v2_record_is_written_with_every_member_it_had() -> None:
    for file in sorted(V2.glob("*.json")):
        (record,) = read_records(file).records
        assert json.loads(format_record(record)) == json.loads(file.read_text("utf-8"))


@pytest.mark.parametrize("name", ["all.json", "all.jsonl", "all.ndjson"])
def test_records_written_as_a_list_or_by_line_are_read_back_the_same(tmp_path: Path, name: str) -> None:
    records = read_records(V2).records
    assert write_records(records, tmp_path / name) == len(records)
    assert read_records(tmp_path / name).records == records


def test_a_page_of_the_registry_interface_is_a_list_of_records(tmp_path: Path) -> None:
    page = put(tmp_path, "page.json", f'{{"studies": [{GOOD}, {GOOD}], "nextPageToken": "x"}}')
    reading = read_records(page)
    assert len(reading.kept) == 2
    assert [note.code for note in reading.notes] == ["TW-R909"]


def test_an_archive_gives_the_same_records_as_its_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in CLASSIC.glob("*.xml"):
            archive.write(file, f"deep/{file.name}")
    assert read_records(tmp_path / "all.zip").records == read_records(CLASSIC).records


def test_bad_lines_are_refused_one_by_one_and_the_others_go_on(tmp_path: Path) -> None:
    lines = [GOOD, "{", "[1]", "", '{"protocolSection": 3}', "\ufeff", GOOD]
    reading = read_records(put(tmp_path, "some.jsonl", "\n".join(lines)))
    assert (reading.read_count, len(reading.kept), len(reading.refused)) == (6, 2, 4)
    assert [finding.place.line for finding in reading.refused] == [2, 3, 5, 6]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("cut.json", GOOD[:-3], "TW-R902"),
        ("nan.json", '{"protocolSection": {"x": NaN}}', "TW-R902"),
        ("deep.json", "[" * 200_000, "TW-R902"),
        ("latin.json", '{"protocolSection": {"x": "é"}}'.encode("latin-1"), "TW-R902"),
        ("half.json", '{"protocolSection": {"x": "\\ud800"}}', "TW-R902"),
        ("long.json", '{"protocolSection": {"x": ' + "9" * 5000 + "}}", "TW-R902"),
        ("empty.json", "", "TW-R902"),
        ("other.json", '{"resourceType": "Patient"}', "TW-R906"),
        ("number.json", "7", "TW-R906"),
        ("cut.xml", "<clinical_study><brief_title>", "TW-R903"),
        ("empty.xml", "", "TW-R903"),
        ("noise.xml", b"\x00\x01\xff", "TW-R903"),
        ("page.xml", "<html/>", "TW-R906"),
        ("bomb.xml", BOMB, "TW-R904"),
        ("wide.xml", BOMB.decode().encode("utf-16"), "TW-R904"),
        ("outside.xml", '<!DOCTYPE a SYSTEM "file:///etc/hostname"><clinical_study/>', "TW-R904"),
        ("cut.zip", b"PK\x05\x06", "TW-R902"),
    ],
)
def test_each_kind_of_bad_file_has_its_finding(tmp_path: Path, name: str, content: str | bytes, code: str) -> None:
    assert only_code(put(tmp_path, name, content)) == code


def test_a_missing_file_and_an_empty_folder_are_findings(tmp_path: Path) -> None:
    assert only_code(tmp_path / "nowhere.json") == "TW-R901"
    assert only_code(tmp_path) == "TW-R901"


def test_a_member_that_unpacks_beyond_measure_is_refused_unread(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.xml", b"<clinical_study>" + b" " * 10_000_000)
        archive.writestr("b.json", GOOD)
    reading = read_records(tmp_path / "bomb.zip")
    assert [finding.code for finding in reading.refused] == ["TW-R905"]
    assert len(reading.kept) == 1


def test_an_archive_damaged_inside_loses_only_the_damaged_member(tmp_path: Path) -> None:
    path = tmp_path / "some.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("a.json", GOOD)
        archive.writestr("b.json", GOOD.replace("1", "2"))
    path.write_bytes(path.read_bytes().replace(b"NCT00000001", b"NCT0000000X"))
    reading = read_records(path)
    assert [finding.code for finding in reading.refused] == ["TW-R901"]
    assert len(reading.kept) == 1


def test_a_long_line_is_refused_and_the_next_is_read(tmp_path: Path) -> None:
    path = put(tmp_path, "some.jsonl", '"' + "x" * 5000 + '"\n' + GOOD + "\n")
    reading = read_records(path, Limits(record_bytes=1000))
    assert [finding.code for finding in reading.refused] == ["TW-R905"]
    assert len(reading.kept) == 1
    assert only_code(put(tmp_path, "big.json", "[" + "1," * 1000 + "1]"), Limits(file_bytes=100)) == "TW-R905"


def test_a_module_that_is_no_object_is_kept_and_warned_of(tmp_path: Path) -> None:
    path = put(tmp_path, "odd.json", '{"protocolSection": {"statusModule": [1], "designModule": "x"}}')
    reading = read_records(path)
    assert [(note.code, note.place.path) for note in reading.notes] == [
        ("TW-R907", "protocolSection.statusModule"),
        ("TW-R907", "protocolSection.designModule"),
    ]
    assert reading.records[0].status is None


@pytest.mark.parametrize("text", ["2019-13-45", "soon", "2019-02-30", 2019])
def test_a_date_that_is_no_date_is_kept_and_warned_of(tmp_path: Path, text: object) -> None:
    node = {"protocolSection": {"statusModule": {"startDateStruct": {"date": text}, "statusVerifiedDate": "2019-02"}}}
    reading = read_records(put(tmp_path, "odd.json", json.dumps(node)))
    (note,) = reading.notes
    assert (note.code, note.place.path) == ("TW-R910", "protocolSection.statusModule.startDateStruct")
    assert reading.records[0].raw == node


@pytest.mark.parametrize("wrapping", ["[{}]", '{{"totalCount": 9, "studies": [{}], "nextPageToken": "x"}}'])
def test_a_long_file_is_read_record_by_record_to_the_same_records(tmp_path: Path, wrapping: str) -> None:
    nodes = [{"protocolSection": {"identificationModule": {"nctId": f"NCT{n:08}", "briefTitle": "é" * n}}} for n in range(4000)]
    long = put(tmp_path, "long.json", wrapping.format(",\n ".join(json.dumps(node) for node in nodes)))
    assert long.stat().st_size > 8_000_000
    assert [record.raw for record in read_records(long).records] == nodes


def test_a_long_file_that_breaks_off_keeps_what_stood_before(tmp_path: Path) -> None:
    whole = "[" + ",".join([GOOD] * 60_000)
    reading = read_records(put(tmp_path, "cut.json", whole[:-10]))
    assert len(reading.kept) == 59_999
    assert [(one.code, one.place.path) for one in reading.refused] == [("TW-R902", "[59998]")]
    reading = read_records(put(tmp_path, "endless.json", whole + ',"' + "x" * 3_000_000), Limits(record_bytes=500_000))
    assert (len(reading.kept), reading.refused[0].code) == (60_000, "TW-R905")


def test_a_number_beyond_measure_is_refused(tmp_path: Path) -> None:
    assert only_code(put(tmp_path, "vast.json", '{"protocolSection": {"x": 1e999}}')) == "TW-R902"


def test_a_protocol_file_is_read_as_the_record_it_registers() -> None:
    (kept,) = read_records(ROOT / "trials/nilg-hes1-03/protocol.yaml").kept
    assert (kept.record.nct_id, kept.source) == ("NCT00787384", "protocol file")


def test_a_protocol_file_with_an_error_is_refused(tmp_path: Path) -> None:
    assert only_code(put(tmp_path, "protocol.yaml", "study: 3")).startswith("TW-")


def test_what_stood_as_json_on_a_line_is_kept_to_the_byte(tmp_path: Path) -> None:
    line = '{"protocolSection": {"identificationModule": {"nctId":"NCT00000001", "x": 1.10, "y": "\\u00e9"}}}'
    (kept,) = read_records(put(tmp_path, "one.jsonl", f"  {line}\r\n")).kept
    assert kept.text == line.encode()


@given(st.binary(max_size=300), st.sampled_from([".json", ".jsonl", ".xml", ".zip"]))
def test_noise_is_refused_and_never_raises(tmp_path_factory: pytest.TempPathFactory, noise: bytes, suffix: str) -> None:
    path = put(tmp_path_factory.mktemp("noise"), f"noise{suffix}", noise)
    reading = read_records(path)
    assert reading.kept == ()


@given(st.integers(0, 9000), st.binary(min_size=1, max_size=4))
def test_a_damaged_record_is_read_or_refused_and_never_raises(
    tmp_path_factory: pytest.TempPathFactory, spot: int, patch: bytes
) -> None:
    whole = (ROOT / "trials/nilg-hes1-03/record/NCT00787384.2020-07-28.xml").read_bytes()
    damaged = whole[:spot] + patch + whole[spot + len(patch) :]
    assert read_records(put(tmp_path_factory.mktemp("damage"), "a.xml", damaged)).read_count == 1


def test_every_code_of_reading_has_a_test_and_a_page() -> None:
    source = "".join(file.read_text("utf-8") for file in (ROOT / "src/trialwright/exchange/ctgov").glob("*.py"))
    codes = {source[at : at + 7] for at in range(len(source)) if source.startswith("TW-R", at)}
    tests = Path(__file__).read_text("utf-8") + (ROOT / "tests/golden/test_classic_xml_records.py").read_text("utf-8")
    assert {code for code in codes if code not in tests} == set()
    assert {code for code in codes if not (ROOT / f"docs/reference/findings/{code}.md").exists()} == set()
