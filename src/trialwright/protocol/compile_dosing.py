"""Compiles dosing: levels, the ordered rules and the guarantees. Advises nobody; the engine does that."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from trialwright.protocol.compile_amounts import compile_amounts
from trialwright.protocol.expressions import Expression, Scope, read_expression
from trialwright.protocol.model.treatment import Guarantee, Regimen, Resumption, Rule
from trialwright.protocol.problems import Problems
from trialwright.protocol.quantities import QuantityError, read_levels, read_quantity
from trialwright.protocol.resolved import resolution_of, standing_of
from trialwright.protocol.source import Path
from trialwright.protocol.study import Action, CompiledGuarantee, CompiledRegimen, CompiledResumption, CompiledRule
from trialwright.protocol.timing import FIRST_DOSE, Offset, TimingError, read_duration, read_moments
from trialwright.vocabulary.units import Unit, conversion_factor

_ACTIONS = {
    "hold": "hold", "stop": "stop", "same level": "same", "same": "same", "next level": "raise", "raise": "raise",
    "lower level": "lower", "lower": "lower", "reduce": "lower", "no increase": "no increase", "delay": "hold",
}  # fmt: skip
_STEPS = re.compile(r"(?:(?P<up>raise|up)|lower|reduce|down)\s+(?:by\s+)?(?P<steps>\d{1,2})\s+levels?")


class _Levels:
    """The dose levels and how text names one of them."""

    def __init__(self, levels: tuple[Decimal, ...], unit: Unit, unit_text: str) -> None:
        self.levels, self.unit, self.unit_text = levels, unit, unit_text

    def index(self, text: str) -> int:
        quantity = read_quantity(text)
        if quantity.unit is None:
            raise QuantityError(f"`{text}` has no unit; write `{text} {self.unit_text}`")
        factor = conversion_factor(quantity.unit, self.unit)
        exact = quantity.amount * Decimal(factor.numerator) / Decimal(factor.denominator)
        if exact not in self.levels:
            listed = ", ".join(str(level) for level in self.levels)
            raise QuantityError(f"`{text}` is no dose level; the levels are {listed} {self.unit_text}")
        return self.levels.index(exact)


def compile_regimen(
    name: str, regimen: Regimen, arms: tuple[str, ...], whole: Scope, problems: Problems
) -> CompiledRegimen | None:
    """Return one intervention's dosing; None where its levels or start cannot be read (TW-S007).

    ``arms`` receive the intervention. In its rules, a bare `dose`, `level` or `held` is the regimen's own.
    """
    path: Path = ("dosing", name)
    scope = replace(whole, regimen=name, rules=frozenset(rule.id for rule in regimen.rules))
    try:
        levels = _Levels(*read_levels(regimen.levels))
    except QuantityError as error:
        problems.add("TW-S007", (*path, "levels"), "The dose levels cannot be read", f"{error}.", "100, 200, 300, 400 mg/d")
        return None
    start = _start(regimen.start, levels, (*path, "start"), problems)
    course = _course(regimen.course, (*path, "course"), problems)
    amounts = compile_amounts(regimen, levels.unit, path, scope, problems)
    rules = tuple(_rule(rule, levels, (*path, "rules", index), scope, problems) for index, rule in enumerate(regimen.rules))
    _unique([rule.id for rule in regimen.rules], (*path, "rules"), "rules", problems)
    _unique([guarantee.id for guarantee in regimen.guarantees], (*path, "guarantees"), "guarantees", problems)
    guarantees = tuple(
        found
        for index, guarantee in enumerate(regimen.guarantees)
        if (found := _guarantee(guarantee, (*path, "guarantees", index), scope, problems)) is not None
    )
    return CompiledRegimen(
        name, levels.levels, levels.unit, levels.unit_text, start[0], start[1], course, _every(regimen, path, problems),
        _count_of_cycles(regimen, path, problems), amounts.per, amounts.cap, regimen.confirm, regimen.override, rules, guarantees,
        problems.source.place(path), regimen.intervention or name, regimen.arms or arms,
        _starts(regimen, levels, path, scope, problems), amounts.round_to,
    )  # fmt: skip


def _unique(names: list[str], path: Path, what: str, problems: Problems) -> None:
    for index, name in enumerate(names):
        if name in names[:index]:
            problems.add("TW-S006", (*path, index, "id"), f"Two {what} are called `{name}`", "Names must be unique.")


def _start(text: str, levels: _Levels, path: Path, problems: Problems) -> tuple[int, int]:
    match = re.fullmatch(r"\s*(.+?)\s+on\s+day\s+(\d{1,5})\s*", text, re.ASCII)
    if match is None:
        problems.add(
            "TW-S007", path, "The start cannot be read", f"`{text}` is not of the form `100 mg/d on day 1`.", "100 mg/d on day 1"
        )
        return 0, 1
    try:
        return levels.index(match[1]), int(match[2])
    except (QuantityError, ValueError) as error:
        problems.add("TW-S007", path, "The start is no dose level", f"{error}.")
        return 0, 1


def _course(text: str | None, path: Path, problems: Problems) -> Offset | None:
    if text is None:
        return None
    try:
        moment = read_moments(text)[0]
        if moment.anchor != FIRST_DOSE:
            raise TimingError("a course counts from the first dose")
        if moment.latest.count <= 0:
            raise TimingError(f"`{text}` ends before it begins")
    except TimingError as error:
        problems.add("TW-S005", path, "The course cannot be read", f"{error}.", "12 weeks from first dose")
        return None
    return moment.latest


def _every(regimen: Regimen, path: Path, problems: Problems) -> int | None:
    if regimen.every is None:
        return None
    try:
        every = read_duration(regimen.every)
        if every.count <= 0:
            raise TimingError(f"`every: {regimen.every}` does not move forward")
        return every.days
    except TimingError as error:
        problems.add("TW-S005", (*path, "every"), "The interval cannot be read", f"{error}.", "21 d")
        return None


def _starts(regimen: Regimen, levels: _Levels, path: Path, scope: Scope, problems: Problems) -> tuple[tuple[str, int], ...]:
    found = []
    for arm, text in regimen.starts.items():
        where: Path = (*path, "starts", arm)
        if arm not in scope.arms:
            problems.unknown(where, "arm", arm, scope.arms)
        try:
            found.append((arm, levels.index(text)))
        except (QuantityError, ValueError) as error:
            problems.add("TW-S007", where, "The start is no dose level", f"{error}.")
    for index, arm in enumerate(regimen.arms):
        if arm not in scope.arms:
            problems.unknown((*path, "arms", index), "arm", arm, scope.arms)
    return tuple(found)


def _count_of_cycles(regimen: Regimen, path: Path, problems: Problems) -> int | None:
    if regimen.cycles is not None and regimen.every is None:
        detail = "Cycles are administrations that are so far apart."
        problems.add("TW-S007", (*path, "cycles"), "The cycles have no length", detail, "every: 21 d")
    return regimen.cycles


def _expression(text: str, path: Path, scope: Scope, problems: Problems) -> Expression | None:
    where = problems.source.at(path)
    expression, findings = read_expression(
        problems.source.written(path, text), scope, where.value, indent_column=where.indent_column
    )
    problems.extend(findings)
    return expression


def _rule(rule: Rule, levels: _Levels, path: Path, scope: Scope, problems: Problems) -> CompiledRule:
    if (rule.when is None) == (rule.otherwise is None):
        problems.add(
            "TW-S008", path, f"Rule `{rule.id}` must say `when` or `otherwise`", "Exactly one of the two.", "otherwise: true"
        )
    when = _expression(rule.when, (*path, "when"), scope, problems) if rule.when else None
    standing = standing_of(when) if when is not None else None
    until = None
    if rule.until and rule.until.strip() == "resolved":
        until = resolution_of(when) if when is not None else None
    elif rule.until:
        until = _expression(rule.until, (*path, "until"), scope, problems)
    action = _action(rule, levels, (*path, "then"), problems)
    if action.kind == "hold" and not (rule.until and rule.resume):
        detail = "A hold is left only through `until`, and resumes as `resume` says."
        problems.add(
            "TW-S008",
            path,
            f"Rule `{rule.id}` holds the dose and does not say until when",
            detail,
            "until: resolved",
            "resume: same",
        )
    resume = _resumptions(rule, levels, path, scope, problems)
    return CompiledRule(
        rule.id,
        rule.label or rule.id,
        rule.text or "",
        when,
        standing,
        action,
        until,
        resume,
        rule.at_lowest,
        problems.source.place(path),
    )


def _action(rule: Rule, levels: _Levels, path: Path, problems: Problems) -> Action:
    first, _, rest = (part.strip() for part in rule.then.partition(","))
    optional = first.startswith("may ")
    words = first.removeprefix("may ").strip()
    measure = rest.startswith("measure")
    if kind := _ACTIONS.get(words):
        return Action(kind, optional, None, measure)  # type: ignore[arg-type]  # the table holds only kinds
    if stepped := _STEPS.fullmatch(words):
        kind, steps = ("raise" if stepped["up"] else "lower"), int(stepped["steps"])
        if 1 <= steps < len(levels.levels):
            return Action(kind, optional, None, measure, steps)  # type: ignore[arg-type]  # one of two kinds
        problems.add("TW-S008", path, "The action goes beyond the levels", f"There are {len(levels.levels)} levels.")
        return Action("same")
    if words.startswith("level "):
        try:
            return Action("level", optional, levels.index(words.removeprefix("level ")), measure)
        except (QuantityError, ValueError) as error:
            problems.add("TW-S008", path, "The action names no dose level", f"{error}.")
            return Action("same")
    detail = f"`{rule.then}` is none of: {', '.join(sorted(_ACTIONS))}, level X."
    problems.add("TW-S008", path, "The action cannot be read", detail, "hold", "may next level", "same level")
    return Action("same")


def _resumptions(rule: Rule, levels: _Levels, path: Path, scope: Scope, problems: Problems) -> tuple[CompiledResumption, ...]:
    if rule.resume is None:
        return ()
    where = (*path, "resume")
    if isinstance(rule.resume, str):
        return tuple(_resumption(None, rule.resume, levels, where, problems))
    found: list[CompiledResumption] = []
    for index, part in enumerate(rule.resume):
        found += _resumption(_resume_when(part, (*where, index), scope, problems), part.to, levels, (*where, index), problems)
    return tuple(found)


def _resume_when(part: Resumption, path: Path, scope: Scope, problems: Problems) -> Expression | None:
    if (part.when is None) == (part.otherwise is None):
        problems.add("TW-S008", path, "A resumption must say `when` or `otherwise`", "Exactly one of the two.", "otherwise: true")
    return _expression(part.when, (*path, "when"), scope, problems) if part.when else None


def _resumption(when: Expression | None, to: str, levels: _Levels, path: Path, problems: Problems) -> list[CompiledResumption]:
    place = problems.source.place(path)
    if to == "same":
        return [CompiledResumption(when, "same", None, place)]
    if to in ("lower", "lower level"):
        return [CompiledResumption(when, "lower", None, place)]
    try:
        return [CompiledResumption(when, "level", levels.index(to.removeprefix("level ")), place)]
    except (QuantityError, ValueError) as error:
        problems.add("TW-S008", path, "The resumption names no dose level", f"{error}.", "same", "lower")
        return []


def _guarantee(guarantee: Guarantee, path: Path, scope: Scope, problems: Problems) -> CompiledGuarantee | None:
    if (guarantee.always is None) == (guarantee.never is None):
        problems.add("TW-S008", path, f"Guarantee `{guarantee.id}` must say `always` or `never`", "Exactly one of the two.")
        return None
    wanted = guarantee.always is not None
    text = guarantee.always or guarantee.never or ""
    expression = _expression(text, (*path, "always" if wanted else "never"), scope, problems)
    if expression is None:
        return None
    return CompiledGuarantee(guarantee.id, wanted, expression, guarantee.text or "", problems.source.place(path))
