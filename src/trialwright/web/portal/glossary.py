"""The words of trials in plain language, in English and Italian (glossary.tsv). No advice, and no claim about any one study."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Entry:
    """A word, what it means, and the fragment by which a page links to it."""

    word: str
    meaning: str
    id: str


@cache
def entries(language: str) -> tuple[Entry, ...]:
    """Every word in that language (English where it is another), by the alphabet."""
    rows = (files("trialwright.web.portal") / "glossary.tsv").read_text("utf-8").splitlines()[1:]
    at = 3 if language == "it" else 1
    found = (Entry(cells[at], cells[at + 1], cells[0]) for cells in (row.split("\t") for row in rows))
    return tuple(sorted(found, key=lambda one: one.word.casefold()))
