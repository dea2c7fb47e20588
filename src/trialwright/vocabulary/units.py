"""Units as types: what a quantity is measured in, what converts into what, and by exactly which fraction.

Codes are UCUM's (read by ``ucum``); this room adds what clinicians write instead (mg/day, 10⁹/L, years) and the labels
that they read. Never converts data, never guesses a unit that was not written, and never converts mass to substance:
that needs a molar mass, which is not a unit's to know.
"""

from __future__ import annotations

import difflib
import functools
import re
from dataclasses import dataclass
from fractions import Fraction

from trialwright.vocabulary import ucum
from trialwright.vocabulary.ucum import Dimension

__all__ = [
    "Unit",
    "UnitError",
    "commensurable",
    "conversion_factor",
    "dimension_name",
    "longest_unit",
    "parse_unit",
]


class UnitError(ValueError):
    """A unit that cannot be read, or two that do not convert.

    ``reason`` is a sentence for the author of a protocol; ``suggestions`` are codes to try, best first, maybe none.
    """

    def __init__(self, reason: str, suggestions: tuple[str, ...] = ()) -> None:
        self.reason = reason
        self.suggestions = suggestions
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of measure.

    Args:
        code: UCUM code in its canonical spelling here (``mg/d``, ``10*9/L``); ``1`` for a plain number.
        dimension: Exponents over metre, second, gram, radian, kelvin, coulomb, candela, mole, then one axis for each
            unit that converts into no other ([IU], Cel); trailing zeros dropped, so a plain number has ``()``.
        factor: How many base units (m, s, g, …) one of these is; exact.
    """

    code: str
    dimension: Dimension
    factor: Fraction

    @property
    def label(self) -> str:
        """What people read beside a value: ``×10⁹/L``, ``mg/day``, ``years``, ``%``; empty for a plain number."""
        return _label(self.code)


_MAX_LENGTH = 64

# Whole spellings that UCUM reads as something else (G is gauss, K kelvin) or not at all.
_WHOLE = {
    "": "1",
    "G/L": "10*9/L",
    "T/L": "10*12/L",
    "K/uL": "10*3/uL",
    "k/uL": "10*3/uL",
    "M/uL": "10*6/uL",
    "K/mm3": "10*3/mm3",
    "bpm": "/min",
    "beats/min": "/min",
    "breaths/min": "/min",
    "percent": "%",
}

# Spellings of one component.
_SPELLINGS = {
    "second": "s", "seconds": "s", "sec": "s", "secs": "s", "msec": "ms",
    "minute": "min", "minutes": "min", "mins": "min",
    "hour": "h", "hours": "h", "hr": "h", "hrs": "h",
    "day": "d", "days": "d", "die": "d",
    "week": "wk", "weeks": "wk", "wks": "wk",
    "month": "mo", "months": "mo",
    "year": "a", "years": "a", "y": "a", "yr": "a", "yrs": "a",
    "IU": "[IU]", "mIU": "m[IU]", "uIU": "u[IU]", "kIU": "k[IU]", "MIU": "M[IU]",
    "mmHg": "mm[Hg]", "cmH2O": "cm[H2O]",
    "mEq": "meq", "uEq": "ueq", "Eq": "eq", "mOsm": "mosm", "Osm": "osm",
    "mcg": "ug", "mcL": "uL", "mcmol": "umol", "gm": "g", "ml": "mL", "dl": "dL", "ul": "uL", "fl": "fL", "nl": "nL",
    "l": "L", "liter": "L", "litre": "L", "liters": "L", "litres": "L", "Kg": "kg", "cc": "cm3",
    "lb": "[lb_av]", "lbs": "[lb_av]", "inch": "[in_i]", "inches": "[in_i]", "ft": "[ft_i]", "degC": "Cel",
    "degF": "[degF]", "ppm": "[ppm]", "ppb": "[ppb]", "HPF": "[HPF]", "hpf": "[HPF]",
    "cells": "{cells}", "cell": "{cells}", "copies": "{copies}", "score": "{score}", "points": "{points}",
    "tablets": "{tablets}", "tablet": "{tablets}", "events": "{events}", "beats": "{beats}", "blasts": "{blasts}",
}  # fmt: skip

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_TYPOGRAPHY = str.maketrans({"µ": "u", "μ": "u", "·": ".", "⋅": ".", "−": "-", "²": "2", "³": "3"})
_POWER_OF_TEN = re.compile(r"(?<![\w.])[x×]?10(?:(?:\*\*|\*|\^)?([⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(?:\*\*|\*|\^)([+-]?\d+))")
_REWRITTEN = (("°C", "Cel"), ("°F", "[degF]"), ("/1.73m2", "/{1.73_m2}"), ("/1.73_m2", "/{1.73_m2}"))
# Words that happen to be UCUM codes (attotonne, attosecond) yet follow a number as English.
_WORDS = {"as", "at", "pm", "am"}


def parse_unit(text: str) -> Unit:
    """Read a unit as a clinician or UCUM writes it.

    Args:
        text: ``mg/day``, ``10^9/L``, ``×10⁹/L``, ``mm[Hg]``, ``{score}``, …; no blanks inside; empty or ``1`` is a
            plain number.

    Returns:
        The unit under its canonical code, so that ``mg/day`` and ``mg/d`` are equal.

    Raises:
        UnitError: Not a unit; with the reason and up to three codes to try.

    >>> parse_unit("mg/day").code
    'mg/d'
    >>> parse_unit("×10⁹/L").label
    '×10⁹/L'
    """
    text = text.strip()
    try:
        return _read(text)
    except ucum.UcumError as error:
        raise UnitError(f"The unit '{text[:_MAX_LENGTH]}' cannot be read: {error}.", _nearest(text)) from error


@functools.lru_cache(maxsize=4096)
def _read(text: str) -> Unit:
    if len(text) > _MAX_LENGTH:
        raise ucum.UcumError(f"it has {len(text)} characters, and {_MAX_LENGTH} is the most")
    if any(character.isspace() for character in text):
        raise ucum.UcumError("it has a blank inside; a unit is written in one piece")
    code = _canonical(text)
    measure = ucum.read(code)
    return Unit(code, measure.dimension, measure.factor)


def _canonical(text: str) -> str:
    plain = _POWER_OF_TEN.sub(lambda found: "10*" + (found[1] or found[2]).translate(_SUPERSCRIPTS).lstrip("+"), text)
    plain = plain.translate(_TYPOGRAPHY).translate(_SUPERSCRIPTS)
    for written, meant in _REWRITTEN:
        plain = plain.replace(written, meant)
    if plain in _WHOLE:
        return _WHOLE[plain]
    parts: list[str] = []
    position = 0
    while position < len(plain):
        symbol = ucum.next_component(plain, position)
        position += len(symbol)
        parts.append(_canonical_component(symbol))
        if position < len(plain):
            end = plain.find("}", position) if plain[position] == "{" else position
            end = end if end >= 0 else len(plain) - 1
            parts.append(plain[position : end + 1])
            position = end + 1
    return "".join(parts)


def _canonical_component(symbol: str) -> str:
    if symbol in _SPELLINGS:
        return _SPELLINGS[symbol]
    power = re.fullmatch(r"(.*[^\d^*+-])\^?([+-]?\d+)", symbol, re.DOTALL)
    if power and ucum.unit_measure(symbol) is None:
        spelled = _SPELLINGS.get(power[1], power[1])
        return symbol if spelled.startswith("{") else f"{spelled}{power[2].lstrip('+')}"
    return symbol


def _nearest(text: str) -> tuple[str, ...]:
    wanted = "".join(text[:_MAX_LENGTH].split())
    known = _known()
    alike = [code for code in known if code.lower() == wanted.lower()]
    close = difflib.get_close_matches(wanted, known, n=3, cutoff=0.6)
    return tuple(dict.fromkeys([*alike, *close]))[:3]


@functools.cache
def _known() -> tuple[str, ...]:
    everyday = ("mg", "kg", "mg/d", "10*9/L", "%", "a", "wk", "mo", "d", "h", "Cel", "/min", "mL/min/{1.73_m2}")
    return tuple(dict.fromkeys([*everyday, *ucum.table().clinical, *_SPELLINGS, *_WHOLE, *ucum.table().rows]))


def commensurable(a: Unit, b: Unit) -> bool:
    """Whether a value in one can be written in the other by a factor alone (or the two are the same unit).

    >>> commensurable(parse_unit("10*9/L"), parse_unit("/uL"))
    True
    >>> commensurable(parse_unit("mg"), parse_unit("mL"))
    False
    """
    return a.dimension == b.dimension


def conversion_factor(source: Unit, target: Unit) -> Fraction:
    """The exact number that a value in ``source`` is multiplied by to be in ``target``.

    A year and a month convert to days by UCUM's mean (365.25 d, a twelfth of it): for dates use ``dates`` instead,
    which counts by the calendar.

    Raises:
        UnitError: The two measure different things; the reason names both and the suggestions are codes that fit.

    >>> conversion_factor(parse_unit("/uL"), parse_unit("10*9/L"))
    Fraction(1, 1000)
    """
    if not commensurable(source, target):
        raise UnitError(_disagreement(source, target), _fitting(target))
    return source.factor / target.factor


def _disagreement(source: Unit, target: Unit) -> str:
    plain = f"{_named(source)} cannot be compared with {_named(target)}."
    axis = ucum.AXES.index("mol")
    substance = [len(unit.dimension) > axis and unit.dimension[axis] != 0 for unit in (source, target)]
    masses = [len(unit.dimension) > 2 and unit.dimension[2] != 0 for unit in (source, target)]
    if (substance[0] and masses[1]) or (substance[1] and masses[0]):
        return f"{plain} From mass to amount of substance takes a molar mass: write the value in the unit reported."
    return plain


def _named(unit: Unit) -> str:
    name = dimension_name(unit.dimension)
    return f"{unit.code} ({name})" if name else unit.code


def _fitting(target: Unit) -> tuple[str, ...]:
    found = [target.code]
    for code in ucum.table().clinical:
        if len(found) == 3:
            break
        if code not in found and "(" not in code and ucum.read(code).dimension == target.dimension:
            found.append(code)
    return tuple(found)


_DIMENSIONS = {
    "1": "a plain number",
    "g": "mass",
    "L": "volume",
    "m": "length",
    "m2": "area",
    "d": "time",
    "mol": "amount of substance",
    "K": "temperature",
    "Cel": "temperature in °C",
    "[degF]": "temperature in °F",
    "g/L": "mass per volume",
    "mol/L": "amount of substance per volume",
    "/L": "number per volume",
    "g/d": "mass per time",
    "L/d": "volume per time",
    "/d": "frequency",
    "U": "enzyme activity",
    "U/L": "enzyme activity per volume",
    "[IU]": "international units",
    "[IU]/L": "international units per volume",
    "mm[Hg]": "pressure",
    "g/m2": "mass per area",
    "L/g": "volume per mass",
    "mol/d/g": "enzyme activity per mass",
    "mol/g": "amount of substance per mass",
    "g/mol": "mass per amount of substance",
    "V": "voltage",
    "J": "energy",
    "Gy": "absorbed dose",
    "g.h/L": "area under a concentration curve",
    "m/s": "speed",
}


@functools.cache
def _dimension_names() -> dict[Dimension, str]:
    return {ucum.read(code).dimension: name for code, name in _DIMENSIONS.items()}


def dimension_name(dimension: Dimension) -> str:
    """What a dimension is called ("mass per volume"), or empty where it has no everyday name."""
    return _dimension_names().get(dimension, "")


def longest_unit(text: str, start: int) -> tuple[Unit, int] | None:
    """Find the longest unit that begins exactly at ``start`` in expression text, after a number.

    A unit holds no blank, ends where a word ends, and names something (``10`` or ``/2`` alone is arithmetic). So
    ``7 d since`` gives ``d`` and ``5 mg/kg*weight`` gives ``mg/kg``. A minus or digits joined to a unit are its
    exponent (``s-1``): write blanks around a binary minus.

    Returns:
        The unit and the index just after it, or None where no unit begins there.

    >>> longest_unit("400 mg/d beyond day 84", 4)[1]
    8
    """
    run = _RUN.match(text, start)
    if run is None:
        return None
    for end in range(run.end(), start, -1):
        if end < len(text) and (text[end].isalnum() or text[end] == "_") and text[end - 1] not in "])}%":
            continue
        unit = _unit_or_none(text[start:end])
        if unit is not None:
            return unit, end
    return None


_RUN = re.compile(r"""[^\s,;:<>=!|&"?#@$\\~`]{1,64}""")


