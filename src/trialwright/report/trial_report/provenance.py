"""Where everything comes from: number of participants, assumptions, findings of check, the log and how to verify it, methods."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from pydantic import BaseModel

from trialwright import __version__
from trialwright.analysis import sample_size_statement
from trialwright.engine.advice import ENGINE
from trialwright.protocol.model.node import Sourced
from trialwright.protocol.source import Path
from trialwright.report.document import (
    Align,
    Block,
    Code,
    CodeSpan,
    Column,
    FindingList,
    KeyValueTable,
    Section,
    Table,
    Words,
    paragraph,
    row,
)
from trialwright.report.trial_report.material import Material
from trialwright.vocabulary.findings import Severity

LIBRARIES = ("numpy", "scipy", "polars")
_WEIGHTS = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


def number_of_participants(material: Material) -> Section | None:
    """What the planned number could have shown; None where the file plans none."""
    said = sample_size_statement(material.protocol)
    if said is None:
        return None
    columns = (
        Column("Uninteresting rate", "%", Align.RIGHT),
        Column("Fewest responders", align=Align.RIGHT),
        Column("Exact alpha", "%", Align.RIGHT),
        Column("True rate found with 80 % power", "%", Align.RIGHT),
        Column("with 90 % power", "%", Align.RIGHT),
    )
    rows = tuple(
        row(
            f"{one.rule.null_rate * 100:.0f}",
            str(one.rule.min_responses) if one.rule.can_reject else "none",
            f"{one.rule.alpha_exact * 100:.1f}",
            *("none" if rate is None else f"{rate * 100:.0f}" for rate in (one.rate_power_80, one.rate_power_90)),
        )
        for one in said.detectable
    )
    caption = (
        f"What {said.planned} participants could have shown: an exact single-stage test of one response rate at one-sided "
        f"{said.alpha * 100:g} %."
    )
    note = ("A'Hern RP, Stat Med 2001;20:859-66. Rates in whole per cent. No such test is part of the plan.",)
    table = Table("sample-size", (caption,), columns, rows, (note,))
    return Section("number", "The number of participants", (paragraph(said.words), table))


def assumptions(material: Material) -> Section:
    """Everything that the file states beyond its registry record."""
    rows = tuple(row(*cells) for cells in _assumptions(material))
    intro = paragraph(
        "What the protocol file states beyond the registry record is marked there as an assumption. These are all of them."
    )
    columns = (Column("Line", align=Align.RIGHT), Column("Of"), Column("Assumption"), Column("Source"))
    table = Table("assumptions-table", (f"The {len(rows)} assumptions of the file.",), columns, rows)
    return Section("assumptions", "Assumptions", (intro, table) if rows else (paragraph("The file makes none."),))


def _assumptions(material: Material) -> Iterator[tuple[str, str, str, str]]:
    for path, node in _sourced(material.protocol.file, ()):
        if node.assumption:
            line = material.protocol.source.at((*path, "assumption")).key.line
            yield str(line), " › ".join(str(step) for step in path), node.assumption, node.source or "none given"


def _sourced(node: object, path: Path) -> Iterator[tuple[Path, Sourced]]:
    """Every node that may carry an assumption, in the file's order, with its path in the file."""
    if isinstance(node, Sourced):
        yield path, node
    if isinstance(node, BaseModel):
        for name, field in type(node).model_fields.items():
            yield from _sourced(getattr(node, name), (*path, field.alias or name))
    elif isinstance(node, dict):
        for name, value in node.items():
            yield from _sourced(value, (*path, str(name)))
    elif isinstance(node, tuple):
        for index, value in enumerate(node):
            yield from _sourced(value, (*path, index))


def findings(material: Material) -> Section:
    """What `check` finds in the protocol file, worst first, acknowledged ones with their reason."""
    ordered = tuple(sorted(material.findings, key=lambda one: (_WEIGHTS[one.severity], one.place.line)))
    if not ordered:
        return Section("findings", "Findings of check", (paragraph("No finding was given to this report."),))
    counts = ", ".join(_counted(sum(1 for one in ordered if one.severity is level), level.value) for level in Severity)
    blocks: tuple[Block, ...] = (paragraph(f"The check of the protocol file gives {counts}."), FindingList(ordered))
    return Section("findings", "Findings of check", blocks)


def _counted(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def provenance(material: Material) -> Section:
    """The log's head, how to verify it, and what computed the numbers."""
    head = material.head
    commands = "\n".join(
        (
            f"trialwright log verify --file log.jsonl --expect-head {head.digest}",
            "trialwright check protocol.yaml",
            "trialwright log show --file log.jsonl --last 20",
        )
    )
    blocks: tuple[Block, ...] = (
        paragraph(
            "Every number in this report was derived from one append-only log and one protocol file, and can be derived again:"
        ),
        KeyValueTable(tuple(_facts(material))),
        Code(commands),
        paragraph(
            "The first command checks every byte, digest and link of the log and that it contains the head above; numbers of "
            "log entries count from 0."
        ),
    )
    return Section("provenance", "Where the numbers come from", blocks, (_methods(material),))


def _facts(material: Material) -> Iterator[tuple[str, Words]]:
    yield "Log head", (CodeSpan(material.head.digest),)
    yield "Entries", (f"{material.head.sequence + 1}; the head is entry {material.head.sequence}",)
    yield "Protocol digest", (CodeSpan(material.protocol.digest),)
    yield "Engine", (ENGINE,)
    installed = [f"{name} {_version(name)}" for name in LIBRARIES]
    python = f"Python {platform.python_version()}"
    yield "Software", (f"Trialwright {__version__}; {', '.join(installed)}; {python}",)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _methods(material: Material) -> Section:
    """Each method once, with its source and the results that it gave."""
    used: dict[tuple[str, str], list[str]] = {}
    for one in material.run.carried:
        method = one.result.method.split("; range")[0]
        used.setdefault((method, one.result.source), []).append(one.result.id)
    columns = (Column("Method"), Column("Source"), Column("Results"))
    rows = tuple(row(method, source, ", ".join(ids)) for (method, source), ids in used.items())
    return Section("methods", "Methods", (Table("methods-table", ("Methods used and their sources.",), columns, rows),))
