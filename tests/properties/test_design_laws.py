"""Laws of the textbook designs: brute force on small sizes, exact sums, and what no argument may do."""

from __future__ import annotations

import itertools
import math
import sys
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trialwright.designs.after_two_stage import TwoStageCut, after_two_stage, chance_at_least, conditional_error, umvue
from trialwright.designs.ahern import ahern, single_stage
from trialwright.designs.bayes_one_arm import (
    Beta,
    Limits,
    Success,
    beta_binomial,
    posterior_chance,
    posterior_chance_over_standard,
    posterior_rule,
    predictive_probability,
    predictive_rule,
)
from trialwright.designs.binomial import masses, tails
from trialwright.designs.chains import operating_characteristics
from trialwright.designs.errors import DesignError
from trialwright.designs.exact_single_stage import chance_of_at_least
from trialwright.designs.fleming import fleming
from trialwright.designs.group_sequential import crossing, pocock, powered, spending_boundaries, wang_tsiatis, with_futility
from trialwright.designs.predictive_search import PredictiveSearch, predictive_design
from trialwright.designs.randomization import Blocks, permuted_blocks, stratified_blocks
from trialwright.designs.simon import has_numba, simon, simon_grid
from trialwright.designs.spending import Spending
from trialwright.designs.stopping import CountRule, count_rule, first_stop, verdict
from trialwright.designs.survival_size import Accrual, hazard_of_median, schoenfeld_events, survival_size
from trialwright.designs.two_arm import Rates, fisher_power, two_proportions

pytestmark = pytest.mark.slow  # brute force and root finding beside every law

RATES = st.floats(0.02, 0.98)
KEY = b"a key of 16 bytes"


@st.composite
def rules(draw: st.DrawFn) -> CountRule:
    most = draw(st.integers(2, 10))
    looks = draw(st.lists(st.integers(1, most), unique=True, max_size=4).map(sorted))
    bounds = []
    for n in looks:
        low = draw(st.one_of(st.none(), st.integers(0, n)))
        high = draw(st.one_of(st.none(), st.integers((-1 if low is None else low) + 1, n + 1)))
        bounds.append((n, low, high))
    return count_rule("drawn", "responders", most, bounds)


def brute_force(p0: float, p1: float, alpha: float, beta: float, n_max: int) -> list[tuple[float, int, int, int, int]]:
    """Every two-stage design within the error rates, by its definition."""
    found = []
    for n in range(2, n_max + 1):
        for n1 in range(1, n):
            first0, first1, second0, second1 = masses(n1, p0), masses(n1, p1), tails(n - n1, p0), tails(n - n1, p1)
            for r1 in range(n1):
                for r in range(r1 + 1, n):
                    passed = np.arange(r1 + 1, n1 + 1)
                    needed = np.clip(r + 1 - passed, 0, n - n1 + 1)
                    size = float((first0[passed] * second0[needed]).sum())
                    power = float((first1[passed] * second1[needed]).sum())
                    if size <= alpha and power >= 1 - beta:
                        found.append((n1 + (1 - first0[: r1 + 1].sum()) * (n - n1), n, n1, r1, r))
    return found


@pytest.mark.parametrize("given_", [(0.05, 0.4, 0.1, 0.1), (0.1, 0.45, 0.05, 0.2), (0.2, 0.6, 0.05, 0.2), (0.5, 0.85, 0.1, 0.1)])
def test_no_design_is_better_than_the_one_found(given_: tuple[float, float, float, float]) -> None:
    p0, p1, alpha, beta = given_
    every = brute_force(p0, p1, alpha, beta, 26)
    found = simon(p0, p1, alpha, 1 - beta, 26, compiled=False)
    best, least_n = min(one[0] for one in every), min(one[1] for one in every)
    assert found.optimal.en_p0 == pytest.approx(best, abs=1e-12)
    assert found.minimax.n == least_n
    assert found.minimax.en_p0 == pytest.approx(min(one[0] for one in every if one[1] == least_n), abs=1e-12)
    for one in found.admissible:
        assert any((one.n, one.n1, one.r1, one.r) == other[1:] for other in every)


