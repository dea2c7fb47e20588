"""What stands in the cells of a spreadsheet reaches the log as the same command in JSON would; what can't is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.tiny_protocol import TINY

from trialwright.cli.main import cli

Recording = Callable[[str], Result]


@pytest.fixture
def recorded(tmp_path: Path) -> Recording:
    """Begin a simulated trial, and record the text of a CSV file in it."""
    protocol = tmp_path / "tiny.yaml"
    protocol.write_text(TINY, encoding="utf-8")
    home = ["--home", str(tmp_path / "home")]
    at = ["--at", "2020-01-02T09:00:00Z"]
    begun = CliRunner().invoke(cli, ["init", str(protocol), "--simulated", "--site", "S1", *at, *home])
    assert begun.exit_code == 0, begun.output

    def record(text: str) -> Result:
        sheet = tmp_path / "sheet.csv"
        sheet.write_text(text, encoding="utf-8")
        return CliRunner().invoke(cli, ["record", str(sheet), "--as", "doctor:investigator:S1", *at, *home])

    assert record("command,participant,on,site\nRegisterCandidate,P1,2020-01-02,S1\n").exit_code == 0
    visit = "command,participant,on,encounter,value.anc,value.prior,value.pregnant\n"
    done = record(f'{visit}RecordVisit,P1,2020-01-02,screening,4.1,"{{steroid, chemo}}",false\n')
    assert done.exit_code == 0, done.output
    return record


def test_a_correction_is_one_value_not_a_list(recorded: Recording) -> None:
    done = recorded("command,participant,on,corrects,value,reason\nCorrectObservation,P1,2020-01-02,3,4.2,misread\n")
    assert done.exit_code == 0, done.output
    assert "Recorded 1 command as 1 entry" in done.output


def test_a_list_of_entries_is_a_list_of_numbers(recorded: Recording) -> None:
    done = recorded("command,participant,on,deviation,detail,refers\nNoteDeviation,P1,2020-01-02,other,seen,2;3\n")
    assert done.exit_code == 0, done.output


def test_an_instant_that_cannot_be_read_is_refused_with_its_line(recorded: Recording) -> None:
    done = recorded("command,participant,on,at\nScreenCandidate,P1,2020-01-02,soon\n")
    assert done.exit_code == 11
    assert "sheet.csv:2:1  TW-C011  `at` cannot be read" in done.output


def test_an_instant_of_the_call_that_cannot_be_read_is_a_wrong_call(tmp_path: Path) -> None:
    protocol = tmp_path / "tiny.yaml"
    protocol.write_text(TINY, encoding="utf-8")
    done = CliRunner().invoke(cli, ["init", str(protocol), "--simulated", "--at", "soon", "--home", str(tmp_path)])
    assert done.exit_code == 2
    assert "is not an instant" in done.output
