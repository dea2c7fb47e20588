"""One Trialwright mirrors another over the v2 API: the mirror says the same, and follows a change."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from trialwright.cli.main import cli
from trialwright.registry.catalogue import Catalogue
from trialwright.registry.record import Record

pytestmark = pytest.mark.slow  # a server as a process of its own

ON = datetime(2026, 1, 1, tzinfo=UTC)


def run(home: Path, *words: str) -> dict[str, Any]:
    done = CliRunner().invoke(cli, ["registry", *words, "--json", "--home", str(home)])
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def origin(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    home = tmp_path / "origin"
    run(home, "import", "--sample")
    command = [sys.executable, "-m", "trialwright.web", "--home", str(home), "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if name not in ("TRIALWRIGHT_HOME", "DISPLAY")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        found = re.search(r"http://[^/\s]+", line)
        assert found, line
        yield home, f"{found[0]}/api/v2"
        server.send_signal(signal.SIGTERM)


def test_a_mirror_of_our_own_api_holds_the_same_records_and_follows_a_change(origin: tuple[Path, str], tmp_path: Path) -> None:
    home, address = origin
    mirror = tmp_path / "mirror"
    told = run(mirror, "sync", "--from", address, "--page-size", "60", "--rate", "50")
    assert (told["complete"], told["new"], told["refused"], told["findings"]) == (True, 334, 0, [])
    there, here = Catalogue(home / "registry").edition(), Catalogue(mirror / "registry").edition()
    theirs = {record.nct_id: record for record in there.records()}
    assert {record.nct_id: record for record in here.records()} == theirs

    changed: Any = json.loads(json.dumps(theirs["NCT00787384"].raw))
    changed["protocolSection"]["statusModule"].update(
        overallStatus="TERMINATED", lastUpdatePostDateStruct={"date": "2030-01-02", "type": "ACTUAL"}
    )
    with Catalogue(home / "registry").revision(ON) as revision:
        revision.put(Record(changed), "test")
    told = run(mirror, "sync", "--from", address, "--rate", "50")
    assert (told["complete"], told["new"], told["changed"]) == (True, 0, 1)
    listed = run(mirror, "history", "NCT00787384", "--diff")
    texts = [one["text"] for one in listed["versions"][0]["differences"]]
    assert "Overall status: Completed → Terminated" in texts
