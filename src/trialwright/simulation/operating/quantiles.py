"""Distributions as tables of 1,025 quantiles with straight lines between them: a word becomes an amount without exp or log.

The table *is* the distribution: its ends lie at the quantiles 1/4,096 and 4,095/4,096, so that no amount is absurd. Tables are
rounded to 12 digits, so that machines whose exp and log differ in the last bit get the same ones; looking up is one
multiplication and one addition, the same on every machine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STEPS = 1024
SHIFT = 22
_MASK = (1 << SHIFT) - 1
FRACTION = 2.0**-SHIFT
Floats = NDArray[np.float64]


def log_normal(median: float, cv: float) -> Floats:
    """Return the quantiles of a log-normal amount by its median and coefficient of variation; shape ``(1025,)``."""
    return _digits(median * np.exp(np.sqrt(np.log1p(cv * cv)) * _normal()))


def normal(mean: float, sd: float) -> Floats:
    """Return the quantiles of a normal amount, never below 0; shape ``(1025,)``."""
    return _digits(np.maximum(mean + sd * _normal(), 0.0))


def exponential(mean: float) -> Floats:
    """Return the quantiles of a waiting time; the last one is such that the mean is right. Shape ``(1025,)``."""
    table = np.append(-np.log1p(-np.arange(STEPS) / STEPS), 0.0)
    inner = (table[1:-1] + table[:-2]).sum() / 2 / STEPS
    table[-1] = 2 * STEPS * (1 - inner) - table[-2]
    return _digits(mean * table)


def look_up(table: Floats, words: NDArray[np.uint32]) -> Floats:
    """Return the amount of each word; ``table`` has shape ``(1025,)`` or ``(..., 1025)`` with leading axes of ``words``."""
    index = (words >> np.uint32(SHIFT)).astype(np.int64)
    part = (words & np.uint32(_MASK)).astype(np.float64) * FRACTION
    if table.ndim == 1:
        low, high = table[index], table[index + 1]
    else:
        low = np.take_along_axis(table, index[..., None], axis=-1)[..., 0]
        high = np.take_along_axis(table, index[..., None] + 1, axis=-1)[..., 0]
    return np.asarray(low + part * (high - low))


def _normal() -> Floats:
    from scipy.special import ndtri

    at = np.arange(STEPS + 1) / STEPS
    at[0], at[-1] = 0.25 / STEPS, 1 - 0.25 / STEPS
    return np.asarray(ndtri(at), np.float64)


def _digits(table: Floats) -> Floats:
    return np.array([float(f"{one:.12g}") for one in table])