@pytest.mark.parametrize("weight", [0.0, 0.2, 0.5, 0.8, 1.0])
def test_an_admissible_design_minimizes_every_weighting_of_size_and_expected_size(weight: float) -> None:
    every = brute_force(0.2, 0.6, 0.05, 0.2, 26)
    found = simon(0.2, 0.6, 0.05, 0.8, 26, compiled=False)
    least = min(weight * n + (1 - weight) * expected for expected, n, *_ in every)
    assert min(weight * one.n + (1 - weight) * one.en_p0 for one in found.admissible) == pytest.approx(least, abs=1e-12)


@pytest.mark.skipif(not has_numba(), reason="no numba")
def test_the_compiled_search_and_that_by_arrays_find_the_same_to_the_bit() -> None:
    for p0, step, alpha, power in itertools.product((0.05, 0.1, 0.3, 0.6), (0.15, 0.2, 0.3), (0.01, 0.05, 0.1), (0.8, 0.9)):
        assert answer(simon, p0, p0 + step, alpha, power, 90, True) == answer(simon, p0, p0 + step, alpha, power, 90, False)


def test_without_the_compiler_the_search_is_by_arrays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    assert not has_numba()
    assert simon(0.2, 0.4, 0.05, 0.8) == simon(0.2, 0.4, 0.05, 0.8, compiled=False)


def test_a_grid_is_its_settings_one_by_one_and_says_where_there_is_none() -> None:
    optimal, minimax = simon_grid([0.1, 0.2, 0.25], [[0.4], [0.5]], 0.05, 0.8, 40, compiled=False)
    assert optimal.n.shape == (2, 3)
    assert (optimal.n[0, 1], minimax.n[0, 1]) == (38, 33)  # of the admissible ones, the greatest within 40
    one = simon(0.1, 0.5, 0.05, 0.8, 40, compiled=False)
    assert (optimal.r1[1, 0], optimal.n1[1, 0], minimax.r[1, 0]) == (one.optimal.r1, one.optimal.n1, one.minimax.r)
    tight = simon_grid([0.2, 0.2], [0.4, 0.6], 0.05, 0.8, 20, compiled=False)[0]
    assert (tight.n[0], bool(np.isnan(tight.power[0]))) == (-1, True)
    assert tight.n[1] > 0
    with pytest.raises(DesignError):
        simon_grid([0.2, 0.5], [0.4, 0.4], 0.05, 0.8, compiled=False)


def answer(function: Any, *arguments: Any) -> Any:
    try:
        return function(*arguments)
    except DesignError as error:
        return str(error)


@given(rules(), RATES)
def test_a_chain_is_the_sum_over_all_outcomes(rule: CountRule, rate: float) -> None:
    outcomes = np.array(list(itertools.product((0, 1), repeat=rule.most)))
    chance = np.prod(np.where(outcomes == 1, rate, 1 - rate), axis=1)
    stopped, side = first_stop(rule, outcomes)
    found = operating_characteristics(rule, rule.most, rate)
    assert float(found.stopped_low) == pytest.approx(float(chance[side < 0].sum()), abs=1e-12)
    assert float(found.stopped_high) == pytest.approx(float(chance[side > 0].sum()), abs=1e-12)
    lasted = np.where(stopped == 0, rule.most, stopped)
    assert float(found.expected) == pytest.approx(float((chance * lasted).sum()), abs=1e-10)
    assert float(found.stopped_low + found.stopped_high + found.ends.sum()) == pytest.approx(1, abs=1e-12)


@given(rules(), st.lists(st.integers(0, 1), min_size=10, max_size=10))
def test_asking_at_each_participant_stops_where_playing_forward_does(rule: CountRule, outcomes: list[int]) -> None:
    played = outcomes[: rule.most]
    counts = np.cumsum(played)
    told = verdict((rule,), np.arange(1, rule.most + 1), counts)
    stops = np.flatnonzero(told.stops)
    at, side = first_stop(rule, played)
    assert int(at) == (int(stops[0]) + 1 if stops.size else 0)
    assert int(side) == (int(told.side[stops[0]]) if stops.size else 0)


