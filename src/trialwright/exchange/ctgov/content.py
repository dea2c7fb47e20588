"""What stands in one file or archive member: records as lines, as a JSON list or page, as XML, as a protocol file.

Never raises over content, and holds no more than one record of a long file in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from trialwright.exchange.ctgov.from_protocol import record_of
from trialwright.exchange.ctgov.limits import Limits
from trialwright.exchange.ctgov.parse import Kept, Refusal, parse_json, record_from_v2, record_from_xml, refusal
from trialwright.exchange.ctgov.streaming import TooLong, stream_values
from trialwright.protocol import parse_protocol
from trialwright.registry.record import Record
from trialwright.vocabulary.findings import Place, Severity

LINED = (".jsonl", ".ndjson")
PROTOCOL = (".yaml", ".yml")
_LARGE = 4_000_000  # bytes; a longer JSON file is read value by value


def read_content(stream: BinaryIO, size: int, place: Place, limits: Limits) -> Iterator[Kept | Refusal]:
    """The records of one file.

    Args:
        stream: Open for reading bytes.
        size: Its length in bytes, as far as it is known beforehand.
        place: Its name; the ending tells lines and protocol files from the rest.
        limits: How much may be read.
    """
    name = place.file.lower()
    if name.endswith(LINED):
        yield from _lines(stream, place, limits)
        return
    head = stream.read(_LARGE + 1)
    if name.endswith(PROTOCOL):
        yield _protocol(head, place)
    elif head.lstrip()[:1] == b"<" or name.endswith(".xml"):
        yield _xml(head + stream.read(max(limits.record_bytes + 1 - len(head), 0)), place, limits)
    elif size > limits.file_bytes:
        yield too_large(place, f"It is {size} bytes long")
    elif len(head) <= _LARGE:
        yield from _json(head, place)
    else:
        yield from _long_json(_Rejoined(head, stream), place, limits)


def too_large(place: Place, detail: str) -> Refusal:
    """The refusal of what goes beyond a bound."""
    return refusal("TW-R905", place, "This is too large to be a registry record", f"{detail}.")


class _Rejoined:
    """A stream with what was already read of it put back in front."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int) -> bytes:
        head, self._head = self._head, b""
        return head or self._rest.read(size)


def _xml(data: bytes, place: Place, limits: Limits) -> Kept | Refusal:
    if len(data) > limits.record_bytes:
        return too_large(place, f"It is longer than {limits.record_bytes} bytes")
    return record_from_xml(data, place)


def _protocol(text: bytes, place: Place) -> Kept | Refusal:
    reading = parse_protocol(text, place.file)
    if reading.protocol is not None:
        return Kept(place, Record(record_of(reading.protocol.file.study)), source="protocol file")
    errors = [one for one in reading.findings if one.severity is Severity.ERROR]
    return Refusal(errors[0])


def _json(data: bytes, place: Place) -> Iterator[Kept | Refusal]:
    value = parse_json(data, place)
    match value:
        case Refusal():
            yield value
        case {"studies": list(studies)}:
            yield from _list(studies, place, "studies")
        case list():
            yield from _list(value, place, "")
        case _:
            yield record_from_v2(value, place, data.strip())


def _list(nodes: list[object], place: Place, path: str) -> Iterator[Kept | Refusal]:
    for index, node in enumerate(nodes):
        yield record_from_v2(node, Place(place.file, path=f"{path}[{index}]"))


def _long_json(stream: _Rejoined, place: Place, limits: Limits) -> Iterator[Kept | Refusal]:
    path = ""
    try:
        for path, value, text in stream_values(stream, limits.record_bytes):  # type: ignore[arg-type]
            yield record_from_v2(value, Place(place.file, path=path), text.encode() or None)
    except TooLong as error:
        yield too_large(Place(place.file, path=path), f"After this value {error}")
    except (ValueError, RecursionError) as error:
        why = "It is nested too deeply" if isinstance(error, RecursionError) else str(error)
        yield refusal("TW-R902", Place(place.file, path=path), "From here on this is not JSON", f"{why}.")


def _lines(stream: BinaryIO, place: Place, limits: Limits) -> Iterator[Kept | Refusal]:
    number = 0
    while line := stream.readline(limits.record_bytes + 1):
        number += 1
        yield from _line(line, Place(place.file, number, 1), limits)
        while len(line) > limits.record_bytes and not line.endswith(b"\n"):
            line = stream.readline(limits.record_bytes + 1)


def _line(line: bytes, place: Place, limits: Limits) -> Iterator[Kept | Refusal]:
    if len(line) > limits.record_bytes:
        yield too_large(place, f"This line is longer than {limits.record_bytes} bytes")
    elif text := line.strip():
        value = parse_json(line, place)
        yield value if isinstance(value, Refusal) else record_from_v2(value, place, text)
