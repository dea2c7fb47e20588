"""What of a protocol decides something in an operating-characteristics run, and what that reads. Evaluates nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trialwright.protocol import expressions as asked
from trialwright.protocol.expressions import Expression, Input, Milestone
from trialwright.protocol.study import CompiledRegimen, CompiledResponse, Protocol

UNANSWERED = (Milestone.DATE, Milestone.NAMED)


def rule_expressions(regimen: CompiledRegimen) -> Iterator[Expression]:
    """Every expression of the dosing rules."""
    for rule in regimen.rules:
        yield from (one for one in (rule.when, rule.standing, rule.until) if one is not None)
        yield from (one.when for one in rule.resume if one.when is not None)


def response_expressions(response: CompiledResponse) -> Iterator[Expression]:
    """Every expression of a response."""
    if response.not_assessable is not None:
        yield response.not_assessable
    yield from (one.when for one in response.categories if one.when is not None)


def inputs_of(expressions: Iterable[Expression]) -> frozenset[Input]:
    """What some expressions read."""
    return frozenset(given for one in expressions for given in one.inputs)


def variables_of(inputs: Iterable[Input]) -> frozenset[str]:
    """The variables that inputs are about."""
    found = set()
    for given in inputs:
        match given:
            case asked.Reading(name) | asked.Baseline(name) | asked.Previous(name) | asked.Limit(_, name) | asked.Stratum(name):
                found.add(name)
            case asked.Aggregate():
                found.add(given.variable)
            case asked.Since(Milestone.READING | Milestone.DATE, name):
                found.add(name)
            case _:
                pass
    return frozenset(found)


def behind(protocol: Protocol, names: Iterable[str]) -> frozenset[str]:
    """Some variables, with what derived ones among them are derived from."""
    found = set(names)
    pending = list(found)
    while pending:
        name = pending.pop()
        parts = variables_of(protocol.derivations[name].inputs) if name in protocol.derivations else frozenset()
        pending += parts - found
        found |= parts
    return frozenset(found)


def responses_read(protocol: Protocol, regimen: CompiledRegimen, goal: str) -> tuple[CompiledResponse, ...]:
    """The responses that rules read, those that these read in turn, and the one that counts, in the protocol's order."""
    read = inputs_of(rule_expressions(regimen))
    if any(isinstance(given, asked.Since) and given.milestone is Milestone.FIRST_RESPONSE for given in read):
        return tuple(protocol.responses.values())
    wanted = {given.name for given in read if isinstance(given, asked.ResponseOf)}
    wanted |= {goal} & set(protocol.responses)
    while True:
        more = {
            given.name
            for name in wanted
            if name in protocol.responses
            for given in inputs_of(response_expressions(protocol.responses[name]))
            if isinstance(given, asked.ResponseOf)
        }
        if more <= wanted:
            return tuple(one for name, one in protocol.responses.items() if name in wanted)
        wanted |= more


def circular(responses: tuple[CompiledResponse, ...]) -> tuple[str, ...]:
    """Names of responses that are defined by their own current category, directly or through others."""
    reads = {
        one.id: {
            given.name
            for given in inputs_of(response_expressions(one))
            if isinstance(given, asked.ResponseOf) and not given.best and not given.confirmed
        }
        for one in responses
    }
    return tuple(name for name in reads if name in _reached(name, reads))


def _reached(start: str, reads: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    pending = set(reads[start])
    while pending:
        name = pending.pop()
        if name not in found:
            found.add(name)
            pending |= reads.get(name, set())
    return found


def all_read(protocol: Protocol, regimen: CompiledRegimen, responses: tuple[CompiledResponse, ...]) -> frozenset[Input]:
    """Everything that rules, responses and the derivations behind them read."""
    found = inputs_of(rule_expressions(regimen)) | inputs_of(one for each in responses for one in response_expressions(each))
    while True:
        derived = [name for name in variables_of(found) if name in protocol.derivations]
        more = inputs_of(protocol.derivations[name] for name in derived)
        if more <= found:
            return found
        found |= more


def unanswered(inputs: frozenset[Input]) -> tuple[Input, ...]:
    """The inputs that no operating-characteristics run can answer: calendar dates, and what it does not play."""
    return tuple(sorted((given for given in inputs if not _answered(given)), key=repr))


def elsewhere(inputs: frozenset[Input], protocol: Protocol, regimen: CompiledRegimen) -> tuple[Input, ...]:
    """The inputs that are about another regimen than the one that is played, or count from a day that it does not begin on."""
    shifted = protocol.day_1 != "first dose"
    return tuple(sorted((given for given in inputs if _elsewhere(given, regimen, shifted)), key=repr))


def _elsewhere(given: Input, regimen: CompiledRegimen, shifted: bool) -> bool:
    match given:
        case asked.DoseOf(name) | asked.TotalDose(name) | asked.LevelOf(name) | asked.Held(name) | asked.Stopped(name):
            return name not in (None, "", regimen.intervention, regimen.registered)
        case asked.Since(Milestone.ENROLMENT | Milestone.RANDOMISATION | Milestone.CONSENT):
            return shifted
        case asked.Day():
            return shifted and regimen.start_day != 1
        case _:
            return False


def _answered(given: Input) -> bool:
    match given:
        case asked.Today() | asked.Increase() | asked.Consent() | asked.Assent():
            return False
        case asked.Since(milestone, _, unit):
            return milestone not in UNANSWERED and unit == "d"
        case asked.DoseOf(name) | asked.TotalDose(name) | asked.LevelOf(name) | asked.Held(name) | asked.Stopped(name):
            return name is None or bool(name)
        case _:
            return True
