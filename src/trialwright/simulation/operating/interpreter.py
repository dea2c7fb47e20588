"""Plays simulated participants with the protocol's own evaluator and policy, all of them at once, without compiling anything.

It is the meaning of a run: a kernel is right when it gives the same paths. The order of things at a visit is

    the response comes (or is lost) · events begin · the visit is missed or held · values are measured · responses are
    assessed · the participant leaves · the dose is decided

A visit's week ends with it; the dose in force is what was taken until then.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.engine.policy import Act, Decided, DoseState, decide
from trialwright.protocol.expressions import Expression, Milestone, evaluate, truth
from trialwright.protocol.study import CompiledResponse
from trialwright.simulation.judging import categories, rule_truths
from trialwright.simulation.operating.chance import Chance
from trialwright.simulation.operating.chart import LATER, NEVER, Answers, Chart, category_index
from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.parameters import Parameters, rounded
from trialwright.simulation.operating.paths import Paths, empty_paths
from trialwright.simulation.operating.tally import COMPLETED, FIRST_RULE, LEFT, NOT_STARTED
from trialwright.simulation.operating.visits import Visit

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def play(design: Design, parameters: Parameters, seed: int, trials: range, keep_values: bool = False) -> Paths:
    """Play some trials, each with all its participants.

    Args:
        design: What is played.
        parameters: With which numbers.
        seed: 0 … 2**64 - 1.
        trials: Their numbers.
        keep_values: Keep what was measured, visit by visit.

    Returns:
        The paths of the participants, trial by trial.
    """
    n = parameters.participants
    trial = np.repeat(np.arange(trials.start, trials.stop, dtype=np.uint64), n)
    participant = np.tile(np.arange(n, dtype=np.uint64), len(trials))
    chance = Chance(design, parameters, seed, trial, participant)
    return Player(design, parameters, chance, keep_values).play()


class Player:
    """Participants in play; every array has one entry for each."""

    def __init__(self, design: Design, parameters: Parameters, chance: Chance, keep_values: bool) -> None:
        self.design, self.parameters, self.chance, self.keep_values = design, parameters, chance, keep_values
        count = len(chance.trial)
        sizes = (len(design.traits), len(design.visits.on), len(design.responses), len(design.events), len(design.regimen.rules))
        self.paths = empty_paths(count, parameters.participants, sizes)
        self.paths.traits[:] = chance.traits
        limits = {
            name: parameters.numbers[f"limit/{name}"][chance.code(trait)]
            for name, trait in design.limits.items()
            if f"limit/{name}" in parameters.numbers
        }
        self.chart = Chart(design, count, limits)
        self.responding: Ints = np.zeros(count, np.int64)
        self.active: Bools = np.ones(count, bool)
        self.off = design.levels + 1

    def play(self) -> Paths:
        """Play every visit."""
        self.start()
        for index, visit in enumerate(self.design.visits.on):
            self.visit(index, visit)
        return self.finish()

    def start(self) -> None:
        """Measure what is measured before the first dose."""
        everybody = np.ones_like(self.active)
        for index, visit in enumerate(self.design.visits.before):
            values = self._measure(visit, -1 - index, everybody)
            self.chart.visit(visit, values, everybody)
            if self.keep_values:
                self.paths.before.append(dict(values))

    def finish(self) -> Paths:
        """The paths, once every visit is played."""
        self.paths.holds = self.chart.holds.copy()
        return self.paths

    def visit(self, index: int, visit: Visit) -> None:
        """Play one visit, and the time before it."""
        dose = self.dose_index()
        if index:
            self._advance(index, visit, dose)
        here = self.active & ~self._misses(index, dose)
        self.paths.missed[:, index] = self.active & ~here
        values = self._measure(visit, index, here)
        self.chart.visit(visit, values, here)
        if self.keep_values:
            self.paths.values.append(dict(values))
        self._assess(index, values, here)
        if index:
            self._leave(index, dose)
        course = self.design.visits.course_days
        if course is not None and visit.day >= course:
            self._end(self.active, COMPLETED)
        elif visit.decides:
            self._decide(index, here & self.active)
        if index == 0:
            self._end(self.active & (self.chart.level < 0), NOT_STARTED)
            self.chart.started = True
            self.chart.last[Milestone.FIRST_DOSE] = np.where(self.active, visit.day, NEVER)
        self.paths.state[:, index] = np.where(self.active, self.dose_index(), self.off)

    def dose_index(self) -> Ints:
        """Index of what is taken: a level, or the number of levels for nothing."""
        return np.where(self.chart.on_drug(), self.chart.level, self.design.levels)

    def _advance(self, index: int, visit: Visit, dose: Ints) -> None:
        """Let the time since the last visit pass: what was taken, the response, new events."""
        chart, days = self.chart, visit.day - self.design.visits.on[index - 1].day
        if self.design.regimen.unit_text.endswith("/d"):
            doses = np.array([*(float(one) for one in self.design.regimen.levels), 0.0])
            chart.taken = chart.taken + np.where(self.active, doses[dose] * days, 0.0)
        own = self.design.response
        if own is not None:
            comes = (self.responding == 0) & self.chance.happens("response", index, own.trait, dose)
            gone = (self.responding == 1) & self.chance.happens("lost", index, own.lost_trait, dose) if own.lost else False
            self.responding = np.where(self.active & comes, 1, np.where(self.active & gone, 0, self.responding))
        for number, episodes in enumerate(chart.episodes):
            grade = self.chance.grade(number, index, dose)
            free = (episodes.begins == LATER) | (episodes.ends <= chart.last[Milestone.LAST_DECISION])
            begins = self.active & free & (grade > 0)
            episodes.begins = np.where(begins, visit.day, episodes.begins)
            episodes.ends = np.where(begins, visit.day + episodes.plan.lasts_days, episodes.ends)
            episodes.grade = np.where(begins, grade, episodes.grade)
            episodes.grades.append(np.where(begins, grade, 0))
            self.paths.grades[:, index, number] = np.where(begins, grade, 0)

    def _misses(self, index: int, dose: Ints) -> Bools:
        trait = self.design.chances.missed
        if trait is None or index == 0:
            return np.zeros_like(self.active)
        return self.chance.chooses("missed", index, trait, dose)

    def _measure(self, visit: Visit, index: int, here: Bools) -> dict[str, tuple[NDArray[Any], Bools]]:
        """What a visit gives; before the first dose its words stand behind all later ones, so that none is used twice."""
        place = index if index >= 0 else len(self.design.visits.on) - 1 - index
        dose = self.dose_index()
        found = {}
        for plan in self.design.variables:
            if plan.name not in visit.collects:
                continue
            value = self.chance.value(plan.name, place, self.responding, dose)
            value = rounded(value, plan.precision, plan.completed) if plan.kind == "amount" else value
            found[plan.name] = (value, here & self.chance.present(plan.name, place))
        return found

    def _truth(self, expression: Expression | None, otherwise: int) -> NDArray[np.int8]:
        if expression is None:
            return np.full(len(self.active), otherwise, np.int8)
        found = truth(evaluate(expression, self.chart.supply(expression.inputs)))
        return np.broadcast_to(found, self.active.shape).astype(np.int8)

    def _assess(self, index: int, values: dict[str, tuple[NDArray[Any], Bools]], here: Bools) -> None:
        for number, response in enumerate(self.design.responses):
            answers = self.chart.answers[response.id]
            category = categories(response, self.design.protocol.scope.responses[response.id], self._truth)
            answers.current = np.where(here, category, answers.current)
            recorded = here & self._has_any(response, values) if index else np.zeros_like(here)
            self.paths.category[:, index, number] = np.where(recorded, category, self.paths.category[:, index, number])
            self._record(response, answers, category, recorded, index)

    def _has_any(self, response: CompiledResponse, values: dict[str, tuple[NDArray[Any], Bools]]) -> Bools:
        """Who was measured in anything that the response's categories read."""
        found = np.zeros_like(self.active)
        for name in {getattr(one, "variable", "") for cat in response.categories if cat.when for one in cat.when.inputs}:
            parts = self.design.protocol.measured_for(name) if name in self.design.protocol.derivations else {name}
            given = [values[part][1] for part in parts if part in values]
            if given and len(given) == len(parts):
                found = found | np.logical_and.reduce(given)
        return found

    def _record(self, response: CompiledResponse, answers: Answers, category: Ints, where: Bools, index: int) -> None:
        days, day = response.confirm_days, self.chart.day
        same = (category == answers.recorded) & (category >= 0)
        since = np.where(same, answers.since, day)
        defined = [self.design.protocol.scope.responses[response.id].index(one.id) for one in response.categories if one.when]
        long_enough = since <= day - days if days is not None else np.ones_like(where)
        confirmed = where & np.isin(category, defined) & long_enough
        answers.since = np.where(where, since, answers.since)
        answers.recorded = np.where(where, category, answers.recorded)
        known = where & (category >= 0)
        answers.best = np.where(known, np.maximum(answers.best, category), answers.best)
        answers.best_confirmed = np.where(confirmed, np.maximum(answers.best_confirmed, category), answers.best_confirmed)
        answers.last_confirmed = np.where(confirmed, category, answers.last_confirmed)
        best = self.design.protocol.scope.responses[response.id].index(response.categories[0].id)
        first = self.chart.last[Milestone.FIRST_RESPONSE]
        self.chart.last[Milestone.FIRST_RESPONSE] = np.where(where & (category == best) & (first == NEVER), day, first)
        goal = self.design.goal
        if goal is not None and goal.response == response.id:
            reached = category >= category_index(self.design.protocol, goal.response, goal.category)
            reached = reached & (day <= goal.until_day)
            self.paths.seen = np.where(where & reached & (self.paths.seen < 0), index, self.paths.seen)
            self.paths.confirmed = np.where(confirmed & reached & (self.paths.confirmed < 0), index, self.paths.confirmed)

    def _leave(self, index: int, dose: Ints) -> None:
        trait = self.design.chances.leaves
        if trait is None:
            return
        leaves = self.active & self.chance.leaves(index, trait, self.responding, dose)
        self.paths.left = np.where(leaves, index, self.paths.left)
        self._end(leaves, LEFT)

    def _end(self, where: Bools, reason: int | Ints) -> None:
        self.paths.ended = np.where(where, reason, self.paths.ended)
        self.active = self.active & ~where

    def _decide(self, index: int, where: Bools) -> None:
        chart, regimen = self.chart, self.design.regimen
        count = len(self.active)
        nobody = np.zeros(count, bool)
        state = DoseState(chart.level, chart.held, nobody, chart.holds, nobody)
        in_course = np.ones(count, bool) if regimen.cycles is None else chart.administered < regimen.cycles
        decided = decide(regimen, state, rule_truths(regimen, self._truth, count), in_course)
        self.paths.act[:, index] = np.where(where, decided.act, self.paths.act[:, index])
        self.paths.rule[:, index] = np.where(where, decided.rule, self.paths.rule[:, index])
        stops = where & (decided.act == Act.STOP)
        self._end(stops, np.where(decided.rule >= 0, FIRST_RULE + decided.rule, COMPLETED))
        starts_not = (chart.level < 0) & (decided.act != Act.START)
        self._follow(index, decided, where & ~stops & ~starts_not)

    def _follow(self, index: int, decided: Decided, where: Bools) -> None:
        """Take what was advised as the dose; an increase that the protocol leaves open may be declined."""
        chart, trait = self.chart, self.design.chances.declines
        level = decided.level.astype(np.int64)
        if trait is not None and index:
            declined = self.chance.chooses("declines", index, trait, self.dose_index())
            level = np.where((decided.act == Act.INCREASE) & decided.optional & declined, chart.level, level)
        gives = decided.dosed
        was_held = chart.held.any(axis=-1)
        resumes, holds = gives & was_held, ~gives & ~was_held
        begun = chart.level >= 0
        changes = {
            Milestone.LAST_DECISION: where,
            Milestone.LAST_INCREASE: where & gives & begun & (level > chart.level),
            Milestone.LAST_DECREASE: where & gives & (level < chart.level),
            Milestone.LAST_RESUMPTION: where & resumes,
            Milestone.LAST_HOLD: where & holds,
            Milestone.LAST_CHANGE: where & ((gives & (level != chart.level)) | resumes | holds),
        }
        for milestone, now in changes.items():
            chart.last[milestone] = np.where(now, chart.day, chart.last[milestone])
        self._administer(where, gives, holds)
        chart.level = np.where(where & gives, level, chart.level)
        chart.held = np.where(where[:, None], decided.after.held, chart.held)
        chart.holds = np.where(where[:, None], decided.after.holds, chart.holds)
        if not self.design.regimen.unit_text.endswith("/d"):
            doses = np.array([float(one) for one in self.design.regimen.levels])
            chart.taken = chart.taken + np.where(where & gives, doses[np.maximum(chart.level, 0)], 0.0)

    def _administer(self, where: Bools, gives: Bools, holds: Bools) -> None:
        """Count administrations, and keep the day of the last one: today, or the day before a daily dose is held."""
        chart, daily = self.chart, self.design.regimen.every_days is None
        last = chart.last[Milestone.LAST_DOSE]
        if daily:
            chart.last[Milestone.LAST_DOSE] = np.where(where & holds & (chart.level >= 0), chart.day - 1, last)
        else:
            chart.last[Milestone.LAST_DOSE] = np.where(where & gives, chart.day, last)
        chart.administered = chart.administered + (where & gives)
