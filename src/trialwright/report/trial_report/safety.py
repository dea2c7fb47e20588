"""Adverse events by worst grade, and exposure, as tables. Grades nothing and adds nothing that the analysis did not."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.analysis import Carried
from trialwright.report.document import Align, Block, Column, Number, Row, Table, paragraph, row
from trialwright.report.trial_report.material import Material, per_cent

_HEADINGS = {"any": "Any", "severe": "≥ 3", **{f"grade_{grade}": str(grade) for grade in range(1, 6)}}


def adverse_event_blocks(material: Material, table_id: str, carried: tuple[Carried, ...]) -> Iterator[Block]:
    """A sentence with the four counts, then the table by term."""
    words: list[str | Number] = []
    for one in carried:
        words += [f"{one.result.title}: ", material.book.number(one), ". "]
    yield paragraph(*words)
    whole = carried[0]
    if whole.result.table is not None and whole.result.table.rows:
        yield _terms(material, table_id, whole)


def _terms(material: Material, table_id: str, carried: Carried) -> Table:
    result, behind = carried.result, material.book.of(carried)
    assert result.table is not None
    columns = tuple(
        Column(_HEADINGS.get(one.id, one.label), align=Align.LEFT if index == 0 else Align.RIGHT)
        for index, one in enumerate(result.table.columns)
    )
    rows = []
    for term, total, *rest in result.table.rows:
        shares = Number(per_cent(int(total or 0), result.n), behind)
        rows.append(row(str(term), shares, *(str(count) if count else "–" for count in rest)))
    caption = f"Participants with each adverse event, by worst grade ({result.source}). {result.population}, n = {result.n}."
    notes = tuple((note,) for note in result.notes)
    return Table(table_id, (caption,), columns, tuple(rows), notes)


def exposure_blocks(material: Material, table_id: str, carried: tuple[Carried, ...]) -> Iterator[Block]:
    """Exposure in one table: a line per summary; holds by the rule that held."""
    rows: list[Row] = []
    for one in carried:
        result = one.result
        rows.append(row(result.title, material.book.number(one), result.method))
        if result.table is not None and result.table.columns[0].id == "rule":
            for rule, people, holds, days in result.table.rows:
                words = f"{people} participants, {holds} holds, {days} d in all"
                rows.append(row(f"held by {rule}", words, "", indent=1))
    columns = (Column("Summary"), Column("Estimate"), Column("How"))
    first = carried[0].result
    notes = tuple((note,) for note in first.notes)
    yield Table(
        table_id, (f"Exposure, dose intensity and holds. {first.population}, n = {first.n}.",), columns, tuple(rows), notes
    )
