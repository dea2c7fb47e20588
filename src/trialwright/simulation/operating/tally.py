"""What is counted of simulated trials: whole numbers only, so that parts add up to the whole in any order.

One ``Tally`` is a vector of counts and its ``Layout``, which names the tables and their shapes. Two tallies of one layout are
merged by adding; a chunk, a thread and another machine all hand back the same kind of thing. Estimates are made elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.simulation.operating.design import Design

Counts = NDArray[np.int64]
MOST_HOLDS = 9
MOST_WEEKS = 1040
ACCRUAL_BINS, ACCRUAL_BIN_DAYS = 130, 28
LARGEST_CROSS, LARGEST_JOINT = 60, 300
COMPLETED, LEFT, NOT_STARTED, FIRST_RULE = 0, 1, 2, 3


@dataclass(frozen=True, slots=True)
class Layout:
    """The tables of a tally, in order.

    n stands for participants, v for visits (index 0 is the first dose), l for dose levels, s for states at a visit (the levels,
    then nothing taken, then off treatment), w for whole weeks.

    - ``seen``, ``confirmed`` ``(n + 1,)``: trials by number of responders: category seen at an assessment; seen and confirmed.
    - ``seen/T``, ``confirmed/T`` ``(codes, n + 1, n + 1)``: trials by participants with a code of trait T, and responders of
      them; only for n up to 300.
    - ``cross/T`` ``(n + 1, n + 1, n + 1)``: trials by participants with the first of two codes, confirmed responders of them, and
      confirmed responders in all (a whole 2 × 2 table); only for n up to 60.
    - ``at_level`` ``(l + 1, n + 1)``: trials by number whose response was first seen at a level (last: nothing taken).
    - ``when``, ``when_confirmed`` ``(v,)``: participants by the visit of the first response, seen and confirmed.
    - ``when/T`` ``(codes, v)``: the first, by trait.
    - ``moves`` ``(v, s, s)``: participants by state before and after each visit; at visit 0 they come from "off".
    - ``weeks_at`` ``(l, w + 1)``, ``weeks_on`` ``(w + 1,)``: participants by completed weeks at a level, and on drug in all.
    - ``intensity`` ``(101,)``: participants by dose taken, in per cent of the highest level throughout the planned course.
    - ``holds`` ``(rules, 10)``: participants by holds that a rule began (9 and more together).
    - ``worst`` ``(6,)``, ``worst/E`` ``(6,)``: participants by worst grade (0: none), of all events and of a kind E.
    - ``begun`` ``(events, v)``: events by kind and the visit that they are dated on.
    - ``left`` ``(v,)``: participants by the visit at which they left for no reason of the protocol's.
    - ``ended`` ``(3 + rules,)``: participants by what ended treatment: course complete, left, never started, then each stop rule.
    - ``last_level`` ``(l + 1,)``: participants by the last level taken (last: none).
    - ``enrolled`` ``(n + 1,)``: trials by participants enrolled.
    - ``responders`` ``(n + 1, n + 1)``: trials by participants enrolled, and by how many of them count as responders; only where
      monitoring rules may end enrolment, for n up to 300.
    - ``stopped_by`` ``(1 + 2 × monitoring rules,)``: trials by what ended enrolment: full, then each rule's low and high side.
    - ``duration`` ``(1041,)``: trials by whole weeks from the first enrolment to the last participant's last day.
    - ``accrual`` ``(n, 130)``: trials by the 28-day bin in which the k-th participant was enrolled, counted from the first.
    - ``sites`` ``(sites, n + 1)``: trials by participants enrolled at a site.
    """

    shapes: Mapping[str, tuple[int, ...]]

    @property
    def size(self) -> int:
        """How many counts there are."""
        return sum(prod(shape) for shape in self.shapes.values())

    def offsets(self) -> dict[str, int]:
        """Where each table begins in the vector."""
        found, at = {}, 0
        for name, shape in self.shapes.items():
            found[name] = at
            at += prod(shape)
        return found

    def empty(self) -> Tally:
        """A tally of no trials."""
        return Tally(self, 0, np.zeros(self.size, np.int64))


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of so many trials; ``counts`` holds the tables of ``layout`` one after the other."""

    layout: Layout
    trials: int
    counts: Counts

    def table(self, name: str) -> Counts:
        """Return one table in its shape.

        Raises:
            KeyError: The design counts nothing of that name.
        """
        shape, at = self.layout.shapes[name], self.layout.offsets()[name]
        return self.counts[at : at + prod(shape)].reshape(shape)

    def has(self, name: str) -> bool:
        """Whether the design counts something of that name."""
        return name in self.layout.shapes

    def __add__(self, other: Tally) -> Tally:
        """Merge with a tally of other trials of the same design.

        Raises:
            ValueError: The layouts differ (our bug: they belong to two designs).
        """
        if dict(self.layout.shapes) != dict(other.layout.shapes):
            raise ValueError("tallies of two designs cannot be added")
        return Tally(self.layout, self.trials + other.trials, self.counts + other.counts)

    def plain(self) -> dict[str, Any]:
        """Return the tally as plain values, for a wire or a file; ``from_plain`` reads it."""
        shapes = {name: list(shape) for name, shape in self.layout.shapes.items()}
        return {"simulated": True, "trials": self.trials, "shapes": shapes, "counts": self.counts.tolist()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Tally:
        """Read what ``plain`` returned."""
        layout = Layout({name: tuple(shape) for name, shape in plain["shapes"].items()})
        return cls(layout, int(plain["trials"]), np.array(plain["counts"], np.int64))


def layout_of(design: Design, participants: int, monitoring: int = 0) -> Layout:
    """Return the tables that a design is counted in, for so many participants and monitoring rules."""
    n, v, levels, rules = participants + 1, len(design.visits.on), design.levels, len(design.regimen.rules)
    weeks = design.visits.end_day // 7 + 1
    shapes: dict[str, tuple[int, ...]] = {}
    if design.goal is not None:
        shapes |= {"seen": (n,), "confirmed": (n,), "at_level": (levels + 1, n), "when": (v,), "when_confirmed": (v,)}
        for trait in design.traits:
            codes = len(trait.codes)
            shapes |= {
                f"seen/{trait.name}": (codes, n, n),
                f"confirmed/{trait.name}": (codes, n, n),
                f"when/{trait.name}": (codes, v),
            }
            if codes == 2 and participants <= LARGEST_CROSS:
                shapes[f"cross/{trait.name}"] = (n, n, n)
    shapes |= {
        "moves": (v, levels + 2, levels + 2),
        "weeks_at": (levels, weeks + 1),
        "weeks_on": (weeks + 1,),
        "intensity": (101,),
        "holds": (rules, MOST_HOLDS + 1),
        "left": (v,),
        "ended": (FIRST_RULE + rules,),
        "last_level": (levels + 1,),
        "enrolled": (n,),
        "stopped_by": (1 + 2 * monitoring,),
    }
    if design.goal is not None and monitoring and participants <= LARGEST_JOINT:
        shapes["responders"] = (n, n)
    if design.events:
        shapes |= {"worst": (6,), "begun": (len(design.events), v)}
        shapes |= {f"worst/{one.name}": (6,) for one in design.events}
    if design.sites:
        shapes |= {"duration": (MOST_WEEKS + 1,), "accrual": (participants, ACCRUAL_BINS), "sites": (len(design.sites), n)}
    return Layout(shapes)
