"""Writes the whole kernel: a module of Python source for numba, from a design and the numbers that may be known while compiling.

The order of loops: some trials at a time, whose words are drawn for all participants in one go; then trial, participant, visit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trialwright.protocol.expressions import CurrentEpoch
from trialwright.simulation.operating.chance import level_word, trait_word
from trialwright.simulation.operating.design import Design
from trialwright.simulation.operating.kernel.finite import VisitKind
from trialwright.simulation.operating.kernel.plan import AT_THIS_VISIT, Plan, Span, holders
from trialwright.simulation.operating.kernel.policy import Lines, branch, indented
from trialwright.simulation.operating.kernel.ranges import Calm, Steady
from trialwright.simulation.operating.kernel.steady import find_steady, rough_bytes
from trialwright.simulation.operating.kernel.steps import Visit, coded, looked_up
from trialwright.simulation.operating.kernel.symbols import Bool, both
from trialwright.simulation.operating.kernel.trials import counters, of_the_participant, of_the_trial, reset_trial
from trialwright.simulation.operating.parameters import Parameters, offsets
from trialwright.simulation.operating.quantiles import STEPS
from trialwright.simulation.operating.tally import COMPLETED
from trialwright.simulation.philox import stream

LANES, MOST_STRETCHES = 256, 4
MARKS = COURSE, MEASURED = "COURSE", "MEASURED"
_HEAD = '''\
"""A kernel that Trialwright wrote from a protocol and a file of chances; write it anew rather than change it."""

from math import floor

import numpy as np
from numba import int64, njit, uint32, uint64

from trialwright.simulation.operating.kernel.marking import *
from trialwright.simulation.operating.kernel.passes import *
from trialwright.simulation.operating.kernel.summaries import *
from trialwright.simulation.philox_compiled import *

NEVER = -1000000
INF = np.inf
'''
_COMPILED = "@njit(nogil=True, cache=True, pipeline_class=Straight)"
_INITIAL = {
    "x": "0.0", "m": "False", "un": "NEVER", "d": "NEVER", "p": "0.0", "q": "False",
    "b": "0.0", "e": "False", "cur": "-1", "best": "-1", "bestc": "-1",
    "conf": "-1", "was": "-1", "since": "0", "ee": "NEVER", "eg": "0", "ew": "0", "taken": "0.0", "given": "0",
    "l_increase": "0", "l_change": "0", "l_decrease": "NEVER", "l_hold": "NEVER", "l_resumption": "NEVER",
    "l_decision": "NEVER", "l_response": "NEVER", "l_dose": "NEVER", "hn": "0",
}  # fmt: skip
_OF_A_PARTICIPANT = re.compile(
    r"\b(?:(?:x|m|un|d|p|q|b|e|cur|best|bestc|conf|was|since|ee|eg|ew|own|hn)\d+|en\d_\d+|taken|given|l_[a-z]+)\b"
)
# An index without a sign spares the question whether it counts from the end; asked for where it is asked most.
_INDEX = re.compile(
    r"\b(CHANCES|NUMBERS|WORDS|COURSE|MEASURED|T|DAYS|CLOSES|DECIDES|DAYS_AT|AT_LEVEL|AT_SITE|(?:HAS|SEES|CONF)_\d+)"
    r"\[([^\[\],:]+)(, lane)?\]"
)


@dataclass(frozen=True, slots=True)
class Written:
    """A kernel's source, the tables that it looks up, and which bytes of a visit leave it calm (``steady.rough_bytes``)."""

    source: str
    codes: NDArray[np.int8]
    amounts: NDArray[np.float64]
    calm_bytes: NDArray[np.uint8]


def write(design: Design, parameters: Parameters, trace: bool = False) -> Written:
    """Write the kernel of a design; chances that are 0 with these numbers, and truths that are the same for all, are left out.

    Raises:
        NotCompiled: Something in it has no compiled form.
    """
    used: set[str] = set()
    spans: dict[Span, str] = {}
    can_hold = holders(design)
    while True:
        plan = Plan(design, parameters, trace, can_hold, used, spans)
        module = _Module(plan)
        body = module.body()
        holding = tuple(index for index in can_hold if index in plan.fires)
        found = used | set(_OF_A_PARTICIPANT.findall("\n".join(body)))
        if found == used and holding == can_hold:
            return _finished(module, body)
        used, can_hold = (found, can_hold) if holding == can_hold else (set(), holding)


