"""One participant under one protocol, seen from the day on which the data end. Reads state; judges by the engine alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from trialwright.engine.gather import Standpoint
from trialwright.engine.readings import Readings
from trialwright.engine.state import ParticipantState, TrialState
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.dates import study_day


@dataclass(slots=True)
class Followed:
    """A participant with everything known up to ``until``; readings are made once and seen from any earlier day."""

    protocol: Protocol
    person: ParticipantState
    until: date
    kept: dict[str, object] = field(default_factory=dict)
    _readings: Readings | None = None

    @property
    def id(self) -> str:
        """The participant's pseudonym."""
        return self.person.id

    def readings(self) -> Readings:
        """Every value up to the end of the data."""
        if self._readings is None:
            self._readings = Readings(self.protocol, self.person, self.until)
        return self._readings

    def seen_on(self, on: date, person: ParticipantState | None = None) -> Standpoint:
        """The participant as seen on a day; ``person`` stands in for the recorded state, with the same observations."""
        readings = self.readings()
        for name in self.protocol.scope.variables:
            readings.series(name)
        return Standpoint(self.protocol, person or self.person, on, readings.back_to(min(on, self.until)))

    def day(self, on: date) -> int | None:
        """The study day (there is no day 0); None before the first dose is known."""
        first = self.person.first_dose_on
        return None if first is None else study_day(on, first)

    def at_end(self) -> Standpoint:
        """The participant as seen on the last day of the data."""
        return Standpoint(self.protocol, self.person, self.until, self.readings())

    def observed_on(self, variables: Iterable[str]) -> tuple[date, ...]:
        """Days on which any of the variables has a value, in order."""
        return tuple(sorted({point.on for name in variables for point in self.readings().series(name)}))

    @property
    def last_contact_on(self) -> date:
        """The last day on which anything is known of the participant."""
        return min(max(known_days(self.person)), self.until)

    def under(self, protocol: Protocol) -> Followed:
        """The same participant under another version of the protocol."""
        return Followed(protocol, self.person, self.until)


def known_days(person: ParticipantState) -> Iterator[date]:
    """Every day on which something was seen, done or ended (planned visits that were missed say nothing)."""
    yield person.registered_on
    yield from (visit.on for visit in person.visits if visit.held)
    yield from (one.on for series in person.observations.values() for one in series)
    yield from (one.through or one.on for one in person.administered)
    yield from (one.on for one in person.adverse_events)
    yield from (one.resolved_on for one in person.adverse_events if one.resolved_on is not None)
    yield from (one.on for one in person.medications)
    endings = (person.stopped, person.withdrawn, person.died, person.enrolled)
    yield from (one.on for one in endings if one is not None)


def end_of_data(state: TrialState) -> date:
    """The last day on which anything is recorded of anybody."""
    days = [day for person in state.participants.values() for day in known_days(person)]
    days += [visit.on for person in state.participants.values() for visit in person.visits]
    return max([*days, state.opened_on or date.min])


def follow_all(protocol: Protocol, state: TrialState) -> tuple[Followed, ...]:
    """Return every candidate and participant, in the order in which they were registered."""
    until = end_of_data(state)
    return tuple(Followed(protocol, person, until) for person in state.participants.values())