def test_the_first_rule_that_stops_decides_and_harms_are_counted_apart() -> None:
    futility = count_rule("futility", "responders", 20, [(10, 1, None)])
    harm = count_rule("harm", "events", 20, [(5, None, 3), (10, None, 4)])
    told = verdict((futility, harm), [10, 10, 10, 4], [1, 2, 2, 0], [10, 10, 10, 5], [4, 4, 3, 3])
    assert told.rule.tolist() == [0, 1, -1, 1]
    assert told.side.tolist() == [-1, 1, 0, 1]
    assert (harm.reason(1), futility.reason(-1), futility.reason(1)) == ("harm", "futility", "efficacy")


@given(st.integers(0, 12), st.integers(0, 8), RATES, st.floats(0.5, 0.99), st.floats(0.2, 3), st.floats(0.2, 3))
def test_a_predictive_probability_is_the_mean_of_those_after_the_next_participant(
    n: int, rest: int, rate: float, above: float, a: float, b: float
) -> None:
    prior, success, n_max = Beta(a, b), Success(rate, above), n + rest + 1
    now = predictive_probability(np.arange(n + 1), n, n_max, success, prior)
    later = predictive_probability(np.arange(n + 2), n + 1, n_max, success, prior)
    response = (a + np.arange(n + 1)) / (a + b + n)
    assert now == pytest.approx((1 - response) * later[:-1] + response * later[1:], abs=1e-9)
    assert np.all(np.diff(now) >= -1e-12)
    assert np.all((now >= 0) & (now <= 1))


def test_no_smaller_size_monitored_by_predictive_probability_suffices() -> None:
    prior, limits = Beta(0.2, 0.8), (0.01, 0.1)
    found = predictive_design(0.2, 0.5, 0.1, 0.8, PredictiveSearch(5, prior, limits))
    every = []
    for n in range(6, found.n + 1):
        for theta, limit in itertools.product(np.linspace(0.7, 0.99, 30), limits):
            rule = predictive_rule(range(5, n + 1), n, Success(0.2, float(theta)), Limits(low=limit), prior)
            told = operating_characteristics(rule, n, [0.2, 0.5])
            if told.stopped_high[0] <= 0.1 and told.stopped_high[1] >= 0.8:
                every.append((n, float(told.expected[0])))
    assert min(every)[0] == found.n
    assert min(every)[1] == pytest.approx(found.en_p0, abs=1e-9)


@given(st.integers(1, 40), RATES, st.floats(0.2, 5), st.floats(0.2, 5))
def test_a_posterior_chance_rises_with_the_responders(n: int, rate: float, a: float, b: float) -> None:
    found = posterior_chance(np.arange(n + 1), n, rate, Beta(a, b))
    assert np.all(np.diff(found) >= 0)
    assert found + posterior_chance(np.arange(n + 1), n, rate, Beta(a, b), "below") == pytest.approx(np.ones(n + 1))


@given(st.integers(1, 30), st.integers(0, 30), st.floats(0.05, 0.95), st.floats(0.5, 0.99))
def test_a_posterior_rule_stops_exactly_where_the_chance_exceeds_its_limit(n: int, x: int, rate: float, limit: float) -> None:
    rule = posterior_rule([n], 30, rate, Limits(high=limit), Beta(1, 1), "events")
    if x <= n:
        exceeds = float(posterior_chance(x, n, rate, Beta(1, 1)).round(12)) > limit
        assert bool(verdict((rule,), 0, 0, n, x).stops) == exceeds


def test_a_standard_that_is_known_well_is_a_fixed_rate() -> None:
    known = Beta(0.2e6, 0.8e6)
    assert float(posterior_chance_over_standard(9, 25, Beta(), known)) == pytest.approx(
        float(posterior_chance(9, 25, 0.2, Beta())), abs=1e-5
    )
    chances = posterior_chance_over_standard(np.arange(26), 25, Beta(), Beta(20, 80), 0.1)
    assert np.all(np.diff(chances) >= 0)


