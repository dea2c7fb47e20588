"""Gathers what an expression asks for, for one participant on one day: each input's value and the fact behind it.

Scalar: every value has shape ``()``. Reads state; judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import assert_never

from trialwright.engine.day_one import day_one
from trialwright.engine.dosing_state import DosingStanding, dosing_standing, total_dose
from trialwright.engine.readings import Point, Readings
from trialwright.engine.state import AdverseEventFact, MedicationFact, ParticipantState
from trialwright.protocol import expressions as asked
from trialwright.protocol.expressions import Fact, Input, Milestone, Values, elapsed
from trialwright.protocol.study import CompiledEncounter, CompiledRegimen, Protocol
from trialwright.vocabulary.dates import study_day

Gathered = tuple[Values, Fact | None]


@dataclass(slots=True)
class Standpoint:
    """One participant seen on one day under one protocol; ``intervention`` is the one whose dosing is asked about.

    ``current_response`` holds categories already assessed on this day, so that dosing reads the same assessment.
    """

    protocol: Protocol
    person: ParticipantState
    on: date
    readings: Readings
    intervention: str = ""
    increase: bool | None = None
    current_response: dict[str, tuple[str, tuple[int, ...]]] = field(default_factory=dict)
    _standing: DosingStanding | None = None

    @property
    def regimen(self) -> CompiledRegimen | None:
        """The regimen asked about, as the participant's arm receives it; the arm's first where none is named."""
        regimens, arm = self.protocol.regimens, self.person.arm
        if self.intervention in regimens:
            return regimens[self.intervention].for_arm(arm)
        return next((found for one in regimens.values() if (found := one.for_arm(arm)) is not None), None)

    def standing(self) -> DosingStanding | None:
        """Where dosing stands before this day's decisions."""
        if self._standing is None and self.regimen is not None:
            self._standing = dosing_standing(self.regimen, self.person, self.on)
        return self._standing

    def dosing_of(self, name: str | None) -> tuple[CompiledRegimen | None, DosingStanding | None]:
        """Return the regimen that an expression names and where its dosing stands; that asked about where none is named."""
        named = self.protocol.regimens.get(name) if name else None
        if named is None or (self.regimen is not None and named.intervention == self.regimen.intervention):
            return self.regimen, self.standing()
        return named, dosing_standing(named, self.person, self.on)


def gather(inputs: Iterable[Input], at: Standpoint) -> tuple[dict[Input, Values], dict[Input, Fact]]:
    """Return the value of each input, and the fact behind each that has one."""
    values: dict[Input, Values] = {}
    facts: dict[Input, Fact] = {}
    for wanted in inputs:
        values[wanted], fact = _one(wanted, at)
        if fact is not None:
            facts[wanted] = fact
    return values, facts


def _one(wanted: Input, at: Standpoint) -> Gathered:
    match wanted:
        case asked.Reading() | asked.Baseline() | asked.Previous() | asked.Aggregate() | asked.Limit():
            return at.readings.answer(wanted)
        case asked.Since():
            return _since(wanted, at)
        case asked.Day() | asked.Today() | asked.CurrentEpoch() | asked.Arm() | asked.Stratum():
            return _standing_facts(wanted, at)
        case (
            asked.DoseOf()
            | asked.TotalDose()
            | asked.LevelOf()
            | asked.Held()
            | asked.Stopped()
            | asked.Increase()
            | asked.HoldInputs()
            | asked.Recurrence()
        ):
            return _dosing(wanted, at)
        case asked.ResponseOf():
            return _response(wanted, at)
        case asked.AdverseEvents():
            return _adverse_events(wanted, at)
        case asked.EventCount(events, least):
            return _event_count(events, least, at)
        case asked.Consent():
            return _consent(wanted, at)
        case asked.Assent():
            signed = [one for one in at.person.consents if one.assent and one.on <= at.on]
            return Values.of(bool(signed)), None
        case asked.Medication():
            return _medication(wanted, at)
        case _:
            assert_never(wanted)


def _unknown() -> Gathered:
    return Values.unknown(), None


def _from_point(point: Point | None) -> Gathered:
    return _unknown() if point is None else (point.values, Fact(point.on, point.entries, point.display))


