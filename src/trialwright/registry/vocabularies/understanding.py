"""A plain question taken apart: "recruiting leukemia trials in Italy for children". English and Italian.

What is taken for more than words is kept with the stretch it came from, so that a page can show it and a reader can undo
it (``as_words``). Only what is said plainly is taken; everything else stays a word. Never searches.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

from trialwright.registry.places import Place
from trialwright.registry.vocabularies.question_words import (
    AGE,
    AGE_GROUPS,
    EDGE_WORDS,
    FILLERS,
    HEALTHY,
    NUMBERS,
    PHASE,
    SEXES,
    STATUSES,
    phases_of,
)
from trialwright.registry.vocabularies.whereabouts import Country, Where, country_named, wheres

TakenKind = Literal["number", "place", "country", "status", "phase", "age", "age_group", "sex", "healthy", "filler"]

LONGEST_QUESTION = 1_000
"""Characters; what is longer is no question and stays words (a note is for ``read_note``)."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A stretch of the question that was taken for more than words.

    Args:
        kind: What for; ``filler`` is left out of the words and means nothing (``trials``).
        text: The stretch as typed.
        start: Its first character, from 0.
        end: After its last.
        value: What it means: a registry's value (``RECRUITING``, ``PHASE2``, ``CHILD``, ``FEMALE``), a number, a place.
    """

    kind: TakenKind
    text: str
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Understood:
    """A question taken apart.

    Args:
        question: As typed.
        words: What is left to search for; may be empty.
        taken: The stretches that were taken, in order.
        place: A city to look around; the most populous of its name.
        radius_km: How far from it, where that is said.
        countries: Countries, any of which will do, with the names that records write them by.
        statuses: Overall statuses, any of which will do.
        phases: Phases, any of which will do.
        age_years: A person's age.
        age_groups: ``CHILD``, ``ADULT``, ``OLDER_ADULT``.
        sex: Of the person.
        healthy: Whether healthy volunteers are asked for.
        numbers: NCT, EudraCT and EU trial numbers.
    """

    question: str
    words: str
    taken: tuple[Taken, ...] = ()
    place: Place | None = None
    radius_km: float | None = None
    countries: tuple[Country, ...] = ()
    statuses: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    age_years: float | None = None
    age_groups: tuple[str, ...] = ()
    sex: Literal["FEMALE", "MALE"] | None = None
    healthy: bool = False
    numbers: tuple[str, ...] = ()


@dataclass(slots=True)
class _Pad:
    """The question with the stretches already taken; none may overlap another."""

    question: str
    as_words: tuple[str, ...]
    taken: list[Taken] = field(default_factory=list)

    def take(self, kind: TakenKind, start: int, end: int, value: str) -> bool:
        text = self.question[start:end]
        if any(start < one.end and one.start < end for one in self.taken) or text.casefold() in self.as_words:
            return False
        self.taken.append(Taken(kind, text, start, end, value))
        return True

    def values(self, kind: TakenKind) -> tuple[str, ...]:
        found = (
            value for one in sorted(self.taken, key=lambda one: one.start) if one.kind == kind for value in one.value.split()
        )
        return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1024)
def understand(question: str, as_words: tuple[str, ...] = ()) -> Understood:
    """Take a question apart.

    Args:
        question: As typed.
        as_words: Stretches, as typed, that the reader wants as words and nothing else.

    >>> found = understand("imatinib near Bergamo")
    >>> found.words, found.place.name, found.taken[0].text
    ('imatinib', 'Bergamo', 'near Bergamo')
    """
    if len(question) > LONGEST_QUESTION:
        return Understood(question, question)
    pad = _Pad(question, tuple(one.casefold() for one in as_words))
    for found in NUMBERS.finditer(question):
        pad.take("number", *found.span(), found[0].upper())
    where = _take_place(pad)
    _take_people(pad)
    _take_all(pad, "status", STATUSES)
    for found in PHASE.finditer(question):
        pad.take("phase", *found.span(), phases_of(found))
    words = _rest(pad)
    return Understood(
        question,
        words,
        tuple(sorted(pad.taken, key=lambda one: one.start)),
        where.place if where else None,
        where.radius_km if where else None,
        tuple(country for one in pad.taken if one.kind == "country" and (country := country_named(one.value))),
        pad.values("status"),
        pad.values("phase"),
        next((float(value) for value in pad.values("age")), None),
        pad.values("age_group"),
        _sex(pad.values("sex")),
        bool(pad.values("healthy")),
        pad.values("number"),
    )


def _take_place(pad: _Pad) -> Where | None:
    """The first city and every country; a second city stays words."""
    city = None
    for where in wheres(pad.question):
        if where.country:
            pad.take("country", where.start, where.end, where.country.name)
        elif where.place and city is None and pad.take("place", where.start, where.end, where.place.name):
            city = where
    return city


def _take_people(pad: _Pad) -> None:
    _take_all(pad, "healthy", ((HEALTHY, "yes"),))
    for found in AGE.finditer(pad.question):
        number = next(group for group in found.groups() if group)
        if int(number) <= 120:
            pad.take("age", *found.span(), number)
            break
    _take_all(pad, "age_group", AGE_GROUPS)
    _take_all(pad, "sex", SEXES)


def _take_all(pad: _Pad, kind: TakenKind, patterns: Iterable[tuple[re.Pattern[str], str]]) -> None:
    for pattern, value in patterns:
        for found in pattern.finditer(pad.question):
            pad.take(kind, *found.span(), value)


def _sex(values: Sequence[str]) -> Literal["FEMALE", "MALE"] | None:
    """One sex; both mean any."""
    if len(values) != 1:
        return None
    return "FEMALE" if values[0] == "FEMALE" else "MALE"


def _rest(pad: _Pad) -> str:
    """The words that are left, without fillers and without the prepositions that led to what was taken."""
    if pad.taken or len(pad.question.split()) > 1:
        for found in FILLERS.finditer(pad.question):
            if any(_only_words(pad, found.start(), found.end())):
                pad.take("filler", *found.span(), "")
    left = list(_only_words(pad, 0, 0))
    if not pad.taken:
        return " ".join(pad.question.split())
    while left and left[-1].casefold().strip(",.?!") in EDGE_WORDS:
        left.pop()
    while left and left[0].casefold().strip(",.?!") in EDGE_WORDS:
        left.pop(0)
    return " ".join(left).strip(" ,.?!")


def _only_words(pad: _Pad, start: int, end: int) -> Iterator[str]:
    """The words outside the stretches taken and outside one more."""
    held = sorted([(one.start, one.end) for one in pad.taken] + [(start, end)])
    at = 0
    for low, high in [*held, (len(pad.question), len(pad.question))]:
        yield from pad.question[at:low].split()
        at = max(at, high)
