"""The visits of an operating-characteristics run: those at which a dose is decided or something that decides is measured.

Everybody comes on the planned day. Reads the compiled schedule only; days count from the first dose (index 0).
"""

from __future__ import annotations

from dataclasses import dataclass

from trialwright.protocol.study import CompiledEncounter, CompiledRegimen, Protocol
from trialwright.protocol.timing import FIRST_DOSE

DOSE = "dose"
MOST_VISITS = 400


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit.

    Args:
        day: Days since the first dose.
        encounter: The planned visit's name, with its 1-based ``occurrence``.
        decides: Whether a dose is decided.
        collects: The variables that are measured, derived ones included.
        epoch: Index of its epoch; -1 where the protocol has none of that name.
    """

    day: int
    encounter: str
    occurrence: int
    decides: bool
    collects: frozenset[str]
    epoch: int


@dataclass(frozen=True, slots=True)
class Visits:
    """The visits of a participant: ``before`` the first dose, and from the first dose on (``on[0]`` gives it)."""

    before: tuple[Visit, ...]
    on: tuple[Visit, ...]
    course_days: int | None

    @property
    def end_day(self) -> int:
        """The day on which treatment has ended at the latest: the end of the course, or the last visit."""
        return self.course_days if self.course_days is not None else self.on[-1].day


def planned_visits(protocol: Protocol, regimen: CompiledRegimen, needed: frozenset[str]) -> Visits:
    """Return the visits at which something of ``needed`` is measured or a dose decided, up to the first at the end of the course.

    ``on`` is empty where no visit on day 1 decides the first dose.
    """
    found = [one for encounter in protocol.encounters for one in _of(protocol, encounter)]
    wanted = [one for one in found if one.decides or one.collects & needed]
    course = regimen.course.days if regimen.course is not None else None
    by_day: dict[int, Visit] = {}
    for one in sorted(wanted, key=lambda visit: (visit.day, not visit.decides)):
        if one.day >= 0:
            by_day.setdefault(one.day, one)
    days = sorted(by_day)
    if course is not None:
        closing = [day for day in days if day >= course][:1]
        days = [day for day in days if day < course] + closing
    on = tuple(by_day[day] for day in days[:MOST_VISITS])
    before = tuple(one for one in wanted if one.day < 0)
    return Visits(before, on if on and on[0].day == 0 and on[0].decides else (), course)


def _of(protocol: Protocol, encounter: CompiledEncounter) -> list[Visit]:
    if encounter.trigger is not None:
        return []
    collects = protocol.collected_at(encounter)
    epochs = protocol.scope.epochs
    epoch = epochs.index(encounter.epoch) if encounter.epoch in epochs else -1
    decides = DOSE in collects
    return [
        Visit(moment.days[0], encounter.id, number, decides, collects - {DOSE}, epoch)
        for number, moment in enumerate(encounter.occurrences, start=1)
        if moment.anchor == FIRST_DOSE
    ]
