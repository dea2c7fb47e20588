"""The classic XML's wrapped text blocks, turned into the light markup of v2.

Joins what was wrapped at 100 columns, keeps paragraphs, lists and their nesting, and escapes what v2 escapes. Never
changes a word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SPECIAL = re.compile(r"[<>\[\]^~&*]")
_ITEM = re.compile(r"(?P<bullet>-\s\s|\d{1,3}\.\s+)(?=\S)")
_INDENT_BULLET = 2  # a list item of the first level stands two columns inside its text block
_INDENT_LEVEL = 5  # and each deeper level five more


@dataclass(frozen=True, slots=True)
class _Piece:
    """A paragraph (``level`` -1) or a list item, on one line."""

    level: int
    text: str


def escape(text: str) -> str:
    """Put a backslash before each character that v2's markup escapes.

    >>> escape("age > 15 years")
    'age \\\\> 15 years'
    """
    return _SPECIAL.sub(r"\\\g<0>", text)


def one_line(text: str) -> str:
    """Text with every run of white space, line breaks included, as one space."""
    return " ".join(text.split())


def block_to_markup(block: str) -> str:
    """Turn a wrapped text block of the classic XML into v2 markup.

    Args:
        block: The text of a ``textblock`` element, indentation included.

    Returns:
        Paragraphs parted by a blank line; list items as ``* `` or ``1. ``, nested ones indented by two spaces.
    """
    lines = [line.rstrip() for line in block.replace("\r", "").split("\n")]
    margin = min((len(line) - len(line.lstrip()) for line in lines[1:] if line.strip()), default=0)
    pieces: list[_Piece] = []
    for chunk in _chunks(lines):
        pieces += _pieces(chunk, margin)
    return _joined(pieces)


def _chunks(lines: list[str]) -> list[list[str]]:
    chunks: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            chunks[-1].append(line)
        elif chunks[-1]:
            chunks.append([])
    return [chunk for chunk in chunks if chunk]


def _pieces(chunk: list[str], margin: int) -> list[_Piece]:
    """The items of one chunk between blank lines; a line that opens no item continues the one before."""
    found: list[tuple[int, list[str]]] = []
    for line in chunk:
        text = line.lstrip()
        inset = len(line) - len(text) - margin
        item = _ITEM.match(text) if inset >= _INDENT_BULLET else None
        if item:
            mark = "* " if item["bullet"].startswith("-") else item["bullet"].strip() + " "
            level = (inset - _INDENT_BULLET) // _INDENT_LEVEL
            found.append((level, [mark + escape(text[item.end() :])]))
        elif found:
            found[-1][1].append(escape(text))
        else:
            found.append((-1, [escape(text)]))
    return [_Piece(level, " ".join(parts)) for level, parts in found]


def _joined(pieces: list[_Piece]) -> str:
    out: list[str] = []
    before = None
    for piece in pieces:
        if before is not None:
            out.append("\n" if 0 <= piece.level <= before.level else "\n\n")
        out.append("  " * max(piece.level, 0) + piece.text)
        before = piece
    return "".join(out)
