"""One record from bytes: v2 JSON or classic XML. Bad input becomes a Refusal with its finding, never an exception."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import NoReturn
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from trialwright.exchange.ctgov.classic import Classic
from trialwright.exchange.ctgov.classic_xml import to_v2
from trialwright.registry.address import CLASSIC
from trialwright.registry.json_text import parse_fast
from trialwright.registry.record import Record
from trialwright.registry.record_parts import RecordDate
from trialwright.vocabulary.findings import Finding, Place, Severity

_PLAIN_XML = re.compile(rb"\s*<(?!\?)|\s*<\?xml[^>]{0,80}encoding=[\"'](?:utf-8|us-ascii|iso-8859-1)[\"']", re.IGNORECASE)
_DECLARATION = re.compile(rb"<!(?!--|\[CDATA\[)")
_DATED = ("Date", "DateStruct")


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that was read.

    Args:
        place: Where it stood.
        record: The record.
        notes: What its file holds that could not be carried over, and what is odd in it.
        text: Its own JSON, to the byte, where it stood as such.
        source: What it was: ``v2 JSON``, ``classic XML`` or ``protocol file``.
    """

    place: Place
    record: Record
    notes: tuple[Finding, ...] = ()
    text: bytes | None = None
    source: str = "v2 JSON"

    @property
    def file(self) -> str:
        """The file (or archive member) that the record stood in."""
        return self.place.file


@dataclass(frozen=True, slots=True)
class Refusal:
    """A record, or a whole file, that was not read, and why."""

    finding: Finding


def refusal(code: str, place: Place, title: str, detail: str, ways_out: tuple[str, ...] = ()) -> Refusal:
    """A refusal with an error finding."""
    return Refusal(Finding(code, Severity.ERROR, place, title, detail, ways_out))


def parse_json(text: bytes | str, place: Place) -> object | Refusal:
    """JSON from text; what is not JSON (or not text) is a refusal that says where."""
    if isinstance(text, bytes):
        with suppress(ValueError):
            found: object = parse_fast(text)
            return found
    try:
        words = text if isinstance(text, str) else text.decode()
        value: object = STRICT.decode(words)
        check_characters(words, value)
    except json.JSONDecodeError as error:
        line = place.line or error.lineno
        spot = Place(place.file, line, error.colno)
        return refusal("TW-R902", spot, "This is not JSON", f"{error.msg} at column {error.colno}.")
    except UnicodeError as error:
        return refusal("TW-R902", place, "This is not Unicode text", f"{error}.", ("save it as UTF-8",))
    except (ValueError, RecursionError) as error:
        why = "It is nested too deeply" if isinstance(error, RecursionError) else str(error)
        return refusal("TW-R902", place, "This is not JSON that can be read", f"{why}.")
    return value


def record_from_v2(node: object, place: Place, text: bytes | None = None) -> Kept | Refusal:
    """A record from a parsed v2 JSON object, kept whole; ``text`` is the object's own JSON where it is at hand."""
    if not isinstance(node, dict) or not isinstance(node.get("protocolSection"), dict):
        held = "an object without protocolSection" if isinstance(node, dict) else f"a JSON {_kind(node)}"
        return refusal(
            "TW-R906",
            place,
            "This is not a registry record",
            f"A ClinicalTrials.gov v2 record is an object with a protocolSection; this is {held}.",
            ("export the study as JSON from the registry", "pass classic XML in a file ending in .xml"),
        )
    record = Record(node)
    return Kept(place, record, (*_odd_modules(node["protocolSection"], place), *_odd_dates(record, place)), text)


