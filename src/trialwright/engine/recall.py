"""Readings that are kept while a trial goes on, so that nothing is read or derived twice. Changes no answer."""

from __future__ import annotations

from datetime import date

from trialwright.engine.day_one import day_one
from trialwright.engine.readings import Derived, Readings
from trialwright.engine.state import ParticipantState
from trialwright.protocol.study import Protocol


class Recall:
    """The latest readings of each participant under one protocol, and all that was derived."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self._latest: dict[str, Readings] = {}
        self._derived: Derived = {}

    def readings(self, person: ParticipantState, on: date) -> Readings:
        """Return what is known of a participant on a day: what was read last, unless there is anything new to read."""
        known = self._latest.get(person.id)
        if known is None or not (known.on == on and self._reads_alike(known.person, person)):
            known = self._latest[person.id] = Readings(self.protocol, person, on, derived=self._derived)
        return known

    def _reads_alike(self, one: ParticipantState, other: ParticipantState) -> bool:
        """Whether two states of a participant have all in common that readings read."""
        same = one.observations is other.observations
        return same and day_one(self.protocol, one) == day_one(self.protocol, other)
