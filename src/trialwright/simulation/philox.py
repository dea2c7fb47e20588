"""Philox4x32-10 over arrays: four words of 32 bits from a counter and a key, and from nothing else. Keeps no state.

The words of an operating-characteristics run stand at fixed places, so that any part of it can be drawn again alone:

    counter  = (trial, low 32 bits · participant + 2**20 × (trial >> 32) · block · stream)
    key      = (seed, low 32 bits · seed, high 32 bits)
    word number w of a stream is number ``w % 4`` of the four of block ``w // 4``

The compiled form of the same is in ``philox_compiled``; a test holds the two equal.

Source: Salmon et al., Parallel random numbers: as easy as 1, 2, 3, SC'11; its published known-answer vectors are checked in
tests/benchmarks.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

Words = NDArray[np.uint64]
ROUNDS = 10
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
LOW = 0xFFFFFFFF
PARTICIPANT_BITS = 20
LARGEST_TRIAL = 2**44 - 1


def philox(counter: tuple[ArrayLike, ...], key: tuple[ArrayLike, ...]) -> tuple[Words, ...]:
    """Return four words of 32 bits for each counter (four words) under its key (two words); shapes broadcast."""
    c0, c1, c2, c3 = (np.asarray(word, np.uint64) for word in counter)
    k0, k1 = (np.asarray(word, np.uint64) for word in key)
    low, shift = np.uint64(LOW), np.uint64(32)
    m0, m1 = (np.uint64(one) for one in MULTIPLIERS)
    w0, w1 = (np.uint64(one) for one in WEYL)
    for _ in range(ROUNDS):
        p0, p1 = m0 * c0, m1 * c2
        c0, c1, c2, c3 = (p1 >> shift) ^ c1 ^ k0, p1 & low, (p0 >> shift) ^ c3 ^ k1, p0 & low
        k0, k1 = (k0 + w0) & low, (k1 + w1) & low
    return c0, c1, c2, c3


@lru_cache(maxsize=4096)
def stream(purpose: str) -> int:
    """Return the stream of a purpose: 32 bits that follow from its name, so that one purpose more changes no other."""
    return int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:4], "big")


def key_words(seed: int) -> NDArray[np.uint32]:
    """Return the two words of a key, shape ``(2,)``, for a seed from 0 to 2**64 - 1."""
    return np.array([seed & LOW, seed >> 32], np.uint32)


def block(seed: int, trial: ArrayLike, participant: ArrayLike, number: int, of_stream: int) -> tuple[Words, ...]:
    """Return the four words of a block for each trial (0 … 2**44 - 1) and participant (0 … 2**20 - 1); shapes broadcast."""
    trials = np.asarray(trial, np.uint64)
    second = np.asarray(participant, np.uint64) + ((trials >> np.uint64(32)) << np.uint64(PARTICIPANT_BITS))
    return philox((trials & np.uint64(LOW), second, number, of_stream), (seed & LOW, seed >> 32))


def words(seed: int, trial: ArrayLike, participant: ArrayLike, number: int, of_stream: int) -> NDArray[np.uint32]:
    """Return word ``number`` of a stream for each trial and participant, as ``block`` takes them."""
    return block(seed, trial, participant, number // 4, of_stream)[number % 4].astype(np.uint32)