def _last(points: tuple[Point, ...], latest: date) -> Point | None:
    return next((point for point in reversed(points) if point.on <= latest), None)


def milestone_date(milestone: Milestone, name: str, at: Standpoint) -> date | None:
    """Return when a milestone happened; None where it has not, as far as is known on the day."""
    person, standing = at.person, at.standing()
    match milestone:
        case Milestone.FIRST_DOSE:
            found = person.first_dose_on
        case Milestone.LAST_DOSE:
            found = _last_dose(at)
        case Milestone.LAST_INCREASE:
            found = (standing.last_increase if standing else None) or person.first_dose_on
        case Milestone.LAST_DECREASE:
            found = standing.last_decrease if standing else None
        case Milestone.LAST_CHANGE:
            found = (standing.last_change if standing else None) or person.first_dose_on
        case Milestone.LAST_HOLD:
            found = standing.last_hold if standing else None
        case Milestone.LAST_RESUMPTION:
            found = standing.last_resumption if standing else None
        case Milestone.LAST_DECISION:
            found = standing.last_decision if standing else None
        case Milestone.TREATMENT_STOP:
            found = person.stopped.on if person.stopped else None
        case _:
            found = _other_milestone(milestone, name, at)
    return found if found is not None and found <= at.on else None


def _last_dose(at: Standpoint) -> date | None:
    """The last day on which drug was taken, up to the day asked.

    A daily dose goes on until the next fact about it, or the stop; one that is given at intervals is given on its day.
    """
    regimens = at.protocol.regimens
    taken = [fact for fact in at.person.administered if fact.on <= at.on]
    ends = []
    for index, fact in enumerate(taken):
        later = [other.on for other in taken[index + 1 :] if other.intervention == fact.intervention and other.on > fact.on]
        stopped = at.person.stopped.on if at.person.stopped is not None else at.on
        daily = fact.intervention not in regimens or regimens[fact.intervention].every_days is None
        end = fact.through or ((later[0] - timedelta(days=1) if later else stopped) if daily else fact.on)
        if fact.dose > 0:
            ends.append(min(max(end, fact.on), at.on))
    return max(ends, default=None)


def _other_milestone(milestone: Milestone, name: str, at: Standpoint) -> date | None:
    person = at.person
    match milestone:
        case Milestone.CONSENT:
            return person.consents[0].on if person.consents else None
        case Milestone.ENROLMENT | Milestone.RANDOMISATION:
            return person.enrolled.on if person.enrolled else None
        case Milestone.FIRST_RESPONSE:
            best = {response.id: response.categories[0].id for response in at.protocol.responses.values()}
            return next((one.on for one in person.responses if one.category == best.get(one.response)), None)
        case Milestone.ENCOUNTER:
            return max((visit.on for visit in person.visits if visit.held and visit.encounter == name), default=None)
        case Milestone.READING:
            point = _last(at.readings.series(name), at.on)
            return point.on if point else None
        case Milestone.DATE:
            current = at.readings.current(name)
            return date.fromordinal(date(1970, 1, 1).toordinal() + int(current.values.data)) if current else None
        case Milestone.NAMED:
            return next((state.on for state in person.states if state.summary == name), None)
        case _:
            return None


def _since(wanted: asked.Since, at: Standpoint) -> Gathered:
    if wanted.milestone in (Milestone.DATE, Milestone.READING) and at.readings.current(wanted.name) is None:
        return _unknown()
    on = milestone_date(wanted.milestone, wanted.name, at)
    if on is None:
        return Values.of(float("inf")), None
    passed = elapsed(on, at.on, wanted.unit)
    return Values.of(passed), Fact(on, (), f"{(at.on - on).days}")


Standing = asked.Day | asked.Today | asked.CurrentEpoch | asked.Arm | asked.Stratum


def _standing_facts(wanted: Standing, at: Standpoint) -> Gathered:
    match wanted:
        case asked.Day():
            first = day_one(at.protocol, at.person)
            if first is None:
                return _unknown()
            day = study_day(at.on, first)
            return Values.of(float(day)), Fact(at.on, (), str(day))
        case asked.Today():
            return Values.of_date(at.on), Fact(at.on, (), at.on.isoformat())
        case asked.CurrentEpoch():
            return _epoch(at)
        case asked.Arm():
            arms = at.protocol.scope.arms
            return (Values.of(arms.index(at.person.arm)), None) if at.person.arm in arms else _unknown()
        case asked.Stratum(name):
            return _from_point(at.readings.current(name))


