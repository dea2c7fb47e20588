"""Time elapsed, as ``Since`` wants it: days, or calendar months and years with the part of the running one."""

from __future__ import annotations

from datetime import date
from typing import Literal

from trialwright.vocabulary.dates import add_months, completed_months


def elapsed(since: date, on: date, unit: Literal["d", "mo", "a"] = "d") -> float:
    """How long ago a day was; negative for one that lies ahead.

    In months and years: those completed, plus the part of the running one, so that exactly 6 months is 6 and a day more
    is above 6, whatever the lengths of the months.

    >>> elapsed(date(2004, 1, 31), date(2004, 2, 29), "mo")
    1.0
    """
    if unit == "d":
        return float((on - since).days)
    per = 12 if unit == "a" else 1
    whole = completed_months(since, on) // per
    start, end = add_months(since, whole * per), add_months(since, (whole + 1) * per)
    return whole + (on - start).days / (end - start).days
