"""Carries out the analysis plan of a protocol: every endpoint by its measure, and what could not be carried out, said.

A plan that asks for what the program does not know is no error: the sentence stands in the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from trialwright.analysis.adverse_events import adverse_events
from trialwright.analysis.association import association
from trialwright.analysis.cohort import Carried, Cohort
from trialwright.analysis.dose_at_response import dose_at_response
from trialwright.analysis.exposure import exposure
from trialwright.analysis.response_rate import response_rate
from trialwright.analysis.result import Result
from trialwright.analysis.sensitivity import other_definitions
from trialwright.analysis.time_to_event import time_to_event
from trialwright.datasets.plan import NotCarriedOut
from trialwright.engine.state import TrialState
from trialwright.protocol.study import Protocol

_Carry = Callable[[Cohort, str], Iterator[Carried]]
_MEASURES: dict[str, _Carry] = {
    "response": response_rate,
    "time": time_to_event,
    "association": association,
    "dose at response": dose_at_response,
    "adverse events": adverse_events,
    "exposure": exposure,
}


@dataclass(frozen=True, slots=True)
class AnalysisRun:
    """Results in the order of the file's endpoints, and a sentence for each endpoint that was not carried out."""

    carried: tuple[Carried, ...]
    not_carried_out: tuple[str, ...]

    @property
    def results(self) -> tuple[Result, ...]:
        """The results alone."""
        return tuple(one.result for one in self.carried)

    def of(self, endpoint_id: str) -> tuple[Carried, ...]:
        """What belongs to one endpoint, the planned result first; empty where it was not carried out."""
        return tuple(one for one in self.carried if one.result.id == endpoint_id or one.result.id.startswith(f"{endpoint_id}."))


def analyse(protocol: Protocol, state: TrialState, head: str = "", simulated: bool | None = None) -> AnalysisRun:
    """Carry out every endpoint of the plan, each response under every definition.

    Args:
        protocol: The version in force.
        state: What is known; the analysis reads current data, corrections included.
        head: Digest of the log's head, stated on every result.
        simulated: Stated on every result; the state's own where it is not given.
    """
    cohort = Cohort.of(protocol, state, head, simulated)
    carried: list[Carried] = []
    not_carried_out: list[str] = []
    for endpoint_id in protocol.file.endpoints:
        _carry(cohort, endpoint_id, carried, not_carried_out)
    return AnalysisRun(tuple(carried), tuple(not_carried_out))


def _carry(cohort: Cohort, endpoint_id: str, carried: list[Carried], not_carried_out: list[str]) -> None:
    endpoint = cohort.endpoint(endpoint_id)
    carry = _MEASURES.get(endpoint.measure or "")
    if carry is None:
        what = (
            f"the measure “{endpoint.measure}” is not one that this version estimates"
            if endpoint.measure
            else "no measure is given"
        )
        not_carried_out.append(f"{endpoint.label}: {what}.")
        return
    parts = (carry, other_definitions) if endpoint.measure == "response" else (carry,)
    for part in parts:
        try:
            carried.extend(part(cohort, endpoint_id))
        except NotCarriedOut as error:
            not_carried_out.append(f"{endpoint.label}: {error}.")
            return


def estimate_all(protocol: Protocol, state: TrialState, head: str = "", simulated: bool | None = None) -> tuple[Result, ...]:
    """Return every result of :func:`analyse`, without the rows behind them."""
    return analyse(protocol, state, head, simulated).results


def estimate(
    protocol: Protocol, state: TrialState, endpoint_id: str, head: str = "", simulated: bool | None = None
) -> tuple[Result, ...]:
    """Return the planned results of one endpoint, without the other definitions; quick enough to ask while reading.

    Raises:
        KeyError: The protocol has no such endpoint.
    """
    cohort = Cohort.of(protocol, state, head, simulated)
    carry = _MEASURES.get(cohort.endpoint(endpoint_id).measure or "")
    try:
        return tuple(one.result for one in carry(cohort, endpoint_id)) if carry else ()
    except NotCarriedOut:
        return ()
