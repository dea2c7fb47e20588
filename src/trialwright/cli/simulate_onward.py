"""``trialwright simulate --onward``: the rest of a trial under way, simulated; recorded in its log as an interim look."""

from __future__ import annotations

import hashlib
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click

from trialwright.cli.doors import folder_or_exit, now, protocol_or_exit, trial_or_exit
from trialwright.cli.output import as_json
from trialwright.cli.simulate_outcomes import INTERRUPTED, Asked, compiled_or_exit, played, rates_of
from trialwright.cli.simulate_text import value
from trialwright.conduct import Trial
from trialwright.conduct.authority import object_to
from trialwright.conduct.commands import TakeInterimLook
from trialwright.log import Actor
from trialwright.simulation.characteristics.plain import estimate_plain
from trialwright.simulation.operating.checks import planned
from trialwright.simulation.operating.reading import PARTICIPANTS, read_operating
from trialwright.simulation.operating.run import Compiled
from trialwright.simulation.scenarios.grid import Scenario, read_setting, refuse
from trialwright.simulation.scenarios.onward import Ahead, Chance, Standing, ahead, standing
from trialwright.simulation.scenarios.work import plan_work, virtual_digest
from trialwright.vocabulary.findings import Refused


def look_ahead(asked: Asked, home: Path, name: str, actor: str, on: date | None, reason: str) -> None:
    """Simulate the rest of a trial, record the look in its log, then tell what it found.

    Raises:
        Refused: The trial is kept under another protocol, is not under way, or this person may not look (nothing is told then).
    """
    if asked.vary or asked.tornado or asked.against is not None:
        raise refuse("TW-V046", "--onward", "An interim look has one scenario", "Leave --vary, --tornado and --against out.")
    who = _actor(actor)
    trial, compiled = _opened(asked, home, name)
    settings = dict(read_setting(one) for one in asked.settings)
    day = on if on is not None else now().date()
    whole = compiled.parameters(dict(settings))
    stand = standing(compiled, trial.state, day, int(settings.get(PARTICIPANTS, 0)) or planned(trial.protocol))
    rates = rates_of(asked)
    _may_look(trial, who, stand)
    counts = _to_come(asked, compiled, settings, stand)
    found = ahead(compiled, whole, stand, counts, asked.seed, rates)
    command = _command(asked, compiled, found, reason)
    said = hashlib.sha256(repr((command, who)).encode()).hexdigest()[:24]
    outcome = trial.submit(command, actor=who, at=now(), key=f"interim-look-{said}")
    entry = outcome.entries[0].sequence
    click.echo(as_json(_plain(found, trial, asked, entry)) if asked.form == "json" else _text(found, trial, asked, entry))


def _actor(text: str) -> Actor:
    person, _, rest = text.partition(":")
    role, _, site = rest.partition(":")
    if not person or not role:
        detail = "It is recorded in the log of the trial, with who looked: a sponsor or a statistician."
        raise refuse("TW-V046", "--as", "An interim look needs a name", detail, "--as anna:statistician")
    return Actor(person, role, site)


def _may_look(trial: Trial, who: Actor, stand: Standing) -> None:
    """Refuse who may not look before anything is simulated; nothing is told to them."""
    known = {"endpoint": stand.endpoint, "enrolled": 0, "known": 0, "responders": 0, "planned": 0, "on": stand.on}
    made = {"question": "?", "answer": "0", "trials": 1, "seed": "1", "virtual": "-"}
    objections = object_to(TakeInterimLook.model_validate({**known, **made}), who, trial.state)
    if objections:
        raise Refused(objections)


def _opened(asked: Asked, home: Path, name: str) -> tuple[Trial, Compiled]:
    protocol = protocol_or_exit(asked.protocol)
    trial = trial_or_exit(folder_or_exit(home, name))
    if trial.protocol.digest != protocol.digest:
        detail = f"The log is kept under {trial.protocol.digest[:12]}…; {asked.protocol} has the digest {protocol.digest[:12]}…."
        raise refuse(
            "TW-V046", "--onward", "The trial is kept under another protocol", detail, "Give the trial's own protocol.yaml"
        )
    return trial, compiled_or_exit(protocol, read_operating(asked.virtual), asked.interpreted)


