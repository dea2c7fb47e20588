"""Dates of the classic XML ("October 2004", "November 6, 2008") as v2 writes them ("2004-10", "2008-11-06")."""

from __future__ import annotations

import calendar
import re

_MONTHS = {name: number for number, name in enumerate(calendar.month_name) if name}
_WORDED = re.compile(r"([A-Z][a-z]+) (?:(\d{1,2}), )?(\d{4})", re.ASCII)
_YEAR = re.compile(r"\d{4}", re.ASCII)


def v2_date(text: str) -> str | None:
    """The v2 form of a classic date, or ``None`` where the text is no date.

    >>> v2_date("October 2004"), v2_date("November 6, 2008"), v2_date("soon")
    ('2004-10', '2008-11-06', None)
    """
    words = " ".join(text.split())
    found = _WORDED.fullmatch(words)
    if found and found[1] in _MONTHS:
        month = f"{found[3]}-{_MONTHS[found[1]]:02d}"
        return f"{month}-{int(found[2]):02d}" if found[2] else month
    return words if _YEAR.fullmatch(words) else None
