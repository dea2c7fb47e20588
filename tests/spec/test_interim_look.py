"""The rest of a trial under way, simulated: who counts, who is followed on, what is answered, and that the look is recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import comb
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from tests.simulated_people import people, played
from tests.simulated_titration import titration
from tests.tiny_protocol import SPONSOR, Script, on_day

from trialwright.cli.main import cli
from trialwright.conduct import commands as asked
from trialwright.events.catalogue import InterimLookTaken
from trialwright.protocol import read_protocol
from trialwright.simulation.operating.reading import read_operating
from trialwright.simulation.operating.run import Compiled, compile_design, run
from trialwright.simulation.scenarios.onward import OnTheWay, Standing, ahead, standing
from trialwright.vocabulary.findings import Refused

pytestmark = pytest.mark.slow  # a whole rehearsal is looked at
SEED = Path(__file__).parents[2] / "trials/nilg-hes1-03"
DAY = date(2006, 3, 1)
CHANCES = {  # weekly chances of a response and of an event at 100, 200, 300, 400; SOURCES.md of tests/reference/designs
    "A": ((0.02, 0.05, 0.09, 0.13), (0.005, 0.01, 0.02, 0.03)),
    "B": ((0.01, 0.02, 0.035, 0.05), (0.005, 0.01, 0.02, 0.03)),
}


def exact(subtype: str, level: int, weeks: int) -> float:
    """The chance that somebody at a level responds within so many weeks, by the chain of the made-up titration."""
    if weeks == 0:
        return 0.0
    responds, event = CHANCES[subtype][0][level], CHANCES[subtype][1][level]
    later = event * exact(subtype, max(level - 1, 0), weeks - 1) + (1 - event) * exact(subtype, min(level + 1, 3), weeks - 1)
    return responds + (1 - responds) * 0.99 * later


def seed_design() -> Compiled:
    protocol = read_protocol(SEED / "protocol.yaml").protocol
    assert protocol is not None
    return compile_design(protocol, read_operating(SEED / "operating.yaml"), interpreted=True)


def stand(responders: int, failures: int, *waiting: OnTheWay) -> Standing:
    return Standing(DAY, "complete_response", 25, responders + failures + len(waiting), responders, failures, waiting)


def test_with_nobody_on_the_way_the_answer_is_the_binomial_one() -> None:
    compiled = titration()
    numbers = compiled.parameters({"participants": "15"})
    counts = run(compiled, 1, range(4000), numbers).table("seen")
    found = ahead(compiled, compiled.parameters(), stand(4, 6), counts, 1, (0.3,))
    chance = 0.6 * exact("A", 0, 12) + 0.4 * exact("B", 0, 12)
    least = int(np.argmax(found.interval.excludes(25, 0.3)))
    right = sum(comb(15, k) * chance**k * (1 - chance) ** (15 - k) for k in range(least - 4, 16))
    ((rate, answer),) = found.answers
    assert rate == 0.3
    assert abs(answer.value - right) < 4 * answer.error
    assert found.final.sum() == pytest.approx(1)
    assert found.final[:4].sum() == 0 == found.final[20:].sum()


@pytest.mark.parametrize(("code", "subtype"), [(0, "A"), (1, "B")])
def test_somebody_on_the_way_is_followed_on_from_where_they_stand(code: int, subtype: str) -> None:
    compiled = titration()
    who = OnTheWay("P1", 6, 3, False, ((0, code),))  # six of twelve weeks have passed, at 400 mg/d
    found = ahead(compiled, compiled.parameters(), replace(stand(3, 3, who), planned=7), np.ones(1, np.int64), 1, (0.3,))
    (chance,) = found.chances
    assert chance.shared == "traits, week, dose and response so far"
    assert abs(chance.estimate.value - exact(subtype, 3, 6)) < 4 * chance.estimate.error
    assert found.final[4] == pytest.approx(chance.estimate.value)


def test_who_is_off_treatment_without_a_response_responds_no_more() -> None:
    compiled = titration()
    who = OnTheWay("P1", 6, 5, False, ((0, 0),))
    found = ahead(compiled, compiled.parameters(), replace(stand(3, 3, who), planned=7), np.ones(1, np.int64), 1, (0.3,))
    assert found.chances[0].estimate.value == 0
    assert found.answers[0][1].value in (0, 1)


def test_the_error_of_an_answer_grows_with_those_on_the_way() -> None:
    compiled = titration()
    waiting = tuple(OnTheWay(f"P{number}", 6, 2, False, ((0, 0),)) for number in range(4))
    counts = run(compiled, 1, range(2000), compiled.parameters({"participants": "10"})).table("seen")
    apart = ahead(compiled, compiled.parameters(), stand(5, 6, *waiting), counts, 1, (0.3,)).answers[0][1]
    alone = ahead(compiled, compiled.parameters(), stand(5, 10), counts, 1, (0.3,)).answers[0][1]
    assert apart.error > 0
    assert alone.error > 0
    assert apart.low <= apart.value <= apart.high


def test_a_log_says_who_is_in_who_responded_and_who_is_on_the_way() -> None:
    state = played(people().demonstration.seed).trial.state
    found = standing(seed_design(), state, DAY, 25)
    in_by_then = [one for one in state.participants.values() if one.enrolled is not None and one.enrolled.on <= DAY]
    assert found.enrolled == len(in_by_then) == found.responders + found.failures + len(found.on_the_way)
    assert found.to_come == 25 - found.enrolled > 0
    assert found.on_the_way
    for one in found.on_the_way:
        person = state.participants[one.id]
        assert person.first_dose_on is not None
        assert one.visit == (DAY - person.first_dose_on).days // 7


@pytest.mark.parametrize(("on", "planned"), [(date(2001, 1, 1), 25), (date(2020, 1, 1), 20)])
def test_a_trial_that_is_not_under_way_is_refused(on: date, planned: int) -> None:
    with pytest.raises(Refused) as refused:
        standing(seed_design(), played(people().demonstration.seed).trial.state, on, planned)
    assert refused.value.findings[0].code == "TW-V046"


def look(home: Path, *more: str, who: str = "sponsor:sponsor") -> tuple[int, str]:
    given = [
        *("simulate", str(SEED / "protocol.yaml"), "-n", "40", "--interpreted", "--home", str(home)),
        *("--onward", "nilg-hes1-03-rehearsal", "--on", DAY.isoformat(), "--p0", "0.1", *more),
    ]
    done = CliRunner().invoke(cli, [*given, *(["--as", who] if who else [])])
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    done = CliRunner().invoke(cli, ["rehearse", str(SEED / "protocol.yaml"), "--home", str(folder), "--format", "json"])
    assert done.exit_code == 0
    return folder


def test_a_look_is_recorded_before_it_is_told(home: Path) -> None:
    code, told = look(home)
    assert code == 0
    assert "INTERIM LOOK · the rest is SIMULATED" in told
    assert "Recorded as an interim look: entry" in told
    shown = CliRunner().invoke(cli, ["log", "show", "--home", str(home), "--last", "1"]).output
    assert "InterimLookTaken" in shown
    assert CliRunner().invoke(cli, ["log", "verify", "--home", str(home)]).exit_code == 0


@pytest.mark.parametrize(
    ("who", "more", "code"),
    [
        ("", (), "TW-V046"),
        ("anna:coordinator", (), "TW-C001"),
        ("anna:statistician", (), "TW-C002"),
        ("sponsor:sponsor", ("--tornado",), "TW-V040"),
    ],
)
def test_who_may_not_look_is_told_nothing(home: Path, who: str, more: tuple[str, ...], code: str) -> None:
    ended, told = look(home, *more, who=who)
    assert ended == 10
    assert code in told
    assert "lies above" not in told


def test_a_look_at_what_the_protocol_does_not_have_is_refused() -> None:
    script = Script()
    said = {"endpoint": "happiness", "enrolled": 1, "known": 0, "responders": 0, "planned": 3, "question": "?"}
    made = {"answer": "0.5", "trials": 1, "seed": "1", "virtual": "none", "on": on_day(1)}
    with pytest.raises(Refused) as refused:
        script.do(asked.TakeInterimLook.model_validate({**said, **made}), SPONSOR)
    assert refused.value.findings[0].code == "TW-V046"
    wrong = {**said, "endpoint": next(iter(script.trial.protocol.file.endpoints)), "known": 2}
    with pytest.raises(Refused) as contradicts:
        script.do(asked.TakeInterimLook.model_validate({**wrong, **made}), SPONSOR)
    assert contradicts.value.findings[0].code == "TW-V046"


def test_the_state_of_a_trial_lists_its_looks() -> None:
    script = Script()
    endpoint = next(iter(script.trial.protocol.file.endpoints))
    said = {"endpoint": endpoint, "enrolled": 5, "known": 3, "responders": 1, "planned": 9, "question": "above 10 %"}
    made = {"answer": "0.25", "trials": 10, "seed": "1", "virtual": "none", "on": on_day(1)}
    done = script.do(asked.TakeInterimLook.model_validate({**said, **made}), SPONSOR)
    assert isinstance(done.events[0], InterimLookTaken)
    (one,) = script.trial.state.interim_looks
    assert (one.known, one.responders, str(one.answer), one.entry) == (3, 1, "0.25", done.entries[0].sequence)
