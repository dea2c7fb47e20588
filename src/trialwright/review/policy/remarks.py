"""What the exploration shows besides the guarantees: rules that never decide, states that no rule decides, and the like."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from trialwright.engine.advice import Advice
from trialwright.engine.policy import Act
from trialwright.protocol.study import CompiledRegimen, CompiledRule
from trialwright.review.drafting import finding, listed, number
from trialwright.review.policy.explore import Explored, reached_batches
from trialwright.review.policy.outcomes import Target, nearest
from trialwright.review.policy.reach import Reached
from trialwright.review.policy.replaying import Story
from trialwright.review.policy.showing import show
from trialwright.review.policy.space import Batch
from trialwright.review.policy.standing import Bools
from trialwright.vocabulary.findings import Finding


@dataclass(slots=True)
class _Seen:
    """What was met on the way through everything reachable."""

    deciding: set[int] = field(default_factory=set)
    true: set[int] = field(default_factory=set)
    given: set[int] = field(default_factory=set)
    together: set[tuple[int, int]] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    held: set[int] = field(default_factory=set)


def remarks(explored: Explored, regimen: CompiledRegimen) -> Iterator[Finding]:
    """Yield the findings about a regimen; none but the guarantees' where it was too large to explore."""
    yield from _about_guarantees(explored, regimen)
    if explored.advised is None:
        yield finding(
            "TW-P098",
            regimen.place,
            f"The dosing of {regimen.intervention} is too large to explore",
            explored.report.limits + ".",
        )
        return
    seen = _seen(explored.advised, regimen)
    yield from _never_deciding(regimen, seen)
    yield from _levels(regimen, seen)
    yield from _overlaps(regimen, seen)
    yield from _undecided(explored.advised, regimen)
    for index, rule in enumerate(regimen.rules):
        if index in seen.held and index not in seen.left and rule.action.kind == "hold":
            yield finding(
                "TW-P008",
                rule.place,
                f"The hold by `{rule.id}` has no exit",
                "Its `until` is never true while the rule is not.",
                ways=("until: resolved",),
            )


def _about_guarantees(explored: Explored, regimen: CompiledRegimen) -> Iterator[Finding]:
    for one in explored.report.guarantees:
        match one.verdict:
            case "refuted":
                assert one.history is not None
                steps = [str(step) for step in one.history.steps]
                yield finding(
                    "TW-P001",
                    one.place,
                    f"The guarantee `{one.id}` does not hold",
                    f"It promises: {one.text}.",
                    "A simulated participant breaks it, as replayed through the engine:",
                    *(f"· {step}" for step in steps),
                    f"{one.history.ending[0].upper()}{one.history.ending[1:]}.",
                )
            case "not decided":
                yield finding(
                    "TW-P002",
                    one.place,
                    f"The guarantee `{one.id}` is not decided",
                    f"It promises: {one.text}.",
                    f"{one.reason}.",
                )
            case _:
                continue
    if regimen.course is None and regimen.cycles is None:
        yield finding(
            "TW-P013",
            regimen.place,
            f"The dosing of {regimen.intervention} has no end",
            "No `course` says when nothing more is dispensed, so every advice goes on for ever.",
            ways=("course: 12 weeks from first dose",),
        )
    if not regimen.guarantees and len(regimen.levels) > 1:
        yield finding(
            "TW-P013",
            regimen.place,
            f"Nothing is guaranteed about the dosing of {regimen.intervention}",
            "A property that the engine's advice must have can be proved for every history.",
            ways=("always: dose <= …", "never: increase while held"),
        )


def _seen(reached: Reached, regimen: CompiledRegimen) -> _Seen:
    seen = _Seen()
    for _, batch, met in reached_batches(reached):
        if not met.any():
            continue
        found, when = batch.found, batch.vectors.truths.when
        rule, level = np.broadcast_to(found.rule, found.act.shape)[met], found.level[met]
        seen.deciding |= set(np.unique(rule).tolist())
        alive = met & ~batch.standing.dose.stopped
        if alive.any() and batch.vectors.count:
            seen.true |= set(np.flatnonzero((when == 2).any(axis=0)).tolist())
            for one, other in combinations(range(len(regimen.rules)), 2):
                if ((when[:, one] == 2) & (when[:, other] == 2)).any():
                    seen.together.add((one, other))
        seen.given |= set(np.unique(level[np.broadcast_to(found.dosed, found.act.shape)[met]]).tolist())
        held_before = batch.standing.dose.held[met]
        seen.held |= set(np.flatnonzero(held_before.any(axis=0)).tolist())
        leaves = (found.after.held[met] == 0).all(axis=2) & np.isin(found.act[met], [Act.RESUME, Act.STOP, Act.UNDECIDED])
        left = held_before & (leaves & (rule >= 0)).any(axis=1)[:, None]
        seen.left |= set(np.flatnonzero(left.any(axis=0)).tolist())
    return seen


