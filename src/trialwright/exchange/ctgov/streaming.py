"""JSON files of any length, one record at a time: a list of records, or a page of the registry's interface.

Holds no more than one record and what was read ahead. Knows nothing of records (that is ``parse``).
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import BinaryIO

from trialwright.exchange.ctgov.parse import STRICT, check_characters

_STEP = 1 << 20  # bytes read at least at a time
_WHITE = " \t\r\n"


class TooLong(ValueError):  # noqa: N818 - what it is
    """One value of the file is longer than allowed."""


class _Window:
    """A file's text seen through a window that moves on."""

    def __init__(self, file: BinaryIO, longest: int) -> None:
        self._file = file
        self._longest = longest
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("strict").decode
        self._text = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """The next character that is not white space; empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _WHITE:
                    return self._text[self._at]
                self._at += 1
            if self._ended:
                return ""
            self._more()

    def take(self, wanted: str) -> str:
        """The next character, which must be one of those wanted.

        Raises:
            ValueError: It is another.
        """
        found = self.peek()
        if not found or found not in wanted:
            told = " or ".join(f"“{one}”" for one in wanted)
            raise ValueError(f"expected {told}, found {f'“{found}”' if found else 'the end of the file'}")
        self._at += 1
        return found

    def value(self) -> tuple[object, str]:
        """The next JSON value and its text."""
        self.peek()
        while True:
            try:
                value, end = STRICT.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                if self._ended:
                    raise
            else:
                if end < len(self._text) or self._ended:
                    text, self._at = self._text[self._at : end], end
                    check_characters(text, value)
                    return value, text
            if len(self._text) - self._at > self._longest:
                raise TooLong(f"a value is not complete after {self._longest} bytes")
            self._more()

    def _more(self) -> None:
        held = self._text[self._at :]
        data = self._file.read(max(_STEP, len(held)))
        self._ended = not data
        self._text, self._at = held + self._decode(data, self._ended), 0


def stream_values(file: BinaryIO, longest: int) -> Iterator[tuple[str, object, str]]:
    """The records of a JSON file: the items of a list, or of a page's ``studies``, or else the one value there is.

    Args:
        file: Open for reading bytes.
        longest: Characters that one record may have.

    Yields:
        The path of the value in the file (``studies[3]``), the value and its text.

    Raises:
        ValueError: What follows is not JSON, or not UTF-8, or too long (``TooLong``).
        RecursionError: It is nested too deeply.
    """
    window = _Window(file, longest)
    match window.peek():
        case "[":
            yield from _items(window, "")
        case "{":
            yield from _page(window)
        case _:
            yield "", *window.value()
    if window.peek():
        raise ValueError("something follows after the end")


def _items(window: _Window, path: str) -> Iterator[tuple[str, object, str]]:
    window.take("[")
    index = 0
    while window.peek() != "]":
        if index:
            window.take(",")
        yield f"{path}[{index}]", *window.value()
        index += 1
    window.take("]")


def _page(window: _Window) -> Iterator[tuple[str, object, str]]:
    window.take("{")
    others: dict[str, object] = {}
    is_page = False
    while window.peek() != "}":
        if others or is_page:
            window.take(",")
        name, _ = window.value()
        window.take(":")
        if name == "studies" and window.peek() == "[":
            is_page = True
            yield from _items(window, "studies")
        else:
            others[str(name)] = window.value()[0]
    window.take("}")
    if not is_page:
        yield "", others, ""
