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
    """Read dose levels with one unit: `100, 200, 300, 400 mg/d`.

    Raises:
        QuantityError: No level, no unit, or levels that do not rise.
    """
    match = re.fullmatch(rf"\s*({_NUMBER}(?:\s*,\s*{_NUMBER})*)\s*(\S.*?)\s*", text)
    if match is None:
        raise QuantityError(f"`{text}` lists no dose levels; write `100, 200 mg/d`")
    levels = tuple(Decimal(part.strip()) for part in match[1].split(","))
    if any(high <= low for low, high in pairwise(levels)) or levels[0] <= 0:
        raise QuantityError(f"the dose levels of `{text}` must rise, from more than 0")
    return levels, _unit(match[2]), match[2]


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
