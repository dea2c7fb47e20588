"""The structure of an operating-characteristics run: what of a protocol is played with a file's chances. Data only, no numbers.

Two files that differ only in their numbers have one design, so a kernel compiled for it serves a whole grid of scenarios.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trialwright.protocol.expressions import Input, VariableType
from trialwright.protocol.study import CompiledRegimen, CompiledResponse, Protocol
from trialwright.simulation.operating.visits import Visits

CONSENT_DAYS_BEFORE, ENROLMENT_DAYS_BEFORE = 14, 1


@dataclass(frozen=True, slots=True)
class TraitPlan:
    """A trait that is drawn once for each participant; ``by`` is the index of the trait that its shares depend on (-1: none)."""

    name: str
    codes: tuple[str, ...]
    by: int


@dataclass(frozen=True, slots=True)
class VariablePlan:
    """How a variable that the protocol reads comes about.

    Args:
        name: The variable.
        type: As the protocol declares it.
        kind: ``finite`` (one of few values, by ``trait`` and, with ``by_response``, by the response), ``amount``, ``flag``.
        trait: Index of the trait that it depends on; -1 none.
        by_response: Whether it shows the response.
        missing: Whether the file lets it go missing.
        noisy: Of an amount: whether it differs from visit to visit.
        by_dose: Of an amount: whether the dose changes it.
        precision: Smallest step that is reported, as a ratio of whole numbers; None where it is not rounded.
        completed: Rounded downwards.
    """

    name: str
    type: VariableType
    kind: Literal["finite", "amount", "flag"]
    trait: int
    by_response: bool
    missing: bool
    noisy: bool
    by_dose: bool
    precision: tuple[int, int] | None
    completed: bool


@dataclass(frozen=True, slots=True)
class EventPlan:
    """A kind of adverse event; ``grades`` highest first, ``serious_from`` the grade from which it is serious."""

    name: str
    term: str
    grades: tuple[int, ...]
    lasts_days: int
    related: bool
    expected: bool
    serious_from: int
    groups: frozenset[str]
    trait: int


@dataclass(frozen=True, slots=True)
class ResponsePlan:
    """The response that the file gives chances for: ``none`` until ``category`` is reached."""

    of: str
    category: str
    trait: int
    lost: bool
    lost_trait: int


@dataclass(frozen=True, slots=True)
class Goal:
    """What counts as a responder: ``category`` or better of a response, up to a day from the first dose.

    Both seen and confirmed are counted.
    """

    response: str
    category: str
    confirmed: bool
    endpoint: str
    until_day: int


@dataclass(frozen=True, slots=True)
class Chances:
    """Further chances, each with the index of its trait (-1: none); None where the file has none."""

    leaves: int | None
    missed: int | None
    declines: int | None


@dataclass(frozen=True, slots=True)
class Design:
    """Everything that stays the same while numbers vary.

    Args:
        protocol: The protocol that is played.
        arm: The arm that everybody is in.
        regimen: Its dosing, as the arm receives it.
        visits: When participants are seen.
        gaps: The distinct numbers of days between two visits; ``gap_of[v]`` is the index of the gap before visit ``v``.
        traits: In an order in which each depends on earlier ones only.
        variables: Those that something which decides reads, without derived ones.
        derived: Derived variables that are read, in the order in which they are computed.
        responses: The responses that are assessed, in the protocol's order.
        goal: What counts as a responder; None where nothing does.
        response: The file's own response; None where the records alone decide.
        events: Kinds of adverse events.
        chances: Leaving, missing a visit, declining an increase.
        limits: Index of the trait that a variable's upper limit of normal depends on (-1: none), by variable.
        inputs: All that rules, responses and derivations read.
        sites: Simulated sites, for accrual; empty where the file says nothing of it.
    """

    protocol: Protocol
    arm: str
    regimen: CompiledRegimen
    visits: Visits
    gaps: tuple[int, ...]
    gap_of: tuple[int, ...]
    traits: tuple[TraitPlan, ...]
    variables: tuple[VariablePlan, ...]
    derived: tuple[str, ...]
    responses: tuple[CompiledResponse, ...]
    goal: Goal | None
    response: ResponsePlan | None
    events: tuple[EventPlan, ...]
    chances: Chances
    limits: dict[str, int]
    inputs: frozenset[Input]
    sites: tuple[str, ...]

    @property
    def levels(self) -> int:
        """How many dose levels there are."""
        return len(self.regimen.levels)

    @property
    def trait_names(self) -> tuple[str, ...]:
        """The traits' names."""
        return tuple(trait.name for trait in self.traits)

    def variable(self, name: str) -> VariablePlan:
        """Return the plan of a variable."""
        return next(one for one in self.variables if one.name == name)
