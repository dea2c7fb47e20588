"""Laws of conduct: any script of commands ends in entries or refusals, whole or not at all, and the log says it all."""

import json
from datetime import timedelta
from random import Random  # noqa: TID251 - each case is drawn from its own number
from typing import Any

import pytest
from tests.tiny_protocol import Script, at_noon, on_day, tiny

from trialwright.conduct import Actor, Trial, read_command
from trialwright.conduct.authority import MAY
from trialwright.conduct.commands import COMMANDS
from trialwright.engine.advice import advise
from trialwright.engine.policy import Act
from trialwright.log import seeded_salts, verify
from trialwright.vocabulary.findings import Place, Refused

CELLS = ["0.5", "1.0", "3", "12", "900"]
ANC = ["0.4", "0.9", "1.2", "4.1"]
ODD: list[Any] = [
    None, True, False, 0, -1, 2**60, 10**400, "", " ", "x", "P1", "drug", "\u0000", "\ud800", "ß" * 300, "0001-01-01",
    "9999-12-31", "2020-02-30", "1e400", "NaN", "-5", "12.50", [], {}, [None], ["P1", 1], {"a": {"b": []}}, "unscheduled",
]  # fmt: skip


def any_command(chance: Random, day: int) -> dict[str, Any]:
    """A command as JSON, most often a sensible one."""
    who = chance.choice(["P1", "P1", "P1", "P2"])
    about = {"participant": who, "on": on_day(day).isoformat()}
    values: dict[str, Any] = {"cells": chance.choice(CELLS), "anc": chance.choice(ANC), "bilirubin": chance.choice(["10", "70"])}
    values = {name: value for name, value in values.items() if chance.random() < 0.9}
    visit = {**about, "encounter": chance.choice(["week", "unscheduled"]), "occurrence": chance.randint(1, 11), "values": values}
    event = {"term": "Rash", "grade": chance.randint(1, 5), "serious": chance.random() < 0.2, "related": True, "expected": True}
    entry = chance.randrange(60)
    options: list[tuple[str, dict[str, Any]]] = [
        *[("RecordVisit", {**visit, "limits": {"bilirubin": ["0", "20"]}})] * 5,
        *[
            (
                "PrescribeDose",
                {**about, "dose": chance.choice(["0", "100", "200", "300", "400"]), "reason": chance.choice(["", "so"])},
            )
        ]
        * 3,
        *[("RecordDose", {**about, "dose": chance.choice(["0", "100", "200", "450"])})] * 2,
        ("ReportAdverseEvent", {**about, **event, "aware_on": about["on"]}),
        ("FollowAdverseEvent", {**about, "event": entry, "grade": 1, "resolved_on": about["on"]}),
        ("CorrectObservation", {**about, "corrects": entry, "value": chance.choice([None, "2.5"]), "reason": "slip"}),
        ("StartMedication", {**about, "group": "steroid", "name": "prednisone", "change": "new"}),
        ("StopMedication", {**about, "medication": entry}),
        ("MissVisit", {**about, "encounter": "week", "occurrence": chance.randint(1, 11)}),
        ("ScreenCandidate", about),
        ("EnrolParticipant", about),
        ("StopTreatment", {**about, "reason": "investigator"}),
        ("WithdrawConsent", {**about, "extent": chance.choice(["treatment", "all"])}),
        ("RecordConsent", {**about, "by": ["participant"]}),
        ("RecordDeath", about),
        ("EndFollowUp", {**about, "reason": "completed"}),
        ("RegisterCandidate", {**about, "site": "S1"}),
        ("NoteDeviation", {**about, "deviation": "odd", "detail": "", "refers": [entry]}),
    ]
    name, fields = chance.choice(options)
    return {"command": name, **fields}


def played(script: Script, data: dict[str, Any], day: int, key: str) -> list[Any]:
    """Give a command read from JSON; return its events, [] where it is refused, having seen that nothing was left."""
    command, findings = read_command(json.loads(json.dumps(data)), Place("script.json"))
    before, state = script.trial.head, script.trial.state
    if command is None:
        assert findings
        return []
    try:
        return list(script.do(command, at=at_noon(on_day(day)), key=key).events)
    except Refused as refused:
        assert refused.findings
        assert all(finding.title for finding in refused.findings)
        assert (script.trial.head, script.trial.state) == (before, state)
        return []


def random_script(seed: int, length: int = 14) -> Script:
    chance = Random(seed)
    script = Script()
    script.treat()
    day = 1
    for number in range(length):
        day += chance.choice([0, 1, 3, 7])
        data = any_command(chance, day)
        before = script.trial.state.participants.get(data["participant"])
        for event in played(script, data, day, f"c{number}"):
            if type(event).__name__ == "DoseAdvised":
                assert before is not None
                follow_advice(script, event, day, f"f{number}")
    return script


