"""Inputs: what an expression may ask of the engine, as a closed union of values.

An input says *what* is wanted (the last reading of ANC, days since the last increase), never where it is kept or how it
is found. Each is hashable, so that a mapping from inputs to values is all that evaluation needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class Milestone(StrEnum):
    """What time is counted from; the words are those of the language."""

    FIRST_DOSE = "first dose"
    LAST_DOSE = "last dose"
    LAST_INCREASE = "last increase"
    LAST_DECREASE = "last decrease"
    LAST_CHANGE = "last dose change"
    LAST_HOLD = "last hold"
    LAST_RESUMPTION = "last resumption"
    LAST_DECISION = "last decision"
    TREATMENT_STOP = "treatment stop"
    CONSENT = "consent"
    ENROLMENT = "enrolment"
    RANDOMISATION = "randomisation"
    FIRST_RESPONSE = "first response"
    ENCOUNTER = "encounter"
    DATE = "date"
    READING = "reading"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Reading:
    """The current value of a variable, in its unit."""

    variable: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The last value before the first dose, in the variable's unit."""

    variable: str


@dataclass(frozen=True, slots=True)
class Previous:
    """The value at the last earlier visit that has one, in the variable's unit."""

    variable: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A summary of a variable's values over the last ``days`` (closed window, today included); None means ever.

    Unknown when the window holds no value, except ``count``, which is then 0. With ``values`` it is of the last so many
    values, and unknown while there are fewer. ``nadir`` is the lowest value from baseline on, today's included.
    """

    function: Literal["max", "min", "mean", "median", "count", "first", "last", "nadir"]
    variable: str
    days: int | None
    values: int | None = None


@dataclass(frozen=True, slots=True)
class Since:
    """Time elapsed since a milestone; +infinity, known, when it has not happened.

    ``name`` names the encounter, date variable, variable or further milestone for the last four kinds of Milestone. In
    unit "d" the value is whole days; in "mo" and "a" it is completed calendar months or years plus the part of the
    running one (``elapsed`` computes it). ``last increase`` counts from the first dose while there has been none.
    """

    milestone: Milestone
    name: str = ""
    unit: Literal["d", "mo", "a"] = "d"


@dataclass(frozen=True, slots=True)
class Limit:
    """The laboratory's upper or lower limit of normal, in the variable's unit."""

    which: Literal["uln", "lln"]
    variable: str


@dataclass(frozen=True, slots=True)
class DoseOf:
    """The dose of an intervention in its unit (mg/d by default), 0 while held or stopped; None is the only one."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class TotalDose:
    """What was taken of an intervention so far: its dose without "per day", summed over administrations or days."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class LevelOf:
    """The dose level as an amount, in the unit of the dose: the last non-zero one while held, unknown before the first dose."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """The study day (no day 0)."""


@dataclass(frozen=True, slots=True)
class Today:
    """The date of the decision."""


@dataclass(frozen=True, slots=True)
class Held:
    """True while treatment is held."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Stopped:
    """True once treatment has stopped for good."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class Increase:
    """True when this decision raises the dose; resuming is no increase."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class ResponseOf:
    """The category of a response: the current one, or the best so far; as assessed, or confirmed only."""

    name: str
    best: bool = False
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class AdverseEvents:
    """The highest grade (1-5) among the adverse events selected, 0 when there is none.

    ``expected`` None selects both; ``group`` is a special-interest group.
    """

    scope: Literal["since_last_decision", "unresolved", "ever"] = "since_last_decision"
    related: bool = False
    serious: bool = False
    expected: bool | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class EventCount:
    """How many adverse events of the selection had at least this grade; always known."""

    events: AdverseEvents
    least_grade: int = 1


@dataclass(frozen=True, slots=True)
class Consent:
    """True when consent by this person is in force: "participant", "parents or guardian", "witness", …"""

    by: str = "participant"


@dataclass(frozen=True, slots=True)
class Assent:
    """True when the participant's assent is in force."""


@dataclass(frozen=True, slots=True)
class HoldInputs:
    """True when an input of a hold rule is missing, or older than so many days; always known."""

    max_age_days: int | None = None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How often the hold by this rule (None: any hold) has come back: 0 at its first time."""

    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Medication:
    """True when a drug of the group is taken today or was within the last days (closed window).

    With ``changed`` only a drug that was started or increased in that time counts.
    """

    group: str
    within_days: int = 0
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Arm:
    """The arm that the participant is assigned to; unknown to those who are blinded."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """The participant's category in a stratification factor."""

    name: str


@dataclass(frozen=True, slots=True)
class CurrentEpoch:
    """The epoch that the participant is in."""


Input = (
    Reading
    | Baseline
    | Previous
    | Aggregate
    | Since
    | Limit
    | DoseOf
    | TotalDose
    | LevelOf
    | Day
    | Today
    | Held
    | Stopped
    | Increase
    | ResponseOf
    | AdverseEvents
    | EventCount
    | Consent
    | Assent
    | HoldInputs
    | Recurrence
    | Medication
    | Arm
    | Stratum
    | CurrentEpoch
)
