"""Draws for a kernel: whether something happens, by its first byte and seldom by the rest; which visits are calm.

Imports numba, so import it only where a kernel is wanted. No function here that is called for a visit takes an array: counting
who refers to it would cost more than the draw.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import int64, njit, uint32, uint64

__all__ = ["calm_rows", "happens", "mark_rough", "more_bits", "more_block"]
_M0, _M1, _W0, _W1 = uint64(0xD2511F53), uint64(0xCD9E8D57), uint64(0x9E3779B9), uint64(0xBB67AE85)
_LOW, _HALF, _BYTE = uint64(0xFFFFFFFF), uint64(32), uint64(8)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def more_block(who: Any, place: Any, of_stream: Any) -> Any:
    """Return the upper 24 bits of each word of a block of Philox4x32-10, as whole numbers.

    Args:
        who: The two words of a lane's counter, as ``philox_compiled.fill_words`` takes them, and the two of the key.
        place: The block.
        of_stream: The stream.
    """
    x0, x1, x2, x3 = uint64(who[0]), uint64(who[1]), uint64(uint32(place)), uint64(uint32(of_stream))
    k0, k1 = uint64(who[2]), uint64(who[3])
    for _ in range(10):
        p0, p1 = _M0 * x0, _M1 * x2
        x0, x1, x2, x3 = (p1 >> _HALF) ^ x1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ x3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return int64(x0 >> _BYTE), int64(x1 >> _BYTE), int64(x2 >> _BYTE), int64(x3 >> _BYTE)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def more_bits(who: Any, place: Any, of_stream: Any, word: Any) -> Any:
    """Return one word of ``more_block``."""
    w0, w1, w2, w3 = more_block(who, place, of_stream)
    low, high = (w1 if word & 1 else w0), (w3 if word & 1 else w2)
    return high if word & 2 else low


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def happens(first: Any, threshold: Any, who: Any, place: Any, of_stream: Any, word: Any) -> Any:
    """Whether a draw is below its threshold; ``first`` is its first byte, the rest is drawn where it leaves that open."""
    if first >= threshold:
        return False
    return first + 0xFFFFFF < threshold or first + more_bits(who, place, of_stream, word) < threshold


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def calm_rows(calm: Any, width: Any) -> Any:
    """Repeat the least and most of each byte for every lane; shape ``(2, room / 4, 4 · width)``."""
    rows = calm.shape[1] // 4
    found = np.zeros((2, rows, 4 * width), np.uint8)
    for side in range(2):
        for row in range(rows):
            for byte in range(4 * width):
                found[side, row, byte] = calm[side, 4 * row + byte % 4]
    return found


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def mark_rough(words: Any, calm: Any, rough: Any) -> None:
    """Mark each lane's visits (``rough``, shape ``(visits, lanes)``) of which a byte is less or more than leaves it calm."""
    lanes, marks = words.view(np.uint8), rough.view(np.uint8)
    rows, size = calm.shape[1], calm.shape[2]
    marks[:] = 0
    for row in range(rows):
        least, most = calm[0, row], calm[1, row]
        if max(least[0], least[1], least[2], least[3]) > 0 or min(most[0], most[1], most[2], most[3]) < 255:
            for visit in range(rough.shape[0]):
                drawn, mark = lanes[visit * rows + row], marks[visit]
                for byte in range(size):
                    mark[byte] |= (drawn[byte] < least[byte]) | (drawn[byte] > most[byte])
