"""Reads what an endpoint of the file says about time and events: deadlines, time zero, what counts, what competes.

What the words ask for and the program does not know is said with :class:`NotCarriedOut`, which the analysis collects; it
is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from trialwright.datasets.assessed import assessments, first_reached, states_reached, variables_of
from trialwright.datasets.doses import dose_rows
from trialwright.datasets.followed import Followed
from trialwright.engine.gather import milestone_date
from trialwright.engine.state import Ending
from trialwright.protocol.expressions import Milestone
from trialwright.protocol.study import Protocol
from trialwright.protocol.timing import TimingError, read_moments

_MILESTONES = {milestone.value: milestone for milestone in Milestone}


class NotCarriedOut(Exception):  # noqa: N818 - it never leaves the analysis, which collects its sentence
    """Something that the plan asks for and the program cannot carry out; the message is a sentence for the reader."""


@dataclass(frozen=True, slots=True)
class ToResponse:
    """First assessment of the run that confirmed a category (or, where nothing is confirmed, the first one)."""

    response: str
    category: str


@dataclass(frozen=True, slots=True)
class ToState:
    """A derived state, at the visit that first showed it."""

    state: str


@dataclass(frozen=True, slots=True)
class ToDeath:
    """Death of any cause."""


@dataclass(frozen=True, slots=True)
class ToWithdrawal:
    """Consent was withdrawn, or treatment stopped by withdrawal."""


@dataclass(frozen=True, slots=True)
class ToTreatmentStop:
    """Treatment stopped for any reason."""


@dataclass(frozen=True, slots=True)
class ToMedication:
    """Medication of a group was started or increased."""

    group: str


Target = ToResponse | ToState | ToDeath | ToWithdrawal | ToTreatmentStop | ToMedication


@dataclass(frozen=True, slots=True)
class Happened:
    """When a target was first met.

    ``clear_on`` is the last day before on which it was seen not to hold; ``established_on`` the day from which it stands
    (a response once it is confirmed).
    """

    target: Target
    on: date
    clear_on: date | None
    entries: tuple[int, ...]
    established_on: date


def read_targets(text: str, protocol: Protocol) -> tuple[Target, ...]:
    """Read what is waited for, such as ``state relapse or death``; the first of several counts.

    Raises:
        NotCarriedOut: A part names nothing that the program can find in a log.
    """
    return tuple(_read_target(" ".join(part.split()), protocol) for part in text.split(" or "))


def _read_target(text: str, protocol: Protocol) -> Target:
    word, _, rest = text.partition(" ")
    name = rest.strip()
    if word == "response":
        response, _, category = name.partition(" ")
        if response in protocol.responses:
            best = protocol.responses[response].categories[0].id
            return ToResponse(response, category.strip() or best)
    state = name if word == "state" else text
    if state in protocol.states:
        return ToState(state)
    if text in protocol.file.medications:
        return ToMedication(text)
    plain: dict[str, Target] = {
        "death": ToDeath(),
        "death from any cause": ToDeath(),
        "withdrawal": ToWithdrawal(),
        "treatment stop": ToTreatmentStop(),
        "treatment discontinuation": ToTreatmentStop(),
    }
    found = plain.get(text)
    if found is None:
        raise NotCarriedOut(f"the event “{text}” is none that the log records")
    return found


def target_words(target: Target, protocol: Protocol) -> str:
    """Name a target as a reader would."""
    match target:
        case ToResponse(response, category):
            compiled = protocol.responses[response]
            label = next((one.label for one in compiled.categories if one.id == category), category)
            return f"{label} {compiled.label}"
        case ToState(state):
            return protocol.states[state].label
        case ToDeath():
            return "death"
        case ToWithdrawal():
            return "withdrawal"
        case ToTreatmentStop():
            return "treatment stop"
        case ToMedication(group):
            return protocol.file.medications[group].label
        case _:
            assert_never(target)


def first_happened(target: Target, followed: Followed, after: date | None = None) -> Happened | None:
    """Return when a target was first met (for medication: on or after ``after``)."""
    person = followed.person
    match target:
        case ToResponse():
            return _response_reached(target, followed)
        case ToState(state):
            found = next((one for one in states_reached(followed) if one.state == state), None)
            return Happened(target, found.on, found.last_clear_on, found.entries, found.established_on) if found else None
        case ToDeath():
            return _ended(target, person.died)
        case ToWithdrawal():
            stopped = person.stopped if person.stopped is not None and person.stopped.reason == "withdrawal" else None
            ends = [one for one in (person.withdrawn, stopped) if one is not None]
            first = min(ends, key=lambda one: one.on, default=None)
            return _ended(target, first)
        case ToTreatmentStop():
            return _ended(target, person.stopped)
        case ToMedication(group):
            begun = [one for one in person.medications if one.group == group and one.change != "stable"]
            taken = min((one for one in begun if after is None or one.on >= after), key=lambda one: one.on, default=None)
            return Happened(target, taken.on, None, taken.entries, taken.on) if taken else None
        case _:
            assert_never(target)


def _response_reached(target: ToResponse, followed: Followed) -> Happened | None:
    confirmed = followed.protocol.responses[target.response].confirm_days is not None
    reached = first_reached(followed, target.response, target.category, confirmed)
    if reached is None:
        return None
    before = [row.on for row in assessments(followed, target.response) if row.on < reached.on and row.category]
    clear = before[-1] if before else followed.person.first_dose_on
    return Happened(target, reached.on, clear, reached.entries, reached.confirmed_on or reached.on)


def _ended(target: Target, ending: Ending | None) -> Happened | None:
    return Happened(target, ending.on, None, (ending.entry,), ending.on) if ending else None


def last_watched(target: Target, followed: Followed) -> date | None:
    """Return the last day on which the target would have been noticed; None where nobody looked."""
    match target:
        case ToResponse(response):
            days: Iterator[date] = (row.on for row in assessments(followed, response) if row.category)
            return max(days, default=None)
        case ToState(state):
            return max(followed.observed_on(variables_of(followed.protocol.states[state])), default=None)
        case ToDeath() | ToWithdrawal() | ToTreatmentStop() | ToMedication():
            return followed.last_contact_on
        case _:
            assert_never(target)


def anchor_date(name: str, followed: Followed) -> date | None:
    """Return the date of a milestone, such as ``treatment stop``; None where it has not come.

    Raises:
        NotCarriedOut: There is no such milestone.
    """
    milestone = _MILESTONES.get(name)
    if milestone is None:
        raise NotCarriedOut(f"“{name}” is no milestone that the log records")
    if milestone is Milestone.LAST_DOSE:
        return max((row.to_on for row in dose_rows(followed) if not row.held), default=None)
    return milestone_date(milestone, "", followed.at_end())


def deadline(text: str | None, followed: Followed) -> date | None:
    """Return the last day that an endpoint counts, such as that of ``week 12``; None where it has none (yet).

    Raises:
        NotCarriedOut: The text is no time, or counts from something that the log does not record.
    """
    if not text:
        return None
    try:
        moments = read_moments(text)
    except TimingError as error:
        raise NotCarriedOut(f"{error}") from None
    anchor = anchor_date(moments[-1].anchor, followed)
    return None if anchor is None else moments[-1].span(anchor)[1]
