"""The stage of a rehearsal: a clock, whose turn it is, and the one way to the trial, its commands. Decides nothing.

Turns are taken in the order of simulated time; people whose turns fall on one instant follow each other by their number.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias

import numpy as np

from trialwright.conduct import Actor, AnyCommand, Outcome, Trial
from trialwright.engine.stopping import awaited_look, stopped_by
from trialwright.protocol.study import Protocol
from trialwright.simulation.draws import Draws
from trialwright.simulation.plan import Plan
from trialwright.simulation.suits import Expressions
from trialwright.simulation.virtual.model import Virtual

Turn: TypeAlias = Callable[[datetime], None]
SPONSOR = Actor("simulated sponsor", "sponsor", "")
_OPENS, _MINUTES = 8, 9 * 60


@dataclass(frozen=True, slots=True)
class Setting:
    """What stays the same during a rehearsal."""

    protocol: Protocol
    virtual: Virtual
    plan: Plan
    expressions: Expressions
    seed: int

    @property
    def planned(self) -> int:
        """How many participants are to be enrolled."""
        return planned_participants(self.protocol)


def planned_participants(protocol: Protocol) -> int:
    """How many participants a protocol plans to enrol; 0 where it does not say."""
    size, enrollment = protocol.file.sample_size, protocol.file.study.enrollment
    return size.planned if size is not None else enrollment.count if enrollment is not None else 0


class Stage:
    """The trial in rehearsal and the turns to come."""

    def __init__(self, setting: Setting, trial: Trial) -> None:
        self.setting, self.trial = setting, trial
        self.pending = 0
        self._turns: list[tuple[datetime, int, int, Turn]] = []
        self._given = 0
        self._now = datetime.min.replace(tzinfo=UTC)

    def at(self, on: date, number: int) -> datetime:
        """The instant of a person's visit on a day: an hour of a working day that follows from the seed."""
        drawn = Draws(self.setting.seed, np.array([number])).uniform("hour", on.toordinal())
        return datetime.combine(on, time(_OPENS), UTC) + timedelta(minutes=int(drawn[0] * _MINUTES))

    def call(self, on: date, number: int, turn: Turn) -> None:
        """Give somebody a turn on a day, never before the present one; a second turn on one day comes after the first."""
        self._given += 1
        heapq.heappush(self._turns, (max(self.at(on, number), self._now), number, self._given, turn))

    def play(self) -> None:
        """Take all turns, in order of time."""
        while self._turns:
            self._now, _, _, turn = heapq.heappop(self._turns)
            turn(self._now)

    def submit(self, command: AnyCommand, actor: Actor, at: datetime) -> Outcome:
        """Give a command to the trial, as a site would."""
        key = f"rehearsal-{self.trial.head.sequence + 1}"
        return self.trial.submit(command, actor=actor, at=at, key=key)

    def staff(self, role: str, site: int) -> Actor:
        """A simulated member of a site's staff."""
        return Actor(f"simulated {role} {site + 1}", role, self.setting.virtual.accrual.sites[site])

    @property
    def goes_on(self) -> bool:
        """Whether anybody has a turn to come."""
        return bool(self._turns)

    def enrols(self, on: date) -> bool:
        """Whether the protocol's monitoring lets anybody more in on a day."""
        protocol, state = self.setting.protocol, self.trial.state
        return stopped_by(protocol, state, on) is None and awaited_look(protocol, state, on) is None

    def stopped(self, on: date) -> bool:
        """Whether the protocol's monitoring has stopped the trial by a day."""
        return stopped_by(self.setting.protocol, self.trial.state, on) is not None

    @property
    def enrolled(self) -> int:
        """How many are enrolled."""
        return sum(1 for one in self.trial.state.participants.values() if one.enrolled is not None)
