"""Three-valued truth (strong Kleene): false, unknown, true, in that order, so that *and* is the least of two.

Never treats absence as evidence: what is not known stays unknown unless the other side decides.
"""

from __future__ import annotations

from enum import IntEnum


class Truth(IntEnum):
    """A Kleene truth value; the numbers are the ones that the expression evaluator keeps in its arrays."""

    FALSE = 0
    UNKNOWN = 1
    TRUE = 2


def truth_of(known: bool | None) -> Truth:
    """The truth value of a plain answer; None is unknown."""
    if known is None:
        return Truth.UNKNOWN
    return Truth.TRUE if known else Truth.FALSE


def negation(value: Truth) -> Truth:
    """Not: unknown stays unknown."""
    return Truth(2 - value)


def conjunction(*values: Truth) -> Truth:
    """And: false if any is false, else unknown if any is unknown; of nothing it is true."""
    return min(values, default=Truth.TRUE)


def disjunction(*values: Truth) -> Truth:
    """Or: true if any is true, else unknown if any is unknown; of nothing it is false."""
    return max(values, default=Truth.FALSE)
