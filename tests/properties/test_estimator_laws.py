"""Laws of the estimators, and agreement with independent implementations (lifelines, scipy)."""

from fractions import Fraction
from itertools import permutations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.analysis.estimators.competing import aalen_johansen
from trialwright.analysis.estimators.contingency import fisher_2x2, freeman_halton
from trialwright.analysis.estimators.interval_censored import Reading, read_intervals, turnbull
from trialwright.analysis.estimators.log_rank import log_rank
from trialwright.analysis.estimators.proportion import ProportionMethod, proportion, rate
from trialwright.analysis.estimators.survival import kaplan_meier, quantile_time
from trialwright.analysis.result import Interval, Result, ResultColumn, ResultTable, results_as_text
from trialwright.designs.exact_single_stage import exact_rule, power, smallest_detectable_rate

PEOPLE = st.lists(st.tuples(st.integers(1, 12), st.booleans()), min_size=2, max_size=30)


@given(st.integers(1, 40), st.data())
def test_every_interval_holds_its_estimate_and_mirrors(n, data):
    x = data.draw(st.integers(0, n))
    for method in ProportionMethod:
        own, mirrored = proportion(x, n, 0.95, method), proportion(n - x, n, 0.95, method)
        assert own.low <= own.estimate + 1e-12 and own.estimate <= own.high + 1e-12
        assert float(own.low) == pytest.approx(1 - float(mirrored.high), abs=1e-9)


def test_clopper_pearson_never_covers_less_than_it_says():
    n, counts = 25, np.arange(26)
    found = proportion(counts, n)
    for p in np.linspace(0.01, 0.99, 99):
        chance = np.array([comb(n, int(k)) * p**k * (1 - p) ** (n - k) for k in counts])
        assert chance[(found.low <= p) & (p <= found.high)].sum() >= 0.95


def test_mid_p_lies_inside_clopper_pearson_and_solves_its_equation():
    wide, narrow = proportion(np.arange(26), 25), proportion(np.arange(26), 25, 0.95, ProportionMethod.MID_P)
    assert np.all(narrow.low >= wide.low) and np.all(narrow.high <= wide.high)
    p = float(proportion(6, 25, 0.95, ProportionMethod.MID_P).low)
    chance = [comb(25, k) * p**k * (1 - p) ** (25 - k) for k in range(26)]
    assert sum(chance[7:]) + chance[6] / 2 == pytest.approx(0.025, abs=1e-9)


def test_counts_that_cannot_be_are_our_bug():
    for bad in ((3, 2), (1, 0), (1, 2, 1.0)):
        with pytest.raises(ValueError):
            proportion(*bad)
    with pytest.raises(ValueError):
        rate(1, 0.0)


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 2), min_size=2, max_size=4))
@settings(max_examples=40)
def test_freeman_halton_is_free_of_order_and_transposition(table):
    p = freeman_halton(table)
    assert 0 < p <= 1
    assert all(freeman_halton(list(order)) == pytest.approx(p, rel=1e-12) for order in permutations(table))
    assert freeman_halton(np.array(table).T) == pytest.approx(p, rel=1e-12)


def test_freeman_halton_equals_a_count_of_all_labelings():
    rows, columns = [0, 0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 1, 0, 1]

    def table(labels):
        counts = np.zeros((3, 2), dtype=int)
        np.add.at(counts, (rows, list(labels)), 1)
        return counts

    seen: dict[bytes, int] = {}
    for labels in permutations(columns):
        key = table(labels).tobytes()
        seen[key] = seen.get(key, 0) + 1
    own = seen[table(columns).tobytes()]
    counted = Fraction(sum(v for v in seen.values() if v <= own), sum(seen.values()))
    assert freeman_halton(table(columns)) == pytest.approx(float(counted), rel=1e-12)


def test_a_two_by_two_with_an_empty_margin_teaches_nothing():
    found = fisher_2x2([[3, 0], [5, 0]])
    assert (found.p_value, found.odds_ratio, found.low, found.high) == (1.0, None, 0.0, float("inf"))


@given(PEOPLE)
@settings(max_examples=25, deadline=None)
def test_kaplan_meier_equals_lifelines_with_its_bounds(people):
    lifelines = pytest.importorskip("lifelines")
    times, seen = [t for t, _ in people], [e for _, e in people]
    own = kaplan_meier(times, seen)
    theirs = lifelines.KaplanMeierFitter().fit(times, seen)
    assert own.survival == pytest.approx(theirs.survival_function_at_times(own.times).to_numpy(), abs=1e-9)
    bounds = theirs.confidence_interval_.loc[own.times].to_numpy()
    inside = (own.survival > 0) & (own.survival < 1)
    assert own.low[inside] == pytest.approx(bounds[inside, 0], abs=1e-9)
    assert own.high[inside] == pytest.approx(bounds[inside, 1], abs=1e-9)


@given(PEOPLE)
def test_a_curve_falls_from_one_and_its_bounds_hold_it(people):
    curve = kaplan_meier([t for t, _ in people], [e for _, e in people])
    assert np.all(np.diff(curve.survival) <= 1e-12) and curve.at(0.0) == 1.0
    assert np.all(curve.low <= curve.survival + 1e-12) and np.all(curve.survival <= curve.high + 1e-12)
    assert curve.at_risk[0] == len(people) == curve.events.sum() + curve.censored.sum()
    median = quantile_time(curve)
    assert median.time is None or float(curve.at(median.time)) <= 0.5 + 1e-12


