"""What `until: resolved` means: the rule's own condition is gone, its adverse events being read as they stand now."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from trialwright.protocol.expressions import AdverseEvents, Expression, Input
from trialwright.protocol.expressions.tree import Leaf, Not


def resolution_of(when: Expression) -> Expression:
    """Return the expression that is true when ``when`` no longer holds.

    An adverse event that a hold rule reads counts from its onset until it is resolved, so the negation reads the
    unresolved ones; everything else is simply negated (unknown stays unknown).
    """
    node = Not(_unresolved(when.node))
    inputs = tuple(dict.fromkeys(_now(given) for given in when.inputs))
    return replace(when, text="resolved", node=node, inputs=inputs)


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
