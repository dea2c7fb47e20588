"""What the search language promises beyond its tables: places, bounds, readers of values, NCT numbers, hints."""

from __future__ import annotations

import time
from datetime import date

import pytest

from trialwright.registry.language import (
    And,
    Area,
    Days,
    Distance,
    ExpressionError,
    Not,
    Or,
    Range,
    Search,
    Section,
    Words,
    canonical_nct,
    check_names,
    escape,
    format_expression,
    hints,
    only_nct_ids,
    parse_expression,
    queried_pieces,
    quote,
    read_age_days,
    read_days,
    read_number,
    read_truth,
    walk,
)


def test_the_tree_follows_the_precedence() -> None:
    assert parse_expression("a OR b AND NOT AREA[Phase]c d OR e") == Or(
        (Words("a"), And((Words("b"), Not(Area("Phase", False, Words("c d"))))), Words("e"))
    )
    assert parse_expression("EXPANSION[None]AREA[Phase]NOT x y") == parse_expression("EXPANSION[None] AREA[Phase] NOT (x y)")


def test_every_node_knows_its_place() -> None:
    text = 'heart  AND (AREA[Phase]PHASE2 OR "a  b")'
    places = {type(node).__name__: node.position for node in walk(parse_expression(text))}
    assert places == {"And": 0, "Words": text.index('"'), "Or": text.index("AREA"), "Area": text.index("AREA")}


def test_equality_looks_at_meaning_and_not_at_place() -> None:
    assert parse_expression(" a   AND  ( b ) ") == parse_expression("a AND b")
    assert parse_expression("a AND (b AND c)") != parse_expression("a AND b AND c")
    assert parse_expression('"a"') != parse_expression("a")


def test_an_injected_operator_stays_text() -> None:
    name = 'Merck" OR AREA[Phase]PHASE3 OR \\'
    assert parse_expression(f"AREA[LeadSponsorName]{quote(name)}") == Area("LeadSponsorName", False, Words(name, True))
    words = "[177Lu] AND (NOT) AREA RANGE[1,2] \\ ALL"
    assert parse_expression(escape(words)) == Words(words)


def test_miles_are_kept_as_km() -> None:
    assert parse_expression("DISTANCE[1,-2.5,500mi]") == Distance(1, -2.5, 804.672)
    assert parse_expression("DISTANCE[1,-2.5,500]") == Distance(1, -2.5, 804.672)
    for text in (
        "DISTANCE[91,0,5mi]",
        "DISTANCE[0,181,5mi]",
        "DISTANCE[0,0,0.5km]",
        "DISTANCE[0,0,806km]",
        "DISTANCE[0,0,5 ft]",
        "DISTANCE[]",
    ):
        with pytest.raises(ExpressionError):
            parse_expression(text)


def test_open_ends_of_a_range_are_none() -> None:
    assert parse_expression("RANGE[MIN,MAX]") == Range(None, None)
    assert parse_expression("RANGE[ 1 year , MAX]") == Range("1 year", None)
    for text in ("RANGE[MAX,MIN]", "RANGE[1,MIN]", "RANGE[,]", "RANGE[1,2,3]", "RANGE[]"):
        with pytest.raises(ExpressionError):
            parse_expression(text)


def test_a_location_search_is_checked_inside() -> None:
    node = parse_expression("SEARCH[Location](Bergamo AND NOT AREA[LocationStatus]RECRUITING)")
    check_names(node)
    assert node == Search(Section.LOCATION, And((Words("Bergamo"), Not(Area("LocationStatus", False, Words("RECRUITING"))))))
    assert queried_pieces(node) == (
        "LocationFacility",
        "LocationStatus",
        "LocationCity",
        "LocationState",
        "LocationZip",
        "LocationCountry",
    )
    check_names(parse_expression("SEARCH[Location]SEARCH[Study]AREA[Phase]PHASE2"))


def test_the_queried_pieces_depend_on_the_default_area() -> None:
    node = parse_expression("imatinib AND AREA[Phase]PHASE2")
    assert queried_pieces(node, "TitleSearch") == ("BriefTitle", "OfficialTitle", "Acronym", "Phase")
    assert queried_pieces(parse_expression("ALL")) == ()


