"""What goes on in simulated people: drug levels, and blood counts that the drug and other medication lower.

Steps of a day while anything changes, one step where nothing does. Knows no visit, no protocol and no calendar: day 0 is the
day of the first dose. Source of the form: turnover models of indirect response, inhibition of production (Dayneka et al., J
Pharmacokinet Biopharm 1993;21:457-78).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trialwright.simulation.draws import Floats, normal
from trialwright.simulation.people import People
from trialwright.simulation.virtual.model import Marker

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
_GONE_NMOL_L = 0.01
_EFFECTIVE = 0.5
_NEVER = -(10**6)


class Body:
    """The state of each person's body on ``day`` (days since the first dose, negative before it).

    ``level`` is the unbound drug level in nmol/L by drug, ``marker`` each true count, ``effective_days`` how long each marker
    was suppressed by more than half of what can be.
    """

    def __init__(self, people: People) -> None:
        self.people, self.virtual = people, people.virtual
        count = people.count
        self.day: Ints = np.zeros(count, np.int64)
        self.dose: dict[str, Floats] = {drug: np.zeros(count) for drug in self.virtual.exposure}
        self.level: dict[str, Floats] = {drug: np.zeros(count) for drug in self.virtual.exposure}
        self.taken_until: dict[str, Ints] = {}
        self.stopped: Bools = np.zeros(count, bool)
        self.kept: dict[str, Bools] = {}
        self.marker: dict[str, Floats] = {
            name: np.array(people.traits[marker.start], np.float64) for name, marker in self.virtual.markers.items()
        }
        self.effective_days: dict[str, Floats] = {name: np.zeros(count) for name in self.virtual.markers}
        self._visit: tuple[str, int] = ("", 0)
        self._noise: dict[str, Floats] = {}
        self._change = {name: _Change(people, marker) for name, marker in self.virtual.markers.items() if _changes(marker)}
        self._clearance = {drug: np.asarray(people.traits[one.clearance]) for drug, one in self.virtual.exposure.items()}

    def give(self, drug: str, dose: Floats, where: Bools) -> None:
        """Let a dose (mg/d) be taken from the present day on."""
        self.dose[drug] = np.where(where, dose, self.dose[drug])

    def take(self, group: str, days: int, where: Bools) -> None:
        """Let medication of a group be taken for so many days from the present one on."""
        before = self.taken_until.get(group, np.full(self.people.count, _NEVER))
        self.taken_until[group] = np.where(where, self.day + days, before)

    def taking(self, group: str) -> Bools:
        """Who takes medication of a group on the present day."""
        until = self.taken_until.get(group)
        return np.zeros(self.people.count, bool) if until is None else np.asarray(self.day < until)

    def stop(self, where: Bools) -> None:
        """Stop the drugs for good; a suppressed marker then stays down or comes back, as the person's traits say."""
        fresh = where & ~self.stopped
        for drug in self.dose:
            self.give(drug, np.zeros(self.people.count), fresh)
        for name, change in self._change.items():
            held_down = self.marker[name] < _EFFECTIVE * change.start
            self.kept[name] = np.where(fresh, held_down, self.kept.get(name, np.zeros(self.people.count, bool)))
        self.stopped = self.stopped | where

    def live_until(self, day: Ints, where: Bools | None = None) -> None:
        """Let time pass until ``day`` (for the people ``where``); nobody grows younger."""
        target = np.broadcast_to(day, self.day.shape)
        alive = np.ones(self.day.shape, bool) if where is None else where
        while bool((moving := alive & (self.day < target)).any()):
            quiet = self.stopped & np.all([level < _GONE_NMOL_L for level in self.level.values()], axis=0)
            step = np.where(moving, np.where(quiet, target - self.day, 1), 0)
            self._pass(step.astype(np.float64))
            self.day = self.day + step

    def _pass(self, days: Floats) -> None:
        for drug in self.dose:
            self._expose(drug, days)
        for name, change in self._change.items():
            self._turn_over(name, change, days)

    def _expose(self, drug: str, days: Floats) -> None:
        exposure = self.virtual.exposure[drug]
        fallen = np.clip(self.day / (exposure.later_from_day.number - 1), 0, 1)
        clearance = self._clearance[drug] * (1 - (1 - exposure.clearance_later.number) * fallen)
        nmol_per_mg = 1e6 / exposure.molar_mass.number
        per_mg = nmol_per_mg * exposure.unbound.number / (24 * clearance)
        steady = self.dose[drug] * per_mg
        rate = 24 * clearance / np.asarray(self.people.traits[exposure.volume])
        self.level[drug] = steady + (self.level[drug] - steady) * np.exp(-rate * days)

    def _turn_over(self, name: str, change: _Change, days: Floats) -> None:
        level = self.level[change.drug] if change.drug else np.zeros(self.people.count)
        effect = change.effect(level)
        towards = change.normal + (change.start - change.normal) * (1 - effect)
        treated = np.zeros(self.people.count, bool)
        for group, lowering in change.lowered_by.items():
            if group in self.taken_until:
                lowered = change.normal + (towards - change.normal) * (1 - lowering)
                towards = np.where(self.taking(group), lowered, towards)
                treated = treated | self.taking(group)
        rate = change.rate
        if change.comes_back is not None:
            kept = self.stopped & self.kept.get(name, np.zeros(self.people.count, bool))
            towards = np.where(kept & ~change.comes_back, np.minimum(self.marker[name], towards), towards)
            rate = np.where(kept & change.comes_back & ~treated, change.return_rate, rate)
        self.marker[name] = towards + (self.marker[name] - towards) * np.exp(-rate * days)
        self.effective_days[name] = self.effective_days[name] + np.where(effect > _EFFECTIVE, days, 0.0)

    def measured(self, name: str, purpose: str, index: int) -> Floats:
        """A marker as a laboratory measures it at one visit: the true count with its noise."""
        if self._visit != (purpose, index):
            self._visit, self._noise = (purpose, index), {}
        if name not in self._noise:
            self._noise[name] = self._drawn_noise(name, purpose, index)
        return np.asarray(self.marker[name] * self._noise[name])

    def _drawn_noise(self, name: str, purpose: str, index: int) -> Floats:
        cv = np.asarray(self.people.value(self.virtual.markers[name].noise))
        drawn = normal(self.people.draws.uniform(f"noise/{name}/{purpose}", index))
        return np.asarray(np.exp(np.sqrt(np.log1p(cv * cv)) * drawn))


