"""The small languages inside single values of a protocol file: each form beside what its reader makes of it.

The second column is computed by the reader itself, so the reference cannot say anything else.
"""

from __future__ import annotations

from collections.abc import Callable

from trialwright.datasets.plan import NotCarriedOut, read_targets, target_words
from trialwright.protocol import Protocol, parse_protocol
from trialwright.protocol.quantities import QuantityError, read_levels, read_quantity, read_range
from trialwright.protocol.timing import Moment, Offset, TimingError, read_duration, read_moments, read_window

DURATIONS = ("7 d", "12 weeks", "2 wk", "3 mo", "2 years", "1 a", "-3 d", "24 h", "7")
TIMES = (
    "day 8",
    "day -28 .. -1",
    "days 2, 4",
    "week 2",
    "week 3 .. 4",
    "month 6",
    "day 8 after consent",
    "weeks 2, 4 after treatment stop",
    "month 6 after treatment stop",
    "2 weeks before enrolment",
    "30 d after last dose",
    "12 weeks from first dose",
    "day 0",
    "30 d",
)
WINDOWS = ("±3 d", "+/-3 d", "±1 week", "-1 d .. +2 d", "0 d .. +7 d", "3 d", "-1 .. 2")
AMOUNTS = ("0.5 10*9/L", "500 /uL", "1000 mg", "18 a", "0.05", "1,5 g", "5 furlongs")
RANGES = ("0 .. 500", "-2.5 .. 4", "500 .. 0")
LEVELS = ("100, 200, 300, 400 mg/d", "0.5, 1 mg/kg", "10 .. 16 by 2 U/d", "400, 200 mg/d")
STARTS = ("100 mg/d on day 1", "0.1 g/d on day 1", "150 mg/d on day 1", "100 mg/d")
COURSES = ("12 weeks from first dose", "84 d from first dose", "12 weeks from enrolment", "12 weeks")
ACTIONS = (
    "hold",
    "delay",
    "stop",
    "next level",
    "may next level",
    "raise 2 levels",
    "lower level",
    "level 300 mg/d",
    "same level",
    "no increase",
    "no increase, measure the inputs",
    "double the dose",
)
RESUMPTIONS = ("same", "lower", "300 mg/d", "level 300 mg/d", "350 mg/d")
UNTILS = ("aec >= 1 10*9/L", "resolved")
EVENTS = (
    "response haematological complete",
    "state relapse",
    "death",
    "withdrawal",
    "treatment stop",
    "steroid",
    "state relapse or death",
    "progression",
)

_PROTOCOL = """\
trialwright: 1
study:
  id: forms
  brief_title: Forms
  identifiers: {organization: FORMS}
  sponsor: {name: Nobody}
  summary: For the reference.
  conditions: [None]
  study_type: interventional
  design: {}
  status: {overall: unknown}
  eligibility: {text: Anybody}
  interventions:
    - {id: drug, name: Drug, type: drug}
variables:
  aec: {label: AEC, type: quantity, unit: 10*9/L}
medications:
  steroid: {label: corticosteroid}
responses:
  haematological:
    label: haematological response
    categories:
      - {id: complete, when: aec <= 0.5 10*9/L}
      - {id: none, otherwise: true}
states:
  relapse: {label: relapse, when: aec >= 1.5 10*9/L}
dosing:
  drug:
    levels: 100, 200, 300, 400 mg/d
    start: START
    course: COURSE
    rules:
      - id: toxicity
        when: cardiac event
        then: hold
        until: UNTIL
        resume: RESUME
      - id: rule
        otherwise: true
        then: THEN
adverse_events:
  grading: CTCAE
  version: "5.0"
  special_interest:
    cardiac: {label: cardiac, terms: [Heart failure]}
"""
_LEAVING = "\n        until: aec >= 1 10*9/L\n        resume: same"
_USUAL = {"START": "100 mg/d on day 1", "COURSE": "12 weeks from first dose", "THEN": "same level", "UNTIL": "resolved"}


def compiled(**changed: str) -> Protocol | str:
    """Compile a small protocol with one value changed; where it cannot be read, return why."""
    text = _PROTOCOL
    for name, value in {**_USUAL, "RESUME": "same", **changed}.items():
        text = text.replace(f": {name}\n", f": {value}\n")
    reading = parse_protocol(text, "forms.yaml")
    return reading.protocol or f"{reading.findings[0].title}: {reading.findings[0].detail}"


def duration(text: str) -> str:
    return _offset(read_duration(text))


def _offset(offset: Offset) -> str:
    unit = {"d": "day", "mo": "calendar month"}[offset.unit]
    return f"{offset.count} {unit}{'' if offset.count == 1 else 's'}"


def times(text: str) -> str:
    return "; ".join(_moment(one) for one in read_moments(text))


def _moment(one: Moment) -> str:
    low, high = one.earliest, one.latest
    if one.study_day:
        return f"study day {low.count}" if low == high else f"study days {low.count} to {high.count}"
    side = "before" if high.count < 0 else "after"
    said = _offset(Offset(abs(low.count), low.unit))
    return f"{said if low == high else f'{said} to {_offset(high)}'} {side} {one.anchor}"


def window(text: str) -> str:
    found = read_window(text)
    return f"{_offset(Offset(found.before, 'd'))} early to {_offset(Offset(found.after, 'd'))} late"


def amount(text: str) -> str:
    found = read_quantity(text)
    return f"{found.amount}, {f'in {found.unit.code}' if found.unit else 'a plain number'}"


