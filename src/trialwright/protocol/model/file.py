"""The protocol file as one model; `json_schema` is published for editors."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from trialwright.protocol.model.aims import (
    Acknowledgement,
    Endpoint,
    Objective,
    Population,
    SampleSize,
    StoppingRule,
    Testing,
)
from trialwright.protocol.model.monitoring import Monitoring
from trialwright.protocol.model.node import Identifier, Node, Rows, Text
from trialwright.protocol.model.population import (
    Activity,
    Arm,
    Code,
    Consent,
    Eligibility,
    Medication,
    Parameter,
    Randomization,
    Schedule,
    Variable,
)
from trialwright.protocol.model.registration import Study
from trialwright.protocol.model.treatment import AdverseEvents, DerivedState, Escalation, Regimen, Response


def _codes(value: Any) -> Any:
    """Accept `HES: Hypereosinophilic syndrome` for `HES: {label: Hypereosinophilic syndrome}`."""
    if not isinstance(value, dict):
        return value
    return {name: {"label": code} if isinstance(code, str) else code for name, code in value.items()}


CodeList = Annotated[dict[Identifier, Code], BeforeValidator(_codes, json_schema_input_type=dict[Identifier, str | Code])]


class ProtocolFile(Node):
    """Everything that one protocol file states."""

    trialwright: Literal[1] = Field(description="The version of the language")
    study: Study
    codes: dict[Identifier, CodeList] = Field(default_factory=dict)
    variables: dict[Identifier, Variable] = Field(default_factory=dict)
    parameters: dict[Identifier, Parameter] = Field(default_factory=dict)
    activities: dict[Identifier, Activity] = Field(default_factory=dict)
    eligibility: Eligibility = Eligibility()
    consent: Consent | None = None
    arms: dict[Identifier, Arm] = Field(default_factory=dict)
    randomization: Randomization | None = None
    schedule: Schedule | None = None
    medications: dict[Identifier, Medication] = Field(default_factory=dict)
    responses: dict[Identifier, Response] = Field(default_factory=dict)
    states: dict[Identifier, DerivedState] = Field(default_factory=dict)
    dosing: dict[Identifier, Regimen] = Field(default_factory=dict)
    escalation: Escalation | None = None
    adverse_events: AdverseEvents | None = None
    populations: dict[Identifier, Population] = Field(default_factory=dict)
    objectives: Annotated[tuple[Objective, ...], Rows] = ()
    endpoints: dict[Identifier, Endpoint] = Field(default_factory=dict)
    sample_size: SampleSize | None = None
    testing: Testing | None = None
    stopping: Annotated[tuple[StoppingRule, ...], Rows] = ()
    monitoring: Annotated[tuple[Monitoring, ...], Rows] = ()
    acknowledged: Annotated[tuple[Acknowledgement, ...], Rows] = ()
    notes: Text | None = None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a protocol file, for editors."""
    schema = ProtocolFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "Trialwright protocol"}
