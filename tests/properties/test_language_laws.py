"""Laws of the search language: reading what was written gives it back, and no text does anything but parse or be refused."""

from __future__ import annotations

import string
import time
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.registry.index.scales import literal_stretch
from trialwright.registry.language import (
    All,
    And,
    Area,
    Coverage,
    Days,
    Distance,
    Expansion,
    ExpressionError,
    Kind,
    Level,
    Missing,
    Node,
    Not,
    Or,
    Range,
    Search,
    Section,
    Tilt,
    Words,
    check_names,
    escape,
    format_expression,
    hints,
    only_nct_ids,
    parse_expression,
    queried_pieces,
    quote,
    read_value,
)
from trialwright.registry.structure import PieceType, areas, structure

EPOCH = date(1970, 1, 1).toordinal()

NAMES = st.sampled_from([*areas(), *structure().nodes])
TEXT = (
    st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=20)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
KEYWORDS = st.sampled_from(
    ["AND", "OR", "NOT", "ALL", "MISSING", "AREA", "RANGE", "COVER", "and", "AREA[Phase]", "(", "]", '"', "\\"]
)
TERMS = st.lists(st.one_of(TEXT, KEYWORDS), min_size=1, max_size=4).map(" ".join)
BOUND = st.sampled_from([None, "2020-01-01", "01/31/2015", "16 years", "6 months", "100", "0.5"])
LEAVES = st.one_of(
    st.builds(Words, TERMS, st.booleans()),
    st.builds(Range, BOUND, BOUND),
    st.just(Missing()),
    st.just(All()),
    st.builds(Distance, st.floats(-90, 90), st.floats(-180, 180), st.floats(1, 804)),
)


def larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=4).map(tuple)
    return st.one_of(
        st.builds(And, several),
        st.builds(Or, several),
        st.builds(Not, inner),
        st.builds(Area, NAMES, st.booleans(), inner),
        st.builds(Search, st.sampled_from(Section), inner),
        st.builds(Expansion, st.sampled_from(Level), inner),
        st.builds(Coverage, st.sampled_from(Kind), inner),
        st.builds(Tilt, NAMES, inner),
    )


NODES: st.SearchStrategy[Node] = st.recursive(LEAVES, larger, max_leaves=12)


@given(NODES)
@settings(max_examples=120, deadline=None)
def test_reading_what_was_written_gives_the_same_tree(node: Node) -> None:
    assert parse_expression(format_expression(node)) == node


@given(TERMS)
@settings(max_examples=100, deadline=None)
def test_escaped_and_quoted_text_is_only_text(text: str) -> None:
    assert parse_expression(escape(text)) == Words(text)
    assert parse_expression(quote(text)) == Words(text, quoted=True)


@given(NODES)
@settings(max_examples=100, deadline=None)
def test_a_checked_tree_looks_into_known_pieces(node: Node) -> None:
    try:
        check_names(node)
    except ExpressionError as error:
        assert error.message
    else:
        assert set(queried_pieces(node)) <= structure().pieces.keys()


WRITTEN = st.one_of(
    st.from_regex(r"[0-9]{4}(-[0-9]{1,2}(-[0-9]{1,2}(T10:30)?)?)?", fullmatch=True),
    st.from_regex(r"[0-9]{1,2}/([0-9]{1,2}/)?[0-9]{4}", fullmatch=True),
    st.from_regex(r"[0-9]{1,7}(\.[0-9]{1,3})? ?(years?|Months?|WEEKS?|days?|hours?|minutes?|y|N/A)?", fullmatch=True),
    st.from_regex(r"[-+]?[0-9]{1,17}(\.[0-9]{1,3})?", fullmatch=True),
    st.text(max_size=8),
)
ORDERED = (PieceType.DATE, PieceType.PARTIAL_DATE, PieceType.INTEGER, PieceType.NUMBER, PieceType.AGE)


@given(WRITTEN, st.sampled_from(ORDERED))
@settings(max_examples=150, deadline=None)
def test_the_index_reads_every_value_that_passes_the_check(text: str, kind: PieceType) -> None:
    read, stored = read_value(text, kind), literal_stretch(text, kind)
    if isinstance(read, Days):
        assert stored == (read.first.toordinal() - EPOCH, read.last.toordinal() - EPOCH)
    elif read is not None:
        assert stored is not None
        assert abs(stored[0] - (read * 1_440 if kind is PieceType.AGE else read)) <= 1