def record_from_xml(data: bytes, place: Place) -> Kept | Refusal:
    """A record from one classic XML document.

    Args:
        data: The document; document types and entities are refused, so nothing can expand.
        place: Where it stands.
    """
    try:
        root = _parsed_xml(data)
    except DefusedXmlException:
        return refusal(
            "TW-R904",
            place,
            "The XML defines a document type or entities",
            "Registry records have none; expanding them could fill memory or fetch files, so this was not read.",
            ("remove the DOCTYPE", "download the record again"),
        )
    except ParseError as error:
        line, column = error.position
        return refusal("TW-R903", Place(place.file, line, column + 1), "This is not well-formed XML", f"{error}.")
    except (ValueError, LookupError) as error:
        return refusal("TW-R903", place, "This is not XML that can be read", f"{error}.")
    if root.tag != "clinical_study":
        detail = f"A classic record's outermost element is clinical_study; this is {str(root.tag)[:80]}."
        return refusal("TW-R906", place, "This is not a registry record", detail)
    classic = Classic(root)
    record = Record(to_v2(classic))
    return Kept(place, record, tuple(_not_carried(classic, place)), source=CLASSIC)


def _parsed_xml(data: bytes) -> Element:
    """The outermost element. Where no declaration can stand, which is nearly always, by the parser that is quick."""
    if _DECLARATION.search(data) or b"\0" in data or not _PLAIN_XML.match(data):
        found: Element = fromstring(data, forbid_dtd=True)
        return found
    return ElementTree.fromstring(data)  # noqa: S314 - no declaration, so no document type and no entity


def _not_carried(classic: Classic, place: Place) -> Iterator[Finding]:
    for path, text in sorted(set(classic.strange_terms)):
        yield Finding(
            "TW-R908",
            Severity.NOTE,
            Place(place.file, path=path),
            f"“{text[:60]}” has no counterpart in the v2 structure and is kept as it was written",
        )
    unused = classic.unused()
    if unused:
        detail = f"Elements that were not carried over: {', '.join(unused)}."
        yield Finding("TW-R908", Severity.NOTE, place, "Part of the XML has no place in the v2 record", detail)


def _odd_modules(section: Mapping[str, object], place: Place) -> Iterator[Finding]:
    for name, module in section.items():
        if not isinstance(module, dict):
            yield Finding(
                "TW-R907",
                Severity.WARNING,
                Place(place.file, place.line, place.column, f"protocolSection.{name}"),
                f"{name} is a JSON {_kind(module)}, not an object",
                "It is kept as it is, but nothing can be read from it.",
            )


def _odd_dates(record: Record, place: Place) -> Iterator[Finding]:
    status = record.module("statusModule")
    for name, value in status.items():
        if not name.endswith(_DATED):
            continue
        text = value.get("date") if isinstance(value, dict) else value
        if text is not None and not (isinstance(text, str) and _is_date(text)):
            path = f"protocolSection.statusModule.{name}"
            title = f"“{str(text)[:40]}” is no date"
            detail = "It is kept as it was written, and found by no search for a date."
            yield Finding("TW-R910", Severity.WARNING, Place(place.file, place.line, place.column, path), title, detail)


@lru_cache(maxsize=50_000)
def _is_date(text: str) -> bool:
    return RecordDate(text).first_day is not None


def _kind(value: object) -> str:
    match value:
        case bool():
            return "truth value"
        case None:
            return "null"
        case int() | float():
            return "number"
        case str():
            return "text"
        case list():
            return "list"
        case _:
            return "object"


def check_characters(words: str, value: object) -> None:
    """Refuse half a surrogate pair, which JSON can spell and no text can hold.

    Raises:
        UnicodeError: There is one.
    """
    if "\\ud" in words or "\\uD" in words:
        json.dumps(value, ensure_ascii=False).encode()


def _finite(text: str) -> float:
    """A JSON number with a fraction or an exponent; one beyond what a computer's number holds is refused."""
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text[:40]} is too large a number")
    return value


def _no_constant(name: str) -> NoReturn:
    """Refuse NaN and Infinity, which Python would let pass."""
    raise ValueError(f"{name} is not a JSON number")


STRICT = json.JSONDecoder(parse_constant=_no_constant, parse_float=_finite)
