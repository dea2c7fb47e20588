"""The arms of a trial, played one after the other and put together: each with its own tables, then what is between them.

An arm is a piece of work of its own, with the scenarios of all. What is told of the trial follows from the arms' counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from trialwright.simulation.characteristics.between import (
    Planned,
    compared,
    latest,
    planned_comparisons,
    stated_power,
)
from trialwright.simulation.characteristics.building import Measures
from trialwright.simulation.characteristics.enrolling import SIZE
from trialwright.simulation.characteristics.estimates import Counts
from trialwright.simulation.characteristics.result import Characteristics, Probability
from trialwright.simulation.operating.arms import Allocation, allocation, arm_seed
from trialwright.simulation.operating.reading import with_settings
from trialwright.simulation.operating.run import Compiled
from trialwright.simulation.scenarios.grid import Scenario
from trialwright.simulation.scenarios.playing import Compared, Outcome, Outcomes
from trialwright.simulation.scenarios.work import Work, plan_work, settings_of


@dataclass(frozen=True, slots=True)
class TrialOutcome(Compared):
    """One scenario of a trial of several arms.

    ``found`` holds what is between the arms, and every measure of each arm under ``ARM.measure``.

    Args:
        arms: The outcome of each arm, by its name, in the protocol's order; without those that were not begun.
        between: What compares the arms, and how long the trial lasts.
        sizes: Participants of each arm, and how they were shared out.
    """

    arms: Mapping[str, Outcome]
    between: tuple[Probability, ...]
    sizes: Allocation


@dataclass(frozen=True, slots=True)
class TrialOutcomes:
    """All scenarios of which anything was played.

    Args:
        works: What was to be played of each arm, in the protocol's order.
        labels: What each arm is called.
        each: The scenarios.
        broken_off: Whether somebody ended the run.
        power: What the sample size states of the comparison; empty where it states nothing.
        notes: What of the plan is not simulated.
    """

    works: tuple[Work, ...]
    labels: Mapping[str, str]
    each: tuple[TrialOutcome, ...]
    broken_off: bool
    power: str
    notes: tuple[str, ...]

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """What was to be played of each arm."""
        return self.works[0].scenarios

    @property
    def trials(self) -> int:
        """Trials of all scenarios and arms that were played."""
        return sum(arm.found.provenance.trials for one in self.each for arm in one.arms.values())

    @property
    def total(self) -> int:
        """Trials of all scenarios and arms that were asked for."""
        return sum(work.total for work in self.works)


def plan_arms(
    arms: Sequence[Compiled],
    seed: int,
    trials: int,
    wanted: Sequence[Scenario],
    rates: Sequence[float] = (),
    compared_by: str | None = None,
) -> tuple[Work, ...]:
    """Plan the work of each arm, as ``plan_work`` does, in chunks of the same size.

    Raises:
        Refused: As ``plan_work``.
    """
    seeds = [arm_seed(seed, one.arm, index == 0) for index, one in enumerate(arms)]
    own = [_of_arm(one.arm, compared_by) for one in arms]
    works = [plan_work(one, at, trials, wanted, rates, by) for one, at, by in zip(arms, seeds, own, strict=True)]
    chunk = min(work.chunk for work in works)
    return tuple(replace(work, chunk=chunk) for work in works)


def _of_arm(arm: str, measure: str | None) -> str | None:
    """The measure of one arm that is looked at for one of the trial."""
    return measure.removeprefix(f"{arm}.") if measure is not None and measure.startswith(f"{arm}.") else measure


def trial_outcomes(played: Sequence[Outcomes], works: Sequence[Work], seed: int) -> TrialOutcomes:
    """Put the arms together.

    Args:
        played: The outcomes of each arm that was begun, in the protocol's order.
        works: What was to be played of every arm.
        seed: The seed of the run.
    """
    compiled = [work.compiled for work in works]
    protocol, names = compiled[0].design.protocol, [one.arm for one in compiled]
    labels = {arm: protocol.file.arms[arm].label for arm in names}
    goals = {(one.design.goal.response, one.design.goal.category) for one in compiled if one.design.goal is not None}
    goal = compiled[0].design.goal if len(goals) == 1 and all(one.design.goal for one in compiled) else None
    plans, notes = planned_comparisons(protocol, goal, names)
    each = tuple(_scenarios(played, seed, labels, plans))
    broken_off = any(one.broken_off for one in played)
    return TrialOutcomes(tuple(works), labels, each, broken_off, stated_power(protocol) if goal is not None else "", notes)


def _scenarios(
    played: Sequence[Outcomes], seed: int, labels: Mapping[str, str], plans: Sequence[Planned]
) -> Iterator[TrialOutcome]:
    for scenario in played[0].work.scenarios:
        own = [(one.work.compiled.arm, each) for one in played for each in one.each if each.scenario is scenario]
        arms = dict(own)
        if arms:
            yield _together(scenario, arms, played[0].work.compiled, seed, labels, plans)


def _together(
    scenario: Scenario,
    arms: Mapping[str, Outcome],
    compiled: Compiled,
    seed: int,
    labels: Mapping[str, str],
    plans: Sequence[Planned],
) -> TrialOutcome:
    sizes = allocation(compiled.design.protocol, with_settings(compiled.reading, settings_of(scenario)))
    between = (*_compared(plans, {arm: _responders(one) for arm, one in arms.items()}, labels), *_lasting(arms))
    firsts = [first for first in next(iter(arms.values())).batches if all(first in one.batches for one in arms.values())]
    batches = {first: _measures(first, arms, labels, plans) for first in firsts}
    told = next(iter(arms.values())).found.provenance
    provenance = replace(
        told,
        seed=seed,
        trials=min(one.found.provenance.trials for one in arms.values()) if len(arms) == len(sizes.sizes) else 0,
        participants=sizes.total,
        arm="",
    )
    found = Characteristics(provenance, (), (*between, *_of_arms(arms, labels)), None, None, _notes(arms))
    return TrialOutcome(scenario, found, batches, arms, between, sizes)


def _responders(outcome: Outcome) -> Counts | None:
    """Trials of an arm by responders; None without a goal."""
    found = [one.counts for one in outcome.found.distributions if one.id == "responders"]
    return np.array(found[0], np.int64) if found else None


def _compared(plans: Sequence[Planned], counts: Mapping[str, Counts | None], labels: Mapping[str, str]) -> Iterator[Probability]:
    for plan in plans:
        one, other = counts.get(plan.one), counts.get(plan.other)
        if one is not None and other is not None:
            yield from compared(plan, one, other, labels)


def _lasting(arms: Mapping[str, Outcome]) -> Iterator[Probability]:
    """How long the trial lasts: until the last arm is over."""
    if len(arms) > 1 and all(one.tally.has("duration") for one in arms.values()):
        label = "Whole weeks until the last of the arms is over, on average"
        yield Probability(
            "duration.mean", label, SIZE, latest([one.tally.table("duration") for one in arms.values()]), share=False
        )


def _of_arms(arms: Mapping[str, Outcome], labels: Mapping[str, str]) -> Iterator[Probability]:
    for arm, outcome in arms.items():
        for one in outcome.found.probabilities:
            yield replace(one, id=f"{arm}.{one.id}", label=f"{labels[arm]}: {one.label}")


def _measures(first: int, arms: Mapping[str, Outcome], labels: Mapping[str, str], plans: Sequence[Planned]) -> Measures:
    between = list(_compared(plans, {arm: one.responders.get(first) for arm, one in arms.items()}, labels))
    own = [(arm, one.batches[first]) for arm, one in arms.items()]
    names = (*(one.id for one in between), *(f"{arm}.{name}" for arm, each in own for name in each.names))
    return Measures(names, np.concatenate([np.array([one.estimate.value for one in between]), *(each.values for _, each in own)]))


def _notes(arms: Mapping[str, Outcome]) -> tuple[str, ...]:
    found = [note for one in arms.values() for note in one.found.notes]
    apart = "Each arm is simulated by itself, with random numbers of its own; where people arrive, each at its share of the pace."
    return (*dict.fromkeys(found), apart)
