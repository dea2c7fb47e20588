"""Every table of tests/reference/designs that belongs to a design, row by row, to the digits printed (SOURCES.md there)."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from pathlib import Path

import pytest

from trialwright.designs.after_two_stage import TwoStageCut, after_two_stage
from trialwright.designs.ahern import ahern, single_stage
from trialwright.designs.bayes_one_arm import Beta, Limits, Success, predictive_rule
from trialwright.designs.chains import operating_characteristics, stages
from trialwright.designs.exact_single_stage import exact_rule
from trialwright.designs.fleming import fleming, fleming_rates, fleming_size
from trialwright.designs.group_sequential import equal_shares, obrien_fleming, pocock, powered, spending_boundaries
from trialwright.designs.predictive_search import PredictiveSearch, predictive_design
from trialwright.designs.simon import has_numba, simon
from trialwright.designs.spending import Spending
from trialwright.designs.survival_size import Accrual, hazard_of_median, hazard_of_survival, schoenfeld_events, survival_size
from trialwright.designs.two_arm import Rates, fisher_power, two_proportions

TABLES = Path(__file__).parents[1] / "reference" / "designs"
Row = dict[str, str]


def rows(name: str) -> list[Row]:
    return list(csv.DictReader((TABLES / f"{name}.csv").open(encoding="utf-8")))


def name_of(row: Row) -> str:
    return " ".join(list(row.values())[:6])


def whole(text: str) -> list[int]:
    return [int(word) for word in text.split()]


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.skipif(not has_numba(), reason="no numba"))])
@pytest.mark.parametrize("row", rows("simon1989_all"), ids=name_of)
def test_simon_s_tables(row: Row, compiled: bool) -> None:
    """Whole numbers exactly; expected size, stopping chance, error and power to the eight digits printed."""
    given = [float(row[key]) for key in ("p0", "p1", "alpha", "beta")]
    found = simon(given[0], given[1], given[2], 1 - given[3], compiled=compiled)
    one = found.optimal if row["criterion"] == "optimal" else found.minimax
    assert [one.r1, one.n1, one.r, one.n] == [int(row[key]) for key in ("r1", "n1", "r", "n")]
    assert one.en_p0 == pytest.approx(float(row["EN_p0"]), rel=5e-8)
    assert one.pet_p0 == pytest.approx(float(row["PET_p0"]), abs=5e-7)
    assert one.alpha == pytest.approx(float(row["type1"]), rel=5e-8)
    assert one.power == pytest.approx(float(row["power"]), rel=5e-8)
    assert round(one.en_p0, 1) == pytest.approx(float(row["recall_EN"]), abs=0.051)  # as Simon 1989 prints it


@pytest.mark.parametrize("row", rows("ahern_single_stage")[::4], ids=name_of)
def test_a_hern_s_table(row: Row) -> None:
    check_ahern(row)


@pytest.mark.long
@pytest.mark.parametrize("row", rows("ahern_single_stage"), ids=name_of)
def test_every_row_of_a_hern_s_table(row: Row) -> None:
    check_ahern(row)


def check_ahern(row: Row) -> None:
    """Sizes and cuts exactly; error rates to 1e-12 (the table prints sixteen digits)."""
    found = ahern(*(float(row[key]) for key in ("p0", "p1", "alpha", "power")))
    assert (found.first.n, found.first.cut) == (int(row["n_first"]), int(row["cut_first"]))
    assert (found.stable.n, found.stable.cut) == (int(row["n_stable"]), int(row["cut_stable"]))
    assert found.first.alpha == pytest.approx(float(row["type1_first"]), abs=1e-12)
    assert found.first.power == pytest.approx(float(row["pow_first"]), abs=1e-12)


@pytest.mark.parametrize("row", rows("east65_one_sample_power"), ids=name_of)
def test_exact_power_of_east(row: Row) -> None:
    """To the eight digits of East; the row from a paper prints three."""
    given = [float(row[key]) for key in ("p0", "p1", "alpha")]
    found = single_stage(*given, int(row["n"]))
    assert found.power == pytest.approx(float(row["power"]), abs=5e-9 if len(row["power"]) > 6 else 5e-4)
    assert found.cut == exact_rule(int(row["n"]), given[0], given[2]).min_responses


@pytest.mark.parametrize("row", rows("rpact_one_sample_rates"), ids=name_of)
def test_exact_sizes_of_rpact(row: Row) -> None:
    """rpact halves an interval of sizes, so that its answer suffices, and lies between A'Hern's first and stable size."""
    p0, p1 = float(row["p0"]), float(row["p1"])

    def suffices(n: int) -> bool:
        return single_stage(p0, p1, 0.05, n).power >= 0.8

    low, high = 2, 2
    while not suffices(high):
        high *= 2
    while high - low > 1:
        middle = round((low + high) / 2)
        low, high = (low, middle) if suffices(middle) else (middle, high)
    found = ahern(p0, p1, 0.05, 0.8)
    assert high == int(row["n_fixed_exact"])
    assert found.first.n <= high <= found.stable.n


@pytest.mark.parametrize("row", rows("fleming1982"), ids=name_of)
def test_fleming_s_procedure(row: Row) -> None:
    found = fleming(float(row["p0"]), float(row["alpha"]), whole(row["n"]))
    assert (list(found.accept), list(found.reject)) == (whole(row["a"]), whole(row["r"]))
    assert found.p_alternative == pytest.approx(float(row["pA"]), abs=1e-12)
    rates = fleming_rates(found, float(row["p0"]), float(row["p1"]))
    assert rates.alpha == pytest.approx(float(row["exact_type1"]), abs=1e-12)
    assert rates.power == pytest.approx(float(row["exact_power"]), abs=1e-12)
    assert rates.en_p0 == pytest.approx(float(row["EN_p0"]), abs=1e-10)
    assert rates.en_p1 == pytest.approx(float(row["EN_p1"]), abs=1e-10)


def test_fleming_s_size_is_the_normal_approximation() -> None:
    assert fleming_size(0.2, 0.4, 0.05, 0.8) == math.ceil(((1.644854 * 0.4 + 0.841621 * math.sqrt(0.24)) / 0.2) ** 2)


@pytest.mark.parametrize("row", rows("east65_gsbinomialexact"), ids=name_of)
def test_exact_chains_of_east(row: Row) -> None:
    """Crossing chances to seven digits, expected size to five decimals, as East prints them."""
    looks = whole(row["n"])
    found = operating_characteristics(stages(looks, whole(row["a"]), whole(row["b"])), looks[-1], float(row["theta"]))
    values = {"upper1": float(found.high[0]), "upper2": float(found.high[-1]), "EN": float(found.expected)}
    assert values[row["quantity"]] == pytest.approx(float(row["value"]), rel=5e-6, abs=5e-8)


@pytest.mark.parametrize("row", rows("group_sequential_JT"), ids=name_of)
def test_constants_of_jennison_and_turnbull(row: Row) -> None:
    """To the three decimals printed, and to 1e-9 of the table's second recomputation; its first is good to 5e-6."""
    alpha, shares = float(row["alpha"]), equal_shares(int(row["K"]))
    first, second = float(pocock(shares, alpha, 2).upper[-1]), float(obrien_fleming(shares, alpha, 2).upper[-1])
    assert (round(first, 3), round(second, 3)) == (float(row["pocock_JT"]), float(row["obf_JT"]))
    assert first == pytest.approx(float(row["pocock2"]), abs=1e-9)
    assert second == pytest.approx(float(row["obf2"]), abs=1e-9)
    assert first == pytest.approx(float(row["pocock"]), abs=5e-6)


