"""A target of the exploration shown by a participant: the way there, solved back to values and replayed through ``advise``."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from trialwright.engine.advice import Advice
from trialwright.engine.gather import Standpoint, gather
from trialwright.engine.policy import Act
from trialwright.engine.readings import Readings
from trialwright.engine.state import ParticipantState
from trialwright.protocol.expressions import Day, DoseOf, Held, Increase, LevelOf, Values, evaluate, truth
from trialwright.protocol.study import CompiledGuarantee, CompiledRegimen, Protocol
from trialwright.review.policy.outcomes import Target
from trialwright.review.policy.questions import Questions
from trialwright.review.policy.reach import Reached, Taken
from trialwright.review.policy.replaying import Story, on_day
from trialwright.review.policy.solving import Measured, Wanted, solutions
from trialwright.review.policy.space import DECLINED, FOLLOWED, SITE, in_course
from trialwright.review.result import History, HistoryStep

Shows = Callable[[Story, Advice | None, int], str]
_UNTIL = "it holds the dose until: "
_DATE = re.compile(r" on \d{1,2} [A-Z][a-z]+(?: \d{4})?")


@dataclass(frozen=True, slots=True)
class Shown:
    """A history that was replayed and does show what it should, with the last advice."""

    history: History
    person: ParticipantState
    advice: Advice | None


def show(reached: Reached, target: Target, shows: Shows) -> Shown | None:
    """Replay a way to the target; None where no participant takes it.

    ``shows`` is asked once the last decision is advised (None where the target is a day without one): it returns what the
    history shows, in words, or "" where it does not show it.
    """
    questions = reached.space.questions
    way = reached.way_to(target.row, target.state)
    if target.batch is not None:
        way = (*way, Taken(target.row + 1, target.state, target.state, FOLLOWED, target.batch, target.vectors))
    wanted = [_wanted(reached, one) for one in way if one.how != SITE]
    for measured in solutions(questions, wanted):
        found = _replayed(reached, way, measured, target, shows)
        if found is not None:
            return found
    return None


def _wanted(reached: Reached, one: Taken) -> Wanted:
    space = reached.space
    batch = space.batches[one.batch]
    within = in_course(space.questions, space.days[batch.kind])
    before_start = bool(space.questions.packing.unpack(space.codes[one.source : one.source + 1]).dose.level[0] < 0)
    rows = frozenset(batch.vectors.rows[vector].tobytes() for vector in one.vectors)
    return Wanted(batch.key, within, rows, before_start)


def _replayed(
    reached: Reached, way: tuple[Taken, ...], measured: tuple[Measured, ...], target: Target, shows: Shows
) -> Shown | None:
    questions = reached.space.questions
    story = Story(questions.protocol, questions.regimen)
    rest = iter(measured)
    steps: list[HistoryStep] = []
    if measured:
        story.screen(measured[0])
    advice: Advice | None = None
    for number, one in enumerate(way):
        if one.how == SITE:
            steps.append(_left_by_site(reached, one, story))
            continue
        advice = story.visit(next(rest), one.day)
        steps.append(_step(advice))
        if not _as_expected(reached, one, advice):
            return None
        if target.batch is not None and number == len(way) - 1:
            break
        _follow(story, questions.regimen, advice, one.how)
    ending = shows(story, advice if target.batch is not None else None, target.row + 1)
    return Shown(History(tuple(steps), ending), story.person, advice) if ending else None


def _as_expected(reached: Reached, one: Taken, advice: Advice) -> bool:
    batch = reached.space.batches[one.batch]
    state = int(np.searchsorted(batch.codes, reached.space.codes[one.source]))
    expected = {(int(batch.found.act[state, vector]), int(batch.found.level[state, vector])) for vector in one.vectors}
    return (int(advice.act), advice.level_index) in expected


def _step(advice: Advice) -> HistoryStep:
    told = [f"{line.rule}: {_why(advice, line.sentence)}" for line in advice.lines if line.decided]
    headline = advice.headline.removeprefix("Advise: ").rstrip(".")
    return HistoryStep(advice.day, headline[0].lower() + headline[1:], "; ".join(told))


def _why(advice: Advice, sentence: str) -> str:
    """Leave out the made-up dates, and of a hold that ends all but what ends it."""
    if advice.act in (Act.RESUME, Act.UNDECIDED, Act.STOP) and _UNTIL in sentence:
        sentence = sentence.split(_UNTIL, 1)[1]
    return _DATE.sub("", sentence)


def _follow(story: Story, regimen: CompiledRegimen, advice: Advice, how: int) -> None:
    dose = advice.dose
    if how == DECLINED:
        standing = Standpoint(story.protocol, story.person, advice.on, Readings(story.protocol, story.person, advice.on))
        level = standing.standing()
        dose = regimen.levels[level.level_index] if level is not None else dose
    story.prescribe(advice, dose, () if dose > 0 else advice.held_by)
    if advice.act is Act.STOP:
        story.stop(advice.on)


def _left_by_site(reached: Reached, one: Taken, story: Story) -> HistoryStep:
    space = reached.space
    after = space.questions.packing.unpack(space.codes[one.target : one.target + 1])
    regimen, on = space.questions.regimen, on_day(one.day)
    if bool(after.dose.stopped[0]):
        story.stop(on)
        return HistoryStep(one.day, "the site stops", "")
    dose = regimen.levels[int(after.dose.level[0])] if bool(after.dosed[0]) else Decimal(0)
    story.give(on, dose)
    return HistoryStep(one.day, f"the site gives {dose:f} {regimen.unit_text}", "")


def promised(
    guarantee: CompiledGuarantee, protocol: Protocol, regimen: CompiledRegimen, story: Story, advice: Advice | None, day: int
) -> int:
    """Return a guarantee's truth for an advice, or (None) on a day that the last prescription covers: 0, 1 or 2."""
    person, on = story.person, on_day(day)
    at = Standpoint(protocol, person, on, Readings(protocol, person, on), regimen.intervention)
    standing = at.standing()
    assert standing is not None
    level = advice.level_index if advice is not None else standing.level_index
    if advice is not None:
        dose = advice.dose
        rises = dose > 0 and standing.level_index >= 0 and level > standing.level_index
    else:
        covered = regimen.course is None or day <= regimen.course.days
        given = covered and not standing.on_hold and not standing.stopped and level >= 0
        dose, rises = regimen.levels[level] if given else Decimal(0), False
    at.increase = rises
    values, _ = gather(guarantee.expression.inputs, at)
    for asked in guarantee.expression.inputs:
        match asked:
            case DoseOf():
                values[asked] = Values.of(float(dose))
            case LevelOf() if level >= 0:
                values[asked] = Values.of(float(regimen.levels[level]))
            case Increase():
                values[asked] = Values.of(rises)
            case Held():
                values[asked] = Values.of(standing.on_hold)
            case Day():
                values[asked] = Values.of(float(day))
            case _:
                continue
    return int(truth(evaluate(guarantee.expression, values)))


def breaks(guarantee: CompiledGuarantee, questions: Questions) -> Shows:
    """Return the test that a replayed history breaks a guarantee."""
    broken = 0 if guarantee.wanted else 2

    def shown(story: Story, advice: Advice | None, day: int) -> str:
        verdict = promised(guarantee, questions.protocol, questions.regimen, story, advice, day)
        if verdict != broken:
            return ""
        where = "with this decision" if advice is not None else f"on day {day}, without a further decision"
        return f"{where} `{guarantee.id}` is broken"

    return shown
