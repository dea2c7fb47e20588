"""Dates as a trial counts them: partial dates, study days, weeks, calendar months, completed years, instants.

One rule for missing calendar days, everywhere: a date that its month does not have is that month's last day. So 31
January + 1 month is 28 (29) February, and a year from 29 February is complete on 28 February, as in European law
(Regulation 1182/71, article 3(2)(c)); hence ``completed_years(d, add_months(d, 12 * n)) == n`` always. Never reads a
clock, and never fills in the missing part of a partial date: comparisons answer *unknown* instead.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from trialwright.vocabulary.truth import Truth, negation
from trialwright.vocabulary.units import Unit, UnitError, conversion_factor, longest_unit, parse_unit


class DateError(ValueError):
    """A date or duration that cannot be read or reached; the message is a sentence for the author or the site."""


_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True, order=False)
class PartialDate:
    """A date of which the day, or the month and the day, may be unknown.

    Args:
        year: 1-9999.
        month: 1-12, or None where only the year is known.
        day: 1-31 and in that month, or None.

    Raises:
        DateError: No such date, or a day without a month.
    """

    year: int
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        if self.month is None and self.day is not None:
            raise DateError(f"A day ({self.day}) without a month is not a partial date.")
        try:
            date(self.year, self.month or 1, self.day or 1)
        except ValueError as error:
            raise DateError(f"There is no date {self._text()}.") from error

    def __str__(self) -> str:
        return self._text()

    def _text(self) -> str:
        parts = [f"{self.year:04d}", *(f"{part:02d}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)

    @property
    def earliest(self) -> date:
        """The first day it can be."""
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def latest(self) -> date:
        """The last day it can be."""
        month = self.month or 12
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    @property
    def exact(self) -> date | None:
        """The day itself, or None where a part is missing."""
        return self.earliest if self.day is not None else None


def partial_date(on: date) -> PartialDate:
    """A whole date as a partial date with nothing missing."""
    return PartialDate(on.year, on.month, on.day)


def parse_partial_date(text: str) -> PartialDate:
    """Read ``yyyy``, ``yyyy-mm`` or ``yyyy-mm-dd``.

    Raises:
        DateError: Any other spelling, or a day that the calendar does not have.

    >>> parse_partial_date("2004-10").latest
    datetime.date(2004, 10, 31)
    """
    found = _PARTIAL.fullmatch(text.strip())
    if found is None:
        raise DateError(f"'{text[:40]}' is not a date; write yyyy-mm-dd, yyyy-mm or yyyy.")
    year, month, day = (None if part is None else int(part) for part in found.groups())
    assert year is not None
    return PartialDate(year, month, day)


def parse_date(text: str) -> date:
    """Read a whole date, ``yyyy-mm-dd``.

    Raises:
        DateError: Not a date, or a part of it is missing.
    """
    exact = parse_partial_date(text).exact
    if exact is None:
        raise DateError(f"'{text}' leaves out the day; a whole date is needed here (yyyy-mm-dd).")
    return exact


def earlier(one: PartialDate, other: PartialDate) -> Truth:
    """Whether ``one`` lies before ``other``; unknown where the missing parts could decide.

    >>> earlier(parse_partial_date("2004-10"), parse_partial_date("2004-10-15")).name
    'UNKNOWN'
    """
    if one.latest < other.earliest:
        return Truth.TRUE
    return Truth.FALSE if one.earliest >= other.latest else Truth.UNKNOWN


def not_later(one: PartialDate, other: PartialDate) -> Truth:
    """Whether ``one`` lies on or before ``other``; unknown where the missing parts could decide."""
    return negation(earlier(other, one))


def same_day(one: PartialDate, other: PartialDate) -> Truth:
    """Whether the two are one day: true only of whole dates, false where they cannot meet, else unknown."""
    if one.latest < other.earliest or other.latest < one.earliest:
        return Truth.FALSE
    return Truth.TRUE if one.exact is not None and one.exact == other.exact else Truth.UNKNOWN


def study_day(on: date, first_dose: date) -> int:
    """The study day: the day of the first dose is 1, the day before it -1; there is no day 0.

    >>> study_day(date(2004, 10, 11), date(2004, 10, 12))
    -1
    """
    distance = (on - first_dose).days
    return distance + 1 if distance >= 0 else distance


def on_study_day(day: int, first_dose: date) -> date:
    """The date of a study day, the inverse of ``study_day``.

    Raises:
        DateError: Day 0, which does not exist, or a day outside the calendar.
    """
    if day == 0:
        raise DateError("There is no study day 0: the first dose is on day 1, the day before it is day -1.")
    return _shifted(first_dose, day - 1 if day > 0 else day)


def week_of_day(day: int) -> int:
    """The week of a study day: week n is days 7n-6 to 7n; days -7 to -1 are week -1; there is no week 0.

    Raises:
        DateError: Day 0.
    """
    if day == 0:
        raise DateError("There is no study day 0.")
    return (day - 1) // 7 + 1 if day > 0 else -((-day - 1) // 7 + 1)


def days_of_week(week: int) -> tuple[int, int]:
    """First and last study day of a week, the inverse of ``week_of_day``.

    Raises:
        DateError: Week 0.
    """
    if week == 0:
        raise DateError("There is no week 0: week 1 begins with the first dose.")
    return (7 * week - 6, 7 * week) if week > 0 else (7 * week, 7 * week + 6)


def add_months(on: date, months: int) -> date:
    """The same day ``months`` later (or earlier); a day that the month lacks becomes its last day.

    Raises:
        DateError: Outside the calendar (years 1-9999).

    >>> add_months(date(2004, 1, 31), 1)
    datetime.date(2004, 2, 29)
    """
    year, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise DateError(f"{on} and {months} months is outside the calendar.")
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


def completed_years(start: date, on: date) -> int:
    """How many whole years have passed from ``start`` (a birth, a diagnosis) on the day ``on``; negative before it.

    >>> completed_years(date(2004, 2, 29), date(2005, 2, 28))
    1
    """
    return completed_months(start, on) // 12


def completed_months(start: date, on: date) -> int:
    """How many whole calendar months have passed from ``start`` on the day ``on``; negative before it."""
    months = (on.year - start.year) * 12 + on.month - start.month
    last_day = calendar.monthrange(on.year, on.month)[1]
    return months if on.day >= min(start.day, last_day) else months - 1


def completed_years_between(start: PartialDate, on: PartialDate) -> tuple[int, int]:
    """The fewest and the most completed years that the known parts allow; equal where they decide."""
    return completed_years(start.latest, on.earliest), completed_years(start.earliest, on.latest)


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as written: ``7 d``, ``12 wk``, ``3 mo``, ``1 a``.

    Args:
        amount: Exact, may be negative.
        unit: A unit of time; months and years count by the calendar when added to a date.

    Raises:
        UnitError: Not a unit of time.
    """

    amount: Fraction
    unit: Unit

    def __post_init__(self) -> None:
        conversion_factor(self.unit, parse_unit("d"))

    def __str__(self) -> str:
        return f"{_plain(self.amount)} {self.unit.code}"

    @property
    def days(self) -> Fraction:
        """Its length in days; a month and a year by UCUM's mean (30.4375 and 365.25 d)."""
        return self.amount * conversion_factor(self.unit, parse_unit("d"))

    @property
    def calendar_months(self) -> int | None:
        """Whole calendar months, where it is given in months or years; else None.

        Raises:
            DateError: Given in months or years, yet not in whole months.
        """
        per_unit = _CALENDAR_MONTHS.get(self.unit.code)
        if per_unit is None:
            return None
        months = self.amount * per_unit
        if months.denominator != 1:
            raise DateError(f"{self} is not a whole number of months; write it in days or weeks.")
        return int(months)


