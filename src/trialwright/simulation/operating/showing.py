"""What simulated participants show besides what decides anything, for the forms of an opened trial. Draws nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from trialwright.events.catalogue import Recorded
from trialwright.protocol.expressions import Kind
from trialwright.protocol.study import Protocol
from trialwright.protocol.timing import FIRST_DOSE
from trialwright.simulation.judging import as_recorded
from trialwright.simulation.operating import file as given
from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.file import NONE, RESPONSE, Operating
from trialwright.simulation.operating.parameters import Parameters


class Showing:
    """The records of a file, as text of a form.

    Args:
        design: What is played.
        operating: The file.
        numbers: Its numbers.
    """

    def __init__(self, design: Design, operating: Operating, numbers: Parameters) -> None:
        self.design, self.operating, self.numbers = design, operating, numbers
        self.protocol = design.protocol

    def screening(self, protocol: Protocol) -> Iterator[tuple[str, int, int]]:
        """Every visit before the first dose: its name, occurrence and day."""
        for encounter in protocol.encounters:
            for number, moment in enumerate(encounter.occurrences, start=1):
                if encounter.trigger is None and moment.anchor == FIRST_DOSE and moment.days[0] < 0:
                    yield encounter.id, number, moment.days[0]

    def others(self, protocol: Protocol, encounter: str, known: set[str], traits: Sequence[int]) -> dict[str, Recorded]:
        """What a visit collects that decides nothing, of somebody with these traits (as if the response had not come)."""
        compiled = next(one for one in protocol.encounters if one.id == encounter)
        needed = {one.name for one in self.design.variables}
        found: dict[str, Recorded] = {}
        for name in sorted(protocol.collected_at(compiled)):
            if name in self.operating.records and name not in known | needed and name not in protocol.derivations:
                value = self._value(name, traits)
                if value is not None:
                    found[name] = value
        return found

    def number(self, name: str, traits: Sequence[int]) -> Any:
        """A variable's value as an expression reads it; None where the file says nothing of it."""
        value, kind = self._value(name, traits), self.protocol.scope.variables[name]
        match kind.kind:
            case _ if value is None:
                return None
            case Kind.CODE:
                return float(kind.codes.index(str(value)))
            case Kind.FLAG:
                return bool(value)
            case Kind.QUANTITY | Kind.DURATION:
                return float(str(value))
            case _:
                return None

    def limit(self, name: str, traits: Sequence[int]) -> str:
        """The upper limit of normal as a form holds it."""
        trait = self.design.limits[name]
        value = self.numbers.numbers[f"limit/{name}"][traits[trait] if trait >= 0 else 0]
        return f"{Decimal(repr(float(value))).normalize():f}"

    def _code(self, by: Sequence[str], traits: Sequence[int]) -> str:
        names = self.design.trait_names
        return next((self.design.traits[names.index(one)].codes[traits[names.index(one)]] for one in by if one in names), "")

    def _value(self, name: str, traits: Sequence[int]) -> Recorded | None:
        record, kind = self.operating.records.get(name), self.protocol.scope.variables.get(name)
        if kind is None:
            return None
        match record:
            case given.Fixed():
                value: Any = record.value
                for one in record.by:
                    value = value[NONE if one == RESPONSE else self._code((one,), traits)]
                if isinstance(value, list):
                    return tuple(value)
                return value if isinstance(value, (bool, str)) else f"{value}"
            case given.OfTrait():
                code = self._code((record.trait,), traits)
                return record.codes.get(code, code)
            case given.Amount():
                centre = record.centre
                return f"{centre[self._code(record.by, traits)] if isinstance(centre, dict) else centre}"
            case _:
                return None

    def text(self, name: str, value: Any) -> Recorded:
        """A drawn value as a form holds it."""
        return as_recorded(self.protocol.scope.variables[name], value, self.protocol.file.variables[name].precision)
