"""Seven simulated people, played through the commands, small enough to check every number by hand.

| id  | disease | F/P | what happens (AEC in 10*9/L; complete: at most 0.5) |
|-----|---------|-----|------|
| P01 | HES | positive | complete from day 8, confirmed day 15; RT-PCR negative day 85; AEC 1.8, 2.0 four, eight weeks after it |
| P02 | CEL | positive | complete from day 22, confirmed day 29; grade 1 oedema, related; no relapse |
| P03 | HES | negative | falls to 1.2 from day 29 on: partial, complete only under a threshold of 1.5 |
| P04 | CIH | negative | no response; ANC 0.8 on day 15: held until day 22; grade 3 neutropenia, related |
| P05 | HES | negative | prednisone newly started on day 18, stopped on day 25; complete from day 43: rescue came first |
| P06 | CIH | -        | withdraws consent on day 20 |
| P07 | secondary | - | not eligible |
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import Any

from trialwright.conduct import Actor, Trial
from trialwright.conduct import commands as asked
from trialwright.engine.apply import apply
from trialwright.engine.state import TrialState
from trialwright.events import AnyEvent, Occurred
from trialwright.events.catalogue import ObservationCorrected
from trialwright.log import MemoryShelf, seeded_salts
from trialwright.protocol import read_protocol
from trialwright.protocol.study import Protocol

ROOT = Path(__file__).parent.parent
SEED = ROOT / "trials/nilg-hes1-03/protocol.yaml"
DAY_1 = date(2005, 1, 10)
LIMITS: Any = {"bilirubin": ["0", "17"], "transaminase": ["0", "40"]}
WEEKS = 11
SITE = "Simulated site 1"


@lru_cache(maxsize=1)
def protocol() -> Protocol:
    found = read_protocol(SEED).protocol
    assert found is not None
    return found


def on_day(day: int) -> date:
    """The date of a study day (day 1 is DAY_1)."""
    return DAY_1 + timedelta(days=day - 1 if day > 0 else day)


class Play:
    """Plays a site: each command under its own key, a minute after the one before."""

    def __init__(self) -> None:
        self.ticks = count()
        opening = asked.OpenTrial(
            study="small", title="NILG-HES1-03 rehearsal (simulated)", simulated=True, sites=(SITE,), on=date(2004, 12, 1)
        )
        at = datetime(2004, 12, 1, 8, tzinfo=UTC)
        sponsor = Actor("sponsor", "sponsor")
        self.trial = Trial.begin(MemoryShelf(), protocol(), opening, sponsor, at, seeded_salts(1))

    def do(self, kind: type, who: str, day: int, **fields: Any) -> Any:
        command = kind(participant=who, on=on_day(day), **fields)
        minute = next(self.ticks)
        known = max(day for name in ("on", "aware_on", "resolved_on") if (day := getattr(command, name, None)) is not None)
        at = datetime.combine(known, time(6), UTC) + timedelta(minutes=minute % 1000)
        actor = Actor("investigator", "investigator", SITE)
        return self.trial.submit(command, actor=actor, at=at, key=f"k{minute}")

    def enrol(self, who: str, disease: str, fusion: str, wbc: str = "20.0", eos: str = "60.0") -> None:
        self.do(asked.RegisterCandidate, who, -10, site=SITE)
        self.do(asked.RecordConsent, who, -10, by=("participant",))
        values = {"age": "45", "sex": "male", "disease": disease, "prior_therapy": [], "secondary_causes": []}
        values |= {"fip1l1_pdgfra": fusion, "molecular": fusion} if fusion else {}
        self.do(asked.RecordVisit, who, -9, encounter="screening", values={**values, **safe(wbc, eos)}, limits=LIMITS)
        self.do(asked.AttestCriterion, who, -9, criterion="I1", holds=True)
        self.do(asked.ScreenCandidate, who, -8)
        if disease != "secondary":
            self.do(asked.EnrolParticipant, who, -7)

    def visit(self, who: str, day: int, encounter: str, occurrence: int, **values: Any) -> None:
        """A visit; the dose that is advised is prescribed and taken."""
        found = self.do(asked.RecordVisit, who, day, encounter=encounter, occurrence=occurrence, values=values, limits=LIMITS)
        for event in found.events:
            if type(event).__name__ == "DoseAdvised":
                self.do(asked.PrescribeDose, who, day, dose=event.dose)
                self.do(asked.RecordDose, who, day, dose=event.dose)

    def treat(self, who: str, counts: dict[int, str], until_week: int = WEEKS, **special: dict[str, str]) -> None:
        """Weekly visits; ``counts`` maps a study day to the eosinophil per cent (of 20.0 white cells) from that day on."""
        eos = "60.0"
        for week in range(until_week + 1):
            day = 7 * week + 1
            eos = counts.get(day, eos)
            values = safe("20.0", eos) | special.get(f"day_{day}", {})
            encounter, occurrence = ("week", week) if week else ("first_dose", 1)
            self.visit(who, day, encounter, occurrence, **values)

    def finish(self, who: str, eos: str, **values: Any) -> None:
        self.do(asked.StopTreatment, who, 84, reason="course complete")
        self.visit(who, 85, "end_of_treatment", 1, **safe("20.0", eos), **values)

    def follow(self, who: str, weeks: dict[int, str]) -> None:
        """Visits so many weeks after the stop on day 84, with the eosinophil per cent seen there."""
        for occurrence, (week, eos) in enumerate(weeks.items(), start=1):
            self.visit(who, 84 + 7 * week, "early_follow_up", occurrence, wbc="20.0", eos_pct=eos)


def safe(wbc: str, eos: str) -> dict[str, Any]:
    """A visit's values with nothing that a hold rule minds."""
    chemistry = {"bilirubin": "9", "transaminase": "22"}
    return {"wbc": wbc, "eos_pct": eos, "anc": "4.10", "platelets": "210", **chemistry, "symptoms": "unchanged"}


