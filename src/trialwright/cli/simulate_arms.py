"""``trialwright simulate`` for a protocol of several arms: each arm is played in turn, and all are told beside each other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from trialwright.cli.doors import protocol_or_exit
from trialwright.cli.simulate_outcomes import (
    Asked,
    Told,
    Turned,
    arms_or_exit,
    difference_plain,
    names_of,
    nothing_done,
    played,
    scenario_plain,
    swings_plain,
    turns_asked,
)
from trialwright.simulation.characteristics.plain import as_plain, estimate_plain, provenance_plain
from trialwright.simulation.characteristics.result import Characteristics
from trialwright.simulation.operating.run import Compiled
from trialwright.simulation.scenarios.arms import TrialOutcome, TrialOutcomes, plan_arms, trial_outcomes
from trialwright.simulation.scenarios.differing import difference, differences
from trialwright.simulation.scenarios.grid import Scenario, refuse
from trialwright.simulation.scenarios.playing import Outcomes
from trialwright.simulation.scenarios.sensitivity import swings, variants
from trialwright.simulation.scenarios.work import Work

if TYPE_CHECKING:
    from trialwright.report.document import Document

FOLDER = "arm-"


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
    if len(outcomes.works[0].scenarios) == 1:
        text, plain = simulate_arms_text.whole(outcomes, each[0]), outcome_plain(outcomes, each[0])
    else:
        measure = measure_between(each[0].found)
        text = simulate_text.grid(each, [None, *(difference(each[0], one, measure) for one in each[1:])])
        listed = [scenario_plain(each[0], one, outcome_plain(outcomes, one)) for one in each]
        plain = {"format": 1, "simulated": True, "partial": outcomes.broken_off, "scenarios": listed}
    return _of(text, plain, outcomes)


def _of(
    text: str, plain: dict[str, Any], outcomes: TrialOutcomes, against: TrialOutcomes | None = None, turned: Turned | None = None
) -> Told:
    tables: Mapping[str, Characteristics] = {}
    if len(outcomes.each) == 1:
        tables = {f"{FOLDER}{arm}": one.found for arm, one in outcomes.each[0].arms.items()}
    broken_off = outcomes.broken_off or (against is not None and against.broken_off)
    page = partial(_page, outcomes, against, turned or Turned())
    return Told(text, plain, page, outcomes.trials, outcomes.total, tables, broken_off)


def _page(outcomes: TrialOutcomes, against: TrialOutcomes | None, turned: Turned, name: str, command: str) -> Document:
    from trialwright.cli.doors import now
    from trialwright.report.operating.arms import ArmsMaterial, build_arms_report

    return build_arms_report(ArmsMaterial(outcomes, against, name, turned.swings, turned.measure, command), now())


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
        "format": 1,
        "simulated": True,
        "provenance": {**provenance_plain(one.found.provenance), "partial": outcomes.broken_off},
        "allocation": {"sizes": dict(one.sizes.sizes), "words": one.sizes.words},
        "comparison": {
            "stated": outcomes.power,
            "probabilities": {
                each.id: {"label": each.label, "part": each.part, "share": each.share, **estimate_plain(each.estimate)}
                for each in one.between
            },
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
    plain = {
        "format": 1,
        "simulated": True,
        "one": outcome_plain(first, one),
        "other": outcome_plain(second, two),
        "differences": {each.id: difference_plain(each) for each in found},
    }
    wide = max((len(each.label) for each in found), default=simulate_text.LABEL_WIDTH)
    text = simulate_text.beside(one.found, two.found, found, names_of(asked.protocol, asked.against), min(wide, 110))
    return _of(text, plain, first, second)


def _tornado(asked: Asked, arms: Sequence[Compiled], settings: Mapping[str, str], rates: Sequence[float]) -> Told:
    from trialwright.cli import simulate_text

    found = turns_asked(asked, arms[0])
    works = plan_arms(arms, asked.seed, asked.trials, variants(found, settings), rates, asked.outcome or None)
    outcomes = _played(asked, works)
    measure = asked.outcome or measure_between(outcomes.each[0].found)
    effects = swings(outcomes.each, found, measure)
    plain = {
        "format": 1,
        "simulated": True,
        "partial": outcomes.broken_off,
        "measure": measure,
        "base": outcome_plain(outcomes, outcomes.each[0]),
        "swings": swings_plain(effects),
    }
    text = simulate_text.tornado(outcomes.each[0].found, effects, measure)
    return _of(text, plain, outcomes, turned=Turned(effects, measure))
