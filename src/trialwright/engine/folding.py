"""A participant's state while events are folded into it: lists that grow, to be frozen at the end. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
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


class Dated(Protocol):
    """Something with a date."""

    @property
    def on(self) -> date:
        """The date."""
        ...


Fact = TypeVar("Fact", bound=Dated)


class PersonDraft:
    """One participant, to be changed in place and frozen once. The fields are those of ``ParticipantState``.

    A draft that goes on from a known state takes a field over when it is first asked for: most events touch one or two.
    """

    _known: ParticipantState | None = None

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
        self.observations: dict[str, Sequence[Observation]] = {}
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
        draft._known = person
        return draft

    def __getattr__(self, name: str) -> Any:
        """Take a field over from the known state."""
        value = getattr(self._known, name)
        taken = list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, dict) else value
        setattr(self, name, taken)
        return taken

    def series(self, variable: str) -> list[Observation]:
        """Return the observations of a variable, to be changed in place."""
        found = self.observations.get(variable, ())
        if not isinstance(found, list):
            found = self.observations[variable] = list(found)
        return found

    def frozen(self) -> ParticipantState:
        """Return the state that the draft has come to."""
        touched: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in vars(self).items()}
        touched.pop("_known", None)
        if "observations" in touched:
            touched["observations"] = {variable: tuple(series) for variable, series in self.observations.items()}
        return ParticipantState(**touched) if self._known is None else replace(self._known, **touched)

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