_CALENDAR_MONTHS = {"mo": 1, "a": 12}


def _plain(amount: Fraction) -> str:
    return str(amount) if amount.denominator == 1 else f"{float(amount):g}"


_AMOUNT = re.compile(r"\s*([+-]?\d{1,9}(?:\.\d{1,9})?)\s*", re.ASCII)


def parse_duration(text: str) -> Duration:
    """Read a number and a unit of time: ``7 d``, ``12 weeks``, ``1.5 h``.

    Raises:
        DateError: Anything else, with what was wrong.

    >>> parse_duration("12 weeks").days
    Fraction(84, 1)
    """
    number = _AMOUNT.match(text)
    found = longest_unit(text, number.end()) if number else None
    if number is None or found is None or text[found[1] :].strip():
        raise DateError(f"'{text[:40]}' is not a duration; write a number and a unit of time, such as 7 d or 3 mo.")
    try:
        return Duration(Fraction(number[1]), found[0])
    except UnitError as error:
        raise DateError(f"'{text[:40]}' is not a duration: {error.reason}") from error


def add_duration(on: date, duration: Duration) -> date:
    """The date after a duration: months and years by the calendar, all else in days.

    Raises:
        DateError: The duration is not a whole number of days (or months), or the date leaves the calendar.
    """
    months = duration.calendar_months
    if months is not None:
        return add_months(on, months)
    if duration.days.denominator != 1:
        raise DateError(f"{duration} is not a whole number of days, so it leads to no date.")
    return _shifted(on, int(duration.days))


def _shifted(on: date, days: int) -> date:
    try:
        return on + timedelta(days=days)
    except OverflowError as error:
        raise DateError(f"{on} and {days} days is outside the calendar.") from error


_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{6})?Z", re.ASCII)


def format_instant(at: datetime) -> str:
    """An instant as the log writes it: UTC, ``2004-10-12T08:30:00Z``, with six decimals where there is a fraction.

    Raises:
        ValueError: The instant has no time zone (our mistake, never a site's).
    """
    if at.tzinfo is None:
        raise ValueError("an instant carries its time zone")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def parse_instant(text: str) -> datetime:
    """Read what ``format_instant`` writes, and nothing else, so that one instant has one spelling.

    Raises:
        DateError: Any other spelling.
    """
    if not _INSTANT.fullmatch(text) or text.endswith(".000000Z"):
        raise DateError(f"'{text[:40]}' is not an instant; write it in UTC, as 2004-10-12T08:30:00Z.")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise DateError(f"There is no instant {text}.") from error
