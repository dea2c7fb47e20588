"""Which course `over: course` speaks of: the one that the file states, so that an amendment keeps the weekly chances."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from trialwright.protocol import parse_protocol
from trialwright.simulation.operating.parameters import ALWAYS
from trialwright.simulation.operating.reading import parse_operating
from trialwright.simulation.operating.run import compile_design

TRIAL = Path(__file__).parents[2] / "trials" / "nilg-hes1-03"
PROTOCOL = (TRIAL / "protocol.yaml").read_text(encoding="utf-8")
CHANCES = (TRIAL / "operating.yaml").read_text(encoding="utf-8")
ALONG = '  along: {"100": 1, "200": 1, "300": 1, "400": 9}\n'
AT_400 = PROTOCOL.replace("start: 100 mg/d on day 1", "start: 400 mg/d on day 1")


def weekly(protocol: str, chances: str) -> np.ndarray:
    """Weekly chances of a response by trait and dose (the last: nothing taken)."""
    read = parse_protocol(protocol, "protocol.yaml").protocol
    assert read is not None
    compiled = compile_design(read, parse_operating(chances, "chances.yaml"), interpreted=True)
    return np.asarray(compiled.parameters().chances["response"][0] / ALWAYS)


def test_a_stated_course_gives_both_protocols_the_same_weekly_chances() -> None:
    assert ALONG in CHANCES
    assert AT_400 != PROTOCOL
    assert (weekly(AT_400, CHANCES) == weekly(PROTOCOL, CHANCES)).all()
    assert (weekly(PROTOCOL, CHANCES.replace(ALONG, "")) == weekly(PROTOCOL, CHANCES)).all()


def test_the_stated_course_reaches_the_stated_probability() -> None:
    found = weekly(PROTOCOL, CHANCES)[1]  # without the fusion
    assert 1 - (1 - found[0]) * (1 - found[1]) * (1 - found[2]) * (1 - found[3]) ** 9 == pytest.approx(0.40, abs=1e-8)


def test_without_it_each_protocol_reaches_the_probability_by_its_own_course() -> None:
    found = weekly(AT_400, CHANCES.replace(ALONG, ""))[1]
    assert 1 - (1 - found[3]) ** 12 == pytest.approx(0.40, abs=1e-8)


@pytest.mark.parametrize("wrong", ['{"100": -1}', '{"100": 0}', "{}\n  over: week"])
def test_a_course_without_weeks_or_beside_a_weekly_chance_is_refused(wrong: str) -> None:
    text = (
        CHANCES.replace(ALONG, f"  along: {wrong}\n")
        if "over" not in wrong
        else CHANCES.replace("  over: course\n", "  over: week\n")
    )
    reading = parse_operating(text, "chances.yaml")
    assert reading.operating is None
    assert any("along" in one.detail + one.title for one in reading.findings)
