"""What counts as a responder: a response of the protocol, or an endpoint that is met by what is measured.

An endpoint such as “HbA1c below 7 % on day 91” is played as a response of its own: ``met`` or not, judged by the protocol's
expression at the visit (or up to the day) that the endpoint names. Judges nobody itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trialwright.protocol.expressions import Expression, Milestone, Since, read_expression
from trialwright.protocol.model.aims import Endpoint
from trialwright.protocol.study import CompiledCategory, CompiledRegimen, CompiledResponse, Protocol
from trialwright.protocol.timing import FARTHEST_DAYS, FIRST_DOSE, Moment, TimingError, read_moments
from trialwright.simulation.operating import reads
from trialwright.simulation.operating.design import Design, Goal
from trialwright.simulation.operating.file import Operating
from trialwright.simulation.operating.visits import planned_day, planned_visits

MET, NOT_MET = "met", "not met"


def endpoints_ranked(protocol: Protocol) -> Iterator[tuple[str, Endpoint]]:
    """The protocol's endpoints, those of primary objectives first; all where no objective names any."""
    ranked = sorted(protocol.file.objectives, key=lambda one: one.rank != "primary")
    names = list(dict.fromkeys(name for one in ranked for name in one.endpoints)) or list(protocol.file.endpoints)
    yield from ((name, protocol.file.endpoints[name]) for name in names if name in protocol.file.endpoints)


def with_goal(
    protocol: Protocol, operating: Operating, regimen: CompiledRegimen, needed: frozenset[str]
) -> tuple[Protocol, Goal | None]:
    """Find what counts as a responder; where it is an endpoint that is met, the protocol comes back with its response.

    The first primary endpoint that counts responders; else what the file's own response reaches; else the first endpoint that is
    met by what the file has records of.
    """
    own = operating.response
    for name, endpoint in endpoints_ranked(protocol):
        if endpoint.measure == "response" and endpoint.response and endpoint.category:
            until = _until(protocol, endpoint, regimen)
            return protocol, Goal(endpoint.response, endpoint.category, endpoint.confirmed, name, until)
    if own is not None and own.of in protocol.file.responses:
        return protocol, Goal(own.of, own.category, False, "", FARTHEST_DAYS)
    for name, endpoint in endpoints_ranked(protocol):
        wanted = own.of == name if own is not None else True
        response = _as_response(protocol, name, endpoint, operating, regimen, needed) if wanted else None
        if response is not None:
            responses = {**protocol.responses, name: response}
            scope = replace(protocol.scope, responses={**protocol.scope.responses, name: (NOT_MET, MET)})
            return replace(protocol, responses=responses, scope=scope), Goal(name, MET, False, name, FARTHEST_DAYS)
    return protocol, None


def as_written(design: Design) -> Design:
    """The design with the protocol's own responses only, for commands that know no other."""
    protocol, declared = design.protocol, design.protocol.file.responses
    codes = {name: one for name, one in protocol.scope.responses.items() if name in declared}
    own = {name: one for name, one in protocol.responses.items() if name in declared}
    written = replace(protocol, responses=own, scope=replace(protocol.scope, responses=codes))
    responses = tuple(one for one in design.responses if one.id in declared)
    goal = design.goal if design.goal is not None and design.goal.response in declared else None
    return replace(design, protocol=written, responses=responses, goal=goal)


def _as_response(
    protocol: Protocol, name: str, endpoint: Endpoint, operating: Operating, regimen: CompiledRegimen, needed: frozenset[str]
) -> CompiledResponse | None:
    """The endpoint as a response; None where it is none, is for some only, or reads what the file has no record of."""
    population = protocol.file.populations.get(endpoint.population or "")
    if endpoint.measure != "event" or not endpoint.event or endpoint.among or (population is not None and population.when):
        return None
    event = _read(protocol, endpoint.event)
    if event is None or _reads_first_response(regimen):
        return None
    names = reads.variables_of(event.inputs)
    behind = reads.behind(protocol, names)
    if not names or not {one for one in behind if one not in protocol.derivations} <= set(operating.records):
        return None
    visits = planned_visits(protocol, regimen, needed | behind, operating.arm).on
    days = _days(protocol, endpoint, regimen, [one.day for one in visits if one.collects & names])
    if days is None:
        return None
    low, high = days
    text = f"({endpoint.event}) and time since first dose >= {low} d and time since first dose <= {high} d"
    when = _read(protocol, text)
    place = protocol.source.place(("endpoints", name))
    met = CompiledCategory(MET, MET, when, place)
    return CompiledResponse(name, endpoint.label, "", None, None, (met, CompiledCategory(NOT_MET, NOT_MET, None, place)), place)


def _read(protocol: Protocol, text: str) -> Expression | None:
    expression, findings = read_expression(text, protocol.scope, protocol.source.place(("endpoints",)))
    return None if any(one.stops for one in findings) else expression


def _reads_first_response(regimen: CompiledRegimen) -> bool:
    inputs = reads.inputs_of(reads.rule_expressions(regimen))
    return any(isinstance(one, Since) and one.milestone is Milestone.FIRST_RESPONSE for one in inputs)


def _until(protocol: Protocol, endpoint: Endpoint, regimen: CompiledRegimen) -> int:
    """The last day, counted from the first dose, on which a response is in time, as the analysis reads `by`."""
    days = _days(protocol, endpoint, regimen, []) if endpoint.by is not None and endpoint.at is None else None
    return FARTHEST_DAYS if days is None else days[1]


def _days(protocol: Protocol, endpoint: Endpoint, regimen: CompiledRegimen, measured: list[int]) -> tuple[int, int] | None:
    """From and up to which day the endpoint may be met: up to `by`; for `at`, the one day of ``measured`` that is nearest."""
    text = endpoint.at or endpoint.by
    if text is None:
        return 0, FARTHEST_DAYS
    try:
        moments = read_moments(text)
    except TimingError:
        return None
    spans = [_span(protocol, moment, regimen) for moment in moments]
    if len(spans) != 1 or spans[0] is None:
        return None
    low, high = spans[0]
    if endpoint.at is None:
        return 0, high
    nearest = min(measured, key=lambda day: max(low - day, day - high, 0), default=None)
    return None if nearest is None else (nearest, nearest)


def _span(protocol: Protocol, moment: Moment, regimen: CompiledRegimen) -> tuple[int, int] | None:
    known = replace(moment, anchor=protocol.day_1) if moment.study_day or moment.anchor == FIRST_DOSE else moment
    first = planned_day(protocol, known, regimen.start_day)
    return None if first is None else (first, first + moment.days[1] - moment.days[0])
