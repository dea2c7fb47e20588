"""Reads a file of virtual people: YAML → model, with every problem as a finding at its line and column. Simulates nobody."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path as FilePath

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from trialwright.protocol.problems import Problems
from trialwright.protocol.reader import allowed_keys
from trialwright.protocol.source import Path, Source, dotted, file_content, read_source
from trialwright.simulation.virtual.model import Virtual
from trialwright.simulation.virtual.names import check_names
from trialwright.vocabulary.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class VirtualReading:
    """What reading gave: the file (None where an error stops it), where its values stand, and every finding on the way."""

    virtual: Virtual | None
    source: Source | None
    findings: tuple[Finding, ...]


def read_virtual(path: FilePath) -> VirtualReading:
    """Read the file at ``path``; one that cannot be opened is a finding (TW-Y012)."""
    content = file_content(path)
    return parse_virtual(content, str(path)) if isinstance(content, bytes) else VirtualReading(None, None, (content,))


def parse_virtual(text: str | bytes, file: str) -> VirtualReading:
    """Read the text of a file; ``file`` is the name that findings give."""
    source, findings = read_source(text, file)
    if source is None:
        return VirtualReading(None, None, findings)
    try:
        virtual = Virtual.model_validate(source.data)
    except ValidationError as error:
        return VirtualReading(None, source, shape_findings(error, source, Virtual))
    problems = Problems(source)
    check_names(virtual, problems)
    if problems.findings:
        return VirtualReading(None, source, tuple(problems.findings))
    return VirtualReading(virtual, source, ())


def shape_findings(error: ValidationError, source: Source, model: type[BaseModel]) -> tuple[Finding, ...]:
    """Return what is wrong with the shape of a file, each once, at its place; ``model`` is what the file should be."""
    problems = Problems(source)
    told: set[tuple[str, Path]] = set()
    for details in error.errors(include_url=False):
        path = _file_path(details["loc"], source, details["type"])
        code = {"extra_forbidden": "TW-V001", "missing": "TW-V002"}.get(details["type"], "TW-V003")
        if (code, path) not in told:
            told.add((code, path))
            _add(problems, code, path, details, model)
    return tuple(problems.findings)


def _file_path(loc: tuple[int | str, ...], source: Source, kind: str) -> Path:
    """Keep the steps of pydantic's location that are keys and indices of the file (a union adds names of its own)."""
    path: Path = ()
    for step in loc:
        if (*path, step) in source.located:
            path = (*path, step)
    if kind == "missing" and isinstance(loc[-1], str):
        return (*path, loc[-1])
    return path


def _add(problems: Problems, code: str, path: Path, details: ErrorDetails, model: type[BaseModel]) -> None:
    name = str(path[-1]) if path else ""
    match code:
        case "TW-V001":
            allowed = allowed_keys(model, path[:-1])
            near = difflib.get_close_matches(name, allowed, n=1, cutoff=0.5)
            title = f"Unknown key `{name}`" + (f": did you mean `{near[0]}`?" if near else "")
            listed = f"Here may stand: {', '.join(allowed[:25])}." if allowed else "Nothing of this name is read here."
            where = problems.source.at(path).key
            problems.extend((Finding(code, Severity.ERROR, where, title, listed, tuple(near)),))
        case "TW-V002":
            problems.add(code, path, f"`{name}` is missing", f"{dotted(path[:-1]) or 'the file'} needs it.", f"{name}: …")
        case _:
            given = details["input"]
            shown = (
                f"; the file says {given if isinstance(given, Decimal) else repr(given)}"[:100]
                if isinstance(given, (str, int, bool, Decimal))
                else ""
            )
            named = dotted(path) or ".".join(str(step) for step in details["loc"][:1])
            message = str(details["msg"]).removeprefix("Value error, ")
            problems.add(code, path, f"`{named}` cannot be read", f"{message}{shown}.")
