"""Curves of times to an event, with numbers at risk and the data as a table. Draws what the analysis estimated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trialwright.analysis import Carried
from trialwright.analysis.estimators.competing import IncidenceCurve
from trialwright.analysis.estimators.survival import Floats
from trialwright.analysis.result import ResultTable
from trialwright.report.document import Align, Column, Figure, Table, row
from trialwright.report.figures.axes import Tick
from trialwright.report.figures.time_to_event import TimeAxis, incidence_figure, kaplan_meier_figure
from trialwright.report.trial_report.material import Material, capital
from trialwright.report.wording import shown

_STEPS_DAYS = (7, 14, 28, 56, 91, 182, 365, 730)
MOST_TICKS = 13


def curve_figure(material: Material, figure_id: str, carried: Carried) -> Figure | None:
    """The endpoint's curve; None where there is nothing to draw."""
    result, endpoint = carried.result, material.protocol.file.endpoints.get(carried.result.id)
    if endpoint is None or result.table is None or not (carried.survival is not None or carried.incidence):
        return None
    axis = _axis(carried, f"Days from {endpoint.from_}")
    frame = material.frame(figure_id, result.title)
    if carried.survival is not None:
        wanted = (endpoint.to or "").startswith("response")
        label = capital(f"{endpoint_words(material, endpoint.to or '', wanted)}, %")
        drawing = kaplan_meier_figure(frame, [("", carried.survival)], axis, label, rising=wanted)
    elif carried.incidence:
        last = max(float(line[1]) for line in carried.evidence.rows)
        curves = [(capital(name), _carried_on(curve, last)) for name, curve in carried.incidence]
        drawing = incidence_figure(frame, curves, axis, "Cumulative incidence, %")
    else:
        return None
    how = "Kaplan–Meier curve" if carried.survival is not None else "Aalen–Johansen cumulative incidence"
    caption = (
        f"{result.title}. {how}",
        _band(carried),
        f"; {result.n} {material.people_word}. ",
        material.book.number(carried),
        ".",
    )
    return Figure(figure_id, drawing.svg, drawing.alt, caption, _data(f"{figure_id}-data", result.title, result.table))


def _carried_on(curve: IncidenceCurve, last: float) -> IncidenceCurve:
    """The curve drawn to the last day on which anybody was looked at, since nothing changes after its last event."""
    if not len(curve.times) or curve.times[-1] >= last:
        return curve

    def on(values: Floats, more: float) -> Floats:
        return np.append(values, more)

    return replace(
        curve,
        times=on(curve.times, last),
        incidence=on(curve.incidence, curve.incidence[-1]),
        low=on(curve.low, curve.low[-1]),
        high=on(curve.high, curve.high[-1]),
        standard_error=on(curve.standard_error, curve.standard_error[-1]),
        at_risk=np.append(curve.at_risk, 0),
        events=np.append(curve.events, 0),
    )


def _band(carried: Carried) -> str:
    interval = carried.survival.level if carried.survival is not None else None
    return f" with pointwise {interval * 100:g} % band, censorings and numbers at risk" if interval else ""


def endpoint_words(material: Material, to: str, wanted: bool) -> str:
    """What the vertical axis counts: those who had a wanted event, or those without an unwanted one."""
    word, _, rest = to.partition(" ")
    if word == "response":
        response, _, category = rest.partition(" ")
        compiled = material.protocol.responses[response]
        label = next((one.label for one in compiled.categories if one.id == category), category)
        return f"{label} {compiled.label}"
    if to.strip() == "death":
        return "alive"
    state = rest if word == "state" else to
    label = material.protocol.states[state].label if state in material.protocol.states else state
    return label if wanted else f"without {label}"


def _axis(carried: Carried, label: str) -> TimeAxis:
    rows = carried.result.table.rows if carried.result.table else ()
    column = 1 if carried.incidence else 0
    looked = [float(line[1]) for line in carried.evidence.rows]
    last = max([1.0, *(float(line[column] or 0) for line in rows), *looked])
    step = next((days for days in _STEPS_DAYS if last / days <= MOST_TICKS), _STEPS_DAYS[-1])
    end = -(-int(last) // step) * step
    return TimeAxis(label, float(end), tuple(Tick(float(day), str(day)) for day in range(0, end + 1, step)))


def _data(table_id: str, title: str, table: ResultTable) -> Table:
    columns = tuple(
        Column(one.label, {"1": "%"}.get(one.unit, one.unit), Align.LEFT if one.id == "cause" else Align.RIGHT)
        for one in table.columns
    )
    units = [one.unit for one in table.columns]
    rows = tuple(row(*(_cell(cell, unit) for cell, unit in zip(line, units, strict=True))) for line in table.rows)
    return Table(table_id, (f"{title}.",), columns, rows)


def _cell(cell: str | int | float | None, unit: str) -> str:
    return shown(cell, unit) if isinstance(cell, float) else "" if cell is None else str(cell)
