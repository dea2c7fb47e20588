"""Compiles what turns a dose into an amount: the variable it is multiplied by, the cap, the rounding. Computes no amount."""

from __future__ import annotations

from dataclasses import dataclass

from trialwright.protocol.expressions import Kind, Quantity, Scope
from trialwright.protocol.model.treatment import Regimen
from trialwright.protocol.problems import Problems
from trialwright.protocol.quantities import QuantityError, read_quantity
from trialwright.protocol.source import Path
from trialwright.vocabulary.units import Unit, UnitError, commensurable, parse_unit


@dataclass(frozen=True, slots=True)
class Amounts:
    """How a dose becomes an amount; ``per`` is "" where the dose is the amount."""

    per: str
    cap: Quantity | None
    round_to: Quantity | None


def compile_amounts(regimen: Regimen, unit: Unit, path: Path, scope: Scope, problems: Problems) -> Amounts:
    """Return how amounts come about; what does not fit together becomes TW-S007."""
    amount = _amount_unit(regimen, unit, path, scope, problems)
    return Amounts(
        regimen.per or "",
        _quantity(regimen.cap, "cap", amount, path, problems),
        _quantity(regimen.round_to, "round_to", amount, path, problems),
    )


def _amount_unit(regimen: Regimen, unit: Unit, path: Path, scope: Scope, problems: Problems) -> Unit | None:
    """Return the unit of an amount; None where it cannot be told (which is said)."""
    if regimen.per is None:
        return unit
    kind = scope.variables.get(regimen.per)
    if kind is None or kind.kind not in (Kind.QUANTITY, Kind.DURATION) or kind.unit is None:
        if kind is not None:
            detail = f"`{regimen.per}` is a {kind.kind}."
            problems.add("TW-S007", (*path, "per"), "A dose is multiplied by a quantity", detail, "per: weight", "per: bsa")
        return None
    found = amount_unit(unit, kind.unit)
    if found is None:
        detail = f"The levels are in {unit.code} and `{regimen.per}` is in {kind.unit.code}."
        title = f"The dose is not one per {kind.unit.code}"
        problems.add("TW-S007", (*path, "per"), title, detail, f"levels in mg/{kind.unit.code}")
    return found


def amount_unit(dose: Unit, per: Unit) -> Unit | None:
    """Return the unit of a dose multiplied by what it is per: mg/kg by g gives mg; None where the dose is not per that."""
    head, *rest = dose.code.split("/")
    for index, part in enumerate(rest):
        try:
            if commensurable(parse_unit(part), per):
                return parse_unit("/".join([head, *rest[:index], *rest[index + 1 :]]))
        except UnitError:
            continue
    return None


def _quantity(text: str | None, field: str, unit: Unit | None, path: Path, problems: Problems) -> Quantity | None:
    if text is None:
        return None
    try:
        found = read_quantity(text)
        if found.amount <= 0:
            raise QuantityError(f"`{text}` must be more than 0")
        if unit is not None and (found.unit is None or not commensurable(found.unit, unit)):
            raise QuantityError(f"`{text}` is no amount in {unit.code}")
        return found
    except QuantityError as error:
        problems.add("TW-S007", (*path, field), f"`{field}` cannot be read", f"{error}.", f"{field}: 1000 mg")
        return None
