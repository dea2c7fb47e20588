"""Assesses a response on a day: the first category that holds, unless a better one cannot be ruled out. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from trialwright.engine.digests import inputs_digest, references
from trialwright.engine.gather import Standpoint, gather
from trialwright.engine.policy import FALSE, TRUE, UNKNOWN
from trialwright.engine.readings import Readings
from trialwright.engine.state import ResponseFact
from trialwright.protocol.expressions import Expression, Input, Values, evaluate, explain, missing_inputs, truth
from trialwright.protocol.study import CompiledResponse, CompiledState


@dataclass(frozen=True, slots=True)
class Assessment:
    """A response on a day. ``category`` "" where not assessable or not known; ``because`` says why in plain words."""

    response: str
    on: date
    category: str
    assessable: bool
    confirmed: bool
    because: str
    missing: tuple[Input, ...]
    references: tuple[int, ...]
    inputs_digest: str


@dataclass(frozen=True, slots=True)
class _Judged:
    truth: int
    sentence: str
    missing: tuple[Input, ...]
    values: dict[Input, Values]
    references: tuple[int, ...]


def judge(expression: Expression, at: Standpoint, explained: bool = True) -> _Judged:
    """Evaluate one expression from a standpoint: its truth, why, what is missing, and the entries it rests on.

    Without ``explained`` the sentence is left empty, which halves the time.
    """
    values, facts = gather(expression.inputs, at)
    verdict = int(truth(evaluate(expression, values)))
    missing = missing_inputs(expression, values) if verdict == UNKNOWN else ()
    sentence = explain(expression, values, facts, at.protocol.scope).sentence if explained else ""
    return _Judged(verdict, sentence, missing, values, references(facts.values()))


def assess(response: CompiledResponse, at: Standpoint, explained: bool = True) -> Assessment:
    """Return the response category on the standpoint's day.

    An unknown category above the first true one makes the response unknown, never worse. Without ``explained``, ``because``
    says nothing of use.
    """
    judged: list[_Judged] = []
    if response.not_assessable is not None:
        barrier = judge(response.not_assessable, at, explained)
        judged.append(barrier)
        if barrier.truth != FALSE:
            reason = f"not assessable: {barrier.sentence}" if barrier.truth == TRUE else barrier.sentence
            return _assessment(response, at, "", barrier.truth != TRUE, reason, judged)
    against: list[str] = []
    for category in response.categories:
        if category.when is None:
            return _assessment(response, at, category.id, True, "; ".join(against), judged)
        found = judge(category.when, at, explained)
        judged.append(found)
        if found.truth == TRUE:
            reason = found.sentence + (f", but {'; '.join(against)}" if against else "")
            return _assessment(response, at, category.id, True, reason, judged)
        if found.truth == UNKNOWN:
            return _assessment(response, at, "", True, found.sentence, judged)
        against.append(found.sentence)
    return _assessment(response, at, "", True, "no category applies", judged)


def _assessment(
    response: CompiledResponse, at: Standpoint, category: str, assessable: bool, because: str, judged: list[_Judged]
) -> Assessment:
    values: dict[Input, Values] = {}
    for one in judged:
        values.update(one.values)
    behind = tuple(sorted({entry for one in judged for entry in one.references}))
    missing = judged[-1].missing if judged and not category else ()
    defined = any(one.id == category and one.when is not None for one in response.categories)
    confirmed = defined and _confirmed(response, category, at)
    return Assessment(response.id, at.on, category, assessable, confirmed, because, missing, behind, inputs_digest(values))


def _confirmed(response: CompiledResponse, category: str, at: Standpoint) -> bool:
    """Whether the category was seen at least so many days before, and at every assessment since.

    What is left over (an `otherwise` category) is never asked: nobody confirms that there was no response.
    """
    if response.confirm_days is None:
        return True
    latest = at.on - timedelta(days=response.confirm_days)
    earlier = [one for one in at.person.responses if one.response == response.id and one.on < at.on]
    for one in reversed(_one_a_day(earlier)):
        if one.category != category:
            return False
        if one.on <= latest:
            return True
    return False


def _one_a_day(facts: list[ResponseFact]) -> list[ResponseFact]:
    """Keep the last assessment of each day."""
    return list({one.on: one for one in facts}.values())


def assess_all(at: Standpoint, explained: bool = True) -> dict[str, Assessment]:
    """Assess every response of the protocol and note the categories for the expressions that read them."""
    found = {}
    for name, response in at.protocol.responses.items():
        found[name] = assess(response, at, explained)
        at.current_response[name] = (found[name].category, found[name].references)
    return found


def reached(state: CompiledState, at: Standpoint, explained: bool = True) -> tuple[bool, str, tuple[int, ...], str]:
    """Whether a derived state is reached on the day, with why (where ``explained``), the entries behind and their digest."""
    if any(one.summary == state.id for one in at.person.states):
        return False, "", (), ""
    if state.after is not None:
        response, category = state.after
        responders = [one for one in at.person.responses if one.response == response and one.category == category]
        if not any(one.on < at.on for one in responders):
            return False, "", (), ""
    started = [one for one in at.person.medications if one.group == state.or_medication and one.on == at.on]
    if state.or_medication and started:
        return True, f"{started[0].name} was started", started[0].entries, inputs_digest({})
    if state.when is None:
        return False, "", (), ""
    found = judge(state.when, at, explained)
    if found.truth != TRUE or not _seen_before(state, at):
        return False, "", (), ""
    return True, found.sentence, found.references, inputs_digest(found.values)


def _seen_before(state: CompiledState, at: Standpoint) -> bool:
    """Whether the condition held already so many days ago, and at every visit since (where confirmation is asked)."""
    if state.confirm_days is None or state.when is None:
        return True
    latest = at.on - timedelta(days=state.confirm_days)
    visits = sorted({visit.on for visit in at.person.visits if visit.held and visit.on < at.on}, reverse=True)
    for on in visits:
        readings = Readings(at.protocol, at.person, on, derived=at.readings.derived)
        then = judge(state.when, Standpoint(at.protocol, at.person, on, readings, at.intervention), explained=False)
        if then.truth == UNKNOWN:
            continue
        if then.truth == FALSE:
            return False
        if on <= latest:
            return True
    return False
