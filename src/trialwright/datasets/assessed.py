"""Responses and derived states as the data stand now, beside what was recorded when they were decided.

The analysis reads current data: where a value that an assessment rests on was corrected (or entered late), the engine
assesses that participant anew, under the same protocol; the log keeps the decision. It has no rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from trialwright.datasets.columns import about
from trialwright.datasets.followed import Followed
from trialwright.engine.policy import FALSE, TRUE
from trialwright.engine.response import Assessment, assess, judge, reached
from trialwright.engine.state import ParticipantState, ResponseFact, changed_decisions
from trialwright.protocol.study import CompiledResponse, CompiledState


@dataclass(frozen=True, slots=True)
class AssessmentRow:
    """One response on one day."""

    participant: str = field(metadata=about("Participant", "pseudonym in the log"))
    response: str = field(metadata=about("Response", "identifier in the protocol"))
    on: date = field(metadata=about("Date", "date of the visit"))
    day: int | None = field(metadata=about("Study day", "days from the first dose, which is day 1; no day 0"))
    category: str = field(metadata=about("Category", "by the engine from current data; empty: not assessable or not known"))
    assessable: bool = field(metadata=about("Assessable", "False where the protocol bars the assessment"))
    confirmed: bool = field(metadata=about("Confirmed", "seen at least as long before as the protocol asks, and ever since"))
    recorded_category: str = field(metadata=about("Category as recorded", "ResponseAssessed in the log"))
    recorded_confirmed: bool = field(metadata=about("Confirmed as recorded", "ResponseAssessed in the log"))
    reassessed: bool = field(metadata=about("Assessed anew", "True where data behind this participant's record changed since"))
    entries: tuple[int, ...] = field(metadata=about("Log entries", "the assessment and the values that it rests on"))


@dataclass(frozen=True, slots=True)
class StateRow:
    """A derived state that was reached, such as relapse."""

    participant: str = field(metadata=about("Participant", "pseudonym in the log"))
    state: str = field(metadata=about("State", "identifier in the protocol"))
    on: date = field(metadata=about("First seen", "first visit of the run of visits that established the state"))
    day: int | None = field(metadata=about("Study day", "of the first visit that showed it"))
    established_on: date = field(metadata=about("Established", "the visit that confirmed it, or the start of the medication"))
    last_clear_on: date | None = field(metadata=about("Last clear", "last visit before that did not show it"))
    rederived: bool = field(metadata=about("Derived anew", "True where data behind this participant's record changed since"))
    entries: tuple[int, ...] = field(metadata=about("Log entries", "the decision and the values that it rests on"))


def assessments(followed: Followed, response: str, anew: bool = False) -> tuple[AssessmentRow, ...]:
    """Return the assessments of one response, one a day, in order of date.

    Args:
        followed: Of whom.
        response: Which, by its name in the protocol.
        anew: Assess with the engine even where nothing changed (for another version of the protocol).
    """
    key = f"assessments {response} {anew}"
    found = followed.kept.get(key)
    if not isinstance(found, tuple):
        found = tuple(_assessed(followed, response, anew))
        followed.kept[key] = found
    return found


def _assessed(followed: Followed, response: str, anew: bool) -> Iterator[AssessmentRow]:
    facts = _one_a_day(followed.person, response)
    changed = is_changed(followed, response)
    if not (anew or changed):
        for fact in facts:
            yield _row(followed, fact, fact, changed)
        return
    compiled = followed.protocol.responses[response]
    others = tuple(one for one in followed.person.responses if one.response != response)
    own: tuple[ResponseFact, ...] = ()
    for fact in facts:
        person = _as_known(replace(followed.person, responses=(*others, *own)), fact)
        now = _as_fact(assess(compiled, followed.seen_on(fact.on, person), explained=False), fact)
        own = (*own, now)
        yield _row(followed, fact, now, changed)


def is_changed(followed: Followed, response: str) -> bool:
    """Whether data behind a participant's recorded assessments were corrected, or entered late, since."""
    person = followed.person
    if any(one.decision.kind == "response" and one.decision.rule == response for one in changed_decisions(person)):
        return True
    facts = [one for one in person.responses if one.response == response]
    late = [(one.on, one.entry) for one in person.medications if one.change != "stable"]
    late += [(seen.on, seen.entry) for name in _read(followed, response) for seen in person.observations.get(name, ())]
    return any(on < fact.on and entry > fact.entry for on, entry in late for fact in facts)


def _read(followed: Followed, response: str) -> set[str]:
    """Recorded variables that a response reads, those behind derived ones included."""
    names = variables_of(followed.protocol.responses[response])
    for derived, expression in reversed(list(followed.protocol.derivations.items())):
        if derived in names:
            names |= {getattr(given, "variable", "") for given in expression.inputs}
    return names


def variables_of(compiled: CompiledResponse | CompiledState) -> set[str]:
    """Variables that a response or a state reads."""
    parts = (compiled,) if isinstance(compiled, CompiledState) else compiled.categories
    expressions = [one.when for one in parts]
    inputs = [given for one in expressions if one is not None for given in one.inputs]
    return {getattr(given, "variable", "") for given in inputs} - {""}


