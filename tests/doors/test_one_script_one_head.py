"""One script, the same clock and the same salts: through Python and through the command line it gives one head digest."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.tiny_protocol import LIMITS, TINY, bloods, on_day, tiny

from trialwright.cli.main import cli
from trialwright.conduct import Actor, Trial, read_command
from trialwright.conduct import commands as asked
from trialwright.log import GENESIS, JsonLinesShelf, MemoryShelf, seeded_salts, verify
from trialwright.vocabulary.dates import parse_instant
from trialwright.vocabulary.findings import Place

SALT = "one-script"
OPENED = "2019-12-05T08:00:00Z"
WHO = "doctor:investigator:S1"
REFUSED, FINDINGS = 11, 10


def step(day: int, command: str, hour: int = 12, **fields: Any) -> dict[str, Any]:
    at = f"{on_day(day).isoformat()}T{hour:02d}:00:00Z"
    return {"command": command, "participant": "P1", "on": on_day(day).isoformat(), "at": at, **fields}


def visit(day: int, encounter: str, occurrence: int = 1, **values: Any) -> dict[str, Any]:
    return step(day, "RecordVisit", encounter=encounter, occurrence=occurrence, values=values, limits=LIMITS)


ENTRY = {"age": "40", "disease": "HES", "prior": ["steroid"], "pregnant": False}
SCRIPT = [
    step(-14, "RegisterCandidate", site="S1"),
    step(-14, "RecordConsent", 13, by=["participant"]),
    visit(-13, "screening", **ENTRY, **bloods()),
    step(-12, "AttestCriterion", criterion="I1", holds=True),
    step(-8, "ScreenCandidate"),
    step(-7, "EnrolParticipant"),
    visit(1, "first_dose", **bloods()),
    step(1, "PrescribeDose", 13, dose="100"),
    step(1, "RecordDose", 14, dose="100"),
    step(
        5, "ReportAdverseEvent", term="Rash", grade=1, serious=False, related=True, expected=True, aware_on=on_day(5).isoformat()
    ),
    visit(8, "week", 1, **bloods("3 10*9/L", wbc="4", share="20.0")),
    step(8, "PrescribeDose", 13, dose="200"),
    step(8, "RecordDose", 14, dose="200"),
    step(9, "CorrectObservation", corrects=9, value="13", reason="a slip of the pen"),
    step(15, "MissVisit", encounter="week", occurrence=2, reason="snow"),
]


def through_python() -> Trial:
    at = parse_instant(OPENED)
    opening = asked.OpenTrial(
        study="tiny (simulated)", title="A tiny trial (simulated)", simulated=True, sites=("S1", "S2"), on=at.date()
    )
    trial = Trial.begin(MemoryShelf(), tiny(), opening, Actor("sponsor", "sponsor"), at, seeded_salts(SALT.encode()))
    person, role, site = WHO.split(":")
    trial.submit(
        asked.DelegateAuthority(person=person, roles=(role,), site=site, on=at.date()),
        actor=Actor("sponsor", "sponsor"),
        at=at,
        key="delegate-0",
    )
    for number, data in enumerate(SCRIPT):
        given = dict(data)
        instant = parse_instant(given.pop("at"))
        command, findings = read_command(given, Place("script"))
        assert command is not None, findings
        trial.submit(command, actor=Actor(person, role, site), at=instant, key=f"s{number}")
    return trial


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--home", str(home)], catch_exceptions=False)


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the trial has begun, to be copied."""
    folder = tmp_path_factory.mktemp("opened")
    protocol = folder / "tiny.yaml"
    protocol.write_text(TINY, encoding="utf-8")
    home = folder / "home"
    sites = ["--site", "S1", "--site", "S2", "--delegate", WHO, "--simulated"]
    result = run(home, "init", str(protocol), "--trial", "tiny", *sites, "--at", OPENED, "--salt-seed", SALT)
    assert result.exit_code == 0, result.output
    return home


@pytest.fixture
def home(opened: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(opened, tmp_path / "home"))


def keyed() -> list[dict[str, Any]]:
    return [{**data, "key": f"s{number}"} for number, data in enumerate(SCRIPT)]


def record(home: Path, path: Path, *more: str) -> Result:
    return run(home, "record", str(path), "--trial", "tiny", "--as", WHO, "--salt-seed", SALT, *more)


