"""A registry record as a FHIR ResearchStudy (the R5 shape, which R6 keeps), with what it refers to contained in it.

What has no element in ResearchStudy is left to the record itself, to which ``relatedArtifact`` points. Never validates
against a FHIR server; says nothing that the record does not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trialwright.registry.record import Record
from trialwright.registry.record_parts import Location, RecordDate

Resource = dict[str, Any]

STUDY_ADDRESS = "https://clinicaltrials.gov/study/"
_TERMS = "http://terminology.hl7.org/CodeSystem/"
_FHIR = "http://hl7.org/fhir/"
_PHASES: Mapping[tuple[str, ...], str] = {
    ("NA",): "n-a",
    ("EARLY_PHASE1",): "early-phase-1",
    ("PHASE1",): "phase-1",
    ("PHASE1", "PHASE2"): "phase-1-phase-2",
    ("PHASE2",): "phase-2",
    ("PHASE2", "PHASE3"): "phase-2-phase-3",
    ("PHASE3",): "phase-3",
    ("PHASE4",): "phase-4",
}
_PROGRESS: Mapping[str, str] = {
    "ACTIVE_NOT_RECRUITING": "active-but-not-recruiting",
    "COMPLETED": "completed",
    "ENROLLING_BY_INVITATION": "enrolling-by-invitation",
    "NOT_YET_RECRUITING": "not-yet-recruiting",
    "RECRUITING": "recruiting",
    "SUSPENDED": "temporarily-closed-to-accrual",
    "TERMINATED": "administratively-completed",
    "WITHDRAWN": "withdrawn",
    "NO_LONGER_AVAILABLE": "completed",
}
_PURPOSES = frozenset(
    {"treatment", "prevention", "diagnostic", "supportive-care", "screening", "health-services-research", "basic-science",
     "device-feasibility"}
)  # fmt: skip
_PARTIES: Mapping[str, str] = {
    "PRINCIPAL_INVESTIGATOR": "primary-investigator",
    "STUDY_CHAIR": "study-chair",
    "STUDY_DIRECTOR": "study-director",
    "SUB_INVESTIGATOR": "sub-investigator",
}


def fhir_study(record: Record) -> Resource:
    """One record as a ResearchStudy resource, ready for JSON."""
    contained: list[Resource] = []
    study: Resource = {
        "resourceType": "ResearchStudy",
        "id": record.nct_id or record.org_study_id,
        "identifier": list(_identifiers(record)),
        "title": record.brief_title or record.official_title,
        "label": [
            {"type": _concept(f"{_FHIR}title-type", kind), "value": text}
            for kind, text in (("official", record.official_title), ("acronym", record.acronym))
            if text
        ],
        "relatedArtifact": list(_artifacts(record)),
        "date": _iso(record.last_update_posted_on),
        "status": "active",
        "primaryPurposeType": _purpose(record),
        "phase": _phase(record),
        "condition": [{"text": text} for text in record.conditions],
        "keyword": [{"text": text} for text in record.keywords],
        "focus": [{"concept": {"text": one.name}} for one in record.interventions if one.name],
        "descriptionSummary": record.brief_summary,
        "description": record.detailed_description,
        "period": _present({"start": _iso(record.start_on), "end": _iso(record.completion_on)}),
        "site": [_site(number, one, contained) for number, one in enumerate(record.locations, 1)],
        "associatedParty": list(_parties(record)),
        "progressStatus": list(_progress(record)),
        "whyStopped": {"text": record.why_stopped} if record.why_stopped else None,
        "recruitment": _recruitment(record, contained),
        "comparisonGroup": list(_groups(record)),
        "outcomeMeasure": list(_outcomes(record)),
    }
    return _present({**study, "contained": contained})


def _present(node: Mapping[str, Any]) -> Resource:
    return {key: value for key, value in node.items() if value not in (None, [], {}, "")}


def _concept(system: str, code: str, display: str | None = None) -> Resource:
    return {"coding": [_present({"system": system, "code": code, "display": display})]}


def _iso(on: RecordDate | None) -> str | None:
    return on.text if on and on.first_day else None


def _identifiers(record: Record) -> Iterator[Resource]:
    if record.nct_id:
        yield {"use": "official", "system": "https://clinicaltrials.gov", "value": record.nct_id}
    if record.org_study_id:
        yield {"use": "secondary", "type": {"text": "Organization study ID"}, "value": record.org_study_id}
    for one in record.secondary_ids:
        kind = " · ".join(part for part in (one.kind, one.domain) if part)
        yield _present({"use": "secondary", "type": {"text": kind} if kind else None, "value": one.id})


def _artifacts(record: Record) -> Iterator[Resource]:
    if record.nct_id:
        yield {"type": "derived-from", "document": {"url": f"{STUDY_ADDRESS}{record.nct_id}"}}
    for one in record.references:
        if one.citation:
            yield {"type": "citation", "citation": one.citation}


def _purpose(record: Record) -> Resource | None:
    if record.primary_purpose is None:
        return None
    code = record.primary_purpose.lower().replace("_", "-")
    known = code in _PURPOSES
    return _concept(f"{_TERMS}research-study-prim-purp-type", code) if known else {"text": record.primary_purpose}


def _phase(record: Record) -> Resource | None:
    code = _PHASES.get(record.phases)
    return _concept(f"{_TERMS}research-study-phase", code) if code else None


def _site(number: int, one: Location, contained: list[Resource]) -> Resource:
    point = one.geo_point
    where = {
        "resourceType": "Location",
        "id": f"location-{number}",
        "name": one.facility or one.city or one.country,
        "address": _present({"city": one.city, "state": one.state, "postalCode": one.zip, "country": one.country}),
        "position": {"longitude": point.lon, "latitude": point.lat} if point else None,
    }
    contained.append(_present(where))
    return _present({"reference": f"#location-{number}", "display": one.facility})


def _parties(record: Record) -> Iterator[Resource]:
    if record.sponsor:
        yield _party(record.sponsor.name, "lead-sponsor")
    for one in record.collaborators:
        if one.name:
            yield _party(one.name, "collaborator")
    for official in record.officials:
        if official.name:
            yield _party(official.name, _PARTIES.get(official.role or "", "general-contact"))
    for contact in record.central_contacts:
        if contact.name:
            yield _party(contact.name, "general-contact")


def _party(name: str, role: str) -> Resource:
    return {"name": name, "role": _concept(f"{_FHIR}research-study-party-role", role)}


def _progress(record: Record) -> Iterator[Resource]:
    if record.status is None:
        return
    code = _PROGRESS.get(record.status)
    state = _concept(f"{_FHIR}research-study-status", code) if code else {}
    yield {"state": {**state, "text": record.status}}


def _recruitment(record: Record, contained: list[Resource]) -> Resource:
    count = record.enrollment_count
    actual = record.enrollment_kind == "ACTUAL"
    eligibility = None
    if record.eligibility_text:
        contained.append(
            {
                "resourceType": "Group",
                "id": "eligibility",
                "type": "person",
                "membership": "definitional",
                "description": record.eligibility_text,
                "characteristic": list(_characteristics(record)),
            }
        )
        eligibility = {"reference": "#eligibility"}
    return _present(
        {
            "targetNumber": None if actual else count,
            "actualNumber": count if actual else None,
            "eligibility": eligibility,
        }
    )


def _characteristics(record: Record) -> Iterator[Resource]:
    stated = {
        "Sex": record.sex,
        "Minimum age": record.minimum_age,
        "Maximum age": record.maximum_age,
        "Healthy volunteers": {True: "accepted", False: "not accepted", None: None}[record.healthy_volunteers],
    }
    for name, value in stated.items():
        if value:
            yield {"code": {"text": name}, "valueCodeableConcept": {"text": value}, "exclude": False}


def _groups(record: Record) -> Iterator[Resource]:
    for number, arm in enumerate(record.arms, 1):
        kind = {"text": arm.kind} if arm.kind else None
        yield _present(
            {"linkId": f"arm-{number}", "name": arm.label or f"Arm {number}", "type": kind, "description": arm.description}
        )


def _outcomes(record: Record) -> Iterator[Resource]:
    kinds = {
        "primary": record.primary_outcomes,
        "secondary": record.secondary_outcomes,
        "exploratory": record.other_outcomes,
    }
    for kind, outcomes in kinds.items():
        for one in outcomes:
            yield _present(
                {
                    "name": one.measure,
                    "type": [_concept(f"{_TERMS}research-study-objective-type", kind)],
                    "description": "\n\n".join(part for part in (one.description, one.time_frame) if part),
                }
            )
