"""Philox4x32-10 compiled by numba: the words of ``philox``, for a kernel. Import it only where a kernel is wanted.

No function here that is called for one draw takes an array: counting who refers to it would cost more than the draw.
"""

from __future__ import annotations

from typing import Any

from numba import int64, njit, uint32, uint64

__all__ = ["fill_words", "happens", "more_bits", "more_block"]
_M0, _M1, _W0, _W1 = uint64(0xD2511F53), uint64(0xCD9E8D57), uint64(0x9E3779B9), uint64(0xBB67AE85)
_LOW, _HALF, _BYTE = uint64(0xFFFFFFFF), uint64(32), uint64(8)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def philox_block(who: Any, number: Any, of_stream: Any) -> Any:
    """Return the four words of a block as ``uint64``.

    Args:
        who: Low 32 bits of the trial; participant, with the trial's high bits (see ``philox``); the two words of the key.
        number: The block.
        of_stream: The stream.
    """
    x0, x1, x2, x3 = uint64(uint32(who[0])), uint64(uint32(who[1])), uint64(uint32(number)), uint64(uint32(of_stream))
    k0, k1 = uint64(who[2]), uint64(who[3])
    for _ in range(10):
        p0, p1 = _M0 * x0, _M1 * x2
        x0, x1, x2, x3 = (p1 >> _HALF) ^ x1 ^ k0, p1 & _LOW, (p0 >> _HALF) ^ x3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + _W0) & _LOW, (k1 + _W1) & _LOW
    return x0, x1, x2, x3


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def more_block(who: Any, number: Any, of_stream: Any) -> Any:
    """Return the upper 24 bits of each word of a block, as whole numbers: what stands below first bytes (see ``chance``)."""
    x0, x1, x2, x3 = philox_block(who, number, of_stream)
    return int64(x0 >> _BYTE), int64(x1 >> _BYTE), int64(x2 >> _BYTE), int64(x3 >> _BYTE)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def more_bits(who: Any, number: Any, of_stream: Any, word: Any) -> Any:
    """Return one word of ``more_block``."""
    w0, w1, w2, w3 = more_block(who, number, of_stream)
    low, high = (w1 if word & 1 else w0), (w3 if word & 1 else w2)
    return high if word & 2 else low


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def happens(first: Any, threshold: Any, who: Any, number: Any, of_stream: Any, word: Any) -> Any:
    """Whether a draw is below its threshold; ``first`` is its first byte, the rest is drawn where it leaves that open."""
    if first >= threshold:
        return False
    return first + 0xFFFFFF < threshold or first + more_bits(who, number, of_stream, word) < threshold


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def fill_words(lanes: Any, number: Any, of_stream: Any, key: Any, out: Any) -> None:
    """Write the four words of one block of a stream for some lanes.

    Args:
        lanes: The first two words of ``philox_block``'s ``who``, for each lane; ``uint32``, shape ``(2, n)``; ``n`` a multiple of
            8 is quickest.
        number: The block.
        of_stream: The stream.
        key: The two words of the key, ``uint32``, shape ``(2,)``.
        out: Where the words go, ``uint32``, shape ``(4, n)``.
    """
    k0, k1 = key[0], key[1]
    for lane in range(lanes.shape[1]):
        x0, x1, x2, x3 = philox_block((lanes[0, lane], lanes[1, lane], k0, k1), number, of_stream)
        out[0, lane] = uint32(x0)
        out[1, lane] = uint32(x1)
        out[2, lane] = uint32(x2)
        out[3, lane] = uint32(x3)
