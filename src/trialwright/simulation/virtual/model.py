"""What may stand in a file of virtual people: every number with its unit and where it is from. Simulates nobody."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from trialwright.protocol.model.node import ExpressionText, Identifier, Node, Rows, Text, Words
from trialwright.simulation.virtual.records import Number, Record, SourcedNode, Table, chance, positive, share, tables


def _iso(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


class Parameter(SourcedNode):
    """One number (or one for each code of a trait) with its unit and source."""

    value: Number | Table
    by: Identifier | None = None
    unit: Text

    @model_validator(mode="after")
    def _table_has_its_trait(self) -> Parameter:
        if isinstance(self.value, dict) != (self.by is not None):
            raise ValueError("a table of values needs `by`, the trait that its keys are codes of; a single value has none")
        return self

    @property
    def numbers(self) -> tuple[Decimal, ...]:
        """Every number that stands in it."""
        return tuple(self.value.values()) if isinstance(self.value, dict) else (self.value,)


class Constant(SourcedNode):
    """One number, the same for everybody, with its unit and source."""

    value: Number
    unit: Text

    @property
    def number(self) -> float:
        """The number."""
        return float(self.value)

    @property
    def numbers(self) -> tuple[Decimal, ...]:
        """The number, as a check reads it."""
        return (self.value,)


Chance = Annotated[Parameter, AfterValidator(chance)]
Positive = Annotated[Parameter, AfterValidator(positive)]
ConstantChance = Annotated[Constant, AfterValidator(chance)]
ConstantPositive = Annotated[Constant, AfterValidator(positive)]


class Choice(SourcedNode):
    """A trait that is one of some codes, each with its probability (by the codes of an earlier trait, where `by` is given)."""

    choice: dict[str, Number | Table]
    by: Identifier | None = None
    unit: Literal["1"] = "1"

    @model_validator(mode="after")
    def _shares_add_up(self) -> Choice:
        for table in self.tables:
            share(table)
        return self

    @property
    def tables(self) -> tuple[dict[str, Decimal], ...]:
        """The shares of each group."""
        return tables(self.choice, self.by)


class Amount(SourcedNode):
    """A trait that is an amount: log-normal by median and cv, or normal by mean and sd, cut off at the bounds."""

    distribution: Literal["log-normal", "normal"]
    centre: Number | Table
    by: Identifier | None = None
    spread: Number = Field(ge=0, description="Coefficient of variation (log-normal) or standard deviation (normal)")
    low: Number | None = None
    high: Number | None = None
    unit: Text

    @model_validator(mode="after")
    def _sensible(self) -> Amount:
        if isinstance(self.centre, dict) != (self.by is not None):
            raise ValueError("centres by another trait need `by`; a single centre has none")
        centres = list(self.centre.values()) if isinstance(self.centre, dict) else [self.centre]
        if self.distribution == "log-normal" and min(centres) <= 0:
            raise ValueError("the median of a log-normal amount is more than 0")
        if self.low is not None and self.high is not None and self.low >= self.high:
            raise ValueError("`low` is less than `high`")
        if any((self.low is not None and one < self.low) or (self.high is not None and one > self.high) for one in centres):
            raise ValueError("the centre lies between `low` and `high`")
        return self


def _trait_kind(value: Any) -> str:
    return "choice" if isinstance(value, Choice) or (isinstance(value, dict) and "choice" in value) else "amount"


Trait = Annotated[Annotated[Choice, Tag("choice")] | Annotated[Amount, Tag("amount")], Discriminator(_trait_kind)]


class Exposure(Node):
    """How a drug's level follows from its dose: one compartment, first order."""

    clearance: Identifier = Field(description="Trait, L/h")
    volume: Identifier = Field(description="Trait, L")
    clearance_later: ConstantPositive = Field(description="Clearance at steady state as a share of that on day 1")
    later_from_day: ConstantPositive
    unbound: ConstantChance = Field(description="Unbound share of the drug in plasma")
    molar_mass: ConstantPositive = Field(description="g/mol")


class AfterStop(Node):
    """What becomes of a suppressed marker once the drug has stopped for good."""

    comes_back: Identifier = Field(description="Trait, a choice of `yes` and `no`")
    days: Identifier = Field(description="Trait: time constant of the return, in days")


class Marker(Node):
    """A count in the blood that is produced and lost; a drug may inhibit its production."""

    start: Identifier = Field(description="Trait: the value before treatment")
    normal: Identifier | None = Field(None, description="Trait: what is left when production is wholly inhibited")
    rate: Positive | None = Field(None, description="Loss per day")
    rate_trait: Identifier | None = Field(None, description="Trait: loss per day, where it differs between people")
    drug: Identifier | None = None
    half_effect: Identifier | None = Field(None, description="Trait: unbound level with half the effect, nmol/L")
    hill: Positive | None = None
    most: Chance | None = Field(None, description="Largest share of production that the drug can inhibit")
    lowered_by: dict[str, Chance] = Field(
        default_factory=dict, description="Medication group → share of the excess it takes away"
    )
    after_stop: AfterStop | None = None
    noise: Positive = Field(description="Coefficient of variation from one measurement to the next")

    @model_validator(mode="after")
    def _whole(self) -> Marker:
        wanted = {"half_effect": self.half_effect, "hill": self.hill, "most": self.most}
        absent = [name for name, given in wanted.items() if given is None]
        if self.drug is not None and absent:
            raise ValueError(f"a marker that a drug acts on needs {', '.join(absent)}")
        if (self.drug is not None or self.lowered_by) and self.rate is None and self.rate_trait is None:
            raise ValueError("a marker that changes needs `rate` or `rate_trait`")
        return self


