"""Values in source: what is known while compiling is folded, the rest is text. A truth is two conditions, "true" and "false";
where neither holds it is unknown, which makes Kleene's logic plain and, or, not.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from math import inf

from trialwright.engine.policy import TRUE
from trialwright.protocol.expressions import Values, truth
from trialwright.protocol.expressions.kleene import comparison

Bool = bool | str


class NotCompiled(Exception):  # noqa: N818 - named for what happened
    """Something that the compiler cannot express; the message says what. The interpreter plays it instead."""


def both(left: Bool, right: Bool) -> Bool:
    """Source for "and"."""
    if left is False or right is False:
        return False
    if left is True or left == right:
        return right
    return left if right is True else f"({left} & {right})"


def either(left: Bool, right: Bool) -> Bool:
    """Source for "or"."""
    if left is True or right is True:
        return True
    if left is False or left == right:
        return right
    return left if right is False else f"({left} | {right})"


def no(one: Bool) -> Bool:
    """Source for "not"."""
    turned = {"(r == 1)": "(r == 0)", "(r == 0)": "(r == 1)"}
    return (not one) if isinstance(one, bool) else turned.get(one, f"(not {one})")


@dataclass(frozen=True, slots=True)
class Truth:
    """A truth: the condition that it is true, and that it is false."""

    true: Bool
    false: Bool

    @classmethod
    def of(cls, verdict: bool | int) -> Truth:
        """A truth that is known while compiling: 0 false, 1 unknown, 2 true (or a bool)."""
        code = int(verdict) * 2 if isinstance(verdict, bool) else verdict
        return cls(code == 2, code == 0)

    @classmethod
    def when(cls, condition: Bool, known: Bool = True) -> Truth:
        """A condition that is known when ``known`` is."""
        return cls(both(known, condition), both(known, no(condition)))

    @property
    def unknown(self) -> Bool:
        """The condition that it is unknown."""
        if self.true is True or self.false is True:
            return False
        if self.false == no(self.true) or self.true == no(self.false):
            return False
        return both(no(self.true), no(self.false))

    @property
    def known(self) -> Bool:
        """The condition that it is known."""
        return no(self.unknown)

    def __invert__(self) -> Truth:
        return Truth(self.false, self.true)

    def __and__(self, other: Truth) -> Truth:
        return Truth(both(self.true, other.true), either(self.false, other.false))

    def __or__(self, other: Truth) -> Truth:
        return Truth(either(self.true, other.true), both(self.false, other.false))


@dataclass(frozen=True, slots=True)
class Number:
    """A number: its source, whether it is known, and between which bounds it lies."""

    text: str
    known: Bool = True
    low: float = -inf
    high: float = inf

    @classmethod
    def of(cls, value: float) -> Number:
        """A constant."""
        return cls(repr(float(value)) if value not in (inf, -inf) else f"({'-' if value < 0 else ''}INF)", True, value, value)

    @property
    def constant(self) -> float | None:
        """Its value, where that is known while compiling."""
        return self.low if self.low == self.high and self.known is True and abs(self.low) != inf else None


UNKNOWN_NUMBER = Number("0.0", False, 0.0, 0.0)
_SLACK = "max(min(max(abs({left}), abs({right})), 1e+300) * 1e-09, 1e-12)"
_TESTS = {
    "<": "({left} < {right} - {slack})",
    "<=": "({left} <= {right} + {slack})",
    ">": "({left} > {right} + {slack})",
    ">=": "({left} >= {right} - {slack})",
    "=": "(({left} <= {right} + {slack}) & ({left} >= {right} - {slack}))",
    "!=": "(not (({left} <= {right} + {slack}) & ({left} >= {right} - {slack})))",
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}


def condition_of(comparator: str, left: Number, right: Number) -> Bool:
    """Source of a comparison of two known numbers, as the evaluator compares, folding what their bounds decide."""
    decided = _by_bounds(comparator, left, right)
    if decided is not None:
        return decided
    if left.constant is not None:
        comparator, left, right = _TURNED[comparator], right, left
    if right.constant is None:
        slack = _SLACK.format(left=left.text, right=right.text)
        return _TESTS[comparator].format(left=left.text, right=right.text, slack=slack)
    match comparator:
        case "<" | "<=":
            return f"({left.text} <= {_farthest(comparator, right.constant)!r})"
        case ">" | ">=":
            return f"({left.text} >= {_farthest(comparator, right.constant)!r})"
        case _:
            least, most = _farthest(">=", right.constant), _farthest("<=", right.constant)
            inside = f"(({left.text} >= {least!r}) & ({left.text} <= {most!r}))"
            return inside if comparator == "=" else f"(not {inside})"


@lru_cache(maxsize=4096)
def _farthest(comparator: str, bound: float) -> float:
    """The last number, coming from afar, that compares so with ``bound``: the evaluator's ties are put into it once."""
    holds = partial(_holds, comparator, bound)
    room = max(abs(bound) * 1e-8, 1e-10)
    inside, outside = (bound - room, bound + room) if comparator in ("<", "<=") else (bound + room, bound - room)
    assert holds(inside)
    assert not holds(outside)
    while True:
        middle = (inside + outside) / 2
        if middle in (inside, outside):
            return inside
        inside, outside = (middle, outside) if holds(middle) else (inside, middle)


def _holds(comparator: str, bound: float, value: float) -> bool:
    return bool(truth(comparison(comparator, Values.of(value), Values.of(bound))) == TRUE)  # type: ignore[arg-type]


def _by_bounds(comparator: str, left: Number, right: Number) -> bool | None:
    match comparator:
        case "<":
            return True if _apart(left.high, right.low) else False if left.low >= right.high else None
        case "<=":
            return True if left.high <= right.low else False if _apart(right.high, left.low) else None
        case ">" | ">=":
            return _by_bounds("<" if comparator == ">" else "<=", right, left)
        case _:
            distinct = _apart(left.high, right.low) or _apart(right.high, left.low)
            return (comparator != "=") if distinct else None


def _apart(low: float, high: float) -> bool:
    """Whether one number is surely less than another, the evaluator's ties left aside."""
    return low < high and (inf in (abs(low), abs(high)) or high - low > 1e-6 + 4e-9 * max(abs(low), abs(high)))
