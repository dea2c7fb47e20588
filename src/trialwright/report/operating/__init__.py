"""The page of operating characteristics, from simulated results, as one typed document. SIMULATED stands on all of it.

It chooses and words; it estimates nothing, and names no hospital and no investigator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from trialwright.report.document import Callout, CalloutKind, Document, KeyValueTable, Section, Words, paragraph
from trialwright.report.operating.comparing import against_section, grid_section, tornado_section
from trialwright.report.operating.framing import framed
from trialwright.report.operating.sample_size import sample_size_section
from trialwright.report.operating.scenario import scenario_sections
from trialwright.report.operating.sources import sources_section
from trialwright.report.operating.wording import estimate_words, main_measures
from trialwright.simulation.scenarios.playing import Outcomes
from trialwright.simulation.scenarios.sensitivity import Swing

__all__ = ["OperatingMaterial", "build_operating_report"]


@dataclass(frozen=True, slots=True)
class OperatingMaterial:
    """What the page is written from.

    Args:
        outcomes: One scenario, a grid, or the variants of a tornado (the base first).
        against: The same under another protocol, and its name.
        swings: Effects, the largest first, where numbers were turned.
        measure: What the effects are on.
        command: What was typed, for who wants to do it again.
    """

    outcomes: Outcomes
    against: Outcomes | None = None
    against_name: str = ""
    swings: tuple[Swing, ...] = ()
    measure: str = ""
    command: str = ""


def build_operating_report(material: OperatingMaterial, made_at: datetime | None) -> Document:
    """Write the page.

    Args:
        material: At least one scenario of which something was played.
        made_at: Aware instant that the page states; None for none.

    Returns:
        The document; the same arguments give the same document.
    """
    return framed(material.outcomes.each[0].found.provenance, _sections(material), made_at)


def _sections(material: OperatingMaterial) -> Iterator[Section]:
    outcomes = material.outcomes
    found, compiled = outcomes.each[0].found, outcomes.work.compiled
    yield _in_short(material)
    yield from sample_size_section(compiled)
    if material.swings:
        yield tornado_section(found, material.swings, material.measure)
    elif len(outcomes.work.scenarios) > 1:
        yield grid_section(outcomes.each, outcomes.work.compiled)
    if material.against is not None and material.against.each:
        yield against_section(outcomes.each[0], material.against.each[0], material.against_name)
    yield from scenario_sections(compiled, found)
    yield sources_section(compiled, found, material.command)


def _in_short(material: OperatingMaterial) -> Section:
    outcomes = material.outcomes
    found = outcomes.each[0].found
    blocks: list[Callout | KeyValueTable] = []
    if outcomes.broken_off:
        told = f"{found.provenance.trials:,} of {found.provenance.planned:,} trials were played before the run was broken off."
        blocks.append(Callout(CalloutKind.WARNING, "A partial result", (paragraph(told),)))
    rows: list[tuple[str, Words]] = [(one.label, (estimate_words(one),)) for one in main_measures(found)]
    blocks.append(KeyValueTable(tuple(rows)))
    more = paragraph(
        "± is one Monte Carlo standard error: how far simulation lies from the model. How far the model lies from the truth is "
        "for the sources of its numbers to say; they stand at the end."
    )
    first = outcomes.each[0].scenario.label
    which = paragraph(f"Where scenarios are compared, this is the first of them: {first}.")
    several = len(outcomes.work.scenarios) > 1
    return Section("in-short", "In short", (*blocks, *([which] if several else []), more))