def _epoch(at: Standpoint) -> Gathered:
    epochs = at.protocol.scope.epochs
    if not epochs:
        return _unknown()
    return Values.of(_epoch_index(at)), None


def _epoch_index(at: Standpoint) -> int:
    """The epoch of the latest visit held; at least the second once treatment began, at least the next once it stopped."""
    epochs, person = at.protocol.scope.epochs, at.person
    of_visit = {encounter.id: epochs.index(encounter.epoch) for encounter in at.protocol.encounters if encounter.epoch in epochs}
    held = [visit for visit in person.visits if visit.held and visit.on <= at.on and visit.encounter in of_visit]
    reached = of_visit[max(held, key=lambda visit: visit.on).encounter] if held else 0
    if person.first_dose_on is not None and person.first_dose_on <= at.on:
        reached = max(reached, 1)
    if person.stopped is not None and person.stopped.on <= at.on:
        after = [of_visit[one.id] for one in at.protocol.encounters if one.id in of_visit and _after_stop(one)]
        reached = max(reached, min(after, default=len(epochs) - 1))
    return min(reached, len(epochs) - 1)


def _after_stop(encounter: CompiledEncounter) -> bool:
    return any(moment.anchor in ("treatment stop", "last dose") for moment in encounter.occurrences)


Dosing = (
    asked.DoseOf
    | asked.TotalDose
    | asked.LevelOf
    | asked.Held
    | asked.Stopped
    | asked.Increase
    | asked.HoldInputs
    | asked.Recurrence
)


def _dosing(wanted: Dosing, at: Standpoint) -> Gathered:
    regimen, standing = at.dosing_of(getattr(wanted, "name", None))
    if regimen is None or standing is None:
        return _unknown()
    match wanted:
        case asked.DoseOf():
            on_drug = standing.level_index >= 0 and not standing.on_hold and not standing.stopped
            dose = regimen.levels[standing.level_index] if on_drug else 0
            return Values.of(float(dose)), Fact(at.on, (), str(dose))
        case asked.TotalDose():
            total, entries = total_dose(regimen, at.person, at.on)
            return Values.of(float(total)), Fact(at.on, entries, f"{total:f}")
        case asked.LevelOf():
            if standing.level_index < 0:
                return _unknown()
            level = regimen.levels[standing.level_index]
            return Values.of(float(level)), Fact(at.on, (), str(level))
        case asked.Held():
            return Values.of(standing.on_hold), None
        case asked.Stopped():
            return Values.of(standing.stopped), None
        case asked.Increase():
            return _unknown() if at.increase is None else (Values.of(at.increase), None)
        case asked.HoldInputs(max_age_days):
            missing = missing_hold_inputs(regimen, at, max_age_days)
            named = ", ".join(at.protocol.label(name) for name in missing)
            return Values.of(bool(missing)), Fact(at.on, (), named) if missing else None
        case asked.Recurrence(rule):
            return _recurrence(rule, regimen, standing)


def _recurrence(rule: str | None, regimen: CompiledRegimen, standing: DosingStanding) -> Gathered:
    names = [one.id for one in regimen.rules]
    begun = sum(standing.holds) if rule is None else standing.holds[names.index(rule)] if rule in names else 0
    return Values.of(float(max(0, begun - 1))), None


def missing_hold_inputs(regimen: CompiledRegimen, at: Standpoint, max_age_days: int | None) -> tuple[str, ...]:
    """Return the variables that a hold rule reads and that are missing, or older than so many days."""
    names: dict[str, None] = {}
    for rule in regimen.rules:
        if rule.action.kind == "hold" and rule.when is not None:
            names.update((given.variable, None) for given in rule.when.inputs if isinstance(given, asked.Reading))
    missing = []
    for name in names:
        point = at.readings.current(name)
        if point is None or (max_age_days is not None and (at.on - point.on).days > max_age_days):
            missing.append(name)
    return tuple(missing)


