"""The `monitoring:` block: how a rule is read, what it comes to, and that conduct obeys it."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.small_protocol import SMALL

from trialwright.conduct import Actor, Trial
from trialwright.conduct import commands as asked
from trialwright.designs.stopping import first_stop
from trialwright.engine.stopping import looks, standing, stopped_by
from trialwright.log import MemoryShelf, seeded_salts
from trialwright.protocol import parse_protocol
from trialwright.protocol.study import CompiledMonitoring, Protocol
from trialwright.vocabulary.findings import Refused

FUTILITY = "  - {id: futility, rule: two-stage futility, endpoint: response, looks: 3, stop_if: responders <= 1}\n"
HARM = (
    "  - id: harm\n    rule: posterior\n    event: related adverse event grade >= 3\n    within: 28 d after first dose\n"
    '    looks: every 1 from 2\n    prior: "beta(1, 1)"\n    stop_if: P(rate > 0.3) > 0.9\n'
)
DAY = date(2020, 3, 2)


def read(*rules: str) -> Protocol:
    found = parse_protocol(SMALL + "monitoring:\n" + "".join(rules), "small.yaml")
    assert found.protocol is not None, found.findings
    return found.protocol


def rule(text: str) -> CompiledMonitoring:
    return read(text).monitoring[0]


def findings(text: str) -> list[tuple[str, str]]:
    found = parse_protocol(SMALL + "monitoring:\n" + text, "small.yaml")
    return [(one.code, one.detail) for one in found.findings]


def one(**fields: Any) -> str:
    told = {"id": "x", "rule": "counts", "endpoint": "response", "looks": "[10, 15]", "stop_if": "responders <= 1, 2", **fields}
    return "  - " + "\n    ".join(f"{key}: {value}" for key, value in told.items() if value is not None) + "\n"


def test_a_two_stage_rule_stops_at_its_look_alone() -> None:
    table = rule(FUTILITY).rule
    assert table.looks == (3,)
    assert (int(table.low[3]), int(table.high[3]), table.most) == (1, 21, 20)


def test_each_look_has_its_own_bounds_and_a_dash_never_stops() -> None:
    table = rule(one(stop_if="responders <= -, 4 or responders > 5, 8")).rule
    assert [int(table.low[n]) for n in (10, 15)] == [-1, 4]
    assert [int(table.high[n]) for n in (10, 15)] == [6, 9]


def test_looks_every_so_many_end_with_the_planned_number() -> None:
    assert read(HARM).monitoring[0].rule.looks[:3] == (2, 3, 4)
    assert read(HARM).monitoring[0].rule.looks[-1] == 20


def test_a_posterior_rule_comes_to_the_least_count_that_exceeds_its_chance() -> None:
    table = rule(HARM).rule
    assert [int(table.high[n]) for n in (2, 5, 10)] == [2, 3, 5]  # as P(Bin(n + 1, 0.3) <= count): 0.973, 0.930, 0.922
    assert table.counts == "events"


def test_a_chance_below_is_read_as_its_complement() -> None:
    above = rule(one(rule="posterior", prior='"beta(1, 1)"', stop_if="P(rate > 0.3) < 0.05")).rule
    below = rule(one(rule="posterior", prior='"beta(1, 1)"', stop_if="P(rate < 0.3) > 0.95")).rule
    assert above.low.tolist() == below.low.tolist()


def test_a_predictive_rule_stops_where_success_is_out_of_reach() -> None:
    fields = {"rule": "predictive probability", "prior": '"beta(0.2, 0.8)"', "success_if": "P(rate > 0.2) > 0.9"}
    table = rule(one(**fields, looks="[10, 19]", stop_if="PP < 0.05")).rule
    assert int(table.low[19]) >= int(table.low[10]) >= 0


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"stop_if": "few responders"}, "is no condition"),
        ({"stop_if": "responders <= 1"}, "2 looks and 1 bounds"),
        ({"stop_if": "events >= 1, 2"}, "counts responders"),
        ({"looks": "[15, 10]"}, "do not rise"),
        ({"looks": "[10, 40]"}, "1 to 20"),
        ({"looks": "often"}, "no list of numbers"),
        ({"looks": "every 0 from 3"}, "counts from 0"),
        ({"event": "serious adverse event"}, "exactly one of the two"),
        ({"endpoint": None}, "exactly one of the two"),
        ({"rule": "posterior", "stop_if": "P(rate > 0.3) > 0.9"}, "needs its prior"),
        ({"rule": "posterior", "stop_if": "P(rate > 0.3) > 0.9", "prior": '"beta(0, 1)"'}, "above 0"),
        ({"rule": "posterior", "stop_if": "P(rate > 3) > 0.9", "prior": '"beta(1, 1)"'}, "strictly between 0 and 1"),
        ({"rule": "predictive probability", "stop_if": "PP < 0.1", "prior": '"beta(1, 1)"'}, "what the final analysis must show"),
        ({"stop_if": "responders <= 4, 5 or responders >= 4, 9"}, "nothing is between"),
    ],
)
def test_a_rule_that_cannot_be_read_says_what_is_wrong(fields: dict[str, Any], told: str) -> None:
    found = findings(one(**fields))
    assert [code for code, _ in found] == ["TW-P095"]
    assert told in found[0][1]


def test_a_rule_names_an_endpoint_that_there_is() -> None:
    assert findings(one(endpoint="survival"))[0][0] == "TW-S004"


def test_two_rules_have_two_names() -> None:
    assert "TW-S006" in [code for code, _ in findings(FUTILITY + FUTILITY)]


WRITTEN = st.text(alphabet="responders <=>P(rate)beta,.0123456789e-%every from PP or", max_size=30).filter(str.strip)
KINDS = st.sampled_from(["counts", "posterior", "predictive probability"])


@settings(max_examples=60, deadline=None)
@given(KINDS, WRITTEN, WRITTEN, WRITTEN, WRITTEN)
def test_whatever_is_written_is_read_or_is_a_finding(kind: str, looks: str, stop_if: str, prior: str, success: str) -> None:
    fields = {"looks": looks, "stop_if": stop_if, "prior": prior, "success_if": success}
    quoted = {key: f"'{value}'" for key, value in fields.items()}
    found = parse_protocol(SMALL + "monitoring:\n" + one(rule=kind, **quoted), "small.yaml")
    assert found.protocol is not None or found.findings


def test_more_participants_than_a_rule_is_worked_out_for_are_a_finding() -> None:
    text = SMALL.replace("planned: 20", "planned: 2000000000") + "monitoring:\n" + FUTILITY
    assert "TW-P095" in [one.code for one in parse_protocol(text, "small.yaml").findings]
    many = one(rule="predictive probability", looks="every 1 from 1", stop_if="PP < 0.1", prior='"beta(1, 1)"')
    wanted = many.rstrip() + "\n    success_if: P(rate > 0.2) > 0.9\n"
    text = SMALL.replace("planned: 20", "planned: 9000") + "monitoring:\n" + wanted
    assert "TW-P095" in [one.code for one in parse_protocol(text, "small.yaml").findings]


class Site:
    """Enrols people and records how their haemoglobin goes; 125 g/L is a complete response."""

    def __init__(self, protocol: Protocol) -> None:
        opening = asked.OpenTrial(
            study="small", title="Small (simulated)", simulated=True, sites=("Site",), on=DAY - timedelta(20)
        )
        at = asked_at(DAY - timedelta(20), 0)
        self.trial = Trial.begin(MemoryShelf(), protocol, opening, Actor("sponsor", "sponsor"), at, seeded_salts(1))
        self.tick = 0

    def do(self, kind: type, who: str, day: int, **fields: Any) -> Any:
        self.tick += 1
        command = kind(participant=who, on=DAY + timedelta(day), **fields)
        at = asked_at(DAY + timedelta(day), self.tick)
        return self.trial.submit(command, actor=Actor("anna", "investigator", "Site"), at=at, key=f"k{self.tick}")

    def candidate(self, who: str, day: int) -> None:
        self.do(asked.RegisterCandidate, who, day, site="Site")
        self.do(asked.RecordConsent, who, day, by=("participant",))
        values = {"age": "45", "anc": "3.0", "hb": "90", "symptoms": "none"}
        self.do(asked.RecordVisit, who, day, encounter="screening", values=values)

    def enrol(self, who: str, day: int) -> Any:
        return self.do(asked.EnrolParticipant, who, day)

    def treat(self, who: str, day: int, haemoglobin: str) -> None:
        self.do(asked.RecordDose, who, day, intervention="drug", dose="10")
        values = {"anc": "3.0", "hb": haemoglobin, "symptoms": "none"}
        self.do(asked.RecordVisit, who, day + 7, encounter="week", occurrence=2, values=values)


def asked_at(day: date, tick: int) -> Any:
    from datetime import UTC, datetime, time

    return datetime.combine(day, time(8), UTC) + timedelta(minutes=tick)


def play(protocol: Protocol, haemoglobin: tuple[str, ...]) -> Site:
    site = Site(protocol)
    for index, value in enumerate(haemoglobin):
        site.candidate(f"P0{index + 1}", 0)
        site.enrol(f"P0{index + 1}", 0)
        site.treat(f"P0{index + 1}", 1, value)
    site.candidate("P99", 1)
    return site


def test_enrolment_is_refused_once_a_rule_stops_the_trial() -> None:
    site = play(read(FUTILITY), ("125", "90", "90"))
    with pytest.raises(Refused) as refused:
        site.enrol("P99", 60)
    found = refused.value.findings[0]
    assert found.code == "TW-C036"
    assert "1 of the first 3 participants responded" in found.detail
    assert found.place.line > 0


def test_enrolment_goes_on_after_a_look_that_was_passed() -> None:
    site = play(read(FUTILITY), ("125", "125", "90"))
    assert site.enrol("P99", 60).events


def test_a_look_that_later_outcomes_cannot_change_is_decided_before_they_are_known() -> None:
    protocol = read(FUTILITY)
    passed = play(protocol, ("125", "125", "90"))
    found = looks(protocol, passed.trial.state, DAY + timedelta(9))
    assert [(one.says, one.counted, one.unknown) for one in found] == [("go on", 2, 1)]
    assert found[0].references


def test_until_the_outcomes_are_known_enrolment_goes_on_or_waits_as_the_rule_says() -> None:
    assert play(read(FUTILITY), ("125", "90", "90")).enrol("P99", 10).events
    waiting = play(read(FUTILITY.replace("looks: 3", "looks: 3, meanwhile: wait")), ("125", "90", "90"))
    with pytest.raises(Refused) as refused:
        waiting.enrol("P99", 10)
    assert refused.value.findings[0].code == "TW-C037"


def test_a_rule_that_is_not_binding_warns_and_refuses_nothing() -> None:
    site = play(read(FUTILITY.replace("looks: 3", "looks: 3, binding: false")), ("90", "90", "90"))
    outcome = site.enrol("P99", 60)
    assert [one.code for one in outcome.findings] == ["TW-C038"]
    assert stopped_by(site.trial.protocol, site.trial.state, DAY + timedelta(60)) is None


def test_harms_stop_the_trial_and_the_entries_behind_them_are_named() -> None:
    site = play(read(HARM), ("90", "90", "90"))
    report_harm(site, "P01", 9)
    report_harm(site, "P02", 9)
    found = stopped_by(site.trial.protocol, site.trial.state, DAY + timedelta(10))
    assert found is not None
    assert (found.look, found.counted) == (2, 2)
    assert len(found.references) == 2
    with pytest.raises(Refused):
        site.enrol("P99", 10)


def report_harm(site: Site, who: str, day: int) -> None:
    event = {"term": "Neutropenia", "grade": 3, "serious": False, "related": True, "expected": True}
    site.do(asked.ReportAdverseEvent, who, day, aware_on=DAY + timedelta(day), **event)


def test_a_later_look_stops_whatever_comes_of_an_earlier_one() -> None:
    counts = one(endpoint=None, event="related adverse event grade >= 3", within="28 d after first dose")
    rules = counts.replace("[10, 15]", "[1, 3]").replace("responders <= 1, 2", "events >= 1, 2")
    site = play(read(rules), ("90", "90", "90"))
    assert [result.says for result in looks(site.trial.protocol, site.trial.state, DAY + timedelta(9))] == ["wait"]
    report_harm(site, "P02", 9)
    report_harm(site, "P03", 9)
    said = looks(site.trial.protocol, site.trial.state, DAY + timedelta(9))
    assert [(result.look, result.says) for result in said] == [(1, "wait"), (3, "stop")]


def test_a_harm_after_the_time_in_which_it_counts_is_none() -> None:
    site = play(read(HARM), ("90", "90", "90"))
    report_harm(site, "P01", 40)
    report_harm(site, "P02", 40)
    assert stopped_by(site.trial.protocol, site.trial.state, DAY + timedelta(60)) is None


@pytest.mark.parametrize("outcomes", list(itertools.product((0, 1), repeat=3)))
def test_conduct_stops_where_a_simulated_trial_stops(outcomes: tuple[int, ...]) -> None:
    protocol = read(one(looks="[1, 2, 3]", stop_if="responders <= -, 0, 1 or responders >= -, 2, -"))
    site = Site(protocol)
    for index, responds in enumerate(outcomes):
        site.candidate(f"P0{index + 1}", 0)
        site.enrol(f"P0{index + 1}", 0)
        site.treat(f"P0{index + 1}", 1, "125" if responds else "90")
    found = stopped_by(protocol, site.trial.state, DAY + timedelta(60))
    at, side = first_stop(protocol.monitoring[0].rule, outcomes)
    assert (found.look if found is not None else 0) == int(at)
    assert found is None or found.counted == sum(outcomes[: found.look])
    assert (int(side) == 0) == (found is None)


def test_the_words_say_which_rule_stops_or_waits_and_why() -> None:
    site = play(read(FUTILITY), ("125", "90", "90"))
    (waits,) = standing(site.trial.protocol, site.trial.state, DAY + timedelta(10))
    assert "awaits outcomes, enrolment goes on meanwhile: 1 of the first 3 participants responded, of 2 it is not known" in waits
    (stops,) = standing(site.trial.protocol, site.trial.state, DAY + timedelta(60))
    assert "`futility` stops the trial" in stops
    assert "stops with 1 or fewer" in stops


def test_facts_are_recorded_after_a_stop() -> None:
    site = play(read(FUTILITY), ("125", "90", "90"))
    values = {"anc": "3.0", "hb": "95", "symptoms": "none"}
    assert site.do(asked.RecordVisit, "P02", 70, encounter="week", occurrence=4, values=values).events
