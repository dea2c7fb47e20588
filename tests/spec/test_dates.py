"""How a trial counts time: study days, weeks, months, years, partial dates, durations, instants."""

from __future__ import annotations

import doctest
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from trialwright.vocabulary import dates
from trialwright.vocabulary.dates import (
    DateError,
    PartialDate,
    add_duration,
    add_months,
    completed_years,
    completed_years_between,
    days_of_week,
    earlier,
    format_instant,
    not_later,
    on_study_day,
    parse_date,
    parse_duration,
    parse_instant,
    parse_partial_date,
    partial_date,
    same_day,
    study_day,
    week_of_day,
)
from trialwright.vocabulary.truth import Truth, conjunction, disjunction, negation, truth_of
from trialwright.vocabulary.units import UnitError

FIRST_DOSE = date(2004, 10, 12)


@pytest.mark.parametrize(("on", "day"), [("2004-10-12", 1), ("2004-10-13", 2), ("2004-10-11", -1), ("2005-01-03", 84)])
def test_study_days_begin_at_one_with_the_first_dose_and_skip_zero(on: str, day: int) -> None:
    assert study_day(parse_date(on), FIRST_DOSE) == day
    assert on_study_day(day, FIRST_DOSE) == parse_date(on)


def test_there_is_no_day_zero() -> None:
    with pytest.raises(DateError, match="no study day 0"):
        on_study_day(0, FIRST_DOSE)
    with pytest.raises(DateError, match="no study day 0"):
        week_of_day(0)
    with pytest.raises(DateError, match="no week 0"):
        days_of_week(0)


@pytest.mark.parametrize(("week", "first", "last"), [(1, 1, 7), (2, 8, 14), (12, 78, 84), (-1, -7, -1), (-2, -14, -8)])
def test_a_week_is_seven_study_days(week: int, first: int, last: int) -> None:
    assert days_of_week(week) == (first, last)
    assert week_of_day(first) == week_of_day(last) == week


@pytest.mark.parametrize(
    ("on", "months", "expected"),
    [
        ("2004-01-31", 1, "2004-02-29"),
        ("2005-01-31", 1, "2005-02-28"),
        ("2004-03-31", -1, "2004-02-29"),
        ("2004-12-15", 1, "2005-01-15"),
        ("2004-02-29", 12, "2005-02-28"),
        ("2004-02-29", 48, "2008-02-29"),
    ],
)
def test_a_month_without_the_day_ends_on_its_last_day(on: str, months: int, expected: str) -> None:
    assert add_months(parse_date(on), months) == parse_date(expected)


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        ("1989-10-12", "2004-10-11", 14),
        ("1989-10-12", "2004-10-12", 15),
        ("1988-02-29", "2003-02-27", 14),
        ("1988-02-29", "2003-02-28", 15),
        ("2004-10-12", "2004-10-11", -1),
    ],
)
def test_years_are_completed_on_the_birthday_and_a_leap_birthday_falls_on_28_february(birth: str, on: str, years: int) -> None:
    assert completed_years(parse_date(birth), parse_date(on)) == years


def test_an_age_from_a_partial_birth_date_is_a_range() -> None:
    assert completed_years_between(PartialDate(1989), partial_date(date(2004, 10, 12))) == (14, 15)
    assert completed_years_between(PartialDate(1989, 3), partial_date(date(2004, 10, 12))) == (15, 15)


@pytest.mark.parametrize(
    ("one", "other", "before", "at_most", "same"),
    [
        ("2004-10-12", "2004-10-13", "TRUE", "TRUE", "FALSE"),
        ("2004-10-12", "2004-10-12", "FALSE", "TRUE", "TRUE"),
        ("2004-10", "2004-10-12", "UNKNOWN", "UNKNOWN", "UNKNOWN"),
        ("2004-10", "2004-11-01", "TRUE", "TRUE", "FALSE"),
        ("2004", "2004-01-01", "FALSE", "UNKNOWN", "UNKNOWN"),
        ("2004", "2004-12-31", "UNKNOWN", "TRUE", "UNKNOWN"),
        ("2004", "2004", "UNKNOWN", "UNKNOWN", "UNKNOWN"),
        ("2005", "2004-12", "FALSE", "FALSE", "FALSE"),
    ],
)
def test_a_missing_part_leaves_a_comparison_unknown_only_where_it_could_decide(
    one: str, other: str, before: str, at_most: str, same: str
) -> None:
    left, right = parse_partial_date(one), parse_partial_date(other)
    assert (earlier(left, right).name, not_later(left, right).name, same_day(left, right).name) == (
        before,
        at_most,
        same,
    )


@pytest.mark.parametrize("text", ["2004-13", "2004-02-30", "04-10-12", "2004-1-2", "", "0000", "2004-10-12T00:00", "२००४"])
def test_what_is_not_a_date_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(DateError) as caught:
        parse_partial_date(text)
    assert str(caught.value).endswith(".")


def test_a_whole_date_is_asked_for_where_one_is_needed() -> None:
    with pytest.raises(DateError, match="leaves out the day"):
        parse_date("2004-10")


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("7 d", "2004-10-19"),
        ("12 weeks", "2005-01-04"),
        ("3 mo", "2005-01-12"),
        ("1 a", "2005-10-12"),
        ("48 h", "2004-10-14"),
    ],
)
def test_months_and_years_are_added_by_the_calendar_and_all_else_in_days(text: str, end: str) -> None:
    assert add_duration(FIRST_DOSE, parse_duration(text)) == parse_date(end)


@pytest.mark.parametrize("text", ["7", "d", "7 mg", "7 d 3 h", "seven days", "", "1e9 d"])
def test_what_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(DateError, match="not a duration"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["12 h", "1.5 mo", "99999 a", "99999999 d"])
def test_a_duration_that_leads_to_no_date_is_refused(text: str) -> None:
    with pytest.raises(DateError):
        add_duration(FIRST_DOSE, parse_duration(text))


def test_a_duration_is_in_a_unit_of_time() -> None:
    with pytest.raises(UnitError):
        dates.Duration(dates.Fraction(7), dates.parse_unit("mg"))


def test_an_instant_has_one_spelling_in_utc() -> None:
    at = datetime(2004, 10, 12, 10, 30, tzinfo=timezone(timedelta(hours=2)))
    assert format_instant(at) == "2004-10-12T08:30:00Z"
    assert parse_instant("2004-10-12T08:30:00Z") == at
    assert format_instant(datetime(2004, 1, 1, 0, 0, 0, 5, tzinfo=UTC)) == "2004-01-01T00:00:00.000005Z"
    for other in (
        "2004-10-12T10:30:00+02:00",
        "2004-10-12 08:30:00Z",
        "2004-10-12T08:30:00.000000Z",
        "2004-10-12T25:00:00Z",
    ):
        with pytest.raises(DateError):
            parse_instant(other)
    with pytest.raises(ValueError, match="time zone"):
        format_instant(datetime(2004, 10, 12, 8, 30))


def test_unknown_matters_only_where_it_could_decide() -> None:
    false, unknown, true = Truth.FALSE, Truth.UNKNOWN, Truth.TRUE
    assert disjunction(unknown, true) is true
    assert conjunction(unknown, false) is false
    assert conjunction(unknown, true) is disjunction(unknown, false) is negation(unknown) is unknown
    assert (conjunction(), disjunction()) == (true, false)
    assert [truth_of(answer) for answer in (None, False, True)] == [unknown, false, true]


def test_the_examples_in_the_docstrings_of_dates_hold() -> None:
    assert doctest.testmod(dates).failed == 0
