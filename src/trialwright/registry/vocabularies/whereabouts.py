"""The places that a question names: "near Bergamo", "within 50 km of Milan", "in Italia". Never guesses a spelling.

After *in*, a city must be written with a capital (or stand in a question without any), since many English words are the
name of some city; a country may be written as one likes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from trialwright.registry.places import Place, country_code, find_anywhere
from trialwright.registry.vocabularies.words import words_of

_KM = {
    "km": 1.0,
    "kilometers": 1.0,
    "kilometres": 1.0,
    "chilometri": 1.0,
    "mi": 1.609344,
    "mile": 1.609344,
    "miles": 1.609344,
    "miglia": 1.609344,
}
_WITHIN = (
    r"(?:within|less\s+than|up\s+to|entro|nel\s+raggio\s+di|a\s+meno\s+di|a)?\s*(?P<far>\d{1,4}(?:\.\d+)?)\s*"
    r"(?P<unit>km|kilomet(?:er|re)s|chilometri|mi|miles?|miglia)\s+(?:of|from|around|da|dal|dalla|da\s+casa\s+a)\s+"
)
_NEAR = r"(?:near(?:by)?(?:\s+to)?|close\s+to|around|vicino(?:\s+ad?)?|nei\s+pressi\s+di|nei\s+dintorni\s+di|intorno\s+ad?)\s+"
_IN = r"(?P<in>(?:in|negli|nei|nel|nella|at|a)\s+)(?:the\s+)?"
_LEADS = re.compile(rf"\b(?:{_WITHIN}|{_NEAR}|{_IN})", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][\w'’.-]*(?:,?\s+[^\W\d_][\w'’.-]*){0,4}")
_STOP_TEXT = "for with and or who that which per con e che aged age trial trials study studies recruiting phase fase"
_STOP = frozenset(_STOP_TEXT.split())
_NO_PLACES_TEXT = (
    "children women men man adults patients people remission combination relapse general vitro vivo mobile nice reading"
)
_NO_PLACES = frozenset(_NO_PLACES_TEXT.split())


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a question.

    Args:
        start: First character of the stretch, with the word that leads to it.
        end: After its last character.
        place: A city, or None for a country.
        country: A country, or None for a city.
        radius_km: How far, where it is said.
    """

    start: int
    end: int
    place: Place | None
    country: Country | None
    radius_km: float | None = None


def wheres(question: str) -> Iterator[Where]:
    """The places that a question names, in order."""
    at = 0
    while lead := _LEADS.search(question, at):
        found = _place_after(question, lead)
        at = found.end if found else lead.end() if lead.end() > at else at + 1
        if found:
            yield found


def _place_after(question: str, lead: re.Match[str]) -> Where | None:
    name = _NAME.match(question, lead.end())
    if name is None:
        return None
    words = _until_stop(name[0])
    radius_km = float(lead["far"]) * _KM[lead["unit"].lower()] if lead["far"] else None
    for count in range(len(words), 0, -1):
        text = re.match(r"\s*,?\s*".join(map(re.escape, words[:count])), name[0])
        if text is None:
            continue
        tried = text[0].rstrip(" ,.?!")
        end = name.start() + len(tried)
        country = country_named(tried)
        if country and radius_km is None:
            return Where(lead.start(), end, None, country)
        place = _city(tried, question, after_in=lead["in"] is not None)
        if place:
            return Where(lead.start(), end, place, None, radius_km)
    return None


def _until_stop(name: str) -> list[str]:
    words = []
    for word in re.findall(r"[^\s,]+", name):
        if word.lower().strip(".") in _STOP:
            break
        words.append(word)
    return words


def _city(name: str, question: str, *, after_in: bool) -> Place | None:
    if name.lower() in _NO_PLACES:
        return None
    if after_in and not name[0].isupper() and (question != question.lower() or len(name) < 5):
        return None
    city, _, region = name.rpartition(" ")
    found = find_anywhere(name) or (find_anywhere(f"{city}, {region}") if city and "," not in city else ())
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Country:
    """A country as registry records write it.

    Args:
        code: ISO 3166 alpha-2.
        name: The registry's name today.
        spellings: Every name that records use, today's first.
    """

    code: str
    name: str
    spellings: tuple[str, ...]


def country_named(name: str) -> Country | None:
    """A country by its English or Italian name, or None.

    >>> country_named("Italia").name, country_named("Corea del Sud").spellings, country_named("Atlantis")
    ('Italy', ('South Korea', 'Korea, Republic of'), None)
    """
    by_name, by_code = _countries()
    code = by_name.get(" ".join(words_of(name))) or country_code(name)
    return by_code.get(code) if code else None


@cache
def _countries() -> tuple[dict[str, str], dict[str, Country]]:
    """Name that people type (in words) to code, and code to country."""
    text = (files("trialwright.registry.vocabularies") / "data" / "countries.tsv").read_text("utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    typed = {" ".join(words_of(one)): code for code, _, _, names in rows for one in names.split("|") if one}
    countries = {code: Country(code, name, (name, *(one for one in other.split("|") if one))) for code, name, other, _ in rows}
    return typed, countries
