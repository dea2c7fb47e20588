"""Counts the paths of participants into a tally. A compiled kernel counts on its way; a test holds both equal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.designs.stopping import CountRule, verdict
from trialwright.simulation.operating.accruing import arrivals
from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.parameters import Parameters
from trialwright.simulation.operating.paths import Paths
from trialwright.simulation.operating.tally import (
    ACCRUAL_BIN_DAYS,
    ACCRUAL_BINS,
    MOST_HOLDS,
    MOST_WEEKS,
    Tally,
    layout_of,
)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def count(
    design: Design, parameters: Parameters, paths: Paths, seed: int, trials: range, monitoring: Sequence[CountRule] = ()
) -> Tally:
    """Count the participants of some trials (``trials`` are their numbers); ``monitoring`` may end enrolment early."""
    return _Counter(design, parameters, paths, monitoring).count(seed, trials)


class _Counter:
    def __init__(self, design: Design, parameters: Parameters, paths: Paths, monitoring: Sequence[CountRule]) -> None:
        self.design, self.parameters, self.paths, self.monitoring = design, parameters, paths, monitoring
        self.n = paths.participants
        self.trials = len(paths.state) // self.n
        self.tally = layout_of(design, self.n, len(monitoring)).empty()
        self.in_trial: Bools = np.ones((self.trials, self.n), bool)

    def count(self, seed: int, trials: range) -> Tally:
        self._enrol()
        if self.design.goal is not None:
            self._responders()
        self._states()
        self._exposure()
        self._endings()
        if self.design.events:
            self._events()
        if self.design.sites:
            self._accrual(seed, trials)
        return Tally(self.tally.layout, self.trials, self.tally.counts)

    def _add(self, name: str, *index: Any) -> None:
        np.add.at(self.tally.table(name), index, 1)

    @property
    def people(self) -> Bools:
        """Which participants were enrolled, one after the other."""
        return self.in_trial.reshape(-1)

    def _by_trial(self, of_people: NDArray[Any]) -> NDArray[Any]:
        return of_people.reshape(self.trials, self.n)

    def _enrol(self) -> None:
        """Stop enrolment where a monitoring rule says so, looking after each participant in order of enrolment."""
        stopped, how = np.zeros(self.trials, bool), np.zeros(self.trials, np.int64)
        goal = self.design.goal
        reached = self.paths.confirmed if goal is not None and goal.confirmed else self.paths.seen
        responds, harmed = self._by_trial(reached >= 0), self._by_trial(self._worst() >= 3)
        for place in range(self.n if self.monitoring else 0):
            self.in_trial[:, place] = ~stopped
            seen, harms = (one[:, : place + 1].sum(axis=1) for one in (responds, harmed))
            said = verdict(self.monitoring, place + 1, seen, place + 1, harms)
            new = said.stops & ~stopped
            how = np.where(new, 1 + 2 * said.rule + (said.side > 0), how)
            stopped = stopped | new
        self._add("enrolled", self.in_trial.sum(axis=1))
        self._add("stopped_by", how)

    def _worst(self) -> Ints:
        return np.asarray(self.paths.grades.max(axis=(1, 2), initial=0))

    def _responders(self) -> None:
        paths, people = self.paths, self.people
        for name, first in (("seen", paths.seen), ("confirmed", paths.confirmed)):
            responds = (first >= 0) & people
            number = self._by_trial(responds).sum(axis=1)
            self._add(name, number)
            self._add("when" if name == "seen" else "when_confirmed", first[responds])
            for index, trait in enumerate(self.design.traits):
                if not self.tally.has(f"{name}/{trait.name}"):
                    continue
                for code in range(len(trait.codes)):
                    has = (paths.traits[:, index] == code) & people
                    self._add(f"{name}/{trait.name}", code, *(self._by_trial(one).sum(axis=1) for one in (has, has & responds)))
        goal = self.design.goal
        self._by_enrolled((paths.confirmed if goal is not None and goal.confirmed else paths.seen) >= 0)
        self._by_level_and_trait()

    def _by_enrolled(self, responds: Bools) -> None:
        if self.tally.has("responders"):
            self._add("responders", self.in_trial.sum(axis=1), self._by_trial(responds & self.people).sum(axis=1))

    def _by_level_and_trait(self) -> None:
        paths = self.paths
        responds = (paths.seen >= 0) & self.people
        before = paths.state[np.arange(len(paths.state)), np.maximum(paths.seen - 1, 0)]
        for level in range(self.design.levels + 1):
            self._add("at_level", level, self._by_trial(responds & (before == level)).sum(axis=1))
        confirmed = (paths.confirmed >= 0) & self.people
        for index, trait in enumerate(self.design.traits):
            self._add(f"when/{trait.name}", paths.traits[responds, index], paths.seen[responds])
            if self.tally.has(f"cross/{trait.name}"):
                first = (paths.traits[:, index] == 0) & self.people
                parts = (self._by_trial(one).sum(axis=1) for one in (first, first & confirmed, confirmed))
                self._add(f"cross/{trait.name}", *parts)

    def _states(self) -> None:
        state, off = self.paths.state, self.design.levels + 1
        before = np.full(len(state), off)
        for visit in range(state.shape[1]):
            goes_on = self.people & ((before != off) | (visit == 0))
            self._add("moves", visit, before[goes_on], state[goes_on, visit])
            before = state[:, visit]

    def _days_at(self) -> Ints:
        """Days of each participant at each level (last: nothing taken)."""
        on, visits = self.design.visits.on, self.design.visits
        found = np.zeros((len(self.paths.state), self.design.levels + 2), np.int64)
        people = np.arange(len(found))
        for index, visit in enumerate(on):
            until = on[index + 1].day if index + 1 < len(on) else visits.end_day
            found[people, self.paths.state[:, index]] += max(0, until - visit.day)
        return found[:, :-1]

    def _exposure(self) -> None:
        days, people, levels = self._days_at(), self.people, self.design.levels
        longest = self.tally.table("weeks_on").shape[0] - 1
        for level in range(levels):
            self._add("weeks_at", level, np.minimum(days[people, level] // 7, longest))
        self._add("weeks_on", np.minimum(days[people, :levels].sum(axis=1) // 7, longest))
        total = np.zeros(len(days))
        for level, dose in enumerate(self.design.regimen.levels):
            total = total + float(dose) * days[:, level]
        whole = float(self.design.regimen.levels[-1]) * self.design.visits.end_day
        self._add("intensity", np.floor(100.0 * total[people] / whole + 0.5).astype(np.int64))
        for rule in range(self.paths.holds.shape[1]):
            self._add("holds", rule, np.minimum(self.paths.holds[people, rule], MOST_HOLDS))

    def _endings(self) -> None:
        paths, people, levels = self.paths, self.people, self.design.levels
        self._add("left", paths.left[people & (paths.left >= 0)])
        self._add("ended", paths.ended[people])
        last = np.full(len(paths.state), levels)
        for visit in range(paths.state.shape[1]):
            last = np.where(paths.state[:, visit] < levels, paths.state[:, visit], last)
        self._add("last_level", last[people])

    def _events(self) -> None:
        grades, people = self.paths.grades, self.people
        self._add("worst", self._worst()[people])
        for index, plan in enumerate(self.design.events):
            self._add(f"worst/{plan.name}", grades[:, :, index].max(axis=1)[people])
            self._add("begun", index, np.nonzero(grades[people, :, index])[1])

    def _last_days(self) -> Ints:
        """Each participant's last day, counted from the first dose."""
        on, off = self.design.visits.on, self.design.levels + 1
        ended = (self.paths.state == off).argmax(axis=1)
        days = np.array([visit.day for visit in on])
        stopped = (self.paths.state == off).any(axis=1)
        return np.where(stopped, days[ended], self.design.visits.end_day)

    def _accrual(self, seed: int, trials: range) -> None:
        days, site = arrivals(self.parameters, seed, trials)
        last = np.where(self.in_trial, days + self._by_trial(self._last_days()), 0).max(axis=1)
        self._add("duration", np.minimum(last // 7, MOST_WEEKS))
        for place in range(self.n):
            inside = self.in_trial[:, place]
            self._add("accrual", place, np.minimum(days[inside, place] // ACCRUAL_BIN_DAYS, ACCRUAL_BINS - 1))
        for index in range(len(self.design.sites)):
            self._add("sites", index, ((site == index) & self.in_trial).sum(axis=1))
