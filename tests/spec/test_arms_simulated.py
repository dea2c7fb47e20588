"""Several arms, simulated apart and put together: sizes, seeds, parts of the file by arm, and what is between the arms."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest
from tests.simulated_arms import FOLDER, RANDOMIZED, STEADY, chances, played, protocol_text, read, two_arms

from trialwright.analysis.estimators.contingency import fisher_2x2
from trialwright.analysis.estimators.proportion import difference as newcombe
from trialwright.designs.binomial import masses
from trialwright.designs.two_arm import Rates, fisher_power
from trialwright.simulation.characteristics.between import Planned, compared, decisions, latest, over_pairs, planned_comparisons
from trialwright.simulation.operating.arms import allocation, arm_seed, reading_for
from trialwright.simulation.operating.reading import with_settings
from trialwright.simulation.operating.run import check_opens, compile_arms, compile_design, run
from trialwright.simulation.operating.tally import Tally
from trialwright.simulation.scenarios.cluster import Files, play_chunk
from trialwright.simulation.scenarios.differing import difference
from trialwright.simulation.scenarios.grid import Scenario
from trialwright.vocabulary.findings import Refused

pytestmark = pytest.mark.slow  # trials are played


def code_of(refused: pytest.ExceptionInfo[Refused]) -> str:
    return refused.value.findings[0].code


def refused_for(*edits: tuple[str, str], more: str = STEADY) -> Refused:
    with pytest.raises(Refused) as refused:
        compile_arms(read(protocol_text(*edits)), chances(more), interpreted=True)
    return refused.value


@pytest.mark.parametrize(
    ("ratio", "participants", "sizes"),
    [("2:1", 30, (20, 10)), ("2:1", 25, (17, 8)), ("1:1", 317, (159, 158)), ("1:3", 10, (3, 7)), ("1:1", 2, (1, 1))],
)
def test_participants_are_shared_out_by_the_ratio_and_what_is_left_by_the_largest_fraction(
    ratio: str, participants: int, sizes: tuple[int, int]
) -> None:
    found = allocation(read(protocol_text(('"2:1"', f'"{ratio}"'))), chances(f"participants: {participants}\n"))
    assert tuple(found.sizes.values()) == sizes
    assert found.total == participants
    assert ("left over" in found.words) is (participants % sum(int(part) for part in ratio.split(":")) > 0)


def test_an_arm_may_have_a_number_of_its_own_and_the_ratio_deals_out_the_rest() -> None:
    found = allocation(read(protocol_text()), chances("arms: {steady: {participants: 9}}\n"))
    assert dict(found.sizes) == {"titrated": 16, "steady": 9}
    assert "steady 9" in found.words


def test_the_first_arm_keeps_the_seed_and_every_other_has_its_own() -> None:
    assert arm_seed(7, "titrated", first=True) == 7
    others = {arm_seed(seed, arm, first=False) for seed in (1, 2) for arm in ("steady", "placebo")}
    assert len(others) == 4 and all(0 <= one < 2**64 for one in others)


def test_the_first_arm_is_what_it_would_be_alone() -> None:
    first = two_arms()[0]
    alone = compile_design(read(protocol_text()), chances("arm: titrated\nparticipants: 17\n"), interpreted=True)
    one, other = (run(each, 3, range(50), each.parameters()) for each in (first, alone))
    assert np.array_equal(one.counts, other.counts)


def test_arms_with_the_same_chances_draw_apart() -> None:
    first, second = two_arms("arms: {steady: {participants: 17}}\nparticipants: 34\n")
    trials = range(200)
    tables = [
        run(each, arm_seed(3, each.arm, index == 0), trials, each.parameters()) for index, each in enumerate((first, second))
    ]
    assert not np.array_equal(tables[0].counts, tables[1].counts)
    same = run(second, 3, trials, second.parameters())
    assert np.array_equal(same.counts, tables[0].counts)


def test_what_an_arm_says_of_itself_is_laid_over_the_rest() -> None:
    one, other = (each.parameters() for each in two_arms())
    assert one.chances["response"].max() > 10 * other.chances["response"].max()
    assert np.array_equal(one.chances["leaves"], other.chances["leaves"])


def test_null_takes_a_part_out_of_an_arm() -> None:
    protocol = read(protocol_text())
    reading = reading_for(protocol, chances("arms: {steady: {leaves: null}}\n"), "steady")
    assert reading.operating is not None and reading.operating.leaves is None


def test_a_number_is_set_for_all_arms_or_for_one_whether_or_not_it_has_an_own() -> None:
    first, second = two_arms()
    for settings, changed in (({"leaves.none": "0.2"}, (True, True)), ({"arms.steady.leaves.none": "0.2"}, (False, True))):
        for arm, wanted in zip((first, second), changed, strict=True):
            leaves = arm.parameters(settings).chances["leaves"]
            assert bool(leaves.max() == int(0.2 * 2**32 + 0.5)) is wanted
    shares = second.parameters({"arms.steady.traits.subtype.A": "1"}).chances["trait/subtype"]
    assert shares[0, 0] == 2**32
    assert first.parameters({"arms.steady.traits.subtype.A": "1"}).chances["trait/subtype"][0, 0] < 2**32


def test_a_number_of_an_arm_that_there_is_none_of_is_refused() -> None:
    for name in ("arms.steady.leaves.nune", "arms.steady.arms.titrated.leaves.none", "arms.nobody"):
        with pytest.raises(Refused) as refused:
            with_settings(chances(STEADY), {name: "0.1"})
        assert code_of(refused) == "TW-V020"
    with pytest.raises(Refused) as refused:
        two_arms()[0].parameters({"arms.nobody.leaves.none": "0.1"})
    assert code_of(refused) == "TW-V053"


def test_a_mistake_in_the_part_of_an_arm_is_found_at_its_line() -> None:
    more = "\narms:\n  steady:\n    leaves:\n      value: {none: 1.5, complete: 0}\n"
    finding = refused_for(more=more).findings[0]
    lines = (chances(more).source or pytest.fail()).file
    assert finding.code == "TW-V003" and lines == "operating.yaml"
    assert finding.place.line > len((chances().source or pytest.fail()).data)


@pytest.mark.parametrize(
    ("code", "edit", "more"),
    [
        ("TW-V053", (), "arms: {nobody: {participants: 3}}\n"),
        ("TW-V053", (), "arms: {steady: {title: Other}}\n"),
        ("TW-V050", (RANDOMIZED, ""), ""),
        ("TW-V050", ('"2:1"', '"2:1:1"'), ""),
        ("TW-V050", (), "participants: 1\n"),
        ("TW-V003", (), "arms: {steady: {participants: 0}}\n"),
        ("TW-V049", ("method: permuted blocks", "method: response-adaptive urn"), ""),
        ("TW-V013", (), "arm: nobody\n"),
    ],
)
def test_arms_that_cannot_be_played_are_refused_with_a_way_out(code: str, edit: tuple[str, str], more: str) -> None:
    findings = refused_for(*([edit] if edit else []), more=more).findings
    assert findings[0].code == code
    assert findings[0].detail or findings[0].ways_out


def test_looks_at_all_arms_on_the_way_are_refused_and_one_arm_can_be_played_alone() -> None:
    look = "rule: two-stage futility, endpoint: complete_response, looks: [10], stop_if: responders <= 1"
    rule = f"\nmonitoring:\n  - {{id: futility, {look}}}\n"
    protocol = read(protocol_text() + rule)
    with pytest.raises(Refused) as refused:
        compile_arms(protocol, chances(), interpreted=True)
    assert code_of(refused) == "TW-V049"
    assert "arm: titrated" in refused.value.findings[0].ways_out
    alone = compile_arms(protocol, chances("arm: titrated\n"), interpreted=True)
    assert len(alone) == 1 and alone[0].arm == "" and alone[0].monitoring


def test_an_arm_of_several_is_not_opened() -> None:
    with pytest.raises(Refused) as refused:
        check_opens(two_arms()[0])
    assert code_of(refused) == "TW-V052"
    alone = compile_arms(read(protocol_text((RANDOMIZED, ""))), chances("arm: steady\n"), interpreted=True)
    check_opens(alone[0])


def test_the_plan_names_the_arms_that_it_compares() -> None:
    goal = two_arms()[0].design.goal
    plans, notes = planned_comparisons(read(protocol_text()), goal, ("titrated", "steady"))
    assert [(one.one, one.other, one.method, one.alpha) for one in plans] == [("titrated", "steady", "fisher", 0.05)]
    assert notes == ()
    other = protocol_text(("titrated against steady, odds ratio", "Steady against Titrated, difference\n    margin: 10 %"))
    plans, _ = planned_comparisons(read(other), goal, ("titrated", "steady"))
    assert [(one.one, one.other, one.method, one.margin) for one in plans] == [("steady", "titrated", "newcombe", 0.1)]
    none = protocol_text(("    compare: titrated against steady, odds ratio\n", ""))
    plans, notes = planned_comparisons(read(none), goal, ("titrated", "steady"))
    assert [one.method for one in plans] == [""] and "without a decision" in notes[0]
    unknown = protocol_text(("titrated against steady, odds ratio", "each against nobody, difference"))
    _, notes = planned_comparisons(read(unknown), goal, ("titrated", "steady"))
    assert "does not tell which arms" in notes[0]


def test_a_one_sided_plan_has_twice_its_error_on_both_sides() -> None:
    text = protocol_text((
        "sample_size: {planned: 25, justification: made up}",
        "sample_size: {planned: 25, justification: made up, alpha: 2.5 %, sided: 1}",
    ))  # fmt: skip
    plans, _ = planned_comparisons(read(text), two_arms()[0].design.goal, ("titrated", "steady"))
    assert plans[0].alpha == 0.05


PLAN = Planned("e", "a", "b", "fisher", 0.05)


def test_each_pair_of_counts_is_decided_by_the_estimators_of_a_real_trial() -> None:
    found = decisions(PLAN, 9, 6)
    for one, other in itertools.product(range(10), range(7)):
        p = fisher_2x2([[one, 9 - one], [other, 6 - other]]).p_value
        assert found["different"][one, other] == (p < 0.05)
        assert found["superior"][one, other] == (p < 0.05 and one / 9 > other / 6)
    wide = decisions(Planned("e", "a", "b", "newcombe", 0.1, 0.2), 9, 6)
    for one, other in itertools.product(range(10), range(7)):
        bounds = newcombe(one, 9, other, 6, 0.9)
        assert wide["superior"][one, other] == (bounds.low > 0)
        assert wide["above_margin"][one, other] == (bounds.low > -0.2)
        assert wide["below_margin"][one, other] == (bounds.high < 0.2)


def test_the_power_of_binomial_arms_is_that_of_the_design() -> None:
    rates = Rates(0.2, 0.5)
    one, other = (np.round(masses(n, p) * 10**15).astype(np.int64) for n, p in ((30, 0.5), (25, 0.2)))
    found = {each.id: each.estimate for each in compared(PLAN, one, other, {"a": "A", "b": "B"})}
    assert found["decision.e.a.b.different"].value == pytest.approx(fisher_power(rates, 25, 30, 0.05), abs=1e-9)
    assert found["difference.e.a.b"].value == pytest.approx(0.3, abs=1e-9)


def test_the_mean_over_pairs_is_that_of_every_pair_and_its_error_is_the_spread_of_repeated_runs() -> None:
    generator = np.random.default_rng(5)  # noqa: TID251 - repeated runs of two arms
    flags = decisions(PLAN, 20, 15)["different"]

    def drawn() -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
        return generator.binomial(20, 0.55, 60), generator.binomial(15, 0.25, 40)

    one, other = drawn()
    found = over_pairs(flags, np.bincount(one, minlength=21), np.bincount(other, minlength=16), share=True)
    assert found.value == pytest.approx(np.mean([flags[x, y] for x, y in itertools.product(one, other)]))
    again = [
        over_pairs(flags, *(np.bincount(x, minlength=k) for x, k in zip(drawn(), (21, 16), strict=True))) for _ in range(400)
    ]
    spread = np.std([each.value for each in again])
    assert np.mean([each.error for each in again]) == pytest.approx(spread, rel=0.12)
    assert math.isnan(over_pairs(flags, np.zeros(21, np.int64), np.ones(16, np.int64)).value)


def test_the_latest_of_independent_arms_is_the_mean_of_every_combination() -> None:
    histograms = [np.array([0, 3, 1, 0, 2]), np.array([1, 0, 0, 4]), np.array([2, 2, 2])]
    values = [np.repeat(np.arange(one.size), one) for one in histograms]
    wanted = np.mean([max(each) for each in itertools.product(*values)])
    assert latest(histograms).value == pytest.approx(wanted)


def test_a_trial_of_two_arms_tells_each_arm_and_what_is_between_them() -> None:
    outcomes = played(two_arms(), 400)
    one = outcomes.each[0]
    assert dict(one.sizes.sizes) == {"titrated": 17, "steady": 8}
    assert one.found.provenance.participants == 25 and one.found.provenance.seed == 1
    assert [each.found.provenance.participants for each in one.arms.values()] == [17, 8]
    between = {each.id: each.estimate for each in one.between}
    rates = [each.found.probability("response").estimate for each in one.arms.values()]
    gap = between["difference.complete_response.titrated.steady"]
    assert gap.value == pytest.approx(rates[0].value - rates[1].value)
    assert gap.value > 0.2 and 0 < gap.error < 0.02
    superior = between["decision.complete_response.titrated.steady.superior"]
    assert 0 < superior.low < superior.value < superior.high < 1
    assert one.found.probability("steady.response").estimate == rates[1]


def test_scenarios_of_two_arms_share_their_random_numbers() -> None:
    settings = {"arms.steady.leaves.none": "0.03"}
    outcomes = played(two_arms(), 400, Scenario({}, {}, "as it is"), Scenario(settings, settings, "more leave"))
    found = difference(outcomes.each[0], outcomes.each[1], "difference.complete_response.titrated.steady")
    assert found.difference.value > 0
    assert found.difference.error < found.apart
    same = difference(outcomes.each[0], outcomes.each[1], "titrated.response")
    assert same.difference.value == 0 == same.difference.error


def test_arms_accrue_at_their_share_of_the_pace_and_the_trial_lasts_until_the_last_is_over() -> None:
    pace = "per_month: {value: 3, unit: 1/mo, assumption: made up}"
    accrual = f"accrual: {{{pace}, sites: {{Simulated site 1: 1}}, assumption: made up}}\n"
    outcomes = played(two_arms(accrual), 200)
    one = outcomes.each[0]
    paces = [work.compiled.operating.accrual.per_month.number for work in outcomes.works if work.compiled.operating.accrual]
    assert sum(paces) == pytest.approx(3) and paces[0] == pytest.approx(3 * 17 / 25)
    arms = [each.found.probability("duration.mean").estimate.value for each in one.arms.values()]
    whole = one.found.probability("duration.mean").estimate
    assert max(arms) < whole.value < sum(arms) and whole.error > 0


def test_an_arm_is_in_what_a_folder_belongs_to_and_a_trial_of_one_arm_is_as_it_was() -> None:
    outcomes = played(two_arms(), 40)
    assert [work.inputs().get("arm") for work in outcomes.works] == ["titrated", "steady"]
    alone = compile_design(read(protocol_text()), chances("arm: titrated\n"), interpreted=True)
    assert alone.arm == "" and json.dumps(alone.operating.arm) == '"titrated"'


def test_a_worker_elsewhere_plays_the_arm_that_it_is_sent() -> None:
    texts = protocol_text().encode(), (FOLDER / "operating.yaml").read_bytes() + STEADY.encode()
    for index, one in enumerate(two_arms()):
        files = Files(texts[0], "protocol.yaml", texts[1], "operating.yaml", one.arm)
        seed = arm_seed(1, one.arm, index == 0)
        sent = Tally.from_plain(play_chunk(files, {}, seed, 10, 5))
        assert np.array_equal(sent.counts, run(one, seed, range(10, 15), one.parameters()).counts)
