"""Laws of the survival estimators on drawn data, agreement with statsmodels and lifelines, and what they refuse."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from trialwright.analysis.estimators.bayesian import response_posterior
from trialwright.analysis.estimators.competing import aalen_johansen
from trialwright.analysis.estimators.concordance import concordance
from trialwright.analysis.estimators.cox import Ties, cox
from trialwright.analysis.estimators.gray import gray_test
from trialwright.analysis.estimators.log_rank import Weighting, log_rank, log_rank_of
from trialwright.analysis.estimators.partial_likelihood import FEW
from trialwright.analysis.estimators.proportion import ProportionMethod, interval_table, proportion, rate
from trialwright.analysis.estimators.risk import NotEstimable, risk_table
from trialwright.analysis.estimators.survival import area_to, curves, kaplan_meier, quantile_time, restricted_mean
from trialwright.designs.bayes_one_arm import Beta

pytestmark = pytest.mark.slow  # lifelines, statsmodels and pandas import slowly

PERSON = st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 2), st.floats(-2, 2).map(lambda x: round(x, 1)))
PEOPLE = st.lists(PERSON, min_size=2, max_size=40)


def _columns(people: list[tuple[int, bool, int, float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    days, seen, group, number = zip(*people, strict=True)
    return np.array(days), np.array(seen), np.array(group), np.array(number)


def _drawn(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.Generator(np.random.Philox(seed))
    return np.ceil(chance.exponential(300, n)), chance.random(n) < 0.7, chance.integers(0, 2, n)


# ---- one meaning, however it is counted


@given(PEOPLE, st.sampled_from([0.1, 0.5, 7.0, 365.25, 1e-6, 1e6]))
def test_another_unit_of_time_changes_no_test_and_scales_every_time(people, unit) -> None:
    days, seen, group, _ = _columns(people)
    ours, theirs = kaplan_meier(days, seen), kaplan_meier(days * unit, seen)
    assert theirs.survival.tolist() == ours.survival.tolist() and theirs.times == pytest.approx(ours.times * unit)
    if group.min() < group.max():
        assert log_rank(days * unit, seen, group).chi_square == log_rank(days, seen, group).chi_square
    if quantile_time(ours).time is not None:
        assert quantile_time(theirs).time == pytest.approx(quantile_time(ours).time * unit)
    assert area_to(theirs, 10 * unit).mean == pytest.approx(area_to(ours, 10).mean * unit)


@given(PEOPLE, st.randoms(use_true_random=False))
def test_the_order_of_the_people_changes_nothing(people, chance) -> None:
    shuffled = chance.sample(people, len(people))
    for one, other in zip(_columns(people), _columns(shuffled), strict=True):
        assert sorted(one.tolist()) == sorted(other.tolist())
    (days, seen, group, number), (days2, seen2, group2, number2) = _columns(people), _columns(shuffled)
    assert kaplan_meier(days2, seen2).standard_error.tolist() == kaplan_meier(days, seen).standard_error.tolist()
    if group.min() < group.max():
        tested, again = (log_rank(*one, strata=two) for one, two in (((days, seen, group), None), ((days2, seen2, group2), None)))
        assert again.p_value == pytest.approx(tested.p_value, abs=1e-12)
        kinds = seen * (1 + (days % 2))
        shuffled_kinds = seen2 * (1 + (days2 % 2))
        gray, gray2 = gray_test(days, kinds, group), gray_test(days2, shuffled_kinds, group2)
        assert gray2.chi_square == pytest.approx(gray.chi_square, rel=1e-6, abs=1e-9)
    try:
        fit = cox(days, seen, number)
    except NotEstimable:
        with pytest.raises(NotEstimable):
            cox(days2, seen2, number2)
        return
    assert cox(days2, seen2, number2).coefficients == pytest.approx(fit.coefficients, rel=1e-7, abs=1e-9)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 3), st.integers(0, 2)), min_size=2, max_size=20))
@settings(max_examples=300)
def test_grays_test_is_a_number_whatever_the_sample(people) -> None:
    days, kinds, groups = (np.array(one) for one in zip(*people, strict=True))
    assume(groups.min() < groups.max())
    found = gray_test(days, kinds, groups)
    assert found.chi_square >= -1e-9 and 0 <= found.p_value <= 1 and abs(found.scores.sum()) < 1e-9


@pytest.mark.parametrize("n", [1500, 4000])
def test_days_that_are_counted_and_days_that_are_sorted_give_the_same(n: int) -> None:
    """Whole days are counted above a thousand rows; a shift of a quarter of a day has them sorted."""
    days, seen, group = _drawn(n, n)
    for shift in (0.25, 1e6):
        assert kaplan_meier(days + shift, seen).survival == pytest.approx(kaplan_meier(days, seen).survival, rel=1e-12)
        assert log_rank(days + shift, seen, group).chi_square == pytest.approx(log_rank(days, seen, group).chi_square, rel=1e-12)
        fits = [cox(one, seen, group) for one in (days, days + shift)]
        assert fits[1].coefficients == pytest.approx(fits[0].coefficients, rel=1e-10)
    whole = kaplan_meier(days.astype(np.int32), seen)
    assert whole.survival.tolist() == kaplan_meier(days, seen).survival.tolist()


def test_labels_may_be_words_numbers_or_truths() -> None:
    days, seen, group = _drawn(200, 5)
    words = np.where(group == 1, "b", "a")
    found = [log_rank(days, seen, one) for one in (group, group + 10**9, group == 1, words, group.astype(float))]
    assert len({one.chi_square for one in found}) == 1
    assert [one.groups for one in found[:4]] == [(0, 1), (10**9, 10**9 + 1), (False, True), ("a", "b")]


def test_one_table_serves_the_curves_and_the_test() -> None:
    days, seen, group = _drawn(300, 6)
    table = risk_table(days, seen, group)
    assert log_rank_of((table,)).chi_square == log_rank(days, seen, group).chi_square
    for one, curve in enumerate(curves(table)):
        alone = kaplan_meier(days[group == one], seen[group == one])
        assert curve.times.tolist() == alone.times.tolist() and curve.survival.tolist() == alone.survival.tolist()
        assert curve.at_risk.tolist() == alone.at_risk.tolist() and curve.high.tolist() == alone.high.tolist()


# ---- laws of the numbers


@given(PEOPLE)
def test_without_ties_and_with_one_binary_covariate_the_score_test_is_the_log_rank_test(people) -> None:
    days, seen, group, _ = _columns(people)
    distinct, two = np.argsort(days, kind="stable") * 1.0, (group > 0).astype(float)
    assume(two.min() < two.max())
    try:
        fit = cox(distinct, seen, two)
    except NotEstimable:
        return
    assert fit.score.statistic == pytest.approx(log_rank(distinct, seen, two).chi_square, rel=1e-9, abs=1e-12)


@given(PEOPLE, st.floats(0.01, 100), st.floats(-50, 50))
@settings(max_examples=40)
def test_a_covariate_in_another_unit_has_its_coefficient_in_that_unit(people, unit, shift) -> None:
    days, seen, _, number = _columns(people)
    try:
        fit = cox(days, seen, number)
    except NotEstimable:
        return
    again = cox(days, seen, number * unit + shift)
    assert again.coefficients * unit == pytest.approx(fit.coefficients, rel=1e-5, abs=1e-7)
    assert again.log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-9)


@given(PEOPLE)
@settings(max_examples=40)
def test_the_three_tests_of_a_model_are_of_one_kind_and_the_gradient_is_nothing(people) -> None:
    days, seen, _, number = _columns(people)
    try:
        fit = cox(days, seen, number)
    except NotEstimable:
        return
    assert fit.log_likelihood >= fit.log_likelihood_null - 1e-9 and fit.events == seen.sum()
    assert fit.low[0] <= fit.hazard_ratio[0] <= fit.high[0]
    assert fit.wald.statistic == pytest.approx(float((fit.coefficients[0] / fit.standard_error[0]) ** 2), rel=1e-9)
    assert fit.p_values[0] == pytest.approx(fit.wald.p_value, rel=1e-6, abs=1e-12)
    for one in (fit.score, fit.wald, fit.likelihood_ratio):
        assert one.statistic >= -1e-9 and 0 <= one.p_value <= 1 and one.degrees == 1


def test_strata_that_are_one_stratum_change_nothing_and_each_counts_alone() -> None:
    days, seen, group = _drawn(120, 8)
    plain, one = log_rank(days, seen, group), log_rank(days, seen, group, strata=["x"] * 120)
    assert one.chi_square == pytest.approx(plain.chi_square)
    halves = np.arange(120) % 2
    both = log_rank(days, seen, group, strata=halves)
    parts = [log_rank(days[halves == h], seen[halves == h], group[halves == h]) for h in (0, 1)]
    assert both.observed == pytest.approx(parts[0].observed + parts[1].observed)
    assert both.variance == pytest.approx(parts[0].variance + parts[1].variance)
    assert cox(days, seen, group, strata=[0] * 120).coefficients == pytest.approx(cox(days, seen, group).coefficients)


@given(PEOPLE, st.sampled_from(Ties), st.integers(1, 3))
@settings(max_examples=60)
def test_a_trial_repeated_in_strata_has_the_same_coefficients_and_so_many_times_the_information(people, ties, layers) -> None:
    """A few rows go through a table of risk sets, many through sums along the sorted rows: both must say the same."""
    days, seen, group, number = _columns(people)
    x, strata, copies = np.stack([group > 1, number], axis=1) * 1.0, np.arange(len(people)) % layers, FEW // len(people) + 1
    repeated = [np.concatenate([one] * copies) for one in (days, seen, x)]
    labels = np.concatenate([strata + layers * copy for copy in range(copies)])
    try:
        fit = cox(days, seen, x, ties, strata)
    except NotEstimable:
        with pytest.raises(NotEstimable):
            cox(*repeated, ties, labels)
        return
    again = cox(*repeated, ties, labels)
    assert np.all(np.abs(again.coefficients - fit.coefficients) <= 2e-6 * fit.standard_error)  # where a fit counts as settled
    assert again.covariance * copies == pytest.approx(fit.covariance, rel=1e-5, abs=1e-9)
    assert again.log_likelihood_null == pytest.approx(fit.log_likelihood_null * copies, rel=1e-11)
    assert again.log_likelihood == pytest.approx(fit.log_likelihood * copies, rel=1e-9)
    assert again.score.statistic == pytest.approx(fit.score.statistic * copies, rel=1e-7, abs=1e-9)
    assert again.events == fit.events * copies


def test_a_mean_without_censoring_is_the_mean_and_its_error_the_binomials_kind() -> None:
    days = np.array([3.0, 5.0, 5.0, 8.0, 12.0, 20.0])
    found = restricted_mean(kaplan_meier(days, np.ones(6, dtype=bool)), 20.0)
    assert found.mean == pytest.approx(days.mean()) and found.standard_error == pytest.approx(days.std() / np.sqrt(6))
    assert 0 <= found.low < found.mean < found.high <= 20


@given(PEOPLE)
def test_concordance_of_a_score_and_of_its_opposite_add_up_to_one(people) -> None:
    days, seen, _, number = _columns(people)
    try:
        found = concordance(days, seen, number)
    except NotEstimable:
        return
    assert found + concordance(days, seen, -number) == pytest.approx(1)
    won = compared = 0.0
    for i in range(len(days)):
        for j in range(len(days)):
            if seen[i] and (days[j] > days[i] or (days[j] == days[i] and not seen[j])):
                compared += 1
                won += 1.0 if number[i] > number[j] else 0.5 if number[i] == number[j] else 0.0
    assert found == pytest.approx(won / compared)


def test_intervals_of_all_counts_are_those_of_each_and_cannot_be_changed() -> None:
    for method in ProportionMethod:
        table = interval_table(25, 0.9, method)
        for x in (0, 1, 9, 25):
            assert table.low[x] == float(proportion(x, 25, 0.9, method).low)
        assert interval_table(25, 0.9, method) is table
        with pytest.raises(ValueError):
            table.low[0] = 1.0


@given(st.integers(1, 60), st.data())
def test_a_posterior_under_jeffreys_prior_is_jeffreys_interval_inside(n, data) -> None:
    x = data.draw(st.integers(1, n - 1)) if n > 1 else 0
    after = response_posterior(x, n, Beta(0.5, 0.5))
    bounds = proportion(x, n, 0.95, ProportionMethod.JEFFREYS)
    if 0 < x < n:
        assert float(after.low) == pytest.approx(float(bounds.low)) and float(after.high) == pytest.approx(float(bounds.high))
    assert after.low < after.mean < after.high and float(after.above(float(after.median))) == pytest.approx(0.5)
    chances = after.predicts(10)
    assert chances.sum() == pytest.approx(1) and chances @ np.arange(11) == pytest.approx(10 * float(after.mean))


# ---- independent implementations


@pytest.mark.parametrize("seed", range(4))
def test_cox_equals_statsmodels_and_lifelines_with_many_ties(seed: int) -> None:
    from lifelines import CoxPHFitter
    from pandas import DataFrame
    from statsmodels.duration.hazard_regression import PHReg

    chance = np.random.Generator(np.random.Philox(seed))
    x = chance.normal(size=(80, 3)).round(1)
    days, seen = np.ceil(chance.exponential(8 * np.exp(-0.4 * x[:, 0]))), chance.random(80) < 0.75
    for ties in Ties:
        ours, theirs = cox(days, seen, x, ties), PHReg(days, x, status=seen.astype(int), ties=ties.value.lower()).fit()
        assert ours.coefficients == pytest.approx(theirs.params, abs=1e-6)
        assert ours.standard_error == pytest.approx(theirs.bse, abs=1e-6)
        assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-9)
    frame = DataFrame({"day": days, "seen": seen, "a": x[:, 0], "b": x[:, 1], "c": x[:, 2]})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = CoxPHFitter().fit(frame, "day", "seen", fit_options={"precision": 1e-9})
    assert cox(days, seen, x).coefficients == pytest.approx(model.params_.to_numpy(), abs=2e-5)  # lifelines stops sooner


@pytest.mark.parametrize(
    ("weighting", "words"),
    [(Weighting.LOG_RANK, None), (Weighting.GEHAN, "wilcoxon"), (Weighting.TARONE_WARE, "tarone-ware")],
)
def test_weighted_log_rank_of_three_groups_equals_lifelines(weighting: Weighting, words: str | None) -> None:
    from lifelines.statistics import multivariate_logrank_test

    days, seen, _ = _drawn(90, 3)
    groups = np.arange(90) % 3
    theirs = multivariate_logrank_test(np.ceil(days / 40), groups, seen, **({"weightings": words} if words else {}))
    ours = log_rank(np.ceil(days / 40), seen, groups, weighting)
    assert ours.chi_square == pytest.approx(theirs.test_statistic, rel=1e-6) and ours.p_value == pytest.approx(
        theirs.p_value, rel=1e-6
    )


# ---- what has no answer, and what is our mistake


def test_all_censored_is_a_curve_at_one_with_no_median_and_nothing_to_compare() -> None:
    days, never = [3, 5, 9, 9], [False] * 4
    curve = kaplan_meier(days, never)
    assert curve.survival.tolist() == [1, 1, 1] and curve.low.tolist() == curve.high.tolist() == [1, 1, 1]
    assert quantile_time(curve).time is None and restricted_mean(curve, 9).mean == 9
    tested = log_rank(days, never, [0, 0, 1, 1])
    assert (tested.chi_square, tested.degrees, tested.p_value, tested.z) == (0.0, 0, 1.0, 0.0)
    assert aalen_johansen(days, [0] * 4) == () and gray_test(days, [0] * 4, [0, 0, 1, 1]).p_value == 1.0
    with pytest.raises(NotEstimable, match="nobody had the event"):
        cox(days, never, [0, 1, 0, 1])
    with pytest.raises(NotEstimable):
        concordance(days, never, [0, 1, 0, 1])


def test_one_event_and_one_participant_are_estimated_as_far_as_they_go() -> None:
    alone = kaplan_meier([7], [True])
    assert alone.survival.tolist() == [0.0] and alone.standard_error.tolist() == [0.0] and quantile_time(alone).time == 7
    one = log_rank([1, 2, 3, 4], [False, True, False, False], [0, 1, 0, 1])
    assert one.degrees == 1 and one.expected.sum() == pytest.approx(1) and 0 < one.p_value <= 1
    with pytest.raises(NotEstimable):
        cox([7], [True], [1.0])


@pytest.mark.parametrize(
    ("times", "happened", "x", "why"),
    [
        ([1, 2, 3, 4], [1, 1, 0, 0], [1, 1, 0, 0], "covariate 1"),
        ([1, 2, 3, 4], [1, 1, 1, 1], [4, 3, 2, 1], "covariate 1"),
        ([1, 2, 3], [1, 1, 0], [1, 1, 1], "the same for everybody"),
        ([1, 2, 3], [0, 0, 1], [1, 0, 1], "at risk"),
        ([1, 2, 3, 4, 5], [1, 1, 1, 1, 1], [[1, 2], [0, 0], [1, 2], [0, 0], [1, 2]], "made up of the others"),
        ([1] * 30 + [2], [1] * 30 + [0], [0.0] * 30 + [1.0], "covariate 1"),
    ],
)
def test_a_likelihood_without_a_maximum_is_said_not_guessed(times, happened, x, why) -> None:
    with pytest.raises(NotEstimable, match=why):
        cox(times, happened, x)


def test_a_rare_group_without_an_event_is_recognised_among_many() -> None:
    days, seen, _ = _drawn(20_000, 2)
    rare = np.zeros(20_000)
    rare[[11, 4000]] = 1
    seen[[11, 4000]] = False
    days[[11, 4000]] = 2000
    with pytest.raises(NotEstimable, match="grows without end"):
        cox(days, seen, rare)


def test_a_mean_to_a_day_that_nobody_reached_is_not_estimable() -> None:
    curve = kaplan_meier([3, 5, 9], [True, False, False])
    with pytest.raises(NotEstimable, match="followed to 10"):
        restricted_mean(curve, 10)
    assert area_to(curve, 10).mean > restricted_mean(curve, 9).mean
    with pytest.raises(ValueError):
        restricted_mean(curve, 0)


@pytest.mark.parametrize("bad", [[-1, 2], [float("nan"), 2], [float("inf"), 2], []])
def test_times_that_cannot_be_are_refused_everywhere(bad) -> None:
    seen, groups = [True] * len(bad), list(range(len(bad)))
    for estimate in (
        lambda: kaplan_meier(bad, seen),
        lambda: log_rank(bad, seen, groups),
        lambda: cox(bad, seen, groups),
        lambda: aalen_johansen(bad, seen),
        lambda: gray_test(bad, [1] * len(bad), groups),
        lambda: concordance(bad, seen, groups),
    ):
        with pytest.raises(ValueError):
            estimate()


def test_shapes_levels_labels_and_missing_numbers_are_refused() -> None:
    for broken in (
        lambda: kaplan_meier([1, 2], [True]),
        lambda: kaplan_meier([1, 2], [True, True], 1.0),
        lambda: log_rank([1, 2], [True, True], [0, 0]),
        lambda: log_rank([1, 2], [True, True], [0]),
        lambda: cox([1, 2], [True, True], [0.0, float("nan")]),
        lambda: cox([1, 2], [True, True], [[], []]),
        lambda: cox([1, 2], [True, True], [0, 1], level=0),
        lambda: aalen_johansen([1, 2], [1, -1]),
        lambda: aalen_johansen([1, 2], [1, 10**9]),
        lambda: log_rank(np.arange(20_000.0) + 0.5, np.ones(20_000, dtype=bool), np.arange(20_000)),
        lambda: gray_test([1, 2], [1, 1], [0, 1], cause=0),
        lambda: gray_test([1, 2], [1, 1], [0, 0]),
        lambda: proportion(float("nan"), 3),
        lambda: rate(1, float("nan")),
        lambda: response_posterior(4, 3, Beta(1, 1)),
        lambda: response_posterior(1, 3, Beta(1, 1), 0.0),
        lambda: concordance([1, 2], [True, True], [1.0, float("nan")]),
        lambda: kaplan_meier([1, 2], [0, 0.5]),
    ):
        with pytest.raises(ValueError):
            broken()
