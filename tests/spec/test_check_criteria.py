"""Criteria compared cell by cell: gaps and contradictions of any variable, consent, and several variables together."""

from __future__ import annotations

import pytest
from tests.check_cases import Edit, protocol_with

from trialwright.protocol import Protocol
from trialwright.review.checking import review_criteria
from trialwright.vocabulary.findings import Finding, Severity

INCLUSION, EXCLUSION = "when: age > 15 a", "when: age < 15 a"
WITH_A_DATE: Edit = ("  weight: {label", "  diagnosed: {label: Diagnosis, type: date}\n  weight: {label")


def found(code: str, *edits: Edit) -> list[Finding]:
    return [one for one in review_criteria(protocol_with(*edits)) if one.code == code]


def gaps(inclusion: str, exclusion: str, *edits: Edit) -> list[str]:
    changed = (*edits, (INCLUSION, f"when: {inclusion}"), (EXCLUSION, f"when: {exclusion}"))
    return [one.title for one in found("TW-P014", *changed)]


def test_the_age_gap_of_the_seed_reads_as_in_the_house_style() -> None:
    (gap,) = found("TW-P014")
    assert gap.title == "Age 15 is neither included nor excluded"
    assert gap.detail == (
        "inclusion I2 wants age > 15 years; exclusion E2 wants age < 15 years; the record says 15 years and over.\n"
        "A candidate aged exactly 15 falls between them."
    )
    assert gap.ways_out == ("inclusion age >= 15 years", "minimum age 16 years")
    assert gap.severity is Severity.ERROR
    assert gap.place.path == "eligibility.inclusion[1].when"


@pytest.mark.parametrize(
    ("inclusion", "exclusion", "title"),
    [
        ("weight > 40 kg", "weight < 40 kg", "Body weight 40 kg is neither included nor excluded"),
        ("weight > 40 kg", "weight < 40000 g", "Body weight 40 kg is neither included nor excluded"),
        ("weight >= 75 kg", "weight < 50 kg", "Body weight from 50 kg to below 75 kg is neither included nor excluded"),
        ("age >= 18 a", "age < 15 a", "Age from 15 to below 18 is neither included nor excluded"),
        ("symptoms in {absent, improved}", "symptoms = worse", "symptoms unchanged is neither included nor excluded"),
    ],
)  # fmt: skip
def test_a_gap_is_found_whatever_the_variable(inclusion: str, exclusion: str, title: str) -> None:
    assert title in gaps(inclusion, exclusion)


def test_a_gap_between_two_dates_is_found() -> None:
    titles = gaps("diagnosed > 2004-01-01", "diagnosed < 2004-01-01", WITH_A_DATE)
    assert titles == ["Diagnosis 2004-01-01 is neither included nor excluded"]


@pytest.mark.parametrize(
    ("inclusion", "exclusion"),
    [
        ("age >= 15 a", "age < 15 a"),
        ("age > 15 a", "age <= 15 a"),
        ("age > 15 a", "age > 80 a"),
        ("age >= 15 a", "weight < 40 kg"),
    ],
)
def test_statements_that_meet_leave_no_gap(inclusion: str, exclusion: str) -> None:
    assert gaps(inclusion, exclusion) == []


@pytest.mark.parametrize(
    ("inclusion", "exclusion", "contradicts"),
    [
        ("age >= 16 a and age <= 70 a", "age > 65 a", True),
        ("age <= 65 a", "age >= 65 a", True),
        ("age >= 18 a", "age > 65 a", False),
        ("age >= 18 a", "age < 18 a", False),
        ("disease in {HES, CEL}", "disease = CEL", True),
    ],
)
def test_only_bounds_that_cross_are_a_contradiction(inclusion: str, exclusion: str, contradicts: bool) -> None:
    edits = ((INCLUSION, f"when: {inclusion}"), (EXCLUSION, f"when: {exclusion}"))
    assert bool(found("TW-P015", *edits)) is contradicts


def test_a_condition_on_another_variable_is_not_mistaken_for_a_bound() -> None:
    edits = ((EXCLUSION, "when: weight < 40 kg and age < 18 a"),)
    assert not found("TW-P015", *edits)
    assert not found("TW-P017", *edits)


def test_nobody_can_pass_two_criteria_on_two_variables() -> None:
    edits = ((INCLUSION, "when: weight < 40 kg or age < 12 a"), (EXCLUSION, "when: weight < 41 kg or age <= 15 a"))
    assert any("Nobody can" in one.title for one in found("TW-P016", *edits))


def test_the_solver_finds_that_nobody_passes_a_nonlinear_pair() -> None:
    edits = ((INCLUSION, "when: weight * weight > 90000 kg2"), (EXCLUSION, "when: weight * age > 10 kg.a"))
    assert any(
        one.title == "Nobody can pass all criteria"
        for one in found("TW-P016", *edits, ("minimum_age: 15 Years", "minimum_age: 1 Year"))
    )


def test_a_bound_between_whole_years_is_no_cell_of_its_own() -> None:
    assert gaps("age >= 15.5 a", "age < 15 a") == ["Age 15 is neither included nor excluded"]


def test_consent_is_judged_by_those_who_sign() -> None:
    protocol: Protocol = protocol_with(
        ("      by: [parents or guardian]\n      assent: true", "      by: [participant]\n      assent: true")
    )
    (against,) = [one for one in review_criteria(protocol) if one.code == "TW-P024"]
    assert "the rules let participant and the minor (assent) sign" in against.detail
