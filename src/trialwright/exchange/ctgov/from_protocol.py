"""A protocol's registration as a ClinicalTrials.gov v2 record, whole. Adds nothing that the file does not state."""

from __future__ import annotations

from typing import Any

from trialwright.protocol.model.registration import (
    Agency,
    Contact,
    Dated,
    Mesh,
    Outcome,
    RegisteredIntervention,
    Site,
    Status,
    Study,
)

Json = dict[str, Any]

_PHASES = {
    "not applicable": ["NA"],
    "early 1": ["EARLY_PHASE1"],
    "1": ["PHASE1"],
    "1/2": ["PHASE1", "PHASE2"],
    "2": ["PHASE2"],
    "2/3": ["PHASE2", "PHASE3"],
    "3": ["PHASE3"],
    "4": ["PHASE4"],
}
_CLASSES = {"other government": "OTHER_GOV", "federal": "FED", "individual": "INDIV", "ambiguous": "AMBIG"}
_SECONDARY = {"EudraCT": "EUDRACT_NUMBER", "EU CT number": "CTIS", "registry": "REGISTRY", "NIH grant": "NIH"}
_WORDS = {"ect": "ECT", "active, not recruiting": "ACTIVE_NOT_RECRUITING"}
_SAMPLING = {"probability": "PROBABILITY_SAMPLE", "non-probability": "NON_PROBABILITY_SAMPLE"}
_OTHER_SPELLING = {"not applicable": "NA", "care provider": "CARE_PROVIDER", "single group": "SINGLE_GROUP"}


def code(words: str) -> str:
    """Return the registry's code for our words: ``non-randomized`` → ``NON_RANDOMIZED``."""
    return _WORDS.get(words) or _OTHER_SPELLING.get(words) or words.upper().replace(" ", "_").replace("-", "_")


def record_of(study: Study) -> Json:
    """Return the v2 record of a study; members that the file leaves out are absent."""
    derived: Json = {"derivedSection": _derived(study.mesh)} if study.mesh else {}
    return {"protocolSection": _protocol_section(study), **derived, "hasResults": False}


def _kept(**members: Any) -> Json:
    """Keep the members that say something: no None, no empty list or mapping."""
    return {name: value for name, value in members.items() if value is not None and value not in ([], {}, "")}


def _protocol_section(study: Study) -> Json:
    return _kept(
        identificationModule=_identification(study),
        statusModule=_status(study),
        sponsorCollaboratorsModule=_sponsors(study),
        oversightModule=_oversight(study),
        descriptionModule=_kept(briefSummary=study.summary, detailedDescription=study.description),
        conditionsModule=_kept(conditions=list(study.conditions), keywords=list(study.keywords)),
        designModule=_design(study),
        armsInterventionsModule=_arms(study),
        outcomesModule=_kept(
            primaryOutcomes=[_outcome(one) for one in study.outcomes.primary],
            secondaryOutcomes=[_outcome(one) for one in study.outcomes.secondary],
            otherOutcomes=[_outcome(one) for one in study.outcomes.other],
        ),
        eligibilityModule=_eligibility(study),
        contactsLocationsModule=_places(study),
        referencesModule=_kept(references=[_reference(one) for one in study.references]),
    )


def _identification(study: Study) -> Json:
    known = study.identifiers
    organization = study.organization or study.sponsor
    return _kept(
        nctId=known.nct,
        orgStudyIdInfo={"id": known.organization},
        secondaryIdInfos=[
            _kept(id=one.id, type=_SECONDARY.get(one.type or "", one.type), domain=one.domain, link=one.link)
            for one in known.secondary
        ],
        nctIdAliases=list(known.aliases),
        organization={"fullName": organization.name, "class": _class(organization)},
        briefTitle=study.brief_title,
        officialTitle=study.official_title,
        acronym=study.acronym,
    )


def _class(agency: Agency) -> str:
    return _CLASSES.get(agency.class_, code(agency.class_))


def _dated(value: str | Dated | None) -> Json | None:
    if value is None:
        return None
    if isinstance(value, str):
        return {"date": value}
    return _kept(date=value.date, type=code(value.type) if value.type else None)


def _status(study: Study) -> Json:
    status: Status = study.status
    expanded = None if study.expanded_access is None else {"hasExpandedAccess": study.expanded_access}
    return _kept(
        statusVerifiedDate=status.verified,
        overallStatus=code(status.overall),
        whyStopped=status.why_stopped,
        expandedAccessInfo=expanded,
        startDateStruct=_dated(status.start),
        primaryCompletionDateStruct=_dated(status.primary_completion),
        completionDateStruct=_dated(status.completion),
        studyFirstSubmitDate=status.first_submitted,
        studyFirstSubmitQcDate=status.first_submitted_qc,
        studyFirstPostDateStruct=_dated(status.first_posted),
        lastUpdateSubmitDate=status.last_update_submitted,
        lastUpdatePostDateStruct=_dated(status.last_update_posted),
    )


