"""The words that the study page says by itself, in the language that is spoken: English unless ``spoken`` says otherwise.

The record's own texts are never here: they are shown as the record has them. Another language is another mapping.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import ModuleType

from trialwright.report.study_page import words_en, words_it

LANGUAGES: Mapping[str, ModuleType] = {"en": words_en, "it": words_it}
_language: ContextVar[str] = ContextVar("language", default="en")


@contextmanager
def spoken(language: str) -> Iterator[None]:
    """Speak a language within the block.

    Raises:
        KeyError: We do not speak it; ``LANGUAGES`` says which ones we do.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    before = _language.set(language)
    try:
        yield
    finally:
        _language.reset(before)


class _Spoken(Mapping[str, str]):
    """A mapping of the language that is spoken, by its name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def _words(self) -> Mapping[str, str]:
        found: Mapping[str, str] = getattr(LANGUAGES[_language.get()], self._name)
        return found

    def __getitem__(self, key: str) -> str:
        return self._words()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._words())

    def __len__(self) -> int:
        return len(self._words())


WORDS: Mapping[str, str] = _Spoken("WORDS")
SENTENCES: Mapping[str, str] = _Spoken("SENTENCES")
HEADLINES: Mapping[str, str] = _Spoken("HEADLINES")
PHASES: Mapping[str, str] = _Spoken("PHASES")


def months() -> tuple[str, ...]:
    """The twelve names."""
    found: tuple[str, ...] = LANGUAGES[_language.get()].MONTHS
    return found


def number(count: int) -> str:
    """A count with its thousands apart: ``1,234`` in English, ``1.234`` in Italian."""
    separator: str = LANGUAGES[_language.get()].THOUSANDS
    return f"{count:,}".replace(",", separator)


def label(kind: str, term: str | None) -> str:
    """The words for a closed term; a term that has none is written out (``CASE_COHORT`` is "Case cohort")."""
    if term is None:
        return ""
    labels: Mapping[str, Mapping[str, str]] = LANGUAGES[_language.get()].LABELS
    known = labels.get(kind, {}).get(term)
    if known is None and kind:
        known = labels.get("", {}).get(term)
    return term.replace("_", " ").capitalize() if known is None else known


def counted(one: str, many: str, count: int) -> str:
    """The sentence for one thing, or that for many with their number: ``counted("one_site", "sites", 3)``."""
    return SENTENCES[one] if count == 1 else SENTENCES[many].format(count=number(count))
