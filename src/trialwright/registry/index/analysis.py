"""How text becomes searchable words, the same for records and for queries.

Runs of letters and digits, lower case, without accents, English stems. Positions count every word. The values of a
piece stand between marks that no query can write, so that a match can be tied to the beginning or end of a value.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

TOKENIZER = "prose"
LONGEST_WORD = 80
MARK = "ʘ"  # counts as a letter, so it survives; stands in no language that a registry is written in
_BETWEEN = f" {MARK} "


@cache
def analyzer() -> TextAnalyzer:
    """The one analyzer; registered with every index."""
    return (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(LONGEST_WORD))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("english"))
        .build()
    )


@lru_cache(maxsize=65_536)
def stems(text: str) -> tuple[str, ...]:
    """The stems of a text, in order, as the index holds them.

    >>> stems("Beta-blockers in Sjögren's")
    ('beta', 'blocker', 'in', 'sjogren', 's')
    """
    return tuple(analyzer().analyze(text.replace(MARK, " ")))


def marked(values: Iterable[str]) -> str:
    """Values with a mark before, between and after them, as they go into the index.

    >>> marked(["Lung", "Heart"])
    'ʘ Lung ʘ Heart ʘ'
    """
    return f"{MARK} {_BETWEEN.join(values)} {MARK}"


def stem_spans(text: str) -> tuple[tuple[str, int, int], ...]:
    """The stems of a text with where each word begins and ends in it, in characters."""
    found = analyzer().pre_tokenize(text)
    return tuple((token.text, token.char_offset_from, token.char_offset_to or 0) for token in found.tokens)
