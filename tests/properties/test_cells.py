"""Laws of ranges and cells."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from trialwright.review.cells import Range, above, at_least, below, covers, cut, exactly, thresholds_of, witness

numbers = st.fractions(min_value=-50, max_value=50, max_denominator=8)
ranges = st.builds(
    lambda low, high, low_closed, high_closed: Range(low, high, low_closed and low is not None, high_closed and high is not None),
    st.none() | numbers,
    st.none() | numbers,
    st.booleans(),
    st.booleans(),
)


@given(st.lists(numbers, max_size=6), numbers)
def test_every_number_lies_in_exactly_one_cell(thresholds: list[Fraction], value: Fraction) -> None:
    assert sum(cell.contains(value) for cell in cut(thresholds)) == 1


@given(ranges)
def test_a_witness_lies_in_its_cell_and_only_an_empty_range_has_none(cell: Range) -> None:
    found = witness(cell)
    assert (found is None) == cell.is_empty
    assert found is None or cell.contains(found)


@given(ranges, st.sampled_from([Fraction(1), Fraction(1, 2)]))
def test_a_witness_on_a_step_is_a_multiple_of_it(cell: Range, step: Fraction) -> None:
    found = witness(cell, step)
    inside = [Fraction(k) * step for k in range(-110, 111) if cell.contains(Fraction(k) * step)]
    assert (found is not None) == bool(inside)
    assert found is None or (cell.contains(found) and found % step == 0)


@given(ranges, ranges, numbers)
def test_meeting_two_ranges_keeps_the_numbers_in_both(one: Range, other: Range, value: Fraction) -> None:
    assert one.meet(other).contains(value) == (one.contains(value) and other.contains(value))


@given(ranges, numbers)
def test_a_number_is_in_a_range_or_in_its_complement(one: Range, value: Fraction) -> None:
    assert one.contains(value) != any(part.contains(value) for part in one.complement())


@given(st.lists(ranges, max_size=4), numbers)
def test_a_statement_holds_on_all_of_a_cell_or_on_none(statement: list[Range], value: Fraction) -> None:
    cell = next(cell for cell in cut(thresholds_of(statement)) if cell.contains(value))
    assert covers(statement, cell) == any(one.contains(value) for one in statement)


def test_fifteen_is_neither_above_nor_below_fifteen() -> None:
    fifteen = Fraction(15)
    gaps = [c for c in cut([fifteen]) if not covers([above(fifteen)], c) and not covers([below(fifteen)], c)]
    assert gaps == [exactly(fifteen)]
    assert witness(gaps[0]) == 15
    assert covers([at_least(fifteen)], gaps[0])
