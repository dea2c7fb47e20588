"""What the file says of the number of participants, and what that number could have shown. Advises no size."""

from __future__ import annotations

from dataclasses import dataclass

from trialwright.designs.exact_single_stage import Detectable, what_n_could_show
from trialwright.protocol.study import Protocol

NULL_RATES = (0.05, 0.10, 0.20, 0.30, 0.40, 0.50)
_NONE = ("none", "none stated", "not stated", "no justification")


@dataclass(frozen=True, slots=True)
class SampleSizeStatement:
    """The planned number, whether the file justifies it, the sentence that says so, and the exact single-stage readings."""

    planned: int
    justified: bool
    words: str
    detectable: tuple[Detectable, ...]
    alpha: float = 0.05


def sample_size_statement(protocol: Protocol) -> SampleSizeStatement | None:
    """Return the statement; None where the file gives no number.

    The readings are those of an exact single-stage test of one proportion at one-sided 5 % (A'Hern 2001).
    """
    size = protocol.file.sample_size
    if size is None:
        return None
    justified = size.justification.strip().lower().rstrip(".") not in _NONE
    said = f"{size.planned}: {size.justification}" if justified else f"{size.planned} has no stated justification"
    return SampleSizeStatement(size.planned, justified, f"{said}.", what_n_could_show(size.planned, NULL_RATES))
