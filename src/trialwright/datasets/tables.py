"""All tables of a trial, derived from protocol and state in one go, with a description of every column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

from trialwright.datasets.assessed import AssessmentRow, StateRow, assessments, states_reached
from trialwright.datasets.columns import Cell, Column, cells_of, columns_of, frame_of
from trialwright.datasets.decided import DecisionRow, decision_rows
from trialwright.datasets.doses import DoseRow, dose_rows
from trialwright.datasets.followed import Followed, follow_all
from trialwright.datasets.measured import LaboratoryRow, laboratory_rows
from trialwright.datasets.participants import participant_cells, participant_columns
from trialwright.datasets.plan import NotCarriedOut
from trialwright.datasets.safety import AdverseEventRow, MedicationRow, adverse_event_rows, medication_rows
from trialwright.datasets.times import TimeRow, times_of
from trialwright.datasets.visits import DeviationRow, EncounterRow, deviation_rows, encounter_rows
from trialwright.engine.state import TrialState
from trialwright.protocol.study import Protocol

if TYPE_CHECKING:
    import polars

_Rows = Callable[[Followed], Iterable[Any]]
_PER_PERSON: Mapping[str, tuple[type, _Rows]] = {
    "encounters": (EncounterRow, encounter_rows),
    "doses": (DoseRow, dose_rows),
    "laboratory": (LaboratoryRow, laboratory_rows),
    "responses": (AssessmentRow, lambda one: (row for name in one.protocol.responses for row in assessments(one, name))),
    "states": (StateRow, states_reached),
    "adverse_events": (AdverseEventRow, adverse_event_rows),
    "medications": (MedicationRow, medication_rows),
    "deviations": (DeviationRow, deviation_rows),
    "decisions": (DecisionRow, decision_rows),
}


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables of a trial; each row names its participant and the log entries behind it."""

    participants: polars.DataFrame
    encounters: polars.DataFrame
    doses: polars.DataFrame
    laboratory: polars.DataFrame
    responses: polars.DataFrame
    states: polars.DataFrame
    adverse_events: polars.DataFrame
    medications: polars.DataFrame
    deviations: polars.DataFrame
    decisions: polars.DataFrame
    time_to_event: polars.DataFrame

    def named(self) -> tuple[tuple[str, polars.DataFrame], ...]:
        """Every table with its name."""
        return tuple((one.name, getattr(self, one.name)) for one in fields(self))


TABLES = tuple(one.name for one in fields(Tables))


def describe(table: str, protocol: Protocol) -> tuple[Column, ...]:
    """Return the columns of a table, by its name.

    Raises:
        KeyError: There is no such table.
    """
    if table == "participants":
        return participant_columns(protocol)
    if table == "time_to_event":
        return columns_of(TimeRow)
    return columns_of(_PER_PERSON[table][0])


def derive_tables(protocol: Protocol, state: TrialState) -> Tables:
    """Derive every table from what is recorded up to now; the same state gives the same tables."""
    everyone = follow_all(protocol, state)
    rows: dict[str, list[Mapping[str, Cell]]] = {"participants": [participant_cells(one) for one in everyone]}
    for name, (_, derive) in _PER_PERSON.items():
        rows[name] = [cells_of(row) for one in everyone for row in derive(one)]
    rows["time_to_event"] = [cells_of(row) for row in _times(protocol, everyone)]
    return Tables(**{name: frame_of(describe(name, protocol), rows[name]) for name in TABLES})


def _times(protocol: Protocol, everyone: tuple[Followed, ...]) -> Iterable[TimeRow]:
    for name, endpoint in protocol.file.endpoints.items():
        if endpoint.measure == "time":
            try:
                yield from times_of(protocol, name, everyone).rows
            except NotCarriedOut:  # the analysis says which endpoints it cannot carry out, and why
                continue
