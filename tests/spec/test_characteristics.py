"""What is made of the tallies of simulated trials: distributions, probabilities, decisions, each with its Monte Carlo error."""

from __future__ import annotations

import csv
import itertools
import json
import math
from math import comb
from pathlib import Path

import numpy as np
import pytest
from tests.simulated_titration import ACCRUAL, AS_IT_IS, protocol, reading, titration, work

from trialwright.analysis.estimators.proportion import proportion
from trialwright.designs.binomial import at_most
from trialwright.designs.stopping import count_rule
from trialwright.simulation.characteristics.building import characterise
from trialwright.simulation.characteristics.deciding import planned_interval
from trialwright.simulation.characteristics.estimates import of_batches, of_mean, of_share, quantile
from trialwright.simulation.characteristics.plain import as_plain, tables
from trialwright.simulation.characteristics.result import Characteristics
from trialwright.simulation.operating.run import compile_design
from trialwright.simulation.scenarios.playing import on_threads, play
from trialwright.simulation.scenarios.work import plan_work

pytestmark = pytest.mark.slow  # trials are played for all of it
EXACT = Path(__file__).parents[1] / "reference/designs/oracle_titration.csv"


@pytest.fixture(scope="module")
def found() -> Characteristics:
    return play(work(4000, more=ACCRUAL), on_threads(1)).each[0].found


@pytest.fixture(scope="module")
def exact() -> dict[str, float]:
    row = next(row for row in csv.DictReader(EXACT.open(encoding="utf-8")) if row["scenario"] == "rich_seed")
    return {name: float(value) for name, value in row.items() if name != "scenario"}


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("response", "P_CR"),
        ("response.subtype.A", "P_CR_A"),
        ("response.subtype.B", "P_CR_B"),
        ("responders.mean", "E_responders_25"),
        ("ended.dropout", "P_dropout"),
        ("events.severe.mean", "E_AE_per_patient"),
        ("weeks_at.100.mean", "E_weeks_at_100"),
        ("weeks_at.400.mean", "E_weeks_at_400"),
        ("last_dose.300", "P_final_300"),
    ],
)
def test_each_estimate_lies_within_its_own_error_of_the_exact_value(
    found: Characteristics, exact: dict[str, float], ours: str, theirs: str
) -> None:
    estimate = found.probability(ours).estimate
    assert 0 < estimate.error < 0.1
    assert abs(estimate.value - exact[theirs]) < 4 * estimate.error
    assert estimate.low < estimate.value < estimate.high


@pytest.mark.parametrize("least", [5, 9, 12, 16, 20])
def test_the_whole_distribution_of_responders_is_the_exact_one(
    found: Characteristics, exact: dict[str, float], least: int
) -> None:
    counts = np.array(found.distribution("responders").counts)
    hits, trials = int(counts[least:].sum()), int(counts.sum())
    chance = exact[f"P_resp_ge_{least}"]
    assert abs(hits / trials - chance) < 4 * math.sqrt(chance * (1 - chance) / trials) + 1e-9


def test_a_decision_is_the_share_of_trials_whose_own_interval_lies_above_the_rate(found: Characteristics) -> None:
    counts = np.array(found.distribution("responders").counts)
    low = proportion(np.arange(26), 25).low
    expected = counts[low > 0.3].sum() / counts.sum()
    assert found.probability("decision.above.0.3").estimate.value == pytest.approx(expected, abs=1e-12)


def test_the_interval_that_is_decided_by_is_the_one_of_the_plan() -> None:
    interval = planned_interval(titration().design.protocol, "complete_response")
    assert (interval.words, interval.level) == ("clopper-pearson 95 %", 0.95)
    assert next(iter(np.flatnonzero(interval.excludes(25, 0.2)))) == 10  # 9 of 25: lower bound 0.1797


def test_rates_can_be_asked_for_by_name() -> None:
    found = play(work(200, rates=(0.15, 0.25)), on_threads(1)).each[0].found
    assert [one.id for one in found.probabilities if one.part.startswith("Decisions")] == [
        "decision.above.0.15",
        "decision.above.0.25",
    ]


def test_participants_are_counted_once_by_trait_dose_and_way_out(found: Characteristics) -> None:
    everybody = 25 * 4000
    assert sum(found.distribution("members.subtype.A").mean.value * 4000 for _ in (0,)) + found.distribution(
        "members.subtype.B"
    ).mean.value * 4000 == pytest.approx(everybody)
    ended = [one.estimate.value for one in found.probabilities if one.id.startswith("ended.")]
    assert sum(ended) == pytest.approx(1)
    assert sum(found.probability(f"first_response_at.{dose}").estimate.value for dose in (100, 200, 300, 400)) == pytest.approx(1)


