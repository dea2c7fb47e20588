"""The ten other protocols, simulated as far as the language of operating characteristics reaches; what is not is refused."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from trialwright.protocol import read_protocol
from trialwright.protocol.study import Protocol
from trialwright.simulation.operating.kernel.loading import has_numba
from trialwright.simulation.operating.reading import parse_operating, read_operating
from trialwright.simulation.operating.run import Compiled, compile_arms, run
from trialwright.simulation.operating.tally import FIRST_RULE, Tally
from trialwright.vocabulary.findings import Refused

pytestmark = pytest.mark.slow  # trials are played
HERE = Path(__file__).parent
TRIALS = 200
SIZES = {
    "cabazitaxel-cycles": {"": 46},
    "cagrisema-masked": {"": 110},
    "certolizumab-loading": {"czp": 159, "placebo": 158},
    "influenza-children": {"iiv4": 20, "cciiv4": 20},
    "insulin-titration": {"isage": 20, "conventional": 20},
    "rsv-vaccine": {"ic_1": 125, "ic_2": 125, "healthy": 125},
    "ts142-crossover": {"sequence_1": 4, "sequence_2": 4, "sequence_3": 4, "sequence_4": 4},
}
QUICK = "influenza-children"


def protocol(name: str) -> Protocol:
    found = read_protocol(HERE / "protocols" / f"{name}.yaml").protocol
    assert found is not None
    return found


@lru_cache(maxsize=16)
def arms(name: str, interpreted: bool = True) -> tuple[Compiled, ...]:
    return compile_arms(protocol(name), read_operating(HERE / "operating" / f"{name}.yaml"), interpreted)


@lru_cache(maxsize=32)
def tallies(name: str) -> dict[str, Tally]:
    return {one.arm: run(one, 1, range(TRIALS), one.parameters()) for one in arms(name)}


def rule_of(name: str, arm: str, rule: str) -> int:
    one = next(each for each in arms(name) if each.arm == arm)
    return [each.id for each in one.design.regimen.rules].index(rule)


def test_every_file_of_chances_belongs_to_a_protocol() -> None:
    assert {path.stem for path in (HERE / "operating").glob("*.yaml")} == set(SIZES)


@pytest.mark.parametrize("name", SIZES)
def test_each_arm_has_its_participants_and_every_one_of_them_ends(name: str) -> None:
    for arm, number in SIZES[name].items():
        tally = tallies(name)[arm]
        assert tally.trials == TRIALS
        assert tally.table("enrolled")[number] == TRIALS
        assert tally.table("ended").sum() == TRIALS * number == tally.table("last_level").sum()
        assert tally.table("moves")[0].sum() == TRIALS * number
        if tally.has("seen"):
            assert tally.table("seen").sum() == TRIALS


def test_a_febrile_cycle_of_chemotherapy_is_delayed_and_progression_stops_treatment() -> None:
    tally = tallies("cabazitaxel-cycles")[""]
    assert tally.table("holds")[rule_of("cabazitaxel-cycles", "", "febrile"), 1:].sum() > 0
    assert tally.table("ended")[FIRST_RULE + rule_of("cabazitaxel-cycles", "", "progression")] > 0
    assert 0 < tally.table("last_level")[:2].sum() < tally.table("last_level").sum()
    responders = np.arange(47) @ tally.table("confirmed")
    assert 0 < responders < np.arange(47) @ tally.table("seen")


def test_a_loading_dose_ends_and_an_infection_holds_in_its_own_arm_only() -> None:
    found = tallies("certolizumab-loading")
    weeks = found["czp"].table("weeks_at")
    assert weeks[1].argmax() == 6
    assert found["czp"].table("holds")[rule_of("certolizumab-loading", "czp", "infection"), 1:].sum() > 0
    assert not found["placebo"].table("holds")[:, 1:].any()
    rates = [(np.arange(n + 1) @ found[arm].table("seen")) / (TRIALS * n) for arm, n in SIZES["certolizumab-loading"].items()]
    assert 0.4 < rates[0] < 0.5 and 0.1 < rates[1] < 0.2


def test_an_escalation_by_weeks_reaches_the_highest_dose_unless_it_is_not_tolerated() -> None:
    tally = tallies("cagrisema-masked")[""]
    assert [one.code for one in arms("cagrisema-masked")[0].findings] == ["TW-V051"]
    assert tally.table("last_level")[4] > tally.table("last_level")[:4].sum() > 0
    assert tally.table("holds")[rule_of("cagrisema-masked", "", "intolerable"), 1:].sum() > 0
    assert tally.table("ended")[FIRST_RULE + rule_of("cagrisema-masked", "", "pancreatitis")] > 0


def test_each_arm_titrates_at_its_own_visits_by_its_own_rules() -> None:
    found = tallies("insulin-titration")
    days = {one.arm: [visit.day for visit in one.design.visits.on if visit.decides] for one in arms("insulin-titration")}
    assert days["isage"][:3] == [0, 7, 14] and days["conventional"][:3] == [0, 5, 10]
    for tally in found.values():
        raised = tally.table("last_level")[4:-1].sum()
        assert raised > 0.3 * tally.table("last_level").sum()


def test_a_fever_delays_a_vaccine_and_a_second_dose_is_counted_from_an_earlier_visit() -> None:
    visits = {one.arm: one.design.visits.on for one in arms("rsv-vaccine")}
    assert [one.day for one in visits["ic_2"] if one.decides] == [0, 30]
    assert [one.day for one in visits["ic_1"] if one.decides] == [0]
    found = tallies("rsv-vaccine")
    assert found["ic_2"].table("ended")[FIRST_RULE + rule_of("rsv-vaccine", "ic_2", "reaction_1")] > 0
    assert found["healthy"].table("ended")[2] > 0  # held on the day itself: never started


def test_visits_of_one_day_measure_together() -> None:
    czp = next(one for one in arms("certolizumab-loading") if one.arm == "czp")
    week_12 = next(one for one in czp.design.visits.on if one.day == 84)
    assert week_12.decides and week_12.encounter == "maintenance"
    assert [name for name, _, _ in week_12.others] == ["week_12"]
    assert "pregnant" in week_12.collects


REFUSED = {
    "breast-registry": ("TW-V022", "There is not one dosing policy to play"),
    "digital-diabetes": ("TW-V022", "There is not one dosing policy to play"),
    "olaparib-escalation": ("TW-V049", "Cohorts hang on each other"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_simulated_is_refused_and_says_why(name: str) -> None:
    text = f"trialwright_virtual: 1\nkind: operating\ntitle: None\nprotocol: {name}\nnote: Made up.\n"
    with pytest.raises(Refused) as refused:
        compile_arms(protocol(name), parse_operating(text, "operating.yaml"), interpreted=True)
    found = refused.value.findings[0]
    assert (found.code, found.title) == REFUSED[name]
    assert found.detail


def test_two_titrations_in_one_arm_are_refused_by_name() -> None:
    text = (
        (HERE / "operating" / "cagrisema-masked.yaml").read_text(encoding="utf-8").replace("arm: semaglutide", "arm: cagrisema")
    )
    with pytest.raises(Refused) as refused:
        compile_arms(protocol("cagrisema-masked"), parse_operating(text, "operating.yaml"), interpreted=True)
    assert "semaglutide, cagrilintide" in refused.value.findings[0].detail


@pytest.mark.skipif(not has_numba(), reason="numba is an extra")
@pytest.mark.parametrize("name", [pytest.param(name, marks=[] if name == QUICK else [pytest.mark.long]) for name in SIZES])
def test_kernel_and_interpreter_count_the_same(name: str) -> None:
    for one in arms(name, interpreted=False):
        assert one.kernel is not None, one.findings
        numbers, trials = one.parameters(), range(7, 15)
        compiled = run(one, 5, trials, numbers)
        assert np.array_equal(compiled.counts, run(replace(one, kernel=None), 5, trials, numbers).counts)
