"""What a site would write down of simulated people at a visit: every variable of the protocol, rounded as it is reported.

Arrays throughout; ``text`` turns one value into what stands in a form. Decides nothing and records nothing.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any, assert_never

import numpy as np
from numpy.typing import NDArray

from trialwright.events.catalogue import Recorded
from trialwright.protocol.study import Protocol
from trialwright.simulation.body import Body
from trialwright.simulation.draws import Floats, normal
from trialwright.simulation.harm import Illness
from trialwright.simulation.judging import as_recorded
from trialwright.simulation.people import SITE, People
from trialwright.simulation.virtual import records as how

Array = NDArray[Any]
FINEST = Decimal("0.01")


class Measuring:
    """Measures simulated people as the protocol's variables want it."""

    def __init__(self, protocol: Protocol, people: People, body: Body, illness: Illness) -> None:
        self.protocol, self.people, self.body, self.illness = protocol, people, body, illness
        self.records = people.virtual.records
        self.precision = {name: _precision(protocol, name) for name in self.records}
        self._steps = {name: Fraction(precision) for name, (precision, _) in self.precision.items()}

    def limits(self, variable: str) -> Floats | None:
        """Each person's local upper limit of normal, where the file gives one."""
        given = self.people.virtual.limits.get(variable)
        return None if given is None else np.broadcast_to(np.asarray(self.people.value(given)), (self.people.count,))

    def value(self, variable: str, purpose: str, index: int) -> Array:
        """Each person's value at a visit: a number in the variable's unit, a code's index, a flag, or flags of a set."""
        record = self.records[variable]
        match record:
            case how.OfTrait() | how.OfMarker() | how.Total() | how.Share() | how.Leftover():
                return self._number_or_code(record, variable, purpose, index)
            case how.Several():
                return self._several(record, variable)
            case how.Flag():
                return np.asarray(self.people.draws.uniform(f"flag/{variable}") < float(record.chance))
            case how.Grade():
                return self._grade(record, variable, purpose, index)
            case how.Clearing():
                return self._clearing(record, variable)
            case how.Alive():
                return np.full(self.people.count, self._codes(variable).index(record.yes))
            case how.Taken():
                return np.asarray(np.any([self.body.taking(group) for group in record.groups], axis=0))
            case _:
                assert_never(record)

    def _number_or_code(
        self, record: how.OfTrait | how.OfMarker | how.Total | how.Share | how.Leftover, variable: str, purpose: str, index: int
    ) -> Array:
        match record:
            case how.OfTrait(trait=trait) if trait in self.people.codes:
                return self._recoded(variable, trait)
            case how.OfTrait(trait=trait):
                return self.rounded(variable, np.asarray(self.people.traits[trait]))
            case how.OfMarker(marker=marker):
                return self.rounded(variable, self._raised(variable, self.body.measured(marker, purpose, index)))
            case how.Total(of=parts):
                return self.rounded(variable, self._total(parts, purpose, index))
            case how.Share(marker=marker, of=parts):
                part = self.body.measured(marker, purpose, index)
                return self.rounded(variable, 100 * part / self._total(parts, purpose, index))
            case how.Leftover(most=most):
                drawn = self.people.draws.uniform(f"leftover/{variable}/{purpose}", index)
                return self.rounded(variable, np.floor(drawn * (most + 1)))

    def _total(self, parts: tuple[str, ...], purpose: str, index: int) -> Floats:
        return np.asarray(np.sum([self.body.measured(part, purpose, index) for part in parts], axis=0))

    def _raised(self, variable: str, measured: Floats) -> Floats:
        limit = self.limits(variable)
        if limit is None:
            return measured
        multiple = self.illness.multiple_of_normal(variable, self.body.day)
        return np.maximum(measured, multiple * limit)

    def _codes(self, variable: str) -> tuple[str, ...]:
        return self.protocol.scope.variables[variable].codes

    def _recoded(self, variable: str, trait: str) -> Array:
        """The trait's codes as indices of the variable's codes (-1 where the variable has no such code)."""
        codes = self._codes(variable)
        table = np.array([codes.index(code) if code in codes else -1 for code in self.people.codes[trait]])
        return np.asarray(table[self.people.traits[trait]])

    def _several(self, record: how.Several, variable: str) -> Array:
        given = how.tables(record.chances, record.by)
        held = []
        for code in self._codes(variable):
            drawn = self.people.draws.uniform(f"set/{variable}/{code}")
            own = [table.get(code, Decimal(0)) for table in given]
            by = record.by
            chance = float(own[0]) if by is None else self.people.looked_up(dict(zip(record.chances, own, strict=True)), by)
            held.append(drawn < chance)
        return np.stack(held, axis=-1)

    def _grade(self, record: how.Grade, variable: str, purpose: str, index: int) -> Array:
        codes = self._codes(variable)
        start = self.people.traits[self.people.virtual.markers[record.marker].start]
        noise = normal(self.people.draws.uniform(f"grade/{variable}/{purpose}", index)) * float(record.noise)
        ratio = self.body.marker[record.marker] / start * np.exp(noise)
        bounds = np.array([float(step.below) for step in record.steps if step.below is not None])
        steps = np.array([codes.index(step.code) for step in record.steps])
        later = steps[np.searchsorted(bounds, ratio, side="right")]
        return np.where(self.body.day <= 0, codes.index(record.at_start), later)

    def _clearing(self, record: how.Clearing, variable: str) -> Array:
        codes = self._codes(variable)
        marker = record.marker
        start = self.people.traits[self.people.virtual.markers[marker].start]
        gone = (self.body.effective_days[marker] >= self.people.traits[record.days]) & (self.body.marker[marker] < 0.5 * start)
        present = (self.people.code(record.trait) == record.present) & ~gone
        return np.where(present, codes.index(record.present), codes.index(record.cleared))

    def rounded(self, variable: str, value: Floats) -> Floats:
        """Round to the variable's precision (completed units downwards); the result is the number that its text spells."""
        step, (_, completed) = self._steps[variable], self.precision[variable]
        steps = np.floor(value / float(step) + (0.0 if completed else 0.5))
        return np.asarray(np.maximum(steps, 0) * step.numerator / step.denominator)

    def text(self, variable: str, value: Any) -> Recorded:
        """One person's value as a form holds it."""
        precision, _ = self.precision[variable]
        return as_recorded(self.protocol.scope.variables[variable], value, precision)

    @property
    def site(self) -> Array:
        """Each person's site, as an index."""
        return self.people.traits[SITE]


def _precision(protocol: Protocol, variable: str) -> tuple[Decimal, bool]:
    declared = protocol.file.variables.get(variable)
    if declared is None:
        return FINEST, False
    completed = declared.rounding == "completed"
    return declared.precision or (Decimal(1) if completed else FINEST), completed
