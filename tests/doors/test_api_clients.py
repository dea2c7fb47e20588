"""Programs that were written for the original service, and plain HTTP, against a server of our own."""

import csv
import gzip
import io
import json
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any

import ctgov
import ctgov.client
import httpx
import pytest
from tests.api_homes import ALIAS, ALIASED, NOWHERE, api_home, found, raws
from tests.doors.test_web_serving import command, served

pytestmark = pytest.mark.slow  # a server as a process of its own


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(program=[*command("--home", str(api_home()), "--port", "0")]) as where:
        yield where


@pytest.fixture
def client(address: str, monkeypatch: pytest.MonkeyPatch) -> ctgov.Client:
    monkeypatch.setattr(ctgov.client, "BASE_URL", f"{address}/api/v2/")
    return ctgov.Client(delay=0, retries=1, timeout=20)


def test_the_client_of_the_package_index_finds_pages_and_counts(client: ctgov.Client) -> None:
    assert client.version()["apiVersion"] == "2.0.5"
    assert client.count() == len(raws())
    assert len(client.studies()) == len(raws())
    paged = [
        one["protocolSection"]["identificationModule"]["nctId"] for one in client.iter_studies(page_size=8, fields=["NCTId"])
    ]
    assert sorted(paged) == sorted(raws())
    assert client.count("AREA[Phase]PHASE2") == len(found({"query.term": "AREA[Phase]PHASE2"})) > 0
    assert client.count("", filters={"overallStatus": "COMPLETED"}) == len(found({"filter.overallStatus": "COMPLETED"}))
    assert client.study(ALIASED) == client.study(ALIAS) == raws()[ALIASED]
    with pytest.raises(ctgov.CTGovError, match="404"):
        client.study(NOWHERE)


def test_its_rows_of_endpoints_come_from_our_records(client: ctgov.Client) -> None:
    rows = list(ctgov.endpoints("AREA[StudyType]INTERVENTIONAL", max_studies=10, client=client))
    studies = {str(row["nct_id"]) for row in rows}
    outcomes = [raws()[nct]["protocolSection"]["outcomesModule"] for nct in studies]
    assert len(studies) > 5
    assert len(rows) == sum(len(module.get(name, [])) for module in outcomes for name in ("primaryOutcomes", "secondaryOutcomes"))


def test_an_export_of_every_page_as_csv_has_one_row_of_names(address: str) -> None:
    params = {"format": "csv", "pageSize": "25", "countTotal": "true", "fields": "NCT Number,Study Title,Phases"}
    rows: list[list[str]] = []
    while True:
        answer = httpx.get(f"{address}/api/v2/studies", params=params)
        rows += list(csv.reader(io.StringIO(answer.text)))
        if "x-next-page-token" not in answer.headers:
            break
        params["pageToken"] = answer.headers["x-next-page-token"]
    assert rows[0] == ["NCT Number", "Study Title", "Phases"]
    assert sorted(row[0] for row in rows[1:]) == sorted(raws())


def test_a_client_that_follows_redirects_and_compresses_sees_nothing_of_it(address: str) -> None:
    answer = httpx.get(f"{address}/api/v2/studies/{ALIAS}?fields=NCTId|BriefTitle", follow_redirects=True)
    assert answer.json()["protocolSection"]["identificationModule"]["nctId"] == ALIASED
    assert httpx.get(f"{address}/api/v2/studies").headers["content-encoding"] == "gzip"
    etag = answer.headers["etag"]
    assert httpx.get(f"{address}/api/v2/version", headers={"If-None-Match": etag}).status_code == 304


def raw_call(address: str, target: str, method: str = "GET", headers: str = "") -> tuple[int, dict[str, str], bytes]:
    """A call with exactly these bytes, as careless programs send them."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as line:
        line.sendall(f"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n".encode("latin-1"))
        received = b""
        while piece := line.recv(65_536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    return int(first.split()[1]), {name.lower(): value for name, _, value in (one.partition(": ") for one in rest)}, body


@pytest.mark.parametrize(
    "target",
    [
        "/api/v2/studies?filter.advanced=AREA[Phase]PHASE2&fields=NCTId|BriefTitle",
        "/api/v2/studies?filter.advanced=AREA%5BPhase%5DPHASE2&fields=NCTId%7CBriefTitle",
        "/api/v2/studies?filter.advanced=AREA%5BPhase%5DPHASE2&fields=NCTId,BriefTitle&",
        "/api/v2/studies/?fields=NCTId%2CBriefTitle&filter.advanced=AREA[Phase]+PHASE2",
    ],
)
def test_brackets_and_bars_may_be_escaped_or_not(address: str, target: str) -> None:
    status, headers, body = raw_call(address, target)
    assert (status, headers["content-type"]) == (200, "application/json")
    assert (
        json.loads(body)
        == httpx.get(
            f"{address}/api/v2/studies", params={"filter.advanced": "AREA[Phase]PHASE2", "fields": "NCTId,BriefTitle"}
        ).json()
    )


def test_heads_and_preflights_over_the_wire(address: str) -> None:
    status, headers, body = raw_call(address, "/api/v2/studies?pageSize=1", "HEAD")
    assert status == 200 and body == b"" and int(headers["content-length"]) > 0
    status, headers, _ = raw_call(address, "/api/v2/studies", "OPTIONS", "Origin: https://example.org\r\n")
    assert status == 200 and headers["access-control-allow-origin"] == "*"
    assert raw_call(address, "/api/v2/studies", "POST", "Content-Length: 0\r\n")[0] == 405


def test_the_whole_registry_streams_as_an_archive(address: str) -> None:
    import zipfile

    answer = httpx.get(f"{address}/api/v2/studies/download?format=json.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert len(archive.namelist()) == len(raws())
    assert answer.headers["content-disposition"] == "attachment; filename=ctg-studies.json.zip"


def test_an_address_of_a_megabyte_is_refused_at_once(address: str) -> None:
    for length in (8_000, 9_000, 70_000, 1_000_000):
        try:
            status, _, _ = raw_call(address, f"/api/v2/studies?query.term={'a' * length}")
        except ConnectionError:
            continue  # the server closed the line while we were still sending
        assert status in (400, 414) or (status == 200 and length == 8_000)
    assert httpx.get(f"{address}/api/v2/version").status_code == 200


def test_the_standard_library_alone_is_enough(address: str) -> None:
    query = urllib.parse.urlencode({"query.cond": "cancer", "countTotal": "true", "pageSize": 1})
    call = urllib.request.Request(f"{address}/api/v2/studies?{query}", headers={"Accept-Encoding": "gzip"})
    with urllib.request.urlopen(call, timeout=20) as answer:
        body: Any = json.loads(gzip.decompress(answer.read()))
    assert body["totalCount"] == len(found({"query.cond": "cancer"}))
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{address}/api/v2/studies?query.badfield=x", timeout=20)
    assert error.value.read() == b"`query.badfield` is unknown parameter"
