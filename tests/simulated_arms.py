"""A small protocol of two arms (the made-up titration beside a fixed dose), compiled for tests."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from trialwright.protocol import parse_protocol
from trialwright.protocol.study import Protocol
from trialwright.simulation.operating.reading import OperatingReading, parse_operating
from trialwright.simulation.operating.run import Compiled, compile_arms
from trialwright.simulation.scenarios.arms import TrialOutcomes, plan_arms, trial_outcomes
from trialwright.simulation.scenarios.grid import Scenario
from trialwright.simulation.scenarios.playing import on_threads, play

FOLDER = Path(__file__).parents[1] / "trials/oracle-titration"
AS_IT_IS = (Scenario({}, {}, "as the file says"),)
RANDOMIZED = 'randomization: {ratio: "2:1", method: permuted blocks}\n'
ARMS = f"""arms:
  titrated: {{label: Titrated, receives: [drug]}}
  steady: {{label: Steady, receives: [drug]}}
{RANDOMIZED}"""
COMPARED = "    summary: proportion\n    compare: titrated against steady, odds ratio\n"
STEADY = """
arms:
  steady:
    response:
      value: {A: {"100": 0.005, "200": 0.01, "300": 0.01, "400": 0.01}, B: {"100": 0.005, "200": 0.01, "300": 0.01, "400": 0.01}}
      assumption: made up
"""


def protocol_text(*edits: tuple[str, str]) -> str:
    """The made-up titration, dealt to two arms that differ in the chances alone; each edit's first part must stand in it."""
    text = (FOLDER / "protocol.yaml").read_text(encoding="utf-8")
    whole = (("arms:\n  only: {label: Drug, receives: [drug]}\n", ARMS), ("    summary: proportion\n", COMPARED), *edits)
    for old, new in whole:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def read(text: str) -> Protocol:
    found = parse_protocol(text, "protocol.yaml")
    assert found.protocol is not None, found.findings
    return found.protocol


def chances(more: str = "") -> OperatingReading:
    return parse_operating((FOLDER / "operating.yaml").read_text(encoding="utf-8") + more, "operating.yaml")


@lru_cache(maxsize=4)
def two_arms(more: str = STEADY, interpreted: bool = True) -> tuple[Compiled, ...]:
    return compile_arms(read(protocol_text()), chances(more), interpreted)


def played(arms: tuple[Compiled, ...], trials: int, *scenarios: Scenario, seed: int = 1) -> TrialOutcomes:
    works = plan_arms(arms, seed, trials, scenarios or AS_IT_IS)
    return trial_outcomes([play(work, on_threads(1)) for work in works], works, seed)
