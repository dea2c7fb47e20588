"""One simulated trial of many, opened: every command and every page reads it, and all of them say that it is simulated."""

import re
import shutil
import subprocess
from html import unescape

import pytest
from tests.opened_homes import NAME, opened_home, real_names, typed
from tests.study_pages import visible_text
from tests.web_homes import web_client

ROOM = f"/trial/{NAME}/"
PAGES = [
    ROOM,
    f"{ROOM}participant/P01/",
    f"{ROOM}participant/P20/",
    f"{ROOM}estimate/",
    f"{ROOM}log/",
    f"{ROOM}log/?from=3900",
    f"{ROOM}report/",
]
pytestmark = pytest.mark.slow  # a trial is opened and reported


def without_sources(text: str) -> str:
    """A page without the sentence that nothing of it is the study's, and without the registrations that it cites as sources."""
    bare = re.sub(r"registered study NCT\d{8}; no result of that study", "", text)
    return re.sub(r"(NIH trial|ClinicalTrials.gov record) NCT\d{8}", "", bare)


def test_every_command_that_reads_a_log_reads_it() -> None:
    home = str(opened_home())
    assert "verifies" in typed("log", "verify", "--home", home)
    assert typed("explain", "P01", "--home", home).startswith("SIMULATED · P01")
    assert typed("analyze", "--home", home).startswith("SIMULATED · NILG-HES1-03 trial 4711 of seed 1")
    assert "trial 4711 of seed 1 (simulated)" in typed("log", "show", "--home", home)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_of_its_room_says_simulated_and_names_nobody_real(address: str) -> None:
    response = web_client(opened_home()).get(address)
    text = visible_text(unescape(response.content.decode()))
    assert response.status_code == 200
    assert "SIMULATED" in text
    for name in (*real_names(), "NCT0"):
        assert name not in without_sources(text), name


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not installed")
def test_every_sheet_of_its_report_says_simulated_and_names_nobody_real() -> None:
    file = opened_home() / "trials" / NAME / "report.pdf"
    told = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, text=True, check=True).stdout
    sheets = told.rstrip("\f").split("\f")
    assert len(sheets) > 10
    assert all("SIMULATED" in sheet for sheet in sheets)
    assert "It is trial 4711 of the run with seed 1." in re.sub(r"\s+", " ", told)
    for name in (*real_names(), "NCT0"):
        assert name not in without_sources(re.sub(r"\s+", " ", told)), name


def test_the_room_says_how_to_play_the_same_trial_under_a_changed_protocol() -> None:
    html = unescape(web_client(opened_home()).get(ROOM).content.decode())
    played = "trialwright simulate at-400.yaml --virtual trials/nilg-hes1-03/operating.yaml --seed 1 --open 4711 --home at-400"
    assert played in html
    assert "trialwright report --home at-400" in html