def _never_deciding(regimen: CompiledRegimen, seen: _Seen) -> Iterator[Finding]:
    top = regimen.start_index == len(regimen.levels) - 1
    raising = [rule for rule in regimen.rules if rule.action.kind == "raise"]
    if top and raising and len(regimen.levels) > 1:
        amount = f"{number(regimen.levels[-1])} {regimen.unit_text}"
        rules = listed([f"`{rule.id}`" for rule in raising])
        yield finding(
            "TW-P012",
            regimen.place,
            f"Treatment starts at the highest level, {amount}",
            f"No lower level is tried first, and {rules} can raise nothing until the dose has been lowered.",
            ways=(f"start: {number(regimen.levels[0])} {regimen.unit_text} on day {regimen.start_day}",),
        )
    for index, rule in enumerate(regimen.rules):
        if index in seen.deciding or index in seen.held:
            continue
        if index in seen.true:
            why = "Whenever its condition is true an earlier rule decides, or there is no level to go to."
        else:
            why = "Its condition is true in no state that dosing can reach."
        yield finding("TW-P003", rule.place, f"The rule `{rule.id}` never decides", why)


def _levels(regimen: CompiledRegimen, seen: _Seen) -> Iterator[Finding]:
    elsewhere = max((start for _, start in regimen.starts), default=-1)
    never = [number(level) for index, level in enumerate(regimen.levels) if index not in seen.given and index > elsewhere]
    if never:
        what = f"{listed(never)} {regimen.unit_text}"
        yield finding(
            "TW-P005",
            regimen.place,
            f"{what} is never advised",
            "No history of any participant leads there.",
            ways=("Take it out of `levels`", "Write a rule that leads there"),
        )


def _overlaps(regimen: CompiledRegimen, seen: _Seen) -> Iterator[Finding]:
    pairs = [
        f"`{regimen.rules[one].id}` before `{regimen.rules[other].id}`"
        for one, other in sorted(seen.together)
        if regimen.rules[one].when is not None
        and regimen.rules[other].when is not None
        and regimen.rules[one].action != regimen.rules[other].action
    ]
    if pairs:
        yield finding(
            "TW-P004",
            regimen.place,
            "Rules overlap: their order decides",
            "Both can be true at one decision, and ask for different things:",
            f"{listed(pairs)}.",
        )


def _undecided(reached: Reached, regimen: CompiledRegimen) -> Iterator[Finding]:
    levels: dict[tuple[int, str], set[int]] = {}
    nearest_of: dict[tuple[int, str], Target] = {}
    for number_, batch, met in reached_batches(reached):
        undecided = (batch.found.act == Act.UNDECIDED) & met[:, None]
        if not undecided.any():
            continue
        rules = np.broadcast_to(batch.found.rule, undecided.shape)
        for index in np.unique(rules[undecided]).tolist():
            where = undecided & (rules == index)
            kind = _kind_of(regimen, index)
            where = _definite(regimen, batch, where, index, kind)
            target = nearest(reached, number_, where)
            if target is None:
                continue
            key = (index, kind)
            levels.setdefault(key, set()).update(np.unique(batch.standing.dose.level[where.any(axis=1)]).tolist())
            if key not in nearest_of or target.cost < nearest_of[key].cost:
                nearest_of[key] = target
    for key, target in nearest_of.items():
        yield _undecided_finding(reached, regimen, key, sorted(levels[key]), target)


def _kind_of(regimen: CompiledRegimen, index: int) -> str:
    """Say why nothing decides: no rule fires, a rule lowers at the lowest level, or no clause says how to resume."""
    if index < 0:
        return "none"
    return "lowest" if regimen.rules[index].action.kind == "lower" else "resume"


def _definite(regimen: CompiledRegimen, batch: Batch, where: Bools, index: int, kind: str) -> Bools:
    """Leave out decisions that only want for data: a resume clause that is unknown."""
    if kind != "resume":
        return where
    clauses = batch.vectors.truths.resume[:, index, : len(regimen.rules[index].resume)]
    return np.asarray(where & (clauses != 1).all(axis=1)[None, :])


def _undecided_finding(
    reached: Reached, regimen: CompiledRegimen, key: tuple[int, str], levels: list[int], target: Target
) -> Finding:
    index, kind = key
    amounts = f"{listed([number(regimen.levels[level]) for level in levels if level >= 0], 'or')} {regimen.unit_text}"
    rule: CompiledRule | None = regimen.rules[index] if index >= 0 else None
    shown = show(reached, target, _is_undecided)
    history = [f"· {step}" for step in shown.history.steps] if shown else []
    told = "A simulated participant comes there, as replayed through the engine:" if history else ""
    match kind:
        case "resume" if rule is not None:
            return finding(
                "TW-P006",
                rule.place,
                f"No rule says how to resume after `{rule.id}` at {amounts}",
                "Its `until` is met and none of its `resume` clauses applies, so the dose stays held until somebody decides.",
                told,
                *history,
                ways=("resume: … with `otherwise: true`", "a clause for these levels"),
            )
        case "lowest" if rule is not None:
            return finding(
                "TW-P007",
                rule.place,
                f"`{rule.id}` lowers the dose and there is nothing below {amounts}",
                told,
                *history,
                ways=("at_lowest: stop", "at_lowest: hold"),
            )
        case _:
            return finding(
                "TW-P006",
                regimen.place,
                f"At {amounts} no rule decides",
                "No condition is true and no rule says `otherwise`.",
                told,
                *history,
                ways=("a last rule with `otherwise: true` and `then: same level`",),
            )


def _is_undecided(_: Story, advice: Advice | None, __: int) -> str:
    return "no rule of the protocol decides" if advice is not None and advice.act is Act.UNDECIDED else ""
