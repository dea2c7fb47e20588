"""A patient's note read for a search: age, sex, what is named and how much it says. Pure; never judges eligibility.

Long free text makes a poor query word by word: most of it is normal findings, history and numbers. What a note names of
conditions and drugs weighs most, what it denies ("denies diabetes", "no fever") counts for nothing, and what its first
sentence says counts double.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from trialwright.registry.vocabularies.thesaurus import Expansion, named
from trialwright.registry.vocabularies.words import folded, word_spans

_AGE = re.compile(
    r"\b(\d{1,3})\s*[- ]?\s*(years?|yrs?|y|months?|mo|weeks?|wks?|days?)[\s/.-]*(?:o\b|old\b|of\s+age\b)"
    r"|\b(\d{1,3})\s*(?:yo|y/o|y\.o)\b|\baged?\s+(\d{1,3})\b|^\W*(\d{1,3})\s*-?\s*(?=[MF]\b)",
    re.I,
)
_YEARS_IN = {"y": 1.0, "m": 1 / 12, "w": 7 / 365.25, "d": 1 / 365.25}
_FEMALE = re.compile(r"\b(woman|female|girl|lady|she|her|f)\b")
_MALE = re.compile(r"\b(man|male|boy|gentleman|he|his|m)\b")
_SENTENCE = re.compile(r"[.;!?]\s+|\n+")
_DENIAL = re.compile(
    r"\b(no|not|denie[sd]|denying|without|negative for|absence of|never|nor|neither|non|unremarkable for|rule[ds]? out|free of)\b"
)
_END_OF_DENIAL = re.compile(r"\b(but|except|however|although|though|who|presents?|presented|which|is|was|has|had)\b|:")
_EMPTY_TEXT = """
a about above admission admitted after again all also although am an and any are as at be became because been before being
below between both but by came can clinic could course daily day days did do does doing done down due during each exam
examination felt few first follow followed following for found from further general given had has have having he her here hers
him his history home hospital how however i if in into is it its itself just known last later left less low man mg ml month
months more most much my no noted nor normal not notable now of off old on once only or other our out over own past patient
per physical presented presenting presents prior recent recently reported reports revealed right same seen several she shows
showed significant since so some started still such taken than that the their them then there these they this those though
three through time to today took two under until up upon very was week weeks well went were what when where which while who
whom why will with within without woman would year years you yo male female boy girl lady gentleman aged one four five six
result results outcome outcomes study studies lab labs laboratory complaints general good health discuss test tests blood
department emergency brought parents husband wife says seven ago admits denies states complains complaint s d t m f h o w c q
prn po bid tid
"""
EMPTY_WORDS = frozenset(_EMPTY_TEXT.split())
"""Words of a note that say nothing of what a study could be about."""
FIRST_SENTENCE = 2.0
"""How much more a mention in the first sentence counts."""


@dataclass(frozen=True, slots=True)
class Mention:
    """Something that a note names.

    Args:
        expansion: The concept and its other names; positions are of the whole note's words.
        words: The words it was named by.
        weight: Sum over its mentions; at least 1.
    """

    expansion: Expansion
    words: tuple[str, ...]
    weight: float


@dataclass(frozen=True, slots=True)
class Note:
    """What a note says, as far as a search can use it.

    Args:
        age_years: Age of the person, where it is stated.
        sex: ``FEMALE`` or ``MALE`` where words say it.
        mentions: Conditions and drugs, each once, in the order they are first named.
        words: Every word that says something and is not denied, with its weight, in order.
    """

    age_years: float | None
    sex: Literal["FEMALE", "MALE"] | None
    mentions: tuple[Mention, ...]
    words: tuple[tuple[str, float], ...]


@lru_cache(maxsize=256)
def read_note(text: str) -> Note:
    """Read a patient's note.

    >>> note = read_note("A 45-year-old man with anaplastic astrocytoma. He denies diabetes.")
    >>> note.age_years, note.sex, [one.expansion.preferred for one in note.mentions]
    (45.0, 'MALE', ['Anaplastic astrocytoma'])
    """
    mentions: dict[str, Mention] = {}
    words: dict[str, float] = {}
    for number, stretch in enumerate(_said(text)):
        weight = FIRST_SENTENCE if number == 0 else 1.0
        for expansion in named(stretch, "any"):
            own = stretch[expansion.start : expansion.end]
            if len(own) == 1 and (own[0] in EMPTY_WORDS or len(own[0]) < 3 or own[0].isdigit()):
                continue
            before = mentions.get(expansion.concept)
            total = weight + (before.weight if before else 0.0)
            mentions[expansion.concept] = Mention(
                before.expansion if before else expansion, before.words if before else own, total
            )
        for word in stretch:
            if word not in EMPTY_WORDS and not word.isdigit() and len(word) > 1:
                words[word] = words.get(word, 0.0) + weight
    return Note(_age(text), _sex(text), tuple(mentions.values()), tuple(words.items()))


def _said(text: str) -> Iterator[tuple[str, ...]]:
    """The words of each sentence without what it denies."""
    for sentence in _SENTENCE.split(text):
        plain = folded(sentence)
        kept = []
        at = 0
        while found := _DENIAL.search(plain, at):
            kept.append(plain[at : found.start()])
            over = _END_OF_DENIAL.search(plain, found.end())
            at = over.start() if over else len(plain)
        kept.append(plain[at:])
        words = tuple(word for part in kept for word, _, _ in word_spans(part))
        if words:
            yield words


def _age(text: str) -> float | None:
    found = _AGE.search(text)
    if found is None:
        return None
    number = next(group for group in (found[1], found[3], found[4], found[5]) if group)
    years = int(number) * _YEARS_IN[found[2][0].lower() if found[2] else "y"]
    return years if years <= 120 else None


def _sex(text: str) -> Literal["FEMALE", "MALE"] | None:
    """The sex that the words name first; one letter only right after the age."""
    plain = folded(text)
    firsts = []
    for sex, pattern in (("FEMALE", _FEMALE), ("MALE", _MALE)):
        for found in pattern.finditer(plain):
            if len(found[0]) > 1 or re.search(r"\d\s*(yo|y/o|yr|year old|y\.o\.?)?\s*-?$", plain[: found.start()]):
                firsts.append((found.start(), sex))
                break
    return "FEMALE" if firsts and min(firsts)[1] == "FEMALE" else "MALE" if firsts else None
