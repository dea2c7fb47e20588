"""All criteria at once: whether anybody passes them all, and whether one follows from the others.

Criteria that share variables are enumerated cell by cell where that decides; otherwise a solver is asked, with a time
limit, and "not decided" is an answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from trialwright.protocol.expressions import Atom, Expression, Input, Kind, Reading, VariableType, atoms, truth
from trialwright.protocol.expressions.evaluate import evaluate_node
from trialwright.protocol.expressions.tree import Node
from trialwright.protocol.expressions.walk import inputs_of
from trialwright.protocol.study import Protocol
from trialwright.review.blocks import (
    NUMERIC,
    Block,
    Manner,
    code_block,
    connected,
    flag_block,
    joined,
    medication_blocks,
    number_blocks,
    set_block,
    types_of,
)
from trialwright.review.criteria.lines import step_of
from trialwright.review.criteria.statements import Statement
from trialwright.review.drafting import finding, listed
from trialwright.vocabulary.findings import Finding, Place

MOST_ROWS = 200_000


def together(protocol: Protocol, statements: tuple[Statement, ...]) -> Iterator[Finding]:
    """Yield what only shows when several variables are looked at together."""
    for group in _sharing(statements):
        named = {given for one in group for given in inputs_of(one.node)}
        if len(group) < 2 or len(named) < 2:
            continue
        block = _cells(protocol, [one.node for one in group])
        if block is not None:
            yield from _enumerated(group, block)
        else:
            yield from _solved(protocol, group)


def _sharing(statements: Sequence[Statement]) -> list[list[Statement]]:
    """Group the statements that share a variable."""
    inputs = [given for one in statements for given in inputs_of(one.node)]
    groups = connected(dict.fromkeys(inputs), [list(inputs_of(one.node)) for one in statements if inputs_of(one.node)])
    return [[one for one in statements if set(inputs_of(one.node)) & set(group)] for group in groups]


def _cells(protocol: Protocol, nodes: list[Node]) -> Block | None:
    """Return every combination of the cells of all inputs; None where they cannot be listed."""
    types = types_of(nodes)
    asked = [atom for node in nodes for atom in atoms(_expression(node))]
    if any(_unlisted(atom, types) for atom in asked):
        return None
    blocks, given_up = number_blocks(types, asked, _manner(protocol))
    blocks += medication_blocks(types)
    for given, kind in types.items():
        blocks += _listed_block(given, kind)
    covered = {given for block in blocks for given in block.inputs}
    if given_up or covered != set(types) or np.prod([float(block.rows) for block in blocks]) > MOST_ROWS:
        return None
    return joined(blocks)


def _listed_block(given: Input, kind: VariableType) -> list[Block]:
    match kind.kind:
        case Kind.CODE:
            return [code_block(given, kind, unknown=False)]
        case Kind.FLAG | Kind.TRUTH if type(given).__name__ != "Medication":
            return [flag_block(given, unknown=False)]
        case Kind.SET:
            return [set_block(given, kind, unknown=False)]
        case _:
            return []


def _unlisted(atom: Atom, types: dict[Input, VariableType]) -> bool:
    return atom.linear is None and any(types[given].kind in NUMERIC for given in atom.inputs)


def _expression(node: Node) -> Expression:
    return Expression("", Place(""), Kind.TRUTH, None, node, inputs_of(node))


def _manner(protocol: Protocol) -> Manner:
    def limits(given: Input, kind: VariableType) -> tuple[Fraction | None, Fraction | None]:
        bounded = isinstance(given, Reading)
        low = Fraction(kind.low) if kind.low is not None else None
        return low, (Fraction(kind.high) if bounded and kind.high is not None else None)

    def step(given: Input, _: VariableType) -> Fraction | None:
        return step_of(protocol, given.variable) if isinstance(given, Reading) else None

    return Manner(lambda _: False, limits, step)


def _enumerated(group: list[Statement], block: Block) -> Iterator[Finding]:
    passed = [_passes(one, block) for one in group]
    everything = np.all(passed, axis=0)
    if not everything.any():
        if all(one.any() for one in passed) and not _one_variable_decides(group, block):
            yield impossible(group)
        return
    for index, one in enumerate(group):
        others = np.all([other for number, other in enumerate(passed) if number != index], axis=0)
        follows = not (others & ~passed[index]).any()
        told = [other for other, each in zip(passed, group, strict=True) if each is not one and each.side == "record"]
        if told and not (np.all(told, axis=0) & ~passed[index]).any():
            continue  # the record's own fields repeat the criteria
        if follows and not passed[index].all() and one.side != "record" and len(inputs_of(one.node)) > 1:
            yield implied(one, group)


def _passes(one: Statement, block: Block) -> np.ndarray:
    found = np.broadcast_to(truth(evaluate_node(one.node, block.values)), (block.rows,))
    return np.asarray(found == 0 if one.side == "exclusion" else found == 2)


def _one_variable_decides(group: list[Statement], block: Block) -> bool:
    """Whether the statements about a single variable already admit nobody (told cell by cell elsewhere)."""
    for given in {given for one in group for given in inputs_of(one.node)}:
        alone = [one for one in group if inputs_of(one.node) == (given,)]
        if alone and not np.all([_passes(one, block) for one in alone], axis=0).any():
            return True
    return False


def impossible(group: list[Statement]) -> Finding:
    """Write that nobody passes a group of statements."""
    names = listed([one.name for one in group])
    return finding("TW-P016", group[0].place, "Nobody can pass all criteria", f"{names} cannot all be passed by one person.")


def implied(one: Statement, group: list[Statement]) -> Finding:
    """Write that a statement follows from the others."""
    names = listed([other.name for other in group if other is not one])
    return finding("TW-P025", one.place, f"{one.name.capitalize()} adds nothing", f"Whoever passes {names} passes it.")


def _solved(protocol: Protocol, group: list[Statement]) -> Iterator[Finding]:
    from trialwright.review.criteria.solver import Answer, Solving, Untranslatable

    names = listed([one.name for one in group])
    try:
        solving = Solving(protocol, [one.node for one in group])
    except Untranslatable as reason:
        yield finding("TW-P027", group[0].place, f"Not decided: whether anybody passes {names}", f"{reason}.")
        return
    required = [solving.required(one.node, one.side != "exclusion") for one in group]
    match solving.possible(required):
        case Answer.NO:
            yield impossible(group)
            return
        case Answer.OPEN:
            yield finding(
                "TW-P027",
                group[0].place,
                f"Not decided: whether anybody passes {names}",
                "The solver found no answer within its time.",
            )
            return
        case Answer.YES:
            pass
    for index, one in enumerate(group):
        others = [each for number, each in enumerate(required) if number != index]
        if one.side != "record" and solving.possible([*others, solving.negated(required[index])]) is Answer.NO:
            yield implied(one, group)