def test_chances_over_a_standard_agree_with_adaptive_quadrature() -> None:
    from scipy.integrate import quad
    from scipy.stats import beta

    wanted = quad(lambda p: beta.pdf(p, 20, 80) * beta.sf(p + 0.1, 10, 17), 0, 0.9, epsabs=1e-12)[0]
    assert float(posterior_chance_over_standard(9, 25, Beta(), Beta(20, 80), 0.1)) == pytest.approx(wanted, abs=1e-9)


@given(st.integers(0, 60), st.floats(0.1, 20), st.floats(0.1, 20))
def test_predictive_counts_add_up_to_one_with_the_mean_of_the_prior(m: int, a: float, b: float) -> None:
    found = beta_binomial(m, a, b)
    assert found.sum() == pytest.approx(1, abs=1e-9)
    assert (found * np.arange(m + 1)).sum() == pytest.approx(m * a / (a + b), abs=1e-7)


SHARES = st.lists(st.floats(0.05, 0.95), min_size=0, max_size=4).map(lambda found: [*sorted({round(t, 2) for t in found}), 1.0])
HSD = "hwang-shih-decani"
FAMILIES = st.sampled_from(
    [Spending("obrien-fleming"), Spending("pocock"), Spending("power", 1.5), Spending(HSD, -4), Spending(HSD, 0)]
)


@settings(max_examples=25, deadline=None)
@given(SHARES, FAMILIES, st.floats(0.005, 0.1), st.sampled_from([1, 2]))
def test_a_spending_boundary_is_crossed_as_often_as_it_spends(
    shares: list[float], spending: Spending, alpha: float, sided: Any
) -> None:
    bounds = spending_boundaries(shares, alpha, spending, sided)
    crossed = crossing(bounds, 0.0)
    assert float(crossed.upper.sum() + crossed.lower.sum()) == pytest.approx(alpha, rel=1e-6)
    assert bounds.spent == pytest.approx(spending.spent(shares, alpha / sided) * sided, rel=1e-5, abs=1e-9)


@settings(max_examples=15, deadline=None)
@given(SHARES, st.floats(0.005, 0.1), st.floats(0, 0.5), st.sampled_from([1, 2]))
def test_a_wang_tsiatis_boundary_holds_its_level(shares: list[float], alpha: float, delta: float, sided: Any) -> None:
    bounds = wang_tsiatis(shares, alpha, delta, sided)
    assert float(bounds.spent[-1]) == pytest.approx(alpha, rel=1e-8)
    assert np.all(np.diff(bounds.upper) <= 1e-12)


def test_crossing_chances_agree_with_the_bivariate_normal() -> None:
    from scipy.stats import multivariate_normal

    bounds = pocock([0.4, 1.0], 0.05, 2)
    z, rho = float(bounds.upper[0]), math.sqrt(0.4)
    inside = multivariate_normal([0, 0], [[1, rho], [rho, 1]])
    both = sum(sign * float(inside.cdf([z * x, z * y])) for x, y, sign in ((1, 1, 1), (-1, 1, -1), (1, -1, -1), (-1, -1, 1)))
    assert 1 - both == pytest.approx(0.05, abs=1e-5)


def test_more_drift_is_more_power_and_futility_takes_some() -> None:
    bounds = spending_boundaries([0.5, 1], 0.025, Spending("obrien-fleming"))
    power = crossing(bounds, [0, 1, 2, 3]).upper.sum(axis=-1)
    assert np.all(np.diff(power) > 0)
    binding = with_futility(bounds, [0.5, -math.inf])
    assert float(crossing(binding, 3.0).upper.sum()) < float(power[-1])
    assert powered(bounds, 0.9).inflation > 1


def test_one_look_is_the_test_that_everybody_knows() -> None:
    bounds = pocock([1.0], 0.05, 2)
    assert float(bounds.upper[0]) == pytest.approx(1.959963984540054, abs=1e-10)
    assert powered(bounds, 0.8).inflation == pytest.approx(1, abs=1e-6)


