"""What the writing of one kernel shares: the design, its numbers, tables, words, and the participant's variables in use."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from trialwright.simulation.operating.chance import BYTES, draws, more_stream, room
from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.kernel.finite import Tables
from trialwright.simulation.operating.parameters import Parameters
from trialwright.simulation.philox import stream

Span = frozenset[tuple[int, int]]
AT_THIS_VISIT = "v"
TOP = 0xFF000000


@dataclass
class Plan:
    """What the whole kernel shares.

    Args:
        design: What is played.
        parameters: With which numbers.
        trace: Whether paths are kept.
        can_hold: The rules whose hold can ever be in force.
        used: The participant's variables that anything reads, as the writing before this one found them.
        spans: Names of "the last day of any such event", by the kinds of events and the least grade of each.
    """

    design: Design
    parameters: Parameters
    trace: bool
    can_hold: tuple[int, ...] = ()
    used: set[str] = field(default_factory=set)
    spans: dict[Span, str] = field(default_factory=dict)
    fires: set[int] = field(default_factory=set)
    tables: Tables = field(default_factory=Tables)
    rows: dict[str, tuple[str, range]] = field(default_factory=dict)
    kept: int = 0
    last_place: int = 0

    @cached_property
    def order(self) -> tuple[str, ...]:
        """What may be drawn at a visit."""
        return draws(self.design)

    @cached_property
    def room(self) -> int:
        """How many bytes a visit has."""
        return room(self.design)

    @cached_property
    def least_gap_days(self) -> int:
        """The fewest days between any two visits."""
        days = sorted({visit.day for visit in (*self.design.visits.before, *self.design.visits.on)})
        return min((later - earlier for earlier, later in pairwise(days)), default=10**6)

    def once(self, of_stream: str, word: int) -> str:
        """Source of a word that is drawn once for each participant."""
        blocks = max(word // 4 + 1, len(self.rows[of_stream][1]) if of_stream in self.rows else 0)
        self.rows[of_stream] = (of_stream, range(blocks))
        return f"WORDS[ROW['{of_stream}'] + {word}, lane]"

    def first(self, purpose: str, place: str) -> str:
        """Source of the first byte of a draw, as the top of a word."""
        index, wide = self.order.index(purpose), self.room
        if place != AT_THIS_VISIT:
            self.last_place = max(self.last_place, int(place))
        if wide >= 4:
            row = f"{place} * {wide // 4} + {index // 4}" if place == AT_THIS_VISIT else str(int(place) * wide // 4 + index // 4)
            word, shift = f"WORDS[ROW['chances'] + {row}, lane]", 24 - 8 * (index % 4)
            return f"(({word} << {shift}) & {TOP})" if shift else f"({word} & {TOP})"
        number = f"({place} * {wide} + {index})"
        return f"(((WORDS[ROW['chances'] + ({number} >> 2), lane] >> (8 * ({number} & 3))) & 255) << 24)"

    def happens(self, purpose: str, threshold: str) -> str:
        """Source of whether something happens at this visit."""
        index = self.order.index(purpose)
        asked = f"{self.first(purpose, AT_THIS_VISIT)}, {threshold}, who, v, {self._stream(index)}, int64({index % 4})"
        return f"happens({asked})"

    def more(self, purpose: str, place: str, always: bool = False) -> str:
        """Source of the 24 bits below the first byte: drawn beforehand where they are ``always`` wanted, else on the spot."""
        index = self.order.index(purpose)
        of_stream = more_stream(index)
        if not always:
            return f"more_bits(who, int64({place}), {self._stream(index)}, int64({index % 4}))"
        if place == AT_THIS_VISIT:
            self.rows[of_stream] = (of_stream, range(len(self.design.visits.on)))
            return f"(WORDS[ROW['{of_stream}'] + 4 * v + {index % 4}, lane] >> 8)"
        name = f"{of_stream} at {place}"
        self.rows[name] = (of_stream, range(int(place), int(place) + 1))
        return f"(WORDS[ROW['{name}'] + {index % 4}, lane] >> 8)"

    def more_block(self, purpose: str) -> tuple[str, str]:
        """Source of the block with the 24 bits below a draw's first byte, and the name of the one of its four that they are."""
        index = self.order.index(purpose)
        return f"more_block(who, v, {self._stream(index)})", f"w{index % 4}"

    def _stream(self, index: int) -> str:
        """Source of a stream; typed, since numba would compile a function anew for each number."""
        return f"uint32({stream(more_stream(index))})"

    def streams(self) -> dict[str, tuple[str, range]]:
        """The blocks that are drawn for everybody, by the name of their rows."""
        places = max(self.last_place + 1, len(self.design.visits.on))
        chances = {"chances": ("chances", range(-(-places * self.room // BYTES)))} if self.order else {}
        return {**chances, **self.rows}

    def span(self, kinds: Span) -> str:
        """The name of the first day without any of some kinds of events, each from a grade on."""
        return self.spans.setdefault(kinds, f"un{len(self.spans)}")

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
