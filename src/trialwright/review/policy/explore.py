"""Explores one regimen exhaustively and judges its guarantees: proved, refuted by a replayed history, or not decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from trialwright.protocol.expressions import (
    DoseOf,
    EventCount,
    Held,
    Increase,
    LevelOf,
    Milestone,
    Since,
    Stopped,
    TotalDose,
    input_text,
    to_text,
)
from trialwright.protocol.study import CompiledGuarantee, CompiledRegimen, Protocol
from trialwright.review.policy.outcomes import Target, nearest, nearest_between, promised_at_decisions, promised_between
from trialwright.review.policy.questions import Questions, questions_of
from trialwright.review.policy.reach import FAR, Reached, reach
from trialwright.review.policy.showing import Shown, breaks, show
from trialwright.review.policy.signatures import TooManyTruths
from trialwright.review.policy.space import Batch, TooManyStates, build_space
from trialwright.review.result import GuaranteeReport, PolicyReport, Verdict

MOST_HISTORIES = 3


@dataclass(frozen=True, slots=True)
class Explored:
    """One regimen's report, and what is reached by advice alone (None where it was too large to explore)."""

    report: PolicyReport
    advised: Reached | None


def explore(protocol: Protocol, regimen: CompiledRegimen) -> Explored:
    """Explore a regimen from before the first dose until nothing new is found, for every level that some arm starts at."""
    first, *others = [
        _explore(protocol, replace(regimen, start_index=start))
        for start in dict.fromkeys((regimen.start_index, *(start for _, start in regimen.starts)))
    ]
    report = first.report
    for other in others:
        report = _together(report, other.report)
    return Explored(report, first.advised)


_WEIGHT: dict[Verdict, int] = {"refuted": 0, "not decided": 1, "proved": 2}


def _together(one: PolicyReport, other: PolicyReport) -> PolicyReport:
    """Join the reports on two starts: a guarantee holds where it holds for both."""
    worse = tuple(
        min(pair, key=lambda each: _WEIGHT[each.verdict]) for pair in zip(one.guarantees, other.guarantees, strict=True)
    )
    states, transitions = one.states + other.states, one.transitions + other.transitions
    size = f"in all {states:,} states and {transitions:,} decisions"
    worse = tuple(replace(each, reason=size) if each.verdict == "proved" else each for each in worse)
    return replace(one, states=states, transitions=transitions, guarantees=worse, limits=one.limits or other.limits)


def _explore(protocol: Protocol, regimen: CompiledRegimen) -> Explored:
    questions = questions_of(protocol, regimen)
    try:
        signatures = questions.signatures()
        space = build_space(questions, signatures)
        reached = reach(space)
    except (TooManyTruths, TooManyStates) as error:
        what = "truth-vectors" if isinstance(error, TooManyTruths) else "states"
        reason = f"the policy has more {what} than are explored"
        reports = tuple(_report(one, "not decided", reason) for one in regimen.guarantees)
        return Explored(PolicyReport(regimen.intervention, 0, 0, 0, reports, reason), None)
    states, transitions = reached.states, _transitions(reached)
    judged = _Judge(reached, f"{states:,} states and {transitions:,} decisions")
    reports = tuple(judged.judge(index, one) for index, one in enumerate(regimen.guarantees))
    report = PolicyReport(regimen.intervention, states, transitions, signatures.count, reports, judged.limits)
    return Explored(report, reach(space, departures=False))


def _report(guarantee: CompiledGuarantee, verdict: Verdict, reason: str, shown: Shown | None = None) -> GuaranteeReport:
    said = f"{'always' if guarantee.wanted else 'never'} {' '.join(guarantee.expression.text.split())}"
    return GuaranteeReport(guarantee.id, said, verdict, reason, shown.history if shown else None, guarantee.place)


def reached_batches(reached: Reached) -> Iterator[tuple[int, Batch, np.ndarray]]:
    """Yield each batch with its number and which of its states are reached on such a day."""
    for number, batch in enumerate(reached.space.batches):
        states = np.searchsorted(reached.space.codes, batch.codes)
        yield number, batch, reached.by_kind(batch.kind)[states] < FAR


def _transitions(reached: Reached) -> int:
    total = 0
    days_of = {kind: [row for row in range(len(reached.cost)) if reached.kind(row) == kind] for kind in set(reached.space.kinds)}
    for batch in reached.space.batches:
        states = np.searchsorted(reached.space.codes, batch.codes)
        met = int((reached.cost[days_of[batch.kind]][:, states] < FAR).sum())
        total += met * batch.vectors.count
    return total


class _Judge:
    """Judges each guarantee on everything that is reached."""

    def __init__(self, reached: Reached, size: str) -> None:
        self.reached, self.size = reached, size
        self.questions: Questions = reached.space.questions
        free = self.questions.domains.free
        self.limits = f"taken to be anything: {', '.join(to_text(node) for node in free)}" if free else ""
        self.at_decisions = [promised_at_decisions(reached.space, batch) for batch in reached.space.batches]
        self.between = {kind: promised_between(reached.space, kind) for kind in set(reached.space.kinds)}

    def judge(self, index: int, guarantee: CompiledGuarantee) -> GuaranteeReport:
        broken = 0 if guarantee.wanted else 2
        targets = self._targets(index, broken)
        for target in targets[:MOST_HISTORIES]:
            shown = show(self.reached, target, breaks(guarantee, self.questions))
            if shown is not None:
                return _report(guarantee, "refuted", str(shown.history), shown)
        if targets and (beyond := self._not_modelled(guarantee)):
            return _report(guarantee, "not decided", f"it turns on {beyond}, which the exploration does not follow")
        if targets:
            free = f" ({self.limits})" if self.limits else ""
            reason = f"the exploration finds a way to break it that no participant of the replay takes{free}"
            return _report(guarantee, "not decided", reason)
        if self._targets(index, 1):
            reason = "it holds wherever what it reads is known; at some decisions that is not known"
            return _report(guarantee, "not decided", reason)
        return _report(guarantee, "proved", f"in all {self.size}")

    def _not_modelled(self, guarantee: CompiledGuarantee) -> str:
        """Name what a guarantee reads that the exploration takes to be anything: another regimen's state, sums, counts."""
        own = {None, self.questions.regimen.intervention}
        found = [
            input_text(given)
            for given in guarantee.expression.inputs
            if isinstance(given, TotalDose | EventCount)
            or (isinstance(given, DoseOf | LevelOf | Held | Stopped | Increase) and given.name not in own)
            or (isinstance(given, Since) and given.milestone in (Milestone.LAST_DOSE, Milestone.NAMED, Milestone.ENCOUNTER))
        ]
        return ", ".join(found)

    def _targets(self, index: int, value: int) -> list[Target]:
        """Return where the guarantee has a truth, the nearest first."""
        found = [nearest(self.reached, number, truths[index] == value) for number, truths in enumerate(self.at_decisions)]
        if value != 1:
            found += [nearest_between(self.reached, kind, truths[index] == value) for kind, truths in self.between.items()]
        return sorted((one for one in found if one is not None), key=lambda one: (one.cost, one.row))
