"""Who may take part, what is known of each person, and what is done at which visit."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from trialwright.protocol.model.node import ExpressionText, Identifier, Node, Rows, Sourced, Text, Words


def _decimal(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


Number = Annotated[Decimal, BeforeValidator(_decimal), Field(gt=0, ge=Decimal("1e-9"), le=Decimal("1e9"))]


class Code(Node):
    """A code with its label, and its parent where the list is a hierarchy."""

    label: Text
    parent: Identifier | None = None


class Variable(Sourced):
    """Something known of a participant, with its type, unit and plausible range."""

    label: Text | None = None
    type: Literal["quantity", "code", "flag", "set", "date", "text"]
    unit: Text | None = Field(None, description="UCUM unit; wanted for a quantity")
    codes: Identifier | None = Field(None, description="The code list; wanted for a code or a set")
    ordered: bool = Field(False, description="The codes stand in order, the first being the least")
    plausible: Text | None = Field(None, description="`low .. high` in the unit")
    precision: Number | None = Field(None, description="Reporting precision: values are rounded to it before they are recorded")
    complete: bool = Field(False, description="A set declared complete: what isn't in it was not given")
    derive: ExpressionText | None = Field(None, description="How it is computed; its inputs are kept")
    valid_for: Text | None = Field(
        None, description="How old a value may be when something is decided on it: `3 d`; older is unknown"
    )
    fixed: bool = Field(
        False, description="Recorded once and good for ever, such as height: what is derived from it uses that value"
    )
    limits: Literal["per site"] | None = Field(None, description="Has local limits of normal (uln, lln)")
    rounding: Literal["completed"] | None = None


class Parameter(Sourced):
    """A constant of the protocol, with its source and the values to be tried beside it."""

    value: Text
    sensitivity: Words = ()


class Activity(Sourced):
    """Something done at a visit and the variables it collects."""

    label: Text | None = None
    collects: Words = ()
    when: ExpressionText | None = Field(None, description="Done only for those for whom this holds, or may hold")
    times: Words = Field((), description="Time points within the visit, from the dose: `before dose`, `30 min`, `4 h`")
    by: Literal["site", "participant", "caregiver", "laboratory", "central reader"] | None = Field(
        None, description="Who does it; a diary is kept by the participant or a caregiver"
    )


class Criterion(Sourced):
    """A criterion: its verbatim text, the expression where it can be computed, and what a named role attests."""

    id: Identifier
    text: Text
    when: ExpressionText | None = None
    attested: Text | None = Field(None, description="What a person judges; their decision is a fact of the log")
    by: Literal["investigator", "coordinator", "monitor", "sponsor"] = "investigator"


class Eligibility(Sourced):
    """Inclusion and exclusion criteria, in the record's order."""

    inclusion: Annotated[tuple[Criterion, ...], Rows] = ()
    exclusion: Annotated[tuple[Criterion, ...], Rows] = ()


class ConsentRule(Node):
    """Who signs; the first rule that holds applies."""

    when: ExpressionText | None = None
    otherwise: Literal[True] | None = None
    by: Words
    assent: bool = False


class Consent(Sourced):
    """Consent rules: who signs, before what, and when it is asked again."""

    before: Text = "any procedure"
    rules: Annotated[tuple[ConsentRule, ...], Rows] = ()
    reconsent_at: Text | None = None


class Encounter(Sourced):
    """A visit: once (`at`), repeated (`every`, `first`, `last` or `until`), or triggered (`on`)."""

    id: Identifier
    label: Text | None = None
    epoch: Identifier
    at: Text | None = None
    every: Text | None = None
    first: Text | None = None
    last: Text | None = None
    until: Text | None = None
    on: ExpressionText | None = Field(None, description="Triggered: due when this becomes true")
    window: Text | None = None
    arms: Words = Field((), description="Only for these arms; all where empty")
    do: Words = ()


class Unscheduled(Node):
    """What an unscheduled visit does."""

    label: Text = "Unscheduled visit"
    do: Words = ()


class Schedule(Sourced):
    """Epochs in order and the visits in them."""

    epochs: Words
    day_1: Literal["first dose", "enrolment", "randomisation", "consent"] | None = Field(
        None, description="What study day 1 is; the first dose, or enrolment where nothing is dosed"
    )
    cycle: Text | None = Field(None, description="The length of a cycle, `21 d`, for times such as `cycles 1 .. 6 day 1`")
    encounters: Annotated[tuple[Encounter, ...], Rows]
    unscheduled: Unscheduled | None = None


class Medication(Sourced):
    """A group of concomitant medication that rules may name."""

    label: Text
    terms: Words = ()


class Stratum(Sourced):
    """A stratification factor: a coded variable known before randomization."""

    variable: Identifier
    levels: Words = ()


class Randomization(Sourced):
    """How arms are allocated; the list itself never stands in a protocol."""

    ratio: Text
    arms: Words = Field((), description="Only these arms are randomized to; all where empty")
    when: ExpressionText | None = Field(None, description="Only those for whom this holds are randomized")
    strata: Words = ()
    method: Text = "permuted blocks"
    blocks: Annotated[tuple[int, ...], Rows] = ()
    masked: bool = False


class Arm(Sourced):
    """An arm of the running trial and the interventions it receives."""

    label: Text
    receives: Words
