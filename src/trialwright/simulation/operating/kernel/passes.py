"""The passes that compile a written kernel: numba's, without three that only rewrite what no written kernel holds.

Imports numba. A kernel is one long function, and each pass of numba goes through all of it in Python; these three took a quarter
of the time and changed nothing. See https://numba.readthedocs.io/en/stable/extending/ (``pipeline_class``).
"""

from __future__ import annotations

from typing import Any

from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager
from numba.core.typed_passes import NopythonRewrites
from numba.core.untyped_passes import GenericRewrites, InlineClosureLikes

__all__ = ["Straight"]

LEFT_OUT = InlineClosureLikes, GenericRewrites, NopythonRewrites  # closures and comprehensions; raise and print; whole arrays


class Straight(CompilerBase):  # type: ignore[misc]  # numba ships no types
    """numba's compiler for plain loops over single numbers."""

    def define_pipelines(self) -> list[Any]:
        """Return the one pipeline."""
        whole, straight = DefaultPassBuilder.define_nopython_pipeline(self.state), PassManager("nopython")
        straight.passes = [one for one in whole.passes if one[0] not in LEFT_OUT]
        straight.finalize()
        return [straight]
