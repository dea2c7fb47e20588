"""What a table's columns are: name, label, type, unit and derivation, declared once beside the row's field.

A row type is a frozen dataclass whose fields carry their description; the table is made from the same declaration. It
knows no trial.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, get_type_hints

if TYPE_CHECKING:
    import polars

ColumnType = Literal["text", "texts", "integer", "decimal", "date", "truth", "entries"]
Cell = str | int | float | bool | date | tuple[str, ...] | tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``unit`` is a UCUM code (empty: none, or another column says it); ``derivation`` says where it comes from."""

    name: str
    label: str
    type: ColumnType
    unit: str
    derivation: str


def about(label: str, derivation: str, unit: str = "") -> dict[str, str]:
    """The description of a row's field, for ``field(metadata=…)``."""
    return {"label": label, "derivation": derivation, "unit": unit}


_TYPES: Mapping[object, ColumnType] = {
    str: "text",
    tuple[str, ...]: "texts",
    int: "integer",
    float: "decimal",
    date: "date",
    bool: "truth",
    tuple[int, ...]: "entries",
}


def columns_of(row_type: type) -> tuple[Column, ...]:
    """Return the columns that a row type declares, in order."""
    hints = get_type_hints(row_type)
    found = []
    for one in fields(row_type):
        declared = hints[one.name]
        plain = next((kind for kind in _TYPES if declared in (kind, kind | None)), None)  # type: ignore[operator]  # types with |
        if plain is None or "label" not in one.metadata:
            raise TypeError(f"{row_type.__name__}.{one.name} is no described column")
        given = one.metadata
        found.append(Column(one.name, given["label"], _TYPES[plain], given["unit"], given["derivation"]))
    return tuple(found)


def frame_of(columns: Sequence[Column], rows: Iterable[Mapping[str, Cell]]) -> polars.DataFrame:
    """Return a table with exactly these columns, typed even where it has no row."""
    import polars as pl  # costs a tenth of a second, so only where a table is wanted

    kinds: Mapping[ColumnType, Any] = {
        "text": pl.String,
        "texts": pl.List(pl.String),
        "integer": pl.Int64,
        "decimal": pl.Float64,
        "date": pl.Date,
        "truth": pl.Boolean,
        "entries": pl.List(pl.Int64),
    }
    listed = list(rows)
    schema = {column.name: kinds[column.type] for column in columns}
    data = {column.name: [_plain(one[column.name]) for one in listed] for column in columns}
    return pl.DataFrame(data, schema=schema)


def cells_of(row: Any) -> dict[str, Cell]:
    """Return a row's values by column."""
    return {one.name: getattr(row, one.name) for one in fields(row)}


def _plain(cell: Cell) -> Any:
    return list(cell) if isinstance(cell, tuple) else cell
