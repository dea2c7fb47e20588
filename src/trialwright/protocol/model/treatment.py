"""Doses and the rules that change them, responses and other derived states, adverse events."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from trialwright.protocol.model.node import ExpressionText, Identifier, Node, Rows, Sourced, Text, Words


class Resumption(Sourced):
    """Where a hold resumes to, given a condition; the first that holds applies."""

    when: ExpressionText | None = None
    otherwise: Literal[True] | None = None
    to: Text = Field(description="`same`, `lower`, or a level such as `300 mg/d`")


class Rule(Sourced):
    """One dosing rule; rules stand in order and the first that fires decides."""

    id: Identifier
    label: Text | None = None
    text: Text | None = Field(None, description="The record's own words, verbatim")
    when: ExpressionText | None = None
    otherwise: Literal[True] | None = None
    then: Text = Field(
        description="`hold` (or `delay`), `next level`, `may next level`, `raise 2 levels`, `lower level`, `level X`, "
        "`same level`, `stop`, or `no increase`, optionally with `, measure the inputs`"
    )
    until: ExpressionText | None = Field(
        None, description="A hold is left only when this holds; `resolved` = the rule's own condition is gone"
    )
    resume: Annotated[Text | tuple[Resumption, ...], Rows] | None = None
    at_lowest: Literal["stop", "hold", "same"] | None = Field(None, description="What `lower` means at the lowest level")


class Guarantee(Sourced):
    """A property of everything that the engine advises: `always` true, or `never` true."""

    id: Identifier
    text: Text | None = None
    always: ExpressionText | None = None
    never: ExpressionText | None = None


class Regimen(Sourced):
    """How one intervention is dosed."""

    intervention: Identifier | None = Field(
        None, description="The registered intervention, where the regimen is not called like it (several regimens of one drug)"
    )
    background: Text | None = Field(
        None, description="A drug that is dosed and is no intervention of the record: what it is, and on whose prescription"
    )
    arms: Words = Field((), description="Only these arms; those that receive the intervention where empty")
    levels: Text = Field(
        description="Dose levels in rising order with their unit: `100, 200, 300, 400 mg/d`, or `10 .. 60 by 2 U/d`"
    )
    start: Text = Field(description="`100 mg/d on day 1`")
    starts: dict[Identifier, Text] = Field(
        default_factory=dict, description="By arm, where arms (or cohorts) start at different levels: `cohort_2: 200 mg/d`"
    )
    course: Text | None = Field(None, description="`12 weeks from first dose`: nothing is dispensed beyond it")
    every: Text | None = Field(None, description="Interval between administrations where the drug is not taken daily: `21 d`")
    cycles: Annotated[int, Field(ge=1)] | None = Field(None, description="The most administrations that are `every` apart")
    pattern: Text | None = Field(None, description="How a day's or a cycle's dose is taken, in words: `twice a day`")
    per: Identifier | None = Field(None, description="The variable that a dose is multiplied by: `weight` for mg/kg")
    cap: Text | None = Field(None, description="The highest single amount, whatever the body weight: `1000 mg`")
    round_to: Text | None = Field(None, description="Amounts are rounded to a multiple of this: `5 mg`")
    route: Text | None = None
    confirm: Literal["investigator", "monitor", "sponsor"] = "investigator"
    override: Literal["reason", "reason and second person"] = "reason"
    rules: Annotated[tuple[Rule, ...], Rows] = ()
    guarantees: Annotated[tuple[Guarantee, ...], Rows] = ()


class Escalation(Sourced):
    """How the dose is raised from cohort to cohort: what a dose-limiting toxicity is, and who counts for it."""

    intervention: Identifier = Field(description="The regimen whose levels are escalated")
    design: Literal["3+3", "rolling six", "accelerated titration", "crm", "boin", "mtpi-2", "other"]
    cohort: Annotated[int, Field(ge=1)]
    dlt: ExpressionText = Field(description="Holds when the participant has had a dose-limiting toxicity")
    window: Text = Field(description="Until when a toxicity counts: `28 d after first dose`")
    evaluable: Text | None = Field(None, description="Who counts, in words")
    target: Text | None = Field(None, description="The highest rate of DLT that is accepted: `33 %`")
    rule: Text | None = Field(None, description="The record's own words, verbatim")


class Confirmation(Node):
    """A category counts as confirmed when it is seen again, at least `apart` later, at the next assessment."""

    apart: Text


class Category(Node):
    """One category of a response, best first; the first that holds applies."""

    id: Identifier
    label: Text | None = None
    when: ExpressionText | None = None
    otherwise: Literal[True] | None = None


class Response(Sourced):
    """A response: ordered categories, best first."""

    label: Text
    variant_of: Identifier | None = None
    confirm: Confirmation | None = None
    not_assessable: ExpressionText | None = None
    categories: Annotated[tuple[Category, ...], Rows]


class DerivedState(Sourced):
    """A state that facts put a participant in, such as relapse."""

    label: Text
    after: Text | None = Field(None, description="Only after a response: `haematological complete`")
    when: ExpressionText | None = None
    confirm: Confirmation | None = None
    or_: Text | None = Field(None, alias="or", description="A medication group whose start counts as well")


class SpecialInterest(Sourced):
    """A group of adverse-event terms of special interest."""

    label: Text
    terms: Words


class ReportingClock(Sourced):
    """What is reported to whom, and how soon after awareness."""

    id: Identifier
    label: Text
    when: ExpressionText
    within: Text


class AdverseEvents(Sourced):
    """Grading, terms of special interest, causality and reporting clocks."""

    grading: Text
    version: Text
    collected: Text | None = None
    special_interest: dict[Identifier, SpecialInterest] = Field(default_factory=dict)
    causality: Words = ("related", "not related")
    reporting: Annotated[tuple[ReportingClock, ...], Rows] = ()
