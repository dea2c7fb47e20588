"""The small titration of `trials/oracle-titration`, compiled for tests, and work on it."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from trialwright.protocol import read_protocol
from trialwright.protocol.study import Protocol
from trialwright.simulation.operating.reading import OperatingReading, parse_operating, read_operating
from trialwright.simulation.operating.run import Compiled, compile_design
from trialwright.simulation.scenarios.grid import Scenario
from trialwright.simulation.scenarios.work import Work, plan_work

FOLDER = Path(__file__).parents[1] / "trials/oracle-titration"
PROTOCOL, OPERATING = FOLDER / "protocol.yaml", FOLDER / "operating.yaml"
AS_IT_IS = (Scenario({}, {}, "as the file says"),)
ACCRUAL = """
accrual:
  per_month: {value: 2, unit: 1/mo, assumption: made up}
  sites: {Simulated site 1: 0.75, Simulated site 2: 0.25}
  assumption: made up
"""


@lru_cache(maxsize=1)
def protocol() -> Protocol:
    found = read_protocol(PROTOCOL).protocol
    assert found is not None
    return found


def reading(more: str = "") -> OperatingReading:
    return parse_operating(OPERATING.read_text(encoding="utf-8") + more, "operating.yaml") if more else read_operating(OPERATING)


@lru_cache(maxsize=4)
def titration(more: str = "", interpreted: bool = False) -> Compiled:
    return compile_design(protocol(), reading(more), interpreted=interpreted)


def work(trials: int, *scenarios: Scenario, seed: int = 1, more: str = "", rates: tuple[float, ...] = ()) -> Work:
    return plan_work(titration(more), seed, trials, scenarios or AS_IT_IS, rates)
