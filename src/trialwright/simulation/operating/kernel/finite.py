"""Where an expression reads only values of a small set, the evaluator itself fills a table, and a kernel looks up.

A value of that kind hangs on traits and on whether the response has come: arrays here have one axis for each trait and a last
one for the response (not yet, come). What is read of such values at a visit is computed once, before anything is compiled.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.engine.policy import FALSE, TRUE
from trialwright.protocol import expressions as asked
from trialwright.protocol.expressions import Expression, Input, Kind, Values, evaluate, truth
from trialwright.protocol.study import CompiledResponse
from trialwright.simulation.operating.chart import hold_inputs, of_kind, rounded_either_way
from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.parameters import Parameters

LARGEST = 4096
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class VisitKind:
    """Visits that are alike for the compiler in what is measured at them."""

    collects: frozenset[str]
    epoch: int
    first: bool


class Finite:
    """What is read of few values, at one kind of visit; None where something is not of that sort.

    ``present``: the visits at which nothing that they measure is missing.
    """

    def __init__(self, design: Design, parameters: Parameters, kind: VisitKind, present: bool = False) -> None:
        self.design, self.parameters, self.kind = design, parameters, kind
        self.present = present or kind.first
        self.protocol = design.protocol
        self._categories: dict[str, Array | None] = {}
        self._inputs: dict[Input, Values | None] = {}

    @property
    def axes(self) -> int:
        """How many axes an array has."""
        return len(self.design.traits) + 1

    def supply(self, wanted: Input) -> Values | None:
        """Return the values of an input, or None where they are drawn or hang on the past."""
        if wanted not in self._inputs:
            self._inputs[wanted] = self._supply(wanted)
        return self._inputs[wanted]

    def _supply(self, wanted: Input) -> Values | None:
        match wanted:
            case asked.Reading(name) | asked.Stratum(name):
                return self._reading(name)
            case asked.Baseline(name):
                return self._baseline(name)
            case asked.Previous(name):
                unchanging = self._unchanging(name) and not self.kind.first
                return self._values(name, False) if unchanging else None
            case asked.Limit(which, name):
                return self._limit(which, name)
            case asked.Medication():
                return Values.of(False)
            case asked.Arm():
                arms = self.protocol.scope.arms
                return Values.of(arms.index(self.design.arm)) if self.design.arm in arms else Values.unknown()
            case asked.ResponseOf(name, best=False, confirmed=False):
                category = self.category(self.protocol.responses[name])
                return None if category is None else Values(np.maximum(category, 0), category >= 0)
            case asked.HoldInputs():
                return Values.of(False) if all(self.sure(name) for name in hold_inputs(self.design)) else None
            case asked.AdverseEvents():
                return None if self.live_events(wanted) else Values.of(0.0)
            case asked.EventCount(events):
                return None if self.live_events(events) else Values.of(0.0)
            case asked.Stopped():
                return Values.of(False)
            case asked.CurrentEpoch():
                last = len(self.protocol.scope.epochs) - 1
                reached = max(self.kind.epoch, 0 if self.kind.first else 1, 0)
                return Values.of(min(reached, last)) if last >= 0 else Values.unknown()
            case _:
                return None

    def live_events(self, wanted: asked.AdverseEvents) -> list[int]:
        """The kinds of events that belong to a selection and can befall people with these numbers."""
        return [
            index
            for index, plan in enumerate(self.design.events)
            if of_kind(plan, wanted) and f"event/{plan.name}" in self.parameters.live
        ]

    def sure(self, name: str) -> bool:
        """Whether a variable has a value of today whenever this visit is held."""
        if name not in self.kind.collects:
            return False
        return self._never_missing(name) or (self.present and all(self._at_hand(part) for part in self._parts(name)))

    @cached_property
    def _at_start(self) -> frozenset[str]:
        visits = self.design.visits
        return frozenset().union(visits.on[0].collects, *(visit.collects for visit in visits.before))

    def known_from_start(self, name: str) -> bool:
        """Whether everybody has a value from the first dose on: before it, what is lost is measured again."""
        return name in self._at_start and all(self.known_from_start(part) for part in self._parts(name))

    def _at_hand(self, name: str) -> bool:
        return self.sure(name) or self.known_from_start(name)

    def collected(self, name: str) -> bool:
        """Whether any visit measures a variable."""
        return name in self._at_start or any(name in visit.collects for visit in self.design.visits.on)

    def _never_missing(self, name: str) -> bool:
        return all(self._never_missing(part) for part in self._parts(name)) and f"missing/{name}" not in self.parameters.live

    def _parts(self, name: str) -> tuple[str, ...]:
        """What a derived variable is derived from; nothing for one that is measured."""
        if name not in self.protocol.derivations:
            return ()
        return tuple(dict.fromkeys(getattr(one, "variable", "") for one in self.protocol.derivations[name].inputs))

    def _reading(self, name: str) -> Values | None:
        if not self.collected(name):
            return Values.unknown()
        if self.sure(name):
            return self._values(name, False)
        unlimited = name not in self.protocol.valid_days
        return self._values(name, False) if unlimited and self._unchanging(name) else None

    def _unchanging(self, name: str) -> bool:
        return self.known_from_start(name) and not self._shows_response(name) and self._values(name, False) is not None

    def _shows_response(self, name: str) -> bool:
        if name in self.protocol.derivations:
            return any(self._shows_response(part) for part in self._parts(name))
        return self.design.variable(name).by_response

    def _baseline(self, name: str) -> Values | None:
        if name not in self._at_start:
            return Values.unknown()
        return self._values(name, True) if self.known_from_start(name) else None

    def _limit(self, which: str, name: str) -> Values | None:
        key = f"limit/{name}"
        if which != "uln" or key not in self.parameters.numbers:
            return Values.unknown()
        if not (self.known_from_start(name) or self.sure(name)):
            return None
        return Values.of(self._on_axes(self.parameters.numbers[key], self.design.limits[name], False))

    def _on_axes(self, array: Array, trait: int, response: bool, trailing: tuple[int, ...] = ()) -> Array:
        shape = [1] * self.axes
        if trait >= 0:
            shape[trait] = len(self.design.traits[trait].codes)
        if response:
            shape[-1] = 2
        return array.reshape((*shape, *trailing))

    def _values(self, name: str, start: bool) -> Values | None:
        """A variable's values while the response is as it is, or (``start``) before it can have come."""
        if name in self.protocol.derivations:
            return self._derived(name, start)
        plan = self.design.variable(name)
        if plan.kind != "finite":
            return None
        array = self.parameters.numbers[f"value/{name}"]
        trailing = (len(plan.type.codes),) if plan.type.kind is Kind.SET else ()
        if start and plan.by_response:
            array = array[:, :1]
        found = self._on_axes(array, plan.trait, plan.by_response and not start, trailing)
        return Values(found, np.ones(found.shape[: self.axes], bool))

    def _derived(self, name: str, start: bool) -> Values | None:
        expression = self.protocol.derivations[name]
        supply: dict[Input, Values] = {}
        measured = self.protocol.measured_for(name)
        for wanted in expression.inputs:
            if not isinstance(wanted, asked.Reading | asked.Baseline):
                return None
            of_the_day = isinstance(wanted, asked.Reading) and wanted.variable in measured
            if not of_the_day and not self.known_from_start(wanted.variable):
                return None
            values = self._values(wanted.variable, start or isinstance(wanted, asked.Baseline))
            if values is None:
                return None
            supply[wanted] = values
        found = evaluate(expression, supply)
        declared, data = self.protocol.file.variables[name], found.data
        if declared.precision is not None and self.protocol.scope.variables[name].kind is Kind.QUANTITY:
            data = rounded_either_way(data, declared.precision.as_integer_ratio())
        return Values(data, found.known)

    def truth(self, expression: Expression | None, otherwise: int) -> Array | None:
        """The truth of an expression; None where it reads something else."""
        if expression is None:
            return np.full((1,) * self.axes, otherwise, np.int8)
        supply: dict[Input, Values] = {}
        for wanted in expression.inputs:
            found = self.supply(wanted)
            if found is None:
                return None
            supply[wanted] = found
        verdict = truth(evaluate(expression, supply))
        return verdict.reshape((1,) * self.axes) if verdict.ndim == 0 else verdict

    def category(self, response: CompiledResponse) -> Array | None:
        """The category of a response, worst first (-1 not known); None where it reads something else."""
        if response.id not in self._categories:
            self._categories[response.id] = None
            self._categories[response.id] = self._category(response)
        return self._categories[response.id]

    def _category(self, response: CompiledResponse) -> Array | None:
        names = self.protocol.scope.responses[response.id]
        barrier = self.truth(response.not_assessable, FALSE)
        if barrier is None:
            return None
        found, open_ = np.full((1,) * self.axes, -1, np.int64), barrier == FALSE
        for category in response.categories:
            holds = self.truth(category.when, TRUE)
            if holds is None:
                return None
            found = np.where(open_ & (holds == TRUE), names.index(category.id), found)
            open_ = open_ & (holds == FALSE)
        return found


