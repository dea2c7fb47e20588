"""The expression language, row by row: a fragment, what is known, the verdict, the sentence.

The tables are the reference: ``python tests/spec/test_expression_reference.py`` writes docs/reference/expressions.md from them.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from lark import Tree

from trialwright.protocol.expressions import (
    Fact,
    Input,
    Kind,
    Scope,
    Values,
    VariableType,
    evaluate,
    explain,
    missing_inputs,
    parse_quantity,
    read_expression,
    reserved_words,
    to_text,
    truth,
)
from trialwright.protocol.expressions.parse import parse
from trialwright.protocol.expressions.tree import Expression, Leaf
from trialwright.protocol.expressions.types import READERS
from trialwright.vocabulary.findings import Place
from trialwright.vocabulary.units import parse_unit

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "expressions.md"
PLACE = Place("protocol.yaml", 1, 1)
COUNT = parse_unit("10*9/L")


def quantity(unit: str, label: str = "", low: int | None = 0) -> VariableType:
    return VariableType(Kind.QUANTITY, parse_unit(unit), low=None if low is None else Decimal(low), label=label)


SCOPE = Scope(
    variables={
        "age": VariableType(Kind.DURATION, parse_unit("a"), label="age"),
        "aec": quantity("10*9/L", "AEC"),
        "wbc": quantity("10*9/L", "WBC"),
        "eos_pct": quantity("%", "eosinophils"),
        "anc": quantity("10*9/L", "ANC"),
        "platelets": quantity("10*9/L", "platelets"),
        "bilirubin": quantity("umol/L"),
        "creatinine": quantity("mg/dL"),
        "height": quantity("cm"),
        "weight": quantity("kg", "body weight"),
        "titre": quantity("[iU]/mL", "antibody titre"),
        "ecog": VariableType(Kind.QUANTITY, label="ECOG"),
        "temperature": quantity("Cel", low=None),
        "disease": VariableType(
            Kind.CODE,
            codes=("MPN", "HES", "CEL", "CIH", "secondary"),
            parents=(("HES", "MPN"), ("CEL", "MPN")),
            label="diagnosis",
        ),
        "symptoms": VariableType(Kind.CODE, codes=("absent", "improved", "unchanged", "worse"), ordered=True),
        "prior_therapy": VariableType(
            Kind.SET,
            codes=("chemotherapy", "hydroxyurea", "imatinib", "interferon"),
            parents=(("hydroxyurea", "chemotherapy"),),
            complete=True,
        ),
        "history": VariableType(Kind.SET, codes=("asthma", "stroke"), label="medical history"),
        "pregnant": VariableType(Kind.FLAG, label="pregnancy test positive"),
        "last_chemotherapy": VariableType(Kind.DATE, label="last chemotherapy"),
        "birth": VariableType(Kind.DATE, label="date of birth"),
    },
    parameters={"chr_threshold": parse_quantity("0.5 10*9/L"), "washout": parse_quantity("4 wk")},
    responses={"haematological": ("none", "partial", "complete"), "molecular": ("none", "complete")},
    special_interest=frozenset({"cardiac"}),
    encounters=frozenset({"surgery"}),
    milestones=frozenset({"relapse"}),
    doses={"imatinib": None},
    medications=frozenset({"corticosteroid"}),
    arms=("active", "placebo"),
    strata={"region": ("north", "south")},
    epochs=("screening", "treatment", "follow_up"),
    rules=frozenset({"cytopenia"}),
)

Given = dict[str, object]
Row = tuple[str, Given, str, str]

NUMBERS: list[Row] = [
    ("age > 15 a", {"age": 15}, "false", "age 15 years is not above 15 years"),
    ("age > 15 a", {"age": 16}, "true", "age 16 years is above 15 years"),
    ("aec <= chr_threshold", {"aec": 0.5}, "true", "AEC 0.5 ×10⁹/L is at most 0.5 ×10⁹/L (chr threshold)"),
    ("aec < 500 /uL", {"aec": 0.49}, "true", "AEC 0.49 ×10⁹/L is below 500/µL"),
    (
        "wbc * eos_pct >= 0.5 10*9/L",
        {"wbc": 10.0, "eos_pct": 5},
        "true",
        "WBC 10 ×10⁹/L × eosinophils 5 % is at least 0.5 ×10⁹/L",
    ),
    (
        "aec <= 0.5 * baseline aec",
        {"aec": ("1.9", date(2005, 3, 12)), "baseline aec": "12.0"},
        "true",
        "AEC 1.9 ×10⁹/L on 12 March is at most 0.5 × baseline 12.0 (84 % below baseline)",
    ),
    (
        "aec <= 50 % of baseline aec",
        {"aec": 6.02, "baseline aec": "12.0"},
        "false",
        "AEC 6.02 ×10⁹/L is above 0.5 × baseline 12.0 (49.8 % below baseline)",
    ),
    (
        "percent change from baseline aec <= -50 %",
        {"aec": 3, "baseline aec": 12},
        "true",
        "percent change from baseline -75 % (AEC 3 ×10⁹/L, baseline 12) is at most -50 %",
    ),
    (
        "change from previous aec > 0 10*9/L",
        {"aec": 3, "previous aec": 2},
        "true",
        "change from previous 1 ×10⁹/L (AEC 3 ×10⁹/L, previous 2) is above 0 ×10⁹/L",
    ),
    (
        "bilirubin > 3 uln",
        {"bilirubin": 70, "uln of bilirubin": 21},
        "true",
        "bilirubin 70 µmol/L is above 3 × the upper limit of normal 21",
    ),
    (
        "1 mg/dL < creatinine <= 2 mg/dL",
        {"creatinine": 1.5},
        "true",
        "creatinine 1.5 mg/dL is above 1 mg/dL; creatinine 1.5 mg/dL is at most 2 mg/dL",
    ),
    (
        "creatinine between 1 and 3 mg/dL",
        {"creatinine": 3},
        "true",
        "creatinine 3 mg/dL is at least 1 mg/dL; creatinine 3 mg/dL is at most 3 mg/dL",
    ),
    ("ecog in {0, 1}", {"ecog": 2}, "false", "ECOG 2 is not equal to 0; ECOG 2 is not equal to 1"),
    ("ecog is at most 2", {"ecog": 2}, "true", "ECOG 2 is at most 2"),
    ("5 mg/kg * weight <= 400 mg", {"weight": 81}, "false", "5 mg/kg × body weight 81 kg is above 400 mg"),
    (
        "max(aec, baseline aec) >= 1.5 10*9/L",
        {"aec": 1, "baseline aec": 2},
        "true",
        "the greatest of AEC 1 ×10⁹/L and baseline AEC 2 ×10⁹/L is at least 1.5 ×10⁹/L",
    ),
    (
        "percent change from nadir aec >= 20 %",
        {"aec": 3, "nadir aec": 2},
        "true",
        "percent change from nadir 50 % (AEC 3 ×10⁹/L, nadir 2) is at least 20 %",
    ),
    ("aec >= 1.2 * nadir aec", {"aec": 2, "nadir aec": 2}, "false", "AEC 2 ×10⁹/L is below 1.2 × nadir AEC 2 ×10⁹/L"),
    (
        "exp(ln(0.993) * age / 1 a) < 0.7",
        {"age": 60},
        "true",
        "the exponential of the natural logarithm of 0.993 × age 60 years ÷ 1 year is below 0.7",
    ),
    ("ln(ecog) < 0", {"ecog": 0}, "unknown", "ECOG is not known well enough"),
    (
        "log10(titre / 1 [iU]/mL) >= 2",
        {"titre": 100},
        "true",
        "the decimal logarithm of antibody titre 100 iU/mL ÷ 1 iU/mL is at least 2",
    ),
    (
        "titre / baseline titre >= 4",
        {"titre": 320, "baseline titre": 80},
        "true",
        "antibody titre 320 iU/mL ÷ baseline antibody titre 80 iU/mL is at least 4",
    ),
    (
        "median of aec over 3 values > 1 10*9/L",
        {"median of aec over 3 values": 1.2},
        "true",
        "median AEC of the last 3 values 1.2 ×10⁹/L is above 1 ×10⁹/L",
    ),
    (
        "mean of aec over 28 d > 1 10*9/L",
        {"mean of aec over 28 d": 1.2},
        "true",
        "mean AEC over 28 d 1.2 ×10⁹/L is above 1 ×10⁹/L",
    ),
    (
        "(height / 1 cm * weight / 1 kg / 3600) ^ 0.5 >= 1.5",
        {"height": 180, "weight": 80},
        "true",
        "(height 180 cm ÷ 1 cm × body weight 80 kg ÷ 1 kg ÷ 3600) to the power 0.5 is at least 1.5",
    ),
    ("temperature >= 38.5 Cel", {"temperature": "38.4"}, "false", "temperature 38.4 °C is below 38.5 °C"),
    ("aec / platelets > 0.1", {"aec": 1, "platelets": 0}, "unknown", "AEC and platelets are not known well enough"),
    ("aec < 0.5 10*9/L", {"aec": (0.0, 0.1)}, "true", "AEC 0 to 0.1 ×10⁹/L is below 0.5 ×10⁹/L"),
]
CODES: list[Row] = [
    ("disease in {HES, CIH}", {"disease": "HES"}, "true", "diagnosis is HES"),
    ("disease in MPN", {"disease": "CEL"}, "true", "diagnosis is CEL"),
    ("disease in {HES, CIH}", {"disease": "secondary"}, "false", "diagnosis is secondary, not HES or CIH"),
    ("disease = HES", {"disease": "MPN"}, "unknown", "diagnosis is not known well enough to tell HES"),
    ("symptoms = 'absent'", {"symptoms": "absent"}, "true", "symptoms are absent"),
    ("disease is not secondary", {"disease": "CIH"}, "true", "diagnosis is CIH, not secondary"),
    ("symptoms <= improved", {"symptoms": "worse"}, "false", "symptoms are worse, above improved"),
    ("response < complete", {"response": "partial"}, "true", "response is partial"),
    ("molecular response is complete", {"molecular response": "none"}, "false", "molecular response is none"),
    ("prior_therapy includes chemotherapy", {"prior_therapy": ["hydroxyurea"]}, "true", "prior therapy includes chemotherapy"),
    (
        "prior_therapy includes hydroxyurea",
        {"prior_therapy": ["chemotherapy"]},
        "unknown",
        "prior therapy is not known well enough to tell hydroxyurea",
    ),
    (
        "prior_therapy includes at least 2 of {imatinib, interferon, hydroxyurea}",
        {"prior_therapy": ["imatinib", "interferon"]},
        "true",
        "prior therapy includes at least 2 of imatinib, interferon and hydroxyurea",
    ),
    (
        "history includes at least 2 of {asthma, stroke}",
        {"history": ["asthma"]},
        "unknown",
        "medical history is not known well enough to tell asthma or stroke",
    ),
    (
        "prior_therapy includes at least 2 of {imatinib, interferon}",
        {"prior_therapy": ["imatinib"]},
        "false",
        "prior therapy does not include at least 2 of imatinib and interferon",
    ),
    (
        "prior_therapy includes any of {imatinib, interferon}",
        {"prior_therapy": []},
        "false",
        "prior therapy does not include imatinib or interferon",
    ),
    ("history includes asthma", {"history": ["stroke"]}, "unknown", "medical history is not known well enough to tell asthma"),
    (
        "prior_therapy within {chemotherapy}",
        {"prior_therapy": ["imatinib"]},
        "false",
        "prior therapy (imatinib) goes beyond chemotherapy",
    ),
    ("prior_therapy is empty", {"prior_therapy": []}, "true", "prior therapy is empty"),
    ("arm is placebo", {"arm": "active"}, "false", "arm is active, not placebo"),
    ("stratum region is north", {"stratum region": "north"}, "true", "stratum region is north"),
    ("during treatment", {"epoch": "follow_up"}, "false", "epoch is follow_up, not treatment"),
]
TIME: list[Row] = [
    (
        "at least 7 d since last increase",
        {"time since last increase": 7},
        "true",
        "7 days since the last increase, at least 7 days",
    ),
    (
        "at least 7 d since last increase",
        {"time since last increase": 6},
        "false",
        "6 days since the last increase, below 7 days",
    ),
    ("within 7 d of last hold", {"time since last hold": "never"}, "false", "no hold so far"),
    (
        "at least washout since last_chemotherapy",
        {"time since last_chemotherapy": 28},
        "true",
        "28 days since last chemotherapy, at least 4 weeks (washout)",
    ),
    (
        "within 28 d before last_chemotherapy",
        {"time since last_chemotherapy": -3},
        "true",
        "-3 days since last chemotherapy, at least -28 days; -3 days since last chemotherapy, at most 0 days",
    ),
    ("more than 2 d since surgery", {"time since surgery": 2}, "false", "2 days since the visit surgery, at most 2 days"),
    (
        "two increases within 7 d",
        {"increase": True, "time since last increase": 7},
        "false",
        "7 days since the last increase, at least 7 days",
    ),
    (
        "last_chemotherapy before 2004-10-01",
        {"last_chemotherapy": (date(2004, 1, 1), date(2004, 9, 30))},
        "true",
        "last chemotherapy 1 January 2004 to 30 September 2004 is before 1 October 2004",
    ),
    (
        "last_chemotherapy before 2004-10-01",
        {"last_chemotherapy": (date(2004, 1, 1), date(2004, 12, 31))},
        "unknown",
        "last chemotherapy is not known well enough",
    ),
    (
        "birth + 18 a <= today",
        {"birth": date(1990, 2, 28), "today": date(2008, 2, 28)},
        "true",
        "date of birth 28 February 1990 plus 216 months is at most today 28 February 2008",
    ),
    ("aec is missing or older than 3 d", {"aec": 1, "time since aec": 4}, "true", "4 days since the last AEC, above 3 days"),
    ("time since first dose > 12 wk", {"time since first dose": 84}, "false", "84 days since the first dose, at most 12 weeks"),
    ("time since relapse is known", {"time since relapse": 3}, "true", "3 days since relapse is known"),
    ("day <= 84", {"day": 85}, "false", "study day 85 is above 84"),
]
TREATMENT: list[Row] = [
    (
        "dose > 0 mg/d beyond day 84",
        {"dose": 100, "day": 85},
        "true",
        "dose 100 mg/day is above 0 mg/day; study day 85 is above 84",
    ),
    ("dose > 0 mg/d beyond week 12", {"dose": 100, "day": 84}, "false", "study day 84 is not above 84"),
    ("level = 400 mg/d", {"level": 300}, "false", "dose level 300 mg/day is not equal to 400 mg/day"),
    ("increase while held", {"increase": True, "held": False}, "false", "treatment is not held"),
    (
        "increase with an input of a hold rule unknown",
        {"increase": True, "an input of a hold rule is missing": True},
        "true",
        "the dose is raised; an input of a hold rule is missing",
    ),
    (
        "an input of a hold rule is missing or older than 3 d",
        {"an input of a hold rule is missing or older than 3 d": False},
        "false",
        "no input of a hold rule is missing or older than 3 days",
    ),
    ("recurrence of cytopenia >= 1", {"recurrence of cytopenia": 0}, "false", "recurrences of cytopenia 0 is below 1"),
    (
        "at least 2 related adverse events ever grade >= 3",
        {"number of related adverse events ever grade >= 3": 2},
        "true",
        "2 related adverse events of grade 3 or more, at least 2",
    ),
    (
        "number of serious adverse events ever = 0",
        {"number of serious adverse events ever": 1},
        "false",
        "1 serious adverse event, not equal to 0",
    ),
    ("total dose <= 5000 mg", {"total dose": 5600}, "false", "total dose 5600 mg is above 5000 mg"),
    (
        "highest grade of serious adverse event ever <= 2",
        {"highest grade of serious adverse event ever": 2},
        "true",
        "serious adverse event (grade 2), at most grade 2",
    ),
    ("stopped or held", {"stopped": False, "held": True}, "true", "treatment is held"),
    ("cardiac event", {"highest grade of cardiac event": 0}, "false", "no cardiac event"),
    (
        "related adverse event grade >= 3",
        {"highest grade of related adverse event": 3},
        "true",
        "related adverse event (grade 3), at least grade 3",
    ),
    (
        "no unresolved related adverse event grade >= 2",
        {"highest grade of unresolved related adverse event": 1},
        "true",
        "unresolved related adverse event (grade 1), below grade 2",
    ),
    (
        "serious unexpected adverse event grade 4 or more",
        {"highest grade of serious unexpected adverse event": 4},
        "true",
        "serious unexpected adverse event (grade 4), at least grade 4",
    ),
    (
        "new or increased corticosteroid within 7 d",
        {"new or increased corticosteroid within 7 d": False},
        "false",
        "no new or increased corticosteroid within 7 days",
    ),
    ("taking corticosteroid", {"taking corticosteroid": True}, "true", "corticosteroid"),
    (
        "consent by parents or guardian and assent",
        {"consent by parents or guardian": True, "assent": False},
        "false",
        "assent is not given",
    ),
    ("not pregnant", {"pregnant": False}, "true", "pregnancy test positive: no"),
]
LOGIC: list[Row] = [
    ("anc < 1.0 10*9/L or platelets < 50 10*9/L", {"anc": 0.8}, "true", "ANC 0.8 ×10⁹/L is below 1.0 ×10⁹/L"),
    ("anc < 1.0 10*9/L or platelets < 50 10*9/L", {"anc": 4.1}, "unknown", "platelets are not known"),
    ("anc < 1.0 10*9/L or platelets < 50 10*9/L", {}, "unknown", "ANC and platelets are not known"),
    ("anc < 1.0 10*9/L and platelets < 50 10*9/L", {"anc": 4.1}, "false", "ANC 4.1 ×10⁹/L is not below 1.0 ×10⁹/L"),
    (
        "if pregnant then aec < 1 10*9/L else aec < 1 10*9/L",
        {"aec": 0.5},
        "true",
        "pregnancy test positive is not known; AEC 0.5 ×10⁹/L is below 1 ×10⁹/L",
    ),
    (
        "if age < 18 a then consent by parents or guardian else consent by participant",
        {"age": 17, "consent by participant": True},
        "unknown",
        "age 17 years is below 18 years; consent by parents or guardian is not known",
    ),
    ("anc is known", {}, "false", "ANC is missing"),
    ("not (anc is missing)", {"anc": "4.10"}, "true", "ANC 4.10 ×10⁹/L is known"),
    ("true", {}, "true", "always true"),
]
TABLES = {
    "Numbers and units": NUMBERS,
    "Codes and sets": CODES,
    "Time": TIME,
    "Dose, adverse events, medication, consent": TREATMENT,
    "And, or, not, if, missing": LOGIC,
}
ROWS = [row for rows in TABLES.values() for row in rows]


def leaf(text: str) -> Leaf:
    expression, findings = read_expression(text, SCOPE, PLACE, expect=None)
    assert expression is not None and isinstance(expression.node, Leaf), (text, findings)
    return expression.node


def values_of(found: Leaf, value: object) -> tuple[Values, Fact]:
    kind = found.type
    if isinstance(value, tuple) and isinstance(value[0], str):
        return Values.of(float(value[0])), Fact(value[1], display=value[0])
    match kind.kind, value:
        case Kind.CODE, str():
            return Values.of(kind.codes.index(value)), Fact()
        case Kind.SET, list():
            return Values.of_set([code in value for code in kind.codes]), Fact()
        case Kind.DATE, (first, last):
            return Values.of_date(first, last), Fact()
        case Kind.DATE, date():
            return Values.of_date(value), Fact()
        case _, (low, high):
            return Values.of(low, high), Fact()
        case _, "never":
            return Values.of(np.inf), Fact()
        case _, str():
            return Values.of(float(value)), Fact(display=value)
        case _:
            return Values.of(value), Fact()  # type: ignore[arg-type]


def read(text: str) -> Expression:
    expression, findings = read_expression(text, SCOPE, PLACE)
    assert expression is not None, findings
    assert not findings
    return expression


def supply(given: Given) -> tuple[dict[Input, Values], dict[Input, Fact]]:
    found = {leaf(text): value for text, value in given.items()}
    both = {each.input: values_of(each, value) for each, value in found.items()}
    return {key: value for key, (value, _) in both.items()}, {key: fact for key, (_, fact) in both.items()}


@pytest.mark.parametrize(("text", "given", "verdict", "sentence"), ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_a_fragment_has_its_verdict_and_says_why(text: str, given: Given, verdict: str, sentence: str) -> None:
    expression = read(text)
    values, facts = supply(given)
    assert ("false", "unknown", "true")[int(truth(evaluate(expression, values)))] == verdict
    explained = explain(expression, values, facts, SCOPE)
    assert explained.sentence == sentence
    assert ("false", "unknown", "true")[explained.truth] == verdict


@pytest.mark.parametrize("text", sorted({row[0] for row in ROWS}))
def test_the_canonical_text_of_a_fragment_reads_back_as_the_same_tree(text: str) -> None:
    expression = read(text)
    assert read(to_text(expression.node)).node == expression.node


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_only_an_unknown_verdict_asks_for_something(row: Row) -> None:
    expression = read(row[0])
    asked = missing_inputs(expression, supply(row[1])[0])
    assert bool(asked) == (row[2] == "unknown")
    assert set(asked) <= set(expression.inputs)


def test_every_form_of_the_grammar_and_every_input_stands_in_the_tables() -> None:
    seen: set[str] = set()
    for text, *_ in ROWS:
        tree = parse(text)
        assert isinstance(tree, Tree)
        seen |= {str(part.data) for part in tree.iter_subtrees()}
    forms = set(READERS)
    assert not forms - seen, f"forms without a row: {sorted(forms - seen)}"
    asked = {type(each) for text, *_ in ROWS for each in read(text).inputs}
    assert not set(get_args(Input)) - asked, "inputs without a row"


def test_what_is_asked_for_leaves_out_what_cannot_matter() -> None:
    expression = read("(anc < 1 10*9/L and platelets < 50 10*9/L) or bilirubin > 3 uln")
    values, _ = supply({"anc": 4, "uln of bilirubin": 21})
    assert missing_inputs(expression, values) == (leaf("bilirubin").input,)


def shown(value: object) -> str:
    match value:
        case (str() as text, date() as on):
            return f"{text} on {on.isoformat()}"
        case (first, last):
            return f"{first} to {last}"
        case list():
            return "{" + ", ".join(value) + "}"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def table(rows: list[Row]) -> str:
    lines = ["| expression | what is known | verdict | why |", "|---|---|---|---|"]
    for text, given, verdict, sentence in rows:
        known = "<br>".join(f"{name}: {shown(value)}" for name, value in given.items()) or "nothing"
        lines.append(f"| `{text}` | {known} | {verdict} | {sentence} |".replace("||", "| |"))
    return "\n".join(lines)


HEAD = """# The expression language

