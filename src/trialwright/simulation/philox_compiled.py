"""Philox4x32-10 compiled by numba: the words of ``philox``, for a kernel. Import it only where a kernel is wanted.

Words are stored in 32 bits, which lets the compiler multiply several lanes at a time.
"""

from __future__ import annotations

from typing import Any

from numba import njit, uint32, uint64

_M0, _M1 = uint64(0xD2511F53), uint64(0xCD9E8D57)
_LOW, _HALF = uint64(0xFFFFFFFF), uint64(32)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def philox_block(c0: Any, c1: Any, c2: Any, c3: Any, keys: Any) -> Any:
    """Return the four words of a counter as ``uint64``; ``keys`` are those of ``philox.round_keys``."""
    x0, x1, x2, x3 = uint64(uint32(c0)), uint64(uint32(c1)), uint64(uint32(c2)), uint64(uint32(c3))
    for turn in range(10):
        p0, p1 = _M0 * x0, _M1 * x2
        x0, x1 = (p1 >> _HALF) ^ x1 ^ uint64(keys[2 * turn]), p1 & _LOW
        x2, x3 = (p0 >> _HALF) ^ x3 ^ uint64(keys[2 * turn + 1]), p0 & _LOW
    return x0, x1, x2, x3


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
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
        x0, x1, x2, x3 = uint64(lanes[0, lane]), uint64(lanes[1, lane]), uint64(c2), uint64(c3)
        for turn in range(10):
            p0, p1 = _M0 * x0, _M1 * x2
            x0, x1 = (p1 >> _HALF) ^ x1 ^ uint64(keys[2 * turn]), p1 & _LOW
            x2, x3 = (p0 >> _HALF) ^ x3 ^ uint64(keys[2 * turn + 1]), p0 & _LOW
        out[0, lane] = uint32(x0)
        out[1, lane] = uint32(x1)
        out[2, lane] = uint32(x2)
        out[3, lane] = uint32(x3)
