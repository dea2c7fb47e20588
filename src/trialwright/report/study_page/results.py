"""Results posted with a record, as plain tables: flow, baseline, outcomes, adverse events. Repeats; never interprets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from trialwright.registry.record import Record
from trialwright.registry.record_parts import Json, member, nodes_at, text_at, texts_at
from trialwright.report.study_page.prose import unescaped
from trialwright.report.study_page.words import WORDS


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table; ``level`` 1 or 2 stands indented under the line above, and a line without cells heads them."""

    label: str
    cells: tuple[str, ...] = ()
    level: int = 0


@dataclass(frozen=True, slots=True)
class ResultTable:
    """A table as posted: a caption, notes over it, the head of the first column, one column per group, and lines."""

    caption: str
    stub: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    below: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PostedResults:
    """All that a record's results section holds and the page shows, part by part; a part may be empty."""

    flow: tuple[ResultTable, ...]
    baseline: tuple[ResultTable, ...]
    outcomes: tuple[ResultTable, ...]
    adverse: tuple[ResultTable, ...]
    limitations: str


def posted_results(record: Record) -> PostedResults | None:
    """The posted results of a record, or ``None`` where there are none."""
    section = member(record.raw, "resultsSection")
    if not isinstance(section, Mapping) or not section:
        return None
    return PostedResults(
        flow=_flow(section),
        baseline=_baseline(section),
        outcomes=tuple(_outcome(node) for node in nodes_at(section, "outcomeMeasuresModule", "outcomeMeasures")),
        adverse=_adverse(section),
        limitations=text_at(section, "moreInfoModule", "limitationsAndCaveats", "description") or "",
    )


def _flow(section: Json) -> tuple[ResultTable, ...]:
    groups = nodes_at(section, "participantFlowModule", "groups")
    notes = _texts(member(section, "participantFlowModule"), "recruitmentDetails", "preAssignmentDetails")
    tables = []
    for period in nodes_at(section, "participantFlowModule", "periods"):
        rows = [
            Row(_term(node, "type"), _cells(groups, nodes_at(node, "achievements"), _subjects))
            for node in nodes_at(period, "milestones")
        ]
        rows += [
            Row(_term(node, "type"), _cells(groups, nodes_at(node, "reasons"), _subjects), level=1)
            for node in nodes_at(period, "dropWithdraws")
        ]
        title = text_at(period, "title") or WORDS["participant_flow"]
        tables.append(ResultTable(title, WORDS["stage"], _titles(groups), tuple(rows), notes))
        notes = ()
    return tuple(tables)


def _baseline(section: Json) -> tuple[ResultTable, ...]:
    module = member(section, "baselineCharacteristicsModule")
    groups = nodes_at(module, "groups")
    if not groups:
        return ()
    rows = _denominators(module, groups)
    for measure in nodes_at(module, "measures"):
        how = _how(measure)
        title = _clean(measure, "title")
        lines = _measured(measure, groups)
        if len(lines) == 1:
            rows.append(Row(f"{title} ({how})" if how else title, lines[0].cells))
        else:
            rows += [Row(f"{title} ({how})" if how else title), *lines]
    notes = _texts(module, "populationDescription")
    return (ResultTable(WORDS["baseline"], WORDS["measure"], _titles(groups), tuple(rows), notes),)


def _outcome(node: Json) -> ResultTable:
    groups = nodes_at(node, "groups")
    kind, frame = _term(node, "type"), text_at(node, "timeFrame")
    notes = [f"{kind} · {WORDS['time_frame']}: {unescaped(frame or WORDS['not_stated'])}"]
    notes += _texts(node, "description", "populationDescription")
    rows = (*_denominators(node, groups), *_measured(node, groups))
    how = _how(node)
    return ResultTable(
        caption=_clean(node, "title"),
        stub=how[:1].upper() + how[1:] or WORDS["measure"],
        columns=_titles(groups),
        rows=rows,
        notes=tuple(notes),
        below=tuple(_analysis(one, groups) for one in nodes_at(node, "analyses")),
    )


def _adverse(section: Json) -> tuple[ResultTable, ...]:
    module = member(section, "adverseEventsModule")
    groups = nodes_at(module, "eventGroups")
    if not groups:
        return ()
    totals = []
    for name, key in ((WORDS["deaths"], "deaths"), (WORDS["serious_events"], "serious"), (WORDS["other_events"], "other")):
        cells = tuple(_of(member(one, f"{key}NumAffected"), member(one, f"{key}NumAtRisk")) for one in groups)
        totals.append(Row(name, cells))
    frame = text_at(module, "timeFrame")
    timed = (f"{WORDS['time_frame']}: {unescaped(frame)}",) if frame else ()
    notes = (*timed, *_texts(module, "description"))
    stub = f"{WORDS['event']} ({WORDS['affected_of_at_risk'].lower()})"
    tables = [ResultTable(WORDS["adverse_events"], stub, _titles(groups), tuple(totals), notes)]
    for name, key in (("serious_events", "seriousEvents"), ("other_events", "otherEvents")):
        rows = tuple(_event_rows(nodes_at(module, key), groups))
        if rows:
            tables.append(ResultTable(WORDS[name], stub, _titles(groups), rows))
    return tuple(tables)


