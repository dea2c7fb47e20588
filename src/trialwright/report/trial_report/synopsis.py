"""The synopsis: what was done by which protocol, and what came out, each figure with its interval and its rows."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.analysis import Carried
from trialwright.protocol.study import CompiledRegimen
from trialwright.report.document import (
    Align,
    Block,
    Callout,
    CalloutKind,
    Column,
    KeyValueTable,
    Reference,
    Row,
    Section,
    Table,
    Words,
    group_row,
    paragraph,
    row,
)
from trialwright.report.trial_report.material import Material, capital
from trialwright.vocabulary.opened import opened_number


def synopsis(material: Material) -> Section:
    """The first section."""
    blocks: list[Block] = []
    if material.simulated:
        blocks.append(_banner(material))
    blocks.append(KeyValueTable(tuple(_facts(material))))
    blocks += _main_result(material)
    blocks.append(_outcomes(material))
    return Section("synopsis", "Synopsis", tuple(blocks))


def _banner(material: Material) -> Block:
    nct = material.protocol.file.study.identifiers.nct
    registered = (
        f" The protocol describes the registered study {nct}; no result of that study stands in this report." if nct else ""
    )
    words = (
        f"Nobody in this report exists. {_played(material)} with simulated participants, through the commands that a site "
        f"would use.{_seed(material)}{registered} Nothing here is for treatment decisions."
    )
    return Callout(CalloutKind.SIMULATED, "Simulated participants", (paragraph(words),))


def _played(material: Material) -> str:
    if opened_number(material.state.title) is None:
        return "The protocol was played from screening to the end of follow-up"
    return "One trial of a simulation was played from screening to the end of treatment"


def _seed(material: Material) -> str:
    number, seed = opened_number(material.state.title), material.state.seed
    if number is not None:
        return f" It is trial {number} of the run with seed {seed}."
    return f" The rehearsal was played with seed {seed}." if seed is not None else ""


def _facts(material: Material) -> Iterator[tuple[str, Words]]:
    study, file = material.protocol.file.study, material.protocol.file
    yield "Protocol", (f"{study.official_title or study.brief_title}, version {study.version}",)
    design = [f"phase {study.phase}" if study.phase else "", study.design.allocation or "" if study.design else ""]
    if study.design is not None:
        design += [study.design.model or "", f"masking: {study.design.masking}" if study.design.masking else ""]
    yield "Design", (capital(", ".join(part for part in design if part)),)
    yield "Conditions", ("; ".join(study.conditions),)
    for regimen in material.protocol.regimens.values():
        yield "Treatment", (_regimen_words(material, regimen),)
    for one in file.objectives:
        yield f"{capital(one.rank)} objective", (capital(one.text),)
    size = f"{file.sample_size.planned} planned; " if file.sample_size else ""
    counts = f"{len(material.enrolled)} enrolled, {len(material.treated)} treated"
    yield capital(material.people_word), (f"{size}{counts}; {len(material.everyone)} screened",)
    until = material.everyone[0].until if material.everyone else material.state.opened_on
    yield "Data", (f"from {material.state.opened_on} to {until}",)


def _regimen_words(material: Material, regimen: CompiledRegimen) -> str:
    names = {one.id: one.name for one in material.protocol.file.study.interventions}
    levels = ", ".join(f"{level:f}" for level in regimen.levels)
    start = regimen.levels[regimen.start_index]
    course = f"; course {regimen.course.days} days" if regimen.course else ""
    name = names.get(regimen.intervention, regimen.intervention)
    return f"{name}, levels {levels} {regimen.unit.label}, from {start:f} on day {regimen.start_day}{course}"


def _main_result(material: Material) -> Iterator[Block]:
    primary = material.primary()
    if primary is None:
        yield paragraph("No endpoint of the plan was carried out.")
        return
    yield paragraph(
        f"{primary.result.title}, among {primary.result.n} {material.people_word}: ",
        material.book.number(primary),
        ". ",
        *_p_words(primary),
        "The plan states no hypothesis to test, so no primary p value is given." if primary.result.p_value is None else "",
        " Other definitions stand in ",
        Reference("results"),
        ".",
    )


def _p_words(carried: Carried) -> Words:
    named = "Exact p" if "exact" in carried.result.method.lower() else "p"
    return (f"{named} = {p_text(carried.result.p_value)}. ",) if carried.result.p_value is not None else ()


def p_text(value: float | None) -> str:
    """A p value as printed: two significant figures, ``< 0.001`` below that."""
    if value is None:
        return ""
    return "< 0.001" if value < 0.001 else f"{value:.2g}"


def _outcomes(material: Material) -> Table:
    """The outcome measures of the record, each with the endpoints that carry it out; then the endpoints beside them."""
    study, endpoints = material.protocol.file.study, material.protocol.file.endpoints
    rows: list[Row] = []
    for rank, outcomes in (("Primary", study.outcomes.primary), ("Secondary", study.outcomes.secondary)):
        for outcome in outcomes:
            rows.append(group_row(f"{rank} outcome of the record: {outcome.measure}"))
            rows += _estimates(material, [name for name, one in endpoints.items() if one.outcome == outcome.measure])
    rest = [name for name, one in endpoints.items() if not one.outcome]
    if rest:
        rows.append(group_row("Not an outcome of the record" if rows else "Endpoints"))
        rows += _estimates(material, rest)
    columns = (Column("Endpoint"), Column("Estimate"), Column("p", align=Align.RIGHT), Column("n", align=Align.RIGHT))
    caption = "Outcomes and what was estimated for each. Every figure leads to the rows behind it."
    notes = (("p: exact two-sided test of association. No correction for several tests is made, and none is claimed.",),)
    return Table("outcomes", (caption,), columns, tuple(rows), notes)


def _estimates(material: Material, names: list[str]) -> Iterator[Row]:
    for name in names:
        found = material.run.of(name)
        if not found:
            yield row(material.protocol.file.endpoints[name].label, "not carried out", "", "", indent=1)
            continue
        told = found if material.protocol.file.endpoints[name].measure == "adverse events" else found[:1]
        for one in told:
            yield row(one.result.title, material.book.number(one), p_text(one.result.p_value), str(one.result.n), indent=1)
