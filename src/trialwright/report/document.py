"""The report as a typed document: sections of blocks, rendered to HTML and PDF from the same values.

It holds what a report says, never how it looks; and it never computes a number. Every number may name the rows behind
it, which stand in an appendix that both renderings link to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from trialwright.vocabulary.findings import Finding

ID = re.compile(r"[a-z][a-z0-9-]*\Z")


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that matter more than their neighbours."""

    text: str


@dataclass(frozen=True, slots=True)
class Emphasis:
    """A title, a foreign word, or stress."""

    text: str


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """A command, a digest or a value as the machine writes it."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link to an address outside (``https``, ``http`` or ``mailto``) or, with ``#``, to an id in this document."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number as printed, and the id of the :class:`Behind` that lists the rows it comes from."""

    text: str
    behind: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A mention of a figure, table or section by its id; rendered as "Figure 3", "Table 2" or the section's title."""

    target: str


Inline = str | Strong | Emphasis | CodeSpan | Link | Number | Reference
Words = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph."""

    words: Words


@dataclass(frozen=True, slots=True)
class BulletList:
    """Points of equal rank."""

    items: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class KeyValueTable:
    """Facts, each with its name; not numbered."""

    rows: tuple[tuple[str, Words], ...]


class Align(StrEnum):
    """Where a column's cells stand."""

    LEFT = "left"
    RIGHT = "right"
    CENTER = "center"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it holds, the unit of its numbers (empty: none) and its alignment."""

    label: str
    unit: str = ""
    align: Align = Align.LEFT

    @property
    def heading(self) -> str:
        """Label with unit, as a table prints it."""
        return f"{self.label}, {self.unit}" if self.unit else self.label


@dataclass(frozen=True, slots=True)
class Row:
    """A row: one cell per column, the first being the row's heading; ``indent`` counts steps under a group.

    A ``group`` row has the heading only and spans the table.
    """

    cells: tuple[Words, ...]
    indent: int = 0
    group: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A numbered table with caption, column headings that repeat on each page, and footnotes."""

    id: str
    caption: Words
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    footnotes: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A numbered figure: a drawing (SVG), what it shows in words, its caption, and its data as a table where given."""

    id: str
    svg: str
    alt: str
    caption: Words
    data: Table | None = None


class CalloutKind(StrEnum):
    """Why a passage is set apart."""

    NOTE = "note"
    WARNING = "warning"
    SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class Callout:
    """A passage set apart, with a title that also says its kind in words."""

    kind: CalloutKind
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class FindingList:
    """Findings of a check, worst first as given."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Commands or a file's lines, as they are."""

    text: str


@dataclass(frozen=True, slots=True)
class PageBreak:
    """Begin a new page in print."""


Block = Paragraph | BulletList | KeyValueTable | Table | Figure | Callout | FindingList | Code | PageBreak


@dataclass(frozen=True, slots=True)
class Section:
    """A section with its own id, and sections within it (two levels are numbered)."""

    id: str
    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows behind a number: who, and which entries of the log.

    Args:
        id: What a :class:`Number` names.
        title: Which number this is, such as "Complete response by week 12: 14 of 25".
        columns: Of the rows; the first is the participant.
        rows: As text, one tuple per row, one cell per column.
        note: How the number comes from the rows.
    """

    id: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report.

    Args:
        title: Of the report.
        subtitle: One line under it; may be empty.
        watermark: A word on every page and banner, such as ``SIMULATED``; empty where the participants are real.
        watermark_reason: What the word means, in one sentence.
        language: BCP 47 tag of the text.
        metadata: Facts on the first page in order, such as the protocol's digest and the log's head.
        sections: The body.
        behind: The rows behind the numbers, printed as an appendix.
    """

    title: str
    sections: tuple[Section, ...]
    subtitle: str = ""
    watermark: str = ""
    watermark_reason: str = ""
    language: str = "en"
    metadata: tuple[tuple[str, Words], ...] = ()
    behind: tuple[Behind, ...] = field(default=())


