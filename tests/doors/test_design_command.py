"""`trialwright design`: what it prints, and that bad input ends with a usage error and never with a traceback."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from trialwright.cli.designing import COMMANDS
from trialwright.cli.main import cli

TABLES = Path(__file__).parents[1] / "reference" / "designs"


def ask(*words: str) -> tuple[int, str]:
    ours = CliRunner().invoke(cli, ["design", *words], catch_exceptions=False)
    return ours.exit_code, ours.output


def told(*words: str) -> Any:
    code, output = ask(*words, "--format", "json")
    assert code == 0, output
    return json.loads(output)


def test_simon_prints_the_two_designs_with_all_their_numbers() -> None:
    found = told("simon", "--p0", ".2", "--p1", ".4", "--alpha", ".05", "--beta", ".2")
    keys = {"r1", "n1", "r", "n", "en_p0", "pet_p0", "alpha", "power"}
    assert found["optimal"].keys() == found["minimax"].keys() == keys
    assert [found["optimal"][key] for key in ("r1", "n1", "r", "n")] == [3, 13, 12, 43]
    assert [found["minimax"][key] for key in ("r1", "n1", "r", "n")] == [4, 18, 10, 33]
    assert found["admissible"][0] == found["minimax"]
    assert found["admissible"][-1] == found["optimal"]


def test_the_text_says_in_words_what_a_design_does() -> None:
    code, output = ask("simon", "--p0", ".2", "--p1", ".4", "--beta", ".2")
    assert code == 0
    assert "stop if 3 or fewer of the first 13 respond, else go on to 43" in output
    assert "Simon R, Control Clin Trials 1989" in output


def test_help_lists_every_design_with_a_line() -> None:
    code, output = ask("--help")
    assert code == 0
    assert all(f"  {name} " in output for name in COMMANDS)


def test_each_design_answers_in_json() -> None:
    assert told("fleming", "--p0", ".2", "--p1", ".4", "--sizes", "15,10")["reject"] == [7, 9]
    assert told("ahern", "--p0", ".2", "--p1", ".4")["first"]["n"] == 35
    assert told("exact", "--p0", ".2", "--p1", ".4", "--n", "25")["cut"] == 9
    predicted = told("predictive", "--n-max", "20", "--looks", "10", "--success-rate", ".2", "--low", ".05", "--true", ".2")
    assert predicted["characteristics"][0]["expected_n"] < 20
    searched = told("predictive-design", "--p0", ".2", "--p1", ".5", "--alpha", ".1", "--limit", ".01", "--prior", ".2,.8")
    assert searched["alpha"] <= 0.1
    assert searched["power"] >= 0.8
    harm = told("posterior", "--n-max", "10", "--looks", "every 5 from 5", "--rate", ".3", "--high", ".9", "--counts", "events")
    assert harm["bounds"] == [{"n": 5, "low": None, "high": 3}, {"n": 10, "low": None, "high": 5}]
    assert told("after-two-stage", "--r1", "3", "--n1", "13", "--n", "25", "--responders", "3", "--p0", ".2")["stopped"]
    assert len(told("group-sequential", "--looks", "0.5,1", "--type", "pocock")["looks"]) == 2
    assert told("two-proportions", "--p-control", ".2", "--p-experimental", ".4")["n_control"] == 82
    assert told("survival", "--hazard-ratio", ".5")["participants"] is None
    listed = told("randomize", "--arms", "a,b", "--blocks", "4", "--n", "8", "--seed", "x")["allocations"]
    assert sorted(one["arm"] for one in listed) == ["a"] * 4 + ["b"] * 4


def test_an_exact_chain_answers_the_question_of_a_rule() -> None:
    found = told("characteristics", "--looks", "13,25", "--low", "3,-", "--high", "-,9", "--true", ".2")
    (only,) = found["characteristics"]
    assert only["low"][0] == pytest.approx(0.7473243095, abs=1e-10)


def test_a_survival_design_has_the_numbers_of_rpact() -> None:
    options = ("--looks", "3", "--type", "obrien-fleming", "--accrual", "12", "--follow-up", "12", "--control-median", "12")
    for row in csv.DictReader((TABLES / "rpact_survival_sample_size.csv").open()):
        found = told("survival", "--hazard-ratio", row["hr"], *options, "--dropout", "0.025")
        assert found["events"] == pytest.approx(float(row["max_events"]), abs=1e-6)
        assert found["participants"] == pytest.approx(float(row["max_subjects"]), abs=1e-6)


def test_looks_at_two_proportions_cost_their_inflation() -> None:
    options = ("two-proportions", "--p-control", ".2", "--p-experimental", ".4")
    found = told(*options, "--looks", "2", "--type", "pocock")
    assert (found["n"], found["n_max"]) == (164, 183)
    assert "183 in all" in ask(*options, "--looks", "2", "--type", "pocock")[1]
    assert told(*options)["n_max"] == 164


def test_no_design_imports_the_compiler() -> None:
    code = "import sys; from trialwright.cli.main import main; main(['design','simon','--p0','.2','--p1','.4'])"
    script = f"import atexit, sys; atexit.register(lambda: print('numba' in sys.modules)); {code}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_a_list_of_allocations_reads_as_csv() -> None:
    code, output = ask(
        *("randomize", "--arms", "a:2,b:1", "--blocks", "3", "--n", "3", "--seed", "x"),
        *("--stratum", "site=1,2", "--stratum", "sex=f,m", "--format", "csv"),
    )
    rows = list(csv.DictReader(output.splitlines()))
    assert code == 0
    assert {row["stratum"] for row in rows} == {"site 1, sex f", "site 1, sex m", "site 2, sex f", "site 2, sex m"}
    assert sum(row["arm"] == "b" for row in rows) == 4


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("simon --p0 .4 --p1 .2", "--p1: 0.2: it must be above p0"),
        ("simon --p0 2 --p1 .4", "--p0: 2.0: a number strictly between 0 and 1"),
        ("simon --p0 nan --p1 .4", "--p0: nan"),
        ("simon --p0 .2 --p1 .4 --alpha 0", "--alpha: 0.0"),
        ("simon --p0 .2 --p1 .4 --beta 1", "--beta: 1.0"),
        ("simon --p0 .2 --p1 .4 --beta .2 --power .8", "not both"),
        ("simon --p0 .2 --p1 .4 --power .01", "above alpha"),
        ("simon --p0 .2 --p1 .4 --n-max 0", "from 2 to 1000"),
        ("simon --p0 .2 --p1 .4 --n-max 20", "so small"),
        ("exact --p0 .2 --p1 .4 --n 0", "--n: 0"),
        ("ahern --p0 .2 --p1 .21 --alpha .001 --power .999", "so small"),
        ("fleming --p0 .2 --p1 .4 --sizes 0,5", "--sizes: 0"),
        ("fleming --p0 .2 --p1 .4 --sizes x", "no list of whole numbers"),
        ("fleming --p0 .2 --p1 .4 --alpha .6 --sizes 5", "below 0.5"),
        ("predictive --n-max 10 --looks 5 --success-rate 1.2", "--success-rate: 1.2"),
        ("predictive --n-max 10 --looks 5 --success-rate .2 --low .9 --high .1", "--low"),
        ("predictive-design --p0 .2 --p1 .4 --n-max 15", "so small"),
        ("predictive-design --p0 .2 --p1 .4 --limit 2", "--limit"),
        ("predictive-design --p0 .2 --p1 .4 --first-look 0", "--first-look: 0"),
        ("posterior --n-max 10 --looks 20 --rate .3 --high .9", "--looks: 20"),
        ("posterior --n-max 1000000000 --looks 5 --rate .3", "from 1 to 2000"),
        ("predictive --n-max 501 --looks 5 --success-rate .2", "from 1 to 500"),
        ("posterior --n-max 10 --looks 5 --rate .3 --prior 0,1", "--prior"),
        ("posterior --n-max 10 --looks 'every 0 from 1' --rate .3", "counts from 1"),
        ("characteristics --looks 2,1 --low 0,0 --high -,- --true .2", "rising"),
        ("characteristics --looks 1,2 --low 0,0 --high -,- --true 2", "from 0 to 1"),
        ("after-two-stage --r1 13 --n1 13 --n 25 --responders 3 --p0 .2", "--r1: 13"),
        ("group-sequential --looks 0", "--looks"),
        ("group-sequential --looks .5,.4,1", "rising to 1"),
        ("group-sequential --looks 3 --type power --parameter -1", "rho above 0"),
        ("group-sequential --looks 2 --fixed-n -3", "--fixed-n"),
        ("two-proportions --p-control .2 --p-experimental .2", "must differ"),
        ("two-proportions --p-control .2 --p-experimental .4 --ratio 0", "--ratio"),
        ("survival --hazard-ratio 1", "no difference"),
        ("survival --hazard-ratio .5 --accrual 3", "--control-median"),
        ("survival --hazard-ratio .5 --accrual 3 --control-median 1 --dropout 1", "--dropout"),
        ("randomize --arms a,b --blocks 3 --n 5 --seed x", "--blocks"),
        ("randomize --arms a:x,b --blocks 2 --n 5 --seed x", "no share"),
        ("randomize --arms a,b --blocks 2 --n 0 --seed x", "--n: 0"),
        ("simons", "Did you mean 'simon'"),
    ],
)
def test_bad_input_names_the_option_and_what_is_allowed(words: str, message: str) -> None:
    import shlex

    code, output = ask(*shlex.split(words))
    assert code == 2
    assert message in output
    assert "Traceback" not in output
