"""Laws of the review: whatever a record holds, it is reviewed without an exception, and always alike."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.registry.record import Record
from trialwright.review.comparisons import normal
from trialwright.review.record import review_record
from trialwright.review.record.quantities import read_statements

SEED = Path(__file__).parents[2] / "trials/nilg-hes1-03/record/NCT00787384.v2.json"
JUNK = (
    st.none()
    | st.booleans()
    | st.integers(-3, 10**12)
    | st.text(max_size=20)
    | st.just([])
    | st.just({})
    | st.just([None, 3, {}])
)
VOCABULARY = (
    "age aged ECOG platelets bilirubin > < >= ≤ ≥ 18 65 1.5 100,000 /mm3 x ULN mg/dL years months or and between to - ( ) * : . "
    "Inclusion Exclusion Criteria: no not if prior consent parents assent diagnosis of with"
)
WORDS = st.sampled_from(VOCABULARY.split(" "))


def spots(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [path, *(spot for key, value in items for spot in spots(value, (*path, key)))]


SPOTS = [spot for spot in spots(json.loads(SEED.read_text("utf-8"))) if spot]


def mutated(spot: tuple[Any, ...], junk: Any) -> Record:
    raw = json.loads(SEED.read_text("utf-8"))
    node = raw
    for key in spot[:-1]:
        node = node[key]
    node[spot[-1]] = junk
    return Record(raw)


@given(st.sampled_from(SPOTS), JUNK)
@settings(max_examples=100, deadline=None)
def test_a_mutated_record_is_reviewed_and_never_raises(spot: tuple[Any, ...], junk: Any) -> None:
    record = mutated(spot, junk)
    assert review_record(record, "x") == review_record(record, "x")


@pytest.mark.long
@given(st.sampled_from(SPOTS), JUNK)
@settings(max_examples=2000, deadline=None)
def test_thousands_of_mutated_records_are_reviewed_and_never_raise(spot: tuple[Any, ...], junk: Any) -> None:
    review_record(mutated(spot, junk), "x")


@given(st.lists(WORDS, max_size=40).map(" ".join))
@settings(deadline=None)
def test_criteria_of_jumbled_words_are_reviewed_and_never_raise(text: str) -> None:
    review_record(Record({"protocolSection": {"eligibilityModule": {"eligibilityCriteria": text}}}), "x")


@given(
    st.sampled_from(
        [("at least {}", ">="), ("no more than {}", "<="), ("≥ {}", ">="), ("under {}", "<"), ("{} years or older", ">=")]
    ),
    st.integers(1, 110),
    st.integers(1, 110),
)
def test_every_wording_of_a_limit_means_the_same_ages(wording: tuple[str, str], limit: int, age: int) -> None:
    words, sign = wording
    (said,) = read_statements(normal(f"Age {words.format(limit)}"))
    meant = {">=": age >= limit, "<=": age <= limit, "<": age < limit}[sign]
    assert said.ranges[0].contains(Fraction(age)) == meant


@pytest.mark.parametrize(
    ("text", "variable", "unit", "low", "high"),
    [
        ("Platelet count at least 100,000/mm3", "platelet count", "×10⁹/L", 100, None),
        ("platelets ≥ 75 x 10^9/L", "platelet count", "×10⁹/L", 75, None),
        ("ANC > 1500/µL", "neutrophil count", "×10⁹/L", Fraction(3, 2), None),
        ("bilirubin no greater than 1.5 times upper limit of normal", "total bilirubin", "× ULN", None, Fraction(3, 2)),
        ("creatinine =< 2.0 mg/dL", "creatinine", "mg/dL", None, 2),
        ("ECOG performance status of 0, 1 or 2", "ECOG performance status", "points", 0, 2),
        ("Between 18 and 65 years of age", "age", "years", 18, 65),
        ("6 months to 17 years old", "age", "years", None, None),
        ("age 6 months to 17 years", "age", "years", Fraction(1, 2), 17),
        ("18 years of age and over", "age", "years", 18, None),
        ("hemoglobin ≥ 90 g/L", "haemoglobin", "g/dL", 9, None),
        ("life expectancy of at least 12 weeks", "life expectancy", "weeks", 12, None),
        ("LVEF ≥ 50%", "left ventricular ejection fraction", "%", 50, None),
    ],
)
def test_quantities_are_read_in_their_units(
    text: str, variable: str, unit: str, low: Fraction | int | None, high: Fraction | int | None
) -> None:
    said = read_statements(normal(text))
    if (low, high) == (None, None):
        assert said == () or said[0].variable.name == variable
        return
    assert [(one.variable.name, one.unit) for one in said] == [(variable, unit)]
    assert (said[0].ranges[0].low, said[0].ranges[0].high) == (low, high)


@pytest.mark.parametrize(
    "text", ["gestational age < 32 weeks", "age-matched controls", "2005 patients", "aged 900", "donor age > 60"]
)
def test_what_is_not_understood_is_no_statement(text: str) -> None:
    assert read_statements(normal(text)) == ()
