"""Names that begin with what is being typed, and the spelling that may have been meant. Never searches the index."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from trialwright.registry.vocabularies.thesaurus import KindOfName, kinds_of, spelled_words, thesaurus
from trialwright.registry.vocabularies.words import folded, key_of, word_spans, words_of

_LEAST_LETTERS = 4  # a shorter word is mostly an abbreviation or a number, and everything is close to it
_FAR_FROM = 8  # from so many letters on, two mistakes are looked past
_MOST_LOOKED_AT = 3_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A name to complete what is typed.

    Args:
        text: The name that begins so.
        preferred: The name to show of what it means; the same where it is that.
        kind: What it names.
        records: In how many of the records that the vocabulary was made with it stands; only an order.
    """

    text: str
    preferred: str
    kind: KindOfName
    records: int


@lru_cache(maxsize=4096)
def suggest(prefix: str, limit: int = 8) -> tuple[Suggestion, ...]:
    """Conditions and drugs of which a name begins with the words typed, the most frequent in real records first.

    Each concept once. Empty for fewer than two letters.

    >>> [one.text for one in suggest("gliv", 3)]
    ['Glivec']
    """
    typed = " ".join(words_of(prefix))
    if len(typed) < 2:
        return ()
    found: dict[tuple[str, str], Suggestion] = {}
    for kind in kinds_of("any"):
        for concept_id, one in _beginning(typed, kind):
            found.setdefault((kind, concept_id), one)
    ranked = sorted(found.values(), key=lambda one: (-_weight(one), len(one.text), one.text))
    return tuple(ranked[:limit])


def _weight(one: Suggestion) -> float:
    """How likely it is meant: what is shown begins with the letters typed, or only another name of it does."""
    return one.records if one.text == one.preferred else one.records / 8


def _beginning(typed: str, kind: KindOfName) -> Iterator[tuple[str, Suggestion]]:
    names = thesaurus(kind)
    *before, last = typed.split(" ")
    begun = " ".join([*filter(None, [key_of(tuple(before))]), last])
    at = bisect_left(names.keys, begun)
    for key in names.keys[at : at + _MOST_LOOKED_AT]:
        if not key.startswith(begun):
            return
        concept = names.concept(names.by_key[key])
        all_names = (concept.preferred, *concept.names)
        text = next(
            (name for name in all_names if folded(name).startswith(typed) or " ".join(words_of(name)).startswith(typed)), None
        )
        yield concept.identifier, Suggestion(text or concept.preferred, concept.preferred, kind, concept.records)


def did_you_mean(words: str, known: Callable[[str], int]) -> str | None:
    """The words with each one that is nowhere replaced by the nearest word that is somewhere.

    Args:
        words: As typed; everything between the words is kept.
        known: In how many studies a word stands; 0 for none.

    Returns:
        The corrected words, or None where nothing is unknown or nothing is near: one letter wrong, missing, added or two
        swapped; two such mistakes from eight letters on. Of words equally near, the one in the most studies.
    """
    corrected = words
    changed = False
    for word, start, end in reversed(word_spans(words)):
        if len(word) < _LEAST_LETTERS or not word.isalpha() or known(word):
            continue
        near = _nearest(word, known)
        if near is not None:
            corrected = corrected[:start] + near + corrected[end:]
            changed = True
    return corrected if changed else None


def _nearest(word: str, known: Callable[[str], int]) -> str | None:
    farthest = 2 if len(word) >= _FAR_FROM else 1
    candidates: dict[int, list[str]] = {1: [], 2: []}
    letters = frozenset(word)
    for other in _of_length(len(word), farthest):
        if len(letters.symmetric_difference(other)) <= 2 * farthest:
            distance = mistakes(word, other, farthest)
            if 0 < distance <= farthest:
                candidates[distance].append(other)
    for distance in range(1, farthest + 1):
        counted = [(known(one), -place, one) for place, one in enumerate(candidates[distance][:50])]
        best = max(counted, default=(0, 0, ""))
        if best[0]:
            return best[2]
    return None


@lru_cache(maxsize=64)
def _of_length(length: int, farthest: int) -> tuple[str, ...]:
    return tuple(word for word in spelled_words() if abs(len(word) - length) <= farthest)


def mistakes(one: str, other: str, farthest: int) -> int:
    """How many letters are wrong, missing, added, or swapped with their neighbour; more than ``farthest`` is not told apart.

    Source: optimal string alignment distance (Boytsov, ACM JEA 2011;16:1.1).

    >>> mistakes("imatinb", "imatinib", 2), mistakes("luekemia", "leukemia", 2), mistakes("aspirin", "insulin", 2)
    (1, 1, 3)
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, against in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != against))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == against:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > farthest:
            return farthest + 1
        before, last = last, row
    return min(last[-1], farthest + 1)
