"""The report as a PDF: A4, tagged (PDF/UA-1), set by Typst from the same document as the HTML.

The text reaches Typst as data, so nothing in it can act as markup. It never reads a clock: the date is an argument, and
the same document and date give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from importlib.resources import as_file, files
from typing import Any, assert_never

from trialwright.report.document import (
    BEHIND_SECTION_ID,
    BEHIND_SECTION_TITLE,
    Behind,
    Block,
    BulletList,
    Callout,
    Code,
    CodeSpan,
    Document,
    Emphasis,
    Figure,
    FindingList,
    Inline,
    KeyValueTable,
    Link,
    Number,
    PageBreak,
    Paragraph,
    Reference,
    Section,
    Strong,
    Table,
    Words,
    labels,
)
from trialwright.report.drawing_check import check_drawing
from trialwright.vocabulary.findings import Finding, Place, Refused, Severity

Json = dict[str, Any]
WIDEST_WHOLE, WIDEST_SHARE = 26, 70  # characters: a longer column wraps; none takes more than its share
Labels = Mapping[str, str]


def render_pdf(document: Document, made_at: datetime) -> bytes:
    """Render the whole document.

    Args:
        document: What to print.
        made_at: Aware instant that the PDF gives as its creation date.

    Raises:
        Refused: The ``pdf`` extra is not installed (TW-D001).
        ValueError: The document contradicts itself, or ``made_at`` has no time zone.
    """
    if made_at.tzinfo is None:
        raise ValueError("the PDF's date needs a time zone")
    try:
        import typst
    except ModuleNotFoundError:
        raise Refused([_typst_missing()]) from None
    room = files("trialwright.report")
    template = room.joinpath("templates/report.typ").read_bytes()
    data = json.dumps(_document(document), ensure_ascii=False, sort_keys=True)
    with as_file(room.joinpath("fonts")) as fonts:
        return typst.compile(
            template,
            format="pdf",
            sys_inputs={"document": data},
            font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(fonts)]),
            pdf_standards=["ua-1"],
            timestamp=int(made_at.timestamp()),
        )


def _typst_missing() -> Finding:
    return Finding(
        code="TW-D001",
        severity=Severity.ERROR,
        place=Place("report.pdf"),
        title="A PDF needs the typesetter, which is not installed",
        detail="The report's PDF is set by the optional library typst. The HTML report says the same and needs nothing more.",
        ways_out=("pip install 'trialwright[pdf]'", "read report.html instead"),
    )


def _document(document: Document) -> Json:
    known = labels(document)
    return {
        "title": document.title,
        "subtitle": document.subtitle,
        "watermark": document.watermark,
        "watermark_reason": document.watermark_reason,
        "language": document.language.split("-")[0],
        "region": document.language.split("-")[1] if "-" in document.language else None,
        "metadata": [[name, _words(value, known)] for name, value in document.metadata],
        "sections": [_section(section, known) for section in document.sections],
        "behind_id": BEHIND_SECTION_ID,
        "behind_title": BEHIND_SECTION_TITLE,
        "behind": [_behind(one) for one in document.behind],
    }


def _behind(one: Behind) -> Json:
    shares = _shares([(heading, *cells) for heading, *cells in zip(one.columns, *one.rows, strict=True)], last=True)
    return {"id": one.id, "title": one.title, "note": one.note, "columns": one.columns, "rows": one.rows, "shares": shares}


def _shares(columns: list[tuple[str, ...]], last: bool = False) -> list[int]:
    """How much of the width each column takes of what is left; 0 for one that is as wide as its words.

    A column whose longest cell is long shares by that length; where none is long, the first (or ``last``) takes the rest.
    """
    longest = [max(len(cell) for cell in cells) for cells in columns]
    shares = [0 if length <= WIDEST_WHOLE else min(length, WIDEST_SHARE) for length in longest]
    if not any(shares):
        shares[-1 if last else 0] = 1
    return shares


def _section(section: Section, known: Labels) -> Json:
    return {
        "id": section.id,
        "title": section.title,
        "blocks": [_block(block, known) for block in section.blocks],
        "sections": [_section(inner, known) for inner in section.sections],
    }


def _block(block: Block, known: Labels) -> Json:
    match block:
        case Paragraph(words):
            return {"kind": "paragraph", "words": _words(words, known)}
        case BulletList(items):
            return {"kind": "bullets", "items": [_words(item, known) for item in items]}
        case KeyValueTable(rows):
            return {"kind": "facts", "rows": [[name, _words(value, known)] for name, value in rows]}
        case Table():
            return {"kind": "table", **_table(block, known)}
        case Figure():
            return {
                "kind": "figure",
                "id": block.id,
                "svg": check_drawing(block.svg),
                "alt": block.alt,
                "caption": _words(block.caption, known),
            }
        case Callout(kind, title, blocks):
            return {
                "kind": "callout",
                "tone": kind.value,
                "title": title,
                "blocks": [_block(inner, known) for inner in blocks],
            }
        case FindingList(findings):
            return {"kind": "findings", "findings": [_finding(finding) for finding in findings]}
        case Code(text):
            return {"kind": "code", "text": text}
        case PageBreak():
            return {"kind": "page-break"}
        case _:
            assert_never(block)


def _table(table: Table, known: Labels) -> Json:
    lines = [[_plain(cell, known) for cell in line.cells] for line in table.rows if not line.group]
    texts = [[column.heading for column in table.columns], *lines]
    return {
        "shares": _shares(list(zip(*texts, strict=True))),
        "id": table.id,
        "caption": _words(table.caption, known),
        "columns": [{"heading": column.heading, "align": column.align.value} for column in table.columns],
        "rows": [
            {"cells": [_words(cell, known) for cell in line.cells], "indent": line.indent, "group": line.group}
            for line in table.rows
        ],
        "footnotes": [_words(note, known) for note in table.footnotes],
    }


def _finding(finding: Finding) -> Json:
    said = [finding.detail, f"Witness: {finding.witness}" if finding.witness else ""]
    said.append("Try one of: " + " · ".join(finding.ways_out) if finding.ways_out else "")
    said.append(f"Acknowledged: {finding.acknowledged}" if finding.acknowledged else "")
    return {
        "severity": finding.severity.value,
        "code": finding.code,
        "title": finding.title,
        "lines": [line for line in said if line],
        "place": str(finding.place),
    }


def _plain(words: Words, known: Labels) -> str:
    """The words as they will be read, without their looks."""
    return "".join(str(one["text"]) for one in _words(words, known))


def _words(words: Words, known: Labels) -> list[Json]:
    return [_inline(word, known) for word in words]


def _inline(word: Inline, known: Labels) -> Json:
    match word:
        case str():
            return {"as": "text", "text": word}
        case Strong(text):
            return {"as": "strong", "text": text}
        case Emphasis(text):
            return {"as": "emphasis", "text": text}
        case CodeSpan(text):
            return {"as": "code", "text": text}
        case Link(text, href):
            inward = href.startswith("#")
            return {"as": "reference" if inward else "link", "text": text, "to": href.removeprefix("#")}
        case Number(text, behind):
            return {"as": "number", "text": text, "to": behind}
        case Reference(target):
            return {"as": "reference", "text": known[target], "to": target}
        case _:
            assert_never(word)
