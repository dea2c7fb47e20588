"""Protocols with mistakes by the hundred: never a traceback, never a broken name that is silently accepted."""

import re
from datetime import date
from pathlib import Path
from random import Random  # noqa: TID251 - each case is drawn from its own number

import pytest
from tests.tiny_protocol import TINY, Script, bloods, on_day

from trialwright.engine.advice import advise
from trialwright.engine.plan import due
from trialwright.protocol import ProtocolReading, parse_protocol
from trialwright.vocabulary.findings import Refused

SEED = (Path(__file__).parents[2] / "trials/nilg-hes1-03/protocol.yaml").read_text(encoding="utf-8")
ODD = [
    "",
    "~",
    "null",
    "-1",
    "0",
    "1e400",
    ".inf",
    "[]",
    "{}",
    "true",
    "2020-02-30",
    "'",
    '"',
    "§",
    "\u2028",
    "x" * 300,
    "- ",
    ": ",
    "#",
    "0x1F",
    "9" * 400,
]
TOKEN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d+)?|[^\sA-Za-z0-9_]")


def mutated(text: str, chance: Random) -> str:
    """Change one to three places of a text, as a hurried author or an editor gone wrong would."""
    for _ in range(chance.randint(1, 3)):
        lines = text.splitlines(keepends=True)
        at = chance.randrange(len(lines))
        match chance.randrange(8):
            case 0:
                del lines[at]
            case 1:
                lines.insert(chance.randrange(len(lines)), lines[at])
            case 2:
                lines[at] = " " * chance.randint(1, 3) + lines[at]
            case 3:
                lines[at] = lines[at].removeprefix("  ")
            case 4:
                other = chance.randrange(len(lines))
                lines[at], lines[other] = lines[other], lines[at]
            case 5:
                lines[at] = lines[at].rstrip("\n").partition(":")[0] + ": " + chance.choice(ODD) + "\n"
            case 6:
                words = TOKEN.findall(text)
                tokens = list(TOKEN.finditer(lines[at])) or [re.compile("").match(lines[at])]
                place = chance.choice(tokens)
                assert place is not None
                lines[at] = lines[at][: place.start()] + chance.choice([*words, *ODD]) + lines[at][place.end() :]
            case _:
                column = chance.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:column] + chance.choice(ODD) + lines[at][column:]
        text = "".join(lines)
        if not text:
            return "\n"
    return text


def read(text: str) -> ProtocolReading:
    reading = parse_protocol(text, "mutated.yaml")
    lines = text.count("\n") + 2
    for finding in reading.findings:
        assert re.fullmatch(r"TW-[YSE]\d{3}", finding.code), finding
        assert finding.title
        assert 1 <= finding.place.line <= lines, finding
        assert finding.place.column >= 1, finding
    assert (reading.protocol is None) == any(finding.stops for finding in reading.findings)
    return reading


def play(text: str) -> None:
    """What reads must also run: a few weeks of one participant end in entries or refusals."""
    if parse_protocol(text, "mutated.yaml").protocol is None:
        return
    script = Script(text)
    steps = [
        script.enrol,
        lambda: script.enrol("P2"),
        lambda: script.visit(1, "first_dose", **bloods()),
        lambda: script.dose(1, "100", reason="so"),
        lambda: script.report(3, grade=3),
        lambda: script.visit(8, "week", 1, **bloods("3", wbc="4", share="20")),
        lambda: script.dose(8, "200", reason="so"),
    ]
    for step in steps:
        try:
            step()
        except Refused as refused:
            assert refused.findings
    for person in script.trial.state.participants.values():
        advise(script.trial.protocol, person, on_day(9))
        due(script.trial.protocol, person, date(2021, 1, 1))


@pytest.mark.parametrize("seed", range(60))
def test_a_mutated_protocol_gives_findings_with_places_or_a_protocol_that_runs(seed: int) -> None:
    text = mutated(TINY, Random(seed))
    read(text)
    play(text)


@pytest.mark.parametrize("seed", range(6))
def test_the_seed_mutated_gives_findings_with_places(seed: int) -> None:
    read(mutated(SEED, Random(seed)))


@pytest.mark.long
@pytest.mark.parametrize("chunk", range(40))
def test_thousands_of_mutated_protocols(chunk: int) -> None:
    for seed in range(1000 + 100 * chunk, 1100 + 100 * chunk):
        text = mutated(TINY, Random(seed))
        read(text)
        play(text)


@pytest.mark.long
@pytest.mark.parametrize("chunk", range(20))
def test_the_seed_mutated_by_the_thousand(chunk: int) -> None:
    for seed in range(1000 + 100 * chunk, 1100 + 100 * chunk):
        read(mutated(SEED, Random(seed)))


@pytest.mark.parametrize("seed", range(30))
def test_noise_gives_a_finding(seed: int) -> None:
    chance = Random(seed)
    noise = "".join(chr(chance.choice([*range(9, 14), *range(32, 127), 0x85, 0xE9, 0x2028, 0xFEFF, 0x1F600])) for _ in range(400))
    assert read(noise).findings
    assert parse_protocol(bytes(chance.randrange(256) for _ in range(400)), "noise").findings


NAMES = [
    *["cells", "anc", "bilirubin", "wbc", "share", "age", "disease", "pregnant", "target", "blood", "entry", "decision"],
    *["drug", "main", "rescue", "treated", "complete_by_12", "follow_up", "HES", "low", "therapy", "symptom", "treatment"],
]


def occurrences(name: str) -> list[int]:
    """Where a name of the tiny protocol stands as a name, not as a word of a label or text."""
    found = []
    for match in re.finditer(rf"(?<![A-Za-z0-9_-]){name}(?![A-Za-z0-9_-])", TINY):
        before = TINY[TINY.rfind("\n", 0, match.start()) + 1 : match.start()]
        if not re.search(r"(?:label|text|term|name|justification|reason): [^,}]*$", before):
            found.append(match.start())
    return found


PLACES = [(name, at) for name in NAMES for at in occurrences(name)]
SAMPLE = PLACES[::4]


def assert_not_accepted(places: list[tuple[str, int]]) -> None:
    for name, at in places:
        text = TINY[:at] + name + "x" + TINY[at + len(name) :]
        assert read(text).protocol is None, f"{name} on line {text.count(chr(10), 0, at) + 1}"


@pytest.mark.parametrize(("name", "at"), SAMPLE, ids=[f"{name}-{at}" for name, at in SAMPLE])
def test_a_name_that_is_broken_in_one_place_is_never_silently_accepted(name: str, at: int) -> None:
    assert_not_accepted([(name, at)])


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_no_name_is_silently_accepted_when_it_is_broken_anywhere(name: str) -> None:
    assert_not_accepted([place for place in PLACES if place[0] == name])


def test_the_names_that_are_broken_are_many() -> None:
    assert len(PLACES) >= 80
    assert {name for name, _ in PLACES} == set(NAMES)
