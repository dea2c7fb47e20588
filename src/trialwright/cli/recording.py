"""``trialwright init`` and ``record``: beginning a trial, and recording commands from JSON or CSV."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from trialwright.cli.doors import end_unread, folder_or_exit, home_option, now, protocol_or_exit, system_salts, trial_or_exit
from trialwright.cli.output import as_json, finding_text, plural, refuse
from trialwright.conduct import Actor, Outcome, Trial, read_command
from trialwright.conduct.commands import COMMANDS, DelegateAuthority, OpenTrial
from trialwright.conduct.home import trial_folder
from trialwright.log import JsonLinesShelf, seeded_salts
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.dates import DateError, parse_instant
from trialwright.vocabulary.findings import Finding, Place, Refused, Severity


@click.command()
@click.argument("protocol", type=click.Path(path_type=Path))
@click.option("--trial", "name", help="Name of the trial in this home; the study's own by default.")
@click.option("--site", "sites", multiple=True, help="A site; repeat. The protocol's sites by default.")
@click.option("--sponsor", default="sponsor", show_default=True, help="Who opens the log.")
@click.option("--delegate", "delegations", multiple=True, metavar="PERSON:ROLE[:SITE]", help="Delegate a role; repeat.")
@click.option("--simulated", is_flag=True, help="The people of this trial are simulated.")
@click.option("--at", "instant", help="The instant of recording (ISO 8601, UTC); now by default.")
@click.option(
    "--salt-seed", help="Derive salts from this seed, so that a script gives one head digest. For simulated trials only."
)
@home_option
def init(
    protocol: Path,
    name: str | None,
    sites: tuple[str, ...],
    sponsor: str,
    delegations: tuple[str, ...],
    simulated: bool,
    instant: str | None,
    salt_seed: str | None,
    home: Path,
) -> None:
    """Begin a trial under PROTOCOL: keep the file by its digest and open the log."""
    study = protocol_or_exit(protocol)
    _stop_at_errors(study)
    if salt_seed and not simulated:
        raise click.UsageError("--salt-seed makes salts guessable; it goes with --simulated only.")
    at = _instant(instant) or now()
    title = study.file.study.brief_title
    command = OpenTrial(
        study=f"{study.id} (simulated)" if simulated else study.id,
        title=f"{title} (simulated)" if simulated else title,
        simulated=simulated,
        sites=sites or tuple(site.id for site in study.file.study.sites),
        on=at.date(),
    )
    try:
        folder = trial_folder(home, name or study.id)
        if folder.log.exists() and folder.log.stat().st_size:
            detail = f"{folder.log} holds a log already; a log is never begun twice."
            finding = Finding(
                "TW-C050", Severity.ERROR, Place(str(folder.log)), "This trial has begun", detail, ("Give another --trial",)
            )
            raise Refused((finding,))
        folder.keep_protocol(study, protocol.read_bytes())
        salts = seeded_salts(salt_seed.encode()) if salt_seed else system_salts
        trial = Trial.begin(JsonLinesShelf(folder.log), study, command, Actor(sponsor, "sponsor"), at, salts)
        for number, text in enumerate(delegations):
            _delegate(trial, text, number, sponsor, at)
    except Refused as refused:
        refuse(refused)
    click.echo(f"Trial {folder.name} begun in {folder.path}\nProtocol digest {study.digest}")
    click.echo(f"Head {trial.head.sequence} {trial.head.digest}")


def _stop_at_errors(study: Protocol) -> None:
    """A trial begins only under a protocol whose errors its author has acknowledged; ends with 10 otherwise."""
    from trialwright.review import check

    standing = tuple(finding for finding in check(study).findings if finding.stops)
    if standing:
        click.echo("No trial begins under a protocol with errors that nobody has acknowledged.\n", err=True)
        end_unread(standing)


def _delegate(trial: Trial, text: str, number: int, sponsor: str, at: datetime) -> None:
    person, _, rest = text.partition(":")
    role, _, site = rest.partition(":")
    if not person or not role:
        raise click.UsageError(f"--delegate wants PERSON:ROLE or PERSON:ROLE:SITE, not `{text}`.")
    command = DelegateAuthority(person=person, roles=(role,), site=site, on=at.date())
    trial.submit(command, actor=Actor(sponsor, "sponsor"), at=at, key=f"delegate-{number}")


@click.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--trial", "name", help="Name of the trial; the only one by default.")
@click.option("--as", "actor", required=True, metavar="PERSON:ROLE[:SITE]", help="Who records, in which role, at which site.")
@click.option(
    "--at", "instant", help="The instant of recording (ISO 8601, UTC); now by default. A command's own `at` comes first."
)
@click.option("--salt-seed", help="Derive salts from this seed (simulated trials only).")
@click.option("--dry-run", is_flag=True, help="Say what would be recorded; record nothing.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@home_option
def record(
    source: Path,
    name: str | None,
    actor: str,
    instant: str | None,
    salt_seed: str | None,
    dry_run: bool,
    form: str,
    home: Path,
) -> None:
    """Record commands from SOURCE: JSON (one, a list, or one a line) or CSV (a column `command`, one row a command).

    Commands are carried out in order; each is whole or not at all. At the first that is refused, recording ends: what was
    recorded before stands, and the same file can be given again (each command has a key of its own).
    """
    folder = folder_or_exit(home, name)
    trial = trial_or_exit(folder)
    if salt_seed:
        if not trial.state.simulated:
            raise click.UsageError("--salt-seed makes salts guessable; it goes with simulated trials only.")
        trial.salts = seeded_salts(salt_seed.encode())
    if dry_run:
        trial = _imagined(trial)
    person, _, rest = actor.partition(":")
    role, _, site = rest.partition(":")
    who = Actor(person, role, site)
    given_at = _instant(instant)
    outcomes: list[Outcome] = []
    try:
        for place, data in _commands(source):
            outcomes.append(_submit(trial, data, place, who, given_at or now()))
    except Refused as refused:
        click.echo(f"Before this one: {plural(len(outcomes), 'command')} recorded.", err=True)
        refuse(refused)
    _show(trial, outcomes, form, dry_run)


def _instant(text: str | None) -> datetime | None:
    try:
        return parse_instant(text) if text else None
    except DateError as error:
        raise click.BadParameter(str(error), param_hint="--at") from None


def _imagined(trial: Trial) -> Trial:
    from trialwright.log import MemoryShelf

    shelf = MemoryShelf()
    shelf.append(trial.entries, shelf.head())
    return Trial(shelf, trial.protocol, trial.salts)


def _submit(trial: Trial, data: dict[str, Any], place: Place, who: Actor, at: datetime) -> Outcome:
    given = dict(data)
    try:
        at = parse_instant(str(given.pop("at"))) if "at" in given else at
    except DateError as error:
        raise Refused((Finding("TW-C011", Severity.ERROR, place, "`at` cannot be read", str(error)),)) from None
    if "actor" in given:
        person, _, rest = str(given.pop("actor")).partition(":")
        role, _, site = rest.partition(":")
        who = Actor(person, role, site)
    key = str(given.pop("key", "")) or _key(data, place)
    command, findings = read_command(given, place)
    if command is None:
        raise Refused(findings)
    return trial.submit(command, actor=who, at=at, key=key)


def _key(data: dict[str, Any], place: Place) -> str:
    """Derive a command's key from what it says and where it stands, so that the same file given twice adds nothing."""
    said = json.dumps([place.line, place.path, data], sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:24]