class Harm(SourcedNode):
    """One kind of adverse event: how often, how severe, how long."""

    term: Text
    percent: Number = Field(ge=0, lt=100, description="Cumulative share of people, per cent, in the source")
    severe_percent: Number = Field(Decimal(0), ge=0, lt=100, description="Of all people, those with grade 3 or more, per cent")
    unit: Literal["%"] = "%"
    over_weeks: Number = Field(gt=0, description="The time over which `percent` accumulated")
    by_dose: bool = True
    first_days: int | None = Field(None, gt=0, description="Only in the first days of treatment")
    related: Number = Field(ge=0, le=1)
    duration_days: Number = Field(gt=0, description="Median")
    raises: dict[str, dict[str, Number]] = Field(
        default_factory=dict, description="Variable → grade → multiple of the upper limit of normal while the event lasts"
    )

    @model_validator(mode="after")
    def _severe_within_all(self) -> Harm:
        if self.severe_percent > self.percent:
            raise ValueError("`severe_percent` is a part of `percent`")
        return self


class Harms(Node):
    """Adverse events, and how the source's figures are brought to this trial."""

    drug: Identifier
    reference_dose: ConstantPositive
    early_share: ConstantChance = Field(
        description="Share of the source's cumulative hazard that falls on as many weeks of treatment"
    )
    early_weeks: ConstantPositive
    dose_exponent: ConstantPositive
    grade_2: ConstantChance = Field(description="Share of grade 2 among those below grade 3")
    grade_4: ConstantChance = Field(description="Share of grade 4 among those of grade 3 or more")
    serious_if_severe: ConstantChance
    expected: ConstantChance
    duration_cv: ConstantPositive
    recorded_late: ConstantChance = Field(description="A serious event that the site records only at the next visit")
    terms: Annotated[tuple[Harm, ...], Rows]


class Course(SourcedNode):
    """Concomitant medication: who is given it, when, and for how long."""

    id: Identifier
    group: Identifier
    name: Text
    change: Literal["new", "increased", "stable", "prophylactic"]
    when: ExpressionText
    on: Literal["first dose", "treatment", "follow-up"]
    chance: Number = Field(ge=0, le=1)
    days: Annotated[int, Field(gt=0)]
    unit: Literal["1"] = "1"


class Habits(Node):
    """What sites and people do: visits early, late or missed; values missing or mistyped; advice followed or not."""

    off_target: ConstantChance = Field(description="A visit on another day of its window than the planned one")
    too_late: ConstantChance = Field(description="A visit after its window")
    missed: ConstantChance
    missed_reasons: Words
    missing: dict[str, ConstantChance] = Field(description="Activity → chance that its values are missing at a visit")
    mistyped: ConstantChance
    mistyped_variable: Identifier
    mistyped_factor: ConstantPositive
    declines_increase: ConstantChance
    declines_reasons: Words
    disregards_hold: ConstantChance
    disregards_reason: Text


class Endings(Node):
    """How people leave: chances per week of treatment or per month of follow-up."""

    withdraws_per_week: ConstantChance
    withdraws_all: ConstantChance = Field(description="Share of withdrawals that end all data")
    withdrawal_reasons: Words
    dies_per_month: ConstantChance
    death_cause: Text
    lost_per_month: ConstantChance


class Accrual(Node):
    """When candidates come, and where."""

    first: Annotated[date, BeforeValidator(_iso)]
    per_month: ConstantPositive
    screening_days: ConstantPositive
    sites: Annotated[tuple[Text, ...], Rows]
    site_shares: Annotated[tuple[Number, ...], Rows]
    assumption: Text

    @model_validator(mode="after")
    def _a_share_for_each(self) -> Accrual:
        if len(self.sites) != len(self.site_shares) or not self.sites:
            raise ValueError("`site_shares` has one share for each of `sites`")
        share(dict(zip(self.sites, self.site_shares, strict=True)))
        return self


class Clarification(Node):
    """A case that the criteria leave open, and how the sponsor decides it."""

    criteria: Words
    when: ExpressionText
    admit: bool
    reason: Text


class Planted(Node):
    """A candidate some of whose traits are set, not drawn, so that a case is seen; it is said so wherever they are counted."""

    candidate: Annotated[int, Field(gt=0)]
    traits: dict[str, Annotated[str | Decimal, BeforeValidator(lambda value: Decimal(value) if type(value) is int else value)]]
    why: Text


class Demonstration(Node):
    """The seed that is shown, and why this one."""

    seed: Annotated[int, Field(ge=0)]
    why: Text


class Virtual(Node):
    """A whole file of virtual people."""

    trialwright_virtual: Literal[1]
    title: Text
    protocol: Text
    note: Text
    demonstration: Demonstration
    accrual: Accrual
    traits: dict[Identifier, Trait]
    exposure: dict[Identifier, Exposure] = Field(default_factory=dict)
    markers: dict[Identifier, Marker] = Field(default_factory=dict)
    limits: dict[Identifier, Positive] = Field(default_factory=dict)
    records: dict[Identifier, Record]
    harms: Harms | None = None
    medication: Annotated[tuple[Course, ...], Rows] = ()
    habits: Habits
    endings: Endings
    clarifications: Annotated[tuple[Clarification, ...], Rows] = ()
    attests: ConstantChance
    planted: Annotated[tuple[Planted, ...], Rows] = ()
