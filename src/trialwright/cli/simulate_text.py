"""What a simulation found, as text for a terminal. Every page of it says SIMULATED; every number has its Monte Carlo error."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import click

from trialwright.simulation.characteristics.estimates import Estimate
from trialwright.simulation.characteristics.result import Characteristics, Distribution, Probability
from trialwright.simulation.scenarios.differing import Difference
from trialwright.simulation.scenarios.playing import Compared
from trialwright.simulation.scenarios.sensitivity import Swing

LABEL_WIDTH = 74
BY_VISIT = ("response_by_day.", "left_by_day.")
MOST_COLUMNS = 5
GRID_MEASURES = ("responders.mean", "response", "dose_intensity.mean", "ended.dropout", "severe_event")


def header(found: Characteristics) -> Iterator[str]:
    """Say what was simulated, and whether it was broken off."""
    told = found.provenance
    yield click.style(f"SIMULATED · {told.study} {told.version} · {told.title}", bold=True)
    asked = f" of {told.planned:,}: broken off, a partial result" if told.partial else ""
    yield f"{told.trials:,} trials{asked}, {told.participants} participants each, seed {told.seed}; {told.engine}"
    if told.settings:
        yield "Set: " + ", ".join(f"{path} = {value}" for path, value in told.settings.items())


def whole(found: Characteristics) -> str:
    """One scenario: its probabilities by part, and how the main counts are distributed."""
    lines = [*header(found), ""]
    for part, group in groupby((one for one in found.probabilities if not one.id.startswith(BY_VISIT)), key=lambda one: one.part):
        lines.append(click.style(part, bold=True))
        lines += [f"  {one.label:{LABEL_WIDTH}} {value(one.estimate, one.share)}" for one in group]
        lines.append("")
    lines.append(click.style("Distributions: mean, middle half, middle 95 %", bold=True))
    lines += [f"  {name_of(one):{LABEL_WIDTH}} {spread(one)}" for one in found.distributions if shown(one)]
    return "\n".join([*lines, "", "± is one Monte Carlo standard error.", *found.notes[:1]])


def by_visit(name: str) -> bool:
    """Whether a measure is told for each visit; of the trial, or of an arm."""
    return name.startswith(BY_VISIT) or name.partition(".")[2].startswith(BY_VISIT)


def shown(one: Distribution) -> bool:
    """Whether a distribution is told in the text."""
    return sum(one.counts) > 0 and not one.id.startswith(("responders_at.", "worst_grade."))


def name_of(one: Distribution) -> str:
    """A distribution in words, with the group that it is for."""
    return f"{one.label}, {one.group}" if one.group else one.label


def value(estimate: Estimate, share: bool) -> str:
    """An estimate with its error: ``58.30 % ± 0.05`` or ``14.58 ± 0.01``; the error has two figures."""
    if math.isnan(estimate.value):
        return "–"
    factor, unit = (100.0, " %") if share else (1.0, "")
    error = estimate.error * factor
    if math.isnan(error):
        return f"{estimate.value * factor:.3g}{unit} (no error: too few chunks)"
    digits = figures(error)
    if error == 0 and share:
        return f"{estimate.value * factor:.0f}{unit} (95 % interval {estimate.low * 100:.4g} to {estimate.high * 100:.4g} %)"
    return f"{estimate.value * factor:.{digits}f}{unit} ± {error:.{digits}f}"


def figures(error: float) -> int:
    """Decimals that show two figures of an error; 2 where it is 0."""
    return min(8, max(0, 1 - math.floor(math.log10(error)))) if error > 0 else 2


def spread(one: Distribution) -> str:
    """Mean, quartiles and the middle 95 % of a distribution."""
    low, first, middle, third, high = (each.value for each in one.quantiles)
    more = "+" if one.open_end and high == one.values[-1] else ""
    return f"{one.mean.value:.2f}; median {middle:g}, {first:g} to {third:g}, {low:g} to {high:g}{more}"


def grid(outcomes: Sequence[Compared], compared: Sequence[Difference | None]) -> str:
    """Many scenarios: a line each, with the main measures, and the paired difference of the first of them."""
    measures = _telling(outcomes)
    lines = [*header(outcomes[0].found), ""]
    named = max(len(one.scenario.label) for one in outcomes)
    for number, one in enumerate(measures, start=1):
        lines.append(f"({number}) {one.label}")
    difference = next((one.label for one in compared if one is not None), "")
    if difference:
        lines.append(f"(Δ) {difference}: difference from the first line, the same trials played under both")
    columns = [*(f"({number})" for number in range(1, len(measures) + 1)), *(["(Δ)"] if difference else [])]
    lines += ["", " " * named + "".join(f"{column:>18}" for column in columns)]
    for outcome, delta in zip(outcomes, compared, strict=True):
        cells = [_cell(outcome.found, one) for one in measures]
        if difference:
            cells.append("" if delta is None else signed(delta))
        lines.append(f"{outcome.scenario.label:{named}}" + "".join(f"{cell:>18}" for cell in cells))
    return "\n".join([*lines, "", "± is one Monte Carlo standard error.", *outcomes[0].found.notes[:1]])


def _telling(outcomes: Sequence[Compared]) -> list[Probability]:
    """The main measures that are not the same in every line, as many as fit."""
    main = [one for one in outcomes[0].found.probabilities if _is_main(one.id)]
    return [one for one in main if len({_cell(each.found, one) for each in outcomes}) > 1][:MOST_COLUMNS]


def _is_main(name: str) -> bool:
    """Whether a measure is told of each scenario: of the trial, between arms, or of an arm (``ARM.measure``)."""
    return name.startswith(("decision.", "difference.")) or bool({name, name.partition(".")[2]} & set(GRID_MEASURES))


def _cell(found: Characteristics, like: Probability) -> str:
    match = next((one for one in found.probabilities if one.id == like.id), None)
    if match is None or math.isnan(match.estimate.value):
        return "–"
    factor, unit = (100.0, " %") if match.share else (1.0, "")
    digits = figures(match.estimate.error * factor)
    return f"{match.estimate.value * factor:.{digits}f}{unit} ± {match.estimate.error * factor:.{digits}f}"


def signed(one: Difference) -> str:
    """A difference with its sign and paired error."""
    factor, unit = (100.0, " pp") if one.share else (1.0, "")
    if math.isnan(one.difference.error):
        return f"{one.difference.value * factor:+.2g}{unit}"
    digits = figures(one.difference.error * factor)
    return f"{one.difference.value * factor:+.{digits}f}{unit} ± {one.difference.error * factor:.{digits}f}"


def beside(
    one: Characteristics, other: Characteristics, found: Iterable[Difference], names: tuple[str, str], wide: int = LABEL_WIDTH
) -> str:
    """Two protocols side by side, with the paired difference and the error that two runs apart would have had."""
    lines = [*header(one), f"against {names[1]}: {other.provenance.study} {other.provenance.version}", ""]
    lines.append(f"{'':{wide}} {names[0]:>16} {names[1]:>16}   difference (paired)     apart")
    for each in found:
        if not by_visit(each.id) and (each.one or each.other):
            factor, unit = (100.0, "%") if each.share else (1.0, "")
            cells = f"{each.one * factor:>15.2f}{unit or ' '} {each.other * factor:>15.2f}{unit or ' '}"
            lines.append(f"{each.label:{wide}} {cells}   {signed(each):<20}  ± {each.apart * factor:.2g}")
    told = "± is one Monte Carlo standard error; the same trials were played under both, `apart` is what two runs would have had."
    return "\n".join([*lines, "", told, *one.notes[:1]])


def tornado(base: Characteristics, swings: Sequence[Swing], measure: str) -> str:
    """The effect of each number on a measure, the largest first."""
    probability = base.probability(measure)
    lines = [*header(base), "", f"{probability.label}: {value(probability.estimate, probability.share)}", ""]
    named = max((len(one.turn.path) for one in swings), default=10)
    lines.append(f"{'':{named}}  {'turned to':>21}   effect on it")
    for one in swings:
        turned = f"{short(one.turn.low)} … {short(one.turn.high)}"
        mark = "" if one.clear else "  (not told from 0)"
        origin = "" if one.turn.stated else "  by a share"
        lines.append(f"{one.turn.path:{named}}  {turned:>21}   {signed(one.low):>20} … {signed(one.high)}{mark}{origin}")
    return "\n".join(
        [*lines, "", "± is one Monte Carlo standard error; all variants share their random numbers.", *base.notes[:1]]
    )


def short(number: str) -> str:
    """A number with at most five figures."""
    return f"{float(number):.5g}"