@given(st.integers(2, 14), st.integers(1, 13), st.integers(0, 12), RATES)
def test_the_estimate_after_two_stages_is_unbiased(n: int, n1: int, r1: int, rate: float) -> None:
    if not r1 < n1 < n:
        return
    design = TwoStageCut(r1, n1, n)
    at_least = [chance_at_least(design, x, rate) for x in range(n + 2)]
    chances = -np.diff(at_least)
    assert chances.sum() == pytest.approx(1, abs=1e-12)
    assert sum(chance * umvue(design, x) for x, chance in enumerate(chances)) == pytest.approx(rate, abs=1e-10)


@settings(max_examples=8, deadline=None)
@given(RATES, st.sampled_from([0.8, 0.9, 0.95]))
def test_the_lower_and_the_conservative_upper_bound_cover(rate: float, level: float) -> None:
    design = TwoStageCut(2, 9, 20)
    chances = -np.diff([chance_at_least(design, x, rate) for x in range(22)])
    found = [after_two_stage(design, x, 0.2, level) for x in range(21)]
    below = sum(chance for chance, one in zip(chances, found, strict=True) if one.lower is None or one.lower <= rate + 1e-9)
    above = sum(chance for chance, one in zip(chances, found, strict=True) if one.upper_exact >= rate - 1e-9)
    assert below >= 1 - (1 - level) / 2 - 1e-9
    assert above >= 1 - (1 - level) / 2 - 1e-9


def test_the_error_left_for_the_second_stage_adds_up_to_the_design_s() -> None:
    design, first = TwoStageCut(3, 13, 43), masses(13, 0.2)
    left = sum(first[x] * conditional_error(design, 12, x, 0.2) for x in range(4, 14))
    assert left == pytest.approx(simon(0.2, 0.4, 0.05, 0.8, 50, compiled=False).optimal.alpha, abs=1e-12)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([(0.05, 0.3), (0.2, 0.5), (0.4, 0.7)]), st.sampled_from([0.05, 0.1]), st.sampled_from([0.8, 0.9]))
def test_no_smaller_single_stage_suffices_and_from_the_stable_size_all_do(
    rates: tuple[float, float], alpha: float, power: float
) -> None:
    found = ahern(*rates, alpha, power)
    for n in (*range(1, found.first.n), *range(found.stable.n, found.stable.n + 40)):
        cuts = [cut for cut in range(n + 1) if float(chance_of_at_least(cut, n, rates[0])) <= alpha]
        suffices = bool(cuts) and float(chance_of_at_least(cuts[0], n, rates[1])) >= power
        assert suffices == (n >= found.stable.n)


@given(st.integers(1, 12), st.integers(1, 12), st.booleans(), st.sampled_from([1, 2]))
@example(4, 12, False, 1)  # a table of which p is 1/20
@settings(max_examples=20, deadline=None)
def test_fisher_s_test_rejects_the_tables_that_scipy_rejects(n0: int, n1: int, up: bool, sided: Any) -> None:
    from scipy.stats import fisher_exact

    rates = Rates(0.3, 0.6) if up else Rates(0.6, 0.3)
    side = "two-sided" if sided == 2 else "greater" if up else "less"
    chance = np.outer(masses(n0, rates.control), masses(n1, rates.experimental))
    wanted = sum(
        chance[x, y]
        for x in range(n0 + 1)
        for y in range(n1 + 1)
        if fisher_exact([[y, n1 - y], [x, n0 - x]], alternative=side).pvalue <= 0.05 * (1 + 1e-9)
    )
    assert fisher_power(rates, n0, n1, 0.05, sided) == pytest.approx(wanted, abs=1e-12)


def test_the_exact_test_needs_more_than_the_uncorrected_one() -> None:
    exact = two_proportions(Rates(0.1, 0.4), 0.05, 0.8, "fisher exact")
    plain = two_proportions(Rates(0.1, 0.4), 0.05, 0.8)
    assert plain.n_control < exact.n_control
    assert exact.power >= 0.8
    assert two_proportions(Rates(0.1, 0.4), 0.05, 0.8, ratio=2.0).n_experimental > plain.n_experimental


