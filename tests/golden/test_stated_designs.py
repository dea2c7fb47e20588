"""`check` recomputes the design that a file names: two whole files, one right and one wrong, and each design in small."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.small_protocol import SMALL

from trialwright.protocol import parse_protocol, read_protocol
from trialwright.review.checking import review_plan
from trialwright.vocabulary.findings import Finding, Severity

FILES = Path(__file__).parent / "designs"
SEED = Path(__file__).parents[2] / "trials/nilg-hes1-03/protocol.yaml"
SIMON = "design: simon optimal, p0: 0.2, p1: 0.4, alpha: 0.05, beta: 0.2, r1: 3, n1: 13, r: 12, n: 43"
LOOK = "monitoring:\n  - {id: f, rule: counts, endpoint: response, looks: 13, stop_if: responders <= 3}\n"


def designed(findings: tuple[Finding, ...]) -> list[Finding]:
    return [one for one in findings if one.code.startswith("TW-P09") and one.code < "TW-P098"]


def of_file(name: str) -> list[Finding]:
    found = read_protocol(FILES / name).protocol
    assert found is not None
    return designed(review_plan(found))


def of(sample_size: str, more: str = "") -> list[Finding]:
    text = SMALL[: SMALL.index("sample_size:")] + f"sample_size: {{{sample_size}}}\n{more}"
    found = parse_protocol(text, "small.yaml")
    assert found.protocol is not None, found.findings
    return designed(review_plan(found.protocol))


def test_a_file_whose_numbers_are_right_is_told_what_its_rules_do() -> None:
    futility, harm = of_file("stated-right.yaml")
    assert (futility.code, harm.code) == ("TW-P094", "TW-P094")
    assert futility.severity is Severity.NOTE
    assert "True rate 0.2: stops with probability 0.747; 20.6 participants expected" in futility.detail
    assert "True rate 0.4: stops with probability 0.169" in futility.detail
    assert "3 or more of 5" in harm.detail


def test_a_file_whose_numbers_are_wrong_is_told_the_right_ones_and_their_source() -> None:
    stated, does, never, other = of_file("stated-wrong.yaml")
    assert [one.code for one in (stated, does, never, other)] == ["TW-P090", "TW-P094", "TW-P093", "TW-P092"]
    assert stated.severity is Severity.ERROR
    assert "`r` is stated as 11; recomputed it is 12" in stated.detail
    assert "Source: Simon R, Control Clin Trials 1989" in stated.detail
    assert stated.ways_out == ("r1: 3, n1: 13, r: 12, n: 43",)
    assert stated.place.line > 0
    assert "The design stops with 3 or fewer of 13; the rules of responders stop with 2 or fewer of 13" in other.detail


def test_the_seed_states_no_design_and_hears_nothing_new() -> None:
    found = read_protocol(SEED).protocol
    assert found is not None
    assert not designed(review_plan(found))


OBF = "interim: {type: obrien-fleming, shares: 3, z: [3.471, 2.454, 2.004]}"
POCOCK = "interim: {type: pocock, shares: [0.5, 1], z: [2.178, 2.178]}"
BAYES = "design: predictive probability, p0: 0.2, p1: 0.4, alpha: 0.1, power: 0.9, r: 10, n: 36"
PREDICTED = (
    "monitoring:\n  - id: pp\n    rule: predictive probability\n    endpoint: response\n    looks: every 1 from 10\n"
    "    prior: beta(0.2, 0.8)\n    success_if: P(rate > 0.2) > 0.9\n    stop_if: predictive probability < 0.001\n"
)
RIGHT = (
    SIMON,
    "design: simon minimax, p0: 20 %, p1: 40 %, alpha: 5 %, power: 80 %, r1: 4, n1: 18, r: 10, n: 33",
    "design: simon admissible, p0: 0.2, p1: 0.4, alpha: 0.05, beta: 0.2, r1: 3, n1: 14, r: 11, n: 38",
    "design: ahern, p0: 0.2, p1: 0.4, alpha: 0.05, power: 0.8, r: 11, n: 35",
    "design: ahern, p0: 0.2, p1: 0.4, alpha: 0.05, power: 0.8, r: 12, n: 38",
    "design: exact single stage, p0: 0.2, p1: 0.4, alpha: 0.05, r: 8, n: 25",
    "design: fleming, p0: 0.2, alpha: 0.05, n: 25, stages: [{n: 15, accept: 3, reject: 7}, {n: 25, accept: 8, reject: 9}]",
    "design: two proportions, p0: 0.2, p1: 0.4, alpha: 0.05, power: 0.8, n: 164",
    "design: two proportions, p0: 0.2, p1: 0.4, alpha: 0.05, power: 0.8, test: fisher exact, n: 180",
    "design: two proportions, p0: 0.2, p1: 0.4, alpha: 0.05, power: 0.8, dropout: 10 %, n: 183",
    "design: survival, hazard_ratio: 0.5, alpha: 0.05, power: 0.8, events: 66, n: 130",
    f"design: survival, hazard_ratio: 0.5, alpha: 0.025, sided: 1, power: 0.8, events: 67, n: 130, {OBF}",
    f"design: two proportions, p0: 0.2, p1: 0.4, alpha: 0.05, power: 0.8, n: 183, {POCOCK}",
    BAYES,
)


@pytest.mark.parametrize("text", RIGHT)
def test_a_design_that_is_stated_rightly_is_not_objected_to(text: str) -> None:
    look = LOOK if text == SIMON else PREDICTED if text == BAYES else ""
    assert [one.code for one in of(text, look) if one.severity is Severity.ERROR] == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SIMON.replace("n: 43", "n: 42"), "`n` is stated as 42; recomputed it is 43"),
        (SIMON.replace("r1: 3", "r1: 4"), "`r1` is stated as 4; recomputed it is 3"),
        (SIMON.replace("0.05", "0.1"), "`n1` is stated as 13"),
        (SIMON + ", planned: 40", "40 participants are planned and the design has 43"),
        (RIGHT[2].replace("n: 38", "n: 39"), "`n` is stated as 39"),
        (RIGHT[3].replace("n: 35", "n: 36"), "`n` is stated as 36; recomputed it is 35"),
        (RIGHT[5].replace("r: 8", "r: 7"), "`r` is stated as 7; recomputed it is 8"),
        (RIGHT[5] + ", power: 0.9", "`n` is stated as 25; recomputed at least 47 are needed"),
        (RIGHT[6].replace("reject: 7", "reject: 6"), "`stage 1.reject` is stated as 6; recomputed it is 7"),
        (RIGHT[7].replace("164", "120"), "`n` is stated as 120; recomputed at least 164"),
        (RIGHT[9].replace("183", "164"), "recomputed at least 183"),
        (RIGHT[10].replace("66", "60"), "`events` is stated as 60; recomputed at least 66"),
        (RIGHT[11].replace("events: 67", "events: 66"), "`events` is stated as 66; recomputed at least 67"),
        (RIGHT[11].replace("2.454", "2.460"), "the critical value of look 2 is stated as 2.460; recomputed it is 2.4544"),
        (RIGHT[11].replace(", 2.004", ""), "2 critical values are stated for 3 looks"),
        (RIGHT[12].replace("183", "164"), "recomputed at least 183"),
        (BAYES.replace("alpha: 0.1", "alpha: 0.05"), "`alpha` is stated as 0.05; the exact type I error is 0.0878"),
        (BAYES.replace("power: 0.9", "power: 0.95"), "the power is stated as 0.95; the exact power is 0.9062"),
    ],
)
def test_a_number_that_is_wrong_is_named_with_the_right_one(text: str, told: str) -> None:
    found = [one for one in of(text, PREDICTED if "predictive" in text else "") if one.code == "TW-P090"]
    assert len(found) == 1
    assert told in found[0].detail
    assert "Source: " in found[0].detail


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (SIMON.replace(", p1: 0.4", ""), "`p1` is not stated"),
        (SIMON.replace("p1: 0.4", "p1: 0.1"), "must be above p0"),
        (SIMON.replace("alpha: 0.05", "alpha: 5"), "a number from 0 to 1"),
        (SIMON.replace("alpha: 0.05", "alpha: five"), "neither a number nor a percentage"),
        (SIMON.replace(", beta: 0.2", ""), "Neither `power` nor `beta`"),
        (SIMON + ", power: 0.9", "contradict each other"),
        (RIGHT[6].replace("n: 15", "n: 25"), "do not rise"),
        ("design: fleming, p0: 0.2, alpha: 0.05, n: 25", "`stages` are not stated"),
        (RIGHT[10].replace(", events: 66", ""), "`events` is not stated"),
        (RIGHT[10].replace("0.5", "half"), "is no number"),
        (RIGHT[7] + ", ratio: many", "is no number"),
        (RIGHT[9].replace("10 %", "100 %"), "nobody is left"),
        (BAYES, "No rule under `monitoring` counts responders"),
        (BAYES.replace(", r: 10", ""), "`r` is not stated"),
        (RIGHT[11].replace("shares: 3", "shares: [0.7, 0.5, 1]"), "rising to 1"),
        (RIGHT[11].replace("shares: 3", "shares: few"), "a number is wanted"),
    ],
)
def test_a_design_that_lacks_what_it_follows_from_says_so(text: str, told: str) -> None:
    found = [one for one in of(text) if one.severity is Severity.ERROR]
    assert [one.code for one in found] == ["TW-P091"]
    assert told in found[0].detail


def test_a_two_stage_design_that_nobody_looks_at_is_a_warning() -> None:
    found = of(SIMON)
    assert [(one.code, one.severity) for one in found] == [("TW-P092", Severity.WARNING)]
    assert not of(SIMON, "stopping:\n  - {id: a, kind: futility, after: 13 participants, rule: 3 or fewer responders}\n")


def test_monitoring_that_is_the_design_s_is_not_objected_to() -> None:
    assert [one.code for one in of(SIMON, LOOK)] == ["TW-P094"]
    assert "TW-P092" in [one.code for one in of(SIMON, LOOK.replace("13", "15"))]


def test_a_design_stands_for_planned_number_and_justification() -> None:
    text = SMALL[: SMALL.index("sample_size:")] + f"sample_size: {{{SIMON}}}\n"
    found = parse_protocol(text, "small.yaml").protocol
    assert found is not None
    assert found.file.sample_size is not None
    assert (found.file.sample_size.planned, found.file.sample_size.justification) == (
        43,
        "simon optimal design: p0 0.2, p1 0.4, alpha 0.05, beta 0.2",
    )


def test_an_unknown_design_names_those_that_there_are() -> None:
    found = parse_protocol(SMALL[: SMALL.index("sample_size:")] + "sample_size: {design: simple, n: 3}\n", "small.yaml").findings
    assert any("simon optimal" in f"{one.detail} {one.ways_out}" for one in found)
