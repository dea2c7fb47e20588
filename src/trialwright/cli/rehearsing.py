"""``trialwright rehearse`` and ``compare``: a whole simulated trial, and a reader's own figure beside many of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np

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


@click.command()
@click.argument("protocol", type=click.Path(path_type=Path))
@click.option("--observed", required=True, metavar="R/N", help="The reader's own figure: R responders of N.")
@click.option(
    "--virtual", type=click.Path(path_type=Path), help="The virtual people; virtual.yaml beside the protocol by default."
)
@click.option("--endpoint", default="", help="The endpoint that is counted; the first of the primary objective by default.")
@click.option(
    "-n", "--trials", default=1000, show_default=True, type=click.IntRange(1, 1_000_000), help="How many trials to rehearse."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**62), help="The seed of the first trial.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def compare(protocol: Path, observed: str, virtual: Path | None, endpoint: str, trials: int, seed: int, form: str) -> None:
    """Set a reader's own figure beside the distribution of many rehearsed trials of PROTOCOL. Nothing is calibrated to it."""
    from trialwright.simulation import compare as set_beside
    from trialwright.simulation import rehearse_many

    responders, slash, of = observed.partition("/")
    if not slash or not responders.strip().isdigit() or not of.strip().isdigit():
        raise click.UsageError(f"--observed wants R/N, such as 12/25; `{observed}` was given.")
    study = protocol_or_exit(protocol)
    people = virtual_or_exit(virtual_path(protocol, virtual))
    try:
        rehearsed = rehearse_many(study, people, trials, seed, endpoint)
        found = set_beside(rehearsed, int(responders), int(of))
    except Refused as refused:
        refuse(refused)
    counts = [int(count) for count in np.bincount(rehearsed.responders, minlength=found.of + 1)]
    if form == "json":
        told = {
            "simulated": True,
            "endpoint": rehearsed.endpoint,
            "trials": rehearsed.trials,
            "observed": found.observed,
            "of": found.of,
            "mean": found.mean,
            "mean_error": found.mean_error,
            "at_most": found.at_most,
            "at_least": found.at_least,
            "middle": found.middle,
            "counts": counts,
        }
        click.echo(as_json(told))
        return
    click.echo(f"SIMULATED · {rehearsed.label}: responders of {found.of} in {rehearsed.trials} rehearsed trials\n")
    widest = max(counts)
    for number, count in enumerate(counts):
        if count:
            mark = "  ← observed" if number == found.observed else ""
            click.echo(f"{number:4} {'█' * max(1, round(40 * count / widest)):40} {count / rehearsed.trials:6.1%}{mark}")
    click.echo(f"\n{found.sentence}")
    click.echo(f"95 % of the rehearsed trials have {found.middle[0]} to {found.middle[1]} responders.")