HOSTILE = {
    "nested brackets": "(" * 10_000 + "a" + ")" * 10_000,
    "open brackets": "(" * 10_000,
    "prefixes": "NOT " * 4_000 + "a",
    "areas": "AREA[Phase]" * 1_500 + "a",
    "a megabyte": "a " * 500_000,
    "a megabyte of brackets": "[" * 1_000_000,
    "control characters": "a\x00b",
    "half a character": "a\ud800",
    "quotation marks": '"' * 19_999,
    "brackets of operators": "AREA[" * 3_000,
    "operators alone": "AND " * 4_000,
    "escaped end": "(a \\",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_expression_is_refused_at_once(text: str) -> None:
    started = time.thread_time()
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert time.thread_time() - started < 0.05
    assert caught.value.message
    assert 0 <= caught.value.position <= len(text)
    assert len(caught.value.pointed(text).splitlines()[0]) <= 60


@pytest.mark.parametrize(
    "text", ["a " * 10_000, "a OR " * 3_990 + "b", "a AND " * 3_000 + "b", "\\" * 20_000, "(a " * 90 + ")" * 90]
)
def test_the_longest_expressions_are_read_in_time(text: str) -> None:
    started = time.thread_time()
    node = parse_expression(text)
    assert time.thread_time() - started < 0.5
    assert parse_expression(format_expression(node), longest=100_000) == node


def test_bounds_are_arguments() -> None:
    with pytest.raises(ExpressionError, match="expression of 6 characters is longer than 5"):
        parse_expression("abcdef", longest=5)
    assert parse_expression("((a))", deepest=2) == Words("a")
    with pytest.raises(ExpressionError, match="nested deeper than 1"):
        parse_expression("((a))", deepest=1)


def test_nothing_at_all_is_refused() -> None:
    for text in ("", "   ", "\n", "()", '""', '"  "', "\\"):
        with pytest.raises(ExpressionError):
            parse_expression(text)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [("2022", (2022, 1, 1), (2022, 12, 31)), ("2024-02", (2024, 2, 1), (2024, 2, 29)), ("02/2023", (2023, 2, 1), (2023, 2, 28)),
     ("2022-3-5", (2022, 3, 5), (2022, 3, 5)), ("12/31/1999", (1999, 12, 31), (1999, 12, 31)),
     ("2019-05-06T10:31", (2019, 5, 6), (2019, 5, 6))],
)  # fmt: skip
def test_a_date_is_as_long_as_it_is_vague(text: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    assert read_days(text) == Days(date(*first), date(*last))


def test_what_is_no_value_is_none() -> None:
    assert [read_days(text) for text in ("0000", "2022-13", "2023-02-30", "31/12/1999", "soon", "20222", "٢٠٢٢")] == [None] * 7
    assert [read_number(text) for text in ("", "1,200", "1e5", "NaN", "--1", "9" * 400)] == [None] * 6
    assert [read_age_days(text) for text in ("N/A", "years", "5 parsecs", "-1 year", "9" * 400)] == [None] * 5
    assert read_truth("perhaps") is None


def test_ages_compare_across_units() -> None:
    ages = ["30 Minutes", "2 Hours", "1 Day", "6 Days", "1 Week", "1 Month", "6 Months", "1 Year", "18 months", "2 years"]
    days = [read_age_days(age) for age in ages]
    assert days == sorted(days, key=lambda each: each or 0)
    assert read_age_days("24 Months") == read_age_days("2 Years")
    assert read_age_days("18") == read_age_days("18 Years")


def test_a_query_of_numbers_alone_is_told_from_others() -> None:
    assert only_nct_ids(" NCT00787384,nct787385\nNCT00787384 ") == ("NCT00787384", "NCT00787385")
    for text in ("", "NCT00787384 imatinib", "NCT", "NCT000000000", "NCT123456789", "NCT00787384|NCT00787385", "NCT٢"):
        assert only_nct_ids(text) is None
    assert canonical_nct("NCT0000000000787384") == "NCT00787384"


def test_hints_name_slips_that_are_no_errors() -> None:
    (hint,) = hints("(head or neck) and pain not cancer")
    assert hint.instead == "(head OR neck) AND pain NOT cancer"
    (hint,) = hints("“back pain”")
    assert (hint.position, hint.instead) == (0, '"back pain"')
    for text in ("heart AND lung", '"salt and pepper"', "and", "orphan notary", "(open"):
        assert hints(text) == ()
