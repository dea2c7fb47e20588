"""Statements about one variable compared cell by cell: gaps, contradictions, repeats. No variable is a special case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.expressions import Reading
from trialwright.protocol.expressions.walk import inputs_of
from trialwright.protocol.study import Protocol
from trialwright.review.criteria.lines import Line, Truths, line_of, runs
from trialwright.review.criteria.statements import Statement
from trialwright.review.drafting import WARNING, finding, listed
from trialwright.vocabulary.findings import Finding

Bools = NDArray[np.bool_]


@dataclass
class Compared:
    """A variable's line with the truth of every statement that reads it; shape of each ``(cells,)``."""

    line: Line
    statements: tuple[Statement, ...]

    @cached_property
    def truths(self) -> dict[Statement, Truths]:
        """What each statement says of each cell."""
        return {one: self.line.truths(one.node) for one in self.statements}

    def of(self, side: str) -> list[Statement]:
        """Return the statements of one side."""
        return [one for one in self.statements if one.side == side]

    def any_is(self, side: str, value: int) -> Bools:
        """Where any statement of a side has a truth."""
        found = [self.truths[one] == value for one in self.of(side)] or [np.zeros(len(self.line.names), bool)]
        return np.asarray(np.any(found, axis=0))

    @cached_property
    def keeps_out(self) -> Bools:
        """Where something keeps everybody out."""
        return self.any_is("inclusion", 0) | self.any_is("exclusion", 2) | self.any_is("record", 0)

    @cached_property
    def record_admits(self) -> Bools:
        """Where the record speaks of the variable and admits."""
        found = [self.truths[one] == 2 for one in self.of("record")] or [np.zeros(len(self.line.names), bool)]
        return np.asarray(np.all(found, axis=0))

    def deciding(self, statement: Statement) -> bool:
        """Whether a statement decides by this variable alone, and not always the same way."""
        truths = self.truths[statement]
        return bool((truths != 1).any() and (truths != truths[0]).any())

    def title(self, cells: list[int]) -> str:
        """Name the values of some cells: `Age 15`, `Age from 15 to below 18`, `Disease subtype HES`."""
        label, names = self.line.kind.label, [name.removesuffix(" years") for name in self.line.names]
        first, last = cells[0], cells[-1]
        if not self.line.ordered or (len(cells) == 1 and self.line.points[first]):
            return f"{label} {listed([names[cell] for cell in cells], 'or')}"
        if last + 1 == len(names):
            return f"{label} {names[first]} and over"
        if first == 0:
            return f"{label} below {names[last + 1]}"
        return f"{label} from {names[first]} to below {names[last + 1]}"

    def says(self, statements: list[Statement]) -> str:
        """Quote statements: `inclusion I2 wants age > 15 years; …`."""
        return "; ".join(one.says(self.line.given) for one in statements) + "."


def compared(protocol: Protocol, statements: tuple[Statement, ...]) -> list[Compared]:
    """Return a comparison for every variable that a statement reads."""
    names = dict.fromkeys(given.variable for one in statements for given in inputs_of(one.node) if isinstance(given, Reading))
    found = []
    for name in names:
        reading = [one for one in statements if Reading(name) in inputs_of(one.node)]
        line = line_of(protocol, name, [one.node for one in reading])
        if line is not None:
            found.append(Compared(line, tuple(reading)))
    return found


def comparisons(one: Compared) -> Iterator[Finding]:
    """Yield what the statements about one variable have against each other."""
    if one.keeps_out.all():
        yield _nobody(one)
        return
    yield from _gaps(one)
    yield from _overlaps(one)
    yield from _against_record(one)
    yield from _needless(one)


def _nobody(one: Compared) -> Finding:
    speaking = [statement for statement in one.statements if (one.truths[statement] != 1).any()]
    return finding(
        "TW-P016",
        speaking[0].place,
        f"Nobody can take part: no {one.line.kind.label.lower()} is admitted",
        one.says(speaking),
        "Every plausible value is kept out by one of them.",
    )


def _gaps(one: Compared) -> Iterator[Finding]:
    """Values that no exclusion names and no inclusion admits, although both sides speak of the variable."""
    excluding = [each for each in one.of("exclusion") if (one.truths[each] == 2).any()]
    including = [each for each in one.of("inclusion") if one.deciding(each)]
    if not excluding or not including:
        return
    where = one.any_is("inclusion", 0) & ~one.any_is("exclusion", 2) & ~one.any_is("record", 0)
    for cells in runs(where, one.line.ordered):
        between = _reaches_exclusion(one, cells, excluding)
        if not between:
            continue
        admitted = bool(one.record_admits[cells].all())
        failing = [each for each in including if (one.truths[each][cells] == 0).any()]
        quoted = [*failing, *between, *(one.of("record") if admitted else [])]
        title = f"{one.title(cells)} is neither included nor excluded"
        severity = None if admitted else WARNING
        ways = _ways_to_close(one, cells, failing)
        yield finding(
            "TW-P014",
            failing[0].place,
            title,
            one.says(quoted),
            f"A candidate {_candidate(one, cells)} falls between them.",
            ways=ways,
            witness=_candidate(one, cells),
            severity=severity,
        )


def _reaches_exclusion(one: Compared, cells: list[int], excluding: list[Statement]) -> list[Statement]:
    """Return the exclusions that speak of the values next to a gap (of any other value, where values have no order)."""
    if not one.line.ordered:
        return [each for each in excluding if one.deciding(each) and (one.truths[each][cells] == 0).all()]
    beside = [cell for cell in (cells[0] - 1, cells[-1] + 1) if 0 <= cell < len(one.line.names)]
    return [each for each in excluding if (one.truths[each][beside] == 2).any()]


