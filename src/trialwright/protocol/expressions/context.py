"""What typing works with: the scope, a typed value, and the wrong that an author may have written."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from lark import Token, Tree

from trialwright.protocol.expressions.parse import Syntax
from trialwright.protocol.expressions.tree import Kind, Leaf, Node, Number, Parameter, Scope, VariableType
from trialwright.vocabulary.findings import Finding, Place, Severity
from trialwright.vocabulary.units import Unit, parse_unit

Span = tuple[int, int]
TRUTH = VariableType(Kind.TRUTH)
_NUMERIC = (Kind.QUANTITY, Kind.DURATION)


@dataclass(frozen=True, slots=True)
class Typed:
    """A typed node with its type and the text that it came from."""

    node: Node
    type: VariableType
    span: Span

    @property
    def numeric(self) -> bool:
        return self.type.kind in _NUMERIC

    @property
    def unit(self) -> Unit | None:
        return self.type.unit

    @property
    def constant(self) -> bool:
        """A number or parameter as written."""
        return isinstance(self.node, Number | Parameter)


Readers = Mapping[str, Callable[["Context", Syntax], Typed]]


class Wrong(Exception):  # noqa: N818 - it never leaves this package: read_expression turns it into a finding
    """A mistake of the author, on its way to become a finding."""

    def __init__(self, code: str, span: Span, title: str, detail: str = "", ways_out: Iterable[str] = ()) -> None:
        self.code = code
        self.span = span
        self.title = title
        self.detail = detail
        self.ways_out = tuple(ways_out)
        super().__init__(title)


class Context:
    """One reading: the scope, the text and where it stands, and what was found so far."""

    def __init__(self, text: str, scope: Scope, place: Place, indent_column: int | None, readers: Readers) -> None:
        self.text = text
        self._readers = readers
        self.scope = scope
        self._place = place
        self._indent_column = place.column if indent_column is None else indent_column
        self.findings: list[Finding] = []
        self.subject: str | None = None  # the variable that a bare `uln` belongs to

    def typed(self, tree: Syntax) -> Typed:
        """Type a syntax tree.

        Raises:
            Wrong: The author's mistake.
            Said: Mistakes that were collected already.
        """
        return self._readers[str(tree.data)](self, tree)

    def source(self, span: Span) -> str:
        """The author's words, on one line."""
        return " ".join(self.text[span[0] : span[1]].split())

    def place(self, offset: int) -> Place:
        """Where a character stands in the file: later lines begin at the indent column."""
        if not self._place.line:
            return self._place
        before = self.text[:offset]
        line = before.count("\n")
        column = len(before) - before.rfind("\n") - 1 if line else len(before)
        start = self._indent_column if line else self._place.column
        return replace(self._place, line=self._place.line + line, column=start + column)

    def say(self, wrong: Wrong, severity: Severity = Severity.ERROR) -> None:
        """Collect a finding."""
        place = self.place(wrong.span[0])
        self.findings.append(Finding(wrong.code, severity, place, wrong.title, wrong.detail, wrong.ways_out))

    def unknown(self, what: str, name: str, span: Span, known: Iterable[str]) -> Wrong:
        """A name that is nowhere declared, with the ones that look like it."""
        names = sorted(set(known))
        close = nearest(name, names)
        if close:
            detail = f"Did you mean {' or '.join(close)}?"
        elif names:
            detail = f"Declared: {', '.join(names[:12])}{' …' if len(names) > 12 else ''}."
        else:
            detail = "None is declared."
        return Wrong("TW-E002", span, f"There is no {what} '{name}'", detail, close)


class Said(Exception):  # noqa: N818 - what was wrong stands among the findings already
    """Nothing can be typed here, and the reader has been told why."""


def nearest(name: str, names: Iterable[str]) -> tuple[str, ...]:
    """Up to three names that look like the one written, upper and lower case aside."""
    by_lower: dict[str, str] = {}
    for known in names:
        by_lower.setdefault(known.lower(), known)
    return tuple(by_lower[found] for found in difflib.get_close_matches(name.lower()[:80], list(by_lower), n=3, cutoff=0.6))


def span_of(item: Syntax | Token) -> Span:
    """Offsets of a part of the syntax tree."""
    if isinstance(item, Token):
        return item.start_pos or 0, item.end_pos or 0
    return (0, 0) if item.meta.empty else (item.meta.start_pos, item.meta.end_pos)


def tokens(tree: Syntax, kind: str) -> list[Token]:
    """The direct tokens of one kind."""
    return [child for child in tree.children if isinstance(child, Token) and child.type == kind]


def trees(tree: Syntax) -> list[Syntax]:
    """The direct subtrees."""
    return [child for child in tree.children if isinstance(child, Tree)]


def words(token: Token | str) -> str:
    """A phrase with single blanks."""
    return " ".join(str(token).split())


def leaf_of(typed: Typed) -> Leaf | None:
    """The input that a typed value is, when it is nothing more."""
    return typed.node if isinstance(typed.node, Leaf) else None


def days_unit() -> Unit:
    """The day."""
    return parse_unit("d")


def as_truth(context: Context, typed: Typed) -> Typed:
    """The value itself, when it is true or false.

    Raises:
        Wrong: It is anything else.
    """
    if typed.type.kind in (Kind.TRUTH, Kind.FLAG):
        return typed
    words_ = context.source(typed.span)
    ways = {Kind.CODE: (f"{words_} in {{{', '.join(typed.type.codes[:3])}}}",), Kind.SET: (f"{words_} is empty",)}
    ways_out = ways.get(typed.type.kind, (f"{words_} is known",))
    raise Wrong("TW-E006", typed.span, f"{words_} is a {typed.type.kind}, not true or false", "Compare it.", ways_out)
