"""The trials of the home folder and their files, as this door may read them. Never writes, and never leaves the folder."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

from trialwright.conduct.home import TrialFolder, trial_folder, trial_folders
from trialwright.vocabulary.findings import Refused

NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"


def trials() -> tuple[TrialFolder, ...]:
    """The trials of the home folder, by name."""
    return tuple(one for one in trial_folders(_home()) if _inside(one))


def find_trial(name: str) -> TrialFolder | None:
    """The trial of that name, or None."""
    try:
        folder = trial_folder(_home(), name)
    except Refused:
        return None
    return folder if folder.protocol.is_file() and _inside(folder) else None


def existing(folder: TrialFolder, name: str) -> Path | None:
    """A file of the trial, or None where there is none (a link that leads out of the folder counts as none)."""
    found = folder.file(name)
    return found if found.is_file() and found.resolve().is_relative_to(folder.path.resolve()) else None


def stamp(path: Path | None) -> tuple[int, ...]:
    """What tells one state of a file from another without reading it.

    The instant at which the system last changed the file is part of it, which no ordinary program can set back.
    """
    if path is None or not path.exists():
        return ()
    stat = path.stat()
    return (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)


def _home() -> Path:
    home: Path = settings.TRIALWRIGHT_HOME
    return home


def _inside(folder: TrialFolder) -> bool:
    return folder.path.resolve().parent == (_home() / "trials").resolve()
