"""The result of a simulation as values: distributions, probabilities and flows, each with its Monte Carlo error.

It is simulated throughout and says so. It is no result of a trial, and belongs to no hospital and to no investigator.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from trialwright.simulation.characteristics.estimates import Estimate, Quantile

Unit = Literal["participants", "trials", "events"]


@dataclass(frozen=True, slots=True)
class Distribution:
    """How something is distributed.

    Args:
        id: Stable name, such as ``responders`` or ``weeks_at.400``.
        label: In words.
        of: What is counted: one count for each of these.
        group: What it is for, where it is not for all: ``subtype = A``, ``400 mg/d``; empty otherwise.
        values: What each bin stands for; rising.
        counts: How many; as long as ``values``.
        deviation: Standard deviation.
        mean: With its error.
        quantiles: 2.5, 25, 50, 75 and 97.5 %, each with its error.
        open_end: Whether the last bin also holds everything above it.
    """

    id: str
    label: str
    of: Unit
    group: str
    values: tuple[float, ...]
    counts: tuple[int, ...]
    deviation: float
    mean: Estimate
    quantiles: tuple[Quantile, ...]
    open_end: bool = False


@dataclass(frozen=True, slots=True)
class Probability:
    """A probability or a mean: ``id`` is stable, ``label`` says it in words, ``part`` names the section it belongs to."""

    id: str
    label: str
    part: str
    estimate: Estimate
    share: bool = True


@dataclass(frozen=True, slots=True)
class Flow:
    """Participants between states from one visit to the next.

    Args:
        states: Names: the dose levels, nothing taken, off treatment.
        days: Day of each visit, counted from the first dose (0).
        moves: ``moves[v][a][b]``: participants who were in state a before visit v and in b after it.
    """

    states: tuple[str, ...]
    days: tuple[int, ...]
    moves: tuple[tuple[tuple[int, ...], ...], ...]


@dataclass(frozen=True, slots=True)
class AccrualFan:
    """How many participants have been enrolled by the end of each period, over trials.

    Args:
        days: End of each period, counted from the first enrolment.
        shares: Quantile shares, rising.
        enrolled: ``enrolled[q][t]``: the quantile of the number enrolled by ``days[t]``.
    """

    days: tuple[int, ...]
    shares: tuple[float, ...]
    enrolled: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What was simulated, from what.

    Args:
        study: The protocol's id.
        version: The protocol's version.
        protocol: Digest of the protocol.
        virtual: Digest of the file of chances.
        title: The file's title.
        seed: What the random numbers follow from.
        settings: Numbers that were set otherwise than in the file, by path.
        trials: How many trials were simulated.
        planned: How many were asked for; more than ``trials`` where the run was broken off.
        participants: Planned for each trial.
        engine: What played it, and its version.
        arm: The arm, where it is one of several that were played apart; empty otherwise.
    """

    study: str
    version: str
    protocol: str
    virtual: str
    title: str
    seed: int
    settings: Mapping[str, str]
    trials: int
    planned: int
    participants: int
    engine: str
    arm: str = ""

    @property
    def partial(self) -> bool:
        """Whether the run was broken off before its end."""
        return self.trials < self.planned


@dataclass(frozen=True, slots=True)
class Characteristics:
    """The operating characteristics of one scenario."""

    provenance: Provenance
    distributions: tuple[Distribution, ...]
    probabilities: tuple[Probability, ...]
    flow: Flow | None
    accrual: AccrualFan | None
    notes: tuple[str, ...]

    def distribution(self, name: str) -> Distribution:
        """Return a distribution by its id.

        Raises:
            KeyError: There is none of that name.
        """
        for one in self.distributions:
            if one.id == name:
                return one
        raise KeyError(name)

    def probability(self, name: str) -> Probability:
        """Return a probability by its id.

        Raises:
            KeyError: There is none of that name.
        """
        for one in self.probabilities:
            if one.id == name:
                return one
        raise KeyError(name)
