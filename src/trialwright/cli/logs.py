"""``trialwright log``: show, verify, export and recover a trial's log."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from trialwright.cli.doors import folder_or_exit, home_option
from trialwright.cli.output import UNVERIFIED, as_json, finding_json, finding_text, refuse
from trialwright.log import JsonLinesShelf, export_csv, export_json_lines, recover, verify
from trialwright.vocabulary.findings import Refused


@click.group()
def log() -> None:
    """Show, verify, export or recover a trial's log."""


def _path(name: str | None, file: Path | None, home: Path) -> Path:
    return file if file is not None else folder_or_exit(home, name).log


_trial = click.option("--trial", "name", help="Name of the trial; the only one by default.")
_file = click.option("--file", type=click.Path(path_type=Path), help="A log file instead of a trial's.")


@log.command()
@_trial
@_file
@click.option("--participant", help="Only entries about this participant.")
@click.option("--last", type=int, help="Only the last N entries.")
@home_option
def show(name: str | None, file: Path | None, participant: str | None, last: int | None, home: Path) -> None:
    """Show entries, one a line, in plain words."""
    try:
        entries = [
            entry
            for entry in JsonLinesShelf(_path(name, file, home)).entries()
            if participant is None or entry.fields.get("participant") == participant
        ]
    except Refused as refused:
        refuse(refused)
    for entry in entries[-last:] if last else entries:
        fields = ", ".join(f"{key} {value}" for key, value in entry.fields.items() if key not in ("inputs_digest", "engine"))
        at = entry.recorded_at.strftime("%Y-%m-%d %H:%M")
        click.echo(f"{entry.sequence:6} {at} {entry.actor.role}@{entry.actor.site or '-'} {entry.kind}: {fields}")


@log.command(name="verify")
@_trial
@_file
@click.option("--expect-head", "expect", metavar="DIGEST", help="A head digest that a witness kept; the log must contain it.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@home_option
def verify_log(name: str | None, file: Path | None, expect: str | None, form: str, home: Path) -> None:
    """Check every byte, digest, commitment and link. Ends with 12 where anything does not verify."""
    path = _path(name, file, home)
    found = verify(path, expect)
    broken = any(finding.stops for finding in found.findings)
    if form == "json":
        told = {
            "file": str(path),
            "verified": not broken,
            "entries": found.count,
            "head": found.head.digest,
            "findings": [finding_json(one) for one in found.findings],
        }
        click.echo(as_json(told))
    else:
        for finding in found.findings:
            click.echo(f"{finding_text(finding)}\n")
        verdict = "does NOT verify" if broken else "verifies"
        click.echo(f"{path} {verdict}: {found.count} entries, head {found.head.sequence} {found.head.digest}")
        if expect is None and not broken:
            click.echo(
                "A cut tail or a chain made anew shows only against a head that somebody else kept: give it with --expect-head."
            )
    if broken:
        sys.exit(UNVERIFIED)


@log.command()
@_trial
@_file
@click.option("--format", "form", type=click.Choice(["jsonl", "csv"]), default="jsonl", show_default=True)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file; to the screen by default.")
@home_option
def export(name: str | None, file: Path | None, form: str, out: Path | None, home: Path) -> None:
    """Export every entry as JSON Lines or CSV, without salts."""
    try:
        entries = list(JsonLinesShelf(_path(name, file, home)).entries())
    except Refused as refused:
        refuse(refused)
    text = "".join(export_csv(entries)) if form == "csv" else "".join(f"{line}\n" for line in export_json_lines(entries))
    if out is None:
        click.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8", newline="")
    click.echo(f"{len(entries)} entries written to {out}")


@log.command(name="recover")
@_trial
@_file
@home_option
def recover_log(name: str | None, file: Path | None, home: Path) -> None:
    """Move what a crash tore off the end of a log into a file beside it; nothing is thrown away."""
    path = _path(name, file, home)
    try:
        done = recover(path)
    except Refused as refused:
        refuse(refused)
    if done.finding is None:
        click.echo(f"{path} ends whole; nothing was moved. Head {done.head.sequence} {done.head.digest}")
        return
    click.echo(f"{finding_text(done.finding)}\n")
    click.echo(f"{done.moved_bytes} bytes moved to {done.moved_to}. Head {done.head.sequence} {done.head.digest}")
