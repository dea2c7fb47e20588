"""Truths as small steps: each rule's condition taken apart so that it can be decided group of inputs by group of inputs.

Strong Kleene throughout: 0 false, 1 unknown, 2 true. Knows nothing of doses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.expressions.tree import And, If, Node, Not, Or, Verdict

Truths = NDArray[np.int8]
Operator = Literal["atom", "constant", "not", "and", "or", "if"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step: an atom, a constant, or an operator over earlier steps; ``ready`` is the group after which it is decided."""

    operator: Operator
    arguments: tuple[int, ...]
    ready: int
    node: Node | None = None
    value: int = 1


@dataclass(slots=True)
class Formulas:
    """Steps of several truths, shared where they are the same.

    Args:
        group_of: The group that decides an atom; told whether it is asked of the outcome of a decision.
    """

    group_of: Callable[[Node, bool], int]
    steps: list[Step] = field(default_factory=list)
    _known: dict[Any, int] = field(default_factory=dict)

    def add(self, node: Node, outcome: bool = False) -> int:
        """Add a truth and return the number of its last step."""
        match node:
            case Verdict():
                return self.constant(2 if node.value else 0)
            case Not():
                return self._step("not", (self.add(node.operand, outcome),))
            case And() | Or():
                operator: Operator = "and" if isinstance(node, And) else "or"
                parts = sorted({self.add(part, outcome) for part in node.operands}, key=lambda part: self.steps[part].ready)
                found = parts[0]
                for part in parts[1:]:
                    found = self._step(operator, (found, part))
                return found
            case If():
                parts = [self.add(part, outcome) for part in (node.condition, node.then, node.otherwise)]
                return self._step("if", tuple(parts))
            case _:
                return self._add_once((node, outcome), Step("atom", (), self.group_of(node, outcome), node))

    def constant(self, value: int) -> int:
        """Add a truth that never changes."""
        return self._add_once(("constant", value), Step("constant", (), -1, None, value))

    def _step(self, operator: Operator, arguments: tuple[int, ...]) -> int:
        ready = max(self.steps[argument].ready for argument in arguments)
        return self._add_once((operator, arguments), Step(operator, arguments, ready))

    def _add_once(self, key: Any, step: Step) -> int:
        if key not in self._known:
            self._known[key] = len(self.steps)
            self.steps.append(step)
        return self._known[key]

    def atoms(self, group: int) -> list[tuple[int, Node]]:
        """Return the atoms that a group decides, with their step numbers."""
        return [(number, step.node) for number, step in enumerate(self.steps) if step.ready == group and step.node is not None]

    def decide(self, columns: dict[int, Truths], groups: Iterable[int]) -> None:
        """Fill in every step that these groups decide; atoms and earlier steps must stand in ``columns``."""
        wanted = set(groups)
        for number, step in enumerate(self.steps):
            if step.ready in wanted and number not in columns:
                columns[number] = self._value(step, columns)

    def _value(self, step: Step, columns: Mapping[int, Truths]) -> Truths:
        parts = [columns[argument] for argument in step.arguments]
        match step.operator:
            case "constant":
                return np.asarray(step.value, np.int8)
            case "not":
                return np.asarray(2 - parts[0], np.int8)
            case "and":
                return np.minimum(*parts)
            case "or":
                return np.maximum(*parts)
            case "if":
                condition, then, other = parts
                same = np.where(then == other, then, 1)
                return np.where(condition == 2, then, np.where(condition == 0, other, same)).astype(np.int8)
            case _:
                raise AssertionError(f"the atom {step.node} has no truth")

    def needed_after(self, group: int, roots: Iterable[int]) -> list[int]:
        """Return the steps decided by then that a later step, or a root, still reads."""
        found = {root for root in roots if self.steps[root].ready <= group}
        for step in self.steps:
            if step.ready > group:
                found.update(argument for argument in step.arguments if self.steps[argument].ready <= group)
        return sorted(found)
