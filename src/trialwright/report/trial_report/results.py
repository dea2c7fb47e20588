"""Results by objective: each endpoint by its measure, with its table, its figure and every caveat beside it."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.analysis import Carried
from trialwright.analysis.result import Result, ResultTable
from trialwright.protocol.model.aims import Endpoint, Objective
from trialwright.report.document import Align, Block, BulletList, Column, Number, Row, Section, Table, paragraph, row
from trialwright.report.trial_report.curves import curve_figure
from trialwright.report.trial_report.groups import association_blocks
from trialwright.report.trial_report.material import Footnotes, Material, capital, result_words
from trialwright.report.trial_report.safety import adverse_event_blocks, exposure_blocks
from trialwright.report.trial_report.synopsis import p_text
from trialwright.report.wording import shown, suffix

_IN_ARM = ("median", "mean", "incidence")  # what the table of a comparison holds for each arm


def results(material: Material) -> Section:
    """The section on results: one part per objective, then what could not be carried out."""
    parts = tuple(_objective(material, one) for one in material.protocol.file.objectives)
    loose = _loose(material)
    parts = (*parts, loose) if loose else parts
    blocks: tuple[Block, ...] = ()
    if material.run.not_carried_out:
        blocks = (paragraph("Not carried out:"), BulletList(tuple((text,) for text in material.run.not_carried_out)))
    return Section("results", "Results", blocks, parts)


def _objective(material: Material, objective: Objective) -> Section:
    endpoints = [name for name in objective.endpoints if material.run.of(name)]
    return _part(material, f"objective-{_slug(objective.id)}", f"{capital(objective.text)} ({objective.rank})", endpoints)


def _loose(material: Material) -> Section | None:
    """Endpoints that no objective names."""
    named = {name for one in material.protocol.file.objectives for name in one.endpoints}
    rest = [name for name in material.protocol.file.endpoints if name not in named and material.run.of(name)]
    return _part(material, "other-endpoints", "Endpoints of no objective", rest) if rest else None


def _part(material: Material, part_id: str, title: str, names: list[str]) -> Section:
    endpoints = material.protocol.file.endpoints
    blocks: list[Block] = []
    rates = [name for name in names if endpoints[name].measure == "response"]
    if rates:
        blocks.append(_rates(material, part_id, rates))
    together = [name for name in names if endpoints[name].measure == "association"]
    if together:
        blocks += association_blocks(material, part_id, [material.run.of(name) for name in together])
    for name in names:
        if endpoints[name].measure not in ("response", "association"):
            blocks += _endpoint(material, name, endpoints[name])
    return Section(part_id, title, tuple(blocks))


def _slug(text: str) -> str:
    return text.lower().replace("_", "-")


def _endpoint(material: Material, name: str, endpoint: Endpoint) -> Iterator[Block]:
    carried = material.run.of(name)
    match endpoint.measure:
        case "time":
            yield from _time(material, name, carried)
        case "dose at response":
            yield _small_table(material, f"table-{_slug(name)}", carried[0])
        case "adverse events":
            yield from adverse_event_blocks(material, f"table-{_slug(name)}", carried)
        case "exposure":
            yield from exposure_blocks(material, f"table-{_slug(name)}", carried)
        case _:
            yield _summary(material, f"table-{_slug(name)}", carried)


def _rates(material: Material, part_id: str, names: list[str]) -> Table:
    """Every response rate, each definition on a line, the planned one of each endpoint first."""
    rows: list[Row] = []
    carried = [one for name in names for one in material.run.of(name)]
    notes = Footnotes()
    for name in names:
        first, *others = material.run.of(name)
        rows.append(_rate_row(material, first, first.result.title, notes, 0))
        for other in others:
            words = other.result.title.removeprefix(f"{first.result.title}: ")
            rows.append(_rate_row(material, other, capital(words), notes, 1))
    columns = (
        Column("Definition"),
        Column("n/N", align=Align.RIGHT),
        Column("Rate", "%", Align.RIGHT),
        Column(_level(carried[0].result), "%", Align.RIGHT),
    )
    caption = f"Response rates. {capital(carried[0].result.method)} ({carried[0].result.source})."
    return Table(f"rates-{part_id}", (caption,), columns, tuple(rows), notes.words())


def _level(result: Result) -> str:
    return f"{result.interval.level * 100:g} % interval" if result.interval else "Interval"


def _rate_row(material: Material, carried: Carried, title: str, notes: Footnotes, indent: int) -> Row:
    result = carried.result
    counts = material.book.number(carried, f"{result.numerator}/{result.n}")
    value = "" if result.estimate is None else shown(result.estimate, result.unit)
    bounds = f"{shown(result.interval.low, '1')} to {shown(result.interval.high, '1')}" if result.interval else ""
    return row(notes.marked(title, result), counts, value, bounds, indent=indent)


def _time(material: Material, name: str, carried: tuple[Carried, ...]) -> Iterator[Block]:
    planned = carried[0]
    figure = curve_figure(material, f"figure-{_slug(name)}", planned)
    if figure is not None:
        yield figure
    yield _summary(material, f"table-{_slug(name)}", carried)


def _summary(material: Material, table_id: str, carried: tuple[Carried, ...]) -> Table:
    """One line per result of an endpoint, with its caveats as footnotes."""
    notes = Footnotes()
    title = carried[0].result.title
    rows = []
    for one in carried:
        words = one.result.title.removeprefix(f"{title}: ")
        estimate = material.book.number(one, _compared(one.result))
        cells = (notes.marked(capital(words), one.result), estimate, capital(one.result.method))
        rows.append(row(*cells, indent=0 if one is carried[0] else 1))
        rows += _readings(one.result)
        rows += _arms(one.result)
    columns = (Column("Estimate of"), Column("Estimate"), Column("Method"))
    return Table(table_id, (f"{title}. {carried[0].result.population}.",), columns, tuple(rows), notes.words())


def _readings(result: Result) -> Iterator[Row]:
    """The readings of an interval-censored time, where the result compares them."""
    if result.table is None or result.table.columns[0].id != "reading":
        return
    for name, middle, *_ in result.table.rows:
        words = "median not reached" if middle is None else f"{shown(float(middle), 'd')} d"
        yield row(f"Event taken at the {name}", words, "", indent=2)


def _compared(result: Result) -> str:
    """A comparison of arms in words, with p; empty for what is no comparison."""
    if result.table is None or result.table.columns[0].id != "arm" or (result.estimate is None and result.p_value is None):
        means = result.table is not None and any(column.id == "mean" for column in result.table.columns)
        return "by arm" if means else ""
    p_value = f"p = {p_text(result.p_value)}" if result.p_value is not None else ""
    told = result.estimate is not None or any(column.id == "median" for column in result.table.columns)
    return "; ".join(part for part in (result_words(result) if told else "", p_value) if part)


def _arms(result: Result) -> Iterator[Row]:
    """Each arm of a comparison, with its events and what was estimated in it."""
    if result.table is None or result.table.columns[0].id != "arm":
        return
    unit, name = next((column.unit, column.label) for column in result.table.columns if column.id in _IN_ARM)
    place = next(index for index, column in enumerate(result.table.columns) if column.id in _IN_ARM)
    for line in result.table.rows:
        found = line[place]
        words = "–" if found is None else f"{shown(float(found), unit)}{suffix(unit)}"
        yield row(str(line[0]), f"{line[2]} of {line[1]}; {name[0].lower()}{name[1:]} {words}", "", indent=2)


def _small_table(material: Material, table_id: str, carried: Carried) -> Table:
    """A result that is a small table of counts."""
    result = carried.result
    table = result.table or ResultTable((), ())
    columns = tuple(
        Column(one.label, "" if one.unit == "1" else one.unit, Align.LEFT if index == 0 else Align.RIGHT)
        for index, one in enumerate(table.columns)
    )
    behind = material.book.of(carried)
    rows = tuple(row(str(first), *(Number(str(cell), behind) for cell in rest)) for first, *rest in table.rows)
    notes = tuple((note,) for note in result.notes)
    return Table(table_id, (f"{result.title}. {capital(result.method)}.",), columns, rows, notes)
