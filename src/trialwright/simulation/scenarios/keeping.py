"""Keeps the tallies of chunks in a folder, so that a run that was broken off goes on where it ended.

Each file is written whole; its name says what it follows from, and its content is checked when it is read. A damaged one is
played again. ``run.json`` says whose folder it is.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from trialwright.conduct.home import write_whole
from trialwright.simulation.operating.tally import Layout, Tally
from trialwright.simulation.scenarios.grid import refuse
from trialwright.simulation.scenarios.work import Task, Work

RUN, CHUNKS = "run.json", "chunks"
WORDS = {
    "protocol": "the protocol",
    "virtual": "the file of chances",
    "seed": "the seed",
    "engine": "the version of the program",
    "scenarios": "the scenarios",
}


@dataclass(frozen=True, slots=True)
class Keep:
    """The folder of one run."""

    folder: Path

    def begin(self, work: Work, resume: bool) -> None:
        """Take possession of the folder, or go on in it.

        Raises:
            Refused: It holds another run, or a run and ``resume`` was not asked for (TW-V044).
        """
        told = {**work.inputs(), "chunk": work.chunk, "scenarios": [dict(one.settings) for one in work.scenarios]}
        before = self.manifest()
        if before is not None:
            self._object(before, told, resume)
            told["chunk"] = before["chunk"]
        write_whole(self.folder / RUN, json.dumps({"simulated": True, **told}, indent=2).encode())

    def manifest(self) -> dict[str, Any] | None:
        """What stands in ``run.json``; None where there is none."""
        try:
            found = json.loads((self.folder / RUN).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def _object(self, before: dict[str, Any], told: dict[str, Any], resume: bool) -> None:
        place, another = str(self.folder), "Give another folder with --out"
        other = [words for name, words in WORDS.items() if before.get(name) != told[name]]
        if other:
            detail = f"It was begun with something else. What differs: {', '.join(other)}."
            raise refuse("TW-V044", place, "The folder holds another simulation", detail, another)
        if not resume:
            detail = "It is the same one: same protocol, chances, seed and scenarios."
            raise refuse("TW-V044", place, "The folder already holds a simulation", detail, "Go on in it with --resume", another)

    def path(self, work: Work, task: Task) -> Path:
        """Where the tally of a task is kept."""
        return self.folder / CHUNKS / f"{work.digest(task.scenario)[:24]}-{task.first}-{task.count}.npz"

    def save(self, work: Work, task: Task, tally: Tally) -> None:
        """Keep a tally."""
        packed = io.BytesIO()
        layout = json.dumps({name: list(shape) for name, shape in tally.layout.shapes.items()})
        counts = np.ascontiguousarray(tally.counts, "<i8")
        check = hashlib.sha256(counts.tobytes()).hexdigest()
        np.savez_compressed(packed, counts=counts, trials=np.int64(tally.trials), layout=np.array(layout), check=np.array(check))
        write_whole(self.path(work, task), packed.getvalue())

    def load(self, work: Work, task: Task) -> Tally | None:
        """Return what was kept of a task; None where nothing (or nothing whole) was."""
        try:
            with np.load(self.path(work, task), allow_pickle=False) as kept:
                counts, trials = np.asarray(kept["counts"], np.int64), int(kept["trials"])
                shapes = {name: tuple(shape) for name, shape in json.loads(str(kept["layout"])).items()}
                whole = hashlib.sha256(np.ascontiguousarray(counts, "<i8").tobytes()).hexdigest() == str(kept["check"])
        except (OSError, ValueError, KeyError, EOFError, zlib.error, zipfile.BadZipFile):
            return None
        expected = work.compiled.layout(work.numbers[task.scenario])
        fits = whole and trials == task.count and shapes == dict(expected.shapes) and counts.size == expected.size
        return Tally(Layout(shapes), trials, counts) if fits else None
