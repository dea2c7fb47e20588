"""A protocol short enough to read at a glance, with something of everything, and a script that plays a site under it.

Tests change single lines with ``edited`` and ask for what the reader finds, or play commands with ``Script``.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from typing import Any

from trialwright.conduct import Actor, Outcome, Refused, Trial
from trialwright.conduct import commands as asked
from trialwright.engine.state import ParticipantState
from trialwright.log import MemoryShelf, Shelf, seeded_salts
from trialwright.protocol import Protocol, parse_protocol
from trialwright.vocabulary.findings import Finding

TINY = """\
trialwright: 1
study:
  id: tiny
  brief_title: A tiny trial
  organization: {name: Nobody's Group, class: other}
  sponsor: {name: Nobody's Group, class: other}
  summary: A trial that exists in tests only.
  conditions: [Testing]
  study_type: interventional
  phase: 2
  identifiers: {organization: TINY}
  design: {allocation: non-randomized, model: single group, purpose: treatment, masking: none}
  enrollment: {count: 3, type: estimated}
  eligibility: {text: Adults with the disease, sex: all, minimum_age: 15 Years}
  status: {overall: recruiting, start: 2020-01}
  arms:
    - {id: only, label: Only, type: experimental, interventions: [drug]}
  interventions:
    - {id: drug, name: Drug, type: drug}
codes:
  disease:
    HES: Hypereosinophilic syndrome
    CEL: Chronic eosinophilic leukaemia
    other: Other
  therapy:
    steroid: Steroid
    chemo: Chemotherapy
  symptom:
    absent: Absent
    improved: Improved
    worse: Worse
variables:
  age: {label: Age, type: quantity, unit: a, plausible: 0 .. 110}
  disease: {label: Disease, type: code, codes: disease}
  prior: {label: Prior therapy, type: set, codes: therapy, complete: true}
  cells: {label: Cells, type: quantity, unit: 10*9/L, plausible: 0 .. 500, valid_for: 3 d}
  anc: {label: ANC, type: quantity, unit: 10*9/L, plausible: 0 .. 200, valid_for: 3 d}
  bilirubin: {label: bilirubin, type: quantity, unit: umol/L, valid_for: 3 d, limits: per site}
  wbc: {label: WBC, type: quantity, unit: 10*9/L}
  share: {label: Share, type: quantity, unit: "%"}
  part: {label: Part, type: quantity, unit: 10*9/L, precision: 0.01, derive: wbc * share}
  symptoms: {label: symptoms, type: code, codes: symptom, ordered: true}
  pregnant: {label: pregnant, type: flag}
  surgery: {label: Day of surgery, type: date}
parameters:
  target: {value: 1.0 10*9/L, sensitivity: [500 /uL]}
activities:
  blood: {label: Blood count, collects: [cells, anc, bilirubin, wbc, share]}
  entry: {label: Entry, collects: [age, disease, prior, pregnant, surgery]}
  decision: {label: Dose decision, collects: [dose, adverse events, medication]}
eligibility:
  inclusion:
    - id: I1
      text: HES or CEL, as the investigator judges
      when: disease in {HES, CEL}
      attested: the diagnosis is certain
    - id: I2
      text: older than 15 years
      when: age > 15 a
  exclusion:
    - id: E1
      text: younger than 15 years
      when: age < 15 a
    - id: E2
      text: pregnancy
      when: pregnant
consent:
  rules:
    - when: age < 18 a
      by: [parents or guardian]
      assent: true
    - otherwise: true
      by: [participant]
  reconsent_at: 18 a
arms:
  only: {label: Only, receives: [drug]}
schedule:
  epochs: [screening, treatment, follow_up]
  encounters:
    - {id: screening, epoch: screening, at: day -28 .. -1, do: [entry, blood]}
    - {id: first_dose, epoch: treatment, at: day 1, do: [blood, decision]}
    - id: week
      epoch: treatment
      every: 7 d
      first: day 8
      last: day 78
      window: -1 d .. +2 d
      do: [blood, decision]
    - {id: end, epoch: treatment, at: day 85, window: -1 d .. +7 d, do: [blood]}
    - id: early
      epoch: follow_up
      at: weeks 2, 4 after treatment stop
      window: ±3 d
      do: [blood]
    - id: late
      epoch: follow_up
      at: month 6 after treatment stop
      window: ±14 d
      do: [blood]
  unscheduled: {do: [blood, decision]}
medications:
  steroid: {label: steroid}
  rescue: {label: rescue}
responses:
  main:
    label: main response
    confirm: {apart: 7 d}
    not_assessable: new or increased steroid within 7 d
    categories:
      - {id: complete, when: cells <= target}
      - {id: partial, when: cells <= 0.5 * baseline cells}
      - {id: none, otherwise: true}
states:
  relapse:
    label: relapse
    after: main complete
    when: cells >= 5 10*9/L
    confirm: {apart: 7 d}
    or: rescue
dosing:
  drug:
    levels: 100, 200, 300, 400 mg/d
    start: 100 mg/d on day 1
    course: 12 weeks from first dose
    rules:
      - id: low
        when: anc < 1.0 10*9/L
        then: hold
        until: anc >= 1.5 10*9/L
        resume:
          - {when: recurrence of low = 0, to: same}
          - {when: level = 400 mg/d, to: 300 mg/d}
      - id: toxic
        when: bilirubin > 3 uln or related adverse event grade >= 3
        then: hold
        until: resolved
        resume: lower
        at_lowest: stop
      - id: grave
        when: related adverse event grade >= 4
        then: stop
      - id: careful
        when: an input of a hold rule is missing or older than 3 d
        then: no increase, measure the inputs
      - id: escalate
        when: response < complete and at least 7 d since last increase
        then: may next level
      - {id: continue, otherwise: true, then: same level}
    guarantees:
      - {id: ceiling, always: dose <= 400 mg/d}
      - {id: course, never: dose > 0 mg/d beyond day 84}
      - {id: caution, never: increase while held}
      - {id: blind, never: increase with an input of a hold rule unknown}
      - {id: pace, never: two increases within 7 d}
adverse_events:
  grading: CTCAE
  version: "5.0"
  special_interest:
    cardiac: {label: cardiac, terms: [Heart failure]}
  reporting:
    - {id: serious, label: serious, when: serious adverse event, within: 24 h}
populations:
  treated: {label: Treated, text: took a dose, when: dose > 0 mg/d}
objectives:
  - {id: activity, rank: primary, text: activity, endpoints: [complete_by_12]}
endpoints:
  complete_by_12:
    label: Complete response by week 12
    measure: response
    response: main
    category: complete
    by: week 12
    population: treated
sample_size: {planned: 3, justification: none stated}
acknowledged:
  - {code: TW-P014, reason: the gap at age 15 is what the tests are about}
"""
FIRST_DOSE_ON = date(2020, 2, 3)
LIMITS: Any = {"bilirubin": ["0", "20"]}
SPONSOR = Actor("sponsor", "sponsor")
DOCTOR = Actor("doctor", "investigator", "S1")


def edited(old: str, new: str, text: str = TINY) -> str:
    """Replace a piece of the text that stands in it exactly once."""
    assert text.count(old) == 1, f"{text.count(old)} × {old!r}"
    return text.replace(old, new)


def findings_of(text: str | bytes) -> tuple[Finding, ...]:
    return parse_protocol(text, "tiny.yaml").findings


def codes_of(text: str | bytes) -> list[str]:
    return [finding.code for finding in findings_of(text)]


@lru_cache(maxsize=64)
def tiny(text: str = TINY) -> Protocol:
    reading = parse_protocol(text, "tiny.yaml")
    assert reading.protocol is not None, [
        f"{found.place} {found.code} {found.title} {found.detail}" for found in reading.findings
    ]
    return reading.protocol


def on_day(day: int) -> date:
    """The date of a study day (there is no day 0)."""
    return FIRST_DOSE_ON + timedelta(days=day - 1 if day > 0 else day)


def at_noon(on: date) -> datetime:
    return datetime.combine(on, time(12), UTC)


class Script:
    """A trial under the tiny protocol, opened, with the commands of one site; each under a key of its own."""

    def __init__(self, text: str = TINY, shelf: Shelf | None = None) -> None:
        opened = on_day(-60)
        opening = asked.OpenTrial(study="tiny-simulated", title="Tiny (simulated)", simulated=True, sites=("S1", "S2"), on=opened)
        self.shelf = shelf or MemoryShelf()
        self.trial = Trial.begin(self.shelf, tiny(text), opening, SPONSOR, at_noon(opened), seeded_salts(b"tiny"))
        self._keys = count(1)

    def do(self, command: Any, actor: Actor = DOCTOR, at: datetime | None = None, key: str = "") -> Outcome:
        return self.trial.submit(command, actor=actor, at=at or at_noon(command.on), key=key or f"k{next(self._keys)}")

    def refused(self, command: Any, actor: Actor = DOCTOR, at: datetime | None = None) -> list[str]:
        """Give a command that must be refused; return the codes, having seen that nothing was written."""
        before, state = self.trial.head, self.trial.state
        try:
            self.do(command, actor, at)
        except Refused as refused:
            assert self.trial.head == before
            assert self.trial.state == state
            return [finding.code for finding in refused.findings]
        raise AssertionError(f"{command!r} was not refused")

    def person(self, who: str = "P1") -> ParticipantState:
        return self.trial.state.participants[who]

    def register(self, who: str = "P1", day: int = -14) -> None:
        self.do(asked.RegisterCandidate(participant=who, on=on_day(day), site="S1"))

    def consent(self, who: str = "P1", day: int = -14, by: tuple[str, ...] = ("participant",), assent: bool = False) -> None:
        self.do(asked.RecordConsent(participant=who, on=on_day(day), by=by, assent=assent))

    def visit(self, day: int, encounter: str = "unscheduled", occurrence: int = 1, who: str = "P1", **values: Any) -> Outcome:
        command = asked.RecordVisit(
            participant=who, on=on_day(day), encounter=encounter, occurrence=occurrence, values=values,
            limits={name: limits for name, limits in LIMITS.items() if name in values},
        )  # fmt: skip
        return self.do(command)

    def screen(self, who: str = "P1", **values: Any) -> None:
        entry: dict[str, Any] = {"age": "40", "disease": "HES", "prior": (), "pregnant": False}
        self.visit(-13, "screening", who=who, **{**entry, **bloods(), **values})

    def attest(self, who: str = "P1", holds: bool = True) -> None:
        self.do(asked.AttestCriterion(participant=who, on=on_day(-12), criterion="I1", holds=holds))

    def enrol(self, who: str = "P1") -> None:
        """Register, consent, screen, attest, enrol."""
        self.register(who)
        self.consent(who)
        self.screen(who)
        self.attest(who)
        self.do(asked.EnrolParticipant(participant=who, on=on_day(-7)))

    def dose(self, day: int, dose: str, who: str = "P1", reason: str = "") -> Outcome:
        """Prescribe and record a dose from a day on; return what prescribing did."""
        found = self.do(asked.PrescribeDose(participant=who, on=on_day(day), dose=dose, reason=reason))
        self.do(asked.RecordDose(participant=who, on=on_day(day), dose=dose))
        return found

    def treat(self, who: str = "P1") -> None:
        """Enrol and start at 100 mg/d on day 1."""
        self.enrol(who)
        self.visit(1, "first_dose", who=who, **bloods())
        self.dose(1, "100", who)

    def report(self, day: int, term: str = "Rash", grade: int = 2, who: str = "P1", **more: Any) -> Outcome:
        fields = {"serious": False, "related": True, "expected": True, "aware_on": on_day(day), **more}
        command = asked.ReportAdverseEvent(participant=who, on=on_day(day), term=term, grade=grade, **fields)
        return self.do(command, at=at_noon(command.aware_on))


def bloods(cells: str = "12", **other: str) -> dict[str, str]:
    """A visit's blood values with nothing that a hold rule minds."""
    return {"cells": cells, "anc": "4.1", "bilirubin": "10", **other}
