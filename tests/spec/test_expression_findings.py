"""Each mistake that an author can make in an expression: its finding, at its line and column, with a way out."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from trialwright.protocol.expressions import Kind, Scope, VariableType, parse_quantity, read_expression
from trialwright.vocabulary.findings import Place, Severity
from trialwright.vocabulary.units import parse_unit

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "findings"
CELLS = VariableType(Kind.QUANTITY, parse_unit("10*9/L"), low=Decimal(0), high=Decimal(500))
SCOPE = Scope(
    variables={
        "age": VariableType(Kind.DURATION, parse_unit("a")),
        "aec": CELLS,
        "anc": CELLS,
        "eos_pct": VariableType(Kind.QUANTITY, parse_unit("%")),
        "weight": VariableType(Kind.QUANTITY, parse_unit("kg")),
        "glucose": VariableType(Kind.QUANTITY, parse_unit("mg/dL")),
        "temperature": VariableType(Kind.QUANTITY, parse_unit("Cel")),
        "disease": VariableType(Kind.CODE, codes=("HES", "CEL", "CIH")),
        "symptoms": VariableType(Kind.CODE, codes=("absent", "improved", "worse"), ordered=True),
        "prior_therapy": VariableType(Kind.SET, codes=("imatinib", "interferon")),
        "pregnant": VariableType(Kind.FLAG),
        "surgery_on": VariableType(Kind.DATE),
    },
    parameters={"chr_threshold": parse_quantity("0.5 10*9/L")},
    responses={"haematological": ("none", "partial", "complete")},
    special_interest=frozenset({"cardiac"}),
    doses={"imatinib": None, "prednisone": None},
    medications=frozenset({"corticosteroid"}),
    epochs=("screening", "treatment"),
    rules=frozenset({"cytopenia"}),
)

# text, code, column of the finding (1-based), words of its title, one way out (or nothing)
MISTAKES = [
    ("", "TW-E001", 1, "is empty", ""),
    ("anc <", "TW-E001", 6, "ends too early", ""),
    ("(anc < 1 10*9/L", "TW-E001", 16, "ends too early", ""),
    ("anc < 1 10*9/L anc", "TW-E001", 16, "'anc' cannot stand here", ""),
    ("anc ? 1", "TW-E001", 5, "'?' cannot stand here", ""),
    ("diseas = HES", "TW-E002", 1, "no variable or parameter 'diseas'", "disease"),
    ("anc < chr_treshold", "TW-E002", 7, "no variable or parameter 'chr_treshold'", "chr_threshold"),
    ("HES", "TW-E002", 1, "'HES' cannot stand alone", "disease = HES"),
    ("pregnant = yes", "TW-E002", 12, "no name 'yes'", "true"),
    ("cardic event", "TW-E002", 1, "no group of adverse events 'cardic'", "cardiac"),
    ("hematological response = complete", "TW-E002", 1, "no response 'hematological'", "haematological"),
    ("taking corticosteroids", "TW-E002", 8, "no medication group", "corticosteroid"),
    ("recurrence of cytopaenia > 1", "TW-E002", 15, "no hold rule", "cytopenia"),
    ("during treatmnt", "TW-E002", 8, "no epoch", "treatment"),
    ("within 7 d of surgry_on", "TW-E002", 15, "no milestone", "surgery_on"),
    ("baseline akc > 1 10*9/L", "TW-E002", 10, "no variable 'akc'", "aec"),
    ("stratum region is north", "TW-E002", 9, "no stratification factor", ""),
    ("anc < 1 bananas", "TW-E003", 9, "'bananas' is no unit", ""),
    ("glucose < 100 mgdl", "TW-E003", 15, "is no unit", ""),
    ("anc > 1 g/dL", "TW-E004", 7, "1 g/dL cannot be set against anc", "1 10*9/L"),
    ("weight + 3 d > 2 kg", "TW-E004", 10, "cannot be set against weight", "3 kg"),
    ("glucose > 5 mmol/L", "TW-E004", 11, "cannot be set against glucose", "5 mg/dL"),
    ("weight ^ 0.5 > 2", "TW-E004", 1, "has no power", ""),
    ("temperature * weight > 3 kg", "TW-E004", 1, "have no product", ""),
    ("anc > 1", "TW-E005", 7, "1 needs a unit", "1 10*9/L"),
    ("at least 7 since last hold", "TW-E005", 10, "7 needs a unit", "7 d"),
    ("max of anc over 28 > 1 10*9/L", "TW-E005", 17, "28 is no duration", "28 d"),
    ("anc", "TW-E006", 1, "anc is a quantity, not true or false", "anc is known"),
    ("disease = 3", "TW-E006", 1, "disease (code) cannot be compared with 3 (quantity)", "disease in {HES, CEL, CIH}"),
    ("prior_therapy = imatinib", "TW-E006", 1, "prior_therapy is a set", "prior_therapy includes imatinib"),
    ("disease includes HES", "TW-E006", 1, "Only a set has members", "disease in {…}"),
    ("prior_therapy in {imatinib}", "TW-E006", 1, "'in' asks about a code", "prior_therapy within {…}"),
    ("pregnant + 1 > 2", "TW-E006", 1, "'+' needs a number", ""),
    ("surgery_on + surgery_on > 2004-10-01", "TW-E006", 1, "makes no sense of dates", ""),
    ("if pregnant then anc else disease", "TW-E006", 1, "are of two kinds", ""),
    ("expected unexpected adverse event", "TW-E006", 1, "either expected or unexpected", ""),
    ("disease = HSE", "TW-E007", 11, "'HSE' is no code of disease", "HES"),
    ("response < complte", "TW-E007", 12, "'complte' is no code of response", "complete"),
    ("disease in {HES, CELL}", "TW-E007", 18, "'CELL' is no code", "CEL"),
    ("disease < CEL", "TW-E008", 1, "'<' needs ordered codes", "disease in {…}"),
    ("not " * 300 + "pregnant", "TW-E009", 1, "nested too deeply", "Derive a variable for a part of it"),
    ("pregnant or " * 5000 + "pregnant", "TW-E009", 1, "too long", ""),
    ("anc < 1 10*9/L && pregnant", "TW-E010", 16, "'&&' is not of this language", "and"),
    ("pregnant || pregnant", "TW-E010", 10, "'||' is not of this language", "or"),
    ("anc =< 1 10*9/L", "TW-E010", 5, "'=<' is not of this language", "<="),
    ("disease = “HES”", "TW-E010", 11, "'“' is not of this language", '"'),
    ("pregnant AND pregnant", "TW-E010", 10, "'AND' is not of this language", "and"),
    ("disease in [HES, CEL]", "TW-E010", 12, "is not of this language", "{…}"),
    ("anc > 1,5 10*9/L", "TW-E010", 8, "with a point, not a comma", "1.5"),
    ("anc + aec > 3 uln", "TW-E011", 13, "Which variable's limit", "3 uln of bilirubin"),
    ("dose > 0 mg/d", "TW-E012", 1, "Which intervention's dose", "imatinib dose"),
    ("anc > 1e400 10*9/L", "TW-E013", 7, "beyond what can be computed with", ""),
    ("anc / 0 > 1 10*9/L", "TW-E013", 7, "Division by zero", ""),
    ("surgery_on > 2005-02-29", "TW-E013", 14, "no day 2005-02-29", ""),
    ("mean of anc over 36 h > 1 10*9/L", "TW-E013", 18, "whole days", ""),
]
REMARKS = [
    ("eos_pct > 5", "TW-E014", Severity.NOTE, 11, "5 is read as 5 %", "5 %"),
    ("anc < 1000 10*9/L", "TW-E015", Severity.WARNING, 1, "is always true", ""),
    ("anc > 500 10*9/L", "TW-E015", Severity.WARNING, 1, "is never true", ""),
    ("0 10*9/L <= anc", "TW-E015", Severity.WARNING, 1, "is always true", ""),
    ("related adverse event grade > 5", "TW-E015", Severity.WARNING, 1, "is never true", ""),
]


@pytest.mark.parametrize(("text", "code", "column", "title", "way_out"), MISTAKES, ids=[row[0][:60] for row in MISTAKES])
def test_a_mistake_is_a_finding_at_its_column_with_a_way_out(text: str, code: str, column: int, title: str, way_out: str) -> None:
    expression, findings = read_expression(text, SCOPE, Place("protocol.yaml", 1, 1))
    assert expression is None
    assert [finding.code for finding in findings] == [code], findings
    assert findings[0].severity is Severity.ERROR
    assert (findings[0].place.line, findings[0].place.column) == (1, column), findings[0]
    assert title in findings[0].title
    assert not way_out or way_out in findings[0].ways_out, findings[0].ways_out


@pytest.mark.parametrize(("text", "code", "severity", "column", "title", "way_out"), REMARKS, ids=[row[0] for row in REMARKS])
def test_a_remark_leaves_the_expression_standing(
    text: str, code: str, severity: Severity, column: int, title: str, way_out: str
) -> None:
    expression, findings = read_expression(text, SCOPE, Place("protocol.yaml", 1, 1))
    assert expression is not None
    assert [(finding.code, finding.severity) for finding in findings] == [(code, severity)]
    assert findings[0].place.column == column
    assert title in findings[0].title
    assert not way_out or way_out in findings[0].ways_out


def test_a_finding_in_a_later_line_stands_at_its_own_line_and_column() -> None:
    text = "anc < 1 10*9/L\nor diseas = HES\n  or anc > 1"
    _, findings = read_expression(text, SCOPE, Place("protocol.yaml", 61, 15), indent_column=9)
    assert [(finding.code, finding.place.line, finding.place.column) for finding in findings] == [
        ("TW-E002", 62, 12),
        ("TW-E005", 63, 20),
    ]


def test_an_expression_in_a_record_without_lines_keeps_its_path() -> None:
    _, findings = read_expression("diseas = HES", SCOPE, Place("record.json", path="eligibility[0]"))
    assert findings[0].place == Place("record.json", path="eligibility[0]")


def test_a_deep_but_allowed_expression_is_read_and_evaluated() -> None:
    from trialwright.protocol.expressions import Reading, Values, evaluate, explain, missing_inputs, to_text, truth

    text = "not (" * 190 + "pregnant" + ")" * 190
    expression, findings = read_expression(text, SCOPE, Place("protocol.yaml", 1, 1))
    assert expression is not None, findings
    values = {Reading("pregnant"): Values.of(True)}
    assert int(truth(evaluate(expression, values))) == 2
    assert explain(expression, values, {}).truth == 2
    assert missing_inputs(expression, {}) == (Reading("pregnant"),)
    again, _ = read_expression(to_text(expression.node), SCOPE, Place("protocol.yaml", 1, 1))
    assert again is not None
    assert again.node == expression.node


def test_a_derived_value_is_brought_to_the_unit_of_its_variable() -> None:
    cells = parse_unit("10*9/L")
    expression, findings = read_expression("anc * eos_pct", SCOPE, Place("p", 1, 1), Kind.QUANTITY, cells)
    assert expression is not None and not findings
    assert expression.unit == cells
    refused, findings = read_expression("anc * weight", SCOPE, Place("p", 1, 1), Kind.QUANTITY, cells)
    assert refused is None
    assert findings[0].code == "TW-E004"


def test_a_kind_that_its_place_does_not_want_is_a_finding() -> None:
    for text, expect in (("anc", Kind.DATE), ("surgery_on", Kind.QUANTITY), ("pregnant or pregnant", Kind.CODE)):
        expression, findings = read_expression(text, SCOPE, Place("p", 1, 1), expect)
        assert expression is None
        assert findings[0].code == "TW-E006"


def test_every_code_of_an_expression_finding_has_its_page_and_every_page_its_test() -> None:
    source = Path(__file__).parents[2] / "src" / "trialwright" / "protocol" / "expressions"
    used = {code for path in source.glob("*.py") for code in re.findall(r"TW-E\d{3}", path.read_text(encoding="utf-8"))}
    tested = {row[1] for row in MISTAKES} | {row[1] for row in REMARKS}
    pages = {path.stem for path in PAGES.glob("TW-E*.md")}
    assert used == tested == pages
