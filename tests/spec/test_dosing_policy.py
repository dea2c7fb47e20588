"""The meaning of the dosing rules, table by table, as the language describes it."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pytest
from tests.tiny_protocol import TINY, edited, tiny

from trialwright.engine.policy import COURSE_RULE, FALSE, NO_RULE, TRUE, UNKNOWN, Act, Decided, DoseState, RuleTruths, decide
from trialwright.protocol.study import CompiledRegimen

TRUTHS = {"F": FALSE, "U": UNKNOWN, "T": TRUE}
TOP = 3


@lru_cache(maxsize=8)
def regimen(text: str = TINY) -> CompiledRegimen:
    return tiny(text).regimens["drug"]


@dataclass(frozen=True)
class Given:
    """What a decision is made on: rules are false unless named (`low U, escalate T`); conditions of return likewise."""

    level: int = 0
    held: tuple[str, ...] = ()
    otherwise: bool = False
    holds: dict[str, int] = field(default_factory=dict)
    stopped: bool = False
    when: str = ""
    standing: str = ""
    until: str = ""
    resume: str = ""
    in_course: bool = True


def spelled(text: str) -> dict[str, str]:
    return dict(part.split() for part in text.split(", ")) if text else {}


def decided(given: Given, text: str = TINY) -> Decided:
    found = regimen(text)
    names = [rule.id for rule in found.rules]
    when = {"continue": "T", **spelled(given.when)}
    until, clauses_of = spelled(given.until), spelled(given.resume)
    clauses = max(len(rule.resume) for rule in found.rules)
    resume = np.zeros((len(names), clauses), np.int8)
    for row, rule in enumerate(found.rules):
        letters = clauses_of.get(rule.id, "T" * len(rule.resume))
        resume[row, : len(letters)] = [TRUTHS[letter] for letter in letters]
    state = DoseState(
        np.asarray(given.level),
        np.array([name in given.held for name in names], bool),
        np.asarray(given.otherwise),
        np.array([given.holds.get(name, 1 if name in given.held else 0) for name in names]),
        np.asarray(given.stopped),
    )
    truths = RuleTruths(
        np.array([TRUTHS[when.get(name, "F")] for name in names]),
        np.array([TRUTHS[{**when, **spelled(given.standing)}.get(name, "F")] for name in names]),
        np.array([TRUTHS[until.get(name, "F")] for name in names]),
        resume,
    )
    return decide(found, state, truths, np.asarray(given.in_course))


def said(given: Given, text: str = TINY) -> tuple[str, int, str, str]:
    """The act, the level afterwards (0-based), the rule that decided, and the rule that stood in the way."""
    found = decided(given, text)
    names = [rule.id for rule in regimen(text).rules]

    def name(index: int) -> str:
        return {COURSE_RULE: "course", NO_RULE: ""}.get(index) if index < 0 else names[index]  # type: ignore[return-value]

    return Act(int(found.act)).name, int(found.level), name(int(found.rule)), name(int(found.blocked))


WHILE_ON_DRUG = [
    ("nothing else fires: the dose stays", Given(level=1), ("SAME", 1, "continue", "")),
    ("the first rule that is true decides", Given(level=1, when="escalate T"), ("INCREASE", 2, "escalate", "")),
    ("a rule below the first true one is not asked", Given(level=1, when="careful T, escalate T"), ("SAME", 1, "careful", "")),
    ("a true hold rule holds, though others are unknown", Given(level=1, when="low U, toxic T"), ("HOLD", 1, "toxic", "low")),
    ("an unknown hold rule above blocks an increase", Given(level=1, when="low U, escalate T"), ("SAME", 1, "escalate", "low")),
    (
        "an unknown stop rule above blocks an increase",
        Given(level=1, when="grave U, escalate T"),
        ("SAME", 1, "escalate", "grave"),
    ),
    (
        "an unknown rule of any kind above blocks an increase",
        Given(level=1, when="careful U, escalate T"),
        ("SAME", 1, "escalate", "careful"),
    ),
    ("an unknown raising rule is no raise", Given(level=1, when="escalate U"), ("SAME", 1, "continue", "escalate")),
    ("the next level does not match at the top", Given(level=TOP, when="escalate T"), ("SAME", TOP, "continue", "")),
    (
        "an unknown rule that cannot match at the top is not in the way",
        Given(level=TOP, when="escalate U"),
        ("SAME", TOP, "continue", ""),
    ),
    ("a stop rule stops", Given(level=1, when="grave T"), ("STOP", 1, "grave", "")),
    (
        "the end of the course stops whatever the rules say",
        Given(level=1, when="escalate T", in_course=False),
        ("STOP", 1, "course", ""),
    ),
    ("a stop is absorbing", Given(level=1, stopped=True, when="escalate T"), ("STOP", 1, "", "")),
]

HELD = [
    ("a hold is not left while its end is false", Given(level=2, held=("low",)), ("HOLD", 2, "low", "")),
    (
        "a hold is not left while its end is unknown, and the dose says what is wanted",
        Given(level=2, held=("low",), until="low U"),
        ("HOLD", 2, "low", "low"),
    ),
    (
        "it is left when its end is true, at the level that the protocol says",
        Given(level=2, held=("low",), until="low T"),
        ("RESUME", 2, "low", ""),
    ),
    (
        "it is not left while its own rule still holds",
        Given(level=2, held=("low",), until="low T", when="low T"),
        ("HOLD", 2, "low", ""),
    ),
    (
        "it is not left while another hold rule is true",
        Given(level=2, held=("low",), until="low T", when="toxic T"),
        ("HOLD", 2, "toxic", ""),
    ),
    (
        "it is not left while a hold rule is unknown",
        Given(level=2, held=("low",), until="low T", when="toxic U"),
        ("HOLD", 2, "low", "toxic"),
    ),
    (
        "it is not left while a stop rule is unknown",
        Given(level=2, held=("low",), until="low T", when="grave U"),
        ("HOLD", 2, "low", "grave"),
    ),
    (
        "a hold that what has passed began is left although it counts since the last decision",
        Given(level=2, held=("low",), until="low T", when="low T", standing="low F"),
        ("RESUME", 2, "low", ""),
    ),
    (
        "a hold is not left while its own condition still stands",
        Given(level=2, held=("low",), until="low T", when="low F", standing="low T"),
        ("HOLD", 2, "low", ""),
    ),
    (
        "a rule that does not hold yet begins its hold by what has passed",
        Given(level=2, held=("low",), until="low T, toxic T", when="toxic T", standing="toxic F"),
        ("HOLD", 2, "toxic", ""),
    ),
    ("lower goes one level down", Given(level=2, held=("toxic",), until="toxic T"), ("RESUME", 1, "toxic", "")),
    (
        "lower at the lowest level is what the rule says",
        Given(level=0, held=("toxic",), until="toxic T"),
        ("STOP", 0, "toxic", ""),
    ),
    ("of two holds each must end", Given(level=2, held=("low", "toxic"), until="low T"), ("HOLD", 2, "toxic", "")),
    (
        "of two holds that end together the lower level counts",
        Given(level=2, held=("low", "toxic"), until="low T, toxic T"),
        ("RESUME", 1, "toxic", ""),
    ),
    (
        "the first clause that is true says where to",
        Given(level=3, held=("low",), until="low T", resume="low FT"),
        ("RESUME", 2, "low", ""),
    ),
    (
        "an unknown clause above is not passed over",
        Given(level=3, held=("low",), until="low T", resume="low UT"),
        ("UNDECIDED", 3, "low", ""),
    ),
    (
        "no clause that is true: nobody decided that yet",
        Given(level=1, held=("low",), until="low T", resume="low FF"),
        ("UNDECIDED", 1, "low", ""),
    ),
    (
        "resuming at a named level is no increase",
        Given(level=1, held=("low",), until="low T", resume="low FT"),
        ("RESUME", 1, "low", ""),
    ),
    (
        "resuming is no occasion for an increase",
        Given(level=1, held=("low",), until="low T", when="escalate T"),
        ("RESUME", 1, "low", ""),
    ),
    ("a stop rule stops a held dose", Given(level=1, held=("low",), when="grave T"), ("STOP", 1, "grave", "")),
    ("what the investigator holds, the investigator resumes", Given(level=1, otherwise=True), ("HOLD", 1, "", "")),
    ("the course ends during a hold too", Given(level=1, held=("low",), in_course=False), ("STOP", 1, "course", "")),
]

BEFORE_THE_FIRST_DOSE = [
    ("it starts at the start level", Given(level=-1), ("START", 0, "", "")),
    ("it does not start while a hold rule is true", Given(level=-1, when="low T"), ("HOLD", -1, "low", "")),
    ("it does not start while a hold rule is unknown", Given(level=-1, when="low U"), ("HOLD", -1, "", "low")),
    ("it does not start while a stop rule is unknown", Given(level=-1, when="grave U"), ("HOLD", -1, "", "grave")),
    (
        "what was not started is not held: it starts when nothing is in the way",
        Given(level=-1, otherwise=True),
        ("START", 0, "", ""),
    ),
]


@pytest.mark.parametrize(
    ("why", "given", "expected"),
    [*WHILE_ON_DRUG, *HELD, *BEFORE_THE_FIRST_DOSE],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_the_policy_decides_as_the_language_says(why: str, given: Given, expected: tuple[str, int, str, str]) -> None:
    assert said(given) == expected, why


def test_no_drug_is_given_while_held_stopped_or_not_started() -> None:
    for given in (Given(level=2, held=("low",)), Given(level=2, stopped=True), Given(level=-1, when="low T")):
        assert not bool(decided(given).dosed)
    for given in (Given(level=2), Given(level=-1), Given(level=2, held=("low",), until="low T")):
        assert bool(decided(given).dosed)


def test_a_hold_counts_once_for_each_time_that_it_begins() -> None:
    begun = decided(Given(level=1, when="low T")).after
    assert begun.holds.tolist()[:2] == [1, 0]
    going_on = decided(Given(level=1, held=("low",), holds={"low": 1}, when="low T")).after
    assert going_on.holds.tolist()[:2] == [1, 0]
    joined = decided(Given(level=1, held=("low",), holds={"low": 1}, when="toxic T")).after
    assert (joined.held.tolist()[:2], joined.holds.tolist()[:2]) == ([True, True], [1, 1])


def test_every_hold_rule_that_is_true_becomes_a_reason_of_the_hold() -> None:
    assert decided(Given(level=1, when="low T, toxic T")).after.held.tolist()[:2] == [True, True]


AT_LOWEST = [("stop", "STOP"), ("hold", "HOLD"), ("same", "RESUME")]


@pytest.mark.parametrize(("said_in_file", "act"), AT_LOWEST)
def test_at_the_lowest_level_lower_is_what_the_file_says(said_in_file: str, act: str) -> None:
    text = edited("at_lowest: stop", f"at_lowest: {said_in_file}")
    assert said(Given(level=0, held=("toxic",), until="toxic T"), text)[:2] == (act, 0)


def test_at_the_lowest_level_lower_without_a_word_in_the_file_is_left_to_the_investigator() -> None:
    text = edited("        at_lowest: stop\n", "")
    assert said(Given(level=0, held=("toxic",), until="toxic T"), text)[:2] == ("UNDECIDED", 0)


REDUCING = edited("then: may next level", "then: lower level")


def test_a_reducing_rule_goes_one_level_down_and_needs_no_rule_above_it_known() -> None:
    assert said(Given(level=2, when="low U, escalate T"), REDUCING)[:3] == ("DECREASE", 1, "escalate")


def test_a_reducing_rule_at_the_lowest_level_holds_and_asks_the_investigator() -> None:
    found = decided(Given(level=0, when="escalate T"), REDUCING)
    assert (Act(int(found.act)), bool(found.dosed)) == (Act.UNDECIDED, False)


@pytest.mark.parametrize(("level", "act"), [(0, "INCREASE"), (1, "INCREASE"), (2, "SAME"), (3, "DECREASE")])
def test_a_named_level_is_an_increase_only_from_below(level: int, act: str) -> None:
    text = edited("then: may next level", "then: level 300 mg/d")
    assert said(Given(level=level, when="escalate T"), text)[:2] == (act, 2)


def test_only_an_increase_that_the_file_calls_may_is_optional() -> None:
    assert bool(decided(Given(level=0, when="escalate T")).optional)
    must = edited("then: may next level", "then: next level")
    assert not bool(decided(Given(level=0, when="escalate T"), must).optional)
    assert not bool(decided(Given(level=0)).optional)


def test_a_policy_without_a_last_rule_leaves_the_dose_to_the_investigator() -> None:
    text = edited("      - {id: continue, otherwise: true, then: same level}\n", "")
    assert said(Given(level=1), text)[:2] == ("UNDECIDED", 1)