<!-- Written by `python tests/spec/test_expression_reference.py` from the tables that the tests run. Change those. -->

An expression is one value: true or false where a rule wants a condition, an amount where a variable is derived. It is
read and typed before anything runs: every name must be declared, every unit must fit, every code must exist. It always
ends: there are no loops, no functions of one's own, no clock and no chance.

## What it means

- **Three truths.** True, false, unknown (strong Kleene). Something missing makes a verdict unknown only where it could
  matter: `unknown or true` is true, `unknown and false` is false, and `if c then a else a` is `a` even when `c` is not
  known. Absence is evidence only in a set that is declared complete.
- **Units are types.** A number is written with its unit (`1.0 10*9/L`, `500 /uL`, `7 d`), one blank between. It is
  converted exactly, as a fraction, to the unit of what it is compared with: `aec < 500 /uL` and `aec < 0.5 10*9/L` are
  one rule. A number without a unit fits only something that has none. Recorded data is never converted, except that two
  variables in different units meet by an exact factor.
- **Ties.** Two numbers are equal when they differ by at most 1e-9 of the larger one, or 1e-12, so that a value recorded
  to its reporting precision never flips at a threshold.
- **Ranges.** A value that is known to lie between two bounds (a partial date, a count below 0.1) gives a verdict when
  every value between them gives the same.
