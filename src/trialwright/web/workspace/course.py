"""A participant's course as the timeline figure and its table want it. Reads state; draws with ``report`` and judges nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from trialwright.engine.readings import Readings
from trialwright.engine.state import ParticipantState
from trialwright.protocol.expressions import Baseline, Kind, Medication, Reading
from trialwright.protocol.expressions.atoms import atoms
from trialwright.protocol.study import CompiledRegimen, CompiledResponse, Protocol
from trialwright.report.figures.canvas import Drawing, Frame
from trialwright.report.figures.swimmer import DoseScale, DoseSpan, Happening, LaneMark, Span
from trialwright.report.figures.timeline import Course, GradedEvent, Threshold, timeline
from trialwright.report.figures.timeline import Reading as Drawn
from trialwright.vocabulary.dates import study_day

SCREENING_DAYS = -28
FOLLOW_UP_SHOWN_DAYS = 112


def draw_course(protocol: Protocol, person: ParticipantState, frame: Frame) -> Drawing | None:
    """The figure; None where no dose was given or the protocol follows no quantity."""
    variable = followed_variable(protocol)
    regimen = next(iter(protocol.regimens.values()), None)
    first = person.first_dose_on
    if variable is None or regimen is None or first is None:
        return None
    until = _last_shown_day(person, first)
    scale = DoseScale(tuple(float(level) for level in regimen.levels), _per_day(regimen.unit_text))
    course = Course(
        variable=f"{protocol.label(variable)}, {_unit(protocol, variable)}",
        readings=tuple(_readings(protocol, person, variable, (first, until))),
        thresholds=tuple(_thresholds(protocol, variable)),
        doses=tuple(_dose_spans(person, regimen, first, until)),
        until_day=until,
        medication=tuple(_medication(protocol, person, first, until)),
        medication_label=", ".join(protocol.file.medications[name].label for name in _shown_groups(protocol)).capitalize(),
        events=tuple(_events(person, first, until)),
        visits=tuple(sorted({study_day(one.on, first) for one in person.visits if one.held and _within(one.on, first, until)})),
        marks=tuple(_marks(protocol, person, first)),
        from_day=SCREENING_DAYS,
    )
    return timeline(frame, course, scale)


def followed_variable(protocol: Protocol) -> str | None:
    """The quantity that the first response is read from, such as AEC."""
    for response in protocol.responses.values():
        found = _quantity_of(protocol, response)
        if found is not None:
            return found
    return None


def _quantity_of(protocol: Protocol, response: CompiledResponse) -> str | None:
    for category in response.categories:
        for given in category.when.inputs if category.when else ():
            if isinstance(given, Reading | Baseline) and protocol.scope.variables[given.variable].kind is Kind.QUANTITY:
                return given.variable
    return None


def _thresholds(protocol: Protocol, variable: str) -> Iterable[Threshold]:
    """The levels against which responses and derived states read the variable, each named by what it decides."""
    told: dict[float, str] = {}
    named = [
        (category.label, category.when)
        for response in protocol.responses.values()
        if not response.variant_of
        for category in response.categories
    ]
    named += [(state.label, state.when) for state in protocol.states.values()]
    for label, expression in named:
        for atom in atoms(expression) if expression else ():
            if atom.inputs == (Reading(variable),) and atom.threshold is not None and atom.comparator is not None:
                sign = {"<=": "≤", ">=": "≥"}.get(atom.comparator, atom.comparator)
                told.setdefault(float(atom.threshold), f"{label} {sign} {float(atom.threshold):g}")
    return (Threshold(value, words) for value, words in told.items())


def _last_shown_day(person: ParticipantState, first: date) -> int:
    days = [study_day(one.on, first) for one in person.visits if one.held]
    return min(max([*days, 84]) + 4, FOLLOW_UP_SHOWN_DAYS)


def _within(on: date, first: date, until: int) -> bool:
    return SCREENING_DAYS <= study_day(on, first) <= until


def _readings(protocol: Protocol, person: ParticipantState, variable: str, shown: tuple[date, int]) -> Iterable[Drawn]:
    first, until = shown
    last = max((one.on for one in person.visits), default=first)
    barred = {one.on for one in person.responses if not one.assessable}
    for point in Readings(protocol, person, last).series(variable):
        if _within(point.on, first, until):
            day = study_day(point.on, first)
            words = f"{protocol.label(variable)} {point.display} on {point.on} (day {day})"
            yield Drawn(day, float(point.values.data), point.on not in barred, words, f"#day-{point.on}")


def _dose_spans(person: ParticipantState, regimen: CompiledRegimen, first: date, until: int) -> Iterable[DoseSpan]:
    for start, last, dose in dose_periods(person, regimen, first + timedelta(days=until)):
        if last >= start:
            yield DoseSpan(study_day(start, first), study_day(last, first), float(dose) if dose > 0 else None)


def dose_periods(person: ParticipantState, regimen: CompiledRegimen, until: date) -> Iterable[tuple[date, date, Decimal]]:
    """What was taken, from when until when (both included); 0 while held. Nothing after treatment stopped."""
    facts = sorted((one for one in person.administered if one.intervention == regimen.intervention), key=lambda one: one.on)
    known = max([one.on for one in person.visits if one.held] + [one.through or one.on for one in facts], default=until)
    end = min(person.stopped.on if person.stopped else known, until)
    merged: list[tuple[date, date, Decimal]] = []
    for index, fact in enumerate(facts):
        following = facts[index + 1].on - timedelta(days=1) if index + 1 < len(facts) else end
        period = (fact.on, min(fact.through or following, following, end), fact.dose)
        if merged and merged[-1][2] == fact.dose and merged[-1][1] + timedelta(days=1) == fact.on:
            merged[-1] = (merged[-1][0], period[1], fact.dose)
        else:
            merged.append(period)
    return merged


def _shown_groups(protocol: Protocol) -> tuple[str, ...]:
    """Groups of medication under which a response is not assessable."""
    barriers = [response.not_assessable for response in protocol.responses.values() if response.not_assessable]
    return tuple(dict.fromkeys(one.group for barrier in barriers for one in barrier.inputs if isinstance(one, Medication)))


def _medication(protocol: Protocol, person: ParticipantState, first: date, until: int) -> Iterable[Span]:
    shown = _shown_groups(protocol)
    for one in person.medications:
        if one.group in shown and study_day(one.on, first) <= until:
            start = max(study_day(one.on, first), SCREENING_DAYS)
            last = min(study_day(one.stopped_on, first), until) if one.stopped_on else until
            end = f" to {one.stopped_on}" if one.stopped_on else ""
            yield Span(start, max(last, start), f"{one.name}, {one.change}, from {one.on}{end}")


def _events(person: ParticipantState, first: date, until: int) -> Iterable[GradedEvent]:
    for one in person.adverse_events:
        start = max(study_day(one.on, first), SCREENING_DAYS)
        if start <= until:
            last = min(study_day(one.resolved_on, first), until) if one.resolved_on else until
            yield GradedEvent(start, max(last, start), one.worst_grade, one.term)


def _marks(protocol: Protocol, person: ParticipantState, first: date) -> Iterable[LaneMark]:
    for name, response in protocol.responses.items():
        best = response.categories[0]
        if response.variant_of or _quantity_of(protocol, response) is None:
            continue
        met = next((one for one in person.responses if one.response == name and one.category == best.id), None)
        if met is not None:
            yield LaneMark(study_day(met.on, first), Happening.RESPONSE, f"First {best.label} {response.label}, {met.on}")
    if person.stopped:
        words = f"Treatment stopped {person.stopped.on}: {person.stopped.reason}"
        yield LaneMark(study_day(person.stopped.on, first), Happening.STOP, words)
    for state in person.states:
        if state.summary == "relapse":
            yield LaneMark(study_day(state.on, first), Happening.RELAPSE, f"Relapse, {state.on}")


def _unit(protocol: Protocol, variable: str) -> str:
    unit = protocol.scope.variables[variable].unit
    return unit.code.replace("10*9/L", "×10⁹/L") if unit else ""


def _per_day(unit: str) -> str:
    return unit.removesuffix("/d") + "/day" if unit.endswith("/d") else unit
