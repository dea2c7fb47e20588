"""What `check` found: findings, and for each regimen what was proved, refuted or left open. Data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from trialwright.vocabulary.findings import Finding, Place

Verdict = Literal["proved", "refuted", "not decided"]


@dataclass(frozen=True, slots=True)
class HistoryStep:
    """One decision of a history: the study day, what was advised, and why, in words."""

    day: int
    advice: str
    because: str

    def __str__(self) -> str:
        return f"day {self.day}: {self.advice}" + (f" ({self.because})" if self.because else "")


@dataclass(frozen=True, slots=True)
class History:
    """A participant's decisions, replayed through the engine; ``ending`` says what the last one shows."""

    steps: tuple[HistoryStep, ...]
    ending: str

    def __str__(self) -> str:
        return "; ".join([*(str(step) for step in self.steps), self.ending])


@dataclass(frozen=True, slots=True)
class GuaranteeReport:
    """One guarantee: proved for everything reachable, refuted by a history, or not decided and why."""

    id: str
    text: str
    verdict: Verdict
    reason: str
    history: History | None
    place: Place


@dataclass(frozen=True, slots=True)
class PolicyReport:
    """The exploration of one regimen.

    Args:
        intervention: Whose dosing.
        states: Pairs of dose state and study day that were reached.
        transitions: Decisions that were examined: each state and day with each truth-vector that can meet it.
        signatures: Distinct truth-vectors that the measurements can produce.
        guarantees: What became of each.
        limits: Why it was not explored, or what was taken to be anything; empty where all is modelled.
    """

    intervention: str
    states: int
    transitions: int
    signatures: int
    guarantees: tuple[GuaranteeReport, ...]
    limits: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """Findings in order of weight, and the reports on dosing."""

    findings: tuple[Finding, ...]
    policy: tuple[PolicyReport, ...]
