"""``trialwright simulate`` at the door: what it prints, keeps and refuses, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from tests.simulated_titration import OPERATING, PROTOCOL

from trialwright.cli.main import cli
from trialwright.cli.output import duration
from trialwright.cli.simulate_progress import progress_line

pytestmark = pytest.mark.slow  # trials are played
ROOT = Path(__file__).parents[2]


def simulate(*words: str, protocol: Path = PROTOCOL) -> tuple[int, str, str]:
    done = CliRunner().invoke(cli, ["simulate", str(protocol), *words])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout, done.stderr


def test_the_text_says_simulated_and_gives_every_number_its_error() -> None:
    code, told, _ = simulate("-n", "2_00", "--seed", "3")
    assert code == 0
    assert told.startswith("SIMULATED · oracle-titration 1.0")
    assert "200 trials, 25 participants each, seed 3" in told
    assert "A participant responds" in told
    assert "±" in told
    assert "none is a result of the trial, of a hospital or of an investigator" in told


def test_a_trial_that_is_opened_verifies_explains_and_says_that_it_is_simulated(tmp_path: Path) -> None:
    code, told, _ = simulate("--open", "47", "--seed", "3", "--home", str(tmp_path))
    assert code == 0
    assert told.startswith("SIMULATED · trial 47 of seed 3: 25 participants")
    verified = CliRunner().invoke(cli, ["log", "verify", "--home", str(tmp_path)])
    assert verified.exit_code == 0 and "verifies" in verified.output
    explained = CliRunner().invoke(cli, ["explain", "P01", "--home", str(tmp_path)])
    assert explained.exit_code == 0 and explained.output.startswith("SIMULATED · P01")
    assert "Course: day" in explained.output


def test_the_same_seed_prints_the_same_and_another_seed_does_not() -> None:
    assert simulate("-n", "100", "--format", "json")[1] == simulate("-n", "100", "--threads", "2", "--format", "json")[1]
    assert simulate("-n", "100", "--format", "json")[1] != simulate("-n", "100", "--seed", "2", "--format", "json")[1]


def test_the_interpreter_gives_what_the_kernel_gives() -> None:
    ways = (json.loads(simulate("-n", "80", "--format", "json", *more)[1]) for more in ((), ("--interpreted",)))
    one, other = ways
    assert one["distributions"] == other["distributions"]
    assert one["flow"] == other["flow"]


def test_a_grid_in_json_holds_each_scenario_and_its_paired_differences() -> None:
    told = json.loads(simulate("-n", "200", "--vary", "virtual.leaves.none=0:0.04:0.02", "--format", "json")[1])
    assert told["simulated"] is True
    assert [one["varied"] for one in told["scenarios"]] == [{"leaves.none": value} for value in ("0", "0.02", "0.04")]
    found = told["scenarios"][2]["differences"]["response"]
    assert found["error"] < found["error_apart"]
    assert found["value"] < 0


REFUSED = [
    (("-n", "0"), "TW-V043"),
    (("-n", "-5"), "TW-V043"),
    (("--vary", "leaves.none=0:1:0.000000001"), "TW-V042"),
    (("--vary", "leaves.none=0:1:0"), "TW-V041"),
    (("--vary", "leaves.none=1:0:0.1"), "TW-V041"),
    (("--vary", "leaves.none"), "TW-V040"),
    (("--set", "leaves.none=1.7"), "TW-V003"),
    (("--set", "leaves.none=many"), "TW-V003"),
    (("--set", "leaves.nune=0.1"), "TW-V020"),
    (("--set", "leaves.none=0.1", "--vary", "leaves.none=0.1,0.2"), "TW-V040"),
    (("--p0", "1.5"), "TW-V040"),
    (("--between", "leaves.none=0.1:0.2"), "TW-V040"),
    (("--tornado", "--by", "0"), "TW-V048"),
    (("--tornado", "--by", "200"), "TW-V048"),
    (("--tornado", "--vary", "leaves.none=0.1,0.2"), "TW-V040"),
    (("--onward", "nobody"), "TW-V046"),
    (("--against", str(PROTOCOL), "--vary", "leaves.none=0.1,0.2"), "TW-V045"),
]


@pytest.mark.parametrize(("words", "code"), REFUSED, ids=[" ".join(words)[:40] for words, _ in REFUSED])
def test_what_cannot_be_is_refused_before_the_first_trial(words: tuple[str, ...], code: str) -> None:
    ended, told, said = simulate(*words)
    assert ended == 10
    assert code in said
    assert told == ""
    assert (ROOT / f"docs/reference/findings/{code}.md").exists() or code == "TW-V020"


def test_an_unknown_number_suggests_the_nearest() -> None:
    assert "Try one of: leaves.none" in simulate("--set", "leaves.nune=0.1")[2]


@pytest.mark.parametrize("words", [("-n", "many"), ("--threads", "0"), ("--seed", "-1"), ("--on", "soon")])
def test_a_slip_on_the_command_line_is_a_usage_error(words: tuple[str, ...]) -> None:
    assert simulate(*words)[0] == 2


def test_a_file_of_chances_that_is_not_there_is_told() -> None:
    code, _, said = simulate("--virtual", "nowhere.yaml")
    assert code == 10
    assert "TW-Y012" in said


def test_the_folder_keeps_the_result_and_its_tables(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert simulate("-n", "100", "--out", str(out))[0] == 0
    told = json.loads((out / "result.json").read_text(encoding="utf-8"))
    assert told["simulated"] is True
    assert pl.read_csv(out / "probabilities.csv").height == len(told["probabilities"])
    assert not [path for path in out.rglob("*") if path.name.endswith(".part")]
    code, _, said = simulate("-n", "100", "--out", str(out))
    assert code == 10
    assert "--resume" in said
    code, again, said = simulate("-n", "100", "--out", str(out), "--resume", "--format", "json")
    assert code == 0
    assert "50 chunks were there already" in said
    assert json.loads(again) == told


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_keeps_what_is_done_and_the_rest_is_resumed(tmp_path: Path) -> None:
    words = ["-n", "4_000", "--interpreted", "--out", str(tmp_path / "out"), "--format", "json"]
    started = subprocess.Popen(
        [sys.executable, "-m", "trialwright.cli.main", "simulate", str(PROTOCOL), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    chunks = tmp_path / "out/chunks"
    for _ in range(600):
        if chunks.exists() and len(list(chunks.glob("*.npz"))) >= 3:
            break
        time.sleep(0.1)
    started.send_signal(signal.SIGINT)
    told, said = started.communicate(timeout=60)
    assert started.returncode == 130, said
    partial = json.loads(told)
    assert partial["provenance"]["partial"] is True
    assert 0 < partial["provenance"]["trials"] < 4000
    assert "Broken off after" in said
    assert "--resume" in said
    code, whole, _ = simulate(*words, "--resume")
    assert code == 0
    assert json.loads(whole)["provenance"]["trials"] == 4000


def test_another_protocol_beside_this_one(tmp_path: Path) -> None:
    other = tmp_path / "start-at-400.yaml"
    text = PROTOCOL.read_text(encoding="utf-8")
    assert "start: 100 mg/d on day 1" in text
    other.write_text(text.replace("start: 100 mg/d on day 1", "start: 400 mg/d on day 1"), encoding="utf-8")
    code, told, _ = simulate("-n", "400", "--virtual", str(OPERATING), "--against", str(other), "--format", "json")
    found = json.loads(told)
    assert code == 0
    assert found["one"]["provenance"]["protocol"] != found["other"]["provenance"]["protocol"]
    assert found["differences"]["response"]["value"] > 0.03
    assert found["differences"]["response"]["error"] < found["differences"]["response"]["error_apart"]


def test_the_page_says_simulated_everywhere_and_names_no_hospital_or_investigator(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    seed = ROOT / "trials/nilg-hes1-03/protocol.yaml"
    code, _, said = simulate(
        "-n", "60", "--interpreted", "--vary", "response.fp_negative=0.2,0.4", "--report", str(page), protocol=seed
    )
    assert code == 0
    assert f"Written: {page}" in said
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") == 5 == html.count(">SIMULATED</text>") // 2
    for name in ("Bassan", "Bergamo", "Brescia", "Firenze", "Vicenza", "Careggi"):
        assert name not in html
    assert "What 25 participants could have meant" in html
    assert "9 of 25" in html


def test_the_progress_line_says_share_rate_and_time_left() -> None:
    assert progress_line(340_000, 1_000_000, 340_000, 0.5).endswith("34 % · 340,000 of 1,000,000 trials · 680,000/s · 1 s left")
    assert "left" not in progress_line(50, 100, 0, 3.0)
    assert [duration(seconds) for seconds in (8, 200, 7500)] == ["8 s", "3 min", "2 h 5 min"]
