"""Random small protocols and files of chances, a kernel's source run as plain Python, and what a log says was decided."""

from __future__ import annotations

import random  # noqa: TID251 - drawn from a stated seed
import re
from functools import lru_cache
from typing import Any

import numpy as np

from trialwright.conduct import Trial
from trialwright.engine.policy import COURSE_RULE, Act
from trialwright.protocol import Protocol, parse_protocol
from trialwright.simulation.operating.kernel.loading import Kernel
from trialwright.simulation.operating.parameters import Parameters
from trialwright.simulation.operating.paths import NOT_SEEN, Paths
from trialwright.simulation.operating.reading import OperatingReading, parse_operating
from trialwright.simulation.operating.run import Compiled
from trialwright.simulation.philox import philox

CONDITIONS = (
    "cells > 8 10*9/L", "cells <= 0.5 * baseline cells", "anc < 1.2 10*9/L", "anc < 2.0 10*9/L or cells > 9 10*9/L",
    "bilirubin > 1.3 uln", "adverse event grade >= 3", "related adverse event grade >= 2", "unresolved adverse event grade >= 2",
    "no unresolved related adverse event grade >= 1", "cardiac event", "no unresolved cardiac event",
    "serious adverse event", "level = 400 mg/d", "level >= 200 mg/d and anc < 3.0 10*9/L", "at least 14 d since last increase",
    "at least 21 d since last dose change", "at least 14 d since last hold", "at least 7 d since last decision",
    "max cells over 15 d > 7 10*9/L", "min anc over 22 d < 1.4 10*9/L", "mean anc over 30 d < 2 10*9/L",
    "anc < 0.6 * previous anc", "response = complete", "response < complete", "best response = complete", "day >= 30",
    "dose >= 300 mg/d", "anc is missing", "an input of a hold rule is missing or older than 3 d", "share > 40 %",
    "tired", "not tired and day >= 15", "abs(cells - baseline cells) > 3 10*9/L", "(cells + anc) / 2 > 6 10*9/L",
    "change in cells from baseline > 20 %", "recurrence of RULE >= 1", "recurrence of RULE = 0", "best response < partial",
    "if level = 100 mg/d then anc < 2.5 10*9/L else cells > 6 10*9/L", "site_kind = large", "response > none",
)  # fmt: skip

KINDS = ("hold", "hold", "stop", "lower", "raise", "raise", "level", "same", "no increase")
STOPS = ("cardiac event", "response = complete", "adverse event grade >= 3", "tired and day >= 50")

