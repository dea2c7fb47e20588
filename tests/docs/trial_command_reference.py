"""Writes docs/reference/trial-commands.md: what `record` takes, who may give it, and what follows in the log.

Fields come from the models, roles from the table of authority, and the events that follow from playing a small trial in which
every command is given at least once.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic.fields import FieldInfo
from tests.tiny_protocol import SPONSOR, Script, at_noon, bloods, on_day

from trialwright.conduct import commands as asked
from trialwright.conduct.authority import MAY
from trialwright.conduct.commands import COMMANDS, Command
from trialwright.events.catalogue import On

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "trial-commands.md"
HEAD = """\
# The commands of a trial

<!-- Written by `make docs` from src/trialwright/conduct and from a small trial that is played. Change those. -->

What `trialwright record` takes: a JSON object for each command, with its name under `command`
([JSON](../tutorial/first-trial.md), [CSV](../how-to/record-from-a-spreadsheet.md)). Three further fields may stand in each:

| field | value | what it is |
|---|---|---|
| `at` | instant, `2005-03-01T16:00:00Z` | When it is recorded; that of `--at`, or now, by default |
| `actor` | `person:role:site` | Who records it; that of `--as` by default |
| `key` | text | Its idempotency key: under one key a command is accepted once. By default, what it says and where it stands |

- **Facts are never refused** for breaking the protocol: a visit too late, a dose above the highest level and an adverse event
  reported too late are recorded, with a deviation. What is malformed, or names something that does not exist, is refused.
- **Authorisations can be refused**: `EnrolParticipant` and `PrescribeDose`.
- A command is carried out **whole or not at all**.
- `on` is a date at the site, neither in the future (one day is allowed, for time zones) nor before 1950.
- Once roles have been delegated, only those who hold one may act, each at their site; the sponsor needs no delegation.

**Bold** fields must stand. *Followed by* lists every event that the command recorded in the trial that is played for this page.
"""


def value(annotation: Any) -> str:
    """Return in words what a field takes."""
    if annotation == On:
        return "date"
    if annotation == asked.Given:
        return "decimal (with its unit, if another), code, list of codes, `true` · `false`, or date"
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _bounded(parts[1:]) or value(parts[0])
    if origin is Literal:
        return " · ".join(f"`{part}`" for part in parts)
    if origin in (Union, types.UnionType):
        return " or ".join("`null`" if part is type(None) else value(part) for part in parts)
    if origin is tuple:
        inner = value(parts[0])
        return f"list of {inner}" if parts[-1] is ... else f"[{', '.join(value(part) for part in parts)}]"
    if origin is dict:
        return f"name → {value(parts[1])}"
    return {str: "text", bool: "`true` · `false`", int: "whole number", date: "date"}[annotation]


def _bounded(metadata: tuple[Any, ...]) -> str:
    """Return in words what the constraints of a field say that its type doesn't; empty for nothing."""
    marks = [mark for one in metadata for mark in (one.metadata if isinstance(one, FieldInfo) else [one])]
    low, high = (next((getattr(one, side) for one in marks if hasattr(one, side)), None) for side in ("ge", "le"))
    if any(getattr(one, "pattern", "") for one in marks):
        return "decimal"
    return f"{low} to {high}" if low is not None else ""


def given(script: Script) -> Iterator[tuple[Command, frozenset[str]]]:
    """Play every command; yield each with the kinds of event that it recorded."""
    submit = script.trial.submit
    told: list[tuple[Command, frozenset[str]]] = []

    def listening(command: Any, **more: Any) -> Any:
        outcome = submit(command, **more)
        told.append((command, frozenset(type(event).__name__ for event in outcome.events)))
        return outcome

    script.trial.submit = listening  # type: ignore[method-assign]  # the page listens to what is played
    play(script)
    yield from told


