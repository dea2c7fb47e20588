"""The registration: what the public record says of the study. Always public; words are the registry's own."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trialwright.protocol.model.node import Identifier, Node, Rows, Sourced, Text, Words

DateText = Annotated[Text, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$", description="yyyy, yyyy-mm or yyyy-mm-dd")]
AgencyClass = Literal["nih", "federal", "other government", "individual", "industry", "network", "other", "unknown", "ambiguous"]
Masked = Literal["participant", "care provider", "investigator", "outcomes assessor"]


class SecondaryId(Node):
    """A further identifier, such as a EudraCT number."""

    id: Text
    type: Text | None = None
    domain: Text | None = None
    link: Text | None = None


class Identifiers(Node):
    """How the study is known."""

    nct: Annotated[str, Field(pattern=r"^NCT\d{8}$")] | None = None
    organization: Text
    secondary: Annotated[tuple[SecondaryId, ...], Rows] = ()
    aliases: Words = ()


class Agency(Node):
    """An organisation and its class."""

    name: Text
    class_: AgencyClass = Field("other", alias="class")


class ResponsibleParty(Node):
    """Who answers for the record: today's form (`type`…) or the older one (`name_title`, `organization`)."""

    type: Literal["sponsor", "principal investigator", "sponsor-investigator"] | None = None
    name: Text | None = None
    title: Text | None = None
    affiliation: Text | None = None
    name_title: Text | None = None
    organization: Text | None = None


class Oversight(Node):
    """Committees and authorities."""

    data_monitoring_committee: bool | None = None
    fda_regulated_drug: bool | None = None
    fda_regulated_device: bool | None = None


class Dated(Node):
    """A date with its kind."""

    date: DateText
    type: Literal["actual", "estimated"] | None = None


class Status(Node):
    """Recruitment status and the record's dates."""

    overall: Literal[
        "not yet recruiting", "recruiting", "enrolling by invitation", "active, not recruiting", "completed", "suspended",
        "terminated", "withdrawn", "unknown",
    ]  # fmt: skip
    why_stopped: Text | None = None
    verified: DateText | None = None
    start: DateText | Dated | None = None
    primary_completion: DateText | Dated | None = None
    completion: DateText | Dated | None = None
    first_submitted: DateText | None = None
    first_submitted_qc: DateText | None = None
    first_posted: DateText | Dated | None = None
    last_update_submitted: DateText | None = None
    last_update_posted: DateText | Dated | None = None


class Design(Node):
    """Allocation, model, purpose and masking, in ClinicalTrials.gov's words."""

    allocation: Literal["randomized", "non-randomized", "not applicable"] | None = None
    model: Literal["single group", "parallel", "crossover", "factorial", "sequential"] | None = None
    model_description: Text | None = None
    purpose: Literal[
        "treatment", "prevention", "diagnostic", "ect", "supportive care", "screening", "health services research",
        "basic science", "device feasibility", "other",
    ] | None = None  # fmt: skip
    masking: Literal["none", "single", "double", "triple", "quadruple"] | None = None
    masked: Annotated[tuple[Masked, ...], Rows] = ()
    masking_description: Text | None = None
    observational_model: Text | None = None
    time_perspective: Text | None = None
    registry: bool | None = Field(None, description="The study is a patient registry")
    follow_up: Text | None = Field(None, description="How long each participant of a registry is followed: `5 Years`")


class Enrollment(Node):
    """How many participants, planned or actual."""

    count: Annotated[int, Field(ge=0)]
    type: Literal["actual", "estimated"] | None = None


class ArmGroup(Node):
    """An arm as the record describes it."""

    id: Identifier
    label: Text
    type: Literal[
        "experimental", "active comparator", "placebo comparator", "sham comparator", "no intervention", "other",
    ] | None = None  # fmt: skip
    description: Text | None = None
    interventions: Words = ()


class RegisteredIntervention(Node):
    """An intervention as the record describes it."""

    id: Identifier
    name: Text
    type: Literal[
        "drug", "device", "biological", "procedure", "radiation", "behavioral", "genetic", "dietary supplement",
        "combination product", "diagnostic test", "other",
    ]  # fmt: skip
    description: Text | None = None
    other_names: Words = ()