- **Never NaN.** Division by zero, a root of a negative number, or a number too large to hold is unknown.
- **Concepts.** `disease in MPN` counts what the code list puts below MPN. Something recorded more generally than asked
  (MPN, when the question is HES) is unknown.
- **Time.** Windows are closed. `time since …` is infinite for what never happened, so `at least 7 d since last hold` is
  then true and `within 7 d of last hold` false. Months and years are counted by the calendar. While there was no
  increase, `last increase` counts from the first dose. Two increases are within 7 d when fewer than 7 d lie between them.
- **Precedence**, tightest first: `^`, minus sign, `* /`, `+ -`, comparison, `beyond day …`, `not`, `and` (or `while`),
  `or`, `if … then … else …`. Comparisons chain: `1 < x <= 3`.
"""


def render() -> str:
    parts = [HEAD]
    for title, rows in TABLES.items():
        parts += [f"## {title}\n", table(rows), ""]
    words = ", ".join(f"`{word}`" for word in sorted(reserved_words()))
    parts += [
        "## Reserved words\n",
        "No variable or parameter may be called one of these. A code that is spelled like one is quoted: `x = 'held'`.\n",
        words,
        "",
    ]
    return "\n".join(parts)


def test_the_reference_page_is_written_from_these_tables() -> None:
    assert PAGE.read_text(encoding="utf-8") == render(), "run: python tests/spec/test_expression_reference.py"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