def _commands(source: Path) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield each command with its place; what cannot be read is refused (TW-C080)."""
    try:
        text = source.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unread(source, 1, f"Byte {error.start} is not UTF-8.") from None
    if source.suffix.lower() == ".csv":
        yield from _rows(source, text)
        return
    try:
        whole = json.loads(text, parse_float=Decimal)
    except json.JSONDecodeError as error:
        if "\n" not in text.strip():
            raise _unread(source, error.lineno, f"{error.msg} at column {error.colno}.") from None
        yield from _lines(source, text)
        return
    for index, data in enumerate(whole if isinstance(whole, list) else [whole]):
        if not isinstance(data, dict):
            raise _unread(source, 1, f"Element {index} is no command.")
        yield Place(str(source), path=f"[{index}]"), _plain(data)


def _lines(source: Path, text: str) -> Iterator[tuple[Place, dict[str, Any]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            data = json.loads(line, parse_float=Decimal)
        except json.JSONDecodeError as error:
            raise _unread(source, number, f"{error.msg} at column {error.colno}.") from None
        if not isinstance(data, dict):
            raise _unread(source, number, "The line is no command.")
        yield Place(str(source), number, 1), _plain(data)


def _rows(source: Path, text: str) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Read CSV: empty cells are left out; `value.anc` and `limit.bilirubin` columns fill a visit's values and limits."""
    reader = csv.DictReader(io.StringIO(text))
    if "command" not in (reader.fieldnames or ()):
        raise _unread(source, 1, "There is no column `command`.")
    for row in reader:
        if None in row:
            raise _unread(source, reader.line_num, "The row has more cells than the header.")
        yield Place(str(source), reader.line_num, 1), _from_cells({name: cell for name, cell in row.items() if cell})


