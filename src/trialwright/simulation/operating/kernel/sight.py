"""What an input is in a kernel: source over the participant's own variables, at one kind of visit.

Names in the source: ``day`` and ``v`` of the visit; ``level``, ``held`` and ``d`` (index of what is taken) of the dose; ``r`` of
the response; ``t0`` … of traits. For the i-th variable: ``x`` its latest value, ``d`` that value's day, ``p`` and ``q`` the
previous value and whether there is one, ``b`` and ``e`` the same of baseline, ``hv``, ``hd``, ``hn`` all values, their days and
number, ``m`` whether it was measured today. For the j-th response: ``cur``, ``best``, ``bestc`` (confirmed), ``conf``. For the
k-th kind of event: ``ee`` and ``eg`` (first day without it, grade), ``ew`` (worst ever), ``en3_`` (how many of grade 3 or more);
``un`` the first day without any of some kinds and grades. For the i-th rule: ``z`` it holds, ``n`` holds that it began.
"""

from __future__ import annotations

from math import inf

from trialwright.protocol import expressions as asked
from trialwright.protocol.expressions import Input, Milestone
from trialwright.protocol.expressions.tree import Arithmetic, Leaf, Negative, Node, Parameter, Scaled
from trialwright.protocol.expressions.tree import Number as Literal
from trialwright.protocol.expressions.walk import children
from trialwright.simulation.operating.chart import hold_inputs
from trialwright.simulation.operating.design import CONSENT_DAYS_BEFORE, ENROLMENT_DAYS_BEFORE
from trialwright.simulation.operating.kernel.finite import Finite
from trialwright.simulation.operating.kernel.plan import Plan
from trialwright.simulation.operating.kernel.ranges import Ranges
from trialwright.simulation.operating.kernel.symbols import UNKNOWN_NUMBER, Bool, NotCompiled, Number, Truth, both, either, no
from trialwright.simulation.operating.reads import variables_of

LARGEST_AMOUNT = 1e15
MILESTONES = {
    Milestone.LAST_INCREASE: "l_increase",
    Milestone.LAST_DECREASE: "l_decrease",
    Milestone.LAST_CHANGE: "l_change",
    Milestone.LAST_HOLD: "l_hold",
    Milestone.LAST_RESUMPTION: "l_resumption",
    Milestone.LAST_DECISION: "l_decision",
    Milestone.FIRST_RESPONSE: "l_response",
    Milestone.LAST_DOSE: "l_dose",
}


