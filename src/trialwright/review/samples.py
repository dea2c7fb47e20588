"""One exact sample point for every cell that linear comparisons cut a space of a few numbers into.

Any statement built from those comparisons has one truth on the whole of a cell, so the samples stand for every value.
Knows nothing of variables, units or findings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from trialwright.review.cells import Range, cut, witness

Point = tuple[Fraction, ...]
MOST_FORMS = 60
MOST_POINTS = 20_000


@dataclass(frozen=True, slots=True)
class Form:
    """``sum of factor * x + constant``, compared with 0; one factor per number."""

    factors: Point
    constant: Fraction

    def root(self, point: Point) -> Fraction:
        """Where it is 0 along the last number, the others being given; the last factor is not 0."""
        known = sum((factor * value for factor, value in zip(self.factors, point, strict=False)), self.constant)
        return -known / self.factors[-1]


class TooManyCells(Exception):  # noqa: N818 - an answer of this file ("not decided"), caught by its callers
    """The arrangement is larger than is explored."""


def arrangement(forms: Sequence[Form], steps: Sequence[Fraction | None]) -> list[Point]:
    """Return a point in every cell of the arrangement of ``forms``.

    Args:
        forms: Over ``len(steps)`` numbers.
        steps: What each number is a multiple of as it is recorded; a point off the step is given only where a cell holds
            none on it.

    Raises:
        TooManyCells: There are more than are explored.

    Source: elimination of one number at a time (the linear case of cylindrical decomposition, Collins 1975).
    """
    points = list(_points(list(forms), tuple(steps)))
    if len(points) > MOST_POINTS:
        raise TooManyCells
    return points


def _points(forms: list[Form], steps: tuple[Fraction | None, ...]) -> Iterator[Point]:
    if not steps:
        yield ()
        return
    if len(forms) > MOST_FORMS:
        raise TooManyCells
    touching = [form for form in forms if form.factors[-1] != 0]
    below = [Form(form.factors[:-1], form.constant) for form in forms if form.factors[-1] == 0]
    below += [_difference(one, other) for one, other in combinations(touching, 2)]
    for number, point in enumerate(_points(_distinct(below), steps[:-1])):
        if number > MOST_POINTS:
            raise TooManyCells
        for cell in cut({form.root(point) for form in touching}):
            yield (*point, _value(cell, steps[-1]))


def _difference(one: Form, other: Form) -> Form:
    """0 where the two forms have their root at the same place."""
    first, second = one.factors[-1], other.factors[-1]
    factors = tuple(a / first - b / second for a, b in zip(one.factors[:-1], other.factors[:-1], strict=True))
    return Form(factors, one.constant / first - other.constant / second)


def _distinct(forms: list[Form]) -> list[Form]:
    """Drop constants and forms that are 0 at the same places as another."""
    found: dict[Form, None] = {}
    for form in forms:
        lead = next((factor for factor in reversed(form.factors) if factor), None)
        if lead is not None:
            found[Form(tuple(factor / lead for factor in form.factors), form.constant / lead)] = None
    return list(found)


def everyday(cell: Range, step: Fraction | None) -> Fraction | None:
    """Return a plain number in a cell, on the step where there is one: in the middle, where the cell has two ends."""
    if cell.low is not None and cell.high is not None and cell.low < cell.high:
        middle = (cell.low + cell.high) / 2
        whole = middle // step * step if step else middle
        if cell.contains(whole):
            return whole
    return witness(cell, step)


def _value(cell: Range, step: Fraction | None) -> Fraction:
    found = everyday(cell, step)
    found = witness(cell) if found is None else found
    assert found is not None
    return found
