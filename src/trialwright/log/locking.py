"""One writer at a time on one file, on any platform. Guards against other processes, not against other machines."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path: Path, *, shared: bool = False) -> Iterator[None]:
    """Hold a lock on ``path``, kept in a file beside it (``.lock``), and wait for it if need be.

    Args:
        path: The file that is guarded; it may be replaced while the lock is held, hence the file beside it.
        shared: True for readers, who may be many; they go without where no writer has ever made the file.
    """
    beside = path.with_name(path.name + ".lock")
    try:
        descriptor = os.open(beside, os.O_RDONLY if shared else os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:
        if not shared:
            raise
        yield
        return
    try:
        _lock(descriptor, shared=shared)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int, *, shared: bool) -> None:  # noqa: ARG001 - the other platform needs it
        # The first byte stands for the whole; closing the file lets go of it. Windows has no shared kind.
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _lock(descriptor: int, *, shared: bool) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
