"""The trial room's first page: everybody in a row each, the trial's counts, its interim looks. Reads state and judges nothing."""

from __future__ import annotations

from dataclasses import dataclass

from trialwright.engine.state import InterimLook, ParticipantState, Phase, changed_decisions
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.dates import format_instant
from trialwright.web.workspace.folder import Room
from trialwright.web.workspace.words import called, event_number, response_in_words, unit_in_words


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person as listed."""

    id: str
    name: str
    site: str
    phase: str
    dose: str
    response: str
    best: str
    worst_grade: int | None
    worst_term: str
    deviations: int
    changed: int


@dataclass(frozen=True, slots=True)
class LookRow:
    """One interim look as listed; the rest of the trial was simulated for it."""

    on: str
    recorded_at: str
    by: str
    reason: str
    endpoint: str
    known: str
    question: str
    answer: str
    played: str
    virtual: str
    entry: int


@dataclass(frozen=True, slots=True)
class Count:
    """A count and its name."""

    name: str
    number: int


def person_rows(room: Room) -> tuple[PersonRow, ...]:
    """Everybody, enrolled first, in the order of registration."""
    people = list(room.state.participants.values())
    people.sort(key=lambda one: one.enrolled is None)
    return tuple(_row(room.protocol, person) for person in people)


def _row(protocol: Protocol, person: ParticipantState) -> PersonRow:
    worst = max(person.adverse_events, key=lambda one: one.worst_grade, default=None)
    return PersonRow(
        id=person.id,
        name=called(person.id, enrolled=person.enrolled is not None),
        site=person.site,
        phase=where(person),
        dose=dose_now(person),
        response=current_response(protocol, person),
        best=best_response(protocol, person),
        worst_grade=worst.worst_grade if worst else None,
        worst_term=worst.term if worst else "",
        deviations=len(person.deviations),
        changed=len(changed_decisions(person)),
    )


def where(person: ParticipantState) -> str:
    """How far a person has come; who was never enrolled is said to be so."""
    return "not enrolled" if person.enrolled is None and person.ended is not None else person.phase.value


def dose_now(person: ParticipantState) -> str:
    """The dose that was last prescribed, or where the treatment stands instead; empty before any."""
    if not person.prescribed:
        return ""
    last = person.prescribed[-1]
    amount = f"{event_number(str(last.dose))} {unit_in_words(last.unit)}" if last.dose > 0 else "on hold"
    return f"stopped, {'' if last.dose == 0 else 'last '}{amount}" if person.stopped is not None else amount


def current_response(protocol: Protocol, person: ParticipantState) -> str:
    """The last assessment of the first response, in words; empty where there is none."""
    name = next(iter(protocol.responses), None)
    last = next((one for one in reversed(person.responses) if one.response == name), None)
    if last is None:
        return ""
    told = response_in_words(protocol, last.response, last.category, last.assessable, last.confirmed)
    return told.partition(": ")[2]


def best_response(protocol: Protocol, person: ParticipantState) -> str:
    """The best category of the first response that was recorded, confirmed where it ever was; empty where there is none."""
    response = next(iter(protocol.responses.values()), None)
    for category in response.categories if response else ():
        seen = [one for one in person.responses if response and (one.response, one.category) == (response.id, category.id)]
        if seen:
            return category.label + (", confirmed" if any(one.confirmed for one in seen) else "")
    return ""


def look_rows(room: Room) -> tuple[LookRow, ...]:
    """The interim looks that the log records, in order."""
    return tuple(_look(room.protocol, one) for one in room.state.interim_looks)


def _look(protocol: Protocol, look: InterimLook) -> LookRow:
    endpoint = protocol.file.endpoints.get(look.endpoint)
    return LookRow(
        on=look.on.isoformat(),
        recorded_at=format_instant(look.recorded_at),
        by=look.by,
        reason=look.reason,
        endpoint=endpoint.label if endpoint is not None else look.endpoint,
        known=f"{look.enrolled} of {look.planned} enrolled, {look.known} with an outcome, {look.responders} responded",
        question=look.question,
        answer=f"{look.answer * 100:.2f} %",
        played=f"{look.trials:,} trials, seed {look.seed}",
        virtual=look.virtual,
        entry=look.entry,
    )


def counts(room: Room) -> tuple[Count, ...]:
    """How many came how far, and what happened to them."""
    people = tuple(room.state.participants.values())
    planned = room.protocol.file.sample_size.planned if room.protocol.file.sample_size else 0
    found = [
        Count("registered", len(people)),
        Count("enrolled" + (f" of {planned} planned" if planned else ""), sum(one.enrolled is not None for one in people)),
        Count("on treatment", sum(one.phase is Phase.TREATED for one in people)),
        Count("dose decisions", sum(entry.kind == "dose" for one in people for entry in one.decisions)),
        Count("decisions resting on changed data", sum(len(changed_decisions(one)) for one in people)),
        Count("deviations", sum(len(one.deviations) for one in people)),
        Count("adverse events of grade 3 or more", sum(e.worst_grade >= 3 for one in people for e in one.adverse_events)),
    ]
    return tuple(found)
