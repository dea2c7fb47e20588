"""Ten other trials written in the language, and a site that records bare facts of one simulated participant of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from trialwright.engine.advice import Advice, advise
from trialwright.engine.apply import replay
from trialwright.engine.plan import PlannedVisit, due
from trialwright.engine.state import ParticipantState
from trialwright.events import Occurred
from trialwright.events import catalogue as happened
from trialwright.events.catalogue import AnyEvent, Recorded
from trialwright.protocol import read_protocol
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.dates import on_study_day

FOLDER = Path(__file__).parent / "golden" / "protocols"
FILES = tuple(sorted(FOLDER.glob("*.yaml")))
WHO, DAY_1 = "S01", date(2020, 3, 2)


@cache
def other_trial(name: str) -> Protocol:
    """One of the files, read; it has nothing wrong with it."""
    reading = read_protocol(FOLDER / f"{name}.yaml")
    assert reading.protocol is not None, reading.findings
    return reading.protocol


def on_day(day: int) -> date:
    """The date of a study day."""
    return on_study_day(day, DAY_1)


class Facts:
    """The facts of one simulated participant, in the order in which they are told; randomization is not asked for."""

    def __init__(self, name: str, arm: str = "", enrolled: int = -1) -> None:
        self.protocol, self.occurred = other_trial(name), list[Occurred]()
        self.tell(happened.CandidateRegistered(participant=WHO, site="Simulated site 1", on=on_day(-20)))
        self.tell(happened.ConsentGiven(participant=WHO, on=on_day(-20), by=("participant",)))
        self.tell(happened.ParticipantEnrolled(participant=WHO, on=on_day(enrolled), arm=arm))

    def tell(self, event: AnyEvent) -> None:
        number = len(self.occurred) + 1
        at = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=number)
        self.occurred.append(Occurred(number, event, at, "simulated", self.protocol.digest))

    @property
    def person(self) -> ParticipantState:
        return replay(self.occurred).participants[WHO]

    def see(self, day: int, encounter: str = "", occurrence: int = 1, **values: Recorded) -> None:
        """Record values on a study day, at a visit where one is named."""
        if encounter:
            self.tell(happened.EncounterHeld(participant=WHO, on=on_day(day), encounter=encounter, occurrence=occurrence))
        for variable, value in values.items():
            unit = self.protocol.scope.variables[variable].unit
            code = unit.code if unit is not None else ""
            self.tell(
                happened.ObservationRecorded(
                    participant=WHO, on=on_day(day), variable=variable, value=value, unit=code, encounter=encounter
                )
            )

    def give(self, day: int, dose: str, intervention: str = "", held_by: tuple[str, ...] = ()) -> None:
        """Prescribe and administer a dose (0: prescribe a hold)."""
        name = intervention or next(iter(self.protocol.regimens))
        told = {"participant": WHO, "on": on_day(day), "intervention": name, "dose": dose}
        unit = self.protocol.regimens[name].unit_text
        self.tell(happened.DosePrescribed(**told, unit=unit, held_by=held_by))
        if dose != "0":
            self.tell(happened.DoseAdministered(**told, unit=unit))

    def suffer(self, day: int, term: str, grade: int, related: bool = True, until: int | None = None) -> None:
        """Report an adverse event."""
        resolved = on_day(until) if until is not None else None
        self.tell(
            happened.AdverseEventReported(
                participant=WHO,
                on=on_day(day),
                term=term,
                grade=grade,
                serious=grade >= 4,
                related=related,
                expected=True,
                aware_on=on_day(day),
                resolved_on=resolved,
            )
        )

    def reach(self, day: int, state: str) -> None:
        """Record that a derived state was reached."""
        self.tell(
            happened.StateReached(participant=WHO, on=on_day(day), state=state, references=(), inputs_digest="", engine="test")
        )

    def advice(self, day: int, intervention: str = "") -> Advice:
        found = advise(self.protocol, self.person, on_day(day), intervention)
        assert found is not None
        return found

    def receives(self, intervention: str) -> bool:
        return advise(self.protocol, self.person, on_day(1), intervention) is not None

    def planned(self, day: int, encounter: str) -> list[PlannedVisit]:
        return [one for one in due(self.protocol, self.person, on_day(day)) if one.encounter == encounter]
