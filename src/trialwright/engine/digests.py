"""The digest of what a decision was made on, so that later readers can tell whether it would be made on the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import lru_cache

from trialwright.protocol.expressions import Fact, Input, Values


def inputs_digest(values: Mapping[Input, Values]) -> str:
    """Return the SHA-256 (hex) over every input and its value, in a fixed order; unknown values count as unknown."""
    rows = sorted([_name(given), _plain(found)] for given, found in values.items())
    return hashlib.sha256(json.dumps(rows, separators=(",", ":")).encode()).hexdigest()


@lru_cache(maxsize=4096)
def _name(given: Input) -> str:
    return repr(given)


def _plain(values: Values) -> str:
    if not values.known.all():
        return "unknown"
    return f"{values.data.tolist()!r}{'' if values.upper is None else values.upper.tolist()!r}"


def references(facts: Iterable[Fact]) -> tuple[int, ...]:
    """Return the log entries behind facts, each once, ascending."""
    return tuple(sorted({entry for fact in facts for entry in fact.entries}))
