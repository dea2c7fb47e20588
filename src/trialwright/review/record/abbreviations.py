"""Abbreviations that the record uses and never spells out. Common ones of medicine, and words in capitals, are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterator

from trialwright.review.known_words import WELL_KNOWN
from trialwright.review.record.subject import CRITERIA, Margin, Subject
from trialwright.vocabulary.findings import Finding

_TOKEN = re.compile(r"(?<![\w/.@-])(?=[A-Za-z]*[A-Z][A-Za-z]*[A-Z])[A-Z][A-Za-z]{1,6}(?![\w/@-])")
_SHOWN = 8
_STAGE = re.compile(r"[IVX]+[A-Ca-c]?")
_OPENS = re.compile(r"\w\s*\(\s*(?:or |the )?[“\"']?$")
_CLOSES = re.compile(r"s?[”\"']?\s*[),;=:]")
_EXPLAINS = re.compile(r"s?\s*(?:\(\s*[A-Za-z][a-z]+[\s,-]+[A-Za-z]|[=:]\s*[A-Za-z][a-z]+ |,?\s+or\s+[a-z]+\s)")
_INITIAL = re.compile(r"(?<![a-z])(?!(?:of|the|and|in|with)(?![a-z]))([a-z])[a-z]+")
_CAPITAL, _SMALL = re.compile(r"[A-Z]"), re.compile(r"[a-z]")
_LOWER_WORD = re.compile(r"\b[a-z]{2,7}\b")


def check_abbreviations(subject: Subject) -> Iterator[Finding]:
    """Abbreviations in criteria, arms and outcomes that no part of the record spells out; one finding for all."""
    text = "\n".join((plain_lines(subject), subject.treatment_text, subject.outcome_text))
    whole = subject.whole_text
    lower_words: set[str] = set()
    initials = ""
    unknown: list[str] = []
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token in unknown or _is_known(token):
            continue
        lower_words = lower_words or set(_LOWER_WORD.findall(whole))
        initials = initials or _initials(whole)
        if token.lower() in lower_words or _is_spelled_out(token, whole, initials):
            continue
        if not _among_capitals(text, found.start(), found.end()):
            unknown.append(token)
    if unknown:
        shown = ", ".join(unknown[:_SHOWN]) + (f" and {len(unknown) - _SHOWN} more" if len(unknown) > _SHOWN else "")
        yield Margin(subject).note(
            "TW-R012",
            CRITERIA,
            f"{shown}: never spelled out in the record",
            "A reader outside the field, and a search, cannot tell what is meant.",
            ("spell each one out where it first stands",),
        )


def plain_lines(subject: Subject) -> str:
    """The criteria without markup, a criterion a line."""
    return "\n".join(criterion.text for criterion in subject.criteria)


def _is_known(token: str) -> bool:
    return bool(_STAGE.fullmatch(token)) or token in WELL_KNOWN or token.removesuffix("s") in WELL_KNOWN


def _among_capitals(text: str, start: int, end: int) -> bool:
    """Whether the words beside it are in capitals too: a line that shouts, not an abbreviation."""
    line = text[text.rfind("\n", 0, start) + 1 : text.find("\n", end) if text.find("\n", end) >= 0 else len(text)]
    capitals = len(_CAPITAL.findall(line))
    return capitals > len(_SMALL.findall(line))


def _is_spelled_out(token: str, whole: str, initials: str) -> bool:
    """Whether the words stand beside it in brackets, or somewhere in the record with these initials."""
    word = token.removesuffix("s")
    if word.lower() in initials:
        return True
    at = whole.find(word)
    while at >= 0:
        after = at + len(word)
        if _CLOSES.match(whole, after) and _OPENS.search(whole, max(0, at - 8), at):
            return True
        if _EXPLAINS.match(whole, after) and not whole[at - 1 : at].isalnum():
            return True
        at = whole.find(word, after)
    return False


def _initials(whole: str) -> str:
    """The first letters of the record's words, links such as "of" left out."""
    return "".join(_INITIAL.findall(whole.lower()))
