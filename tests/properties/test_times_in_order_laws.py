"""Laws of counting at each time: whatever the times are, the table is what looking at everybody one by one gives."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.analysis.estimators.competing import aalen_johansen
from trialwright.analysis.estimators.gray import gray_test
from trialwright.analysis.estimators.log_rank import Weighting, log_rank
from trialwright.analysis.estimators.risk import SMALL, RiskTable, risk_table
from trialwright.analysis.estimators.survival import Scale, kaplan_meier

ROWS = SMALL + 200  # so many that times are counted, or sorted together with their codes
NEXT = float(np.nextafter(1.0, 2.0))

SPANS = {
    "ordinary": [0.25, 0.5, 1.0, NEXT, 3.75, 700.0, 1e4],
    "with nought": [0.0, -0.0, 0.125, 1.0, NEXT, 1e6],
    "nought and the smallest": [0.0, 5e-324, 1e-323, 1.0],
    "too far apart for a code": [5e-324, 1e-300, 1.0, 1.7e308],
    "nought and little else": [0.0, 1e-9, 2.0],
}


def _one_by_one(times: list[float], kinds: list[int], groups: list[int]) -> tuple[list[float], list[list[list[int]]]]:
    seen = Counter(zip(times, groups, kinds, strict=True))
    distinct, states = sorted(set(times)), max(max(kinds) + 1, 2)
    return distinct, [[[seen[t, g, k] for t in distinct] for k in range(states)] for g in sorted(set(groups))]


def _same(table: RiskTable, times: list[float], kinds: list[int], groups: list[int]) -> None:
    distinct, counts = _one_by_one(times, kinds, groups)
    assert table.times.tolist() == distinct and table.counts.tolist() == counts
    later = [[sum(sum(kind[place:]) for kind in group) for place in range(len(distinct))] for group in counts]
    assert table.at_risk.tolist() == later


@pytest.mark.parametrize("name", list(SPANS))
def test_times_of_any_span_are_counted_as_one_by_one(name: str) -> None:
    chance = np.random.Generator(np.random.Philox(7))
    times = chance.choice(SPANS[name], ROWS)
    kinds, groups = chance.integers(0, 4, ROWS), chance.integers(0, 3, ROWS)
    _same(risk_table(times, kinds, groups), times.tolist(), kinds.tolist(), groups.tolist())
    _same(risk_table(times, kinds > 0, groups), times.tolist(), (kinds > 0).tolist(), groups.tolist())
    _same(risk_table(times, kinds > 0), times.tolist(), (kinds > 0).tolist(), [0] * ROWS)


@given(st.integers(0, 2**32), st.integers(1, 400), st.integers(0, 2**62), st.integers(1, 2**40))
@settings(max_examples=25, deadline=None)
def test_whole_numbers_of_any_size_are_counted_as_one_by_one(seed: int, distinct: int, start: int, step: int) -> None:
    """Beyond 2**53 only numbers that a float holds can come back as they were."""
    chance = np.random.Generator(np.random.Philox(seed))
    times = np.float64(start + step * chance.integers(0, distinct, ROWS)).astype(np.int64)
    kinds, groups = chance.integers(0, 2, ROWS), chance.integers(0, 2, ROWS)
    _same(risk_table(times, kinds, groups), times.tolist(), kinds.tolist(), groups.tolist())


def test_more_codes_than_a_byte_tells_apart_are_counted_all_the_same() -> None:
    chance = np.random.Generator(np.random.Philox(8))
    times, kinds, groups = chance.choice([0.5, 1.5, 2.25], ROWS), chance.integers(0, 200, ROWS), chance.integers(0, 3, ROWS)
    _same(risk_table(times, kinds, groups), times.tolist(), kinds.tolist(), groups.tolist())


def _apart(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    chance = np.random.Generator(np.random.Philox(seed))
    times = chance.exponential(1.0, rows)
    assert len(set(times.tolist())) == rows
    return times, chance.integers(0, 3, rows), chance.integers(0, 2, rows)


@pytest.mark.parametrize("weighting", list(Weighting))
@pytest.mark.parametrize("rows", [ROWS, 40_000])
def test_times_that_are_all_apart_are_tested_as_if_one_pair_were_tied(rows: int, weighting: Weighting) -> None:
    """Two censored at the end add a tie and no information; the general sums are taken then."""
    times, kinds, groups = _apart(rows, rows)
    last = times.max() + 1
    apart = log_rank([*times, last, last + 1], [*(kinds > 0), False, False], [*groups, 0, 1], weighting)
    tied = log_rank([*times, last, last], [*(kinds > 0), False, False], [*groups, 0, 1], weighting)
    assert apart.observed == pytest.approx(tied.observed, rel=1e-12)
    assert apart.expected == pytest.approx(tied.expected, rel=1e-11)
    assert apart.variance == pytest.approx(tied.variance, rel=1e-11)


def test_curves_incidences_and_grays_test_of_times_that_are_all_apart_are_those_of_their_ranks() -> None:
    """Ranks are whole numbers, so they are counted and not sorted."""
    times, kinds, groups = _apart(ROWS, 9)
    ranks = np.argsort(np.argsort(times)) + 1
    for scale in Scale:
        ours, theirs = kaplan_meier(times, kinds > 0, scale=scale), kaplan_meier(ranks, kinds > 0, scale=scale)
        assert ours.times.tolist() == np.sort(times).tolist()
        for name in ("at_risk", "events", "censored", "survival", "standard_error", "low", "high"):
            assert getattr(ours, name).tolist() == getattr(theirs, name).tolist()
    for one, other in zip(aalen_johansen(times, kinds), aalen_johansen(ranks, kinds), strict=True):
        assert one.incidence.tolist() == other.incidence.tolist() and one.events.dtype == other.events.dtype == np.int64
        assert one.standard_error.tolist() == other.standard_error.tolist()
    assert gray_test(times, kinds, groups).chi_square == gray_test(ranks, kinds, groups).chi_square
