"""What a page of operating characteristics is written from, of a trial of one arm or of several. Writes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from trialwright.simulation.scenarios.arms import TrialOutcomes
from trialwright.simulation.scenarios.playing import Compared, Outcomes
from trialwright.simulation.scenarios.sensitivity import Swing


@dataclass(frozen=True, slots=True)
class OperatingMaterial:
    """What the page is written from.

    Args:
        outcomes: One scenario, a grid, or the variants of a tornado (the base first).
        against: The same under another protocol, and its name.
        swings: Effects, the largest first, where numbers were turned.
        measure: What the effects are on.
        command: What was typed, for who wants to do it again.
    """

    outcomes: Outcomes | TrialOutcomes
    against: Compared | None = None
    against_name: str = ""
    swings: tuple[Swing, ...] = ()
    measure: str = ""
    command: str = ""
