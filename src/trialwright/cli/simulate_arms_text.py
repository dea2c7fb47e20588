"""A trial of several arms as text for a terminal: what is between the arms, then every measure with a column for each arm."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

import click

from trialwright.cli.simulate_text import by_visit, figures, header, name_of, shown, value
from trialwright.simulation.characteristics.result import Distribution, Probability
from trialwright.simulation.scenarios.arms import TrialOutcome, TrialOutcomes

LABEL, COLUMN = 64, 22


def whole(outcomes: TrialOutcomes, one: TrialOutcome) -> str:
    """One scenario: sizes, comparison, then the arms side by side."""
    lines = [*header(one.found), *_sizes(outcomes, one), "", *_between(outcomes, one)]
    arms = list(one.arms)
    heads = [f"{arm} ({one.sizes.sizes[arm]})" for arm in arms]
    lines.append(f"{'':{LABEL}}" + "".join(f"{head[: COLUMN - 2]:>{COLUMN}}" for head in heads))
    columns = [{each.id: each for each in one.arms[arm].found.probabilities if not by_visit(each.id)} for arm in arms]
    for part, group in groupby(_rows(columns), key=lambda each: each.part):
        lines.append(click.style(part, bold=True))
        lines += [_line(each.label, [cell(column.get(each.id)) for column in columns]) for each in group]
        lines.append("")
    lines += _spreads(one, arms)
    return "\n".join(
        [*lines, "", "± is one Monte Carlo standard error.", one.found.notes[0], one.found.notes[-1], *outcomes.notes]
    )


def _sizes(outcomes: TrialOutcomes, one: TrialOutcome) -> Iterator[str]:
    told = ", ".join(f"{arm} {one.sizes.sizes[arm]} ({outcomes.labels[arm]})" for arm in one.sizes.sizes)
    yield f"Arms: {told}. {one.sizes.words[:1].upper()}{one.sizes.words[1:]}."
    absent = [arm for arm in one.sizes.sizes if arm not in one.arms]
    if absent:
        yield f"Broken off before any trial of: {', '.join(absent)}."


def _between(outcomes: TrialOutcomes, one: TrialOutcome) -> Iterator[str]:
    if not one.between:
        return
    yield click.style("Between the arms", bold=True)
    wide = max(len(each.label) for each in one.between)
    for each in one.between:
        yield f"  {each.label:{wide}} {_value(each)}"
    if outcomes.power:
        yield f"  {'The sample size states':{wide}} {outcomes.power}"
    yield ""


def _value(each: Probability) -> str:
    """Differences of rates are in percentage points."""
    told = value(each.estimate, each.share)
    return told.replace(" %", " pp", 1) if each.id.startswith("difference.") else told


def _rows(columns: Sequence[dict[str, Probability]]) -> list[Probability]:
    """Every measure of any arm, part by part, in the order in which they come."""
    found: dict[str, Probability] = {}
    for column in columns:
        for name, each in column.items():
            found.setdefault(name, each)
    parts = list(dict.fromkeys(each.part for each in found.values()))
    return sorted(found.values(), key=lambda each: parts.index(each.part))


def cell(each: Probability | None) -> str:
    """An estimate with its error, short; a dash where an arm has none."""
    if each is None or math.isnan(each.estimate.value):
        return "–"
    factor, unit = (100.0, " %") if each.share else (1.0, "")
    error = each.estimate.error * factor
    if math.isnan(error):
        return f"{each.estimate.value * factor:.3g}{unit}"
    if error == 0:
        return f"{each.estimate.value * factor:g}{unit}"
    digits = min(4, figures(error))
    return f"{each.estimate.value * factor:.{digits}f}{unit} ± {error:.{digits}f}"


def _line(label: str, cells: Sequence[str]) -> str:
    words = label if len(label) < LABEL - 2 else label[: LABEL - 4] + "…"
    return f"  {words:{LABEL - 2}}" + "".join(f"{each:>{COLUMN}}" for each in cells)


def _spreads(one: TrialOutcome, arms: Sequence[str]) -> Iterator[str]:
    """Median and middle 95 % of each distribution."""
    columns = [{each.id: each for each in one.arms[arm].found.distributions if shown(each)} for arm in arms]
    names: dict[str, Distribution] = {}
    for column in columns:
        for name, each in column.items():
            names.setdefault(name, each)
    yield click.style("Distributions: median, middle 95 %", bold=True)
    for name, each in names.items():
        yield _line(name_of(each), [_middle(column.get(name)) for column in columns])


def _middle(each: Distribution | None) -> str:
    if each is None:
        return "–"
    low, _, middle, _, high = (quantile.value for quantile in each.quantiles)
    more = "+" if each.open_end and high == each.values[-1] else ""
    return f"{middle:g}, {low:g} to {high:g}{more}"
