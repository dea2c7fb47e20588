"""What a compiled kernel counts is what counting the interpreter's paths gives, table by table, on any number of threads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trialwright.designs.stopping import count_rule
from trialwright.protocol import read_protocol
from trialwright.simulation.operating.kernel.loading import FOLDER, has_numba
from trialwright.simulation.operating.kernel.response_only import applies
from trialwright.simulation.operating.reading import parse_operating, read_operating
from trialwright.simulation.operating.run import Compiled, compile_design, run
from trialwright.simulation.operating.tally import Tally

ROOT = Path(__file__).parents[2]
SIMPLE = ROOT / "benchmarks" / "simulation" / "seed_response_only.yaml"
ORACLE, SEED_TRIAL = ROOT / "trials" / "oracle-titration", ROOT / "trials" / "nilg-hes1-03"
SITES = "{Simulated A: 0.7, Simulated B: 0.3}"
ACCRUAL = f"accrual: {{per_month: {{value: 2, unit: 1/mo, assumption: a}}, sites: {SITES}, assumption: a}}\n"
RULES = (
    count_rule("few", "responders", 25, [(10, 2, None), (18, 6, None)]),
    count_rule("harm", "events", 25, [(8, None, 5), (16, None, 9)]),
)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(not has_numba(), reason="numba is an extra")]


@pytest.fixture(autouse=True)
def own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep kernels of tests apart from the user's."""
    monkeypatch.setenv(FOLDER, str(tmp_path_factory.getbasetemp() / "kernels"))


def same_counts(left: Tally, right: Tally) -> None:
    """Hold two tallies equal, table by table."""
    assert left.trials == right.trials
    for name in left.layout.shapes:
        assert np.array_equal(left.table(name), right.table(name)), name


def both_ways(protocol: Path, text: str) -> tuple[Compiled, Compiled]:
    """A design with stopping rules, compiled and interpreted."""
    read = read_protocol(protocol / "protocol.yaml").protocol
    assert read is not None
    reading = parse_operating(text, "chances.yaml")
    return compile_design(read, reading, RULES), compile_design(read, reading, RULES, interpreted=True)


def test_a_kernel_counts_what_the_interpreter_plays():
    compiled, interpreted = both_ways(ORACLE, (ORACLE / "operating.yaml").read_text(encoding="utf-8") + ACCRUAL)
    numbers = compiled.parameters({"response.B.400": 0.2})
    same_counts(run(compiled, 5, range(300), numbers), run(interpreted, 5, range(300), numbers))


def test_a_kernel_of_few_paths_counts_what_the_interpreter_plays():
    compiled, interpreted = both_ways(SEED_TRIAL, SIMPLE.read_text(encoding="utf-8") + ACCRUAL)
    numbers = compiled.parameters()
    assert applies(compiled.design, numbers)
    same_counts(run(compiled, 5, range(300), numbers), run(interpreted, 5, range(300), numbers))


def test_two_threads_count_what_one_counts():
    read = read_protocol(SEED_TRIAL / "protocol.yaml").protocol
    assert read is not None
    compiled = compile_design(read, read_operating(SIMPLE))
    numbers = compiled.parameters()
    same_counts(run(compiled, 9, range(200_000), numbers, threads=2), run(compiled, 9, range(200_000), numbers))


def test_the_seed_s_whole_file_is_counted_as_the_interpreter_plays_it():
    chances = (SEED_TRIAL / "operating.yaml").read_text(encoding="utf-8")
    compiled, interpreted = both_ways(SEED_TRIAL, chances)
    numbers = compiled.parameters()
    assert compiled.kernel is not None
    assert "calm = steady and MEASURED" in compiled.kernel.written(numbers).source
    same_counts(run(compiled, 5, range(400), numbers), run(interpreted, 5, range(400), numbers))


def test_trials_that_end_early_are_counted_by_size_and_responders():
    compiled, interpreted = both_ways(SEED_TRIAL, SIMPLE.read_text(encoding="utf-8"))
    numbers = compiled.parameters()
    tally = run(compiled, 5, range(300), numbers)
    same_counts(tally, run(interpreted, 5, range(300), numbers))
    table = tally.table("responders")
    assert (table.sum(axis=1) == tally.table("enrolled")).all()
    assert table[:-1].sum() > 0
    assert (table.sum(axis=0) == tally.table("confirmed")).all()
