"""Grids, chunks, differences on the same random numbers, tornados: what is played, kept, refused and compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from tests.simulated_titration import reading, titration, work

from trialwright.simulation.scenarios import grid
from trialwright.simulation.scenarios.differing import difference
from trialwright.simulation.scenarios.grid import read_range, read_setting, scenarios
from trialwright.simulation.scenarios.keeping import Keep
from trialwright.simulation.scenarios.playing import Outcomes, Played, on_threads, play
from trialwright.simulation.scenarios.sensitivity import swings, turns, variants
from trialwright.simulation.scenarios.work import Task, Work, chunk_of, plan_work
from trialwright.vocabulary.findings import Refused

pytestmark = pytest.mark.slow  # trials are played for most of it
HERE = on_threads(1)


def code(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.findings[0].code


def test_a_range_includes_both_ends_in_decimals() -> None:
    assert [str(one) for one in read_range("virtual.response.A.100=0.1:0.6:0.1").values()] == [
        "0.1",
        "0.2",
        "0.3",
        "0.4",
        "0.5",
        "0.6",
    ]
    assert [str(one) for one in read_range("x=3:1:-1").values()] == ["3", "2", "1"]
    assert read_range("x=0.5,0.25").values() == (Decimal("0.5"), Decimal("0.25"))


def test_a_grid_has_every_combination_and_carries_what_is_set() -> None:
    made = scenarios([read_range("a=1,2"), read_range("b=3:5:1")], {"c": "9"})
    assert len(made) == 6
    assert made[4].label == "a = 2, b = 4"
    assert made[4].settings == {"c": "9", "a": "2", "b": "4"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("leaves", "TW-V040"),
        ("leaves=", "TW-V040"),
        ("leaves=1:2", "TW-V040"),
        ("leaves=a:b:c", "TW-V040"),
        ("leaves=0:inf:1", "TW-V040"),
        ("leaves=0:1:0", "TW-V041"),
        ("leaves=1:0:0.1", "TW-V041"),
    ],
)
def test_a_range_that_cannot_be_is_refused_with_a_way_out(text: str, wanted: str) -> None:
    with pytest.raises(Refused) as refused:
        read_range(text)
    assert code(refused) == wanted
    assert refused.value.findings[0].ways_out


def test_a_grid_of_a_thousand_million_scenarios_is_counted_and_refused_without_being_made() -> None:
    with pytest.raises(Refused) as refused:
        scenarios([read_range("a=0:1:0.001"), read_range("b=1:1000000:1")], {})
    assert code(refused) == "TW-V042"
    assert "1,001,000,000" in refused.value.findings[0].title


def test_a_number_varies_once() -> None:
    with pytest.raises(Refused) as refused:
        scenarios([read_range("a=1,2")], {"a": "1"})
    assert code(refused) == "TW-V040"


@pytest.mark.parametrize("trials", [0, -3, 10**13])
def test_trials_that_make_no_sense_are_refused(trials: int) -> None:
    with pytest.raises(Refused) as refused:
        grid.check_trials(trials)
    assert code(refused) == "TW-V043"


def test_counts_that_would_not_fit_in_memory_are_refused() -> None:
    with pytest.raises(Refused) as refused:
        grid.check_memory(3 * 2**20, 200)
    assert code(refused) == "TW-V042"


@pytest.mark.parametrize(("settings", "wanted"), [({"leaves.non": "0.1"}, "TW-V020"), ({"leaves.none": "1.7"}, "TW-V003")])
def test_a_setting_that_does_not_fit_is_refused_before_the_first_trial(settings: dict[str, str], wanted: str) -> None:
    with pytest.raises(Refused) as refused:
        plan_work(titration(), 1, 100, [grid.Scenario(settings, {}, "")])
    assert code(refused) == wanted


@pytest.mark.parametrize("trials", [1, 39, 40, 100, 999, 10_000, 1_000_000, 10**9])
def test_chunks_cover_every_trial_once(trials: int) -> None:
    size = chunk_of(trials)
    assert 1 <= size <= 100_000
    assert trials // size >= min(trials, 40)


def test_the_tasks_of_a_grid_are_equally_far_in_every_scenario() -> None:
    tasks = list(work(105, *scenarios([read_range("leaves.none=0,0.1")], {})).tasks())
    assert [(one.scenario, one.first) for one in tasks[:4]] == [(0, 0), (1, 0), (0, 2), (1, 2)]
    assert sum(one.count for one in tasks) == 210


def test_any_number_of_threads_gives_the_same_counts() -> None:
    planned = work(600)
    one, two = (play(planned, on_threads(threads)).each[0] for threads in (1, 2))
    assert (one.tally.counts == two.tally.counts).all()
    assert one.found == two.found


def test_scenarios_share_their_random_numbers_so_that_differences_are_told_sooner() -> None:
    outcomes = play(work(2000, *scenarios([read_range("leaves.none=0.01,0.02")], {})), HERE)
    found = difference(outcomes.each[0], outcomes.each[1], "response")
    assert found.difference.error < found.apart / 2
    assert found.difference.value < -3 * found.difference.error
    assert found.difference.value == pytest.approx(-0.031, abs=0.006)  # 0.5829 at 1 % a week; 0.5526 at 2 %, by many trials


def test_the_paired_error_is_the_spread_over_many_runs() -> None:
    pairs = [play(work(400, *scenarios([read_range("leaves.none=0.01,0.03")], {}), seed=seed), HERE).each for seed in range(30)]
    found = [difference(one, two, "response") for one, two in pairs]
    spread = np.std([one.difference.value for one in found], ddof=1)
    assert np.mean([one.difference.error for one in found]) == pytest.approx(spread, rel=0.4)


def _stopping_after(count: int) -> object:
    def runner(planned: Work, tasks: Sequence[Task]) -> Played:
        played = HERE(planned, tasks)
        for _ in range(count):
            yield next(played)
        raise KeyboardInterrupt

    return runner


def test_what_is_broken_off_keeps_what_was_done_and_says_how_much() -> None:
    outcomes = play(work(400), _stopping_after(7))  # type: ignore[arg-type]  # a runner of its own
    assert outcomes.broken_off
    assert outcomes.each[0].found.provenance.trials == 70
    assert outcomes.each[0].found.provenance.partial
    assert play(work(400), _stopping_after(0)).each == ()  # type: ignore[arg-type]  # as above


def test_a_run_goes_on_where_it_was_broken_off_and_ends_with_the_same_counts(tmp_path: Path) -> None:
    keep, planned = Keep(tmp_path), work(400)
    keep.begin(planned, resume=False)
    play(planned, _stopping_after(9), keep)  # type: ignore[arg-type]  # a runner of its own
    keep.begin(planned, resume=True)
    resumed, at_once = play(planned, HERE, keep), play(planned, HERE)
    assert resumed.reused == 9
    assert (resumed.each[0].tally.counts == at_once.each[0].tally.counts).all()
    assert resumed.each[0].found == at_once.each[0].found


def test_a_damaged_chunk_is_played_again(tmp_path: Path) -> None:
    keep, planned = Keep(tmp_path), work(100)
    keep.begin(planned, resume=False)
    play(planned, HERE, keep)
    files = sorted((tmp_path / "chunks").iterdir())
    files[0].write_bytes(files[0].read_bytes()[:-40])
    files[1].write_bytes(b"")
    content = bytearray(files[2].read_bytes())
    content[60] ^= 0xFF
    files[2].write_bytes(bytes(content))
    again = play(planned, HERE, keep)
    assert again.reused == len(files) - 3
    assert (again.each[0].tally.counts == play(planned, HERE).each[0].tally.counts).all()


def test_more_trials_build_on_those_that_are_kept(tmp_path: Path) -> None:
    keep, few, many = Keep(tmp_path), work(100), work(300)
    keep.begin(few, resume=False)
    play(few, HERE, keep)
    keep.begin(many, resume=True)
    kept = keep.manifest()
    assert kept is not None
    outcomes = play(replace(many, chunk=int(kept["chunk"])), HERE, keep)
    assert outcomes.reused == 50
    assert (outcomes.each[0].tally.counts == play(many, HERE).each[0].tally.counts).all()


@pytest.mark.parametrize(
    ("other", "told"), [({"seed": 2}, "the seed"), ({"more": "\nparticipants: 20\n"}, "the file of chances")]
)
def test_a_folder_of_another_run_is_refused_and_says_what_differs(tmp_path: Path, other: dict[str, object], told: str) -> None:
    keep = Keep(tmp_path)
    keep.begin(work(100), resume=False)
    with pytest.raises(Refused) as refused:
        keep.begin(work(100, **other), resume=True)  # type: ignore[arg-type]  # the options of `work`
    assert code(refused) == "TW-V044"
    assert told in refused.value.findings[0].detail


def test_a_folder_that_holds_the_same_run_wants_to_be_resumed(tmp_path: Path) -> None:
    keep = Keep(tmp_path)
    keep.begin(work(100), resume=False)
    with pytest.raises(Refused) as refused:
        keep.begin(work(100), resume=False)
    assert "Go on in it with --resume" in refused.value.findings[0].ways_out


UNCERTAIN = "\nuncertain:\n  events.severe.400: {low: 0.01, high: 0.2, assumption: made up}\n"


def _tornado(measure: str, more: str = "", share: str = "0.2") -> tuple[Outcomes, list[str]]:
    found = turns(reading(more), Decimal(share), {})
    outcomes = play(plan_work(titration(more), 1, 1000, variants(found, {})), HERE)
    return outcomes, [one.turn.path for one in swings(outcomes.each, found, measure)]


def test_a_tornado_puts_what_matters_most_first() -> None:
    outcomes, order = _tornado("response")
    assert order[0] in ("response.A.400", "traits.subtype.A")
    assert "records.age" in order[-6:]
    assert len(outcomes.each) == 2 * len(order) + 1


def test_a_stated_range_comes_before_a_share_and_alone_where_no_share_is_wanted() -> None:
    found = turns(reading(UNCERTAIN), Decimal(0), {})
    assert [(one.path, one.low, one.high, one.stated) for one in found] == [("events.severe.400", "0.01", "0.2", True)]
    given = turns(reading(UNCERTAIN), Decimal(0), {"leaves.none": ("0", "0.05")})
    assert [one.path for one in given] == ["events.severe.400", "leaves.none"]


def test_a_probability_is_not_turned_beyond_one() -> None:
    found = {one.path: one for one in turns(reading(), Decimal("0.9"), {})}
    assert found["traits.subtype.A"].high == "1"
    assert Decimal(found["leaves.none"].high) == Decimal("0.019")


@pytest.mark.parametrize("share", ["0"])
def test_nothing_to_turn_is_refused(share: str) -> None:
    with pytest.raises(Refused) as refused:
        turns(reading(), Decimal(share), {})
    assert code(refused) == "TW-V048"


def test_an_unknown_measure_of_a_tornado_is_refused_with_those_that_there_are() -> None:
    found = turns(reading(UNCERTAIN), Decimal(0), {})
    outcomes = play(plan_work(titration(UNCERTAIN), 1, 40, variants(found, {})), HERE)
    with pytest.raises(Refused) as refused:
        swings(outcomes.each, found, "happiness")
    assert code(refused) == "TW-V048"
    assert "response" in refused.value.findings[0].detail


def test_settings_are_kept_as_they_are_written_shortest() -> None:
    assert read_setting("virtual.leaves.none=0.10") == ("leaves.none", "0.1")
    assert read_setting("a = x ") == ("a", "x")
