"""Ranges of one number, and the cells that thresholds cut its line into: where statements about it are compared.

Exact throughout (Fractions), so a threshold is never blurred. Knows nothing of units, variables or findings.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Range:
    """All numbers between two bounds; a bound of ``None`` is infinite, and an infinite bound is never closed.

    Args:
        low: The lower bound.
        high: The upper bound.
        low_closed: Whether ``low`` itself belongs.
        high_closed: Whether ``high`` itself belongs.

    >>> Range(Fraction(15), None).contains(Fraction(15))
    False
    """

    low: Fraction | None = None
    high: Fraction | None = None
    low_closed: bool = False
    high_closed: bool = False

    @property
    def is_empty(self) -> bool:
        """True when no number lies in the range."""
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and not (self.low_closed and self.high_closed))

    def contains(self, value: Fraction) -> bool:
        """Whether a number lies in the range."""
        above = self.low is None or value > self.low or (self.low_closed and value == self.low)
        below = self.high is None or value < self.high or (self.high_closed and value == self.high)
        return above and below

    def meet(self, other: Range) -> Range:
        """The numbers in both ranges (perhaps none: see ``is_empty``)."""
        low, low_closed = _tighter((self.low, self.low_closed), (other.low, other.low_closed), upper=False)
        high, high_closed = _tighter((self.high, self.high_closed), (other.high, other.high_closed), upper=True)
        return Range(low, high, low_closed, high_closed)

    def complement(self) -> tuple[Range, ...]:
        """The numbers outside, as up to two ranges; for an empty range, everything."""
        if self.is_empty:
            return (Range(),)
        below = () if self.low is None else (Range(high=self.low, high_closed=not self.low_closed),)
        above = () if self.high is None else (Range(low=self.high, low_closed=not self.high_closed),)
        return below + above


def at_least(value: Fraction) -> Range:
    """``x >= value``."""
    return Range(low=value, low_closed=True)


def above(value: Fraction) -> Range:
    """``x > value``."""
    return Range(low=value)


def at_most(value: Fraction) -> Range:
    """``x <= value``."""
    return Range(high=value, high_closed=True)


def below(value: Fraction) -> Range:
    """``x < value``."""
    return Range(high=value)


def exactly(value: Fraction) -> Range:
    """``x == value``."""
    return Range(value, value, low_closed=True, high_closed=True)


def thresholds_of(ranges: Iterable[Range]) -> tuple[Fraction, ...]:
    """The finite bounds of some ranges, increasing and each once."""
    bounds = (bound for one in ranges for bound in (one.low, one.high) if bound is not None)
    return tuple(sorted(set(bounds)))


def cut(thresholds: Iterable[Fraction]) -> tuple[Range, ...]:
    """The cells of the line: below the first threshold, each threshold itself, each gap between two, above the last.

    Any statement built from these thresholds is true on the whole of a cell or on none of it.

    >>> len(cut([Fraction(15), Fraction(18)]))
    5
    """
    points = sorted(set(thresholds))
    if not points:
        return (Range(),)
    cells = [below(points[0])]
    for index, point in enumerate(points):
        cells.append(exactly(point))
        cells.append(Range(point, points[index + 1]) if index + 1 < len(points) else above(point))
    return tuple(cells)


def witness(cell: Range, step: Fraction | None = None) -> Fraction | None:
    """A plain number in the cell, or ``None`` where there is none.

    Args:
        cell: Where to look.
        step: When the variable only takes multiples of a step (1 for a performance status), the step.

    Returns:
        The bound itself where it belongs; else the next number of the step (or of 1, or halfway) inside.
    """
    if cell.is_empty:
        return None
    candidates = (*_near_bounds(cell, Fraction(1)), *_halfway(cell)) if step is None else _near_bounds(cell, step)
    inside = (value for value in candidates if cell.contains(value) and (step is None or value % step == 0))
    return next(inside, None)


def covers(ranges: Sequence[Range], cell: Range) -> bool:
    """Whether one of the ranges holds a cell of a cut that used their thresholds."""
    found = witness(cell)
    return found is not None and any(one.contains(found) for one in ranges)


def _near_bounds(cell: Range, step: Fraction) -> tuple[Fraction, ...]:
    found: list[Fraction] = []
    if cell.low is not None:
        floor = cell.low // step * step
        found += [cell.low, floor, floor + step]
    if cell.high is not None:
        floor = cell.high // step * step
        found += [cell.high, floor, floor - step]
    return tuple(found) or (Fraction(0),)


def _halfway(cell: Range) -> tuple[Fraction, ...]:
    return () if cell.low is None or cell.high is None else ((cell.low + cell.high) / 2,)


def _tighter(
    first: tuple[Fraction | None, bool], second: tuple[Fraction | None, bool], *, upper: bool
) -> tuple[Fraction | None, bool]:
    if first[0] is None or second[0] is None:
        return second if first[0] is None else first
    if first[0] == second[0]:
        return first[0], first[1] and second[1]
    first_is_tighter = (first[0] < second[0]) == upper
    return first if first_is_tighter else second
