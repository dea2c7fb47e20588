"""What can happen in a trial: facts in the past tense, frozen, with their fields typed. Decides nothing.

Dates are calendar dates of the site (``on``); the instant of recording stands in the log entry, not here. Decimals are
text (``"4.10"``) of at most 15 digits on either side of the point, so that what was recorded is what is read. A whole
number that refers to something is the sequence number of an earlier log entry.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _date(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _rows(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


On = Annotated[date, BeforeValidator(_date)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Prose = Annotated[str, Field(max_length=5000)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_rows)]
Whole = Annotated[int, Field(ge=-(2**53) + 1, le=2**53 - 1)]
References = Annotated[tuple[Whole, ...], BeforeValidator(_rows)]
DecimalText = Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$")]
DoseText = Annotated[str, Field(pattern=r"^[0-9]{1,15}(\.[0-9]{1,15})?$")]
Recorded: TypeAlias = str | bool | tuple[str, ...]
Truth = Literal["met", "not met", "unknown", "attested", "conflict"]


class Event(BaseModel):
    """One fact. ``version`` grows when a kind's fields change; the codec still reads the older ones."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    version: ClassVar[int] = 1


class ParticipantEvent(Event):
    """A fact about one candidate or participant, on one date at the site."""

    participant: Name
    on: On


class TrialOpened(Event):
    """The log begins: which study, and whether its people are simulated."""

    study: Name
    title: Name
    simulated: bool
    sites: Names
    seed: Whole | None = None
    on: On


class AuthorityDelegated(Event):
    """A person was given roles at a site (or at all, ``site`` empty) from a date on."""

    person: Name
    roles: Names
    site: str = ""
    on: On


class CandidateRegistered(ParticipantEvent):
    """A candidate became known at a site under a pseudonym."""

    site: Name


class ConsentGiven(ParticipantEvent):
    """Consent was signed, by whom, and whether a minor assented."""

    by: Names
    assent: bool = False
    form: str = ""


class ConsentWithdrawn(ParticipantEvent):
    """Consent was withdrawn: from treatment only, or from all further data."""

    extent: Literal["treatment", "all"]
    reason: Prose = ""


class CriterionAttested(ParticipantEvent):
    """A person in the named role judged a criterion that no expression decides."""

    criterion: Name
    holds: bool
    note: Prose = ""


class EligibilityClarified(ParticipantEvent):
    """The sponsor clarified a case that the criteria leave open; ``admit`` says how it was decided."""

    criteria: Names
    admit: bool
    reason: Prose


class CriterionVerdict(BaseModel):
    """The verdict on one criterion at screening, as it was decided then."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    criterion: Name
    verdict: Truth


class CandidateScreened(ParticipantEvent):
    """Eligibility was decided: eligible, not eligible, or open, with the verdicts and what they rest on."""

    outcome: Literal["eligible", "not eligible", "open"]
    verdicts: Annotated[tuple[CriterionVerdict, ...], BeforeValidator(_rows)]
    references: References
    inputs_digest: str
    engine: str


class ParticipantEnrolled(ParticipantEvent):
    """A candidate became a participant, in an arm where the trial has several."""

    arm: str = ""


class EncounterHeld(ParticipantEvent):
    """A visit took place. ``occurrence`` counts repeats of the same encounter from 1; an unscheduled visit has 0."""

    encounter: Name
    occurrence: Whole = 1


class EncounterMissed(ParticipantEvent):
    """A planned visit did not take place; ``on`` is its planned date."""

    encounter: Name
    occurrence: Whole = 1
    reason: Prose = ""


class ObservationRecorded(ParticipantEvent):
    """A value was observed: text of a decimal in ``unit``, a code, codes of a set, a flag, or a date."""

    variable: Name
    value: Annotated[Recorded, BeforeValidator(_rows)]
    unit: str = ""
    encounter: str = ""
    limit_low: DecimalText | None = None
    limit_high: DecimalText | None = None


class ObservationCorrected(ParticipantEvent):
    """A recorded value was corrected, with the reason; ``value`` None says that it was never observed."""

    corrects: Whole
    value: Annotated[Recorded | None, BeforeValidator(_rows)]
    unit: str = ""
    reason: Annotated[str, Field(min_length=1)]


class DoseAdvised(ParticipantEvent):
    """What the protocol advised, by which rule, resting on which entries. The sentence is rendered on reading."""

    intervention: Name
    action: Literal["start", "increase", "same", "decrease", "hold", "resume", "stop", "undecided"]
    dose: DoseText
    unit: Name
    optional: bool = False
    rule: str
    blocked_by: Names = ()
    measure: Names = ()
    through: On | None = None
    references: References
    inputs_digest: str
    engine: str


class DosePrescribed(ParticipantEvent):
    """The investigator's decision: the dose from this day on; a ``reason`` stands where it departs from the advice."""

    intervention: Name
    dose: DoseText
    unit: Name
    advised: Whole | None = None
    reason: Prose = ""
    held_by: Names = ()


