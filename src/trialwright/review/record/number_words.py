"""Numbers and ranges as a reader would say them: "> 15 years", "18 to 65 years", "3 months"."""

from __future__ import annotations

from fractions import Fraction

from trialwright.review.cells import Range
from trialwright.review.record.variables import YEARS

_MONTH = Fraction(1, 12)


def range_words(one: Range, unit: str) -> str:
    """A range as a reader would say it: "> 15 years", "18 to 65 years"."""
    low, high = one.low, one.high
    if low is not None and high is not None:
        if low == high:
            return value_words(low, unit)
        first = value_words(low, unit) if _in_months(low, unit) else _plain_number(low)
        if one.low_closed and one.high_closed:
            return f"{first} to {value_words(high, unit)}"
        return f"{'≥' if one.low_closed else '>'} {first} and {'≤' if one.high_closed else '<'} {value_words(high, unit)}"
    if low is not None:
        return f"{'≥' if one.low_closed else '>'} {value_words(low, unit)}"
    return f"{'≤' if one.high_closed else '<'} {value_words(high, unit)}" if high is not None else "anything"


def value_words(value: Fraction, unit: str) -> str:
    """A value with its unit: "15 years", "6 months", "1.5 × ULN"."""
    if _in_months(value, unit):
        return f"{value * 12} month{'' if value == _MONTH else 's'}"
    spaced = "" if unit == "%" else " "
    if unit in ("points", "ratio"):
        return _plain_number(value)
    return f"{_plain_number(value)}{spaced}{'year' if unit == YEARS and value == 1 else unit}"


def _in_months(value: Fraction, unit: str) -> bool:
    return unit == YEARS and value.denominator != 1 and (value * 12).denominator == 1


def _plain_number(value: Fraction) -> str:
    return f"{float(value):.4g}" if value < 10_000 else f"{float(value):,.0f}"
