"""What a person types into one box, as a search: numbers, an expression, or a plain question. Finds nothing itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from trialwright.registry.language import (
    Area,
    Coverage,
    Kind,
    Node,
    Or,
    Search,
    Section,
    Words,
    canonical_nct,
    has_operators,
    only_nct_ids,
)
from trialwright.registry.places import Place
from trialwright.registry.requests import ParameterError, read_expression
from trialwright.registry.vocabularies.understanding import Taken, Understood, understand

_STRUCTURED = re.compile(r"[\"()]")


@dataclass(frozen=True, slots=True)
class Reading:
    """A stretch of the text that was taken as more than words.

    Args:
        kind: What it was taken as: ``place``, ``status``, ``age`` …
        text: The stretch as typed.
        rest: The text without it.
        meaning: What it was taken to mean, such as the status ``RECRUITING``.
    """

    kind: str
    text: str
    rest: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Question:
    """What was typed, as a search.

    Args:
        queries: Search area and tree; they rank.
        filters: They only choose.
        keys: The studies that are named by number; None where none is.
        words: What is searched as words.
        readings: What was taken as more than words.
        as_expression: Whether it was read as an expression.
        age_years: Of the person who would take part.
        sex: Of that person.
        healthy: Whether healthy volunteers are asked for.
        place: A city to look around.
        radius_km: How far from it, where that is said.
    """

    queries: tuple[tuple[str, Node], ...] = ()
    filters: tuple[Node, ...] = ()
    keys: tuple[str, ...] | None = None
    words: str = ""
    readings: tuple[Reading, ...] = ()
    as_expression: bool = False
    age_years: float | None = None
    sex: Literal["FEMALE", "MALE"] | None = None
    healthy: bool = False
    place: Place | None = None
    radius_km: float | None = None


def read_question(text: str, label: str, parameter: str = "") -> Question:
    """Read what was typed: study numbers, an expression where it has operators, else a plain question.

    Args:
        text: As typed.
        label: What the person knows the place as, such as ``the search box``.
        parameter: Its name in an address.

    Raises:
        ParameterError: It holds operators and cannot be read as an expression.
    """
    numbers = only_nct_ids(text)
    if numbers:
        return Question(keys=tuple(numbers), words=text)
    if has_operators(text) or _STRUCTURED.search(text):
        return _expression(text, label, parameter)
    return _plain(text)


def as_words(text: str) -> Question:
    """The text as words and nothing else."""
    return Question(queries=(("BasicSearch", Words(text)),), words=text)


def _plain(text: str) -> Question:
    """A plain question: what is plainly a place, a status, an age … is taken as such, and the rest as words."""
    found = understand(text)
    meant = [one for one in found.taken if one.kind != "filler"]
    if not meant:
        return as_words(found.words or text)
    numbers = [one for one in found.numbers if canonical_nct(one) is None]
    return Question(
        queries=(
            *((("BasicSearch", Words(found.words)),) if found.words else ()),
            *(("IdSearch", Words(one, True)) for one in numbers),
        ),
        filters=tuple(_meant(found)),
        keys=tuple(nct for one in found.numbers if (nct := canonical_nct(one))) or None,
        words=found.words,
        readings=tuple(Reading(one.kind, one.text, _left_out(text, one), one.value) for one in meant),
        age_years=found.age_years,
        sex=found.sex,
        healthy=found.healthy,
        place=found.place,
        radius_km=found.radius_km,
    )


def _left_out(text: str, taken: Taken) -> str:
    return " ".join(f"{text[: taken.start]} {text[taken.end :]}".split())


def _meant(found: Understood) -> Iterator[Node]:
    """The filters of a plain question; several of one kind are alternatives."""
    for piece, values in (("OverallStatus", found.statuses), ("Phase", found.phases), ("StdAge", found.age_groups)):
        if values:
            yield _any(tuple(Area(piece, False, Words(value)) for value in values))
    spellings = tuple(spelling for one in found.countries for spelling in one.spellings)
    if spellings:
        yield Search(Section.LOCATION, _any(tuple(whole("LocationCountry", one) for one in spellings)))


def _any(nodes: tuple[Node, ...]) -> Node:
    return nodes[0] if len(nodes) == 1 else Or(nodes)


def _expression(text: str, label: str, parameter: str) -> Question:
    """An expression; where only brackets or quotation marks suggested one and it is none, plain words."""
    try:
        node = read_expression(text, label, parameter)
    except ParameterError:
        if has_operators(text):
            raise
        return as_words(text)
    return Question(queries=(("BasicSearch", node),), words=text, as_expression=True)


@lru_cache(maxsize=512)
def whole(piece: str, value: str) -> Node:
    """A piece whose whole value is this one."""
    return Area(piece, False, Coverage(Kind.FULL_MATCH, Words(value, quoted=True)))
