"""What `trialwright simulate` and `design` refuse, one by one: how they end, what they name, no traceback, nothing left."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from tests.simulated_titration import OPERATING, PROTOCOL

from trialwright.cli.main import cli

pytestmark = pytest.mark.slow  # a command each, some as processes of their own
LOOPING = """
variables:
  chicken: {label: chicken, type: quantity, unit: 10*9/L, derive: egg * 2}
  egg: {label: egg, type: quantity, unit: 10*9/L, derive: chicken * 2}
"""
SIMULATE = [
    (("-n", "1_000_000_000_000_000"), 10, "TW-V043"),
    (("--set", "leaves.none=-0.1"), 10, "Set was: leaves.none = -0.1."),
    (("--set", "leaves.none=1e999999999"), 10, "TW-V003"),
    (("--set", "participants=0"), 10, "`participants` cannot be read"),
    (("--set", "participants=2.5"), 10, "the file says 2.5"),
    (("--vary", "leaves.none=0.5:1.5:0.5"), 10, "Set was: leaves.none = 1.5."),
    (("--vary", "leaves.none=many"), 10, "TW-V040"),
    (("--vary", "leaves.none=0:1e999999:1e-999999"), 10, "TW-V040"),
    (("--vary", "leaves.none=0:1:0.000000001"), 10, "TW-V042"),
    (("--tornado", "--between", "leaves.none=1e999999999:2"), 10, "TW-V040"),
    (("--p0", "nan"), 10, "TW-V040"),
    (("--seed", "-1"), 2, "--seed"),
    (("--seed", str(2**64)), 2, "--seed"),
    (("--threads", "0"), 2, "--threads"),
    (("--open", str(2**44)), 2, "--open"),
    (("--open", "3", "--tornado"), 10, "`--tornado` does not go with --open"),
    (("--open", "3", "--onward", "other"), 10, "`--onward` does not go with --open"),
    (("--onward", "other", "--vary", "leaves.none=0,1"), 10, "`--vary` does not go with --onward"),
    (("--against", str(PROTOCOL), "--tornado"), 10, "`--against` does not go with --tornado"),
    (("--outcome", "response"), 10, "`--outcome` belongs to --tornado"),
    (("--resume",), 10, "`--resume` needs --out"),
    (("--virtual", "."), 10, "TW-Y012"),
    (("--against", "nowhere.yaml"), 10, "TW-Y012"),
    (("--report", "."), 2, "`.` is a folder"),
    (("--report", "a-file/page.html"), 2, "`a-file` cannot be made"),
    (("--out", "a-file/run"), 2, "`a-file/run` cannot be made"),
    (("--virtual", "broken.yaml"), 10, "broken.yaml:2"),
]
DESIGN = [
    ("simon --p0 1.2 --p1 .4", "--p0"),
    ("simon --p0 .2 --p1 .4 --n-max 1000000000", "--n-max"),
    ("fleming --p0 .1 --p1 2 --sizes 10,10", "--p1"),
    ("ahern --p0 0 --p1 .4", "--p0"),
    ("ahern --p0 .2 --p1 .2000001", "no single stage"),
    ("exact --p0 .2 --p1 1.4 --n 25", "--p1"),
    ("exact --p0 .2 --p1 .4 --n 0", "--n"),
    ("predictive --n-max 20 --looks 10 --success-rate 1.2 --low .1", "--success-rate"),
    ("predictive --n-max 20 --looks 30 --success-rate .2 --low .1", "--looks"),
    ("predictive --n-max 20 --looks 10 --success-rate .2 --low .1 --true 1.5", "--true"),
    ("predictive-design --p0 .2 --p1 .4 --limit 3", "--limit"),
    ("posterior --n-max 20 --looks 10 --rate 1.3 --high .9", "--rate"),
    ("characteristics --looks 13,25 --low 3,- --high -,9 --true 1.1", "--true"),
    ("after-two-stage --r1 3 --n1 13 --n 43 --responders 12 --p0 1.2", "--p0"),
    ("group-sequential --looks 3 --alpha 2", "--alpha"),
    ("two-proportions --p-control 1.2 --p-experimental .4", "--p-control"),
    ("survival --hazard-ratio .7 --control-median nan --accrual 3", "--control-median"),
    ("survival --hazard-ratio .7 --control-median 3 --accrual 3 --dropout 1.3", "--dropout"),
    ("survival --hazard-ratio .7 --ratio 1e300", "too large"),
    ("randomize --n 10 --blocks 3 --arms a,b --seed 1", "--blocks"),
    ("randomize --n 10 --blocks 4 --arms a,b --seed 1 --stratum site", "--stratum"),
]


def left(folder: Path) -> list[str]:
    """What a command left in a folder, but for what was there before."""
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.name not in ("a-file", "broken.yaml"))


@pytest.mark.parametrize(("words", "ends", "says"), SIMULATE, ids=[" ".join(words)[:50] for words, *_ in SIMULATE])
def test_a_simulation_that_cannot_be_is_refused_and_leaves_nothing(
    words: tuple[str, ...], ends: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a-file").touch()
    Path("broken.yaml").write_text("kind: operating\n  a: [1\n", encoding="utf-8")
    given = ["simulate", str(PROTOCOL), "-n", "20", "--interpreted", *words]
    done = CliRunner().invoke(cli, given, env={"TRIALWRIGHT_HOME": str(tmp_path)})
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == ends
    assert says in done.stderr
    assert done.stdout == ""
    assert left(tmp_path) == []


@pytest.mark.parametrize(("words", "says"), DESIGN, ids=[words for words, _ in DESIGN])
def test_a_design_that_cannot_be_is_refused_at_its_option(words: str, says: str) -> None:
    done = CliRunner().invoke(cli, ["design", *words.split()])
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == 2
    assert says in done.stderr.partition("Error: ")[2]
    assert done.stdout == ""


def test_a_folder_in_place_of_a_protocol_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["simulate", "."])
    assert done.exit_code == 10
    assert "TW-Y012" in done.stderr


def test_values_that_follow_from_each_other_are_refused_before_the_first_trial(tmp_path: Path) -> None:
    text = PROTOCOL.read_text(encoding="utf-8")
    place = text.index("\nvariables:")
    loops = tmp_path / "loops.yaml"
    loops.write_text(text[:place] + LOOPING.rstrip() + text[place + len("\nvariables:") :], encoding="utf-8")
    done = CliRunner().invoke(cli, ["simulate", str(loops), "--virtual", str(OPERATING), "-n", "20", "--interpreted"])
    assert done.exit_code == 10
    assert "loops.yaml:32" in done.stderr
    assert "TW-S010" in done.stderr
    assert "Try one of: Derive one of them from recorded values" in done.stderr
    assert done.stdout == ""


def started(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "trialwright.cli.main", "simulate", str(PROTOCOL), *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "NO_COLOR": "1"}
    )


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_ctrl_c_while_a_trial_is_opened_leaves_nothing_behind(tmp_path: Path) -> None:
    running = started("--open", "10", "--home", str(tmp_path))
    for _ in range(6_000):
        if list(tmp_path.glob("trials/.*.part/log.jsonl")):
            break
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode != 0
    assert "Traceback" not in said
    assert left(tmp_path) == ["trials"]


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
@pytest.mark.parametrize("words", [("--open", "9", "--home"), ("-n", "2000", "--interpreted", "--out")])
def test_a_full_disk_is_told_with_its_place_and_leaves_no_half_file(words: tuple[str, ...], tmp_path: Path) -> None:
    line = (
        f'ulimit -f 8; exec "{sys.executable}" -m trialwright.cli.main simulate "{PROTOCOL}" {" ".join(words)} "{tmp_path}/kept"'
    )
    done = subprocess.run(["/bin/bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"Error: File too large: {tmp_path}/kept")
    assert "Traceback" not in done.stderr
    assert [one for one in left(tmp_path) if one.endswith((".part", "log.jsonl"))] == []
