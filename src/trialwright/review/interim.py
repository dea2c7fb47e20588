"""Group-sequential boundaries as a sample size states them, recomputed; and the exact error rates of a monitored single arm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from trialwright.designs.chains import operating_characteristics
from trialwright.designs.errors import DesignError
from trialwright.designs.group_sequential import (
    Boundaries,
    Sided,
    equal_shares,
    obrien_fleming,
    pocock,
    powered,
    spending_boundaries,
)
from trialwright.designs.spending import Spending
from trialwright.designs.stopping import CountRule
from trialwright.protocol.model.monitoring import Interim
from trialwright.protocol.study import CompiledMonitoring

_PARAMETER = {"power": 2.0, "hwang-shih-decani": -4.0}


def boundaries_of(interim: Interim, alpha: float, sided: Sided) -> Boundaries:
    """Make the boundaries that a file names.

    Raises:
        DesignError: A share, a parameter or the type I error is out of range, or no number.
    """
    shares = [_number("shares", text) for text in interim.shares]
    if len(shares) == 1 and shares[0] != 1:
        shares = list(equal_shares(int(shares[0]) if shares[0].is_integer() else 0))
    parameter = _number("parameter", interim.parameter) if interim.parameter else _PARAMETER.get(interim.type, 0.0)
    match interim.type:
        case "obrien-fleming":
            return obrien_fleming(shares, alpha, sided)
        case "pocock":
            return pocock(shares, alpha, sided)
        case "spending obrien-fleming":
            return spending_boundaries(shares, alpha, Spending("obrien-fleming"), sided)
        case "spending pocock":
            return spending_boundaries(shares, alpha, Spending("pocock"), sided)
        case "power" | "hwang-shih-decani":
            return spending_boundaries(shares, alpha, Spending(interim.type, parameter), sided)


def _number(field: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise DesignError(field, text, "a number is wanted") from None


def inflation_of(interim: Interim | None, alpha: float, power: float, sided: Sided) -> float:
    """How many times the information of a single look the looks need; 1 where there are none."""
    return powered(boundaries_of(interim, alpha, sided), power).inflation if interim is not None else 1.0


def wrong_values(interim: Interim, alpha: float, sided: Sided) -> Iterator[str]:
    """Say each critical value that differs in the digits stated."""
    bounds = boundaries_of(interim, alpha, sided)
    if interim.z and len(interim.z) != bounds.upper.size:
        yield f"{len(interim.z)} critical values are stated for {bounds.upper.size} looks"
        return
    for look, (text, value) in enumerate(zip(interim.z, bounds.upper.tolist(), strict=False), start=1):
        digits = len(text.partition(".")[2])
        if abs(_number("z", text) - value) > 0.5 * 10.0**-digits + 1e-9:
            yield f"the critical value of look {look} is stated as {text}; recomputed it is {value:.{max(digits, 4)}f}"


def monitored_rates(monitoring: Sequence[CompiledMonitoring], n: int, r: int, rates: Sequence[float]) -> tuple[float, ...]:
    """The exact chance that a monitored arm of ``n`` rejects at each rate: more than ``r`` in the end, or stopped by so many."""
    low, high = np.full(n + 1, -1), np.full(n + 1, n + 1)
    for rule in monitoring:
        if rule.event is None:
            size = min(rule.rule.most, n) + 1
            low[:size] = np.maximum(low[:size], rule.rule.low[:size])
            high[:size] = np.minimum(high[:size], rule.rule.high[:size])
    low[n], high[n] = r, r + 1
    found = operating_characteristics(replace(_EMPTY, low=low, high=high), n, rates)
    return tuple(float(value) for value in found.stopped_high)


_EMPTY = CountRule("all", "responders", np.zeros(1, np.int64), np.zeros(1, np.int64))
