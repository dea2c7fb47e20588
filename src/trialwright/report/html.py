"""The report as one self-contained, accessible HTML file.

No script, no outside request, every word escaped; the same document gives the same bytes. It never adds a word of
content: what it says stands in the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import assert_never

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup, escape

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
    Row,
    Section,
    Strong,
    Table,
    Words,
    labels,
)
from trialwright.report.drawing_check import check_drawing
from trialwright.vocabulary.findings import Finding

Labels = Mapping[str, str]


def render_html(document: Document) -> str:
    """Render the whole document.

    Raises:
        ValueError: The document contradicts itself (see :func:`trialwright.report.document.labels`).
    """
    known = labels(document)
    sections = [_section(section, (str(i),), known) for i, section in enumerate(document.sections, 1)]
    appendix = _behind_section(document.behind, str(len(document.sections) + 1)) if document.behind else Markup()
    return _template().render(
        document=document,
        metadata=[(name, _words(value, known)) for name, value in document.metadata],
        contents=_contents(document),
        body=Markup("\n").join([*sections, appendix]),
        page_margins=_page_margins(document),
        style=Markup(files("trialwright.report").joinpath("templates/report.css").read_text(encoding="utf-8")),  # noqa: S704 - our file
    )


def _page_margins(document: Document) -> Markup:
    """Printed margins: the watermark at the head of every sheet, title and page number at its foot."""
    face = "font: bold 8pt Arial, Helvetica, sans-serif;"
    stamp = f"@top-right {{ content: {_css_string(document.watermark)}; {face} color: #9a3a00 }} " if document.watermark else ""
    foot = f"@bottom-left {{ content: {_css_string(document.title)}; font: 7.5pt Arial, Helvetica, sans-serif; color: #555 }} "
    pages = '@bottom-right { content: counter(page) " / " counter(pages); font: 7.5pt Arial, Helvetica, sans-serif; color: #555 }'
    return Markup(f"@page {{ {stamp}{foot}{pages} }}\n")  # noqa: S704 - every word inside is escaped by code point


def _css_string(words: str) -> str:
    """The words as a CSS string in which nothing but letters and digits stands unescaped."""
    plain = (c if c.isascii() and c.isalnum() else f"\\{ord(c):06x}" for c in words)
    return '"' + "".join(plain) + '"'


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("trialwright.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _contents(document: Document) -> list[tuple[str, str, str, list[tuple[str, str, str]]]]:
    """Number, id and title of each section and of those within it."""
    listed = [
        (str(i), s.id, s.title, [(f"{i}.{j}", inner.id, inner.title) for j, inner in enumerate(s.sections, 1)])
        for i, s in enumerate(document.sections, 1)
    ]
    if document.behind:
        listed.append((str(len(listed) + 1), BEHIND_SECTION_ID, BEHIND_SECTION_TITLE, []))
    return listed


def _section(section: Section, path: tuple[str, ...], known: Labels) -> Markup:
    level = min(len(path) + 1, 6)
    inner = [_section(child, (*path, str(i)), known) for i, child in enumerate(section.sections, 1)]
    return Markup('<section id="{id}"><h{level}><span class="no">{no}</span> {title}</h{level}>\n{body}</section>').format(
        id=section.id,
        level=level,
        no=".".join(path),
        title=section.title,
        body=Markup("\n").join([*(_block(block, known) for block in section.blocks), *inner]),
    )


def _block(block: Block, known: Labels) -> Markup:
    match block:
        case Paragraph(words):
            return Markup("<p>{}</p>").format(_words(words, known))
        case BulletList(items):
            points = Markup("").join(Markup("<li>{}</li>").format(_words(item, known)) for item in items)
            return Markup("<ul>{}</ul>").format(points)
        case KeyValueTable(rows):
            lines = (Markup("<div><dt>{}</dt><dd>{}</dd></div>").format(k, _words(v, known)) for k, v in rows)
            return Markup('<dl class="facts">{}</dl>').format(Markup("").join(lines))
        case Table():
            return _table(block, known)
        case Figure():
            return _figure(block, known)
        case Callout(kind, title, blocks):
            inner = Markup("\n").join(_block(inside, known) for inside in blocks)
            return Markup('<div class="callout {}" role="note"><p class="callout-title">{}</p>{}</div>').format(
                kind.value, title, inner
            )
        case FindingList(findings):
            return Markup('<ul class="findings">{}</ul>').format(Markup("").join(_finding(f) for f in findings))
        case Code(text):
            return Markup('<pre tabindex="0"><code>{}</code></pre>').format(text)
        case PageBreak():
            return Markup('<div class="page-break"></div>')
        case _:
            assert_never(block)


def _table(table: Table, known: Labels) -> Markup:
    caption = Markup("<strong>{}.</strong> {}").format(known[table.id], _words(table.caption, known))
    return Markup('<div class="table" id="{id}">{table}{notes}</div>').format(
        id=table.id, table=_grid(table, caption, known), notes=_footnotes(table, known)
    )


def _grid(table: Table, caption: Markup, known: Labels) -> Markup:
    heads = Markup("").join(
        Markup('<th scope="col" class="{}">{}</th>').format(column.align.value, column.heading) for column in table.columns
    )
    rows = Markup("\n").join(_row(line, table, known) for line in table.rows)
    return Markup(
        '<div class="scroll" tabindex="0" role="region" aria-label="{name}"><table><caption>{caption}</caption>'
        "<thead><tr>{heads}</tr></thead><tbody>\n{rows}</tbody></table></div>"
    ).format(name=f"{known.get(table.id, 'Data of the figure')}, scrollable", caption=caption, heads=heads, rows=rows)


def _row(line: Row, table: Table, known: Labels) -> Markup:
    if line.group:
        return Markup('<tr class="group"><th scope="rowgroup" colspan="{}">{}</th></tr>').format(
            len(table.columns), _words(line.cells[0], known)
        )
    first = Markup('<th scope="row" class="{} in{}">{}</th>').format(
        table.columns[0].align.value, line.indent, _words(line.cells[0], known)
    )
    rest = (
        Markup('<td class="{}">{}</td>').format(column.align.value, _words(cell, known))
        for column, cell in zip(table.columns[1:], line.cells[1:], strict=True)
    )
    return Markup("<tr>{}{}</tr>").format(first, Markup("").join(rest))


def _footnotes(table: Table, known: Labels) -> Markup:
    if not table.footnotes:
        return Markup()
    notes = Markup("").join(Markup("<p>{}</p>").format(_words(note, known)) for note in table.footnotes)
    return Markup('<div class="footnotes">{}</div>').format(notes)


def _figure(figure: Figure, known: Labels) -> Markup:
    data = Markup()
    if figure.data is not None:
        name = Markup("{}").format(_words(figure.data.caption, known))
        data = Markup("<details><summary>The data of {} as a table</summary>{}{}</details>").format(
            known[figure.id], _grid(figure.data, name, known), _footnotes(figure.data, known)
        )
    return Markup(
        '<figure id="{id}"><div class="drawing scroll" tabindex="0" role="group" aria-label="{label}">{svg}</div>'
        "<figcaption><strong>{label}.</strong> {caption}</figcaption>{data}</figure>"
    ).format(
        id=figure.id,
        svg=Markup(check_drawing(figure.svg)),  # noqa: S704 - checked on the same line
        label=known[figure.id],
        caption=_words(figure.caption, known),
        data=data,
    )


def _finding(finding: Finding) -> Markup:
    kept = Markup('<p class="kept">Acknowledged: {}</p>').format(finding.acknowledged) if finding.acknowledged else ""
    ways = Markup("<p>Try one of: {}</p>").format(" · ".join(finding.ways_out)) if finding.ways_out else ""
    witness = Markup("<p>Witness: {}</p>").format(finding.witness) if finding.witness else ""
    detail = Markup("<p>{}</p>").format(finding.detail) if finding.detail else ""
    return Markup(
        '<li class="{severity}"><p><span class="severity">{severity}</span> <code>{code}</code> <strong>{title}</strong></p>'
        '{detail}{witness}{ways}{kept}<p class="place"><code>{place}</code></p></li>'
    ).format(
        severity=finding.severity.value,
        code=finding.code,
        title=finding.title,
        detail=detail,
        witness=witness,
        ways=ways,
        kept=kept,
        place=str(finding.place),
    )


def _behind_section(behind: Iterable[Behind], no: str) -> Markup:
    parts = Markup("\n").join(_behind(one) for one in behind)
    return Markup('<section id="{}"><h2><span class="no">{}</span> {}</h2>\n{}</section>').format(
        BEHIND_SECTION_ID, no, BEHIND_SECTION_TITLE, parts
    )


def _behind(one: Behind) -> Markup:
    heads = Markup("").join(Markup('<th scope="col">{}</th>').format(column) for column in one.columns)
    rows = Markup("\n").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            line[0], Markup("").join(Markup("<td>{}</td>").format(cell) for cell in line[1:])
        )
        for line in one.rows
    )
    note = Markup("<p>{}</p>").format(one.note) if one.note else ""
    return Markup(
        '<section class="behind" id="{id}" tabindex="-1"><h3>{title}</h3>{note}<div class="scroll" tabindex="0" '
        'role="region" aria-label="Rows behind: {title}"><table><thead><tr>{heads}</tr></thead><tbody>\n{rows}</tbody>'
        "</table></div></section>"
    ).format(id=one.id, title=one.title, note=note, heads=heads, rows=rows)


def _words(words: Words, known: Labels) -> Markup:
    return Markup("").join(_inline(word, known) for word in words)


def _inline(word: Inline, known: Labels) -> Markup:
    match word:
        case str():
            return escape(word)
        case Strong(text):
            return Markup("<strong>{}</strong>").format(text)
        case Emphasis(text):
            return Markup("<em>{}</em>").format(text)
        case CodeSpan(text):
            return Markup("<code>{}</code>").format(text)
        case Link(text, href):
            return Markup('<a href="{}">{}</a>').format(href, text)
        case Number(text, behind):
            return Markup('<a class="number" href="#{}" title="Show the rows behind this number">{}</a>').format(behind, text)
        case Reference(target):
            return Markup('<a href="#{}">{}</a>').format(target, known[target])
        case _:
            assert_never(word)
