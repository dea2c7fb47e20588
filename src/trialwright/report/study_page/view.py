"""The record arranged as the page shows it: facts with their labels, in order. Holds no markup and no judgement."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from trialwright.registry.record import Record
from trialwright.registry.record_parts import RecordDate, SecondaryId, flag_at, member, nodes_at, text_at, texts_at
from trialwright.report.study_page import phrases
from trialwright.report.study_page.words import WORDS, label

DOCUMENTS = "https://cdn.clinicaltrials.gov/large-docs/"
_WEB = re.compile(r"https?://[^\s<>\"']+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a fact, with an address where it leads somewhere and a small remark where it has one."""

    text: str
    href: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its values; never without a value."""

    label: str
    values: tuple[Value, ...]


def facts(*pairs: tuple[str, Iterable[Value | str | None]]) -> tuple[Fact, ...]:
    """The facts that have a value, each under the word of its key."""
    found = []
    for key, given in pairs:
        values = tuple(Value(one) if isinstance(one, str) else one for one in given if one)
        if values:
            found.append(Fact(WORDS[key], values))
    return tuple(found)


def web_href(address: str | None) -> str:
    """The address if it is a plain web address, else empty: nothing else in a record becomes a link."""
    return address if address and _WEB.fullmatch(address) else ""


def key_facts(record: Record) -> tuple[Fact, ...]:
    """The facts at the head of the page."""
    funders = [record.sponsor, *record.collaborators]
    classes = dict.fromkeys(label("funder", one.category) for one in funders if one and one.category)
    return facts(
        ("status_and_phase", (label("status", record.status), phase(record))),
        ("conditions", record.conditions),
        ("treatments", dict.fromkeys(named(one.kind, one.name) for one in record.interventions)),
        ("study_type", (label("", record.study_type),)),
        ("funder_types", classes),
        ("identifiers", (record.nct_id, record.org_study_id, *map(_secondary_id, record.secondary_ids))),
        ("also_known", record.nct_id_aliases),
    )


def phase(record: Record) -> str:
    """The phase in words; empty for a study that has none."""
    return "/".join(label("phase", one) for one in record.phases)


def named(kind: str | None, name: str | None) -> str:
    """An intervention with its type: "Drug: Imatinib"."""
    return ": ".join(part for part in (label("", kind), name) if part)


def _secondary_id(one: SecondaryId) -> Value:
    kind = label("id", one.kind) or ("" if one.kind in (None, "OTHER") else one.kind or "")
    text = one.id if kind.lower() in one.id.lower() else f"{kind} {one.id}"
    return Value(text, web_href(one.link), one.domain or "")


def eligibility_facts(record: Record) -> tuple[Fact, ...]:
    """Who could take part, in short."""
    kind = label("date", record.enrollment_kind)
    healthy = record.healthy_volunteers
    gender = member(record.raw, "protocolSection", "eligibilityModule", "genderDescription")
    return facts(
        ("enrollment", (Value(phrases.people(record), remark=kind) if phrases.people(record) else None,)),
        ("sex", (Value(label("", record.sex), remark=gender if isinstance(gender, str) else "") if record.sex else None,)),
        ("ages", (phrases.ages(record),)),
        ("volunteers", (label("volunteers", str(healthy).lower()) if healthy is not None else None,)),
        ("sampling_method", (label("", record.sampling_method),)),
    )


def design_facts(record: Record) -> tuple[Fact, ...]:
    """How the study is built."""
    design = record.module("designModule")
    return facts(
        ("primary_purpose", (label("purpose", record.primary_purpose),)),
        ("allocation", (label("allocation", record.allocation),)),
        ("interventional_model", (label("model", record.intervention_model), record.intervention_model_description)),
        ("observational_model", (label("observational_model", record.observational_model),)),
        ("time_perspective", (label("", record.time_perspective),)),
        ("target_duration", (text_at(design, "targetDuration"),)),
        ("masking", (label("masking", record.masking), record.masking_description)),
        ("masked", (", ".join(label("", one) for one in record.who_masked),)),
        ("patient_registry", (_yes_no(flag_at(design, "patientRegistry")),)),
        ("biospecimens", (label("", text_at(design, "bioSpec", "retention")), text_at(design, "bioSpec", "description"))),
        ("expanded_types", _expanded_types(design)),
    )


def _expanded_types(design: Mapping[str, object]) -> Iterable[str]:
    types = member(design, "expandedAccessTypes")
    return (label("", name.upper()) for name, holds in types.items() if holds is True) if isinstance(types, Mapping) else ()


def date_facts(record: Record) -> tuple[Fact, ...]:
    """The study's dates and the record's own."""

    def dated(when: RecordDate | None) -> tuple[Value, ...]:
        return (Value(phrases.day(when), remark=label("date", when.kind)),) if when else ()

    return facts(
        ("start", dated(record.start_on)),
        ("primary_completion", dated(record.primary_completion_on)),
        ("completion", dated(record.completion_on)),
        ("first_submitted", dated(record.first_submitted_on)),
        ("first_posted", dated(record.first_posted_on)),
        ("results_first_posted", dated(record.results_first_posted_on)),
        ("last_update_submitted", dated(record.last_update_submitted_on)),
        ("last_update_posted", dated(record.last_update_posted_on)),
        ("verified", dated(record.verified_on)),
    )


def people_facts(record: Record) -> tuple[Fact, ...]:
    """Who answers for the study, and who watches over it."""
    oversight = record.module("oversightModule")
    officials = (
        Value(one.name or WORDS["not_stated"], remark=", ".join(p for p in (label("", one.role), one.affiliation) if p))
        for one in record.officials
    )
    collaborators = (Value(one.name, remark=label("funder", one.category)) for one in record.collaborators)
    sponsor = record.sponsor
    return facts(
        ("sponsor", (Value(sponsor.name, remark=label("funder", sponsor.category)) if sponsor else None,)),
        ("collaborators", collaborators),
        ("responsible_party", (_responsible(record),)),
        ("officials", officials),
        ("dmc", (_yes_no(record.has_dmc),)),
        ("fda_drug", (_yes_no(flag_at(oversight, "isFdaRegulatedDrug")),)),
        ("fda_device", (_yes_no(flag_at(oversight, "isFdaRegulatedDevice")),)),
        ("fda_unapproved", (_yes_no(flag_at(oversight, "isUnapprovedDevice")),)),
        ("surveillance", (_yes_no(flag_at(oversight, "isPpsd")),)),
        ("us_export", (_yes_no(flag_at(oversight, "isUsExport")),)),
        ("expanded_access", (_expanded_access(record),)),
    )


def _expanded_access(record: Record) -> Value | None:
    """Whether the treatment can be had outside the trial, and the record that says how."""
    said = _yes_no(record.has_expanded_access)
    access = member(record.raw, "protocolSection", "statusModule", "expandedAccessInfo")
    other, status = text_at(access, "nctId"), label("status", text_at(access, "statusForNctId"))
    return Value(said, remark=", ".join(part for part in (other, status) if part)) if said else None


def _responsible(record: Record) -> Value | None:
    party = record.responsible_party
    if party is None:
        return None
    name = party.investigator_name or party.old_name_title
    rest = (party.investigator_title, party.investigator_affiliation, party.old_organization)
    kind = label("", party.kind)
    if name is None:
        return Value(party.old_organization or kind)
    return Value(name, remark=", ".join(part for part in (kind, *rest) if part))


def _yes_no(flag: bool | None) -> str | None:
    return None if flag is None else WORDS["yes"] if flag else WORDS["no"]


def sharing_facts(record: Record) -> tuple[Fact, ...]:
    """Documents posted with the record, and what the owner says about sharing participants' data."""
    ipd = record.module("ipdSharingStatementModule")
    info = ", ".join(label("ipd_info", one) for one in texts_at(ipd, "infoTypes"))
    described = (text_at(ipd, key) for key in ("description", "timeFrame", "accessCriteria"))
    url = text_at(ipd, "url")
    return facts(
        (
            "documents",
            (_document(record, one) for one in nodes_at(record.raw, "documentSection", "largeDocumentModule", "largeDocs")),
        ),
        (
            "ipd",
            (
                Value(label("ipd", text_at(ipd, "ipdSharing")), remark=info) if text_at(ipd, "ipdSharing") else None,
                *described,
                Value(url, web_href(url)) if url else None,
            ),
        ),
    )


