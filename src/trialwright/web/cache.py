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
        self._making: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def get(self, key: Hashable, stamp: Hashable, make: Callable[[], Kept]) -> Kept:
        """The value of ``key``, made anew where its stamp is another one.

        Two callers at once make it once; callers for other keys do not wait for them.
        """
        with self._lock:
            if (found := self._values.get(key)) is not None and found[0] == stamp:
                self._values.move_to_end(key)
                return found[1]
            making = self._making.setdefault(key, Lock())
        with making:
            found = self._values.get(key)
            if found is not None and found[0] == stamp:
                return found[1]
            try:
                value = make()
                self._keep(key, stamp, value)
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return value

    def _keep(self, key: Hashable, stamp: Hashable, value: Kept) -> None:
        with self._lock:
            self._values[key] = (stamp, value)
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