@pytest.mark.parametrize("form", ["list", "lines", pytest.param("one by one", marks=pytest.mark.long)])
def test_one_script_gives_one_head_digest_through_python_and_the_command_line(home: Path, tmp_path: Path, form: str) -> None:
    path = tmp_path / "script.json"
    if form == "one by one":
        for data in keyed():
            path.write_text(json.dumps(data), encoding="utf-8")
            assert record(home, path).exit_code == 0
    else:
        path.write_text(json.dumps(keyed()) if form == "list" else "\n".join(map(json.dumps, keyed())), encoding="utf-8")
        result = record(home, path)
        assert result.exit_code == 0, result.output
    expected = through_python()
    log = home / "trials/tiny/log.jsonl"
    shelf = JsonLinesShelf(log)
    assert shelf.head() == expected.head
    assert tuple(shelf.entries()) == expected.entries
    assert [found for found in verify(log).findings if found.stops] == []


def test_the_same_file_given_twice_adds_nothing(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps(SCRIPT), encoding="utf-8")
    first = record(home, path, "--format", "json")
    again = record(home, path, "--format", "json")
    told, retold = json.loads(first.output), json.loads(again.output)
    assert (told["repeated"], retold["repeated"], retold["entries"]) == (0, len(SCRIPT), 0)
    assert told["head"] == retold["head"]


def test_a_dry_run_says_what_it_would_record_and_records_nothing(home: Path, tmp_path: Path) -> None:
    log = home / "trials/tiny/log.jsonl"
    before = log.read_bytes()
    path = tmp_path / "script.json"
    path.write_text(json.dumps(keyed()), encoding="utf-8")
    result = record(home, path, "--dry-run")
    assert result.exit_code == 0
    assert str(through_python().head.digest) in result.output
    assert log.read_bytes() == before


def test_recording_ends_at_the_first_refusal_and_what_came_before_stands(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    forbidden = {**step(8, "PrescribeDose", 13, dose="500", reason="a try"), "key": "too-much"}
    path.write_text(json.dumps([*keyed()[:11], forbidden, *keyed()[11:]]), encoding="utf-8")
    result = record(home, path)
    assert result.exit_code == REFUSED
    assert "TW-C041" in result.output
    assert "11 commands" in result.output
    path.write_text(json.dumps(keyed()), encoding="utf-8")
    assert record(home, path).exit_code == 0
    assert JsonLinesShelf(home / "trials/tiny/log.jsonl").head() == through_python().head


def test_a_person_to_whom_nothing_was_delegated_is_refused(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps({**SCRIPT[0], "actor": "stranger:investigator:S1"}), encoding="utf-8")
    result = record(home, path)
    assert result.exit_code == REFUSED
    assert "TW-C002" in result.output


def test_a_protocol_that_cannot_be_read_begins_nothing(tmp_path: Path) -> None:
    protocol = tmp_path / "wrong.yaml"
    protocol.write_text(TINY.replace("receives: [drug]", "receives: [drugg]"), encoding="utf-8")
    result = run(tmp_path / "home", "init", str(protocol), "--simulated", "--at", OPENED)
    assert result.exit_code == FINDINGS
    assert "TW-S004" in result.output
    assert not (tmp_path / "home/trials").exists()


def test_an_altered_log_is_not_written_to(home: Path, tmp_path: Path) -> None:
    log = home / "trials/tiny/log.jsonl"
    log.write_bytes(log.read_bytes().replace(b"doctor", b"docter", 1))
    path = tmp_path / "script.json"
    path.write_text(json.dumps(keyed()), encoding="utf-8")
    before = log.read_bytes()
    result = record(home, path)
    assert result.exit_code == REFUSED
    assert "TW-L" in result.output
    assert log.read_bytes() == before


def test_an_empty_log_ends_where_all_logs_begin() -> None:
    assert Trial(MemoryShelf(), tiny(), seeded_salts(SALT.encode())).head == GENESIS


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "yesterday", "2020-02-30"])
def test_a_day_that_is_none_of_a_trial_is_a_mistake_of_usage(home: Path, tmp_path: Path, day: str) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps(keyed()[:6]), encoding="utf-8")
    assert record(home, path).exit_code == 0
    for arguments in (["explain", "P1"], ["due"]):
        assert run(home, *arguments, "--trial", "tiny", "--on", day).exit_code == 2
