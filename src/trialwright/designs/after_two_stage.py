"""What a two-stage trial says once it is over: an unbiased estimate, a p value and bounds that know of the interim look."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from trialwright.designs.binomial import masses, tails
from trialwright.designs.errors import DesignError, require_count, require_rate
from trialwright.designs.roots import root_between

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TwoStageCut:
    """The look of a design: stop after ``n1`` with ``r1`` responders or fewer, else go on to ``n``."""

    r1: int
    n1: int
    n: int

    def __post_init__(self) -> None:
        require_count("n", self.n, 2)
        require_count("n1", self.n1, 1, self.n - 1)
        require_count("r1", self.r1, 0, self.n1 - 1)

    @property
    def n2(self) -> int:
        """Participants of the second stage."""
        return self.n - self.n1


@dataclass(frozen=True, slots=True)
class AfterTwoStage:
    """The inference from a finished two-stage trial.

    Args:
        stopped: Whether it stopped after the first stage.
        naive: Responders over participants, biased downwards by the look.
        umvue: The uniformly minimum-variance unbiased estimate of the response rate.
        p_value: One-sided, against p0, ordered by stage.
        lower: Lower bound: the rate whose p value is ``(1 - level) / 2``; None where no rate has it.
        upper: Upper bound of Koyama and Chen: the rate whose p value is ``(1 + level) / 2``; None likewise.
        upper_exact: Conservative upper bound in the manner of Clopper and Pearson; 1 where all respond.
    """

    stopped: bool
    naive: float
    umvue: float
    p_value: float
    lower: float | None
    upper: float | None
    upper_exact: float


def after_two_stage(design: TwoStageCut, responders: int, p0: float, level: float = 0.9) -> AfterTwoStage:
    """Draw the inference from the final number of responders.

    Args:
        design: The look that was planned and kept.
        responders: All responders, 0 … n. With ``r1`` or fewer the trial stopped after the first stage.
        p0: The rate tested against, strictly between 0 and 1.
        level: Of the two bounds together, strictly between 0 and 1.

    Raises:
        DesignError: An argument is out of range.

    Source: Jung SH, Kim KM, Stat Med 2004;23:881-96 (UMVUE, ordering); Koyama T, Chen H, Stat Med 2008;27:3145-54 (p value,
    bounds). Checked against twostage_inference_3_13_25.csv.

    >>> round(after_two_stage(TwoStageCut(3, 13, 25), 8, 0.2).umvue, 6)
    0.365128
    """
    require_count("responders", responders, 0, design.n)
    require_rate("p0", p0)
    tail = (1 - require_rate("level", level)) / 2
    stopped = responders <= design.r1
    seen = design.n1 if stopped else design.n

    def at_least(rate: float) -> float:
        return chance_at_least(design, responders, rate)

    lower = _rate_where(at_least, tail) if responders else None
    upper = _rate_where(at_least, 1 - tail) if responders else None
    exact = _rate_where(lambda rate: chance_at_least(design, responders + 1, rate), 1 - tail) if responders < design.n else None
    estimate = umvue(design, responders)
    return AfterTwoStage(stopped, responders / seen, estimate, at_least(p0), lower, upper, 1.0 if exact is None else exact)


def umvue(design: TwoStageCut, responders: int) -> float:
    """The unbiased estimate with the least variance, for a final number of responders.

    Source: Jung & Kim 2004, equation 3.
    """
    if responders <= design.r1:
        return responders / design.n1
    hits = total = 0
    for first in range(max(design.r1 + 1, responders - design.n2), min(responders, design.n1) + 1):
        rest = math.comb(design.n2, responders - first)
        hits += math.comb(design.n1 - 1, first - 1) * rest
        total += math.comb(design.n1, first) * rest
    return hits / total


def chance_at_least(design: TwoStageCut, responders: int, rate: float) -> float:
    """Chance of a result at least as high: a trial that went on is above every one that stopped.

    Source: stagewise ordering, Jung & Kim 2004.
    """
    first, second = masses(design.n1, rate), tails(design.n2, rate)
    if responders <= design.r1:
        return float(min(first[max(responders, 0) :].sum(), 1.0))
    passed = np.arange(design.r1 + 1, design.n1 + 1)
    needed = np.clip(responders - passed, 0, design.n2 + 1)
    return float((first[passed] * second[needed]).sum())


def conditional_error(design: TwoStageCut, r: int, first: int, p0: float) -> float:
    """Type I error that is left for the second stage after ``first`` responders in the first.

    A second stage of another size than planned keeps the design's type I error when its own p value is no greater than this.

    Args:
        design: The look that was planned.
        r: Most responders of both stages that do not reject.
        first: Responders of the first stage.
        p0: The rate tested against.

    Raises:
        DesignError: The trial stopped after the first stage, or a number is out of range.

    Source: Koyama & Chen 2008, section 3 (conditional type I error).
    """
    require_rate("p0", p0)
    require_count("r", r, 0, design.n)
    require_count("first", first, 0, design.n1)
    if first <= design.r1:
        raise DesignError("first", first, f"with {design.r1} or fewer the trial stopped")
    return float(tails(design.n2, p0)[int(np.clip(r + 1 - first, 0, design.n2 + 1))])


def _rate_where(chance: Callable[[float], float], wanted: float) -> float | None:
    """The rate at which a rising chance is as wanted; None where it never is."""
    low, high = 1e-9, 1 - 1e-9
    if chance(low) >= wanted or chance(high) <= wanted:
        return None
    return root_between(lambda rate: chance(rate) - wanted, low, high, 1e-12)
