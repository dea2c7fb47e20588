"""Clinicians' comparisons brought to one spelling: "no greater than", "≤", "=<" and "or less" all become ``<=``.

Knows nothing of variables or units (those are ``quantities``).
"""

from __future__ import annotations

import re

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"

_POSTFIX_UNIT = r"(?P<unit>(?:\s*(?!or\b|and\b)[a-zµ/%^]+(?:\s+of\s+age)?){0,3}?)"
_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"</=", " <= "),
        (r">/=", " >= "),
        (r"[≧⩾]|>\s*=|=\s*>|>\s*or\s*=|=\s*or\s*>|≥", " >= "),
        (r"[≦⩽]|<\s*=|=\s*<|<\s*or\s*=|=\s*or\s*<|≤", " <= "),
        (r"＞", ">"),
        (r"＜", "<"),
    )
)
_OTHER_SIGNS = str.maketrans(dict.fromkeys("–—−～~‐‑", "-") | dict.fromkeys("×✕·∙", "x"))
_THAN: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r"\b(?:is |are )?(?:greater|more|higher|larger|older) than or (?:the )?(?:equal|same)(?: (?:to|as))?", " >= "),
        (r"\b(?:is |are )?(?:less|lower|fewer|smaller|younger) than or (?:the )?equal(?: to)?", " <= "),
        (r"\bequal to or (?:greater|more|higher|older) than", " >= "),
        (r"\bequal to or (?:less|lower|fewer|younger) than", " <= "),
        (r"\b(?:no|not) (?:less|lower|fewer|younger) than", " >= "),
        (r"\b(?:no|not) (?:greater|more|higher|older|larger) than", " <= "),
        (r"\b(?:greater|more|higher|larger|older) than\b", " > "),
        (r"\b(?:less|lower|fewer|smaller|younger) than\b", " < "),
    )
)
_WORDS = re.compile(
    r"(?P<least>\bat least|\bminimum(?: age)?(?: of)?\b|\bmin\.)"
    r"|(?P<most>\bat most|\bmaximum(?: age)?(?: of)?\b|\bmax\.|\bnot exceeding\b|\bnot (?:to )?exceed\b|\bup to(?! date)\b)"
    r"|(?P<above>\b(?:above|exceed(?:s|ing)?|over)(?=\s*(?:the age of\s*)?[\d.]))"
    r"|(?P<below>\b(?:below|under)(?=\s*(?:the age of\s*)?[\d.]))"
)
_WORD_SIGNS = {"least": " >= ", "most": " <= ", "above": " > ", "below": " < "}
_OR_MORE = re.compile(
    rf"(?<![\d.<>=-])(?P<number>{NUMBER})(?!\s*-){_POSTFIX_UNIT}\s*(?:\(?\s*(?:or|and)\s+"
    r"(?:older|over|above|greater|more|up|higher|upwards?|beyond)\b\)?)"
)
_OR_LESS = re.compile(
    rf"(?<![\d.<>=-])(?P<number>{NUMBER})(?!\s*-){_POSTFIX_UNIT}\s*(?:\(?\s*(?:or|and)\s+"
    r"(?:younger|under|below|less|fewer|lower)\b(?! than)\)?)"
)
_SPACES = re.compile(r"\s+")
_DIGIT = re.compile(r"\d")


def normal(text: str) -> str:
    """Lower-case text with comparisons in one spelling.

    >>> normal("Age no greater than 75 years"), normal("18 years and over")
    ('age <= 75 years', '>= 18 years')
    """
    if not _DIGIT.search(text):
        return text.lower()
    out = text.lower().translate(_OTHER_SIGNS)
    for pattern, put in _SIGNS:
        out = pattern.sub(put, out)
    if "than" in out:
        for pattern, put in _THAN:
            out = pattern.sub(put, out)
    out = _WORDS.sub(lambda found: _WORD_SIGNS[found.lastgroup or ""], out)
    if " or " in out or " and " in out:
        out = _OR_MORE.sub(r" >= \g<number>\g<unit>", out)
        out = _OR_LESS.sub(r" <= \g<number>\g<unit>", out)
    return _SPACES.sub(" ", out).strip()
