"""The file of virtual people: what it must say, what is wrong with a bad one, and whether it suits a protocol."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.check_cases import protocol_with
from tests.simulated_people import PEOPLE, people, protocol, read_edited
from tests.tiny_protocol import TINY

from trialwright.log import MemoryShelf
from trialwright.protocol import Protocol, parse_protocol, read_protocol
from trialwright.simulation import parse_virtual, rehearse
from trialwright.simulation.suits import suit
from trialwright.vocabulary.findings import Finding, Refused, Severity

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "findings"
ALL_TRIALS = sorted((Path(__file__).parents[2] / "trials").glob("*/protocol.yaml"))
OTHER_TRIALS = [path for path in ALL_TRIALS if path.parent.name != "nilg-hes1-03"]

WRONG = {
    "an unknown key": (("  per_month:", "  per_mounth:"), "TW-V001", "did you mean `per_month`?"),
    "a missing key": (("    spread: 0.32\n", ""), "TW-V002", "`spread` is missing"),
    "a probability above 1": (("  missed:\n    value: 0.03", "  missed:\n    value: 1.03"), "TW-V003", "habits.missed"),
    "shares that do not add up": (("positive: 0.176", "positive: 0.276"), "TW-V003", "traits.fusion"),
    "a number without source": (("    source: T08 (11 of 81) and T09 (13 of 55) together, 24 of 136\n", ""), "TW-V003", "fusion"),
    "a number that is text": (("    spread: 0.75", "    spread: wide"), "TW-V003", "eosinophils_start"),
    "bounds the wrong way round": (("    low: 16\n    high: 85", "    low: 85\n    high: 16"), "TW-V003", "traits.age"),
    "a trait that is not there": (("start: neutrophils_start", "start: neutrophil_start"), "TW-S004", "neutrophil_start"),
    "a marker that is not there": (("marker: neutrophils}", "marker: neutrophil}"), "TW-S004", "neutrophil"),
    "a code without a value": (("centre: {positive: 12, negative: 6}", "centre: {positive: 12}"), "TW-V010", "`fusion`"),
    "a choice where an amount is wanted": (("start: platelets_start", "start: sex"), "TW-V010", "`sex` is no amount"),
    "a wrong unit": (("    unit: L/h", "    unit: mL/min"), "TW-V011", "mL/min"),
    "no unit at all": (("    unit: g/mol", "    unit: gramms"), "TW-V011", "gramms"),
    "a duplicate key": (("title: Simulated", "title: One\ntitle: Simulated"), "TW-Y011", "title"),
    "a severe share above the whole": (
        ("percent: 49.5, severe_percent: 1.3", "percent: 0.5, severe_percent: 1.3"), "TW-V003", "harms.terms[2]",
    ),
}  # fmt: skip

UNSUITED = {
    "a variable that a rule reads is lacking": (("  platelets: {kind: marker, marker: platelets}\n", ""), "TW-V012", "platelets"),
    "a record of the wrong kind": (("sex: {kind: trait, trait: sex}", "sex: {kind: marker, marker: weight}"), "TW-V013", "`sex`"),
    "a code that the variable has not": (("code: worse}", "code: awful}"), "TW-V013", "awful"),
    "a marker in another unit": (
        ("haemoglobin: {kind: marker, marker: haemoglobin}", "haemoglobin: {kind: marker, marker: platelets}"), "TW-V013", "g/L",
    ),
    "a real site": (("sites: [Simulated site 1,", "sites: [Bergamo,"), "TW-V017", "Bergamo"),
    "a medication group that is not there": (
        ("group: other_therapy\n    name: Hydroxyurea", "group: hydroxyurea\n    name: Hydroxyurea"), "TW-V013", "`hydroxyurea`",
    ),
    "a criterion that is not there": (("criteria: [I2]", "criteria: [I7]"), "TW-V013", "`I7`"),
    "an expression over nothing": (("when: age = 15 a", "when: ages = 15 a"), "TW-E002", "ages"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "code", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_bad_file_gives_a_finding_at_its_place(edit: tuple[str, str], code: str, said: str) -> None:
    reading = read_edited(edit)
    assert reading.virtual is None
    found = [one for one in reading.findings if one.code == code]
    assert found, reading.findings
    assert found[0].place.line > 1
    assert any(said in f"{one.title} {one.detail}" for one in found), found


@pytest.mark.parametrize(("edit", "code", "said"), UNSUITED.values(), ids=UNSUITED.keys())
def test_a_file_that_does_not_suit_is_refused_before_anything_is_run(edit: tuple[str, str], code: str, said: str) -> None:
    text = PEOPLE.read_text(encoding="utf-8")
    if said == "Bergamo":
        text = text.replace("Simulated site 1", "Bergamo")
    virtual = read_edited(edit).virtual if said != "Bergamo" else parse_virtual(text, "v.yaml").virtual
    assert virtual is not None
    shelf = MemoryShelf()
    with pytest.raises(Refused) as refused:
        rehearse(protocol(), virtual, 1, shelf)
    assert any(one.code == code and said in f"{one.title} {one.detail}" for one in refused.value.findings), refused.value.findings
    assert not list(shelf.entries())


def test_the_seed_s_people_suit_the_seed_and_lack_nothing() -> None:
    findings, expressions = suit(protocol(), people())
    assert findings == ()
    assert len(expressions.medication) == len(people().medication)


def test_every_number_of_the_seed_s_people_says_where_it_is_from() -> None:
    sources = Path(__file__).parents[2] / "trials/nilg-hes1-03/sources/calibration.csv"
    rows = {line.split(",")[0] for line in sources.read_text(encoding="utf-8").splitlines()[1:]}
    cited = [one.source for one in people().traits.values() if one.source and one.source.startswith("T")]
    assert cited and all(one.split(",")[0].split()[0] in rows for one in cited)
    for harm in people().harms.terms if people().harms else ():
        assert harm.source or harm.assumption


@pytest.mark.parametrize("path", OTHER_TRIALS, ids=lambda path: path.parent.name)
def test_another_protocol_is_told_what_these_people_lack(path: Path) -> None:
    study = read_protocol(path).protocol
    assert study is not None and study.id != people().protocol
    findings, _ = suit(study, people())
    assert "TW-V014" in codes(findings)
    assert any(one.severity is Severity.ERROR for one in findings)


def test_a_protocol_without_a_first_dose_is_told_why_it_cannot_be_rehearsed() -> None:
    edit = ("concomitant_medication, dose_decision]\n    - id: early_safety", "concomitant_medication]\n    - id: early_safety")
    findings, _ = suit(protocol_with(edit), people())
    assert [one.title for one in findings if one.code == "TW-V015"] == ["No visit gives the first dose"]


def test_a_visit_that_an_event_brings_about_is_said_to_be_left_out() -> None:
    edit = ("      at: day 3 .. 5\n", '      "on": cardiac event\n')
    findings, _ = suit(protocol_with(edit), people())
    assert [(one.code, one.severity) for one in findings] == [("TW-V016", Severity.WARNING)]
    assert "early_safety" in findings[0].title


@settings(deadline=None, max_examples=25)
@given(st.data())
def test_a_mangled_file_never_gives_a_traceback(data: st.DataObject) -> None:
    lines = PEOPLE.read_text(encoding="utf-8").splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    junk = data.draw(
        st.sampled_from(["", "  ", "- x", "value: []", "by: nobody", "{", "? a", "  unit: 3", "choice: 4", "kind: x"])
    )
    reading = parse_virtual("\n".join([*lines[:at], junk, *lines[at + 1 :]]), "virtual.yaml")
    assert reading.virtual is not None or reading.findings
    if reading.virtual is not None:
        suit(protocol(), reading.virtual)


@pytest.mark.parametrize("code", [f"TW-V{number:03d}" for number in (1, 2, 3, *range(10, 20))])
def test_every_code_has_a_page_with_ways_out(code: str) -> None:
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}: ")
    assert "## Ways out" in page


def codes(findings: tuple[Finding, ...]) -> set[str]:
    return {one.code for one in findings}


SMALL_PEOPLE = """\
trialwright_virtual: 1
title: Simulated people of a tiny trial
protocol: tiny
note: nothing in here is real
demonstration: {seed: 1, why: any}
accrual:
  first: 2020-01-06
  per_month: {value: 4, unit: 1/mo, assumption: made up}
  screening_days: {value: 5, unit: d, assumption: made up}
  sites: [Simulated site 1]
  site_shares: [1]
  assumption: made up
