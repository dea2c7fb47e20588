"""A rehearsed trial obeys the monitoring: it lets nobody in once a rule stops it, and waits where a look must be known."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.check_cases import edited

from trialwright.conduct import Trial
from trialwright.engine.stopping import looks, stopped_by
from trialwright.log import MemoryShelf, seeded_salts
from trialwright.protocol import parse_protocol
from trialwright.protocol.study import Protocol
from trialwright.simulation import read_virtual, rehearse

pytestmark = pytest.mark.slow  # whole rehearsals

TRIAL = Path(__file__).parents[2] / "trials" / "nilg-hes1-03"


def play(rule: str) -> tuple[Protocol, Trial]:
    block = f"monitoring:\n  - {{id: look, rule: counts, endpoint: chr_by_week_12, {rule}}}\n"
    text = edited(("sample_size:\n", f"{block}sample_size:\n"))
    protocol = parse_protocol(text, "seed.yaml").protocol
    virtual = read_virtual(TRIAL / "virtual.yaml").virtual
    assert protocol is not None
    assert virtual is not None
    shelf = MemoryShelf()
    rehearse(protocol, virtual, 3, shelf)
    return protocol, Trial(shelf, protocol, seeded_salts(3))


def test_nobody_is_let_in_once_a_rule_stops_the_trial() -> None:
    protocol, trial = play("looks: 5, stop_if: responders <= 5")
    people = trial.state.participants.values()
    last = max(one.enrolled.on for one in people if one.enrolled is not None)
    enrolled = sum(one.enrolled is not None for one in people)
    assert 5 <= enrolled < 25
    assert stopped_by(protocol, trial.state, last) is None or enrolled == 5


def test_a_look_that_must_be_known_is_waited_for() -> None:
    protocol, trial = play("looks: 5, stop_if: responders <= 0, meanwhile: wait")
    enrolled = sorted((one.enrolled.on, one.id) for one in trial.state.participants.values() if one.enrolled is not None)
    assert len(enrolled) == 25
    sixth = enrolled[5][0]
    assert looks(protocol, trial.state, sixth)[0].says == "go on"
