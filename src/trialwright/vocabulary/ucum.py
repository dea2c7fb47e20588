"""The Unified Code for Units of Measure, read exactly: its table and its grammar, in fractions.

Knows only UCUM's own codes; what people write instead (mg/day, 10⁹/L) is known to ``units``. Never rounds, and never
alters the table, which ships unmodified with its licence in ``data/``.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib import resources

Dimension = tuple[int, ...]

# Substance is an axis of its own: UCUM's mole is a plain count, which would let 10*9/L be compared with mmol/L.
AXES = ("m", "s", "g", "rad", "K", "C", "cd", "mol")
_SUBSTANCE = {"mol", "eq", "osm"}
_MAX_EXPONENT = 60
_MAX_DEPTH = 8
_EXPONENT = re.compile(r"^(.*?[^\d+-])\^?([+-]?\d+)$", re.DOTALL)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)


class UcumError(ValueError):
    """The text is not a UCUM code; the message says which part and why."""


@dataclass(frozen=True, slots=True)
class Measure:
    """What a code means: exponents over the axes (trailing zeros dropped) and the exact factor to them.

    ``named`` tells a unit from a bare number; ``special`` marks units with their own zero point or a logarithm
    (Cel, [pH]): they never convert by a factor.
    """

    dimension: Dimension
    factor: Fraction
    named: bool
    special: bool = False


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    symbol: str
    metric: bool
    special: bool
    arbitrary: bool
    inverse: bool
    definition: str | None
    amount: str


@dataclass(frozen=True, slots=True)
class Table:
    """UCUM's units and prefixes by case-sensitive code, codes in clinical use, and the axes of incomparable units."""

    rows: Mapping[str, _Row]
    prefixes: Mapping[str, Fraction]
    clinical: tuple[str, ...]
    own_axis: Mapping[str, int]


@functools.cache
def table() -> Table:
    """Read the shipped table once."""
    text = resources.files("trialwright.vocabulary").joinpath("data/ucum_defs_lhc.json").read_text(encoding="utf-8")
    raw = json.loads(text)
    keys = [name if isinstance(name, str) else name[0] for name in raw["units"]["config"]]
    units = [dict(zip(keys, values, strict=True)) for values in raw["units"]["data"]]
    rows = {unit["csCode_"].strip(): _row(unit) for unit in units if unit["source_"] == "UCUM"}
    prefixes = {code: _prefix(value, exponent) for code, _, _, _, value, exponent in raw["prefixes"]["data"]}
    apart = [code for code, row in rows.items() if row.special or (row.arbitrary and row.definition in (None, "1"))]
    return Table(
        rows=rows,
        prefixes=prefixes,
        clinical=tuple(unit["csCode_"].strip() for unit in units if unit["source_"] == "LOINC"),
        own_axis={code: len(AXES) + index for index, code in enumerate(apart)},
    )


def _row(unit: Mapping[str, object]) -> _Row:
    return _Row(
        name=str(unit["name_"] or ""),
        symbol=str(unit["printSymbol_"] or ""),
        metric=bool(unit["isMetric_"]) or bool(unit["isBase_"]),
        special=bool(unit["isSpecial_"]),
        arbitrary=bool(unit["isArbitrary_"]),
        inverse=unit["cnv_"] == "inv",
        definition=None if unit["csUnitString_"] is None else str(unit["csUnitString_"]),
        amount=_amount(str(unit["baseFactorStr_"] or "1"), unit["baseFactor_"]),
    )


def _amount(text: str, number: object) -> str:
    """The decimal as UCUM writes it; for the few constants whose text lost a factor (4π, 10⁻¹³), the table's number."""
    agrees = not isinstance(number, int | float) or abs(float(text) - number) <= 1e-9 * abs(number)
    return text if agrees else repr(number)


def _prefix(value: float, exponent: str | None) -> Fraction:
    return Fraction(value) if exponent is None else Fraction(10) ** int(exponent)


@functools.cache
def unit_measure(code: str) -> Measure | None:
    """The meaning of one unit without prefix, or None where UCUM has no such unit."""
    row = table().rows.get(code)
    if row is None:
        return None
    if code in _SUBSTANCE:
        return Measure(_axis(AXES.index("mol")), Fraction(1), named=True)
    if code in AXES:
        return Measure(_axis(AXES.index(code)), Fraction(1), named=True)
    if code in table().own_axis:
        return Measure(_axis(table().own_axis[code]), Fraction(1), named=True, special=row.special)
    # The two hand-made powers of ten define themselves by their amount.
    origin = read(row.definition or "1")
    dimension = tuple(-power for power in origin.dimension) if row.inverse else origin.dimension
    return Measure(dimension, Fraction(row.amount) * origin.factor, named=code not in ("10*", "10^"))


def _axis(index: int) -> Dimension:
    return (0,) * index + (1,)


