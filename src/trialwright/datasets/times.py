"""Times to an event per participant: time zero, what ended it, and why it ended where no event came.

Days are calendar days from time zero, which is 0. An event is dated to the visit that first showed it, and counts once it
is established within the period; on one day it comes before what competes with it. It estimates nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from trialwright.datasets.columns import about
from trialwright.datasets.followed import Followed
from trialwright.datasets.plan import (
    Happened,
    NotCarriedOut,
    Target,
    ToMedication,
    ToState,
    anchor_date,
    deadline,
    first_happened,
    last_watched,
    read_targets,
    target_words,
)
from trialwright.datasets.populations import among, population
from trialwright.protocol.model.aims import Endpoint
from trialwright.protocol.study import Protocol

EVENT, CENSORED, COMPETING = "event", "censored", "competing"


@dataclass(frozen=True, slots=True)
class TimeRow:
    """One participant's time for one endpoint."""

    endpoint: str = field(metadata=about("Endpoint", "identifier in the protocol"))
    participant: str = field(metadata=about("Participant", "pseudonym in the log"))
    origin_on: date = field(metadata=about("Time zero", "date of the endpoint's milestone"))
    end_on: date = field(metadata=about("End", "date of the event, of what competed, or of the last look"))
    days: int = field(metadata=about("Time", "calendar days from time zero to the end", "d"))
    outcome: str = field(metadata=about("Outcome", "event, competing or censored"))
    what: str = field(metadata=about("What ended it", "the event, the competing event, or why the time is censored"))
    clear_days: int | None = field(
        metadata=about("Last clear", "days from time zero to the last look that did not show the event; it came after", "d")
    )
    entries: tuple[int, ...] = field(metadata=about("Log entries", "behind the event or what competed; empty where censored"))


@dataclass(frozen=True, slots=True)
class Times:
    """The rows of one endpoint, and who has none: no time zero (yet), the event before it, or membership unknown."""

    rows: tuple[TimeRow, ...]
    not_begun: tuple[str, ...] = ()
    before_origin: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Plan:
    endpoint: str
    wanted: tuple[Target, ...]
    competing: tuple[Target, ...]
    origin: str
    by: str | None


def times_of(protocol: Protocol, endpoint_id: str, everyone: Iterable[Followed]) -> Times:
    """Return the times of one endpoint.

    Raises:
        NotCarriedOut: The endpoint asks for what the program does not know.
    """
    endpoint = protocol.file.endpoints[endpoint_id]
    plan = _read(protocol, endpoint_id, endpoint)
    members = population(protocol, endpoint.population or "enrolled", everyone)
    origins = {one.id: anchor_date(plan.origin, one) for one in members.members}
    chosen = among(protocol, endpoint_id, members.members, origins)
    rows, not_begun, before = [], [], []
    for one in chosen.members:
        origin = origins[one.id]
        if origin is None:
            not_begun.append(one.id)
            continue
        row = _row(plan, one, origin)
        if row is None:
            before.append(one.id)
        else:
            rows.append(row)
    unknown = (*members.unknown, *chosen.unknown)
    return Times(tuple(rows), tuple(not_begun), tuple(before), tuple(one.id for one in unknown))


def _read(protocol: Protocol, endpoint_id: str, endpoint: Endpoint) -> _Plan:
    if not endpoint.from_ or not endpoint.to:
        raise NotCarriedOut("a time needs `from` and `to`")
    wanted = read_targets(endpoint.to, protocol)
    competing = tuple(target for text in endpoint.competing for target in read_targets(text, protocol))
    included = tuple(one for one in competing if one in wanted or one in counted_as_event(protocol, wanted))
    rest = tuple(one for one in competing if one not in included)
    return _Plan(endpoint_id, wanted, rest, endpoint.from_, endpoint.by)


def counted_as_event(protocol: Protocol, wanted: Iterable[Target]) -> tuple[Target, ...]:
    """Medication that a wanted state counts as itself, by its own definition: it cannot compete with it."""
    states = [protocol.states[one.state] for one in wanted if isinstance(one, ToState)]
    return tuple(ToMedication(one.or_medication) for one in states if one.or_medication)


def _row(plan: _Plan, one: Followed, origin: date) -> TimeRow | None:
    """The participant's row; None where the event came before time zero."""
    events = [found for target in plan.wanted if (found := first_happened(target, one, origin)) is not None]
    event = min(events, key=lambda found: found.on, default=None)
    if event is not None and event.on < origin:
        return None
    rivals = [found for target in plan.competing if (found := first_happened(target, one, origin)) is not None]
    rival = min((found for found in rivals if found.on >= origin), key=lambda found: found.on, default=None)
    last, why = _last_look(plan, one, origin)
    end = deadline(plan.by, one)
    if event is not None and end is not None and event.established_on > end:
        event = None
    if rival is not None and rival.on <= last and (event is None or rival.on < event.on):
        return _ended(plan, one, origin, rival, COMPETING)
    if event is not None and event.on <= last:
        return _ended(plan, one, origin, event, EVENT)
    return TimeRow(plan.endpoint, one.id, origin, last, (last - origin).days, CENSORED, why, (last - origin).days, ())


def _ended(plan: _Plan, one: Followed, origin: date, found: Happened, outcome: str) -> TimeRow:
    clear = None if outcome != EVENT or found.clear_on is None else max((found.clear_on - origin).days, 0)
    words = target_words(found.target, one.protocol)
    return TimeRow(plan.endpoint, one.id, origin, found.on, (found.on - origin).days, outcome, words, clear, found.entries)


def _last_look(plan: _Plan, one: Followed, origin: date) -> tuple[date, str]:
    """The last day that counts, and why none later does."""
    looked = [day for target in plan.wanted if (day := last_watched(target, one)) is not None]
    events = [found.on for target in (*plan.wanted, *plan.competing) if (found := first_happened(target, one, origin))]
    last = max([origin, *looked, *(day for day in events if day >= origin)])
    end = deadline(plan.by, one)
    if end is not None and last > end:
        return end, "end of the period that the endpoint counts"
    ended = one.person.ended.reason if one.person.ended else ""
    died = "death" if one.person.died else ""
    withdrawn = "withdrawal" if one.person.withdrawn else ""
    return last, died or withdrawn or ended or "last look so far"
