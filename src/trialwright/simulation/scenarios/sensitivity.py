"""How much each number of a file of chances matters: turned down and up by its stated uncertainty, or by a share of itself.

All variants are played with the same random numbers, so that a small effect is not drowned by chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trialwright.simulation.operating.reading import PARTICIPANTS, OperatingReading, settable, with_settings
from trialwright.simulation.operating.run import Compiled
from trialwright.simulation.scenarios.differing import Difference, difference
from trialwright.simulation.scenarios.grid import MOST_SCENARIOS, Scenario, refuse
from trialwright.simulation.scenarios.playing import Compared
from trialwright.vocabulary.findings import Refused

BASE = "as the file says"
NOT_TURNED = (PARTICIPANTS, "lasts_days", "serious_from")


@dataclass(frozen=True, slots=True)
class Turn:
    """A number, what it is turned down and up to (text), and whether that range was stated or is a share of the number."""

    path: str
    value: str
    low: str
    high: str
    stated: bool


@dataclass(frozen=True, slots=True)
class Swing:
    """What turning a number down and up does to one measure."""

    turn: Turn
    low: Difference
    high: Difference

    @property
    def reach(self) -> float:
        """The larger of the two effects, without its sign."""
        return max(abs(self.low.difference.value), abs(self.high.difference.value))

    @property
    def clear(self) -> bool:
        """Whether either effect is more than twice its Monte Carlo error."""
        pairs = (self.low.difference, self.high.difference)
        return any(abs(one.value) > 2 * one.error for one in pairs if not math.isnan(one.error))


def turns(reading: OperatingReading, share: Decimal, given: Mapping[str, tuple[str, str]]) -> tuple[Turn, ...]:
    """Find how far each number of the file is turned.

    Args:
        reading: The file.
        share: How far a number without a range is turned, as a share of itself (0-1); 0 leaves those out. A probability
            that would pass 1 is turned to 1.
        given: Ranges by path, from the command; they come before those of the file.

    Raises:
        Refused: There is nothing to turn, or too much (TW-V048); a given path names no number (TW-V020).
    """
    assert reading.source is not None and reading.operating is not None
    with_settings(reading, {path: low for path, (low, _) in given.items()})
    stated = {path: (_text(one.low), _text(one.high)) for path, one in reading.operating.uncertain.items()}
    with_settings(reading, {path: low for path, (low, _) in stated.items()})
    found = tuple(_turns(reading, share, {**stated, **given}))
    if not found:
        detail = "No number of the file has a range, and numbers are turned by 0 %."
        raise refuse("TW-V048", "--tornado", "There is nothing to turn", detail, "--by 20", "uncertain: in the file")
    if 2 * len(found) + 1 > MOST_SCENARIOS:
        detail = f"{len(found)} numbers make {2 * len(found) + 1:,} scenarios; {MOST_SCENARIOS:,} are the most."
        raise refuse("TW-V048", "--tornado", "There are too many numbers to turn", detail, "--by 0")
    return found


def _turns(reading: OperatingReading, share: Decimal, ranges: Mapping[str, tuple[str, str]]) -> Iterator[Turn]:
    assert reading.source is not None
    for name, path in settable(reading.source).items():
        value: object = reading.source.data
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        if name in ranges and isinstance(value, int | Decimal):
            yield Turn(name, _text(Decimal(value)), *ranges[name], stated=True)
        elif isinstance(value, int | Decimal) and value != 0 and share and path[-1] not in NOT_TURNED:
            number = Decimal(value)
            ends = tuple(_fitting(reading, name, number * (1 + sign * share)) for sign in (-1, 1))
            if ends[0] is not None and ends[1] is not None:
                yield Turn(name, _text(number), ends[0], ends[1], stated=False)


def _fitting(reading: OperatingReading, name: str, wanted: Decimal) -> str | None:
    """The wanted value, or 1 where the file may hold no more; None where neither fits."""
    for value in (wanted, Decimal(1)):
        try:
            if with_settings(reading, {name: value}).operating is not None:
                return _text(value)
        except Refused:
            continue
    return None


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"


def variants(found: tuple[Turn, ...], settings: Mapping[str, str]) -> tuple[Scenario, ...]:
    """The scenario as it is, then each number turned down and up."""
    made = [Scenario(settings, {}, BASE)]
    ends = ((turn.path, end) for turn in found for end in (turn.low, turn.high))
    made += [Scenario({**settings, path: end}, {path: end}, f"{path} = {end}") for path, end in ends]
    return tuple(made)


def swings(each: Sequence[Compared], found: tuple[Turn, ...], measure: str) -> tuple[Swing, ...]:
    """Return the effect of each turn on a measure, the largest first; ``each`` holds the base, then the variants.

    Raises:
        Refused: There is no such measure (TW-V048).
    """
    if not each:
        return ()
    base = each[0]
    known = [one.id for one in base.found.probabilities]
    if measure not in known:
        detail = f"There are: {', '.join(known[:40])}."
        raise refuse("TW-V048", "--outcome", f"There is no measure `{measure}`", detail, *known[:2])
    by_setting = {tuple(one.scenario.varied.items()): one for one in each[1:]}
    effects = []
    for turn in found:
        low, high = (by_setting.get(((turn.path, end),)) for end in (turn.low, turn.high))
        if low is not None and high is not None:
            effects.append(Swing(turn, difference(base, low, measure), difference(base, high, measure)))
    return tuple(sorted(effects, key=lambda one: -one.reach))


def measure_of(compiled: Compiled, wanted: str) -> str:
    """The measure that is looked at: the wanted one, else the response rate, else the dose intensity."""
    return wanted or ("response" if compiled.design.goal is not None else "dose_intensity.mean")
