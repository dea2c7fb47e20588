"""A record's eligibility criteria, split from free text into inclusion and exclusion, with their places.

Nothing is dropped: each character that is not blank lies in a criterion or in a heading, and what stands under no
heading that says inclusion or exclusion is ``unplaced``. Reads structure only; never what a criterion means.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """What a criterion does to somebody whom it fits."""

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"
    UNPLACED = "unplaced"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion.

    Args:
        text: Without bullet, markup and repeated blanks.
        side: Inclusion, exclusion or unplaced.
        start: Offset of its first character in the verbatim text.
        end: Offset after its last character.
        level: 0 for the first level of a list and for paragraphs, 1 for items inside an item, and so on.
        heading: The nearest heading above that only groups ("Age", "Healthy volunteers"); else empty.
        mark: The bullet or number as written; empty for a paragraph.
    """

    text: str
    side: Side
    start: int
    end: int
    level: int = 0
    heading: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that is no criterion: it opens a side, or groups the criteria below it."""

    text: str
    start: int
    end: int
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class EligibilityText:
    """The criteria of one record, in order.

    Args:
        verbatim: The text as the record has it.
        inclusion: What a participant must fulfil.
        exclusion: What bars a participant.
        unplaced: Criteria under no heading that says which.
        headings: Every heading.
    """

    verbatim: str
    inclusion: tuple[Criterion, ...]
    exclusion: tuple[Criterion, ...]
    unplaced: tuple[Criterion, ...]
    headings: tuple[Heading, ...]

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All criteria in the order of the text."""
        return tuple(sorted(self.inclusion + self.exclusion + self.unplaced, key=lambda one: one.start))


_MARK = re.compile(
    r"""\s*(?P<mark>
        [*•·●○▪■◆‣–—\-]+(?=\s)|[•·●○▪■◆‣]
      | \(?\d{1,2}(?:\.\d{1,2}){0,2}\\?[.)](?=[\s*]|[A-Za-z]) | \(\d{1,2}\)
      | \(?[a-zA-Z]\\?[.)](?=\s) | \(?(?:ii|iii|iv|vi|vii|viii|ix)\\?[.)](?=\s)
      | [oØ](?=\s)
    )\s*""",
    re.VERBOSE,
)
_SIDE = re.compile(
    r"""^(?P<lead>(?:[\w/&’'()-]+\s+){0,7}?)
        (?P<word>non-?\s?inclusion|inclusion|exclusion|excluded|ineligibility|eligibility|include[ds]?|exclude[ds]?)
        \b(?P<rest>[^:.;]{0,70}?)\s*(?P<end>[:：]|\.?\s*$)""",
    re.IGNORECASE | re.VERBOSE,
)
_BOTH = re.compile(r"inclusion\W+(?:and|or|&|/)?\W*(?:key\s+)?exclusion|exclusion\W+(?:and|or|&|/)?\W*inclusion", re.IGNORECASE)
_SENTENCE = re.compile(
    r"\b(?:meet\w*|fulfil\w*|satisf\w*|violat\w*|none|any|each|all of|will|should|must|may|can|is|are|be|been|was|were|has|have|"
    r"based on|according to|listed|see|who|that|other than)\b",
    re.IGNORECASE,
)
_CHARACTERISTICS = re.compile(
    r"^(?:disease|patient|subject)s?\s+characteristics\s*:|^(?:prior|concurrent|prior[\s/]+concurrent)\s+therapy\s*:"
    r"|^(?:patients|subjects|participants)\s+must\s+(?:have|be|meet)[^.:]{0,40}:",
    re.IGNORECASE,
)
_NOUNS = ("inclusion", "exclusion", "non-inclusion", "noninclusion", "eligibility", "ineligibility")
_CRITERIA_FOR = re.compile(r"criteri(?:a|on|um|as?)(?:\s*(?:\(|-|–|for\b|of\b|in\b).*)?")
_ESCAPE = re.compile(r"\\([^\w\s])")
_LONGEST_HEADING = 120


