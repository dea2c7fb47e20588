"""Values that go into and come out of evaluation: arrays of any leading shape, each with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Values:
    """One value per case; every leading axis is a case.

    Args:
        data: float64 in the variable's unit for quantities and durations, bool for flags and truths, the index in the
            declared codes for codes, days since 1970-01-01 for dates; a set has one more, trailing axis of bools over
            its codes. What it holds where nothing is known does not matter.
        known: bool, the shape of ``data`` (without a set's trailing axis).
        upper: Where given, the true value lies between ``data`` and ``upper`` (a partial date, "< 0.1"), both included.
    """

    data: NDArray[Any]
    known: NDArray[np.bool_]
    upper: NDArray[Any] | None = None

    @classmethod
    def of(cls, data: ArrayLike, upper: ArrayLike | None = None) -> Values:
        """Known values; a set's codes are given by ``of_set``."""
        array = np.asarray(data)
        return cls(array, np.ones(array.shape, bool), None if upper is None else np.asarray(upper))

    @classmethod
    def of_set(cls, held: ArrayLike) -> Values:
        """Known sets: bools over the codes in the last axis."""
        array = np.asarray(held, bool)
        return cls(array, np.ones(array.shape[:-1], bool))

    @classmethod
    def of_date(cls, earliest: date, latest: date | None = None) -> Values:
        """One date, or one that lies between two."""
        upper = None if latest is None else float((latest - EPOCH).days)
        return cls.of(float((earliest - EPOCH).days), upper)

    @classmethod
    def unknown(cls, shape: tuple[int, ...] = ()) -> Values:
        """Nothing is known."""
        return cls(np.zeros(shape), np.zeros(shape, bool))