def visit_kinds(design: Design) -> tuple[tuple[VisitKind, ...], tuple[int, ...]]:
    """Return the distinct kinds of visits from the first dose on, and the kind of each."""
    kinds: dict[VisitKind, int] = {}
    of_visit = []
    needed = frozenset(one.name for one in design.variables) | frozenset(design.derived)
    reads_epoch = any(isinstance(one, CurrentEpoch) for one in design.inputs)
    for index, visit in enumerate(design.visits.on):
        kind = VisitKind(visit.collects & needed, visit.epoch if reads_epoch else -1, index == 0)
        of_visit.append(kinds.setdefault(kind, len(kinds)))
    return tuple(kinds), tuple(of_visit)


class _Module:
    """The body of the kernel, as lines."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.design = plan, plan.design
        self.kinds, self.of_visit = visit_kinds(plan.design)
        self.steady = find_steady(plan, self.kinds)
        self.marks = self._marks_worth_it()

    def body(self) -> Lines:
        visits = self._visits()
        participant = [*self._begin(), *visits, *self._end(), *of_the_participant(self.plan)]
        trial = [
            *reset_trial(self.plan),
            "enrolled = n",
            "how = 0",
            "for p in range(n):",
            *indented(
                [
                    "lane = j * n + p",
                    "who = COUNTERS[0, lane], COUNTERS[1, lane], KEY[0], KEY[1]",
                    "person = (start + j) * n + p",
                    *participant,
                ]
            ),
            *of_the_trial(self.plan),
        ]
        return [
            *counters(self.plan),
            "batch = max(1, LANES // n)",
            "width = (batch * n + 7) // 8 * 8",
            "WORDS = np.zeros((ROWS, width), np.uint32)",
            "COUNTERS = np.zeros((2, width), np.uint32)",
            *self._mark_arrays(),
            "for start in range(0, trials, batch):",
            "    size = min(batch, trials - start)",
            "    for j in range(size):",
            "        number = uint64(first) + uint64(start + j)",
            "        for p in range(n):",
            "            COUNTERS[0, j * n + p] = uint32(number)",
            "            COUNTERS[1, j * n + p] = uint32(uint64(p) + ((number >> uint64(32)) << uint64(20)))",
            *indented(self._draws()),
            "    for j in range(size):",
            *indented(indented(trial)),
        ]

    def _draws(self) -> Lines:
        """Fill the rows of words, four at a time; mark the visits that are not calm."""
        lines = [
            "for block in range(STREAMS.shape[0]):",
            "    row = 4 * block",
            "    fill_words(COUNTERS, PLACES[block], STREAMS[block], KEY, WORDS[row : row + 4])",
        ]
        return [*lines, *(f"mark_rough(WORDS[ROW['chances'] :], {one}_CALM, {one})" for one in self.marks)]

    def _marks_worth_it(self) -> tuple[str, ...]:
        """Which visits are marked as not calm: for what happens to a participant, and for what is measured."""
        happens = [one for one in self.plan.order if one.startswith(("event/", "leaves", "missed")) and self.plan.live(one)]
        missing = [one for one in self.plan.order if one.startswith("missing/") and self.plan.live(one)]
        worth = bool(happens), bool(missing or self.steady.ranges)
        return tuple(one for one, pays in zip(MARKS, worth, strict=True) if pays and self.plan.room >= 4)

    def _mark_arrays(self) -> Lines:
        lines = [f"{one} = np.zeros((V, width), np.uint32)" for one in self.marks]
        return [*lines, *(f"{one}_CALM = calm_rows(CALM[{MARKS.index(one)}], width)" for one in self.marks)]

    def _begin(self) -> Lines:
        """Draw what a participant is, and begin with nothing known."""
        lines: Lines = []
        for index, trait in enumerate(self.design.traits):
            lines += self._trait(index, len(trait.codes), trait.by)
        amounts = [one for one in self.design.variables if one.kind == "amount"]
        for number, variable in enumerate(amounts):
            index = self.design.variables.index(variable)
            if f"own{index}" in self.plan.used:
                at, word = f"N['level/{variable.name}']", self.plan.once(*level_word(number))
                by_trait = f" + t{variable.trait} * {STEPS + 1}" if variable.trait >= 0 else ""
                lines += looked_up(f"own{index}", f"{at}{by_trait}", word)
        for name in sorted(self.plan.used):
            letter = re.sub(r"\d+_?\d*$", "", name)
            if letter in _INITIAL:
                lines.append(f"{name} = {_INITIAL[letter]}")
            elif letter == "en":
                lines.append(f"{name} = 0")
        lines += [f"wg{index} = 0" for index in range(len(self.design.events))]
        return [*lines, *self._begin_steady()] if MEASURED in self.marks else lines

    def _begin_steady(self) -> Lines:
        """Whether a participant's own levels are such that visits are calm unless their bytes say otherwise."""
        names = [one.name for one in self.design.variables]
        found: Bool = True
        for name, one in self.steady.ranges.items():
            own = f"own{names.index(name)}"
            found = both(found, f"({own} >= AMOUNTS[{one.at + 3}])")
            found = both(found, f"({own} <= AMOUNTS[{one.at + 4}])")
        return [f"steady = {found}"]

    def _trait(self, index: int, codes: int, by: int) -> Lines:
        word, at = self.plan.once(*trait_word(index)), f"C['trait/{self.design.traits[index].name}']"
        return coded(f"t{index}", f"{at} + t{by} * {codes}" if by >= 0 else at, codes, word)

    def _visits(self) -> Lines:
        levels = self.design.levels
        first = Visit(self.plan, self.kinds[0], None, self._steady_at_first())
        held = [f"{letter}{one} = {start}" for one in first.can_hold for letter, start in (("z", False), ("n", 0))]
        lines = ["r = 0", f"d = {levels}", "v = 0", "level = -1", "held = False", "ended = -1", "left = -1"]
        lines += ["seen = -1", "confirmed = -1", f"seen_at = {levels}", "since_day = 0", "rule = -1", *held]
        lines += [*self._before(first), "day = 0", *self._first(first)]
        start = ["level = new_level", "d = level", *self._first_dose(), *self._trace_state()]
        start += self._later()
        return [*lines, "if ended < 0:", *indented(start)]

    def _steady_at_first(self) -> Steady:
        """The same at the first dose: what is taken as a baseline has to be known."""
        baselines = self._baselines()
        ranges = {name: one for name, one in self.steady.ranges.items() if name not in baselines}
        return Steady(ranges, self.steady.unread - baselines)

    def _first(self, first: Visit) -> Lines:
        """The visit of the first dose: briefly, where it is calm."""
        kind = self.kinds[0]
        full = self._decided_at_first(first, kind.collects)
        if MEASURED not in self.marks:
            return full
        calm = Visit(self.plan, kind, Calm(self.steady.ranges))
        kept = kind.collects - self._steady_at_first().unread
        return branch("steady and MEASURED[0, lane] == 0", self._decided_at_first(calm, kept), full)

    def _baselines(self) -> frozenset[str]:
        """The variables of which a baseline is read, with what they are derived from."""
        names = [*(one.name for one in self.design.variables), *self.design.derived]
        found = {name for index, name in enumerate(names) if {f"b{index}", f"e{index}"} & self.plan.used}
        return frozenset(found.union(*(self.design.protocol.measured_for(name) for name in found & set(self.design.derived))))

    def _decided_at_first(self, visit: Visit, collects: frozenset[str]) -> Lines:
        decision = visit.decide()
        assessed = visit.assess() if "cur" in "".join(decision) else []
        return [*visit.measure(collects, "0", True), *assessed, *decision]

    def _before(self, first: Visit) -> Lines:
        lines: Lines = []
        for index, visit in enumerate(self.design.visits.before):
            place = len(self.design.visits.on) + index
            collects = frozenset(name for name in visit.collects if not self._superseded(first, name))
            lines += [f"day = {visit.day}", *first.measure(collects, str(place), True)]
        return lines

    def _superseded(self, first: Visit, name: str) -> bool:
        """Whether the first dose's visit measures a variable anew for everybody, and nothing looks back further."""
        names = first.sight([]).names
        if name not in names:
            return True
        kept = {f"{letter}{names.index(name)}" for letter in ("p", "q", "hn")}
        return first.sight([]).sure(name) and not kept & self.plan.used

    def _first_dose(self) -> Lines:
        used = self.plan.used
        lines = ["l_decision = 0"] if "l_decision" in used else []
        if "taken" in used and not self.design.regimen.unit_text.endswith("/d"):
            lines.append("taken = DOSES[level]")
        if "l_dose" in used and self.design.regimen.every_days is not None:
            lines.append("l_dose = 0")
        return [*lines, "given = 1"] if "given" in used else lines

    def _trace_state(self) -> Lines:
        return ["TR_STATE[person, v] = d"] if self.plan.trace else []

    def _later(self) -> Lines:
        lines = ["day = DAYS[v]"]
        if "taken" in self.plan.used:
            lines.append("last_day = DAYS[v - 1]")
        later = sorted(set(self.of_visit[1:]))
        places = {index: [visit for visit, kind in enumerate(self.of_visit) if kind == index and visit] for index in later}
        bodies = {index: self._kind(self.kinds[index], places[index]) for index in later}
        stretches = _stretches(self.of_visit[1:])
        if len(stretches) > MOST_STRETCHES:
            return self._chosen(lines, bodies)
        text: Lines = []
        for index, start, stop in reversed(stretches):
            loop = [f"for v in range({start}, {stop}):", *indented([*lines, *bodies[index], *self._trace_state()])]
            text = [*loop, *(["else:", *indented(text)] if text else [])]
        return text

    def _chosen(self, lines: Lines, bodies: dict[int, Lines]) -> Lines:
        """One loop over visits that asks of each which kind it is."""
        *first, last = bodies
        text = bodies[last]
        for index in reversed(first):
            text = branch(f"KIND[v] == {index}", bodies[index], text)
        return [f"for v in range(1, {len(self.design.visits.on)}):", *indented([*lines, *text, *self._trace_state()])]

    def _kind(self, kind: VisitKind, visits: list[int]) -> Lines:
        """Visits of one kind: written briefly for those that are calm, and in full."""
        on, course = self.design.visits.on, self.design.visits.course_days
        closes = [course is not None and on[one].day >= course for one in visits]
        decides = [on[one].decides and not closing for one, closing in zip(visits, closes, strict=True)]
        closing: Bool = True if all(closes) else "CLOSES[v]" if any(closes) else False
        deciding: Bool = True if all(decides) else "DECIDES[v]" if any(decides) else False
        full = Visit(self.plan, kind, None, self.steady)
        lines, seen, decided = self._by_marks(full) if MEASURED in self.marks else ([], *_seen(full, kind.collects))
        may_be_missed = full.may_be_missed()
        return [
            *lines,
            *full.respond(),
            *self._unless_calm(full.events()),
            *(["here = True", *self._unless_calm(full.miss(self._missed())), *branch("here", seen)] if may_be_missed else seen),
            *self._unless_calm(full.leave()),
            *branch(closing, [f"ended = {COMPLETED}", "break"]),
            *branch(both(deciding, "here" if may_be_missed else True), decided),
        ]

    def _by_marks(self, full: Visit) -> tuple[Lines, Lines, Lines]:
        """Measure, assess and decide; briefly where amounts surely lie in their ranges and nothing is missing."""
        brief = _seen(Visit(self.plan, full.kind, Calm(self.steady.ranges), self.steady), full.kind.collects - self.steady.unread)
        pairs = zip(brief, _seen(full, full.kind.collects), strict=True)
        seen, decided = (branch("calm", one, another) for one, another in pairs)
        return ["calm = steady and MEASURED[v, lane] == 0 and not held"], seen, decided

    def _unless_calm(self, lines: Lines) -> Lines:
        """What need not be asked while no byte of it says that it may happen."""
        return branch("COURSE[v, lane] != 0", lines) if COURSE in self.marks and lines else lines

    def _missed(self) -> Lines:
        return ["here = False", *(["TR_MISSED[person, v] = True"] if self.plan.trace else [])]

    def _end(self) -> Lines:
        """Add up the last state."""
        width = self.design.levels + 2
        move = [f"T[o_moves + (v * {width} + d) * {width} + {width - 1}] += 1", "last = DAYS[v]"]
        return [
            "if ended < 0:",
            f"    ended = {COMPLETED}",
            "    last = END",
            "else:",
            *indented(move),
            "DAYS_AT[d] += last - since_day",
        ]


