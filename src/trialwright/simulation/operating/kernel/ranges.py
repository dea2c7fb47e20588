"""What is known of a visit without drawing all of it, and what need not be known; see ``steady``, which finds both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """Between which numbers an amount lies while it decides nothing; ``at``: where they stand among the amounts."""

    low: float
    high: float
    at: int = -1


Ranges = Mapping[str, Range]


@dataclass(frozen=True, slots=True)
class Steady:
    """What need not be known of a visit: amounts that only have to lie in their range; variables that nobody reads later."""

    ranges: Ranges
    unread: frozenset[str]


@dataclass(frozen=True, slots=True)
class Calm:
    """Visits with no new event and no hold, some amounts within their ranges; ``present``: nothing is missing."""

    ranges: Ranges
    present: bool = True
