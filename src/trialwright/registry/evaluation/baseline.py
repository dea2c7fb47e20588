"""The baseline: plain BM25 over a record's words by the library ``bm25s``, as a competent user would set it up.

One field, English stop words, its usual k1 = 1.5 and b = 0.75. It knows no synonyms, fields, ages or sexes. The library is
optional (``trialwright[evaluate]``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trialwright.registry.record import Record

PROSE = (
    ("identificationModule", "briefTitle"),
    ("identificationModule", "officialTitle"),
    ("identificationModule", "acronym"),
    ("descriptionModule", "briefSummary"),
    ("descriptionModule", "detailedDescription"),
    ("conditionsModule", "conditions"),
    ("conditionsModule", "keywords"),
    ("armsInterventionsModule", "interventions"),
    ("outcomesModule", "primaryOutcomes"),
    ("outcomesModule", "secondaryOutcomes"),
    ("eligibilityModule", "eligibilityCriteria"),
)
"""What the baseline reads of a record: everything that says what is studied, and in whom."""


class Baseline:
    """BM25 over records; ready once made.

    Args:
        records: Key and record; read once. Their words are held in memory.

    Raises:
        ImportError: ``bm25s`` is not installed.
    """

    def __init__(self, records: Iterable[tuple[str, Record]]) -> None:
        import bm25s

        self._library: Any = bm25s
        self._keys: list[str] = []
        texts: list[str] = []
        for key, record in records:
            self._keys.append(key)
            texts.append(words_of_record(record))
        self._index: Any = bm25s.BM25()
        self._index.index(bm25s.tokenize(texts, stopwords="en", show_progress=False), show_progress=False)

    @property
    def keys(self) -> frozenset[str]:
        """The records it holds."""
        return frozenset(self._keys)

    def ranked(self, text: str) -> Sequence[str]:
        """The keys of the 1,000 best records for a text."""
        tokens = self._library.tokenize([text], stopwords="en", show_progress=False)
        found, _ = self._index.retrieve(tokens, k=min(1000, len(self._keys)), show_progress=False)
        return [self._keys[number] for number in found[0]]


def words_of_record(record: Record) -> str:
    """The text of a record that the baseline reads."""
    return "\n".join(text for module, name in PROSE for text in _texts(record.module(module).get(name)))


def _texts(node: object) -> Iterable[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for value in node.values():
            yield from _texts(value)
    elif isinstance(node, Sequence):
        for value in node:
            yield from _texts(value)
