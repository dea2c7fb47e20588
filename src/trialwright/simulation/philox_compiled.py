"""Philox4x32-10 compiled by numba: the words of ``philox``, for a kernel. Import it only where a kernel is wanted.

Everything is 32 bits wide and stored so, which lets the compiler multiply several lanes at a time.
"""

from __future__ import annotations

from typing import Any

from numba import njit, uint32, uint64

_M0, _M1 = uint64(0xD2511F53), uint64(0xCD9E8D57)
_LOW, _HALF = uint64(0xFFFFFFFF), uint64(32)


@njit(nogil=True, inline="always", cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def _round(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """One of the ten rounds; every word is a ``uint64`` below 2**32."""
    p0, p1 = _M0 * c0, _M1 * c2
    return (p1 >> _HALF) ^ c1 ^ uint64(k0), p1 & _LOW, (p0 >> _HALF) ^ c3 ^ uint64(k1), p0 & _LOW


@njit(nogil=True, inline="always", cache=True)  # type: ignore[untyped-decorator]
def philox_block(c0: Any, c1: Any, c2: Any, c3: Any, keys: Any) -> Any:
    """Return the four words of a counter as ``uint64``; ``keys`` are those of ``philox.round_keys``."""
    x0, x1, x2, x3 = uint64(uint32(c0)), uint64(uint32(c1)), uint64(uint32(c2)), uint64(uint32(c3))
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, keys[0], keys[1])
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, keys[2], keys[3])
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, keys[4], keys[5])
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, keys[6], keys[7])
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, keys[8], keys[9])
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, keys[10], keys[11])
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, keys[12], keys[13])
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, keys[14], keys[15])
    x0, x1, x2, x3 = _round(x0, x1, x2, x3, keys[16], keys[17])
    return _round(x0, x1, x2, x3, keys[18], keys[19])


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def fill_words(lanes: Any, block: Any, of_stream: Any, keys: Any, out: Any) -> None:
    """Write the four words of one block of a stream for some lanes.

    Args:
        lanes: Low 32 bits of each lane's trial, and its participant (with the high bits of the trial, see ``philox``);
            ``uint32``, shape ``(2, n)``; ``n`` a multiple of 8 is quickest.
        block: The visit, divided by 4.
        of_stream: The stream.
        keys: Round keys, ``uint32``, shape ``(20,)``.
        out: Where the words go, ``uint32``, shape ``(4, n)``.
    """
    c2, c3 = uint32(block), uint32(of_stream)
    for lane in range(lanes.shape[1]):
        w0, w1, w2, w3 = philox_block(lanes[0, lane], lanes[1, lane], c2, c3, keys)
        out[0, lane] = uint32(w0)
        out[1, lane] = uint32(w1)
        out[2, lane] = uint32(w2)
        out[3, lane] = uint32(w3)
