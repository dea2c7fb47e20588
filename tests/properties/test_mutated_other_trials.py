"""Trials of every kind with a part taken out, doubled, moved or turned into something else: findings, never a traceback."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from random import Random  # noqa: TID251 - each case is drawn from its own number
from typing import Any

import pytest
from tests.other_trials import FILES, Facts, on_day, other_trial

from trialwright.engine.advice import advise
from trialwright.engine.eligibility import judge_eligibility
from trialwright.engine.plan import due
from trialwright.protocol import parse_protocol
from trialwright.vocabulary.findings import Severity

ODD: tuple[Any, ...] = (
    None, "", 0, -1, 1.5, True, [], {}, ["day 1"], {"when": "true"}, "day 0", "cycle 9 day 99", "5 furlongs", "dose held",
    "nadir", "at least 2 adverse events grade >= 3", "§", "9" * 40, "1 .. 0 by 0 mg", "hold", "then", "x" * 300,
)  # fmt: skip
Steps = tuple[str | int, ...]


def places(value: Any, path: Steps = ()) -> Iterator[Steps]:
    """Every place below the top of plain data, but those of the registration."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in parts:
        if path or step != "study":
            yield (*path, step)
            yield from places(part, (*path, step))


def parent_of(data: Any, path: Steps) -> Any:
    for step in path[:-1]:
        data = data[step]
    return data


def mutated(seed: int) -> str:
    """One of the files with one to three structural changes, as JSON (which is YAML)."""
    chance = Random(seed)
    data = copy.deepcopy(other_trial(chance.choice(FILES).stem).source.data)
    for _ in range(chance.randint(1, 3)):
        every = list(places(data))
        path, other = chance.choice(every), chance.choice(every)
        parent, last = parent_of(data, path), path[-1]
        match chance.randrange(5):
            case 0:
                del parent[last]
            case 1:
                parent[last] = copy.deepcopy(chance.choice(ODD))
            case 2:
                parent[last] = copy.deepcopy(parent_of(data, other)[other[-1]])
            case 3 if isinstance(parent, list):
                parent.insert(0, copy.deepcopy(parent[last]))
            case 3:
                parent[f"{last}_2"] = parent.pop(last)
            case _ if isinstance(parent[last], str):
                words = parent[last].split(" ")
                words[chance.randrange(len(words))] = chance.choice(("and", "not", "nadir", "7 d", "mg/m2", "(", "held", "cycle"))
                parent[last] = " ".join(words)
            case _:
                parent[last] = str(parent[last])
    return json.dumps(data, default=float, ensure_ascii=False)


def assert_no_traceback(text: str) -> bool:
    """Read it; where it reads, ask the engine all that it can be asked of somebody of whom nothing is known."""
    reading = parse_protocol(text, "mutated.json")
    protocol = reading.protocol
    if protocol is None:
        assert any(one.severity is Severity.ERROR for one in reading.findings)
        return False
    facts = Facts("digital-diabetes", next(iter(protocol.scope.arms), ""), enrolled=1)
    judge_eligibility(protocol, facts.person, on_day(1))
    due(protocol, facts.person, on_day(30))
    for name in protocol.regimens:
        advise(protocol, facts.person, on_day(8), name)
    return True


@pytest.mark.parametrize("start", range(0, 40, 10))
def test_a_trial_with_a_broken_part_gives_findings_and_no_traceback(start: int) -> None:
    for seed in range(start, start + 10):
        assert_no_traceback(mutated(seed))


def test_some_changes_are_harmless_and_most_are_found() -> None:
    accepted = sum(assert_no_traceback(mutated(seed)) for seed in range(1000, 1020))
    assert 1 <= accepted <= 25


@pytest.mark.long
@pytest.mark.parametrize("start", range(2000, 6000, 100))
def test_thousands_of_broken_trials_give_findings_and_no_traceback(start: int) -> None:
    for seed in range(start, start + 100):
        assert_no_traceback(mutated(seed))
