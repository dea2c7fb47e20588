"""What so many participants could have meant: exact single-stage readings of the planned number, calculated, not simulated."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from trialwright.analysis.sample_size import sample_size_statement
from trialwright.designs.exact_single_stage import SingleStageRule, power
from trialwright.report.document import Figure, Section, paragraph
from trialwright.report.figures.response_curves import Curve, Point, curves
from trialwright.report.operating.wording import frame, plain_table
from trialwright.simulation.operating.run import Compiled

SHOWN_RATES = (0.1, 0.2, 0.3, 0.5)


def sample_size_section(compiled: Compiled) -> Iterator[Section]:
    """Yield the section where the protocol states a number."""
    statement = sample_size_statement(compiled.design.protocol)
    if statement is None:
        return
    rules = [one.rule for one in statement.detectable if one.rule.can_reject]
    rates = np.linspace(0, 1, 101)
    drawn = [_curve(rule, rates) for rule in rules if rule.null_rate in SHOWN_RATES]
    figure = curves(
        frame("power", "What the number of participants could show"), drawn, "True response rate", y_label="Chance to reject, %"
    )
    lines = [
        (
            f"{one.rule.null_rate * 100:g} %",
            f"{one.rule.min_responses} of {one.rule.n}",
            f"{one.rule.alpha_exact * 100:.2f} %",
            _rate(one.rate_power_80),
            _rate(one.rate_power_90),
        )
        for one in statement.detectable
    ]
    heads = (
        "Rate not worth pursuing (p0)",
        "Responders that exclude it",
        "Exact error",
        "Rate (p1) with power 80 %",
        "with power 90 %",
    )
    table = plain_table("size-exact", "Exact single-stage readings at one-sided 5 % (A'Hern 2001).", heads, lines)
    data = plain_table(
        "power-data",
        "Exact chance to reject, per cent.",
        ("True rate", *(curve.name for curve in drawn)),
        [
            (f"{rate:.1f}", *(f"{curve.points[index].value * 100:.1f}" for curve in drawn))
            for index, rate in enumerate(rates)
            if index % 10 == 0
        ],
    )
    caption = f"Exact power of {statement.planned} participants against the rates in the key; calculated, not simulated."
    title = f"What {statement.planned} participants could have meant"
    yield Section(
        "sample-size",
        title,
        (paragraph(statement.words), table, Figure("power-figure", figure.svg, figure.alt, (caption,), data)),
    )


def _curve(rule: SingleStageRule, rates: np.ndarray[tuple[int], np.dtype[np.float64]]) -> Curve:
    chances = power(rule, rates)
    points = tuple(
        Point(float(rate), float(chance), float(chance), float(chance)) for rate, chance in zip(rates, chances, strict=True)
    )
    return Curve(f"p0 = {rule.null_rate * 100:g} %: {rule.min_responses} or more", points, marked=False)


def _rate(rate: float | None) -> str:
    return "none" if rate is None else f"{rate * 100:.0f} %"
