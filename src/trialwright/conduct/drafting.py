"""The events of one command while they are being drafted: each gets its place in the log, and what follows in the
same command sees it. Nothing is kept until the whole command is accepted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NoReturn

from trialwright.engine.advice import Advice, advise
from trialwright.engine.apply import replay
from trialwright.engine.deviations import Deviation
from trialwright.engine.gather import Standpoint
from trialwright.engine.recall import Recall
from trialwright.engine.state import ParticipantState, TrialState
from trialwright.events import AnyEvent, Occurred
from trialwright.events import catalogue as happened
from trialwright.log import Actor
from trialwright.protocol.study import CompiledRegimen, Protocol
from trialwright.vocabulary.findings import Finding, Place, Refused, Severity


class Drafting:
    """A command on its way to becoming entries: events so far, the state after them, and warnings."""

    def __init__(self, protocol: Protocol, state: TrialState, next_sequence: int, at: datetime, actor: Actor) -> None:
        self.protocol, self.at, self.actor = protocol, at, actor
        self._state = state
        self._pending: list[Occurred] = []
        self.events: list[AnyEvent] = []
        self.deviations: list[Deviation] = []
        self.findings: list[Finding] = []
        self.next_sequence = next_sequence
        self.advised: dict[str, tuple[ParticipantState, Advice]] = {}
        self.recall = Recall(protocol)

    def advice(self, participant: str, on: date, intervention: str) -> Advice | None:
        """Return the advice of the day: the one just given, while nothing has happened to the participant since."""
        person = self.person(participant)
        known, given = self.advised.get(intervention, (None, None))
        if given is not None and known is person and given.on == on:
            return given
        return advise(self.protocol, person, on, intervention, explained=False)

    def record(self, event: AnyEvent) -> int:
        """Draft one event; return the sequence number that its entry will have."""
        sequence = self.next_sequence
        self.next_sequence += 1
        self.events.append(event)
        self._pending.append(Occurred(sequence, event, self.at, self.actor.id, self.protocol.digest))
        return sequence

    @property
    def state(self) -> TrialState:
        """The trial with everything drafted so far."""
        if self._pending:
            self._state, self._pending = replay(self._pending, self._state), []
        return self._state

    def deviate(self, participant: str, on: date, found: Iterable[Deviation], refers: tuple[int, ...]) -> None:
        """Draft deviations that entries of this command show."""
        for one in found:
            self.deviations.append(one)
            self.record(
                happened.DeviationNoted(participant=participant, on=on, deviation=one.kind, detail=one.detail, refers=refers)
            )

    def person(self, participant: str) -> ParticipantState:
        """Return a participant, or refuse the command (TW-C003) where nobody is called so."""
        found = self.state.participants.get(participant)
        if found is None:
            known = ", ".join(list(self.state.participants)[:10]) or "nobody yet"
            self.refuse("TW-C003", f"Nobody is called {participant}", f"Registered: {known}.", "RegisterCandidate")
        return found

    def standpoint(self, participant: str, on: date, intervention: str = "") -> Standpoint:
        """Return the participant as seen on a day, with everything drafted so far."""
        person = self.person(participant)
        return Standpoint(self.protocol, person, on, self.recall.readings(person, on), intervention)

    def regimen(self, intervention: str) -> CompiledRegimen:
        """Return a regimen by its intervention (the only one where none is named), or refuse (TW-C004)."""
        regimens = self.protocol.regimens
        if not intervention and len(regimens) == 1:
            return next(iter(regimens.values()))
        found = regimens.get(intervention)
        if found is None:
            detail = f"The protocol doses: {', '.join(regimens) or 'nothing'}."
            self.refuse("TW-C004", f"The protocol doses no `{intervention}`", detail)
        return found

    def warn(self, code: str, title: str, detail: str, *ways_out: str) -> None:
        """Note something that the person should look at and that refuses nothing."""
        self.findings.append(Finding(code, Severity.WARNING, Place("command"), title, detail, ways_out))

    def refuse(self, code: str, title: str, detail: str, *ways_out: str) -> NoReturn:
        """Refuse the whole command."""
        raise Refused((Finding(code, Severity.ERROR, Place("command"), title, detail, ways_out),))