BEHIND_SECTION_ID = "rows-behind"
BEHIND_SECTION_TITLE = "The rows behind the numbers"


def paragraph(*words: Inline) -> Paragraph:
    """A paragraph of the given words."""
    return Paragraph(words)


def row(*cells: Inline | Words, indent: int = 0) -> Row:
    """A table row; a cell may be one piece of text or several."""
    return Row(tuple(cell if isinstance(cell, tuple) else (cell,) for cell in cells), indent)


def group_row(heading: str) -> Row:
    """A row that names the rows under it."""
    return Row(((heading,),), group=True)


def labels(document: Document) -> Mapping[str, str]:
    """What a :class:`Reference` to each id reads: figures and tables numbered in order, sections by title.

    Raises:
        ValueError: An id is used twice or ill-formed, a reference or number leads nowhere, or a row has not one cell per
            column; each is a bug of the report's author, so it is loud.
    """
    found: dict[str, str] = {}
    counts: Counter[str] = Counter()
    ids: Counter[str] = Counter()
    for section in _sections(document.sections):
        ids[section.id] += 1
        found[section.id] = f"“{section.title}”"
        for block in _blocks(section.blocks):
            if isinstance(block, Table | Figure):
                kind = type(block).__name__
                counts[kind] += 1
                ids[block.id] += 1
                found[block.id] = f"{kind} {counts[kind]}"
            _check_rows(block)
    for behind in document.behind:
        ids[behind.id] += 1
    _check_ids(ids, document, found)
    return found


def _check_ids(ids: Counter[str], document: Document, found: Mapping[str, str]) -> None:
    twice = [name for name, count in ids.items() if count > 1]
    odd = [name for name in ids if not ID.match(name) or name == BEHIND_SECTION_ID]
    behind = {b.id for b in document.behind}
    lost = sorted(
        {w.behind for w in _all_words(document) if isinstance(w, Number) and w.behind not in behind}
        | {w.target for w in _all_words(document) if isinstance(w, Reference) and w.target not in found}
        | {w.href for w in _all_words(document) if isinstance(w, Link) and not _leads_somewhere(w.href, ids)}
    )
    if twice or odd or lost:
        raise ValueError(f"document ids used twice {twice}, ill-formed {odd}, leading nowhere {lost}")


def _leads_somewhere(href: str, ids: Counter[str]) -> bool:
    if href.startswith("#"):
        return href[1:] in ids or href[1:] == BEHIND_SECTION_ID
    return href.startswith(("https://", "http://", "mailto:"))


def _check_rows(block: Block) -> None:
    table = block.data if isinstance(block, Figure) else block
    if isinstance(table, Table):
        for line in table.rows:
            if len(line.cells) != (1 if line.group else len(table.columns)):
                raise ValueError(f"table {table.id}: a row has {len(line.cells)} cells for {len(table.columns)} columns")


def _sections(sections: Iterable[Section]) -> Iterator[Section]:
    for section in sections:
        yield section
        yield from _sections(section.sections)


def _blocks(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        yield block
        if isinstance(block, Callout):
            yield from _blocks(block.blocks)


def _all_words(document: Document) -> Iterator[Inline]:
    for _, words in document.metadata:
        yield from words
    for section in _sections(document.sections):
        for block in _blocks(section.blocks):
            yield from _words(block)


def _words(block: Block) -> Iterator[Inline]:
    match block:
        case Paragraph(words):
            yield from words
        case BulletList(items):
            for item in items:
                yield from item
        case KeyValueTable(rows):
            for _, value in rows:
                yield from value
        case Table():
            yield from block.caption
            for words in (*(cell for line in block.rows for cell in line.cells), *block.footnotes):
                yield from words
        case Figure():
            yield from block.caption
            if block.data is not None:
                yield from _words(block.data)
        case Callout() | FindingList() | Code() | PageBreak():
            return
        case _:
            assert_never(block)
