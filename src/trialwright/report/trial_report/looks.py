"""Interim looks that are recorded in the log: who looked, when, at what, and what simulating the rest answered.

It repeats what was recorded and computes nothing anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.engine.state import InterimLook
from trialwright.report.document import Align, Block, Callout, CalloutKind, Column, Number, Row, Section, Table, paragraph, row
from trialwright.report.trial_report.material import Material, capital, rows_of
from trialwright.vocabulary.dates import format_instant

DIGITS = 12  # of a digest, in the table; the rows behind have all of it


def interim_looks(material: Material) -> Section:
    """The section on interim looks; where there was none it says so."""
    looks = material.state.interim_looks
    blocks: tuple[Block, ...] = (paragraph("No interim look is recorded in the log."),)
    if looks:
        blocks = (_banner(), _table(material, looks))
    return Section("interim-looks", "Interim looks", blocks)


def _banner() -> Callout:
    words = (
        "What had happened by then was counted; what was still to come was simulated by a file of chances. "
        "These answers are no result of the trial and decide nothing."
    )
    return Callout(CalloutKind.SIMULATED, "Interim look; the rest SIMULATED", (paragraph(words),))


def _table(material: Material, looks: tuple[InterimLook, ...]) -> Table:
    lines = (line for look in looks for line in _behind(look))
    evidence = rows_of(("Log entry", "What", "Recorded as"), lines)
    note = "Given protocol, chances, seed and the log up to the entry, each answer can be computed again."
    behind = material.book.keep("behind-interim-looks", "Interim looks; the rest simulated", evidence, note)
    heads = (Column("As of"), Column("By"), Column("What was looked at"), Column("Asked"))
    answer = Column("Answer (simulated)", "%", Align.RIGHT)
    caption = f"The {'interim look' if len(looks) == 1 else f'{len(looks)} interim looks'} of the log; the rest simulated."
    rows = tuple(_row(material, look, behind) for look in looks)
    return Table("interim-looks-table", (caption,), (*heads, answer, Column("Simulated from")), rows)


def _row(material: Material, look: InterimLook, behind: str) -> Row:
    known = _known(material, look)
    chances = f"{look.trials:,} trials, seed {look.seed}, chances {look.virtual[:DIGITS]}; entry {look.entry}"
    return row(str(look.on), look.by, known, capital(look.question), Number(f"{look.answer * 100:.2f}", behind), chances)


def _known(material: Material, look: InterimLook) -> str:
    endpoint = material.protocol.file.endpoints.get(look.endpoint)
    name = endpoint.label if endpoint is not None else look.endpoint
    people = f"{look.enrolled} of {look.planned} {material.people_word} enrolled"
    return f"{name}: {people}, {look.known} with an outcome, {look.responders} responded"


def _behind(look: InterimLook) -> Iterator[tuple[str, str, str]]:
    told = {
        "recorded": format_instant(look.recorded_at),
        "by": look.by,
        "why": look.reason or "not given",
        "trials": f"{look.trials:,}",
        "seed": look.seed,
        "digest of the chances": look.virtual,
        "digest of the protocol": look.protocol,
    }
    for name, value in told.items():
        yield str(look.entry), name, value
