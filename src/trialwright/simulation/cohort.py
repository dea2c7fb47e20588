"""Many rehearsed trials at once, as far as decisions go: the same people, habits and policy, without commands or a log.

The people live as in a full rehearsal (``lives``), decisions come from the same expressions and the same policy
(``engine.policy.decide``); what a log would hold besides is left out. A test holds both ways equal, person by person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.engine.policy import TRUE, Act, Decided, DoseState, decide
from trialwright.protocol.expressions import Expression, Milestone, evaluate, truth
from trialwright.protocol.study import CompiledRegimen, CompiledResponse
from trialwright.simulation.body import Bools, Ints
from trialwright.simulation.chart import LONG_AGO, Chart, Responding
from trialwright.simulation.habits import VisitHabits, starts_course, visit_day
from trialwright.simulation.harm import NEVER
from trialwright.simulation.judging import categories, rule_truths
from trialwright.simulation.lives import Form, Lives, VisitKind
from trialwright.simulation.participant import ATTEMPTS, DAYS_BETWEEN_ATTEMPTS
from trialwright.simulation.plan import PlannedStep
from trialwright.simulation.stage import Setting

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Courses:
    """How treatment went: one row per person.

    Args:
        started: Whether the first dose was taken.
        left: Whether the person withdrew or died on treatment, or stopped coming.
        reached: By response and category (or better), when it was reached as the data stand after corrections.
        rescued_day: The day on which medication was newly begun or increased; NEVER if none.
        withdrew_day: The day on which consent was withdrawn; NEVER if it was not.
        doses: What was decided at each decision, in order: (day, dose), -1 where there was none; shapes ``(n,)``.
    """

    started: Bools
    left: Bools
    reached: dict[tuple[str, str], Reached]
    rescued_day: Ints
    withdrew_day: Ints
    doses: tuple[tuple[Ints, Array], ...]


@dataclass(slots=True)
class Reached:
    """When a category was reached, in days since the first dose (NEVER: it was not).

    ``seen`` is its first assessment; ``first`` the beginning of the first confirmed run, ``confirmed`` the day that confirmed
    it; ``since`` when the present run began.
    """

    seen: Ints
    first: Ints
    confirmed: Ints
    since: Ints


class Treating:
    """Plays the treatment of many people, visit by visit."""

    def __init__(self, setting: Setting, lives: Lives, chart: Chart) -> None:
        protocol = setting.protocol
        self.protocol, self.plan, self.expressions = protocol, setting.plan, setting.expressions
        self.regimen: CompiledRegimen = next(iter(protocol.regimens.values()))
        self.lives, self.chart = lives, chart
        count = lives.count
        self.started, self.left, self.left_treatment = (np.zeros(count, bool) for _ in range(3))
        self.stopped_day = np.full(count, NEVER)
        self.last_planned = np.zeros(count, np.int64)
        self.rescued_day = np.full(count, NEVER)
        self.final = {name: np.full(count, -1) for name in protocol.responses}
        self.final_since = {name: np.full(count, LONG_AGO) for name in protocol.responses}
        self.reached = {
            (name, category.id): Reached(*(np.full(count, NEVER) for _ in range(4)))
            for name, one in protocol.responses.items()
            for category in one.categories
        }
        self.doses: list[tuple[Ints, Array]] = []

    def play(self, until_day: int) -> Courses:
        """Treat everybody, and see them after treatment as far as ``until_day``."""
        self._start()
        for step in self.plan.treatment:
            self._planned(step, np.zeros(self.lives.count, np.int64), self._on_treatment())
        self._after_stop(until_day)
        leaving = self.lives.leaving
        withdrew = np.where(self.left & (leaving.withdraws < leaving.dies) & self.left_treatment, leaving.withdraws, NEVER)
        return Courses(self.started, self.left, self.reached, self.rescued_day, withdrew, tuple(self.doses))

    def _on_treatment(self) -> Bools:
        return np.asarray(self.started & ~self.left & (self.stopped_day == NEVER))

    def _start(self) -> None:
        """Give the first dose where the policy lets it begin; else try again some days later (day 0 is the first dose)."""
        assert self.plan.first is not None
        for attempt in range(ATTEMPTS):
            waiting = ~self.started
            if not waiting.any():
                break
            kind = self.plan.first if attempt == 0 else self.plan.unscheduled
            self.lives.body.day = np.zeros(self.lives.count, np.int64)
            self.chart.day = self.lives.body.day
            if attempt:
                self._age(waiting, DAYS_BETWEEN_ATTEMPTS)
            self.chart.note(self.lives.fill_in(kind, 1, purpose=f"start {attempt}", careless=False), waiting)
            first = np.full(self.lives.count, self.regimen.start_index)
            begins = waiting & (self._decided().act == Act.START) & ~self.chart.forbidden(self.chart.level_dose(first))
            self.chart.dosing = replace(self.chart.dosing, level=np.where(begins, first, self.chart.dosing.level))
            for milestone in (Milestone.FIRST_DOSE, Milestone.LAST_DECISION):
                self.chart.last[milestone] = np.where(begins, 0, self.chart.last[milestone])
            self.started = self.started | begins
            self.doses.append((np.where(begins, 0, -1), np.where(begins, self.chart.dose(), -1.0)))
        self.lives.body.give(self.regimen.intervention, self.chart.dose(), self.started)
        self._medicate("first dose", "start", 0, self.started)

    def _age(self, where: Bools, days: int) -> None:
        for series in self.chart.series.values():
            for name in ("day", "previous_day", "baseline_day"):
                aged = getattr(series, name)
                setattr(series, name, np.where(where & (aged > LONG_AGO), aged - days, aged))

    def _planned(self, step: PlannedStep, shift: Ints, active: Bools) -> None:
        """Play one planned visit and what comes before it; ``shift`` moves the plan where it counts from the stop."""
        lives, purpose, index = self.lives, step.kind.encounter, step.occurrence
        drawn = lives.visit_habits(purpose, index)
        day = self._day(drawn, step, shift)
        active = active & ~self._completes_course(day, active)
        until = np.where(active, day, lives.body.day)
        calls = lives.befall(until, purpose, index, active)
        treated = active & (self.stopped_day == NEVER)
        leaves = np.where(treated, lives.leaving.on_treatment, np.minimum(lives.leaving.dies, lives.leaving.lost))
        called = treated & (calls < NEVER) & (leaves > calls)
        if called.any():
            lives.body.live_until(calls, called)
            self._seen(self.plan.unscheduled, index, called, f"before {purpose}", careless=False)
        self.last_planned = np.where(active, day, self.last_planned)
        away = active & (leaves <= day)
        needs_not = away & treated & (self.stopped_day < NEVER) & (lives.leaving.withdraws < lives.leaving.dies)
        self.left = self.left | (away & ~needs_not)
        self.left_treatment = self.left_treatment | (away & ~needs_not & treated)
        active = active & ~away
        lives.body.live_until(day, active)
        attended = active & (drawn.missed >= lives.virtual.habits.missed.number)
        self._seen(step.kind, index, attended, purpose, careless=True)

    def _day(self, drawn: VisitHabits, step: PlannedStep, shift: Ints) -> Ints:
        window = (shift + step.earliest, shift + step.target, shift + step.latest)
        return visit_day(drawn, self.lives.virtual.habits, window, self.last_planned)

    def _completes_course(self, day: Ints, active: Bools) -> Bools:
        """End the course of those whose next visit lies beyond it."""
        course = self.regimen.course
        if course is None:
            return np.zeros(self.lives.count, bool)
        ends = active & (self.stopped_day == NEVER) & (day >= course.days)
        leaves = ends & (self.lives.leaving.on_treatment < course.days)
        self.left = self.left | leaves
        self.left_treatment = self.left_treatment | leaves
        completes = ends & ~leaves
        self.lives.body.live_until(np.full(self.lives.count, course.days), completes)
        self._stop(completes, np.full(self.lives.count, course.days - 1))
        self.last_planned = np.where(completes, np.maximum(self.last_planned, course.days - 1), self.last_planned)
        return np.asarray(ends)

    def _stop(self, where: Bools, day: Ints) -> None:
        self.stopped_day = np.where(where, day, self.stopped_day)
        self.chart.dosing = replace(self.chart.dosing, stopped=self.chart.dosing.stopped | where)
        self.lives.body.stop(where)

    def _seen(self, kind: VisitKind, index: int, where: Bools, purpose: str, *, careless: bool) -> None:
        """See people: enter the form, assess, decide the dose, begin medication."""
        self.lives.see(where)
        self.chart.day = np.where(where, self.lives.body.day, self.chart.day)
        form = self.lives.fill_in(kind, index, purpose=purpose, careless=careless)
        entered = self.chart.note(form, where)
        assessed = self._assess(entered, where)
        treated = where & (self.stopped_day == NEVER)
        if kind.decides:
            self._prescribe(self._decided(), treated, self.lives.visit_habits(purpose, index))
        self._correct(form, assessed, where)
        still = where & (self.stopped_day == NEVER)
        self._medicate("treatment", purpose, index, still)
        self._medicate("follow-up", purpose, index, where & ~still)

    def _truth(self, expression: Expression | None, otherwise: int) -> Array:
        if expression is None:
            return np.full(self.lives.count, otherwise, np.int8)
        found = truth(evaluate(expression, self.chart.supply(expression.inputs)))
        return np.broadcast_to(found, (self.lives.count,)).astype(np.int8)

    def _assess(self, entered: frozenset[str], where: Bools) -> dict[str, tuple[Ints, Bools]]:
        """Assess every response; return the category of each that is recorded, and for whom."""
        assessed: dict[str, tuple[Ints, Bools]] = {}
        for response in self.protocol.responses.values():
            responding = self.chart.responding[response.id]
            category = self._categories(response)
            responding.current = np.where(where, category, responding.current)
            reads = {
                given.variable
                for one in response.categories
                if one.when
                for given in one.when.inputs
                if hasattr(given, "variable")
            }
            if reads & entered:
                recorded = where & self._given(reads & entered)
                self._record(response, responding, category, recorded)
                assessed[response.id] = (category, recorded)
        return assessed

    def _correct(self, form: Form, assessed: dict[str, tuple[Ints, Bools]], where: Bools) -> None:
        """Put right what was mistyped, which undoes no decision; then keep what the corrected data say of each response."""
        wrong = form.mistyped & where
        right: dict[str, Ints] = {}
        if wrong.any() and form.right is not None:
            values = {**form.values, self.lives.virtual.habits.mistyped_variable: form.right}
            self.chart.note(Form(values, form.present, form.mistyped, None), wrong)
            right = {name: self._categories(self.protocol.responses[name]) for name in assessed}
        for name, (category, recorded) in assessed.items():
            response = self.protocol.responses[name]
            self._keep(response, np.where(wrong, right[name], category) if name in right else category, recorded)

    def _keep(self, response: CompiledResponse, category: Ints, where: Bools) -> None:
        """Follow a response as the corrected data show it: runs of assessments, and when they were confirmed."""
        name, day, days = response.id, self.chart.day, response.confirm_days
        same = (category == self.final[name]) & (category >= 0)
        since = np.where(same, self.final_since[name], day)
        confirmed = where & (category >= 0) & (np.ones_like(where) if days is None else since <= day - days)
        self.final[name] = np.where(where, category, self.final[name])
        self.final_since[name] = np.where(where, since, self.final_since[name])
        for index, code in enumerate(self.protocol.scope.responses[name]):
            reached, good = self.reached[name, code], where & (category >= index)
            reached.since = np.where(where & ~good, NEVER, np.where(good, np.minimum(reached.since, day), reached.since))
            reached.seen = np.where(good, np.minimum(reached.seen, day), reached.seen)
            first = good & confirmed & (reached.confirmed == NEVER)
            reached.first = np.where(first, reached.since, reached.first)
            reached.confirmed = np.where(first, day, reached.confirmed)

    def _given(self, reads: set[str]) -> Bools:
        """Who has one of these values of the present day."""
        series = [self.chart.series[name].day == self.chart.day for name in reads if name in self.chart.series]
        return np.logical_or.reduce(series) if series else np.zeros(self.lives.count, bool)

    def _record(self, response: CompiledResponse, responding: Responding, category: Ints, where: Bools) -> None:
        days = response.confirm_days
        same = (category == responding.assessed) & (category >= 0)
        since = np.where(same, responding.since, self.chart.day)
        confirmed = where & (category >= 0) & (np.ones_like(where) if days is None else since <= self.chart.day - days)
        responding.since = np.where(where, since, responding.since)
        responding.assessed = np.where(where, category, responding.assessed)
        responding.best = np.where(where, np.maximum(responding.best, category), responding.best)
        responding.best_confirmed = np.where(
            confirmed, np.maximum(responding.best_confirmed, category), responding.best_confirmed
        )

    def _categories(self, response: CompiledResponse) -> Ints:
        return categories(response, self.protocol.scope.responses[response.id], self._truth)

    def _decided(self) -> Decided:
        truths = rule_truths(self.regimen, self._truth, self.lives.count)
        course = self.regimen.course
        in_course = np.ones(self.lives.count, bool) if course is None else self.chart.day + 1 <= course.days
        return decide(self.regimen, self.chart.dosing, truths, in_course)

    def _prescribe(self, decided: Decided, where: Bools, drawn: VisitHabits) -> None:
        """Let investigators follow the advice or not, as in a full rehearsal, and take the dose state on."""
        habits, before = self.lives.virtual.habits, self.chart.dosing
        dosed = (before.level >= 0) & ~before.on_hold
        stays = (decided.act == Act.INCREASE) & decided.optional & (drawn.declines < habits.declines_increase.number)
        stays |= (decided.act == Act.HOLD) & dosed & (drawn.disregards < habits.disregards_hold.number)
        stays |= (decided.act == Act.UNDECIDED) & before.on_hold & (before.level >= 0)
        stops = where & (decided.act == Act.STOP) & ~stays
        present, advised = self.chart.level_dose(before.level), self.chart.level_dose(decided.level)
        stays &= ~self.chart.forbidden(present)
        barred = ~stays & decided.dosed & self.chart.forbidden(advised)
        stays |= barred & dosed & ~self.chart.forbidden(present)
        gives = stays | (decided.dosed & ~stops & ~barred)
        level = np.where(stays, before.level, decided.level)
        held = decided.after.held & ~gives[:, None]
        otherwise = ~gives & ~held.any(axis=-1)
        holds = np.where(gives[:, None], before.holds, decided.after.holds)
        goes_on = where & ~stops
        self._date(before, level, gives, goes_on)
        self.chart.dosing = DoseState(
            np.where(goes_on & gives, level, before.level),
            np.where(goes_on[:, None], held, before.held),
            np.where(goes_on, otherwise, before.held_otherwise),
            np.where(goes_on[:, None], holds, before.holds),
            before.stopped,
        )
        self._stop(stops, self.chart.day)
        self.doses.append((np.where(goes_on, self.chart.day, -1), np.where(goes_on, self.chart.dose(), -1.0)))
        self.lives.body.give(self.regimen.intervention, self.chart.dose(), goes_on)

    def _date(self, before: DoseState, level: Ints, gives: Bools, where: Bools) -> None:
        resumes, holds = gives & before.on_hold, ~gives & ~before.on_hold
        when = {
            Milestone.LAST_DECISION: where,
            Milestone.LAST_INCREASE: where & gives & (level > before.level),
            Milestone.LAST_DECREASE: where & gives & (level < before.level),
            Milestone.LAST_RESUMPTION: where & resumes,
            Milestone.LAST_HOLD: where & holds,
            Milestone.LAST_CHANGE: where & ((gives & (level != before.level)) | resumes | holds),
        }
        for milestone, now in when.items():
            self.chart.last[milestone] = np.where(now, self.chart.day, self.chart.last[milestone])

    def _medicate(self, on: str, purpose: str, index: int, where: Bools) -> None:
        nobody = np.full(self.lives.count, LONG_AGO)
        for course, when in zip(self.lives.virtual.medication, self.expressions.medication, strict=True):
            if course.on != on or not where.any():
                continue
            draws = self.lives.people.draws
            begins = where & starts_course(draws, course.id, float(course.chance), purpose, index)
            begins &= ~self.chart.takes(course.group) & (self._truth(when, TRUE) == TRUE)
            begun, until, _, _ = self.chart.courses.get(course.id, (nobody, nobody, "", ""))
            self.chart.courses[course.id] = (
                np.where(begins, self.chart.day, begun),
                np.where(begins, self.chart.day + course.days, until),
                course.group,
                course.change,
            )
            self.lives.body.take(course.group, course.days, begins)
            if course.change in ("new", "increased"):
                self.rescued_day = np.where(begins, np.minimum(self.rescued_day, self.chart.day), self.rescued_day)

    def _after_stop(self, until_day: int) -> None:
        """See people after treatment, the closing visit first, as long as their assessments still count."""
        stop = np.where(self.stopped_day < NEVER, self.stopped_day, 0)
        counts = self.started & ~self.left & (self.stopped_day < NEVER)
        if self.plan.closing is not None:
            step = self.plan.closing
            early, late = step.earliest - step.target, step.latest - step.target
            moved = replace(step, earliest=1 + early, target=1, latest=1 + late)
            self._planned(moved, stop, counts & (stop + moved.earliest <= until_day))
        for step in self.plan.after:
            counts = counts & ~self.left & (stop + step.earliest <= until_day)
            if counts.any():
                self._planned(step, stop, counts)
