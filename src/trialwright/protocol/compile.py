"""Compiles a protocol file: declares its names, types every expression, resolves every reference. Judges no meaning."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import rfc8785

from trialwright.protocol.compile_designs import compile_monitoring
from trialwright.protocol.compile_dosing import compile_regimen
from trialwright.protocol.compile_names import check_names
from trialwright.protocol.compile_outcomes import (
    check_populations,
    compile_among,
    compile_clocks,
    compile_escalation,
    compile_responses,
    compile_states,
)
from trialwright.protocol.compile_schedule import compile_schedule
from trialwright.protocol.expressions import (
    Aggregate,
    Baseline,
    Expression,
    Kind,
    Previous,
    Quantity,
    Reading,
    Scope,
    VariableType,
    read_expression,
)
from trialwright.protocol.model.file import ProtocolFile
from trialwright.protocol.model.population import Variable
from trialwright.protocol.problems import Problems
from trialwright.protocol.quantities import QuantityError, read_levels, read_quantity, read_range
from trialwright.protocol.source import Path, Source
from trialwright.protocol.study import CompiledConsentRule, CompiledCriterion, Protocol, Side
from trialwright.protocol.timing import TimingError, read_duration
from trialwright.vocabulary.findings import Finding
from trialwright.vocabulary.units import Unit, UnitError, commensurable, parse_unit

OTHER_COLLECTED = frozenset({"consent", "adverse events", "medication", "dose"})


def compile_protocol(file: ProtocolFile, source: Source) -> tuple[Protocol, tuple[Finding, ...]]:
    """Return the compiled protocol and what is wrong with it; with any error among the findings it must not be run."""
    problems = Problems(source)
    scope = declare(file, problems)
    check_names(file, problems)
    conditions = _activities(file, scope, problems)
    activities = frozenset(file.activities) | frozenset(file.variables)
    regimens = {
        name: found
        for name, regimen in file.dosing.items()
        if (found := compile_regimen(name, regimen, _receiving(file, regimen.intervention or name), scope, problems)) is not None
    }
    _check_references(file, problems)
    if file.randomization is not None:
        _text(file.randomization.when, ("randomization", "when"), scope, problems)
    check_populations(file, scope, problems)
    derivations = _derivations(file, scope, problems)
    protocol = Protocol(
        file=file,
        source=source,
        digest=protocol_digest(source.data),
        scope=scope,
        criteria=(*_criteria(file, "inclusion", scope, problems), *_criteria(file, "exclusion", scope, problems)),
        consent_rules=_consent_rules(file, scope, problems),
        derivations=derivations,
        valid_days=_valid_days(file, derivations, problems),
        encounters=compile_schedule(file.schedule, activities, _day_1(file), scope, problems) if file.schedule else (),
        regimens=regimens,
        responses=compile_responses(file.responses, scope, problems),
        states=compile_states(file.states, scope, problems),
        clocks=compile_clocks(file.adverse_events, scope, problems),
        among=compile_among(file, scope, problems),
        escalation=compile_escalation(file, scope, problems),
        activity_conditions=conditions,
        monitoring=compile_monitoring(file, scope, problems),
    )
    return protocol, tuple(problems.findings)


_TIME_POINT = re.compile(r"before dose|after dose|end of (?:dose|infusion)|\d{1,4}(?:\.\d{1,2})? (?:min|h|d)(?: before dose)?")


def _check_times(times: tuple[str, ...], path: Path, problems: Problems) -> None:
    for index, text in enumerate(times):
        if not _TIME_POINT.fullmatch(text.strip()):
            detail = f"`{text}` is neither `before dose`, `end of infusion`, nor so many min, h or d after the dose."
            problems.add("TW-S005", (*path, index), "The time point cannot be read", detail, "before dose", "30 min", "4 h")


def _receiving(file: ProtocolFile, intervention: str) -> tuple[str, ...]:
    """Return the arms that receive an intervention; none where all do, or where no arm is said to."""
    found = tuple(name for name, arm in file.arms.items() if intervention in arm.receives)
    return () if len(found) == len(file.arms) else found


def _activities(file: ProtocolFile, scope: Scope, problems: Problems) -> dict[str, Expression]:
    """Check what activities collect and when in the visit, and return the conditions under which they are done."""
    conditions = {}
    for name, activity in file.activities.items():
        for index, collected in enumerate(activity.collects):
            if collected not in file.variables and collected not in OTHER_COLLECTED:
                known = [*file.variables, *OTHER_COLLECTED]
                problems.unknown(("activities", name, "collects", index), "variable", collected, known)
        _check_times(activity.times, ("activities", name, "times"), problems)
        when = _text(activity.when, ("activities", name, "when"), scope, problems)
        if when is not None:
            conditions[name] = when
    return conditions


def _day_1(file: ProtocolFile) -> str:
    said = file.schedule.day_1 if file.schedule else None
    return said or ("first dose" if file.dosing else "enrolment")


def protocol_digest(data: Mapping[str, Any]) -> str:
    """Return the SHA-256 (hex) of the canonical JSON (RFC 8785) of what a file states; decimals count as spelled."""
    return hashlib.sha256(rfc8785.dumps(_canonical(data))).hexdigest()


def _canonical(value: Any) -> Any:
    match value:
        case dict():
            return {str(key): _canonical(part) for key, part in value.items()}
        case list():
            return [_canonical(part) for part in value]
        case Decimal():
            return str(value)
        case int() if not isinstance(value, bool) and abs(value) > 2**53 - 1:
            return str(value)
        case _:
            return value


def declare(file: ProtocolFile, problems: Problems) -> Scope:
    """Return the names that the file's expressions may use, with their types."""
    variables = {
        name: found
        for name, variable in file.variables.items()
        if (found := _variable_type(name, variable, file, problems)) is not None
    }
    return Scope(
        variables=variables,
        parameters=_parameters(file, problems),
        responses={name: tuple(c.id for c in reversed(response.categories)) for name, response in file.responses.items()},
        special_interest=frozenset(file.adverse_events.special_interest if file.adverse_events else ()),
        encounters=frozenset(encounter.id for encounter in file.schedule.encounters) if file.schedule else frozenset(),
        doses={name: _dose_unit(regimen.levels) for name, regimen in file.dosing.items()},
        milestones=frozenset(file.states),
        medications=frozenset(file.medications),
        arms=tuple(file.arms),
        strata={name: _categories(variables[name]) for name in _strata(file) if name in variables},
        epochs=file.schedule.epochs if file.schedule else (),
        rules=frozenset(rule.id for regimen in file.dosing.values() for rule in regimen.rules),
    )


