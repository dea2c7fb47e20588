"""Writes docs/reference/protocol-file.md: every section and field of the protocol file, from the models that read it."""

from __future__ import annotations

import types
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from tests.docs import field_meanings, mini_languages, registration_meanings

from trialwright.protocol.model.file import CodeList, ProtocolFile
from trialwright.protocol.model.node import ExpressionText, Identifier, Sourced

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "protocol-file.md"
MEANINGS = {**registration_meanings.MEANINGS, **field_meanings.MEANINGS}
HEAD = """\
# The protocol file

<!-- Written by `make docs` from src/trialwright/protocol/model and tests/docs/field_meanings.py. Change those. -->

A protocol is one YAML 1.2 file of at most 500 kB that begins with `trialwright: 1`. Every value has one place: anchors,
aliases, tags, duplicate keys and tabs are refused, and so is an unknown key (“did you mean”). `yes` and `no` are text. A
value with `: ` in it, or one that begins with `[`, `{`, `%` or `@`, is quoted, or stands below a `>-`.

`trialwright schema` prints the JSON Schema for your editor ([how](../how-to/write-a-protocol.md)); expressions have [a page of
their own](expressions.md).

In the tables below **bold** fields must stand. “Words” is one word or a list of them; a bare number stands for text where text
is wanted. A node marked ◆ may also say:

| field | value | what it is |
|---|---|---|
"""
_NAME = r"^[A-Za-z][A-Za-z0-9_]*$"
MARKED = "◆"


def models() -> list[type[BaseModel]]:
    """Return every model of the file, each after the one that first holds it."""
    found: list[type[BaseModel]] = []

    def visit(model: type[BaseModel]) -> None:
        if model not in found:
            found.append(model)
            for field in model.model_fields.values():
                for inner in held(field.annotation):
                    visit(inner)

    visit(ProtocolFile)
    return found


def held(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from held(part)


def name_of(name: str, field: FieldInfo) -> str:
    return field.alias or name


def own_fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return a model's fields by their name in the file, without those that every ◆ node has."""
    marked = Sourced.model_fields if issubclass(model, Sourced) else {}
    return {name_of(name, field): field for name, field in model.model_fields.items() if name not in marked}


def sentence(model: type[BaseModel], name: str, field: FieldInfo) -> str:
    """Return what a field is for: the model's own description, or the one written for the page."""
    return MEANINGS.get(f"{model.__name__}.{name}") or field.description or ""


def value(annotation: Any) -> str:
    """Return in words what may stand as a value."""
    if annotation == Identifier:
        return "name"
    if annotation == ExpressionText:
        return "[expression](expressions.md)"
    if annotation == CodeList:
        return "code → label, or [code](#code)"
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return "name" if any(_pattern(part) == _NAME for part in parts[1:]) else value(parts[0])
    if origin is Literal:
        return " · ".join(f"`{str(part).lower() if isinstance(part, bool) else part}`" for part in parts)
    if origin in (Union, types.UnionType):
        return " or ".join(dict.fromkeys(value(part) for part in parts if part is not type(None)))
    if origin is tuple:
        return "words" if value(parts[0]) == "text" else f"list of {value(parts[0])}"
    if origin is dict:
        return f"name → {value(parts[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return f"[{heading(annotation).lower()}](#{anchor(annotation)})"
    plain = {str: "text", bool: "`true` · `false`", int: "whole number", float: "number", Decimal: "number"}
    return plain[annotation]


def _pattern(mark: Any) -> str:
    inner = mark.metadata if isinstance(mark, FieldInfo) else [mark]
    return next((str(one.pattern) for one in inner if getattr(one, "pattern", None)), "")


def heading(model: type[BaseModel]) -> str:
    spelled = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in model.__name__).strip()
    return spelled[:1].upper() + spelled[1:]


def anchor(model: type[BaseModel]) -> str:
    return heading(model).lower().replace(" ", "-")


def rows(model: type[BaseModel], fields: dict[str, FieldInfo]) -> Iterator[str]:
    """Yield one row for each field."""
    for name, field in fields.items():
        shown = f"**`{name}`**" if field.is_required() else f"`{name}`"
        default = field.default if isinstance(field.default, (str, int)) and not isinstance(field.default, bool) else None
        usual = f"; `{default}` by default" if default is not None else ""
        given = field.rebuild_annotation()
        yield f"| {shown} | {value(given)}{usual} | {sentence(model, name, field)} |"


def table(model: type[BaseModel]) -> str:
    """Return one model: its sentence and its fields."""
    said = " ".join((model.__doc__ or "").split())
    mark = f" {MARKED}" if issubclass(model, Sourced) else ""
    lines = [f"### {heading(model)}\n", f"{said}{mark}\n", "| field | value | what it is |", "|---|---|---|"]
    return "\n".join([*lines, *rows(model, own_fields(model)), ""])


def render() -> str:
    """Return the whole page."""
    parts = [HEAD + "\n".join(rows(Sourced, dict(Sourced.model_fields))) + "\n"]
    told: set[type[BaseModel]] = {ProtocolFile}
    for name, field in own_fields(ProtocolFile).items():
        parts.append(f"## `{name}`\n\n{field_meanings.SECTIONS[name]}\n")
        parts.append(f"Value: {value(field.rebuild_annotation())}.{' Must stand.' if field.is_required() else ''}\n")
        for model in _below(field):
            if model not in told:
                told.add(model)
                parts.append(table(model))
    parts.append("## How values are written\n")
    parts.append(
        "Each right-hand column was written by the reader itself. What cannot be read is a finding with its line and column.\n"
    )
    parts += [mini_languages.table(title) for title in mini_languages.FORMS]
    return "\n".join(parts)


def _below(field: FieldInfo) -> Iterator[type[BaseModel]]:
    for model in held(field.rebuild_annotation()):
        yield model
        for inner in model.model_fields.values():
            yield from _below(inner)
