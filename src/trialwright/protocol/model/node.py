"""What every node of a protocol file may say of itself, and the small types that fields share."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Node(BaseModel):
    """A part of the file: closed (unknown keys are refused) and frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, populate_by_name=True)


class Sourced(Node):
    """A node that may go beyond the registry record, and says so.

    ``assumption`` states what the file adds to the record and ``source`` where it is from; ``public`` opts the node in
    to the public page (the registration itself is always public).
    """

    assumption: str | None = Field(None, description="What this goes beyond the registry record with")
    source: str | None = Field(None, description="Where the statement is from: a label, a paper, a person")
    public: bool = Field(False, description="Show this node on the public page")


def _text(value: Any) -> Any:
    """Accept a bare number where text is wanted (`phase: 2`, `version: 1`)."""
    return (
        str(value)
        if (isinstance(value, (int, float)) and not isinstance(value, bool)) or type(value).__name__ == "Decimal"
        else value
    )


def _words(value: Any) -> Any:
    """Accept one word where a list of words is wanted."""
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, str) else value


def _rows(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


_IDENTIFIER = re.compile(r"^[A-Za-z][A-Za-z0-9_]*$")


Text = Annotated[str, BeforeValidator(_text, json_schema_input_type=str | int | float), Field(min_length=1)]
Words = Annotated[tuple[Text, ...], BeforeValidator(_words, json_schema_input_type=str | list[str | int | float])]
Rows = BeforeValidator(_rows)
Identifier = Annotated[str, Field(pattern=_IDENTIFIER.pattern, description="A name: letters, digits and _, a letter first")]
ExpressionText = Annotated[
    str,
    BeforeValidator(_text, json_schema_input_type=str | int | float),
    Field(min_length=1, description="An expression of the protocol language"),
]
