"""Who belongs to an analysis set, and to the restriction of an endpoint; unknown never counts as yes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from trialwright.datasets.assessed import first_reached
from trialwright.datasets.followed import Followed
from trialwright.datasets.plan import NotCarriedOut
from trialwright.engine.policy import TRUE, UNKNOWN
from trialwright.engine.response import judge
from trialwright.protocol.expressions import Expression, read_expression
from trialwright.protocol.study import Protocol

_ENROLLED = ("enrolled", "intention_to_treat", "itt", "randomised", "randomized", "all", "full_analysis")
_TREATED = ("treated", "safety", "as_treated")


@dataclass(frozen=True, slots=True)
class Split:
    """Those who belong, and those of whom it is not known."""

    members: tuple[Followed, ...]
    unknown: tuple[Followed, ...] = ()


def population(protocol: Protocol, name: str, everyone: Iterable[Followed]) -> Split:
    """Return the members of an analysis set: enrolled, and where its name or expression says so, more.

    Raises:
        NotCarriedOut: The set's name means nothing to the program, and the file gives no expression.
    """
    enrolled = tuple(one for one in everyone if one.person.enrolled is not None)
    declared = protocol.file.populations.get(name)
    if declared is not None and declared.when:
        place = protocol.source.place(("populations", name, "when"))
        expression, _ = read_expression(declared.when, protocol.scope, place)
        if expression is None:
            raise NotCarriedOut(f"the expression of the population “{name}” cannot be read")
        return where(expression, enrolled)
    if name in _ENROLLED:
        return Split(enrolled)
    if name in _TREATED:
        return Split(tuple(one for one in enrolled if one.person.first_dose_on is not None))
    raise NotCarriedOut(f"the population “{name}” is described in words only; give it `when`")


def population_words(protocol: Protocol, name: str) -> str:
    """Such as ``Treated set (every enrolled participant who took at least one dose)``."""
    declared = protocol.file.populations.get(name)
    return f"{declared.label} ({declared.text})" if declared else name


def where(expression: Expression, people: Iterable[Followed]) -> Split:
    """Return those for whom an expression holds on the day of their first dose (enrolment, where there is none)."""
    members, unknown = [], []
    for one in people:
        verdict = judge(expression, one.seen_on(_start(one)), explained=False).truth
        if verdict == TRUE:
            members.append(one)
        elif verdict == UNKNOWN:
            unknown.append(one)
    return Split(tuple(members), tuple(unknown))


def _start(followed: Followed) -> date:
    person = followed.person
    return person.first_dose_on or (person.enrolled.on if person.enrolled else followed.last_contact_on)


def among(protocol: Protocol, endpoint_id: str, people: tuple[Followed, ...], by: dict[str, date | None]) -> Split:
    """Restrict people to those whom the endpoint speaks of; a response counts if first seen by the date in ``by``."""
    text = protocol.file.endpoints[endpoint_id].among
    if not text:
        return Split(people)
    expression = protocol.among.get(endpoint_id)
    if expression is not None:
        return where(expression, people)
    response, _, category = text.removeprefix("response ").strip().partition(" ")
    if not text.startswith("response ") or response not in protocol.responses:
        raise NotCarriedOut(f"the restriction “{text}” cannot be read")
    confirmed = protocol.responses[response].confirm_days is not None
    members = []
    for one in people:
        reached = first_reached(one, response, category, confirmed)
        last = by.get(one.id)
        if reached is not None and (last is None or reached.on <= last):
            members.append(one)
    return Split(tuple(members))
