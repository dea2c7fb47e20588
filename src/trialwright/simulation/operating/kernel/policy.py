"""The dosing policy as source, rule by rule: ``engine.policy.decide`` for one participant, without what can never be true.

It leaves ``act``, ``rule``, ``level`` and the holds of the participant as ``decide`` would; a property test holds the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass

from trialwright.engine.policy import NO_RULE, Act
from trialwright.protocol.study import CompiledRegimen, CompiledResumption, CompiledRule
from trialwright.simulation.operating.kernel.symbols import Bool, Truth, both, either

Lines = list[str]


@dataclass(frozen=True, slots=True)
class RuleSource:
    """The truths of one rule: see ``engine.policy.RuleTruths``."""

    when: Truth
    standing: Truth
    until: Truth
    resume: tuple[Truth, ...]


def indented(lines: Lines) -> Lines:
    """One step to the right; nothing becomes ``pass``."""
    return [f"    {line}" for line in lines] or ["    pass"]


def branch(condition: Bool, then: Lines, otherwise: Lines | None = None) -> Lines:
    """An ``if``, folded where its condition is known."""
    if condition is True:
        return then
    if condition is False:
        return otherwise or []
    return [f"if {condition}:", *indented(then), *(["else:", *indented(otherwise)] if otherwise else [])]


class PolicySource:
    """Writes one decision.

    Args:
        regimen: The dosing.
        rules: The truths of each rule.
        can_hold: The rules whose hold can ever be in force.
        before: Lines that the truths about leaving a hold need before them.
        may_be_held: Whether a hold may be in force.
    """

    def __init__(
        self, regimen: CompiledRegimen, rules: list[RuleSource], can_hold: tuple[int, ...], before: Lines, may_be_held: bool
    ) -> None:
        self.regimen, self.rules, self.can_hold, self.top = regimen, rules, can_hold, len(regimen.levels) - 1
        self.before, self.may_be_held = before, may_be_held
        self.hold_rules = [index for index, rule in enumerate(regimen.rules) if rule.action.kind == "hold"]
        self.stop_rules = [index for index, rule in enumerate(regimen.rules) if rule.action.kind == "stop"]

    def first(self) -> Lines:
        """The first dose: given unless a rule that holds or stops is true or unknown."""
        stops = sorted(self.hold_rules + self.stop_rules)
        fires: Bool = False
        for index in stops:
            fires = either(fires, either(self.rules[index].when.true, self.rules[index].when.unknown))
        start = [f"act = {int(Act.START)}", "rule = -1", f"new_level = {self.regimen.start_index}"]
        first = _first([(index, self.rules[index].when.true) for index in stops])
        return branch(fires, [f"act = {int(Act.HOLD)}", f"rule = {first}", "new_level = -1"], start)

    def later(self) -> Lines:
        """A decision on treatment."""
        head = ["blocked = False", "optional = False", f"act = {int(Act.UNDECIDED)}", f"rule = {NO_RULE}", "new_level = level"]
        rules = self._rules(0)
        if not self.can_hold or not self.may_be_held:
            return [*head, *rules]
        return [*head, *branch("held", [*self.before, *self._held()], rules)]

    def _rules(self, index: int) -> Lines:
        """The rules from one on; the first that is true decides."""
        if index == len(self.rules):
            return []
        rule, truth = self.regimen.rules[index], self.rules[index].when
        target, applies = self._target(rule)
        fires, unknown = both(truth.true, applies), both(truth.unknown, applies)
        if fires is True:
            return self._settled(index, rule, target)
        rest = self._rules(index + 1)
        after = [*branch(unknown, ["blocked = True"]), *rest]
        return branch(fires, self._settled(index, rule, target), after)

    def _target(self, rule: CompiledRule) -> tuple[str, Bool]:
        """The level that a rule aims at, and whether it applies at this one (a raise does not at the highest)."""
        steps = rule.action.steps
        match rule.action.kind:
            case "raise":
                return f"min(level + {steps}, {self.top})", f"(level < {self.top})"
            case "lower":
                return f"max(level - {steps}, 0)", True
            case "level":
                return str(rule.action.level_index or 0), True
            case _:
                return "level", True

    def _settled(self, index: int, rule: CompiledRule, target: str) -> Lines:
        decided = [f"rule = {index}"]
        match rule.action.kind:
            case "stop":
                return [f"act = {int(Act.STOP)}", *decided]
            case "hold":
                return [*self._begin_holds({one: self.rules[one].when.true for one in self.hold_rules}), *decided]
            case "same" | "no increase":
                return [f"act = {int(Act.SAME)}", *decided]
            case "raise":
                return [*self._raised(rule, target), *decided]
            case "lower":
                down = [f"act = {int(Act.DECREASE)}", f"new_level = {target}"]
                return [*branch("level > 0", down, self._at_lowest(index, rule)), *decided]
            case _:
                down = [f"act = {int(Act.DECREASE)}", f"new_level = {target}"]
                same = [f"act = {int(Act.SAME)}"]
                return [
                    *branch(f"{target} > level", self._raised(rule, target), branch(f"{target} < level", down, same)),
                    *decided,
                ]

    def _raised(self, rule: CompiledRule, target: str) -> Lines:
        """Up, unless an unknown rule stands in the way; ``optional`` may be declined."""
        up = [f"act = {int(Act.INCREASE)}", f"new_level = {target}", f"optional = {rule.action.optional}"]
        if not any(self.rules[index].when.unknown for index in range(len(self.rules))):
            return up
        return branch("blocked", [f"act = {int(Act.SAME)}"], up)

    def _at_lowest(self, index: int, rule: CompiledRule) -> Lines:
        match rule.at_lowest:
            case "stop":
                return [f"act = {int(Act.STOP)}"]
            case "same":
                return [f"act = {int(Act.SAME)}"]
            case _:
                return [*self._begin_holds({index: True}), f"act = {int(Act.UNDECIDED)}"]

    def _begin_holds(self, reasons: dict[int, Bool]) -> Lines:
        """Hold for some reasons from no hold; every reason begins."""
        lines: Lines = []
        for one in self.can_hold:
            reason = reasons.get(one, False)
            lines += branch(reason, [f"z{one} = True", f"n{one} += 1"], [f"z{one} = False"])
        return [f"act = {int(Act.HOLD)}", *lines]

    def _held(self) -> Lines:
        """Keep a hold or leave it."""
        stop: Bool = False
        for index in self.stop_rules:
            stop = either(stop, self.rules[index].when.true)
        first_stop = _first([(index, self.rules[index].when.true) for index in self.stop_rules])
        return branch(stop, [f"act = {int(Act.STOP)}", f"rule = {first_stop}"], self._keep_or_leave())

    def _keep_or_leave(self) -> Lines:
        lines: Lines = ["unsure = False", "keeps = False", "stuck = False", "keeps_free = False"]
        lines += [f"lowest = {self.top + 1}", "resumed_by = -1", "reason = -1"]
        for index, rule in enumerate(self.regimen.rules):
            lines += self._one_hold(index, rule)
        for index in self.stop_rules:
            lines += branch(self.rules[index].when.unknown, ["unsure = True"])
        stay: Lines = []
        for index in reversed(self.can_hold):
            stay += [f"still = kept{index} if keeps else holding{index}", *branch("still", [f"reason = {index}"])]
            stay += [f"n{index} += 1 if still and not z{index} else 0", f"z{index} = still"]
        stay += [f"act = {int(Act.HOLD)}", "rule = reason"]
        stay += branch("stuck and not keeps_free and not unsure", [f"act = {int(Act.UNDECIDED)}"])
        leave = [f"z{index} = False" for index in self.can_hold]
        back = [f"act = {int(Act.RESUME)}", "new_level = lowest if lowest < level else level"]
        leave += ["rule = resumed_by", *branch("lowest < 0", [f"act = {int(Act.STOP)}"], back)]
        return [*lines, *branch("keeps or unsure", stay, leave)]

    def _one_hold(self, index: int, rule: CompiledRule) -> Lines:
        """What becomes of one rule's hold: kept, left, or nobody can say."""
        own = self.rules[index]
        if index not in self.can_hold:
            return []
        is_hold = rule.action.kind == "hold"
        if is_hold and own.standing != own.when:
            lines = [
                f"fires{index} = {_source(own.standing.true)} if z{index} else {_source(own.when.true)}",
                f"open{index} = {_source(own.standing.unknown)} if z{index} else {_source(own.when.unknown)}",
            ]
        else:
            lines = [
                f"fires{index} = {_source(own.when.true if is_hold else False)}",
                f"open{index} = {_source(own.when.unknown if is_hold else False)}",
            ]
        lines += [
            f"holding{index} = z{index} or fires{index}",
            f"clear{index} = holding{index} and {_source(own.until.true)} and not fires{index}",
            f"kept{index} = holding{index} and not clear{index}",
            f"stuck{index} = False",
            *branch(f"clear{index}", self._resumption(index, rule, own.resume)),
            f"unsure = unsure or open{index} or (kept{index} and {_source(own.until.unknown)})",
            f"keeps = keeps or kept{index}",
            f"stuck = stuck or stuck{index}",
            f"keeps_free = keeps_free or (kept{index} and not stuck{index})",
        ]
        return lines

    def _resumption(self, index: int, rule: CompiledRule, truths: tuple[Truth, ...]) -> Lines:
        """Where a hold that is over resumes: the first clause that is true, if those above it are false."""
        nobody_says = [f"kept{index} = True", f"stuck{index} = True"]
        lines: Lines = list(nobody_says)
        for resumption, truth in reversed(list(zip(rule.resume, truths, strict=True))):
            lines = branch(truth.true, self._resumed(index, rule, resumption), branch(truth.false, lines, list(nobody_says)))
        return lines

    def _resumed(self, index: int, rule: CompiledRule, resumption: CompiledResumption) -> Lines:
        take = ["if target < lowest:", "    lowest = target", f"    resumed_by = {index}"]
        match resumption.to:
            case "same":
                return ["target = level", *take]
            case "level":
                return [f"target = {resumption.level_index or 0}", *take]
            case "lower":
                match rule.at_lowest:
                    case "stop":
                        below: Lines = ["target = -1", *take]
                    case "same":
                        below = ["target = 0", *take]
                    case "hold":
                        below = [f"kept{index} = True"]
                    case None:
                        below = [f"kept{index} = True", f"stuck{index} = True"]
                return branch("level > 0", ["target = level - 1", *take], below)


def _first(flags: list[tuple[int, Bool]]) -> str:
    """Source of the index of the first flag that is set; -1 for none."""
    text = "-1"
    for index, flag in reversed(flags):
        text = str(index) if flag is True else text if flag is False else f"({index} if {flag} else {text})"
    return text


def _source(condition: Bool) -> str:
    return str(condition)
