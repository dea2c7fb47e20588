"""The visits of an operating-characteristics run: those at which a dose is decided or something that decides is measured.

Everybody comes on the planned day, the earliest of a span. Reads the compiled schedule only; days count from the first dose
(index 0). A visit that is counted from another visit is planned from that one's day.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from trialwright.protocol.study import CompiledEncounter, CompiledRegimen, Protocol
from trialwright.protocol.timing import FIRST_DOSE, Moment

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
        others: Visits of the same day that measure something more: name, occurrence, and what.
    """

    day: int
    encounter: str
    occurrence: int
    decides: bool
    collects: frozenset[str]
    epoch: int
    others: tuple[tuple[str, int, frozenset[str]], ...] = ()


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


def planned_visits(protocol: Protocol, regimen: CompiledRegimen, needed: frozenset[str], arm: str = "") -> Visits:
    """Return the visits at which something of ``needed`` is measured or a dose decided, up to the first at the end of the course.

    ``on`` is empty where no visit on the day of the first dose decides it. Of several visits on one day the first that decides a
    dose counts, with all that the others of that day measure.
    """
    found = [one for encounter in protocol.encounters if not (arm and encounter.arms and arm not in encounter.arms)
             for one in _of(protocol, regimen, encounter)]  # fmt: skip
    wanted = [one for one in found if one.decides or one.collects & needed]
    course = regimen.course.days if regimen.course is not None else None
    by_day: dict[int, Visit] = {}
    for one in sorted(wanted, key=lambda visit: (visit.day, not visit.decides)):
        if one.day >= 0:
            by_day[one.day] = _joined(by_day.get(one.day, one), one, needed)
    days = sorted(by_day)
    if course is not None:
        closing = [day for day in days if day >= course][:1]
        days = [day for day in days if day < course] + closing
    on = tuple(by_day[day] for day in days[:MOST_VISITS])
    before = tuple(one for one in wanted if one.day < 0)
    return Visits(before, on if on and on[0].day == 0 and on[0].decides else (), course)


def _joined(first: Visit, other: Visit, needed: frozenset[str]) -> Visit:
    more = (other.collects & needed) - first.collects
    if not more:
        return first
    others = (*first.others, (other.encounter, other.occurrence, more))
    return replace(first, collects=first.collects | more, others=others)


def _of(protocol: Protocol, regimen: CompiledRegimen, encounter: CompiledEncounter) -> list[Visit]:
    if encounter.trigger is not None:
        return []
    collects = protocol.collected_at(encounter)
    epochs = protocol.scope.epochs
    epoch = epochs.index(encounter.epoch) if encounter.epoch in epochs else -1
    decides = DOSE in collects
    moments = enumerate(encounter.occurrences, start=1)
    days = ((number, planned_day(protocol, moment, regimen.start_day)) for number, moment in moments)
    return [Visit(day, encounter.id, number, decides, collects - {DOSE}, epoch) for number, day in days if day is not None]


def planned_day(protocol: Protocol, moment: Moment, start_day: int, after: tuple[str, ...] = ()) -> int | None:
    """The day of a moment, counted from the first dose on study day ``start_day``; None where it hangs on what happens."""
    if moment.anchor in (FIRST_DOSE, protocol.day_1):
        return moment.days[0] - (start_day - 1 if moment.anchor == protocol.day_1 else 0)
    other = next((one for one in protocol.encounters if one.id == moment.anchor), None)
    if other is None or other.id in after or other.trigger is not None or len(other.occurrences) != 1:
        return None
    day = planned_day(protocol, other.occurrences[0], start_day, (*after, other.id))
    return None if day is None else day + moment.days[0]
