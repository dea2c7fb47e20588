"""Adverse events and concomitant medication, one row each. Grades nothing and judges no cause."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from trialwright.datasets.columns import about
from trialwright.datasets.followed import Followed
from trialwright.engine.gather import in_group


@dataclass(frozen=True, slots=True)
class AdverseEventRow:
    """One adverse event with its course."""

    participant: str = field(metadata=about("Participant", "pseudonym in the log"))
    term: str = field(metadata=about("Term", "as reported"))
    grade: int = field(metadata=about("Latest grade", "of the last report of this event, 1 to 5"))
    worst_grade: int = field(metadata=about("Worst grade", "highest of all reports of this event, 1 to 5"))
    serious: bool = field(metadata=about("Serious", "ICH E2A; not the same as severe"))
    related: bool = field(metadata=about("Related", "as the investigator judged"))
    expected: bool = field(metadata=about("Expected", "as the investigator judged"))
    special_interest: tuple[str, ...] = field(metadata=about("Special interest", "groups of the protocol that hold the term"))
    on: date = field(metadata=about("Onset", "date"))
    day: int | None = field(metadata=about("Onset, study day", "no day 0"))
    aware_on: date = field(metadata=about("Known to the investigator", "date from which reporting clocks run"))
    resolved_on: date | None = field(metadata=about("Resolved", "date; empty: not resolved, as far as is known"))
    on_treatment: bool = field(metadata=about("Began under treatment", "onset on or after the first dose"))
    entries: tuple[int, ...] = field(metadata=about("Log entries", "the report and its follow-up"))


@dataclass(frozen=True, slots=True)
class MedicationRow:
    """One concomitant medication."""

    participant: str = field(metadata=about("Participant", "pseudonym in the log"))
    group: str = field(metadata=about("Group", "identifier in the protocol"))
    name: str = field(metadata=about("Name", "as recorded"))
    change: str = field(metadata=about("Change", "new, increased, stable or prophylactic"))
    on: date = field(metadata=about("Started or changed", "date"))
    day: int | None = field(metadata=about("Study day", "no day 0"))
    stopped_on: date | None = field(metadata=about("Stopped", "date; empty: ongoing, as far as is known"))
    entries: tuple[int, ...] = field(metadata=about("Log entries", "start and stop"))


def adverse_event_rows(followed: Followed) -> tuple[AdverseEventRow, ...]:
    """Return every adverse event, in order of report."""
    declared = followed.protocol.file.adverse_events
    groups = tuple(declared.special_interest) if declared else ()
    first = followed.person.first_dose_on
    return tuple(
        AdverseEventRow(
            followed.id,
            one.term,
            one.grade,
            one.worst_grade,
            one.serious,
            one.related,
            one.expected,
            tuple(group for group in groups if in_group(followed.protocol, one.term, group)),
            one.on,
            followed.day(one.on),
            one.aware_on,
            one.resolved_on,
            first is not None and one.on >= first,
            one.entries,
        )
        for one in followed.person.adverse_events
    )


def medication_rows(followed: Followed) -> tuple[MedicationRow, ...]:
    """Return every concomitant medication, in order of record."""
    return tuple(
        MedicationRow(followed.id, one.group, one.name, one.change, one.on, followed.day(one.on), one.stopped_on, one.entries)
        for one in followed.person.medications
    )
