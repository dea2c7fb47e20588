"""What a unit means: spellings, labels, exact conversions, and the longest unit in expression text."""

from __future__ import annotations

import doctest
import json
import math
from fractions import Fraction
from pathlib import Path

import pytest

from trialwright.vocabulary import ucum, units
from trialwright.vocabulary.units import (
    UnitError,
    commensurable,
    conversion_factor,
    dimension_name,
    longest_unit,
    parse_unit,
)

SPELLINGS = [
    ("mg/day", "mg/d", "mg/day"),
    ("mg/die", "mg/d", "mg/day"),
    ("10^9/L", "10*9/L", "×10⁹/L"),
    ("x10^9/L", "10*9/L", "×10⁹/L"),
    ("×10⁹/L", "10*9/L", "×10⁹/L"),
    ("G/L", "10*9/L", "×10⁹/L"),
    ("K/uL", "10*3/uL", "×10³/µL"),
    ("/µL", "/uL", "/µL"),
    ("/μL", "/uL", "/µL"),
    ("cells/µL", "{cells}/uL", "cells/µL"),
    ("years", "a", "years"),
    ("y", "a", "years"),
    ("weeks", "wk", "weeks"),
    ("days", "d", "days"),
    ("months", "mo", "months"),
    ("%", "%", "%"),
    ("kg", "kg", "kg"),
    ("g/dL", "g/dL", "g/dL"),
    ("µmol/L", "umol/L", "µmol/L"),
    ("IU/L", "[IU]/L", "IU/L"),
    ("mmHg", "mm[Hg]", "mmHg"),
    ("m²", "m2", "m²"),
    ("kg/m^2", "kg/m2", "kg/m²"),
    ("°C", "Cel", "°C"),
    ("mg/kg/day", "mg/kg/d", "mg/kg/day"),
    ("msec", "ms", "ms"),
    ("bpm", "/min", "/min"),
    ("{score}", "{score}", "score"),
    ("mL/min/1.73m2", "mL/min/{1.73_m2}", "mL/min/1.73 m²"),
    ("", "1", ""),
]

CONVERSIONS = [
    ("/uL", "10*9/L", Fraction(1, 1000)),
    ("10*9/L", "10*3/uL", Fraction(1)),
    ("g/dL", "g/L", Fraction(10)),
    ("mg/d", "g/wk", Fraction(7, 1000)),
    ("wk", "d", Fraction(7)),
    ("a", "d", Fraction(1461, 4)),
    ("mo", "a", Fraction(1, 12)),
    ("%", "1", Fraction(1, 100)),
    ("mm[Hg]", "kPa", Fraction(133322, 1000000)),
    ("mL/h", "L/d", Fraction(24, 1000)),
    ("[lb_av]", "kg", Fraction("0.45359237")),
    ("[in_i]", "cm", Fraction("2.54")),
    ("U/L", "nkat/L", Fraction(1000, 60)),
    ("[degF]", "[degF]", Fraction(1)),
]

APART = [
    ("mg", "mL"),
    ("mmol/L", "mg/dL"),
    ("mmol/L", "10*9/L"),
    ("g/L", "10*9/L"),
    ("U/L", "[IU]/L"),
    ("[IU]", "[arb'U]"),
    ("Cel", "K"),
    ("Cel", "[degF]"),
    ("d", "1"),
]

IN_TEXT = [
    ("7 d since last increase", "d", " since last increase"),
    ("1.0 10*9/L or platelets", "10*9/L", " or platelets"),
    ("400 mg/d beyond day 84", "mg/d", " beyond day 84"),
    ("5 mg/kg*weight", "mg/kg", "*weight"),
    ("1 mg/weight", "mg", "/weight"),
    ("500 /uL)", "/uL", ")"),
    ("5 mg/(24.h)) x", "mg/(24.h)", ") x"),
    ("15 years.", "a", "."),
    ("1 d..2 d", "d", "..2 d"),
    ("5 ×10⁹/L and", "10*9/L", " and"),
    ("3 {score} x", "{score}", " x"),
    ("80 %", "%", ""),
    ("2 mg/dL, and", "mg/dL", ", and"),
    ("2 mg<x", "mg", "<x"),
]

NOT_IN_TEXT = [
    "3 uln",
    "3 lln)",
    "5 at day 8",
    "2 10 x",
    "2 10* x",
    "6 /2",
    "3 {a, b}",
    "5 and",
    "3 * x",
    "3 ",
    "4 as x",
]


@pytest.mark.parametrize(("text", "code", "label"), SPELLINGS)
def test_a_unit_is_read_as_people_write_it_and_shown_as_they_read_it(text: str, code: str, label: str) -> None:
    unit = parse_unit(text)
    assert (unit.code, unit.label) == (code, label)
    assert parse_unit(unit.code) == unit