def test_accrual_goes_to_simulated_sites_by_their_shares_and_ends_with_everybody_in(found: Characteristics) -> None:
    assert found.distribution("enrolled_at.Simulated site 1").mean.value == pytest.approx(18.75, abs=0.2)
    assert found.accrual is not None
    middle = found.accrual.enrolled[found.accrual.shares.index(0.5)]
    assert middle[-1] == 25
    assert list(middle) == sorted(middle)
    assert all(low <= high for low, high in zip(found.accrual.enrolled[0], found.accrual.enrolled[-1], strict=True))
    weeks = 24 * 30.4375 / 2 / 7  # gaps of half a month on average; then the last participant's course, 12 weeks at most
    assert weeks < found.distribution("duration").mean.value < weeks + 12


def test_the_flow_loses_nobody_from_one_visit_to_the_next(found: Characteristics) -> None:
    assert found.flow is not None
    off = len(found.flow.states) - 1
    moves = np.array(found.flow.moves)
    assert moves[0].sum() == 25 * 4000
    for before, after in itertools.pairwise(moves):
        assert (before.sum(axis=0)[:off] == after.sum(axis=1)[:off]).all()


def test_a_result_says_that_it_is_simulated_and_has_stable_keys(found: Characteristics) -> None:
    told = json.loads(json.dumps(as_plain(found)))
    assert told["simulated"] is True
    assert set(told) == {"format", "simulated", "provenance", "probabilities", "distributions", "flow", "accrual", "notes"}
    assert set(told["probabilities"]["response"]) == {"label", "part", "share", "value", "error", "low", "high"}
    assert told["provenance"]["trials"] == 4000
    assert "simulated" in told["notes"][0]
    assert all(told["probabilities"][one]["error"] is not None for one in told["probabilities"])


def test_tables_hold_what_the_values_hold(found: Characteristics) -> None:
    frames = tables(found)
    rows = frames["distributions"].filter(frames["distributions"]["id"] == "responders")
    assert rows["count"].sum() == 4000
    assert frames["moves"]["participants"].sum() > 25 * 4000
    assert frames["probabilities"]["id"].n_unique() == len(found.probabilities)


def test_a_share_of_nothing_and_of_everything_still_has_an_interval() -> None:
    assert of_share(0, 100).high == pytest.approx(0.037, abs=0.001)
    assert of_share(100, 100).low == pytest.approx(0.963, abs=0.001)
    assert math.isnan(of_share(0, 0).value)


def test_the_error_of_a_mean_shrinks_with_the_root_of_the_trials() -> None:
    few, many = np.array([10, 20, 10]), np.array([1000, 2000, 1000])
    assert of_mean(few).error / of_mean(many).error == pytest.approx(10)
    assert of_mean(few).value == of_mean(many).value == 1


def test_the_order_statistics_of_a_quantile_hold_the_true_one_as_often_as_they_say() -> None:
    chance = np.random.Generator(np.random.PCG64(7))
    held = 0
    for _ in range(400):
        one = quantile(np.bincount(chance.poisson(30, 500), minlength=80), 0.25)
        held += one.low <= 26 <= one.high  # the lower quartile of a Poisson distribution of mean 30
    assert held >= 380


def test_batches_without_a_value_are_left_out() -> None:
    found = of_batches(np.array([1.0, 3.0, math.nan, 2.0]), 2.0)
    assert found.error == pytest.approx(1 / math.sqrt(3))


def test_nothing_simulated_is_our_mistake_and_loud() -> None:
    empty = work(100)
    with pytest.raises(ValueError, match="nothing was simulated"):
        characterise(empty.compiled, empty.compiled.layout(empty.numbers[0]).empty(), empty.provenance(0, 0))


def chance_above(rate: float, p: float) -> float:
    """The chance that the interval of those enrolled lies above a rate: 12, where 5 or fewer of them respond, else 25."""
    first, rest = (np.array([comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]) for n in (12, 13))
    interval = planned_interval(protocol(), "")
    going_on = np.convolve(np.where(np.arange(13) > 5, first, 0.0), rest)
    return float((first * interval.excludes(12, rate))[:6].sum() + (going_on * interval.excludes(25, rate)).sum())


def test_where_a_rule_stops_trials_the_interval_is_that_of_those_enrolled() -> None:
    rules = (count_rule("futility", "responders", 25, [(12, 5, None)]),)
    compiled = compile_design(protocol(), reading(), rules)
    found = play(plan_work(compiled, 1, 1000, AS_IT_IS), on_threads(1)).each[0].found
    stopped = found.probability("stopped.futility.futility").estimate
    chance = float(at_most(12, 0.5830205184863256)[5])  # P_CR of the exact chain; 12 of them looked at
    assert abs(stopped.value - chance) < 4 * stopped.error
    enrolled = found.probability("enrolled.mean").estimate
    assert abs(enrolled.value - (25 - 13 * chance)) < 4 * enrolled.error
    above = found.probability("decision.above.0.3").estimate
    assert abs(above.value - chance_above(0.3, 0.5830205184863256)) < 4 * above.error
    assert any("Trials end at different sizes" in note for note in found.notes)
    response = found.probability("response").estimate
    assert abs(response.value - 0.583) < 4 * response.error  # by Wald's identity the ratio stays the rate
