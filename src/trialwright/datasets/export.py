"""Writes tables as CSV or Parquet, and beside them a JSON file that describes every column.

A list (of log entries, of rules) is written to CSV with blanks between its parts. Files that are there are replaced.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from trialwright.datasets.tables import TABLES, Tables, describe
from trialwright.protocol.study import Protocol

if TYPE_CHECKING:
    import polars

DESCRIPTION = "columns.json"


def described_as_json(protocol: Protocol) -> str:
    """Return the description of every column of every table as JSON, ending in a newline."""
    tables = {name: [asdict(column) for column in describe(name, protocol)] for name in TABLES}
    return json.dumps({"protocol": protocol.digest, "tables": tables}, indent=2, ensure_ascii=False) + "\n"


def write_tables(tables: Tables, protocol: Protocol, folder: Path, kind: Literal["csv", "parquet"] = "csv") -> tuple[Path, ...]:
    """Write every table into a folder (made where missing), and ``columns.json``; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in tables.named():
        path = folder / f"{name}.{kind}"
        if kind == "csv":
            _flat(table).write_csv(path)
        else:
            table.write_parquet(path)
        written.append(path)
    described = folder / DESCRIPTION
    described.write_text(described_as_json(protocol), encoding="utf-8")
    return (*written, described)


def _flat(table: polars.DataFrame) -> polars.DataFrame:
    import polars as pl

    lists = [name for name, kind in table.schema.items() if isinstance(kind, pl.List)]
    return table.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join(" ") for name in lists)