SPENDING = {
    "asOF": Spending("obrien-fleming"),
    "asP": Spending("pocock"),
    "asKD": Spending("power", 2),
    "asHSD": Spending("hwang-shih-decani", -4),
}


def spending_rows() -> dict[tuple[str, int], list[Row]]:
    found: dict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rows("rpact_alpha_spending"):
        found[row["type"], int(row["K"])].append(row)
    return found


@pytest.mark.parametrize("key", spending_rows(), ids=str)
def test_critical_values_of_rpact(key: tuple[str, int]) -> None:
    """z to 5e-8: rpact stops its search at 1e-8 of alpha (its last row spends 0.02499999). Spent alpha to 2e-8."""
    told = spending_rows()[key]
    found = spending_boundaries([float(row["info"]) for row in told], 0.025, SPENDING[key[0]])
    assert found.upper == pytest.approx([float(row["z"]) for row in told], abs=5e-8)
    assert found.spent == pytest.approx([float(row["alpha_spent"]) for row in told], abs=2e-8)


@pytest.mark.parametrize("row", rows("rpact_survival_sample_size"), ids=name_of)
def test_survival_sizes_of_rpact(row: Row) -> None:
    """Accrual 12, follow-up 12, control median 12, drop-out 2.5 % by 12, three O'Brien-Fleming looks; to rpact's 1e-8."""
    accrual = Accrual(12, 12, hazard_of_median(12), hazard_of_survival(0.975, 12))
    found = survival_size(float(row["hr"]), 0.025, 0.8, accrual, bounds=obrien_fleming(equal_shares(3), 0.025))
    assert found.events == pytest.approx(float(row["max_events"]), rel=1e-8)
    assert found.participants == pytest.approx(float(row["max_subjects"]), rel=1e-8)
    assert found.expected_events == pytest.approx(float(row["exp_events_H1"]), rel=1e-8)
    assert found.expected_duration == pytest.approx(float(row["study_dur"]), rel=1e-8)


