"""The counter-based generator against its published vectors (Random123, philox4x32, 10 rounds) and simple facts of chance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.simulation.draws import Draws, lognormal, normal
from trialwright.simulation.philox import philox

KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_the_generator_gives_the_published_words(counter: tuple[int, ...], key: tuple[int, int], words: tuple[int, ...]) -> None:
    assert tuple(int(word) for word in philox(counter, key)) == words


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_one_person_and_many_draw_the_same_numbers(seed: int, person: int, index: int, count: int) -> None:
    alone = Draws(seed, [person]).uniforms("purpose", count, index)
    among = Draws(seed, [person ^ 1, person, 7]).uniforms("purpose", count, index)
    assert np.array_equal(alone[:, 0], among[:, 1])


@given(st.integers(0, 2**64 - 1), st.integers(1, 30))
def test_asking_for_more_numbers_never_changes_the_first_ones(seed: int, count: int) -> None:
    draws = Draws(seed, [1, 2, 3])
    assert np.array_equal(draws.uniforms("p", count), draws.uniforms("p", count + 5)[:count])


def test_another_purpose_person_index_or_seed_gives_other_numbers() -> None:
    first = Draws(1, [1]).uniform("a", 0)[0]
    others = [
        Draws(1, [1]).uniform("b", 0)[0],
        Draws(1, [2]).uniform("a", 0)[0],
        Draws(1, [1]).uniform("a", 1)[0],
        Draws(2, [1]).uniform("a", 0)[0],
        Draws(1 + 2**32, [1]).uniform("a", 0)[0],
    ]
    assert first not in others and len(set(others)) == len(others)


def test_numbers_are_uniform_and_unrelated() -> None:
    drawn = Draws(5, np.arange(200_000)).uniforms("p", 2)
    standard_error = 1 / np.sqrt(12 * 200_000)
    assert abs(drawn[0].mean() - 0.5) < 5 * standard_error
    assert abs(np.corrcoef(drawn)[0, 1]) < 5 / np.sqrt(200_000)
    assert abs(np.corrcoef(drawn[0][:-1], drawn[0][1:])[0, 1]) < 5 / np.sqrt(200_000)


def test_a_log_normal_amount_has_its_median_and_coefficient_of_variation() -> None:
    drawn = lognormal(Draws(5, np.arange(200_000)).uniform("p"), 14.0, 0.32)
    assert np.median(drawn) == pytest.approx(14, rel=0.01)
    assert drawn.std() / drawn.mean() == pytest.approx(0.32, rel=0.02)
    assert np.isfinite(normal(np.array([0.5 / 2**32, 1 - 0.5 / 2**32]))).all()
