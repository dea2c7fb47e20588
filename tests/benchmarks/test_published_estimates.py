"""Estimators against published and independently computed numbers; each test names its table and tolerance."""

import csv
from pathlib import Path

import numpy as np
import pytest

from trialwright.analysis.estimators.contingency import fisher_2x2, freeman_halton
from trialwright.analysis.estimators.interval_censored import turnbull
from trialwright.analysis.estimators.log_rank import log_rank
from trialwright.analysis.estimators.proportion import ProportionMethod, difference, proportion, rate
from trialwright.analysis.estimators.survival import area_to, kaplan_meier, quantile_time
from trialwright.designs.exact_single_stage import what_n_could_show

PUBLISHED = Path(__file__).parents[1] / "fixtures" / "published"


def rows(name: str) -> list[dict[str, str]]:
    with (PUBLISHED / name).open(newline="") as file:
        return list(csv.DictReader(file))


def _below_one(ratio: float) -> float:
    return ratio if ratio <= 1 else 1 / ratio


@pytest.mark.parametrize(
    ("method", "level", "low", "high"),
    [
        (ProportionMethod.CLOPPER_PEARSON, 0.95, "cp_lo", "cp_hi"),
        (ProportionMethod.CLOPPER_PEARSON, 0.90, "cp90_lo", "cp90_hi"),
        (ProportionMethod.WILSON, 0.95, "wilson_lo", "wilson_hi"),
        (ProportionMethod.JEFFREYS, 0.95, "jeffreys_lo", "jeffreys_hi"),
    ],
)
def test_intervals_for_25_participants_equal_the_independent_table(method, level, low, high):
    """exact_binomial_n25.csv; 1e-9 absolute, the table's own printing (Jeffreys without the end-point rule)."""
    for row in rows("exact_binomial_n25.csv"):
        x = int(row["x"])
        found = proportion(x, 25, level, method)
        at_the_end = method is ProportionMethod.JEFFREYS and x in (0, 25)
        if not (at_the_end and x == 0):
            assert float(found.low) == pytest.approx(float(row[low]), abs=1e-9)
        if not (at_the_end and x == 25):
            assert float(found.high) == pytest.approx(float(row[high]), abs=1e-9)


def test_newcombe_differences_equal_the_papers_table_two():
    """Newcombe 1998, Table II, method 10; printed to four decimals."""
    printed = [
        ((56, 70, 48, 80), (0.0524, 0.3339)),
        ((9, 10, 3, 10), (0.1705, 0.8090)),
        ((6, 7, 2, 7), (0.0582, 0.8062)),
        ((5, 56, 0, 29), (-0.0381, 0.1926)),
        ((0, 10, 0, 20), (-0.1611, 0.2775)),
        ((10, 10, 0, 20), (0.6791, 1.0000)),
    ]
    for counts, bounds in printed:
        found = difference(*counts)
        assert (round(float(found.low), 4), round(float(found.high), 4)) == bounds


def test_poisson_bounds_equal_garwoods_table():
    """Garwood 1936, Table 1, 95 % central; printed to three or four figures."""
    for events, low, high in [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.623, 11.668), (10, 4.795, 18.390)]:
        found = rate(events, 1.0)
        assert float(found.low) == pytest.approx(low, abs=5e-4)
        assert float(found.high) == pytest.approx(high, abs=1e-3)


def test_fisher_p_odds_ratio_and_interval_equal_the_independent_table():
    """fisher_subtype_25.csv: p to 1e-9; odds ratio and bounds to 2e-4 on the scale where R searches (the ratio or its
    inverse, whichever is below 1), because R's root finder stops at 1.2e-4."""
    checked = 0
    for row in rows("fisher_subtype_25.csv"):
        n_a, a, n_b, b = (int(row[key]) for key in ("nA", "respA", "nB", "respB"))
        table = [[a, n_a - a], [b, n_b - b]]
        found = fisher_2x2(table)
        assert found.p_value == pytest.approx(float(row["p"]), abs=1e-9)
        assert freeman_halton(table) == pytest.approx(float(row["p"]), abs=1e-9)
        if found.odds_ratio is None:
            assert a + b in (0, 25)
            continue
        for value, key in [(found.odds_ratio, "or"), (found.low, "or_lo"), (found.high, "or_hi")]:
            assert _below_one(value) == pytest.approx(_below_one(float(row[key])), abs=2e-4)
            assert (value > 1) == (float(row[key]) > 1) or value == pytest.approx(1, abs=1e-3)
        checked += 1
    assert checked > 90


def test_freeman_halton_equals_the_published_oral_lesions_example():
    """Oral lesions in three regions of India, 9×3, n = 27 (Mehta & Patel, StatXact manual): p = 0.0101 as printed."""
    lesions = [[0, 1, 0], [8, 1, 8], [0, 1, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0], [0, 1, 0], [1, 0, 1], [1, 0, 1]]
    assert freeman_halton(lesions) == pytest.approx(0.0101, abs=5e-5)


