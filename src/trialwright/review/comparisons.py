"""Clinicians' comparisons brought to one spelling: "no greater than", "≤", "=<" and "or less" all become ``<=``.

Knows nothing of variables or units (those are ``quantities``).
"""

from __future__ import annotations

import re

NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"

_POSTFIX_UNIT = r"(?P<unit>(?:\s*(?!or\b|and\b)[a-zµ/%^]+(?:\s+of\s+age)?){0,3}?)"
_SINGLE_SIGNS = str.maketrans(
    dict.fromkeys("≥≧⩾", " >= ")
    | dict.fromkeys("≤≦⩽", " <= ")
    | {"＞": ">", "＜": "<"}
    | dict.fromkeys("–—−～~‐‑", "-")
    | dict.fromkeys("×✕·∙", "x")
)
_JOINED_SIGNS = re.compile(r"(?P<ge>>/?\s*=|=\s*>|>\s*or\s*=|=\s*or\s*>)|(?P<le></?\s*=|=\s*<|<\s*or\s*=|=\s*or\s*<)")
_MORE, _LESS = r"(?:greater|more|higher|larger|older)", r"(?:less|lower|fewer|smaller|younger)"
_WORDS = re.compile(
    rf"(?P<ge>\b(?:is |are )?{_MORE} than or (?:the )?(?:equal|same)(?: (?:to|as))?|\bequal to or {_MORE} than"
    rf"|\b(?:no|not) {_LESS} than|\bat least|\bminimum(?: age)?(?: of)?\b|\bmin\.)"
    rf"|(?P<le>\b(?:is |are )?{_LESS} than or (?:the )?equal(?: to)?|\bequal to or {_LESS} than"
    rf"|\b(?:no|not) {_MORE} than|\bat most|\bmaximum(?: age)?(?: of)?\b|\bmax\.|\bnot exceeding\b|\bnot (?:to )?exceed\b"
    r"|\bup to(?! date)\b)"
    rf"|(?P<gt>\b{_MORE} than\b|\b(?:above|exceed(?:s|ing)?|over)(?=\s*(?:the age of\s*)?[\d.]))"
    rf"|(?P<lt>\b{_LESS} than\b|\b(?:below|under)(?=\s*(?:the age of\s*)?[\d.]))"
)
_SIGN = {"ge": " >= ", "le": " <= ", "gt": " > ", "lt": " < "}
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
    out = text.lower().translate(_SINGLE_SIGNS)
    if "=" in out:
        out = _JOINED_SIGNS.sub(lambda found: _SIGN[found.lastgroup or ""], out)
    out = _WORDS.sub(lambda found: _SIGN[found.lastgroup or ""], out)
    if " or " in out or " and " in out:
        out = _OR_MORE.sub(r" >= \g<number>\g<unit>", out)
        out = _OR_LESS.sub(r" <= \g<number>\g<unit>", out)
    return _SPACES.sub(" ", out).strip()
