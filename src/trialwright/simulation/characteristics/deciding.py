"""How often a simulated trial would end with each decision of its analysis plan, by the same code that analyzes a real one.

A decision hangs on the counts at the end only, so it is made once for each possible count, not once for each trial.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from trialwright.analysis.cohort import read_interval
from trialwright.analysis.estimators.contingency import freeman_halton
from trialwright.analysis.estimators.proportion import ProportionMethod, proportion
from trialwright.analysis.sample_size import NULL_RATES
from trialwright.datasets.plan import NotCarriedOut
from trialwright.protocol.study import Protocol
from trialwright.simulation.characteristics.estimates import of_share
from trialwright.simulation.characteristics.result import Probability
from trialwright.simulation.characteristics.subject import Subject

DECISIONS = "Decisions of the analysis plan"
DEFAULT_INTERVAL = "clopper-pearson 95 %"
LEVEL = 0.05
METHODS = {
    "clopper-pearson": ProportionMethod.CLOPPER_PEARSON,
    "exact": ProportionMethod.CLOPPER_PEARSON,
    "wilson": ProportionMethod.WILSON,
    "jeffreys": ProportionMethod.JEFFREYS,
    "mid-p": ProportionMethod.MID_P,
}


@dataclass(frozen=True, slots=True)
class PlannedInterval:
    """The interval that the plan names for the response rate: method, two-sided level (0-1), and how the file says it."""

    method: ProportionMethod
    level: float
    words: str

    def lower_bounds(self, n: int) -> NDArray[np.float64]:
        """The lower bound for 0 … n responders of n; shape ``(n + 1,)``."""
        return _lower_bounds(self.method, self.level, n)

    def excludes(self, n: int, rate: float) -> NDArray[np.bool_]:
        """For 0 … n responders of n: whether the whole interval lies above a rate (a bound on the rate does not exclude it)."""
        return np.asarray(self.lower_bounds(n) > rate + 1e-12)


@lru_cache(maxsize=64)
def _lower_bounds(method: ProportionMethod, level: float, n: int) -> NDArray[np.float64]:
    return proportion(np.arange(n + 1), n, level, method).low


def planned_interval(protocol: Protocol, endpoint: str) -> PlannedInterval:
    """Read the interval of an endpoint; an exact 95 % one where it names none, or one that is not known here."""
    declared = protocol.file.endpoints.get(endpoint)
    text = declared.interval if declared is not None else None
    try:
        method, level = read_interval(text, DEFAULT_INTERVAL)
    except NotCarriedOut:
        method, level, text = "clopper-pearson", 0.95, None
    if method not in METHODS:
        method, level, text = "clopper-pearson", 0.95, None
    return PlannedInterval(METHODS[method], level, text or DEFAULT_INTERVAL)


def null_rates(protocol: Protocol) -> tuple[float, ...]:
    """The rate that the file says is not worth pursuing; where it states none, some that are asked about in general."""
    size = protocol.file.sample_size
    stated = rate_of(size.p0) if size is not None and size.p0 else None
    return (stated,) if stated is not None else NULL_RATES


def rate_of(text: str) -> float | None:
    """Read a rate: ``0.2``, ``20 %``, ``20%``; None for anything that lies not strictly between 0 and 1."""
    short = text.strip()
    try:
        value = float(short.rstrip("% ")) / 100 if short.endswith("%") else float(short)
    except ValueError:
        return None
    return value if 0 < value < 1 else None


def decision_probabilities(subject: Subject, rates: tuple[float, ...]) -> Iterator[Probability]:
    """Yield how often the planned interval lies above each rate, and how often each planned association is found."""
    goal = subject.design.goal
    if goal is None or (subject.stops_early and not subject.tally.has("responders")):
        return
    interval = planned_interval(subject.design.protocol, goal.endpoint)
    for rate in rates:
        hits = _above(subject, interval, rate)
        label = f"The interval ({interval.words}) of the response rate lies above {rate * 100:g} %"
        yield Probability(f"decision.above.{rate:g}", label, DECISIONS, of_share(hits, subject.tally.trials))
    if not subject.stops_early:
        yield from _associations(subject)


def _above(subject: Subject, interval: PlannedInterval, rate: float) -> int:
    """Trials whose interval, of those who were enrolled, lies above a rate."""
    if not subject.stops_early:
        return int(subject.tally.table(subject.goal_table)[interval.excludes(subject.participants, rate)].sum())
    table = subject.tally.table("responders")
    return sum(int(table[n, : n + 1][interval.excludes(n, rate)].sum()) for n in range(1, len(table)) if table[n].any())


def _associations(subject: Subject) -> Iterator[Probability]:
    """Fisher's test of response by a trait of two codes, where the plan associates the two."""
    for name, endpoint in subject.design.protocol.file.endpoints.items():
        trait = subject.shown.get(endpoint.with_ or "", "") if endpoint.measure == "association" else ""
        if trait and subject.goal_table == "confirmed" and subject.tally.has(f"cross/{trait}"):
            table = subject.tally.table(f"cross/{trait}")
            hits = sum(int(table[at]) for at in map(tuple, np.argwhere(table)) if _found(*at, subject.participants))
            label = f"{endpoint.label}: Fisher's exact test gives p below {LEVEL:g}"
            yield Probability(f"decision.association.{name}", label, DECISIONS, of_share(hits, subject.tally.trials))


@lru_cache(maxsize=100_000)
def _found(first: int, first_responders: int, responders: int, n: int) -> bool:
    """Whether the test of a whole table finds an association; each table is tested once."""
    if not (0 < first < n and 0 < responders < n):
        return False
    others = responders - first_responders
    return freeman_halton([[first_responders, first - first_responders], [others, n - first - others]]) < LEVEL
