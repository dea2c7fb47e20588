"""Laws of the dosing policy, for any rules in any order: one is as many, and nothing unknown is ever more drug."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiny_protocol import tiny

from trialwright.engine.policy import FALSE, TRUE, UNKNOWN, Act, Decided, DoseState, RuleTruths, decide
from trialwright.protocol.study import Action, CompiledRegimen, CompiledResumption, CompiledRule
from trialwright.vocabulary.findings import Place

FEWER = settings(max_examples=50)
PLACE = Place("laws")
BASE = tiny().regimens["drug"]
Case = tuple[CompiledRegimen, DoseState, RuleTruths, Any]


@st.composite
def rules(draw: st.DrawFn, index: int, levels: int) -> CompiledRule:
    kind: Any = draw(st.sampled_from(["hold", "hold", "raise", "raise", "lower", "level", "same", "stop", "no increase"]))
    level = draw(st.integers(0, levels - 1))
    action = Action(kind, draw(st.booleans()) if kind == "raise" else False, level if kind == "level" else None)
    clauses = draw(st.lists(st.sampled_from(["same", "lower", "level"]), min_size=1, max_size=3)) if kind == "hold" else []
    resume = tuple(CompiledResumption(None, to, draw(st.integers(0, levels - 1)), PLACE) for to in clauses)  # type: ignore[arg-type]
    at_lowest = draw(st.sampled_from(["stop", "hold", "same", None]))
    return CompiledRule(f"r{index}", f"r{index}", "", None, None, action, None, resume, at_lowest, PLACE)  # type: ignore[arg-type]


@st.composite
def cases(draw: st.DrawFn, many: int = 1, holds_first: bool = False) -> Case:
    """A regimen of up to five rules and four levels, with ``many`` states and truth vectors."""
    levels = draw(st.integers(1, 4))
    found = [draw(rules(index, levels)) for index in range(draw(st.integers(0, 5)))]
    if holds_first:
        found.sort(key=lambda rule: not rule.holds)
    amounts = tuple(Decimal(100 * (step + 1)) for step in range(levels))
    regimen = replace(BASE, levels=amounts, start_index=draw(st.integers(0, levels - 1)), rules=tuple(found))
    count, clauses = len(found), max((len(rule.resume) for rule in found), default=0)

    def array(elements: st.SearchStrategy[Any], *shape: int) -> Any:
        size = int(np.prod(shape))
        return np.array(draw(st.lists(elements, min_size=size, max_size=size)), dtype=np.int8).reshape(shape)

    truths, flags = st.sampled_from([FALSE, UNKNOWN, TRUE]), st.sampled_from([0, 0, 1])
    holding = np.array([rule.action.kind == "hold" for rule in found], bool)
    level = array(st.integers(-1, levels - 1), many)
    state = DoseState(
        level,
        array(flags, many, count).astype(bool) & holding & (level >= 0)[:, None],
        array(flags, many).astype(bool),
        array(st.integers(0, 3), many, count),
        array(st.sampled_from([0, 0, 0, 1]), many).astype(bool),
    )
    resume = array(truths, many, count, clauses)
    for index, rule in enumerate(found):
        resume[:, index, len(rule.resume) :] = FALSE
    given_truths = RuleTruths(*(array(truths, many, count) for _ in range(3)), resume)
    return regimen, state, given_truths, array(st.sampled_from([1, 1, 1, 0]), many).astype(bool)


def one_of(case: Case, index: int) -> Case:
    regimen, state, truths, in_course = case
    single = DoseState(*(getattr(state, name)[index] for name in ("level", "held", "held_otherwise", "holds", "stopped")))
    return (
        regimen,
        single,
        RuleTruths(truths.when[index], truths.standing[index], truths.until[index], truths.resume[index]),
        in_course[index],
    )


def amounts_given(found: Decided) -> Any:
    """0 where no drug is given, else the level counted from 1."""
    return np.where(found.dosed, found.level + 1, 0)


@FEWER
@given(cases(many=6))
def test_deciding_many_at_once_is_deciding_each(case: Case) -> None:
    many = decide(*case)
    for index in range(6):
        one = decide(*one_of(case, index))
        for name in ("act", "level", "dosed", "rule", "optional", "blocked"):
            assert getattr(many, name)[index] == getattr(one, name), name
        for name in ("level", "held", "held_otherwise", "holds", "stopped"):
            assert np.array_equal(getattr(many.after, name)[index], getattr(one.after, name)), name


@FEWER
@given(cases(many=4))
def test_the_dose_rises_only_by_an_increase_and_an_increase_goes_where_its_rule_says(case: Case) -> None:
    regimen, state, _, in_course = case
    found = decide(*case)
    for index in range(4):
        before, after, act = int(state.level[index]), int(found.level[index]), Act(int(found.act[index]))
        if act is not Act.INCREASE and act is not Act.START:
            assert after <= before
        if act is Act.INCREASE:
            action = regimen.rules[int(found.rule[index])].action
            assert after == (before + 1 if action.kind == "raise" else action.level_index)
            assert not state.on_hold[index]
            assert not state.stopped[index]
            assert in_course[index]
            assert 0 <= before < len(regimen.levels) - 1
        if act is Act.START:
            assert (before, after) == (-1, regimen.start_index)


@FEWER
@given(cases(many=4))
def test_no_rule_above_an_increase_is_true_or_unknown(case: Case) -> None:
    regimen, state, truths, _ = case
    found = decide(*case)
    for index in range(4):
        if Act(int(found.act[index])) is not Act.INCREASE:
            continue
        for above in range(int(found.rule[index])):
            at_top = regimen.rules[above].action.kind == "raise" and int(state.level[index]) == len(regimen.levels) - 1
            assert truths.when[index, above] == FALSE or at_top


@FEWER
@given(cases(many=4, holds_first=True))
def test_where_hold_rules_stand_first_no_dose_rises_resumes_or_starts_with_one_of_them_true_or_unknown(case: Case) -> None:
    regimen, _, truths, _ = case
    found = decide(*case)
    safety = [index for index, rule in enumerate(regimen.rules) if rule.holds]
    for index in range(4):
        if Act(int(found.act[index])) in (Act.INCREASE, Act.RESUME, Act.START):
            assert not (truths.when[index, safety] != FALSE).any()


@FEWER
@given(cases(many=4))
def test_a_hold_is_left_only_when_each_of_its_reasons_has_ended(case: Case) -> None:
    _, state, truths, _ = case
    found = decide(*case)
    for index in range(4):
        if Act(int(found.act[index])) is Act.RESUME:
            assert (truths.until[index][state.held[index]] == TRUE).all()
            assert not state.held_otherwise[index]
            assert found.dosed[index]
        if state.level[index] >= 0 and state.on_hold[index]:
            assert Act(int(found.act[index])) in (Act.HOLD, Act.RESUME, Act.STOP, Act.UNDECIDED)


@FEWER
@given(cases(many=4))
def test_a_stop_is_absorbing_and_nothing_is_given_beyond_the_course(case: Case) -> None:
    _, state, _, in_course = case
    found = decide(*case)
    over = state.stopped | ~in_course
    assert (found.act[over] == Act.STOP).all()
    assert not found.dosed[over].any()
    assert (found.after.stopped == (state.stopped | (found.act == Act.STOP))).all()
    assert not (found.dosed & (found.after.stopped | found.after.on_hold)).any()


@FEWER
@given(cases(), st.data())
def test_what_is_unknown_is_never_more_drug_than_what_it_may_turn_out_to_be(case: Case, data: st.DataObject) -> None:
    regimen, state, truths, in_course = case
    if not regimen.rules:
        return
    rule = data.draw(st.integers(0, len(regimen.rules) - 1))
    field = data.draw(st.sampled_from(["when", "until"]))
    given_amounts = {}
    for value in (FALSE, UNKNOWN, TRUE):
        changed = getattr(truths, field).copy()
        changed[..., rule] = value
        given_amounts[value] = int(amounts_given(decide(regimen, state, replace(truths, **{field: changed}), in_course))[0])
    assert given_amounts[UNKNOWN] <= max(given_amounts[FALSE], given_amounts[TRUE])


@FEWER
@given(cases(many=3))
def test_deciding_leaves_what_it_was_given_as_it_was(case: Case) -> None:
    _, state, truths, _ = case
    before = [part.copy() for part in (state.level, state.held, state.holds, truths.when, truths.until, truths.resume)]
    decide(*case)
    after = (state.level, state.held, state.holds, truths.when, truths.until, truths.resume)
    assert all(np.array_equal(one, other) for one, other in zip(before, after, strict=True))
