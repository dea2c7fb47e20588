"""Fleming's one-sample multiple-testing procedure: acceptance and rejection numbers for one to several stages."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from trialwright.designs.chains import operating_characteristics, stages
from trialwright.designs.errors import DesignError, require_count, require_levels, require_rate, require_rising_rates
from trialwright.designs.stopping import CountRule

MOST_STAGES = 10


@dataclass(frozen=True, slots=True)
class Fleming:
    """Stop with ``accept`` or fewer responders in all so far, reject the null with ``reject`` or more.

    Args:
        sizes: Participants of each stage.
        accept: Acceptance number at each stage; -1 where it never stops so.
        reject: Rejection number at each stage; the last is one above the last acceptance number.
        p_alternative: The rate that the acceptance numbers are made for.
    """

    sizes: tuple[int, ...]
    accept: tuple[int, ...]
    reject: tuple[int, ...]
    p_alternative: float

    @property
    def rule(self) -> CountRule:
        """The design as a rule of counts."""
        looks = [sum(self.sizes[: index + 1]) for index in range(len(self.sizes))]
        return stages(looks, self.accept, self.reject)


@dataclass(frozen=True, slots=True)
class FlemingRates:
    """Exact type I error and power of a design, and its expected sizes."""

    alpha: float
    power: float
    en_p0: float
    en_p1: float


def fleming(p0: float, alpha: float, sizes: Sequence[int]) -> Fleming:
    """Find the acceptance and rejection numbers.

    Args:
        p0: Response rate not worth pursuing, strictly between 0 and 1.
        alpha: Nominal one-sided type I error, strictly between 0 and 0.5.
        sizes: Participants of each stage, 1 to 10 stages.

    Raises:
        DesignError: An argument is out of range.

    Source: Fleming TR, Biometrics 1982;38:143-51, equations 2 to 5; checked against fleming1982.csv.

    >>> fleming(0.2, 0.05, (15, 10)).reject
    (7, 9)
    """
    from scipy.special import ndtri

    require_rate("p0", p0)
    if require_rate("alpha", alpha) >= 0.5:
        raise DesignError("alpha", alpha, "it must be below 0.5")
    if not 1 <= len(sizes) <= MOST_STAGES:
        raise DesignError("sizes", list(sizes), f"1 to {MOST_STAGES} stages are wanted")
    for size in sizes:
        require_count("sizes", size)
    total, z = sum(sizes), float(-ndtri(alpha))
    p_alternative = (math.sqrt(total * p0) + math.sqrt(1 - p0) * z) ** 2 / (total + z * z)
    accept, reject, seen = [], [], 0
    for size in sizes:
        seen += size
        reject.append(_nearest(seen * p0 + z * math.sqrt(total * p0 * (1 - p0))) + 1)
        accept.append(max(_nearest(seen * p_alternative - z * math.sqrt(total * p_alternative * (1 - p_alternative))), -1))
    accept[-1] = reject[-1] - 1
    return Fleming(tuple(sizes), tuple(accept), tuple(reject), p_alternative)


def _nearest(value: float) -> int:
    return math.floor(value + 0.5)


def fleming_size(p0: float, p1: float, alpha: float, power: float) -> int:
    """The total size by the normal approximation, as Fleming's table begins with.

    Source: Fleming 1982, equation 1.
    """
    from scipy.special import ndtri

    low, high = require_rising_rates(p0, p1)
    level, wanted = require_levels(alpha, power)
    root = float(-ndtri(level)) * math.sqrt(low * (1 - low)) + float(ndtri(wanted)) * math.sqrt(high * (1 - high))
    return math.ceil((root / (high - low)) ** 2)


def fleming_rates(design: Fleming, p0: float, p1: float) -> FlemingRates:
    """The exact error rates and expected sizes of a design, by a finite chain.

    Raises:
        DesignError: The rates are out of range or do not rise.
    """
    low, high = require_rising_rates(p0, p1)
    found = operating_characteristics(design.rule, sum(design.sizes), [low, high])
    alpha, power = (float(value) for value in found.stopped_high)
    return FlemingRates(alpha, power, float(found.expected[0]), float(found.expected[1]))
