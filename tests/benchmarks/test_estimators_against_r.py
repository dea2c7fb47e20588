"""Estimators against R survival, cmprsk and stats, to R's digits (r_estimators.csv, survival_results.csv; versions in the files).

Tolerance: 1e-9 relative, where R iterates as well as where it does not, since both converge further; what is looser says why.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from trialwright.analysis.estimators.competing import aalen_johansen
from trialwright.analysis.estimators.concordance import concordance
from trialwright.analysis.estimators.contingency import fisher_2x2, fisher_p_values, freeman_halton
from trialwright.analysis.estimators.cox import CoxFit, Ties, cox
from trialwright.analysis.estimators.gray import gray_test
from trialwright.analysis.estimators.log_rank import Weighting, log_rank
from trialwright.analysis.estimators.proportion import proportion, rate
from trialwright.analysis.estimators.survival import Scale, kaplan_meier, quantile_time, restricted_mean

FOLDER = Path(__file__).parents[1] / "reference/designs"


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(newline="") as file:
        return list(csv.DictReader(file))


def _values(name: str) -> dict[str, float]:
    return {row["quantity"]: float(row["value"]) for row in _rows(name) if row["dataset"] != "versions" and row["value"] != "NA"}


R = _values("r_estimators.csv")
LUNG_R = _values("survival_results.csv")
MADE = _rows("data_made.csv")
LUNG = _rows("data_lung.csv")


def _made(name: str) -> npt.NDArray[np.float64]:
    return np.array([float(row[name]) for row in MADE])


DAY, KIND, AGE, MARKER = (_made(name) for name in ("day", "kind", "age", "marker"))
ARM, STRATUM = (np.array([row[name] for row in MADE]) for name in ("arm", "stratum"))
EVENT = KIND > 0
IN_A = (ARM == "A").astype(float)


def test_the_reference_names_the_versions_that_made_it() -> None:
    versions = {row["quantity"]: row["value"] for row in _rows("r_estimators.csv") if row["dataset"] == "versions"}
    assert versions["R"].startswith("4.") and versions["survival"] and versions["cmprsk"]


@pytest.mark.parametrize("scale", list(Scale))
def test_bounds_of_a_curve_on_each_scale(scale: Scale) -> None:
    curve = kaplan_meier(DAY, EVENT, 0.95, scale)
    for day in (5, 10, 20, 30):
        index = int(np.searchsorted(curve.times, day, side="right")) - 1
        assert curve.low[index] == pytest.approx(R[f"KM {scale} lower {day}"], rel=1e-9)
        assert curve.high[index] == pytest.approx(R[f"KM {scale} upper {day}"], rel=1e-9)
    middle = quantile_time(curve)
    for value, name in ((middle.time, "time"), (middle.low, "lower"), (middle.high, "upper")):
        assert value == R.get(f"median {scale} {name}")


def test_lung_bounds_and_medians_on_the_log_scale() -> None:
    """survival_results.csv; the log scale is R's own choice."""
    time, died, sex = (np.array([float(row[name]) for row in LUNG]) for name in ("time", "status", "sex"))
    for label, own in (("all", sex > 0), ("sex=1", sex == 1), ("sex=2", sex == 2)):
        curve = kaplan_meier(time[own], died[own] == 2, 0.95, Scale.LOG)
        middle = quantile_time(curve)
        found = (middle.time, middle.low, middle.high)
        assert found == tuple(LUNG_R[f"KM {label} {name}"] for name in ("median", "0.95LCL", "0.95UCL"))
        if label == "all":
            for day in (90, 180, 365, 730):
                index = int(np.searchsorted(curve.times, day, side="right")) - 1
                assert curve.low[index] == pytest.approx(LUNG_R[f"lower S( {day} ) log"], rel=1e-9)
                assert curve.high[index] == pytest.approx(LUNG_R[f"upper S( {day} ) log"], rel=1e-9)


