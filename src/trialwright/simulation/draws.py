"""Chance as a function: what is drawn depends on the seed, the person, the purpose and a counter, and on nothing else.

No generator has a state, so the order in which people are simulated, or a protocol with other rules, changes nothing that
is drawn for another purpose. Arrays in, arrays out; one person or a million are the same call.

The generator is that of ``philox``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from trialwright.simulation.philox import LOW, MULTIPLIERS, ROUNDS, WEYL, philox, stream

Floats = NDArray[np.float64]
_FEW = 16


def _philox_one(counter: tuple[int, int, int, int], k0: int, k1: int) -> tuple[int, int, int, int]:
    """Philox for plain integers, which is faster for a few."""
    c0, c1, c2, c3 = counter
    (m0, m1), (w0, w1), low = MULTIPLIERS, WEYL, LOW
    for _ in range(ROUNDS):
        p0, p1 = m0 * c0, m1 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & low, (p0 >> 32) ^ c3 ^ k1, p0 & low
        k0, k1 = (k0 + w0) & low, (k1 + w1) & low
    return c0, c1, c2, c3


class Draws:
    """Uniform and normal numbers for some people; every call is a pure function of its arguments.

    Args:
        seeds: The seed of each person's trial, 0 … 2**64 - 1; shape ``(n,)``.
        numbers: The number of each person in that trial, 0 … 2**32 - 1; shape ``(n,)``.
    """

    __slots__ = ("_few", "_high", "_low", "numbers", "seeds")

    def __init__(self, seeds: ArrayLike, numbers: ArrayLike) -> None:
        self.numbers = np.asarray(numbers, np.uint64)
        self.seeds = np.broadcast_to(np.asarray(seeds, np.uint64), self.numbers.shape)
        self._low, self._high = self.seeds & np.uint64(LOW), self.seeds >> np.uint64(32)
        self._few = self.numbers.size == 1

    def uniform(self, purpose: str, index: ArrayLike = 0) -> Floats:
        """One number in (0, 1) for each person; ``index`` tells repeats apart (shape ``()`` or ``(n,)``)."""
        return np.asarray(self.uniforms(purpose, 1, index)[0])

    def uniforms(self, purpose: str, count: int, index: ArrayLike = 0) -> Floats:
        """``count`` numbers in (0, 1) for each person, shape ``(count, n)``; more numbers never change the first ones."""
        blocks = -(-count // 4)
        if self._few and blocks <= _FEW:
            words = self._words_of_one(purpose, blocks, index if type(index) is int else int(np.asarray(index).reshape(-1)[0]))
            return np.array([[(word + 0.5) / 2.0**32] for word in words[:count]])
        block = np.arange(blocks, dtype=np.uint64)[:, None]
        counter = (np.asarray(index, np.uint64), self.numbers, self._high, block)
        parts = philox(counter, (self._low, np.uint64(stream(purpose))))
        stacked = np.stack([np.broadcast_to(part, (blocks, self.numbers.size)) for part in parts], axis=1)
        return np.asarray((stacked.reshape(blocks * 4, -1)[:count] + 0.5) / 2.0**32, np.float64)

    def _words_of_one(self, purpose: str, blocks: int, index: int) -> list[int]:
        number, high, low = int(self.numbers[0]), int(self._high[0]), int(self._low[0])
        key = stream(purpose)
        return [word for block in range(blocks) for word in _philox_one((index, number, high, block), low, key)]

    def some(self, chosen: NDArray[np.bool_]) -> Draws:
        """The same draws for a part of the people."""
        return Draws(self.seeds[chosen], self.numbers[chosen])


def normal(uniform: Floats) -> Floats:
    """Turn numbers in (0, 1) into standard normal ones by the inverse distribution function."""
    return np.asarray(ndtri(uniform), np.float64)


def lognormal(uniform: Floats, median: ArrayLike, cv: ArrayLike) -> Floats:
    """A log-normal amount with its median and coefficient of variation (0.3 = 30 %)."""
    sigma = np.sqrt(np.log1p(np.square(cv)))
    return np.asarray(median) * np.exp(sigma * normal(uniform))


def truncated(uniform: Floats, low: Floats | float, high: Floats | float) -> Floats:
    """Move a number in (0, 1) into the part of a standard normal distribution between two bounds (in deviations)."""
    bottom, top = ndtr(low), ndtr(high)
    return np.asarray(bottom + uniform * (top - bottom), np.float64)