def _unit_or_none(candidate: str) -> Unit | None:
    if candidate in _WORDS:
        return None
    try:
        unit = _read(candidate)
    except ucum.UcumError:
        return None
    return unit if ucum.read(unit.code).named else None


_ALONE = {"a": "years", "mo": "months", "wk": "weeks", "d": "days", "1": "", "Cel": "°C", "[degF]": "°F"}
_BELOW = {"d": "day", "wk": "week", "mo": "month", "a": "year"}
_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@functools.cache
def _label(code: str) -> str:
    if code in _ALONE:
        return _ALONE[code]
    shown: list[str] = []
    position, operator = 0, ""
    while position < len(code):
        symbol = ucum.next_component(code, position)
        position += len(symbol)
        if symbol:
            shown.append(_label_component(symbol, below=operator == "/"))
        elif code[position] == "{":
            end = code.find("}", position)
            shown.append(_label_annotation(code[position + 1 : end]))
            position = end + 1
        else:
            operator = code[position]
            shown.append("·" if operator == "." else operator)
            position += 1
        if symbol and position < len(code) and code[position] == "{":
            shown.append(" ")
    return "".join(shown)


def _label_annotation(text: str) -> str:
    return text.replace("1.73_m2", "1.73 m²").replace("_", " ")


def _label_component(symbol: str, *, below: bool) -> str:
    found = ucum.component(symbol)
    if found is None:
        return symbol
    prefix, unit, exponent, _ = found
    if unit in ("10*", "10^"):
        return f"×10{str(exponent).translate(_RAISED)}"
    name = unit if unit.replace("_", "").isalpha() or unit == "%" else _bare(unit)
    name = _BELOW.get(unit, name) if below and not prefix else name
    power = "" if exponent == 1 else str(exponent).translate(_RAISED)
    return f"{prefix.replace('u', 'µ')}{name}{power}"


def _bare(unit: str) -> str:
    inside = re.fullmatch(r"(.*)\[(.+)\]", unit)
    if inside is None:
        return unit
    word = re.sub(r"_(i|av|us|br|tr|ap)$", "", inside[2])
    return f"{inside[1]}{word}".replace("'U", " U").replace("'", " ")
