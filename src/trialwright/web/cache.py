"""Keeps what was read from a file until the file changes. Holds a few things, in memory, and writes nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


class Remembered(Generic[Kept]):
    """The last few values, each with the stamp of what it was made from."""

    def __init__(self, most: int = 16) -> None:
        self._most = most
        self._values: OrderedDict[Hashable, tuple[Hashable, Kept]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, stamp: Hashable, make: Callable[[], Kept]) -> Kept:
        """The value of ``key``, made anew where its stamp is another one. Two callers at once make it once."""
        with self._lock:
            found = self._values.get(key)
            if found is None or found[0] != stamp:
                found = (stamp, make())
                self._values[key] = found
                while len(self._values) > self._most:
                    self._values.popitem(last=False)
            self._values.move_to_end(key)
            return found[1]