def adverse_event(term: str, grade: int, **more: Any) -> dict[str, Any]:
    return {"term": term, "grade": grade, "serious": False, "related": True, "expected": True, **more}


def play() -> Play:
    """Play the seven."""
    site = Play()
    for who, disease, fusion in (
        ("P01", "HES", "positive"), ("P02", "CEL", "positive"), ("P03", "HES", "negative"),
        ("P04", "CIH", "negative"), ("P05", "HES", "negative"), ("P06", "CIH", ""), ("P07", "secondary", ""),
    ):  # fmt: skip
        site.enrol(who, disease, fusion)
    site.treat("P01", {8: "2.0"})
    site.finish("P01", "1.5", molecular="negative")
    site.follow("P01", {2: "1.5", 4: "9.0", 8: "10.0", 12: "12.0"})
    site.treat("P02", {8: "20.0", 22: "2.5"})
    oedema = adverse_event("Edema limbs", 1, aware_on=on_day(12), resolved_on=on_day(30))
    site.do(asked.ReportAdverseEvent, "P02", 10, **oedema)
    site.finish("P02", "2.0", molecular="positive")
    site.follow("P02", {2: "2.0", 4: "2.0"})
    site.treat("P03", {8: "20.0", 29: "6.0"})
    site.finish("P03", "6.0")
    site.treat("P04", {}, day_15={"anc": "0.80"}, day_22={"anc": "2.00"})
    neutropenia = adverse_event("Neutrophil count decreased", 3, aware_on=on_day(15), resolved_on=on_day(22))
    site.do(asked.ReportAdverseEvent, "P04", 15, **neutropenia)
    site.finish("P04", "60.0")
    site.treat("P05", {43: "2.0"}, until_week=2)
    started = site.do(asked.StartMedication, "P05", 18, group="corticosteroid", name="prednisone", change="new")
    site.do(asked.StopMedication, "P05", 25, medication=started.entries[0].sequence)
    for week in range(3, WEEKS + 1):
        site.visit("P05", 7 * week + 1, "week", week, **safe("20.0", "60.0" if week < 6 else "2.0"))
    site.finish("P05", "2.0")
    site.treat("P06", {}, until_week=2)
    site.do(asked.WithdrawConsent, "P06", 20, extent="all", reason="moved away")
    site.do(asked.StopTreatment, "P06", 20, reason="withdrawal")
    site.do(asked.EndFollowUp, "P06", 20, reason="withdrawal")
    return site


def corrected(state: TrialState, who: str, day: int, percent: str) -> TrialState:
    """The state after an imagined correction of the eosinophil per cent of one day."""
    seen = next(one for one in state.participants[who].observations["eos_pct"] if one.on == on_day(day))
    fields = {"corrects": seen.entry, "value": percent, "unit": "%", "reason": "imagined"}
    return imagined(state, ObservationCorrected(participant=who, on=on_day(150), **fields))


def imagined(state: TrialState, event: AnyEvent) -> TrialState:
    """The state after one more event, far behind all that were recorded."""
    return apply(state, Occurred(100_000 + state.applied, event, datetime(2005, 7, 1, tzinfo=UTC), "nobody", protocol().digest))


@lru_cache(maxsize=1)
def small_trial() -> Trial:
    """The seven, played once."""
    return play().trial
