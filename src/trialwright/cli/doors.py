"""What only a door may touch: the home folder, the clock, the salts of the operating system, protocol files by path."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import platformdirs

from trialwright.cli.output import FINDINGS, finding_text, refuse
from trialwright.conduct.home import TrialFolder, trial_folder, trial_folders
from trialwright.conduct.trial import Trial
from trialwright.protocol import read_protocol
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.findings import Finding, Refused


def home_option(command: Any) -> Any:
    """Add ``--home``."""
    return click.option(
        "--home",
        type=click.Path(path_type=Path, file_okay=False),
        envvar="TRIALWRIGHT_HOME",
        default=lambda: Path(platformdirs.user_data_dir("trialwright", appauthor=False)),
        show_default="the platform's user data folder",
        help="Folder of everything that the program keeps.",
    )(command)


def now() -> datetime:
    """The instant, from the operating system."""
    return datetime.now(tz=UTC)  # noqa: TID251 - a door reads the clock (decision 2)


def system_salts(sequence: int, field: str) -> bytes:
    """Draw 16 bytes of the operating system's randomness for one field of one entry."""
    del sequence, field
    return os.urandom(16)


def protocol_or_exit(path: Path) -> Protocol:
    """Read a protocol; print what is wrong with it and end with 10 where it cannot be run."""
    reading = read_protocol(path)
    if reading.protocol is None:
        end_unread(reading.findings)
    assert reading.protocol is not None
    return reading.protocol


def end_unread(findings: tuple[Finding, ...]) -> None:
    """Print findings on standard error and end with 10."""
    click.echo("\n\n".join(finding_text(finding) for finding in findings), err=True)
    sys.exit(FINDINGS)


def folder_or_exit(home: Path, name: str | None) -> TrialFolder:
    """Return the named trial's folder, or the only one; say which there are otherwise. A path to a folder will do."""
    if name is not None and (Path(name) / "protocol.yaml").is_file():
        return TrialFolder(Path(name))
    folders = trial_folders(home)
    if name is None and len(folders) == 1:
        return folders[0]
    listed = ", ".join(folder.name for folder in folders) or "none; begin one with `trialwright init` or `trialwright demo`"
    if name is None:
        raise click.UsageError(f"Name a trial with --trial. In {home} there are: {listed}.")
    try:
        folder = trial_folder(home, name)
    except Refused as refused:
        refuse(refused)
    if not folder.protocol.exists():
        raise click.UsageError(f"There is no trial `{name}` in {home}. There are: {listed}.")
    return folder


def trial_or_exit(folder: TrialFolder) -> Trial:
    """Open a trial; a log that cannot be read, or was kept under another protocol, is refused."""
    protocol = protocol_or_exit(folder.protocol)
    try:
        return folder.open(protocol, system_salts)
    except Refused as refused:
        refuse(refused)
