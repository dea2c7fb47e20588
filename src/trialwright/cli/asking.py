"""``trialwright due`` and ``explain``: questions to a trial. They record nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import click

from trialwright.cli.doors import folder_or_exit, home_option, now, trial_or_exit
from trialwright.cli.output import as_json, plural
from trialwright.conduct import Trial
from trialwright.engine.advice import Advice, advise
from trialwright.engine.eligibility import CriterionJudgement, judge_eligibility
from trialwright.engine.plan import awaited
from trialwright.engine.plan import due as plan
from trialwright.engine.state import ParticipantState, changed_decisions
from trialwright.engine.stopping import standing
from trialwright.events.catalogue import Recorded
from trialwright.protocol.expressions import Kind
from trialwright.vocabulary.dates import DateError, parse_date


def _date(text: str | None, fallback: date) -> date:
    try:
        day = parse_date(text) if text else fallback
    except DateError as error:
        raise click.BadParameter(str(error)) from None
    if not 1950 <= day.year <= 2200:
        raise click.BadParameter(f"{day} is no day of a trial; write a date from 1950 to 2200.")
    return day


def _person(trial: Trial, participant: str) -> ParticipantState:
    found = trial.state.participants.get(participant)
    if found is None:
        known = ", ".join(trial.state.participants) or "nobody yet"
        raise click.UsageError(f"Nobody is called {participant}. Registered: {known}.")
    return found


@click.command()
@click.option("--trial", "name", help="Name of the trial; the only one by default.")
@click.option("--on", "on", metavar="DATE", help="The day asked about; today by default.")
@click.option("--participant", help="Only this participant; by default everyone in follow-up.")
@click.option("--all", "everything", is_flag=True, help="Done, missed and upcoming visits as well.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@home_option
def due(name: str | None, on: str | None, participant: str | None, everything: bool, form: str, home: Path) -> None:
    """Say which visits are due or overdue, and what is done at each."""
    trial = trial_or_exit(folder_or_exit(home, name))
    day = _date(on, now().date())
    people = [_person(trial, participant)] if participant else [p for p in trial.state.participants.values() if p.ended is None]
    rows = [
        (person, visit)
        for person in people
        for visit in plan(trial.protocol, person, day)
        if everything or visit.status in ("due", "overdue")
    ]
    if form == "json":
        told = [
            {
                "participant": person.id,
                "site": person.site,
                "encounter": visit.encounter,
                "occurrence": visit.occurrence,
                "target": visit.target,
                "earliest": visit.earliest,
                "latest": visit.latest,
                "status": visit.status,
                "activities": visit.activities,
            }
            for person, visit in rows
        ]
        click.echo(as_json(told))
        return
    for person, visit in rows:
        repeat = f" {visit.occurrence}" if visit.occurrence > 1 else ""
        window = f"window {visit.earliest} to {visit.latest}"
        click.echo(f"{person.id:8} {visit.status:9} {visit.target}  {visit.label}{repeat} ({window})")
        click.echo(f"{'':18} {', '.join(visit.activities)}")
    for person in people:
        waits = awaited(trial.protocol, person, day)
        if waits and not plan(trial.protocol, person, day):
            click.echo(f"{person.id:8} nothing can be planned yet: visits are counted from the {waits[0]}, which is not recorded")
    for sentence in standing(trial.protocol, trial.state, day):
        click.echo(sentence)
    people_count = plural(len({person.id for person, _ in rows}), "participant")
    click.echo(f"{plural(len(rows), 'visit')}, {people_count}, as of {day}.")


@click.command()
@click.argument("participant")
@click.option("--trial", "name", help="Name of the trial; the only one by default.")
@click.option("--on", "on", metavar="DATE", help="The day of the decision; the last dose decision by default.")
@click.option("--what", type=click.Choice(["dose", "eligibility", "response", "all"]), default="dose", show_default=True)
@click.option(
    "--what-if",
    "imagined",
    multiple=True,
    metavar="VARIABLE=VALUE",
    help="Imagine a value; VARIABLE= means missing.",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@home_option
def explain(
    participant: str, name: str | None, on: str | None, what: str, imagined: tuple[str, ...], form: str, home: Path
) -> None:
    """Say why PARTICIPANT's dose, eligibility or response is what it is. A what-if changes nothing."""
    trial = trial_or_exit(folder_or_exit(home, name))
    person = _person(trial, participant)
    doses = [one.on for one in person.decisions if one.kind == "dose"]
    day = _date(on, doses[-1] if doses else max((visit.on for visit in person.visits), default=now().date()))
    replaced = _replaced(trial, imagined)
    told = _told(trial, person, day, what, replaced)
    if form == "json":
        click.echo(as_json(told))
        return
    banner = "SIMULATED · " if trial.state.simulated else ""
    click.echo(f"{banner}{person.id} on {day}{' · what if ' + ', '.join(imagined) if imagined else ''}\n")
    for part in told.values():
        click.echo("\n".join(part))
        click.echo()


