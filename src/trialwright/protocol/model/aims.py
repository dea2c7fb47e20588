"""Objectives → endpoints → estimands → analyses, populations, sample size, and what the author acknowledges."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, model_validator

from trialwright.protocol.model.monitoring import Interim, Stage
from trialwright.protocol.model.node import ExpressionText, Identifier, Node, Rows, Sourced, Text, Words


class Population(Sourced):
    """An analysis set."""

    label: Text
    text: Text
    when: ExpressionText | None = None


class Objective(Sourced):
    """A question of the trial and the endpoints that answer it."""

    id: Identifier
    rank: Literal["primary", "secondary", "exploratory"]
    text: Text
    endpoints: Words = ()


class IntercurrentEvent(Node):
    """An event after treatment start that changes what an endpoint means, and how it is read (ICH E9(R1))."""

    event: Text
    strategy: Literal["treatment policy", "composite", "hypothetical", "while on treatment", "principal stratum"]
    reads: Text | None = None


class Endpoint(Sourced):
    """An endpoint with its estimand and its analysis."""

    label: Text
    outcome: Text | None = Field(None, description="The outcome measure of the record that it carries out, verbatim")
    measure: Literal[
        "response", "time", "association", "dose at response", "adverse events", "exposure", "value", "change", "event",
    ] | None = None  # fmt: skip
    response: Identifier | None = None
    category: Identifier | None = None
    confirmed: bool = False
    variable: Identifier | None = None
    event: ExpressionText | None = None
    from_: Text | None = Field(None, alias="from")
    to: Text | None = None
    competing: Words = ()
    of: Identifier | None = None
    with_: Identifier | None = Field(None, alias="with")
    by: Text | None = None
    at: Text | None = None
    population: Identifier | None = None
    among: ExpressionText | Text | None = None
    intercurrent: Annotated[tuple[IntercurrentEvent, ...], Rows] = ()
    summary: Text | None = None
    interval: Text | None = None
    compare: Text | None = Field(None, description="The arms compared and how: `difference`, `hazard ratio`, `odds ratio`")
    adjusted_for: Words = Field((), description="Variables or strata that the comparison is adjusted for")
    margin: Text | None = Field(None, description="Of non-inferiority or equivalence, in the unit of the summary")
    missing: Text | None = Field(None, description="How missing values are treated, in words")
    method: Text | None = None
    multiplicity: Text | None = None


class Testing(Sourced):
    """How the error rate is kept over several tests."""

    procedure: Literal["single", "fixed sequence", "bonferroni", "holm", "hochberg", "graphical", "alpha spending", "none"]
    alpha: Text | None = None
    sided: Literal[1, 2] = 2
    order: Words = Field((), description="Endpoints, in the order in which they are tested")


class StoppingRule(Sourced):
    """A rule of the trial as a whole: when recruitment or treatment of everybody stops."""

    id: Identifier
    kind: Literal["efficacy", "futility", "harm", "feasibility", "escalation"]
    after: Text | None = Field(None, description="When it is looked at: `after 20 participants`, `every 6 mo`")
    rule: Text
    by: Text | None = Field(None, description="Who decides: `data monitoring committee`")


NamedDesign = Literal[
    "simon optimal",
    "simon minimax",
    "simon admissible",
    "fleming",
    "ahern",
    "exact single stage",
    "predictive probability",
    "posterior",
    "two proportions",
    "survival",
]


_RATES = ("p0", "p1", "hazard_ratio", "alpha", "beta", "power")


def _sized(value: Any) -> Any:
    """Read the planned number and the justification out of a named design, where the file leaves them out."""
    if not isinstance(value, dict) or "design" not in value:
        return value
    filled = {"planned": value["n"], **value} if "n" in value else value
    rates = [f"{name.replace('_', ' ')} {value[name]}" for name in _RATES if name in value]
    return {"justification": f"{value['design']} design{': ' if rates else ''}{', '.join(rates)}", **filled}


def _schema(schema: dict[str, Any]) -> None:
    schema.pop("required", None)
    schema["anyOf"] = [{"required": ["planned", "justification"]}, {"required": ["design", "n"]}]


class SampleSize(Sourced):
    """How many participants, and why. With a named `design` the numbers are recomputed by `check`."""

    model_config = ConfigDict(json_schema_extra=_schema)

    planned: Annotated[int, Field(ge=1)]
    justification: Text
    design: NamedDesign | None = Field(None, description="A textbook design; its numbers are recomputed")
    p0: Text | None = None
    p1: Text | None = None
    alpha: Text | None = None
    beta: Text | None = Field(None, description="Error of the second kind: 1 - power")
    power: Text | None = None
    sided: Literal[1, 2] | None = None
    r1: Annotated[int, Field(ge=0)] | None = Field(None, description="Most responders of the first stage that stop the trial")
    n1: Annotated[int, Field(ge=1)] | None = Field(None, description="Participants of the first stage")
    r: Annotated[int, Field(ge=0)] | None = Field(None, description="Most responders that do not reject the null")
    n: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Participants of the whole design; `planned` where that is left out"
    )
    stages: Annotated[tuple[Stage, ...], Rows] = Field((), description="Looks of a design of several stages")
    test: Literal["z", "z continuity", "fisher exact"] | None = Field(None, description="How two proportions are compared")
    ratio: Text | None = Field(None, description="Participants of the first arm for each of the second")
    interim: Interim | None = Field(None, description="Group-sequential looks of a comparison of two arms")
    hypothesis: Text | None = None
    difference: Text | None = Field(None, description="The difference to detect, in the endpoint's unit: `0.4 %`")
    deviation: Text | None = Field(None, description="The standard deviation that was assumed")
    hazard_ratio: Text | None = None
    events: Annotated[int, Field(ge=1)] | None = Field(None, description="Events needed, for time to event")
    dropout: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_design(cls, value: Any) -> Any:
        return _sized(value)


class Acknowledgement(Node):
    """A finding that the author keeps, with the reason; the page and the report show it."""

    code: Annotated[str, Field(pattern=r"^TW-[A-Z]\d{3}$")]
    path: Text | None = None
    reason: Text
