"""What both ways of playing many people at once share: the rules of a protocol as arrays, and values as a form holds them.

Each way has its own chart of its people and hands in how an expression is true of them. Draws nothing, decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from trialwright.engine.policy import FALSE, TRUE, RuleTruths
from trialwright.events.catalogue import Recorded
from trialwright.protocol.expressions import Expression, Kind, VariableType
from trialwright.protocol.study import CompiledRegimen, CompiledResponse

Truth: TypeAlias = Callable[[Expression | None, int], NDArray[np.int8]]
"""The Kleene truth of an expression for each person, shape (people,); the second argument stands where there is none."""


def categories(response: CompiledResponse, names: tuple[str, ...], truth: Truth) -> NDArray[np.int64]:
    """The index of each person's category in ``names``, worst first; -1 where not assessable or not known."""
    open_ = truth(response.not_assessable, FALSE) == FALSE
    found = np.full(open_.shape, -1, np.int64)
    for category in response.categories:
        holds = truth(category.when, TRUE)
        found = np.where(open_ & (holds == TRUE), names.index(category.id), found)
        open_ = open_ & (holds == FALSE)
    return found


def rule_truths(regimen: CompiledRegimen, truth: Truth, people: int) -> RuleTruths:
    """The truths of each rule's expressions for so many people, as ``engine.policy.decide`` takes them."""
    rules = regimen.rules
    resume = np.zeros((people, len(rules), max((len(rule.resume) for rule in rules), default=0)), np.int8)
    for index, rule in enumerate(rules):
        for clause, resumption in enumerate(rule.resume):
            resume[:, index, clause] = truth(resumption.when, TRUE)
    return RuleTruths(
        _side_by_side([truth(rule.when, TRUE) for rule in rules], people),
        _side_by_side([truth(rule.standing or rule.when, TRUE) for rule in rules], people),
        _side_by_side([truth(rule.until, FALSE) for rule in rules], people),
        resume,
    )


def _side_by_side(truths: list[NDArray[np.int8]], people: int) -> NDArray[np.int8]:
    return np.stack(truths, axis=-1) if truths else np.zeros((people, 0), np.int8)


def as_recorded(kind: VariableType, value: Any, precision: Decimal | None) -> Recorded:
    """One person's value as a form holds it; an amount in whole steps of its precision, where it has one."""
    match kind.kind:
        case Kind.CODE:
            return kind.codes[int(value)]
        case Kind.SET:
            return tuple(code for code, held in zip(kind.codes, value, strict=True) if held)
        case Kind.FLAG:
            return bool(value)
        case _ if precision is not None:
            return f"{Decimal(round(float(value) / float(precision))) * precision:f}"
        case _:
            return f"{Decimal(repr(float(value))):f}"
