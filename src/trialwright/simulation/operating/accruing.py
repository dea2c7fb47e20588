"""When participants are enrolled, and where: waiting times between them, drawn for each place in the order of enrolment."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trialwright.simulation.operating.parameters import Parameters
from trialwright.simulation.operating.quantiles import look_up
from trialwright.simulation.philox import stream, words

ARRIVAL, ARRIVAL_WORD, SITE_WORD = "arrival", 0, 1
Ints = NDArray[np.int64]


def arrivals(parameters: Parameters, seed: int, trials: range) -> tuple[Ints, Ints]:
    """Return the day on which each place is taken, counted from the first (which is 0), and its site; shapes ``(trials, n)``."""
    trial = np.arange(trials.start, trials.stop, dtype=np.uint64)[:, None]
    place = np.arange(parameters.participants, dtype=np.uint64)[None, :]
    gaps = look_up(parameters.numbers["gap"], words(seed, trial, place, ARRIVAL_WORD, stream(ARRIVAL)))
    gaps[:, 0] = 0.0
    site = (words(seed, trial, place, SITE_WORD, stream(ARRIVAL))[..., None] >= parameters.chances["site"]).sum(axis=-1)
    return np.floor(np.cumsum(gaps, axis=1)).astype(np.int64), site