def _event_rows(events: Iterable[Json], groups: tuple[Json, ...]) -> Iterable[Row]:
    """Events under their organ systems, in the order of the record."""
    organ = None
    for event in events:
        if text_at(event, "organSystem") != organ:
            organ = text_at(event, "organSystem")
            yield Row(organ or "")
        counts = {text_at(one, "groupId"): one for one in nodes_at(event, "stats")}
        cells = []
        for group in groups:
            found = counts.get(text_at(group, "id"))
            cells.append(_of(member(found, "numAffected"), member(found, "numAtRisk")))
        yield Row(_clean(event, "term"), tuple(cells), level=1)


def _denominators(node: object, groups: tuple[Json, ...]) -> list[Row]:
    rows = []
    for one in nodes_at(node, "denoms"):
        units = text_at(one, "units") or ""
        cells = _cells(groups, nodes_at(one, "counts"), lambda count: text_at(count, "value") or "")
        rows.append(Row(f"{WORDS['participants_analysed']} ({units.lower()})", cells))
    return rows


def _measured(node: Json, groups: tuple[Json, ...]) -> list[Row]:
    """The lines of a measure: its classes, and their categories where a class has several."""
    rows = []
    for one in nodes_at(node, "classes"):
        title, categories = _clean(one, "title"), nodes_at(one, "categories")
        if len(categories) == 1 and not text_at(categories[0], "title"):
            rows.append(Row(title, _cells(groups, nodes_at(categories[0], "measurements"), _value), level=1))
            continue
        if title:
            rows.append(Row(title, level=1))
        for category in categories:
            cells = _cells(groups, nodes_at(category, "measurements"), _value)
            rows.append(Row(_clean(category, "title"), cells, level=2 if title else 1))
    return rows


def _analysis(node: Json, groups: tuple[Json, ...]) -> str:
    """One analysis in a line: method, p value, estimate and interval, as posted."""
    titles = {text_at(one, "id"): _clean(one, "title") for one in groups}
    parts = [" / ".join(titles.get(one, one) for one in texts_at(node, "groupIds"))]
    parts += [text for text in (text_at(node, "statisticalMethod"),) if text]
    if text_at(node, "pValue"):
        parts.append(f"p {text_at(node, 'pValue')}")
    if text_at(node, "paramValue"):
        parts.append(f"{text_at(node, 'paramType') or ''} {text_at(node, 'paramValue')}".strip())
    low, high = text_at(node, "ciLowerLimit"), text_at(node, "ciUpperLimit")
    if low or high:
        parts.append(f"{text_at(node, 'ciPctValue') or ''} % CI {low or '–'} to {high or '–'}".strip())
    return f"{WORDS['statistical_analysis']}: " + "; ".join(unescaped(part) for part in parts if part)


def _cells(groups: tuple[Json, ...], found: Iterable[Json], show: Callable[[Json], str]) -> tuple[str, ...]:
    """One cell per group, empty where the record gives none."""
    by_group = {text_at(one, "groupId"): show(one) for one in found}
    return tuple(by_group.get(text_at(group, "id"), "") for group in groups)


def _value(node: Json) -> str:
    value, spread = text_at(node, "value") or "", text_at(node, "spread")
    low, high = text_at(node, "lowerLimit"), text_at(node, "upperLimit")
    if low or high:
        return f"{value} ({low or '–'} to {high or '–'})"
    return f"{value} ({spread})" if spread else value


def _subjects(node: Json) -> str:
    return text_at(node, "numSubjects") or ""


def _of(affected: object | None, at_risk: object | None) -> str:
    if affected is None and at_risk is None:
        return WORDS["not_reported"]
    return f"{'–' if affected is None else affected} / {'–' if at_risk is None else at_risk}"


def _how(node: Json) -> str:
    """What the numbers are: "Mean (Standard deviation), years"."""
    param, dispersion = _term(node, "paramType"), _term(node, "dispersionType")
    spread = f" ({dispersion.lower()})" if dispersion else ""
    unit = _clean(node, "unitOfMeasure")
    if unit.lower() in param.lower():
        unit = ""
    return ", ".join(part for part in (f"{param.lower()}{spread}" if param else "", unit) if part)


def _term(node: Json, key: str) -> str:
    """A term such as ``COUNT_OF_PARTICIPANTS`` in words; free text stays as it is."""
    text = text_at(node, key) or ""
    return text.replace("_", " ").capitalize() if text.isupper() else text


def _titles(groups: Iterable[Json]) -> tuple[str, ...]:
    return tuple(_clean(one, "title") for one in groups)


def _clean(node: Json, key: str) -> str:
    return unescaped(text_at(node, key) or "")


def _texts(node: object, *keys: str) -> tuple[str, ...]:
    return tuple(unescaped(text) for key in keys if (text := text_at(node, key)))