@given(st.text(max_size=60))
@settings(max_examples=100, deadline=None)
def test_any_text_parses_or_is_refused_with_a_place_in_it(text: str) -> None:
    try:
        node = parse_expression(text)
    except ExpressionError as error:
        assert 0 <= error.position <= len(text)
    else:
        assert parse_expression(format_expression(node), longest=100_000) == node


SEEDS = (
    "heart attack AND SEARCH[Location](AREA[LocationCity]Portland AND AREA[LocationState]Maine)",
    'AREA[LeadSponsorName]COVERAGE[FullMatch]"Merck Sharp & Dohme LLC"',
    "(head OR neck) AND pain NOT cancer",
    "AREA[MinimumAge]RANGE[MIN, 16 years] AND AREA[MaximumAge]RANGE[16 years, MAX]",
    "AREA[LocationGeoPoint] DISTANCE[39.0019296, -77.1044561, 3.098km]",
    'TILT[StudyFirstPostDate]EXPANSION[Concept]"heart attack" OR NOT AREA[Phase:size]2 AND ALL',
    "AREA[ResultsFirstPostDate]RANGE[01/01/2015, MAX] OR AREA[Phase]MISSING",
    r"\[177Lu\]Lu-PSMA-617 \AND \MISSING \"gold\"",
)
PIECES = (
    *string.printable,
    " AND ",
    " OR ",
    " NOT ",
    "AREA[",
    "SEARCH[Location]",
    "RANGE[",
    "DISTANCE[",
    "COVERAGE[FullMatch]",
    "EXPANSION[",
    "TILT[",
    "]",
    "[",
    "(",
    ")",
    '"',
    "\\",
    "MISSING",
    "ALL",
    "MIN",
    "MAX",
    ":size",
    "é",
    "漢",
    "\u202e",
    "\x00",
    "\x1b",
    "\ud800",
    "\U0001f9ea",
    "9" * 30,
    "((((",
    "))))",
    "NCT00787384",
    "1e309",
    "2023-02-30",
    "“",
    "'",
    "<script>",
    "%00",
)


def mutated(draw: np.random.Generator) -> str:
    if draw.random() < 0.3:
        return "".join(PIECES[draw.integers(len(PIECES))] for _ in range(draw.integers(60)))
    text = SEEDS[draw.integers(len(SEEDS))]
    for _ in range(draw.integers(1, 6)):
        start, end = sorted(int(draw.integers(len(text) + 1)) for _ in range(2))
        match int(draw.integers(4)):
            case 0:
                text = text[:start] + text[min(end, start + 4) :]
            case 1:
                text = text[:start] + PIECES[draw.integers(len(PIECES))] + text[start:]
            case 2:
                text = text[:start] + text[start:end] * (2 if draw.random() < 0.5 else 40) + text[end:]
            case _:
                text = text[:start] + SEEDS[draw.integers(len(SEEDS))] + text[start:]
    return text


def survives(count: int) -> tuple[int, float]:
    """Read many hostile texts; return how many were read well and the longest time over one, in seconds."""
    draw, read_well, longest = np.random.Generator(np.random.PCG64(20041001)), 0, 0.0
    for _ in range(count):
        text = mutated(draw)
        started = time.thread_time()
        only_nct_ids(text)
        hints(text)
        try:
            node = parse_expression(text)
            check_names(node)
            read_well += 1
        except ExpressionError as error:
            assert error.message and 0 <= error.position <= len(text), text
            error.pointed(text)
        longest = max(longest, time.thread_time() - started)
    return read_well, longest


def test_hostile_expressions_are_read_or_refused() -> None:
    read_well, longest = survives(300)
    assert 10 < read_well < 290
    assert longest < 0.3


@pytest.mark.long
def test_ten_thousand_hostile_expressions_are_read_or_refused() -> None:
    read_well, longest = survives(10_000)
    assert read_well > 500
    assert longest < 0.3
