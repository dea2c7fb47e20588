"""The canonical registry record: ClinicalTrials.gov v2 JSON kept whole, with a thin typed view over it.

``Record.raw`` is the record; every property only looks into it, so members that we do not know survive reading and
writing. Never raises over a record: a missing module reads as ``None`` or ``()``. Never judges (that is review) and
never reads a file (that is exchange).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trialwright.registry.record_parts import (
    Arm,
    Contact,
    Intervention,
    Json,
    Location,
    MeshTerm,
    Official,
    Organization,
    Outcome,
    RecordDate,
    Reference,
    ResponsibleParty,
    SecondaryId,
    SeeAlso,
    count_at,
    flag_at,
    member,
    nodes_at,
    read_arm,
    read_contact,
    read_intervention,
    read_location,
    read_outcome,
    text_at,
    texts_at,
)

_P = "protocolSection"


@dataclass(frozen=True, slots=True)
class Record:
    """One registered study.

    Args:
        raw: The v2 JSON object, as parsed. Nobody changes it.
    """

    raw: Json = field(repr=False)

    def module(self, name: str) -> Json:
        """A module of the protocol section by its v2 name; an empty mapping where the record has none."""
        found = member(self.raw, _P, name)
        return found if isinstance(found, Mapping) else {}

    # identification ------------------------------------------------------------------------------------------------

    @property
    def nct_id(self) -> str | None:
        """The registry's number, ``NCT`` and eight digits."""
        return text_at(self._identification, "nctId")

    @property
    def nct_id_aliases(self) -> tuple[str, ...]:
        """Numbers that now lead to this record."""
        return texts_at(self._identification, "nctIdAliases")

    @property
    def brief_title(self) -> str | None:
        """The short title."""
        return text_at(self._identification, "briefTitle")

    @property
    def official_title(self) -> str | None:
        """The title of the protocol."""
        return text_at(self._identification, "officialTitle")

    @property
    def acronym(self) -> str | None:
        """The study's acronym."""
        return text_at(self._identification, "acronym")

    @property
    def org_study_id(self) -> str | None:
        """The sponsor's own number for the study."""
        return text_at(self._identification, "orgStudyIdInfo", "id")

    @property
    def secondary_ids(self) -> tuple[SecondaryId, ...]:
        """Further identifiers, in order."""
        return tuple(
            SecondaryId(text_at(node, "id") or "", *(text_at(node, key) for key in ("type", "domain", "link")))
            for node in nodes_at(self._identification, "secondaryIdInfos")
        )

    @property
    def organization(self) -> Organization | None:
        """The organisation that registered the study."""
        name = text_at(self._identification, "organization", "fullName")
        return Organization(name, text_at(self._identification, "organization", "class")) if name else None

    # status and dates ----------------------------------------------------------------------------------------------

    @property
    def status(self) -> str | None:
        """The overall status, such as ``COMPLETED``; ``UNKNOWN`` when ``last_known_status`` is all there is."""
        return text_at(self._status, "overallStatus")

    @property
    def last_known_status(self) -> str | None:
        """The last status stated before the record fell silent."""
        return text_at(self._status, "lastKnownStatus")

    @property
    def why_stopped(self) -> str | None:
        """The reason given for stopping early."""
        return text_at(self._status, "whyStopped")

    @property
    def verified_on(self) -> RecordDate | None:
        """When the sponsor last verified the record."""
        return self._plain_date("statusVerifiedDate")

    @property
    def start_on(self) -> RecordDate | None:
        """When the study started."""
        return self._date_struct("startDateStruct")

    @property
    def primary_completion_on(self) -> RecordDate | None:
        """When the last participant was measured for the primary outcome."""
        return self._date_struct("primaryCompletionDateStruct")

    @property
    def completion_on(self) -> RecordDate | None:
        """When the study ended."""
        return self._date_struct("completionDateStruct")

    @property
    def first_submitted_on(self) -> RecordDate | None:
        """When the study was first submitted to the registry."""
        return self._plain_date("studyFirstSubmitDate")

    @property
    def first_posted_on(self) -> RecordDate | None:
        """When the registry first showed the study."""
        return self._date_struct("studyFirstPostDateStruct")

    @property
    def results_first_submitted_on(self) -> RecordDate | None:
        """When results were first submitted."""
        return self._plain_date("resultsFirstSubmitDate")

    @property
    def results_first_posted_on(self) -> RecordDate | None:
        """When the registry first showed results."""
        return self._date_struct("resultsFirstPostDateStruct")

    @property
    def last_update_submitted_on(self) -> RecordDate | None:
        """When the record was last changed by its owner."""
        return self._plain_date("lastUpdateSubmitDate")

    @property
    def last_update_posted_on(self) -> RecordDate | None:
        """When the registry last showed a change."""
        return self._date_struct("lastUpdatePostDateStruct")

    @property
    def has_expanded_access(self) -> bool | None:
        """Whether the treatment can be had outside the trial."""
        return flag_at(self._status, "expandedAccessInfo", "hasExpandedAccess")

    # sponsor and oversight -----------------------------------------------------------------------------------------

    @property
    def sponsor(self) -> Organization | None:
        """The lead sponsor."""
        name = text_at(self._sponsors, "leadSponsor", "name")
        return Organization(name, text_at(self._sponsors, "leadSponsor", "class")) if name else None

    @property
    def collaborators(self) -> tuple[Organization, ...]:
        """Organisations that support the study."""
        nodes = nodes_at(self._sponsors, "collaborators")
        return tuple(Organization(text_at(node, "name") or "", text_at(node, "class")) for node in nodes)

    @property
    def responsible_party(self) -> ResponsibleParty | None:
        """Who answers for the record."""
        keys = ("type", "investigatorFullName", "investigatorTitle", "investigatorAffiliation")
        values = [text_at(self._sponsors, "responsibleParty", key) for key in (*keys, "oldNameTitle", "oldOrganization")]
        return ResponsibleParty(*values) if any(values) else None

    @property
    def has_dmc(self) -> bool | None:
        """Whether a data monitoring committee was named."""
        return flag_at(self.module("oversightModule"), "oversightHasDmc")

    # description and conditions ------------------------------------------------------------------------------------

    @property
    def brief_summary(self) -> str | None:
        """The summary for the public."""
        return text_at(self.module("descriptionModule"), "briefSummary")

    @property
    def detailed_description(self) -> str | None:
        """The longer description."""
        return text_at(self.module("descriptionModule"), "detailedDescription")

    @property
    def conditions(self) -> tuple[str, ...]:
        """The diseases or problems under study, in order."""
        return texts_at(self.module("conditionsModule"), "conditions")

    @property
    def keywords(self) -> tuple[str, ...]:
        """The owner's keywords, in order."""
        return texts_at(self.module("conditionsModule"), "keywords")

    @property
    def condition_meshes(self) -> tuple[MeshTerm, ...]:
        """MeSH headings that the registry assigned to the conditions."""
        return self._meshes("conditionBrowseModule")

    @property
    def intervention_meshes(self) -> tuple[MeshTerm, ...]:
        """MeSH headings that the registry assigned to the interventions."""
        return self._meshes("interventionBrowseModule")

    # design --------------------------------------------------------------------------------------------------------

    @property
    def study_type(self) -> str | None:
        """``INTERVENTIONAL``, ``OBSERVATIONAL`` or ``EXPANDED_ACCESS``."""
        return text_at(self._design, "studyType")

    @property
    def phases(self) -> tuple[str, ...]:
        """``PHASE1`` … ``PHASE4``, ``EARLY_PHASE1``, ``NA``; two for a combined phase."""
        return texts_at(self._design, "phases")

    @property
    def allocation(self) -> str | None:
        """``RANDOMIZED``, ``NON_RANDOMIZED`` or ``NA``."""
        return text_at(self._design, "designInfo", "allocation")

    @property
    def intervention_model(self) -> str | None:
        """``SINGLE_GROUP``, ``PARALLEL``, ``CROSSOVER``, ``FACTORIAL`` or ``SEQUENTIAL``."""
        return text_at(self._design, "designInfo", "interventionModel")

    @property
    def intervention_model_description(self) -> str | None:
        """The owner's words on the model."""
        return text_at(self._design, "designInfo", "interventionModelDescription")

    @property
    def primary_purpose(self) -> str | None:
        """``TREATMENT``, ``PREVENTION``, ``DIAGNOSTIC`` …"""
        return text_at(self._design, "designInfo", "primaryPurpose")

    @property
    def observational_model(self) -> str | None:
        """``COHORT``, ``CASE_CONTROL`` …, for an observational study."""
        return text_at(self._design, "designInfo", "observationalModel")

    @property
    def time_perspective(self) -> str | None:
        """``PROSPECTIVE``, ``RETROSPECTIVE`` …, for an observational study."""
        return text_at(self._design, "designInfo", "timePerspective")

    @property
    def masking(self) -> str | None:
        """``NONE``, ``SINGLE``, ``DOUBLE``, ``TRIPLE`` or ``QUADRUPLE``."""
        return text_at(self._design, "designInfo", "maskingInfo", "masking")

    @property
    def masking_description(self) -> str | None:
        """The owner's words on masking."""
        return text_at(self._design, "designInfo", "maskingInfo", "maskingDescription")

    @property
    def who_masked(self) -> tuple[str, ...]:
        """``PARTICIPANT``, ``CARE_PROVIDER``, ``INVESTIGATOR``, ``OUTCOMES_ASSESSOR``."""
        return texts_at(self._design, "designInfo", "maskingInfo", "whoMasked")

    @property
    def enrollment_count(self) -> int | None:
        """Participants, planned or enrolled as ``enrollment_kind`` says."""
        return count_at(self._design, "enrollmentInfo", "count")

    @property
    def enrollment_kind(self) -> str | None:
        """``ACTUAL`` or ``ESTIMATED``."""
        return text_at(self._design, "enrollmentInfo", "type")

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Arms or groups, in order."""
        return tuple(read_arm(node) for node in nodes_at(self.module("armsInterventionsModule"), "armGroups"))

    @property
    def interventions(self) -> tuple[Intervention, ...]:
        """Interventions, in order."""
        nodes = nodes_at(self.module("armsInterventionsModule"), "interventions")
        return tuple(read_intervention(node) for node in nodes)

    # outcomes ------------------------------------------------------------------------------------------------------

    @property
    def primary_outcomes(self) -> tuple[Outcome, ...]:
        """Primary outcome measures, in order."""
        return self._outcomes("primaryOutcomes")

    @property
    def secondary_outcomes(self) -> tuple[Outcome, ...]:
        """Secondary outcome measures, in order."""
        return self._outcomes("secondaryOutcomes")

    @property
    def other_outcomes(self) -> tuple[Outcome, ...]:
        """Further outcome measures, in order."""
        return self._outcomes("otherOutcomes")

    # eligibility ---------------------------------------------------------------------------------------------------

    @property
    def eligibility_text(self) -> str | None:
        """The criteria, verbatim, in the registry's light markup."""
        return text_at(self._eligibility, "eligibilityCriteria")

    @property
    def minimum_age(self) -> str | None:
        """Such as ``15 Years``; ``None`` for no limit."""
        return text_at(self._eligibility, "minimumAge")

    @property
    def maximum_age(self) -> str | None:
        """Such as ``80 Years``; ``None`` for no limit."""
        return text_at(self._eligibility, "maximumAge")

    @property
    def sex(self) -> str | None:
        """``ALL``, ``FEMALE`` or ``MALE``."""
        return text_at(self._eligibility, "sex")

    @property
    def gender_based(self) -> bool | None:
        """Whether eligibility rests on self-represented gender."""
        return flag_at(self._eligibility, "genderBased")

    @property
    def healthy_volunteers(self) -> bool | None:
        """Whether healthy volunteers may take part."""
        return flag_at(self._eligibility, "healthyVolunteers")

    @property
    def std_ages(self) -> tuple[str, ...]:
        """``CHILD``, ``ADULT``, ``OLDER_ADULT``."""
        return texts_at(self._eligibility, "stdAges")

    @property
    def study_population(self) -> str | None:
        """The population of an observational study, in words."""
        return text_at(self._eligibility, "studyPopulation")

    @property
    def sampling_method(self) -> str | None:
        """How an observational study samples."""
        return text_at(self._eligibility, "samplingMethod")

    # people and places ---------------------------------------------------------------------------------------------

    @property
    def locations(self) -> tuple[Location, ...]:
        """Sites, in order."""
        return tuple(read_location(node) for node in nodes_at(self._contacts, "locations"))

    @property
    def officials(self) -> tuple[Official, ...]:
        """Overall officials, in order."""
        return tuple(
            Official(*(text_at(node, key) for key in ("name", "role", "affiliation")))
            for node in nodes_at(self._contacts, "overallOfficials")
        )

    @property
    def central_contacts(self) -> tuple[Contact, ...]:
        """Contacts for the whole study."""
        return tuple(read_contact(node) for node in nodes_at(self._contacts, "centralContacts"))

    # references and results ----------------------------------------------------------------------------------------

    @property
    def references(self) -> tuple[Reference, ...]:
        """Publications, in order."""
        nodes = nodes_at(self.module("referencesModule"), "references")
        return tuple(Reference(*(text_at(node, key) for key in ("pmid", "type", "citation"))) for node in nodes)

    @property
    def see_also(self) -> tuple[SeeAlso, ...]:
        """Links, in order."""
        nodes = nodes_at(self.module("referencesModule"), "seeAlsoLinks")
        return tuple(SeeAlso(text_at(node, "label"), text_at(node, "url")) for node in nodes)

    @property
    def has_results(self) -> bool:
        """Whether results are posted with the record."""
        return flag_at(self.raw, "hasResults") or bool(member(self.raw, "resultsSection"))

    # within --------------------------------------------------------------------------------------------------------

    @property
    def _identification(self) -> Json:
        return self.module("identificationModule")

    @property
    def _status(self) -> Json:
        return self.module("statusModule")

    @property
    def _sponsors(self) -> Json:
        return self.module("sponsorCollaboratorsModule")

    @property
    def _design(self) -> Json:
        return self.module("designModule")

    @property
    def _eligibility(self) -> Json:
        return self.module("eligibilityModule")

    @property
    def _contacts(self) -> Json:
        return self.module("contactsLocationsModule")

    def _plain_date(self, key: str) -> RecordDate | None:
        text = text_at(self._status, key)
        return RecordDate(text) if text else None

    def _date_struct(self, key: str) -> RecordDate | None:
        text = text_at(self._status, key, "date")
        return RecordDate(text, text_at(self._status, key, "type")) if text else None

    def _outcomes(self, key: str) -> tuple[Outcome, ...]:
        return tuple(read_outcome(node) for node in nodes_at(self.module("outcomesModule"), key))

    def _meshes(self, module: str) -> tuple[MeshTerm, ...]:
        nodes = nodes_at(self.raw, "derivedSection", module, "meshes")
        return tuple(MeshTerm(text_at(node, "id"), text_at(node, "term") or "") for node in nodes)