def _categories(kind: VariableType) -> tuple[str, ...]:
    """Return the categories of a stratification factor; of a flag they are spelled no and yes."""
    return ("no", "yes") if kind.kind is Kind.FLAG else kind.codes


def _strata(file: ProtocolFile) -> tuple[str, ...]:
    return file.randomization.strata if file.randomization else ()


def _dose_unit(levels: str) -> Unit | None:
    try:
        return read_levels(levels)[1]
    except QuantityError:
        return None


def _parameters(file: ProtocolFile, problems: Problems) -> dict[str, Quantity]:
    found = {}
    for name, parameter in file.parameters.items():
        path: Path = ("parameters", name)
        read = _amount(name, parameter.value, (*path, "value"), problems)
        if read is not None:
            found[name] = read
        for index, text in enumerate(parameter.sensitivity):
            where: Path = (*path, "sensitivity", index)
            other = _amount(name, text, where, problems)
            if read is not None and other is not None and not _alike(read.unit, other.unit):
                detail = f"It stands beside `{parameter.value}`."
                problems.add("TW-S009", where, f"`{text}` measures something else", detail)
    return found


def _alike(one: Unit | None, other: Unit | None) -> bool:
    return (one is None and other is None) or (one is not None and other is not None and commensurable(one, other))


def _amount(name: str, text: str, path: Path, problems: Problems) -> Quantity | None:
    try:
        return read_quantity(text)
    except QuantityError as error:
        problems.add("TW-S009", path, f"The value of `{name}` cannot be read", f"{error}.", "0.5 10*9/L")
        return None


def _variable_type(name: str, variable: Variable, file: ProtocolFile, problems: Problems) -> VariableType | None:
    path: Path = ("variables", name)
    label = variable.label or name
    match variable.type:
        case "quantity":
            return _quantity_type(variable, label, path, problems)
        case "code" | "set":
            if variable.codes is None or variable.codes not in file.codes:
                problems.unknown((*path, "codes"), "code list", variable.codes or "(none)", file.codes)
                return None
            listed = file.codes[variable.codes]
            parents = tuple((code, found.parent) for code, found in listed.items() if found.parent)
            _check_parents(variable.codes, parents, listed, problems)
            kind = Kind.CODE if variable.type == "code" else Kind.SET
            return VariableType(
                kind, codes=tuple(listed), ordered=variable.ordered, parents=parents, complete=variable.complete, label=label
            )
        case "flag":
            return VariableType(Kind.FLAG, label=label)
        case "date":
            return VariableType(Kind.DATE, label=label)
        case "text":
            return VariableType(Kind.TEXT, label=label)


def _check_parents(name: str, parents: tuple[tuple[str, str], ...], listed: Mapping[str, Any], problems: Problems) -> None:
    above = dict(parents)
    for code, parent in parents:
        if parent not in listed:
            problems.unknown(("codes", name, code, "parent"), "code", parent, listed)
        seen, at = {code}, parent
        while at in above and at not in seen:
            seen.add(at)
            at = above[at]
        if at in seen:
            problems.add("TW-S010", ("codes", name, code), f"`{code}` stands above itself", "A hierarchy has no circles.")


