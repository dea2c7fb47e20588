"""Advises a dose for one participant on one day, with the rule that decides, why, and what to measure. Prescribes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

import numpy as np

from trialwright.engine.amounts import amount_of
from trialwright.engine.day_one import day_one
from trialwright.engine.digests import inputs_digest, references
from trialwright.engine.dosing_state import last_course_day
from trialwright.engine.gather import Standpoint, gather, missing_hold_inputs
from trialwright.engine.policy import COURSE_RULE, FALSE, TRUE, UNKNOWN, Act, Decided, RuleTruths, decide
from trialwright.engine.readings import Readings
from trialwright.engine.response import Assessment, assess_all
from trialwright.engine.state import ParticipantState
from trialwright.events.catalogue import Recorded
from trialwright.protocol.expressions import (
    Expression,
    Fact,
    HoldInputs,
    Input,
    Reading,
    ResponseOf,
    Values,
    evaluate,
    explain,
    missing_inputs,
    truth,
)
from trialwright.protocol.study import CompiledRegimen, CompiledRule, Protocol
from trialwright.vocabulary.dates import on_study_day, study_day

ENGINE = "trialwright-engine-1"


@dataclass(frozen=True, slots=True)
class RuleLine:
    """What became of one rule: whether it decided, and its sentence."""

    rule: str
    label: str
    truth: int
    decided: bool
    sentence: str
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Advice:
    """Advised dose from ``on`` until ``through`` (both included). ``dose`` is 0 while held or stopped.

    ``measure`` names the variables that are wanted before the dose may rise; ``references`` are the log entries behind.
    """

    participant: str
    intervention: str
    on: date
    day: int
    act: Act
    dose: Decimal
    unit: str
    level_index: int
    rule: str
    optional: bool
    blocked_by: tuple[str, ...]
    measure: tuple[str, ...]
    held_by: tuple[str, ...]
    through: date | None
    headline: str
    lines: tuple[RuleLine, ...]
    course: str
    responses: Mapping[str, Assessment]
    references: tuple[int, ...]
    inputs_digest: str
    what_if: Mapping[str, Recorded | None]

    @property
    def sentence(self) -> str:
        """The whole explanation in plain words."""
        decided = [f"Rule {line.rule}: {line.sentence}." for line in self.lines if line.decided]
        others = [f"{line.rule}: {line.sentence}." for line in self.lines if not line.decided and line.sentence]
        return " ".join([self.headline, *decided, *others, self.course]).strip()


def advise(
    protocol: Protocol,
    person: ParticipantState,
    on: date,
    intervention: str = "",
    what_if: Mapping[str, Recorded | None] | None = None,
    explained: bool = True,
) -> Advice | None:
    """Advise the dose of an intervention (the only one, where none is named) on a day.

    Args:
        what_if: Values that stand in place of the day's own; None removes one. Changes nothing that is kept.
        explained: Say of each rule why; without it ``lines`` is empty, which halves the time.

    Returns:
        The advice, or None where the protocol doses nothing of that name, or the participant's arm does not receive it.
    """
    replaced = dict(what_if or {})
    if intervention and intervention not in protocol.regimens:
        return None
    at = Standpoint(protocol, person, on, Readings(protocol, person, on, replaced), intervention)
    return advise_from(at, assess_all(at, explained), replaced, explained)


def advise_from(
    at: Standpoint,
    responses: Mapping[str, Assessment],
    what_if: Mapping[str, Recorded | None] | None = None,
    explained: bool = True,
) -> Advice | None:
    """Advise as ``advise`` does, from a standpoint whose responses have been assessed already."""
    regimen = at.regimen
    if regimen is None:
        return None
    return _Adviser(at, regimen, responses, what_if or {}, explained).advise()


class _Adviser:
    """Evaluates each rule once, lets the policy decide, and puts the outcome in words."""

    def __init__(
        self,
        at: Standpoint,
        regimen: CompiledRegimen,
        responses: Mapping[str, Assessment],
        what_if: Mapping[str, Recorded | None],
        explained: bool,
    ) -> None:
        self.at, self.regimen, self.what_if, self.explained = at, regimen, what_if, explained
        self.responses = responses
        self.standing = at.standing()
        assert self.standing is not None
        self.values: dict[Input, Values] = {}
        self.facts: dict[Input, Fact] = {}
        first = at.person.first_dose_on
        self.day = study_day(at.on, first) if first is not None else 1
        self.last_day = last_course_day(regimen, first or at.on)

    def advise(self) -> Advice:
        truths = self._truths()
        in_course = np.asarray((self.last_day is None or self.day <= self.last_day) and not self._all_cycles_given())
        assert self.standing is not None
        decided = decide(self.regimen, self.standing.state(self.regimen), truths, in_course)
        if self._too_early() and Act(int(decided.act)) is Act.START:
            decided = replace(decided, act=np.asarray(Act.HOLD), level=np.asarray(-1), dosed=np.asarray(False))
        return self._advice(decided, truths)

    def _too_early(self) -> bool:
        """Whether the day on which this intervention starts is still to come."""
        begun = day_one(self.at.protocol, self.at.person)
        if begun is not None:
            return study_day(self.at.on, begun) < self.regimen.start_day
        others = [one for one in self.at.protocol.regimens.values() if one.for_arm(self.at.person.arm) is not None]
        return any(one.start_day < self.regimen.start_day for one in others)

    def _all_cycles_given(self) -> bool:
        person, regimen = self.at.person, self.regimen
        given = {one.on for one in person.administered if one.intervention == regimen.intervention and one.dose > 0}
        return regimen.cycles is not None and sum(on < self.at.on for on in given) >= regimen.cycles

    def _truth(self, expression: Expression | None, otherwise: int) -> int:
        if expression is None:
            return otherwise
        values, facts = gather(expression.inputs, self.at)
        self.values.update(values)
        self.facts.update(self._with_reason(facts))
        return int(truth(evaluate(expression, values)))

    def _with_reason(self, facts: dict[Input, Fact]) -> dict[Input, Fact]:
        """Let a response say why it is what it is."""
        told = dict(facts)
        for wanted, fact in facts.items():
            if isinstance(wanted, ResponseOf) and not wanted.best and wanted.name in self.responses:
                because = self.responses[wanted.name].because
                told[wanted] = Fact(fact.on, fact.entries, f"{fact.display} ({because})")
        return told

    def _truths(self) -> RuleTruths:
        """The truths that the policy asks; those about leaving a hold are asked only while one is in force."""
        rules = self.regimen.rules
        when = np.array([self._truth(rule.when, TRUE) for rule in rules], np.int8)
        standing, until = when.copy(), np.zeros(len(rules), np.int8)
        resume = np.zeros((len(rules), max((len(rule.resume) for rule in rules), default=0)), np.int8)
        if self.standing is None or not self.standing.state(self.regimen).on_hold:
            return RuleTruths(when, standing, until, resume)
        held = self._held()
        for index, rule in enumerate(rules):
            if rule.standing is not None and rule.id in held:
                standing[index] = self._truth(rule.standing, TRUE)
            until[index] = self._truth(rule.until, FALSE)
            for clause, resumption in enumerate(rule.resume):
                resume[index, clause] = self._truth(resumption.when, TRUE)
        return RuleTruths(when, standing, until, resume)

    def _advice(self, decided: Decided, truths: RuleTruths) -> Advice:
        act = Act(int(decided.act))
        names = [rule.id for rule in self.regimen.rules]
        rule = int(decided.rule)
        blocked = int(decided.blocked)
        level = int(decided.level)
        dose = self.regimen.levels[level] if bool(decided.dosed) and level >= 0 else Decimal(0)
        held = tuple(name for name, holds in zip(names, decided.after.held, strict=True) if holds)
        measure = self._measure(truths, rule, blocked, act)
        return Advice(
            participant=self.at.person.id,
            intervention=self.regimen.intervention,
            on=self.at.on,
            day=self.day,
            act=act,
            dose=dose,
            unit=self.regimen.unit_text,
            level_index=level,
            rule="course" if rule == COURSE_RULE else names[rule] if rule >= 0 else "start" if act is Act.START else "",
            optional=bool(decided.optional),
            blocked_by=(names[blocked],) if blocked >= 0 else (),
            measure=measure,
            held_by=held,
            through=self._through(act, dose),
            headline=self._headline(act, dose, bool(decided.optional), blocked, measure),
            lines=self._lines(rule, truths) if self.explained else (),
            course=self._course(),
            responses=self.responses,
            references=references(self.facts.values()),
            inputs_digest=inputs_digest(self.values),
            what_if=self.what_if,
        )

    def _measure(self, truths: RuleTruths, rule: int, blocked: int, act: Act) -> tuple[str, ...]:
        """Return what is wanted: the inputs that the unknown rules miss, or that a `measure` rule asks for."""
        wanted: dict[str, None] = {}
        for index, one in enumerate(self.regimen.rules):
            unknown_when = truths.when[index] == UNKNOWN and (blocked >= 0 or act is Act.SAME)
            if unknown_when and one.when is not None and (rule < 0 or index <= max(rule, blocked)):
                wanted.update((name, None) for name in self._missing(one.when))
            unknown_until = truths.until[index] == UNKNOWN and act in (Act.HOLD, Act.UNDECIDED)
            if unknown_until and one.until is not None and one.id in self._held():
                wanted.update((name, None) for name in self._missing(one.until))
        if rule >= 0 and self.regimen.rules[rule].action.measure:
            wanted.update((name, None) for name in self._hold_inputs(self.regimen.rules[rule]))
        return tuple(wanted)

    def _held(self) -> tuple[str, ...]:
        return self.standing.held_by if self.standing else ()

    def _missing(self, expression: Expression) -> list[str]:
        names: list[str] = []
        for wanted in missing_inputs(expression, self.values):
            match wanted:
                case ResponseOf(name) if name in self.responses:
                    names += [one.variable for one in self.responses[name].missing if isinstance(one, Reading)]
                case _:
                    names += [wanted.variable] if hasattr(wanted, "variable") else []
        return [base for name in names for base in self._recorded(name)]

    def _recorded(self, variable: str) -> list[str]:
        """A derived variable is measured by measuring what it is derived from, but for what was measured as late as any."""
        derivation = self.at.protocol.derivations.get(variable)
        if derivation is None:
            return [variable]
        latest = {
            given.variable: point.on if (point := self.at.readings.current(given.variable)) else None
            for given in derivation.inputs
            if isinstance(given, Reading)
        }
        newest = max((on for on in latest.values() if on is not None), default=None)
        return [part for part, on in latest.items() if on is None or on != newest] or list(latest)

    def _hold_inputs(self, rule: CompiledRule) -> list[str]:
        limits = [given.max_age_days for given in (rule.when.inputs if rule.when else ()) if isinstance(given, HoldInputs)]
        missing = missing_hold_inputs(self.regimen, self.at, limits[0] if limits else None)
        return [base for name in missing for base in self._recorded(name)]

    def _through(self, act: Act, dose: Decimal) -> date | None:
        """The last day that the advice covers: the end of the course; the next decision ends it sooner."""
        if act is Act.STOP or dose == 0 or self.last_day is None:
            return None
        return on_study_day(self.last_day, self.at.person.first_dose_on or self.at.on)

    def _headline(self, act: Act, dose: Decimal, optional: bool, blocked: int, measure: tuple[str, ...]) -> str:
        amount = f"{dose.normalize():f} {_per_day(self.regimen.unit_text)}{self._amount_words(dose)}"
        wanted = _listed([self.at.protocol.label(name) for name in measure])
        match act:
            case Act.START:
                return f"Advise: start at {amount}."
            case Act.INCREASE:
                return f"Advise: {'may raise' if optional else 'raise'} to {amount}."
            case Act.SAME if blocked >= 0 or measure:
                return f"Advise: stay at {amount}; can't raise{f': measure {wanted}' if wanted else ''}."
            case Act.SAME:
                return f"Advise: stay at {amount}."
            case Act.DECREASE:
                return f"Advise: reduce to {amount}."
            case Act.HOLD if self.standing is not None and self.standing.level_index < 0:
                until = f" before day {self.regimen.start_day}" if self._too_early() else ""
                return f"Advise: do not start{until}{f'; measure {wanted}' if wanted else ''}."
            case Act.HOLD:
                kept = "keep holding" if self._held() else "hold"
                return f"Advise: {kept} (0 {_per_day(self.regimen.unit_text)}){f'; measure {wanted}' if wanted else ''}."
            case Act.RESUME:
                return f"Advise: resume at {amount}."
            case Act.STOP:
                return "Advise: stop treatment."
            case Act.UNDECIDED:
                return f"No rule of the protocol decides; the dose stays at {amount} until the investigator does."

    def _amount_words(self, dose: Decimal) -> str:
        """Say what a dose per weight or surface comes to, or what has to be measured to know."""
        if not self.regimen.per or not dose:
            return ""
        found = amount_of(self.regimen, dose, self.at.readings)
        return f" ({found})" if found is not None else f" (measure {self.at.protocol.label(self.regimen.per)} for the amount)"

    def _lines(self, rule: int, truths: RuleTruths) -> tuple[RuleLine, ...]:
        return tuple(self._line(one, index == rule, int(truths.when[index])) for index, one in enumerate(self.regimen.rules))

    def _line(self, one: CompiledRule, decided: bool, verdict: int) -> RuleLine:
        sentence = self._rule_sentence(one, verdict)
        if verdict == TRUE and not decided:
            sentence = self._passed_over(one, sentence)
        return RuleLine(one.id, one.label, verdict, decided, sentence, one.text, one.place.line)

    def _passed_over(self, rule: CompiledRule, sentence: str) -> str:
        """Say why a rule that is true did not decide."""
        if rule.when is None:
            return ""
        at_top = self.standing is not None and self.standing.level_index == len(self.regimen.levels) - 1
        if rule.action.kind == "raise" and at_top:
            return f"does not apply at the highest level, {self.regimen.levels[-1]:f} {_per_day(self.regimen.unit_text)}"
        return f"holds too, but a rule above it decides: {sentence}"

    def _rule_sentence(self, rule: CompiledRule, verdict: int) -> str:
        if rule.when is None:
            return "no other rule decides"
        why = explain(rule.when, self.values, self.facts, self.at.protocol.scope).sentence
        match verdict:
            case 2:
                until = self._until_sentence(rule)
                return f"{why}{until}"
            case 1:
                return f"can't be decided: {why}"
            case _:
                return f"does not apply: {why}{self._until_sentence(rule)}"

    def _until_sentence(self, rule: CompiledRule) -> str:
        if rule.until is None or rule.id not in self._held():
            return ""
        why = explain(rule.until, self.values, self.facts, self.at.protocol.scope).sentence
        return f"; it holds the dose until: {why}"

    def _course(self) -> str:
        return f"Course: day {self.day} of {self.last_day}." if self.last_day is not None else f"Day {self.day}."


def _per_day(unit: str) -> str:
    return unit.replace("mg/d", "mg/day") if unit.endswith("/d") else unit


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