traits:
  disease: {choice: {HES: 0.9, other: 0.1}, assumption: made up}
  age: {distribution: normal, centre: 40, spread: 20, low: 10, high: 80, unit: a, assumption: made up}
  cells: {distribution: log-normal, centre: 8, spread: 0.3, unit: 10*9/L, assumption: made up}
  loss: {distribution: log-normal, centre: 0.2, spread: 0.2, unit: /d, assumption: made up}
  half: {distribution: log-normal, centre: 20, spread: 0.2, unit: nmol/L, assumption: made up}
  clearance: {distribution: log-normal, centre: 14, spread: 0.3, unit: L/h, assumption: made up}
  volume: {distribution: log-normal, centre: 250, spread: 0.3, unit: L, assumption: made up}
  anc: {distribution: log-normal, centre: 4, spread: 0.2, unit: 10*9/L, assumption: made up}
  bilirubin: {distribution: log-normal, centre: 8, spread: 0.2, unit: umol/L, assumption: made up}
exposure:
  drug:
    clearance: clearance
    volume: volume
    clearance_later: {value: 1, unit: "1", assumption: made up}
    later_from_day: {value: 29, unit: d, assumption: made up}
    unbound: {value: 0.05, unit: "1", assumption: made up}
    molar_mass: {value: 500, unit: g/mol, assumption: made up}
