"""The virtual people against the published figures that they were set by, within Monte Carlo error.

Sources: rows of trials/nilg-hes1-03/sources. Everybody here is simulated at a constant dose for 12 weeks. The trial's own
result is not among the sources.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import beta, norm
from tests.simulated_people import people, protocol

from trialwright.simulation.lives import Lives

PEOPLE, WEEKS = 3000, 12
CHR = 0.5  # 10*9/L, the protocol's threshold
NEVER = 10**6


@dataclass(frozen=True)
class Treated:
    """Simulated people after 12 weeks at one dose: carriers of F/P, day of CHR (NEVER: none), lowest share of baseline."""

    positive: NDArray[np.bool_]
    chr_day: NDArray[np.int64]
    share: NDArray[np.float64]
    start: NDArray[np.float64]
    steady_total_ng_ml: NDArray[np.float64]


@lru_cache
def treated(dose_mg: int) -> Treated:
    lives = Lives(protocol(), people(), 2024, np.arange(1000, 1000 + PEOPLE))
    lives.body.day = np.zeros(PEOPLE, np.int64)
    lives.body.give("imatinib", np.full(PEOPLE, float(dose_mg)), lives.everybody)
    reached = np.full(PEOPLE, NEVER)
    for day in range(1, 7 * WEEKS + 1):
        lives.body.live_until(np.full(PEOPLE, day))
        reached = np.where((reached == NEVER) & (lives.body.marker["eosinophils"] <= CHR), day, reached)
    start = lives.people.traits["eosinophils_start"]
    unbound = people().exposure["imatinib"].unbound.number
    total = lives.body.level["imatinib"] / unbound * people().exposure["imatinib"].molar_mass.number / 1000
    positive = lives.people.code("fusion") == "positive"
    return Treated(positive, reached, lives.body.marker["eosinophils"] / start, start, total)


def within(responders: int, of: int) -> tuple[float, float]:
    """The exact 95 % interval of a published proportion (Clopper-Pearson)."""
    return float(beta.ppf(0.025, responders, of - responders + 1)), float(beta.ppf(0.975, responders + 1, of - responders))


def test_time_to_response_with_the_fusion_is_that_of_row_t04() -> None:
    found = treated(200)
    days = found.chr_day[found.positive & (found.chr_day < NEVER)]
    spread = norm.ppf(0.975) * 1.2533 * np.std(days) / np.sqrt(days.size)
    assert abs(np.median(days) - 13) <= spread + 1  # median 13 days; a day, for days are whole
    assert np.mean((days >= 3) & (days <= 90)) > 0.98  # range 3-90 in 25 people


def test_response_with_the_fusion_is_near_complete_as_in_row_t01() -> None:
    found = treated(400)
    low, high = within(20, 21)
    assert low < np.mean(found.chr_day[found.positive] < NEVER) < high


def test_response_without_a_known_aberration_is_that_of_row_t02() -> None:
    found = treated(400)
    low, high = within(6, 15)
    assert low < np.mean(found.chr_day[~found.positive] < NEVER) < high


def test_responses_at_100_mg_are_those_of_row_t10() -> None:
    found = treated(100)
    low, high = within(4, 10)
    assert low < np.mean(found.share[~found.positive] <= 0.5) < high  # at least partial, F/P-negative
    assert np.mean(found.chr_day[found.positive] < NEVER) > within(8, 8 + 1)[0]  # 8 of 8, F/P-positive


def test_the_fusion_is_as_common_as_in_rows_t08_and_t09() -> None:
    found = treated(100)
    error = np.sqrt(0.176 * 0.824 / PEOPLE)
    assert abs(found.positive.mean() - 24 / 136) < 4 * error


def test_baseline_counts_with_the_fusion_are_those_of_row_t05() -> None:
    start = treated(100).start[treated(100).positive]
    assert np.median(start) == pytest.approx(12, rel=0.12)
    assert np.quantile(start, 0.02) >= 2.5 and np.quantile(start, 0.98) <= 40.8


def test_a_dose_effect_shows_only_without_the_fusion() -> None:
    low, high = treated(100), treated(400)
    gain_with = np.mean(high.chr_day[high.positive] < NEVER) - np.mean(low.chr_day[low.positive] < NEVER)
    gain_without = np.mean(high.chr_day[~high.positive] < NEVER) - np.mean(low.chr_day[~low.positive] < NEVER)
    assert gain_without > 0.25 > gain_with


def test_levels_at_400_mg_are_near_the_published_trough() -> None:
    levels = treated(400).steady_total_ng_ml  # the model's mean level over a day lies above the trough of 979 ± 530 ng/mL
    assert 979 < np.median(levels) < 979 + 2 * 530
    assert np.std(levels) / np.mean(levels) == pytest.approx(0.32, abs=0.05)  # between-patient CV of clearance


def test_adverse_events_stay_below_the_upper_bound_of_the_source() -> None:
    lives = Lives(protocol(), people(), 7, np.arange(PEOPLE))
    lives.body.day = np.zeros(PEOPLE, np.int64)
    lives.body.give("imatinib", np.full(PEOPLE, 400.0), lives.everybody)
    had = np.zeros((len(lives.illness.terms), PEOPLE), bool)
    for week in range(1, WEEKS + 1):
        until = np.full(PEOPLE, 7 * week)
        lives.befall(until, "week", week, lives.everybody)
        lives.body.live_until(until)
        lives.see(lives.everybody)
        had |= np.stack([lives.illness.episodes[harm.term].begins < NEVER for harm in lives.illness.terms])
    for harm, share in zip(lives.illness.terms, had.mean(axis=1), strict=True):
        bound = float(harm.percent) / 100
        if harm.over_weeks > WEEKS:
            assert share < 0.8 * bound, harm.term  # 50 months at 400 mg/day bound 12 weeks from above
        else:
            assert share < bound + 4 * np.sqrt(bound / PEOPLE), harm.term
