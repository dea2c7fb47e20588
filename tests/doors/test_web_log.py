"""The log in the web: verified anew for each page, in plain words, and a changed byte is caught where it is."""

import shutil
from html import unescape
from pathlib import Path

import pytest
from tests.study_pages import visible_text
from tests.web_homes import NAME, shared_home, web_client


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shared_home(), tmp_path / "home"))


def log_page(home: Path, query: str = "") -> str:
    response = web_client(home).get(f"/trial/{NAME}/log/{query}")
    assert response.status_code == 200
    return visible_text(unescape(response.content.decode()))


def log_of(home: Path) -> Path:
    return home / "trials" / NAME / "log.jsonl"


def test_a_sound_log_verifies_and_is_told_in_plain_words(home: Path) -> None:
    page = log_page(home)
    assert "The log verifies." in page
    assert "The trial “NILG-HES1-03 rehearsal (simulated)” was opened with simulated participants" in page
    assert "The protocol advises: start, 100 mg/day" in page
    assert "Consent signed by participant" in page


def test_pages_follow_each_other_and_an_entry_can_be_asked_for(home: Path) -> None:
    assert "Entries 0–99 of" in log_page(home)
    assert "Entries 100–" in log_page(home, "?entry=150")
    assert "Entries 100–" in log_page(home, "?from=99999999")
    assert "Entries 0–99 of" in log_page(home, "?from=x")


def test_a_flipped_byte_is_caught_with_its_line_and_reason_on_every_page(home: Path) -> None:
    assert "The log verifies." in log_page(home)
    text = log_of(home).read_text()
    line = next(number for number, one in enumerate(text.splitlines(), 1) if '"platelets"' in one)
    log_of(home).write_text(text.replace('"value":"210"', '"value":"910"', 1))
    page = log_page(home)
    assert "The log does not verify." in page
    assert f"Line {line}: The value of value in entry {line - 1} is not the one that was sealed" in page
    room = web_client(home).get(f"/trial/{NAME}/")
    assert "The log does not verify." in room.content.decode()


def test_a_torn_line_closes_the_room_and_says_why(home: Path) -> None:
    log_of(home).write_bytes(log_of(home).read_bytes()[:-40])
    room = web_client(home).get(f"/trial/{NAME}/")
    assert room.status_code == 409
    assert "The last line is torn" in room.content.decode()
    assert "The last line is torn" in log_page(home)


def test_a_line_that_is_no_entry_is_shown_for_what_it_is(home: Path) -> None:
    lines = log_of(home).read_text().splitlines()
    lines[20] = "{}"
    log_of(home).write_text("\n".join(lines) + "\n")
    page = log_page(home)
    assert "Line 21: The line is not an entry" in page
    assert "Reading stops here" in page
    assert web_client(home).get(f"/trial/{NAME}/").status_code == 409


def test_a_changed_protocol_closes_the_room_and_names_the_change(home: Path) -> None:
    protocol = home / "trials" / NAME / "protocol.yaml"
    protocol.write_text(protocol.read_text().replace("start: 100 mg/d on day 1", "start: 400 mg/d on day 1"))
    room = web_client(home).get(f"/trial/{NAME}/")
    assert room.status_code == 409
    assert "The protocol file has changed" in room.content.decode()


def test_a_protocol_that_cannot_be_read_closes_the_room_and_keeps_the_study_page(home: Path) -> None:
    (home / "trials" / NAME / "protocol.yaml").write_text("trialwright: [")
    assert web_client(home).get(f"/trial/{NAME}/").status_code == 409
    assert web_client(home).get("/study/NCT00787384/").status_code == 200


def test_a_trial_without_a_log_says_how_to_begin_one(home: Path) -> None:
    log_of(home).unlink()
    room = web_client(home).get(f"/trial/{NAME}/")
    assert room.status_code == 409
    assert "This trial has no log yet" in room.content.decode()