def _one_a_day(person: ParticipantState, response: str) -> list[ResponseFact]:
    own = {one.on: one for one in person.responses if one.response == response}
    return [own[on] for on in sorted(own)]


def _as_known(person: ParticipantState, fact: ResponseFact) -> ParticipantState:
    """Leave out medication that was started on the day, after the assessment: the count was taken before it."""
    kept = tuple(one for one in person.medications if not (one.on == fact.on and one.entry > fact.entry))
    return person if len(kept) == len(person.medications) else replace(person, medications=kept)


def _as_fact(found: Assessment, fact: ResponseFact) -> ResponseFact:
    return replace(
        fact,
        category=found.category,
        assessable=found.assessable,
        confirmed=found.confirmed,
        references=found.references,
    )


def _row(followed: Followed, recorded: ResponseFact, now: ResponseFact, changed: bool) -> AssessmentRow:
    return AssessmentRow(
        followed.id,
        recorded.response,
        recorded.on,
        followed.day(recorded.on),
        now.category,
        now.assessable,
        now.confirmed,
        recorded.category,
        recorded.confirmed,
        changed,
        tuple(sorted({recorded.entry, *now.references})),
    )


@dataclass(frozen=True, slots=True)
class Reached:
    """A response category that was reached: when it was first seen, and when it was confirmed (None: it was not)."""

    on: date
    confirmed_on: date | None
    entries: tuple[int, ...]


def first_reached(followed: Followed, response: str, category: str, confirmed: bool, anew: bool = False) -> Reached | None:
    """Return when a category (or a better one) was first reached.

    With ``confirmed``, only a run of assessments that the engine calls confirmed counts; it begins where it was first seen.
    """
    names = [one.id for one in followed.protocol.responses[response].categories]
    good = set(names[: names.index(category) + 1])
    run: list[AssessmentRow] = []
    for row in assessments(followed, response, anew):
        if row.category not in good:
            run = []
            continue
        run.append(row)
        if row.confirmed or not confirmed:
            entries = tuple(sorted({entry for one in run for entry in one.entries}))
            return Reached(run[0].on, row.on if row.confirmed else None, entries)
    return None


def states_reached(followed: Followed) -> tuple[StateRow, ...]:
    """Return the derived states that a participant reached, as the data stand now."""
    found = followed.kept.get("states")
    if not isinstance(found, tuple):
        found = tuple(_states(followed))
        followed.kept["states"] = found
    return found


def _states(followed: Followed) -> Iterator[StateRow]:
    person = followed.person
    changed = any(one.decision.kind == "state" for one in changed_decisions(person))
    changed = changed or any(is_changed(followed, name) for name in followed.protocol.responses)
    if not changed:
        for one in person.states:
            if one.summary in followed.protocol.states:
                yield _state_row(followed, one.summary, one.on, (one.entry, *one.references), False)
        return
    known = replace(person, states=(), responses=_current_facts(followed))
    for name, compiled in followed.protocol.states.items():
        for on in _days_of(followed, compiled):
            happened, _, behind, _ = reached(compiled, followed.seen_on(on, known))
            if happened:
                yield _state_row(followed, name, on, behind, True)
                break


def _current_facts(followed: Followed) -> tuple[ResponseFact, ...]:
    facts = []
    for name in followed.protocol.responses:
        recorded = _one_a_day(followed.person, name)
        for row, fact in zip(assessments(followed, name), recorded, strict=True):
            facts.append(replace(fact, category=row.category, assessable=row.assessable, confirmed=row.confirmed))
    return tuple(sorted(facts, key=lambda one: (one.on, one.entry)))


def _days_of(followed: Followed, compiled: CompiledState) -> list[date]:
    """Days on which the state could have been noticed: its values were seen, or its medication began."""
    first = followed.person.first_dose_on
    seen = set(followed.observed_on(variables_of(compiled)))
    seen |= {one.on for one in followed.person.medications if one.group == compiled.or_medication}
    return sorted(day for day in seen if first is not None and day > first)


def _state_row(followed: Followed, name: str, on: date, behind: tuple[int, ...], rederived: bool) -> StateRow:
    compiled = followed.protocol.states[name]
    first_seen, last_clear = on, None
    started = any(one.group == compiled.or_medication and one.on == on for one in followed.person.medications)
    for day in reversed([day for day in _days_of(followed, compiled) if day <= on]):
        if compiled.when is None or (started and day == on):
            continue
        found = judge(compiled.when, followed.seen_on(day), explained=False)
        if found.truth == FALSE or started:
            last_clear = day
            break
        if found.truth == TRUE:
            first_seen = day
            behind = (*behind, *found.references)
    entries = tuple(sorted(set(behind)))
    return StateRow(followed.id, name, first_seen, followed.day(first_seen), on, last_clear, rederived, entries)
