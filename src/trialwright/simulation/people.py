"""Who the simulated people are: their traits, drawn once from the seed and their number. Lives no life and meets no protocol.

Arrays throughout: axis 0 is the person, whether there is one or a hundred thousand.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from trialwright.simulation.draws import Draws, Floats, normal, truncated
from trialwright.simulation.virtual.model import Amount, Choice, Parameter, Virtual

SITE = "site"
Array = NDArray[Any]


class People:
    """Some simulated people and their traits.

    Args:
        virtual: The file that they come from.
        seeds: The seed of each person's trial; shape ``(n,)`` or ``()``.
        numbers: The candidate number of each person in that trial, from 1; shape ``(n,)``.
    """

    def __init__(self, virtual: Virtual, seeds: ArrayLike, numbers: ArrayLike) -> None:
        self.virtual = virtual
        self.draws = Draws(seeds, np.atleast_1d(numbers))
        self.count = self.draws.numbers.size
        self.codes: dict[str, tuple[str, ...]] = {SITE: virtual.accrual.sites}
        self.traits: dict[str, Array] = {SITE: self._site()}
        for name, trait in virtual.traits.items():
            self.traits[name] = self._draw(name, trait)
            self._plant(name)

    def value(self, parameter: Parameter) -> Floats | float:
        """A parameter's number, or each person's where it depends on a trait."""
        if isinstance(parameter.value, Decimal):
            return float(parameter.value)
        assert parameter.by is not None
        return self.looked_up(parameter.value, parameter.by)

    def looked_up(self, table: dict[str, Decimal], by: str) -> Floats:
        """Each person's number in a table by the codes of a trait (0 for a code that the table leaves out)."""
        numbers = np.array([float(table.get(code, 0)) for code in self.codes[by]])
        return np.asarray(numbers[self.traits[by]])

    def code(self, trait: str) -> Array:
        """Each person's code of a choice, as text."""
        return np.array(self.codes[trait])[self.traits[trait]]

    def _site(self) -> Array:
        shares = np.cumsum([float(one) for one in self.virtual.accrual.site_shares])
        return _pick(self.draws.uniform("site"), shares[:-1, None])

    def _draw(self, name: str, trait: Choice | Amount) -> Array:
        uniform = self.draws.uniform(f"trait/{name}")
        match trait:
            case Choice():
                return self._choose(name, trait, uniform)
            case Amount():
                return self._measure(trait, uniform)
            case _:
                assert_never(trait)

    def _choose(self, name: str, trait: Choice, uniform: Floats) -> Array:
        codes = tuple(dict.fromkeys(code for table in trait.tables for code in table))
        self.codes[name] = codes
        if trait.by is None:
            return _pick(uniform, np.cumsum([[float(trait.tables[0].get(code, 0))] for code in codes], axis=0)[:-1])
        given = dict(zip(trait.choice, trait.tables, strict=True))
        own = [{name: table.get(code, Decimal(0)) for name, table in given.items()} for code in codes]
        shares = np.stack([self.looked_up(one, trait.by) for one in own])
        return _pick(uniform, np.cumsum(shares, axis=0)[:-1])

    def _measure(self, trait: Amount, uniform: Floats) -> Floats:
        centre = self.looked_up(trait.centre, trait.by or "") if isinstance(trait.centre, dict) else float(trait.centre)
        spread = float(trait.spread)
        log = trait.distribution == "log-normal"
        deviation = float(np.sqrt(np.log1p(spread * spread))) if log else spread
        if deviation == 0:
            return np.broadcast_to(np.asarray(centre, np.float64), uniform.shape)
        low = _deviations(trait.low, centre, deviation, log, -np.inf)
        high = _deviations(trait.high, centre, deviation, log, np.inf)
        drawn = normal(truncated(uniform, low, high)) * deviation
        return np.asarray(centre * np.exp(drawn) if log else centre + drawn)

    def _plant(self, name: str) -> None:
        for planted in self.virtual.planted:
            if name in planted.traits:
                value = planted.traits[name]
                given = self.codes[name].index(value) if isinstance(value, str) else float(value)
                self.traits[name] = np.where(self.draws.numbers == planted.candidate, given, self.traits[name])


def _pick(uniform: Floats, bounds: Array) -> Array:
    """The index of the first share that a number falls into; ``bounds`` are the cumulated shares but the last."""
    return np.asarray((uniform >= bounds).sum(axis=0), np.int64)


def _deviations(bound: Decimal | None, centre: Floats | float, deviation: float, log: bool, none: float) -> Floats | float:
    if bound is None:
        return none
    distance = np.log(float(bound) / np.asarray(centre)) if log else float(bound) - np.asarray(centre)
    return np.asarray(distance / deviation)