def plausible(text: str) -> str:
    low, high = read_range(text)
    return f"from {low} to {high}, both included, in the variable's unit"


def levels(text: str) -> str:
    found, unit, _ = read_levels(text)
    return f"{len(found)} levels in {unit.code}: {', '.join(map(str, found))}"


def start(text: str) -> str:
    found = compiled(START=text)
    if isinstance(found, str):
        return _refused(found)
    regimen = found.regimens["drug"]
    return f"level {regimen.start_index + 1} from study day {regimen.start_day} on"


def course(text: str) -> str:
    found = compiled(COURSE=text)
    if isinstance(found, str):
        return _refused(found)
    last = found.regimens["drug"].course
    return f"nothing is dispensed beyond study day {last.days}" if last else ""


_KINDS = {
    "hold": "0 until `until` holds",
    "stop": "stop for good",
    "raise": "one level up",
    "lower": "one level down; at the lowest, what `at_lowest` says",
    "same": "the same level",
    "no increase": "the same level: an increase is barred",
}


def action(text: str) -> str:
    found = compiled(THEN=f"{text}{_LEAVING if text in ('hold', 'delay') else ''}")
    if isinstance(found, str):
        return _refused(found)
    act = found.regimens["drug"].rules[1].action
    said = f"level {(act.level_index or 0) + 1}" if act.kind == "level" else _KINDS[act.kind]
    if act.steps > 1:
        said = said.replace("one level", f"{act.steps} levels, as far as there are any,")
    if act.optional:
        said += ", permitted and not asked for"
    return said + (", and say what to measure" if act.measure else "")


def resumption(text: str) -> str:
    found = compiled(RESUME=text)
    if isinstance(found, str):
        return _refused(found)
    to = found.regimens["drug"].rules[0].resume[0]
    level = f"level {(to.level_index or 0) + 1}, or the level before the hold where that is lower"
    return {"same": "the level before the hold", "lower": "one level lower than before the hold", "level": level}[to.to]


def until(text: str) -> str:
    found = compiled(UNTIL=text)
    if isinstance(found, str):
        return _refused(found)
    read = found.regimens["drug"].rules[0].until
    assert read is not None
    if read.text == "resolved":
        return "the rule's own `when` no longer holds; its adverse events count until they are resolved"
    return "the expression is true"


def event(text: str) -> str:
    found = compiled()
    assert isinstance(found, Protocol), found
    return " or ".join(target_words(one, found) for one in read_targets(text, found)) + ", whichever comes first" * (
        " or " in text
    )


def _refused(why: str) -> str:
    return f"*not read:* {why.rstrip('.')}"


def meaning(reader: Callable[[str], str], text: str) -> str:
    """Return what a reader makes of a form; a form that it refuses says why."""
    try:
        return reader(text)
    except (TimingError, QuantityError, NotCarriedOut) as error:
        return _refused(str(error))


FORMS: dict[str, tuple[str, Callable[[str], str], tuple[str, ...]]] = {
    "Times": (
        "Where a visit is due, or an endpoint ends: `at`, `first`, `last`, `until`, `by`. Without a milestone a time counts from "
        "the first dose: the day of the first dose is study day 1, the day before it is day -1, and there is no day 0. Week *n* "
        "without a milestone is the span of days 7*n*-6 to 7*n*. With a milestone, a time is a distance from it. Milestones are "
        "`first dose`, `last dose`, `treatment stop`, `consent`, `enrolment`, `randomisation` and `first response`.",
        times,
        TIMES,
    ),
    "Durations": (
        "A distance in time: `every`, `apart`, `valid_for`. Months and years are counted by the calendar. "
        "`within` of a reporting clock takes hours as well: `24 h`.",
        duration,
        DURATIONS,
    ),
    "Windows": ("How early and how late a visit may be; both ends belong to it.", window, WINDOWS),
    "Amounts": (
        "A number and its UCUM unit: `value`, `sensitivity`, `cap`, `reconsent_at`. A decimal point, and no thousands mark.",
        amount,
        AMOUNTS,
    ),
    "Ranges": ("`plausible`: a value outside is recorded as given, with a warning (TW-C020).", plausible, RANGES),
    "Dose levels": ("`levels`, rising, with one unit behind the last.", levels, LEVELS),
    "Start": ("`start`, where the levels are 100, 200, 300, 400 mg/d.", start, STARTS),
    "Course": ("`course`, always counted from the first dose.", course, COURSES),
    "Actions": (
        "`then` of a rule, where the levels are 100, 200, 300, 400 mg/d. `may` before it permits and does not ask: not raising "
        "is no deviation then.",
        action,
        ACTIONS,
    ),
    "Leaving a hold": ("`until` of a rule that holds.", until, UNTILS),
    "Where a hold resumes": (
        "`resume` of a rule that holds: one of these, or a list of `{when: …, to: …}` of which the first that holds applies.",
        resumption,
        RESUMPTIONS,
    ),
    "Events that endpoints wait for": (
        "`to` and `competing` of an endpoint. The analysis reads them: an event that it does not know is no fault of the file, "
        "and the report says that the endpoint was not carried out.",
        event,
        EVENTS,
    ),
}


def table(title: str) -> str:
    """Return one section: its paragraph, and each form with its meaning."""
    paragraph, reader, forms = FORMS[title]
    rows = [f"| `{form}` | {meaning(reader, form).replace('|', '∣')} |" for form in forms]
    return "\n".join([f"### {title}\n", paragraph, "", "| written | read as |", "|---|---|", *rows, ""])
