"""Intercurrent events of an endpoint (ICH E9(R1)): which are read from the log, by which strategy, and for whom.

A strategy that needs a model (hypothetical, principal stratum) is named and not applied.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from trialwright.datasets.doses import dose_rows
from trialwright.datasets.followed import Followed
from trialwright.datasets.plan import Happened, Target, ToDeath, ToMedication, ToTreatmentStop, ToWithdrawal, deadline
from trialwright.datasets.plan import first_happened as first_of_target
from trialwright.protocol.model.aims import Endpoint, IntercurrentEvent
from trialwright.protocol.study import Protocol

BEFORE = " before response"
PROPHYLACTIC = "prophylactic"
RESCUE = ("rescue therapy", "rescue medication", "rescue")


@dataclass(frozen=True, slots=True)
class Composite:
    """An event that decides the endpoint: ``succeeds`` False for failure; ``before`` only ahead of a response."""

    words: str
    succeeds: bool
    before: bool


@dataclass(frozen=True, slots=True)
class Intercurrent:
    """What is applied, what ends the period that counts, and what is told about the rest."""

    composites: tuple[Composite, ...]
    ending: tuple[str, ...]
    policies: tuple[str, ...]
    not_applied: tuple[str, ...]


def read_intercurrent(endpoint: Endpoint, protocol: Protocol) -> Intercurrent:
    """Sort the endpoint's intercurrent events by what is done about them."""
    composites, ending, policies, not_applied = [], [], [], []
    for one in endpoint.intercurrent:
        words = one.event.removesuffix(BEFORE).strip()
        match one.strategy:
            case "treatment policy":
                policies.append(words)
            case "composite" | "while on treatment" if not _known(words, protocol):
                not_applied.append(f"{one.event}: it names no event that the log records")
            case "composite":
                composites.append(Composite(words, _succeeds(one), one.event.endswith(BEFORE)))
            case "while on treatment":
                ending.append(words)
            case "hypothetical" | "principal stratum":
                not_applied.append(f"{one.event}: the strategy “{one.strategy}” needs a model that the plan does not give")
    return Intercurrent(tuple(composites), tuple(ending), tuple(policies), tuple(not_applied))


def _succeeds(one: IntercurrentEvent) -> bool:
    return (one.reads or "failure").strip().lower() in ("success", "response", "responder")


def _known(words: str, protocol: Protocol) -> bool:
    return words in (*RESCUE, "dose hold") or words.startswith(PROPHYLACTIC) or bool(_targets(words, protocol))


def _targets(words: str, protocol: Protocol) -> tuple[Target, ...]:
    """The plain events that the words name; a medication group by its name or its label."""
    plain: dict[str, Target] = {
        "withdrawal": ToWithdrawal(),
        "withdrawal of consent": ToWithdrawal(),
        "death": ToDeath(),
        "treatment stop": ToTreatmentStop(),
        "treatment discontinuation": ToTreatmentStop(),
        "discontinuation of treatment": ToTreatmentStop(),
    }
    if words in plain:
        return (plain[words],)
    groups = protocol.file.medications
    return tuple(ToMedication(name) for name, one in groups.items() if words in (name, one.label))


def first_happened(words: str, followed: Followed) -> Happened | None:
    """Return when an intercurrent event first happened, from the first dose on."""
    start = followed.person.first_dose_on
    if words == "dose hold":
        held = next((row for row in dose_rows(followed) if row.held), None)
        return Happened(ToTreatmentStop(), held.from_on, None, held.entries, held.from_on) if held else None
    if words in RESCUE:
        return _medication(followed, start, ("new", "increased"))
    if words.startswith(PROPHYLACTIC):
        return _medication(followed, None, (PROPHYLACTIC,))
    found = [first_of_target(target, followed, start) for target in _targets(words, followed.protocol)]
    return min((one for one in found if one is not None), key=lambda one: one.on, default=None)


def _medication(followed: Followed, start: date | None, changes: tuple[str, ...]) -> Happened | None:
    """Medication of any group that the protocol names, so changed, from ``start`` on; prophylaxis is no rescue."""
    groups = followed.protocol.file.medications
    for one in sorted(followed.person.medications, key=lambda taken: taken.on):
        if one.group in groups and one.change in changes and (start is None or one.on >= start):
            return Happened(ToMedication(one.group), one.on, None, one.entries, one.on)
    return None


def happened_to(words: str, people: tuple[Followed, ...], by: str | None) -> int:
    """How many had the event by the endpoint's time; -1 where the log does not record it."""
    if people and not _known(words, people[0].protocol):
        return -1
    found = [(first_happened(words, one), deadline(by, one)) for one in people]
    return sum(1 for event, last in found if event is not None and (last is None or event.on <= last))
