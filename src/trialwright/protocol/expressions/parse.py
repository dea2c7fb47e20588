"""Text → syntax tree, with a finding where the text is none of the language. Knows nothing of names, types or units."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from io import BytesIO
from typing import Any

from lark import Lark, Token, Tree
from lark import __version__ as lark_version
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer

from trialwright.protocol.expressions.lexer import Lexeme, next_lexeme
from trialwright.vocabulary.units import UnitError, parse_unit

LONGEST = 20_000
DEEPEST = 200
_FOLDER = resources.files("trialwright.protocol.expressions")
_MARK_BYTES = 32
Syntax = Tree[Token]


@dataclass(frozen=True, slots=True)
class SyntaxFault:
    """Where the text stops being the language: offsets, a code, what is wrong and what could stand there."""

    code: str
    start: int
    end: int
    title: str
    detail: str = ""
    ways_out: tuple[str, ...] = ()


class _NoLexer(Lexer):
    """Lark asks for a lexer; ours is asked token by token instead."""

    def __init__(self, _: object) -> None:
        """Lark gives its own lexer's settings."""

    def lex(self, *_: object) -> Iterator[Token]:
        return iter(())


@functools.cache
def _parser() -> Lark:
    """The parser from its stored tables; built anew where they are of another grammar or another Lark (a third of a second)."""
    tables = _FOLDER.joinpath("grammar.tables")
    stored = tables.read_bytes() if tables.is_file() else b""
    if stored[:_MARK_BYTES] == _mark():
        found: Lark = Lark.load(BytesIO(stored[_MARK_BYTES:]))
        return found
    return _built()


def _built() -> Lark:
    return Lark(_grammar(), parser="lalr", lexer=_NoLexer, propagate_positions=True)


def _grammar() -> str:
    return _FOLDER.joinpath("grammar.lark").read_text(encoding="utf-8")


def _mark() -> bytes:
    return sha256(f"{lark_version}\n{_grammar()}".encode()).digest()


def parser_tables() -> bytes:
    """What ``grammar.tables`` holds: a mark of grammar and Lark, then Lark's own serialisation (`make docs` writes it)."""
    made = BytesIO()
    _built().save(made)
    return _mark() + made.getvalue()


class UnitToken(Token):
    """A token that carries the unit it was read as."""

    unit: Any


def parse(text: str) -> Syntax | SyntaxFault:
    """Parse an expression; linear in its length.

    A text of more than 20,000 characters, or nested more than 200 deep, is a fault, never a RecursionError.
    """
    if len(text) > LONGEST:
        detail = f"It has {len(text):,} characters; an expression may have {LONGEST:,}."
        return SyntaxFault("TW-E009", 0, 0, "The expression is too long", detail, ("Split it over several variables",))
    tree = _fed(text)
    if isinstance(tree, SyntaxFault):
        return tree
    deepest = _depth(tree)
    if deepest > DEEPEST:
        detail = f"It is nested {deepest} deep; {DEEPEST} is the most."
        return SyntaxFault(
            "TW-E009", 0, 0, "The expression is nested too deeply", detail, ("Derive a variable for a part of it",)
        )
    return tree


def _fed(text: str) -> Syntax | SyntaxFault:
    interactive = _parser().parse_interactive()
    token = Token("$END", "", 0)
    position = 0
    try:
        while True:
            accepted = interactive.choices()  # type: ignore[no-untyped-call] # lark leaves it untyped
            lexeme = next_lexeme(text, position, accepted)
            if lexeme is None:
                break
            token = _token(lexeme, text)
            interactive.feed_token(token)
            position = lexeme.end
        token = _token(Lexeme("$END", len(text), len(text)), text)
        tree: Syntax = interactive.feed_token(token)
    except UnexpectedToken:
        return _unexpected(text, token, frozenset(interactive.accepts()))  # type: ignore[no-untyped-call] # as above
    return tree


def _token(lexeme: Lexeme, text: str) -> Token:
    token = UnitToken(
        lexeme.kind, text[lexeme.start : lexeme.end], lexeme.start, 1, lexeme.start + 1, 1, lexeme.end + 1, lexeme.end
    )
    token.unit = lexeme.unit
    return token


def _depth(tree: Syntax) -> int:
    """Nesting of the typed tree that will come of it: a chain of + or * counts one level per operand."""
    deepest = 0
    pending: list[tuple[Syntax, int]] = [(tree, 1)]
    while pending:
        node, depth = pending.pop()
        chained = len(node.children) // 2 if node.data in ("sum", "product") else 1
        deepest = max(deepest, depth)
        pending.extend((child, depth + chained) for child in node.children if isinstance(child, Tree))
    return deepest