@pytest.mark.parametrize("until", [10, 20])
@pytest.mark.parametrize("arm", ["A", "B"])
def test_restricted_means_with_their_errors(until: int, arm: str) -> None:
    found = restricted_mean(kaplan_meier(DAY[arm == ARM], EVENT[arm == ARM]), until)
    assert found.mean == pytest.approx(R[f"rmean {until} {arm}"], rel=1e-9)
    assert found.standard_error == pytest.approx(R[f"se rmean {until} {arm}"], rel=1e-9)


@pytest.mark.parametrize("name", ["arm", "arm rho 1", "three", "three rho 1", "arm in strata", "arm in strata rho 1"])
def test_log_rank_with_weights_groups_and_strata(name: str) -> None:
    weighting = Weighting.PETO if name.endswith("rho 1") else Weighting.LOG_RANK
    groups, strata = (STRATUM if name.startswith("three") else ARM), (STRATUM if "strata" in name else None)
    found = log_rank(DAY, EVENT, groups, weighting, strata)
    assert found.chi_square == pytest.approx(R[f"survdiff {name} chisq"], rel=1e-9)


def _agrees(fit: CoxFit, name: str, values: dict[str, float] = R) -> None:
    for place, (value, error) in enumerate(zip(fit.coefficients, fit.standard_error, strict=True), 1):
        assert value == pytest.approx(values[f"cox {name} coef {place}"], rel=1e-8)
        assert error == pytest.approx(values[f"cox {name} se {place}"], rel=1e-8)
    assert fit.log_likelihood_null == pytest.approx(values[f"cox {name} loglik0"], rel=1e-9)
    assert fit.log_likelihood == pytest.approx(values[f"cox {name} loglik"], rel=1e-9)
    assert fit.score.statistic == pytest.approx(values[f"cox {name} score"], rel=1e-8)
    assert fit.wald.statistic == pytest.approx(values[f"cox {name} wald"], rel=1e-8)


@pytest.mark.parametrize("name", ["efron", "breslow", "strata", "cause 1"])
def test_cox_with_ties_strata_and_competing_events(name: str) -> None:
    """1e-8 relative on what follows from the coefficients: R stops at a change of 1e-11 of the likelihood."""
    covariates = np.stack([IN_A, AGE, MARKER] if name in ("efron", "breslow") else [IN_A, MARKER], axis=1)
    strata = STRATUM if name == "strata" else None
    happened = KIND == 1 if name == "cause 1" else EVENT
    fit = cox(DAY, happened, covariates, Ties.BRESLOW if name == "breslow" else Ties.EFRON, strata)
    _agrees(fit, name)
    found = concordance(DAY, happened, covariates @ fit.coefficients, strata)
    assert found == pytest.approx(R[f"cox {name} concordance"], rel=1e-12)


def test_lung_cox_by_sex_and_with_age_and_performance() -> None:
    """survival_results.csv: the complete cases, as R takes them."""
    for name, columns in (("sex", ["sex"]), ("age+sex+ph.ecog", ["age", "sex", "ph.ecog"])):
        rows = [row for row in LUNG if "NA" not in [row[one] for one in columns]]
        time, x = np.array([float(row["time"]) for row in rows]), np.array([[float(row[one]) for one in columns] for row in rows])
        died = np.array([row["status"] == "2" for row in rows])
        fit = cox(time, died, x)
        for place, column in enumerate(columns):
            assert fit.coefficients[place] == pytest.approx(LUNG_R[f"cox efron {name} {column} coef"], rel=1e-9)
            assert fit.standard_error[place] == pytest.approx(LUNG_R[f"cox efron {name} {column} se"], rel=1e-9)
        assert fit.log_likelihood_null == pytest.approx(LUNG_R[f"cox efron {name} loglik0"], rel=1e-12)
        assert fit.log_likelihood == pytest.approx(LUNG_R[f"cox efron {name} loglik"], rel=1e-12)
        assert fit.score.statistic == pytest.approx(LUNG_R[f"cox efron {name} score"], rel=1e-9)
        assert concordance(time, died, x @ fit.coefficients) == pytest.approx(LUNG_R[f"cox efron {name} concordance"], rel=1e-12)


