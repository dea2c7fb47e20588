"""Response by group: a forest of the rate in each group, and the exact tests. Says that an association is no cause."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from trialwright.analysis import Carried
from trialwright.report.document import Align, Block, Column, Figure, Row, Table, group_row, row
from trialwright.report.figures.forest import ForestAxis, ForestRow, forest
from trialwright.report.trial_report.material import Footnotes, Material, capital, result_words
from trialwright.report.trial_report.synopsis import p_text
from trialwright.report.wording import shown

NOT_CAUSAL = "An association in one arm says nothing about cause."


def association_blocks(material: Material, part_id: str, endpoints: Sequence[tuple[Carried, ...]]) -> Iterator[Block]:
    """A forest of every group of every association, then the tests."""
    yield _forest(material, f"forest-{part_id}", endpoints)
    yield _tests(material, f"tests-{part_id}", endpoints)


def _forest(material: Material, figure_id: str, endpoints: Sequence[tuple[Carried, ...]]) -> Figure:
    rows: list[ForestRow] = []
    data: list[Row] = []
    for carried in endpoints:
        heading = _heading(material, carried[0])
        rows.append(ForestRow(heading))
        data.append(group_row(heading))
        for one in _groups(carried[0]):
            rows.append(one)
            bounds = f"{shown(one.low, '1')} to {shown(one.high, '1')}" if one.low is not None and one.high is not None else ""
            share = shown(one.estimate, "1") if one.estimate is not None else ""
            data.append(row(one.label, material.book.number(carried[0], one.counts), share, bounds, indent=1))
    overall = _overall(material, endpoints[0][0])
    if overall is not None:
        rows.append(overall)
    reference = overall.estimate if overall is not None else None
    axis = ForestAxis("Response rate, %", 0, 1, reference=reference, percent=True)
    drawing = forest(material.frame(figure_id, "Response by group"), rows, axis)
    columns = (
        Column("Group"),
        Column("n/N", align=Align.RIGHT),
        Column("Rate", "%", Align.RIGHT),
        Column("Interval", "%", Align.RIGHT),
    )
    caption = "Response by group at baseline, with exact intervals; the dashed line is the rate of all."
    return Figure(figure_id, drawing.svg, drawing.alt, (caption,), Table(f"{figure_id}-data", (caption,), columns, tuple(data)))


def _heading(material: Material, carried: Carried) -> str:
    name = material.protocol.file.endpoints[carried.result.id].with_ or ""
    return "Arm" if name == "arm" else capital(material.protocol.label(name))


def _groups(carried: Carried) -> Iterator[ForestRow]:
    table = carried.result.table
    for label, responders, n, *shares in table.rows if table else ():
        if not n:
            continue
        estimate, low, high = (float(one) if one is not None else None for one in shares)
        yield ForestRow(str(label), f"{responders}/{n}", estimate, low, high, indent=1)


def _overall(material: Material, carried: Carried) -> ForestRow | None:
    of = material.protocol.file.endpoints[carried.result.id].of or ""
    found = material.run.of(of)
    if not found or found[0].result.estimate is None or found[0].result.interval is None:
        return None
    result = found[0].result
    assert result.interval is not None
    counts = f"{result.numerator}/{result.n}"
    return ForestRow("All", counts, result.estimate, result.interval.low, result.interval.high, summary=True)


def _tests(material: Material, table_id: str, endpoints: Sequence[tuple[Carried, ...]]) -> Table:
    rows: list[Row] = []
    notes = Footnotes()
    for carried in endpoints:
        for one in carried:
            result, first = one.result, carried[0].result
            title = result.title if result is first else capital(result.title.removeprefix(f"{first.title}: "))
            cells = (material.book.number(one, _words(one)), p_text(result.p_value), capital(result.method))
            rows.append(row(notes.marked(title, result), *cells, indent=0 if result is first else 1))
    columns = (Column("Association"), Column("Estimate"), Column("p", align=Align.RIGHT), Column("Method"))
    return Table(table_id, ("Exact tests of response against group.",), columns, tuple(rows), notes.words(NOT_CAUSAL))


def _words(carried: Carried) -> str:
    result = carried.result
    if result.estimate is None and result.p_value is not None:
        return "rates in the figure"
    return result_words(result)
