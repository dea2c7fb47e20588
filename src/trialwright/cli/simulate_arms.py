"""``trialwright simulate`` for a protocol of several arms: each arm is played in turn, and all are told beside each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import click

from trialwright.cli.doors import protocol_or_exit
from trialwright.cli.simulate_outcomes import (
    FOLDER,
    Asked,
    Told,
    Turned,
    arms_or_exit,
    names_of,
    nothing_done,
    played,
    told_of,
    turns_asked,
)
from trialwright.cli.simulate_plain import HEAD, beside_plain, grid_plain, tornado_plain
from trialwright.simulation.characteristics.plain import as_plain, probabilities_plain, provenance_plain
from trialwright.simulation.characteristics.result import Characteristics
from trialwright.simulation.operating.run import Compiled
from trialwright.simulation.scenarios.arms import TrialOutcome, TrialOutcomes, plan_arms, trial_outcomes
from trialwright.simulation.scenarios.differing import difference, differences
from trialwright.simulation.scenarios.grid import Scenario, refuse
from trialwright.simulation.scenarios.playing import Outcomes
from trialwright.simulation.scenarios.sensitivity import swings, variants
from trialwright.simulation.scenarios.work import Work


def simulate_arms(asked: Asked, arms: Sequence[Compiled], wanted: Sequence[Scenario], rates: Sequence[float]) -> Told:
    """Carry out what was asked of a trial of several arms.

    Raises:
        Refused: Before the first trial, with everything that is wrong.
    """
    if asked.tornado:
        return _tornado(asked, arms, wanted[0].settings, rates)
    works = plan_arms(arms, asked.seed, asked.trials, wanted, rates, "" if asked.against is not None else None)
    if asked.against is not None:
        return _beside(asked, works)
    return _told(_played(asked, works))


def _played(asked: Asked, works: Sequence[Work], folder: str = "") -> TrialOutcomes:
    """Play one arm after the other; those that are left when the run is broken off are left out."""
    done: list[Outcomes] = []
    for work in works:
        if not (done and done[-1].broken_off):
            click.echo(f"Arm {work.compiled.arm} …", err=True)
            done.append(played(asked, work, f"{folder}{FOLDER}{work.compiled.arm}"))
    found = trial_outcomes(done, works, asked.seed)
    if not found.each:
        nothing_done()
    return found


def _told(outcomes: TrialOutcomes) -> Told:
    from trialwright.cli import simulate_arms_text, simulate_text

    each = outcomes.each
    if len(outcomes.scenarios) == 1:
        text, plain = simulate_arms_text.whole(outcomes, each[0]), outcome_plain(outcomes, each[0])
    else:
        measure = measure_between(each[0].found)
        text = simulate_text.grid(each, [None, *(difference(each[0], one, measure) for one in each[1:])])
        plain = grid_plain(each, (outcome_plain(outcomes, one) for one in each), outcomes.broken_off)
    return told_of(text, plain, outcomes)


def measure_between(found: Characteristics) -> str:
    """The measure that scenarios are compared by: a decision between the arms, a difference, else what the first arm has."""
    names = [one.id for one in found.probabilities if not math.isnan(one.estimate.value)]
    for start in ("decision.", "difference."):
        own = [name for name in names if name.startswith(start)]
        if own:
            return own[0]
    return next((name for name in names if name.endswith((".response", ".dose_intensity.mean"))), names[0])


def outcome_plain(outcomes: TrialOutcomes, one: TrialOutcome) -> dict[str, Any]:
    """A scenario as plain values: the trial, what is between the arms, and each arm as a trial of one arm is told."""
    return {
        **HEAD,
        "provenance": {**provenance_plain(one.found.provenance), "partial": outcomes.broken_off},
        "allocation": {"sizes": dict(one.sizes.sizes), "words": one.sizes.words},
        "comparison": {
            "stated": outcomes.power,
            "probabilities": probabilities_plain(one.between),
            "notes": list(outcomes.notes),
        },
        "arms": {arm: {"label": outcomes.labels[arm], **as_plain(each.found)} for arm, each in one.arms.items()},
        "notes": list(one.found.notes),
    }


def _beside(asked: Asked, works: Sequence[Work]) -> Told:
    """The same file of chances and the same random numbers under another protocol."""
    from trialwright.cli import simulate_text

    assert asked.against is not None
    if len(works[0].scenarios) > 1:
        raise refuse("TW-V045", "--against", "Two protocols are compared in one scenario", "Leave --vary out, or use --set.")
    reading = works[0].compiled.reading
    others = arms_or_exit(protocol_or_exit(asked.against), reading, asked.interpreted)
    if not others[0].arm:
        detail = f"{asked.against.name} has one arm, or one that is played alone."
        raise refuse("TW-V045", "--against", "A trial of several arms is compared with one of several arms", detail)
    theirs = plan_arms(others, asked.seed, asked.trials, works[0].scenarios, works[0].rates, "")
    first, second = _played(asked, works), _played(replace(asked, protocol=asked.against), theirs, "against/")
    one, two = first.each[0], second.each[0]
    found = tuple(differences(one, two))
    plain = beside_plain(outcome_plain(first, one), outcome_plain(second, two), found)
    wide = max((len(each.label) for each in found), default=simulate_text.LABEL_WIDTH)
    text = simulate_text.beside(one.found, two.found, found, names_of(asked.protocol, asked.against), min(wide, 110))
    return told_of(text, plain, first, second)


def _tornado(asked: Asked, arms: Sequence[Compiled], settings: Mapping[str, str], rates: Sequence[float]) -> Told:
    from trialwright.cli import simulate_text

    found = turns_asked(asked, arms[0])
    works = plan_arms(arms, asked.seed, asked.trials, variants(found, settings), rates, asked.outcome or None)
    outcomes = _played(asked, works)
    measure = asked.outcome or measure_between(outcomes.each[0].found)
    effects = swings(outcomes.each, found, measure)
    plain = tornado_plain(outcome_plain(outcomes, outcomes.each[0]), effects, measure, outcomes.broken_off)
    text = simulate_text.tornado(outcomes.each[0].found, effects, measure)
    return told_of(text, plain, outcomes, turned=Turned(effects, measure))
