"""The catalogue: records and their history in one folder, found through the index; one writer, any number of readers.

A reader takes an ``Edition`` and keeps it as long as it likes. The writer builds the next one beside it and swaps it in
by one rename, so a kill at any point leaves the old or the new one. Never asks the network and never reads the clock.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from trialwright.registry.address import CLASSIC, Address
from trialwright.registry.catalogue.differences import Difference, differences
from trialwright.registry.catalogue.edition import Edition
from trialwright.registry.catalogue.folder import CatalogueBusy, Layout, link_tree, sole_writer, sync_tree, write_whole
from trialwright.registry.catalogue.manifest import Manifest, Source
from trialwright.registry.catalogue.packs import DamagedPack
from trialwright.registry.catalogue.revision import Outcome, Revision, key_of
from trialwright.registry.catalogue.versions import Version

__all__ = [
    "CLASSIC",
    "Address",
    "Catalogue",
    "CatalogueBusy",
    "DamagedPack",
    "Difference",
    "Edition",
    "Manifest",
    "Outcome",
    "Revision",
    "Source",
    "Version",
    "differences",
    "key_of",
]

_TRIES = 5  # a reader may meet a generation that is just being pruned


class Catalogue:
    """A folder of records. Many threads and programs may read; one at a time revises.

    Args:
        folder: Where it stands, ``<home>/registry``; need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._layout = Layout(folder)
        self._guard = threading.Lock()
        self._signature: tuple[int, int, int] | None = None
        self._edition: Edition | None = None

    def edition(self) -> Edition:
        """The present edition: one ``stat`` where nothing changed; the empty edition where there is no generation.

        Raises:
            ValueError: The folder is damaged or of another format.
        """
        signature = self._layout.signature()
        edition = self._edition
        if edition is not None and signature == self._signature:
            return edition
        with self._guard:
            if self._edition is None or signature != self._signature:
                self._edition = self._opened()
                self._signature = signature
            return self._edition

    @contextmanager
    def revision(self, on: datetime, purpose: str = "revision") -> Iterator[Revision]:
        """Build the next generation; it is swapped in when the block is left without an error.

        Args:
            on: The instant of the revision, aware.
            purpose: What it is for, in words that the manifest keeps; a broken-off revision is gone on from only
                under the same purpose.

        Raises:
            CatalogueBusy: Another program is revising.
        """
        with sole_writer(self._layout.lock):
            self._layout.finish_swap()
            revision = Revision(self._layout, self._opened(), on, purpose)
            try:
                yield revision
            except BaseException:
                revision.abandon()
                raise
            revision.commit()

    def snapshot(self, target: Path) -> Edition:
        """Copy the present edition, whole and consistent, into a folder that does not exist yet or is empty.

        Files are hard links where the file system allows. Readers and the writer go on undisturbed.

        Raises:
            FileExistsError: The target holds something.
        """
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise FileExistsError(17, "there is something already", str(target))
        partial = target.with_name(target.name + ".partial")
        for attempt in range(_TRIES):
            shutil.rmtree(partial, ignore_errors=True)
            try:
                self._copy(self.edition(), partial)
            except FileNotFoundError:
                if attempt == _TRIES - 1:
                    raise
            else:
                break
        if target.exists():
            target.rmdir()
        partial.rename(target)
        return Catalogue(target).edition()

    def _opened(self) -> Edition:
        for attempt in range(_TRIES):
            number = self._layout.present()
            try:
                return Edition(self._layout, number)
            except FileNotFoundError:
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def _copy(self, edition: Edition, partial: Path) -> None:
        there = Layout(partial)
        partial.mkdir(parents=True)
        if edition.generation == 0:
            return
        link_tree(edition.folder, there.generation(edition.generation))
        there.packs.mkdir()
        for number in edition.manifest.packs:
            name = f"{number:06d}.pack"
            shutil.copy2(self._layout.packs / name, there.packs / name)
        sync_tree(partial)
        write_whole(there.current, f"{edition.generation}\n".encode("ascii"))
