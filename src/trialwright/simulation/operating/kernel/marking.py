"""Marks the visits that are not calm by the bytes of their draws, many lanes at a time. Imports numba; see ``steady``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

__all__ = ["calm_rows", "mark_rough"]


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
