"""Dates, ages and numbers as whole numbers that can be ordered, and what people write for them in a query.

A date is days since 1970-01-01 (a partial one its first day), an age is minutes (a year is 365.25 days, a month a
twelfth of it), a number stays itself. Reads text only; what cannot be read is ``None``.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from trialwright.registry.structure import PieceType

_EPOCH = date(1970, 1, 1).toordinal()
_DAY_MINUTES = 24 * 60
UNIT_MINUTES = {
    "minute": 1,
    "hour": 60,
    "day": _DAY_MINUTES,
    "week": 7 * _DAY_MINUTES,
    "month": 43_830,
    "year": 525_960,
}
LONGEST_LIFE_MINUTES = 1_000 * 525_960
LARGEST = 2**62

_ISO = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T.*)?")
_AMERICAN = re.compile(r"(?:(\d{1,2})/)?(?:(\d{1,2})/)?(\d{4})")
_AGE = re.compile(r"(-?\d+(?:\.\d+)?)\s*(?:(minute|hour|day|week|month|year)s?|([yY]))?", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d+)?")

Stretch: TypeAlias = tuple[int, int]


@lru_cache(maxsize=65_536)
def date_stretch(text: str) -> Stretch | None:
    """First and last day of a date, which may be a year or a month: ISO, ``MM/DD/YYYY`` or ``MM/YYYY``."""
    text = text.strip()
    if iso := _ISO.fullmatch(text):
        year, month, day = iso.groups()
    elif american := _AMERICAN.fullmatch(text):
        month, day, year = american.groups()
    else:
        return None
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None
    if day:
        last = first
    elif month:
        last = first.replace(day=monthrange(first.year, first.month)[1])
    else:
        last = first.replace(month=12, day=31)
    return first.toordinal() - _EPOCH, last.toordinal() - _EPOCH


@lru_cache(maxsize=16_384)
def age_minutes(text: str) -> int | None:
    """An age such as ``18 Years`` in minutes; a bare number is in years; a word such as ``N/A`` is no age."""
    found = _AGE.fullmatch(text.strip())
    if found is None or len(text) > 40:
        return None
    minutes = round(float(found[1]) * unit_minutes(text))
    return minutes if abs(minutes) < LARGEST else None


@lru_cache(maxsize=16_384)
def unit_minutes(text: str) -> int:
    """The length of the unit that an age is written in."""
    found = _AGE.fullmatch(text.strip())
    unit = found[2] if found else None
    return UNIT_MINUTES[unit.lower()] if unit else UNIT_MINUTES["year"]


def number_value(text: str) -> float | None:
    """A plain number."""
    return float(text) if _NUMBER.fullmatch(text.strip()) else None


def stored_value(value: object, kind: PieceType) -> int | None:
    """A record's value as a whole number, or ``None`` where it is no value of its kind."""
    match kind:
        case PieceType.DATE | PieceType.PARTIAL_DATE:
            stretch = date_stretch(value) if isinstance(value, str) else None
            return stretch[0] if stretch else None
        case PieceType.AGE:
            return age_minutes(value) if isinstance(value, str) else None
        case _:
            if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST:
                return None
            return int(value)


def literal_stretch(text: str, kind: PieceType) -> Stretch | None:
    """The lowest and highest stored value that a query's word means."""
    match kind:
        case PieceType.DATE | PieceType.PARTIAL_DATE:
            return date_stretch(text)
        case PieceType.AGE:
            minutes = age_minutes(text)
            return None if minutes is None else (minutes, minutes)
        case _:
            number = number_value(text)
            return None if number is None else (-int(-number // 1), int(number // 1))


ORDERED: dict[PieceType, Callable[[str], object]] = {
    PieceType.DATE: date_stretch,
    PieceType.PARTIAL_DATE: date_stretch,
    PieceType.AGE: age_minutes,
    PieceType.INTEGER: number_value,
    PieceType.NUMBER: number_value,
}
