"""Anything may be typed where an expression is wanted: it is read or it is a finding, and never a traceback."""

from __future__ import annotations

import string
from decimal import Decimal

import numpy as np
import pytest

from trialwright.protocol.expressions import Kind, Scope, Values, VariableType, evaluate, explain, parse_quantity, read_expression
from trialwright.protocol.expressions.tree import Leaf
from trialwright.protocol.expressions.walk import leaves
from trialwright.vocabulary.findings import Place
from trialwright.vocabulary.units import parse_unit

CELLS = VariableType(Kind.QUANTITY, parse_unit("10*9/L"), low=Decimal(0))
SCOPE = Scope(
    variables={
        "aec": CELLS,
        "anc": CELLS,
        "eos_pct": VariableType(Kind.QUANTITY, parse_unit("%")),
        "age": VariableType(Kind.DURATION, parse_unit("a")),
        "weight": VariableType(Kind.QUANTITY, parse_unit("kg")),
        "disease": VariableType(Kind.CODE, codes=("MPN", "HES", "CEL", "CIH"), parents=(("HES", "MPN"), ("CEL", "MPN"))),
        "symptoms": VariableType(Kind.CODE, codes=("absent", "improved", "worse"), ordered=True),
        "therapy": VariableType(Kind.SET, codes=("chemo", "hydroxyurea", "imatinib"), parents=(("hydroxyurea", "chemo"),)),
        "causes": VariableType(Kind.SET, codes=("parasite", "drug"), complete=True),
        "pregnant": VariableType(Kind.FLAG),
        "surgery_on": VariableType(Kind.DATE),
    },
    parameters={"threshold": parse_quantity("0.5 10*9/L"), "washout": parse_quantity("4 wk")},
    responses={"haematological": ("none", "partial", "complete")},
    special_interest=frozenset({"cardiac"}),
    encounters=frozenset({"screening"}),
    doses={"imatinib": None},
    medications=frozenset({"steroid"}),
    rules=frozenset({"cytopenia"}),
)
PLACE = Place("protocol.yaml", 1, 1)
SEEDS = (
    "disease in {HES, CIH} and symptoms < worse",
    "therapy includes all of {hydroxyurea, imatinib} or causes is empty",
    "at least washout since screening and within 6 mo of surgery_on",
    "no unresolved related cardiac event grade >= 2",
    "taking steroid within 7 d or an input of a hold rule is missing or older than 3 d",
    "surgery_on + 2 mo before 2004-10-01",
    "dose > 0 mg/d beyond day 84",
    "mean of aec over 28 d > 3 uln",
    "aec <= 0.5 * baseline aec and baseline aec >= 1.5 10*9/L",
    "if age < 18 a then consent by parents or guardian and assent else consent by participant",
    "percent change from baseline aec <= -50 % or max(aec, anc) ^ 2 > 1 10*9/L",
)
PIECES = (
    *string.printable,
    "µ",
    "⁹",
    "“",
    "≤",
    "×",
    " and ",
    " or ",
    " not ",
    " if ",
    "(",
    ")",
    "{",
    "}",
    " 10*9/L",
    " uln",
    "1e9",
    "'",
)


def garbage(draw: np.random.Generator) -> str:
    if draw.random() < 0.3:
        return "".join(PIECES[draw.integers(len(PIECES))] for _ in range(draw.integers(40)))
    text = SEEDS[draw.integers(len(SEEDS))]
    for _ in range(draw.integers(0, 4)):
        cut, end = sorted(int(draw.integers(len(text) + 1)) for _ in range(2))
        match int(draw.integers(4)):
            case 0:
                text = text[:cut] + text[min(end, cut + 3) :]
            case 1:
                text = text[:cut] + PIECES[draw.integers(len(PIECES))] + text[cut:]
            case 2:
                text = text[:cut] + text[cut:end] * 2 + text[end:]
            case _:
                text = text[:cut] + " " + SEEDS[draw.integers(len(SEEDS))] + text[cut:]
    return text


def _one(leaf: Leaf, number: int) -> Values:
    known = number % 5 != 0
    match leaf.type.kind:
        case Kind.SET:
            return Values(np.arange(len(leaf.type.codes)) % 2 == number % 2, np.array(known))
        case Kind.FLAG | Kind.TRUTH:
            return Values(np.array(number % 2 == 0), np.array(known))
        case Kind.CODE:
            return Values(np.array(number % max(len(leaf.type.codes), 1)), np.array(known))
        case _:
            return Values(np.array(float(number % 7)), np.array(known))


def survives(count: int) -> int:
    draw, read_well = np.random.Generator(np.random.PCG64(20041001)), 0
    for number in range(count):
        text = garbage(draw)
        expression, findings = read_expression(text, SCOPE, PLACE, expect=None)
        assert (expression is None) == any(finding.severity.value == "error" for finding in findings), text
        assert all(finding.place.line >= 1 and finding.title for finding in findings), text
        if expression is not None:
            values = {leaf.input: _one(leaf, number) for leaf in leaves(expression.node)}
            assert not np.isnan(np.asarray(evaluate(expression, values).data, float)).any(), text
            explain(expression, values, {}, SCOPE)
            read_well += 1
    return read_well


def test_garbage_never_raises() -> None:
    assert survives(300) > 3


@pytest.mark.long
def test_twenty_thousand_pieces_of_garbage_never_raise() -> None:
    assert survives(20_000) > 200


def test_a_megabyte_and_a_thousand_parentheses_are_findings() -> None:
    for text in ("a" * 1_000_000, "(" * 9_000, "-" * 9_000 + "1", "9" * 19_000, "1 + " * 4_000 + "1"):
        expression, findings = read_expression(text, SCOPE, PLACE)
        assert expression is None and findings
    expression, _ = read_expression("(" * 9_000 + "pregnant" + ")" * 9_000, SCOPE, PLACE)
    assert expression is not None
