"""Words of the language: which text makes which token. Most words are words only where the grammar can use them.

A name may be any word that the grammar does not want at that point. Words that can open an expression are reserved:
``reserved_words`` lists them. Never decides what a name means.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection
from dataclasses import dataclass

from trialwright.vocabulary.units import Unit, longest_unit

# Phrase → token; a blank stands for any run of white space, the longest match wins.
_PHRASES: tuple[tuple[str, str], ...] = (
    ("_IF", "if"),
    ("_THEN", "then"),
    ("_ELSE", "else|otherwise"),
    ("_OR", "or"),
    ("_AND", "and|while"),
    ("_NOT", "not"),
    ("_OF", "of"),
    ("_SINCE", "since"),
    ("_WITHIN", "within"),
    ("_OVER", "over(?: the)?(?: last| past)?"),
    ("OVER_VALUES", r"over(?: the)?(?: last| past)? \d{1,3} (?:values|measurements|readings)"),
    ("_OR_OLDER", "or older than"),
    ("_TWO_INCREASES", "two increases"),
    ("_TIME_SINCE", "(?:time|days) since"),
    ("_HIGHEST_GRADE", "(?:highest|worst) grade of"),
    ("_GRADE", "(?:of )?grade"),
    ("QUALIFIER", r"(?:beyond|after|before|from|on|by|until|up to) (?:day|week) -?\d{1,5}"),
    ("WITH_UNKNOWN", "with an input of a hold rule (?:unknown|missing)"),
    ("HOLD_INPUT", "an input of a hold rule is (?:unknown|missing)"),
    ("BOUND", "(?:(?:is|are) )?(?:at least|at most|(?:(?:no|not) )?(?:more|less) than|fewer than|exactly)"),
    ("CMP", "(?:is )?(?:above|below|greater than|equal to)|equals|exceeds"),
    ("AFTER", "(?:is )?(?:on or )?after"),
    ("BEFORE", "(?:is )?(?:on or )?before"),
    ("IS", "is|are"),
    ("IS_NOT", "(?:is|are) not"),
    ("BETWEEN", "(?:is )?(?:not )?between"),
    ("IN", "(?:is )?(?:not )?(?:in|one of)"),
    ("WITHIN_SET", r"within(?=\s*\{)"),
    ("INCLUDES", "includes|does not include"),
    ("INCLUDES_OF", r"(?:includes|does not include) (?:any|all|at least \d{1,3}) of"),
    ("IS_STATE", "(?:is|are) (?:not )?(?:known|missing|unknown|empty)"),
    ("NO", "no"),
    ("LIMIT", "(?:x )?(?:uln|lln|ULN|LLN)"),
    ("TRUTH", "true|false"),
    ("FUNCTION", r"(?:abs|min|max|ln|log10|exp)(?=\s*\()"),
    ("WHEN", "baseline|previous|nadir"),
    ("CHANGE", "(?:percent )?change from (?:baseline|previous|nadir)"),
    ("AGGREGATE", "max|min|mean|median|count|first|last|highest|lowest|number"),
    ("EVER", "ever"),
    ("GIVEN", "dose|total dose|level|held|stopped|increase"),
    ("RECURRENCE", "recurrences?"),
    ("PLAIN", "day|today|arm|epoch|assent"),
    ("STRATUM", "stratum"),
    ("DURING", "during"),
    ("RESPONSE", "response"),
    ("BEST", "best confirmed|best|confirmed"),
    (
        "CONSENT",
        "consent(?: by (?:participant|parents? or (?:guardian|tutor)s?|parents?|both parents|one parent|guardian"
        "|witness|partner|(?:legal|legally authori[sz]ed) representative))?",
    ),
    ("TAKING", "taking|took|new or increased"),
    ("EVENT_WORD", "any|unresolved|ongoing|new|(?:treatment-|drug-)?related|serious|expected|unexpected"),
    ("EVENT", "(?:adverse )?(?:event|reaction)s?"),
    ("OR_MORE", "or (?:more|higher|above|worse)"),
    (
        "MILESTONE",
        "first dose|last dose change|last dose|last increase|last decrease|last hold|last resumption|last decision"
        "|(?:treatment stop|end of treatment)|consent|enrolment|enrollment|randomi[sz]ation|first response",
    ),
)
_SYMBOLS = {
    "<=": "CMP", ">=": "CMP", "!=": "CMP", "<>": "CMP", "==": "CMP", "≤": "CMP", "≥": "CMP", "≠": "CMP",
    "=": "CMP", "<": "CMP", ">": "CMP", "+": "PLUS", "-": "MINUS", "−": "MINUS", "*": "STAR", "×": "STAR", "·": "STAR",
    "/": "SLASH", "^": "_CARET", "(": "_LPAR", ")": "_RPAR", "{": "_LBRACE", "}": "_RBRACE", ",": "_COMMA",
}  # fmt: skip
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?![\w.])", re.ASCII)
_NUMBER = re.compile(r"(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+(?![\w.]))?", re.ASCII)
_STRING = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")
_NAME = re.compile(r"[^\W\d]\w*")
_BLANK = re.compile(r"\s*")
# Words that follow a number as English although a unit is spelled so.
_NOT_UNITS = re.compile(r"(?:and|or|of|in|is|to|then|else|since|within|x|uln|lln|ULN|LLN)(?!\w)")
_OF = re.compile(r"\s+of(?!\w)")


@dataclass(frozen=True, slots=True)
class Lexeme:
    """A token of the text: its kind in the grammar, where it stands, and the unit it names."""

    kind: str
    start: int
    end: int
    unit: Unit | None = None


_RESERVED = """
if then else otherwise or and while not of since within over between in is are no true false baseline previous nadir
dose level held stopped increase recurrence day today arm epoch assent consent stratum during response best confirmed
taking took any new unresolved ongoing related serious expected unexpected event events uln lln max min mean median
count first last highest lowest number abs ever exactly reaction reactions recurrences ULN LLN
"""


@functools.cache
def _phrases() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((kind, re.compile(rf"(?:{text})(?!\w)".replace(" ", r"\s+"))) for kind, text in _PHRASES)


@functools.cache
def _phrases_by_letter(letter: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Phrases that could begin with a letter: those whose pattern matches some text that starts so."""
    found = []
    for (kind, pattern), (_, text) in zip(_phrases(), _PHRASES, strict=True):
        if letter in text:
            found.append((kind, pattern))
    return tuple(found)