@settings(max_examples=25, deadline=None)
@given(st.floats(0.1, 30), st.floats(1, 24), st.floats(0, 24), st.floats(0.01, 0.3), st.floats(0, 0.1))
def test_observed_events_are_the_integral_over_entries(
    time: float, accrual: float, follow_up: float, hazard: float, leaving: float
) -> None:
    entries = (np.arange(4000) + 0.5) / 4000 * accrual
    followed = np.maximum(time - entries, 0)
    total = hazard + leaving
    wanted = (hazard / total * (1 - np.exp(-total * followed))).mean()
    assert float(Accrual(accrual, follow_up, hazard, leaving).observed(time, hazard)) == pytest.approx(wanted, abs=1e-5)


def test_events_do_not_depend_on_accrual_and_ratio_costs() -> None:
    plain = survival_size(0.6, 0.025, 0.9)
    timed = survival_size(0.6, 0.025, 0.9, Accrual(12, 6, hazard_of_median(10)))
    assert plain.events == timed.events
    assert timed.participants is not None
    assert timed.participants > timed.events
    assert schoenfeld_events(0.6, 0.025, 0.9, 2.0) == pytest.approx(plain.events * 9 / 8)


@given(st.integers(1, 60), st.sampled_from([(2, 4), (4,), (6, 2)]), st.text(max_size=5))
def test_each_whole_block_is_balanced_and_a_longer_list_begins_with_the_shorter(
    count: int, lengths: tuple[int, ...], stratum: str
) -> None:
    blocks = Blocks({"a": 1, "b": 1}, lengths)
    longer = permuted_blocks(KEY, blocks, count + 10, stratum)
    assert longer[:count] == permuted_blocks(KEY, blocks, count, stratum)
    for _, lines in itertools.groupby(longer, key=lambda line: line.block):
        counts = Counter(line.arm for line in lines)
        whole = sum(counts.values()) in lengths and sum(counts.values()) == max(lengths)
        assert not whole or counts["a"] == counts["b"]


def test_every_order_of_a_block_is_as_likely() -> None:
    blocks = Blocks({"a": 2, "b": 2}, (4,))
    orders = Counter("".join(line.arm for line in permuted_blocks(index.to_bytes(16, "big"), blocks, 4)) for index in range(3000))
    assert len(orders) == 6
    assert sum((count - 500) ** 2 / 500 for count in orders.values()) < 20.5  # chi-square, 5 degrees, 1 in 1000


def test_strata_have_lists_of_their_own() -> None:
    found = stratified_blocks(KEY, Blocks({"a": 1, "b": 1}, (4,)), {"site": ("1", "2"), "sex": ("f", "m")}, 40)
    lists = {name: [line.arm for line in lines] for name, lines in itertools.groupby(found, key=lambda line: line.stratum)}
    assert len(lists) == 4
    assert len({tuple(one) for one in lists.values()}) == 4


NUMBERS = st.one_of(st.floats(), st.integers(-3, 3), st.sampled_from([0.05, 0.2, 0.4, 0.8]))


@settings(max_examples=150, deadline=None)
@given(NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.integers(-5, 60))
def test_whatever_is_given_a_design_answers_or_says_what_is_allowed(p0: Any, p1: Any, alpha: Any, power: Any, n: int) -> None:
    attempts = (
        lambda: simon(p0, p1, alpha, power, n, compiled=False),
        lambda: ahern(p0, p1, alpha, power, n),
        lambda: single_stage(p0, p1, alpha, n),
        lambda: fleming(p0, alpha, (n, n)),
        lambda: predictive_rule([n], 20, Success(p0, p1), Limits(alpha, power), Beta(1, 1)),
        lambda: posterior_rule([n], 20, p0, Limits(alpha, power), Beta(1, 1)),
        lambda: pocock([0.5, 1], alpha),
        lambda: two_proportions(Rates(p0, p1), alpha, power),
        lambda: schoenfeld_events(p0, alpha, power),
        lambda: after_two_stage(TwoStageCut(1, 5, 10), n, p0),
    )
    for attempt in attempts:
        try:
            assert attempt() is not None
        except DesignError as error:
            assert error.allowed
            assert error.field


def test_a_finished_design_keeps_its_rule_as_stages() -> None:
    rule = fleming(0.2, 0.05, (15, 10)).rule
    assert rule.looks == (15, 25)
    assert (int(rule.low[15]), int(rule.high[15])) == (3, 7)
