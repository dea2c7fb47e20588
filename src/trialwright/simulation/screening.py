"""How simulated candidates are screened: who signs for them, what investigators attest. One person or many at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from trialwright.engine.policy import TRUE
from trialwright.protocol.expressions import Input, Reading, Values, evaluate, truth
from trialwright.protocol.expressions import Kind as ValueKind
from trialwright.protocol.study import CompiledCriterion, Protocol
from trialwright.simulation.body import Bools
from trialwright.simulation.lives import Lives

SCREENING = "screening"


def as_values(lives: Lives, variable: str, array: NDArray[Any]) -> Values:
    """A variable's values as an expression reads them."""
    kind = lives.protocol.scope.variables[variable].kind
    return Values.of_set(array) if kind is ValueKind.SET else Values.of(array)


def consent_rule(lives: Lives) -> NDArray[np.int64]:
    """The index of the consent rule that applies to each person; -1 where none does."""
    found = np.full(lives.count, -1)
    for index, rule in enumerate(lives.protocol.consent_rules):
        applies = np.ones(lives.count, bool)
        if rule.when is not None:
            supply: dict[Input, Values] = {
                given: as_values(lives, given.variable, lives.measuring.value(given.variable, SCREENING, 1))
                for given in rule.when.inputs
                if isinstance(given, Reading) and given.variable in lives.virtual.records
            }
            applies = np.broadcast_to(truth(evaluate(rule.when, supply)) == TRUE, (lives.count,))
        found = np.where((found < 0) & applies, index, found)
    return found


def consent_of(lives: Lives, person: int) -> tuple[tuple[str, ...], bool]:
    """Who signs for one person, and whether a minor assents."""
    index = int(consent_rule(lives)[person])
    if index < 0:
        return ("participant",), False
    rule = lives.protocol.consent_rules[index]
    return rule.by, rule.assent


def attestations_hold(lives: Lives, protocol: Protocol) -> list[tuple[CompiledCriterion, Bools]]:
    """What is attested of each person, for each criterion that a person judges: True where it holds."""
    chance = lives.virtual.attests.number
    found = []
    for criterion in protocol.criteria:
        if criterion.when is None or criterion.attested:
            admits = lives.people.draws.uniform(f"attested/{criterion.id}") < chance
            found.append((criterion, np.asarray(admits == (criterion.side == "inclusion"))))
    return found
