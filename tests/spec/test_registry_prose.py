"""The registry's light markup becomes paragraphs and lists, and no word is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.study_pages import letters

from trialwright.report.study_page.eligibility import parted_criteria
from trialwright.report.study_page.prose import Block, Listing, Paragraph, parse_prose
from trialwright.report.study_page.sites import runs


def words(blocks: list[Block]) -> str:
    def of_list(found: Listing) -> str:
        return " ".join(f"{one.text} {' '.join(map(of_list, one.lists))}" for one in found.items)

    return " ".join(block.text if isinstance(block, Paragraph) else of_list(block) for block in blocks)


def test_lists_nest_by_their_indent_and_keep_their_numbers() -> None:
    (listing,) = parse_prose("1. one\n\n   * inner\n   * second\n3. three")
    assert isinstance(listing, Listing)
    assert [(item.number, item.text, len(item.lists)) for item in listing.items] == [(1, "one", 1), (3, "three", 0)]
    assert [item.text for item in listing.items[0].lists[0].items] == ["inner", "second"]


@pytest.mark.parametrize(
    ("written", "read"),
    [(r"age \> 15 years", "age > 15 years"), (r"a\_b \[c\] 2\^3", "a_b [c] 2^3"), (r"C:\dir", r"C:\dir")],
)
def test_the_markups_backslashes_are_taken_away_and_no_others(written: str, read: str) -> None:
    assert parse_prose(written) == [Paragraph(read)]


lines = st.lists(
    st.tuples(
        st.sampled_from(["", "* ", "  * ", "    - ", "1. ", "2) ", "  ", "• "]), st.sampled_from(["", "alpha", "beta x", "γ > 3"])
    ),
    max_size=12,
)


@given(lines)
def test_no_word_is_lost_and_none_changes_its_place(given_lines: list[tuple[str, str]]) -> None:
    text = "\n".join(mark + word for mark, word in given_lines)
    expected = "".join(word for _, word in given_lines)
    assert re.sub(r"[12*•-]", "", letters(words(parse_prose(text)))) == letters(expected)


def test_criteria_are_parted_at_their_headings() -> None:
    parted = parted_criteria("Inclusion Criteria:\n\n* a\n\nExclusion Criteria:\n\n* b")
    assert (words(parted.whole), words(parted.inclusion).strip(), words(parted.exclusion).strip()) == ("", "a", "b")


def test_criteria_with_several_headings_of_a_side_are_kept_whole() -> None:
    text = "Inclusion Criteria:\n\n* a\n\nExclusion Criteria:\n\n* b\n\nInclusion Criteria for part 2:\n\n* c"
    parted = parted_criteria(text)
    assert (parted.inclusion, parted.exclusion) == ([], [])
    assert "part 2" in words(parted.whole)


def test_a_heading_that_says_more_than_ours_is_kept() -> None:
    parted = parted_criteria("Inclusion Criteria for adults:\n\n* a\n\nExclusion Criteria:\n\n* b")
    assert "for adults" in words(parted.inclusion)


@given(st.lists(st.integers(1, 40), unique=True, min_size=1).map(sorted))
def test_runs_name_every_number_once(numbers: list[int]) -> None:
    named: list[int] = []
    for run in runs(numbers).split(", "):
        first, _, last = run.partition("–")
        named += range(int(first), int(last or first) + 1)
    assert named == numbers
