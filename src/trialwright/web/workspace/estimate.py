"""The trial's response rates with their intervals and rows, and what one imagined correction would do to them.

The correction is drafted by ``conduct`` in memory and estimated by ``analysis``; nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import islice

from trialwright.analysis import Carried, SampleSizeStatement, sample_size_statement
from trialwright.analysis.cohort import Cohort
from trialwright.analysis.response_rate import response_rate
from trialwright.conduct import Actor, Refused
from trialwright.conduct.commands import CorrectObservation
from trialwright.conduct.drafting import Drafting
from trialwright.conduct.trial import carry_out
from trialwright.datasets.followed import Followed
from trialwright.datasets.plan import NotCarriedOut
from trialwright.engine.advice import advise
from trialwright.engine.state import Decision, Observation, ParticipantState, changed_decisions
from trialwright.protocol import Protocol
from trialwright.protocol.expressions import Reading
from trialwright.report.wording import estimate_words
from trialwright.vocabulary.dates import study_day
from trialwright.vocabulary.findings import Finding
from trialwright.web.cache import Remembered
from trialwright.web.workspace.course import followed_variable
from trialwright.web.workspace.folder import Room
from trialwright.web.workspace.words import called, response_in_words, shown, unit_in_words

MOST_TRIED = 60
_cohorts: Remembered[Cohort] = Remembered(most=8)
_tries: Remembered[tuple[str, ...]] = Remembered(most=8)


@dataclass(frozen=True, slots=True)
class Estimated:
    """One response rate as it is and, where a correction is imagined, as it would be."""

    id: str
    title: str
    words: str
    imagined: str
    method: str
    population: str
    notes: tuple[str, ...]

    @property
    def moved(self) -> bool:
        """Whether the correction changes what is printed."""
        return bool(self.imagined) and self.imagined != self.words


@dataclass(frozen=True, slots=True)
class BehindRow:
    """One participant behind the first rate; ``imagined`` are the cells that a correction would change them to."""

    participant: str
    name: str
    cells: tuple[str, ...]
    entries: tuple[int, ...]
    imagined: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that may be corrected: its entry and its words."""

    entry: int
    words: str
    value: str


@dataclass(frozen=True, slots=True)
class Resting:
    """A recorded decision that the correction would flag, and what would be advised or read from the data as imagined."""

    words: str
    entry: int
    now: str


@dataclass(frozen=True, slots=True)
class EstimatePage:
    """What the page shows.

    Args:
        rates: Every endpoint that is a response rate, the primary one first.
        columns: Heads of the rows behind the first rate.
        behind: Those rows.
        people: Participants to choose from.
        chosen: Whose values are offered.
        values: The values offered for correction.
        corrects: The entry that is corrected in the imagination; None without one.
        given: The value put in its place, as typed.
        said: The correction in words.
        resting: Decisions that it would flag.
        refused: Why it cannot even be imagined.
        command: The command that records it for real, as plain data.
        size: What the file says of the number of participants.
        suggestion: A query that moves the estimate; empty where none was found.
    """

    rates: tuple[Estimated, ...]
    columns: tuple[str, ...]
    behind: tuple[BehindRow, ...]
    people: tuple[tuple[str, str], ...]
    chosen: str
    values: tuple[Choice, ...]
    corrects: int | None
    given: str
    said: str
    resting: tuple[Resting, ...]
    refused: tuple[Finding, ...]
    command: Mapping[str, object] | None
    size: SampleSizeStatement | None
    suggestion: str


def estimate_page(room: Room, asked: Mapping[str, str]) -> EstimatePage:
    """Gather the page; ``asked`` is the address's query: ``participant``, ``entry`` and ``value``."""
    cohort = _cohort(room)
    treated = [one for one in room.state.participants.values() if one.first_dose_on is not None]
    person = room.state.participants.get(asked.get("participant", "")) or (treated[0] if treated else None)
    values = tuple(_choices(room.protocol, person)) if person else ()
    corrects = _entry(asked.get("entry", ""), values)
    given = asked.get("value", "").strip()[:30].replace(",", ".")
    imagined = _Imagined(room, person, corrects, given) if person and corrects is not None and "value" in asked else None
    after = _with(cohort, imagined.person) if imagined and imagined.person else None
    before = tuple(_rates(cohort))
    changed = tuple(_rates(after)) if after else ()
    return EstimatePage(
        rates=tuple(_estimated(one, changed[index] if changed else None) for index, one in enumerate(before)),
        columns=before[0].evidence.columns[1:-1] if before else (),
        behind=_behind(before[0], changed[0] if changed else None) if before else (),
        people=tuple((one.id, called(one.id)) for one in treated),
        chosen=person.id if person else "",
        values=values,
        corrects=corrects,
        given=given,
        said=imagined.said if imagined and imagined.person else "",
        resting=tuple(imagined.resting()) if imagined else (),
        refused=imagined.refused if imagined else (),
        command=imagined.plain if imagined and imagined.person else None,
        size=sample_size_statement(room.protocol),
        suggestion=suggestion(room),
    )


