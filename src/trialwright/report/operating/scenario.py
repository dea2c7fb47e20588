"""The sections of one scenario: responders, decisions, doses over time, harms and endings, size and accrual."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trialwright.report.document import Block, Figure, Section, Table, paragraph
from trialwright.report.figures.dose_flow import Flows, dose_flow
from trialwright.report.figures.fan import Fan, fan
from trialwright.report.figures.histogram import Bar, Mark, histogram
from trialwright.report.operating.wording import frame, plain_table, probability_table
from trialwright.simulation.characteristics.deciding import DECISIONS, planned_interval
from trialwright.simulation.characteristics.enrolling import SIZE
from trialwright.simulation.characteristics.exposed import DOSES, ENDINGS, HARMS
from trialwright.simulation.characteristics.responding import RESPONSE
from trialwright.simulation.characteristics.result import Characteristics, Distribution, Flow, Probability
from trialwright.simulation.operating.run import Compiled

DAYS_PER_MONTH = 30.4375
BY_VISIT = ("response_by_day.", "left_by_day.")
MOST_MARKS = 3


def scenario_sections(compiled: Compiled, found: Characteristics) -> Iterator[Section]:
    """Yield the sections that the result has something for."""
    if compiled.design.goal is not None:
        yield _responders(compiled, found)
    yield _doses(found)
    yield _harms(found)
    yield _size(found)


def _of(found: Characteristics, part: str) -> list[Probability]:
    """The probabilities of a part, without those by visit."""
    return [one for one in found.probabilities if one.part == part and not one.id.startswith(BY_VISIT)]


def _responders(compiled: Compiled, found: Characteristics) -> Section:
    one = found.distribution("responders")
    marks = tuple(_marks(compiled, found))
    bars = [Bar(value, count / sum(one.counts)) for value, count in zip(one.values, one.counts, strict=True)]
    drawing = histogram(frame("responders", "Responders of a simulated trial"), bars, "Responders of a simulated trial", marks)
    lines = [
        (f"{bar.value:g}", f"{bar.share * 100:.3f}", f"{left * 100:.3f}") for bar, left in zip(bars, _at_least(one), strict=True)
    ]
    data = plain_table("responders-data", "Per cent of simulated trials.", ("Responders", "so many", "so many or more"), lines)
    caption = (
        f"{one.label}, in {sum(one.counts):,} simulated trials. Dashed: from here on the planned interval lies above a rate."
    )
    blocks: list[Block] = [
        Figure("responders-figure", drawing.svg, drawing.alt, (caption,), data),
        probability_table("response-table", "Response.", _of(found, RESPONSE)),
        spread_table("by-group", "How responders and times are distributed.", _response_distributions(found)),
    ]
    decisions = _of(found, DECISIONS)
    if decisions:
        blocks.append(
            probability_table("decisions", "How often a simulated trial would end with a decision of the plan.", decisions)
        )
    timed = [each for each in found.probabilities if each.id.startswith("response_by_day.")]
    if timed:
        blocks.append(probability_table("response-by-day", "Response by study day.", timed))
    return Section("response", "Responders and decisions", tuple(blocks))


def _at_least(one: Distribution) -> list[float]:
    counts = np.array(one.counts, np.float64)
    return list(np.cumsum(counts[::-1])[::-1] / counts.sum())


def _marks(compiled: Compiled, found: Characteristics) -> Iterator[Mark]:
    """From how many responders on the planned interval lies above each rate."""
    rates = [float(one.id.rpartition("above.")[2]) for one in found.probabilities if one.id.startswith("decision.above.")]
    goal = compiled.design.goal
    interval = planned_interval(compiled.design.protocol, goal.endpoint if goal is not None else "")
    chosen = [rate for rate in rates if rate in (0.1, 0.2, 0.3)] if len(rates) > MOST_MARKS else rates
    for rate in chosen:
        above = np.flatnonzero(interval.excludes(found.provenance.participants, rate))
        if above.size:
            yield Mark(float(above[0]), f"{above[0]} or more: above {rate * 100:g} %")


def _response_distributions(found: Characteristics) -> list[Distribution]:
    wanted = ("responders", "members.", "time_to_response", "responders_at.")
    return [one for one in found.distributions if one.id.startswith(wanted) and any(one.counts)]


def _spread(found: Characteristics, name: str, caption: str, wanted: tuple[str, ...]) -> Table:
    """The distributions whose names begin as wanted."""
    return spread_table(name, caption, [one for one in found.distributions if one.id.startswith(wanted)])


def spread_table(name: str, caption: str, found: list[Distribution]) -> Table:
    """Mean, deviation and quantiles of distributions."""
    lines = []
    for one in found:
        low, first, middle, third, high = (f"{each.value:g}" for each in one.quantiles)
        label = f"{one.label}, {one.group}" if one.group else one.label
        lines.append((label, f"{one.mean.value:.2f}", f"{one.deviation:.2f}", low, first, middle, third, high))
    heads = ("Counted", "Mean", "SD", "2.5 %", "25 %", "Median", "75 %", "97.5 %")
    return plain_table(name, caption, heads, lines)


def _doses(found: Characteristics) -> Section:
    blocks: list[Block] = []
    if found.flow is not None:
        flow = found.flow
        columns = tuple(f"{day // 7}" if day % 7 == 0 else f"{day / 7:.1f}" for day in flow.days)
        drawing = dose_flow(
            frame("dose-flow", "Participants by dose, week by week"), Flows(flow.states, columns, _with_those_off(flow), "Week")
        )
        whole = sum(sum(row) for row in flow.moves[0]) or 1
        sizes = [[sum(row[state] for row in move) for state in range(len(flow.states))] for move in flow.moves]
        lines = [
            (column, *(f"{count / whole * 100:.1f}" for count in size))
            for column, size in zip(columns, _standing(sizes), strict=True)
        ]
        data = plain_table(
            "dose-flow-data", "Per cent of simulated participants after each visit.", ("Week", *flow.states), lines
        )
        caption = (
            "Dose in force after each weekly decision, of all simulated participants. A band is as wide as those who go that way."
        )
        blocks.append(Figure("dose-flow-figure", drawing.svg, drawing.alt, (caption,), data))
    blocks.append(probability_table("dose-table", "Doses.", _of(found, DOSES)))
    blocks.append(_spread(found, "weeks", "Weeks and dose intensity of a participant.", ("weeks_", "dose_intensity")))
    return Section("doses", "Doses over time", tuple(blocks))


def _with_those_off(flow: Flow) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """The moves from the first visit on; who is off treatment stays so, and is drawn on."""
    off = len(flow.states) - 1
    found, gone = [], sum(row[off] for row in flow.moves[0])
    for move in flow.moves[1:]:
        found.append((*move[:off], (*move[off][:off], gone)))
        gone += sum(row[off] for row in move[:off])
    return tuple(found)


def _standing(sizes: list[list[int]]) -> list[list[int]]:
    """Who is where after each visit; who is off treatment is counted at the visit that ended it, and stays."""
    found, off = [], 0
    for size in sizes:
        off += size[-1]
        found.append([*size[:-1], off])
    return found


def _harms(found: Characteristics) -> Section:
    blocks: list[Block] = [probability_table("harm-table", "Holds and harms.", _of(found, HARMS))]
    held = [one for one in found.distributions if one.id.startswith(("holds.", "worst_grade")) and any(one.counts)]
    grades = [one for one in held if one.id.startswith("worst_grade")]
    if grades:
        lines = [
            (
                one.group or "Any event",
                *(f"{count / sum(one.counts) * 100:.2f}" for count in (*one.counts, *[0] * (6 - len(one.counts)))),
            )
            for one in grades
        ]
        heads = ("Worst grade, per cent of participants", "none", "1", "2", "3", "4", "5")
        blocks.append(plain_table("grades", "Worst grade of a simulated participant.", heads, lines))
    blocks.append(probability_table("ending-table", "What ends treatment.", _of(found, ENDINGS)))
    left = [one for one in found.probabilities if one.id.startswith("left_by_day.")]
    if left:
        blocks.append(probability_table("left-by-day", "Drop-out by study day.", left))
    return Section("harms", "Holds, harms and endings", tuple(blocks))


def _size(found: Characteristics) -> Section:
    blocks: list[Block] = []
    if found.accrual is not None and found.accrual.days:
        fanned = found.accrual
        months = tuple(day / DAYS_PER_MONTH for day in fanned.days)
        shape = Fan(
            months,
            fanned.enrolled,
            float(found.provenance.participants),
            "months from the first enrolment",
            "Participants enrolled",
        )
        drawing = fan(frame("accrual", "Accrual of simulated trials"), shape)
        lines = [(f"{month:.1f}", *(str(row[index]) for row in fanned.enrolled)) for index, month in enumerate(months)]
        heads = ("Months", *(f"{share * 100:g} %" for share in fanned.shares))
        data = plain_table("accrual-data", "Participants enrolled by then: quantiles over simulated trials.", heads, lines)
        caption = "Participants enrolled over time, in simulated trials at simulated sites."
        blocks.append(Figure("accrual-figure", drawing.svg, drawing.alt, (caption,), data))
    else:
        blocks.append(paragraph("The file of chances says nothing of accrual, so no duration is told."))
    blocks.append(probability_table("size-table", "Size and duration.", _of(found, SIZE)))
    blocks.append(_spread(found, "size-spread", "How size and duration are distributed.", ("enrolled", "duration")))
    return Section("size", "Size, duration and accrual", tuple(blocks))
