"""A rule's condition with its adverse events read as they stand now, and what `until: resolved` means: that it is gone.

A rule reads the adverse events since the last decision, so that none between two visits is missed. Whether a hold that
they began may be left is asked of those that still stand: else a resolved one would hold for one decision longer.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from trialwright.protocol.expressions import AdverseEvents, Expression, Input
from trialwright.protocol.expressions.tree import Leaf, Not


def standing_of(when: Expression) -> Expression | None:
    """Return ``when`` with the unresolved adverse events in place of those since the last decision; None if it reads none."""
    if not any(_recent(given) for given in when.inputs):
        return None
    inputs = tuple(dict.fromkeys(_now(given) for given in when.inputs))
    return replace(when, node=_unresolved(when.node), inputs=inputs)


def resolution_of(when: Expression) -> Expression:
    """Return the expression that is true when ``when`` no longer holds.

    An adverse event that a hold rule reads counts from its onset until it is resolved, so the negation reads the
    unresolved ones; everything else is simply negated (unknown stays unknown).
    """
    standing = standing_of(when) or when
    return replace(standing, text="resolved", node=Not(standing.node))


def _recent(given: Input) -> bool:
    return isinstance(given, AdverseEvents) and given.scope != "unresolved"


def _now(given: Input) -> Input:
    return replace(given, scope="unresolved") if isinstance(given, AdverseEvents) else given


def _unresolved(node: Any) -> Any:
    if isinstance(node, Leaf):
        return replace(node, input=_now(node.input))
    if isinstance(node, tuple):
        return tuple(_unresolved(part) for part in node)
    if is_dataclass(node) and not isinstance(node, type):
        changed = {field.name: _unresolved(getattr(node, field.name)) for field in fields(node) if field.init}
        return replace(node, **changed)
    return node
