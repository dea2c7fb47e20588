"""The words of an operating-characteristics run: numpy and the compiled form give the same, wherever they are drawn from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.simulation.philox import LARGEST_TRIAL, key_words, philox, stream, words

LANES = 16


def test_a_word_stands_where_the_module_says():
    trial, participant, visit, purpose = 2**40 + 4711, 24, 9, stream("response")
    found = words(2**33 + 5, trial, participant, visit, purpose)
    counter = (trial & 0xFFFFFFFF, participant + ((trial >> 32) << 20), 2, purpose)
    assert int(found) == int(philox(counter, (5, 2))[1])


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**64 - 1),
    trial=st.integers(0, LARGEST_TRIAL - LANES),
    participant=st.integers(0, 2**20 - 1),
    block=st.integers(0, 1000),
    purpose=st.text(max_size=8),
)
def test_compiled_words_are_those_of_numpy(seed: int, trial: int, participant: int, block: int, purpose: str):
    fill = pytest.importorskip("trialwright.simulation.philox_compiled").fill_words
    trials = np.arange(trial, trial + LANES, dtype=np.uint64)
    second = (np.uint64(participant) + ((trials >> np.uint64(32)) << np.uint64(20))).astype(np.uint32)
    out = np.zeros((6, LANES), np.uint32)
    lanes = np.stack([(trials & np.uint64(0xFFFFFFFF)).astype(np.uint32), second])
    fill(lanes, block, stream(purpose), key_words(seed), out[1:5])
    expected = np.stack([words(seed, trials, participant, 4 * block + row, stream(purpose)) for row in range(4)])
    assert (out[1:5] == expected).all()
    assert not out[0].any()
    assert not out[5].any()
