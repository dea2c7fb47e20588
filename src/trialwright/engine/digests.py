"""The digest of what a decision was made on, so that later readers can tell whether it would be made on the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping

import numpy as np

from trialwright.protocol.expressions import Fact, Input, Values


def inputs_digest(values: Mapping[Input, Values]) -> str:
    """Return the SHA-256 (hex) over every input and its value, in a fixed order; unknown values count as unknown."""
    rows = sorted([repr(given), _plain(found)] for given, found in values.items())
    return hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()


def _plain(values: Values) -> str:
    if not bool(np.all(values.known)):
        return "unknown"
    return f"{values.data.tolist()!r}{'' if values.upper is None else values.upper.tolist()!r}"


def references(facts: Iterable[Fact]) -> tuple[int, ...]:
    """Return the log entries behind facts, each once, ascending."""
    return tuple(sorted({entry for fact in facts for entry in fact.entries}))
