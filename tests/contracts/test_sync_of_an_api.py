"""Mirroring a v2 API: everything comes over whatever the server does, and what cannot come is said."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from trialwright.exchange.ctgov.asking import Manners, Surroundings
from trialwright.exchange.ctgov.collect import Watch
from trialwright.exchange.ctgov.sync import Mirrored, Origin, mirror
from trialwright.registry.catalogue import Catalogue

pytestmark = pytest.mark.slow  # a server that stalls, and an index for each generation

ON = datetime(2026, 1, 1, tzinfo=UTC)
SIZE = 5


def study(number: int, posted: str, status: str = "RECRUITING") -> dict[str, Any]:
    return {
        "protocolSection": {
            "identificationModule": {"nctId": f"NCT{number:08}", "briefTitle": f"Study {number}"},
            "statusModule": {"overallStatus": status, "lastUpdatePostDateStruct": {"date": posted}},
        }
    }


@dataclass
class Fake:
    """A v2 API over a list of studies, in front of which ``fault`` may do what it likes with an answer."""

    studies: list[dict[str, Any]]
    fault: Callable[["BaseHTTPRequestHandler", int, dict[str, str]], bool] = lambda *_: False
    asked: list[dict[str, str]] = field(default_factory=list)
    address: str = ""

    def page(self, asked: dict[str, str]) -> dict[str, Any]:
        since = asked.get("filter.advanced", "RANGE[0,").partition("RANGE[")[2].partition(",")[0]
        dated = sorted(self.studies, key=posted)
        found = [one for one in dated if posted(one) >= since]
        start, size = int(asked.get("pageToken", "t0")[1:]), int(asked["pageSize"])
        page: dict[str, Any] = {"studies": found[start : start + size]}
        if start == 0:
            page["totalCount"] = len(found)
        if start + size < len(found):
            page["nextPageToken"] = f"t{start + size}"
        return page


def posted(node: dict[str, Any]) -> str:
    found: str = node["protocolSection"]["statusModule"]["lastUpdatePostDateStruct"]["date"]
    return found


def answer(to: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    to.send_response(status)
    for name, value in headers.items():
        to.send_header(name.replace("_", "-"), value)
    to.send_header("Content-Length", str(len(body)))
    to.end_headers()
    to.wfile.write(body)


@pytest.fixture
def fake() -> Iterator[Fake]:
    server_side = Fake([study(number, f"2020-01-{1 + number % 28:02}") for number in range(1, 24)])

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            if parts.path.endswith("/version"):
                answer(self, b'{"apiVersion": "2.0.5", "dataTimestamp": "2025-12-31T09:00:05"}')
                return
            server_side.asked.append(asked)
            if not server_side.fault(self, len(server_side.asked), asked):
                answer(self, gzip.compress(json.dumps(server_side.page(asked)).encode()), Content_Encoding="gzip")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    server_side.address = f"http://127.0.0.1:{server.server_port}/api/v2"
    yield server_side
    server.shutdown()
    server.server_close()


class Around:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.instant = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.instant += seconds

    def surroundings(self) -> Surroundings:
        return Surroundings(lambda: self.instant, self.sleep, lambda: 0.5)


def synced(fake: Fake, folder: Path, around: Around | None = None, **manners: Any) -> Mirrored:
    asked = Manners(**{"page_size": SIZE, "tries": 4, "timeout_seconds": 2.0, **manners})
    origin = Origin(fake.address)
    return mirror(Catalogue(folder), origin, ON, (around or Around()).surroundings(), asked, Watch())


def mirrored_ids(folder: Path) -> set[str | None]:
    return {record.nct_id for record in Catalogue(folder).edition().records()}


def all_ids(fake: Fake) -> set[str]:
    return {one["protocolSection"]["identificationModule"]["nctId"] for one in fake.studies}


def test_the_first_time_everything_comes_and_then_only_what_changed(fake: Fake, tmp_path: Path) -> None:
    first = synced(fake, tmp_path)
    assert (first.complete, first.tally.new, first.since, first.reached) == (True, 23, None, date(2020, 1, 24))
    assert mirrored_ids(tmp_path) == all_ids(fake)
    fake.studies[3] = study(4, "2020-02-01", "COMPLETED")
    fake.studies.append(study(99, "2020-02-02"))
    fake.asked.clear()
    second = synced(fake, tmp_path)
    assert fake.asked[0]["filter.advanced"] == "AREA[LastUpdatePostDate]RANGE[2020-01-23,MAX]"
    assert (second.tally.new, second.tally.changed, second.reached) == (1, 1, date(2020, 2, 2))
    edition = Catalogue(tmp_path).edition()
    assert [edition.at(one.address).status for one in edition.history("NCT00000004")] == ["COMPLETED", "RECRUITING"]
    assert edition.manifest.data_timestamp == datetime(2025, 12, 31, 9, 0, 5, tzinfo=UTC)
    generation = edition.generation
    third = synced(fake, tmp_path)
    assert (third.tally.unchanged, third.tally.new + third.tally.changed) == (third.tally.read, 0)
    assert Catalogue(tmp_path).edition().generation == generation


def stalls(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
    if turn != 2:
        return False
    threading.Event().wait(3.0)  # longer than the mirror is willing to wait
    to.close_connection = True
    return True


def cuts_short(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
    if turn not in (2, 3):
        return False
    to.send_response(200)
    to.send_header("Content-Length", "5000")
    to.end_headers()
    to.wfile.write(b'{"studies": [{"protocolSection"')
    to.close_connection = True
    return True


def sends_half_a_json(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
    if turn == 2:
        answer(to, b'{"studies": [{"protocolSection": {')
    return turn == 2


def sends_broken_gzip(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
    if turn == 2:
        answer(to, b"\x1f\x8b\x08nonsense", Content_Encoding="gzip")
    return turn == 2


def is_busy(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
    if turn in (1, 4):
        answer(to, b"slow down", 429, Retry_After="7")
    return turn in (1, 4)


def fails(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
    if turn in (2, 3, 4):
        answer(to, b"oops", (500, 502, 503)[turn - 2])
    return turn in (2, 3, 4)


def hangs_up(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
    if turn == 3:
        to.close_connection = True
    return turn == 3


@pytest.mark.parametrize("fault", [stalls, cuts_short, sends_half_a_json, sends_broken_gzip, is_busy, fails, hangs_up])
def test_everything_comes_though_the_server_fails_now_and_then(fake: Fake, tmp_path: Path, fault: Any) -> None:
    fake.fault = fault
    done = synced(fake, tmp_path)
    assert (done.complete, done.tally.new, done.tally.refused, done.findings) == (True, 23, 0, [])
    assert mirrored_ids(tmp_path) == all_ids(fake)


def test_a_page_that_comes_twice_is_asked_for_again(fake: Fake, tmp_path: Path) -> None:
    def repeats(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
        if turn == 3:
            answer(to, json.dumps({**fake.page({**asked, "pageToken": "t0"}), "nextPageToken": "t15"}).encode())
        return turn == 3

    fake.fault = repeats
    assert synced(fake, tmp_path).complete
    assert mirrored_ids(tmp_path) == all_ids(fake)


@pytest.mark.parametrize("what", ["token", "page"])
def test_a_server_that_goes_round_in_circles_is_left(fake: Fake, tmp_path: Path, what: str) -> None:
    def circles(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
        content = fake.page({**asked, "pageToken": "t0" if what == "page" else asked.get("pageToken", "t0")})
        answer(to, json.dumps({**content, "nextPageToken": f"t{SIZE * turn}" if what == "page" else "t5"}).encode())
        return True

    fake.fault = circles
    done = synced(fake, tmp_path)
    assert not done.complete
    assert [finding.code for finding in done.findings] == ["TW-K005"]
    assert len(fake.asked) < 30
    assert Catalogue(tmp_path).edition().count == done.tally.new > 0


def test_a_server_that_is_down_keeps_what_came_and_the_next_sync_goes_on(fake: Fake, tmp_path: Path) -> None:
    def dies(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
        if turn > 3:
            answer(to, b"down", 503)
        return turn > 3

    fake.fault = dies
    around = Around()
    done = synced(fake, tmp_path, around)
    assert [finding.code for finding in done.findings] == ["TW-K004"]
    assert "503" in done.findings[0].detail
    assert (done.complete, Catalogue(tmp_path).edition().count) == (False, 15)
    fake.fault = lambda *_: False
    fake.asked.clear()
    again = synced(fake, tmp_path)
    assert "RANGE[2020-01-" in fake.asked[0]["filter.advanced"]
    assert again.complete and mirrored_ids(tmp_path) == all_ids(fake)


def test_a_refused_question_is_told_in_the_server_s_words(fake: Fake, tmp_path: Path) -> None:
    def refuses(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
        answer(to, b"`query.badfield` is unknown parameter", 400)
        return True

    fake.fault = refuses
    done = synced(fake, tmp_path)
    assert len(fake.asked) == 1
    assert (done.findings[0].code, done.complete) == ("TW-K004", False)
    assert "unknown parameter" in done.findings[0].detail


def test_pauses_grow_and_the_server_s_wish_is_kept(fake: Fake, tmp_path: Path) -> None:
    fake.fault = lambda to, turn, asked: (answer(to, b"", 500), True)[1] if turn < 4 else False
    around = Around()
    synced(fake, tmp_path / "a", around)
    grown = [pause for pause in around.slept if pause != pytest.approx(0.5)]
    assert [pytest.approx(pause) for pause in grown[:3]] == [0.75, 1.5, 3.0]
    fake.asked.clear()
    fake.fault = lambda to, turn, asked: (answer(to, b"", 429, Retry_After="99999"), True)[1] if turn == 1 else False
    around = Around()
    synced(fake, tmp_path / "b", around, longest_pause_seconds=33.0)
    assert max(around.slept) == 33.0


def test_never_more_questions_a_second_than_is_polite(fake: Fake, tmp_path: Path) -> None:
    around = Around()
    synced(fake, tmp_path, around, requests_per_second=2.0)
    assert around.instant == pytest.approx(0.5 * len(fake.asked))


def test_a_page_beyond_measure_is_not_read_to_its_end(fake: Fake, tmp_path: Path) -> None:
    bomb = gzip.compress(b'{"studies": [' + b" " * 50_000_000, 1)

    def bombs(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
        answer(to, bomb, Content_Encoding="gzip")
        return True

    fake.fault = bombs
    done = synced(fake, tmp_path, page_bytes=1_000_000)
    assert [finding.code for finding in done.findings] == ["TW-K004"]
    assert len(fake.asked) == 1


def test_a_bad_study_is_refused_and_the_others_come(fake: Fake, tmp_path: Path) -> None:
    fake.studies.append({"protocolSection": {"statusModule": {"lastUpdatePostDateStruct": {"date": "2020-03-01"}}}})
    done = synced(fake, tmp_path)
    assert (done.tally.read, done.tally.new, done.tally.refused) == (24, 23, 1)


def test_a_shortfall_is_said_and_asked_for_again_from_the_same_date(fake: Fake, tmp_path: Path) -> None:
    def boasts(to: BaseHTTPRequestHandler, turn: int, asked: dict[str, str]) -> bool:
        if turn == 1:
            answer(to, json.dumps({**fake.page(asked), "totalCount": 30}).encode())
        return turn == 1

    fake.fault = boasts
    done = synced(fake, tmp_path)
    assert [finding.code for finding in done.findings] == ["TW-K006"]
    fake.asked.clear()
    synced(fake, tmp_path)
    assert "filter.advanced" not in fake.asked[0]


def test_a_study_that_was_merged_into_another_gives_way_to_it(fake: Fake, tmp_path: Path) -> None:
    synced(fake, tmp_path)
    merged = study(50, "2020-05-01")
    merged["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT00000007"]
    fake.studies.append(merged)
    synced(fake, tmp_path)
    edition = Catalogue(tmp_path).edition()
    assert edition.resolve("NCT00000007") == "NCT00000050"


def test_nobody_at_the_address_is_a_finding(tmp_path: Path) -> None:
    done = synced(Fake([], address="http://127.0.0.1:9/api/v2"), tmp_path)
    assert [finding.code for finding in done.findings] == ["TW-K004"]
    assert "ConnectError" in done.findings[0].detail
