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
    for visit in range(1, rough.shape[0]):
        mark = marks[visit]
        for row in range(rows):
            drawn, least, most = lanes[visit * rows + row], calm[0, row], calm[1, row]
            for byte in range(size):
                found = (drawn[byte] < least[byte]) | (drawn[byte] > most[byte])
                mark[byte] = found if row == 0 else mark[byte] | found