def _cohort(room: Room) -> Cohort:
    stamp = (room.trial.head.digest, room.protocol.digest)
    return _cohorts.get(room.folder.path, stamp, lambda: Cohort.of(room.protocol, room.state, room.trial.head.digest))


def _with(cohort: Cohort, person: ParticipantState) -> Cohort:
    """The same cohort with one person's data as imagined."""
    everyone = tuple(Followed(one.protocol, person, one.until) if one.id == person.id else one for one in cohort.everyone)
    return replace(cohort, everyone=everyone)


def _rates(cohort: Cohort) -> Iterator[Carried]:
    """Every endpoint that is a response rate, in the order of the objectives."""
    plan = cohort.protocol.file
    ordered = [endpoint for objective in plan.objectives for endpoint in objective.endpoints]
    for name in dict.fromkeys([*ordered, *plan.endpoints]):
        if name in plan.endpoints and plan.endpoints[name].measure == "response":
            try:
                yield from response_rate(cohort, name)
            except NotCarriedOut:
                continue


def _estimated(carried: Carried, after: Carried | None) -> Estimated:
    result = carried.result
    return Estimated(
        id=result.id,
        title=result.title,
        words=estimate_words(result),
        imagined=estimate_words(after.result) if after else "",
        method=result.method,
        population=result.population,
        notes=(after or carried).result.notes,
    )


def _behind(carried: Carried, after: Carried | None) -> tuple[BehindRow, ...]:
    imagined = {row[0]: row for row in after.evidence.rows} if after else {}
    rows = []
    for person, *cells, entries in carried.evidence.rows:
        other = tuple(imagined[person][1:-1]) if person in imagined else ()
        numbers = tuple(int(entry) for entry in entries.split(", ") if entry.isdigit())
        rows.append(BehindRow(person, called(person), tuple(cells), numbers, other if other != tuple(cells) else ()))
    return tuple(sorted(rows, key=lambda one: not one.imagined))


def _entry(text: str, values: tuple[Choice, ...]) -> int | None:
    return next((one.entry for one in values if str(one.entry) == text), None)


def _choices(protocol: Protocol, person: ParticipantState) -> Iterator[Choice]:
    """What the followed variable is measured by, latest first."""
    seen = [one for name in _measured(protocol) for one in person.observations.get(name, ())]
    for one in sorted(seen, key=lambda one: (one.on, one.entry), reverse=True):
        yield Choice(one.entry, _observed(protocol, person, one), shown(one.value))


def _observed(protocol: Protocol, person: ParticipantState, one: Observation) -> str:
    first = person.first_dose_on
    day = f", day {study_day(one.on, first)}" if first else ""
    value = f"{shown(one.value)} {unit_in_words(one.unit)}".strip()
    return f"{protocol.label(one.variable)} {value} on {one.on}{day} (entry {one.entry})"


def _measured(protocol: Protocol) -> tuple[str, ...]:
    variable = followed_variable(protocol)
    if variable is None:
        return ()
    derivation = protocol.derivations.get(variable)
    if derivation is None:
        return (variable,)
    return tuple(given.variable for given in derivation.inputs if isinstance(given, Reading))


