"""One participant of a rehearsal: treated, seen, harmed, followed, and gone. Everything goes through the trial's commands."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

from trialwright.conduct import Outcome, Refused
from trialwright.conduct import commands as asked
from trialwright.engine.plan import PlannedVisit, due
from trialwright.events import catalogue as happened
from trialwright.simulation.candidate import Candidate
from trialwright.simulation.habits import one_of, visit_day
from trialwright.simulation.harm import NEVER
from trialwright.simulation.lives import Form, VisitKind
from trialwright.simulation.plan import PlannedStep
from trialwright.simulation.safety import Safety
from trialwright.simulation.stage import Stage

BROKEN_GUARANTEE = "TW-C041"
FORBIDDEN = "a guarantee of the protocol forbids what its rules advise"
ATTEMPTS, DAYS_BETWEEN_ATTEMPTS = 4, 3
_NEXT_OF_KIN_DAYS = 2


class Participant(Candidate):
    """A candidate who may be enrolled and treated."""

    def __init__(self, stage: Stage, number: int) -> None:
        super().__init__(stage, number)
        self.regimen = next(iter(self.protocol.regimens.values()))
        self.safety = Safety(self)
        self.level = ""
        self.dose = "0"
        self.attempt = 0
        self.last_planned = 0
        self.gone = False

    def day(self, on: date) -> int:
        """Days since the first dose."""
        return (on - self.first_dose_on).days

    def on(self, day: int) -> date:
        """The date so many days after the first dose."""
        return self.first_dose_on + timedelta(days=int(day))

    def begin(self, at: datetime) -> None:
        """Come for the first dose; where the protocol does not let it begin, come again a few days later."""
        self.now, on = at, at.date()
        self.first_dose_on = on
        self.lives.body.day = np.zeros(1, np.int64)
        plan = self.stage.setting.plan
        assert plan.first is not None
        kind = plan.first if self.attempt == 0 else plan.unscheduled
        outcome, _ = self.visit(kind, 1, on, careless=False, purpose=f"start {self.attempt}")
        self.decide(outcome, kind, 1)
        if self.dose != "0":
            self.safety.start_courses("first dose", "start", 0)
            self.go_on()
            return
        self.attempt += 1
        if self.attempt < ATTEMPTS:
            self.stage.call(on + timedelta(days=DAYS_BETWEEN_ATTEMPTS), self.number, self.begin)
        else:
            self.end("trial ended")

    @property
    def treated(self) -> bool:
        """Whether treatment goes on (holds included)."""
        return self.level != "" and self.state.stopped is None

    def go_on(self) -> None:
        """Find what comes next: leaving, the end of the course, or a planned visit."""
        if self.gone:
            return
        planned = self._next_visit()
        course = self.regimen.course
        if self.treated and course is not None and (planned is None or self._day_of(planned) >= course.days):
            if self._leaves_before(course.days - 1):
                return
            self.stage.call(self.on(course.days), self.number, self.complete_course)
            return
        if planned is None:
            self.end("completed")
            return
        self._await(planned)

    def _next_visit(self) -> PlannedVisit | None:
        played = {step.kind.encounter for step in (*self.stage.setting.plan.treatment, *self.stage.setting.plan.after)}
        plan = due(self.protocol, self.state, self.on(self.last_planned))
        return next((one for one in plan if one.encounter in played and one.status not in ("done", "missed")), None)

    def _day_of(self, planned: PlannedVisit) -> int:
        drawn = self.lives.visit_habits(planned.encounter, planned.occurrence)
        window = (self.day(planned.earliest), self.day(planned.target), self.day(planned.latest))
        return int(visit_day(drawn, self.virtual.habits, window, np.array([self.last_planned]))[0])

    def _await(self, planned: PlannedVisit) -> None:
        day = self._day_of(planned)
        calls = NEVER
        if self.lives.illness.harms is not None and self.level:
            until = np.array([day])
            calls = int(self.lives.befall(until, planned.encounter, planned.occurrence, self.lives.everybody)[0])
        if calls != NEVER and self.treated and not self._leaves_before(calls, go=False):
            self.stage.call(self.on(calls), self.number, lambda at: self.come_unplanned(at, planned))
        if not self._leaves_before(day):
            self.stage.call(self.on(day), self.number, lambda at: self.come(at, planned))
        self.last_planned = day

    def _leaves_before(self, day: int, *, go: bool = True) -> bool:
        """Whether the person dies, withdraws or is lost on or before a day; lets it happen unless ``go`` is False."""
        leaving = self.lives.leaving
        ends = [(int(leaving.dies[0]), self.die), (int(leaving.withdraws[0]), self.withdraw)] if self.treated else [
            (int(leaving.dies[0]), self.die), (int(leaving.lost[0]), self.be_lost)
        ]  # fmt: skip
        first, leave = min(ends, key=lambda one: one[0])
        if first > day:
            return False
        if go:
            self.stage.call(max(self.on(first), self.now.date()), self.number, leave)
        return True

    def come(self, at: datetime, planned: PlannedVisit) -> None:
        """Come to a planned visit, or miss it."""
        if self.gone:
            return
        self.now, on = at, at.date()
        drawn = self.lives.visit_habits(planned.encounter, planned.occurrence)
        kind = self.kind(planned.encounter)
        self.lives.body.live_until(np.array([self.day(on)]))
        if drawn.missed[0] < self.virtual.habits.missed.number:
            reason = one_of(self.virtual.habits.missed_reasons, float(drawn.reason[0]))
            command = asked.MissVisit(
                participant=self.id, on=planned.target, encounter=planned.encounter, occurrence=planned.occurrence, reason=reason
            )
            self.submit(command, self.coordinator)
        else:
            self.be_seen(kind, planned.occurrence)
        self.go_on()

    def kind(self, encounter: str) -> VisitKind:
        """What a planned visit collects."""
        plan = self.stage.setting.plan
        steps: tuple[PlannedStep, ...] = (*plan.treatment, *plan.after)
        return next(step.kind for step in steps if step.kind.encounter == encounter)

    def come_unplanned(self, at: datetime, planned: PlannedVisit) -> None:
        """Come for an adverse event between two planned visits."""
        if self.gone or not self.treated:
            return
        self.now = at
        self.lives.body.live_until(np.array([self.day(at.date())]))
        self.be_seen(self.stage.setting.plan.unscheduled, planned.occurrence, f"before {planned.encounter}", careless=False)

    def be_seen(self, kind: VisitKind, occurrence: int, purpose: str = "", *, careless: bool = True) -> None:
        """Be seen: what happened is reported, the form filled in, the dose decided, medication begun."""
        purpose = purpose or kind.encounter
        self.safety.tell()
        self.lives.see(self.lives.everybody)
        outcome, form = self.visit(kind, occurrence, self.now.date(), careless=careless, purpose=purpose)
        if kind.decides and self.treated:
            self.decide(outcome, kind, occurrence, purpose)
        where = "treatment" if self.treated else "follow-up"
        if not self.gone:
            self.safety.start_courses(where, purpose, occurrence)
        self._mistype(outcome, form, purpose, occurrence)

    def _mistype(self, outcome: Outcome, form: Form, purpose: str, occurrence: int) -> None:
        if not form.mistyped[0] or form.right is None:
            return
        variable = self.virtual.habits.mistyped_variable
        right = self.lives.measuring.text(variable, form.right[0])
        entry = next(
            entry.sequence
            for entry, event in zip(outcome.entries, outcome.events, strict=True)
            if isinstance(event, happened.ObservationRecorded) and event.variable == variable
        )
        delay = 1 + int(self.lives.visit_habits(purpose, occurrence).delay[0] * 2)
        self.stage.call(self.now.date() + timedelta(days=delay), self.number, lambda at: self.correct(at, entry, right))

    def correct(self, at: datetime, entry: int, right: object) -> None:
        """Correct a value that was mistyped."""
        self.now = at
        command = asked.CorrectObservation(
            participant=self.id,
            on=at.date(),
            corrects=entry,
            value=right,  # type: ignore[arg-type]  # a recorded value
            reason="decimal point mistyped; corrected against the laboratory's report",
        )
        self.submit(command, self.coordinator)

    def decide(self, outcome: Outcome, kind: VisitKind, occurrence: int, purpose: str = "") -> None:
        """Let the investigator follow the advice or, rarely, not; then give the drug accordingly."""
        advice = next((event for event in reversed(outcome.events) if isinstance(event, happened.DoseAdvised)), None)
        if advice is None:
            return
        if not self.level and advice.action != "start":
            return
        if advice.action == "stop":
            self.stop("protocol rule")
            return
        on = self.now.date()
        dose = self._prescribe(advice, *self._decision(advice, purpose or kind.encounter, occurrence))
        if dose is None:
            return
        if dose != self.dose:
            self.submit(asked.RecordDose(participant=self.id, on=on, dose=dose), self.coordinator)
        self.dose = dose
        self.level = dose if dose != "0" else self.level
        self.lives.body.give(self.regimen.intervention, np.array([float(dose)]), self.lives.everybody)

    def _prescribe(self, advice: happened.DoseAdvised, dose: str, reason: str) -> str | None:
        """Prescribe, or where a guarantee forbids it the next best: what is advised, the present dose, nothing."""
        ways = [(dose, reason), (advice.dose, "")]
        ways += [(self.dose, FORBIDDEN), ("0", FORBIDDEN)] if self.level else []
        for amount, why in dict.fromkeys(ways):
            command = asked.PrescribeDose(participant=self.id, on=self.now.date(), dose=amount, reason=why)
            try:
                self.submit(command, self.investigator)
            except Refused as refused:
                if any(finding.code != BROKEN_GUARANTEE for finding in refused.findings):
                    raise
            else:
                return amount
        return None

    def _decision(self, advice: happened.DoseAdvised, purpose: str, occurrence: int) -> tuple[str, str]:
        habits = self.virtual.habits
        drawn = self.lives.visit_habits(purpose, occurrence)
        match advice.action:
            case "increase" if advice.optional and drawn.declines[0] < habits.declines_increase.number:
                return self.dose, one_of(habits.declines_reasons, float(drawn.reason[0]))
            case "hold" if self.dose != "0" and drawn.disregards[0] < habits.disregards_hold.number:
                return self.dose, habits.disregards_reason
            case "undecided" if self.dose == "0" and self.level:
                return self.level, "the protocol does not say how to go on; resumed at the last dose"
            case _:
                return advice.dose, ""

    def stop(self, reason: str, note: str = "") -> None:
        """Stop treatment for good on the present day."""
        on = self.now.date()
        self._record_last_dose(on)
        command = asked.StopTreatment(participant=self.id, on=on, reason=reason, note=note)  # type: ignore[arg-type]  # one of its words
        self.submit(command, self.investigator)
        self._drug_ends()

    def _record_last_dose(self, through: date) -> None:
        if self.dose != "0":
            command = asked.RecordDose(participant=self.id, on=through, dose=self.dose, through=through)
            self.submit(command, self.coordinator)

    def _drug_ends(self) -> None:
        self.lives.body.stop(self.lives.everybody)
        self.dose = "0"

    def complete_course(self, at: datetime) -> None:
        """Reach the end of the course."""
        if self.gone or not self.treated:
            return
        self.now = at
        last = at.date() - timedelta(days=1)
        self.lives.body.live_until(np.array([self.day(at.date())]))
        self._record_last_dose(last)
        command = asked.StopTreatment(participant=self.id, on=last, reason="course complete")
        self.submit(command, self.investigator)
        self._drug_ends()
        self.last_planned = max(self.last_planned, self.day(last))
        self.go_on()

    def withdraw(self, at: datetime) -> None:
        """Withdraw consent, to treatment or to everything; one whose treatment has stopped meanwhile has no need to."""
        if self.gone:
            return
        if not self.treated:
            self.go_on()
            return
        self.now, on = at, at.date()
        self.lives.body.live_until(np.array([self.day(on)]))
        leaving = self.lives.leaving
        reason = one_of(self.virtual.endings.withdrawal_reasons, float(leaving.reason[0]))
        extent = "all" if leaving.entirely[0] else "treatment"
        command = asked.WithdrawConsent(participant=self.id, on=on, extent=extent, reason=reason)  # type: ignore[arg-type]  # one of its words
        self.submit(command, self.coordinator)
        self.stop("withdrawal", reason)
        self.last_planned = max(self.day(on), 0)
        if extent == "all":
            self.end("withdrawal")
        else:
            self.go_on()

    def die(self, at: datetime) -> None:
        """Die; the site learns of it within days."""
        self.stage.call(
            at.date() + timedelta(days=_NEXT_OF_KIN_DAYS), self.number, lambda later: self._death_told(later, at.date())
        )

    def _death_told(self, at: datetime, died_on: date) -> None:
        if self.gone:
            return
        self.now = at
        command = asked.RecordDeath(participant=self.id, on=died_on, cause=self.virtual.endings.death_cause)
        self.submit(command, self.coordinator)
        if self.treated:
            self._record_last_dose(died_on)
            stopped = asked.StopTreatment(participant=self.id, on=died_on, reason="death")
            self.submit(stopped, self.investigator)
            self._drug_ends()
        self.end("death")

    def be_lost(self, at: datetime) -> None:
        """Come no more."""
        if not self.gone:
            self.now = at
            self.end("lost to follow-up")

    def end(self, reason: str) -> None:
        """End follow-up."""
        self.gone = True
        command = asked.EndFollowUp(participant=self.id, on=self.now.date(), reason=reason)  # type: ignore[arg-type]  # one of its words
        self.submit(command, self.coordinator)
