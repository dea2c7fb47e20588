"""How each variable of a protocol comes about in a simulated person: a closed union of kinds. Simulates nobody."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Discriminator, Field, model_validator

from trialwright.protocol.model.node import Identifier, Node, Rows, Text


def _decimal(value: object) -> object:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


Number = Annotated[Decimal, BeforeValidator(_decimal)]
Table: TypeAlias = dict[str, Number]


class SourcedNode(Node):
    """A node whose numbers are from a source, assumed, or both (the one says which part)."""

    source: Text | None = None
    assumption: Text | None = None

    @model_validator(mode="after")
    def _says_where_from(self) -> SourcedNode:
        if not self.source and not self.assumption:
            raise ValueError("a number needs `source` or `assumption`")
        return self


def chance(parameter: Any) -> Any:
    """Accept a parameter all of whose numbers are probabilities."""
    if any(not 0 <= one <= 1 for one in parameter.numbers):
        raise ValueError("a probability lies between 0 and 1")
    return parameter


def positive(parameter: Any) -> Any:
    """Accept a parameter all of whose numbers are more than 0."""
    if not all(one > 0 for one in parameter.numbers):
        raise ValueError("the value is more than 0")
    return parameter


def share(table: Mapping[str, Decimal]) -> None:
    """Accept shares that lie between 0 and 1 and add up to 1."""
    total = sum(table.values(), Decimal(0))
    if any(not 0 <= one <= 1 for one in table.values()) or abs(total - 1) > Decimal("0.0001"):
        raise ValueError(f"the shares lie between 0 and 1 and add up to 1; these add up to {total}")


def tables(given: dict[str, Decimal | dict[str, Decimal]], by: str | None) -> tuple[dict[str, Decimal], ...]:
    """Return the tables of something that is given for all people, or by the codes of a trait.

    Raises:
        ValueError: It is nested and has no `by`, or the other way round.
    """
    nested = tuple(part for part in given.values() if isinstance(part, dict))
    flat = {code: part for code, part in given.items() if isinstance(part, Decimal)}
    if by is None and nested:
        raise ValueError("numbers by the codes of a trait need `by`")
    if by is not None and flat:
        raise ValueError(f"with `by: {by}` each code of {by} has a table of its own")
    return nested if by is not None else (flat,)


class OfTrait(Node):
    """The trait itself."""

    kind: Literal["trait"]
    trait: Identifier


class OfMarker(Node):
    """A marker as measured."""

    kind: Literal["marker"]
    marker: Identifier


class Total(Node):
    """The sum of markers."""

    kind: Literal["total"]
    of: Annotated[tuple[Identifier, ...], Rows]


class Share(Node):
    """One marker as per cent of a sum of markers."""

    kind: Literal["share"]
    marker: Identifier
    of: Annotated[tuple[Identifier, ...], Rows]


class Several(SourcedNode):
    """A set: each code with its own chance, by the codes of a trait where `by` is given."""

    kind: Literal["set"]
    chances: dict[str, Number | Table]
    by: Identifier | None = None
    unit: Literal["1"] = "1"

    @model_validator(mode="after")
    def _chances(self) -> Several:
        if any(not 0 <= one <= 1 for table in tables(self.chances, self.by) for one in table.values()):
            raise ValueError("a probability lies between 0 and 1")
        return self


class Flag(SourcedNode):
    """Yes or no, fixed for each person."""

    kind: Literal["flag"]
    chance: Number = Field(ge=0, le=1)
    unit: Literal["1"] = "1"


class Step(Node):
    """A code that is given while the marker, as a share of its start, is below a bound (the last step has none)."""

    code: Text
    below: Number | None = None


class Grade(SourcedNode):
    """A code that follows a marker: its share of the start value, with personal noise, against rising bounds."""

    kind: Literal["grade"]
    marker: Identifier
    at_start: Text
    steps: Annotated[tuple[Step, ...], Rows]
    noise: Number = Field(ge=0)
    unit: Literal["1"] = "1"

    @model_validator(mode="after")
    def _rising(self) -> Grade:
        bounds = [step.below for step in self.steps]
        if not bounds or bounds[-1] is not None or None in bounds[:-1]:
            raise ValueError("every step but the last has `below`")
        numbers = [one for one in bounds if one is not None]
        if numbers != sorted(set(numbers)):
            raise ValueError("the bounds of the steps rise")
        return self


class Clearing(Node):
    """A finding that goes away after so many days under effective treatment, and is there again with the marker."""

    kind: Literal["clearing"]
    trait: Identifier
    present: Text
    cleared: Text
    days: Identifier = Field(description="Trait: days of effective treatment until it is cleared")
    marker: Identifier


class Alive(Node):
    """Whether the person lives."""

    kind: Literal["alive"]
    yes: Text
    no: Text


class Taken(Node):
    """Whether medication of one of these groups was begun after study treatment."""

    kind: Literal["taken"]
    groups: Annotated[tuple[Identifier, ...], Rows]


class Leftover(SourcedNode):
    """Tablets brought back at a visit."""

    kind: Literal["leftover"]
    most: int = Field(ge=0)
    unit: Literal["1"] = "1"


Record: TypeAlias = Annotated[
    OfTrait | OfMarker | Total | Share | Several | Flag | Grade | Clearing | Alive | Taken | Leftover, Discriminator("kind")
]
