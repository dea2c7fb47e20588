"""A study as schema.org ``MedicalTrial`` in JSON-LD, for search engines. Says only what the record says.

Source: https://schema.org/MedicalTrial and https://schema.org/MedicalObservationalStudy.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from trialwright.registry.record import Record

MOST_SITES = 100
_STATUS = {
    "ACTIVE_NOT_RECRUITING": "ActiveNotRecruiting",
    "COMPLETED": "Completed",
    "ENROLLING_BY_INVITATION": "EnrollingByInvitation",
    "NOT_YET_RECRUITING": "NotYetRecruiting",
    "RECRUITING": "Recruiting",
    "SUSPENDED": "Suspended",
    "TERMINATED": "Terminated",
    "WITHDRAWN": "Withdrawn",
}
_DESIGNS = {
    ("RANDOMIZED", "NONE"): "RandomizedTrial",
    ("RANDOMIZED", "SINGLE"): "SingleBlindedTrial",
    ("RANDOMIZED", "DOUBLE"): "DoubleBlindedTrial",
    ("RANDOMIZED", "TRIPLE"): "TripleBlindedTrial",
    ("NON_RANDOMIZED", "NONE"): "OpenTrial",
}
_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def medical_trial(record: Record, address: str) -> str:
    """The study as JSON that may stand inside a ``script`` element: no character of it can end the element."""
    return json.dumps(_described(record, address), ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)


def _described(record: Record, address: str) -> Mapping[str, object]:
    observed = record.study_type == "OBSERVATIONAL"
    status = _STATUS.get(record.status or "")
    design = _DESIGNS.get((record.allocation or "", record.masking or ""))
    sponsor = record.sponsor
    found: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "MedicalObservationalStudy" if observed else "MedicalTrial",
        "name": record.brief_title or record.official_title,
        "alternateName": [one for one in (record.official_title, record.acronym) if one],
        "identifier": [one for one in (record.nct_id, record.org_study_id, *(each.id for each in record.secondary_ids)) if one],
        "url": address,
        "sameAs": f"https://clinicaltrials.gov/study/{record.nct_id}" if record.nct_id else None,
        "description": record.brief_summary,
        "healthCondition": [{"@type": "MedicalCondition", "name": one} for one in record.conditions],
        "sponsor": {"@type": "Organization", "name": sponsor.name} if sponsor else None,
        "status": f"https://schema.org/{status}" if status else None,
        "studyLocation": [_place(one.facility, one.city, one.country) for one in record.locations[:MOST_SITES]],
        "studySubject": None
        if observed
        else [{"@type": "MedicalEntity", "name": one.name} for one in record.interventions if one.name],
        "trialDesign": f"https://schema.org/{design}" if design and not observed else None,
        "dateModified": str(record.last_update_posted_on) if record.last_update_posted_on else None,
    }
    return {name: value for name, value in found.items() if value}


def _place(facility: str | None, city: str | None, country: str | None) -> Mapping[str, object]:
    address = {"addressLocality": city, "addressCountry": country}
    stated = {name: value for name, value in address.items() if value}
    place: dict[str, object] = {"@type": "AdministrativeArea", "address": {"@type": "PostalAddress", **stated}}
    return {**place, "name": facility} if facility else place