def _response(wanted: asked.ResponseOf, at: Standpoint) -> Gathered:
    categories = at.protocol.scope.responses.get(wanted.name, ())
    if not wanted.best and not wanted.confirmed and wanted.name in at.current_response:
        category, entries = at.current_response[wanted.name]
        return (Values.of(categories.index(category)), Fact(at.on, entries, category)) if category else _unknown()
    seen = [
        one
        for one in at.person.responses
        if one.response == wanted.name and one.on <= at.on and one.category and (one.confirmed or not wanted.confirmed)
    ]
    if not seen:
        return (Values.of(0), None) if wanted.best and categories else _unknown()
    chosen = max(seen, key=lambda one: categories.index(one.category)) if wanted.best else seen[-1]
    return Values.of(categories.index(chosen.category)), Fact(chosen.on, (chosen.entry,), chosen.category)


def _graded(wanted: asked.AdverseEvents, at: Standpoint) -> dict[AdverseEventFact, int]:
    """The events of a selection, each with its grade: the present one of what is unresolved, else the worst."""
    standing = at.standing()
    since = standing.last_decision if standing else None
    matching = [one for one in at.person.adverse_events if _selected(one, wanted, at, since)]
    grades = {one: one.grades_until(at.on) for one in matching}
    return {one: had[-1] if wanted.scope == "unresolved" else max(had) for one, had in grades.items()}


def _event_count(wanted: asked.AdverseEvents, least: int, at: Standpoint) -> Gathered:
    counted = [one for one, grade in _graded(wanted, at).items() if grade >= least]
    entries = tuple(entry for one in counted for entry in one.entries)
    return Values.of(float(len(counted))), Fact(at.on, entries, str(len(counted)))


def _adverse_events(wanted: asked.AdverseEvents, at: Standpoint) -> Gathered:
    graded = _graded(wanted, at)
    matching = list(graded)
    if not matching:
        return Values.of(0.0), None
    worst = max(matching, key=lambda one: graded[one])
    shown = f"{worst.term}, grade {graded[worst]}"
    return Values.of(float(graded[worst])), Fact(worst.on, worst.entries, shown)


def _selected(one: AdverseEventFact, wanted: asked.AdverseEvents, at: Standpoint, since: date | None) -> bool:
    if one.on > at.on or (wanted.related and not one.related) or (wanted.serious and not one.serious):
        return False
    if wanted.expected is not None and one.expected is not wanted.expected:
        return False
    if wanted.group is not None and not in_group(at.protocol, one.term, wanted.group):
        return False
    match wanted.scope:
        case "unresolved":
            return one.resolved_on is None or one.resolved_on > at.on
        case "since_last_decision":
            return one.resolved_on is None or since is None or one.resolved_on > since
        case "ever":
            return True


def in_group(protocol: Protocol, term: str, group: str) -> bool:
    """Whether a term belongs to a group of special interest."""
    events = protocol.file.adverse_events
    found = events.special_interest.get(group) if events else None
    return found is not None and term.casefold() in {one.casefold() for one in found.terms}


def _consent(wanted: asked.Consent, at: Standpoint) -> Gathered:
    signed = [one for one in at.person.consents if wanted.by in one.by and one.on <= at.on]
    withdrawn = at.person.withdrawn
    in_force = bool(signed) and not (withdrawn and signed[-1].on <= withdrawn.on <= at.on)
    return Values.of(in_force), Fact(signed[-1].on, (signed[-1].entry,), "signed") if in_force else None


def _medication(wanted: asked.Medication, at: Standpoint) -> Gathered:
    taken = [one for one in at.person.medications if one.group == wanted.group and _taken(one, wanted, at)]
    if not taken:
        return Values.of(False), None
    last = taken[-1]
    return Values.of(True), Fact(last.on, last.entries, f"{last.name} since {last.on.isoformat()}")


def _taken(one: MedicationFact, wanted: asked.Medication, at: Standpoint) -> bool:
    if wanted.changed and one.change == "stable":
        return False
    first = at.on - timedelta(days=wanted.within_days)
    return one.on <= at.on and (one.stopped_on is None or one.stopped_on >= first)
