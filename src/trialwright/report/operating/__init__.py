"""The page of operating characteristics, from simulated results, as one typed document. SIMULATED stands on all of it.

It chooses and words; it estimates nothing, and names no hospital and no investigator.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import assert_never

from trialwright.report.document import Block, Document, KeyValueTable, Section, Words, paragraph
from trialwright.report.operating.arms import arms_report
from trialwright.report.operating.comparing import comparing_sections
from trialwright.report.operating.framing import ERROR_WORDS, first_of, framed, partial_result
from trialwright.report.operating.material import OperatingMaterial
from trialwright.report.operating.sample_size import sample_size_section
from trialwright.report.operating.scenario import scenario_sections
from trialwright.report.operating.sources import sources_section
from trialwright.report.operating.wording import estimate_words, main_measures
from trialwright.simulation.scenarios.arms import TrialOutcomes
from trialwright.simulation.scenarios.playing import Outcomes

__all__ = ["OperatingMaterial", "build_operating_report"]


def build_operating_report(material: OperatingMaterial, made_at: datetime | None) -> Document:
    """Write the page.

    Args:
        material: At least one scenario of which something was played.
        made_at: Aware instant that the page states; None for none.

    Returns:
        The document; the same arguments give the same document.
    """
    match material.outcomes:
        case Outcomes() as outcomes:
            return framed(outcomes.each[0].found.provenance, _sections(material, outcomes), made_at)
        case TrialOutcomes() as outcomes:
            return arms_report(material, outcomes, made_at)
        case _:
            assert_never(material.outcomes)


def _sections(material: OperatingMaterial, outcomes: Outcomes) -> Iterator[Section]:
    found, compiled = outcomes.each[0].found, outcomes.work.compiled
    yield _in_short(outcomes)
    yield from sample_size_section(compiled)
    yield from comparing_sections(material, compiled)
    yield from scenario_sections(compiled, found)
    yield sources_section(compiled, found, material.command)


def _in_short(outcomes: Outcomes) -> Section:
    found = outcomes.each[0].found
    blocks: list[Block] = []
    if outcomes.broken_off:
        blocks.append(partial_result(f"{found.provenance.trials:,} of {found.provenance.planned:,} trials"))
    rows: list[tuple[str, Words]] = [(one.label, (estimate_words(one),)) for one in main_measures(found)]
    blocks.append(KeyValueTable(tuple(rows)))
    if len(outcomes.scenarios) > 1:
        blocks.append(first_of(outcomes.each[0]))
    return Section("in-short", "In short", (*blocks, paragraph(ERROR_WORDS)))