class DoseAdministered(ParticipantEvent):
    """What was taken: ``dose`` from ``on`` until ``through`` (or until the next fact about the dose)."""

    intervention: Name
    dose: DoseText
    unit: Name
    through: On | None = None


class TreatmentStopped(ParticipantEvent):
    """Study treatment ended for good; ``on`` is the last day of treatment or hold."""

    intervention: Name
    reason: Literal[
        "course complete", "adverse event", "withdrawal", "death", "lost to follow-up", "protocol rule", "investigator", "other"
    ]
    note: Prose = ""


class ResponseAssessed(ParticipantEvent):
    """The response category on a date, as decided then; empty category = not assessable or not known."""

    response: Name
    category: str
    assessable: bool
    confirmed: bool
    references: References
    inputs_digest: str
    engine: str


class StateReached(ParticipantEvent):
    """A derived state (relapse, …) was reached, as decided then."""

    state: Name
    references: References
    inputs_digest: str
    engine: str


class AdverseEventReported(ParticipantEvent):
    """An adverse event; ``on`` is its onset, ``aware_on`` when the investigator learnt of it (clocks run from there)."""

    term: Name
    grade: Annotated[int, Field(ge=1, le=5)]
    serious: bool
    related: bool
    expected: bool
    aware_on: On
    resolved_on: On | None = None
    note: Prose = ""


class AdverseEventFollowed(ParticipantEvent):
    """News of a reported adverse event: a new grade or its end."""

    event: Whole
    grade: Annotated[int, Field(ge=1, le=5)]
    resolved_on: On | None = None


class MedicationStarted(ParticipantEvent):
    """Concomitant medication of a group began or changed; ``change`` says how."""

    group: Name
    name: Name
    change: Literal["new", "increased", "stable", "prophylactic"]


class MedicationStopped(ParticipantEvent):
    """Concomitant medication ended; ``medication`` is the entry that started it."""

    medication: Whole


class ParticipantDied(ParticipantEvent):
    """A participant died."""

    cause: Prose = ""


class FollowUpEnded(ParticipantEvent):
    """Nothing more will be known: the plan was completed, or the participant was lost."""

    reason: Literal["completed", "lost to follow-up", "withdrawal", "death", "trial ended", "not enrolled"]


class DeviationNoted(ParticipantEvent):
    """Something that happened broke the protocol; ``refers`` are the entries that show it."""

    deviation: Name
    detail: Prose
    refers: References


class AmendmentAdopted(Event):
    """Another version of the protocol came into force from a date on."""

    previous: Name
    adopted: Name
    on: On
    reason: Prose = ""


class DataLocked(Event):
    """The data were locked at a head."""

    head: Name
    on: On


class InterimLookTaken(Event):
    """Somebody looked ahead before the end: what was known, what was asked, and what simulating the rest answered.

    ``known`` of the ``enrolled`` participants have an outcome, ``responders`` of them responded. ``answer`` is a probability;
    ``virtual``, ``seed`` and ``trials`` say from what it can be computed again. It decides nothing.
    """

    endpoint: Name
    enrolled: Whole
    known: Whole
    responders: Whole
    planned: Whole
    question: Prose
    answer: DecimalText
    trials: Whole
    seed: Name
    virtual: Name
    reason: Prose = ""
    on: On


AnyEvent: TypeAlias = (
    TrialOpened | AuthorityDelegated | CandidateRegistered | ConsentGiven | ConsentWithdrawn | CriterionAttested
    | EligibilityClarified | CandidateScreened | ParticipantEnrolled | EncounterHeld | EncounterMissed
    | ObservationRecorded | ObservationCorrected | DoseAdvised | DosePrescribed | DoseAdministered | TreatmentStopped
    | ResponseAssessed | StateReached | AdverseEventReported | AdverseEventFollowed | MedicationStarted
    | MedicationStopped | ParticipantDied | FollowUpEnded | DeviationNoted | AmendmentAdopted | DataLocked
    | InterimLookTaken
)  # fmt: skip
