"""What the record says about its own results: whom to ask, what was agreed, and what the registry noted. Repeats it only."""

from __future__ import annotations

from collections.abc import Iterator

from trialwright.registry.record import Record
from trialwright.registry.record_parts import RecordDate, flag_at, member, nodes_at, text_at, texts_at
from trialwright.report.study_page import phrases
from trialwright.report.study_page.view import Fact, Value, facts
from trialwright.report.study_page.words import WORDS, label


def result_facts(record: Record) -> tuple[Fact, ...]:
    """Contact and agreements about the results, results that are not shown yet, and the regulator's notices."""
    return facts(
        ("results_contact", _contact(record)),
        ("agreements", _agreements(record)),
        ("unposted", (*_unposted(record), WORDS["waived"] if _waived(record) else None)),
        ("violations", _violations(record)),
        ("removed_countries", texts_at(record.raw, "derivedSection", "miscInfoModule", "removedCountries")),
    )


def _waived(record: Record) -> bool:
    return flag_at(record.module("statusModule"), "resultsWaived") is True


def _contact(record: Record) -> Iterator[Value]:
    node = member(record.raw, "resultsSection", "moreInfoModule", "pointOfContact")
    extension = text_at(node, "phoneExt")
    phone = text_at(node, "phone")
    reached = (phone and f"{phone} ({extension})" if extension else phone, text_at(node, "email"))
    name = text_at(node, "title") or text_at(node, "organization")
    if name:
        organization = text_at(node, "organization")
        rest = [part for part in (organization if organization != name else "", *reached) if part]
        yield Value(name, remark=", ".join(rest))


def _agreements(record: Record) -> Iterator[str]:
    node = member(record.raw, "resultsSection", "moreInfoModule", "certainAgreement")
    if flag_at(node, "piSponsorEmployee"):
        yield WORDS["employees"]
    elif flag_at(node, "restrictiveAgreement"):
        yield WORDS["agreement_restricts"]
        yield text_at(node, "otherDetails") or ""
    elif flag_at(node, "restrictiveAgreement") is False:
        yield WORDS["agreement_none"]


def _unposted(record: Record) -> Iterator[Value]:
    for node in nodes_at(record.raw, "annotationSection", "annotationModule", "unpostedAnnotation", "unpostedEvents"):
        yield Value(phrases.day(RecordDate(text_at(node, "date") or "")), remark=label("unposted", text_at(node, "type")))


def _violations(record: Record) -> Iterator[Value]:
    for node in nodes_at(record.raw, "annotationSection", "annotationModule", "violationAnnotation", "violationEvents"):
        when = text_at(node, "issuedDate") or text_at(node, "creationDate") or ""
        text = text_at(node, "description") or label("violation", text_at(node, "type"))
        yield Value(text, remark=phrases.day(RecordDate(when)))
