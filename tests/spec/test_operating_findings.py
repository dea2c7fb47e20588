"""What is refused before the first trial is simulated, with the place and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.random_designs import random_text

from trialwright.protocol import parse_protocol, read_protocol
from trialwright.simulation.operating.kernel import loading
from trialwright.simulation.operating.reading import parse_operating
from trialwright.simulation.operating.run import compile_design
from trialwright.vocabulary.findings import Finding, Refused

TRIAL = Path(__file__).parents[2] / "trials" / "oracle-titration"
CHANCES = (TRIAL / "operating.yaml").read_text(encoding="utf-8")
PROTOCOL = (TRIAL / "protocol.yaml").read_text(encoding="utf-8")


def found(old: str = "", new: str = "", *, in_protocol: bool = False) -> tuple[Finding, ...]:
    """The findings of the made-up titration with one part replaced."""
    text, chances = (PROTOCOL, CHANCES)
    assert old in (text if in_protocol else chances)
    if old:
        text, chances = (text.replace(old, new, 1), chances) if in_protocol else (text, chances.replace(old, new, 1))
    protocol = parse_protocol(text, "protocol.yaml").protocol
    assert protocol is not None
    try:
        return compile_design(protocol, parse_operating(chances, "chances.yaml"), interpreted=True).findings
    except Refused as refused:
        return refused.findings


def test_the_files_as_they_stand_have_no_finding():
    assert found() == ()


@pytest.mark.parametrize(
    ("code", "old", "new", "line"),
    [
        ("TW-V002", "  category: complete\n", "", True),
        ("TW-V003", '"100": 0.02', '"100": 1.2', True),
        ("TW-V003", "{A: 0.6, B: 0.4}", "{A: 0.6, B: 0.5}", True),
        ("TW-V001", "leaves:", "leafs:", True),
        ("TW-V010", '"100": 0.005, ', "", True),
        ("TW-V012", "  cells: {kind", "  platelets: {kind", True),
        ("TW-V013", "of: normal", "of: abnormal", True),
        ("TW-V011", "unit: 10*9/L", "unit: kg", True),
        ("TW-V022", "traits:\n", "arm: ''\nparticipants: 0\ntraits:\n", True),
    ],
)
def test_a_file_that_does_not_fit_is_refused_at_its_place(code: str, old: str, new: str, line: bool):
    findings = found(old, new)
    wanted = code if "participants: 0" not in new else "TW-V003"
    assert wanted in {one.code for one in findings}
    assert all(one.place.line > 0 for one in findings if one.code == wanted) is line


def test_an_unknown_number_is_refused_with_its_neighbours():
    protocol = read_protocol(TRIAL / "protocol.yaml").protocol
    assert protocol is not None
    compiled = compile_design(protocol, parse_operating(CHANCES, "chances.yaml"), interpreted=True)
    with pytest.raises(Refused) as refused:
        compiled.parameters({"virtual.response.A.40": 0.5})
    assert refused.value.findings[0].code == "TW-V020"
    assert "response.A.400" in refused.value.findings[0].ways_out


def test_a_probability_beyond_1_is_refused_when_it_is_set():
    protocol = read_protocol(TRIAL / "protocol.yaml").protocol
    assert protocol is not None
    compiled = compile_design(protocol, parse_operating(CHANCES, "chances.yaml"), interpreted=True)
    with pytest.raises(Refused) as refused:
        compiled.parameters({"response.A.400": 1.5})
    assert refused.value.findings[0].code == "TW-V003"


def test_setting_one_share_leaves_the_others_in_proportion():
    protocol = read_protocol(TRIAL / "protocol.yaml").protocol
    assert protocol is not None
    compiled = compile_design(protocol, parse_operating(CHANCES, "chances.yaml"), interpreted=True)
    shares = compiled.parameters({"traits.subtype.B": "0.25"}).chances["trait/subtype"]
    assert shares[0, 0] == 0.75 * 2**32


def test_a_rule_that_reads_the_calendar_is_refused():
    rule = "when: time since last increase > 1 mo, then: stop}"
    codes = {one.code for one in found("when: response = complete, then: stop}", rule, in_protocol=True)}
    assert "TW-V021" in codes


def test_a_protocol_without_a_first_visit_cannot_be_simulated():
    codes = {one.code for one in found("at: day 1, do", "at: day 2, do", in_protocol=True)}
    assert "TW-V022" in codes


def test_a_course_of_visits_without_end_is_refused():
    long = found("last: day 78", "last: day 3500", in_protocol=True)
    assert "TW-V023" in {one.code for one in long}


def test_without_numba_everything_runs_and_says_so(monkeypatch: pytest.MonkeyPatch):
    from trialwright.simulation.operating import run as running

    monkeypatch.setattr(running, "has_numba", lambda: False)
    protocol = read_protocol(TRIAL / "protocol.yaml").protocol
    assert protocol is not None
    compiled = compile_design(protocol, parse_operating(CHANCES, "chances.yaml"))
    assert compiled.kernel is None
    assert [one.code for one in compiled.findings] == ["TW-V024"]


@pytest.mark.skipif(not loading.has_numba(), reason="numba is an extra")
def test_a_rule_that_cannot_be_compiled_is_played_by_the_interpreter():
    text, chances = random_text(1)
    rule = "      - {id: log, when: ln(anc / 1 10*9/L) > 1, then: lower level, at_lowest: same}\n"
    head, tail = text.rsplit("    rules:\n", 1)
    protocol = parse_protocol(f"{head}    rules:\n{rule}{tail}", "p.yaml")
    assert protocol.protocol is not None, protocol.findings
    compiled = compile_design(protocol.protocol, parse_operating(chances, "c.yaml"))
    assert compiled.kernel is None
    assert "TW-V024" in {one.code for one in compiled.findings}
