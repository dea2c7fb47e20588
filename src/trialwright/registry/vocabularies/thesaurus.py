"""The names that mean the same condition or the same drug, read from one bundled file when first asked for.

Conditions and interventions are kept apart: a drug's names never expand a condition. The file is made by
``data/rebuild.py`` and passed the sanity suite (``data/sanity.tsv``) when it was. Never guesses: a name that the file
does not hold has no expansion.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import as_file, files
from typing import Literal

import numpy as np

from trialwright.registry.vocabularies.words import key_of, words_of

Kind = Literal["condition", "intervention", "any"]
KindOfName = Literal["condition", "intervention"]

_DATA = files("trialwright.registry.vocabularies") / "data"
LONGEST_NAME_WORDS = 10
"""No name of more words is looked for, which bounds the work over a long text."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """A stretch of words that names a concept, and the other names of it.

    Args:
        start: Index of the first word (of ``words_of``), from 0.
        end: Index after the last word.
        concept: The concept's identifier in its source, such as ``DOID:1612`` or ``DRUGBANK:DB00619``.
        preferred: The name to show.
        variants: Other names, the most frequent in real records first; none contains the words themselves or another
            variant, since whatever holds the longer name holds the shorter.
        kind: What the concept is.
    """

    start: int
    end: int
    concept: str
    preferred: str
    variants: tuple[str, ...]
    kind: KindOfName


@dataclass(frozen=True, slots=True)
class Concept:
    """One concept of the bundled file.

    Args:
        identifier: As in its source.
        preferred: The name to show.
        names: Every other name that may stand in a text, the most frequent in real records first.
        records: In how many of the records that the file was made with any of its names stands; orders suggestions.
    """

    identifier: str
    preferred: str
    names: tuple[str, ...]
    records: int


@dataclass(frozen=True, slots=True)
class Thesaurus:
    """The concepts of one kind, found by the key of any of their names; ``keys`` are in order."""

    kind: KindOfName
    by_key: Mapping[str, int]
    keys: Sequence[str]
    lines: Sequence[str]

    def concept(self, number: int) -> Concept:
        """The concept of a number in ``by_key``."""
        identifier, records, *names = self.lines[number].split("\t")
        return Concept(identifier, names[0], tuple(names[1:]), int(records))

    def of_name(self, name: str) -> Concept | None:
        """The concept that a whole name means, or None."""
        number = self.by_key.get(key_of(words_of(name)))
        return None if number is None else self.concept(number)


@cache
def thesaurus(kind: KindOfName) -> Thesaurus:
    """The concepts of one kind; read once."""
    with as_file(_DATA / "names.zip") as path, zipfile.ZipFile(path) as archive:
        keys = archive.read(f"{kind}.keys").decode().split("\n")
        numbers = np.frombuffer(archive.read(f"{kind}.numbers"), "<u4").tolist()
        lines = archive.read(f"{kind}.concepts").decode().split("\n")
    return Thesaurus(kind, dict(zip(keys, numbers, strict=True)), keys, lines)


@cache
def spelled_words() -> tuple[str, ...]:
    """Every word of four letters and more that a name is made of, the most frequent in real records first; read once."""
    with as_file(_DATA / "names.zip") as path, zipfile.ZipFile(path) as archive:
        return tuple(archive.read("words").decode().split("\n"))


@lru_cache(maxsize=4096)
def expand(words: str, kind: Kind) -> tuple[Expansion, ...]:
    """The stretches of a text that name a condition or a drug, each with its other names; the longest match wins.

    Args:
        words: Any text; compared without case, accents, plural and British spelling.
        kind: ``any`` looks for both and prefers the longer, then the condition.

    Returns:
        Expansions in order, none overlapping another. Empty where nothing is named, and for a name without others.

    >>> [one.preferred for one in expand("Glivec in HES", "any")]
    ['Imatinib', 'Hypereosinophilic syndrome']
    """
    return tuple(one for one in named(words_of(words), kind) if one.variants)


def named(tokens: tuple[str, ...], kind: Kind) -> tuple[Expansion, ...]:
    """Every stretch of words that names a concept, also those that have no other name; as ``expand``."""
    lists = [thesaurus(one) for one in kinds_of(kind)]
    keys = [key_of((token,)) for token in tokens]
    found = []
    at = 0
    while at < len(tokens):
        match = _longest(keys, at, lists)
        if match is None:
            at += 1
            continue
        end, names, number = match
        concept, spelled = _read(names.kind, number)
        variants = _others(tokens[at:end], spelled)
        found.append(Expansion(at, end, concept.identifier, concept.preferred, variants, names.kind))
        at = end
    return tuple(found)


def kinds_of(kind: Kind) -> tuple[KindOfName, ...]:
    """The kinds of name that a kind of question asks for."""
    return ("condition", "intervention") if kind == "any" else (kind,)


def _longest(keys: Sequence[str], at: int, lists: Sequence[Thesaurus]) -> tuple[int, Thesaurus, int] | None:
    """The end of the longest name that begins at a word, its list and the number of its concept; a possessive s is no word."""
    for end in range(min(len(keys), at + LONGEST_NAME_WORDS), at, -1):
        if not keys[at] or not keys[end - 1]:
            continue
        key = " ".join(filter(None, keys[at:end]))
        for one in lists:
            number = one.by_key.get(key)
            if number is not None:
                return end, one, number
    return None


@lru_cache(maxsize=16_384)
def _read(kind: KindOfName, number: int) -> tuple[Concept, tuple[tuple[str, str], ...]]:
    """A concept, and its names each with its words between spaces; a name that holds another is left out."""
    concept = thesaurus(kind).concept(number)
    spelled = {f" {' '.join(words_of(name))} ": name for name in reversed((concept.preferred, *concept.names))}
    ordered = sorted(spelled.items(), key=lambda each: (concept.preferred, *concept.names).index(each[1]))
    kept = (each for each in ordered if not any(other in each[0] for other in spelled if other != each[0]))
    return concept, tuple(kept)


def _others(tokens: tuple[str, ...], spelled: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The names that find more than the words at hand."""
    own = f" {' '.join(tokens)} "
    return tuple(name for words, name in spelled if own not in words)
