"""One row per candidate and participant: course, analysis sets, and every variable's baseline value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from trialwright.datasets.columns import Cell, Column, about, cells_of, columns_of
from trialwright.datasets.followed import Followed
from trialwright.datasets.plan import NotCarriedOut
from trialwright.datasets.populations import population
from trialwright.engine.readings import Point
from trialwright.engine.state import Ending
from trialwright.protocol.expressions import Kind
from trialwright.protocol.study import Protocol

BASELINE = "baseline_"
IN_SET = "in_"


@dataclass(frozen=True, slots=True)
class ParticipantRow:
    """One candidate or participant."""

    participant: str = field(metadata=about("Participant", "pseudonym in the log"))
    site: str = field(metadata=about("Site", "CandidateRegistered"))
    arm: str = field(metadata=about("Arm", "ParticipantEnrolled; empty before"))
    phase: str = field(metadata=about("Phase", "how far the person has come"))
    registered_on: date = field(metadata=about("Registered", "CandidateRegistered"))
    consented_on: date | None = field(metadata=about("Consented", "first ConsentGiven"))
    eligibility: str = field(metadata=about("Eligibility", "outcome of the last CandidateScreened; empty: never screened"))
    enrolled_on: date | None = field(metadata=about("Enrolled", "ParticipantEnrolled"))
    first_dose_on: date | None = field(metadata=about("First dose", "first DoseAdministered above 0"))
    stopped_on: date | None = field(metadata=about("Treatment stopped", "TreatmentStopped: last day of treatment or hold"))
    stop_day: int | None = field(metadata=about("Treatment stopped, study day", "no day 0"))
    stop_reason: str = field(metadata=about("Reason for stopping", "TreatmentStopped"))
    withdrawn_on: date | None = field(metadata=about("Consent withdrawn", "ConsentWithdrawn"))
    died_on: date | None = field(metadata=about("Died", "ParticipantDied"))
    ended_on: date | None = field(metadata=about("Follow-up ended", "FollowUpEnded"))
    end_reason: str = field(metadata=about("Reason for the end of follow-up", "FollowUpEnded"))
    last_contact_on: date = field(metadata=about("Last contact", "last day on which anything is known"))
    corrections: int = field(metadata=about("Corrections", "values of this participant that were corrected"))
    entries: tuple[int, ...] = field(metadata=about("Log entries", "that record the course, and the baseline values"))


def participant_columns(protocol: Protocol) -> tuple[Column, ...]:
    """Return the columns: the course, one per analysis set, one per variable that is not a plain text."""
    sets = tuple(
        Column(f"{IN_SET}{name}", one.label, "truth", "", f"{one.text}; empty: not decided")
        for name, one in protocol.file.populations.items()
    )
    baseline = tuple(_baseline_column(protocol, name) for name in protocol.scope.variables)
    own = columns_of(ParticipantRow)
    return (*own[:-1], *sets, *baseline, own[-1])


def _baseline_column(protocol: Protocol, variable: str) -> Column:
    kind = protocol.scope.variables[variable]
    label = f"{protocol.label(variable)} at baseline"
    derivation = "last value up to the day of the first dose; before it, the last value"
    if kind.kind in (Kind.QUANTITY, Kind.DURATION):
        return Column(f"{BASELINE}{variable}", label, "decimal", kind.unit.code if kind.unit else "", derivation)
    return Column(f"{BASELINE}{variable}", label, "text", "", derivation)


def participant_cells(followed: Followed) -> Mapping[str, Cell]:
    """Return one participant's row."""
    points = {name: baseline_point(followed, name) for name in followed.protocol.scope.variables}
    cells = cells_of(_row(followed, points))
    for name in followed.protocol.file.populations:
        cells[f"{IN_SET}{name}"] = _belongs(followed, name)
    for name, point in points.items():
        cells[f"{BASELINE}{name}"] = _baseline_cell(followed.protocol, name, point)
    return cells


def baseline_point(followed: Followed, variable: str) -> Point | None:
    """Return the last value up to the day of the first dose (the last value at all, before one is given)."""
    first = followed.person.first_dose_on or followed.until
    return next((point for point in reversed(followed.readings().series(variable)) if point.on <= first), None)


def _baseline_cell(protocol: Protocol, variable: str, point: Point | None) -> Cell:
    if point is None:
        return None
    quantity = protocol.scope.variables[variable].kind in (Kind.QUANTITY, Kind.DURATION)
    return float(point.values.data) if quantity else point.display


def _belongs(followed: Followed, name: str) -> bool | None:
    try:
        split = population(followed.protocol, name, (followed,))
    except NotCarriedOut:
        return None
    return None if split.unknown else bool(split.members)


def _row(followed: Followed, points: Mapping[str, Point | None]) -> ParticipantRow:
    person = followed.person
    screened = [one for one in person.decisions if one.kind == "eligibility"]
    milestones = (person.enrolled, person.stopped, person.withdrawn, person.died, person.ended)
    behind = {one.entry for one in milestones if one is not None} | {one.entry for one in person.consents[:1]}
    behind |= {entry for point in points.values() if point is not None for entry in point.entries}
    behind |= {one.entry for one in screened[-1:]}
    behind |= {one.entry for one in person.administered if one.on == person.first_dose_on}
    return ParticipantRow(
        person.id,
        person.site,
        person.arm,
        person.phase.value,
        person.registered_on,
        person.consents[0].on if person.consents else None,
        screened[-1].summary if screened else "",
        _on(person.enrolled),
        person.first_dose_on,
        _on(person.stopped),
        followed.day(person.stopped.on) if person.stopped else None,
        person.stopped.reason if person.stopped else "",
        _on(person.withdrawn),
        _on(person.died),
        _on(person.ended),
        person.ended.reason if person.ended else "",
        followed.last_contact_on,
        len(person.corrected),
        tuple(sorted(behind)),
    )


def _on(ending: Ending | None) -> date | None:
    return ending.on if ending else None