# Spellings of other languages: pattern, what to write, and what it is called.
_FOREIGN = (
    (re.compile(r"&&|&"), "and"),
    (re.compile(r"\|\|?"), "or"),
    (re.compile(r"=<|⩽"), "<="),
    (re.compile(r"=>|⩾"), ">="),
    (re.compile(r"[“”„«»]"), '"'),
    (re.compile(r"[‘’‚]"), "'"),
    (re.compile(r"!(?!=)"), "not"),
    (re.compile(r"\*\*"), "^"),
    (re.compile(r"\b(?:AND|And)\b"), "and"),
    (re.compile(r"\b(?:OR|Or)\b"), "or"),
    (re.compile(r"\b(?:NOT|Not)\b"), "not"),
    (re.compile(r"\b(?:IF|If)\b"), "if"),
    (re.compile(r"\b(?:THEN|Then)\b"), "then"),
    (re.compile(r"\b(?:ELSE|Else)\b"), "else"),
    (re.compile(r"\b(?:IN|In)\b"), "in"),
    (re.compile(r"\b(?:IS|Is)\b"), "is"),
    (re.compile(r"\[[^\]\n]{0,80}\]"), "{…}"),
    (re.compile(r"\belif\b"), "else if"),
    (re.compile(r";"), "and"),
)
_DECIMAL_COMMA = re.compile(r"\d,\d")
_RUN = re.compile(r"[A-Za-zµμ%°\[{/][^\s,;:<>=!|&()]*")
_AFTER_NUMBER = re.compile(r"\d\s*$")
_QUOTED = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"")


def _unexpected(text: str, token: Token, accepted: frozenset[str]) -> SyntaxFault:
    start = token.start_pos or 0
    fault = _foreign(text, start) or _comma(text, start) or _no_unit(text, start)
    if fault is not None:
        return fault
    wanted = _wanted(accepted)
    if token.type == "$END":
        title = "The expression ends too early" if text.strip() else "The expression is empty"
        return SyntaxFault("TW-E001", len(text.rstrip()), len(text), title, f"Wanted here: {wanted}.")
    shown = str(token)[:40]
    return SyntaxFault("TW-E001", start, start + len(shown), f"'{shown}' cannot stand here", f"Wanted here: {wanted}.")


def _comma(text: str, start: int) -> SyntaxFault | None:
    found = _DECIMAL_COMMA.search(text, max(0, start - 1))
    if found is None or found.start() > start:
        return None
    right = found[0].replace(",", ".")
    return SyntaxFault("TW-E010", start, start + 1, "A number is written with a point, not a comma", "", (right,))


def _no_unit(text: str, start: int) -> SyntaxFault | None:
    """What stands behind a number and is neither a unit nor a word of the language."""
    run = _RUN.match(text, start)
    if run is None or not _AFTER_NUMBER.search(text[:start]):
        return None
    try:
        parse_unit(run[0])
    except UnitError as error:
        title = f"'{run[0][:40]}' is no unit"
        return SyntaxFault("TW-E003", start, run.end(), title, error.reason, error.suggestions)
    return None


def _foreign(text: str, end: int) -> SyntaxFault | None:
    plain = _QUOTED.sub(lambda found: " " * len(found[0]), text)
    hits = [(found.start(), found[0], ours) for pattern, ours in _FOREIGN for found in pattern.finditer(plain)]
    hits = [hit for hit in hits if hit[0] <= end]
    if not hits:
        return None
    start, theirs, ours = min(hits)
    title = f"'{theirs}' is not of this language"
    return SyntaxFault("TW-E010", start, start + len(theirs), title, f"It is written {ours} here.", (ours,))


_OPERANDS = {"NAME", "NUMBER", "_LPAR"}
_PLAIN_WORDS = (
    ("UNIT", "a unit"),
    ("CMP", "a comparison (<, <=, =, !=, >=, >)"),
    ("PLUS", "arithmetic (+ - * /)"),
    ("_AND", "and, or"),
    ("_THEN", "then"),
    ("_ELSE", "else"),
    ("_RPAR", "a closing parenthesis"),
    ("_RBRACE", "a closing brace"),
    ("_LBRACE", "{ … }"),
    ("_COMMA", "a comma"),
    ("_SINCE", "since"),
    ("MILESTONE", "a milestone such as last increase"),
    ("EVENT", "adverse event"),
    ("_OVER", "over … d"),
    ("$END", "the end"),
)


def _wanted(accepted: frozenset[str]) -> str:
    words = ["a value (a number, a name, a parenthesis)"] if accepted >= _OPERANDS else []
    if not words:
        words += [word for kind, word in (("NAME", "a name"), ("NUMBER", "a number")) if kind in accepted]
    words += [word for kind, word in _PLAIN_WORDS if kind in accepted]
    return "; ".join(words) or "something else"
