"""Dates, ages and numbers as whole numbers that can be ordered, for what is stored and for what a query asks.

A date is days since 1970-01-01 (a partial one its first day), an age is minutes, a number stays itself. How each is written
says ``language.bounds``; what cannot be read is ``None``.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TypeAlias

from trialwright.registry.language import DAYS_PER_YEAR, age_unit_days, read_age_days, read_days, read_number
from trialwright.registry.structure import PieceType

_EPOCH = date(1970, 1, 1).toordinal()
_DAY_MINUTES = 24 * 60
YEAR_MINUTES = round(DAYS_PER_YEAR * _DAY_MINUTES)
LONGEST_LIFE_MINUTES = 1_000 * YEAR_MINUTES
LARGEST = 2**62

Stretch: TypeAlias = tuple[int, int]


@lru_cache(maxsize=65_536)
def date_stretch(text: str) -> Stretch | None:
    """First and last day of a date, which may be a year or a month."""
    days = read_days(text)
    return (days.first.toordinal() - _EPOCH, days.last.toordinal() - _EPOCH) if days else None


@lru_cache(maxsize=16_384)
def age_minutes(text: str) -> int | None:
    """An age such as ``18 Years`` in minutes; a bare number is in years; a word such as ``N/A`` is no age."""
    days = read_age_days(text)
    return round(days * _DAY_MINUTES) if days is not None else None


@lru_cache(maxsize=16_384)
def unit_minutes(text: str) -> int:
    """The length of the unit that an age is written in; a year where it is no age."""
    return round((age_unit_days(text) or DAYS_PER_YEAR) * _DAY_MINUTES)


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
            number = read_number(text)
            return None if number is None else (-int(-number // 1), int(number // 1))
