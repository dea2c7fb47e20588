"""Laws of time and units that hold for every date and every unit."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from trialwright.vocabulary import ucum
from trialwright.vocabulary.dates import (
    DateError,
    PartialDate,
    add_months,
    completed_months,
    completed_years,
    completed_years_between,
    days_of_week,
    earlier,
    format_instant,
    not_later,
    on_study_day,
    parse_duration,
    parse_instant,
    parse_partial_date,
    partial_date,
    study_day,
    week_of_day,
)
from trialwright.vocabulary.truth import Truth
from trialwright.vocabulary.units import UnitError, commensurable, conversion_factor, longest_unit, parse_unit

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))


@st.composite
def partial_dates(draw: st.DrawFn) -> PartialDate:
    whole = draw(st.dates(min_value=date(2003, 1, 1), max_value=date(2006, 12, 31)))
    month = draw(st.one_of(st.none(), st.just(whole.month)))
    day = draw(st.one_of(st.none(), st.just(whole.day))) if month else None
    return PartialDate(whole.year, month, day)


@given(days, days)
def test_study_day_and_date_are_inverse_and_never_zero(on: date, first_dose: date) -> None:
    day = study_day(on, first_dose)
    assert day != 0
    assert on_study_day(day, first_dose) == on
    first, last = days_of_week(week_of_day(day))
    assert first <= day <= last
    assert last - first == 6


@given(days, st.integers(0, 1200), days)
def test_completed_months_are_the_most_that_fit(start: date, months: int, on: date) -> None:
    assert completed_months(start, add_months(start, months)) == months
    assert completed_years(start, add_months(start, 12 * months)) == months
    passed = completed_months(start, on)
    assert add_months(start, passed) <= on < add_months(start, passed + 1)


@given(partial_dates(), partial_dates(), st.data())
def test_a_comparison_of_partial_dates_is_true_of_every_day_they_can_be(
    one: PartialDate, other: PartialDate, data: st.DataObject
) -> None:
    left = data.draw(st.dates(one.earliest, one.latest))
    right = data.draw(st.dates(other.earliest, other.latest))
    assert earlier(one, other) in (Truth.UNKNOWN, Truth.TRUE if left < right else Truth.FALSE)
    assert not_later(one, other) in (Truth.UNKNOWN, Truth.TRUE if left <= right else Truth.FALSE)
    low, high = completed_years_between(one, other)
    assert low <= completed_years(left, right) <= high


@given(partial_dates())
def test_a_partial_date_survives_its_text(one: PartialDate) -> None:
    assert parse_partial_date(str(one)) == one


@given(days)
def test_a_whole_date_is_exact(on: date) -> None:
    assert partial_date(on).exact == on


@given(st.datetimes(min_value=datetime(1000, 1, 1), timezones=st.timezones() | st.just(UTC)))
def test_an_instant_survives_its_text_and_sorts_as_text(at: datetime) -> None:
    try:
        text = format_instant(at)
    except OverflowError:
        return
    assert parse_instant(text) == at.astimezone(UTC)  # across zones Python calls an hour that a clock skipped unequal
    later = at + timedelta(seconds=1) if at.year < 9999 else at
    assert text[:19] <= format_instant(later)[:19]


@given(st.sampled_from(sorted(ucum.table().clinical)), st.sampled_from(sorted(ucum.table().clinical)))
def test_units_convert_both_ways_or_neither(one: str, other: str) -> None:
    left, right = parse_unit(one), parse_unit(other)
    if commensurable(left, right):
        assert conversion_factor(left, right) * conversion_factor(right, left) == 1
    assert parse_unit(left.code) == left


@given(st.text(max_size=80), st.integers(0, 80))
def test_any_text_is_a_unit_a_duration_or_an_error_and_nothing_else(text: str, start: int) -> None:
    for read, error in ((parse_unit, UnitError), (parse_duration, DateError), (parse_partial_date, DateError)):
        try:
            read(text)
        except error as caught:
            assert str(caught)
    found = longest_unit(text, min(start, len(text)))
    assert found is None or not any(character.isspace() for character in text[start : found[1]])


@given(st.text(alphabet="mgkLdlU/.*^0123456789-+()[]{}%µ⁹×axo IU", max_size=24))
def test_text_of_the_letters_of_units_never_breaks_the_reader(text: str) -> None:
    try:
        unit = parse_unit(text)
    except UnitError:
        return
    assert unit.factor > 0
    assert parse_unit(unit.code) == unit
    assert unit.label is not None