def _quantity_type(variable: Variable, label: str, path: Path, problems: Problems) -> VariableType | None:
    if variable.unit is None:
        problems.add("TW-S009", path, "A quantity needs a unit", "Write its UCUM unit.", "unit: 10*9/L", 'unit: "1"')
        return None
    try:
        unit = parse_unit(variable.unit)
    except UnitError as error:
        problems.add("TW-S009", (*path, "unit"), f"`{variable.unit}` is no unit", f"{error.reason}.", *error.suggestions)
        return None
    low = high = None
    if variable.plausible:
        try:
            low, high = read_range(variable.plausible)
        except QuantityError as error:
            problems.add(
                "TW-S009", (*path, "plausible"), "The plausible range cannot be read", f"{error}.", "plausible: 0 .. 500"
            )
    return VariableType(Kind.QUANTITY, unit=unit, low=low, high=high, label=label)


def _text(text: str | None, path: Path, scope: Scope, problems: Problems) -> Expression | None:
    if text is None:
        return None
    where = problems.source.at(path)
    expression, findings = read_expression(
        problems.source.written(path, text), scope, where.value, indent_column=where.indent_column
    )
    problems.extend(findings)
    return expression


def _derivation(name: str, text: str, scope: Scope, problems: Problems) -> Expression | None:
    """Read what a variable is derived from; its value is wanted in the variable's unit."""
    kind = scope.variables[name]
    path: Path = ("variables", name, "derive")
    where = problems.source.at(path)
    if kind.kind is Kind.CODE:
        scope = replace(scope, derives=kind)
    expect = Kind.TRUTH if kind.kind is Kind.FLAG else kind.kind
    expression, findings = read_expression(
        problems.source.written(path, text), scope, where.value, expect, kind.unit, where.indent_column
    )
    problems.extend(findings)
    if expression is not None and kind.kind in (Kind.CODE, Kind.SET) and expression.codes != kind.codes:
        detail = f"`{name}` has the codes {', '.join(kind.codes[:6])}; this gives {', '.join(expression.codes[:6])}."
        problems.add("TW-S011", path, f"`{name}` is derived from codes of another list", detail, "if … then 'code' else 'other'")
        return None
    return expression


def _criteria(file: ProtocolFile, side: Side, scope: Scope, problems: Problems) -> tuple[CompiledCriterion, ...]:
    listed = file.eligibility.inclusion if side == "inclusion" else file.eligibility.exclusion
    both = [*file.eligibility.inclusion, *file.eligibility.exclusion]
    before = 0 if side == "inclusion" else len(file.eligibility.inclusion)
    found = []
    for index, criterion in enumerate(listed):
        path: Path = ("eligibility", side, index)
        if any(other.id == criterion.id for other in both[: index + before]):
            problems.add("TW-S006", (*path, "id"), f"Two criteria are called `{criterion.id}`", "Names must be unique.")
        if criterion.when is None and criterion.attested is None:
            detail = "A criterion is computed (`when`), or a named role decides it (`attested`), or both."
            problems.add(
                "TW-S008", path, f"Nothing decides criterion {criterion.id}", detail, "attested: read by the investigator"
            )
        when = _text(criterion.when, (*path, "when"), scope, problems)
        found.append(
            CompiledCriterion(
                criterion.id, side, criterion.text, when, criterion.attested or "", criterion.by, problems.source.place(path)
            )
        )
    return tuple(found)


def _consent_rules(file: ProtocolFile, scope: Scope, problems: Problems) -> tuple[CompiledConsentRule, ...]:
    if file.consent is None:
        return ()
    if file.consent.reconsent_at is not None:
        _amount("reconsent_at", file.consent.reconsent_at, ("consent", "reconsent_at"), problems)
    found = []
    for index, rule in enumerate(file.consent.rules):
        path: Path = ("consent", "rules", index)
        if (rule.when is None) == (rule.otherwise is None):
            problems.add(
                "TW-S008", path, "A consent rule must say `when` or `otherwise`", "Exactly one of the two.", "otherwise: true"
            )
        found.append(CompiledConsentRule(_text(rule.when, (*path, "when"), scope, problems), rule.by, rule.assent))
    return tuple(found)


def _derivations(file: ProtocolFile, scope: Scope, problems: Problems) -> dict[str, Expression]:
    read: dict[str, Expression] = {}
    for name, variable in file.variables.items():
        if variable.derive and name in scope.variables:
            expression = _derivation(name, variable.derive, scope, problems)
            if expression is not None and _only_measured(name, expression, problems):
                read[name] = expression
    return _in_order(read, problems)


