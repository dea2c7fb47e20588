"""What can be told from a query's plain text before it is parsed: NCT numbers alone, and slips worth a hint."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trialwright.registry.language.errors import ExpressionError
from trialwright.registry.language.tokens import Mark, tokens

NCT = re.compile(r"[Nn][Cc][Tt]0*([1-9]\d{0,7})", re.ASCII)
LONGEST_HINTED = 2_000
_OPERATOR = re.compile(r"\b(?:AND|OR|NOT)\b|\b[A-Z]{4,12}\[")
_BETWEEN_SEPARATORS = re.compile(r"[^\s,]+")
_TYPOGRAPHIC = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"'})


def canonical_nct(text: str) -> str | None:
    """An NCT number in its usual form; ``None`` if it is none.

    >>> canonical_nct("nct787384"), canonical_nct("NCT0")
    ('NCT00787384', None)
    """
    found = NCT.fullmatch(text)
    return f"NCT{int(found[1]):08d}" if found else None


def has_operators(text: str) -> bool:
    """Whether a text holds an operator of the language, or what looks like one: then it is meant as an expression.

    >>> has_operators("heart OR lung"), has_operators("AREA[Phase]PHASE2"), has_operators("heart or lung")
    (True, True, False)
    """
    return _OPERATOR.search(text) is not None


def only_nct_ids(text: str) -> tuple[str, ...] | None:
    """The numbers of a query that holds nothing else (parted by commas or spaces); ``None`` if it holds anything else.

    >>> only_nct_ids("NCT00787384, nct00001") , only_nct_ids("NCT00787384 imatinib"), only_nct_ids("  ")
    (('NCT00787384', 'NCT00000001'), None, None)
    """
    found: dict[str, None] = {}
    for part in _BETWEEN_SEPARATORS.finditer(text):
        if (number := canonical_nct(part[0])) is None:
            return None
        found[number] = None
    return tuple(found) or None


@dataclass(frozen=True, slots=True)
class Hint:
    """Something in a query that was probably meant otherwise.

    Args:
        message: What, in a sentence.
        position: Where in the text, from 0.
        instead: The whole query as it was probably meant.
    """

    message: str
    position: int
    instead: str


def hints(text: str) -> tuple[Hint, ...]:
    """Slips that are no errors: operators in lower case between words, typographic quotation marks.

    Returns:
        At most one hint of each kind; none for a text that cannot be cut into tokens or has over 2,000 characters.

    >>> hints("heart or lung")[0].instead
    'heart OR lung'
    """
    found: list[Hint] = []
    if len(text) > LONGEST_HINTED:
        return ()
    if (at := _first_difference(text, text.translate(_TYPOGRAPHIC))) is not None:
        instead = text.translate(_TYPOGRAPHIC)
        found.append(Hint("Typographic quotation marks do not make a phrase: did you mean straight ones?", at, instead))
    try:
        lower = [token for token in tokens(text) if token.mark is Mark.WORD and token.text in ("and", "or", "not")]
    except ExpressionError:
        return tuple(found)
    inner = [token for token in lower if token.text == "not" or 0 < token.position < len(text.rstrip()) - len(token.text)]
    if inner:
        instead = text
        for token in inner:
            instead = instead[: token.position] + token.text.upper() + instead[token.position + len(token.text) :]
        first = inner[0]
        message = f"A lower-case '{first.text}' is a word to search for: did you mean {first.text.upper()}?"
        found.append(Hint(message, first.position, instead))
    return tuple(found)


def _first_difference(old: str, new: str) -> int | None:
    return next((at for at, (a, b) in enumerate(zip(old, new, strict=True)) if a != b), None)
