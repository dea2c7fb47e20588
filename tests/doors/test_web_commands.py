"""The commands that the pages print can be copied into a terminal and do what the page says."""

import os
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from tests.web_homes import NAME, ROOT, shared_home, web_client

ROOM = f"/trial/{NAME}/"


def printed(address: str, home: Path) -> list[list[str]]:
    """The blocks of commands of a page, each as its lines."""
    html = web_client(home).get(address).content.decode()
    blocks = re.findall(r'<pre tabindex="0"><code>(.*?)</code></pre>', html, re.DOTALL)
    return [unescape(block).strip().splitlines() for block in blocks if "pg-line" not in block]


def run(line: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        line, shell=True, cwd=folder, capture_output=True, text=True, env={**os.environ, "PATH": path}, check=False
    )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return Path(shutil.copytree(shared_home(), tmp_path / "home"))


def test_the_visitor_s_changed_byte_is_caught_on_its_line(home: Path, tmp_path: Path) -> None:
    change, verify = next(block for block in printed(ROOM, home) if "tampered" in block[0])
    assert run(change, tmp_path).returncode == 0
    caught = run(verify, tmp_path)
    assert caught.returncode == 12
    line = re.search(r"sed '(\d+)s", change)
    assert line and f"tampered.jsonl:{line[1]}:1" in caught.stdout


def test_the_visitor_s_changed_line_is_seen_by_check_and_page(home: Path, tmp_path: Path) -> None:
    change, check, page, *_ = next(block for block in printed(ROOM, home) if "at-400" in block[0])
    assert run(change, tmp_path).returncode == 0
    before = run(f"trialwright check {ROOT}/trials/nilg-hes1-03/protocol.yaml", tmp_path)
    after = run(check, tmp_path)
    assert after.stdout.count("TW-P") > before.stdout.count("TW-P")
    assert run(page, tmp_path).returncode == 0
    assert "400" in (tmp_path / "at-400.html").read_text()


@pytest.mark.long
def test_the_visitor_s_changed_line_is_seen_by_rehearsal_and_report(home: Path, tmp_path: Path) -> None:
    for line in next(block for block in printed(ROOM, home) if "at-400" in block[0]):
        done = run(line.replace("at-400", str(tmp_path / "at-400")), ROOT)
        assert done.returncode == 0 or (" check " in line and done.returncode == 10), done.stderr
    assert "400" in (tmp_path / "at-400" / "report.html").read_text()


def test_the_what_if_in_the_terminal_says_what_the_page_says(home: Path, tmp_path: Path) -> None:
    explain = next(block for block in printed(f"{ROOM}participant/P07/?anc=0.8", home) if "explain" in block[0])
    asked = run(explain[0], tmp_path)
    assert asked.returncode == 0
    assert "Advise: hold (0 mg/day)." in asked.stdout and "nothing was recorded" in asked.stdout


def test_the_correction_for_real_is_recorded_and_flags_the_decision(home: Path, tmp_path: Path) -> None:
    lines = next(block for block in printed(f"{ROOM}participant/P07/?anc=0.8", home) if "correction.json" in block[0])
    for line in lines:
        done = run(line, tmp_path)
        assert done.returncode == 0, done.stderr
    page = unescape(web_client(home).get(f"{ROOM}participant/P07/").content.decode())
    assert "This decision rests on data changed since." in page
    assert "ANC was 4.10 and is now 0.8" in page
    assert "Advise: hold (0 mg/day)." in page


def test_the_log_and_the_protocol_are_verified_and_checked_where_the_page_says(home: Path, tmp_path: Path) -> None:
    assert run(printed(f"{ROOM}log/", home)[0][0], tmp_path).returncode == 0
    assert run(printed(f"{ROOM}findings/", home)[0][0], tmp_path).returncode == 0
