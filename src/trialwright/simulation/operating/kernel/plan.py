"""What the writing of one kernel shares: the design, its numbers, tables, streams, and the participant's variables in use."""

from __future__ import annotations

from dataclasses import dataclass, field

from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.kernel.finite import Tables
from trialwright.simulation.operating.parameters import Parameters


@dataclass(slots=True)
class Plan:
    """What the whole kernel shares: the design, its numbers, the tables, the streams and the variables that are used."""

    design: Design
    parameters: Parameters
    trace: bool
    can_hold: tuple[int, ...] = ()
    fires: set[int] = field(default_factory=set)
    tables: Tables = field(default_factory=Tables)
    used: set[str] = field(default_factory=set)
    streams: dict[str, int] = field(default_factory=dict)
    kept: int = 0

    @property
    def blocks(self) -> int:
        """How many blocks of words the visits take."""
        visits = self.design.visits
        return -(-(len(visits.on) + len(visits.before)) // 4)

    @property
    def blocks_between(self) -> int:
        """How many blocks the times between visits take."""
        return -(-(len(self.design.visits.on) - 1) // 4)

    def word(self, stream: str, place: str) -> str:
        """Source of a word of a stream at a place."""
        self.streams.setdefault(stream, len(self.streams))
        return f"WORDS[ROW['{stream}'] + {place}, lane]"

    def name(self) -> str:
        """A new name for something that is computed once."""
        self.kept += 1
        return f"k{self.kept}"

    def live(self, chance: str) -> bool:
        """Whether something can happen with these numbers."""
        return chance in self.parameters.live


def holders(design: Design) -> tuple[int, ...]:
    """The rules that can hold the dose."""
    return tuple(
        index
        for index, rule in enumerate(design.regimen.rules)
        if rule.action.kind == "hold" or (rule.action.kind == "lower" and rule.at_lowest not in ("stop", "same"))
    )
