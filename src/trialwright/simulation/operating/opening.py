"""Opens one simulated trial of many: the same participants, drawn from the same words, played through the trial's own commands.

What comes out is a whole log, which `explain`, `report`, `log verify` and the trial room read as any other. Everybody in it is
simulated and marked so. Doses and responses are decided by the engine on the way; a test holds them equal to the kernel's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np

from trialwright.conduct import Actor, AnyCommand, Outcome, Trial
from trialwright.conduct import commands as asked
from trialwright.engine.policy import TRUE
from trialwright.log import Shelf, seeded_salts
from trialwright.protocol.expressions import Input, Reading, Values, evaluate, truth
from trialwright.simulation.operating.accruing import arrivals
from trialwright.simulation.operating.design import CONSENT_DAYS_BEFORE, ENROLMENT_DAYS_BEFORE, Design
from trialwright.simulation.operating.interpreter import play
from trialwright.simulation.operating.parameters import Parameters
from trialwright.simulation.operating.paths import Paths
from trialwright.simulation.operating.showing import Showing
from trialwright.simulation.operating.tally import COMPLETED, FIRST_RULE, LEFT, NOT_STARTED
from trialwright.vocabulary.opened import opened_title

FIRST_DAY = date(2027, 1, 4)
DAYS_BETWEEN = 7
SPONSOR = Actor("simulated sponsor", "sponsor", "")
Turn: TypeAlias = Callable[[date], None]


def open_trial(design: Design, numbers: Parameters, records: Showing, seed: int, trial: int, shelf: Shelf) -> Trial:
    """Play one trial into a log.

    Args:
        design: What is played.
        numbers: With which numbers.
        records: What people show besides what decides anything.
        seed: The run's seed.
        trial: The trial's number in the run.
        shelf: An empty shelf.

    Returns:
        The trial, with its log. The number of the trial is part of its name.

    Raises:
        Refused: The protocol's own commands refuse something: its criteria do not admit whom the file describes, or a
            guarantee forbids what its rules advise.
    """
    paths = play(design, numbers, seed, range(trial, trial + 1), keep_values=True)
    return _Opening(design, numbers, records, paths, seed, trial).play(shelf)


@dataclass(slots=True)
class _Told:
    """An event that is not over yet, as the log knows it."""

    entry: int
    grade: int
    ends: int


class _Opening:
    """Takes everybody's turns in order of date."""

    def __init__(self, design: Design, numbers: Parameters, records: Showing, paths: Paths, seed: int, trial: int) -> None:
        self.design, self.records, self.paths, self.seed, self.number = design, records, paths, seed, trial
        self.protocol, self.regimen = design.protocol, design.regimen
        self.sites = design.sites or ("Simulated site",)
        n = numbers.participants
        if design.sites:
            days, site = arrivals(numbers, seed, range(trial, trial + 1))
            self.days, self.site = days[0], site[0]
        else:
            self.days, self.site = np.arange(n) * DAYS_BETWEEN, np.zeros(n, np.int64)
        self.turns: list[tuple[date, int, int, Turn]] = []
        self.now = datetime.combine(FIRST_DAY, time(9), UTC)

    def play(self, shelf: Shelf) -> Trial:
        opened = FIRST_DAY - timedelta(days=60)
        name = opened_title(self.protocol.file.study.acronym or self.protocol.id, self.number, self.seed)
        command = asked.OpenTrial(study=name, title=name, simulated=True, sites=self.sites, seed=self.seed, on=opened)
        self.now = datetime.combine(opened, time(9), UTC)
        self.trial = Trial.begin(shelf, self.protocol, command, SPONSOR, self.now, seeded_salts(self.seed))
        for site in self.sites:
            for role in ("investigator", "coordinator", "monitor"):
                staff = self._staff(role, site)
                delegated = asked.DelegateAuthority(person=staff.id, roles=(role,), on=opened, site=site)
                self._submit(delegated, SPONSOR)
        for person in range(len(self.days)):
            _Person(self, person).plan()
        for given, (on, _, _, turn) in enumerate(sorted(self.turns, key=lambda one: one[:3])):
            self.now = max(self.now, datetime.combine(on, time(8), UTC)) + timedelta(seconds=1 + given % 2)
            turn(on)
        return self.trial

    def call(self, on: date, person: int, turn: Turn) -> None:
        """Keep a turn for its day; turns of one day are taken in the order of people."""
        self.turns.append((on, person, len(self.turns), turn))

    def _submit(self, command: AnyCommand, actor: Actor) -> Outcome:
        return self.trial.submit(command, actor=actor, at=self.now, key=f"opened-{self.trial.head.sequence + 1}")

    def submit(self, command: AnyCommand, role: str, site: str) -> Outcome:
        """Give a command as somebody of a site's staff."""
        return self._submit(command, self._staff(role, site) if role != "sponsor" else SPONSOR)

    def _staff(self, role: str, site: str) -> Actor:
        return Actor(f"simulated {role} {self.sites.index(site) + 1}", role, site)


