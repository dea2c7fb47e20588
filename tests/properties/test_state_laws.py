"""Laws of events and state: what is written is read back; replay is the fold of apply; a prefix never changes."""

import copy
import json
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Literal, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trialwright.engine.apply import FOLDS, apply, replay
from trialwright.engine.state import TrialState, changed_decisions
from trialwright.events import AnyEvent, Occurred, UnknownEvent, decode, encode
from trialwright.events.catalogue import CriterionVerdict, ParticipantEvent
from trialwright.events.codec import KINDS

AT = datetime(2020, 1, 6, 9, tzinfo=UTC)
people = st.sampled_from(["P1", "P2", "P3"])
days = st.dates(date(2020, 1, 1), date(2020, 6, 30))
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
words = st.sampled_from(["cells", "anc", "drug", "week", "main", "complete", "relapse", "I1", "S1"])
amounts = st.decimals(0, 500, places=2).map(str)
entries = st.integers(0, 40)
BY_NAME: dict[str, st.SearchStrategy[Any]] = {
    "participant": people,
    "on": days,
    "aware_on": days,
    "variable": st.sampled_from(["cells", "anc"]),
    "intervention": st.sampled_from(["drug", "second"]),
    "response": st.just("main"),
    "encounter": st.sampled_from(["week", "unscheduled"]),
    "dose": st.sampled_from(["0", "100", "200.0", "12.5"]),
    "unit": st.sampled_from(["mg/d", "10*9/L"]),
    "answer": st.decimals(0, 1, places=4).map(str),
    "limit_low": st.none() | amounts,
    "limit_high": st.none() | amounts,
    "through": st.none() | days,
    "resolved_on": st.none() | days,
    "value": amounts | st.booleans() | st.lists(words, max_size=3, unique=True).map(tuple),
    "grade": st.integers(1, 5),
    "occurrence": st.integers(0, 12),
    "seed": st.none() | st.integers(-(2**53) + 1, 2**53 - 1),
    "advised": st.none() | entries,
    "verdicts": st.lists(
        st.builds(CriterionVerdict, criterion=words, verdict=st.sampled_from(["met", "unknown"])), max_size=3
    ).map(tuple),
}


def field_values(name: str, annotation: Any) -> st.SearchStrategy[Any]:
    if name in BY_NAME and (name, annotation) != ("seed", str):  # of an interim look: 64 bits, as text
        return BY_NAME[name]
    if get_origin(annotation) is Literal:
        return st.sampled_from(get_args(annotation))
    if annotation is bool:
        return st.booleans()
    if annotation is int:
        return entries
    if get_origin(annotation) is tuple:
        return st.lists(
            entries if get_args(annotation)[0] is not str and name in ("references", "refers") else words, max_size=3
        ).map(tuple)
    return names


@cache
def of_kind(kind: str) -> st.SearchStrategy[AnyEvent]:
    """Any event of a kind, its fields drawn from what may stand in them."""
    model = KINDS[kind]
    parts = {name: field_values(name, field.annotation) for name, field in model.model_fields.items()}
    return st.fixed_dictionaries(parts).map(lambda fields: model(**fields))  # type: ignore[return-value]  # KINDS holds events


def histories(longest: int = 25) -> st.SearchStrategy[list[Occurred]]:
    usual = st.sampled_from([*KINDS, *["ObservationRecorded", "ObservationCorrected", "DosePrescribed", "DoseAdministered"] * 4])
    events = st.lists(usual.flatmap(of_kind), max_size=longest)
    return events.map(lambda found: [Occurred(number, event, AT, "laws", "d") for number, event in enumerate(found)])


def of_kind_fields(event: AnyEvent) -> Any:
    kind, version, fields = encode(event)
    return kind, version, json.loads(json.dumps(fields))


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(data=st.data())
@settings(max_examples=25)
def test_what_is_written_of_an_event_is_read_back(kind: str, data: st.DataObject) -> None:
    event = data.draw(of_kind(kind))
    assert decode(*of_kind_fields(event)) == event


@pytest.mark.parametrize("kind", sorted(KINDS))
@given(data=st.data())
@settings(max_examples=15)
def test_a_field_that_is_broken_or_strange_is_refused_by_name(kind: str, data: st.DataObject) -> None:
    name, version, fields = of_kind_fields(data.draw(of_kind(kind)))
    field = data.draw(st.sampled_from(sorted(KINDS[kind].model_fields)))
    with pytest.raises(UnknownEvent, match=kind):
        decode(name, version, {**fields, field: {"not": "this"}})
    with pytest.raises(UnknownEvent, match="dosage"):
        decode(name, version, {**fields, "dosage": "1"})
    with pytest.raises(UnknownEvent, match="version"):
        decode(name, version + 1, fields)


def test_a_kind_that_there_is_not_is_refused() -> None:
    with pytest.raises(UnknownEvent, match="DoseGuessed"):
        decode("DoseGuessed", 1, {})


def test_every_event_about_a_participant_is_folded() -> None:
    assert set(FOLDS) == {kind for kind in KINDS.values() if issubclass(kind, ParticipantEvent)}


@given(histories())
def test_replay_is_the_fold_of_apply(history: list[Occurred]) -> None:
    state = TrialState()
    for fact in history:
        state = apply(state, fact)
    assert replay(history) == state
    assert state.applied == len(history)


@given(histories(), st.integers(0, 25))
def test_replay_may_stop_anywhere_and_go_on(history: list[Occurred], where: int) -> None:
    first = replay(history[:where])
    kept = copy.deepcopy(first)
    assert replay(history[where:], first) == replay(history)
    assert first == kept, "a prefix never changes"


@given(histories())
def test_what_happens_to_others_changes_nothing_about_a_participant(history: list[Occurred]) -> None:
    whole = replay(history)
    for who in ("P1", "P2", "P3"):
        alone = replay([fact for fact in history if getattr(fact.event, "participant", who) == who])
        assert whole.participants.get(who) == alone.participants.get(who)


@given(histories())
def test_facts_stand_in_order_of_date_whenever_they_were_recorded(history: list[Occurred]) -> None:
    for person in replay(history).participants.values():
        for facts in (
            person.consents,
            person.visits,
            person.prescribed,
            person.administered,
            person.responses,
            person.medications,
        ):
            assert [fact.on for fact in facts] == sorted(fact.on for fact in facts)  # type: ignore[attr-defined]
        for series in person.observations.values():
            assert [(one.on, one.entry) for one in series] == sorted((one.on, one.entry) for one in series)


@given(histories())
def test_every_value_leads_back_to_the_entries_that_say_so(history: list[Occurred]) -> None:
    kinds = {fact.sequence: type(fact.event).__name__ for fact in history}
    for person in replay(history).participants.values():
        for series in person.observations.values():
            for one in series:
                assert [kinds[entry] for entry in one.entries] == [
                    "ObservationRecorded",
                    *["ObservationCorrected"] * (len(one.entries) - 1),
                ]
                assert len(one.earlier) == len(one.entries) - 1
        for changed in changed_decisions(person):
            assert all(correction > changed.decision.entry for correction in changed.corrections)
