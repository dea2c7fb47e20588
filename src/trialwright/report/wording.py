"""How a result is said: estimate and interval in words, a row of a table, and the rows behind the number.

One place, so that a number reads the same in the synopsis, in a table and in the appendix. It never computes one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from trialwright.analysis.result import Interval, Result
from trialwright.report.document import Align, Behind, Column, Number, Row, Table, Words, row

PROPORTION = "1"  # UCUM's code for a pure share
NOT_ESTIMABLE = "not estimable"


def shown(value: float, unit: str) -> str:
    """A value as printed: whole per cent for a share (one decimal below 1 and above 99), else three significant figures."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if unit == PROPORTION:
        per_cent = value * 100
        fine = 0 < per_cent < 1 or 99 < per_cent < 100
        return f"{per_cent:.{1 if fine else 0}f}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")


def suffix(unit: str) -> str:
    """The unit as it follows a number, with its space; ``%`` for a share, nothing for a pure number."""
    if unit == PROPORTION:
        return " %"
    return f" {unit}" if unit else ""


def interval_words(interval: Interval, unit: str) -> str:
    """Such as ``95 % interval 28 to 69 %``; an infinite upper bound of a time or ratio is said to be not reached."""
    high = "not reached" if math.isinf(interval.high) else shown(interval.high, unit) + suffix(unit)
    return f"{interval.level * 100:g} % interval {shown(interval.low, unit)} to {high}"


def estimate_words(result: Result) -> str:
    """Such as ``12 of 25 (48 %; 95 % interval 28 to 69 %)`` or ``36 d (95 % interval 20 to 57 d)``."""
    value = _without_estimate(result) if result.estimate is None else shown(result.estimate, result.unit) + suffix(result.unit)
    bounds = interval_words(result.interval, result.unit) if result.interval else ""
    if result.numerator is not None:
        inside = "; ".join(part for part in (value, bounds) if part)
        return f"{result.numerator} of {result.n} ({inside})"
    return f"{value} ({bounds})" if bounds else value


def _without_estimate(result: Result) -> str:
    """Why there is no number: a median that the curve never reaches is an answer."""
    return "median not reached" if result.n and "median" in result.method else NOT_ESTIMABLE


def behind_id(result: Result) -> str:
    """The id of the appendix table behind a result."""
    return "behind-" + result.id.replace("_", "-").replace(".", "-").lower()


def estimate_number(result: Result) -> Number:
    """The estimate in words, linked to the rows behind it."""
    return Number(estimate_words(result), behind_id(result))


def behind(result: Result, entries: Mapping[str, str]) -> Behind:
    """The participants behind a result, each with the log entries that ``entries`` names for them (may lack some)."""
    rows = tuple((person, entries.get(person, "")) for person in result.participants)
    note = f"{result.method}. Population: {result.population}. Log head {result.head}."
    return Behind(behind_id(result), f"{result.title}: {estimate_words(result)}", ("Participant", "Log entries"), rows, note)


def results_table(table_id: str, caption: Words, results: Iterable[Result]) -> Table:
    """A numbered table with one row per result, and its caveats as footnotes (each said once)."""
    listed = tuple(results)
    notes = tuple(dict.fromkeys(note for result in listed for note in result.notes))
    columns = (Column("Outcome"), Column("Estimate"), Column("Population"), Column("n", align=Align.RIGHT), Column("Method"))
    return Table(table_id, caption, columns, tuple(_row(result, notes) for result in listed), _footnotes(notes))


def _row(result: Result, notes: tuple[str, ...]) -> Row:
    marks = " ".join(f"[{notes.index(note) + 1}]" for note in result.notes)
    title = f"{result.title} {marks}".strip()
    return row(title, estimate_number(result), result.population, str(result.n), result.method)


def _footnotes(notes: tuple[str, ...]) -> tuple[Words, ...]:
    return tuple((f"[{index}] {note}",) for index, note in enumerate(notes, 1))
