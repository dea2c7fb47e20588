"""What a regimen's rules may find at a decision: groups of inputs with every combination of values that matters.

Readings, responses (from their own definitions), adverse events and medication are modelled exactly; what is not modelled
may be anything, which can only make a proof harder, never wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from trialwright.protocol.expressions import (
    AdverseEvents,
    Atom,
    Expression,
    Input,
    Kind,
    Medication,
    ResponseOf,
    Since,
    Values,
    VariableType,
    atoms,
    evaluate,
    truth,
)
from trialwright.protocol.expressions.evaluate import evaluate_node
from trialwright.protocol.expressions.tree import Node
from trialwright.protocol.study import CompiledResponse, Protocol
from trialwright.review.blocks import (
    NUMERIC,
    Block,
    Manner,
    code_block,
    connected,
    flag_block,
    joined,
    may_be_missing,
    medication_blocks,
    number_blocks,
    set_block,
    types_of,
)
from trialwright.review.event_profiles import SingleEvent, event_profiles
from trialwright.review.policy.formulas import Truths

MOST_JOINED = 200_000


@dataclass(frozen=True, slots=True)
class Domain:
    """One group: its inputs' values, responses included, or one atom that may be anything (``free``).

    Args:
        block: The values; a free atom has three rows without values: false, unknown, true.
        events: For each row the adverse events that produce it; empty where the group has none.
        free: The atom that may be anything, or None.
    """

    block: Block
    events: tuple[tuple[SingleEvent, ...], ...] = ()
    free: Node | None = None

    def truths(self, node: Node) -> Truths:
        """Return the truth of an atom in each row."""
        if self.free is not None:
            return np.array([0, 1, 2], np.int8)
        found = truth(evaluate_node(node, self.block.values))
        return np.broadcast_to(found, (self.block.rows,)).astype(np.int8)


@dataclass(frozen=True, slots=True)
class Domains:
    """All groups, and which of them decides each atom."""

    groups: tuple[Domain, ...]
    group_of: Mapping[Node, int]

    @property
    def free(self) -> tuple[Node, ...]:
        """The atoms that are not modelled."""
        return tuple(group.free for group in self.groups if group.free is not None)


def build_domains(protocol: Protocol, asked: Iterable[Atom], state_inputs: frozenset[Input]) -> Domains:
    """Return the groups that decide the atoms; atoms of the state alone are left out."""
    wanted = {atom.node: atom for atom in asked if not set(atom.inputs) <= state_inputs}
    loose = {node for node, atom in wanted.items() if set(atom.inputs) & state_inputs}
    responses = _modelled_responses(protocol, [atom for node, atom in wanted.items() if node not in loose], state_inputs)
    inside = [atom for response in responses.values() for atom in _response_atoms(response)]
    cut = [*(atom for node, atom in wanted.items() if node not in loose), *inside]
    types = types_of([atom.node for atom in cut])
    blocks, profiles, given_up = _blocks(protocol, types, cut, frozenset(responses))
    loose |= {atom.node for atom in wanted.values() if set(atom.inputs) & given_up or _not_linear(atom, types)}
    links = [list(atom.inputs) for atom in cut if len(atom.inputs) > 1 and atom.node not in loose]
    links += [[asked_response, *_inputs(response)] for asked_response, response in responses.items()]
    groups = _grouped(blocks, links, responses, profiles)
    owner = {given: index for index, group in enumerate(groups) for given in group.block.values}
    group_of: dict[Node, int] = {}
    for node, atom in wanted.items():
        if node in loose or any(given not in owner for given in atom.inputs):
            group_of[node] = len(groups)
            groups.append(Domain(Block((), {}, 3), (), node))
        else:
            group_of[node] = owner[atom.inputs[0]]
    return Domains(tuple(groups), group_of)


def _not_linear(atom: Atom, types: Mapping[Input, VariableType]) -> bool:
    """A comparison of numbers whose cells are not known."""
    numbers = [given for given in atom.inputs if given in types and types[given].kind in NUMERIC]
    known = len(numbers) == 1 and type(atom.node).__name__ == "Known"
    return bool(numbers) and atom.linear is None and not known


def _response_atoms(response: CompiledResponse) -> list[Atom]:
    return [atom for expression in _expressions(response) for atom in atoms(expression)]


def _expressions(response: CompiledResponse) -> list[Expression]:
    found = [response.not_assessable, *(category.when for category in response.categories)]
    return [expression for expression in found if expression is not None]


def _inputs(response: CompiledResponse) -> list[Input]:
    return list(dict.fromkeys(given for expression in _expressions(response) for given in expression.inputs))


def _modelled_responses(
    protocol: Protocol, asked: Iterable[Atom], state_inputs: frozenset[Input]
) -> dict[ResponseOf, CompiledResponse]:
    """Return the current responses that follow from readings; any other response may be anything."""
    found = {}
    for given in dict.fromkeys(given for atom in asked for given in atom.inputs):
        if isinstance(given, ResponseOf) and not given.best and not given.confirmed:
            response = protocol.responses[given.name]
            read = _inputs(response)
            plain = all(not isinstance(one, ResponseOf | Since) and one not in state_inputs for one in read)
            if plain and read and all(not _not_linear(atom, types_of([atom.node])) for atom in _response_atoms(response)):
                found[given] = response
    return found


def _blocks(
    protocol: Protocol, types: Mapping[Input, VariableType], cut: list[Atom], responses: frozenset[ResponseOf]
) -> tuple[list[Block], tuple[tuple[SingleEvent, ...], ...], frozenset[Input]]:
    plain: dict[Input, VariableType] = {
        given: kind
        for given, kind in types.items()
        if not isinstance(given, AdverseEvents | Medication) and given not in responses
    }
    blocks, given_up = number_blocks(plain, cut, _manner(protocol))
    blocks += medication_blocks(types)
    for given, kind in plain.items():
        unknown = may_be_missing(given)
        if kind.kind is Kind.CODE:
            blocks.append(code_block(given, kind, unknown))
        elif kind.kind in (Kind.FLAG, Kind.TRUTH):
            blocks.append(flag_block(given, unknown))
        elif kind.kind is Kind.SET:
            blocks.append(set_block(given, kind, unknown))
    asked = tuple(given for given in types if isinstance(given, AdverseEvents))
    profiles = event_profiles(protocol, asked, cut) if asked else None
    if profiles is None:
        return blocks, (), given_up | frozenset(asked)
    return [*blocks, profiles.block], profiles.events, given_up


def _manner(protocol: Protocol) -> Manner:
    def limits(_: Input, kind: VariableType) -> tuple[Fraction | None, Fraction | None]:
        return (Fraction(kind.low) if kind.low is not None else None, None)

    def step(given: Input, _: VariableType) -> Fraction | None:
        if isinstance(given, Since):
            return Fraction(1)
        declared = protocol.file.variables.get(getattr(given, "variable", ""))
        if declared is None:
            return None
        if declared.rounding == "completed":
            return Fraction(1)
        return Fraction(declared.precision) if declared.precision else None

    return Manner(may_be_missing, limits, step)


def _grouped(
    blocks: list[Block],
    links: list[list[Input]],
    responses: Mapping[ResponseOf, CompiledResponse],
    events: tuple[tuple[SingleEvent, ...], ...],
) -> list[Domain]:
    """Join the blocks that an atom or a response spans."""
    every = [given for block in blocks for given in block.inputs]
    inner = [list(block.inputs) for block in blocks if len(block.inputs) > 1]
    usable = [[given for given in link if given in every or given in responses] for link in links]
    groups = []
    for together in connected([*every, *responses], [*inner, *(link for link in usable if link)]):
        own = [block for block in blocks if block.inputs and block.inputs[0] in together]
        told = {given: response for given, response in responses.items() if given in together}
        size = int(np.prod([block.rows for block in own], dtype=float)) if own else 0
        if told and size > MOST_JOINED:
            groups += [_with_events(block, events) for block in own]
            continue
        groups.append(_with_events(_with_responses(joined(own), told), events))
    return sorted(groups, key=lambda group: group.block.rows)


def _with_events(block: Block, events: tuple[tuple[SingleEvent, ...], ...]) -> Domain:
    holds = any(isinstance(given, AdverseEvents) for given in block.values)
    return Domain(block, events if holds and len(events) == block.rows else ())


def _with_responses(block: Block, responses: Mapping[ResponseOf, CompiledResponse]) -> Block:
    values = dict(block.values)
    for asked, response in responses.items():
        values[asked] = assessed(response, block)
    return Block(tuple(values), values, block.rows)


def assessed(response: CompiledResponse, block: Block) -> Values:
    """Return the category in each row as the engine assesses it: an unknown better category leaves it unknown."""
    worst_first = [category.id for category in reversed(response.categories)]
    category = np.full(block.rows, -1)
    still_open = np.ones(block.rows, bool)
    if response.not_assessable is not None:
        still_open &= _truths(response.not_assessable, block) == 0
    for one in response.categories:
        found = _truths(one.when, block)
        category = np.where(still_open & (found == 2), worst_first.index(one.id), category)
        still_open = still_open & (found == 0)
    return Values(np.maximum(category, 0), category >= 0)


def _truths(expression: Expression | None, block: Block) -> Truths:
    if expression is None:
        return np.full(block.rows, 2, np.int8)
    return np.broadcast_to(truth(evaluate(expression, block.values)), (block.rows,)).astype(np.int8)
