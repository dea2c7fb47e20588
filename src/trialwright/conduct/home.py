"""Where everything that the program keeps is kept: one folder, a sub-folder for each trial. Writes whole files only.

<home>/trials/<name>/protocol.yaml        the protocol as it was when the log began
                     protocols/<digest>.yaml   every version by digest
                     log.jsonl            the log
                     report.html, report.pdf, check.json, study.json, rehearsal.json
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from trialwright.conduct.trial import Trial
from trialwright.log import JsonLinesShelf, SaltSource
from trialwright.protocol import ProtocolReading, read_protocol
from trialwright.protocol.study import Protocol
from trialwright.vocabulary.findings import Finding, Place, Refused, Severity

_NAME = re.compile(r"^[a-z0-9][a-z0-9._-]{0,80}$")


@dataclass(frozen=True, slots=True)
class TrialFolder:
    """The folder of one trial."""

    path: Path

    @property
    def name(self) -> str:
        """The trial's name in commands and addresses."""
        return self.path.name

    @property
    def protocol(self) -> Path:
        """The protocol file in force."""
        return self.path / "protocol.yaml"

    @property
    def log(self) -> Path:
        """The log."""
        return self.path / "log.jsonl"

    def file(self, name: str) -> Path:
        """A further file of the trial, such as ``report.html``."""
        return self.path / name

    def read_protocol(self) -> ProtocolReading:
        """Read the protocol in force."""
        return read_protocol(self.protocol)

    def keep_protocol(self, protocol: Protocol, text: bytes) -> None:
        """Keep the protocol as the one in force, and by its digest."""
        versions = self.path / "protocols"
        versions.mkdir(parents=True, exist_ok=True)
        write_whole(versions / f"{protocol.digest}.yaml", text)
        write_whole(self.protocol, text)

    def open(self, protocol: Protocol, salts: SaltSource) -> Trial:
        """Open the trial on its log; refused (TW-C070) where the log was begun under another protocol.

        Raises:
            Refused: The last entry was decided under a protocol version that is not the one in force.
        """
        trial = Trial(JsonLinesShelf(self.log), protocol, salts)
        last = trial.entries[-1].protocol if trial.entries else protocol.digest
        if last != protocol.digest:
            detail = f"The log was kept under {last[:12]}…; {self.protocol.name} has the digest {protocol.digest[:12]}…."
            ways = ("Restore the file from protocols/", "Rehearse the changed protocol into a new folder")
            finding = Finding("TW-C070", Severity.ERROR, Place(str(self.protocol)), "The protocol file has changed", detail, ways)
            raise Refused((finding,))
        return trial


def trial_folder(home: Path, name: str) -> TrialFolder:
    """Return the folder of a trial by name.

    Raises:
        Refused: The name could leave the home folder (TW-C071).
    """
    if not _NAME.match(name) or ".." in name:
        detail = "A trial's name has small letters, digits, '.', '_' and '-'."
        raise Refused((Finding("TW-C071", Severity.ERROR, Place(name), f"`{name}` is no name of a trial", detail),))
    return TrialFolder(home / "trials" / name)


def trial_folders(home: Path) -> tuple[TrialFolder, ...]:
    """Return every trial of a home folder, by name."""
    folder = home / "trials"
    found = sorted(path for path in folder.iterdir() if (path / "protocol.yaml").exists()) if folder.is_dir() else []
    return tuple(TrialFolder(path) for path in found)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and move it there, so that a reader sees the old or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with beside.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(path)
    except BaseException as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)
        raise