class _Person:
    """One participant's turns."""

    def __init__(self, opening: _Opening, index: int) -> None:
        self.opening, self.index = opening, index
        self.design, self.paths = opening.design, opening.paths
        self.id = f"P{index + 1:02d}" if len(opening.days) < 100 else f"P{index + 1:04d}"
        self.site = opening.sites[int(opening.site[index])]
        self.first = FIRST_DAY + timedelta(days=int(opening.days[index]))
        self.traits = [int(code) for code in self.paths.traits[index]]
        self.told: dict[int, _Told] = {}
        self.dose = Decimal(0)

    def plan(self) -> None:
        """Keep every turn of this participant for its day."""
        call = self.opening.call
        call(self._on(-CONSENT_DAYS_BEFORE), self.index, self._arrive)
        for place, visit in enumerate(self.design.visits.before):
            later = max(visit.day, -CONSENT_DAYS_BEFORE)
            call(self._on(later), self.index, lambda on, place=place: self._screening_visit(place, on))  # type: ignore[misc]
        self._plan_other_screening()
        call(self._on(-ENROLMENT_DAYS_BEFORE), self.index, self._enrol)
        off = self.design.levels + 1
        for index, planned in enumerate(self.design.visits.on):
            if index and self.paths.state[self.index, index - 1] == off:
                return
            call(self._on(planned.day), self.index, lambda on, index=index: self._come(index, on))  # type: ignore[misc]
        if self.paths.state[self.index, -1] != off:
            call(self._on(self.design.visits.end_day), self.index, lambda on: self._stop(on, "course complete"))

    def _plan_other_screening(self) -> None:
        """Visits before the first dose that measure nothing which decides a dose, but perhaps who is admitted."""
        known = {(one.encounter, one.occurrence) for one in self.design.visits.before}
        for encounter, occurrence, day in self.opening.records.screening(self.opening.protocol):
            if (encounter, occurrence) not in known:
                on = self._on(max(day, -CONSENT_DAYS_BEFORE))
                self.opening.call(
                    on, self.index, lambda at, e=encounter, o=occurrence: self._visit(e, o, at, {})  # type: ignore[misc]
                )  # fmt: skip

    def _on(self, day: int) -> date:
        return self.first + timedelta(days=day)

    def _submit(self, command: AnyCommand, role: str = "coordinator") -> Outcome:
        return self.opening.submit(command, role, self.site)

    def _arrive(self, on: date) -> None:
        self._submit(asked.RegisterCandidate(participant=self.id, on=on, site=self.site))
        by, assent = self._consent()
        self._submit(asked.RecordConsent(participant=self.id, on=on, by=by, assent=assent))

    def _consent(self) -> tuple[tuple[str, ...], bool]:
        """Who signs, as the protocol's rules say of somebody with these traits."""
        for rule in self.opening.protocol.consent_rules:
            if rule.when is None or self._holds(rule.when.inputs, rule.when):
                return rule.by, rule.assent
        return ("participant",), False

    def _holds(self, inputs: tuple[Input, ...], expression: Any) -> bool:
        supply: dict[Input, Values] = {
            one: Values.of(value)
            for one in inputs
            if isinstance(one, Reading) and (value := self.opening.records.number(one.variable, self.traits)) is not None
        }
        return int(truth(evaluate(expression, supply))) == TRUE

    def _screening_visit(self, place: int, on: date) -> None:
        visit = self.design.visits.before[place]
        self._visit(visit.encounter, visit.occurrence, on, self.paths.before[place])

    def _enrol(self, on: date) -> None:
        for criterion in self.opening.protocol.criteria:
            if criterion.when is None or criterion.attested:
                holds = criterion.side == "inclusion"
                attested = asked.AttestCriterion(participant=self.id, on=on, criterion=criterion.id, holds=holds)
                self._submit(attested, criterion.by)
        self._submit(asked.ScreenCandidate(participant=self.id, on=on), "investigator")
        self._submit(asked.EnrolParticipant(participant=self.id, on=on, arm=self.design.arm), "investigator")

    def _come(self, visit: int, on: date) -> None:
        """A visit: what began is told, values are recorded, and what was decided is done."""
        self._begin_events(visit, on)
        planned, paths, person = self.design.visits.on[visit], self.paths, self.index
        if paths.missed[person, visit]:
            reason = "missed in the simulation"
            missed = asked.MissVisit(
                participant=self.id, on=on, encounter=planned.encounter, occurrence=planned.occurrence, reason=reason
            )
            self._submit(missed)
        else:
            self._tell_events(on)
            elsewhere = {name for _, _, names in planned.others for name in names}
            values = paths.values[visit]
            own = {name: one for name, one in values.items() if name not in elsewhere}
            self._visit(planned.encounter, planned.occurrence, on, own)
            for encounter, occurrence, names in planned.others:
                self._visit(encounter, occurrence, on, {name: values[name] for name in names if name in values})
        self._follow(visit, on)

    def _begin_events(self, visit: int, on: date) -> None:
        for kind, plan in enumerate(self.design.events):
            grade = int(self.paths.grades[self.index, visit, kind])
            if grade:
                ends = visit_day(self.design, visit) + plan.lasts_days
                report = asked.ReportAdverseEvent(
                    participant=self.id, on=on, term=plan.term, grade=grade, serious=grade >= plan.serious_from,
                    related=plan.related, expected=plan.expected, aware_on=on,
                    resolved_on=on if plan.lasts_days == 0 else None,
                )  # fmt: skip
                entry = self._submit(report).entries[0].sequence
                if plan.lasts_days:
                    self.told[kind] = _Told(entry, grade, ends)

    def _tell_events(self, on: date) -> None:
        day = (on - self.first).days
        for kind, told in list(self.told.items()):
            if told.ends <= day:
                follow = asked.FollowAdverseEvent(
                    participant=self.id, on=on, event=told.entry, grade=told.grade, resolved_on=self._on(told.ends)
                )
                self._submit(follow)
                del self.told[kind]

    def _visit(self, encounter: str, occurrence: int, on: date, values: dict[str, Any]) -> None:
        given = {
            name: self.opening.records.text(name, value[self.index])
            for name, (value, known) in values.items()
            if known[self.index] and name not in self.opening.protocol.derivations
        }
        others = self.opening.records.others(self.opening.protocol, encounter, set(values), self.traits)
        limits = {name: (None, self.opening.records.limit(name, self.traits)) for name in given if name in self.design.limits}
        command = asked.RecordVisit(
            participant=self.id, on=on, encounter=encounter, occurrence=occurrence, values={**others, **given},
            limits=limits,  # type: ignore[arg-type]  # text of decimals
        )  # fmt: skip
        self._submit(command)

    def _follow(self, visit: int, on: date) -> None:
        """Do what was decided at a visit."""
        state, levels = int(self.paths.state[self.index, visit]), self.design.levels
        if state == levels + 1:
            self._leave(visit, on)
            return
        if self.paths.act[self.index, visit] < 0:
            return
        dose = self.opening.regimen.levels[state] if state < levels else Decimal(0)
        self._submit(asked.PrescribeDose(participant=self.id, on=on, dose=f"{dose:f}"), "investigator")
        daily = self.opening.regimen.every_days is None
        if dose != self.dose or (not daily and dose > 0):
            self._submit(asked.RecordDose(participant=self.id, on=on, dose=f"{dose:f}"))
        self.dose = dose

    def _leave(self, visit: int, on: date) -> None:
        ended = int(self.paths.ended[self.index])
        match ended:
            case _ if ended == NOT_STARTED:
                self._submit(asked.EndFollowUp(participant=self.id, on=on, reason="trial ended"))
            case _ if ended == LEFT:
                command = asked.WithdrawConsent(participant=self.id, on=on, extent="treatment", reason="left in the simulation")
                self._submit(command)
                self._stop(on, "withdrawal")
            case _ if ended >= FIRST_RULE:
                self._stop(on, "protocol rule")
            case _:
                assert ended == COMPLETED
                course = self.design.visits.course_days
                over = course is not None and visit_day(self.design, visit) >= course
                self._stop(on - timedelta(days=1) if over else on, "course complete")

    def _stop(self, on: date, reason: Any) -> None:
        if self.dose > 0:
            self._submit(asked.RecordDose(participant=self.id, on=on, dose=f"{self.dose:f}", through=on))
        self._submit(asked.StopTreatment(participant=self.id, on=on, reason=reason), "investigator")
        self._submit(asked.EndFollowUp(participant=self.id, on=max(on, self.opening.now.date()), reason="trial ended"))


def visit_day(design: Design, visit: int) -> int:
    """The day of a visit, counted from the first dose."""
    return design.visits.on[visit].day
