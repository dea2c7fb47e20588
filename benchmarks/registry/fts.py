"""The same studies in SQLite's full-text index (FTS5), as a competent user would set it up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bare import WORDS, cells_around, document

COLUMNS = ("status", "type", "sex", "start", "updated", "enrollment", "age_from", "age_to", "key", "record")


class Fts:
    """The database of the second yardstick."""

    def __init__(self, path: Path) -> None:
        self.base = sqlite3.connect(path)
        self.base.execute("PRAGMA journal_mode=WAL")
        self.base.execute("PRAGMA synchronous=OFF")
        self.base.execute("PRAGMA cache_size=-200000")

    def build(self, records: Iterator[tuple[dict[str, Any], bytes]]) -> None:
        run = self.base.execute
        columns = ", ".join(WORDS)
        run(f"CREATE VIRTUAL TABLE words USING fts5({columns}, content='', tokenize='porter unicode61 remove_diacritics 2')")
        run(f"CREATE TABLE study(id INTEGER PRIMARY KEY, {', '.join(COLUMNS)})")
        for name in ("phase", "country", "cell"):
            run(f"CREATE TABLE {name}(id INTEGER, value TEXT)")
        for number, (raw, text) in enumerate(records, 1):
            made = document(raw, text)
            words = [" . ".join(made[name]) if isinstance(made[name], list) else made[name] for name in WORDS]
            run(f"INSERT INTO words(rowid, {', '.join(WORDS)}) VALUES({', '.join('?' * (len(WORDS) + 1))})", (number, *words))
            run(f"INSERT INTO study VALUES({', '.join('?' * (len(COLUMNS) + 1))})", (number, *(made[name] for name in COLUMNS)))
            for name in ("phase", "country", "cell"):
                self.base.executemany(f"INSERT INTO {name} VALUES(?, ?)", ((number, value) for value in made[name]))
        for name in ("phase", "country", "cell"):
            run(f"CREATE INDEX {name}_value ON {name}(value, id)")
            run(f"CREATE INDEX {name}_id ON {name}(id)")
        for name in ("status", "updated", "start"):
            run(f"CREATE INDEX study_{name} ON study({name})")
        self.base.commit()

    def search(self, match: str | None, where: str = "1", by: str | None = None, facets: Sequence[str] = ()) -> int:
        """The first page, the count and the facets; returns the bytes of the page."""
        source = "words JOIN study ON study.id = words.rowid" if match else "study"
        condition = f"words MATCH ? AND {where}" if match else where
        given = (match,) if match else ()
        order = f"ORDER BY {by}" if by else "ORDER BY words.rank" if match else ""
        page = self.base.execute(f"SELECT record FROM {source} WHERE {condition} {order} LIMIT 10", given).fetchall()
        self.base.execute(f"SELECT count(*) FROM {source} WHERE {condition}", given).fetchone()
        for name in facets:
            column, joined = (name, source) if name in COLUMNS else ("value", f"{source} JOIN {name} ON {name}.id = study.id")
            self.base.execute(f"SELECT {column}, count(*) FROM {joined} WHERE {condition} GROUP BY 1", given).fetchall()
        return sum(len(record) for (record,) in page)


def inside(lat: float, lon: float, radius_km: float) -> str:
    """A condition for the cells around a point."""
    cells = ", ".join(f"'{one}'" for one in cells_around(lat, lon, radius_km))
    return f"study.id IN (SELECT id FROM cell WHERE value IN ({cells}))"
