"""A participant's state while events are folded into it: lists that grow, to be frozen at the end. Decides nothing."""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol, TypeVar

from trialwright.engine.state import (
    AdverseEventFact,
    Attestation,
    ConsentFact,
    Decision,
    DeviationFact,
    DoseFact,
    Ending,
    MedicationFact,
    Observation,
    ParticipantState,
    Phase,
    ResponseFact,
    Visit,
)
from trialwright.events.catalogue import ParticipantEvent

_RANK = {
    Phase.CANDIDATE: 0, Phase.NOT_ELIGIBLE: 0, Phase.ELIGIBLE: 0, Phase.ENROLLED: 1, Phase.TREATED: 2, Phase.STOPPED: 3,
    Phase.ENDED: 4,
}  # fmt: skip
_LISTS = (
    "consents", "attestations", "visits", "prescribed", "administered", "decisions", "responses", "states", "adverse_events",
    "medications", "deviations",
)  # fmt: skip
_ENDINGS = ("enrolled", "stopped", "withdrawn", "died", "ended")


class Dated(Protocol):
    """Something with a date."""

    @property
    def on(self) -> date:
        """The date."""
        ...


Fact = TypeVar("Fact", bound=Dated)


class PersonDraft:
    """One participant, to be changed in place and frozen once. The fields are those of ``ParticipantState``."""

    __slots__ = (
        *_LISTS,
        *_ENDINGS,
        "arm",
        "corrected",
        "id",
        "observations",
        "phase",
        "registered_on",
        "site",
        "stops",
        "variable_of_entry",
    )

    def __init__(self, first: ParticipantEvent) -> None:
        """Begin with nobody known; ``first`` is the first event about them."""
        self.id, self.site, self.registered_on = first.participant, "", first.on
        self.phase, self.arm = Phase.CANDIDATE, ""
        self.consents: list[ConsentFact] = []
        self.attestations: list[Attestation] = []
        self.visits: list[Visit] = []
        self.prescribed: list[DoseFact] = []
        self.administered: list[DoseFact] = []
        self.decisions: list[Decision] = []
        self.responses: list[ResponseFact] = []
        self.states: list[Decision] = []
        self.adverse_events: list[AdverseEventFact] = []
        self.medications: list[MedicationFact] = []
        self.deviations: list[DeviationFact] = []
        self.observations: dict[str, list[Observation]] = {}
        self.variable_of_entry: dict[int, str] = {}
        self.corrected: dict[int, int] = {}
        self.stops: dict[str, Ending] = {}
        self.enrolled: Ending | None = None
        self.stopped: Ending | None = None
        self.withdrawn: Ending | None = None
        self.died: Ending | None = None
        self.ended: Ending | None = None

    @classmethod
    def of(cls, person: ParticipantState) -> PersonDraft:
        """Go on from a participant's state, which stays as it is."""
        draft = cls.__new__(cls)
        draft.id, draft.site, draft.registered_on = person.id, person.site, person.registered_on
        draft.phase, draft.arm = person.phase, person.arm
        for name in _LISTS:
            setattr(draft, name, list(getattr(person, name)))
        for name in _ENDINGS:
            setattr(draft, name, getattr(person, name))
        draft.observations = {variable: list(series) for variable, series in person.observations.items()}
        draft.variable_of_entry = dict(person.variable_of_entry)
        draft.corrected = dict(person.corrected)
        draft.stops = dict(person.stops)
        return draft

    def frozen(self) -> ParticipantState:
        """Return the state that the draft has come to."""
        kept: dict[str, Any] = {name: tuple(getattr(self, name)) for name in _LISTS}
        kept |= {name: getattr(self, name) for name in _ENDINGS}
        return ParticipantState(
            id=self.id,
            site=self.site,
            registered_on=self.registered_on,
            phase=self.phase,
            arm=self.arm,
            observations={variable: tuple(series) for variable, series in self.observations.items()},
            variable_of_entry=dict(self.variable_of_entry),
            corrected=dict(self.corrected),
            stops=dict(self.stops),
            **kept,
        )

    def advance(self, phase: Phase) -> None:
        """Come to a phase, unless a later one is reached already: screening an enrolled person again takes nothing back."""
        if _RANK[phase] >= _RANK[self.phase]:
            self.phase = phase

    def given(self) -> set[str]:
        """The interventions that were prescribed or taken."""
        return {fact.intervention for fact in (*self.prescribed, *self.administered)}

    @staticmethod
    def in_order(facts: list[Fact], fact: Fact) -> None:
        """Add a fact in order of date; of one day's facts the last recorded stands last."""
        facts.append(fact)
        if len(facts) > 1 and facts[-2].on > fact.on:
            facts.sort(key=lambda one: one.on)
