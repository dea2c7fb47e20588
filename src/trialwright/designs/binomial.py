"""Binomial chances over arrays, without a library that takes long to import. States no design."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@lru_cache(maxsize=256)
def _log_ways(n: int) -> Floats:
    """Logarithms of the binomial coefficients of ``n``; shape ``(n + 1,)``."""
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n + 1, dtype=np.float64)))])
    ways: Floats = logs[n] - logs - logs[::-1]
    ways.flags.writeable = False
    return ways


def masses(n: int, rates: npt.ArrayLike) -> Floats:
    """Chance of each count 0 … ``n`` at each true rate (0-1); shape ``(..., n + 1)`` for rates of shape ``(...)``."""
    rate = np.asarray(rates, np.float64)[..., None]
    counts = np.arange(n + 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        hit = np.where(counts > 0, counts * np.log(rate), 0.0)
        missed = np.where(counts < n, (n - counts) * np.log1p(-rate), 0.0)
    return np.asarray(np.exp(_log_ways(n) + hit + missed), np.float64)


def tails(n: int, rates: npt.ArrayLike) -> Floats:
    """Chance of ``j`` or more for j = 0 … ``n + 1``; shape ``(..., n + 2)``. The first is 1 and the last 0, exactly."""
    chance = masses(n, rates)
    beyond = np.zeros((*chance.shape[:-1], n + 2))
    beyond[..., : n + 1] = np.cumsum(chance[..., ::-1], axis=-1)[..., ::-1]
    beyond[..., 0] = 1.0
    return np.asarray(np.minimum(beyond, 1.0), np.float64)


def at_most(n: int, rates: npt.ArrayLike) -> Floats:
    """Chance of ``j`` or fewer for j = 0 … ``n``; shape ``(..., n + 1)``."""
    return np.asarray(np.minimum(np.cumsum(masses(n, rates), axis=-1), 1.0), np.float64)