def play(script: Script) -> None:
    """One participant from registration to death, one with rescue medication, one whom the criteria leave open."""
    script.do(asked.DelegateAuthority(person="doctor", roles=("investigator",), on=on_day(-60)), SPONSOR)
    script.treat()
    script.do(asked.ScreenCandidate(participant="P1", on=on_day(1)))
    script.visit(9, "week", 1, **bloods("0.8"))
    script.visit(16, "week", 2, **bloods("0.7"))
    script.visit(27, "week", 3, **bloods("0.7"))
    script.dose(27, "300", reason="the participant wishes it")
    script.do(asked.RecordDose(participant="P1", on=on_day(28), dose="500"))
    script.do(asked.MissVisit(participant="P1", on=on_day(29), encounter="week", occurrence=4))
    corrected = script.person().observations["anc"][-1].entry
    script.do(asked.CorrectObservation(participant="P1", on=on_day(30), corrects=corrected, value="4.0", reason="misread"))
    late = asked.ReportAdverseEvent(
        participant="P1", on=on_day(30), term="Rash", grade=4, serious=True, related=True, expected=False, aware_on=on_day(30)
    )
    event = script.do(late, at=at_noon(on_day(60))).entries[0].sequence
    script.do(asked.FollowAdverseEvent(participant="P1", on=on_day(60), event=event, grade=2), at=at_noon(on_day(60)))
    script.do(asked.StopTreatment(participant="P1", on=on_day(63), reason="investigator"))
    script.visit(70, **bloods("6"))
    script.visit(78, **bloods("6"))
    script.do(asked.NoteDeviation(participant="P1", on=on_day(78), deviation="other", detail="seen by the monitor"))
    script.do(asked.WithdrawConsent(participant="P1", on=on_day(79), extent="treatment"))
    script.do(asked.RecordDeath(participant="P1", on=on_day(80)))
    script.do(asked.EndFollowUp(participant="P1", on=on_day(80), reason="death"))
    script.treat("P2")
    script.visit(9, "week", 1, who="P2", **bloods("0.8"))
    script.visit(16, "week", 2, who="P2", **bloods("0.7"))
    begun = asked.StartMedication(participant="P2", on=on_day(61), group="rescue", name="Prednisone", change="new")
    medication = script.do(begun).entries[0].sequence
    script.do(asked.StopMedication(participant="P2", on=on_day(62), medication=medication))
    script.register("P3")
    script.visit(-13, "screening", who="P3", age="15")
    clarified = asked.ClarifyEligibility(
        participant="P3", on=on_day(-12), criteria=("I2",), admit=True, reason="protocol letter 1"
    )
    script.do(clarified, SPONSOR)
    known = {
        "endpoint": next(iter(script.trial.protocol.file.endpoints)),
        "enrolled": 2,
        "known": 1,
        "responders": 0,
        "planned": 3,
    }
    asked_for = {"question": "interval above 10 %", "answer": "0.25", "trials": 1000, "seed": "1", "virtual": "none"}
    script.do(asked.TakeInterimLook.model_validate({**known, **asked_for, "on": on_day(62)}), SPONSOR)


def followed_by() -> dict[str, frozenset[str]]:
    """Return the kinds of event that each command recorded when it was played."""
    script = Script()
    found: dict[str, frozenset[str]] = {"OpenTrial": frozenset({script.trial.entries[0].kind})}
    for command, kinds in given(script):
        name = type(command).__name__
        found[name] = found.get(name, frozenset()) | kinds
    return found


def section(name: str, model: type[Command], events: frozenset[str]) -> str:
    """Return one command with its roles, fields and events."""
    said = "\n\n".join(" ".join(part.split()) for part in (model.__doc__ or "").replace("``", "`").split("\n\n"))
    rows = []
    for field_name, field in model.model_fields.items():
        shown = f"**`{field_name}`**" if field.is_required() else f"`{field_name}`"
        usual = (
            f"; `{field.default}` by default" if isinstance(field.default, int) and not isinstance(field.default, bool) else ""
        )
        rows.append(f"| {shown} | {value(field.rebuild_annotation())}{usual} |")
    return "\n".join(
        [
            f"## {name}\n",
            f"{said}\n",
            f"*For:* {', '.join(sorted(MAY[name]))}. *Followed by:* {', '.join(sorted(events))}.\n",
            "| field | value |",
            "|---|---|",
            *rows,
            "",
        ]
    )


def render() -> str:
    """Return the whole page."""
    events = followed_by()
    return "\n".join([HEAD, *(section(name, model, events[name]) for name, model in COMMANDS.items())])
