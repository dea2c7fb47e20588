"""One candidate of a rehearsal: registered, informed, screened, and enrolled or sent home. Treatment is another module's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date, datetime, timedelta
from functools import partial

from trialwright.conduct import Actor, Outcome
from trialwright.conduct import commands as asked
from trialwright.engine.gather import Standpoint
from trialwright.engine.policy import TRUE
from trialwright.engine.response import assess_all, judge
from trialwright.engine.state import ParticipantState
from trialwright.events import catalogue as happened
from trialwright.protocol.expressions import Expression, ResponseOf
from trialwright.simulation.habits import screening_days
from trialwright.simulation.lives import Form, Lives, VisitKind
from trialwright.simulation.plan import PlannedStep
from trialwright.simulation.screening import attestations_hold, consent_of
from trialwright.simulation.stage import SPONSOR, Stage

LONGEST_SCREENING_DAYS = 28


class Candidate(ABC):
    """A simulated person who comes to a site."""

    def __init__(self, stage: Stage, number: int) -> None:
        setting = stage.setting
        self.stage, self.number = stage, number
        self.protocol, self.virtual = setting.protocol, setting.virtual
        self.id = f"P{number:02d}"
        self.lives = Lives(self.protocol, self.virtual, setting.seed, [number])
        self.site = int(self.lives.people.traits["site"][0])
        self.investigator = stage.staff("investigator", self.site)
        self.coordinator = stage.staff("coordinator", self.site)
        self.first_dose_on = date.min
        self.now = datetime.min

    @property
    def state(self) -> ParticipantState:
        """What the trial knows of the person."""
        return self.stage.trial.state.participants[self.id]

    def submit(self, command: asked.AnyCommand, actor: Actor) -> Outcome:
        """Give a command at the present instant."""
        return self.stage.submit(command, actor, self.now)

    def arrive(self, at: datetime) -> None:
        """Register, sign, and be seen for the first time; the rest of screening follows."""
        self.now, on = at, at.date()
        plan = self.stage.setting.plan
        longest = min([LONGEST_SCREENING_DAYS, *(-step.earliest for step in plan.before[:1])])
        days = int(screening_days(self.virtual, self.lives.people.draws, longest)[0])
        self.first_dose_on = on + timedelta(days=days)
        self.lives.body.day = self.lives.body.day - days
        self.submit(
            asked.RegisterCandidate(participant=self.id, on=on, site=self.virtual.accrual.sites[self.site]), self.coordinator
        )
        by, assent = consent_of(self.lives, 0)
        self.submit(asked.RecordConsent(participant=self.id, on=on, by=by, assent=assent), self.coordinator)
        for step in plan.before:
            planned = self.first_dose_on + timedelta(days=step.target)
            if planned <= on:
                self.visit(step.kind, step.occurrence, on, careless=False)
            else:
                self.stage.call(planned, self.number, partial(self._later_visit, step))
        self.stage.call(max(on, self.first_dose_on - timedelta(days=1)), self.number, self.be_screened)

    def _later_visit(self, step: PlannedStep, at: datetime) -> None:
        self.now = at
        self.visit(step.kind, step.occurrence, at.date(), careless=False)

    def be_screened(self, at: datetime) -> None:
        """Be judged by the criteria, clarified where they leave the case open, and enrolled (while the trial is) or sent home."""
        self.now, on = at, at.date()
        for criterion, holds in attestations_hold(self.lives, self.protocol):
            attested = asked.AttestCriterion(participant=self.id, on=on, criterion=criterion.id, holds=bool(holds[0]))
            self.submit(attested, self.stage.staff(criterion.by, self.site) if criterion.by != "sponsor" else SPONSOR)
        outcome = self._screen(on)
        if outcome != "eligible" and self._clarify(on):
            outcome = self._screen(on)
        self.stage.pending -= 1
        if outcome == "eligible" and self.stage.enrols(on):
            self.submit(asked.EnrolParticipant(participant=self.id, on=on), self.investigator)
            self.stage.call(self.first_dose_on, self.number, self.begin)
        else:
            self.submit(asked.EndFollowUp(participant=self.id, on=on, reason="not enrolled"), self.coordinator)

    def _screen(self, on: date) -> str:
        found = self.submit(asked.ScreenCandidate(participant=self.id, on=on), self.investigator)
        screened = found.events[0]
        assert isinstance(screened, happened.CandidateScreened)
        return screened.outcome

    def _clarify(self, on: date) -> bool:
        clarified = False
        for clarification, when in zip(self.virtual.clarifications, self.stage.setting.expressions.clarifications, strict=True):
            if self.holds(when, on):
                command = asked.ClarifyEligibility(
                    participant=self.id,
                    on=on,
                    criteria=clarification.criteria,
                    admit=clarification.admit,
                    reason=clarification.reason,
                )
                self.submit(command, SPONSOR)
                clarified = True
        return clarified

    def holds(self, when: Expression, on: date) -> bool:
        """Whether an expression of the virtual file is true of what the trial knows of the person."""
        at = Standpoint(self.protocol, self.state, on, self.stage.trial.recall.readings(self.state, on))
        if any(isinstance(given, ResponseOf) and not given.best for given in when.inputs):
            assess_all(at, explained=False)
        return judge(when, at, explained=False).truth == TRUE

    def visit(
        self, kind: VisitKind, occurrence: int, on: date, *, careless: bool = True, purpose: str = ""
    ) -> tuple[Outcome, Form]:
        """Record a visit with everything that is measured at it."""
        form = self.lives.fill_in(kind, occurrence, purpose=purpose, careless=careless)
        text = self.lives.measuring.text
        values = {name: text(name, value[0]) for name, value in form.values.items() if form.present[name][0]}
        limits = {
            name: (None, text(name, given[0])) for name in values if (given := self.lives.measuring.limits(name)) is not None
        }
        command = asked.RecordVisit(
            participant=self.id,
            on=on,
            encounter=kind.encounter,
            occurrence=0 if kind.encounter == "unscheduled" else occurrence,
            values=values,
            limits=limits,  # type: ignore[arg-type]  # text of decimals
        )
        return self.submit(command, self.coordinator), form

    @abstractmethod
    def begin(self, at: datetime) -> None:
        """Come for the first dose."""