@pytest.mark.parametrize(("source", "target", "factor"), CONVERSIONS)
def test_conversion_is_exact_and_has_its_inverse(source: str, target: str, factor: Fraction) -> None:
    assert conversion_factor(parse_unit(source), parse_unit(target)) == factor
    assert conversion_factor(parse_unit(target), parse_unit(source)) == 1 / factor


@pytest.mark.parametrize(("one", "other"), APART)
def test_units_that_measure_different_things_do_not_convert(one: str, other: str) -> None:
    assert not commensurable(parse_unit(one), parse_unit(other))
    with pytest.raises(UnitError) as caught:
        conversion_factor(parse_unit(one), parse_unit(other))
    assert one in caught.value.reason
    assert other in caught.value.reason
    assert caught.value.suggestions[0] == other


def test_mass_against_substance_asks_for_the_reported_unit() -> None:
    with pytest.raises(UnitError, match="molar mass"):
        conversion_factor(parse_unit("mmol/L"), parse_unit("mg/dL"))


@pytest.mark.parametrize(("text", "code", "rest"), IN_TEXT)
def test_the_longest_unit_after_a_number_stops_before_the_expression_goes_on(text: str, code: str, rest: str) -> None:
    found = longest_unit(text, text.index(" ") + 1)
    assert found is not None
    assert (found[0].code, text[found[1] :]) == (code, rest)


@pytest.mark.parametrize("text", NOT_IN_TEXT)
def test_words_sets_and_arithmetic_after_a_number_are_no_units(text: str) -> None:
    assert longest_unit(text, text.index(" ") + 1) is None


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [("mg / d", "mg/d"), ("10E9/L", "10*9/L"), ("mg//d", "mg/d"), ("mg/dL/", "mg/dL"), ("MMOL/L", "mmol/L")],
)
def test_a_unit_that_cannot_be_read_says_why_and_what_to_try(text: str, suggestion: str) -> None:
    with pytest.raises(UnitError) as caught:
        parse_unit(text)
    assert text in caught.value.reason
    assert suggestion in caught.value.suggestions


@pytest.mark.parametrize("text", ["(" * 40, "m999999999", "{a b}", "mg/{", "m" * 10_000, "Cel/h", "Cel2", "0", "]", "é", "10*"])
def test_strange_text_is_an_error_or_a_unit_and_never_hangs(text: str) -> None:
    try:
        assert parse_unit(text).factor > 0
    except UnitError as error:
        assert error.reason


def test_a_special_unit_takes_no_part_in_products() -> None:
    with pytest.raises(UnitError, match="stands alone"):
        parse_unit("Cel/h")


def test_dimensions_have_everyday_names() -> None:
    named = {code: dimension_name(parse_unit(code).dimension) for code in ("mg", "mL", "mmol/L", "mg/kg", "10*9/L")}
    assert named == {
        "mg": "mass",
        "mL": "volume",
        "mmol/L": "amount of substance per volume",
        "mg/kg": "a plain number",
        "10*9/L": "number per volume",
    }


def test_every_code_in_the_shipped_table_is_read_and_labelled() -> None:
    table = ucum.table()
    for code in [*table.rows, *table.clinical]:
        unit = parse_unit(code)
        assert unit.factor > 0
        assert unit.label or unit.code == "1"
    assert len(table.rows) == 311
    assert len(table.clinical) == 458


# The table's own magnitude disagrees with its own definition for these: 100 fields per [LPF], and inverse units.
OTHERWISE_IN_THE_TABLE = {"[LPF]", "/[LPF]", "{#}/[LPF]", "[diop]", "[mesh_i]", "Bd"}
AVOGADRO = 6.0221367e23  # UCUM's own value, by which its table counts moles; ours keeps them on their own axis


def test_every_magnitude_agrees_with_the_one_that_the_table_s_own_authors_computed() -> None:
    text = Path(ucum.__file__).with_name("data").joinpath("ucum_defs_lhc.json").read_text(encoding="utf-8")
    compared = 0
    for values in json.loads(text)["units"]["data"]:
        code, magnitude, powers = values[2].strip(), values[5], values[6]
        unit = parse_unit(code)
        if code in OTHERWISE_IN_THE_TABLE or len(unit.dimension) > len(ucum.AXES):
            continue
        dimension = (*unit.dimension, *(0,) * (len(ucum.AXES) - len(unit.dimension)))
        assert list(dimension[:7]) == powers, code
        assert math.isclose(float(unit.factor) * AVOGADRO ** dimension[7], magnitude, rel_tol=1e-12), code
        compared += 1
    assert compared > 600


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(units).failed == 0
