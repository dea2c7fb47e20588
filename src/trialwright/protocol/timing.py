"""When something is due, as the file writes it: days, weeks, months, days of cycles. Reads text; plans no visits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from trialwright.vocabulary.dates import DateError, add_months, days_of_week, on_study_day

FIRST_DOSE = "first dose"
MILESTONES = (FIRST_DOSE, "last dose", "treatment stop", "consent", "enrolment", "randomisation", "first response")
_SPELLINGS = {"enrollment": "enrolment", "randomization": "randomisation", "end of treatment": "treatment stop"}
FARTHEST_DAYS = 40_000
_COUNT_DAYS = {"d": 1, "day": 1, "days": 1, "wk": 7, "week": 7, "weeks": 7}
_COUNT_MONTHS = {"mo": 1, "month": 1, "months": 1, "a": 12, "y": 12, "year": 12, "years": 12}


class TimingError(ValueError):
    """Text that says no time; the message says what was expected."""


@dataclass(frozen=True, slots=True)
class Offset:
    """A distance in calendar time: whole days, or whole calendar months."""

    count: int
    unit: Literal["d", "mo"]

    def after(self, start: date) -> date:
        """Return the date this far after ``start`` (before it, where negative)."""
        return start + timedelta(days=self.count) if self.unit == "d" else add_months(start, self.count)

    @property
    def days(self) -> int:
        """The offset in days, a month being taken as 30.4375 (for ordering and exploration only)."""
        return self.count if self.unit == "d" else round(self.count * 30.4375)


@dataclass(frozen=True, slots=True)
class Moment:
    """A point or span counted from an anchor. A study day (``day 8``) is kept as such: there is no day 0.

    A day of a cycle stands as the study day that it is while no cycle is delayed, with the number of its ``cycle`` (0: none).
    """

    anchor: str
    earliest: Offset
    latest: Offset
    study_day: bool = False
    cycle: int = 0

    def span(self, anchor_on: date) -> tuple[date, date]:
        """Return the first and last date of the moment, given the anchor's date."""
        if self.study_day:
            return on_study_day(self.earliest.count, anchor_on), on_study_day(self.latest.count, anchor_on)
        return self.earliest.after(anchor_on), self.latest.after(anchor_on)

    @property
    def days(self) -> tuple[int, int]:
        """The span in days after the anchor (study day 1 is 0 days after the first dose)."""
        if self.study_day:
            return tuple(day - 1 if day > 0 else day for day in (self.earliest.count, self.latest.count))  # type: ignore[return-value]  # two in, two out
        return self.earliest.days, self.latest.days


@dataclass(frozen=True, slots=True)
class Window:
    """How many days early and late a visit may be; closed."""

    before: int
    after: int


def read_duration(text: str) -> Offset:
    """Read ``7 d``, ``12 weeks``, ``3 mo``, ``24 mo``.

    Raises:
        TimingError: It is no duration in days, weeks, months or years.
    """
    match = re.fullmatch(r"\s*([+-]?\d+)\s*([A-Za-z]+)\s*", text, re.ASCII)
    if match is None:
        raise TimingError(f"`{text}` is no duration; write a number and d, weeks, months or years")
    return _offset(_count(match[1], text), match[2], text)


def _count(digits: str, text: str) -> int:
    """Read a whole number of anything; what lies beyond a century is a slip of the pen."""
    if len(digits) > 6 or abs(int(digits)) > FARTHEST_DAYS:
        raise TimingError(f"`{text[:60]}` lies more than a century away")
    return int(digits)


def _offset(count: int, unit: str, text: str) -> Offset:
    days = count * (_COUNT_DAYS.get(unit) or 30 * _COUNT_MONTHS.get(unit, 0))
    if abs(days) > FARTHEST_DAYS:
        raise TimingError(f"`{text[:60]}` lies more than a century away")
    if unit in _COUNT_DAYS:
        return Offset(count * _COUNT_DAYS[unit], "d")
    if unit in _COUNT_MONTHS:
        return Offset(count * _COUNT_MONTHS[unit], "mo")
    raise TimingError(f"`{unit}` is no unit of time here; write d, weeks, months or years")


_ANCHOR = r"(?:\s+(?P<side>after|from|before)\s+(?P<anchor>[A-Za-z_][A-Za-z0-9_ ]*?))?\s*$"
_SPAN = re.compile(
    r"^\s*(?P<word>days?|weeks?|months?|years?)\s+(?P<low>-?\d+)(?:\s*\.\.\s*(?P<high>-?\d+))?" + _ANCHOR, re.ASCII
)
_LIST = re.compile(r"^\s*(?P<word>days?|weeks?|months?|years?)\s+(?P<list>-?\d+(?:\s*,\s*-?\d+)+)" + _ANCHOR, re.ASCII)
_PLAIN = re.compile(r"^\s*(?P<count>\d+)\s*(?P<word>[A-Za-z]+)" + _ANCHOR, re.ASCII)


_CYCLE = re.compile(
    r"^\s*cycles?\s+(?P<first>\d+)(?:\s*\.\.\s*(?P<last>\d+)|(?P<more>(?:\s*,\s*\d+)+))?\s+days?\s+"
    r"(?P<days>\d+(?:\s*,\s*\d+)*)(?:\s*\.\.\s*(?P<until>\d+))?\s*$",
    re.ASCII,
)
MOST_CYCLES = 200


