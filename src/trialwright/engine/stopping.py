"""Says whether a computed stopping rule stops the trial, from the state of all participants. Pure; it stops nothing itself.

A look is at the first so many participants in order of enrolment. What is not yet known of them counts neither way: a look is
decided as soon as no outcome still to come could change it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from trialwright.designs.stopping import verdict
from trialwright.engine.gather import Standpoint
from trialwright.engine.plan import anchor_date, onsets
from trialwright.engine.policy import FALSE, TRUE, UNKNOWN
from trialwright.engine.readings import Readings
from trialwright.engine.response import judge
from trialwright.engine.state import ParticipantState, TrialState
from trialwright.protocol.model.aims import Endpoint
from trialwright.protocol.study import CompiledMonitoring, Protocol
from trialwright.protocol.timing import read_moments

Says = Literal["stop", "go on", "wait"]


@dataclass(frozen=True, slots=True)
class LookResult:
    """What a rule says at a look.

    ``look`` is the number of participants looked at, ``counted`` those with the outcome, ``unknown`` those of whom it is not
    known yet, ``references`` the log entries behind the counted ones. ``sentence`` says it in words.
    """

    monitoring: CompiledMonitoring
    look: int
    counted: int
    unknown: int
    says: Says
    sentence: str
    references: tuple[int, ...]

    @property
    def stops(self) -> bool:
        """True where enrolment must stop."""
        return self.says == "stop" and self.monitoring.binding


def looks(protocol: Protocol, state: TrialState, on: date) -> tuple[LookResult, ...]:
    """Return what each rule says at each look that has its participants, as far as is known on a day.

    Args:
        protocol: With its ``monitoring``.
        state: Of all participants.
        on: The day asked about; what was recorded for later days is not seen.

    Returns:
        Rule after rule, look after look. A rule's looks end with one that stops, or with one that is not decided yet; a later
        look that stops whatever comes of an earlier one stands behind it.
    """
    if not protocol.monitoring:
        return ()
    enrolled = _in_order(state, on)
    return tuple(one for rule in protocol.monitoring for one in _of_rule(protocol, rule, enrolled, on))


def standing(protocol: Protocol, state: TrialState, on: date) -> tuple[str, ...]:
    """Say in words which rules stop the trial, advise to stop, or wait; nothing of those that let it go on."""
    told = []
    for one in looks(protocol, state, on):
        named = f"monitoring rule `{one.monitoring.id}`"
        if one.stops:
            told.append(f"The {named} stops the trial, nobody more is enrolled: {one.sentence}.")
        elif one.says == "stop":
            told.append(f"The {named} advises to stop, and is not binding: {one.sentence}.")
        elif one.says == "wait":
            meanwhile = "nobody is enrolled meanwhile" if one.monitoring.waits else "enrolment goes on meanwhile"
            told.append(f"The {named} awaits outcomes, {meanwhile}: {one.sentence}.")
    return tuple(told)


def stopped_by(protocol: Protocol, state: TrialState, on: date) -> LookResult | None:
    """Return the first result that stops the trial; None where none does."""
    return next((one for one in looks(protocol, state, on) if one.stops), None)


def awaited_look(protocol: Protocol, state: TrialState, on: date) -> LookResult | None:
    """Return the look whose result must be known before anybody else is enrolled; None where there is none."""
    return next((one for one in looks(protocol, state, on) if one.says == "wait" and one.monitoring.waits), None)


def _in_order(state: TrialState, on: date) -> list[ParticipantState]:
    found = [(one.enrolled.on, one.enrolled.entry, one) for one in state.participants.values() if one.enrolled is not None]
    return [one for day, _, one in sorted(found, key=lambda row: row[:2]) if day <= on]


def _of_rule(protocol: Protocol, rule: CompiledMonitoring, enrolled: list[ParticipantState], on: date) -> list[LookResult]:
    wanted = [look for look in rule.rule.looks if look <= len(enrolled)]
    outcomes = [outcome(protocol, rule, person, on) for person in enrolled[: wanted[-1]]] if wanted else []
    found: list[LookResult] = []
    for look in wanted:
        one = _result(rule, look, outcomes[:look])
        if one.says == "stop" or not found or found[-1].says == "go on":
            found.append(one)
        if one.says == "stop":
            break
    return found


def _result(rule: CompiledMonitoring, look: int, outcomes: list[tuple[int, tuple[int, ...]]]) -> LookResult:
    counted = sum(1 for known, _ in outcomes if known == TRUE)
    unknown = sum(1 for known, _ in outcomes if known == UNKNOWN)
    fewest, most = _side(rule, look, counted), _side(rule, look, counted + unknown)
    says: Says = "wait" if fewest != most else "stop" if fewest else "go on"
    behind = tuple(sorted({entry for known, entries in outcomes if known == TRUE for entry in entries}))
    what = "had the event" if rule.event is not None else "responded"
    told = f"{counted} of the first {look} participants {what}"
    if unknown:
        told += f", of {unknown} it is not known yet"
    return LookResult(rule, look, counted, unknown, says, f"{told}; {_bound(rule, look)}", behind)


def _side(rule: CompiledMonitoring, look: int, count: int) -> int:
    found = verdict((rule.rule,), look, count, look, count)
    return int(found.side)


def _bound(rule: CompiledMonitoring, look: int) -> str:
    low, high = int(rule.rule.low[look]), int(rule.rule.high[look])
    told = [f"{low} or fewer"] if low >= 0 else []
    told += [f"{high} or more"] if high <= rule.rule.most else []
    return f"at this look `{rule.id}` stops with {' and with '.join(told)}"


def outcome(protocol: Protocol, rule: CompiledMonitoring, person: ParticipantState, on: date) -> tuple[int, tuple[int, ...]]:
    """Whether a participant has what the rule counts (TRUE, FALSE, UNKNOWN), and the log entries that say so.

    Responses count as they were recorded, from the first that is good enough (and confirmed, where the endpoint asks so) until
    the endpoint's time point. Without one by then, after death, or once follow-up has ended, a participant is none. Other
    intercurrent events of the estimand are read by the final analysis only.
    """
    at = Standpoint(protocol, person, on, Readings(protocol, person, on))
    counted = _event(rule, at) if rule.event is not None else _response(protocol.file.endpoints[rule.endpoint], at)
    if counted is not None:
        return TRUE, counted
    return (FALSE, ()) if _settled(protocol, rule, at) else (UNKNOWN, ())


def _response(endpoint: Endpoint, at: Standpoint) -> tuple[int, ...] | None:
    compiled = at.protocol.responses[endpoint.response or ""]
    names = [one.id for one in compiled.categories]
    good = set(names[: names.index(endpoint.category or names[0]) + 1])
    last = _last_day(endpoint.by, at)
    seen = sorted((one for one in at.person.responses if one.response == compiled.id and one.on <= at.on), key=lambda one: one.on)
    for one in seen:
        if one.category in good and (one.confirmed or not endpoint.confirmed) and (last is None or one.on <= last):
            return (one.entry, *one.references)
    return None


def _event(rule: CompiledMonitoring, at: Standpoint) -> tuple[int, ...] | None:
    """The entries behind the harm, where it began by the day on which the participant is free of it."""
    assert rule.event is not None
    last = _free_day(rule, at)
    days = [day for day in onsets(rule.event, at) if last is None or day <= last]
    if not days:
        return None
    return judge(
        rule.event, Standpoint(at.protocol, at.person, days[0], at.readings.back_to(days[0])), explained=False
    ).references


def _free_day(rule: CompiledMonitoring, at: Standpoint) -> date | None:
    anchor = anchor_date(rule.free_at.anchor, at) if rule.free_at is not None else None
    return rule.free_at.span(anchor)[1] if rule.free_at is not None and anchor is not None else None


def _settled(protocol: Protocol, rule: CompiledMonitoring, at: Standpoint) -> bool:
    """Whether no outcome is to come: the time point has passed, or the participant can no longer reach it."""
    person = at.person
    all_withdrawn = person.withdrawn if person.withdrawn is not None and person.withdrawn.reason == "all" else None
    if any(ending is not None and ending.on <= at.on for ending in (person.died, person.ended, all_withdrawn)):
        return True
    if rule.event is None:
        last = _last_day(protocol.file.endpoints[rule.endpoint].by, at)
    elif rule.free_at is None:
        return person.first_dose_on is not None and person.first_dose_on <= at.on
    else:
        last = _free_day(rule, at)
    return last is not None and at.on > last


def _last_day(text: str | None, at: Standpoint) -> date | None:
    """The last day that counts for an endpoint; None where its anchor has not come."""
    if not text:
        return None
    moment = read_moments(text)[-1]
    anchor = anchor_date(moment.anchor, at)
    return moment.span(anchor)[1] if anchor is not None else None
