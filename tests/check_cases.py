"""Edits of the seed protocol that bring out each finding of `check`; the seed as it stands is the empty edit."""

from __future__ import annotations

from pathlib import Path

from trialwright.protocol import Protocol, parse_protocol

SEED = Path(__file__).parents[1] / "trials" / "nilg-hes1-03" / "protocol.yaml"
Edit = tuple[str, str]


def edited(*edits: Edit) -> str:
    """Return the seed's text with parts replaced; each must stand in it."""
    text = SEED.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def protocol_with(*edits: Edit) -> Protocol:
    """Return the seed with parts replaced; it must still read."""
    reading = parse_protocol(edited(*edits), "seed.yaml")
    assert reading.protocol is not None, reading.findings
    return reading.protocol


COURSE: Edit = ("    course: 12 weeks from first dose\n", "")
CONTINUE: Edit = (
    "      - id: continue\n        label: continue\n        otherwise: true\n        then: same level\n",
    "",
)
EVERYWHERE = "fip1l1_pdgfra: {label: FIP1L1-PDGFRA at diagnosis, collects: [fip1l1_pdgfra]}"

SIZE = "  planned: 25\n  justification: none stated\n"
SIMON = "  design: simon optimal\n  p0: 0.2\n  p1: 0.4\n  alpha: 0.05\n  beta: 0.2\n  r1: 3\n  n1: 13\n"
LOOK = "monitoring:\n  - {id: f, rule: counts, endpoint: chr_by_week_12, looks: 13, stop_if: responders <= 2}\n"
NEVER = (
    "monitoring:\n  - id: n\n    rule: posterior\n    event: serious adverse event\n    looks: 2\n"
    "    prior: beta(1, 1)\n    stop_if: P(rate > 0.3) > 0.999\n"
)

