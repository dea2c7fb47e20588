"""How many participants a comparison of two proportions needs, and the exact power of Fisher's test. Reads no data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, assert_never

import numpy as np
import numpy.typing as npt

from trialwright.designs.binomial import masses
from trialwright.designs.errors import DesignError, require_count, require_levels, require_positive, require_rate
from trialwright.designs.group_sequential import Sided

Floats = npt.NDArray[np.float64]
Test = Literal["z", "z continuity", "fisher exact"]
_MOST_EXACT = 600  # participants an arm: the exact test weighs all their pairs of counts
_TIE = 1 + 1e-7  # relative tie rule of the two-sided exact test, as in R's fisher.test
_UP_TO_ROUNDING = 1 + 1e-9  # of a p value that is alpha itself


@dataclass(frozen=True, slots=True)
class TwoArms:
    """Participants of each arm, and the power they give (exact for Fisher's test, else by the normal approximation)."""

    n_control: int
    n_experimental: int
    power: float
    test: Test

    @property
    def n(self) -> int:
        """Participants of both arms."""
        return self.n_control + self.n_experimental


@dataclass(frozen=True, slots=True)
class Rates:
    """True rates of the two arms, strictly between 0 and 1 and different."""

    control: float
    experimental: float

    def __post_init__(self) -> None:
        require_rate("p_control", self.control)
        require_rate("p_experimental", self.experimental)
        if self.control == self.experimental:
            raise DesignError("p_experimental", self.experimental, "it must differ from the control rate")


def two_proportions(rates: Rates, alpha: float, power: float, test: Test = "z", ratio: float = 1.0, sided: Sided = 2) -> TwoArms:
    """Size a comparison of two proportions.

    Args:
        rates: True rates under the alternative.
        alpha: Type I error: one-sided, or of both sides together.
        power: Wanted power.
        test: The z test with pooled variance, the same with continuity correction, or Fisher's exact test.
        ratio: Experimental participants for each control one, above 0; whole numbers of each arm are rounded up.
        sided: 1 or 2.

    Returns:
        The smallest sizes. For Fisher's test that is the first size, counted up from four fifths of the z test's, whose exact
        power suffices; its power is not monotone in the size.

    Raises:
        DesignError: An argument is out of range, or the exact test would need more than 600 in an arm.

    Source: Fleiss JL, Tytun A, Ury HK, Biometrics 1980;36:343-6 (z, continuity correction, unequal arms); Casagrande JT, Pike MC,
    Smith PG, Biometrics 1978;34:483-6 (exact). Checked in tests against Fleiss's table and R's power.prop.test.

    >>> two_proportions(Rates(0.2, 0.4), 0.05, 0.8).n_control
    82
    """
    level, wanted = require_levels(alpha, power)
    require_positive("ratio", ratio)
    size = _by_normal(rates, level / sided, wanted, ratio)
    match test:
        case "z":
            pass
        case "z continuity":
            size = _corrected(size, rates, ratio)
        case "fisher exact":
            return _exact_size(size, rates, level, wanted, ratio, sided)
        case _:
            assert_never(test)
    n_control, n_experimental = _whole(size, ratio)
    return TwoArms(n_control, n_experimental, _normal_power(rates, n_control, n_experimental, level / sided, test), test)


def _whole(size: float, ratio: float) -> tuple[int, int]:
    control = math.ceil(size - 1e-9)
    return control, math.ceil(control * ratio - 1e-9)


def _by_normal(rates: Rates, tail: float, power: float, ratio: float) -> float:
    from scipy.special import ndtri

    p1, p2 = rates.control, rates.experimental
    mean = (p1 + ratio * p2) / (1 + ratio)
    null = math.sqrt((1 + 1 / ratio) * mean * (1 - mean))
    other = math.sqrt(p1 * (1 - p1) + p2 * (1 - p2) / ratio)
    return float(((-ndtri(tail) * null + ndtri(power) * other) / (p2 - p1)) ** 2)


def _corrected(size: float, rates: Rates, ratio: float) -> float:
    difference = abs(rates.control - rates.experimental)
    return size / 4 * (1 + math.sqrt(1 + 2 * (1 + ratio) / (ratio * size * difference))) ** 2


def _normal_power(rates: Rates, n_control: int, n_experimental: int, tail: float, test: Test) -> float:
    from scipy.special import ndtr, ndtri

    p1, p2, ratio = rates.control, rates.experimental, n_experimental / n_control
    mean = (p1 + ratio * p2) / (1 + ratio)
    null = math.sqrt(mean * (1 - mean) * (1 / n_control + 1 / n_experimental))
    other = math.sqrt(p1 * (1 - p1) / n_control + p2 * (1 - p2) / n_experimental)
    less = (1 / n_control + 1 / n_experimental) / 2 if test == "z continuity" else 0.0
    return float(ndtr((abs(p2 - p1) - less + ndtri(tail) * null) / other))


def _exact_size(size: float, rates: Rates, alpha: float, power: float, ratio: float, sided: Sided) -> TwoArms:
    begin = max(2, math.floor(0.8 * size))
    for control in range(begin, _MOST_EXACT + 1):
        experimental = math.ceil(control * ratio - 1e-9)
        if experimental > _MOST_EXACT:
            break
        reached = float(fisher_power(rates, control, experimental, alpha, sided))
        if reached >= power:
            return TwoArms(control, experimental, reached, "fisher exact")
    raise DesignError("test", "fisher exact", f"more than {_MOST_EXACT} participants in an arm; take `z continuity`")


def fisher_power(rates: Rates, n_control: int, n_experimental: int, alpha: float, sided: Sided = 2) -> float:
    """Exact power of Fisher's test: the chance of all tables that it rejects.

    Args:
        rates: True rates.
        n_control: Participants of the control arm, 1 … 600.
        n_experimental: Participants of the experimental arm.
        alpha: Type I error: one-sided (in the direction of the alternative) or two-sided.
        sided: 1 or 2. The two-sided p value adds all tables that are no more probable (relative tie rule 1e-7). A p value that is
            alpha itself rejects, however it was rounded: tables of 4 and 12 participants have one of exactly 1/20.

    Source: Fisher 1935; exact unconditional enumeration.
    """
    require_count("n_control", n_control, 1, _MOST_EXACT)
    require_count("n_experimental", n_experimental, 1, _MOST_EXACT)
    chance = np.outer(masses(n_control, rates.control), masses(n_experimental, rates.experimental))
    rejected = _p_values(n_control, n_experimental, rates.experimental > rates.control, sided) <= alpha * _UP_TO_ROUNDING
    return float(chance[rejected].sum())


def _p_values(n_control: int, n_experimental: int, greater: bool, sided: Sided) -> Floats:
    """p values of all tables, by responders of each arm; shape ``(n_control + 1, n_experimental + 1)``."""
    found = np.empty((n_control + 1, n_experimental + 1))
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, n_control + n_experimental + 1)))])
    for total in range(n_control + n_experimental + 1):
        y = np.arange(max(0, total - n_control), min(n_experimental, total) + 1)
        x = total - y
        ways = -logs[x] - logs[n_control - x] - logs[y] - logs[n_experimental - y]
        chance = np.exp(ways - ways.max())
        chance /= chance.sum()
        found[x, y] = _one_sided(chance, greater) if sided == 1 else _no_more_probable(chance)
    return found


def _one_sided(chance: Floats, greater: bool) -> Floats:
    return np.cumsum(chance[::-1])[::-1] if greater else np.cumsum(chance)


def _no_more_probable(chance: Floats) -> Floats:
    order = np.sort(chance)
    beyond = np.cumsum(order)
    return np.asarray(np.minimum(beyond[np.searchsorted(order, chance * _TIE, side="right") - 1], 1.0), np.float64)