def _replaced(trial: Trial, imagined: tuple[str, ...]) -> dict[str, Recorded | None]:
    found: dict[str, Recorded | None] = {}
    for text in imagined:
        variable, equals, value = text.partition("=")
        kind = trial.protocol.scope.variables.get(variable)
        if kind is None or not equals:
            known = ", ".join(trial.protocol.scope.variables)
            raise click.UsageError(f"--what-if wants VARIABLE=VALUE; `{text}` names no variable. Variables: {known}.")
        if not value:
            found[variable] = None
        elif kind.kind is Kind.FLAG:
            found[variable] = value in ("true", "yes")
        elif kind.kind is Kind.SET:
            found[variable] = tuple(part for part in value.split(",") if part)
        elif kind.kind is Kind.CODE and value not in kind.codes:
            raise click.UsageError(f"`{value}` is no code of {variable}. Codes: {', '.join(kind.codes)}.")
        elif kind.kind is Kind.QUANTITY and not _is_number(value):
            raise click.UsageError(f"{variable} is a number in {kind.unit.code if kind.unit else '1'}; `{value}` is none.")
        else:
            found[variable] = value
    return found


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdigit()


def _told(
    trial: Trial, person: ParticipantState, day: date, what: str, replaced: Mapping[str, Recorded | None]
) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    advice = advise(trial.protocol, person, day, what_if=replaced) if what in ("dose", "response", "all") else None
    if advice is not None and what in ("dose", "all"):
        told["dose"] = _dose_lines(advice)
        told["changed"] = [
            f"The {one.decision.kind} decision of {one.decision.on} (entry {one.decision.entry}) rests on data changed since: "
            f"correction{'s' if len(one.corrections) > 1 else ''} {', '.join(map(str, one.corrections))}."
            for one in changed_decisions(person)
        ]
    if advice is not None and what in ("response", "all"):
        told["response"] = [
            f"{trial.protocol.responses[name].label}: {one.category or ('not known' if one.assessable else 'not assessable')}"
            f"{' (confirmed)' if one.confirmed else ''} because {one.because}."
            for name, one in advice.responses.items()
        ]
    if what in ("eligibility", "all"):
        judged = judge_eligibility(trial.protocol, person, day)
        told["eligibility"] = [judged.outcome, *(_criterion_line(one) for one in judged.judgements)]
        told["monitoring"] = [*standing(trial.protocol, trial.state, day)]
    return {name: part for name, part in told.items() if part}


def _criterion_line(one: CriterionJudgement) -> str:
    verdict = _verdict(one.verdict, one.criterion.side)
    return f"{one.criterion.side} {one.criterion.id}: {verdict}. {one.sentence}. “{one.criterion.text}”"


def _verdict(verdict: str, side: str) -> str:
    if side == "exclusion":
        return {"met": "applies", "not met": "does not apply"}.get(verdict, verdict)
    return verdict


def _dose_lines(advice: Advice) -> list[str]:
    lines = [click.style(advice.headline, bold=True)]
    for line in advice.lines:
        if not line.sentence:
            continue
        mark = "→" if line.decided else " "
        lines.append(f"{mark} {line.rule} (line {line.line}): {line.sentence}.")
        if line.decided and line.text:
            lines.append(f"    the protocol says: “{line.text}”")
    lines += [f"  {advice.course}", f"  rests on entries {', '.join(map(str, advice.references)) or 'none'}"]
    if advice.what_if:
        lines.append("  This is a what-if: nothing was recorded.")
    return lines
