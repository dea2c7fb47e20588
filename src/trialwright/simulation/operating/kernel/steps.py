"""One visit of one participant as source, for visits of one kind: the response, events, what is measured and assessed, the dose.

The order of things is the interpreter's.
"""

from __future__ import annotations

from trialwright.engine.policy import Act
from trialwright.protocol import expressions as asked
from trialwright.protocol.expressions import Milestone
from trialwright.protocol.study import CompiledResponse
from trialwright.simulation.operating import quantiles
from trialwright.simulation.operating.design import VariablePlan
from trialwright.simulation.operating.kernel.finite import Finite, VisitKind
from trialwright.simulation.operating.kernel.nodes import number_node, truth_node, truth_of
from trialwright.simulation.operating.kernel.plan import AT_THIS_VISIT, Plan
from trialwright.simulation.operating.kernel.policy import Lines, PolicySource, RuleSource, branch, indented
from trialwright.simulation.operating.kernel.ranges import Calm, Steady
from trialwright.simulation.operating.kernel.sight import MILESTONES, Sight
from trialwright.simulation.operating.kernel.symbols import Bool, Number, Truth, both, either, no
from trialwright.simulation.operating.tally import COMPLETED, FIRST_RULE, LEFT, NOT_STARTED


class Visit:
    """Writes the visits of one kind.

    Args:
        plan: What the kernel shares.
        kind: The kind.
        calm: What is known of them; None for any.
        steady: What need not be known of them.
    """

    def __init__(self, plan: Plan, kind: VisitKind, calm: Calm | None = None, steady: Steady | None = None) -> None:
        self.plan, self.design, self.kind, self.steady = plan, plan.design, kind, steady or Steady({}, frozenset())
        self.calm, self.ranges = calm is not None, calm.ranges if calm is not None else {}
        self.present = calm is not None and calm.present
        self.finite = Finite(plan.design, plan.parameters, kind, self.present)
        self.can_hold = plan.can_hold

    def sight(self, lines: Lines) -> Sight:
        """Answers inputs with source that may need ``lines`` before it."""
        return Sight(self.plan, self.finite, lines, self.ranges, held=not self.calm)

    def happens(self, purpose: str, threshold: str, then: Lines, otherwise: Lines | None = None) -> Lines:
        """Draw whether something happens, and what comes of it."""
        return branch(self.plan.happens(purpose, threshold), then, otherwise)

    def chance(self, name: str, trait: int, dose: str, response: str = "") -> str:
        """Source of a threshold by gap, trait, response and dose."""
        shape = self.plan.parameters.chances[name].shape
        parts = [f"C['{name}']"]
        if len(self.design.gaps) > 1:
            parts.append(f"GAP[v] * {_size(shape[1:])}")
        if trait >= 0:
            parts.append(f"t{trait} * {_size(shape[2:])}")
        if response and shape[2] > 1:
            parts.append(f"{response} * {_size(shape[3:])}")
        return f"CHANCES[{' + '.join([*parts, dose])}]"

    def respond(self) -> Lines:
        """Let the time since the last visit pass: what was taken, and the response."""
        lines: Lines = []
        own = self.design.response
        if "taken" in self.plan.used and self.design.regimen.unit_text.endswith("/d"):
            lines += ["taken += DOSES[d] * (day - last_day)" if self.can_hold else "taken += DOSES[level] * (day - last_day)"]
        if own is not None and self.plan.live("response"):
            comes = self.happens("response", self.chance("response", own.trait, "d"), ["r = 1"])
            gone: Lines = []
            if own.lost and self.plan.live("lost"):
                gone = self.happens("lost", self.chance("lost", own.lost_trait, "d"), ["r = 0"])
            lines += branch("r == 0", comes, gone)
        return lines

    def events(self) -> Lines:
        """Let adverse events begin; which of them do is found without branches, which nobody could foretell."""
        lines: Lines = []
        blocks: set[str] = set()
        any_may: Bool = False
        for index, plan in enumerate(self.design.events):
            purpose = f"event/{plan.name}"
            if self.plan.live(purpose):
                any_may = either(any_may, f"({self.plan.first(purpose, AT_THIS_VISIT)} < {self._bound(index, -1)})")
                block, word = self.plan.more_block(purpose)
                lines += [] if block in blocks else [f"w0, w1, w2, w3 = {block}"]
                blocks.add(block)
                lines += self._event(index, word)
        return branch(any_may, lines)

    def _bound(self, index: int, step: int) -> str:
        """Source of the threshold of a kind of event for one of its grades, the highest first; the last is that of any."""
        plan = self.design.events[index]
        return self.chance(f"event/{plan.name}", plan.trait, f"d * {len(plan.grades)} + {step % len(plan.grades)}")

    def _event(self, index: int, word: str) -> Lines:
        plan, grade = self.design.events[index], "0"
        for step, one in reversed(list(enumerate(plan.grades))):
            grade = f"({one} if x < {self._bound(index, step)} else {grade})"
        return [
            f"x = {self.plan.first(f'event/{plan.name}', AT_THIS_VISIT)} + {word}",
            f"g = {grade}",
            f"g = g if ee{index} <= l_decision else 0",
            f"ee{index} = day + {plan.lasts_days} if g > 0 else ee{index}",
            *self._tell(index),
        ]

    def _tell(self, index: int) -> Lines:
        """Count an event that begins, and note what rules read of it."""
        lines = [f"wg{index} = max(wg{index}, g)", f"T[o_begun + {index} * V + v] += 1 if g > 0 else 0"]
        if f"eg{index}" in self.plan.used:
            lines.append(f"eg{index} = g if g > 0 else eg{index}")
        if f"ew{index}" in self.plan.used:
            lines.append(f"ew{index} = max(ew{index}, g)")
        for kinds, name in self.plan.spans.items():
            least = dict(kinds).get(index)
            if least is not None and name in self.plan.used:
                lines.append(f"{name} = max({name}, ee{index}) if g >= {least} else {name}")
        counted = [least for least in range(1, 6) if f"en{least}_{index}" in self.plan.used]
        lines += [f"en{least}_{index} += 1 if g >= {least} else 0" for least in counted]
        return [*lines, f"TR_GRADES[person, v, {index}] = g"] if self.plan.trace else lines

    def may_be_missed(self) -> bool:
        """Whether anybody misses visits of this kind."""
        return self.design.chances.missed is not None and self.plan.live("missed")

    def miss(self, then: Lines) -> Lines:
        """What is done where the visit is missed."""
        trait = self.design.chances.missed
        assert trait is not None
        return self.happens("missed", self._by_dose("missed", trait), then)

    def _by_dose(self, name: str, trait: int) -> str:
        shape = self.plan.parameters.chances[name].shape
        return f"CHANCES[C['{name}'] + {f't{trait} * {shape[-1]} + ' if trait >= 0 else ''}d]"

    def measure(self, collects: frozenset[str], place: str, baseline: bool) -> Lines:
        """Measure what is used; derived values follow."""
        lines: Lines = []
        sight = self.sight(lines)
        lines += [f"m{index} = False" for index in range(len(sight.names)) if f"m{index}" in self.plan.used]
        for index in range(len(sight.names)):
            if self._uses(index, "p", "q"):
                lines += [f"p{index} = x{index}", f"q{index} = d{index} > NEVER"]
        derived: dict[str, tuple[Lines, str, Bool]] = {}
        for index, name in reversed(list(enumerate(sight.names))):
            if name in self.design.derived and name in collects and self._uses(index):
                derived[name] = self._derived(name)
        for index, name in enumerate(sight.names):
            if name not in collects or not self._uses(index):
                continue
            if name in derived:
                before, value, known = derived[name]
                lines += [*before, *branch(known, self._enter(index, value, baseline))]
                continue
            plan = self.design.variable(name)
            before, value = self._value(plan, index, place)
            entered = [*before, *self._enter(index, value, baseline)]
            lines += entered if baseline else self._unless_missing(plan, entered)
        return lines

    def _unless_missing(self, plan: VariablePlan, then: Lines) -> Lines:
        name = f"missing/{plan.name}"
        if self.present or not self.plan.live(name):
            return then
        return branch(no(self.plan.happens(name, f"CHANCES[C['{name}']]")), then)

    def _uses(self, index: int, *letters: str) -> bool:
        wanted = letters or ("x", "d", "p", "q", "b", "e", "hn", "m")
        return any(f"{letter}{index}" in self.plan.used for letter in wanted)

    def _enter(self, index: int, value: str, baseline: bool) -> Lines:
        used = self.plan.used
        lines = [f"x{index} = {value}"]
        if f"d{index}" in used:
            lines.append(f"d{index} = day")
        if f"m{index}" in used:
            lines.append(f"m{index} = True")
        if baseline and f"b{index}" in used:
            lines.append(f"b{index} = x{index}")
        if baseline and f"e{index}" in used:
            lines.append(f"e{index} = True")
        if f"hn{index}" in used:
            lines += [f"hv{index}[hn{index}] = x{index}", f"hd{index}[hn{index}] = day", f"hn{index} += 1"]
        return lines

    def _value(self, plan: VariablePlan, index: int, place: str) -> tuple[Lines, str]:
        """Lines that the value needs before it, and its source."""
        trait = f" + t{plan.trait}" if plan.trait >= 0 else ""
        match plan.kind:
            case "finite":
                states = 2 if plan.by_response else 1
                return [], f"NUMBERS[N['value/{plan.name}']{trait and f'{trait} * {states}'}{' + r' if plan.by_response else ''}]"
            case "flag":
                name = f"flag/{plan.name}"
                word = f"{self.plan.first(name, place)} + {self.plan.more(name, place, always=True)}"
                return [], f"(1.0 if {word} < CHANCES[C['{name}']] else 0.0)"
            case "amount":
                return self._amount(plan, index, place)

    def _amount(self, plan: VariablePlan, index: int, place: str) -> tuple[Lines, str]:
        text = f"own{index}" + (f" * NUMBERS[N['dose/{plan.name}'] + d]" if plan.by_dose else "")
        if not plan.noisy:
            return [], _reported(text, plan)
        noise, name = f"N['noise/{plan.name}']", f"noise/{plan.name}"
        seldom = plan.name in self.steady.ranges
        exactly = looked_up("noise", noise, f"x + {self.plan.more(name, place, always=not seldom)}")
        value = _reported(f"{text} * noise", plan)
        first = f"x = {self.plan.first(name, place)}"
        if not seldom:
            return [first, *exactly], value
        at = self.steady.ranges[plan.name].at
        lines = [
            first,
            f"at = {noise} + (x >> {quantiles.SHIFT})",
            f"own = {text}",
            f"if not held and own * NUMBERS[at] >= AMOUNTS[{at}] and own * NUMBERS[at + 4] <= AMOUNTS[{at + 1}]:",
            f"    y{index} = AMOUNTS[{at + 2}]",
            "else:",
            *indented([*exactly, f"y{index} = {value}"]),
        ]
        return lines, f"y{index}"

    def _derived(self, name: str) -> tuple[Lines, str, Bool]:
        """The lines before, the value and whether there is one, of a derived variable of today."""
        lines: Lines = []
        sight = _Today(self.plan, self.finite, lines, {}, True)
        sight.derived = name
        expression, index = self.design.protocol.derivations[name], sight.names.index(name)
        declared, kind = self.design.protocol.file.variables[name], self.design.protocol.scope.variables[name]
        if kind.kind in (asked.Kind.FLAG, asked.Kind.TRUTH):
            verdict = truth_node(expression.node, sight)
            found = Number(f"(1.0 if {verdict.true} else 0.0)", verdict.known)
        else:
            found = number_node(expression.node, sight)
        value = found.text
        if declared.precision is not None and kind.kind is asked.Kind.QUANTITY:
            size = sight.keep(f"abs({found.text})")
            nearest = _rounded(size, declared.precision.as_integer_ratio(), False)
            value = nearest if found.low >= 0 else f"({nearest} if {found.text} >= 0.0 else -({nearest}))"
        known = found.known
        for part in self.design.protocol.measured_for(name):
            known = both(known, sight.today(part))
        lines.append(f"y{index} = {value}" if known is True else f"y{index} = {value} if {known} else 0.0")
        return lines, f"y{index}", known

    def assess(self) -> Lines:
        """Assess the responses; note the goal."""
        lines: Lines = []
        for index, response in enumerate(self.design.responses):
            lines += self._response(index, response)
        return lines

    def _response(self, index: int, response: CompiledResponse) -> Lines:
        table = self.finite.category(response)
        lines: Lines = []
        if table is not None:
            code = self.plan.tables.code(table)
            lines.append(f"cat = {code}")
        else:
            lines += self._category(response)
        wanted = {name for name in ("cur", "best", "bestc", "conf") if f"{name}{index}" in self.plan.used}
        if "cur" in wanted:
            lines.append(f"cur{index} = cat")
        if not self.kind.first:
            lines += branch(self._recorded(response), self._record(index, response, wanted))
        return lines

    def _category(self, response: CompiledResponse) -> Lines:
        lines: Lines = ["cat = -1"]
        sight = self.sight(lines)
        names = self.design.protocol.scope.responses[response.id]
        open_: Bool = truth_of(response.not_assessable, 0, sight).false
        for category in response.categories:
            holds = truth_of(category.when, 2, sight)
            lines += branch(both(open_, holds.true), [f"cat = {names.index(category.id)}"])
            open_ = both(open_, holds.false)
        return lines

    def _recorded(self, response: CompiledResponse) -> Bool:
        """Whether anything that the categories read was measured today."""
        found: Bool = False
        sight = _Today(self.plan, self.finite, [], {}, True)
        for name in sorted({getattr(one, "variable", "") for cat in response.categories if cat.when for one in cat.when.inputs}):
            parts = self.design.protocol.measured_for(name) if name in self.design.protocol.derivations else {name}
            whole: Bool = True
            for part in sorted(parts):
                whole = both(whole, sight.today(part) if part in self.kind.collects else False)
            found = either(found, whole)
        return found

    def _record(self, index: int, response: CompiledResponse, wanted: set[str]) -> Lines:
        goal = self.design.goal
        own_goal = goal is not None and goal.response == response.id
        names = self.design.protocol.scope.responses[response.id]
        lines: Lines = [f"TR_CATEGORY[person, v, {index}] = cat"] if self.plan.trace else []
        if "l_response" in self.plan.used:
            best = names.index(response.categories[0].id)
            lines += [f"if cat == {best} and l_response <= NEVER:", "    l_response = day"]
        if not own_goal and not wanted - {"cur"}:
            return lines
        defined = [names.index(one.id) for one in response.categories if one.when]
        if response.confirm_days is not None:
            lines += [f"if cat < 0 or cat != was{index}:", f"    since{index} = day", f"was{index} = cat"]
        is_defined = " or ".join(f"cat == {one}" for one in defined) or "False"
        waited = f" and since{index} <= day - {response.confirm_days}" if response.confirm_days is not None else ""
        confirmed = f"({is_defined}){waited}"
        if "best" in wanted:
            lines.append(f"best{index} = max(best{index}, cat)")
        if "bestc" in wanted:
            lines += [f"if {confirmed}:", f"    bestc{index} = max(bestc{index}, cat)"]
        if "conf" in wanted:
            lines += [f"if {confirmed}:", f"    conf{index} = cat"]
        if own_goal and goal is not None:
            least = names.index(goal.category)
            now = [
                "if seen < 0:",
                "    seen = v",
                "    seen_at = d",
                *branch(f"confirmed < 0 and {confirmed}", ["confirmed = v"]),
            ]
            late = goal.until_day < self.design.visits.on[-1].day
            lines += [f"if cat >= {least}{f' and day <= {goal.until_day}' if late else ''}:", *indented(now)]
        return lines

    def leave(self) -> Lines:
        """Leave for no reason of the protocol's."""
        trait = self.design.chances.leaves
        if trait is None or not self.plan.live("leaves"):
            return []
        return self.happens("leaves", self.chance("leaves", trait, "d", "r"), ["left = v", f"ended = {LEFT}", "break"])

    def decide(self) -> Lines:
        """Decide the dose and follow the advice."""
        lines: Lines = []
        held: Lines = []
        sight, holding = self.sight(lines), self.sight(held)
        rules = []
        for index, rule in enumerate(self.design.regimen.rules):
            if self.kind.first and rule.action.kind not in ("hold", "stop"):
                rules.append(RuleSource(Truth.of(0), Truth.of(0), Truth.of(0), ()))
                continue
            when = truth_of(rule.when, 2, sight)
            can_hold = index in self.can_hold and not self.kind.first and not self.calm
            standing = truth_of(rule.standing, 2, holding) if rule.standing is not None and can_hold else when
            until = truth_of(rule.until, 0, holding) if can_hold else Truth.of(0)
            resume = tuple(truth_of(one.when, 2, holding) for one in rule.resume) if can_hold else ()
            rules.append(RuleSource(when, standing, until, resume))
            if when.true is not False and not self.kind.first:
                self.plan.fires.add(index)
        source = PolicySource(self.design.regimen, rules, self.can_hold, held, not self.calm)
        if self.kind.first:
            lines += [
                *source.first(),
                *self._trace_decision(),
                f"if act != {int(Act.START)}:",
                f"    ended = {NOT_STARTED}",
                "    off = True",
            ]
            return lines
        cycles = self.design.regimen.cycles
        decided = source.later()
        if cycles is not None:
            over = [f"act = {int(Act.STOP)}", "rule = -2", "new_level = level", "optional = False"]
            decided = branch(f"given >= {cycles}", over, decided)
        lines += [*decided, *self._trace_decision(), f"if act == {int(Act.STOP)}:"]
        lines += [f"    ended = {FIRST_RULE} + rule if rule >= 0 else {COMPLETED}", "    break"]
        return [*lines, *self._follow()]

    def _trace_decision(self) -> Lines:
        return ["TR_ACT[person, v] = act", "TR_RULE[person, v] = rule"] if self.plan.trace else []

    def _follow(self) -> Lines:
        """Take what was advised, or decline an increase that may be declined."""
        lines: Lines = []
        trait = self.design.chances.declines
        if trait is not None and self.plan.live("declines"):
            drawn = self.happens("declines", self._by_dose("declines", trait), ["new_level = level"])
            lines += branch(f"act == {int(Act.INCREASE)} and optional", drawn)
        lines.append(f"holds = {' or '.join(f'z{one}' for one in self.can_hold)}" if self.can_hold else "holds = False")
        lines += self._dates()
        return [*lines, *self._move()]

    def _dates(self) -> Lines:
        used = self.plan.used
        held = "held" if self.can_hold and not self.calm else "False"
        conditions = {
            Milestone.LAST_DECISION: "",
            Milestone.LAST_INCREASE: "not holds and new_level > level",
            Milestone.LAST_DECREASE: "not holds and new_level < level",
            Milestone.LAST_RESUMPTION: f"not holds and {held}",
            Milestone.LAST_HOLD: f"holds and not {held}",
            Milestone.LAST_CHANGE: f"(not holds and (new_level != level or {held})) or (holds and not {held})",
        }
        lines: Lines = []
        for milestone, condition in conditions.items():
            name = MILESTONES[milestone]
            if name in used:
                lines += [f"{name} = day"] if not condition else [f"if {condition}:", f"    {name} = day"]
        if "l_dose" in used:
            daily = self.design.regimen.every_days is None
            lines += [f"if holds and not {held}:", "    l_dose = day - 1"] if daily else ["if not holds:", "    l_dose = day"]
        if "taken" in used and not self.design.regimen.unit_text.endswith("/d"):
            lines += ["if not holds:", "    taken += DOSES[new_level]"]
        if "given" in used:
            lines += ["if not holds:", "    given += 1"]
        return lines

    def _move(self) -> Lines:
        """Change the state where the decision does: count the move and the days until it."""
        levels = self.design.levels
        new = f"(new_level if not holds else {levels})" if self.can_hold else "new_level"
        keep = ["held = holds", *branch("not holds", ["level = new_level"])] if self.can_hold else ["level = new_level"]
        moved = [
            f"T[o_moves + (v * {levels + 2} + d) * {levels + 2} + new_d] += 1",
            "DAYS_AT[d] += day - since_day",
            "since_day = day",
            "d = new_d",
        ]
        return [f"new_d = {new}", "if new_d != d:", *indented(moved), *keep]


