"""What people ask the program to record or to permit: imperative, typed, frozen. Carries nothing out."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from trialwright.events.catalogue import DecimalText, DoseText, Name, Names, On, Prose, Whole
from trialwright.vocabulary.findings import Finding, Place, Severity


def _value(value: Any) -> Any:
    """Accept a JSON number where the text of a decimal is wanted, as spelled; lists become tuples."""
    if isinstance(value, list):
        return tuple(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Given = Annotated[str | bool | tuple[str, ...], BeforeValidator(_value)]
Amount = Annotated[DecimalText, BeforeValidator(_value)]
Dose = Annotated[DoseText, BeforeValidator(_value)]
Counted = Annotated[int, Field(ge=0, le=100_000)]
Occurrence = Annotated[int, Field(ge=0, le=100_000)]


class Command(BaseModel):
    """One command; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class AboutParticipant(Command):
    """A command about one candidate or participant, on a date at the site."""

    participant: Name
    on: On


class OpenTrial(Command):
    """Begin the log of a trial."""

    study: Name
    title: Name
    simulated: bool
    sites: Names
    on: On
    seed: Whole | None = None


class DelegateAuthority(Command):
    """Give a person roles, at one site or (``site`` empty) in the whole trial."""

    person: Name
    roles: Names
    on: On
    site: str = ""


class RegisterCandidate(AboutParticipant):
    """Make a candidate known under a pseudonym."""

    site: Name


class RecordConsent(AboutParticipant):
    """Record that consent was signed."""

    by: Names
    assent: bool = False
    form: str = ""


class WithdrawConsent(AboutParticipant):
    """Record that consent was withdrawn."""

    extent: Literal["treatment", "all"]
    reason: Prose = ""


class AttestCriterion(AboutParticipant):
    """Record a judgement on a criterion that no expression decides."""

    criterion: Name
    holds: bool
    note: Prose = ""


class ClarifyEligibility(AboutParticipant):
    """Record the sponsor's clarification of a case that the criteria leave open."""

    criteria: Names
    admit: bool
    reason: Annotated[str, Field(min_length=1)]


class ScreenCandidate(AboutParticipant):
    """Judge eligibility and record the verdicts."""


class EnrolParticipant(AboutParticipant):
    """Enrol an eligible candidate; refused otherwise."""

    arm: str = ""


class RecordVisit(AboutParticipant):
    """Record a visit with what was observed at it; the decisions that the protocol ties to it follow.

    ``values`` maps a variable to a decimal (optionally with its unit: ``"1.9 10*9/L"``), a code, a list of codes, true or
    false, or a date. ``limits`` maps a variable to its local limits of normal, ``[low, high]`` in the variable's unit.
    ``encounter`` "unscheduled" is a visit outside the plan.
    """

    encounter: Name
    occurrence: Occurrence = 1
    values: dict[str, Given] = Field(default_factory=dict)
    limits: dict[str, Annotated[tuple[Amount | None, Amount | None], BeforeValidator(_value)]] = Field(default_factory=dict)


class MissVisit(AboutParticipant):
    """Record that a planned visit did not take place."""

    encounter: Name
    occurrence: Occurrence = 1
    reason: Prose = ""


class CorrectObservation(AboutParticipant):
    """Correct a recorded value; ``value`` null says that it was never observed."""

    corrects: Whole
    value: Given | None
    reason: Annotated[str, Field(min_length=1)]


class PrescribeDose(AboutParticipant):
    """Decide the dose from this day on, as advised or, with a reason, otherwise; refused where a guarantee forbids it."""

    dose: Dose
    intervention: str = ""
    reason: Prose = ""


class RecordDose(AboutParticipant):
    """Record what was taken from this day on (until ``through``, or the next such fact)."""

    dose: Dose
    intervention: str = ""
    through: On | None = None


class StopTreatment(AboutParticipant):
    """Record that study treatment ended for good."""

    reason: Literal[
        "course complete", "adverse event", "withdrawal", "death", "lost to follow-up", "protocol rule", "investigator", "other"
    ]
    intervention: str = ""
    note: Prose = ""


