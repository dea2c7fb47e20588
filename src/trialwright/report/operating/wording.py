"""How simulated numbers are said on the page: an estimate with its error, a table of probabilities. Computes none."""

from __future__ import annotations

import math
from collections.abc import Iterable

from trialwright.report.document import Align, Column, Row, Table, row
from trialwright.report.figures.canvas import Frame
from trialwright.simulation.characteristics.estimates import Estimate
from trialwright.simulation.characteristics.result import Characteristics, Probability
from trialwright.simulation.scenarios.differing import Difference

WATERMARK = "SIMULATED"
REASON = "Nobody on this page exists. It is a model of a trial, no result of one, and of no hospital or investigator."
MAIN = ("responders.mean", "response", "dose_intensity.mean", "severe_event", "ended.dropout", "enrolled.mean", "duration.mean")


def frame(name: str, title: str) -> Frame:
    """A figure's frame, stamped."""
    return Frame(name, title, WATERMARK)


def main_measures(found: Characteristics) -> tuple[Probability, ...]:
    """The measures that are told first: responders, decisions, dose, harm, size."""
    wanted = [one for one in found.probabilities if _is_main(one.id)]
    return tuple(one for one in wanted if not math.isnan(one.estimate.value))


def _is_main(name: str) -> bool:
    """Whether a measure is told first: of the trial, between arms, or of an arm (``ARM.measure``)."""
    return name.startswith(("decision.", "difference.", "stopped.")) or name in MAIN or name.partition(".")[2] in MAIN


def estimate_words(one: Probability) -> str:
    """Such as ``58.30 % ± 0.05``."""
    return number_words(one.estimate, one.share)


def number_words(estimate: Estimate, share: bool) -> str:
    """An estimate with its error, as many figures as the error bears."""
    if math.isnan(estimate.value):
        return "–"
    factor, unit = (100.0, " %") if share else (1.0, "")
    error = estimate.error * factor
    if math.isnan(error):
        return f"{estimate.value * factor:.3g}{unit}".replace("-", "−")
    digits = decimals(error)
    return f"{estimate.value * factor:.{digits}f}{unit} ± {error:.{digits}f}".replace("-", "−")


def decimals(error: float) -> int:
    """Decimals that show two figures of an error; 2 where it is 0."""
    return min(6, max(0, 1 - math.floor(math.log10(error)))) if error > 0 else 2


def interval_words(estimate: Estimate, share: bool) -> str:
    """The 95 % interval of the Monte Carlo error."""
    if math.isnan(estimate.low):
        return "–"
    factor = 100.0 if share else 1.0
    digits = decimals(estimate.error * factor)
    return f"{estimate.low * factor:.{digits}f} to {estimate.high * factor:.{digits}f}".replace("-", "−")


def difference_words(one: Difference) -> str:
    """A difference with its sign; probabilities in percentage points."""
    words = number_words(one.difference, one.share)
    sign = "+" if one.difference.value > 0 else ""
    return sign + words.replace(" %", " pp")


def probability_table(name: str, caption: str, found: Iterable[Probability]) -> Table:
    """A table of probabilities and means."""
    columns = (
        Column("Of a simulated trial or participant"),
        right("Estimate ± MC error"),
        right("95 % interval of that error"),
    )
    rows = [row(one.label, number_words(one.estimate, one.share), interval_words(one.estimate, one.share)) for one in found]
    return Table(name, (caption,), columns, tuple(rows))


def right(label: str) -> Column:
    """A column of numbers."""
    return Column(label, align=Align.RIGHT)


def plain_table(
    name: str, caption: str, heads: tuple[str, ...], lines: Iterable[tuple[str, ...]], notes: tuple[str, ...] = ()
) -> Table:
    """A table of text; numbers (all columns but the first) stand on the right."""
    columns = (Column(heads[0]), *(right(head) for head in heads[1:]))
    rows: tuple[Row, ...] = tuple(row(*line) for line in lines)
    return Table(name, (caption,), columns, rows, tuple((note,) for note in notes))
