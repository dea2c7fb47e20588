"""Everything that the page of one participant shows, gathered. Sentences are the engine's; drawings are the report's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from trialwright.engine.gather import Standpoint
from trialwright.engine.readings import Readings
from trialwright.engine.response import assess_all
from trialwright.engine.state import ParticipantState
from trialwright.report.figures.canvas import Drawing, Frame
from trialwright.vocabulary.dates import study_day
from trialwright.web.cache import Remembered
from trialwright.web.workspace.course import dose_periods, draw_course, followed_variable
from trialwright.web.workspace.decisions import (
    ExplainedDecision,
    FileLines,
    explained_decisions,
    of_dose_in_force,
    rule_in_file,
)
from trialwright.web.workspace.folder import Room
from trialwright.web.workspace.screening import Screening, last_screening
from trialwright.web.workspace.what_if import WhatIf, what_if
from trialwright.web.workspace.words import called, event_number, response_in_words, unit_in_words, visit_name


@dataclass(frozen=True, slots=True)
class Row:
    """A line of one of the page's tables: date, study day (None before any dose), words, and the log entry."""

    on: date
    day: int | None
    cells: tuple[str, ...]
    entry: int
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the page: what it is called, its heads (date, day and entry apart), and its lines."""

    id: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """What the page shows whatever is asked: the decisions, the figure, the tables (some folded) and the screening."""

    decisions: tuple[ExplainedDecision, ...]
    figure: Drawing | None
    values: Table
    tables: tuple[Table, ...]
    folded: tuple[Table, ...]
    screening: Screening | None


@dataclass(frozen=True, slots=True)
class ParticipantPage:
    """What the page shows; ``shown`` is the decision that it explains, None where no dose was ever decided."""

    person: ParticipantState
    name: str
    title: str
    course: Course
    shown: ExplainedDecision | None
    rule: FileLines | None
    what_if: WhatIf | None


_RESPONSE_HEADS = ("Response", "Category", "Why")
_courses: Remembered[Course] = Remembered(most=200)


def participant_page(room: Room, person: ParticipantState, asked: Mapping[str, str]) -> ParticipantPage:
    """Gather the page; ``asked`` is the address's query: ``decision`` (an entry) and the what-if's values."""
    stamp = (room.trial.head.digest, room.protocol.digest)
    course = _courses.get((room.folder.path, person.id), stamp, lambda: _course(room, person))
    entry = asked.get("decision", "")
    number = int(entry) if entry.isascii() and entry.isdigit() and len(entry) < 12 else None
    shown = of_dose_in_force(course.decisions, number) or of_dose_in_force(course.decisions, None)
    name = called(person.id, enrolled=person.enrolled is not None)
    return ParticipantPage(
        person=person,
        name=name,
        title=f"{name}: why {_dose_of(shown)}?" if shown else name,
        course=course,
        shown=shown,
        rule=rule_in_file(room, room.protocol.regimens[shown.advice.intervention], shown.advice.rule) if shown else None,
        what_if=what_if(room.protocol, shown, asked) if shown else None,
    )


def _course(room: Room, person: ParticipantState) -> Course:
    rows = _Rows(room, person)
    watermark = "SIMULATED" if room.state.simulated else ""
    values = rows.in_order(rows.course())
    return Course(
        decisions=explained_decisions(room, person),
        figure=draw_course(room.protocol, person, Frame("course", f"{called(person.id)}, course", watermark, 760)),
        values=Table("course-rows", "The figure as a table", ("What", "Value"), values),
        tables=(
            Table("responses", "Responses", _RESPONSE_HEADS, tuple(rows.responses(variants=False))),
            Table("events", "Adverse events", ("Event", "Worst grade", "Judged", "End"), rows.in_order(rows.events())),
            Table("medications", "Other medication", ("Medication", "Group", "Change", "Until"), tuple(rows.medications())),
            Table("deviations", "Deviations", ("Deviation", "What happened"), tuple(rows.deviations())),
        ),
        folded=(
            Table("variants", "Responses under other definitions", _RESPONSE_HEADS, tuple(rows.responses(variants=True))),
            Table("visits", "Visits", ("Visit", "Held"), rows.in_order(rows.visits())),
        ),
        screening=last_screening(room, person),
    )


def _dose_of(decision: ExplainedDecision) -> str:
    dose = decision.prescribed.dose if decision.prescribed is not None else decision.advice.dose
    unit = unit_in_words(decision.advice.unit).removesuffix("/day")
    return f"{event_number(f'{dose:f}')} {unit}" if dose > 0 else "no dose"


class _Rows:
    """The tables' lines of one participant."""

    def __init__(self, room: Room, person: ParticipantState) -> None:
        self.protocol, self.person = room.protocol, person
        self.first = person.first_dose_on

    def row(self, on: date, entry: int, *cells: str) -> Row:
        return Row(on, study_day(on, self.first) if self.first else None, cells, entry)

    def in_order(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        return tuple(sorted(rows, key=lambda one: (one.on, one.entry)))

    def course(self) -> Iterable[Row]:
        """The curve's values and the doses, for those who cannot see the figure."""
        variable = followed_variable(self.protocol)
        last = max((one.on for one in self.person.visits), default=self.person.registered_on)
        for point in Readings(self.protocol, self.person, last).series(variable) if variable else ():
            kind = self.protocol.scope.variables[variable or ""]
            value = f"{point.display} {unit_in_words(kind.unit.code if kind.unit else '')}"
            cells = (self.protocol.label(variable or ""), value)
            yield replace(self.row(point.on, point.entries[0], *cells), anchor=f"day-{point.on}")
        for regimen in self.protocol.regimens.values():
            for start, end, dose in dose_periods(self.person, regimen, last):
                amount = f"{event_number(f'{dose:f}')} {unit_in_words(regimen.unit_text)}" if dose > 0 else "held"
                yield self.row(start, self._dose_entry(start), f"Dose until {end}", amount)

    def _dose_entry(self, on: date) -> int:
        return next(one.entry for one in self.person.administered if one.on == on)

    def visits(self) -> Iterable[Row]:
        for one in self.person.visits:
            name = visit_name(self.protocol, one.encounter, one.occurrence)
            yield self.row(one.on, one.entry, name, "held" if one.held else "missed")

    def responses(self, *, variants: bool) -> Iterable[Row]:
        because: dict[tuple[date, str], str] = {}
        for on in {one.on for one in self.person.responses}:
            at = Standpoint(self.protocol, self.person, on, Readings(self.protocol, self.person, on))
            because |= {(on, name): found.because for name, found in assess_all(at).items()}
        for one in self.person.responses:
            if bool(self.protocol.responses[one.response].variant_of) is not variants:
                continue
            told = response_in_words(self.protocol, one.response, one.category, one.assessable, one.confirmed)
            label, _, category = told.partition(": ")
            yield self.row(one.on, one.entry, label, category, because.get((one.on, one.response), ""))

    def events(self) -> Iterable[Row]:
        for one in self.person.adverse_events:
            said = [
                w for w, holds in (("serious", one.serious), ("related", one.related), ("unexpected", not one.expected)) if holds
            ]
            end = f"resolved {one.resolved_on}" if one.resolved_on else "not resolved"
            yield self.row(one.on, one.entry, one.term, str(one.worst_grade), ", ".join(said), end)

    def medications(self) -> Iterable[Row]:
        for one in self.person.medications:
            yield self.row(one.on, one.entry, one.name, one.group, one.change, str(one.stopped_on or "continues"))

    def deviations(self) -> Iterable[Row]:
        for one in self.person.deviations:
            yield self.row(one.on, one.entry, one.deviation, one.detail)
