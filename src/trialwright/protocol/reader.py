"""Reads a protocol file: YAML → model → compiled protocol, with every problem as a finding at its line and column."""

from __future__ import annotations

import difflib
import types
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from trialwright.protocol.compile import compile_protocol
from trialwright.protocol.model.file import ProtocolFile
from trialwright.protocol.problems import Problems
from trialwright.protocol.source import Path, Source, dotted, file_content, read_source
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.findings import Finding, Severity

MOST_FINDINGS = 200


@dataclass(frozen=True, slots=True)
class ProtocolReading:
    """What reading gave: the protocol (None where an error stops it) and every finding on the way."""

    protocol: Protocol | None
    findings: tuple[Finding, ...]


def read_protocol(path: FilePath) -> ProtocolReading:
    """Read the protocol file at ``path``. A file that cannot be opened is a finding (TW-Y012), as is all else."""
    content = file_content(path)
    return parse_protocol(content, str(path)) if isinstance(content, bytes) else ProtocolReading(None, (content,))


def parse_protocol(text: str | bytes, file: str) -> ProtocolReading:
    """Read a protocol's text; ``file`` is the name that findings give."""
    source, findings = read_source(text, file)
    if source is None:
        return ProtocolReading(None, findings)
    try:
        model = ProtocolFile.model_validate(source.data)
    except ValidationError as error:
        return ProtocolReading(None, _shape_findings(error, source))
    protocol, problems = compile_protocol(model, source)
    if any(finding.severity is Severity.ERROR for finding in problems):
        return ProtocolReading(None, _limited(problems))
    return ProtocolReading(protocol, problems)


def _limited(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    if len(findings) <= MOST_FINDINGS:
        return findings
    rest = len(findings) - MOST_FINDINGS
    more = Finding("TW-S099", Severity.NOTE, findings[0].place, f"{rest} further findings are not shown", "Mend these first.")
    return (*findings[:MOST_FINDINGS], more)


def _shape_findings(error: ValidationError, source: Source) -> tuple[Finding, ...]:
    problems = Problems(source)
    told: set[tuple[str, Path]] = set()
    for details in error.errors(include_url=False):
        path = _file_path(details["loc"], source)
        code = _code(details["type"])
        if (code, path) not in told:
            told.add((code, path))
            _add_shape(problems, code, path, details)
    return _limited(tuple(problems.findings))


def _file_path(loc: tuple[int | str, ...], source: Source) -> Path:
    """Keep the steps of pydantic's location that are keys and indices of the file (a union adds names of its own)."""
    path: Path = ()
    for step in loc:
        if (*path, step) in source.located:
            path = (*path, step)
    if loc and isinstance(loc[-1], str) and (*path, loc[-1]) not in source.located and _is_key(loc[-1]):
        return path if path and path[-1] == loc[-1] else (*path, loc[-1])
    return path


def _is_key(step: str) -> bool:
    return step.isidentifier()


def _code(kind: str) -> str:
    return {"extra_forbidden": "TW-S001", "missing": "TW-S002"}.get(kind, "TW-S003")


def _add_shape(problems: Problems, code: str, path: Path, details: ErrorDetails) -> None:
    name = str(path[-1]) if path else ""
    match code:
        case "TW-S001":
            allowed = allowed_keys(ProtocolFile, path[:-1])
            near = difflib.get_close_matches(name, allowed, n=1, cutoff=0.5)
            meant = f"did you mean `{near[0]}`?" if near else ""
            listed = f"Here may stand: {', '.join(allowed[:20])}." if allowed else "Nothing of this name is read here."
            where = problems.source.at(path).key
            title = f"Unknown key `{name}`" + (f": {meant}" if meant else "")
            problems.extend((Finding(code, Severity.ERROR, where, title, listed, tuple(near)),))
        case "TW-S002":
            parent = dotted(path[:-1]) or "the file"
            problems.add(code, path, f"`{name}` is missing", f"{parent} needs it.", f"{name}: …")
        case _:
            problems.add(code, path, f"`{dotted(path)}` cannot be read", _reason(details))


def _reason(details: ErrorDetails) -> str:
    given = details["input"]
    shown = repr(given) if isinstance(given, (str, int, bool)) else type(given).__name__
    message = str(details["msg"]).removeprefix("Value error, ")
    return f"{message}; the file says {shown[:80]}."


def allowed_keys(model: Any, path: Path) -> list[str]:
    """Return the keys that the model accepts at a path, [] where any name may stand."""
    for annotation in _models(model, path):
        return sorted(field.alias or name for name, field in annotation.model_fields.items())
    return []


def _models(annotation: Any, path: Path) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not path:
            return [annotation]
        for name, field in annotation.model_fields.items():
            if path[0] in (name, field.alias):
                return _models(field.annotation, path[1:])
        return []
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict and path:
        return _models(arguments[1], path[1:])
    if origin is tuple and path:
        return _models(arguments[0], path[1:])
    if origin in (Union, types.UnionType) or hasattr(annotation, "__metadata__"):
        return [found for argument in arguments for found in _models(argument, path)]
    return []
