"""What may stand in a file of operating characteristics (`kind: operating`): chances by week, dose and trait. Simulates nobody.

It belongs to the family of virtual files (``simulation/virtual``): every number has its unit and a source or an assumption.
Where a rehearsal's file lets bodies answer to a drug, this one states chances, so that a million trials can be played.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from trialwright.protocol.model.node import Identifier, Node, Text, Words
from trialwright.simulation.virtual.model import Choice, ConstantPositive
from trialwright.simulation.virtual.records import Number, SourcedNode, Table, chance, positive, share

DOSE, RESPONSE, NONE = "dose", "response", "none"
Nested: TypeAlias = dict[str, Table]


class Rate(SourcedNode):
    """A number, or one for each code of what stands under ``by``: a trait, ``dose`` (the protocol's levels), or both in order."""

    value: Number | Table | Nested
    by: Words = ()
    unit: Text

    @model_validator(mode="after")
    def _as_deep_as_by(self) -> Rate:
        _nested(self.value, self.by)
        return self

    @property
    def numbers(self) -> tuple[Decimal, ...]:
        """Every number that stands in it."""
        return tuple(_flat(self.value))


def _nested(value: Any, by: tuple[str, ...]) -> None:
    """Accept values that are nested as deep as `by` is long."""
    depth = 0
    while isinstance(value, dict):
        depth, value = depth + 1, next(iter(value.values()), None)
    if depth != len(by):
        raise ValueError(f"`by` names {len(by)} and the values are nested {depth} deep; they go together")


def _flat(value: Any) -> list[Decimal]:
    return [number for part in value.values() for number in _flat(part)] if isinstance(value, dict) else [value]


ChanceRate = Annotated[Rate, AfterValidator(chance)]
PositiveRate = Annotated[Rate, AfterValidator(positive)]


class Responding(Rate):
    """How likely the response is: within one week, or by the end of the course (then turned into equal weekly hazards).

    ``category`` of the response ``of`` the protocol is reached; until then it is ``none``. What records show ``by: response``
    has a value for each of these two.
    """

    of: Identifier
    category: Identifier
    over: Literal["week", "course"] = "week"
    at_dose: dict[str, Number] = Field(
        default_factory=dict, description="Dose → hazard relative to 1; with `over: course`, along the path without holds"
    )
    along: dict[str, Number] = Field(
        default_factory=dict,
        description="Dose → weeks of the course that `over: course` speaks of, so that another protocol keeps the weekly "
        "hazards; where it is left out, those of the protocol that is played",
    )
    lost: ChanceRate | None = Field(None, description="Chance, each later week, that the response is lost again")

    @model_validator(mode="after")
    def _chances(self) -> Responding:
        chance(self)
        if self.along and self.over != "course":
            raise ValueError("`along` says which course `over: course` speaks of")
        if any(one < 0 for one in self.along.values()) or (self.along and not any(self.along.values())):
            raise ValueError("`along` gives the weeks at each dose, and some of them")
        if self.category == NONE:
            raise ValueError("`none` is what stands before the response; name the category that is reached")
        if any(one < 0 for one in self.at_dose.values()):
            raise ValueError("a hazard relative to another is 0 or more")
        if self.over == "course" and DOSE in self.by:
            raise ValueError("`over: course` is one probability whatever the doses were; say how they differ under `at_dose`")
        return self


class Shown(SourcedNode):
    """What every record may say besides: how often its value is missing at a visit."""

    missing: Number = Field(Decimal(0), ge=0, le=1, description="Chance that a visit has no value")


Plain: TypeAlias = Number | bool | Text | list[Text]


class Fixed(Shown):
    """A value that is the same at every visit, or follows a trait or the response."""

    kind: Literal["fixed"]
    value: Plain | dict[str, Plain] | dict[str, dict[str, Plain]]
    by: Words = ()
    unit: Text | None = Field(None, description="The variable's own where it is left out")

    @model_validator(mode="after")
    def _as_deep_as_by(self) -> Fixed:
        _nested(self.value, self.by)
        return self


class OfTrait(Shown):
    """A trait, under the variable's own codes where they are other words."""

    kind: Literal["trait"]
    trait: Identifier
    codes: dict[str, Text] = Field(default_factory=dict, description="Code of the trait → code of the variable")


class Amount(Shown):
    """An amount that differs between people, from visit to visit, and with the dose in force.

    The person's own level is log-normal (median and coefficient of variation) or normal (mean and standard deviation); a
    visit's value is that level × ``at_dose`` × a log-normal noise of median 1.
    """

    kind: Literal["amount"]
    distribution: Literal["log-normal", "normal"] = "log-normal"
    centre: Number | Table
    by: Words = ()
    spread: Number = Field(ge=0)
    noise: Number = Field(Decimal(0), ge=0, description="Coefficient of variation from one visit to the next")
    at_dose: dict[str, Number] = Field(default_factory=dict, description="Dose → factor; `0` while nothing is taken")
    unit: Text

    @model_validator(mode="after")
    def _sensible(self) -> Amount:
        centres = _flat(self.centre)
        if isinstance(self.centre, dict) != bool(self.by) or len(self.by) > 1 or DOSE in self.by:
            raise ValueError("centres by a trait need `by`; a single centre has none; the dose stands under `at_dose`")
        if self.distribution == "log-normal" and min(centres, default=Decimal(1)) <= 0:
            raise ValueError("the median of a log-normal amount is more than 0")
        if any(one <= 0 for one in self.at_dose.values()):
            raise ValueError("a factor is more than 0")
        return self


class Flag(Shown):
    """Yes or no at each visit, by chance."""

    kind: Literal["flag"]
    chance: Number = Field(ge=0, le=1)


def _record_kind(value: Any) -> str:
    return str(value.get("kind", "") if isinstance(value, dict) else getattr(value, "kind", ""))


Record = Annotated[
    Annotated[Fixed, Tag("fixed")]
    | Annotated[OfTrait, Tag("trait")]
    | Annotated[Amount, Tag("amount")]
    | Annotated[Flag, Tag("flag")],
    Discriminator(_record_kind),
]


class Event(Rate):
    """One kind of adverse event: the chance that it begins within a week, its grades, and how long it lasts.

    At most one of a kind lasts at a time. It is dated on the visit that ends its week. ``related``, ``expected`` and, from
    ``serious_from`` on, being serious belong to the kind.
    """

    term: Text
    grades: dict[Literal["1", "2", "3", "4", "5"], Number]
    lasts_days: Annotated[int, Field(ge=0, description="0: it is over by the visit that it is dated on")]
    related: bool = True
    expected: bool = True
    serious_from: Annotated[int, Field(ge=1, le=6)] = 4

    @model_validator(mode="after")
    def _shares_and_chances(self) -> Event:
        chance(self)
        share(self.grades)  # type: ignore[arg-type]  # the keys are text
        return self


class Accrual(SourcedNode):
    """How fast participants are enrolled, and where; sites stand for no real hospital."""

    per_month: ConstantPositive
    sites: dict[Text, Number]

    @model_validator(mode="after")
    def _shares(self) -> Accrual:
        share(self.sites)
        return self


class Uncertain(SourcedNode):
    """How low and how high a number may be; a run that asks for the effect of each number turns it so far."""

    low: Number
    high: Number


class Operating(Node):
    """A whole file of operating characteristics."""

    trialwright_virtual: Literal[1]
    kind: Literal["operating"]
    title: Text
    protocol: Text
    note: Text
    participants: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        None, description="How many are enrolled; the protocol's own number where this is left out"
    )
    arm: Text = Field("", description="The one arm that is played; all arms of the protocol where it is left out")
    arms: dict[Identifier, dict[str, Any]] = Field(
        default_factory=dict,
        description="By arm: what differs from the rest of the file, in the same shape; `null` takes a part out",
    )
    accrual: Accrual | None = None
    traits: dict[Identifier, Choice] = Field(default_factory=dict)
    response: Responding | None = None
    records: dict[Identifier, Record] = Field(default_factory=dict)
    limits: dict[Identifier, PositiveRate] = Field(default_factory=dict, description="Upper limit of normal, by variable")
    events: dict[Identifier, Event] = Field(default_factory=dict)
    leaves: ChanceRate | None = Field(None, description="Chance, each week, to leave treatment for no reason of the protocol's")
    missed: ChanceRate | None = Field(None, description="Chance that a visit is missed: nothing is measured, nothing decided")
    declines: ChanceRate | None = Field(None, description="Chance that an increase which the protocol leaves open is not made")
    uncertain: dict[Text, Uncertain] = Field(default_factory=dict, description="Range of a number, by its path in this file")