def _changes(marker: Marker) -> bool:
    return marker.drug is not None or bool(marker.lowered_by)


class _Change:
    """What makes one marker change, with each person's numbers."""

    def __init__(self, people: People, marker: Marker) -> None:
        self.drug = marker.drug
        self.start = np.asarray(people.traits[marker.start], np.float64)
        self.normal = np.minimum(people.traits[marker.normal], self.start) if marker.normal else np.zeros(people.count)
        given = people.traits[marker.rate_trait] if marker.rate_trait else people.value(marker.rate) if marker.rate else 0.0
        self.rate = np.asarray(given, np.float64)
        self.half = np.asarray(people.traits[marker.half_effect]) if marker.half_effect else None
        self.hill = np.asarray(people.value(marker.hill)) if marker.hill else None
        self.most = np.asarray(people.value(marker.most)) if marker.most else None
        self.lowered_by = {group: np.asarray(people.value(one)) for group, one in marker.lowered_by.items()}
        self.comes_back: Bools | None = None
        if marker.after_stop is not None:
            self.comes_back = people.code(marker.after_stop.comes_back) == "yes"
            self.return_rate = 1 / np.asarray(people.traits[marker.after_stop.days])

    def effect(self, level: Floats) -> Floats:
        """The share of production that a level inhibits."""
        if self.half is None or self.hill is None or self.most is None:
            return np.zeros_like(level)
        relative = (level / self.half) ** self.hill
        return np.asarray(self.most * relative / (1 + relative))
