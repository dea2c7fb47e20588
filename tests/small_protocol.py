"""A small made-up protocol with every part that `check` reads, for tests that read thousands of variants of it."""

from __future__ import annotations

SMALL = """\
trialwright: 1
study:
  id: small-1
  brief_title: A made-up study of a made-up drug
  identifiers: {organization: SMALL-1}
  sponsor: {name: Nobody}
  summary: Made up for tests.
  conditions: [Anaemia]
  study_type: interventional
  phase: 2
  design: {allocation: not applicable, model: single group, purpose: treatment, masking: none}
  enrollment: {count: 20, type: actual}
  status: {overall: completed, start: 2020-01, first_submitted: 2019-12-01}
  arms:
    - {id: drug, label: Drug, type: experimental, description: Drug 10 mg/d for 3 weeks, interventions: [drug]}
  interventions:
    - {id: drug, name: Drug, type: drug}
  outcomes:
    primary:
      - {measure: Response, time_frame: 3 weeks}
  eligibility: {text: "Inclusion: age >= 18 years", sex: all, minimum_age: 18 Years}
codes:
  symptom: {none: None, some: Some}
variables:
  age: {label: Age, type: quantity, unit: a, plausible: 0 .. 110, rounding: completed}
  anc: {label: ANC, type: quantity, unit: 10*9/L, plausible: 0 .. 200, precision: 0.1, valid_for: 3 d}
  hb: {label: Haemoglobin, type: quantity, unit: g/L, plausible: 20 .. 250, precision: 1}
  symptoms: {label: Symptoms, type: code, codes: symptom}
activities:
  blood: {label: Blood count, collects: [anc, hb]}
  history: {label: History, collects: [age, symptoms]}
  consent: {label: Consent, collects: [consent]}
  events: {label: Adverse events, collects: [adverse events]}
  dosing: {label: Dose decision, collects: [dose]}
eligibility:
  inclusion:
    - {id: I1, text: age >= 18 years, when: age >= 18 a}
  exclusion:
    - {id: E1, text: haemoglobin < 60 g/L, when: hb < 60 g/L}
consent:
  rules:
    - {otherwise: true, by: [participant]}
arms:
  drug: {label: Drug, receives: [drug]}
schedule:
  epochs: [screening, treatment]
  encounters:
    - {id: screening, epoch: screening, at: day -14 .. -1, do: [consent, history, blood]}
    - {id: week, epoch: treatment, every: 7 d, first: day 1, last: day 22, window: ±2 d, do: [blood, history, events, dosing]}
responses:
  haematological:
    label: Response
    categories:
      - {id: complete, when: hb >= 120 g/L}
      - {id: none, otherwise: true}
dosing:
  drug:
    levels: 10, 20 mg/d
    start: 10 mg/d on day 1
    course: 3 weeks from first dose
    rules:
      - id: low
        when: anc < 1.0 10*9/L or related adverse event grade >= 3
        then: hold
        until: anc >= 1.5 10*9/L and no unresolved related adverse event grade >= 3
        resume: same
      - id: unsafe
        when: an input of a hold rule is missing
        then: no increase, measure the inputs
      - id: more
        when: response < complete and at least 7 d since last increase
        then: next level
      - id: stay
        otherwise: true
        then: same level
    guarantees:
      - {id: ceiling, always: dose <= 20 mg/d}
      - {id: pace, never: two increases within 7 d}
      - {id: end, never: dose > 0 mg/d beyond day 21}
adverse_events: {grading: CTCAE, version: "5.0"}
populations:
  treated: {label: Treated, text: took one dose}
objectives:
  - {id: activity, rank: primary, text: activity, endpoints: [response]}
endpoints:
  response:
    label: Response by week 3
    outcome: Response
    measure: response
    response: haematological
    category: complete
    by: week 3
    population: treated
    summary: proportion
    interval: clopper-pearson 95 %
sample_size: {planned: 20, justification: "feasibility", p0: "0.1", p1: "0.4"}
"""
