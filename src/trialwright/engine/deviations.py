"""Where something that happened broke the protocol: named, explained, never refused. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from trialwright.engine.dosing_state import dosing_standing, last_course_day
from trialwright.engine.plan import planned_visit
from trialwright.engine.state import ParticipantState
from trialwright.events import catalogue as happened
from trialwright.protocol.study import CompiledRegimen, Protocol
from trialwright.vocabulary.dates import study_day


@dataclass(frozen=True, slots=True)
class Deviation:
    """A deviation with its kind, in a word or two, and the sentence that explains it."""

    kind: str
    detail: str


def visit_deviations(protocol: Protocol, person: ParticipantState, visit: happened.EncounterHeld) -> tuple[Deviation, ...]:
    """Return how a visit departs from the plan: before consent, outside its window, or before enrolment."""
    found = []
    signed = min((one.on for one in person.consents), default=None)
    if signed is None or visit.on < signed:
        said = f"consent was signed on {signed}" if signed else "no consent is recorded"
        found.append(Deviation("procedure before consent", f"The visit {visit.encounter} took place on {visit.on}; {said}."))
    if person.withdrawn is not None and person.withdrawn.reason == "all" and visit.on > person.withdrawn.on:
        detail = f"The visit {visit.encounter} took place on {visit.on}; consent was withdrawn on {person.withdrawn.on}."
        found.append(Deviation("visit after withdrawal of consent", detail))
    if visit.occurrence > 0:
        plan = planned_visit(protocol, person, visit.encounter, visit.occurrence, visit.on)
        if plan is not None and not plan.earliest <= visit.on <= plan.latest:
            when = "early" if visit.on < plan.earliest else "late"
            span = f"{plan.earliest} to {plan.latest}"
            found.append(Deviation(f"visit too {when}", f"{plan.label} took place on {visit.on}; its window is {span}."))
    treated = person.enrolled is None and visit.encounter != "unscheduled"
    epoch = next((one.epoch for one in protocol.encounters if one.id == visit.encounter), "")
    first_epoch = protocol.scope.epochs[0] if protocol.scope.epochs else epoch
    if treated and epoch != first_epoch:
        found.append(Deviation("visit before enrolment", f"{visit.encounter} took place on {visit.on}; nobody was enrolled."))
    return tuple(found)


def missed_visit(visit: happened.EncounterMissed) -> tuple[Deviation, ...]:
    """Return the deviation that a missed visit is."""
    reason = f": {visit.reason}" if visit.reason else ""
    return (Deviation("visit missed", f"{visit.encounter} {visit.occurrence}, planned for {visit.on}, was missed{reason}."),)


def dose_deviations(
    regimen: CompiledRegimen, person: ParticipantState, taken: happened.DoseAdministered
) -> tuple[Deviation, ...]:
    """Return how an administered dose departs from the protocol and from what was prescribed."""
    dose, unit = Decimal(taken.dose), regimen.unit_text
    found = []
    if person.enrolled is None and dose > 0:
        found.append(Deviation("treated without enrolment", f"{dose} {unit} was given on {taken.on}; nobody was enrolled."))
    if dose > regimen.levels[-1]:
        found.append(Deviation("dose above the highest level", f"{dose} {unit} was given; the highest is {regimen.levels[-1]}."))
    elif dose > 0 and dose not in regimen.levels:
        found.append(Deviation("dose is no level", f"{dose} {unit} was given; the levels are {_listed(regimen)}."))
    if dose > 0 and (beyond := _beyond_course(regimen, person, taken)):
        found.append(Deviation("dose beyond the course", beyond))
    if dose > 0 and (ended := _ended_before(person, taken)):
        found.append(Deviation("dose after the end of treatment", f"{dose} {unit} was given from {taken.on}; {ended}."))
    prescribed = _prescribed(regimen, person, taken.on)
    if prescribed is None or prescribed != dose:
        said = "nothing was prescribed" if prescribed is None else f"{prescribed} {unit} was prescribed"
        found.append(Deviation("dose differs from prescription", f"{dose} {unit} was given from {taken.on}; {said}."))
    return tuple(found)


def _ended_before(person: ParticipantState, taken: happened.DoseAdministered) -> str:
    """Say what had ended treatment before a dose's last day; empty where nothing had."""
    on, stop = taken.through or taken.on, person.stops.get(taken.intervention)
    if stop is not None and stop.on < on:
        return f"treatment stopped on {stop.on}"
    if person.withdrawn is not None and person.withdrawn.on < on:
        return f"consent was withdrawn on {person.withdrawn.on}"
    return ""


def _listed(regimen: CompiledRegimen) -> str:
    return ", ".join(f"{level:f}" for level in regimen.levels)


def _beyond_course(regimen: CompiledRegimen, person: ParticipantState, taken: happened.DoseAdministered) -> str:
    first = person.first_dose_on or taken.on
    end = last_course_day(regimen, first)
    last = study_day(taken.through or taken.on, first)
    return f"Drug was given on day {last}; the course ends on day {end}." if end is not None and last > end else ""


def _prescribed(regimen: CompiledRegimen, person: ParticipantState, on: date) -> Decimal | None:
    earlier = [one for one in person.prescribed if one.intervention == regimen.intervention and one.on <= on]
    return earlier[-1].dose if earlier else None


def override_deviations(
    regimen: CompiledRegimen, person: ParticipantState, advised: Decimal, given: Decimal
) -> tuple[Deviation, ...]:
    """Return the deviation that a prescription against the advice is: giving more than advised, or during a hold."""
    standing = dosing_standing(regimen, person, date.max)
    if given <= advised:
        return ()
    held = f", held by {', '.join(standing.held_by)}" if standing.held_by else ""
    return (Deviation("dose against advice", f"{given} {regimen.unit_text} was prescribed; {advised} was advised{held}."),)


def late_report(event: happened.AdverseEventReported, reported_on: date, hours: int) -> tuple[Deviation, ...]:
    """Return the deviation that a report after its clock is; ``hours`` is the strictest clock that applies."""
    days = (reported_on - event.aware_on).days
    allowed = max(1, hours // 24)
    if days <= allowed:
        return ()
    return (Deviation("late safety report", f"{event.term} was known on {event.aware_on} and recorded {days} days later."),)
