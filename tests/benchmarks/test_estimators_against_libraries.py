"""Each estimator that issue 4 names, against statsmodels, lifelines and scipy; and every number of R's survival results.

Tolerance: 1e-9 relative unless said; what a library iterates, or rounds, says so.
"""

from __future__ import annotations

import csv
import warnings
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from scipy import optimize, stats

from trialwright.analysis.estimators.bayesian import response_posterior
from trialwright.analysis.estimators.competing import aalen_johansen
from trialwright.analysis.estimators.concordance import concordance
from trialwright.analysis.estimators.contingency import fisher_2x2, freeman_halton
from trialwright.analysis.estimators.cox import Ties, cox
from trialwright.analysis.estimators.log_rank import Weighting, log_rank
from trialwright.analysis.estimators.proportion import ProportionMethod, proportion
from trialwright.analysis.estimators.survival import Scale, area_to, kaplan_meier, quantile_time, restricted_mean
from trialwright.designs.bayes_one_arm import Beta

pytestmark = pytest.mark.slow  # lifelines, statsmodels and pandas import slowly

FOLDER = Path(__file__).parents[1] / "reference/designs"
SEEDS = [1, 2, 3]


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))


def _trial(seed: int, rows: int = 150) -> tuple[npt.NDArray[np.float64], ...]:
    """Days with many ties, kind of event (0 censored, 1, 2), two groups, three strata."""
    chance = np.random.Generator(np.random.Philox(seed))
    group, stratum = chance.integers(0, 2, rows), chance.integers(0, 3, rows)
    days = np.ceil(chance.exponential(20 * np.exp(0.4 * group), rows))
    return days, chance.choice([0, 1, 2], rows, p=[0.3, 0.45, 0.25]), group, stratum


# ---- R


