"""Simulated looks (one arm; two arms with survival): the same compiled and plain, the log-rank of the analysis, exact chances."""

from __future__ import annotations

import csv
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.analysis.estimators.log_rank import log_rank
from trialwright.designs.chains import operating_characteristics, stages
from trialwright.designs.errors import DesignError
from trialwright.simulation.one_arm_looks import simulate_one_arm
from trialwright.simulation.philox import words
from trialwright.simulation.survival_looks import STREAM, SurvivalPlan, course, simulate_survival_looks

pytestmark = pytest.mark.slow  # kernels are compiled, and a process started without numba

MEDIAN_12 = math.log(2) / 12
O_BRIEN_FLEMING = (3.47109144465409, 2.45443229863352, 2.00403557995285)  # rpact 3.3.4, three looks, one-sided 2.5 %
PLAN = SurvivalPlan(300, MEDIAN_12, 0.7 * MEDIAN_12, 12.0, (70, 140, 210), O_BRIEN_FLEMING)
SMALL = SurvivalPlan(41, 0.1, 0.05, 6.0, (5, 12, 20), (9.0, 9.0, 9.0), loss_hazard=0.04)
TWO_STAGES = stages((13, 25), (3, 7), (14, 8))


def test_one_arm_is_the_same_to_the_trial_compiled_and_by_arrays() -> None:
    pytest.importorskip("numba")
    for rule, n in ((TWO_STAGES, 25), (stages((5, 9, 12, 16, 20), (0, 1, 2, 3, 4), (5, 6, 8, 9, 5)), 30)):
        fast, plain = (simulate_one_arm(rule, n, 0.35, 40_000, 2**63 + 11, compiled=one) for one in (True, False))
        assert fast.low.tolist() == plain.low.tolist() and fast.high.tolist() == plain.high.tolist()
        assert fast.ends.tolist() == plain.ends.tolist()
        assert fast.low.sum() + fast.high.sum() + fast.ends.sum() == 40_000


@given(st.floats(0, 1), st.integers(0, 2**64 - 1))
@settings(max_examples=25, deadline=None)
def test_one_arm_stops_as_often_as_the_exact_chain_says(rate: float, seed: int) -> None:
    trials = 20_000
    found, exact = simulate_one_arm(TWO_STAGES, 25, rate, trials, seed), operating_characteristics(TWO_STAGES, 25, rate)
    for counted, chance in ((found.low, exact.low), (found.high, exact.high)):
        assert np.all(np.abs(counted / trials - chance) <= 6 * np.sqrt(np.maximum(chance * (1 - chance), 0) / trials) + 1e-3)
    assert found.expected == pytest.approx(float(exact.expected), abs=0.6)


def test_a_rate_of_nothing_and_of_everything_is_certain() -> None:
    assert simulate_one_arm(TWO_STAGES, 25, 0.0, 1000, 1).low.tolist() == [1000, 0]
    assert simulate_one_arm(TWO_STAGES, 25, 1.0, 1000, 1).high.tolist() == [0, 1000]


@pytest.mark.parametrize("bad", [{"rate": 1.1}, {"n": 0}, {"trials": 0}, {"seed": -1}, {"seed": 2**64}, {"rate": math.nan}])
def test_a_single_arm_that_cannot_be_is_refused(bad: dict[str, float]) -> None:
    whole: dict[str, float] = {"n": 25, "rate": 0.3, "trials": 10, "seed": 1, **bad}
    with pytest.raises(DesignError):
        simulate_one_arm(TWO_STAGES, **whole)  # type: ignore[arg-type]