def follow_advice(script: Script, event: Any, day: int, key: str) -> None:
    """What is advised may always be prescribed, skips no level, and needs no reason."""
    person = script.person(event.participant)
    advice = advise(script.trial.protocol, person, on_day(day))
    assert advice is not None
    assert f"{advice.dose:f}" == event.dose
    levels = [*script.trial.protocol.regimens["drug"].levels]
    last = [fact.dose for fact in person.prescribed if fact.on < on_day(day) and fact.dose > 0]
    if last and advice.dose > last[-1]:
        assert advice.act is Act.INCREASE
        assert levels.index(advice.dose) == levels.index(last[-1]) + 1
        assert not advice.blocked_by
    if person.enrolled and not (person.stopped or person.died or person.ended or person.withdrawn):
        command = {"command": "PrescribeDose", "participant": person.id, "on": on_day(day).isoformat(), "dose": event.dose}
        assert played(script, command, day, key), f"{advice.sentence}"


def assert_the_log_says_it_all(script: Script) -> None:
    assert [found for found in verify(script.trial.entries).findings if found.stops] == []
    again = Trial(script.shelf, tiny(), seeded_salts(b"other"))
    assert again.state == script.trial.state
    assert again.head == script.trial.head


@pytest.mark.parametrize("seed", range(25))
def test_any_script_ends_in_entries_or_refusals_and_the_log_says_it_all(seed: int) -> None:
    assert_the_log_says_it_all(random_script(seed))


@pytest.mark.long
@pytest.mark.parametrize("chunk", range(20))
def test_hundreds_of_scripts_end_in_entries_or_refusals(chunk: int) -> None:
    for seed in range(1000 + 25 * chunk, 1025 + 25 * chunk):
        assert_the_log_says_it_all(random_script(seed, 40))


def test_the_same_script_gives_the_same_head() -> None:
    assert random_script(7).trial.head == random_script(7).trial.head
    assert random_script(7).trial.head != random_script(8).trial.head


def broken(data: dict[str, Any], chance: Random) -> dict[str, Any]:
    """Change a command's JSON in one place: a field gone, strange, renamed or added; a value within values."""
    found = json.loads(json.dumps(data))
    field = chance.choice(list(found))
    match chance.randrange(5):
        case 0:
            del found[field]
        case 1:
            found[field] = chance.choice(ODD)
        case 2:
            found[field + "x"] = found.pop(field)
        case 3:
            found[chance.choice(["dosage", "", "on", "participant"])] = chance.choice(ODD)
        case _:
            inner = found.setdefault("values", {})
            if isinstance(inner, dict):
                inner[chance.choice(["cells", "anc", "prior", "surgery", "pregnant", "part", "zzz", "\ud800"])] = chance.choice(
                    ODD
                )
    return found


def give_broken(seeds: range) -> None:
    script = Script()
    script.treat()
    for seed in seeds:
        chance = Random(seed)
        day = chance.randint(2, 40)
        played(script, broken(any_command(chance, day), chance), day, f"b{seed}")
    assert_the_log_says_it_all(script)


def test_a_broken_command_is_carried_out_whole_or_not_at_all() -> None:
    give_broken(range(300))


@pytest.mark.long
@pytest.mark.parametrize("chunk", range(10))
def test_thousands_of_broken_commands(chunk: int) -> None:
    give_broken(range(10_000 + 500 * chunk, 10_500 + 500 * chunk))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_says_what_it_lacks(name: str) -> None:
    command, findings = read_command({"command": name}, Place("script.json"))
    assert command is None
    required = {field for field, info in COMMANDS[name].model_fields.items() if info.is_required()}
    assert {finding.title.split(".")[1].split(" ")[0] for finding in findings} == required


@pytest.mark.parametrize(
    "role", ["investigator", "coordinator", "sponsor", "monitor", "data manager", "statistician", "", "wizard"]
)
def test_no_role_may_do_everything_and_a_stranger_nothing(role: str) -> None:
    allowed = {name for name, roles in MAY.items() if role in roles}
    assert allowed < set(COMMANDS)
    if role in ("statistician", "", "wizard"):
        assert allowed == ({"TakeInterimLook"} if role == "statistician" else set())


def test_a_retry_after_any_command_adds_nothing() -> None:
    script = Script()
    script.treat()
    commands = [read_command(any_command(Random(seed), 2 + seed // 4), Place("s"))[0] for seed in range(60)]
    for number, command in enumerate(commands):
        try:
            first = script.do(command, at=at_noon(on_day(60)), key=f"r{number}")
        except Refused:
            continue
        head = script.trial.head
        again = script.do(command, at=at_noon(on_day(60)) + timedelta(days=3), key=f"r{number}")
        assert again.repeated
        assert again.entries == first.entries
        assert script.trial.head == head


def test_a_participant_s_own_site_alone_writes_about_them() -> None:
    script = Script()
    script.treat()
    stranger = Actor("stranger", "investigator", "S2")
    for seed in range(40):
        command, _ = read_command({**any_command(Random(seed), 5), "participant": "P1"}, Place("s"))
        if type(command).__name__ not in ("RegisterCandidate", "ClarifyEligibility"):
            assert "TW-C002" in script.refused(command, stranger, at_noon(on_day(9)))
