"""Compiles the schedule: encounters with their occurrences. Plans for nobody; the engine does that."""

from __future__ import annotations

from trialwright.protocol.expressions import Scope, read_expression
from trialwright.protocol.model.population import Encounter, Schedule
from trialwright.protocol.problems import Problems
from trialwright.protocol.source import Path
from trialwright.protocol.study import CompiledEncounter
from trialwright.protocol.timing import Moment, Offset, TimingError, Window, read_duration, read_moments, read_window

MOST_OCCURRENCES = 500


def compile_schedule(
    schedule: Schedule, activities: frozenset[str], scope: Scope, problems: Problems
) -> tuple[CompiledEncounter, ...]:
    """Return the encounters in the file's order; what cannot be read becomes TW-S004 and TW-S005."""
    compiled = []
    seen: set[str] = set()
    for index, encounter in enumerate(schedule.encounters):
        path: Path = ("schedule", "encounters", index)
        if encounter.id in seen:
            problems.add("TW-S006", (*path, "id"), f"Two encounters are called `{encounter.id}`", "Names must be unique.")
        seen.add(encounter.id)
        if encounter.epoch not in schedule.epochs:
            problems.unknown((*path, "epoch"), "epoch", encounter.epoch, schedule.epochs)
        _activities(encounter.do, activities, (*path, "do"), problems)
        compiled.append(_encounter(encounter, path, scope, problems))
    if schedule.unscheduled:
        _activities(schedule.unscheduled.do, activities, ("schedule", "unscheduled", "do"), problems)
    return tuple(compiled)


def _activities(names: tuple[str, ...], known: frozenset[str], path: Path, problems: Problems) -> None:
    for index, name in enumerate(names):
        if name not in known:
            problems.unknown((*path, index), "activity", name, known)


def _encounter(encounter: Encounter, path: Path, scope: Scope, problems: Problems) -> CompiledEncounter:
    window, occurrences, trigger = Window(0, 0), tuple[Moment, ...](), None
    try:
        window = read_window(encounter.window) if encounter.window else window
    except TimingError as error:
        problems.add("TW-S005", (*path, "window"), "The window cannot be read", f"{error}.")
    if encounter.on:
        where = problems.source.at((*path, "on"))
        trigger, findings = read_expression(
            problems.source.written((*path, "on"), encounter.on), scope, where.value, indent_column=where.indent_column
        )
        problems.extend(findings)
    if not (encounter.at or encounter.every or encounter.on):
        problems.add("TW-S005", path, f"`{encounter.id}` says no time", "An encounter has `at`, `every` or `on`.", "at: day 8")
    for field in ("at", "every"):
        if getattr(encounter, field):
            try:
                occurrences = read_moments(encounter.at) if encounter.at else _repeated(encounter)
            except TimingError as error:
                problems.add("TW-S005", (*path, field), "The time cannot be read", f"{error}.")
            break
    label = encounter.label or encounter.id
    return CompiledEncounter(
        encounter.id,
        label,
        encounter.epoch,
        occurrences,
        window,
        encounter.do,
        trigger,
        encounter.arms,
        problems.source.place(path),
    )


def _repeated(encounter: Encounter) -> tuple[Moment, ...]:
    step = read_duration(encounter.every or "")
    if step.count <= 0:
        raise TimingError(f"`every: {encounter.every}` does not move forward")
    if not encounter.first:
        raise TimingError("`every` wants `first` beside it, such as `first: day 8`")
    end_text = encounter.last or encounter.until
    if not end_text:
        raise TimingError("`every` wants `last` or `until` beside it, such as `last: day 78`")
    first, last = read_moments(encounter.first)[0], read_moments(end_text)[0]
    if first.anchor != last.anchor or first.study_day != last.study_day:
        raise TimingError("`first` and the end must count from the same milestone")
    if first.study_day and step.unit != "d":
        raise TimingError("study days step in days or weeks")
    if first.earliest.unit != step.unit or last.earliest.unit != step.unit:
        raise TimingError("`every`, `first` and the end must all be in days and weeks, or all in months")
    moments: list[Moment] = []
    count = first.earliest.count
    while count <= last.latest.count and len(moments) < MOST_OCCURRENCES:
        offset = Offset(count, step.unit)
        moments.append(Moment(first.anchor, offset, offset, first.study_day))
        count += step.count
    return tuple(moments)
