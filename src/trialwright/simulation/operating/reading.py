"""Reads a file of operating characteristics, with some of its numbers set otherwise; problems become findings at their place.

A number is addressed by its path in the file; the steps `value` and `choice` may be left out: `response.fp_negative`,
`events.severe.400`, `traits.fusion.fp_positive`. With `arms.placebo.` before it, it is set for one arm. Simulates nobody.
"""

from __future__ import annotations

import copy
import difflib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from trialwright.protocol.source import Path, Source, file_content, read_source
from trialwright.simulation.operating.file import Operating
from trialwright.simulation.virtual.reader import shape_findings
from trialwright.vocabulary.findings import Finding, Place, Refused, Severity

MOST_DIGITS, MOST_TOLD = 30, 5
_LEFT_OUT = ("value", "choice")
_NOT_SET = (("trialwright_virtual",), ("uncertain",))
PARTICIPANTS, ARMS = "participants", "arms"


@dataclass(frozen=True, slots=True)
class OperatingReading:
    """What reading gave: the file (None where an error stops it), where its values stand, and every finding on the way."""

    operating: Operating | None
    source: Source | None
    findings: tuple[Finding, ...]


def read_operating(path: FilePath) -> OperatingReading:
    """Read the file at ``path``; one that cannot be opened is a finding (TW-Y012)."""
    content = file_content(path)
    return parse_operating(content, str(path)) if isinstance(content, bytes) else OperatingReading(None, None, (content,))


def parse_operating(text: str | bytes, file: str) -> OperatingReading:
    """Read the text of a file; ``file`` is the name that findings give."""
    source, findings = read_source(text, file)
    if source is None:
        return OperatingReading(None, None, findings)
    return validated(source)


def validated(source: Source) -> OperatingReading:
    """Return a file of these values, or what is wrong with it."""
    try:
        operating = Operating.model_validate(source.data)
    except ValidationError as error:
        return OperatingReading(None, source, shape_findings(error, source, Operating))
    return OperatingReading(operating, source, ())


def settable(source: Source) -> dict[str, Path]:
    """Return the path of every number that may be set, by how it is addressed, in the order of the file."""
    found: dict[str, Path] = {}
    _collect(source.data, (), found)
    found.setdefault(PARTICIPANTS, (PARTICIPANTS,))
    return found


def _collect(value: Any, path: Path, found: dict[str, Path]) -> None:
    if isinstance(value, dict):
        for key, part in value.items():
            if (*path, key) not in _NOT_SET:
                _collect(part, (*path, key), found)
    elif isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        found.setdefault(".".join(str(step) for step in path if step not in _LEFT_OUT), path)


def with_settings(reading: OperatingReading, settings: Mapping[str, str | float | Decimal]) -> OperatingReading:
    """Return the file with some of its numbers set; where one share of a choice is set, the others keep their proportions.

    Args:
        reading: A file that was read.
        settings: Path → number; a leading ``virtual.`` is taken for granted.

    Raises:
        Refused: A path that names no number (TW-V020), text that is no number (TW-V003).
    """
    assert reading.source is not None
    if not settings:
        return reading
    data: dict[str, Any] = copy.deepcopy(reading.source.data)
    known = settable(reading.source)
    paths = {name: _path(name, known, reading.source) for name in settings}
    for name, given in settings.items():
        _open(data, paths[name], name, reading.source)
        _set(data, paths[name], _number(name, given, reading.source.place(paths[name])))
    for path in dict.fromkeys(path[:-1] for path in paths.values() if "choice" in path):
        _rescale(data, path, {str(one[-1]) for one in paths.values() if one[:-1] == path})
    found = validated(Source(reading.source.file, data, reading.source.located, reading.source.folded))
    return replace(found, findings=tuple(_with_what_was_set(one, settings) for one in found.findings))


def _with_what_was_set(finding: Finding, settings: Mapping[str, str | float | Decimal]) -> Finding:
    told = ", ".join(f"{name} = {value}" for name, value in list(settings.items())[:MOST_TOLD])
    return replace(finding, detail=f"{finding.detail} Set was: {told}{' …' if len(settings) > MOST_TOLD else ''}.")


def _path(name: str, known: Mapping[str, Path], source: Source) -> Path:
    short = ".".join(step for step in name.removeprefix("virtual.").split(".") if step not in _LEFT_OUT)
    if short in known:
        return known[short]
    arms, _, rest = short.partition(".")
    arm, _, of_arm = rest.partition(".")
    if arms == ARMS and arm and of_arm in known and not of_arm.startswith(f"{ARMS}."):
        return (ARMS, arm, *known[of_arm])
    near = difflib.get_close_matches(short, known, n=3)
    detail = f"The numbers of the file are: {', '.join(list(known)[:30])}{' …' if len(known) > 30 else ''}."
    title = f"There is no number `{name}` in the file"
    raise Refused((Finding("TW-V020", Severity.ERROR, Place(source.file), title, detail, tuple(near)),))


def _number(name: str, given: str | float | Decimal, place: Place) -> int | Decimal:
    try:
        number = Decimal(str(given).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS:
        detail = f"`{given}` was given for `{name}`."
        raise Refused((Finding("TW-V003", Severity.ERROR, place, "A number is wanted", detail, (f"{name}=0.25",)),))
    return int(number) if number == number.to_integral_value() and abs(number) < 10**9 else number


def _open(data: dict[str, Any], path: Path, name: str, source: Source) -> None:
    """Make room for a number that an arm has no own of yet; a choice is taken over whole, so that its shares still add up."""
    step: Any = data
    for depth, key in enumerate(path[:-1] if path[0] == ARMS else ()):
        if key not in step:
            step[key] = copy.deepcopy(_at(data, path[2 : depth + 1])) if key == "choice" else {}
        step = step[key]
        if not isinstance(step, dict):
            detail = "The arm says something else there."
            raise Refused((Finding("TW-V020", Severity.ERROR, source.place(path), f"`{name}` cannot be set", detail),))


def _at(data: Any, path: Path) -> Any:
    for key in path:
        data = data[key]
    return data


def _set(data: dict[str, Any], path: Path, number: int | Decimal) -> None:
    _at(data, path[:-1])[path[-1]] = number


def _rescale(data: dict[str, Any], path: Path, kept: set[str]) -> None:
    """Let the shares that were not set share out what is left."""
    table: Any = _at(data, path)
    rest = [key for key in table if key not in kept]
    left = Decimal(1) - sum((Decimal(table[key]) for key in kept), Decimal(0))
    total = sum((Decimal(table[key]) for key in rest), Decimal(0))
    for key in rest:
        share = left / len(rest) if total == 0 else left * Decimal(table[key]) / total
        table[key] = share if left >= 0 else table[key]