def _to_come(asked: Asked, compiled: Compiled, settings: dict[str, str], stand: Standing) -> Any:
    """Simulated trials by responders among those yet to be enrolled; one trial of none where nobody is."""
    import numpy as np

    if stand.to_come == 0:
        return np.ones(1, np.int64)
    rest = Scenario({**settings, PARTICIPANTS: str(stand.to_come)}, {}, "those yet to be enrolled")
    outcomes = played(asked, plan_work(compiled, asked.seed, asked.trials, [rest]))
    if outcomes.broken_off:
        click.echo("Broken off: no look was taken, and none was recorded.", err=True)
        sys.exit(INTERRUPTED)
    goal = compiled.design.goal
    return outcomes.each[0].tally.table("confirmed" if goal is not None and goal.confirmed else "seen")


def _command(asked: Asked, compiled: Compiled, found: Ahead, reason: str) -> TakeInterimLook:
    """The first rate is the question of record; the others follow from the same draws."""
    stand, (rate, estimate) = found.standing, found.answers[0]
    return TakeInterimLook(
        endpoint=stand.endpoint,
        enrolled=stand.enrolled,
        known=stand.responders + stand.failures,
        responders=stand.responders,
        planned=stand.planned,
        question=f"probability that the final interval ({found.interval.words}) lies above {rate * 100:g} %",
        answer=f"{estimate.value:.4f}",
        trials=asked.trials,
        seed=str(asked.seed),
        virtual=virtual_digest(compiled),
        reason=reason,
        on=stand.on,
    )


def _text(found: Ahead, trial: Trial, asked: Asked, entry: int) -> str:
    stand = found.standing
    people = "simulated participants" if trial.state.simulated else "participants"
    lines = [
        click.style(f"INTERIM LOOK · the rest is SIMULATED · {trial.state.title}, as of {stand.on}", bold=True),
        f"{stand.enrolled} of {stand.planned} {people} in: {stand.responders} responded, {stand.failures} did not, "
        f"{len(stand.on_the_way)} not known yet.",
        f"{stand.to_come} to come, drawn anew in {asked.trials:,} trials, seed {asked.seed}.",
        "",
    ]
    for rate, estimate in found.answers:
        words = f"The final interval ({found.interval.words}) lies above {rate * 100:g} %"
        lines.append(f"  {words:74} {value(estimate, share=True)}")
    mean = float(found.final @ range(found.final.size))
    lines += ["", f"  {'Responders at the end, on average':74} {mean:.2f}", ""]
    lines += [f"  {_who(one)}" for one in found.chances]
    lines += ["", *notes(found), f"Recorded as an interim look: entry {entry} of the log."]
    return "\n".join(lines)


def _who(one: Chance) -> str:
    """One participant on the way: where they stand, how likely they respond, and who was looked at to say so."""
    place = f"week {one.who.visit}" if one.who.visit >= 0 else "not yet treated"
    known = "response seen, not confirmed" if one.who.seen else "no response yet"
    told = value(one.estimate, share=True)
    return f"{one.who.id}, {place}, {known}: {told} to respond, of {one.alike:,} alike in {one.shared}"


def notes(found: Ahead) -> tuple[str, ...]:
    """How those on the way were treated, and what was not."""
    goes = "Who is on the way is followed on among simulated participants who stand alike; their own counts are not looked at."
    rules = "Stopping rules of the trial are not applied to what is still to come."
    return (goes, rules) if found.chances else (rules,)


def _plain(found: Ahead, trial: Trial, asked: Asked, entry: int) -> dict[str, Any]:
    stand = found.standing
    return {
        "format": 1,
        "simulated": True,
        "interim_look": True,
        "entry": entry,
        "study": trial.protocol.id,
        "on": stand.on.isoformat(),
        "endpoint": stand.endpoint,
        "planned": stand.planned,
        "enrolled": stand.enrolled,
        "responders": stand.responders,
        "failures": stand.failures,
        "on_the_way": [
            {"id": one.who.id, "alike": one.alike, "shared": one.shared, "responds": estimate_plain(one.estimate)}
            for one in found.chances
        ],
        "to_come": stand.to_come,
        "trials": asked.trials,
        "seed": asked.seed,
        "final": [float(one) for one in found.final],
        "decisions": {f"above.{rate:g}": estimate_plain(estimate) for rate, estimate in found.answers},
        "notes": list(notes(found)),
    }
