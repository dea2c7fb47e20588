"""A run's responders are those that the analysis plan finds in the same trial, opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from trialwright.analysis import estimate
from trialwright.log import MemoryShelf
from trialwright.protocol import read_protocol
from trialwright.simulation.operating.reading import read_operating
from trialwright.simulation.operating.run import compile_design, open_one, trace

TRIALS = Path(__file__).parents[2] / "trials"
pytestmark = pytest.mark.slow  # whole trials are opened


@pytest.mark.parametrize(
    ("name", "number"), [("nilg-hes1-03", 1), ("nilg-hes1-03", 4711), ("oracle-titration", 2), ("oracle-titration", 3)]
)
def test_a_run_counts_whom_the_analysis_of_the_opened_trial_counts(name: str, number: int) -> None:
    protocol = read_protocol(TRIALS / name / "protocol.yaml").protocol
    assert protocol is not None
    compiled = compile_design(protocol, read_operating(TRIALS / name / "operating.yaml"), interpreted=True)
    goal = compiled.design.goal
    assert goal is not None
    paths = trace(compiled, 1, range(number, number + 1), compiled.parameters())
    reached = paths.confirmed if goal.confirmed else paths.seen
    trial = open_one(compiled, 1, number, {}, MemoryShelf())
    found = estimate(protocol, trial.state, goal.endpoint)[0]
    assert (found.numerator, found.n) == (int((reached >= 0).sum()), int((paths.state[:, 0] <= compiled.design.levels).sum()))
