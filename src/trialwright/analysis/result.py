"""Result: one estimated number with its interval, method, source, population and the people behind it.

What every estimand comes out as, and all that a report may print. It never computes: the estimators do.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

TableCell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds of an interval estimate at ``level`` (0-1); an infinite bound is not estimable from the data."""

    low: float
    high: float
    level: float = 0.95

    def __post_init__(self) -> None:
        if math.isnan(self.low) or math.isnan(self.high) or self.low > self.high or not 0 < self.level < 1:
            raise ValueError(f"not an interval: {self.low} to {self.high} at {self.level}")


@dataclass(frozen=True, slots=True)
class ResultColumn:
    """One column of a result's table: its key, its label for a reader and its unit (empty: none)."""

    id: str
    label: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class ResultTable:
    """A small table that belongs to a result: every row has one cell per column."""

    columns: tuple[ResultColumn, ...]
    rows: tuple[tuple[TableCell, ...], ...]

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("a row of the result's table has not one cell per column")


@dataclass(frozen=True, slots=True)
class Result:
    """An estimate and where it comes from.

    Args:
        id: Stable name within the analysis, such as ``chr_by_week_12``.
        title: What was estimated, for a reader.
        estimate: The number in ``unit``; None where the data do not allow one (``notes`` say why).
        unit: UCUM code, or ``1`` for a proportion; empty for a pure number.
        interval: Its bounds, where the method gives them.
        method: In words, such as "Clopper-Pearson exact interval".
        source: Citation of the method.
        population: In words, such as "treated (received at least one dose)".
        n: Participants in the population.
        numerator: Participants with the event, where the estimate counts some; None otherwise.
        p_value: Of the stated test (0-1), where the plan has one.
        participants: The participants the number rests on, in a stable order.
        table: Supporting rows, such as numbers at risk.
        notes: Caveats a reader must see beside the number.
        head: Digest of the log's head that the data were derived from.
        simulated: True unless every participant is real.
    """

    id: str
    title: str
    estimate: float | None
    unit: str
    method: str
    source: str
    population: str
    n: int
    head: str
    simulated: bool
    interval: Interval | None = None
    numerator: int | None = None
    p_value: float | None = None
    participants: tuple[str, ...] = ()
    table: ResultTable | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.estimate is not None and math.isnan(self.estimate):
            raise ValueError(f"result {self.id}: an estimate that does not exist is None, not NaN")
        if self.n < 0 or (self.numerator is not None and not 0 <= self.numerator <= self.n):
            raise ValueError(f"result {self.id}: {self.numerator} of {self.n} is not a count of participants")


def result_as_json(result: Result) -> dict[str, Any]:
    """The result as plain JSON values; an infinite bound is written ``"inf"`` or ``"-inf"``, since JSON has none."""
    interval, table = result.interval, result.table
    return {
        "id": result.id,
        "title": result.title,
        "estimate": _number(result.estimate),
        "unit": result.unit,
        "interval": interval and [_number(interval.low), _number(interval.high), interval.level],
        "p_value": _number(result.p_value),
        "numerator": result.numerator,
        "n": result.n,
        "population": result.population,
        "method": result.method,
        "source": result.source,
        "participants": list(result.participants),
        "table": table
        and {
            "columns": [{"id": c.id, "label": c.label, "unit": c.unit} for c in table.columns],
            "rows": [[_number(cell) for cell in row] for row in table.rows],
        },
        "notes": list(result.notes),
        "head": result.head,
        "simulated": result.simulated,
    }


def results_as_text(results: Iterable[Result]) -> str:
    """All results as one JSON text, indented, ending in a newline; the same results give the same bytes."""
    return json.dumps([result_as_json(r) for r in results], indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _number(value: TableCell) -> TableCell:
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return value
