"""A dose-escalation cohort played through the commands of a site: three interventions, arms as cohorts, a toxicity."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest
from tests.other_trials import on_day, other_trial

from trialwright.conduct import Actor, Trial
from trialwright.conduct import commands as asked
from trialwright.events import catalogue as happened
from trialwright.log import MemoryShelf, seeded_salts
from trialwright.vocabulary.findings import Refused

SITE, WHO = "Simulated site 1", "S01"
FIT: dict[str, Any] = {
    "age": "61", "nsclc_documented": True, "stage": "III", "pleural_effusion": False, "target_lesions": "2", "fev1": "70",
    "dlco": "65", "mld": "14", "who_ps": "1", "cohort_kind": "with_cisplatin", "prior_anticancer": False, "bsa": "1.80",
    "dipstick": "0", "creatinine": "80", "creatinine_clearance": "85", "haemoglobin": "8.1", "leucocytes": "6.0",
    "anc": "4.0", "platelets": "210",
}  # fmt: skip


class Site:
    """Submits one command after the other, each a minute later."""

    def __init__(self) -> None:
        self.ticks = count()
        opening = asked.OpenTrial(study="cohort", title="Simulated", simulated=True, sites=(SITE,), on=on_day(-30))
        at = datetime.combine(on_day(-30), time(8), UTC)
        sponsor = Actor("sponsor", "sponsor")
        self.trial = Trial.begin(MemoryShelf(), other_trial("olaparib-escalation"), opening, sponsor, at, seeded_salts(1))

    def do(self, kind: type, day: int, **fields: Any) -> list[Any]:
        minute = next(self.ticks)
        at = datetime.combine(on_day(day), time(6), UTC) + timedelta(minutes=minute)
        command = kind(participant=WHO, on=on_day(day), **fields)
        found = self.trial.submit(command, actor=Actor("investigator", "investigator", SITE), at=at, key=f"k{minute}")
        return list(found.events)

    def give(self, day: int, intervention: str, dose: str) -> None:
        self.do(asked.PrescribeDose, day, intervention=intervention, dose=dose)
        self.do(asked.RecordDose, day, intervention=intervention, dose=dose)

    def enrol(self, arm: str) -> None:
        self.do(asked.RegisterCandidate, -14, site=SITE)
        self.do(asked.RecordConsent, -14, by=("participant",))
        self.do(asked.RecordVisit, -7, encounter="screening", values=FIT)
        self.do(asked.ScreenCandidate, -6)
        self.do(asked.EnrolParticipant, -5, arm=arm)


def advised(events: list[Any]) -> dict[str, tuple[str, str]]:
    return {one.intervention: (one.action, one.dose) for one in events if isinstance(one, happened.DoseAdvised)}


def test_each_intervention_of_the_arm_is_advised_and_a_toxicity_is_told_at_once() -> None:
    site = Site()
    site.enrol("dose_50")
    safe = {"anc": "4.0", "platelets": "210"}
    start = advised(site.do(asked.RecordVisit, 1, encounter="start", values={**safe, "olaparib_concentration": "0"}))
    assert start == {"olaparib": ("start", "100"), "cisplatin": ("hold", "0"), "radiotherapy": ("hold", "0")}
    site.give(1, "olaparib", "100")
    later = advised(site.do(asked.RecordVisit, 3, encounter="weekly", occurrence=1, values=safe))
    assert later == {"olaparib": ("same", "100"), "cisplatin": ("start", "6"), "radiotherapy": ("start", "2.75")}
    site.give(3, "cisplatin", "6")
    event = {"serious": False, "related": True, "expected": True, "aware_on": on_day(9)}
    told = site.do(asked.ReportAdverseEvent, 9, term="Esophagitis", grade=3, **event)
    assert [one.state for one in told if isinstance(one, happened.StateReached)] == ["dlt"]
    weekly = advised(site.do(asked.RecordVisit, 10, encounter="weekly", occurrence=2, values=safe))
    assert weekly["olaparib"] == ("hold", "0")
    site.do(asked.PrescribeDose, 10, intervention="olaparib", dose="0")
    assert advised(site.do(asked.RecordVisit, 17, encounter="weekly", occurrence=3, values=safe))["cisplatin"] == ("hold", "0")


def test_a_drug_that_the_arm_does_not_receive_cannot_be_prescribed() -> None:
    site = Site()
    site.enrol("dose_100_alone")
    site.do(asked.RecordVisit, 1, encounter="start", values={"anc": "4.0", "platelets": "210"})
    with pytest.raises(Refused) as refused:
        site.do(asked.PrescribeDose, 1, intervention="cisplatin", dose="6")
    assert [one.code for one in refused.value.findings] == ["TW-C045"]


def test_a_randomized_trial_enrols_nobody_by_hand() -> None:
    trial = Trial.begin(
        MemoryShelf(),
        other_trial("certolizumab-loading"),
        asked.OpenTrial(study="masked", title="Simulated", simulated=True, sites=(SITE,), on=on_day(-30)),
        Actor("sponsor", "sponsor"),
        datetime.combine(on_day(-30), time(8), UTC),
        seeded_salts(1),
    )
    at = datetime.combine(on_day(-1), time(8), UTC)
    actor = Actor("investigator", "investigator", SITE)
    trial.submit(asked.RegisterCandidate(participant=WHO, on=on_day(-20), site=SITE), actor=actor, at=at, key="a")
    with pytest.raises(Refused):
        trial.submit(asked.EnrolParticipant(participant=WHO, on=on_day(-1), arm="czp"), actor=actor, at=at, key="b")
