"""One rule, one meaning: random protocols and people through kernel, interpreter and engine, event by event."""

from __future__ import annotations

import numpy as np
import pytest
from tests.random_designs import decided_in_log, decided_in_paths, random_design, trace_as_plain_python

from trialwright.log import MemoryShelf
from trialwright.simulation.operating.kernel.loading import has_numba
from trialwright.simulation.operating.paths import COMPARED
from trialwright.simulation.operating.run import Compiled, compile_design, open_one, run, trace

SEED = 7
needs_numba = pytest.mark.skipif(not has_numba(), reason="numba is an extra")


def compiled_of(number: int, interpreted: bool = False) -> Compiled | None:
    """The random design of a number, compiled; None where the draw is no protocol."""
    drawn = random_design(number)
    return None if drawn is None else compile_design(*drawn, interpreted=interpreted)


def trials_of(number: int, count: int) -> range:
    """Trials of a random design; every second design's lie beyond 32 bits."""
    first = 2**33 * (number % 2) + number
    return range(first, first + count)


def kernel_agrees(number: int, count: int) -> bool:
    """Hold a kernel's source equal to the interpreter; whether there was anything to hold."""
    compiled = compiled_of(number)
    if compiled is None or compiled.kernel is None:
        return False
    numbers, trials = compiled.parameters(), trials_of(number, count)
    played, written = trace(compiled, SEED, trials, numbers), trace_as_plain_python(compiled, SEED, trials, numbers)
    for name in COMPARED:
        assert np.array_equal(getattr(written, name), getattr(played, name)), (number, name)
    return True


def engine_agrees(number: int) -> bool:
    """Hold the engine's advice and assessments, in an opened trial's log, equal to the interpreter's paths."""
    compiled = compiled_of(number, interpreted=True)
    if compiled is None:
        return False
    trials = trials_of(number, 1)
    paths = trace(compiled, SEED, trials, compiled.parameters())
    opened = open_one(compiled, SEED, trials.start, {}, MemoryShelf())
    found, expected = decided_in_log(opened, compiled, paths), decided_in_paths(paths)
    for name, wanted in expected.items():
        assert np.array_equal(found[name], wanted), (number, name)
    return True


@needs_numba
def test_a_kernel_decides_as_the_interpreter_does():
    assert sum(kernel_agrees(number, 3) for number in range(12)) >= 7


def test_the_engine_decides_in_an_opened_trial_as_the_run_did():
    assert sum(engine_agrees(number) for number in range(1000, 1006)) >= 4


@needs_numba
@pytest.mark.long
@pytest.mark.parametrize("first", range(2000, 4000, 100))
def test_thousands_of_kernels_decide_as_the_interpreter_does(first: int):
    assert sum(kernel_agrees(number, 4) for number in range(first, first + 100)) >= 60


@pytest.mark.long
@pytest.mark.parametrize("first", range(5000, 7000, 100))
def test_the_engine_decides_in_thousands_of_opened_trials_as_the_runs_did(first: int):
    assert sum(engine_agrees(number) for number in range(first, first + 100)) >= 60


def test_trial_k_is_the_same_in_any_chunk_and_on_any_thread():
    compiled = next(one for number in range(100) if (one := compiled_of(number, interpreted=True)) is not None)
    numbers = compiled.parameters()
    whole = run(compiled, SEED, range(40), numbers)
    parts = run(compiled, SEED, range(25, 40), numbers) + run(compiled, SEED, range(25), numbers)
    assert np.array_equal(whole.counts, parts.counts)
    assert whole.trials == parts.trials == 40
    apart = trace(compiled, SEED, range(31, 32), numbers)
    together = trace(compiled, SEED, range(40), numbers)
    n = numbers.participants
    for name in COMPARED:
        assert np.array_equal(getattr(apart, name), getattr(together, name)[31 * n : 32 * n]), name


def test_every_condition_of_the_pool_is_drawn_in_the_first_hundred():
    from tests.random_designs import CONDITIONS, random_text

    drawn = "\n".join(random_text(number)[0] for number in [*range(12), *range(1000, 1006), *range(2000, 2100)])
    absent = [one for one in CONDITIONS if one.replace("RULE", "r") not in drawn and "RULE" not in one]
    assert not absent
