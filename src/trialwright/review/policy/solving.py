"""From truth-vectors back to values: what would have to be measured at each decision, one participant throughout.

Baselines are one value for the whole history, and what is measured with the first dose is the baseline.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.expressions import Baseline, Input, Reading, ResponseOf, Values
from trialwright.review.blocks import Block
from trialwright.review.event_profiles import SingleEvent
from trialwright.review.policy.domains import Domain, Domains, assessed
from trialwright.review.policy.moves import Vectors, vectors_for
from trialwright.review.policy.questions import Questions
from trialwright.review.policy.signatures import Signatures

MOST_TRIES = 12


@dataclass(frozen=True, slots=True)
class Wanted:
    """The truths wanted at one decision, under what the state answers: any of ``rows`` (vectors' rows, as bytes)."""

    key: tuple[tuple[int, int], ...]
    within: bool
    rows: frozenset[bytes]
    first: bool


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured at one decision: each input's value (None: unknown) and the adverse events so far unresolved or new."""

    values: dict[Input, object]
    events: tuple[SingleEvent, ...]


def solutions(questions: Questions, wanted: Sequence[Wanted]) -> Iterator[tuple[Measured, ...]]:
    """Yield measurements that give every decision its truths, for one baseline after another."""
    for fixed in islice(_baselines(questions.domains), MOST_TRIES):
        same = _restricted(questions, fixed, first=False)
        start = _restricted(questions, fixed, first=True)
        if same is None or start is None:
            continue
        later, at_start = questions.signatures(same), questions.signatures(start)
        found = []
        for one in wanted:
            domains, signatures = (start, at_start) if one.first else (same, later)
            measured = _solved(questions, domains, signatures, one)
            if measured is None:
                break
            found.append(measured)
        else:
            yield tuple(found)


def _baselines(domains: Domains) -> Iterator[dict[Input, tuple[float, bool]]]:
    """Yield values for all baselines together, known ones and high ones first."""
    choices: list[list[dict[Input, tuple[float, bool]]]] = []
    for group in domains.groups:
        asked = [given for given in group.block.values if isinstance(given, Baseline)]
        if asked:
            rows = {
                tuple(
                    (float(group.block.values[given].data[row]), bool(group.block.values[given].known[row])) for given in asked
                ): None
                for row in range(group.block.rows)
            }
            ordered = sorted(rows, key=lambda row: [(not known, -value) for value, known in row])
            choices.append([dict(zip(asked, row, strict=True)) for row in ordered])
    for chosen in product(*choices):
        yield {given: value for part in chosen for given, value in part.items()}


def _restricted(questions: Questions, fixed: dict[Input, tuple[float, bool]], first: bool) -> Domains | None:
    """Keep the rows with these baselines; with the first dose the baseline is also what is read."""
    groups = []
    for group in questions.domains.groups:
        keep = np.ones(group.block.rows, bool)
        for given, (value, known) in fixed.items():
            if given in group.block.values:
                keep &= _equals(group.block.values[given], value, known)
        if not keep.any():
            return None
        kept = _taken(group, keep)
        groups.append(_at_start(questions, kept) if first else kept)
    return Domains(tuple(groups), questions.domains.group_of)


def _at_start(questions: Questions, group: Domain) -> Domain:
    values = dict(group.block.values)
    for given, found in group.block.values.items():
        if isinstance(given, Baseline) and Reading(given.variable) in values:
            values[Reading(given.variable)] = found
    block = Block(group.block.inputs, values, group.block.rows)
    for given in values:
        if isinstance(given, ResponseOf) and not given.best and not given.confirmed:
            values[given] = assessed(questions.protocol.responses[given.name], block)
    return Domain(block, group.events, group.free)


def _equals(values: Values, value: float, known: bool) -> NDArray[np.bool_]:
    return np.asarray((values.known == known) & ((values.data == value) | (not known)))


def _taken(group: Domain, keep: NDArray[np.bool_]) -> Domain:
    events = tuple(each for each, kept in zip(group.events, keep, strict=True) if kept) if group.events else ()
    return Domain(group.block.take(keep), events, group.free)


def _solved(questions: Questions, domains: Domains, signatures: Signatures, one: Wanted) -> Measured | None:
    vectors: Vectors = vectors_for(questions, signatures, dict(one.key), one.within)
    fits = [index for index, row in enumerate(vectors.rows) if row.tobytes() in one.rows]
    if not fits:
        return None
    example = signatures.examples[vectors.examples[fits[0]]]
    values: dict[Input, object] = {}
    events: tuple[SingleEvent, ...] = ()
    for group, row in zip(domains.groups, example, strict=True):
        values.update({given: _plain(found, int(row)) for given, found in group.block.values.items()})
        events += group.events[int(row)] if group.events else ()
    return Measured(values, events)


def _plain(found: Values, row: int) -> object:
    if not found.known[row]:
        return None
    value = found.data[row]
    return tuple(bool(held) for held in value) if np.ndim(value) else value.item()