def _document(record: Record, node: Mapping[str, object]) -> Value:
    dated, filename = text_at(node, "date"), text_at(node, "filename")
    number = record.nct_id or ""
    href = f"{DOCUMENTS}{number[-2:]}/{number}/{quote(filename)}" if filename and number else ""
    remark = phrases.day(RecordDate(dated)) if dated else ""
    return Value(text_at(node, "label") or filename or "", href, remark)


def term_facts(record: Record) -> tuple[Fact, ...]:
    """The owner's keywords, and the headings that the registry assigned."""
    return facts(
        ("owner_keywords", record.keywords),
        ("condition_terms", (one.term for one in record.condition_meshes)),
        ("treatment_terms", (one.term for one in record.intervention_meshes)),
        ("wider_terms", dict.fromkeys(_wider(record))),
    )


def _wider(record: Record) -> Iterable[str]:
    for module in ("conditionBrowseModule", "interventionBrowseModule"):
        for node in nodes_at(record.raw, "derivedSection", module, "ancestors"):
            yield text_at(node, "term") or ""


def link_facts(record: Record) -> tuple[Value, ...]:
    """The links that the record offers; one that is no plain web address is shown as text."""
    return tuple(
        Value(one.label or one.url or "", web_href(one.url), "" if web_href(one.url) else one.url or "")
        for one in record.see_also
    )
