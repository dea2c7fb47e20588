"""Reads a search expression into its tree: a hand-written parser in linear time and bounded depth.

Precedence from the tightest: terms and sources; NOT and the context operators; AND; OR. Two operands side by side that
are not both words are joined by AND, so ``a NOT b`` is ``a AND NOT b``; words side by side are one term.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import TypeVar

from trialwright.registry.language.errors import ExpressionError
from trialwright.registry.language.tokens import BARE, Mark, Token, nearest, tokens
from trialwright.registry.language.tree import (
    All,
    And,
    Area,
    Coverage,
    Distance,
    Expansion,
    Kind,
    Level,
    Missing,
    Node,
    Not,
    Or,
    Range,
    Search,
    Section,
    Tilt,
    Words,
)

LONGEST, DEEPEST = 20_000, 100
KM_PER_MILE = 1.609344
SMALLEST_RADIUS, LARGEST_RADIUS_MI, LARGEST_RADIUS_KM = 1, 500, 805

_DISTANCE = re.compile(r"(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)\s*,\s*(\d+(?:\.\d+)?)\s*(km|mi)?", re.ASCII)
_OPERANDS = frozenset(
    {Mark.WORD, Mark.PHRASE, Mark.OPEN, Mark.NOT, Mark.MISSING, Mark.ALL, Mark.CONTEXT, Mark.RANGE, Mark.DISTANCE}
)
_Choice = TypeVar("_Choice", bound=StrEnum)


def parse_expression(text: str, longest: int = LONGEST, deepest: int = DEEPEST) -> Node:
    """Read a search expression.

    Args:
        text: The expression.
        longest: The most characters that are read.
        deepest: The most brackets and operators that may stand inside each other.

    Returns:
        The tree. Names of areas are not looked up (``check_names`` does that).

    Raises:
        ExpressionError: It cannot be read.

    >>> parse_expression("heart attack NOT AREA[Phase]PHASE1")
    And(parts=(Words(text='heart attack', quoted=False, position=0), Not(part=Area(name='Phase', size=False, \
part=Words(text='PHASE1', quoted=False, position=28), position=17), position=13)), position=0)
    """
    if len(text) > longest:
        raise ExpressionError(f"expression of {len(text):,} characters is longer than {longest:,}", longest)
    parser = _Parser(tokens(text), deepest)
    node = parser.either(0)
    parser.expect_end()
    return node


class _Parser:
    __slots__ = ("_before", "_deepest", "_token", "_tokens")

    def __init__(self, found: Iterator[Token], deepest: int) -> None:
        self._tokens, self._deepest = found, deepest
        self._before: Token | None = None  # the token taken last
        self._token = next(found)

    def _taken(self) -> Token:
        token = self._before = self._token
        if token.mark is not Mark.END:
            self._token = next(self._tokens)
        return token

    def expect_end(self) -> None:
        if self._token.mark is not Mark.END:  # every other token starts or joins an operand
            raise ExpressionError(f"extraneous input '{self._token.text}'", self._token.position, _unneeded(self._token))

    def either(self, depth: int) -> Node:
        first = self._both(depth)
        parts = [first]
        while self._token.mark is Mark.OR:
            self._taken()
            parts.append(self._both(depth))
        return first if len(parts) == 1 else Or(tuple(parts), first.position)

    def _both(self, depth: int) -> Node:
        first = self._operand(depth)
        parts = [first]
        while self._token.mark is Mark.AND or self._token.mark in _OPERANDS:
            if self._token.mark is Mark.AND:
                self._taken()
            parts.append(self._operand(depth))
        return first if len(parts) == 1 else And(tuple(parts), first.position)

    def _operand(self, depth: int) -> Node:
        contexts: list[Token] = []
        while self._token.mark in (Mark.NOT, Mark.CONTEXT):
            depth += 1
            self._check_depth(depth)
            contexts.append(self._taken())
        node = self._source(depth)
        for token in reversed(contexts):
            node = Not(node, token.position) if token.mark is Mark.NOT else _context(token, node)
        return node

    def _check_depth(self, depth: int) -> None:
        if depth > self._deepest:
            raise ExpressionError(f"expression is nested deeper than {self._deepest}", self._token.position)

    def _source(self, depth: int) -> Node:
        before, token = self._before, self._taken()
        match token.mark:
            case Mark.WORD:
                return self._words(token)
            case Mark.PHRASE:
                return Words(token.text, True, token.position)
            case Mark.OPEN:
                return self._grouped(token, depth)
            case Mark.RANGE:
                return _range(token)
            case Mark.DISTANCE:
                return _distance(token)
            case Mark.MISSING:
                return Missing(token.position)
            case Mark.ALL:
                return All(token.position)
            case _:
                raise _nothing(before, token)

    def _words(self, first: Token) -> Words:
        texts = [first.text]
        while self._token.mark is Mark.WORD:
            texts.append(self._taken().text)
        return Words(" ".join(texts), False, first.position)

    def _grouped(self, opened: Token, depth: int) -> Node:
        self._check_depth(depth + 1)
        node = self.either(depth + 1)
        if self._token.mark is not Mark.CLOSE:
            raise ExpressionError(
                f"missing ')' at '{self._token.text}'",
                self._token.position,
                f"the bracket opened at {opened.position + 1} is not closed",
            )
        self._taken()
        return node


def _nothing(before: Token | None, token: Token) -> ExpressionError:
    if before is None and token.mark is Mark.END:
        return ExpressionError("expression is empty", 0, "write ALL for every study")
    if before is not None and before.mark in (Mark.AND, Mark.OR, Mark.NOT, Mark.OPEN, Mark.CONTEXT):
        message = "inner bool query clause cannot be null" if token.mark in (Mark.END, Mark.CLOSE) else None
        what = "the bracket" if before.mark is Mark.OPEN else before.text
        hint = f"something must follow {what}" + (f", or write \\{what} for the word" if before.text in BARE else "")
        return ExpressionError(message or f"extraneous input '{token.text}'", token.position, hint)
    return ExpressionError(f"extraneous input '{token.text}'", token.position, _unneeded(token))


def _unneeded(token: Token) -> str:
    if token.mark is Mark.CLOSE:
        return "there is no open bracket to close; write \\) for one that belongs to the text"
    return f"something must stand before {token.text}; write \\{token.text} for the word"


def _context(token: Token, part: Node) -> Node:
    at, given = token.position, token.argument
    match token.text:
        case "AREA":
            name, colon, attribute = given.partition(":")
            if colon and attribute.strip() != "size":
                raise ExpressionError(f"Unknown area attribute: '{attribute}'", at, f"did you mean AREA[{name}:size]?")
            return Area(name.strip(), bool(colon), part, at)
        case "SEARCH":
            return Search(_choice(Section, given, "Unknown search document: '{}'", at), part, at)
        case "EXPANSION":
            return Expansion(_choice(Level, given, "Invalid expansion: {}", at), part, at)
        case "TILT":
            return Tilt(given, part, at)
        case _:
            return Coverage(_choice(Kind, given, "Invalid coverage: {}", at), part, at)


def _choice(choices: type[_Choice], given: str, message: str, at: int) -> _Choice:
    try:
        return choices(given)
    except ValueError:
        names = [str(choice) for choice in choices]
        near = nearest(given, names)
        hint = f"did you mean {near}?" if near else "one of " + ", ".join(names)
        raise ExpressionError(message.format(given), at, hint) from None


def _range(token: Token) -> Range:
    bounds = [each.strip() for each in token.argument.split(",")]
    if len(bounds) != 2 or not all(bounds):
        raise ExpressionError("RANGE needs two values", token.position, "RANGE[2020-01-01, MAX]")
    low, high = bounds
    if low == "MAX" or high == "MIN":
        raise ExpressionError("RANGE goes from MIN to MAX", token.position, "put the smaller value first")
    return Range(None if low == "MIN" else low, None if high == "MAX" else high, token.position)


def _distance(token: Token) -> Distance:
    example = "DISTANCE[45.69, 9.67, 50km]"
    found = _DISTANCE.fullmatch(token.argument)
    if not found:
        raise ExpressionError("DISTANCE needs a latitude, a longitude and a radius in mi or km", token.position, example)
    lat, lon, radius = float(found[1]), float(found[2]), float(found[3])
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        raise ExpressionError("latitude is from -90 to 90, longitude from -180 to 180", token.position, example)
    in_km = found[4] == "km"
    if not SMALLEST_RADIUS <= radius <= (LARGEST_RADIUS_KM if in_km else LARGEST_RADIUS_MI):
        raise ExpressionError("distance must be from 1 to 500 miles (805 kilometers)", token.position)
    return Distance(lat, lon, radius if in_km else radius * KM_PER_MILE, token.position)