def _from_cells(cells: dict[str, str]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    model = COMMANDS.get(cells.get("command", ""))
    for name, cell in cells.items():
        group, _, variable = name.partition(".")
        if variable and group in ("value", "limit"):
            data.setdefault(f"{group}s", {})[variable] = _cell(cell) if group == "value" else cell.split("..")
        else:
            field = model.model_fields.get(name) if model else None
            data[name] = _typed(cell, str(field.annotation) if field else "str")
    return data


def _cell(cell: str) -> str | bool | list[str]:
    if cell in ("true", "false"):
        return cell == "true"
    return [part.strip() for part in cell.strip("{}").split(",") if part.strip()] if cell.startswith("{") else cell


def _typed(cell: str, annotation: str) -> Any:
    if "bool" in annotation:
        return _cell(cell)
    if "tuple" in annotation:
        return [_number(part.strip(), annotation) for part in cell.split(";")]
    return _number(cell, annotation)


def _number(cell: str, annotation: str) -> int | str:
    return int(cell) if "int" in annotation and cell.lstrip("-").isdigit() else cell


def _plain(data: Any) -> Any:
    """Turn the decimals of JSON into text, as spelled."""
    if isinstance(data, dict):
        return {str(name): _plain(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    return str(data) if isinstance(data, Decimal) else data


def _unread(source: Path, line: int, detail: str) -> Refused:
    place = Place(str(source), line, 1)
    return Refused((Finding("TW-C080", Severity.ERROR, place, "The commands cannot be read here", detail),))


def _show(trial: Trial, outcomes: list[Outcome], form: str, dry_run: bool) -> None:
    entries = sum(len(one.entries) for one in outcomes if not one.repeated)
    repeated = sum(1 for one in outcomes if one.repeated)
    deviations = [found for one in outcomes for found in one.deviations]
    if form == "json":
        told = {
            "commands": len(outcomes),
            "entries": entries,
            "repeated": repeated,
            "deviations": [found.detail for found in deviations],
            "head": {"sequence": trial.head.sequence, "digest": trial.head.digest},
            "dry_run": dry_run,
        }
        click.echo(as_json(told))
        return
    for outcome in outcomes:
        for finding in outcome.findings:
            click.echo(finding_text(finding))
    for found in deviations:
        click.echo(f"Deviation noted · {found.kind}: {found.detail}")
    would = "Would record" if dry_run else "Recorded"
    again = f", {repeated} recorded before" if repeated else ""
    what = f"{plural(len(outcomes), 'command')} as {plural(entries, 'entry', 'entries')}{again}"
    click.echo(f"{would} {what}. Head {trial.head.sequence} {trial.head.digest}")