def test_cumulative_incidence_with_its_error() -> None:
    """survfit's error to its digits; cmprsk's, by another estimator of the variance, within 3 %."""
    for curve in aalen_johansen(DAY, KIND):
        for day in (5, 10, 20, 30):
            index = int(np.searchsorted(curve.times, day, side="right")) - 1
            assert curve.incidence[index] == pytest.approx(R[f"survfit incidence {curve.cause} {day}"], rel=1e-9)
            assert curve.incidence[index] == pytest.approx(R[f"cuminc {curve.cause} {day}"], rel=1e-9)
            assert curve.standard_error[index] == pytest.approx(R[f"survfit incidence se {curve.cause} {day}"], rel=1e-9)
            assert curve.standard_error[index] ** 2 == pytest.approx(R[f"cuminc variance {curve.cause} {day}"], rel=0.03)


@pytest.mark.parametrize("cause", [1, 2])
def test_grays_test_of_two_and_of_three_groups(cause: int) -> None:
    assert gray_test(DAY, KIND, ARM, cause).chi_square == pytest.approx(R[f"gray arm {cause} chisq"], rel=1e-9)
    assert gray_test(DAY, KIND, STRATUM, cause).chi_square == pytest.approx(R[f"gray three {cause} chisq"], rel=1e-9)


def test_exact_tables() -> None:
    """p to 1e-9; odds ratios and bounds to 2e-4, because R's root finder stops at 1.2e-4 of the ratio or its inverse."""
    assert freeman_halton([[3, 1], [2, 2], [4, 0]]) == pytest.approx(R["freeman-halton 3 1 2 2 4 0"], rel=1e-9)
    assert freeman_halton([[5, 2, 1], [0, 3, 6]]) == pytest.approx(R["freeman-halton 5 2 1 0 3 6"], rel=1e-9)
    odds = fisher_2x2([[9, 11], [2, 18]])
    assert odds.p_value == pytest.approx(R["fisher 9 11 2 18 p"], rel=1e-9)
    for value, name in ((odds.odds_ratio, "odds"), (odds.low, "low"), (odds.high, "high")):
        assert value is not None and 1 / value == pytest.approx(1 / R[f"fisher 9 11 2 18 {name}"], abs=2e-4)
    empty = fisher_2x2([[7, 0], [12, 5]], 0.9)
    assert empty.p_value == pytest.approx(R["fisher 7 0 12 5 p"], rel=1e-9)
    assert empty.low == pytest.approx(R["fisher 7 0 12 5 low"], abs=2e-4) and empty.high == np.inf


def test_exact_intervals_of_a_proportion_and_of_a_rate() -> None:
    for x in (0, 3, 10):
        found = proportion(x, 17, 0.99)
        assert float(found.low) == pytest.approx(R[f"binom {x} 17 low"], abs=1e-12)
        assert float(found.high) == pytest.approx(R[f"binom {x} 17 high"], rel=1e-9)
    events = rate(4, 12.5)
    assert float(events.low) == pytest.approx(R["poisson 4 12.5 low"], rel=1e-9)
    assert float(events.high) == pytest.approx(R["poisson 4 12.5 high"], rel=1e-9)


def test_fishers_p_of_all_counts_at_once() -> None:
    """fisher_subtype_25.csv (R fisher.test), and scipy one table at a time for other sizes."""
    for row in _rows("fisher_subtype_25.csv"):
        table = fisher_p_values(int(row["nA"]), int(row["nB"]))
        assert table[int(row["respA"]), int(row["respB"])] == pytest.approx(float(row["p"]), rel=1e-9)
    for n_a, n_b in ((7, 7), (13, 4), (1, 9), (3, 0)):
        table = fisher_p_values(n_a, n_b)
        for a in range(n_a + 1):
            for b in range(n_b + 1):
                assert table[a, b] == pytest.approx(fisher_2x2([[a, n_a - a], [b, n_b - b]]).p_value, rel=1e-9)
    with pytest.raises(ValueError):
        fisher_p_values(-1, 5)
    with pytest.raises(ValueError):
        table[0, 0] = 1.0