def test_freireichs_6mp_remissions_have_the_published_survival():
    """Freireich 1963; S(t) as printed in Cox & Oakes 1984, p. 49 and Lawless 1982 to three or four decimals."""
    treated = [r for r in rows("km_ref_gehan_6mp_freireich1963.csv") if r["treat"] == "6-MP"]
    curve = kaplan_meier([float(r["time"]) for r in treated], [r["cens"] == "1" for r in treated])
    printed = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    for week, survival in printed.items():
        assert float(curve.at(week)) == pytest.approx(survival, abs=6e-4)
    assert curve.number_at_risk([6, 7, 10, 13, 16, 22, 23]).tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert quantile_time(curve).time == 23
    assert curve.standard_error[curve.times == 6][0] == pytest.approx(0.0764, abs=5e-5)


def test_the_6mp_comparison_has_the_published_log_rank_statistic():
    """Freireich 1963: log-rank chi-square 16.79 (Cox & Oakes 1984); expected relapses 19.25 and 10.75."""
    data = rows("km_ref_gehan_6mp_freireich1963.csv")
    found = log_rank([float(r["time"]) for r in data], [r["cens"] == "1" for r in data], [r["treat"] for r in data])
    assert found.chi_square == pytest.approx(16.79, abs=5e-3)
    assert found.expected == pytest.approx([19.25, 10.75], abs=5e-3)
    assert found.observed.tolist() == [9, 21]


def test_millers_maintained_group_has_the_published_survival():
    """Miller 1997, maintained group, printed to two decimals (0.91, 0.82, 0.72, 0.61, 0.49, 0.37, 0.18); median 31."""
    kept = [r for r in rows("km_ref_aml_miller1997.csv") if r["x"] == "Maintained"]
    curve = kaplan_meier([float(r["time"]) for r in kept], [r["status"] == "1" for r in kept])
    for week, survival in {9: 0.91, 13: 0.82, 18: 0.72, 23: 0.61, 31: 0.49, 34: 0.37, 48: 0.18}.items():
        assert float(curve.at(week)) == pytest.approx(survival, abs=6e-3)
    assert quantile_time(curve).time == 31


def test_lung_survival_equals_r():
    """survival_results.csv (R survival 3.5): 1e-9 on survival, errors and chi-square, restricted mean to 1e-9 relative."""
    lung = rows("data_lung.csv")
    want = {r["quantity"]: float(r["value"]) for r in rows("survival_results.csv")}
    times, died = np.array([float(r["time"]) for r in lung]), np.array([r["status"] == "2" for r in lung])
    sex = np.array([r["sex"] for r in lung])
    curve = kaplan_meier(times, died)
    for day in (90, 180, 365, 730):
        assert float(curve.at(day)) == pytest.approx(want[f"S( {day} )"], abs=1e-9)
        index = int(np.searchsorted(curve.times, day, side="right")) - 1
        assert curve.standard_error[index] == pytest.approx(want[f"se S( {day} )"], abs=1e-9)
    for group, label in (("1", "sex=1"), ("2", "sex=2")):
        own = kaplan_meier(times[sex == group], died[sex == group])
        assert quantile_time(own).time == want[f"KM {label} median"]
        assert own.events.sum() == want[f"KM {label} events"]
        longest = float(times.max())
        assert area_to(own, longest).mean == pytest.approx(want[f"KM {label} rmean"], rel=1e-9)
    assert quantile_time(curve).time == want["KM all median"]
    assert log_rank(times, died, sex).chi_square == pytest.approx(want["logrank chisq sex"], abs=1e-9)


def test_turnbulls_curve_of_the_breast_cosmesis_data_is_the_published_one():
    """Finkelstein & Wolfe 1985, radiotherapy alone, n = 46; masses as R's icfit prints them, four decimals."""
    inf = np.inf
    months = [
        (45, inf), (25, 37), (37, inf), (6, 10), (46, inf), (0, 5), (0, 7), (26, 40), (18, inf), (46, inf),
        (46, inf), (24, inf), (46, inf), (27, 34), (36, inf), (7, 16), (36, 44), (5, 11), (17, inf), (46, inf),
        (19, 35), (7, 14), (36, 48), (17, 25), (37, 44), (37, inf), (24, inf), (0, 8), (40, inf), (32, inf),
        (4, 11), (17, 25), (33, inf), (15, inf), (46, inf), (19, 26), (11, 15), (11, 18), (37, inf), (22, inf),
        (38, inf), (34, inf), (46, inf), (5, 12), (36, inf), (46, inf),
    ]  # fmt: skip
    found = turnbull(*zip(*months, strict=True))
    cells = [(4, 5), (6, 7), (7, 8), (11, 12), (24, 25), (33, 34), (38, 40), (46, 48)]
    assert list(zip(found.left, found.right, strict=True)) == cells
    assert found.mass == pytest.approx([0.0463, 0.0334, 0.0887, 0.0708, 0.0926, 0.0818, 0.1209, 0.4656], abs=6e-5)


def test_single_stage_rules_at_25_equal_the_independent_table():
    """n25_single_stage_power.csv: rule and rates exactly, alpha to the five decimals printed."""
    table = rows("n25_single_stage_power.csv")
    found = what_n_could_show(25, tuple(float(r["p0"]) for r in table))
    for row, line in zip(table, found, strict=True):
        assert line.rule.min_responses == int(row["min_responses_of_25"])
        assert line.rule.alpha_exact == pytest.approx(float(row["alpha_exact"]), abs=1e-5)
        assert line.rate_power_80 == (float(row["smallest_p1_power80"]) if row["smallest_p1_power80"] else None)
        assert line.rate_power_90 == (float(row["smallest_p1_power90"]) if row["smallest_p1_power90"] else None)
