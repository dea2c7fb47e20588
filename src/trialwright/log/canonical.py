"""JSON with exactly one spelling (RFC 8785), for the values that a log may hold.

The log's JSON is narrower than RFC 8785: text, whole numbers within ±(2^53 - 1), true, false, null, lists and objects.
There is no floating point, so a decimal is text and stays as it was recorded. Never guesses: what cannot be written in
one way, or read back to the same bytes, is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import Any, NoReturn, TypeAlias

import rfc8785

JsonValue: TypeAlias = bool | int | str | Sequence["JsonValue"] | Mapping[str, "JsonValue"] | None

quoted = encode_basestring  # text to a JSON string, escaping no more than RFC 8785 does

_LARGEST = 2**53 - 1
_DEEPEST = 50
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
# Beyond U+D7FF the order of UTF-16 code units (RFC 8785) and of code points (Python) part ways.
_ORDER_MAY_DIFFER = re.compile("[\ue000-\U0010ffff]")


class NotCanonicalError(ValueError):
    """A value that the log cannot hold, or text that is not strict JSON; the message says which and why."""


def canonical_bytes(value: JsonValue) -> bytes:
    """The one RFC 8785 spelling of a value, in UTF-8.

    Raises:
        NotCanonicalError: A float, a whole number beyond ±(2^53 - 1), a name that is not text, a lone surrogate, or nesting
            deeper than 50.

    >>> canonical_bytes({"b": [1, None], "a": "µ"}).decode()
    '{"a":"µ","b":[1,null]}'
    """
    return to_utf8(canonical_text(value))


def canonical_text(value: JsonValue) -> str:
    """As ``canonical_bytes``, before the encoding."""
    if type(value) is str:
        return quoted(value)
    _check(value, 0)
    return spelled(value)


def spelled(value: Any) -> str:
    """The canonical text of a value already known to be within the log's JSON (checked, or read by ``read_strict``)."""
    if type(value) is str:
        return quoted(value)
    try:
        text = _ENCODER.encode(value)
    except RecursionError as error:
        raise NotCanonicalError("values are nested too deeply") from error
    if not text.isascii() and _ORDER_MAY_DIFFER.search(text):
        return _by_the_standard(value)
    return text


def _by_the_standard(value: Any) -> str:
    try:
        return rfc8785.dumps(value).decode()
    except rfc8785.CanonicalizationError as error:
        raise NotCanonicalError(str(error)) from error


def to_utf8(text: str) -> bytes:
    """Encode canonical text.

    Raises:
        NotCanonicalError: It holds half of a surrogate pair, which no UTF-8 text can.
    """
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonicalError("text holds half of a surrogate pair, which is no character") from error


def _check(value: object, depth: int) -> None:
    if depth > _DEEPEST:
        raise NotCanonicalError(f"values are nested deeper than {_DEEPEST}")
    if isinstance(value, str | bool) or value is None:
        return
    if isinstance(value, int):
        if abs(value) > _LARGEST:
            raise NotCanonicalError(f"{str(value)[:30]} is beyond ±(2^53 - 1), so not every program reads it alike")
    elif isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise NotCanonicalError(f"the name {name!r} is not text")
            _check(inner, depth + 1)
    elif isinstance(value, list | tuple):
        for inner in value:
            _check(inner, depth + 1)
    else:
        raise NotCanonicalError(f"a {type(value).__name__} has no place in the log; decimals and dates are text")


def _refuse_float(text: str) -> NoReturn:
    raise NotCanonicalError(f"{text[:30]} is a floating-point number; the log keeps decimals as text")


def _refuse_constant(text: str) -> NoReturn:
    raise NotCanonicalError(f"{text} is not JSON")


def _whole(text: str) -> int:
    if len(text) < 16:
        return int(text)
    number = int(text) if len(text) <= 17 else _LARGEST + 1
    if abs(number) > _LARGEST:
        raise NotCanonicalError(f"{text[:30]} is beyond ±(2^53 - 1)")
    return number


_DECODER = json.JSONDecoder(parse_float=_refuse_float, parse_int=_whole, parse_constant=_refuse_constant)


def read_strict(text: str) -> Any:
    """Read JSON text within the log's bounds; whether it is in canonical spelling is the caller's comparison to make.

    Raises:
        NotCanonicalError: Not JSON, or JSON that the log does not hold.
    """
    try:
        value, end = _DECODER.raw_decode(text)
    except NotCanonicalError:
        raise
    except RecursionError as error:
        raise NotCanonicalError("values are nested too deeply") from error
    except ValueError as error:
        raise NotCanonicalError(f"not JSON ({error})") from error
    if end != len(text):
        raise NotCanonicalError(f"something follows the value at character {end + 1}")
    return value
