"""The response rate under every other definition that the file names: unconfirmed, other thresholds, variants.

Doses already given were driven by the definition in the file; a rate under another definition describes the same courses
and is no forecast of a trial run under it. Every result here says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trialwright.analysis.cohort import Carried, Cohort, assumption_note, with_unit
from trialwright.analysis.response_rate import Reading, members_of, rate, reading_of, verdicts
from trialwright.datasets.assessed import assessments
from trialwright.datasets.followed import Followed
from trialwright.protocol.compile import compile_protocol
from trialwright.protocol.expressions.tree import Node, Parameter
from trialwright.protocol.expressions.walk import children
from trialwright.protocol.model.aims import Endpoint
from trialwright.protocol.study import CompiledResponse, Protocol

DRIVEN = "The doses already given were driven by the definition in the file; these are the same courses, read otherwise."


def other_definitions(cohort: Cohort, endpoint_id: str) -> Iterator[Carried]:
    """Rates of one response endpoint under each other definition, most alike first."""
    endpoint = cohort.endpoint(endpoint_id)
    reading = reading_of(endpoint, cohort)
    people = members_of(cohort, endpoint_id).members
    if not cohort.protocol.responses[reading.response].variant_of:
        for suffix, words, other in _readings(reading, people):
            found = verdicts(people, endpoint, other)
            yield _named(rate(cohort, endpoint_id, found, ()), suffix, words)
    yield from _other_values(cohort, endpoint_id, reading, people)
    yield from _variants(cohort, endpoint_id, reading, people)


def _readings(reading: Reading, people: tuple[Followed, ...]) -> Iterator[tuple[str, str, Reading]]:
    if reading.confirmed:
        yield "confirmed_later", "first seen in the period, confirmed even after it", replace(reading, confirmed_in_time=False)
        yield "unconfirmed", "seen once, confirmed or not", replace(reading, confirmed=False)
    if any(row.reassessed for one in people for row in assessments(one, reading.response)):
        yield "as_recorded", "by the assessments as they were recorded", replace(reading, as_recorded=True)


def _named(carried: Carried, suffix: str, words: str) -> Carried:
    result = carried.result
    return replace(carried, result=replace(result, id=f"{result.id}.{suffix}", title=f"{result.title}: {words}"))


def _other_values(cohort: Cohort, endpoint_id: str, reading: Reading, people: tuple[Followed, ...]) -> Iterator[Carried]:
    for name in parameters_of(cohort.protocol.responses[reading.response]):
        for number, value in enumerate(cohort.protocol.file.parameters[name].sensitivity, start=1):
            changed = with_parameter(cohort.protocol, name, value)
            if changed is None:
                continue
            found = verdicts(
                tuple(one.under(changed) for one in people), cohort.endpoint(endpoint_id), replace(reading, anew=True)
            )
            words = f"{name.replace('_', ' ')} {with_unit(value)}"
            yield _named(rate(cohort, endpoint_id, found, (DRIVEN,)), f"{name}_{number}", words)


def parameters_of(response: CompiledResponse) -> tuple[str, ...]:
    """Names of the parameters that a response reads."""
    names: dict[str, None] = {}
    pending: list[Node] = [one.when.node for one in response.categories if one.when is not None]
    while pending:
        node = pending.pop()
        if isinstance(node, Parameter):
            names[node.name] = None
        pending.extend(children(node))
    return tuple(names)


def with_parameter(protocol: Protocol, name: str, value: str) -> Protocol | None:
    """Return the protocol with one parameter at another value; None where the value does not fit its expressions."""
    parameters = protocol.file.parameters
    changed = {**parameters, name: parameters[name].model_copy(update={"value": value})}
    found, _ = compile_protocol(protocol.file.model_copy(update={"parameters": changed}), protocol.source)
    return found


def _variants(cohort: Cohort, endpoint_id: str, reading: Reading, people: tuple[Followed, ...]) -> Iterator[Carried]:
    """Variants of the response that no endpoint of their own estimates."""
    endpoint = cohort.endpoint(endpoint_id)
    for name, compiled in cohort.protocol.responses.items():
        categories = [one.id for one in compiled.categories]
        if compiled.variant_of != reading.response or reading.category not in categories or _estimated(cohort, name, endpoint):
            continue
        found = verdicts(people, endpoint, replace(reading, response=name))
        notes = (DRIVEN, *assumption_note(compiled.label, cohort.protocol.file.responses[name]))
        yield _named(rate(cohort, endpoint_id, found, notes), name, compiled.label)


def _estimated(cohort: Cohort, response: str, like: Endpoint) -> bool:
    return any(
        one.measure == "response" and one.response == response and one.category == like.category
        for one in cohort.protocol.file.endpoints.values()
    )