HEAD = """\
trialwright: 1
study:
  id: random
  brief_title: A random trial
  organization: {name: Nobody's Group, class: other}
  sponsor: {name: Nobody's Group, class: other}
  summary: Drawn for a test.
  conditions: [Testing]
  study_type: interventional
  phase: 2
  identifiers: {organization: RANDOM}
  design: {allocation: not applicable, model: single group, purpose: treatment, masking: none}
  enrollment: {count: 3, type: estimated}
  eligibility: {text: Adults, sex: all}
  status: {overall: recruiting, start: 2020-01}
  arms:
    - {id: only, label: Only, type: experimental, interventions: [drug]}
  interventions:
    - {id: drug, name: Drug, type: drug}
codes:
  kind:
    small: Small
    large: Large
variables:
  cells: {label: Cells, type: quantity, unit: 10*9/L, plausible: 0 .. 500, precision: 0.1VALID}
  anc: {label: ANC, type: quantity, unit: 10*9/L, plausible: 0 .. 200, precision: 0.01, valid_for: 3 d}
  bilirubin: {label: bilirubin, type: quantity, unit: umol/L, precision: 1, valid_for: 3 d, limits: per site}
  part: {label: part, type: quantity, unit: 10*9/L, precision: 0.01}
  share: {label: share, type: quantity, unit: "%", precision: 0.1, derive: part / cells}
  tired: {label: tired, type: flag}
  site_kind: {label: kind of site, type: code, codes: kind}
activities:
  blood: {label: Blood, collects: [cells, anc, bilirubin, part]}
  count: {label: Count, collects: [cells, part]}
  entry: {label: Entry, collects: [site_kind, tired]}
  ask: {label: Ask, collects: [tired, adverse events]}
  decision: {label: Dose decision, collects: [dose]}
eligibility:
  inclusion:
    - {id: I1, text: anybody, when: "true"}
consent:
  before: any procedure
  rules:
    - {otherwise: true, by: [participant]}
arms:
  only: {label: Only, receives: [drug]}
schedule:
  epochs: [screening, treatment]
  encounters:
    - {id: screening, epoch: screening, at: day -5, do: [entry, blood]}
    - {id: first, epoch: treatment, at: day 1, do: [FIRST, ask, decision]}
    - {id: week, epoch: treatment, every: 7 d, first: day 8, last: day 78, do: [blood, ask, decision]}
EXTRA    - {id: end, epoch: treatment, at: day 85, do: [blood, ask]}
  unscheduled: {do: [blood, decision]}
responses:
  main:
    label: main response
CONFIRM    categories:
      - {id: complete, when: cells <= 1.0 10*9/L}
      - {id: partial, when: cells <= 0.6 * baseline cells}
      - {id: none, otherwise: true}
adverse_events:
  grading: CTCAE
  version: "5.0"
  special_interest:
    cardiac: {label: cardiac, terms: [Heart failure]}
populations:
  treated: {label: Treated, text: took a dose}
objectives:
  - {id: activity, rank: primary, text: activity, endpoints: [response]}
endpoints:
  response: {label: Complete response, measure: response, response: main, category: complete, by: week 12, population: treated}
sample_size: {planned: 3, justification: none stated}
dosing:
  drug:
    levels: 100, 200, 300, 400 mg/d
    start: START mg/d on day 1
    course: 12 weeks from first dose
    rules:
"""

CHANCES = """\
trialwright_virtual: 1
kind: operating
title: Random chances
protocol: random
note: Drawn for a test.
traits:
  size: {choice: {small: 0.5, large: 0.5}, assumption: test}
  sort: {choice: {a: 0.3, b: 0.3, c: 0.4}, assumption: test}
response:
  of: main
  category: complete
  value: {a: {"100": 0.1, "200": 0.15, "300": 0.2, "400": 0.3}, b: {"100": 0.05, "200": 0.1, "300": 0.2, "400": 0.2},
          c: {"100": 0.02, "200": 0.1, "300": 0.1, "400": 0.1}}
  by: [sort, dose]
  lost: {value: LOST, unit: "1", assumption: test}
  unit: "1"
  assumption: test
records:
  cells: CELLS
  anc: {kind: amount, centre: {a: 2, b: 3, c: 4}, by: [sort], spread: 0.5, noise: 0.4, at_dose: {"300": 0.8, "400": 0.6},
        unit: 10*9/L, missing: MISS, assumption: test}
  bilirubin: {kind: amount, distribution: normal, centre: 14, spread: 5, noise: 0.3, unit: umol/L, missing: MISS,
              assumption: test}
  part: {kind: amount, centre: 2, spread: 0.4, noise: 0.2, unit: 10*9/L, missing: MISS, assumption: test}
  tired: {kind: flag, chance: 0.3, assumption: test}
  site_kind: {kind: trait, trait: size, assumption: test}
limits:
  bilirubin: {value: {small: 17, large: 20}, by: size, unit: umol/L, assumption: test}
events:
  sick: {term: Nausea, value: {"100": 0.05, "200": 0.1, "300": 0.15, "400": 0.2}, by: dose, unit: "1",
         grades: {"1": 0.3, "2": 0.4, "3": 0.3}, lasts_days: LASTS, assumption: test}
  heart: {term: Heart failure, value: 0.04, unit: "1", grades: {"3": 0.7, "4": 0.3}, lasts_days: 17, related: false,
          serious_from: 3, assumption: test}
leaves: {value: {none: 0.01, complete: 0.03}, by: response, unit: "1", assumption: test}
missed: {value: 0.06, unit: "1", assumption: test}
declines: {value: 0.2, unit: "1", assumption: test}
"""