@functools.lru_cache(maxsize=4096)
def read(code: str) -> Measure:
    """The meaning of a whole UCUM code, such as ``mg/kg/d`` or ``10*9/L``.

    Raises:
        UcumError: Not a code, an exponent beyond 60, or a special unit (Cel, [pH]) inside a product.

    Source: The Unified Code for Units of Measure, sections 2-9 (case-sensitive syntax).
    """
    reader = _Reader(code)
    measure = reader.term(0)
    if reader.position < len(code):
        raise UcumError(f"'{code[reader.position :]}' is left over after '{code[: reader.position]}'")
    return measure


def component(text: str) -> tuple[str, str, int, Measure] | None:
    """Split one component into prefix, unit and exponent, with its meaning; None where it is not one.

    The longest unit wins over a prefix (``cd`` is candela, ``min`` minute), and an exponent is split off last.
    """
    whole = _prefixed(text)
    if whole is not None:
        return whole[0], whole[1], 1, whole[2]
    split = _EXPONENT.match(text)
    if split is None:
        return None
    found, exponent = _prefixed(split[1]), int(split[2]) if len(split[2]) < 5 else _MAX_EXPONENT + 1
    if found is None:
        return None
    if abs(exponent) > _MAX_EXPONENT:
        raise UcumError(f"the exponent of '{text}' is beyond {_MAX_EXPONENT}")
    prefix, unit, measure = found
    if measure.special and exponent != 1:
        raise UcumError(f"'{unit}' has its own zero point or scale and takes no exponent")
    named = measure.named or (unit in ("10*", "10^") and exponent != 0)
    dimension = _combined(tuple(power * exponent for power in measure.dimension), (), 1)
    return prefix, unit, exponent, Measure(dimension, measure.factor**exponent, named, measure.special)


def _prefixed(text: str) -> tuple[str, str, Measure] | None:
    plain = unit_measure(text)
    if plain is not None:
        return "", text, plain
    for length in (2, 1):
        prefix, unit = text[:length], text[length:]
        factor, row = table().prefixes.get(prefix), table().rows.get(unit)
        if factor is None or row is None or not row.metric:
            continue
        measure = unit_measure(unit)
        assert measure is not None
        return prefix, unit, Measure(measure.dimension, measure.factor * factor, measure.named, measure.special)
    return None


def _combined(left: Dimension, right: Dimension, sign: int) -> Dimension:
    length = max(len(left), len(right))
    powers = [
        (left[axis] if axis < len(left) else 0) + sign * (right[axis] if axis < len(right) else 0) for axis in range(length)
    ]
    while powers and powers[-1] == 0:
        powers.pop()
    return tuple(powers)


class _Reader:
    """One pass over a code: terms of components joined by ``.`` and ``/``, left to right, parentheses nested."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0

    def term(self, depth: int) -> Measure:
        if depth > _MAX_DEPTH:
            raise UcumError("the parentheses are nested too deeply")
        total = Measure((), Fraction(1), named=False) if self._peek() == "/" else self._factor(depth)
        while self._peek() in (".", "/"):
            total = self._joined(total, depth)
        return total

    def _joined(self, left: Measure, depth: int) -> Measure:
        sign = -1 if self.text[self.position] == "/" else 1
        self.position += 1
        right = self._factor(depth)
        if left.special or right.special:
            raise UcumError("a unit with its own zero point or scale (such as Cel or [pH]) stands alone")
        factor = left.factor * right.factor if sign > 0 else left.factor / right.factor
        return Measure(_combined(left.dimension, right.dimension, sign), factor, left.named or right.named)

    def _peek(self) -> str:
        return self.text[self.position] if self.position < len(self.text) else ""

    def _factor(self, depth: int) -> Measure:
        if self._peek() == "(":
            self.position += 1
            inner = self.term(depth + 1)
            if self._peek() != ")":
                raise UcumError("a parenthesis is not closed")
            self.position += 1
            return inner
        return self._component()

    def _component(self) -> Measure:
        start = self.position
        symbol = next_component(self.text, start)
        self.position += len(symbol)
        annotated = self._peek() == "{"
        if annotated:
            self._annotation()
        if not symbol:
            if annotated:
                return Measure((), Fraction(1), named=True)
            raise UcumError(f"a unit is missing after '{self.text[:start]}'" if start else "a unit is missing")
        if _DIGITS.fullmatch(symbol):
            if len(symbol) > _MAX_EXPONENT or not int(symbol):
                raise UcumError(f"'{symbol}' is not a usable number")
            return Measure((), Fraction(int(symbol)), named=annotated)
        found = component(symbol)
        if found is None:
            raise UcumError(f"'{symbol}' is not a unit")
        return found[3]

    def _annotation(self) -> None:
        end = self.text.find("}", self.position)
        inside = self.text[self.position + 1 : end]
        if end < 0 or not inside or not inside.isascii() or not inside.isprintable() or " " in inside or "{" in inside:
            raise UcumError("an annotation is written {like_this}: printable ASCII without blanks")
        self.position = end + 1


def next_component(text: str, start: int) -> str:
    """The characters of one component from ``start``, up to an operator, a parenthesis or an annotation."""
    end, bracketed = start, False
    while end < len(text):
        character = text[end]
        if character == "[":
            bracketed = True
        elif character == "]":
            bracketed = False
        elif not bracketed and character in "./(){}":
            break
        end += 1
    return text[start:end]
