"""Finds amounts whose exact value decides nothing while it lies in a range: most blood counts are nowhere near a threshold.

The range is the one between neighbouring thresholds that the protocol compares an amount with, where its typical value lies. A
visit at which all of them surely lie there, nothing is missing and no event begins is *calm*: its rules are written without them.
What "surely" takes is a bound of the first byte of a draw; where that is not enough the exact value is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.expressions import Reading
from trialwright.protocol.expressions.tree import Compare, Leaf, Node
from trialwright.protocol.expressions.walk import children
from trialwright.simulation.operating.design import VariablePlan
from trialwright.simulation.operating.kernel.finite import VisitKind
from trialwright.simulation.operating.kernel.nodes import number_node
from trialwright.simulation.operating.kernel.plan import Plan
from trialwright.simulation.operating.kernel.ranges import Calm, Range, Ranges, Steady
from trialwright.simulation.operating.kernel.sight import LARGEST_AMOUNT
from trialwright.simulation.operating.kernel.steps import Visit
from trialwright.simulation.operating.kernel.symbols import NotCompiled

TAIL = 1  # bytes at each end of a noise that are not calm
BYTE = 1 << 24


def find_steady(plan: Plan, kinds: Iterable[VisitKind]) -> Steady:
    """Find them; where a written rule still names one of them, it has to be known."""
    kinds = tuple(kinds)
    scratch = Plan(plan.design, plan.parameters, False, plan.can_hold, plan.used, dict(plan.spans))
    names = [*(one.name for one in plan.design.variables), *plan.design.derived]
    unread = {name for index, name in enumerate(names) if _of_the_day(scratch, kinds, name, index)}
    ranges = {
        one.name: found
        for one in plan.design.variables
        if one.name in unread and one.kind == "amount" and one.noisy and (found := _range(scratch, kinds[0], one)) is not None
    }
    while True:
        wanted = {names[index] for index in _named(scratch, kinds, ranges)} & unread
        wanted |= {part for name in plan.design.derived if name not in unread - wanted for part in _parts(plan, name)} & unread
        if not wanted:
            break
        unread -= wanted
        ranges = {name: one for name, one in ranges.items() if name not in wanted}
    return Steady({name: _kept(plan, name, one) for name, one in ranges.items()}, frozenset(unread))


def _parts(plan: Plan, name: str) -> frozenset[str]:
    return frozenset(plan.design.protocol.measured_for(name))


def _of_the_day(plan: Plan, kinds: tuple[VisitKind, ...], name: str, index: int) -> bool:
    """Whether only a value of the day is ever read: nothing looks back, and an old one does not count."""
    if {f"{letter}{index}" for letter in ("p", "q", "hn", "d")} & plan.used:
        return False
    limit = plan.design.protocol.valid_days.get(name)
    if limit is not None and limit < plan.least_gap_days:
        return True
    return all(Visit(plan, kind).sight([]).sure(name) for kind in kinds)


def _named(plan: Plan, kinds: tuple[VisitKind, ...], ranges: Ranges) -> set[int]:
    """The variables that the rules of a calm visit still name; and those of which one alone in its range is not enough."""
    found: set[int] = set()
    for kind in kinds:
        found |= _values_in(Visit(plan, kind, Calm(ranges)))
        for some in (ranges, *({name: one} for name, one in ranges.items())):
            perhaps_missing = Visit(plan, kind, Calm(some, present=False))
            names = perhaps_missing.sight([]).names
            found |= _values_in(perhaps_missing) & {names.index(name) for name in some}
    return found


def _values_in(visit: Visit) -> set[int]:
    lines = [*visit.assess(), *visit.decide()]
    return {int(found) for found in re.findall(r"\bx(\d+)\b", "\n".join(lines))}


def _range(plan: Plan, kind: VisitKind, variable: VariablePlan) -> Range | None:
    """The range between thresholds in which a variable's typical value lies; None where no threshold is met."""
    numbers = plan.parameters.numbers
    level = numbers[f"level/{variable.name}"]
    typical = float(np.median(level[:, level.shape[1] // 2]))
    low, high = -LARGEST_AMOUNT, LARGEST_AMOUNT
    for least, most in _thresholds(plan, kind, variable.name):
        if most < typical:
            low = max(low, most)
        elif least > typical:
            high = min(high, least)
        else:
            return None
    return Range(_above(low), -_above(-high))


def _above(bound: float) -> float:
    """A little more than a bound, so that no tie of the evaluator's lies between."""
    return bound + 1e-5 + 1e-7 * abs(bound)


def _thresholds(plan: Plan, kind: VisitKind, name: str) -> Iterator[tuple[float, float]]:
    """Between which numbers each threshold lies that a rule compares a variable with."""
    visit = Visit(plan, kind, Calm({name: Range(0.0, LARGEST_AMOUNT)}))
    for rule in plan.design.regimen.rules:
        for node in _comparisons(rule.when.node if rule.when is not None else None):
            for own, other in ((node.left, node.right), (node.right, node.left)):
                if isinstance(own, Leaf) and own.input == Reading(name):
                    try:
                        bound = number_node(other, visit.sight([]))
                    except NotCompiled:
                        continue
                    if max(abs(bound.low), abs(bound.high)) < LARGEST_AMOUNT / 10:
                        yield bound.low, bound.high


def _comparisons(node: Node | None) -> Iterator[Compare]:
    if node is None:
        return
    if isinstance(node, Compare):
        yield node
    for child in children(node):
        yield from _comparisons(child)


def _kept(plan: Plan, name: str, one: Range) -> Range:
    """Keep the numbers that a kernel takes: the bounds with a step to spare, a value between, and between which a participant's
    own level lies whose visits are all calm but for the ends of the noise."""
    variable = plan.design.variable(name)
    step = variable.precision[0] / variable.precision[1] if variable.precision is not None else 0.0
    low, high = one.low + step, one.high - step
    numbers = plan.parameters.numbers
    doses = numbers[f"dose/{name}"] if variable.by_dose else np.ones(1)
    noise = numbers[f"noise/{name}"]
    begin, end = ends_of(one)
    least, most = float(noise[4 * begin] * doses.min()), float(noise[4 * end + 4] * doses.max())
    between = min(max(float(np.median(numbers[f"level/{name}"])), low), high)
    own_low = low / least if least > 0 else (LARGEST_AMOUNT if low > 0 else -LARGEST_AMOUNT)
    own_high = high / most if most > 0 else LARGEST_AMOUNT
    at = plan.tables.numbers(np.array([low, high, between, own_low * (1 + 1e-12), own_high * (1 - 1e-12)]))
    return replace(one, at=at)


def ends_of(one: Range) -> tuple[int, int]:
    """The first and the last byte of a noise that a calm visit may have."""
    return (TAIL if one.low > 0 else 0), (255 - TAIL if one.high < LARGEST_AMOUNT / 10 else 255)


def rough_bytes(plan: Plan, steady: Steady) -> NDArray[np.uint8]:
    """The least and the most of each byte of a visit that leave it calm; shape ``(2, 2, room)``.

    First those of what happens to a participant (events, leaving, a visit missed), then those of what is measured.
    """
    found = np.zeros((2, 2, plan.room), np.uint8)
    found[:, 1] = 255
    for index, purpose in enumerate(plan.order):
        kind, _, name = purpose.partition("/")
        if kind in ("leaves", "missed", "event", "missing") and plan.live(purpose):
            most = int(plan.parameters.chances[purpose].max())
            found[int(kind == "missing"), :, index] = (-(-most // BYTE), 255) if most <= 255 * BYTE else (255, 0)
        elif kind == "noise" and name in steady.ranges:
            found[1, :, index] = ends_of(steady.ranges[name])
    return found