@pytest.mark.parametrize("row", rows("twostage_inference_3_13_25"), ids=name_of)
def test_inference_after_two_stages(row: Row) -> None:
    """UMVUE and p value to 1e-12; the table's bounds were searched inwards on a grid of 1e-4."""
    design = TwoStageCut(int(row["r1"]), int(row["n1"]), int(row["n"]))
    found = after_two_stage(design, int(row["x"]), float(row["p0"]))
    assert found.umvue == pytest.approx(float(row["umvue"]), abs=1e-12)
    assert found.p_value == pytest.approx(float(row["p"]), abs=1e-12)
    if not row["lcl90"]:
        assert found.lower is None
        return
    assert found.lower is not None
    assert found.upper is not None
    assert math.ceil(found.lower * 1e4) / 1e4 == pytest.approx(float(row["lcl90"]), abs=1e-9)
    assert math.floor(found.upper * 1e4) / 1e4 == pytest.approx(float(row["ucl90"]), abs=1e-9)


def test_the_worked_example_of_lee_and_liu() -> None:
    """Lee & Liu 2008: 36 participants, beta(0.2, 0.8), looked at from the 10th on, theta_L 0.001, theta_T 0.852 to 0.922:
    type I error 0.088, power 0.906, expected size under the null 27.67."""
    for theta in (0.852, 0.9, 0.922):
        rule = predictive_rule(range(10, 37), 36, Success(0.2, theta), Limits(low=0.001), Beta(0.2, 0.8))
        found = operating_characteristics(rule, 36, [0.2, 0.4])
        assert found.stopped_high.round(3).tolist() == [0.088, 0.906]
        assert round(float(found.expected[0]), 2) == 27.67


def test_the_search_finds_the_design_of_lee_and_liu() -> None:
    """With their limit of 0.001 alone: 36 participants, theta_T 0.852 to 0.922, stopped early under the null with 0.857."""
    found = predictive_design(0.2, 0.4, 0.1, 0.9, PredictiveSearch(10, Beta(0.2, 0.8), (0.001,)))
    assert (found.n, round(found.alpha, 3), round(found.power, 3)) == (36, 0.088, 0.906)
    assert (round(found.en_p0, 2), round(found.pet_p0, 3)) == (27.67, 0.857)
    assert found.success_above[0] < 0.852 < 0.922 < found.success_above[1]


def test_schoenfeld_s_events_and_the_inflation_of_a_pocock_design() -> None:
    """R(2, 0.05, 0.2) of Jennison & Turnbull 2000, table 2.2: 1.110; O'Brien-Fleming, table 2.4: 1.008."""
    quantiles = 1.959963985 + 0.841621234
    assert schoenfeld_events(0.5, 0.05, 0.8, sided=2) == pytest.approx(4 * quantiles**2 / math.log(2) ** 2, abs=1e-6)
    assert round(powered(pocock([0.5, 1], 0.05, 2), 0.8).inflation, 3) == 1.110
    assert round(powered(obrien_fleming([0.5, 1], 0.05, 2), 0.8).inflation, 3) == 1.008


def test_two_proportions_as_r_and_rpact_have_them() -> None:
    """power.prop.test(p1 = .2, p2 = .4, power = .8): 81.22424 an arm; rpact: 162.4484814 in all. Fisher: by R's fisher.test."""
    assert two_proportions(Rates(0.2, 0.4), 0.05, 0.8).n_control == math.ceil(81.22424)
    assert two_proportions(Rates(0.2, 0.4), 0.05, 0.8, "z continuity").n_control == 91
    assert fisher_power(Rates(0.2, 0.4), 20, 25, 0.05) == pytest.approx(0.235177680695, abs=1e-12)
    assert fisher_power(Rates(0.2, 0.4), 20, 25, 0.05, 1) == pytest.approx(0.325366510136, abs=1e-12)
