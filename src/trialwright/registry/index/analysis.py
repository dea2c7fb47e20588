"""How text becomes searchable words, the same for records and for queries.

Runs of letters and digits, lower case, without accents, English stems. Positions count every word. Values of a piece
stand between two marks that no query can write, so that a match can be tied to the beginning or end of a value.
"""

from __future__ import annotations

from functools import cache, lru_cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

TOKENIZER = "prose"
LONGEST_WORD = 80
_MARK = "ʘ"  # counts as a letter, so it survives; stands in no language that a registry is written in
BEGIN, END = f"{_MARK}0", f"{_MARK}1"


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
    return tuple(analyzer().analyze(text.replace(_MARK, " ")))


def marked(value: str) -> str:
    """A value between its two marks, as it goes into the index."""
    return f"{BEGIN} {value} {END}"


def stem_spans(text: str) -> tuple[tuple[str, int, int], ...]:
    """The stems of a text with where each word begins and ends in it, in characters."""
    found = analyzer().pre_tokenize(text)
    return tuple((token.text, token.char_offset_from, token.char_offset_to or 0) for token in found.tokens)