CASES: dict[str, tuple[Edit, ...]] = {
    "TW-P001": (("always: dose <= 400 mg/d", "always: dose <= 300 mg/d"),),
    "TW-P002": (("never: increase while held", "never: increase and time since last dose > 400 d"),),
    "TW-P003": (
        (
            "      - id: continue\n",
            "      - id: never_true\n        when: dose > 500 mg/d\n        then: lower level\n"
            "        at_lowest: stop\n      - id: continue\n",
        ),
    ),
    "TW-P004": (),
    "TW-P005": (
        ("then: may next level", "then: may level 400 mg/d"),
        ("resume: lower\n        at_lowest: stop", "resume: same"),
    ),
    "TW-P006": (),
    "TW-P007": (("then: no increase, measure the inputs", "then: lower level"),),
    "TW-P008": (("anc >= 1.5 10*9/L and\n", "anc >= 1.5 10*9/L and anc < 1.2 10*9/L and\n"),),
    "TW-P009": (),
    "TW-P010": (),
    "TW-P011": (("collects: [bilirubin, transaminase]", "collects: [transaminase]"),),
    "TW-P012": (("start: 100 mg/d on day 1", "start: 400 mg/d on day 1"),),
    "TW-P013": (COURSE,),
    "TW-P014": (),
    "TW-P015": (("when: age < 15 a", "when: age <= 16 a"),),
    "TW-P016": (("when: age > 15 a", "when: age > 200 a"),),
    "TW-P017": (("when: age < 15 a", "when: age < 0 a"),),
    "TW-P018": (("when: disease = secondary or not (secondary_causes is empty)", "when: age < 15 a"),),
    "TW-P019": (("when: age < 15 a", "when: not (age > 15 a)"),),
    "TW-P020": (("minimum_age: 15 Years", "minimum_age: 18 Years"),),
    "TW-P021": (("    - otherwise: true\n      by: [participant]", "    - when: age > 40 a\n      by: [participant]"),),
    "TW-P022": (("      by: [parents or guardian]\n      assent: true", "      by: [parents or guardian]"),),
    "TW-P023": (("  reconsent_at: 18 a\n", ""),),
    "TW-P024": (("      by: [parents or guardian]\n      assent: true", "      by: [participant]"),),
    "TW-P025": (("if age < 18 a then consent by parents or guardian and assent else consent by participant", "age > 12 a"),),
    "TW-P027": (("when: age > 15 a", "when: age > 15 a and abs(age - 40 a) < 30 a"),),
    "TW-P030": (("when: age > 15 a", "when: age > 21 a"),),
    "TW-P031": (("when: age < 15 a", "when: age <= 15 a"),),
    "TW-P033": (),
    "TW-P034": (),
    "TW-P035": (("when: age > 15 a", "when: age > 15 a and age < 90 a"),),
    "TW-P050": (("    endpoints: [adverse_events, exposure]\n", ""),),
    "TW-P051": (("    measure: exposure\n", ""),),
    "TW-P052": (("    by: 30 d after last dose\n", ""),),
    "TW-P053": (("    summary: worst grade\n", ""),),
    "TW-P054": (("rank: primary", "rank: secondary"),),
    "TW-P055": (),
    "TW-P056": ((EVERYWHERE, "fip1l1_pdgfra: {label: FIP1L1-PDGFRA at diagnosis}"),),
    "TW-P057": (("    outcome: Time to response\n", ""),),
    "TW-P058": (("    outcome: Time to response\n", "    outcome: Time until response\n"),),
    "TW-P059": (),
    "TW-P060": (("official_title: Therapeutic", "official_title: A Double-Blind Study of Therapeutic"),),
    "TW-P061": (),
    "TW-P062": (),
    "TW-P063": (),
    "TW-P064": (
        ("    assumption: collection period not in the record\n    source: seed-trial facts\n", "    assumption: ours\n"),
    ),
    "TW-P065": (("allocation: non-randomized", "allocation: randomized"),),
    "TW-P066": (("imatinib: {label: Imatinib, receives: [imatinib]}", "other: {label: Imatinib, receives: [imatinib]}"),),
    "TW-P067": (("planned: 25", "planned: 30"),),
    "TW-P068": (("start: 100 mg/d on day 1", "start: 200 mg/d on day 1"),),
    "TW-P069": (("course: 12 weeks from first dose", "course: 10 weeks from first dose"),),
    "TW-P070": (),
    "TW-P071": (("        - fip1l1_pdgfra\n        - molecular\n", "        - fip1l1_pdgfra\n"),),
    "TW-P072": (),
    "TW-P074": (("    summary: aalen-johansen\n    interval: log-log 95 %\n", "    summary: aalen-johansen\n"),),
    "TW-P075": (
        (
            "    intercurrent:\n      - {event: rescue therapy before response, strategy: composite, reads: failure}\n"
            "      - {event: withdrawal before response, strategy: composite, reads: failure}\n"
            "      - {event: dose hold, strategy: treatment policy}\n    summary",
            "    summary",
        ),
    ),
    "TW-P076": (
        ("    by: week 12\n    population: treated\n    summary: descriptive", "    by: week 12\n    summary: descriptive"),
    ),
    "TW-P077": (("endpoints: [adverse_events, exposure]", "endpoints: [adverse_events]"),),
    "TW-P079": (("until: month 24 after treatment stop", "until: month 12 after treatment stop"),),
    "TW-P080": (
        ("completion: {date: 2007-12, type: actual}\n    first", "completion: {date: 2003-12, type: actual}\n    first"),
    ),
    "TW-P081": (('    outcome: "Safety: Adverse events and serious adverse events"\n', ""),),
    "TW-P090": ((SIZE, f"{SIMON}  r: 11\n  n: 43\n"),),
    "TW-P091": ((SIZE, "  design: simon optimal\n  n: 43\n"),),
    "TW-P092": ((SIZE, f"{SIMON}  r: 12\n  n: 43\n{LOOK}"),),
    "TW-P093": ((SIZE, f"{SIZE}{NEVER}"),),
    "TW-P094": ((SIZE, f"{SIMON}  r: 12\n  n: 43\n{LOOK}"),),
    "TW-P098": (
        ("at least 7 d since last increase", "at least 3000 d since last increase and at least 3000 d since last decrease"),
    ),
    "TW-P099": (("  - code: TW-P014\n", "  - code: TW-P077\n"),),
}
