"""Compiles plain loops with numba and keeps them on disk, under all that they are made of.

numba keeps a compiled function until the file that it is written in changes. What the function takes in from other files (other
functions, constants) is compiled into it, and numba does not see that it changed. So whoever compiles names those files here.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from types import FunctionType, ModuleType
from typing import Any


def compiled(function: Callable[..., Any], *takes_from: ModuleType) -> Callable[..., Any]:
    """Compile a function, or find it as it was compiled from the same sources.

    Args:
        function: Plain Python that numba can compile; what it calls in its own file need not be named.
        takes_from: All other modules of ours that it takes functions or constants from, and those that these take from.

    Returns:
        The compiled function. Where nothing can be written it is compiled each time.

    Raises:
        ImportError: numba is not installed.
    """
    import numba

    named = FunctionType(function.__code__, function.__globals__, function.__name__)
    named.__qualname__ = f"{function.__qualname__}_{digest_of(takes_from)}"  # numba names its file by it
    try:
        return numba.njit(cache=True, nogil=True)(named)  # type: ignore[no-any-return]  # numba ships no types
    except RuntimeError:  # no folder to keep it in
        return numba.njit(nogil=True)(named)  # type: ignore[no-any-return]  # as above


def digest_of(modules: tuple[ModuleType, ...]) -> str:
    """Sixteen hexadecimal digits that change when a module's source does."""
    return hashlib.sha256("\0".join(inspect.getsource(one) for one in modules).encode()).hexdigest()[:16]