def _in_cycles(found: re.Match[str], text: str, cycle_days: int | None) -> tuple[Moment, ...]:
    if cycle_days is None:
        raise TimingError(f"`{text}` names a cycle, and the schedule does not say how long one is; write `cycle: 21 d` there")
    first = _count(found["first"], text)
    last = _count(found["last"] or found["first"], text)
    cycles = [first, *(_count(part, text) for part in re.findall(r"\d+", found["more"] or ""))] if found["more"] else []
    cycles = cycles or list(range(first, min(last, first + MOST_CYCLES) + 1))
    days = [_count(part.strip(), text) for part in found["days"].split(",")]
    until = _count(found["until"], text) if found["until"] else None
    if until is not None and len(days) > 1:
        raise TimingError(f"`{text}`: write either a list of days or a span")
    if not cycles or cycles[0] < 1 or last < first or days[0] < 1 or (until is not None and until < days[0]):
        raise TimingError(f"`{text}`: cycles and their days count from 1, upwards")
    if max(until or 0, *days) > cycle_days:
        raise TimingError(f"`{text}`: a cycle has {cycle_days} days")
    return tuple(_cycle_day(cycle, day, until or day, cycle_days) for cycle in cycles for day in days)


def _cycle_day(cycle: int, low: int, high: int, cycle_days: int) -> Moment:
    before = (cycle - 1) * cycle_days
    return Moment(FIRST_DOSE, Offset(before + low, "d"), Offset(before + high, "d"), True, cycle)


def read_moments(text: str, cycle_days: int | None = None) -> tuple[Moment, ...]:
    """Read ``day -28 .. -1``, ``day 85``, ``weeks 2, 4, 8 after treatment stop``, ``30 d after last dose``.

    With the length of a cycle, ``cycles 1 .. 6 day 1`` and ``cycle 2 days 8, 15`` as well.

    Raises:
        TimingError: The text is none of these.
    """
    if cycled := _CYCLE.match(text):
        return _in_cycles(cycled, text, cycle_days)
    if listed := _LIST.match(text):
        counts = [_count(part.strip(), text) for part in listed["list"].split(",")]
        return tuple(_moment(count, count, listed["word"], listed["side"], listed["anchor"], text) for count in counts)
    if span := _SPAN.match(text):
        low = _count(span["low"], text)
        high = _count(span["high"], text) if span["high"] else low
        return (_moment(low, high, span["word"], span["side"], span["anchor"], text),)
    if plain := _PLAIN.match(text):
        count = _count(plain["count"], text)
        if not plain["anchor"]:
            raise TimingError(f"`{text}` says not after what; write `{text.strip()} after first dose`")
        return (_moment(count, count, plain["word"], plain["side"], plain["anchor"], text),)
    raise TimingError(f"`{text}` is no time; write `day 8`, `day -28 .. -1`, or `weeks 2, 4 after treatment stop`")


def _moment(low: int, high: int, word: str, side: str | None, anchor: str | None, text: str) -> Moment:
    if low > high:
        raise TimingError(f"`{text}` ends before it begins")
    if word.startswith("day") and anchor is None:
        if low == 0 or high == 0:
            raise TimingError(
                f"`{text}`: there is no study day 0; day 1 is the first dose, so what a record calls day 0 is day 1 here and its "
                "day 28 is `28 d after first dose`"
            )
        return Moment(FIRST_DOSE, Offset(low, "d"), Offset(high, "d"), study_day=True)
    if anchor is None and word.startswith("week"):
        try:
            first, last = days_of_week(low)[0], days_of_week(high)[1]
        except DateError:
            raise TimingError(f"`{text}`: there is no week 0; week 1 begins with the first dose") from None
        return Moment(FIRST_DOSE, _offset(first, "d", text), _offset(last, "d", text), study_day=True)
    sign = -1 if side == "before" else 1
    low, high = sorted((sign * low, sign * high))
    named = " ".join(anchor.split()) if anchor else FIRST_DOSE
    return Moment(_SPELLINGS.get(named, named), _offset(low, word, text), _offset(high, word, text))


_WINDOW = re.compile(
    r"^\s*(?:(?:±|\+/-)\s*(?P<both>\d+)\s*(?P<unit>\w+)"
    r"|(?:[-−]\s*(?P<before>\d+)|0)\s*(?P<u1>\w+)\s*\.\.\s*\+?\s*(?P<after>\d+)\s*(?P<u2>\w+))\s*$",
    re.ASCII,
)


def read_window(text: str) -> Window:
    """Read ``±3 d``, ``-1 d .. +2 d`` or ``0 d .. +2 d``.

    Raises:
        TimingError: It is neither.
    """
    match = _WINDOW.match(text)
    if match is None:
        raise TimingError(f"`{text}` is no window; write `±3 d` or `-1 d .. +2 d`")
    if match["both"]:
        days = _offset(_count(match["both"], text), match["unit"], text).days
        return Window(days, days)
    before = _offset(_count(match["before"] or "0", text), match["u1"], text).days
    return Window(before, _offset(_count(match["after"], text), match["u2"], text).days)