def _lung(columns: list[str]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    """The complete cases, as R takes them."""
    rows = [row for row in _rows("data_lung.csv") if "NA" not in [row[one] for one in columns]]
    x = np.array([[float(row[one]) for one in columns] for row in rows])
    return np.array([float(row["time"]) for row in rows]), np.array([row["status"] == "2" for row in rows]), x


def test_every_number_of_the_survival_results_is_found() -> None:
    """survival_results.csv; all of it, so that a row added there is a test that fails here."""
    time, died, sex = _lung(["sex"])
    found: dict[str, float] = {}
    for label, own in (("all", sex[:, 0] > 0), ("sex=1", sex[:, 0] == 1), ("sex=2", sex[:, 0] == 2)):
        curve = kaplan_meier(time[own], died[own], scale=Scale.LOG)
        middle = quantile_time(curve)
        assert middle.time is not None and middle.low is not None and middle.high is not None
        found |= {f"KM {label} records": float(curve.at_risk[0]), f"KM {label} events": float(curve.events.sum())}
        found |= {f"KM {label} median": middle.time, f"KM {label} 0.95LCL": middle.low, f"KM {label} 0.95UCL": middle.high}
        if label != "all":
            found[f"KM {label} rmean"] = area_to(curve, time.max()).mean
            continue
        for day in (90, 180, 365, 730):
            at = int(np.searchsorted(curve.times, day, side="right")) - 1
            names = ("S", "se S", "lower S", "upper S")
            values = (curve.survival, curve.standard_error, curve.low, curve.high)
            ends = ("", "", " log", " log")
            found |= {f"{name}( {day} ){end}": float(value[at]) for name, value, end in zip(names, values, ends, strict=True)}
    found["logrank chisq sex"] = log_rank(time, died, sex[:, 0]).chi_square
    for name, columns in (("sex", ["sex"]), ("age+sex+ph.ecog", ["age", "sex", "ph.ecog"])):
        time, died, x = _lung(columns)
        fit = cox(time, died, x)
        start = f"cox efron {name} "
        for column, value, error in zip(columns, fit.coefficients, fit.standard_error, strict=True):
            found |= {f"{start}{column} coef": float(value), f"{start}{column} se": float(error)}
        found |= {f"{start}loglik0": fit.log_likelihood_null, f"{start}loglik": fit.log_likelihood}
        found |= {f"{start}score": fit.score.statistic, f"{start}concordance": concordance(time, died, x @ fit.coefficients)}
    wanted = {row["quantity"]: float(row["value"]) for row in _rows("survival_results.csv")}
    assert found == pytest.approx(wanted, rel=1e-9)


# ---- Kaplan-Meier, restricted mean


@pytest.mark.parametrize("seed", SEEDS)
def test_a_curve_with_its_errors_and_bounds_equals_statsmodels_and_lifelines(seed: int) -> None:
    from lifelines import KaplanMeierFitter
    from statsmodels.duration.survfunc import SurvfuncRight

    days, kind, _, _ = _trial(seed)
    ours, theirs = kaplan_meier(days, kind > 0), SurvfuncRight(days, (kind > 0).astype(int))
    there = np.isin(ours.times, theirs.surv_times)
    assert ours.survival[there] == pytest.approx(theirs.surv_prob, rel=1e-9)
    assert ours.at_risk[there].tolist() == list(theirs.n_risk)
    inside = theirs.surv_prob > 0
    assert ours.standard_error[there][inside] == pytest.approx(theirs.surv_prob_se[inside], rel=1e-9)
    fitted = KaplanMeierFitter().fit(days, kind > 0)
    bounds = fitted.confidence_interval_.loc[ours.times].to_numpy()
    inside = (ours.survival > 0) & (ours.survival < 1)
    assert np.stack([ours.low, ours.high], axis=1)[inside] == pytest.approx(bounds[inside], rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_restricted_mean_equals_lifelines(seed: int) -> None:
    """The mean; lifelines' variance is of another estimator, and R's is what ours is held to."""
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    days, kind, group, _ = _trial(seed)
    for arm in (0, 1):
        fitted = KaplanMeierFitter().fit(days[group == arm], kind[group == arm] > 0)
        ours = restricted_mean(kaplan_meier(days[group == arm], kind[group == arm] > 0), 25.0)
        assert ours.mean == pytest.approx(restricted_mean_survival_time(fitted, t=25), rel=1e-9)


# ---- log-rank, Cox


@pytest.mark.parametrize("seed", SEEDS)
def test_the_log_rank_test_equals_statsmodels_and_lifelines_with_weights_and_in_strata(seed: int) -> None:
    from lifelines.statistics import logrank_test
    from statsmodels.duration.survfunc import survdiff

    days, kind, group, stratum = _trial(seed)
    seen = kind > 0
    theirs = logrank_test(days[group == 0], days[group == 1], seen[group == 0], seen[group == 1])
    ours = log_rank(days, seen, group)
    assert (ours.chi_square, ours.p_value) == pytest.approx((theirs.test_statistic, theirs.p_value), rel=1e-8)
    for weighting, word in ((Weighting.LOG_RANK, None), (Weighting.GEHAN, "gb"), (Weighting.TARONE_WARE, "tw")):
        for strata in (None, stratum):
            ours = log_rank(days, seen, group, weighting, strata)
            assert (ours.chi_square, ours.p_value) == pytest.approx(
                survdiff(days, seen.astype(int), group, weight_type=word, strata=strata), rel=1e-9
            )


@pytest.mark.parametrize("rows", [60, 150])
@pytest.mark.parametrize("seed", SEEDS)
def test_cox_in_strata_equals_statsmodels_and_lifelines(seed: int, rows: int) -> None:
    """Few rows and many, which go different ways; 1e-6 absolute, where statsmodels stops (2e-5 lifelines)."""
    from lifelines import CoxPHFitter
    from pandas import DataFrame
    from statsmodels.duration.hazard_regression import PHReg

    days, kind, group, stratum = _trial(seed, rows)
    seen = kind > 0
    for ties in Ties:
        ours = cox(days, seen, group, ties, stratum)
        theirs = PHReg(days, group, status=seen.astype(int), ties=ties.value.lower(), strata=stratum).fit()
        assert ours.coefficients == pytest.approx(theirs.params, abs=1e-6)
        assert ours.standard_error == pytest.approx(theirs.bse, abs=1e-6)
        assert ours.log_likelihood == pytest.approx(theirs.llf, rel=1e-9)
        assert ours.p_values == pytest.approx(theirs.pvalues, abs=1e-6)
    frame = DataFrame({"day": days, "seen": seen, "arm": group, "stratum": stratum})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = CoxPHFitter().fit(frame, "day", "seen", strata=["stratum"], fit_options={"precision": 1e-9})
    ours = cox(days, seen, group, strata=stratum)
    assert ours.coefficients == pytest.approx(model.params_.to_numpy(), abs=2e-5)
    assert ours.standard_error == pytest.approx(model.standard_errors_.to_numpy(), abs=2e-5)


# ---- competing risks


@pytest.mark.parametrize("seed", SEEDS)
def test_cumulative_incidence_with_its_error_equals_statsmodels(seed: int) -> None:
    """The error within 3 %: statsmodels follows Dinse & Larson's variance, R's survfit, to whose digits ours is, another."""
    from statsmodels.duration.survfunc import CumIncidenceRight

    days, kind, _, _ = _trial(seed)
    theirs = CumIncidenceRight(days, kind)
    for curve in aalen_johansen(days, kind):
        there = np.isin(theirs.times, curve.times)
        assert curve.incidence == pytest.approx(theirs.cinc[curve.cause - 1][there], rel=1e-9, abs=1e-12)
        error = theirs.cinc_se[curve.cause - 1][there]
        assert curve.standard_error[error > 0] == pytest.approx(error[error > 0], rel=0.03)


# ---- proportions


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("n", [1, 7, 25, 110])
def test_exact_wilson_and_jeffreys_intervals_equal_scipy_and_statsmodels(n: int, level: float) -> None:
    """At a count of none or all scipy and we put the bound at 0 or 1; statsmodels, for Jeffreys, does not."""
    from statsmodels.stats.proportion import proportion_confint

    for method, word in ((ProportionMethod.CLOPPER_PEARSON, "beta"), (ProportionMethod.WILSON, "wilson")):
        ours = proportion(np.arange(n + 1), n, level, method)
        low, high = proportion_confint(np.arange(n + 1), n, 1 - level, word)
        assert ours.low == pytest.approx(low, abs=1e-9) and ours.high == pytest.approx(high, abs=1e-9)
        for x in (0, n // 2, n):
            theirs = stats.binomtest(x, n).proportion_ci(level, "exact" if word == "beta" else word)
            assert (float(ours.low[x]), float(ours.high[x])) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    inner = np.arange(1, n)
    ours = proportion(inner, n, level, ProportionMethod.JEFFREYS)
    low, high = proportion_confint(inner, n, 1 - level, "jeffreys")
    assert ours.low == pytest.approx(low, abs=1e-9) and ours.high == pytest.approx(high, abs=1e-9)


@pytest.mark.parametrize("level", [0.9, 0.95])
@pytest.mark.parametrize("n", [1, 9, 25, 110])
def test_mid_p_bounds_are_the_roots_that_scipy_finds(n: int, level: float) -> None:
    """Chance of more events than seen, and half of that of as many, is the tail; Berry & Armitage 1995."""

    def beyond(p: float, x: int) -> float:
        return float(stats.binom.sf(x, n, p) + stats.binom.pmf(x, n, p) / 2)

    tail = (1 - level) / 2
    for x in range(n + 1):
        ours = proportion(x, n, level, ProportionMethod.MID_P)
        low = 0.0 if x == 0 else optimize.brentq(lambda p, x=x: beyond(p, x) - tail, 0, 1, xtol=1e-13)
        high = 1.0 if x == n else optimize.brentq(lambda p, x=x: beyond(p, x) - (1 - tail), 0, 1, xtol=1e-13)
        assert (float(ours.low), float(ours.high)) == pytest.approx((low, high), abs=1e-10)


@pytest.mark.parametrize("prior", [Beta(1, 1), Beta(0.5, 0.5), Beta(0.6, 2.4), Beta(40, 60)])
def test_a_posterior_under_a_stated_prior_equals_scipys(prior: Beta) -> None:
    for n in (0, 5, 25):
        x = np.arange(n + 1)
        ours, theirs = response_posterior(x, n, prior, 0.9), stats.beta(prior.a + x, prior.b + n - x)
        assert ours.mean == pytest.approx(theirs.mean(), rel=1e-9) and ours.median == pytest.approx(theirs.median(), rel=1e-9)
        assert ours.low == pytest.approx(theirs.ppf(0.05), rel=1e-8) and ours.high == pytest.approx(theirs.ppf(0.95), rel=1e-8)
        assert ours.above(0.2) == pytest.approx(theirs.sf(0.2), rel=1e-8)
        for seen in (0, n):
            more = stats.betabinom(12, prior.a + seen, prior.b + n - seen).pmf(np.arange(13))
            assert ours.predicts(12)[seen] == pytest.approx(more, rel=1e-8)


# ---- tables


def _conditional(table: list[list[int]], ratio: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """First counts that the margins allow, and their chances under an odds ratio: Fisher's noncentral distribution."""
    (a, b), (c, d) = table
    chance = stats.nchypergeom_fisher(a + b + c + d, a + c, a + b, ratio)
    counts = np.arange(max(0, a - d), min(a + b, a + c) + 1)
    return counts, chance.pmf(counts)


@pytest.mark.parametrize("table", [[[9, 11], [2, 18]], [[3, 1], [1, 3]], [[12, 3], [5, 10]], [[1, 24], [6, 19]]])
def test_the_odds_ratio_is_the_conditional_maximum_and_its_bounds_hold_the_tails(table: list[list[int]]) -> None:
    """As R's fisher.test defines them: the mean under the estimate is the count seen; 2.5 % beyond it at either bound."""
    found = fisher_2x2(table)
    seen = table[0][0]
    assert found.odds_ratio is not None
    counts, chance = _conditional(table, found.odds_ratio)
    assert float(counts @ chance) == pytest.approx(seen, abs=1e-6)
    counts, chance = _conditional(table, found.low)
    assert float(chance[counts >= seen].sum()) == pytest.approx(0.025, abs=1e-6)
    counts, chance = _conditional(table, found.high)
    assert float(chance[counts <= seen].sum()) == pytest.approx(0.025, abs=1e-6)
    counts, chance = _conditional(table, 1.0)
    exact = float(chance[chance <= chance[counts == seen] * (1 + 1e-7)].sum())
    assert found.p_value == pytest.approx(exact, rel=1e-9)
    assert freeman_halton(table) == pytest.approx(exact, rel=1e-9)