def reserved_words() -> frozenset[str]:
    """Words that nothing declared by a file may be called (codes and arms aside): an expression could not tell them apart."""
    return frozenset(_RESERVED.split())


def next_lexeme(text: str, position: int, accepted: Collection[str]) -> Lexeme | None:
    """The token at ``position`` (blanks skipped), given what the grammar could take; None at the end.

    Text that makes no token gives a lexeme of kind "?" over one character.
    """
    blank = _BLANK.match(text, position)
    start = blank.end() if blank else position
    if start >= len(text):
        return None
    if "UNIT" in accepted:
        found = _unit(text, start, accepted)
        if found is not None:
            return found
    if text[start].isdigit() or (text[start] == "." and text[start + 1 : start + 2].isdigit()):
        return _number(text, start)
    if text[start] in "'\"":
        quoted = _STRING.match(text, start)
        return Lexeme("STRING", start, quoted.end()) if quoted else Lexeme("?", start, start + 1)
    word = _NAME.match(text, start)
    if word is not None:
        return _word(text, word, accepted)
    for length in (2, 1):
        kind = _SYMBOLS.get(text[start : start + length])
        if kind is not None and len(text) >= start + length:
            return Lexeme(kind, start, start + length)
    return Lexeme("?", start, start + 1)


def _unit(text: str, start: int, accepted: Collection[str]) -> Lexeme | None:
    if _NOT_UNITS.match(text, start) or text[start] in "*^)},+-<>=!" or re.match(r"/\s|/\d", text[start : start + 2]):
        return None
    found = longest_unit(text, start)
    if found is None:
        return None
    unit, end = found
    part = unit.code == "%" and "PART_OF" in accepted and _OF.match(text, end)
    return Lexeme("PART_OF", start, part.end(), unit) if part else Lexeme("UNIT", start, end, unit)


def _number(text: str, start: int) -> Lexeme:
    date = _DATE.match(text, start)
    if date is not None:
        return Lexeme("DATE", start, date.end())
    number = _NUMBER.match(text, start)
    return Lexeme("NUMBER", start, number.end()) if number else Lexeme("?", start, start + 1)


def _word(text: str, word: re.Match[str], accepted: Collection[str]) -> Lexeme:
    start = word.start()
    best: Lexeme | None = None
    for kind, pattern in _phrases_by_letter(text[start]):
        found = pattern.match(text, start)
        if found is None or found.end() == start:
            continue
        usable, beats = kind in accepted, best is None or found.end() > best.end
        if (usable and (beats or (best is not None and best.kind not in accepted))) or (best is None and "NAME" not in accepted):
            best = Lexeme(kind, start, found.end())
    return best or Lexeme("NAME", start, word.end())
