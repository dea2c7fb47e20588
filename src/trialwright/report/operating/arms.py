"""The page of operating characteristics of a trial of several arms: what is between them, the arms side by side, then each arm.

It chooses and words; it estimates nothing, and names no hospital and no investigator.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from trialwright.report.document import (
    Block,
    Column,
    Document,
    Figure,
    KeyValueTable,
    Row,
    Section,
    Table,
    Words,
    group_row,
    paragraph,
    row,
)
from trialwright.report.operating.comparing import comparing_sections
from trialwright.report.operating.framing import ERROR_WORDS, first_of, framed, partial_result
from trialwright.report.operating.material import OperatingMaterial
from trialwright.report.operating.scenario import scenario_sections
from trialwright.report.operating.sources import sources_section
from trialwright.report.operating.wording import MAIN, number_words, right
from trialwright.simulation.characteristics.between import BETWEEN
from trialwright.simulation.characteristics.result import Probability
from trialwright.simulation.scenarios.arms import TrialOutcome, TrialOutcomes

APART_WORDS = (
    "Each arm is simulated by itself; a comparison is over all pairs of a simulated trial of one arm and one of the other."
)
_ID = re.compile(r'((?:\bid|aria-labelledby|aria-describedby)=")([^"]*)(")|((?:href="|url\()#)')


def arms_report(material: OperatingMaterial, outcomes: TrialOutcomes, made_at: datetime | None) -> Document:
    """Write the page, as ``build_operating_report`` does.

    Args:
        material: What it is written from.
        outcomes: That material's.
        made_at: Aware instant that the page states; None for none.
    """
    first = outcomes.each[0]
    each = ", ".join(f"{arm} {number}" for arm, number in first.sizes.sizes.items())
    dealt: Words = (f"{first.sizes.words[:1].upper()}{first.sizes.words[1:]}",)
    return framed(first.found.provenance, _sections(material, outcomes), made_at, f" ({each})", (("Arms", dealt),))


def _sections(material: OperatingMaterial, outcomes: TrialOutcomes) -> Iterator[Section]:
    first = outcomes.each[0]
    yield _in_short(outcomes, first)
    yield from comparing_sections(material, outcomes.works[0].compiled)
    yield _side_by_side(outcomes, first)
    for work in outcomes.works:
        arm = work.compiled.arm
        if arm in first.arms:
            parts = tuple(_within(one, arm) for one in scenario_sections(work.compiled, first.arms[arm].found))
            title = f"{outcomes.labels[arm]} ({arm}, {first.sizes.sizes[arm]} participants)"
            yield Section(f"arm-{arm}", title, (), parts)
    yield sources_section(outcomes.works[0].compiled, first.found, material.command)


def _in_short(outcomes: TrialOutcomes, first: TrialOutcome) -> Section:
    blocks: list[Block] = []
    if outcomes.broken_off:
        blocks.append(partial_result(f"{outcomes.trials:,} of {outcomes.total:,} trials of all arms"))
    rows: list[tuple[str, Words]] = [(one.label, (between_words(one),)) for one in first.between]
    if outcomes.power:
        rows.append(("The sample size states", (outcomes.power,)))
    if rows:
        blocks.append(KeyValueTable(tuple(rows)))
    blocks += [paragraph(note) for note in outcomes.notes]
    blocks.append(paragraph(f"{ERROR_WORDS} {APART_WORDS}"))
    if len(outcomes.scenarios) > 1:
        blocks.insert(0, first_of(first))
    return Section("in-short", "In short", tuple(blocks))


def between_words(one: Probability) -> str:
    """What is between the arms; a difference of rates in percentage points."""
    words = number_words(one.estimate, one.share)
    return words.replace(" %", " pp") if one.part == BETWEEN and one.id.startswith("difference.") else words


def _side_by_side(outcomes: TrialOutcomes, first: TrialOutcome) -> Section:
    arms = list(first.arms)
    columns = (Column("Of a simulated trial or participant"), *(right(outcomes.labels[arm]) for arm in arms))
    found = {arm: {one.id: one for one in first.arms[arm].found.probabilities if _is_main(one.id)} for arm in arms}
    known: dict[str, Probability] = {}
    for each in found.values():
        for name, one in each.items():
            known.setdefault(name, one)
    rows: list[Row] = []
    part = ""
    for one in sorted(known.values(), key=lambda one: list(dict.fromkeys(each.part for each in known.values())).index(one.part)):
        if one.part != part:
            rows.append(group_row(one.part))
            part = one.part
        cells = [_cell(found[arm].get(one.id)) for arm in arms]
        rows.append(row(one.label, *cells))
    table = Table("arms", ("The arms side by side.",), columns, tuple(rows))
    return Section("arms-side-by-side", "The arms side by side", (table,))


def _is_main(name: str) -> bool:
    return name in MAIN or name.startswith(("decision.", "ended.", "held", "last_dose.", "weeks_at."))


def _cell(one: Probability | None) -> str:
    return "–" if one is None or math.isnan(one.estimate.value) else number_words(one.estimate, one.share)


def _within(section: Section, arm: str) -> Section:
    """A section of an arm: every id has the arm before it, so that several stand on one page."""
    blocks = tuple(_block_within(one, arm) for one in section.blocks)
    return replace(
        section, id=f"{arm}-{section.id}", blocks=blocks, sections=tuple(_within(one, arm) for one in section.sections)
    )


def _block_within(block: Block, arm: str) -> Block:
    match block:
        case Figure():
            data = replace(block.data, id=f"{arm}-{block.data.id}") if block.data is not None else None
            return replace(block, id=f"{arm}-{block.id}", svg=_svg_within(block.svg, arm), data=data)
        case Table():
            return replace(block, id=f"{arm}-{block.id}")
        case _:
            return block


def _svg_within(svg: str, arm: str) -> str:
    def named(found: re.Match[str]) -> str:
        if found[4]:
            return f"{found[4]}{arm}-"
        return found[1] + " ".join(f"{arm}-{name}" for name in found[2].split()) + found[3]

    return _ID.sub(named, svg)
