"""What was taken, from when until when, beside what was prescribed and why. Adds up nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from trialwright.datasets.columns import about
from trialwright.datasets.followed import Followed
from trialwright.engine.state import DoseFact
from trialwright.vocabulary.dates import study_day


@dataclass(frozen=True, slots=True)
class DoseRow:
    """One dose over consecutive days."""

    participant: str = field(metadata=about("Participant", "pseudonym in the log"))
    intervention: str = field(metadata=about("Intervention", "identifier in the protocol"))
    from_on: date = field(metadata=about("From", "DoseAdministered, first day"))
    to_on: date = field(
        metadata=about("To", "last day: as recorded, else the day before the next dose, else the stop or the last contact")
    )
    from_day: int = field(metadata=about("From study day", "no day 0"))
    to_day: int = field(metadata=about("To study day", "no day 0"))
    days: int = field(metadata=about("Days", "both ends included", "d"))
    dose: float = field(metadata=about("Dose", "as taken; 0 while held; its unit stands beside it"))
    unit: str = field(metadata=about("Unit of the dose", "of the regimen"))
    held: bool = field(metadata=about("Held", "True where the dose is 0"))
    held_by: tuple[str, ...] = field(metadata=about("Held by", "rules named by the prescription in force"))
    prescribed: float | None = field(metadata=about("Dose prescribed", "the last prescription up to the first day"))
    rule: str = field(metadata=about("Rule of the advice", "that the prescription answered; empty where none is recorded"))
    reason: str = field(metadata=about("Reason", "why the prescription departed from the advice; else empty"))
    entries: tuple[int, ...] = field(metadata=about("Log entries", "of the dose and of the prescription in force"))


def dose_rows(followed: Followed) -> tuple[DoseRow, ...]:
    """Return every interval of dosing, interventions in the protocol's order."""
    return tuple(row for name in followed.protocol.regimens for row in _rows(followed, name))


def _rows(followed: Followed, intervention: str) -> Iterator[DoseRow]:
    person, first = followed.person, followed.person.first_dose_on
    taken = sorted((one for one in person.administered if one.intervention == intervention), key=lambda one: (one.on, one.entry))
    if first is None or not taken:
        return
    end = person.stopped.on if person.stopped else followed.last_contact_on
    for index, fact in enumerate(taken):
        following = taken[index + 1].on - timedelta(days=1) if index + 1 < len(taken) else max(end, fact.through or end)
        last = min(fact.through or following, following)
        if last >= fact.on:
            yield _row(followed, fact, last, first)


def _row(followed: Followed, fact: DoseFact, last: date, first: date) -> DoseRow:
    earlier = [one for one in followed.person.prescribed if one.intervention == fact.intervention and one.on <= fact.on]
    order = earlier[-1] if earlier else None
    advice = next((one for one in followed.person.decisions if order is not None and one.entry == order.advised), None)
    held = fact.dose == Decimal(0)
    return DoseRow(
        followed.id,
        fact.intervention,
        fact.on,
        last,
        study_day(fact.on, first),
        study_day(last, first),
        (last - fact.on).days + 1,
        float(fact.dose),
        fact.unit,
        held,
        order.held_by if held and order else (),
        float(order.dose) if order else None,
        advice.rule if advice else "",
        order.reason if order else "",
        (fact.entry, order.entry) if order else (fact.entry,),
    )


def dose_in_force(rows: tuple[DoseRow, ...], on: date) -> DoseRow | None:
    """Return the interval of dosing that a day falls into."""
    return next((row for row in rows if row.from_on <= on <= row.to_on), None)
