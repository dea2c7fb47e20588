"""Mistakes in the constructs that the seed does not use: each gets its finding, at its place, with a way out."""

from __future__ import annotations

import pytest
from tests.other_trials import FOLDER

from trialwright.protocol import parse_protocol
from trialwright.protocol.expressions import reserved_words
from trialwright.vocabulary.findings import Finding


def findings_of(name: str, old: str, new: str) -> tuple[Finding, ...]:
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{text.count(old)} × {old!r}"
    reading = parse_protocol(text.replace(old, new), "changed.yaml")
    assert reading.protocol is None
    return reading.findings


# file · what stands there · what stands in its place · code · a piece of the title or the detail
WRONG = [
    ("cabazitaxel-cycles", "  cycle: 21 d\n", "", "TW-S005", "the schedule does not say how long one is"),
    ("cabazitaxel-cycles", "  cycle: 21 d\n", "  cycle: 1 mo\n", "TW-S005", "no number of days or weeks"),
    ("cabazitaxel-cycles", "cycles 1 .. 6 day 1,", "cycles 1 .. 6 day 22,", "TW-S005", "a cycle has 21 days"),
    ("cabazitaxel-cycles", "cycles 1 .. 6 day 1,", "cycle 0 day 1,", "TW-S005", "count from 1"),
    ("cabazitaxel-cycles", "    per: bsa\n", "    per: height\n", "TW-S007", "not one per cm"),
    ("cabazitaxel-cycles", "    per: bsa\n", "    per: sex\n", "TW-S007", "multiplied by a quantity"),
    ("cabazitaxel-cycles", "    per: bsa\n", "    per: surface\n", "TW-S004", "No variable is called `surface`"),
    ("cabazitaxel-cycles", "    cap: 55 mg\n", "    cap: 55 mL\n", "TW-S007", "no amount in mg"),
    ("cabazitaxel-cycles", "    round_to: 1 mg\n", "    round_to: 0 mg\n", "TW-S007", "more than 0"),
    ("cabazitaxel-cycles", "    every: 21 d\n", "", "TW-S007", "The cycles have no length"),
    ("cabazitaxel-cycles", "nadir target_sum >= 20 %", "nadir new_lesion >= 20 %", "TW-E006", "new_lesion"),
    (
        "cabazitaxel-cycles",
        "related adverse events ever grade >= 3",
        "related adverse events ever grade 3",
        "TW-E006",
        "Which grades are counted?",
    ),
    ("cabazitaxel-cycles", "exp(ln(0.993) * age / 1 a)", "exp(ln(0.993) * age)", "TW-E004", "has no exp"),
    ("olaparib-escalation", "dose_50: 100 mg/d,", "dose_50: 150 mg/d,", "TW-S007", "no dose level"),
    ("olaparib-escalation", "{dose_50: 100 mg/d,", "{dose_55: 100 mg/d,", "TW-S004", "No arm is called `dose_55`"),
    ("olaparib-escalation", "  intervention: olaparib\n  design", "  intervention: olaparibb\n  design", "TW-S004", "No regimen"),
    (
        "olaparib-escalation",
        "  window: 3 months after treatment stop\n",
        "  window: for ever\n",
        "TW-S005",
        "The window cannot be read",
    ),
    ("olaparib-escalation", "times: [before dose, 1 h,", "times: [before dose, one hour,", "TW-S005", "neither `before dose`"),
    (
        "olaparib-escalation",
        "never: dose > 0 mg/m2 and olaparib held",
        "never: dose > 0 mg/d and olaparib held",
        "TW-E004",
        "mg/m2",
    ),
    (
        "certolizumab-loading",
        "  strata: [region, sign]",
        "  strata: [region, basdai]",
        "TW-S004",
        "A stratum is a code or a flag",
    ),
    ("certolizumab-loading", "  order: [asdas_mi, function]", "  order: [asdas_mi, functionn]", "TW-S004", "functionn"),
    ("certolizumab-loading", "adjusted_for: [region, sign]", "adjusted_for: [regoin, sign]", "TW-S004", "regoin"),
    ("certolizumab-loading", "  day_1: randomisation\n", "  day_1: birth\n", "TW-S003", "schedule.day_1"),
    ("ts142-crossover", "at: 7 d after second_night", "at: 7 d after secnd_night", "TW-S005", "second_night"),
    ("rsv-vaccine", "    arms: [ic_2]\n    levels", "    arms: [ic_3]\n    levels", "TW-S004", "ic_3"),
    ("rsv-vaccine", "at: day 8 .. 15", "at: day 0 .. 15", "TW-S005", "what a record calls day 0 is day 1 here"),
    ("rsv-vaccine", "  arms: [ic_1, ic_2]\n", "  arms: [ic_1, ic_4]\n", "TW-S004", "ic_4"),
    (
        "insulin-titration",
        "    levels: 4 .. 100 by 2 U/d\n    start: 10 U/d on day 1\n    course: 90 d after first dose\n    assumption",
        "    levels: 4 .. 100 by 7 U/d\n    start: 10 U/d on day 1\n    course: 90 d after first dose\n    assumption",
        "TW-S007",
        "do not end at 100",
    ),
    ("insulin-titration", "then: raise 2 levels", "then: raise 99 levels", "TW-S008", "beyond the levels"),
    (
        "insulin-titration",
        "median of fasting_glucose over 3 values > 180",
        "last of fasting_glucose over 3 values > 180",
        "TW-E006",
        "says nothing",
    ),
    ("breast-registry", "then 'luminal'", "then 'luminous'", "TW-E007", "luminous"),
    ("breast-registry", "at: 6 months after recurrence", "at: 6 months after relapse", "TW-S005", "relapse"),
    (
        "cagrisema-masked",
        "at least 2 of {hypertension, dyslipidaemia, t2d, osas, cvd}",
        "at least 9 of {hypertension, t2d}",
        "TW-E013",
        "9 of 2",
    ),
    ("digital-diabetes", "  adherent:\n", "  hba1c:\n", "TW-S006", "both called `hba1c`"),
    ("digital-diabetes", "{id: weekly, epoch", "{id: hba1c, epoch", "TW-S006", "both called `hba1c`"),
    ("digital-diabetes", "{id: weekly, epoch", "{id: consent, epoch", "TW-S012", "`consent` is a word"),
]


@pytest.mark.parametrize(("name", "old", "new", "code", "said"), WRONG, ids=lambda each: str(each)[:40])
def test_a_mistake_gets_its_finding(name: str, old: str, new: str, code: str, said: str) -> None:
    found = findings_of(name, old, new)
    assert code in {one.code for one in found}, found
    assert any(said in f"{one.title} {one.detail}" for one in found if one.code == code), found
    assert all(one.place.line > 1 for one in found)


def test_nothing_that_an_expression_reads_is_called_like_a_word() -> None:
    words = sorted(reserved_words())
    declared = "".join(f"  '{word}': {{type: flag}}\n" for word in words)
    found = findings_of("digital-diabetes", "\nvariables:\n", f"\nvariables:\n{declared}")
    refused = [one for one in found if one.code == "TW-S012"]
    assert [one.title for one in refused] == [f"`{word}` is a word of the language" for word in words]
    assert all(one.ways_out for one in refused)