class Tables:
    """The tables of a kernel, one after the other: small whole numbers (truths, categories) and numbers."""

    def __init__(self) -> None:
        self.codes: list[NDArray[np.int8]] = []
        self.amounts: list[NDArray[np.float64]] = []
        self._code_at = self._amount_at = 0

    def code(self, array: Array) -> str | int:
        """Keep a table of whole numbers; return its one value, or the source that looks one up."""
        flat = array.reshape(-1)
        if (flat == flat[0]).all():
            return int(flat[0])
        if array.shape[-1] == array.size == 2:
            return f"({int(flat[1])} if r == 1 else {int(flat[0])})"
        text = f"CODES[{self._code_at} + {_index(array.shape)}]"
        self.codes.append(np.asarray(array, np.int8).reshape(-1))
        self._code_at += array.size
        return text

    def numbers(self, array: Array) -> int:
        """Keep some numbers; return where they begin among the amounts."""
        self.amounts.append(np.asarray(array, np.float64).reshape(-1))
        self._amount_at += array.size
        return self._amount_at - array.size

    def amount(self, array: Array) -> str:
        """Keep a table of numbers; return the source that looks one up."""
        index = _index(array.shape)
        return f"AMOUNTS[{self.numbers(array)} + {index}]"

    def flat(self) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
        """Return both kinds, each in one array."""
        return np.concatenate([np.zeros(0, np.int8), *self.codes, np.zeros(1, np.int8)]), np.concatenate(
            [np.zeros(0), *self.amounts, np.zeros(1)]
        )


def _index(shape: tuple[int, ...]) -> str:
    parts, stride = [], 1
    for axis in range(len(shape) - 1, -1, -1):
        if shape[axis] > 1:
            name = "r" if axis == len(shape) - 1 else f"t{axis}"
            parts.append(name if stride == 1 else f"{name} * {stride}")
            stride *= shape[axis]
    if stride > LARGEST:
        raise OverflowError("a table of more than 4,096 values")
    return " + ".join(parts) or "0"
