"""The adverse-event histories that selections such as "unresolved related adverse event" can tell apart.

Each selection sees the highest grade among the events it selects; a profile gives every selection its grade, and is kept
only where some set of events really produces it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np

from trialwright.protocol.expressions import AdverseEvents, Atom, Input, Values
from trialwright.protocol.study import Protocol
from trialwright.review.blocks import Block

MOST_PROFILES = 5_000


@dataclass(frozen=True, slots=True)
class SingleEvent:
    """One adverse event as a selection sees it on the day of a decision: its worst grade and its grade now."""

    term: str
    groups: frozenset[str]
    related: bool
    serious: bool
    expected: bool
    worst: int
    now: int
    status: Literal["unresolved", "since", "before"]

    def grade_for(self, asked: AdverseEvents) -> int:
        """Return the grade that a selection sees; 0 where it does not select the event."""
        if (asked.related and not self.related) or (asked.serious and not self.serious):
            return 0
        if asked.expected is not None and asked.expected is not self.expected:
            return 0
        if asked.group is not None and asked.group not in self.groups:
            return 0
        match asked.scope:
            case "unresolved":
                return self.now if self.status == "unresolved" else 0
            case "since_last_decision":
                return 0 if self.status == "before" else self.worst
            case "ever":
                return self.worst


@dataclass(frozen=True, slots=True)
class Profiles:
    """A block of grades, and for each of its rows the events that produce it."""

    block: Block
    events: tuple[tuple[SingleEvent, ...], ...]


def event_profiles(protocol: Protocol, asked: tuple[AdverseEvents, ...], atoms: Iterable[Atom]) -> Profiles | None:
    """Return every profile of the selections asked; None where there are too many."""
    singles = list(_singles(protocol, asked, _grades(asked, atoms)))
    seen = np.array([[one.grade_for(each) for each in asked] for one in singles], np.int8)
    rows = np.zeros((1, len(asked)), np.int8)
    for one in np.unique(seen, axis=0):
        rows = np.unique(np.vstack([rows, np.maximum(rows, one)]), axis=0)
        if len(rows) > MOST_PROFILES:
            return None
    values: dict[Input, Values] = {each: Values.of(rows[:, index].astype(float)) for index, each in enumerate(asked)}
    events = tuple(_producing(row, seen, singles) for row in rows)
    return Profiles(Block(tuple(asked), values, len(rows)), events)


def _producing(row: np.ndarray, seen: np.ndarray, singles: list[SingleEvent]) -> tuple[SingleEvent, ...]:
    """Choose few events whose highest grades are those of the row."""
    fitting = np.flatnonzero((seen <= row).all(axis=1))
    chosen: list[SingleEvent] = []
    reached = np.zeros(len(row), np.int8)
    while (reached < row).any():
        gains = (np.maximum(seen[fitting], reached) == row).sum(axis=1)
        best = fitting[int(gains.argmax())]
        chosen.append(singles[best])
        reached = np.maximum(reached, seen[best])
    return tuple(chosen)


def _grades(asked: tuple[AdverseEvents, ...], atoms: Iterable[Atom]) -> list[int]:
    """Return a grade for every cell that the comparisons cut 1 to 5 into."""
    found = {1}
    for atom in atoms:
        if atom.threshold is not None and isinstance(atom.inputs[0], AdverseEvents) and atom.inputs[0] in asked:
            low = int(atom.threshold // 1)
            found |= {low, low + 1}
    return sorted(grade for grade in found if 1 <= grade <= 5)


def _singles(protocol: Protocol, asked: tuple[AdverseEvents, ...], grades: list[int]) -> Iterable[SingleEvent]:
    terms = _terms(protocol, {each.group for each in asked if each.group})
    related = [False, True] if any(each.related for each in asked) else [True]
    serious = [False, True] if any(each.serious for each in asked) else [False]
    expected = [True, False] if any(each.expected is not None for each in asked) else [True]
    pairs = [(worst, now) for worst in grades for now in grades if now <= worst]
    ended: list[Literal["since", "before"]] = ["since"]
    ended += ["before"] if any(each.scope == "ever" for each in asked) else []
    for (term, groups), is_related, is_serious, is_expected in product(terms, related, serious, expected):
        for worst, now in pairs:
            yield SingleEvent(term, groups, is_related, is_serious, is_expected, worst, now, "unresolved")
        for worst in grades:
            for status in ended:
                yield SingleEvent(term, groups, is_related, is_serious, is_expected, worst, worst, status)


def _terms(protocol: Protocol, groups: set[str]) -> list[tuple[str, frozenset[str]]]:
    """Return one term for each combination of groups that a term can belong to, and one that belongs to none."""
    events = protocol.file.adverse_events
    listed = {name: events.special_interest[name].terms for name in groups if events and name in events.special_interest}
    by_groups: dict[frozenset[str], str] = {frozenset(): "Nausea" if not _lists(listed, "nausea") else "Headache"}
    for terms in listed.values():
        for term in terms:
            belongs = frozenset(name for name, others in listed.items() if _lists({name: others}, term.casefold()))
            by_groups.setdefault(belongs, term)
    return [(term, belongs) for belongs, term in by_groups.items()]


def _lists(listed: dict[str, tuple[str, ...]], term: str) -> bool:
    return any(term == other.casefold() for terms in listed.values() for other in terms)
