"""Splitting the free text of criteria: sides, lists, headings, places."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialwright.registry.eligibility_text import EligibilityText, Side, split_eligibility

ROOT = Path(__file__).parents[2]
SEED = ROOT / "trials/nilg-hes1-03/record/NCT00787384.v2.json"


def texts(side: tuple[object, ...]) -> list[str]:
    return [getattr(criterion, "text", "") for criterion in side]


def uncovered(found: EligibilityText) -> str:
    covered = [False] * len(found.verbatim)
    for one in (*found.criteria, *found.headings):
        covered[one.start : one.end] = [True] * (one.end - one.start)
    return "".join(c for c, seen in zip(found.verbatim, covered, strict=True) if not seen).strip()


def test_the_seed_has_three_inclusion_and_two_exclusion_criteria() -> None:
    record = json.loads(SEED.read_text("utf-8"))
    found = split_eligibility(record["protocolSection"]["eligibilityModule"]["eligibilityCriteria"])
    assert texts(found.inclusion)[1:] == [
        "age > 15 years.",
        "signature of a written informed consent(by parents/tutors for patients aged < 18 years).",
    ]
    assert texts(found.exclusion) == ["patients with a diagnosis of secondary hypereosinophilia", "age < 15 years"]
    assert found.unplaced == ()
    age = found.exclusion[1]
    assert found.verbatim[age.start : age.end] == "* age \\< 15 years"


@pytest.mark.parametrize(
    ("line", "side"),
    [
        ("Inclusion Criteria:", Side.INCLUSION),
        ("INCLUSION CRITERIA", Side.INCLUSION),
        ("Inclusion", Side.INCLUSION),
        ("Key Inclusion Criteria :", Side.INCLUSION),
        ("**Main inclusion criteria**:", Side.INCLUSION),
        ("* Inclusion Criteria:", Side.INCLUSION),
        ("1. Inclusion criteria", Side.INCLUSION),
        ("Inclusion criteria for healthy volunteers", Side.INCLUSION),
        ("INCLUSION CRITERIA - PATIENTS:", Side.INCLUSION),
        ("DISEASE CHARACTERISTICS:", Side.INCLUSION),
        ("Patients must have:", Side.INCLUSION),
        ("Exclusion Criteria:", Side.EXCLUSION),
        ("Exclusion criteria.", Side.EXCLUSION),
        ("Non-inclusion criteria:", Side.EXCLUSION),
        ("Excluded:", Side.EXCLUSION),
        ("Patients with the following are excluded:", Side.EXCLUSION),
        ("Conditions for Patient Ineligibility:", Side.EXCLUSION),
        ("Inclusion/Exclusion Criteria:", Side.UNPLACED),
        ("Eligibility Criteria:", Side.UNPLACED),
    ],
)
def test_a_heading_opens_its_side(line: str, side: Side) -> None:
    found = split_eligibility(f"{line}\n\n* of sound mind")
    assert [heading.side for heading in found.headings] == [side]
    assert [criterion.side for criterion in found.criteria] == [side]


@pytest.mark.parametrize(
    "line",
    [
        "* Meets all inclusion criteria",
        "* Period of exclusion after an other study",
        "* Aged 6 - 12 years at inclusion",
        "Patients meeting any of the exclusion criteria will not be enrolled.",
        "* Clinically significant illness. Other exclusion criteria apply.",
    ],
)
def test_a_sentence_about_criteria_is_no_heading(line: str) -> None:
    found = split_eligibility(f"Inclusion Criteria:\n\n* one\n{line}\n* two")
    assert len(found.inclusion) == 3
    assert len(found.headings) == 1


def test_what_follows_the_colon_on_the_same_line_is_a_criterion() -> None:
    found = split_eligibility("Inclusion Criteria: adults\nExclusion Criteria: none")
    assert (texts(found.inclusion), texts(found.exclusion)) == (["adults"], ["none"])


def test_nesting_and_grouping_headings_are_kept() -> None:
    found = split_eligibility(
        "Inclusion Criteria:\n\nHepatic:\n\n* Bilirubin normal\n* Either:\n\n  1. AST normal\n  2. ALT normal\n\nAge:\n\n* adult"
    )
    assert [(c.text, c.level, c.heading, c.mark) for c in found.inclusion] == [
        ("Bilirubin normal", 0, "Hepatic", "*"),
        ("Either:", 0, "Hepatic", "*"),
        ("AST normal", 1, "Hepatic", "1."),
        ("ALT normal", 1, "Hepatic", "2."),
        ("adult", 0, "Age", "*"),
    ]


def test_text_without_headings_is_unplaced_and_no_text_gives_nothing() -> None:
    assert texts(split_eligibility("Adults only.\nNo children.").unplaced) == ["Adults only.", "No children."]
    assert split_eligibility(None).criteria == ()


@given(
    st.lists(
        st.sampled_from(
            ["Inclusion Criteria:", "Exclusion Criteria", "* a \\> 1", "  1. b", "Age:", "(a) c", "", "· d", "excluded: e", "-"]
        )
        | st.text(max_size=30),
        max_size=12,
    )
)
def test_nothing_is_dropped(lines: list[str]) -> None:
    found = split_eligibility("\n".join(lines))
    assert uncovered(found) == ""
    assert all(one.start < one.end <= len(found.verbatim) for one in (*found.criteria, *found.headings))


def test_nothing_is_dropped_from_published_records() -> None:
    for file in sorted((ROOT / "tests/fixtures/registry/v2").glob("*.json")):
        record = json.loads(file.read_text("utf-8"))
        found = split_eligibility(record["protocolSection"]["eligibilityModule"]["eligibilityCriteria"])
        assert uncovered(found) == ""
        assert found.criteria