class ReportAdverseEvent(AboutParticipant):
    """Report an adverse event; ``on`` is its onset."""

    term: Name
    grade: Annotated[int, Field(ge=1, le=5)]
    serious: bool
    related: bool
    expected: bool
    aware_on: On
    resolved_on: On | None = None
    note: Prose = ""


class FollowAdverseEvent(AboutParticipant):
    """Add news of an adverse event; ``event`` is the entry that reported it."""

    event: Whole
    grade: Annotated[int, Field(ge=1, le=5)]
    resolved_on: On | None = None


class StartMedication(AboutParticipant):
    """Record that concomitant medication began or changed."""

    group: Name
    name: Name
    change: Literal["new", "increased", "stable", "prophylactic"]


class StopMedication(AboutParticipant):
    """Record that concomitant medication ended; ``medication`` is the entry that started it."""

    medication: Whole


class RecordDeath(AboutParticipant):
    """Record a death."""

    cause: Prose = ""


class EndFollowUp(AboutParticipant):
    """Record that nothing more will be known."""

    reason: Literal["completed", "lost to follow-up", "withdrawal", "death", "trial ended", "not enrolled"]


class NoteDeviation(AboutParticipant):
    """Record a protocol deviation that a person saw."""

    deviation: Name
    detail: Prose
    refers: Annotated[tuple[Whole, ...], BeforeValidator(_value)] = ()


class TakeInterimLook(Command):
    """Record that somebody looked ahead before the end, with what was known, asked and answered (a probability)."""

    endpoint: Name
    enrolled: Counted
    known: Counted
    responders: Counted
    planned: Counted
    question: Annotated[Prose, Field(min_length=1)]
    answer: Amount
    trials: Annotated[int, Field(ge=1, le=10**12)]
    seed: Name
    virtual: Name
    on: On
    reason: Prose = ""


AnyCommand: TypeAlias = (
    OpenTrial
    | DelegateAuthority
    | RegisterCandidate
    | RecordConsent
    | WithdrawConsent
    | AttestCriterion
    | ClarifyEligibility
    | ScreenCandidate
    | EnrolParticipant
    | RecordVisit
    | MissVisit
    | CorrectObservation
    | PrescribeDose
    | RecordDose
    | StopTreatment
    | ReportAdverseEvent
    | FollowAdverseEvent
    | StartMedication
    | StopMedication
    | RecordDeath
    | EndFollowUp
    | NoteDeviation
    | TakeInterimLook
)
COMMANDS: dict[str, type[Command]] = {kind.__name__: kind for kind in get_args(AnyCommand)}


def read_command(data: dict[str, Any], place: Place) -> tuple[AnyCommand | None, tuple[Finding, ...]]:
    """Read a command from plain data with its name under ``command``; what is wrong becomes TW-C010 or TW-C011."""
    name = data.get("command")
    model = COMMANDS.get(str(name))
    if model is None:
        detail = f"The commands are: {', '.join(sorted(COMMANDS))}."
        return None, (Finding("TW-C010", Severity.ERROR, place, f"There is no command `{name}`", detail),)
    fields = {key: value for key, value in data.items() if key != "command"}
    try:
        return model.model_validate(fields), ()  # type: ignore[return-value]  # COMMANDS holds only members of AnyCommand
    except ValidationError as error:
        return None, tuple(_field_finding(str(name), dict(details), place) for details in error.errors(include_url=False))


def _field_finding(name: str, details: dict[str, Any], place: Place) -> Finding:
    where = ".".join(str(step) for step in details["loc"])
    message = str(details["msg"]).removeprefix("Value error, ")
    known = ", ".join(COMMANDS[name].model_fields)
    title = f"{name}.{where} cannot be read"
    return Finding("TW-C011", Severity.ERROR, place, title, f"{message}. {name} has the fields: {known}.")
