"""The visits of a rehearsal, as the protocol plans them: what can be played, in days since the first dose or the stop.

Reads the compiled schedule only. A visit that hangs on something else than the first dose or the stop is named, not played.
"""

from __future__ import annotations

from dataclasses import dataclass

from trialwright.protocol.study import CompiledEncounter, Protocol
from trialwright.protocol.timing import FIRST_DOSE
from trialwright.simulation.lives import VisitKind, visit_kind
from trialwright.simulation.virtual.model import Virtual

TREATMENT_STOP = "treatment stop"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One planned visit: days since its anchor, with the window's ends."""

    kind: VisitKind
    occurrence: int
    earliest: int
    target: int
    latest: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The visits by phase; ``closing`` is the one that an early stop brings forward."""

    before: tuple[PlannedStep, ...]
    first: VisitKind | None
    treatment: tuple[PlannedStep, ...]
    after: tuple[PlannedStep, ...]
    closing: PlannedStep | None
    unscheduled: VisitKind
    unplayed: tuple[CompiledEncounter, ...]


def rehearsal_plan(protocol: Protocol, virtual: Virtual) -> Plan:
    """Return the visits that a rehearsal of the protocol plays."""
    before: list[PlannedStep] = []
    treatment: list[PlannedStep] = []
    after: list[PlannedStep] = []
    first: VisitKind | None = None
    unplayed = []
    for encounter in protocol.encounters:
        anchors = {moment.anchor for moment in encounter.occurrences}
        if encounter.trigger is not None or not anchors or not anchors <= {FIRST_DOSE, TREATMENT_STOP}:
            unplayed.append(encounter)
            continue
        kind = visit_kind(protocol, virtual, encounter.id)
        for step in _steps(encounter, kind):
            if encounter.occurrences[step.occurrence - 1].anchor == TREATMENT_STOP:
                after.append(step)
            elif step.target < 0:
                before.append(step)
            elif step.target == 0 and first is None and kind.decides:
                first = kind
            else:
                treatment.append(step)
    in_order = tuple(sorted(treatment, key=lambda one: (one.target, one.kind.encounter)))
    return Plan(
        tuple(before),
        first,
        in_order,
        tuple(sorted(after, key=lambda one: one.target)),
        _closing(protocol, in_order),
        visit_kind(protocol, virtual, "unscheduled"),
        tuple(unplayed),
    )


def _steps(encounter: CompiledEncounter, kind: VisitKind) -> list[PlannedStep]:
    found = []
    for number, moment in enumerate(encounter.occurrences, start=1):
        low, high = moment.days
        found.append(PlannedStep(kind, number, low - encounter.window.before, low, high + encounter.window.after))
    return found


def _closing(protocol: Protocol, treatment: tuple[PlannedStep, ...]) -> PlannedStep | None:
    """The first visit of the last encounter of an epoch that counts from the first dose; the engine's plan moves it."""
    last_of_epoch = {encounter.epoch: encounter.id for encounter in protocol.encounters}
    closes = set(last_of_epoch.values())
    return next((step for step in reversed(treatment) if step.kind.encounter in closes and step.occurrence == 1), None)