markers:
  cells:
    start: cells
    rate_trait: loss
    drug: drug
    half_effect: half
    hill: {value: 2, unit: "1", assumption: made up}
    most: {value: 1, unit: "1", assumption: made up}
    noise: {value: 0.1, unit: "1", assumption: made up}
  anc: {start: anc, noise: {value: 0.1, unit: "1", assumption: made up}}
  bilirubin: {start: bilirubin, noise: {value: 0.1, unit: "1", assumption: made up}}
limits:
  bilirubin: {value: 20, unit: umol/L, assumption: made up}
records:
  age: {kind: trait, trait: age}
  disease: {kind: trait, trait: disease}
  prior: {kind: set, chances: {steroid: 0.5}, assumption: made up}
  cells: {kind: marker, marker: cells}
  anc: {kind: marker, marker: anc}
  bilirubin: {kind: marker, marker: bilirubin}
  wbc: {kind: total, of: [cells, anc]}
  share: {kind: share, marker: cells, of: [cells, anc]}
  pregnant: {kind: flag, chance: 0.02, assumption: made up}
habits:
  off_target: {value: 0.2, unit: "1", assumption: made up}
  too_late: {value: 0.02, unit: "1", assumption: made up}
  missed: {value: 0.05, unit: "1", assumption: made up}
  missed_reasons: [holiday]
  missing: {blood: {value: 0.05, unit: "1", assumption: made up}}
  mistyped: {value: 0.05, unit: "1", assumption: made up}
  mistyped_variable: anc
  mistyped_factor: {value: 10, unit: "1", assumption: made up}
  declines_increase: {value: 0.2, unit: "1", assumption: made up}
  declines_reasons: [waiting]
  disregards_hold: {value: 0, unit: "1", assumption: made up}
  disregards_reason: none
endings:
  withdraws_per_week: {value: 0.01, unit: "1", assumption: made up}
  withdraws_all: {value: 0.5, unit: "1", assumption: made up}
  withdrawal_reasons: [moved away]
  dies_per_month: {value: 0, unit: "1", assumption: made up}
  death_cause: none
  lost_per_month: {value: 0, unit: "1", assumption: made up}
attests: {value: 1, unit: "1", assumption: made up}
"""


def tiny() -> Protocol:
    study = parse_protocol(TINY, "tiny.yaml").protocol
    assert study is not None
    return study


def test_people_with_other_variables_play_another_protocol() -> None:
    reading = parse_virtual(SMALL_PEOPLE, "small.yaml")
    assert reading.virtual is not None, reading.findings
    findings, _ = suit(tiny(), reading.virtual)
    assert {(one.code, one.severity) for one in findings} == {("TW-V016", Severity.WARNING)}
    rehearsal = rehearse(tiny(), reading.virtual, 1, MemoryShelf())
    assert rehearsal.enrolled == rehearsal.treated == 3
    assert rehearsal.study == "tiny rehearsal (simulated)"
    assert rehearsal.kinds["ResponseAssessed"] > 20