class Outcome(Node):
    """An outcome measure of the record."""

    measure: Text
    description: Text | None = None
    time_frame: Text | None = None


class Outcomes(Node):
    """Outcome measures by rank."""

    primary: Annotated[tuple[Outcome, ...], Rows] = ()
    secondary: Annotated[tuple[Outcome, ...], Rows] = ()
    other: Annotated[tuple[Outcome, ...], Rows] = ()


class RegisteredEligibility(Node):
    """Eligibility as the record states it; the text is verbatim."""

    text: Text
    sex: Literal["all", "female", "male"] | None = None
    minimum_age: Text | None = None
    maximum_age: Text | None = None
    healthy_volunteers: bool | None = None
    population: Text | None = Field(None, description="Of an observational study: from where its people are taken")
    sampling: Literal["probability", "non-probability"] | None = None
    standard_ages: Annotated[tuple[Literal["child", "adult", "older adult"], ...], Rows] = ()


class Contact(Node):
    """A person to ask. None is ever invented."""

    name: Text
    role: Text | None = None
    phone: Text | None = None
    email: Text | None = None


class Official(Node):
    """A person responsible for the study as a whole."""

    name: Text
    affiliation: Text | None = None
    role: Literal["principal investigator", "study chair", "study director", "sub-investigator"] | None = None


class GeoPoint(Node):
    """A city's centroid in decimal degrees."""

    lat: Annotated[float, Field(ge=-90, le=90, strict=False)]
    lon: Annotated[float, Field(ge=-180, le=180, strict=False)]


class Site(Node):
    """A place where the study runs."""

    id: Identifier
    name: Text | None = None
    city: Text
    state: Text | None = None
    zip: Text | None = None
    country: Text
    status: Text | None = None
    contacts: Annotated[tuple[Contact, ...], Rows] = ()
    geo: GeoPoint | None = None


class Reference(Node):
    """A citation; `result` marks a paper that reports the study."""

    citation: Text
    pmid: Text | None = None
    type: Literal["background", "result", "derived"] | None = None


class MeshTerm(Node):
    """A MeSH heading with its identifier."""

    id: Text
    term: Text


class Mesh(Node):
    """MeSH terms that the registry assigned."""

    conditions: Annotated[tuple[MeshTerm, ...], Rows] = ()
    interventions: Annotated[tuple[MeshTerm, ...], Rows] = ()


class RecordSource(Node):
    """Where the registration was taken from."""

    source: Text
    processed: DateText


class PlainSummary(Sourced):
    """A summary for patients in plain words."""

    text: Text


class Study(Node):
    """The registration, whole: the public page and a ClinicalTrials.gov v2 record come out of it."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="Short name for commands and files")]
    version: Text = "1"
    brief_title: Text
    official_title: Text | None = None
    acronym: Text | None = None
    identifiers: Identifiers
    organization: Agency | None = None
    sponsor: Agency
    collaborators: Annotated[tuple[Agency, ...], Rows] = ()
    responsible_party: ResponsibleParty | None = None
    oversight: Oversight | None = None
    expanded_access: bool | None = None
    summary: Text
    description: Text | None = None
    plain_summary: PlainSummary | None = None
    conditions: Words
    keywords: Words = ()
    mesh: Mesh | None = None
    study_type: Literal["interventional", "observational", "expanded access"]
    phase: Annotated[Text, Field(pattern=r"^(not applicable|early 1|1|1/2|2|2/3|3|4)$")] | None = None
    design: Design
    enrollment: Enrollment | None = None
    status: Status
    arms: Annotated[tuple[ArmGroup, ...], Rows] = ()
    interventions: Annotated[tuple[RegisteredIntervention, ...], Rows] = ()
    outcomes: Outcomes = Outcomes()
    eligibility: RegisteredEligibility
    officials: Annotated[tuple[Official, ...], Rows] = ()
    contacts: Annotated[tuple[Contact, ...], Rows] = ()
    sites: Annotated[tuple[Site, ...], Rows] = ()
    references: Annotated[tuple[Reference, ...], Rows] = ()
    record: RecordSource | None = None