def random_text(seed: int) -> tuple[str, str]:
    """Return the texts of a protocol and a file of chances."""
    chance = random.Random(seed)
    names = [f"r{index}" for index in range(chance.randint(1, 5))]
    kinds = {
        name: chance.choice(("hold", "hold", "stop", "lower", "raise", "raise", "level", "same", "no increase")) for name in names
    }
    rules = "".join(_rule(name, kinds, chance) for name in names)
    rules += "      - {id: up, when: response < complete, then: may next level}\n" if chance.random() < 0.6 else ""
    rules += "      - {id: rest, otherwise: true, then: same level}\n" if chance.random() < 0.8 else ""
    extra = "    - {id: check, epoch: treatment, every: 21 d, first: day 11, last: day 60, do: [count]}\n"
    fills = {
        "VALID": chance.choice(("", ", valid_for: 10 d")),
        "FIRST": chance.choice(("blood", "blood", "count")),
        "EXTRA": chance.choice(("", "", extra)),
        "CONFIRM": chance.choice(("", "    confirm: {apart: 7 d}\n", "    confirm: {apart: 14 d}\n")),
        "START": chance.choice(("100", "200", "400")),
    }
    text = re.sub("VALID|FIRST|EXTRA|CONFIRM|START", lambda found: fills[found[0]], HEAD) + rules
    by_response = "{kind: fixed, value: {none: 7, complete: 0.8}, by: response, unit: 10*9/L, assumption: test}"
    drawn = (
        '{kind: amount, centre: 6, spread: 0.6, noise: 0.5, at_dose: {"400": 0.5}, unit: 10*9/L, missing: MISS, assumption: test}'
    )
    chances = CHANCES.replace("CELLS", chance.choice((by_response, drawn))).replace("MISS", chance.choice(("0", "0.1")))
    chances = chances.replace("LASTS", chance.choice(("0", "5", "20"))).replace("LOST", chance.choice(("0", "0.1")))
    return text, chances


def _condition(kinds: dict[str, str], chance: random.Random) -> str:
    holding = [name for name, kind in kinds.items() if kind == "hold"]
    pool = [one for one in CONDITIONS if holding or "RULE" not in one]
    parts = [chance.choice(pool) for _ in range(chance.choice((1, 1, 2)))]
    joined = chance.choice((" and ", " or ")).join(f"({one})" if " or " in one or one.startswith("if") else one for one in parts)
    return joined.replace("RULE", chance.choice(holding) if holding else "")


def _rule(name: str, kinds: dict[str, str], chance: random.Random) -> str:
    lines = [f"id: {name}", f"when: {_condition(kinds, chance)}"]
    match kinds[name]:
        case "hold":
            lines += ["then: hold", f"until: {chance.choice(('resolved', _condition(kinds, chance)))}"]
            lines += _resumption(kinds, chance)
        case "stop":
            lines[1] = f"when: {chance.choice(STOPS)}"
            lines.append("then: stop")
        case "lower":
            lines += ["then: lower level", f"at_lowest: {chance.choice(('stop', 'same', 'hold'))}"]
        case "raise":
            lines.append(chance.choice(("then: next level", "then: may next level")))
        case "level":
            lines.append(f"then: {chance.choice(('level 200 mg/d', 'may level 400 mg/d', 'level 100 mg/d'))}")
        case "same":
            lines.append("then: same level")
        case _:
            lines.append("then: no increase")
    return "      - " + "\n        ".join(lines) + "\n"


def _resumption(kinds: dict[str, str], chance: random.Random) -> list[str]:
    match chance.randint(0, 3):
        case 0:
            return ["resume: same"]
        case 1:
            return ["resume: lower", f"at_lowest: {chance.choice(('stop', 'same', 'hold'))}"]
        case 2:
            return [
                "resume:",
                f"  - {{when: {_condition(kinds, chance)}, to: same}}",
                "  - {when: level = 400 mg/d, to: 300 mg/d}",
            ]
        case _:
            return [
                "resume:",
                f"  - {{when: {_condition(kinds, chance)}, to: lower}}",
                "  - {otherwise: true, to: 100 mg/d}",
                f"at_lowest: {chance.choice(('stop', 'same', 'hold'))}",
            ]


