"""``trialwright simulate --open K``: one simulated trial of many, kept as a trial folder like any other."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from trialwright.cli.doors import protocol_or_exit
from trialwright.cli.output import refuse
from trialwright.cli.simulate_outcomes import Asked
from trialwright.conduct.home import TrialFolder
from trialwright.log import JsonLinesShelf
from trialwright.simulation.operating.reading import read_operating
from trialwright.simulation.operating.run import check_opens, compile_arms, open_one
from trialwright.simulation.scenarios.grid import read_setting
from trialwright.vocabulary.findings import Refused


def open_into(asked: Asked, number: int, home: Path) -> None:
    """Play one trial of the run into a folder of its own, and say where it is and what reads it.

    Raises:
        Refused: The file or a setting does not fit.
    """
    protocol = protocol_or_exit(asked.protocol)
    compiled = compile_arms(protocol, read_operating(asked.virtual), interpreted=True)[0]
    check_opens(compiled)
    settings = dict(read_setting(one) for one in asked.settings)
    compiled.parameters(settings)
    folder = TrialFolder(home / "trials" / f"{protocol.id}-seed-{asked.seed}-trial-{number}")
    if folder.path.exists():
        raise click.UsageError(f"{folder.path} exists. Remove that folder, or give another --home.")
    with _made_whole(folder) as beside:
        try:
            trial = open_one(compiled, asked.seed, number, settings, JsonLinesShelf(beside.log, durable=False))
        except Refused as refused:
            refuse(refused)
        beside.keep_protocol(protocol, asked.protocol.read_bytes())
    enrolled = sum(one.enrolled is not None for one in trial.state.participants.values())
    click.echo(f"SIMULATED · trial {number} of seed {asked.seed}: {enrolled} participants, {len(trial.entries)} entries")
    click.echo(f"  head {trial.head.digest}\n  in {folder.path}")
    click.echo(f"  trialwright explain P01 --trial {folder.name} --home {home}")


@contextmanager
def _made_whole(folder: TrialFolder) -> Iterator[TrialFolder]:
    """A folder beside its place, which is moved there once it is whole; what is broken off leaves nothing."""
    folder.path.parent.mkdir(parents=True, exist_ok=True)
    beside = TrialFolder(folder.path.with_name(f".{folder.name}.{os.getpid()}.part"))
    try:
        beside.path.mkdir()
        yield beside
        beside.path.rename(folder.path)
    except OSError as error:
        error.filename = error.filename or str(folder.path)
        raise
    finally:
        shutil.rmtree(beside.path, ignore_errors=True)
