"""The catalogue's folder: what stands where, which generation is present, and how the next one takes its place.

    <folder>/current                     the number of the present generation; replaced by one atomic rename
             lock                        an empty file that the one writer holds
             packs/000001.pack           record texts; immutable once a generation names them
             generations/7/manifest.json, index/, removed.json      immutable
             generations/8.building/     a revision under way, or broken off

Never reads a record or the index.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUILDING = ".building"
_KEPT_GENERATIONS = 2  # the present one and the one before, so that a reader never loses its own


class CatalogueBusy(Exception):  # noqa: N818 - the word for what happened
    """Another writer is at work in this folder."""


class Layout:
    """Paths inside a catalogue's folder.

    Args:
        folder: The catalogue's folder; may not exist yet.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.current = folder / "current"
        self.lock = folder / "lock"
        self.packs = folder / "packs"
        self.generations = folder / "generations"

    def generation(self, number: int) -> Path:
        """The folder of a generation."""
        return self.generations / str(number)

    def building(self, number: int) -> Path:
        """The folder of a generation that is being built."""
        return self.generations / f"{number}{BUILDING}"

    def present(self) -> int:
        """The number of the present generation; 0 where there is none.

        Raises:
            ValueError: ``current`` does not hold a number.
        """
        try:
            return int(self.current.read_text("ascii"))
        except FileNotFoundError:
            return 0

    def signature(self) -> tuple[int, int, int] | None:
        """What changes whenever ``current`` is replaced; ``None`` where there is no generation. One ``stat``."""
        try:
            found = self.current.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size

    def swap(self, number: int) -> None:
        """Make a finished build the present generation. Until the last rename the old one stands."""
        built, final = self.building(number), self.generation(number)
        if built.exists():
            sync_tree(built)
            built.rename(final)
            sync_folder(self.generations)
        write_whole(self.current, f"{number}\n".encode("ascii"))

    def finish_swap(self) -> None:
        """Complete a swap that was killed between its two renames."""
        following = self.present() + 1
        if (self.generation(following) / "manifest.json").is_file():
            self.swap(following)

    def numbered(self) -> dict[int, Path]:
        """The finished generations by number."""
        found = self.generations.iterdir() if self.generations.is_dir() else ()
        return {int(path.name): path for path in found if path.name.isdecimal()}

    def builds(self) -> tuple[Path, ...]:
        """The builds that are under way or were broken off."""
        return tuple(self.generations.glob(f"*{BUILDING}")) if self.generations.is_dir() else ()

    def prune(self, packs: set[int]) -> None:
        """Remove generations beyond the last two, and packs that are not among those given."""
        present = self.present()
        for number, path in self.numbered().items():
            if number <= present - _KEPT_GENERATIONS or number > present:
                shutil.rmtree(path, ignore_errors=True)
        for path in self.packs.glob("*.pack"):
            if path.stem.isdecimal() and int(path.stem) not in packs:
                path.unlink(missing_ok=True)


@contextmanager
def sole_writer(path: Path) -> Iterator[None]:
    """Hold the lock of the one writer; it falls with the program that holds it.

    Raises:
        CatalogueBusy: Another program holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        _take(descriptor, path)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int, path: Path) -> None:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise CatalogueBusy(f"another program is writing to {path.parent}") from error

else:
    import fcntl

    def _take(descriptor: int, path: Path) -> None:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise CatalogueBusy(f"another program is writing to {path.parent}") from error


def link_tree(source: Path, target: Path) -> None:
    """Give a folder's files a second name in another folder; what is changed in place (``*.mutable``) is copied."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.rglob("*"):
        there = target / path.relative_to(source)
        if path.is_dir():
            there.mkdir(parents=True, exist_ok=True)
        elif path.suffix == ".lock":
            continue
        elif path.suffix == ".mutable":
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, there)
        else:
            there.parent.mkdir(parents=True, exist_ok=True)
            _link(path, there)


def _link(path: Path, there: Path) -> None:
    try:
        os.link(path, there)
    except FileExistsError:
        return
    except OSError:  # a file system without hard links
        shutil.copy2(path, there)


def write_whole(path: Path, content: bytes) -> None:
    """Replace a file in one step, durably."""
    new = path.with_name(path.name + ".new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Make the names in a folder (or the bytes of a file) durable."""
    if os.name == "nt":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Make a folder's files and names durable, to any depth; a file that is durable already costs nothing."""
    for path in folder.rglob("*"):
        sync_folder(path)
    sync_folder(folder)


def size_of(folder: Path) -> int:
    """Bytes of a folder's files, to any depth; 0 where it does not exist."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else 0