def _sponsors(study: Study) -> Json:
    party = study.responsible_party
    return _kept(
        responsibleParty=_kept(
            type=code(party.type) if party.type else None,
            investigatorFullName=party.name,
            investigatorTitle=party.title,
            investigatorAffiliation=party.affiliation,
            oldNameTitle=party.name_title,
            oldOrganization=party.organization,
        )
        if party
        else None,
        leadSponsor={"name": study.sponsor.name, "class": _class(study.sponsor)},
        collaborators=[{"name": one.name, "class": _class(one)} for one in study.collaborators],
    )


def _oversight(study: Study) -> Json | None:
    oversight = study.oversight
    if oversight is None:
        return None
    return _kept(
        oversightHasDmc=oversight.data_monitoring_committee,
        isFdaRegulatedDrug=oversight.fda_regulated_drug,
        isFdaRegulatedDevice=oversight.fda_regulated_device,
    )


def _design(study: Study) -> Json:
    design = study.design
    masking = _kept(
        masking=code(design.masking) if design.masking else None,
        maskingDescription=design.masking_description,
        whoMasked=[code(one) for one in design.masked],
    )
    enrollment = study.enrollment
    return _kept(
        studyType=code(study.study_type),
        patientRegistry=design.registry,
        targetDuration=design.follow_up,
        phases=_PHASES[study.phase] if study.phase else None,
        designInfo=_kept(
            allocation=code(design.allocation) if design.allocation else None,
            interventionModel=code(design.model) if design.model else None,
            interventionModelDescription=design.model_description,
            primaryPurpose=code(design.purpose) if design.purpose else None,
            observationalModel=code(design.observational_model) if design.observational_model else None,
            timePerspective=code(design.time_perspective) if design.time_perspective else None,
            maskingInfo=masking,
        ),
        enrollmentInfo=_kept(count=enrollment.count, type=code(enrollment.type) if enrollment.type else None)
        if enrollment
        else None,
    )


def _arms(study: Study) -> Json:
    named = {one.id: f"{_kind(one)}: {one.name}" for one in study.interventions}
    return _kept(
        armGroups=[
            _kept(
                label=arm.label,
                type=code(arm.type) if arm.type else None,
                description=arm.description,
                interventionNames=[named.get(name, name) for name in arm.interventions],
            )
            for arm in study.arms
        ],
        interventions=[
            _kept(
                type=code(one.type),
                name=one.name,
                description=one.description,
                armGroupLabels=[arm.label for arm in study.arms if one.id in arm.interventions],
                otherNames=list(one.other_names),
            )
            for one in study.interventions
        ],
    )


def _kind(intervention: RegisteredIntervention) -> str:
    return intervention.type.title()


def _outcome(outcome: Outcome) -> Json:
    return _kept(measure=outcome.measure, description=outcome.description, timeFrame=outcome.time_frame)


def _eligibility(study: Study) -> Json:
    eligibility = study.eligibility
    return _kept(
        eligibilityCriteria=eligibility.text,
        healthyVolunteers=eligibility.healthy_volunteers,
        sex=code(eligibility.sex) if eligibility.sex else None,
        minimumAge=eligibility.minimum_age,
        maximumAge=eligibility.maximum_age,
        stdAges=[code(one) for one in eligibility.standard_ages],
        studyPopulation=eligibility.population,
        samplingMethod=_SAMPLING[eligibility.sampling] if eligibility.sampling else None,
    )


def _contact(contact: Contact) -> Json:
    return _kept(name=contact.name, role=code(contact.role) if contact.role else None, phone=contact.phone, email=contact.email)


def _places(study: Study) -> Json:
    return _kept(
        centralContacts=[_contact(one) for one in study.contacts],
        overallOfficials=[
            _kept(name=one.name, affiliation=one.affiliation, role=code(one.role) if one.role else None)
            for one in study.officials
        ],
        locations=[_location(one) for one in study.sites],
    )


def _location(site: Site) -> Json:
    return _kept(
        facility=site.name,
        status=code(site.status) if site.status else None,
        city=site.city,
        state=site.state,
        zip=site.zip,
        country=site.country,
        contacts=[_contact(one) for one in site.contacts],
        geoPoint={"lat": site.geo.lat, "lon": site.geo.lon} if site.geo else None,
    )


def _reference(reference: Any) -> Json:
    return _kept(pmid=reference.pmid, type=code(reference.type) if reference.type else None, citation=reference.citation)


def _derived(mesh: Mesh) -> Json:
    def browse(terms: Any) -> Json | None:
        listed = [{"id": one.id, "term": one.term} for one in terms]
        return {"meshes": listed} if listed else None

    return _kept(conditionBrowseModule=browse(mesh.conditions), interventionBrowseModule=browse(mesh.interventions))
