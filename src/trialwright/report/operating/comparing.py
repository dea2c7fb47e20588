"""Scenarios beside each other: curves over a grid, two protocols, a tornado. All share their random numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from trialwright.report.document import Block, Figure, Section, paragraph
from trialwright.report.figures.response_curves import Band, Curve, Point, curves
from trialwright.report.figures.tornado import TornadoRow, tornado
from trialwright.report.operating.material import OperatingMaterial
from trialwright.report.operating.wording import difference_words, frame, main_measures, number_words, plain_table
from trialwright.simulation.characteristics.result import Characteristics
from trialwright.simulation.operating.run import Compiled
from trialwright.simulation.scenarios.differing import difference, differences
from trialwright.simulation.scenarios.playing import Compared
from trialwright.simulation.scenarios.sensitivity import Swing

BY_VISIT = ("response_by_day.", "left_by_day.")
MOST_CURVES, MOST_ROWS = 6, 15
BY = ("response", "dose_intensity.mean")
PAIRED = "All scenarios share their random numbers, so that a difference has a smaller error than two runs apart would give it."


def comparing_sections(material: OperatingMaterial, compiled: Compiled) -> Iterator[Section]:
    """Yield what stands beside the first scenario: a tornado or a grid, and another protocol."""
    each = material.outcomes.each
    if material.swings:
        yield tornado_section(each[0].found, material.swings, material.measure)
    elif len(material.outcomes.scenarios) > 1:
        yield grid_section(each, compiled)
    if material.against is not None:
        yield against_section(each[0], material.against, material.against_name)


def grid_section(each: Sequence[Compared], compiled: Compiled) -> Section:
    """A table of the scenarios, and curves where one number varies."""
    measures = [one for one in main_measures(each[0].found) if not _same(each, one.id)]
    blocks: list[Block] = [paragraph(PAIRED)]
    paths = list(each[0].scenario.varied)
    if len(paths) == 1 and len(each) > 1:
        blocks.append(_curves(each, compiled, paths[0]))
    lines = [(one.scenario.label, *(_cell(one.found, measure.id) for measure in measures)) for one in each]
    blocks.append(plain_table("grid", "The scenarios.", ("Scenario", *(one.label for one in measures)), lines))
    known = [one.id for one in each[0].found.probabilities]
    measure = next(name for name in (*BY, *(one.id for one in measures), *known) if name in known)
    compared = [difference(each[0], one, measure) for one in each[1:]]
    if compared:
        told = [
            (one.scenario.label, difference_words(found), f"{found.apart * _factor(found.share):.2g}")
            for one, found in zip(each[1:], compared, strict=True)
        ]
        heads = ("Scenario", f"{compared[0].label}: difference from the first scenario", "Error, had they been run apart")
        blocks.append(plain_table("grid-differences", "Paired differences.", heads, told))
    return Section("grid-of-scenarios", "Scenarios", tuple(blocks))


def _factor(share: bool) -> float:
    return 100.0 if share else 1.0


def _same(each: Sequence[Compared], name: str) -> bool:
    return len({_cell(one.found, name) for one in each}) == 1


def _cell(found: Characteristics, name: str) -> str:
    return next((number_words(one.estimate, one.share) for one in found.probabilities if one.id == name), "–")


def _curves(each: Sequence[Compared], compiled: Compiled, path: str) -> Figure:
    ordered = sorted(each, key=lambda one: float(one.scenario.varied[path]))
    shares = [
        one
        for one in main_measures(ordered[0].found)
        if one.share and (one.id.endswith("response") or one.id.startswith(("decision.", "stopped.")))
    ]
    chosen = [one for one in shares if not _same(ordered, one.id)][:MOST_CURVES] or shares[:1]
    drawn = []
    for measure in chosen:
        points = []
        for one in ordered:
            found = one.found.probability(measure.id).estimate
            points.append(Point(float(one.scenario.varied[path]), found.value, found.low, found.high))
        drawn.append(Curve(_short(measure.label), tuple(points)))
    low, high = float(ordered[0].scenario.varied[path]), float(ordered[-1].scenario.varied[path])
    drawing = curves(
        frame("characteristic-curves", "Operating characteristics over a grid"), drawn, path, _band(compiled, path, low, high)
    )
    lines = [(one.scenario.varied[path], *(_cell(one.found, measure.id) for measure in chosen)) for one in ordered]
    data = plain_table("curve-data", "The points of the curves.", (path, *(one.label for one in chosen)), lines)
    return Figure("curves-figure", drawing.svg, drawing.alt, (f"Operating characteristics over {path}, simulated.",), data)


def _band(compiled: Compiled, path: str, low: float, high: float) -> Band | None:
    """The range that the file states for the number, as far as it lies in the grid."""
    operating = compiled.reading.operating
    stated = operating.uncertain.get(path) if operating is not None else None
    if stated is None or float(stated.high) < low or float(stated.low) > high:
        return None
    words = f"stated range {float(stated.low):g} to {float(stated.high):g}"
    return Band(max(low, float(stated.low)), min(high, float(stated.high)), words)


def _short(label: str) -> str:
    """A label that fits a key."""
    _, found, rate = label.partition("lies above ")
    return f"interval above {rate}" if found else label


def against_section(one: Compared, other: Compared, name: str) -> Section:
    """Two protocols side by side."""
    found = [each for each in differences(one, other) if not _by_visit(each.id) and (each.one or each.other)]
    lines = [
        (
            each.label,
            _cell(one.found, each.id),
            _cell(other.found, each.id),
            difference_words(each),
            "–" if math.isnan(each.apart) else f"{each.apart * _factor(each.share):.2g}",
        )
        for each in found
    ]
    heads = ("Measure", "This protocol", name, "Difference (paired)", "Error, had they been run apart")
    theirs = other.found.provenance
    told = f"The same simulated people, chances and random numbers under {name}, {theirs.study} {theirs.version}."
    table = plain_table("against", "Two protocols.", heads, lines)
    return Section("another-protocol", f"What {name} would change", (paragraph(told), table))


def _by_visit(name: str) -> bool:
    return name.startswith(BY_VISIT) or name.partition(".")[2].startswith(BY_VISIT)


def tornado_section(base: Characteristics, swings: Sequence[Swing], measure: str) -> Section:
    """The effect of each number, as a figure and a table."""
    probability = base.probability(measure)
    factor = _factor(probability.share)
    rows = [
        TornadoRow(
            one.turn.path,
            _value(one.turn.low),
            _value(one.turn.high),
            one.low.difference.value * factor,
            one.high.difference.value * factor,
            _half(one.low.difference.error) * factor,
            _half(one.high.difference.error) * factor,
        )
        for one in swings[:MOST_ROWS]
    ]
    unit = "percentage points" if probability.share else "difference"
    drawing = tornado(frame("tornado", "Effect of each number"), rows, f"{probability.label}: {unit}")
    lines = [_swing_cells(one) for one in swings]
    heads = ("Number", "as it is", "turned to", "and to", "Effect of the first", "Effect of the second", "Range")
    table = plain_table("tornado-data", f"Effect on: {probability.label}.", heads, lines)
    told = paragraph(f"{probability.label}: {number_words(probability.estimate, probability.share)} as the file says. {PAIRED}")
    most = f"The largest {len(rows)} of {len(swings)}."
    caption = f"Effect on: {probability.label}. Thin lines are 95 % intervals of the Monte Carlo error. {most}"
    return Section(
        "sensitivity", "Which numbers matter", (told, Figure("tornado-figure", drawing.svg, drawing.alt, (caption,)), table)
    )


def _swing_cells(one: Swing) -> tuple[str, ...]:
    turned = (_value(one.turn.value), _value(one.turn.low), _value(one.turn.high))
    origin = "stated" if one.turn.stated else "a share of it"
    return one.turn.path, *turned, difference_words(one.low), difference_words(one.high), origin


def _half(error: float) -> float:
    return 0.0 if math.isnan(error) else 1.96 * error


def _value(text: str) -> str:
    return f"{float(text):.4g}"