def _known_at(plan: SurvivalPlan, seed: int, trial: int, now: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is known of everybody at a calendar time, built from the words in the plainest way."""
    person = np.arange(plan.n)
    uniform = [(words(seed, trial, person, visit, STREAM) + 0.5) / 2.0**32 for visit in range(2)]
    hazard = np.where(person % 2 == 1, plan.treated_hazard, plan.control_hazard)
    time = -np.log(uniform[0]) / (hazard + plan.loss_hazard)
    event = uniform[1] * (hazard + plan.loss_hazard) < hazard
    entered = plan.entry < now
    still = plan.entry + time > now
    own = np.where(still, now - plan.entry, time)
    return own[entered], (event & ~still)[entered], (person % 2)[entered]


@pytest.mark.parametrize("plan", [PLAN, SMALL])
def test_the_test_at_each_look_is_the_log_rank_test_of_the_analysis(plan: SurvivalPlan) -> None:
    never = replace(plan, efficacy=(99.0,) * 3)
    _, when, z = course(never, (5, 12), 77, compiled=False)
    for trial in range(12):
        for look, events in enumerate(plan.looks):
            own, event, arm = _known_at(plan, 77, 5 + trial, min(when[trial, look], 1e9))
            reached = when[trial, look] < 1e9
            assert not reached or event.sum() == events
            assert z[trial, look] == pytest.approx(log_rank(own, event, arm).z, abs=1e-9)


def test_the_course_of_a_trial_is_the_same_compiled_and_plain() -> None:
    pytest.importorskip("numba")
    for plan in (PLAN, SMALL):
        fast, plain = (course(plan, (2**33, 40), 9, compiled=one) for one in (True, False))
        assert fast[0].tolist() == plain[0].tolist()
        assert fast[1] == pytest.approx(plain[1], rel=1e-12)
        assert fast[2] == pytest.approx(plain[2], abs=1e-12)


def test_a_trial_is_the_same_in_any_company() -> None:
    whole = course(SMALL, (0, 30), 4)
    for number in (0, 7, 29):
        alone = course(SMALL, (number, 1), 4)
        assert alone[0][0] == whole[0][number] and alone[2][0].tolist() == whole[2][number].tolist()
    together = simulate_survival_looks(SMALL, 3000, 4)
    parts = [simulate_survival_looks(SMALL, count, 4, first) for first, count in ((0, 1), (1, 1999), (2000, 1000))]
    assert sum(one.rejected for one in parts).tolist() == together.rejected.tolist()


def test_another_unit_of_time_changes_no_decision() -> None:
    months = simulate_survival_looks(SMALL, 500, 3)
    days = replace(SMALL, control_hazard=0.1 / 32, treated_hazard=0.05 / 32, loss_hazard=0.04 / 32, accrual=6.0 * 32)
    again = simulate_survival_looks(days, 500, 3)
    assert again.rejected.tolist() == months.rejected.tolist()
    assert again.time == pytest.approx(32 * months.time, rel=1e-9)


def test_futility_stops_where_the_treated_fare_worse() -> None:
    harmful = replace(SMALL, treated_hazard=0.4, futility=(0.0, 0.0))
    found = simulate_survival_looks(harmful, 500, 3)
    assert found.futile[0] > 400 and found.rejected.sum() == 0 and found.futile.sum() == 500
    assert simulate_survival_looks(replace(harmful, futility=()), 500, 3).futile.tolist() == [0, 0, 500]


@pytest.mark.parametrize(
    "bad",
    [
        {"n": 1}, {"control_hazard": 0.0}, {"treated_hazard": math.nan}, {"accrual": -1.0}, {"looks": ()}, {"looks": (20, 5, 12)},
        {"looks": (5, 12, 42)}, {"efficacy": (1.0,)}, {"futility": (1.0,)}, {"loss_hazard": -0.1},
        {"efficacy": (1.0, math.nan, 1.0)},
    ],
)  # fmt: skip
def test_a_plan_that_cannot_be_is_refused(bad: dict[str, object]) -> None:
    with pytest.raises(DesignError):
        replace(SMALL, **bad)  # type: ignore[arg-type]


def test_power_and_times_are_those_that_rpact_simulates() -> None:
    """rpact_survival_three_looks.csv (rpact 3.3.4, 100,000 trials each); within five Monte Carlo errors of both."""
    pytest.importorskip("numba")
    with (Path(__file__).parents[1] / "reference/designs/rpact_survival_three_looks.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        found = simulate_survival_looks(replace(PLAN, treated_hazard=float(row["hazard_ratio"]) * MEDIAN_12), 20_000, 11)
        room = 5 * math.hypot(found.power_error, float(row["power_error"]))
        assert abs(found.power - float(row["power"])) <= room
        for look in range(3):
            theirs = float(row[f"reject_{look + 1}"])
            error = math.hypot(found.reject_error[look], math.sqrt(theirs * (1 - theirs) / 100_000))
            assert abs(found.rejected[look] / found.trials - theirs) <= 5 * error + 1e-4
            assert found.time[look] == pytest.approx(float(row[f"months_{look + 1}"]), rel=0.01)


def test_without_numba_the_same_trials_come_out() -> None:
    here = simulate_survival_looks(SMALL, 50, 3), simulate_one_arm(TWO_STAGES, 25, 0.35, 5_000, 3)
    script = (
        "import sys; sys.modules['numba'] = None\n"
        "from trialwright.designs.chains import stages\n"
        "from trialwright.simulation.one_arm_looks import simulate_one_arm\n"
        "from trialwright.simulation.survival_looks import SurvivalPlan, simulate_survival_looks\n"
        f"from math import inf\nplan = {SMALL!r}\n"
        "print(simulate_survival_looks(plan, 50, 3).rejected.tolist())\n"
        "print(simulate_one_arm(stages((13, 25), (3, 7), (14, 8)), 25, 0.35, 5_000, 3).low.tolist())\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(here[0].rejected.tolist()), str(here[1].low.tolist())]
