"""What a dose comes to for one participant: per body weight or surface, capped and rounded. Prescribes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from trialwright.engine.readings import Readings, quantise
from trialwright.protocol.compile_amounts import amount_unit
from trialwright.protocol.study import CompiledRegimen
from trialwright.vocabulary.units import Unit, conversion_factor

REPORTED_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Amount:
    """One administration, or a day's. ``basis`` is what it was computed from; ``capped`` says that the cap decided."""

    value: Decimal
    unit: str
    basis: str
    capped: bool

    def __str__(self) -> str:
        return f"{self.value.normalize():f} {self.unit} for {self.basis}{', capped' if self.capped else ''}"


def amount_of(regimen: CompiledRegimen, dose: Decimal, readings: Readings) -> Amount | None:
    """Return the amount of a dose for what is known on the day; None where the dose is the amount, or its basis is unknown."""
    kind = readings.protocol.scope.variables.get(regimen.per)
    point = readings.current(regimen.per) if kind is not None else None
    if kind is None or kind.unit is None or point is None or not bool(point.values.known):
        return None
    unit = amount_unit(regimen.unit, kind.unit)
    if unit is None:
        return None
    exact = Fraction(dose) * Fraction(Decimal(repr(float(point.values.data)))) * _per(regimen.unit, kind.unit, unit)
    cap = _converted(regimen.cap.amount, regimen.cap.unit, unit) if regimen.cap is not None else None
    capped = cap is not None and exact > cap
    value = cap if capped and cap is not None else exact
    step = _converted(regimen.round_to.amount, regimen.round_to.unit, unit) if regimen.round_to is not None else None
    basis = f"{readings.protocol.label(regimen.per)} {point.display} {kind.unit.code}"
    return Amount(_rounded(value, step), unit.code, basis, capped)


def _per(dose: Unit, per: Unit, amount: Unit) -> Fraction:
    """What dose × per is multiplied by to be in the amount's unit."""
    return Fraction(dose.factor) * Fraction(per.factor) / Fraction(amount.factor)


def _converted(amount: Decimal, unit: Unit | None, target: Unit) -> Fraction:
    return Fraction(amount) * (conversion_factor(unit, target) if unit is not None else 1)


def _rounded(value: Fraction, step: Fraction | None) -> Decimal:
    if step is not None:
        steps = quantise(Decimal(value.numerator) * step.denominator / (Decimal(value.denominator) * step.numerator), Decimal(1))
        return steps * Decimal(step.numerator) / Decimal(step.denominator)
    return Decimal(f"{float(value):.{REPORTED_DIGITS}g}")
