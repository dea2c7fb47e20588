"""Cuts a search expression into tokens, in one pass.

Operators are upper case only; a lower-case ``and`` is a word. A backslash makes whatever follows it plain text.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from trialwright.registry.language.errors import ExpressionError


class Mark(StrEnum):
    """What a token is."""

    WORD = "word"
    PHRASE = "phrase"
    OPEN = "("
    CLOSE = ")"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    MISSING = "MISSING"
    ALL = "ALL"
    CONTEXT = "context"
    RANGE = "RANGE"
    DISTANCE = "DISTANCE"
    END = "<EOF>"


class Token(NamedTuple):
    """A token.

    Args:
        mark: What it is.
        text: The word or phrase without escapes; an operator's name.
        position: Where it began, from 0.
        argument: What stood in the square brackets of an operator.
    """

    mark: Mark
    text: str
    position: int
    argument: str = ""


BARE = frozenset({"AND", "OR", "NOT", "MISSING", "ALL"})
CONTEXTS = frozenset({"AREA", "SEARCH", "EXPANSION", "COVERAGE", "COVER", "TILT"})
BRACKETED = CONTEXTS | {"RANGE", "DISTANCE"}
SPECIAL = re.compile(r'[()\[\]"\\]')
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")

_WORD = re.compile(r'(?:\\.|[^\s()\[\]"\\])+|\\\Z', re.DOTALL)
_PHRASE = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_SPACE = re.compile(r"\s*")
_ARGUMENT = re.compile(r"\[([^\[\]]*)\]")
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)


def tokens(text: str) -> Iterator[Token]:
    """Cut a text into tokens; the last one is the end.

    Raises:
        ExpressionError: An open quotation mark, a bracket out of place, a control character.
    """
    if found := CONTROL.search(text):
        raise ExpressionError(f"token recognition error at: {found[0]!a}", found.start(), "remove the control character")
    at = _space(text, 0)
    while at < len(text):
        token, at = _next(text, at)
        if token:
            yield token
        at = _space(text, at)
    yield Token(Mark.END, "<EOF>", len(text))


def plain(text: str) -> str:
    """Undo the escapes of a text and put one space between its words."""
    return " ".join((_ESCAPE.sub(r"\1", text) if "\\" in text else text).split())


def _space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _next(text: str, at: int) -> tuple[Token | None, int]:
    match text[at]:
        case "(":
            return Token(Mark.OPEN, "(", at), at + 1
        case ")":
            return Token(Mark.CLOSE, ")", at), at + 1
        case '"':
            return _phrase(text, at)
        case "[" | "]":
            raise _bracket(text, at)
        case _:
            return _word(text, at)


def _phrase(text: str, at: int) -> tuple[Token, int]:
    found = _PHRASE.match(text, at)
    if not found:
        raise ExpressionError(
            "token recognition error at: '\"'", at, 'close the quotation mark, or write \\" for one that belongs to the text'
        )
    if not (words := plain(found[1])):
        raise ExpressionError("empty phrase", at, "write words between the quotation marks, or remove them")
    return Token(Mark.PHRASE, words, at), found.end()


def _word(text: str, at: int) -> tuple[Token | None, int]:
    found = _WORD.match(text, at)
    assert found
    word, end = found[0], found.end()
    if word in BRACKETED and text.startswith(("[", "("), end):
        return _operator(text, word, at, end)
    if word in BARE:
        return Token(Mark(word), word, at), end
    words = plain(word) if "\\" in word else word
    return Token(Mark.WORD, words, at) if words else None, end


def _operator(text: str, word: str, at: int, end: int) -> tuple[Token, int]:
    if text[end] == "(":
        raise ExpressionError("mismatched input '('", end, f"{word} takes square brackets: {word}[…]")
    found = _ARGUMENT.match(text, end)
    if not found:
        inner = text.find("[", end + 1)
        if inner >= 0:
            raise ExpressionError("mismatched input '['", inner, f"close the bracket of {word}[")
        raise ExpressionError("missing ']' at '<EOF>'", len(text), f"close the bracket of {word}[")
    mark = Mark.CONTEXT if word in CONTEXTS else Mark(word)
    return Token(mark, word, at, " ".join(found[1].split())), found.end()


def _bracket(text: str, at: int) -> ExpressionError:
    before = text[:at].rstrip()
    operator = next((name for name in sorted(BRACKETED, key=len, reverse=True) if before.endswith(name)), None)
    if operator and before != text[:at]:
        return ExpressionError("mismatched input '['", at, f"no space between {operator} and [")
    word = _last_word(before)
    if text[at] == "[" and before == text[:at] and word.isupper() and (near := nearest(word, BRACKETED)):
        return ExpressionError("mismatched input '['", at, f"did you mean {near}[…]?")
    verb = "mismatched" if before else "extraneous"
    return ExpressionError(f"{verb} input '{text[at]}'", at, f"write \\{text[at]} for a bracket that belongs to the text")


def _last_word(before: str) -> str:
    found = re.search(r"\w{1,40}\Z", before)
    return found[0] if found else ""


def nearest(name: str, known: frozenset[str] | list[str]) -> str | None:
    """The known name that a mistyped one is near to."""
    if len(name) > 80:
        return None
    folded = {each.casefold(): each for each in sorted(known)}
    near = difflib.get_close_matches(name.casefold(), list(folded), 1, 0.7)
    return folded[near[0]] if near else None