class _Today(Sight):
    """Answers a derivation: readings of the day where they were measured, the latest of what is fixed."""

    derived = ""

    def _reading(self, name: str) -> Number:
        index = self.names.index(name)
        known = self.today(name) if name in self.finite.protocol.measured_for(self.derived) else self._ever(name)
        return Number(self.name("x", index), known, *self.bounds(name))

    def today(self, name: str) -> Bool:
        """Whether a variable was measured today."""
        if self.sure(name):
            return True
        return f"m{self.names.index(name)}"


def _reported(text: str, plan: VariablePlan) -> str:
    return text if plan.precision is None else _rounded(text, plan.precision, plan.completed)


def _rounded(text: str, precision: tuple[int, int], completed: bool) -> str:
    """Source of ``parameters.rounded``."""
    top, bottom = float(precision[0]), float(precision[1])
    steps = text if top == bottom == 1 else f"{text} * {bottom} / {top}"
    return f"floor({steps} + {1e-9 if completed else 0.5 + 1e-9!r}) * {top} / {bottom}"


def looked_up(name: str, table: str, word: str) -> Lines:
    """Lines that look an amount up by its word: ``quantiles.look_up``."""
    return [
        f"w = {word}",
        f"at = {table} + (w >> {quantiles.SHIFT})",
        f"{name} = NUMBERS[at]",
        f"{name} = {name} + (w & {(1 << quantiles.SHIFT) - 1}) * {quantiles.FRACTION!r} * (NUMBERS[at + 1] - {name})",
    ]


def coded(name: str, table: str, codes: int, word: str) -> Lines:
    """Lines that find a code by its word, without a branch that nobody can foretell: as many as the word is not below."""
    if codes == 1:
        return [f"{name} = 0"]
    if codes == 2:
        return [f"{name} = 1 if {word} >= CHANCES[{table}] else 0"]
    return [
        f"w = {word}",
        f"{name} = 0",
        f"for at in range({codes - 1}):",
        f"    {name} += 1 if w >= CHANCES[{table} + at] else 0",
    ]


def _size(shape: tuple[int, ...]) -> int:
    found = 1
    for one in shape:
        found *= one
    return found
