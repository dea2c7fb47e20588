"""One record from bytes: v2 JSON or classic XML. Bad input becomes a Refusal with its finding, never an exception."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from trialwright.exchange.ctgov.classic import Classic
from trialwright.exchange.ctgov.classic_xml import to_v2
from trialwright.registry.record import Record
from trialwright.vocabulary.findings import Finding, Place, Severity

_NO_IDS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Kept:
    """A record that was read, and what its file holds that could not be carried over."""

    place: Place
    record: Record
    notes: tuple[Finding, ...] = ()

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
    try:
        value: object = json.loads(text, parse_constant=_no_constant)
        if "\\ud" in (text if isinstance(text, str) else text.decode()).lower():
            json.dumps(value, ensure_ascii=False).encode()
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


def record_from_v2(node: object, place: Place) -> Kept | Refusal:
    """A record from a parsed v2 JSON object, kept whole."""
    if not isinstance(node, dict) or not isinstance(node.get("protocolSection"), dict):
        held = "an object without protocolSection" if isinstance(node, dict) else f"a JSON {_kind(node)}"
        return refusal(
            "TW-R906",
            place,
            "This is not a registry record",
            f"A ClinicalTrials.gov v2 record is an object with a protocolSection; this is {held}.",
            ("export the study as JSON from the registry", "pass classic XML in a file ending in .xml"),
        )
    return Kept(place, Record(node), tuple(_odd_modules(node["protocolSection"], place)))


def record_from_xml(data: bytes, place: Place, mesh_ids: Mapping[str, str] = _NO_IDS) -> Kept | Refusal:
    """A record from one classic XML document.

    Args:
        data: The document; document types and entities are refused, so nothing can expand.
        place: Where it stands.
        mesh_ids: Identifier by MeSH heading, for the headings that the registry assigned.
    """
    try:
        root = fromstring(data, forbid_dtd=True)
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
    record = Record(to_v2(classic, mesh_ids))
    return Kept(place, record, tuple(_not_carried(classic, place)))


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


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