def _only_measured(name: str, expression: Expression, problems: Problems) -> bool:
    """Whether a derivation reads measurements alone, and at least one of the day itself."""
    path: Path = ("variables", name, "derive")
    if not all(isinstance(given, Reading | Baseline | Previous | Aggregate) for given in expression.inputs):
        detail = "A derived value may read variables, their baseline, their previous value and aggregates over a window."
        problems.add("TW-S011", path, f"`{name}` is derived from what is not measured", detail, "Write the condition in the rule")
        return False
    if not any(isinstance(given, Reading) for given in expression.inputs):
        detail = "A derived value stands on the days on which what it reads was measured; this one reads none."
        problems.add("TW-S011", path, f"`{name}` is derived from no value of the day", detail, "wbc * eos_pct")
        return False
    return True


def _valid_days(file: ProtocolFile, derivations: Mapping[str, Expression], problems: Problems) -> dict[str, int]:
    """Return how many days each value is good for; a derived value is good for as long as all that it is derived from."""
    found: dict[str, int] = {}
    for name, variable in file.variables.items():
        if variable.valid_for:
            try:
                found[name] = _positive(variable.valid_for)
            except TimingError as error:
                problems.add("TW-S005", ("variables", name, "valid_for"), "The duration cannot be read", f"{error}.", "3 d")
    for name, expression in derivations.items():
        limits = [found[read] for read in _reads(expression) if read in found]
        if limits and name not in found:
            found[name] = min(limits)
    return found


def _positive(text: str) -> int:
    days = read_duration(text).days
    if days < 0:
        raise TimingError(f"`{text}` lies in the past")
    return days


def _in_order(read: dict[str, Expression], problems: Problems) -> dict[str, Expression]:
    """Order derivations so that each follows what it reads; a circle is TW-S010."""
    ordered: dict[str, Expression] = {}
    waiting = dict(read)
    while waiting:
        ready = [name for name, expression in waiting.items() if not _reads(expression) & waiting.keys()]
        if not ready:
            circle = ", ".join(sorted(waiting))
            first = next(iter(waiting))
            detail = f"Each of these is derived from another of them: {circle}."
            problems.add(
                "TW-S010",
                ("variables", first, "derive"),
                "Definitions run in a circle",
                detail,
                "Derive one of them from recorded values",
            )
            return ordered
        for name in ready:
            ordered[name] = waiting.pop(name)
    return ordered


def _reads(expression: Expression) -> set[str]:
    return {given.variable for given in expression.inputs if isinstance(given, Reading | Baseline | Previous | Aggregate)}


def _check_references(file: ProtocolFile, problems: Problems) -> None:
    interventions = {known.id for known in file.study.interventions}
    for index, arm in enumerate(file.study.arms):
        for place, name in enumerate(arm.interventions):
            if name not in interventions:
                problems.unknown(("study", "arms", index, "interventions", place), "intervention", name, interventions)
    for name, running in file.arms.items():
        for place, received in enumerate(running.receives):
            if received not in interventions:
                problems.unknown(("arms", name, "receives", place), "intervention", received, interventions)
    for name, regimen in file.dosing.items():
        if (regimen.intervention or name) not in interventions and regimen.background is None:
            path: Path = ("dosing", name, "intervention") if regimen.intervention else ("dosing", name)
            problems.unknown(path, "intervention", regimen.intervention or name, interventions)
        if regimen.per and regimen.per not in file.variables:
            problems.unknown(("dosing", name, "per"), "variable", regimen.per, file.variables)
    for index, name in enumerate(file.randomization.arms if file.randomization else ()):
        if name not in file.arms:
            problems.unknown(("randomization", "arms", index), "arm", name, file.arms)
    for index, factor in enumerate(_strata(file)):
        if factor not in file.variables:
            problems.unknown(("randomization", "strata", index), "variable", factor, file.variables)
        elif file.variables[factor].type not in ("code", "flag"):
            detail = f"`{factor}` is a {file.variables[factor].type}; derive a code or a flag from it."
            where: Path = ("randomization", "strata", index)
            problems.add("TW-S004", where, "A stratum is a code or a flag", detail, f"derive: {factor} >= …")
    for index, name in enumerate(file.testing.order if file.testing else ()):
        if name not in file.endpoints:
            problems.unknown(("testing", "order", index), "endpoint", name, file.endpoints)
    ids = [objective.id for objective in file.objectives]
    for index, objective in enumerate(file.objectives):
        if objective.id in ids[:index]:
            problems.add(
                "TW-S006", ("objectives", index, "id"), f"Two objectives are called `{objective.id}`", "Names must be unique."
            )
        for place, name in enumerate(objective.endpoints):
            if name not in file.endpoints:
                problems.unknown(("objectives", index, "endpoints", place), "endpoint", name, file.endpoints)
