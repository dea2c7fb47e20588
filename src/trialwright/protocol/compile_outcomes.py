"""Compiles responses, derived states, reporting clocks and the restrictions of endpoints. Assesses nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from trialwright.protocol.compile_schedule import check_anchors
from trialwright.protocol.expressions import Expression, Scope, read_expression
from trialwright.protocol.model.aims import Endpoint
from trialwright.protocol.model.file import ProtocolFile
from trialwright.protocol.model.treatment import AdverseEvents, Confirmation, DerivedState, Response
from trialwright.protocol.problems import Problems
from trialwright.protocol.source import Path
from trialwright.protocol.study import CompiledCategory, CompiledClock, CompiledEscalation, CompiledResponse, CompiledState
from trialwright.protocol.timing import TimingError, read_duration, read_moments


def _truth(text: str | None, path: Path, scope: Scope, problems: Problems) -> Expression | None:
    if text is None:
        return None
    where = problems.source.at(path)
    expression, findings = read_expression(
        problems.source.written(path, text), scope, where.value, indent_column=where.indent_column
    )
    problems.extend(findings)
    return expression


def compile_responses(responses: Mapping[str, Response], scope: Scope, problems: Problems) -> dict[str, CompiledResponse]:
    """Return each response with its categories best first."""
    found = {}
    for name, response in responses.items():
        path: Path = ("responses", name)
        if response.variant_of and response.variant_of not in responses:
            problems.unknown((*path, "variant_of"), "response", response.variant_of, responses)
        found[name] = CompiledResponse(
            name,
            response.label,
            response.variant_of or "",
            _apart(response.confirm, path, problems),
            _truth(response.not_assessable, (*path, "not_assessable"), scope, problems),
            _categories(response, path, scope, problems),
            problems.source.place(path),
        )
    return found


def _categories(response: Response, path: Path, scope: Scope, problems: Problems) -> tuple[CompiledCategory, ...]:
    found: list[CompiledCategory] = []
    for index, category in enumerate(response.categories):
        where: Path = (*path, "categories", index)
        if category.id in {one.id for one in found}:
            problems.add("TW-S006", (*where, "id"), f"Two categories are called `{category.id}`", "Names must be unique.")
        if (category.when is None) == (category.otherwise is None):
            detail = "Exactly one of the two."
            problems.add("TW-S008", where, f"Category `{category.id}` must say `when` or `otherwise`", detail, "otherwise: true")
        when = _truth(category.when, (*where, "when"), scope, problems)
        found.append(CompiledCategory(category.id, category.label or category.id, when, problems.source.place(where)))
    return tuple(found)


def _apart(confirm: Confirmation | None, path: Path, problems: Problems) -> int | None:
    if confirm is None:
        return None
    try:
        apart = read_duration(confirm.apart)
        if apart.count < 0:
            raise TimingError(f"`{confirm.apart}` lies in the past")
        return apart.days
    except TimingError as error:
        problems.add("TW-S005", (*path, "confirm", "apart"), "The distance cannot be read", f"{error}.", "apart: 7 d")
        return None


def compile_states(states: Mapping[str, DerivedState], scope: Scope, problems: Problems) -> dict[str, CompiledState]:
    """Return each derived state."""
    found = {}
    for name, state in states.items():
        path: Path = ("states", name)
        if state.or_ and state.or_ not in scope.medications:
            problems.unknown((*path, "or"), "medication group", state.or_, scope.medications)
        found[name] = CompiledState(
            name,
            state.label,
            _category_named(state.after, (*path, "after"), scope, problems) if state.after else None,
            _truth(state.when, (*path, "when"), scope, problems),
            _apart(state.confirm, path, problems),
            state.or_ or "",
            problems.source.place(path),
        )
    return found


def _category_named(text: str, path: Path, scope: Scope, problems: Problems) -> tuple[str, str] | None:
    response, _, category = text.strip().removeprefix("response ").partition(" ")
    if category not in scope.responses.get(response, ()):
        known = [f"{name} {one}" for name, categories in scope.responses.items() for one in categories]
        problems.unknown(path, "response category", text, known)
        return None
    return response, category


def compile_clocks(events: AdverseEvents | None, scope: Scope, problems: Problems) -> tuple[CompiledClock, ...]:
    """Return the reporting clocks, in hours from awareness."""
    found = []
    for index, clock in enumerate(events.reporting if events else ()):
        path: Path = ("adverse_events", "reporting", index)
        when = _truth(clock.when, (*path, "when"), scope, problems)
        hours = _hours(clock.within, (*path, "within"), problems)
        if when is not None:
            found.append(CompiledClock(clock.id, clock.label, when, hours, problems.source.place(path)))
    return tuple(found)


def _hours(text: str, path: Path, problems: Problems) -> int:
    hours = re.fullmatch(r"\s*(\d{1,4})\s*(?:h|hours?)\s*", text, re.ASCII)
    if hours is not None:
        return int(hours[1])
    try:
        found = read_duration(text)
        if found.count <= 0:
            raise TimingError(f"`{text}` is no time at all")
        return found.days * 24
    except TimingError as error:
        problems.add("TW-S005", path, "The clock cannot be read", f"{error}.", "24 h", "7 d")
        return 0


def compile_escalation(file: ProtocolFile, scope: Scope, problems: Problems) -> CompiledEscalation | None:
    """Return the escalation of doses by cohorts; None where there is none."""
    escalation, path = file.escalation, ("escalation",)
    if escalation is None:
        return None
    if escalation.intervention not in file.dosing:
        problems.unknown((*path, "intervention"), "regimen", escalation.intervention, file.dosing)
    dlt = _truth(escalation.dlt, (*path, "dlt"), replace(scope, regimen=escalation.intervention), problems)
    try:
        window = read_moments(escalation.window)
        check_anchors(window, scope)
    except TimingError as error:
        problems.add("TW-S005", (*path, "window"), "The window cannot be read", f"{error}.", "28 d after first dose")
        return None
    if dlt is None:
        return None
    place = problems.source.place(path)
    return CompiledEscalation(escalation.intervention, escalation.design, escalation.cohort, dlt, window[-1], place)


def compile_among(file: ProtocolFile, scope: Scope, problems: Problems) -> dict[str, Expression]:
    """Check each endpoint's references and times, and return the restrictions that are expressions."""
    found = {}
    for name, endpoint in file.endpoints.items():
        path: Path = ("endpoints", name)
        _check_endpoint(endpoint, path, file, scope, problems)
        if endpoint.among and not endpoint.among.startswith("response "):
            expression = _truth(endpoint.among, (*path, "among"), scope, problems)
            if expression is not None:
                found[name] = expression
        elif endpoint.among:
            _category_named(endpoint.among, (*path, "among"), scope, problems)
    return found