def _seen(visit: Visit, collects: frozenset[str]) -> tuple[Lines, Lines]:
    """Measure and assess; decide."""
    return [*visit.measure(collects, AT_THIS_VISIT, False), *visit.assess()], visit.decide()


def _stretches(kinds: tuple[int, ...]) -> list[tuple[int, int, int]]:
    """Visits of one kind that follow each other: kind, first visit, and the one after the last."""
    found: list[tuple[int, int, int]] = []
    for visit, kind in enumerate(kinds, start=1):
        if found and found[-1][0] == kind:
            found[-1] = (kind, found[-1][1], visit + 1)
        else:
            found.append((kind, visit, visit + 1))
    return found


def _finished(module: _Module, body: Lines) -> Written:
    """Put numbers in the place of names, and the module together."""
    plan, design = module.plan, module.plan.design
    rows, at = {}, 0
    blocks = [(name, stream(of_stream), numbers) for name, (of_stream, numbers) in plan.streams().items()]
    for name, _, numbers in blocks:
        rows[name] = at
        at += 4 * len(numbers)
    places = {"C": offsets(plan.parameters.chances), "N": offsets(plan.parameters.numbers), "ROW": rows}
    text = "\n".join(indented(body))
    text = re.sub(r"\b(C|N|ROW)\['([^']+)'\]", lambda found: str(places[found[1]][found[2]]), text)
    text = _INDEX.sub(lambda found: f"{found[1]}[uint64({found[2]}){found[3] or ''}]", text)
    visits = design.visits
    kinds = visit_kinds(design)[1]
    head = [
        f"V = {len(visits.on)}",
        f"END = {visits.end_day}",
        f"LANES = {LANES}",
        f"ROWS = {max(4, at)}",
        f"DAYS = np.array({[one.day for one in visits.on]}, np.int64)",
        f"GAP = np.array({list(design.gap_of)}, np.int64)",
        f"STREAMS = np.array({[number for _, number, numbers in blocks for _ in numbers]}, np.int64)",
        f"PLACES = np.array({[one for _, _, numbers in blocks for one in numbers]}, np.int64)",
        f"KIND = np.array({list(kinds)}, np.int64)",
        f"DECIDES = np.array({[one.decides for one in visits.on]})",
        f"CLOSES = np.array({[visits.course_days is not None and one.day >= visits.course_days for one in visits.on]})",
        f"DOSES = np.array({[*(float(one) for one in design.regimen.levels), 0.0]}, np.float64)",
    ]
    traced = ", TR_TRAITS, TR_STATE, TR_ACT, TR_RULE, TR_CATEGORY, TR_GRADES, TR_HOLDS, TR_ENDS, TR_MISSED" if plan.trace else ""
    arguments = f"KEY, first, trials, n, CHANCES, NUMBERS, CODES, AMOUNTS, CALM, AT, MON_LOW, MON_HIGH, MON_KIND, T{traced}"
    source = "\n".join([_HEAD, *head, "", "", _COMPILED, f"def play({arguments}):", text, ""])
    codes, amounts = plan.tables.flat()
    return Written(source, codes, amounts, rough_bytes(plan, module.steady))
