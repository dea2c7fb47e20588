"""The classic ClinicalTrials.gov XML, mapped element by element to the v2 structure.

The table is docs/reference/classic-xml-to-v2.md. Adds nothing that the XML does not say, except what v2 derives by rule:
standard age groups, the coordinates of a site's city, and MeSH identifiers where the caller passes a vocabulary.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from trialwright.exchange.ctgov import terms
from trialwright.exchange.ctgov.classic import Classic, child_line, child_lines, child_prose, compact, line_of, listed
from trialwright.exchange.ctgov.classic_people import contacts_locations, sponsors
from trialwright.exchange.ctgov.classic_rest import annotation_section, document_section, ipd_sharing, references
from trialwright.exchange.ctgov.classic_results import results_section
from trialwright.exchange.ctgov.mesh import mesh_identifiers

_EUDRACT = re.compile(r"(?:EUDRA-?CT(?:\s*(?:number|no\.?|#|:))*\s*)?(\d{4}-\d{6}-\d{2})", re.IGNORECASE | re.ASCII)
_GRANT = re.compile(r"[A-Z]\d{2}[A-Z]{2}\d{6}", re.ASCII)  # a U.S. NIH grant: activity, institute, serial number
_LONGEST_COUNT = 10  # digits; a longer "number" of participants is text
_AGE = re.compile(r"(\d+) (Year|Month|Week|Day|Hour|Minute)s?", re.ASCII)
_YEARS = {"Year": 1.0, "Month": 1 / 12, "Week": 7 / 365.25, "Day": 1 / 365.25, "Hour": 0.0, "Minute": 0.0}
_ADULT_YEARS, _OLDER_YEARS = 18, 65  # the registry's own age groups


def to_v2(x: Classic) -> dict[str, object]:
    """The v2 record of a classic one.

    Args:
        x: The classic record; afterwards it knows which elements and terms had no counterpart.

    Returns:
        A v2 JSON object.
    """
    protocol: dict[str, dict[str, object]] = {
        "identificationModule": _identification(x),
        "statusModule": _status(x),
        "sponsorCollaboratorsModule": sponsors(x),
        "oversightModule": _oversight(x),
        "descriptionModule": {
            "briefSummary": x.block("brief_summary/textblock"),
            "detailedDescription": x.block("detailed_description/textblock"),
        },
        "conditionsModule": {"conditions": x.texts("condition"), "keywords": x.texts("keyword")},
        "designModule": _design(x),
        "armsInterventionsModule": _arms(x),
        "outcomesModule": {
            "primaryOutcomes": listed(x.all("primary_outcome"), _outcome),
            "secondaryOutcomes": listed(x.all("secondary_outcome"), _outcome),
            "otherOutcomes": listed(x.all("other_outcome"), _outcome),
        },
        "eligibilityModule": _eligibility(x),
        "contactsLocationsModule": contacts_locations(x),
        "referencesModule": references(x),
        "ipdSharingStatementModule": ipd_sharing(x),
    }
    whole: dict[str, object] = {
        "protocolSection": compact({name: compact(module) for name, module in protocol.items()}),
        "resultsSection": results_section(x),
        "annotationSection": annotation_section(x),
        "documentSection": document_section(x),
        "derivedSection": _derived(x),
        "hasResults": x.root.find("clinical_results") is not None,
    }
    return compact(whole)


def _identification(x: Classic) -> dict[str, object]:
    sponsor, source = x.text("sponsors/lead_sponsor/agency"), x.text("source")
    category = x.term(x.text("sponsors/lead_sponsor/agency_class"), terms.AGENCY_CLASS, "agency_class")
    org_id = x.text("id_info/org_study_id")
    return {
        "nctId": x.text("id_info/nct_id"),
        "nctIdAliases": x.texts("id_info/nct_alias"),
        "orgStudyIdInfo": {"id": org_id} if org_id else {},
        "secondaryIdInfos": [_secondary_id(text) for text in x.texts("id_info/secondary_id")],
        "organization": compact({"fullName": source, "class": category if source == sponsor else None}),
        "briefTitle": x.text("brief_title"),
        "officialTitle": x.text("official_title"),
        "acronym": x.text("acronym"),
    }


def _secondary_id(text: str) -> dict[str, object]:
    found = _EUDRACT.fullmatch(text)
    if found:
        return {"id": found[1], "type": "EUDRACT_NUMBER"}
    return {"id": text, "type": "NIH"} if _GRANT.fullmatch(text) else {"id": text}


def _status(x: Classic) -> dict[str, object]:
    return {
        "statusVerifiedDate": x.date("verification_date"),
        "overallStatus": x.term(x.text("overall_status"), terms.STATUS, "overall_status"),
        "lastKnownStatus": x.term(x.text("last_known_status"), terms.STATUS, "last_known_status"),
        "whyStopped": x.text("why_stopped"),
        "expandedAccessInfo": compact({"hasExpandedAccess": x.flag("has_expanded_access")}),
        "startDateStruct": compact(x.date_struct("start_date")),
        "primaryCompletionDateStruct": compact(x.date_struct("primary_completion_date")),
        "completionDateStruct": compact(x.date_struct("completion_date")),
        "studyFirstSubmitDate": x.date("study_first_submitted") or x.date("firstreceived_date"),
        "studyFirstSubmitQcDate": x.date("study_first_submitted_qc"),
        "studyFirstPostDateStruct": compact(x.date_struct("study_first_posted")),
        "resultsFirstSubmitDate": x.date("results_first_submitted") or x.date("firstreceived_results_date"),
        "resultsFirstSubmitQcDate": x.date("results_first_submitted_qc"),
        "resultsFirstPostDateStruct": compact(x.date_struct("results_first_posted")),
        "dispFirstSubmitDate": x.date("disposition_first_submitted") or x.date("firstreceived_results_disposition_date"),
        "dispFirstSubmitQcDate": x.date("disposition_first_submitted_qc"),
        "dispFirstPostDateStruct": compact(x.date_struct("disposition_first_posted")),
        "lastUpdateSubmitDate": x.date("last_update_submitted") or x.date("lastchanged_date"),
        "lastUpdatePostDateStruct": compact(x.date_struct("last_update_posted")),
    }


def _oversight(x: Classic) -> dict[str, object]:
    return {
        "oversightHasDmc": x.flag("oversight_info/has_dmc"),
        "isFdaRegulatedDrug": x.flag("oversight_info/is_fda_regulated_drug"),
        "isFdaRegulatedDevice": x.flag("oversight_info/is_fda_regulated_device"),
        "isUnapprovedDevice": x.flag("oversight_info/is_unapproved_device"),
        "isPpsd": x.flag("oversight_info/is_ppsd"),
        "isUsExport": x.flag("oversight_info/is_us_export"),
    }


def _design(x: Classic) -> dict[str, object]:
    kind, phase = x.text("study_type"), x.text("phase")
    return {
        "studyType": x.term(None if kind == "N/A" else kind, terms.STUDY_TYPE, "study_type"),
        "patientRegistry": True if kind and kind.endswith("[Patient Registry]") else None,
        "targetDuration": x.text("target_duration"),
        "expandedAccessTypes": _expanded_access_types(x),
        "phases": [x.term(part, terms.PHASE, "phase") for part in _phases(kind, phase)],
        "designInfo": compact(_design_info(x)),
        "bioSpec": compact(
            {
                "retention": x.term(x.text("biospec_retention"), terms.RETENTION, "biospec_retention"),
                "description": x.block("biospec_descr/textblock"),
            }
        ),
        "enrollmentInfo": compact(_enrollment(x)),
    }


def _enrollment(x: Classic) -> dict[str, object]:
    found = x.one("enrollment")
    if found is None:
        return {}
    text = line_of(found) or ""
    count: int | str = int(text) if text.isascii() and text.isdecimal() and len(text) < _LONGEST_COUNT else text
    return {"count": count, "type": x.term(found.get("type"), terms.DATE_KIND, "enrollment")}


def _phases(kind: str | None, phase: str | None) -> list[str]:
    """The parts of a phase; only an interventional study has one in v2."""
    if phase is None or (phase == "N/A" and kind != "Interventional"):
        return []
    return ["N/A"] if phase == "N/A" else phase.split("/")


def _expanded_access_types(x: Classic) -> dict[str, object]:
    kinds = ("individual", "intermediate", "treatment")
    return compact({kind: x.flag(f"expanded_access_info/expanded_access_type_{kind}") for kind in kinds})


def _design_info(x: Classic) -> dict[str, object]:
    info = "study_design_info/"
    return {
        "allocation": x.term(x.text(info + "allocation"), terms.ALLOCATION, "allocation"),
        "interventionModel": x.term(x.text(info + "intervention_model"), terms.INTERVENTION_MODEL, "intervention_model"),
        "interventionModelDescription": x.text(info + "intervention_model_description"),
        "primaryPurpose": x.term(x.text(info + "primary_purpose"), terms.PRIMARY_PURPOSE, "primary_purpose"),
        "observationalModel": x.term(x.text(info + "observational_model"), terms.OBSERVATIONAL_MODEL, "observational_model"),
        "timePerspective": x.term(x.text(info + "time_perspective"), terms.TIME_PERSPECTIVE, "time_perspective"),
        "maskingInfo": _masking(x),
    }


def _masking(x: Classic) -> dict[str, object]:
    text = x.text("study_design_info/masking") or ""
    word, _, who = (text, "", "") if text in terms.MASKING else text.partition(" (")
    if "," in word:  # roles alone, as some old records have it
        word, who = "", text
    roles = [x.term(role.strip(), terms.WHO_MASKED, "masking") for role in who.rstrip(")").split(",") if role.strip()]
    return compact(
        {
            "masking": x.term(word, terms.MASKING, "masking") if word else None,
            "maskingDescription": x.text("study_design_info/masking_description"),
            "whoMasked": roles,
        }
    )


def _arms(x: Classic) -> dict[str, object]:
    interventions = x.all("intervention")

    def arm(element: Element) -> dict[str, object]:
        label = child_line(element, "arm_group_label")
        return {
            "label": label,
            "type": x.term(child_line(element, "arm_group_type"), terms.ARM_TYPE, "arm_group_type"),
            "description": child_prose(element, "description"),
            "interventionNames": [
                f"{child_line(one, 'intervention_type')}: {child_line(one, 'intervention_name')}"
                for one in interventions
                if label in child_lines(one, "arm_group_label")
            ],
        }

    def intervention(element: Element) -> dict[str, object]:
        kind = child_line(element, "intervention_type")
        return {
            "type": x.term(kind, terms.INTERVENTION_TYPE, "intervention_type"),
            "name": child_line(element, "intervention_name"),
            "description": child_prose(element, "description"),
            "armGroupLabels": child_lines(element, "arm_group_label"),
            "otherNames": child_lines(element, "other_name"),
        }

    return {"armGroups": listed(x.all("arm_group"), arm), "interventions": listed(interventions, intervention)}


def _outcome(element: Element) -> dict[str, object]:
    return {
        "measure": child_line(element, "measure"),
        "description": child_prose(element, "description"),
        "timeFrame": child_line(element, "time_frame"),
    }


def _eligibility(x: Classic) -> dict[str, object]:
    if x.one("eligibility") is None:
        return {}
    low, high = (_age(x.text(f"eligibility/{end}_age")) for end in ("minimum", "maximum"))
    return {
        "eligibilityCriteria": x.block("eligibility/criteria/textblock"),
        "healthyVolunteers": x.flag("eligibility/healthy_volunteers", yes="Accepts Healthy Volunteers"),
        "sex": x.term(x.text("eligibility/gender"), terms.SEX, "gender"),
        "genderBased": x.flag("eligibility/gender_based"),
        "genderDescription": x.text("eligibility/gender_description"),
        "minimumAge": low,
        "maximumAge": high,
        "stdAges": _standard_ages(low, high),
        "studyPopulation": x.block("eligibility/study_pop/textblock"),
        "samplingMethod": x.term(x.text("eligibility/sampling_method"), terms.SAMPLING, "sampling_method"),
    }


def _age(text: str | None) -> str | None:
    return None if text in (None, "N/A") else text


def _standard_ages(low: str | None, high: str | None) -> list[str]:
    """The registry's age groups that a range of ages touches; none where an age cannot be read."""
    bounds = [_AGE.fullmatch(text) if text else None for text in (low, high)]
    if any(text and not bound for text, bound in zip((low, high), bounds, strict=True)):
        return []
    least, most = (int(bound[1]) * _YEARS[bound[2]] if bound else None for bound in bounds)
    start, end = least or 0.0, most if most is not None else float("inf")
    groups = (("CHILD", 0, _ADULT_YEARS), ("ADULT", _ADULT_YEARS, _OLDER_YEARS), ("OLDER_ADULT", _OLDER_YEARS, 999))
    return [name for name, first, after in groups if start < after and end >= first]


def _derived(x: Classic) -> dict[str, object]:
    def mesh(element: Element) -> dict[str, object]:
        term = line_of(element)
        return {"id": mesh_identifiers().get(term or ""), "term": term}

    conditions = listed(x.all("condition_browse/mesh_term"), mesh)
    interventions = listed(x.all("intervention_browse/mesh_term"), mesh)
    countries = x.texts("removed_countries/country")
    return compact(
        {
            "miscInfoModule": {"removedCountries": countries} if countries else None,
            "conditionBrowseModule": {"meshes": conditions} if conditions else None,
            "interventionBrowseModule": {"meshes": interventions} if interventions else None,
        }
    )