class Sight:
    """Answers inputs with source.

    Args:
        plan: What the kernel shares.
        finite: What is read of few values.
        lines: Where lines go that the source needs before it.
        ranges: Amounts that lie in a range.
        held: Whether a hold may be in force.
    """

    def __init__(self, plan: Plan, finite: Finite, lines: list[str], ranges: Ranges, held: bool) -> None:
        self.plan, self.design, self.tables, self.ranges = plan, plan.design, plan.tables, ranges
        self.can_hold, self.may_be_held = plan.can_hold, held and bool(plan.can_hold)
        self.finite, self.lines = finite, lines
        self.names = [*(one.name for one in plan.design.variables), *plan.design.derived]

    def keep(self, condition: str) -> str:
        """Keep a value in a name of its own."""
        name = self.plan.name()
        self.lines.append(f"{name} = {condition}")
        return name

    def certain(self, name: str) -> bool:
        """Whether a value is there wherever its parts are: no derived one that may not be computable."""
        if name not in self.design.derived:
            return True
        expression = self.design.protocol.derivations[name]
        parts = variables_of(expression.inputs)
        return always_computed(expression.node) and all(self.certain(part) for part in parts)

    def sure(self, name: str) -> bool:
        """Whether a variable has a value of today whenever this visit is held."""
        return self.finite.sure(name) and self.certain(name)

    def known_from_start(self, name: str) -> bool:
        """Whether everybody has a value from the first dose on."""
        return self.finite.known_from_start(name) and self.certain(name)

    def bounds(self, name: str) -> tuple[float, float]:
        """Between which numbers a value lies."""
        if name in self.ranges:
            return self.ranges[name].low, self.ranges[name].high
        return (-LARGEST_AMOUNT if name in self.design.derived else 0.0), LARGEST_AMOUNT

    def name(self, letter: str, index: int) -> str:
        """The name of a variable of the participant."""
        return f"{letter}{index}"

    def number(self, wanted: Input) -> Number:
        """Source of a number."""
        match wanted:
            case asked.Reading(name) | asked.Stratum(name):
                return self._reading(name)
            case asked.Baseline(name):
                index = self.names.index(name)
                known = True if self.known_from_start(name) else self.name("e", index)
                return Number(self.name("b", index), known, -LARGEST_AMOUNT, LARGEST_AMOUNT)
            case asked.Previous(name):
                index = self.names.index(name)
                known = True if self.known_from_start(name) and not self.finite.kind.first else self.name("q", index)
                return Number(self.name("p", index), known, -LARGEST_AMOUNT, LARGEST_AMOUNT)
            case asked.Limit(_, name):
                trait = self.design.limits[name]
                at = self.offset(f"limit/{name}")
                low, high = self._limit_bounds(name)
                return Number(f"NUMBERS[{at}{f' + t{trait}' if trait >= 0 else ''}]", self._ever(name), low, high)
            case asked.Aggregate():
                return self._aggregate(wanted)
            case asked.Since():
                return self._since(wanted.milestone, wanted.name)
            case asked.Day():
                return UNKNOWN_NUMBER if self.finite.kind.first else Number("float(day + 1)", True, 2.0, 1e6)
            case asked.ResponseOf():
                return self._response(wanted)
            case asked.AdverseEvents():
                return self._worst(wanted)
            case asked.EventCount(events, least):
                return self._events(events, least)
            case _:
                return self._dosed(wanted)

    def flag(self, wanted: Input) -> Truth:
        """Source of a flag."""
        match wanted:
            case asked.Held():
                return Truth.when("held" if self.may_be_held else False)
            case asked.HoldInputs(oldest):
                found: Bool = False
                for name in hold_inputs(self.design):
                    found = either(found, no(self._reading(name).known))
                    if oldest is not None and not self.sure(name) and not self._of_the_day(name):
                        found = either(found, f"(day - {self.name('d', self.names.index(name))} > {oldest})")
                return Truth.when(found)
            case asked.Reading() | asked.Baseline() | asked.Previous():
                one = self.number(wanted)
                return Truth.when(f"({one.text} != 0.0)", one.known)
            case _:
                raise NotCompiled(asked.input_text(wanted))

    def offset(self, table: str) -> str:
        """Where a table of numbers begins, by name: the source of the module gives it."""
        return f"N['{table}']"

    def _limit_bounds(self, name: str) -> tuple[float, float]:
        """Between which numbers a limit lies: those of the file where ranges hang on them, so that no other source does."""
        if not self.ranges:
            return 0.0, LARGEST_AMOUNT
        values = self.plan.parameters.numbers[f"limit/{name}"]
        return float(values.min()) * (1 - 1e-9), float(values.max()) * (1 + 1e-9)

    def _of_the_day(self, name: str) -> bool:
        """Whether only a value of today can count: those of other visits are too old."""
        limit = self.finite.protocol.valid_days.get(name)
        return limit is not None and limit < self.plan.least_gap_days

    def worst_at_least(self, comparator: str, wanted: asked.AdverseEvents, grade: float) -> Truth | None:
        """Whether the worst grade of some events compares so with one; None where it has to be found out for each kind."""
        if wanted.scope == "ever" or grade != int(grade) or comparator not in ("<", "<=", ">", ">="):
            return None
        least = int(grade) + (comparator in ("<=", ">"))
        live = self.finite.live_events(wanted)
        from_grade = [max(least, self.design.events[index].serious_from if wanted.serious else 1) for index in live]
        kinds = [(index, one) for index, one in zip(live, from_grade, strict=True) if one <= self.design.events[index].grades[0]]
        since = "day" if wanted.scope == "unresolved" else "l_decision"
        found: Bool = f"({self.plan.span(frozenset(kinds))} > {since})" if kinds else False
        found = True if least <= 0 else found
        return Truth.when(found if comparator in (">", ">=") else no(found))

    def _ever(self, name: str) -> Bool:
        if self.known_from_start(name) or self.sure(name):
            return True
        return f"({self.name('d', self.names.index(name))} > NEVER)" if self.finite.collected(name) else False

    def _reading(self, name: str) -> Number:
        if not self.finite.collected(name):
            return UNKNOWN_NUMBER
        index = self.names.index(name)
        known: Bool = True
        if not self.sure(name):
            limit = self.finite.protocol.valid_days.get(name)
            if self._of_the_day(name):
                known = f"m{index}" if name in self.finite.kind.collects else False
            else:
                known = self._ever(name) if limit is None else f"(day - {self.name('d', index)} <= {limit})"
        return Number(self.name("x", index), known, *self.bounds(name))

    def _aggregate(self, wanted: asked.Aggregate) -> Number:
        index = self.names.index(wanted.variable)
        of = f"hv{index}, hn{index}"
        if wanted.function == "nadir":
            start = "0" if self.finite.kind.first else f"from_baseline(hd{index}, hn{index})"
        else:
            window = 10**7 if wanted.days is None else wanted.days
            start = f"window_start(hd{index}, hn{index}, day, {window}, {wanted.values or 0})"
        begin = self.keep(start)
        if wanted.function == "count":
            return Number(f"float(hn{index} - {begin})", True, 0.0, 1e6)
        known = f"({begin} < hn{index})"
        return Number(f"of_{wanted.function}({of}, {begin})", known, -LARGEST_AMOUNT, LARGEST_AMOUNT)

    def _since(self, milestone: Milestone, name: str) -> Number:
        first = self.finite.kind.first
        gap = float(min(self.design.gaps))
        match milestone:
            case Milestone.CONSENT:
                return Number(f"float(day + {CONSENT_DAYS_BEFORE})", True, float(CONSENT_DAYS_BEFORE), 1e6)
            case Milestone.ENROLMENT | Milestone.RANDOMISATION:
                return Number(f"float(day + {ENROLMENT_DAYS_BEFORE})", True, float(ENROLMENT_DAYS_BEFORE), 1e6)
            case Milestone.READING:
                index = self.names.index(name)
                if self.sure(name):
                    return Number.of(0.0)
                known = self._reading(name).known
                return Number(f"float(day - {self.name('d', index)})", known, 0.0, 1e6)
            case Milestone.FIRST_DOSE:
                return Number.of(inf) if first else Number("float(day)", True, 1.0, 1e6)
            case Milestone.TREATMENT_STOP:
                return Number.of(inf)
            case Milestone.LAST_DOSE if self.design.regimen.every_days is None:
                return Number.of(inf) if first else self._last_dose()
            case Milestone.LAST_INCREASE | Milestone.LAST_CHANGE if not first:
                return Number(f"float(day - {MILESTONES[milestone]})", True, gap, 1e6)
            case _ if milestone in MILESTONES:
                own = MILESTONES[milestone]
                low = 0.0 if milestone in (Milestone.LAST_DOSE, Milestone.FIRST_RESPONSE) else gap
                return Number.of(inf) if first else Number(f"(float(day - {own}) if {own} > NEVER else INF)", True, low, inf)
            case _:
                raise NotCompiled(f"time since {milestone.value} {name}".rstrip())

    def _last_dose(self) -> Number:
        if not self.may_be_held:
            return Number.of(0.0)
        return Number("(float(day - l_dose) if held else 0.0)", True, 0.0, 1e6)

    def _response(self, wanted: asked.ResponseOf) -> Number:
        index = [one.id for one in self.design.responses].index(wanted.name)
        highest = float(len(self.finite.protocol.scope.responses[wanted.name]) - 1)
        if wanted.best:
            name = self.name("bestc" if wanted.confirmed else "best", index)
            return Number(f"float(max({name}, 0))", True, 0.0, highest)
        name = self.name("conf" if wanted.confirmed else "cur", index)
        return Number(f"float({name})", f"({name} >= 0)", 0.0, highest)

    def _counts(self, index: int, wanted: asked.AdverseEvents) -> Bool:
        ends = self.name("ee", index)
        match wanted.scope:
            case "unresolved":
                return f"({ends} > day)"
            case "since_last_decision":
                return f"(eg{index} > 0 and {ends} > l_decision)"
            case "ever":
                return True

    def _grade(self, index: int, wanted: asked.AdverseEvents) -> str:
        """Source of the grade of a kind that counts now; 0 where none does."""
        plan = self.design.events[index]
        own = self.name("ew" if wanted.scope == "ever" else "eg", index)
        counts = self._counts(index, wanted)
        if wanted.serious:
            counts = both(counts, f"({own} >= {plan.serious_from})")
        return own if counts is True else f"({own} if {counts} else 0)"

    def _worst(self, wanted: asked.AdverseEvents) -> Number:
        grades = [self._grade(index, wanted) for index in self.finite.live_events(wanted)]
        text = grades[0]
        for one in grades[1:]:
            text = f"max({text}, {one})"
        return Number(self.keep(f"float({text})"), True, 0.0, 5.0)

    def _events(self, wanted: asked.AdverseEvents, least: int) -> Number:
        parts = []
        for index in self.finite.live_events(wanted):
            plan = self.design.events[index]
            from_grade = max(least, plan.serious_from if wanted.serious else 1)
            if wanted.scope == "ever":
                parts.append(self.name(f"en{from_grade}_", index))
            else:
                parts.append(f"(1 if {self._grade(index, wanted)} >= {from_grade} else 0)")
        return Number(f"float({' + '.join(parts)})", True, 0.0, 1e6)

    def _dosed(self, wanted: Input) -> Number:
        levels = [float(one) for one in self.design.regimen.levels]
        match wanted:
            case asked.DoseOf():
                if self.finite.kind.first:
                    return Number.of(0.0)
                return Number(
                    f"DOSES[{'d' if self.may_be_held else 'level'}]", True, 0.0 if self.may_be_held else levels[0], levels[-1]
                )
            case asked.LevelOf():
                return UNKNOWN_NUMBER if self.finite.kind.first else Number("DOSES[level]", True, levels[0], levels[-1])
            case asked.TotalDose():
                return Number("taken", True, 0.0, LARGEST_AMOUNT)
            case asked.Recurrence(rule):
                names = [one.id for one in self.design.regimen.rules]
                wanted_rules = [names.index(rule)] if rule in names else [] if rule is not None else list(range(len(names)))
                begun = " + ".join(f"n{index}" for index in wanted_rules if index in self.can_hold) or "0"
                return Number.of(0.0) if begun == "0" else Number(self.keep(f"float(max(0, {begun} - 1))"), True, 0.0, 1e6)
            case _:
                raise NotCompiled(asked.input_text(wanted))


def always_computed(node: Node) -> bool:
    """Whether a derivation has a value wherever its parts have: sums, differences, products, and division by a constant."""
    match node:
        case Leaf() | Literal() | Parameter():
            return True
        case Arithmetic("/", left, right):
            return always_computed(left) and isinstance(right, Literal | Parameter)
        case Arithmetic() | Scaled() | Negative():
            return all(always_computed(child) for child in children(node))
        case _:
            return False