def test_a_curve_flat_at_one_half_has_its_median_in_the_middle():
    assert quantile_time(kaplan_meier([1, 2, 3, 4], [True] * 4)).time == 2.5


@given(PEOPLE, st.data())
@settings(max_examples=25)
def test_log_rank_of_two_groups_equals_scipy(people, data):
    from scipy import stats

    groups = [0, 1] + [data.draw(st.integers(0, 1)) for _ in people[2:]]
    times, seen = np.array([float(t) for t, _ in people]), np.array([e for _, e in people])
    own = log_rank(times, seen, groups)
    halves = [np.array(groups) == g for g in (0, 1)]
    samples = [stats.CensoredData(uncensored=times[h & seen], right=times[h & ~seen]) for h in halves]
    with np.errstate(divide="ignore", invalid="ignore"):
        theirs = float(stats.logrank(*samples).statistic) ** 2
    if np.isfinite(theirs):
        assert own.chi_square == pytest.approx(theirs, abs=1e-8)
    assert own.observed.sum() == pytest.approx(own.expected.sum())


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 2)), min_size=2, max_size=25))
def test_incidences_and_the_event_free_chance_add_up_to_one(people):
    times, kinds = [t for t, _ in people], [k for _, k in people]
    free = kaplan_meier(times, [k > 0 for k in kinds])
    curves = aalen_johansen(times, kinds)
    for day in range(10):
        assert sum(float(c.at(day)) for c in curves) + float(free.at(day)) == pytest.approx(1)
    for curve in curves:
        assert np.all(curve.low <= curve.incidence + 1e-12) and np.all(curve.incidence <= curve.high + 1e-12)


def test_incidence_without_censoring_has_the_binomial_variance():
    times, kinds = [1, 1, 2, 3, 3, 3, 4, 5], [1, 2, 1, 1, 2, 1, 2, 1]
    for curve in aalen_johansen(times, kinds):
        for at, found, error in zip(curve.times, curve.incidence, curve.standard_error, strict=True):
            share = sum(t <= at and k == curve.cause for t, k in zip(times, kinds, strict=True)) / 8
            assert found == pytest.approx(share)
            assert error == pytest.approx(np.sqrt(share * (1 - share) / 8), abs=1e-9)


def test_incidence_equals_lifelines_where_no_times_are_tied():
    lifelines = pytest.importorskip("lifelines")
    times, kinds = [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 0, 2, 1, 0, 1, 2, 0, 1, 0]
    theirs = lifelines.AalenJohansenFitter(calculate_variance=False).fit(times, kinds, event_of_interest=1)
    (own, _) = aalen_johansen(times, kinds)
    want = [float(theirs.cumulative_density_.loc[t].iloc[0]) for t in own.times]
    assert own.incidence == pytest.approx(want, abs=1e-9)


def test_turnbull_of_exact_times_is_kaplan_meier():
    times, seen = [1, 2, 2, 4, 5, 6], [True, False, True, True, False, True]
    exact = turnbull(times, [t if e else np.inf for t, e in zip(times, seen, strict=True)], 1e-13)
    curve = kaplan_meier(times, seen)
    for when in (1, 2, 4, 5):
        assert exact.survival_bounds(when)[0] == pytest.approx(float(curve.at(when)), abs=1e-6)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=12))
def test_turnbull_mass_adds_up_and_lies_where_somebody_may_have_it(spans):
    left, right = [float(a) for a, _ in spans], [float(a + b) for a, b in spans]
    found = turnbull(left, right, 1e-7)
    assert found.mass.sum() == pytest.approx(1)
    for a, b in zip(found.left, found.right, strict=True):
        assert any(low <= a and b <= high for low, high in zip(left, right, strict=True))


def test_readings_of_an_interval_are_named_and_ordered():
    left, right = [28.0, 30.0], [42.0, np.inf]
    early, middle, late = (read_intervals(left, right, reading)[0] for reading in reversed(Reading))
    assert (early[0], middle[0], late[0]) == (28, 35, 42)
    assert read_intervals(left, right, Reading.MIDPOINT)[1].tolist() == [True, False] and late[1] == 30


@given(st.integers(2, 40), st.integers(1, 18))
def test_a_single_stage_rule_holds_its_level_and_one_fewer_response_would_not(n, twentieths):
    rule = exact_rule(n, twentieths / 20)
    assert rule.alpha_exact <= 0.05
    looser = type(rule)(n, rule.null_rate, rule.min_responses - 1, 0.0)
    assert float(power(looser, rule.null_rate)) > 0.05
    found = smallest_detectable_rate(rule, 0.8)
    if found is not None:
        assert float(power(rule, found)) >= 0.8 and found > rule.null_rate


def test_a_result_refuses_nan_and_writes_infinity_as_words():
    table = ResultTable((ResultColumn("week", "Week", "wk"),), ((1,), (2,)))
    made = Result(
        id="or", title="Odds ratio", estimate=float("inf"), unit="", method="exact", source="1935", population="all",
        n=25, head="0" * 64, simulated=True, interval=Interval(1.2, float("inf")), participants=("P-01",), table=table,
    )  # fmt: skip
    text = results_as_text([made])
    assert '"inf"' in text and "Infinity" not in text and results_as_text([made]) == text
    with pytest.raises(ValueError):
        Interval(float("nan"), 1.0)
    with pytest.raises(ValueError):
        ResultTable(table.columns, ((1, 2),))