def _witness(one: Compared, cells: list[int]) -> str:
    return f"{one.line.kind.label.lower()} = {one.line.names[cells[0]]}"


def _candidate(one: Compared, cells: list[int]) -> str:
    """Describe somebody in the first of some cells: `aged exactly 15`."""
    label, name = one.line.kind.label.lower(), one.line.names[cells[0]]
    exactly = "exactly " if one.line.ordered and len(cells) == 1 and one.line.points[cells[0]] else ""
    return f"aged {exactly}{name.removesuffix(' years')}" if label == "age" else f"with {label} {exactly}{name}"


def _ways_to_close(one: Compared, cells: list[int], failing: list[Statement]) -> tuple[str, ...]:
    variable = one.line.variable
    if not one.line.ordered or len(cells) != 1 or not one.line.points[cells[0]]:
        return (f"Let an inclusion admit {one.line.names[cells[0]]}", "Let an exclusion name it")
    truths = one.truths[failing[0]]
    above = cells[0] + 1 < len(truths) and truths[cells[0] + 1] == 2
    name = one.line.names[cells[0]]
    ways = [f"inclusion {variable} {'>=' if above else '<='} {name}"]
    amount, _, unit = name.partition(" ")
    if one.line.kind.label.lower() == "age" and amount.isdigit() and one.of("record"):
        ways.append(f"{'minimum' if above else 'maximum'} age {int(amount) + (1 if above else -1)} {unit}")
    else:
        ways.append(f"exclusion {variable} {'<=' if above else '>='} {name}")
    return tuple(ways)


def _overlaps(one: Compared) -> Iterator[Finding]:
    """Values that an inclusion admits by a bound of its own and that an exclusion names."""
    admitted = ~one.any_is("inclusion", 0) & ~one.any_is("record", 0)
    for excluding in one.of("exclusion"):
        named = one.truths[excluding] == 2
        for including in one.of("inclusion"):
            if not one.deciding(including):
                continue
            for region in runs(named, one.line.ordered):
                inside = [cell for cell in region if one.truths[including][cell] == 2 and admitted[cell]]
                bounded = not one.line.ordered or (one.truths[including][region] == 0).any()
                if inside and bounded:
                    yield finding(
                        "TW-P015",
                        excluding.place,
                        f"{one.title(inside[:3])} is both included and excluded",
                        one.says([including, excluding]),
                        ways=(f"Change one bound of {including.name} or {excluding.name}",),
                        witness=_witness(one, inside),
                    )


def _against_record(one: Compared) -> Iterator[Finding]:
    record = one.of("record")
    including = [each for each in one.of("inclusion") if one.deciding(each)]
    excluding = [each for each in one.of("exclusion") if one.deciding(each)]
    if not record or not (including or excluding):
        return
    stated = [*including, *excluding]
    kept_out = one.any_is("inclusion", 0) | one.any_is("exclusion", 2)
    refused = ~kept_out & one.any_is("record", 0)
    fully = np.all([one.truths[each] != 1 for each in stated], axis=0)
    for cells in runs(refused & fully, one.line.ordered):
        yield finding(
            "TW-P020",
            record[0].place,
            f"{one.title(cells)}: the criteria admit whom the record does not",
            one.says([*stated, *record]),
            witness=_witness(one, cells),
        )
    gap = one.any_is("inclusion", 0) & ~one.any_is("exclusion", 2)
    wider = one.record_admits & (one.any_is("exclusion", 2) | (gap & (not excluding)))
    for cells in runs(wider, one.line.ordered):
        open_ended = one.line.ordered and len(record) == 1 and (cells[-1] == len(one.line.names) - 1 or cells[0] == 0)
        yield finding(
            "TW-P020",
            record[0].place,
            f"{one.title(cells[:1])}: the record admits whom the criteria do not",
            one.says([*stated, *record]),
            witness=_witness(one, cells),
            severity=WARNING if open_ended else None,
        )


def _needless(one: Compared) -> Iterator[Finding]:
    for each in one.of("inclusion") + one.of("exclusion"):
        always, never = (one.truths[each] == 2).all(), (one.truths[each] == 0).all()
        if (each.side == "inclusion" and always) or (each.side == "exclusion" and never):
            yield finding(
                "TW-P017",
                each.place,
                f"Everybody passes {each.name}",
                one.says([each]),
                "No plausible value fails it.",
            )
    decided = [each for each in one.statements if each.side != "record" and one.deciding(each) and (one.truths[each] != 1).all()]
    for first, second in permutations(decided, 2):
        yield from _pair(one, first, second)


def _pair(one: Compared, first: Statement, second: Statement) -> Iterator[Finding]:
    later = one.statements.index(first) < one.statements.index(second)
    a, b = one.truths[first], one.truths[second]
    if first.side == second.side and (a == b).all():
        if later:
            yield finding("TW-P018", second.place, f"{second.name.capitalize()} repeats {first.name}", one.says([first, second]))
    elif first.side == second.side == "inclusion" and (a >= b).all():
        yield finding(
            "TW-P025",
            first.place,
            f"{first.name.capitalize()} adds nothing to {second.name}",
            one.says([second, first]),
        )
    elif first.side == "inclusion" and second.side == "exclusion" and (a == 2 - b).all():
        yield finding(
            "TW-P019",
            second.place,
            f"{second.name.capitalize()} merely negates {first.name}",
            one.says([first, second]),
            ways=(f"Drop {second.name}",),
        )
