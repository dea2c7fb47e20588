"""What is true of a trial after some events: frozen values, each leading back to the entries that say so.

Allocation never stands here (a blinded trial's arm is another type); neither do identities.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from trialwright.events.catalogue import Recorded


class Phase(StrEnum):
    """How far a person has come."""

    CANDIDATE = "candidate"
    NOT_ELIGIBLE = "not eligible"
    ELIGIBLE = "eligible"
    ENROLLED = "enrolled"
    TREATED = "on treatment"
    STOPPED = "treatment stopped"
    ENDED = "follow-up ended"


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one variable. ``entries`` are the record and its corrections, the latest last."""

    variable: str
    value: Recorded | None
    unit: str
    on: date
    encounter: str
    entries: tuple[int, ...]
    limit_low: str | None = None
    limit_high: str | None = None
    earlier: tuple[Recorded | None, ...] = ()

    @property
    def entry(self) -> int:
        """The entry that recorded it first."""
        return self.entries[0]


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that was held, or a planned one that was missed."""

    encounter: str
    occurrence: int
    on: date
    held: bool
    entry: int


@dataclass(frozen=True, slots=True)
class DoseFact:
    """A dose from a day on: prescribed by an investigator, or administered."""

    intervention: str
    on: date
    dose: Decimal
    unit: str
    entry: int
    through: date | None = None
    held_by: tuple[str, ...] = ()
    advised: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that was recorded: what it was and the entries that it rests on.

    ``optional`` and ``blocked_by`` belong to dose advice: an increase that may be left out, and the rules that stood in its way.
    """

    kind: str
    on: date
    entry: int
    summary: str
    references: tuple[int, ...]
    inputs_digest: str
    rule: str = ""
    optional: bool = False
    blocked_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseFact:
    """A recorded response; category "" where it was not assessable or not known."""

    response: str
    on: date
    category: str
    assessable: bool
    confirmed: bool
    entry: int
    references: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AdverseEventFact:
    """An adverse event with its present and worst grade, its course (grade from each day on) and its end."""

    term: str
    grade: int
    worst_grade: int
    serious: bool
    related: bool
    expected: bool
    on: date
    aware_on: date
    resolved_on: date | None
    entry: int
    entries: tuple[int, ...]
    course: tuple[tuple[date, int], ...] = ()

    def grades_until(self, day: date) -> tuple[int, ...]:
        """Return the grades that it had had by a day, in order of date; never empty."""
        return tuple(grade for on, grade in sorted(self.course, key=lambda step: step[0]) if on <= day) or (self.grade,)


@dataclass(frozen=True, slots=True)
class MedicationFact:
    """Concomitant medication of a group."""

    group: str
    name: str
    change: str
    on: date
    stopped_on: date | None
    entry: int
    entries: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ConsentFact:
    """Consent as signed."""

    on: date
    by: tuple[str, ...]
    assent: bool
    entry: int


@dataclass(frozen=True, slots=True)
class Attestation:
    """A criterion judged by a person, or a clarification by the sponsor (``clarifies`` True)."""

    criteria: tuple[str, ...]
    holds: bool
    on: date
    entry: int
    clarifies: bool
    note: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How and when something ended."""

    on: date
    reason: str
    entry: int


@dataclass(frozen=True, slots=True)
class DeviationFact:
    """A protocol deviation that was noted."""

    deviation: str
    detail: str
    on: date
    entry: int
    refers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ParticipantState:
    """Everything known of one candidate or participant.

    ``stops`` says when each intervention ended for good; ``stopped`` is set once all that were given have.
    """

    id: str
    site: str
    registered_on: date
    phase: Phase = Phase.CANDIDATE
    consents: tuple[ConsentFact, ...] = ()
    attestations: tuple[Attestation, ...] = ()
    enrolled: Ending | None = None
    arm: str = ""
    observations: Mapping[str, tuple[Observation, ...]] = field(default_factory=dict)
    variable_of_entry: Mapping[int, str] = field(default_factory=dict)
    visits: tuple[Visit, ...] = ()
    prescribed: tuple[DoseFact, ...] = ()
    administered: tuple[DoseFact, ...] = ()
    decisions: tuple[Decision, ...] = ()
    responses: tuple[ResponseFact, ...] = ()
    states: tuple[Decision, ...] = ()
    adverse_events: tuple[AdverseEventFact, ...] = ()
    medications: tuple[MedicationFact, ...] = ()
    deviations: tuple[DeviationFact, ...] = ()
    corrected: Mapping[int, int] = field(default_factory=dict)
    stops: Mapping[str, Ending] = field(default_factory=dict)
    stopped: Ending | None = None
    withdrawn: Ending | None = None
    died: Ending | None = None
    ended: Ending | None = None

    @property
    def first_dose_on(self) -> date | None:
        """The date of the first dose that was taken."""
        taken = [fact.on for fact in self.administered if fact.dose > 0]
        return min(taken) if taken else None


@dataclass(frozen=True, slots=True)
class InterimLook:
    """A look ahead that somebody took: what was known, what was asked and answered.

    Args:
        on: The day that was looked at.
        endpoint: Whose responders were counted.
        enrolled: Participants enrolled by then.
        known: Of those, with an outcome.
        responders: Of those, who responded.
        planned: Participants planned.
        question: What was asked of the end.
        answer: The probability (0-1) that simulating the rest gave.
        trials: How many times the rest was simulated.
        seed: What the simulation's chance followed from.
        virtual: Digest of the file of chances.
        protocol: Digest of the protocol in force.
        reason: Why somebody looked; empty where none was given.
        by: Who looked.
        recorded_at: The instant of recording (UTC).
        entry: The log entry.
    """

    on: date
    endpoint: str
    enrolled: int
    known: int
    responders: int
    planned: int
    question: str
    answer: Decimal
    trials: int
    seed: str
    virtual: str
    protocol: str
    reason: str
    by: str
    recorded_at: datetime
    entry: int


@dataclass(frozen=True, slots=True)
class TrialState:
    """Everything known of a trial; participants in the order in which they were registered."""

    study: str = ""
    title: str = ""
    simulated: bool = False
    seed: int | None = None
    sites: tuple[str, ...] = ()
    opened_on: date | None = None
    roles: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    participants: Mapping[str, ParticipantState] = field(default_factory=dict)
    amendments: tuple[tuple[date, str, str], ...] = ()
    locked_head: str = ""
    interim_looks: tuple[InterimLook, ...] = ()
    applied: int = 0


@dataclass(frozen=True, slots=True)
class Changed:
    """A recorded decision that rests on data changed since, and the corrections that changed it."""

    decision: Decision
    corrections: tuple[int, ...]


def changed_decisions(participant: ParticipantState) -> tuple[Changed, ...]:
    """Return the decisions that rest on entries which were corrected after the decision was recorded."""
    found = []
    for decision in (*participant.decisions, *participant.states):
        corrections = tuple(
            correction
            for entry in decision.references
            if (correction := participant.corrected.get(entry)) is not None and correction > decision.entry
        )
        if corrections:
            found.append(Changed(decision, corrections))
    return tuple(found)