def split_eligibility(verbatim: str | None) -> EligibilityText:
    """Split the free text of criteria into inclusion, exclusion and unplaced.

    Args:
        verbatim: The registry's text (v2 markup or plain), or ``None``.

    Returns:
        The criteria with their offsets into the text.
    """
    text = verbatim or ""
    criteria: list[Criterion] = []
    headings: list[Heading] = []
    side, group, group_level = Side.UNPLACED, "", 0
    has_sides = bool(re.search(r"\bexclu", text, re.IGNORECASE))
    for line in _lines(text):
        opened = _opens(line, has_sides)
        if opened is not None:
            side, inner = opened
            group = ""
            headings.append(Heading(plain(text[line.body : inner]), line.start, inner, side))
            if text[inner : line.end].strip():
                rest = inner + len(text[inner : line.end]) - len(text[inner : line.end].lstrip())
                criteria.append(Criterion(plain(text[rest : line.end]), side, rest, line.end))
        elif line.groups:
            group, group_level = plain(line.text).rstrip(":： "), line.level
            headings.append(Heading(group, line.start, line.end))
        else:
            if line.level < group_level:
                group = ""
            criteria.append(Criterion(plain(line.text), side, line.start, line.end, line.level, group, line.mark))
    sides = {one: tuple(c for c in criteria if c.side is one) for one in Side}
    return EligibilityText(text, sides[Side.INCLUSION], sides[Side.EXCLUSION], sides[Side.UNPLACED], tuple(headings))


def plain(text: str) -> str:
    """Text without the markup's backslashes and repeated blanks.

    >>> plain("age \\\\>  15")
    'age > 15'
    """
    return " ".join(_ESCAPE.sub(r"\1", text).split())


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that holds something: ``start`` and ``end`` without outer blanks, ``body`` after the mark."""

    text: str
    start: int
    body: int
    end: int
    level: int
    mark: str

    @property
    def groups(self) -> bool:
        """Whether the line only names what follows: no mark, short, and ending in a colon."""
        return not self.mark and self.text.endswith((":", "：")) and len(self.text) <= _LONGEST_HEADING


def _lines(text: str) -> Iterator[_Line]:
    at = 0
    for raw in text.splitlines(keepends=True):
        content = raw.strip()
        if content:
            start = at + raw.index(content[0])
            end = start + len(content)
            mark = _MARK.match(raw)
            body = at + mark.end() if mark and mark.end() < len(raw.rstrip()) else start
            indent = start - at
            written = mark["mark"] if mark and body > start else ""
            yield _Line(text[body:end], start, body, end, indent // 2 if written else 0, written)
        at += len(raw)


def _opens(line: _Line, has_sides: bool) -> tuple[Side, int] | None:
    """The side that a line opens and the offset where its heading ends; ``None`` for a line that opens none."""
    words = _ESCAPE.sub(lambda found: " " + found[1], line.text)  # same length, so offsets hold
    stripped = words.lstrip("*_# ")
    offset = line.body + len(words) - len(stripped)
    if _CHARACTERISTICS.match(stripped):
        return Side.INCLUSION, offset + stripped.index(":") + 1
    found = _SIDE.match(stripped)
    if found is None:
        return None
    colon = found["end"] in (":", "：")
    if not colon and (_SENTENCE.search(stripped[: found.end()]) or not _is_title(found)):
        return None
    heading = stripped[: found.end()]
    end = offset + found.end() if colon else line.end
    if _BOTH.search(heading):
        return Side.UNPLACED, end
    word = found["word"].lower()
    if word in _NOUNS and found["rest"].strip().lower().startswith("of "):
        return None  # "Inclusion of women and minorities:" is a subject, not a side
    if word.startswith("eligib"):
        return (Side.INCLUSION if has_sides else Side.UNPLACED), end
    if word.startswith(("excl", "non", "inelig")):
        return Side.EXCLUSION, end
    return (Side.INCLUSION, end) if word == "inclusion" or not found["lead"].strip() else None


def _is_title(found: re.Match[str]) -> bool:
    """Whether a line without a colon reads as a title: the noun alone, or with "criteria" and for whom."""
    noun, rest = found["word"].lower(), found["rest"].strip().lower()
    if noun not in _NOUNS:
        return False
    if not found["lead"].strip() and not rest:
        return True
    return _CRITERIA_FOR.fullmatch(rest) is not None
