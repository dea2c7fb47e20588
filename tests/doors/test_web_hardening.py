"""What the web door refuses: writing, leaving the home folder, strangers' names, and showing the owner's matters to others."""

import json
import shutil
from pathlib import Path

import pytest
from tests.web_homes import NAME, contents, shared_home, web_client

ROOM = f"/trial/{NAME}/"
HOSTILE = ["..", "%2e%2e", "..%2f..%2fetc", "a%00b", ".hidden", "x" * 300, "%E2%80%AE", "a b", "con%0d%0aSet-Cookie:x"]


def test_every_answer_carries_the_strict_headers() -> None:
    for address in ("/", "/study/NCT00787384/", ROOM, "/nothing", "/healthz"):
        response = web_client(shared_home()).get(address)
        policy = response["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy, address
        assert response["x-frame-options"] == "DENY"
        assert response["x-content-type-options"] == "nosniff"
        assert response["referrer-policy"] == "same-origin"
        assert "set-cookie" not in response.headers


def test_pages_of_a_trial_stay_out_of_caches_and_search_engines() -> None:
    response = web_client(shared_home()).get(ROOM)
    assert response["cache-control"] == "private, no-store"
    assert response["x-robots-tag"] == "noindex, nofollow"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_no_method_that_could_write_is_answered(method: str) -> None:
    for address in ("/", ROOM, f"{ROOM}participant/P07/"):
        assert getattr(web_client(shared_home()), method)(address).status_code in (403, 405)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_find_nothing(name: str) -> None:
    client = web_client(shared_home())
    for address in (
        f"/study/{name}/",
        f"/study/{name}.json",
        f"/trial/{name}/",
        f"/trial/{name}/report/",
        f"{ROOM}participant/{name}/",
    ):
        assert client.get(address).status_code == 404, address


def test_a_link_out_of_the_home_folder_is_not_followed(tmp_path: Path) -> None:
    home = Path(shutil.copytree(shared_home(), tmp_path / "home"))
    outside = tmp_path / "outside"
    shutil.copytree(home / "trials" / NAME, outside)
    (home / "trials" / "elsewhere").symlink_to(outside)
    (home / "trials" / NAME / "report.html").unlink()
    (home / "trials" / NAME / "report.html").symlink_to(outside / "report.html")
    client = web_client(home)
    assert client.get("/trial/elsewhere/").status_code == 404
    assert client.get(f"{ROOM}report/").status_code == 404


def test_an_unknown_host_is_refused_in_plain_text() -> None:
    response = web_client(shared_home(), host="evil.example").get("/")
    assert response.status_code == 400
    assert b"<" not in response.content


def test_reading_every_page_writes_nothing() -> None:
    before = contents(shared_home())
    client = web_client(shared_home())
    for address in (
        "/",
        "/search/?q=imatinib",
        "/locations/",
        "/study/NCT00787384/",
        "/study/NCT00787384/history/",
        ROOM,
        f"{ROOM}participant/P07/?anc=",
        f"{ROOM}log/",
        f"{ROOM}findings/",
    ):
        client.get(address)
    assert contents(shared_home()) == before


@pytest.mark.parametrize(
    ("peer", "host", "extra"),
    [
        ("192.0.2.7", "trials.example", {}),
        ("192.0.2.7", "localhost", {}),
        ("127.0.0.1", "trials.example", {}),
        ("127.0.0.1", "localhost", {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}),
        ("127.0.0.1", "localhost", {"HTTP_FORWARDED": "for=192.0.2.7"}),
    ],
)
def test_a_visitor_sees_simulated_trials_but_no_findings_and_no_path_of_the_owner(
    peer: str, host: str, extra: dict[str, str]
) -> None:
    client = web_client(shared_home(), peer, host)
    assert client.get(f"{ROOM}findings/", **extra).status_code == 404
    assert "findings" not in client.get("/study/NCT00787384/", **extra).content.decode()
    room = client.get(ROOM, **extra)
    assert room.status_code == 200
    assert str(shared_home()) not in room.content.decode()


def test_a_trial_of_real_people_is_for_the_owner_alone(tmp_path: Path) -> None:
    home = Path(shutil.copytree(shared_home(), tmp_path / "home"))
    log = home / "trials" / NAME / "log.jsonl"
    first, rest = log.read_text().split("\n", 1)
    entry = json.loads(first)
    entry["fields"]["simulated"] = False
    log.write_text(json.dumps(entry, separators=(",", ":"), sort_keys=True, ensure_ascii=False) + "\n" + rest)
    stranger = web_client(home, "192.0.2.7", "trials.example")
    for address in (ROOM, f"{ROOM}participant/P07/", f"{ROOM}log/", f"{ROOM}report/", f"{ROOM}report.pdf"):
        assert stranger.get(address).status_code == 404, address
    assert NAME not in stranger.get("/").content.decode()
    assert web_client(home).get(ROOM).status_code == 200


def test_our_own_mistake_is_said_plainly_without_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    from trialwright.web.portal import views

    monkeypatch.setattr(views, "edition", lambda: 1 / 0)
    client = web_client(shared_home())
    client.raise_request_exception = False
    response = client.get("/")
    assert response.status_code == 500
    assert "The mistake is ours" in response.content.decode()
    assert "ZeroDivision" not in response.content.decode()
