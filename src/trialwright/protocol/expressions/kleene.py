"""Three-valued truth and tolerant comparison over arrays. Knows nothing of expressions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.expressions.tree import Comparator
from trialwright.protocol.expressions.values import Values

RELATIVE_TIE = 1e-9
ABSOLUTE_TIE = 1e-12
_HUGE = 1e300  # keeps the slack of infinity finite
Array = NDArray[Any]


def truth(values: Values) -> NDArray[np.int8]:
    """0 false, 1 unknown, 2 true; the shape of the values."""
    known = values.known.astype(np.int8)
    return np.asarray(1 + known * (2 * (values.data != 0).astype(np.int8) - 1), np.int8)


def from_truth(verdict: Array) -> Values:
    """Values of 0 false, 1 unknown, 2 true."""
    array = np.asarray(verdict)
    return Values(array == 2, array != 1)


def negation(operand: Values) -> Values:
    """True where false; unknown stays unknown."""
    return Values(~operand.data.astype(bool) & operand.known, operand.known)


def conjunction(operands: Iterable[Values]) -> Values:
    """True where all are true, false where any is false."""

    def both(left: Values, right: Values) -> Values:
        true = left.data & right.data
        false = (left.known & ~left.data) | (right.known & ~right.data)
        return Values(true, true | false)

    return reduce(both, map(_clean, operands))


def disjunction(operands: Iterable[Values]) -> Values:
    """True where any is true, false where all are false."""

    def either(left: Values, right: Values) -> Values:
        true = left.data | right.data
        return Values(true, true | (left.known & right.known))

    return reduce(either, map(_clean, operands))


def _clean(operand: Values) -> Values:
    """Data false where nothing is known, so that a mask needs no second look."""
    return Values(operand.data.astype(bool) & operand.known, operand.known)


def slack(left: Array, right: Array) -> Array:
    """How far two numbers may lie apart and still be equal: 1e-9 of the larger magnitude, or 1e-12.

    So decimals recorded to reporting precision never flip at a threshold. Infinity equals itself only.
    """
    if np.ndim(left) == np.ndim(right) == 0:
        one = min(max(abs(float(left)), abs(float(right))), _HUGE)
        return np.asarray(max(one * RELATIVE_TIE, ABSOLUTE_TIE))
    size = np.minimum(np.maximum(np.abs(left), np.abs(right)), _HUGE)
    return np.asarray(np.maximum(size * RELATIVE_TIE, ABSOLUTE_TIE))


def same(left: Array, right: Array) -> Array:
    """Equal, within the slack."""
    room = slack(left, right)
    return (left <= right + room) & (left >= right - room)


def comparison(comparator: Comparator, left: Values, right: Values) -> Values:
    """Compare numbers, dates or code indices; where a value is only known to lie between two bounds, the verdict is
    known when every value between them gives the same."""
    known = left.known & right.known
    if left.upper is None and right.upper is None:
        return Values(_compared(comparator, left.data, right.data) & known, known)
    high_left = left.data if left.upper is None else left.upper
    high_right = right.data if right.upper is None else right.upper
    if comparator in ("=", "!="):
        one = same(left.data, high_right) & same(high_left, right.data)
        apart = _compared(">", left.data, high_right) | _compared("<", high_left, right.data)
        true, false = (one, apart) if comparator == "=" else (apart, one)
        return Values(true & known, known & (true | false))
    ends = _compared(comparator, left.data, high_right), _compared(comparator, high_left, right.data)
    return Values(ends[0] & ends[1] & known, known & (ends[0] == ends[1]))


def _compared(comparator: Comparator, left: Array, right: Array) -> Array:
    match comparator:
        case "<":
            return np.asarray(left < right - slack(left, right))
        case "<=":
            return np.asarray(left <= right + slack(left, right))
        case ">":
            return np.asarray(left > right + slack(left, right))
        case ">=":
            return np.asarray(left >= right - slack(left, right))
        case "=":
            return same(left, right)
        case "!=":
            return ~same(left, right)
        case _:
            assert_never(comparator)


def choice(condition: Values, then: Values, otherwise: Values, *, numeric: bool) -> Values:
    """The one or the other; where the condition is unknown, their value if both have the same."""
    true = condition.data.astype(bool) & condition.known
    false = ~condition.data.astype(bool) & condition.known
    alike = same(then.data, otherwise.data) if numeric else then.data == otherwise.data
    if then.upper is not None or otherwise.upper is not None:
        tops = [each.data if each.upper is None else each.upper for each in (then, otherwise)]
        alike = alike & same(tops[0], tops[1])
        upper = np.where(false, tops[1], tops[0])
    else:
        upper = None
    known = np.where(true, then.known, np.where(false, otherwise.known, then.known & otherwise.known & alike))
    return Values(np.where(false, otherwise.data, then.data), known, upper)
