"""Each finding of `check` is brought out by an edit of the seed, and is explained on a page of its own."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.check_cases import CASES, Edit, protocol_with

from trialwright.protocol import Protocol
from trialwright.review import check
from trialwright.review.checking import review_criteria, review_dosing, review_plan
from trialwright.review.drafting import WEIGHTS
from trialwright.vocabulary.findings import Finding

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "findings"
DOSING = {code for code in CASES if code <= "TW-P009" or code in ("TW-P012", "TW-P013", "TW-P098")}
CRITERIA = {code for code in CASES if "TW-P014" <= code <= "TW-P035"}
ALONE = {"TW-P054", "TW-P057", "TW-P060", "TW-P065", "TW-P066", "TW-P068", "TW-P069", "TW-P074", "TW-P079", "TW-P099"}
ALONE |= {f"TW-P09{number}" for number in range(5)}


def found_in(code: str, protocol: Protocol) -> list[Finding]:
    """Return the findings of a code, asking only the part of `check` that can give it."""
    if code in DOSING:
        found = review_dosing(protocol)[0]
    elif code in CRITERIA:
        found = review_criteria(protocol)
    else:
        found = check(protocol).findings if code == "TW-P099" else review_plan(protocol)
    return [one for one in found if one.code == code]


def batches() -> list[tuple[str, ...]]:
    """Cases that need no edit stand together, as do edits of the plan that leave each other alone."""
    seed = tuple(code for code, edits in CASES.items() if not edits)
    edited = [code for code in CASES if CASES[code]]
    plan = [code for code in edited if code not in DOSING | CRITERIA | ALONE]
    return [seed, *(tuple(plan[start::3]) for start in range(3)), *((code,) for code in edited if code not in plan)]


@pytest.mark.parametrize("codes", batches(), ids=lambda codes: codes[0] if len(codes) == 1 else f"{codes[0]} and more")
def test_an_edit_of_the_seed_brings_out_the_finding(codes: tuple[str, ...]) -> None:
    edits: list[Edit] = [edit for code in codes for edit in CASES[code]]
    protocol = protocol_with(*edits)
    for code in codes:
        found = found_in(code, protocol)
        assert found, f"{code} is not found"
        assert all(one.title and one.place.line > 0 and one.severity is not None for one in found)


def test_every_code_has_a_case() -> None:
    assert set(CASES) == set(WEIGHTS)


@pytest.mark.parametrize("code", WEIGHTS)
def test_every_code_has_a_page_that_names_it(code: str) -> None:
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}: ")
    assert "## Ways out" in page
