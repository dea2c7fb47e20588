"""Rules that are computed from the counts of the whole trial, and the stages of a stated design. Free-text rules: `stopping`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from trialwright.protocol.model.node import ExpressionText, Identifier, Node, Sourced, Text, Words


def _looks(value: Any) -> Any:
    """Accept one number where a list of looks is wanted."""
    return (value,) if isinstance(value, int) and not isinstance(value, bool) else value


Looks = Annotated[Words, BeforeValidator(_looks, json_schema_input_type=int | str | list[int | str])]


class Monitoring(Sourced):
    """A stopping rule that is computed: conduct refuses enrolment once it says stop, and simulation obeys it."""

    id: Identifier
    rule: Literal["two-stage futility", "counts", "predictive probability", "posterior"]
    endpoint: Identifier | None = Field(None, description="The response endpoint whose responders are counted")
    event: ExpressionText | None = Field(None, description="The harm that is counted, once a participant")
    within: Text | None = Field(
        None, description="When a participant without the event counts as free of it: `28 d after first dose`"
    )
    looks: Looks = Field(description="Participants at each look: `13`, `[10, 20]`, `every 5 from 10`")
    stop_if: Text = Field(description="`responders <= 3`, `P(rate > 0.3) > 0.9`, `predictive probability < 0.05`; joined by `or`")
    prior: Text | None = Field(None, description="`beta(1, 1)`")
    success_if: Text | None = Field(None, description="What the final analysis must show: `P(rate > 0.2) > 0.95`")
    meanwhile: Literal["enrol", "wait"] = Field(
        "enrol", description="What happens between the last participant of a look and its result"
    )
    binding: bool = Field(True, description="False: the rule advises, and enrolment goes on with a warning")


class Stage(Node):
    """A look of a stated design, in participants and responders from the beginning of the trial."""

    n: Annotated[int, Field(ge=1)]
    accept: Annotated[int, Field(ge=-1)] | None = None
    reject: Annotated[int, Field(ge=0)] | None = None


class Interim(Node):
    """Group-sequential boundaries of a stated design. People carry them out: the engine does not know who received what."""

    type: Literal[
        "obrien-fleming", "pocock", "spending obrien-fleming", "spending pocock", "power", "hwang-shih-decani"
    ]  # fmt: skip
    shares: Looks = Field(
        description="Information at each look as a share of all: `[0.5, 1]`; or one number: so many equal looks"
    )
    parameter: Text | None = Field(None, description="rho of `power`, gamma of `hwang-shih-decani`")
    z: Words = Field((), description="Critical values of z, one a look; recomputed to the digits stated")
