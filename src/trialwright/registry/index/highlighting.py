"""Where the words of a search stand in a text. Gives ranges of characters, never markup."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from trialwright.registry.index.analysis import stem_spans

_LONGEST_TEXT = 100_000
_SLIGHT = frozenset({"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"})
"""Stems of words that are searched where a name holds them, and say nothing where they stand alone."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A stretch of a text and where the words stand in it.

    Args:
        text: The stretch, with an ellipsis where it is cut.
        ranges: Begin and end of each word found, in characters of ``text``.
    """

    text: str
    ranges: tuple[tuple[int, int], ...]


def ranges(text: str, stems: Collection[str]) -> tuple[tuple[int, int], ...]:
    """Begin and end of every word of a text whose stem is among those searched; slight words are passed over.

    >>> ranges("Heart attacks and stroke", {"attack"})
    ((6, 13),)
    """
    telling = frozenset(stems) - _SLIGHT
    if not telling:
        return ()
    return tuple((begin, end) for stem, begin, end in stem_spans(text[:_LONGEST_TEXT]) if stem in telling)


def snippet(text: str, stems: Collection[str], length: int = 240) -> Snippet | None:
    """The stretch of about ``length`` characters that holds the most words searched; ``None`` where there is none."""
    found = ranges(text, stems)
    if not found:
        return None
    best = max(range(len(found)), key=lambda at: (sum(found[at][0] <= begin < found[at][0] + length for begin, _ in found), -at))
    start = _word_start(text, max(0, found[best][0] - length // 4))
    end = _word_end(text, min(len(text), max(start + length, found[best][1])))
    before, after = "… " if start else "", " …" if end < len(text) else ""
    moved = tuple(
        (begin - start + len(before), stop - start + len(before)) for begin, stop in found if begin >= start and stop <= end
    )
    return Snippet(before + text[start:end] + after, moved)


def _word_start(text: str, at: int) -> int:
    while at and not text[at - 1].isspace():
        at -= 1
    return at


def _word_end(text: str, at: int) -> int:
    while at < len(text) and not text[at].isspace():
        at += 1
    return at
