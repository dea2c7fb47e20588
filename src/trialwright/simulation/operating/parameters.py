"""The numbers of a file as arrays that a design is played with: thresholds of 32-bit words, values, quantiles.

A chance is kept as a whole number from 0 to 2**32: something happens when its word is less. Axes, where an array has them:
gap before the visit, trait, response (only `leaves`), dose (the levels, then nothing taken), and last what the array is of.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.expressions import Kind
from trialwright.simulation.operating import file as given
from trialwright.simulation.operating import quantiles
from trialwright.simulation.operating.design import Design, VariablePlan
from trialwright.simulation.operating.file import DOSE, NONE, RESPONSE, Operating
from trialwright.vocabulary.units import conversion_factor, parse_unit

ALWAYS = 2**32
DAYS_PER_MONTH = 30.4375
Thresholds = NDArray[np.uint64]
Floats = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Parameters:
    """Numbers for one scenario.

    Args:
        participants: How many are enrolled in each trial.
        chances: Thresholds by purpose; see the module.
        numbers: Values, quantiles and factors by purpose.
        live: The chances that are not 0 throughout; a kernel leaves the others out.
    """

    participants: int
    chances: Mapping[str, Thresholds]
    numbers: Mapping[str, Floats]
    live: frozenset[str]

    def flat(self) -> tuple[Thresholds, NDArray[np.float64]]:
        """Return all chances, and all numbers, one after the other, as a kernel takes them."""
        chances = [np.zeros(1, np.uint64), *(one.reshape(-1) for one in self.chances.values())]
        numbers = [np.zeros(1), *(np.asarray(one, np.float64).reshape(-1) for one in self.numbers.values())]
        return np.concatenate(chances), np.concatenate(numbers)


def offsets(arrays: Mapping[str, NDArray[Any]]) -> dict[str, int]:
    """Return where each array begins in ``Parameters.flat``."""
    found, at = {}, 1
    for name, array in arrays.items():
        found[name] = at
        at += array.size
    return found


def parameters(design: Design, operating: Operating, participants: int) -> Parameters:
    """Return the numbers of a file for a design that was planned from it, or from one that differs in numbers only."""
    builder = _Builder(design, operating)
    chances, numbers = builder.chances(), builder.numbers()
    live = frozenset(name for name, array in chances.items() if array.any())
    return Parameters(participants, chances, numbers, live)


def threshold(chance: Floats | float) -> Thresholds:
    """Turn probabilities into thresholds."""
    return np.asarray(np.floor(np.asarray(chance, np.float64) * ALWAYS + 0.5), np.uint64)


def _over(weekly: Floats, days: int) -> Floats:
    """The chance over some days of what happens within a week with a chance; constant hazard."""
    return weekly if days == 7 else 1 - (1 - weekly) ** (days / 7)


class _Builder:
    """Reads tables of the file into arrays of the design's axes."""

    def __init__(self, design: Design, operating: Operating) -> None:
        self.design, self.operating = design, operating
        self.doses = [f"{level.normalize():f}" for level in design.regimen.levels]

    def chances(self) -> dict[str, Thresholds]:
        design, operating = self.design, self.operating
        found: dict[str, Thresholds] = {}
        for trait in design.traits:
            found[f"trait/{trait.name}"] = self._shares(trait.name)
        if operating.response is not None and design.response is not None:
            found["response"] = threshold(self._response(operating.response))
            if operating.response.lost is not None:
                found["lost"] = self._weekly(operating.response.lost)
        for plan in design.events:
            found[f"event/{plan.name}"] = self._event(operating.events[plan.name], plan.grades)
        if operating.leaves is not None:
            states = (NONE, design.response.category) if design.response is not None else (NONE,)
            found["leaves"] = np.stack([self._weekly(operating.leaves, state) for state in states], axis=2)
        for name, rate in (("missed", operating.missed), ("declines", operating.declines)):
            if rate is not None:
                found[name] = threshold(self._table(rate))
        for variable in design.variables:
            record = operating.records[variable.name]
            if record.missing:
                found[f"missing/{variable.name}"] = threshold(np.array([float(record.missing)]))
            if isinstance(record, given.Flag):
                found[f"flag/{variable.name}"] = threshold(np.array([float(record.chance)]))
        if operating.accrual is not None:
            found["site"] = threshold(np.cumsum([float(one) for one in operating.accrual.sites.values()]))
            found["site"][-1] = ALWAYS
        return found

    def numbers(self) -> dict[str, Floats]:
        found: dict[str, Floats] = {}
        for plan in self.design.variables:
            record = self.operating.records[plan.name]
            match record:
                case given.Fixed():
                    found[f"value/{plan.name}"] = self._fixed(plan, record)
                case given.OfTrait():
                    codes = [record.codes.get(code, code) for code in self.design.traits[plan.trait].codes]
                    found[f"value/{plan.name}"] = np.array([[float(plan.type.codes.index(code))] for code in codes])
                case given.Amount():
                    found |= self._amount(plan, record)
                case given.Flag():
                    pass
        for name, limit in self.operating.limits.items():
            kind = self.design.protocol.scope.variables.get(name)
            if kind is not None:
                found[f"limit/{name}"] = self._by_trait(limit) * _factor(limit.unit, kind.unit)
        if self.operating.accrual is not None:
            found["gap"] = quantiles.exponential(DAYS_PER_MONTH / self.operating.accrual.per_month.number)
        return found

    def _shares(self, name: str) -> Thresholds:
        """Cumulative shares, one row for each code of the trait above."""
        trait = self.operating.traits[name]
        plan = next(one for one in self.design.traits if one.name == name)
        above = self.design.traits[plan.by].codes if plan.by >= 0 else ("",)
        tables: list[Any] = [trait.choice[code] for code in above] if plan.by >= 0 else [trait.choice]
        rows = [[float(table.get(code, Decimal(0))) for code in plan.codes] for table in tables]
        found = threshold(np.minimum(np.cumsum(np.array(rows), axis=-1), 1.0))
        found[:, -1] = ALWAYS
        return found

    def _axis(self, rate: given.Rate) -> tuple[str, ...]:
        """The codes of the trait that a table is by; one empty code where it is by none."""
        name = next((one for one in rate.by if one not in (DOSE, RESPONSE)), "")
        return next((trait.codes for trait in self.design.traits if trait.name == name), ("",))

    def _table(self, rate: given.Rate, none_taken: float | None = None, state: str = NONE) -> Floats:
        """A rate by trait and dose, shape ``(trait, dose)``; ``none_taken`` where nothing is taken (None: the same, or `0`)."""
        codes = self._axis(rate)
        found = np.zeros((len(codes), len(self.doses) + 1))
        for row, code in enumerate(codes):
            for column, dose in enumerate([*self.doses, "0"]):
                found[row, column] = _one(rate.value, rate.by, {"": code, DOSE: dose, RESPONSE: state})
        if none_taken is not None:
            found[:, -1] = none_taken
        return found

    def _by_trait(self, rate: given.Rate) -> Floats:
        return self._table(rate)[:, 0]

    def _weekly(self, rate: given.Rate, state: str = NONE) -> Thresholds:
        table = self._table(rate, state=state)
        return threshold(np.stack([_over(table, gap) for gap in self.design.gaps]))

    def _event(self, event: given.Event, grades: tuple[int, ...]) -> Thresholds:
        """Cumulative over grades, the highest first; the last is the whole chance."""
        shares = np.cumsum([float(event.grades[str(grade)]) for grade in grades])  # type: ignore[index]  # "1" … "5"
        table = self._table(event)
        whole = np.stack([_over(table, gap) for gap in self.design.gaps])
        return threshold(whole[..., None] * np.append(shares[:-1], 1.0))

    def _response(self, own: given.Responding) -> Floats:
        """Chances by gap, trait and dose; none while nothing is taken."""
        relative = np.array([float(own.at_dose.get(dose, Decimal(1))) for dose in self.doses] + [0.0])
        table = self._table(own, none_taken=0.0)
        if own.over == "week":
            return np.stack(
                [1 - (1 - _over(table, gap)) ** relative if own.at_dose else _over(table, gap) for gap in self.design.gaps]
            )
        weeks = _weeks_along(own) if own.along else self._weeks_along_the_path(relative)
        if weeks == 0:
            return np.zeros((len(self.design.gaps), *table.shape))
        by_end = table[:, :1]
        return np.stack([1 - (1 - by_end) ** (relative * (gap / 7) / weeks) for gap in self.design.gaps])

    def _weeks_along_the_path(self, relative: Floats) -> float:
        """Weeks of treatment by relative hazard, if the dose rises at each decision and is never held."""
        on, level, total = self.design.visits.on, self.design.regimen.start_index, 0.0
        for earlier, later in pairwise(on):
            if earlier.decides and earlier.day > 0:
                level = min(level + 1, self.design.levels - 1)
            total += float(relative[level]) * (later.day - earlier.day) / 7
        return total

    def _fixed(self, plan: VariablePlan, record: given.Fixed) -> Floats:
        codes = self.design.traits[plan.trait].codes if plan.trait >= 0 else ("",)
        shown = (NONE, self.design.response.category) if plan.by_response and self.design.response is not None else ("",)
        rows = [[self._encoded(plan, record, code, state) for state in shown] for code in codes]
        return np.array(rows, bool if plan.type.kind is Kind.SET else np.float64)

    def _encoded(self, plan: VariablePlan, record: given.Fixed, code: str, state: str) -> Any:
        value: Any = record.value
        for name in record.by:
            value = value[state if name == RESPONSE else code]
        match plan.type.kind:
            case Kind.CODE:
                return float(plan.type.codes.index(value))
            case Kind.SET:
                return [one in value for one in plan.type.codes]
            case Kind.FLAG:
                return float(value)
            case _:
                amount = float(value) * (_factor(record.unit, plan.type.unit) if record.unit is not None else 1.0)
                return float(rounded(np.asarray(amount), plan.precision, plan.completed))

    def _amount(self, plan: VariablePlan, record: given.Amount) -> dict[str, Floats]:
        factor, spread = _factor(record.unit, plan.type.unit), float(record.spread)
        centre = record.centre
        codes = self.design.traits[plan.trait].codes if plan.trait >= 0 else ("",)
        centres = [float(centre[code] if isinstance(centre, dict) else centre) for code in codes]
        rows = [
            quantiles.log_normal(one * factor, spread) if record.distribution == "log-normal" else
            quantiles.normal(one * factor, spread * factor)
            for one in centres
        ]  # fmt: skip
        found = {f"level/{plan.name}": np.stack(rows)}
        if plan.noisy:
            found[f"noise/{plan.name}"] = quantiles.log_normal(1.0, float(record.noise))
        if plan.by_dose:
            found[f"dose/{plan.name}"] = np.array([float(record.at_dose.get(dose, Decimal(1))) for dose in [*self.doses, "0"]])
        return found


def _weeks_along(own: given.Responding) -> float:
    """Weeks of treatment by relative hazard of the course that the file states."""
    return sum(float(own.at_dose.get(dose, Decimal(1))) * float(weeks) for dose, weeks in own.along.items())


def _one(value: Any, by: tuple[str, ...], keys: Mapping[str, str]) -> float:
    """Look a number up; where the table says nothing of taking nothing, it is 0."""
    for name in by:
        key = keys.get(name, keys[""])
        if name == DOSE and key == "0" and key not in value:
            return 0.0
        value = value[key]
    return float(value)


def _factor(text: str, unit: Any) -> float:
    return 1.0 if unit is None else float(conversion_factor(parse_unit(text), unit))


def rounded(value: Floats, precision: tuple[int, int] | None, completed: bool) -> Floats:
    """Round amounts (0 or more) to what is reported; what lies within 1e-9 of a half counts as one and is rounded up.

    The result is the number that its decimal text spells: a whole number of steps, times one ratio.
    """
    if precision is None:
        return value
    steps = value * precision[1] / precision[0]
    whole = np.floor(steps + (1e-9 if completed else 0.5 + 1e-9))
    return np.asarray(whole * precision[0] / precision[1])
