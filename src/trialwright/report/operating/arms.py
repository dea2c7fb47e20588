"""The page of operating characteristics of a trial of several arms: what is between them, the arms side by side, then each arm.

It chooses and words; it estimates nothing, and names no hospital and no investigator.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from trialwright.report.document import (
    Block,
    Callout,
    CalloutKind,
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
from trialwright.report.operating.comparing import against_section, grid_section, tornado_section
from trialwright.report.operating.framing import framed
from trialwright.report.operating.scenario import scenario_sections
from trialwright.report.operating.sources import sources_section
from trialwright.report.operating.wording import MAIN, number_words, right
from trialwright.simulation.characteristics.between import BETWEEN
from trialwright.simulation.characteristics.result import Probability
from trialwright.simulation.scenarios.arms import TrialOutcome, TrialOutcomes
from trialwright.simulation.scenarios.sensitivity import Swing

_ID = re.compile(r'((?:\bid|aria-labelledby|aria-describedby)=")([^"]*)(")|((?:href="|url\()#)')


@dataclass(frozen=True, slots=True)
class ArmsMaterial:
    """What the page is written from; as ``OperatingMaterial``, of a trial of several arms."""

    outcomes: TrialOutcomes
    against: TrialOutcomes | None = None
    against_name: str = ""
    swings: tuple[Swing, ...] = ()
    measure: str = ""
    command: str = ""


def build_arms_report(material: ArmsMaterial, made_at: datetime | None) -> Document:
    """Write the page.

    Args:
        material: At least one scenario of which something was played.
        made_at: Aware instant that the page states; None for none.

    Returns:
        The document; the same arguments give the same document.
    """
    first = material.outcomes.each[0]
    each = ", ".join(f"{arm} {number}" for arm, number in first.sizes.sizes.items())
    dealt: Words = (f"{first.sizes.words[:1].upper()}{first.sizes.words[1:]}",)
    return framed(first.found.provenance, _sections(material), made_at, f" ({each})", (("Arms", dealt),))


def _sections(material: ArmsMaterial) -> Iterator[Section]:
    outcomes = material.outcomes
    first = outcomes.each[0]
    yield _in_short(outcomes, first)
    if material.swings:
        yield tornado_section(first.found, material.swings, material.measure)
    elif len(outcomes.works[0].scenarios) > 1:
        yield grid_section(outcomes.each, outcomes.works[0].compiled)
    if material.against is not None and material.against.each:
        yield against_section(first, material.against.each[0], material.against_name)
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
        told = f"{outcomes.trials:,} of {outcomes.total:,} trials of all arms were played before the run was broken off."
        blocks.append(Callout(CalloutKind.WARNING, "A partial result", (paragraph(told),)))
    rows: list[tuple[str, Words]] = [(one.label, (between_words(one),)) for one in first.between]
    if outcomes.power:
        rows.append(("The sample size states", (outcomes.power,)))
    if rows:
        blocks.append(KeyValueTable(tuple(rows)))
    blocks += [paragraph(note) for note in outcomes.notes]
    blocks.append(
        paragraph(
            "± is one Monte Carlo standard error: how far simulation lies from the model. How far the model lies from the truth "
            "is for the sources of its numbers to say; they stand at the end. Each arm is simulated by itself; a comparison is "
            "over all pairs of a simulated trial of one arm and one of the other."
        )
    )
    if len(outcomes.works[0].scenarios) > 1:
        blocks.insert(0, paragraph(f"Where scenarios are compared, this is the first of them: {first.scenario.label}."))
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
