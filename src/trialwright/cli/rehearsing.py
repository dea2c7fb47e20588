"""``trialwright rehearse`` and ``compare``: a whole simulated trial, and a reader's own figure beside many of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from trialwright.cli.doors import end_unread, home_option, protocol_or_exit
from trialwright.cli.output import as_json, refuse
from trialwright.conduct.home import TrialFolder, write_whole
from trialwright.engine.advice import ENGINE
from trialwright.log import JsonLinesShelf
from trialwright.protocol.study import Protocol
from trialwright.simulation.virtual import Virtual, read_virtual
from trialwright.vocabulary.findings import Refused


def virtual_path(protocol: Path, virtual: Path | None) -> Path:
    """Return the file of virtual people: the one named, or ``virtual.yaml`` beside the protocol."""
    return virtual if virtual is not None else protocol.with_name("virtual.yaml")


def virtual_or_exit(path: Path) -> Virtual:
    """Read the file of virtual people; print what is wrong with it and end with 10."""
    reading = read_virtual(path)
    if reading.virtual is None:
        end_unread(reading.findings)
    assert reading.virtual is not None
    return reading.virtual


def rehearse_into(
    folder: TrialFolder, protocol: Protocol, virtual: Path, seed: int, quiet: bool = False
) -> tuple[dict[str, Any], bool]:
    """Rehearse into a folder, or reuse what it holds of the same protocol, people, seed and engine.

    Returns:
        What ``rehearsal.json`` says, and whether it was reused.

    Raises:
        Refused: The protocol cannot be rehearsed with these people.
    """
    inputs = {
        "protocol": protocol.digest,
        "virtual": hashlib.sha256(virtual.read_bytes()).hexdigest(),
        "seed": seed,
        "engine": ENGINE,
    }
    kept = folder.file("rehearsal.json")
    if kept.exists() and folder.log.exists():
        told: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8"))
        if told.get("inputs") == inputs and JsonLinesShelf(folder.log).head().digest == told["head"]["digest"]:
            return told, True
    people = virtual_or_exit(virtual)
    _make_room(folder)
    folder.keep_protocol(protocol, Path(protocol.source.file).read_bytes())
    told = {"inputs": inputs, **_play(folder, protocol, people, seed, quiet)}
    write_whole(kept, as_json(told).encode())
    return told, False


def _make_room(folder: TrialFolder) -> None:
    """Clear what an earlier rehearsal left; a log that is no rehearsal's is never touched."""
    if not folder.log.exists():
        return
    if not folder.file("rehearsal.json").exists():
        raise click.UsageError(f"{folder.log} is a log that no rehearsal made. Give another --out.")
    for name in ("rehearsal.json", "log.jsonl", "report.html", "report.pdf", "check.json", "results.json", "study.json"):
        folder.file(name).unlink(missing_ok=True)


def _play(folder: TrialFolder, protocol: Protocol, people: Virtual, seed: int, quiet: bool) -> dict[str, Any]:
    from trialwright.simulation import rehearse as play

    folder.path.mkdir(parents=True, exist_ok=True)
    with click.progressbar(length=1000, label="Rehearsing (simulated)", hidden=quiet, show_pos=False) as bar:
        shown = 0

        def progress(enrolled: int, planned: int) -> None:
            nonlocal shown
            reached = 1000 * enrolled // max(1, planned)
            bar.update(reached - shown)
            shown = reached

        try:
            done = play(protocol, people, seed, JsonLinesShelf(folder.log, durable=False), progress)
        except BaseException:
            folder.log.unlink(missing_ok=True)
            raise
    return {**asdict(done), "head": {"sequence": done.head.sequence, "digest": done.head.digest}}


@click.command()
@click.argument("protocol", type=click.Path(path_type=Path))
@click.option(
    "--virtual", type=click.Path(path_type=Path), help="The virtual people; virtual.yaml beside the protocol by default."
)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="The seed; the file of people names one.")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Folder to write into; one in --home by default.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@home_option
def rehearse(protocol: Path, virtual: Path | None, seed: int | None, out: Path | None, form: str, home: Path) -> None:
    """Play a whole trial of PROTOCOL with simulated participants, through the commands that a site would use."""
    study = protocol_or_exit(protocol)
    people = virtual_path(protocol, virtual)
    chosen = seed if seed is not None else virtual_or_exit(people).demonstration.seed
    folder = TrialFolder(out if out is not None else home / "trials" / f"{study.id}-rehearsal")
    try:
        told, reused = rehearse_into(folder, study, people, chosen, quiet=form == "json")
    except Refused as refused:
        refuse(refused)
    if form == "json":
        click.echo(as_json(told))
        return
    entries = told["head"]["sequence"] + 1
    click.echo(f"{told['study']}: {'reused' if reused else 'played'} with seed {chosen}; everyone in it is simulated")
    click.echo(
        f"  {told['registered']} candidates, {told['enrolled']} enrolled, {told['treated']} treated; "
        f"{sum(told['deviations'].values())} deviations; {entries} entries"
    )
    click.echo(f"  head {told['head']['digest']}\n  in {folder.path}")
