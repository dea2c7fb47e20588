"""A whole simulated trial, played through the same commands that a site would use. The people are simulated, and it says so.

The same protocol, file of people and seed give the same log, to the digest of its head. Nothing here stands under a real
site's name or the registration number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TypeAlias

import numpy as np

from trialwright.conduct import Trial
from trialwright.conduct import commands as asked
from trialwright.engine.state import TrialState
from trialwright.log import Head, Shelf, seeded_salts
from trialwright.protocol.study import Protocol
from trialwright.simulation.draws import Draws
from trialwright.simulation.participant import Participant
from trialwright.simulation.plan import rehearsal_plan
from trialwright.simulation.stage import SPONSOR, Setting, Stage
from trialwright.simulation.suits import suit
from trialwright.simulation.virtual.model import Virtual
from trialwright.vocabulary.findings import Refused

Progress: TypeAlias = Callable[[int, int], None]
_WAIT_DAYS, _DAYS_PER_MONTH = 7, 30.4375


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal left behind: the head of its log, and counts.

    ``kinds`` counts entries by kind; ``deviations`` by kind of deviation. All people in it are simulated.
    """

    study: str
    seed: int
    head: Head
    registered: int
    enrolled: int
    treated: int
    screening_failures: int
    kinds: dict[str, int]
    deviations: dict[str, int]
    planted: tuple[str, ...]


def study_name(protocol: Protocol) -> str:
    """The name that a rehearsal of a protocol stands under: never the bare registration number."""
    return f"{protocol.file.study.acronym or protocol.id} rehearsal (simulated)"


def rehearse(protocol: Protocol, virtual: Virtual, seed: int, shelf: Shelf, progress: Progress | None = None) -> Rehearsal:
    """Play a trial from its first candidate to the end of follow-up.

    Args:
        protocol: The protocol that is rehearsed.
        virtual: The people; see ``suits.suit`` for what it must say about this protocol.
        seed: From which all chance, the clock and the salts follow; 0 … 2**64 - 1.
        shelf: An empty shelf; the log is written there.
        progress: Called with (enrolled, planned) as the trial goes on.

    Raises:
        Refused: The protocol cannot be rehearsed with this file of people; its findings say why. Nothing was recorded.
    """
    findings, expressions = suit(protocol, virtual)
    if any(finding.stops for finding in findings):
        raise Refused(findings)
    setting = Setting(protocol, virtual, rehearsal_plan(protocol, virtual), expressions, seed)
    opened = datetime.combine(virtual.accrual.first - timedelta(days=14), time(9), UTC)
    trial = _open(setting, shelf, opened)
    stage = Stage(setting, trial)
    door = _Door(stage, progress)
    stage.call(virtual.accrual.first, 0, door.open)
    stage.play()
    return _rehearsal(setting, trial)


def _open(setting: Setting, shelf: Shelf, at: datetime) -> Trial:
    virtual, on = setting.virtual, at.date()
    name = study_name(setting.protocol)
    command = asked.OpenTrial(study=name, title=name, simulated=True, sites=virtual.accrual.sites, seed=setting.seed, on=on)
    trial = Trial.begin(shelf, setting.protocol, command, SPONSOR, at, seeded_salts(setting.seed))
    stage = Stage(setting, trial)
    for index, site in enumerate(virtual.accrual.sites):
        for role in ("investigator", "coordinator"):
            person = stage.staff(role, index)
            stage.submit(asked.DelegateAuthority(person=person.id, roles=(role,), on=on, site=site), SPONSOR, at)
    return trial


class _Door:
    """Lets candidates in one after the other, as long as a place may be left for them."""

    def __init__(self, stage: Stage, progress: Progress | None) -> None:
        self.stage, self.progress = stage, progress
        self.number = 0

    def open(self, at: datetime) -> None:
        """Let the next candidate in, or wait until it is known whether a place is left and a look is passed, or close."""
        enrolled, planned = self.stage.enrolled, self.stage.setting.planned
        if self.progress is not None:
            self.progress(enrolled, planned)
        on = at.date()
        if enrolled >= planned or self.stage.stopped(on):
            return
        if not self.stage.enrols(on):
            if self.stage.goes_on:
                self.stage.call(on + timedelta(days=_WAIT_DAYS), 0, self.open)
            return
        if enrolled + self.stage.pending >= planned:
            self.stage.call(on + timedelta(days=_WAIT_DAYS), 0, self.open)
            return
        self.number += 1
        self.stage.pending += 1
        self.stage.call(on, self.number, Participant(self.stage, self.number).arrive)
        self.stage.call(on + timedelta(days=self._gap()), 0, self.open)

    def _gap(self) -> int:
        virtual = self.stage.setting.virtual
        drawn = Draws(self.stage.setting.seed, np.array([self.number])).uniform("arrival")[0]
        return max(1, round(-float(np.log(drawn)) * _DAYS_PER_MONTH / virtual.accrual.per_month.number))


def _rehearsal(setting: Setting, trial: Trial) -> Rehearsal:
    state: TrialState = trial.state
    people = state.participants.values()
    deviations = Counter(one.deviation for person in people for one in person.deviations)
    kinds = Counter(entry.kind for entry in trial.entries)
    enrolled = sum(person.enrolled is not None for person in people)
    return Rehearsal(
        study=state.study,
        seed=setting.seed,
        head=trial.head,
        registered=len(state.participants),
        enrolled=enrolled,
        treated=sum(person.first_dose_on is not None for person in people),
        screening_failures=len(state.participants) - enrolled,
        kinds=dict(sorted(kinds.items())),
        deviations=dict(sorted(deviations.items())),
        planted=tuple(f"P{one.candidate:02d}: {one.why}" for one in setting.virtual.planted),
    )
