"""Protocols broken at random: no traceback, and a name that refers to nothing is never accepted in silence."""

from __future__ import annotations

import random  # noqa: TID251 - drawn from a stated seed
import re

import pytest
from tests.small_protocol import SMALL

from trialwright.protocol import parse_protocol
from trialwright.review import check
from trialwright.vocabulary.findings import Severity

NAMES = ("anc", "hb", "symptoms", "haematological", "blood", "history", "dosing", "treated", "drug", "symptom", "treatment")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
WORDS = (
    *("hold", "stop", "lower", "same", "and", "or", "not", "unknown"),
    *("g/L", "mg/d", "day", "baseline", "previous", "}", "[", ":", "-", "''"),
)


def mutated(seed: int) -> str:
    """Change the text in one to three places: a number, a comparator, a word, a line left out, doubled or moved."""
    chance = random.Random(seed)
    lines = SMALL.splitlines()
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(lines))
        match chance.randrange(7):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[chance.randrange(len(lines))])
            case 2:
                lines[at] = NUMBER.sub(lambda _: str(chance.choice((0, 1, 7, 18, 1000, -3, 0.5))), lines[at])
            case 3:
                lines[at] = re.sub(r"[<>]=?", chance.choice(("<", "<=", ">", ">=", "=", "!=")), lines[at])
            case 4:
                words = lines[at].split(" ")
                words[chance.randrange(len(words))] = chance.choice(WORDS)
                lines[at] = " ".join(words)
            case 5:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case _:
                lines[at] = lines[at][: chance.randrange(len(lines[at]) + 1)]
    return "\n".join(lines) + "\n"


def assert_read_without_a_traceback(text: str) -> None:
    reading = parse_protocol(text, "mutated.yaml")
    if reading.protocol is None:
        assert any(one.severity is Severity.ERROR for one in reading.findings)
        return
    review = check(reading.protocol)
    assert all(one.title and one.code.startswith("TW-") for one in review.findings)


def test_the_small_protocol_has_nothing_against_it_but_notes() -> None:
    reading = parse_protocol(SMALL, "small.yaml")
    assert reading.protocol is not None, reading.findings
    review = check(reading.protocol)
    assert [one.code for one in review.findings if one.severity is Severity.ERROR] == []
    assert {one.verdict for one in review.policy[0].guarantees} == {"proved"}


@pytest.mark.parametrize("seed", range(300))
def test_a_mutated_protocol_is_read_without_a_traceback(seed: int) -> None:
    assert_read_without_a_traceback(mutated(seed))


@pytest.mark.long
@pytest.mark.parametrize("start", range(300, 4300, 100))
def test_thousands_of_mutated_protocols_are_read_without_a_traceback(start: int) -> None:
    for seed in range(start, start + 100):
        assert_read_without_a_traceback(mutated(seed))


def references(name: str) -> list[int]:
    """Return the offsets at which a name is used, its declaration left out."""
    return [found.start() for found in re.finditer(rf"(?<![\w]){name}(?![\w:])", SMALL)]


@pytest.mark.parametrize("name", NAMES)
def test_a_broken_reference_is_never_accepted_in_silence(name: str) -> None:
    checked = 0
    for at in references(name):
        line = SMALL[SMALL.rfind("\n", 0, at) + 1 : SMALL.find("\n", at)]
        if "{id: " + name in line or re.search(rf"(?:text|label|title|description|conditions):[^,}}]*\b{name}\b", line):
            continue
        broken = SMALL[:at] + f"{name}x" + SMALL[at + len(name) :]
        reading = parse_protocol(broken, "broken.yaml")
        assert reading.protocol is None, f"line {line.strip()!r} was accepted"
        assert any(one.place.line for one in reading.findings)
        checked += 1
    assert checked