@lru_cache(maxsize=512)
def random_design(seed: int) -> tuple[Protocol, OperatingReading] | None:
    """Return a random protocol with its file; None where the draw is no protocol."""
    text, chances = random_text(seed)
    reading = parse_protocol(text, "random.yaml")
    operating = parse_operating(chances, "chances.yaml")
    assert operating.operating is not None, operating.findings
    return None if reading.protocol is None else (reading.protocol, operating)


def trace_as_plain_python(compiled: Compiled, seed: int, trials: range, numbers: Parameters) -> Paths:
    """Run a kernel's source without compiling it, and return the paths that it traces."""
    assert compiled.kernel is not None
    written = compiled.kernel.written(numbers, trace=True)
    return _PlainKernel(compiled.design, compiled.monitoring, _namespace(written.source)).trace(seed, trials, numbers)


class _PlainKernel(Kernel):
    def __init__(self, design: Any, monitoring: Any, namespace: dict[str, Any]) -> None:
        super().__init__(design, monitoring)
        self.namespace = namespace

    def play_of(self, source: str) -> Any:
        """The kernel's function, as plain Python."""
        del source
        return self.namespace["play"]


def _namespace(source: str) -> dict[str, Any]:
    from trialwright.simulation import philox_compiled
    from trialwright.simulation.operating.kernel import marking, summaries

    plain: dict[str, Any] = {
        name: getattr(of, name).py_func for of in (philox_compiled, marking, summaries) for name in of.__all__
    }
    code = "\n".join(line for line in source.splitlines() if not line.startswith(("from ", "import ", "@njit")))
    plain |= {
        "np": np,
        "floor": lambda one: int(np.floor(one)),
        "uint32": _low,
        "uint64": int,
        "fill_words": _fill,
        "int64": int,
    }
    exec(compile(code, "kernel", "exec"), plain)
    return plain


def _low(word: int) -> int:
    return int(word) & 0xFFFFFFFF


def _fill(lanes: Any, block: int, of_stream: int, keys: Any, out: Any) -> None:
    words = philox((lanes[0], lanes[1], block, of_stream), (int(keys[0]), int(keys[1])))
    for row, word in enumerate(words):
        out[row] = word.astype(np.uint32)


def decided_in_paths(paths: Paths) -> dict[str, np.ndarray[Any, Any]]:
    """What was decided and assessed on paths, in the shape of ``decided_in_log``.

    Who leaves at a visit was still given advice at it, which nobody followed: the log has it and the paths have not.
    """
    rule = np.where((paths.rule == COURSE_RULE) | (paths.rule == NOT_SEEN), -1, paths.rule)
    return {"act": paths.act, "rule": rule, "category": paths.category}


def decided_in_log(trial: Trial, compiled: Compiled, paths: Paths) -> dict[str, np.ndarray[Any, Any]]:
    """What the engine decided and assessed in a log, in the shape of paths; -2 where it decided nothing."""
    design = compiled.design
    visits, rules = [one.day for one in design.visits.on], [rule.id for rule in design.regimen.rules]
    act, rule = np.full(paths.act.shape, NOT_SEEN), np.full(paths.act.shape, -1)
    category = np.full(paths.category.shape, NOT_SEEN)
    acts = {one.name.lower(): int(one) for one in Act}
    for person, state in enumerate(trial.state.participants.values()):
        first = next(visit.on for visit in state.visits if visit.encounter == design.visits.on[0].encounter)
        for one in state.decisions:
            day = (one.on - first).days
            if one.kind == "dose" and day in visits:
                act[person, visits.index(day)] = acts[one.summary.split(" ·")[0]]
                rule[person, visits.index(day)] = rules.index(one.rule) if one.rule in rules else -1
        for index, response in enumerate(design.responses):
            names = design.protocol.scope.responses[response.id]
            for fact in state.responses:
                day = (fact.on - first).days
                if fact.response == response.id and day in visits:
                    category[person, visits.index(day), index] = names.index(fact.category) if fact.category else -1
    people = np.flatnonzero(paths.left >= 0)
    act[people, paths.left[people]], rule[people, paths.left[people]] = NOT_SEEN, -1
    return {"act": act, "rule": rule, "category": category}
