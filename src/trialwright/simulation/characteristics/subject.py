"""What every part of a result is made from: the design, its tally, and the words for levels, traits and rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from trialwright.designs.stopping import CountRule
from trialwright.simulation.characteristics.estimates import Counts, moments, of_mean, quantile
from trialwright.simulation.characteristics.result import Distribution, Unit
from trialwright.simulation.operating.design import Design, Goal
from trialwright.simulation.operating.tally import Tally

SHARES = (0.025, 0.25, 0.5, 0.75, 0.975)


@dataclass(frozen=True, slots=True)
class Subject:
    """A design and what was counted of it.

    Args:
        design: What was played.
        tally: What was counted.
        monitoring: The rules that may end enrolment.
        shown: Variable of the protocol that shows a trait, with that trait.
    """

    design: Design
    tally: Tally
    monitoring: Sequence[CountRule] = ()
    shown: Mapping[str, str] = field(default_factory=dict)

    @property
    def participants(self) -> int:
        """How many are planned for each trial."""
        return int(self.tally.table("enrolled").size) - 1

    @property
    def enrolled(self) -> int:
        """How many participants were enrolled in all trials together."""
        return total(self.tally.table("enrolled"))

    @property
    def unit(self) -> str:
        """The unit of doses."""
        return self.design.regimen.unit_text

    @property
    def doses(self) -> tuple[str, ...]:
        """The dose levels as numbers in text."""
        return tuple(f"{level.normalize():f}" for level in self.design.regimen.levels)

    @property
    def goal_table(self) -> str:
        """The table of what counts as a responder: seen and confirmed, where the endpoint asks so."""
        return goal_table(self.design.goal)

    @property
    def stops_early(self) -> bool:
        """Whether any trial enrolled fewer than planned."""
        return int(self.tally.table("enrolled")[:-1].sum()) > 0


def goal_table(goal: Goal | None) -> str:
    """The table of those who count as responders."""
    return "confirmed" if goal is not None and goal.confirmed else "seen"


def total(histogram: Counts) -> int:
    """The sum of what a histogram of whole numbers counted."""
    return int(histogram @ np.arange(histogram.size))


def distribution(
    name: str, label: str, of: Unit, histogram: Counts, group: str = "", values: NDArray[np.float64] | None = None
) -> Distribution:
    """Describe a histogram; its last bin is open where it stands for more than it says (``open_end`` is set by the caller)."""
    at = np.arange(histogram.size, dtype=np.float64) if values is None else values
    deviation = moments(histogram, at)[1] if histogram.sum() else float("nan")
    return Distribution(
        id=name,
        label=label,
        of=of,
        group=group,
        values=tuple(float(one) for one in at),
        counts=tuple(int(one) for one in histogram),
        deviation=deviation,
        mean=of_mean(histogram, at),
        quantiles=tuple(quantile(histogram, share, at) for share in SHARES),
    )
