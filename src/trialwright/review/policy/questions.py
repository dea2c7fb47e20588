"""A regimen's rules and guarantees taken apart: which atoms inputs decide, which the state, which the outcome.

``an input of a hold rule is missing`` is written out as the readings that it means.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from trialwright.engine.policy import RuleTruths
from trialwright.protocol.expressions import Atom, Expression, HoldInputs, Input, Kind, Reading, VariableType, atoms, substitute
from trialwright.protocol.expressions.tree import Known, Leaf, Node, Not, Or, Verdict
from trialwright.protocol.study import CompiledRegimen, Protocol
from trialwright.review.blocks import readings_of
from trialwright.review.policy.domains import Domains, build_domains
from trialwright.review.policy.formulas import Formulas, Truths
from trialwright.review.policy.signatures import Signatures, group_truths, join_groups
from trialwright.review.policy.standing import Packing, packing_for

FLAG = VariableType(Kind.FLAG)


@dataclass
class Questions:
    """What is asked of a regimen.

    Args:
        protocol: The study.
        regimen: Whose dosing is explored.
        packing: How its states are packed.
        domains: The groups of inputs.
        formulas: Every truth in small steps.
        rules: Step numbers of each rule's when, when as it stands, until and resume clauses.
        guarantees: Step number of each guarantee.
        asked: Every atom.
    """

    protocol: Protocol
    regimen: CompiledRegimen
    packing: Packing
    domains: Domains
    formulas: Formulas
    rules: tuple[tuple[int, int, int, tuple[int, ...]], ...]
    guarantees: tuple[int, ...]
    asked: tuple[Atom, ...]

    @property
    def state_group(self) -> int:
        """The number of the group that the state decides; that of the outcome is one more."""
        return len(self.domains.groups)

    @cached_property
    def rule_roots(self) -> tuple[int, ...]:
        """The steps that a decision reads, in the order of ``truths_of``."""
        return tuple(step for when, standing, until, resume in self.rules for step in (when, standing, until, *resume))

    @cached_property
    def clauses(self) -> int:
        """The most resume clauses that a rule has."""
        return max((len(resume) for *_, resume in self.rules), default=0)

    def truths_of(self, rows: Truths) -> RuleTruths:
        """Return the rules' truths; ``rows`` has shape ``(vectors, rule_roots)``."""
        many, rules = rows.shape[0], len(self.rules)
        heads = np.zeros((3, many, rules), np.int8)
        resume = np.zeros((many, rules, self.clauses), np.int8)
        column = 0
        for index, (*_, clauses) in enumerate(self.rules):
            heads[..., index] = rows[:, column : column + 3].T
            resume[:, index, : len(clauses)] = rows[:, column + 3 : column + 3 + len(clauses)]
            column += 3 + len(clauses)
        when, standing, until = heads
        return RuleTruths(when, standing, until, resume)

    def signatures(self, domains: Domains | None = None) -> Signatures:
        """Join the groups (of the same shape as this regimen's) into distinct truth-vectors."""
        groups = []
        for number, group in enumerate((domains or self.domains).groups):
            columns = {step: group.truths(node) for step, node in self.formulas.atoms(number)}
            groups.append(group_truths(columns, group.block.rows))
        return join_groups(self.formulas, groups, (*self.rule_roots, *self.guarantees))


def questions_of(protocol: Protocol, regimen: CompiledRegimen) -> Questions:
    """Take a regimen's rules and guarantees apart."""
    rewritten = _written_out(protocol, regimen)
    rules = [
        (
            (rewritten(rule.when, 2), rewritten(rule.standing or rule.when, 2), rewritten(rule.until, 0)),
            tuple(rewritten(clause.when, 2) for clause in rule.resume),
        )
        for rule in regimen.rules
    ]
    promises = [rewritten(one.expression, 2) for one in regimen.guarantees]
    nodes = [*(node for heads, resume in rules for node in (*heads, *resume)), *promises]
    asked = {atom.node: atom for node in nodes for atom in _atoms(node, regimen)}
    packing = packing_for(regimen, asked.values())
    domains = build_domains(protocol, asked.values(), packing.inputs)
    state = len(domains.groups)
    formulas = Formulas(lambda node, outcome: domains.group_of.get(node, state + int(outcome)))
    compiled = tuple(
        (formulas.add(when), formulas.add(standing), formulas.add(until), tuple(formulas.add(one) for one in resume))
        for (when, standing, until), resume in rules
    )
    kept = tuple(formulas.add(node, outcome=True) for node in promises)
    return Questions(protocol, regimen, packing, domains, formulas, compiled, kept, tuple(asked.values()))


def _atoms(node: Node, regimen: CompiledRegimen) -> tuple[Atom, ...]:
    return atoms(Expression("", regimen.place, Kind.TRUTH, None, node, ()))


class _written_out:  # noqa: N801 - used as a function that remembers the protocol
    """Replaces questions about hold inputs by the readings that they mean."""

    def __init__(self, protocol: Protocol, regimen: CompiledRegimen) -> None:
        holds = [rule.when for rule in regimen.rules if rule.action.kind == "hold" and rule.when is not None]
        self.names = tuple(dict.fromkeys(name for when in holds for name in readings_of(when.inputs)))
        self.protocol = protocol

    def __call__(self, expression: Expression | None, otherwise: int) -> Node:
        if expression is None:
            return Verdict(otherwise == 2)
        asked = [given for given in expression.inputs if isinstance(given, HoldInputs)]
        replacements: dict[Input, Node] = {given: self._meaning(given) for given in asked}
        return substitute(expression.node, replacements)

    def _meaning(self, given: HoldInputs) -> Node:
        types = self.protocol.scope.variables
        missing: list[Node] = [Not(Known(Leaf(Reading(name), types[name]))) for name in self.names]
        if self._can_be_older(given):
            missing.append(Leaf(replace(given), FLAG))
        return Or(tuple(missing)) if missing else Verdict(False)

    def _can_be_older(self, given: HoldInputs) -> bool:
        """Whether a value can be valid and yet older than the question allows."""
        limit = given.max_age_days
        valid = self.protocol.valid_days
        return limit is not None and any(name not in valid or valid[name] > limit for name in self.names)
