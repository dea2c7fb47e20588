"""Reads what people write for dates, numbers, ages and truth values in a query.

What is read here the index reads too, and orders alike (a law in tests/properties). ``None`` stands for text that cannot
be read; nothing here raises.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from trialwright.registry.structure import PieceType

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:T\d{2}:\d{2}(?::\d{2})?)?)?)?", re.ASCII)
_AMERICAN = re.compile(r"(\d{1,2})/(?:(\d{1,2})/)?(\d{4})", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_AGE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*([A-Za-z]*)", re.ASCII)
_TRUTH = {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}

DAYS_PER_YEAR = 365.25
UNIT_DAYS = {
    "year": DAYS_PER_YEAR,
    "month": DAYS_PER_YEAR / 12,
    "week": 7.0,
    "day": 1.0,
    "hour": 1 / 24,
    "minute": 1 / 1440,
}
_UNITS = {
    **{name + plural: days for name, days in UNIT_DAYS.items() for plural in ("", "s")},
    "": DAYS_PER_YEAR,
    "y": DAYS_PER_YEAR,
}


@dataclass(frozen=True, slots=True)
class Days:
    """A date as precise as it was written: every day from ``first`` to ``last``."""

    first: date
    last: date


Value: TypeAlias = Days | float | bool


def read_days(text: str) -> Days | None:
    """A date: ``2022``, ``2022-03``, ``2022-03-31``, ``03/31/2022`` or ``03/2022``.

    >>> read_days("02/2024")
    Days(first=datetime.date(2024, 2, 1), last=datetime.date(2024, 2, 29))
    """
    text = text.strip()
    if found := _ISO.fullmatch(text):
        year, month, day = found.groups()
    elif found := _AMERICAN.fullmatch(text):
        month, day, year = found.groups()
    else:
        return None
    return _days(int(year), int(month) if month else None, int(day) if day else None)


def _days(year: int, month: int | None, day: int | None) -> Days | None:
    if year < 1 or (month is not None and not 1 <= month <= 12):
        return None
    last_month = month or 12
    longest = calendar.monthrange(year, last_month)[1]
    if day is not None and not 1 <= day <= longest:
        return None
    return Days(date(year, month or 1, day or 1), date(year, last_month, day or longest))


def read_number(text: str) -> float | None:
    """A number, whole or decimal.

    >>> read_number("1200"), read_number("0.5"), read_number("many")
    (1200.0, 0.5, None)
    """
    plain = text.strip()
    return float(plain) if _NUMBER.fullmatch(plain) else None


def read_age_days(text: str) -> float | None:
    """An age in days: a number and a unit from years to minutes (a year is 365.25 days, a month its twelfth).

    A number alone counts years. ``N/A`` and anything else is ``None``.

    >>> read_age_days("1 Year") > read_age_days("6 Months"), read_age_days("16 years"), read_age_days("N/A")
    (True, 5844.0, None)
    """
    unit_days = age_unit_days(text)
    found = _AGE.fullmatch(text.strip())
    return float(found[1]) * unit_days if found and unit_days is not None else None


def age_unit_days(text: str) -> float | None:
    """The length of the unit that an age is written in, in days; ``None`` where it is no age."""
    found = _AGE.fullmatch(text.strip())
    return _UNITS.get(found[2].casefold()) if found else None


def read_truth(text: str) -> bool | None:
    """``true`` or ``yes``, ``false`` or ``no``, in any case."""
    return _TRUTH.get(text.strip().casefold())


def read_value(text: str, kind: PieceType) -> Value | None:
    """Text as a value of an ordered type (or a truth value); ``None`` if it is none, or the type has no order.

    Returns:
        ``Days`` for dates, days for ages, a float for numbers, a truth value for booleans.
    """
    match kind:
        case PieceType.DATE | PieceType.PARTIAL_DATE:
            return read_days(text)
        case PieceType.INTEGER | PieceType.NUMBER:
            return read_number(text)
        case PieceType.AGE:
            return read_age_days(text)
        case PieceType.BOOLEAN:
            return read_truth(text)
        case _:
            return None


EXAMPLES = {
    PieceType.DATE: "2022-03-31, 2022-03, 2022 or 03/31/2022",
    PieceType.PARTIAL_DATE: "2022-03-31, 2022-03, 2022 or 03/31/2022",
    PieceType.INTEGER: "a number such as 100",
    PieceType.NUMBER: "a number such as 0.5",
    PieceType.AGE: "an age such as 18 years or 6 months",
    PieceType.BOOLEAN: "true or false",
}
