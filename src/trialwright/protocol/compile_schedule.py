"""Compiles the schedule: encounters with their occurrences. Plans for nobody; the engine does that."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, replace

from trialwright.protocol.expressions import Kind, Scope, read_expression
from trialwright.protocol.model.population import Encounter, Schedule
from trialwright.protocol.problems import Problems
from trialwright.protocol.source import Path
from trialwright.protocol.study import CompiledEncounter
from trialwright.protocol.timing import (
    MILESTONES,
    Moment,
    Offset,
    TimingError,
    Window,
    read_duration,
    read_moments,
    read_window,
)

MOST_OCCURRENCES = 500


def compile_schedule(
    schedule: Schedule, activities: frozenset[str], day_1: str, scope: Scope, problems: Problems
) -> tuple[CompiledEncounter, ...]:
    """Return the encounters in the file's order; what cannot be read becomes TW-S004 and TW-S005."""
    compiled = []
    seen: set[str] = set()
    timing = _timing(schedule, day_1, problems)
    for index, encounter in enumerate(schedule.encounters):
        path: Path = ("schedule", "encounters", index)
        if encounter.id in seen:
            problems.add("TW-S006", (*path, "id"), f"Two encounters are called `{encounter.id}`", "Names must be unique.")
        seen.add(encounter.id)
        if encounter.epoch not in schedule.epochs:
            problems.unknown((*path, "epoch"), "epoch", encounter.epoch, schedule.epochs)
        _activities(encounter.do, activities, (*path, "do"), problems)
        for place, arm in enumerate(encounter.arms):
            if arm not in scope.arms:
                problems.unknown((*path, "arms", place), "arm", arm, scope.arms)
        compiled.append(_encounter(encounter, path, timing, scope, problems))
    if schedule.unscheduled:
        _activities(schedule.unscheduled.do, activities, ("schedule", "unscheduled", "do"), problems)
    return tuple(compiled)


def _activities(names: tuple[str, ...], known: frozenset[str], path: Path, problems: Problems) -> None:
    for index, name in enumerate(names):
        if name not in known:
            problems.unknown((*path, index), "activity", name, known)


@dataclass(frozen=True, slots=True)
class _Timing:
    """What the schedule's own times count from, and how long its cycles are (None: it has none)."""

    day_1: str
    cycle_days: int | None

    def read(self, text: str) -> tuple[Moment, ...]:
        moments = read_moments(text, self.cycle_days)
        return tuple(replace(moment, anchor=self.day_1) if moment.study_day else moment for moment in moments)


def _timing(schedule: Schedule, day_1: str, problems: Problems) -> _Timing:
    if schedule.cycle is None:
        return _Timing(day_1, None)
    try:
        length = read_duration(schedule.cycle)
        if length.count <= 0 or length.unit != "d":
            raise TimingError(f"`cycle: {schedule.cycle}` is no number of days or weeks")
        return _Timing(day_1, length.count)
    except TimingError as error:
        problems.add("TW-S005", ("schedule", "cycle"), "The length of a cycle cannot be read", f"{error}.", "cycle: 21 d")
        return _Timing(day_1, 1)


def _encounter(encounter: Encounter, path: Path, timing: _Timing, scope: Scope, problems: Problems) -> CompiledEncounter:
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
    if sum(field is not None for field in (encounter.at, encounter.every, encounter.on)) != 1:
        title = f"`{encounter.id}` says {'no time' if not (encounter.at or encounter.every) else 'two times'}"
        problems.add("TW-S005", path, title, "An encounter has one of `at`, `every` and `on`.", "at: day 8")
    field = "at" if encounter.at else "every"
    if encounter.at or encounter.every:
        try:
            occurrences = timing.read(encounter.at) if encounter.at else _repeated(encounter, timing)
            check_anchors(occurrences, scope)
        except TimingError as error:
            problems.add("TW-S005", (*path, field), "The time cannot be read", f"{error}.")
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


def _repeated(encounter: Encounter, timing: _Timing) -> tuple[Moment, ...]:
    step = read_duration(encounter.every or "")
    if step.count <= 0:
        raise TimingError(f"`every: {encounter.every}` does not move forward")
    if not encounter.first:
        raise TimingError("`every` wants `first` beside it, such as `first: day 8`")
    end_text = encounter.last or encounter.until
    if not end_text:
        raise TimingError("`every` wants `last` or `until` beside it, such as `last: day 78`")
    first, last = timing.read(encounter.first)[0], timing.read(end_text)[0]
    if first.anchor != last.anchor or first.study_day != last.study_day:
        raise TimingError("`first` and the end must count from the same milestone")
    if first.study_day and step.unit != "d":
        raise TimingError("study days step in days or weeks")
    if first.earliest.unit != step.unit or last.earliest.unit != step.unit:
        raise TimingError("`every`, `first` and the end must all be in days and weeks, or all in months")
    return tuple(_steps(encounter, first, last, step))


def _steps(encounter: Encounter, first: Moment, last: Moment, step: Offset) -> list[Moment]:
    """Step from the first to the last moment; study days are counted without a day 0."""
    low, high = (first.days[0], last.days[1]) if first.study_day else (first.earliest.count, last.latest.count)
    if high < low:
        raise TimingError(f"`{encounter.last or encounter.until}` comes before `{encounter.first}`")
    if (high - low) // step.count >= MOST_OCCURRENCES:
        raise TimingError(f"that makes more than {MOST_OCCURRENCES} visits")
    moments = []
    for count in range(low, high + 1, step.count):
        offset = Offset(count + 1 if first.study_day and count >= 0 else count, step.unit)
        moments.append(Moment(first.anchor, offset, offset, first.study_day))
    return moments


def check_anchors(moments: tuple[Moment, ...], scope: Scope) -> None:
    """See that each moment counts from a milestone, a visit or a date variable.

    Raises:
        TimingError: It counts from something that nobody declared.
    """
    dates = [name for name, variable in scope.variables.items() if variable.kind is Kind.DATE]
    known = (*MILESTONES, *sorted(scope.encounters), *sorted(scope.milestones), *dates)
    for moment in moments:
        if moment.anchor not in known:
            near = difflib.get_close_matches(moment.anchor, known, n=1)
            meant = f"; did you mean `{near[0]}`?" if near else f"; known are {', '.join(known[:12])}"
            raise TimingError(f"there is no milestone `{moment.anchor}`{meant}")
