"""Amounts as a protocol file writes them outside expressions: `0.5 10*9/L`, `100, 200 mg/d`, `0 .. 500`."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

from trialwright.protocol.expressions import Quantity
from trialwright.vocabulary.units import Unit, UnitError, parse_unit

_NUMBER = r"[+-]?[0-9]{1,15}(?:\.[0-9]{1,15})?"


class QuantityError(ValueError):
    """Text that is no amount; the message says what was expected."""


def read_quantity(text: str) -> Quantity:
    """Read a number and, behind it, a unit.

    Raises:
        QuantityError: There is no number, or the unit is unknown.
    """
    match = re.fullmatch(rf"\s*({_NUMBER})\s*(.*?)\s*", text)
    if match is None:
        raise QuantityError(f"`{text}` is no amount; write a number and a unit")
    return Quantity(Decimal(match[1]), _unit(match[2]) if match[2] else None)


def read_levels(text: str) -> tuple[tuple[Decimal, ...], Unit, str]:
    """Read dose levels with one unit: `100, 200, 300, 400 mg/d`, or evenly spaced ones: `10 .. 60 by 2 U/d`.

    Raises:
        QuantityError: No level, no unit, or levels that do not rise.
    """
    if stepped := _STEPS.fullmatch(text):
        return _stepped(stepped, text)
    match = re.fullmatch(rf"\s*({_NUMBER}(?:\s*,\s*{_NUMBER})*)(?:\s+(?!,)|(?=[^\d\s,.]))(\S.*?)\s*", text)
    if match is None:
        raise QuantityError(f"`{text}` lists no dose levels; write `100, 200 mg/d`")
    levels = tuple(Decimal(part.strip()) for part in match[1].split(","))
    if any(high <= low for low, high in pairwise(levels)) or levels[0] <= 0:
        raise QuantityError(f"the dose levels of `{text}` must rise, from more than 0")
    return levels, _unit(match[2]), match[2]


_STEPS = re.compile(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s+by\s+({_NUMBER})\s*(\S.*?)\s*")
MOST_LEVELS = 200


def _stepped(found: re.Match[str], text: str) -> tuple[tuple[Decimal, ...], Unit, str]:
    low, high, step = (Decimal(found[group]) for group in (1, 2, 3))
    if low <= 0 or step <= 0 or high <= low:
        raise QuantityError(f"the dose levels of `{text}` must rise, from more than 0")
    if (high - low) % step:
        raise QuantityError(f"`{text}`: steps of {step} from {low} do not end at {high}")
    count = int((high - low) / step) + 1
    if count > MOST_LEVELS:
        raise QuantityError(f"`{text}` makes {count} levels; {MOST_LEVELS} are the most")
    return tuple(low + step * index for index in range(count)), _unit(found[4]), found[4]


def read_range(text: str) -> tuple[Decimal, Decimal]:
    """Read `low .. high`.

    Raises:
        QuantityError: It is no range, or ends before it begins.
    """
    match = re.fullmatch(rf"\s*({_NUMBER})\s*\.\.\s*({_NUMBER})\s*", text)
    if match is None:
        raise QuantityError(f"`{text}` is no range; write `0 .. 500`")
    low, high = Decimal(match[1]), Decimal(match[2])
    if low >= high:
        raise QuantityError(f"the range `{text}` is empty")
    return low, high


def _unit(text: str) -> Unit:
    try:
        return parse_unit(text)
    except UnitError as error:
        tries = f"; try {', '.join(error.suggestions)}" if error.suggestions else ""
        raise QuantityError(f"{error.reason}{tries}") from None