def _check_endpoint(endpoint: Endpoint, path: Path, file: ProtocolFile, scope: Scope, problems: Problems) -> None:
    if endpoint.population and endpoint.population not in file.populations:
        problems.unknown((*path, "population"), "population", endpoint.population, file.populations)
    if endpoint.response and endpoint.response not in file.responses:
        problems.unknown((*path, "response"), "response", endpoint.response, file.responses)
    elif endpoint.response and endpoint.category and endpoint.category not in scope.responses[endpoint.response]:
        problems.unknown((*path, "category"), "category", endpoint.category, scope.responses[endpoint.response])
    if endpoint.variable and endpoint.variable not in file.variables:
        problems.unknown((*path, "variable"), "variable", endpoint.variable, file.variables)
    if endpoint.of and endpoint.of not in file.endpoints:
        problems.unknown((*path, "of"), "endpoint", endpoint.of, file.endpoints)
    if endpoint.with_ and endpoint.with_ not in (*file.variables, "arm"):
        problems.unknown((*path, "with"), "variable", endpoint.with_, file.variables)
    for index, name in enumerate(endpoint.adjusted_for):
        if name not in file.variables:
            problems.unknown((*path, "adjusted_for", index), "variable", name, file.variables)
    if endpoint.event:
        _truth(endpoint.event, (*path, "event"), scope, problems)
    for field, text in (("from", endpoint.from_), ("to", endpoint.to)):
        if text:
            _check_event(text, (*path, field), scope, file, problems)
    for field, text in (("by", endpoint.by), ("at", endpoint.at)):
        if text:
            try:
                check_anchors(read_moments(text), scope)
            except TimingError as error:
                problems.add("TW-S005", (*path, field), "The time cannot be read", f"{error}.", "by: week 12")


def _check_event(text: str, path: Path, scope: Scope, file: ProtocolFile, problems: Problems) -> None:
    """See that `response haematological complete` and `state relapse or death` name what the file declares."""
    for part in text.split(" or "):
        what, _, name = part.strip().partition(" ")
        if what == "response":
            _category_named(name, path, scope, problems)
        elif what == "state" and name.strip() not in file.states:
            problems.unknown(path, "state", name.strip(), file.states)


def check_populations(file: ProtocolFile, scope: Scope, problems: Problems) -> None:
    """Type the expression of each population that has one."""
    for name, population in file.populations.items():
        _truth(population.when, ("populations", name, "when"), scope, problems)
