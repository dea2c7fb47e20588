"""A registry record as RIS, the exchange format of reference managers. One record is one database entry (``DBASE``).

The tags are those of the registry's RIS download. The day of retrieval is an argument.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date

from trialwright.registry.record_parts import Json, flag_at, member, nodes_at, text_at

STUDY_ADDRESS = "https://clinicaltrials.gov/study/"
TAGS = (
    "TY", "DP", "PP", "ID", "AN", "U1", "ST", "TI", "Y1", "Y2", "A2", "C1", "C2", "C3", "C4", "C5", "C6", "C7", "C8", "AB",
    "UR", "SF", "RD", "ER",
)  # fmt: skip
_FRAME = ("TY", "ER")
_P = "protocolSection"


def ris_text(record: Json, retrieved_on: date, tags: Collection[str] | None = None) -> str:
    """One record in RIS, lines ended by carriage return and line feed.

    Args:
        record: A record in v2 shape.
        retrieved_on: When it was processed or fetched (``RD``).
        tags: Which of ``TAGS`` to give; all by default. ``TY`` and ``ER`` frame the entry always.
    """
    lines = (
        f"{tag}  - {' '.join(value.split())}"
        for tag, value in _entries(record, retrieved_on)
        if tags is None or tag in tags or tag in _FRAME
    )
    return "".join(f"{line}\r\n" for line in lines)


def _entries(record: Json, retrieved_on: date) -> Iterator[tuple[str, str]]:
    nct = text_at(record, _P, "identificationModule", "nctId")
    yield "TY", "DBASE"
    yield "DP", "National Library of Medicine (US)"
    yield "PP", "Bethesda (MD)"
    yield from _given(("ID", nct), ("AN", nct))
    yield from _titles(record)
    yield from _dates(record)
    yield from _status(record)
    yield from _contacts(record)
    yield from _given(("AB", text_at(record, _P, "descriptionModule", "briefSummary")))
    yield from _given(("UR", f"{STUDY_ADDRESS}{nct}" if nct else None))
    yield "SF", "ClinicalTrials.gov"
    yield "RD", f"{retrieved_on:%Y/%m/%d}"
    yield "ER", ""


def _given(*pairs: tuple[str, str | None]) -> Iterator[tuple[str, str]]:
    yield from ((tag, value) for tag, value in pairs if value)


def _titles(record: Json) -> Iterator[tuple[str, str]]:
    module = member(record, _P, "identificationModule")
    for node in nodes_at(module, "secondaryIdInfos"):
        kind = text_at(node, "type")
        yield from _given(("U1", _with(text_at(node, "id"), f"[{kind}]" if kind else None)))
    brief, acronym = text_at(module, "briefTitle"), text_at(module, "acronym")
    yield from _given(("ST", _with(brief, f"({acronym})" if acronym else None)))
    yield from _given(("TI", text_at(module, "officialTitle") or brief))


def _with(text: str | None, addition: str | None) -> str | None:
    return f"{text} {addition}" if text and addition else text


def _dates(record: Json) -> Iterator[tuple[str, str]]:
    status = member(record, _P, "statusModule")
    first, start = text_at(status, "studyFirstSubmitDate"), text_at(status, "startDateStruct", "date")
    yield from _given(("Y1", first and first.replace("-", "/")), ("Y2", start and start.replace("-", "/")))


def _status(record: Json) -> Iterator[tuple[str, str]]:
    sponsors, status = member(record, _P, "sponsorCollaboratorsModule"), member(record, _P, "statusModule")
    for node in nodes_at(sponsors, "collaborators"):
        yield from _given(("A2", text_at(node, "name")))
    yield from _given(
        ("C1", text_at(sponsors, "leadSponsor", "name")),
        ("C2", text_at(status, "overallStatus")),
        ("C3", text_at(status, "lastUpdatePostDateStruct", "date")),
        ("C4", text_at(status, "lastUpdateSubmitDate")),
        ("C5", text_at(record, _P, "designModule", "studyType")),
        ("C6", "Has Results" if member(record, "hasResults") is True else "No Results"),
        ("C7", _documents(record)),
    )


def _documents(record: Json) -> str:
    documents = nodes_at(record, "documentSection", "largeDocumentModule", "largeDocs")
    kinds = {"hasProtocol": "Protocol", "hasSap": "SAP", "hasIcf": "ICF"}
    return ", ".join(word for key, word in kinds.items() if any(flag_at(node, key) for node in documents))


def _contacts(record: Json) -> Iterator[tuple[str, str]]:
    for node in nodes_at(record, _P, "contactsLocationsModule", "centralContacts"):
        role, extension = text_at(node, "role"), text_at(node, "phoneExt")
        yield from _given(
            ("C8", _with(text_at(node, "name"), f"[{role}]" if role else None)),
            ("C8", _with(text_at(node, "phone"), f"ext. {extension}" if extension else None)),
            ("C8", text_at(node, "email")),
        )