class _Imagined:
    """One correction, drafted in memory by the rules of ``conduct``: the person after it, or why it is refused."""

    def __init__(self, room: Room, person: ParticipantState, corrects: int, given: str) -> None:
        self.room, self.before = room, person
        self.person: ParticipantState | None = None
        self.refused: tuple[Finding, ...] = ()
        last = room.facts[-1]
        on = last.recorded_at.date()
        value = given or None
        seen = next(one for series in person.observations.values() for one in series if one.entry == corrects)
        self.said = f"{_observed(room.protocol, person, seen)} → {given or 'never observed'}"
        command = CorrectObservation(participant=person.id, on=on, corrects=corrects, value=value, reason="a what-if")
        self.plain = {"command": "CorrectObservation", **command.model_dump(mode="json"), "reason": "why it was wrong"}
        draft = Drafting(
            room.protocol, room.state, last.sequence + 1, last.recorded_at, Actor("what-if", "coordinator", person.site)
        )
        try:
            carry_out(command, draft)
        except Refused as refused:
            self.refused = refused.findings
        else:
            self.person = draft.state.participants[person.id]

    def resting(self) -> Iterator[Resting]:
        """The recorded decisions that the correction alone would flag."""
        if self.person is None:
            return
        flagged = {one.decision.entry for one in changed_decisions(self.before)}
        for one in changed_decisions(self.person):
            if one.decision.entry not in flagged:
                yield Resting(self._words(one.decision), one.decision.entry, self._now(one.decision))

    def _words(self, decision: Decision) -> str:
        kind = {"dose": "dose advice", "response": "response", "state": "derived state"}.get(decision.kind, decision.kind)
        if decision.kind == "response":
            fact = next(one for one in self.before.responses if one.entry == decision.entry)
            told = response_in_words(self.room.protocol, fact.response, fact.category, fact.assessable, fact.confirmed)
            return f"{decision.on}: {told}"
        return f"{decision.on}: {kind}, {decision.summary}"

    def _now(self, decision: Decision) -> str:
        assert self.person is not None
        found = advise(self.room.protocol, self.person, decision.on)
        if found is None:
            return ""
        if decision.kind == "dose":
            return found.headline
        response = found.responses.get(decision.rule)
        if decision.kind != "response" or response is None:
            return ""
        told = response_in_words(
            self.room.protocol, response.response, response.category, response.assessable, response.confirmed
        )
        return f"would read {told.partition(': ')[2]}"


def size_rows(size: SampleSizeStatement) -> tuple[tuple[str, ...], ...]:
    """The table of what the planned number could have shown, as text."""
    return tuple(
        (
            f"{one.rule.null_rate * 100:.0f} %",
            f"{one.rule.min_responses} of {one.rule.n}" if one.rule.can_reject else "no result would do",
            f"{one.rule.alpha_exact * 100:.1f} %",
            *(f"{rate * 100:.0f} %" if rate is not None else "none" for rate in (one.rate_power_80, one.rate_power_90)),
        )
        for one in size.detectable
    )


def suggestion(room: Room) -> str:
    """A query whose correction moves the first rate: a decimal point that slipped; empty where none of a few dozen does."""
    stamp = (room.trial.head.digest, room.protocol.digest)
    found = _tries.get(room.folder.path, stamp, lambda: tuple(_moving(room)))
    return found[0] if found else ""


def _moving(room: Room) -> Iterator[str]:
    cohort = _cohort(room)
    first = next(iter(_rates(cohort)), None)
    for person, entry, value in islice(_slips(room, first), MOST_TRIED) if first else ():
        imagined = _Imagined(room, person, entry, value)
        if imagined.person is None or first is None:
            continue
        after = next(iter(_rates(_with(cohort, imagined.person))))
        if estimate_words(after.result) != estimate_words(first.result):
            yield f"participant={person.id}&entry={entry}&value={value}"
            return


def _slips(room: Room, carried: Carried) -> Iterator[tuple[ParticipantState, int, str]]:
    """Counts with their decimal point one place off, the likeliest to matter first.

    Of a participant with an unconfirmed response: a tenth of each count. Of a responder: ten times a count behind it.
    """
    endpoint = room.protocol.file.endpoints[carried.result.id]
    for row in sorted(carried.evidence.rows, key=lambda row: (row[1] == "yes", row[0])):
        person, responded = room.state.participants[row[0]], row[1] == "yes"
        behind = {int(entry) for entry in row[-1].split(", ") if entry.isdigit()}
        once = any(one.response == endpoint.response and one.category == endpoint.category for one in person.responses)
        for choice in _choices(room.protocol, person) if responded or once else ():
            if choice.value.replace(".", "", 1).isdigit() and (not responded or choice.entry in behind):
                yield person, choice.entry, f"{Decimal(choice.value).scaleb(1 if responded else -1):f}"
