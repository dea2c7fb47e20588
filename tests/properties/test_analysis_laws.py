"""Laws of tables and results: nobody's data reach another's rows, names do not matter, corrections do."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.small_trial import corrected, protocol, small_trial

from trialwright.analysis import analyse, estimate, estimate_all
from trialwright.analysis.result import Result, result_as_json
from trialwright.datasets import derive_tables
from trialwright.datasets.assessed import assessments
from trialwright.datasets.followed import follow_all
from trialwright.datasets.populations import population
from trialwright.engine.state import TrialState

NAMES = ("P01", "P02", "P03", "P04", "P05", "P06", "P07")


def without(state: TrialState, who: str) -> TrialState:
    return replace(state, participants={name: one for name, one in state.participants.items() if name != who})


def renamed(state: TrialState, names: tuple[str, ...]) -> TrialState:
    """The same people, in the same order, each under the name at their place in ``names``."""
    people = {new: replace(one, id=new) for new, one in zip(names, state.participants.values(), strict=True)}
    return replace(state, participants=people)


def numbers(results: tuple[Result, ...]) -> list[dict[str, object]]:
    """Everything of the results but names and notes."""
    kept = ("id", "estimate", "interval", "p_value", "numerator", "n")
    return [{key: value for key, value in result_as_json(one).items() if key in kept} for one in results]


@settings(deadline=None, max_examples=4)
@given(st.sampled_from(NAMES))
def test_removing_one_participant_leaves_every_row_of_the_others(who: str) -> None:
    state = small_trial().state
    whole, fewer = derive_tables(protocol(), state), derive_tables(protocol(), without(state, who))
    for (name, table), (_, rest) in zip(whole.named(), fewer.named(), strict=True):
        kept = [row for row in table.to_dicts() if row["participant"] != who]
        if name == "encounters":  # the end of the data is the trial's, and says which visits are overdue
            kept, others = ([{**row, "status": ""} for row in rows] for rows in (kept, rest.to_dicts()))
        else:
            others = rest.to_dicts()
        assert kept == others, name


@settings(deadline=None, max_examples=5)
@given(st.permutations(NAMES))
def test_other_names_for_the_same_people_leave_every_estimate(names: list[str]) -> None:
    state = small_trial().state
    assert numbers(estimate_all(protocol(), renamed(state, tuple(names)))) == numbers(estimate_all(protocol(), state))


@settings(deadline=None, max_examples=5)
@given(st.permutations(NAMES))
def test_the_order_of_registration_leaves_every_number_of_responders(names: list[str]) -> None:
    state = small_trial().state
    shuffled = replace(state, participants={name: state.participants[name] for name in names})
    assert numbers(estimate(protocol(), shuffled, "chr_by_week_12")) == numbers(estimate(protocol(), state, "chr_by_week_12"))


def test_every_result_rests_on_members_of_its_population_and_carries_head_and_mark() -> None:
    trial = small_trial()
    members = {one.id for one in population(protocol(), "treated", follow_all(protocol(), trial.state)).members}
    run = analyse(protocol(), trial.state, trial.head.digest)
    for one in run.carried:
        assert set(one.result.participants) <= members
        assert {row[0] for row in one.evidence.rows} <= set(one.result.participants)
        assert len(set(one.result.participants)) <= one.result.n
        assert one.result.head == trial.head.digest and one.result.simulated
        assert one.result.method and one.result.source and one.result.population
    assert len({one.result.id for one in run.carried}) == len(run.carried)


def test_assessing_anew_what_has_not_changed_gives_what_was_recorded() -> None:
    for one in follow_all(protocol(), small_trial().state):
        for response in protocol().responses:
            rows = assessments(one, response, anew=True)
            assert [(row.category, row.confirmed) for row in rows] == [
                (row.recorded_category, row.recorded_confirmed) for row in rows
            ]


@settings(deadline=None, max_examples=12)
@given(st.sampled_from([8, 15, 22, 29, 36, 78]), st.sampled_from(["2.0", "30.0"]))
def test_a_corrected_count_decides_the_category_of_its_day_and_no_other_persons(day: int, percent: str) -> None:
    state = small_trial().state
    now = corrected(state, "P03", day, percent)
    for before, after in zip(follow_all(protocol(), state), follow_all(protocol(), now), strict=True):
        rows, anew = assessments(before, "haematological"), assessments(after, "haematological")
        changed = {row.day for row, other in zip(rows, anew, strict=True) if row.category != other.category}
        assert changed <= ({day} if before.id == "P03" else set())
        if before.id == "P03":
            found = next(row for row in anew if row.day == day)
            assert found.category == ("complete" if percent == "2.0" else "partial")  # 0.4, or 6.0 of a baseline of 12.0


def test_a_complete_count_twice_makes_a_responder_of_the_imagined_state_alone() -> None:
    state = small_trial().state
    now = corrected(corrected(state, "P03", 29, "2.0"), "P03", 36, "2.0")
    assert estimate(protocol(), state, "chr_by_week_12")[0].numerator == 2
    assert estimate(protocol(), now, "chr_by_week_12")[0].numerator == 3
