"""A small home folder for the tests of the web door: one simulated trial of three people, played through the commands."""

import shutil
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from hashlib import sha256
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from trialwright.conduct import Actor, Trial
from trialwright.conduct import commands as asked
from trialwright.log import JsonLinesShelf, seeded_salts
from trialwright.protocol import read_protocol

ROOT = Path(__file__).parent.parent
SEED = ROOT / "trials/nilg-hes1-03"
NAME = "nilg-hes1-03"
REPORT = "<!doctype html><html lang=en><title>SIMULATED report</title><style>p{color:#000}</style><p>SIMULATED</p>"
DAY_1 = date(2005, 1, 10)
SAFE = {"anc": "4.10", "platelets": "210", "bilirubin": "9", "transaminase": "22", "symptoms": "improved"}
LIMITS: Any = {"bilirubin": ["0", "17"], "transaminase": ["0", "40"], "troponin": ["0", "14"]}
# White cells and eosinophil per cent on days 1, 8, 15, 22, …: a slow response that never becomes complete before day 29.
# Participant 1 is complete on day 15 alone, so that one corrected count decides whether that was confirmed.
COUNTS = [("20.0", "60.0"), ("16.0", "40.0"), ("11.0", "26.0"), ("9.5", "20.0"), ("8.0", "9.0"), ("7.0", "5.0"), ("6.8", "4.0")]


class Site:
    """Plays one site's day: each command under its own key, at noon of its date."""

    def __init__(self, trial: Trial, site: str) -> None:
        self.trial, self.site = trial, site

    def do(self, command: asked.AnyCommand, role: str = "investigator") -> Any:
        known = max(day for name in ("on", "aware_on", "resolved_on") if (day := getattr(command, name, None)) is not None)
        at = datetime.combine(known, time(12), UTC) + timedelta(minutes=next(_MINUTES))
        actor = Actor(f"simulated-{role}", role, "" if role == "sponsor" else self.site)
        return self.trial.submit(command, actor=actor, at=at, key=f"k{next(_KEYS)}")


_MINUTES, _KEYS = count(), count(1)


def build_home(folder: Path) -> Path:
    """Write the home folder under ``folder`` and return it."""
    home = folder / "home"
    trial_at = home / "trials" / NAME
    trial_at.mkdir(parents=True)
    shutil.copy(SEED / "protocol.yaml", trial_at / "protocol.yaml")
    shutil.copy(SEED / "record/NCT00787384.v2.json", trial_at / "study.json")
    (trial_at / "report.html").write_text(REPORT)
    (trial_at / "report.pdf").write_bytes(b"%PDF-1.7\n")
    protocol = read_protocol(trial_at / "protocol.yaml").protocol
    assert protocol is not None
    opening = asked.OpenTrial(
        study="nilg-hes1-03-rehearsal",
        title="NILG-HES1-03 rehearsal (simulated)",
        simulated=True,
        sites=("Simulated site 1", "Simulated site 2"),
        on=date(2004, 10, 1),
        seed=7,
    )
    trial = Trial.begin(
        JsonLinesShelf(trial_at / "log.jsonl", durable=False),
        protocol,
        opening,
        Actor("simulated-sponsor", "sponsor"),
        datetime(2004, 10, 1, 8, tzinfo=UTC),
        seeded_salts(7),
    )
    site = Site(trial, "Simulated site 1")
    _participant(site, "P01", date(2004, 11, 8), weeks=3)
    _participant(site, "P07", DAY_1, weeks=6)
    site.do(asked.RegisterCandidate(participant="P08", on=date(2005, 3, 20), site="Simulated site 1"))
    _later_correction(site)
    return home


def _participant(site: Site, name: str, day_1: date, weeks: int) -> None:
    screened = day_1 - timedelta(days=7)
    site.do(asked.RegisterCandidate(participant=name, on=screened, site=site.site))
    site.do(asked.RecordConsent(participant=name, on=screened, by=("participant",)))
    entry = {"age": "52", "sex": "male", "disease": "HES", "prior_therapy": ["corticosteroids"], "secondary_causes": []}
    values = {**SAFE, **entry, "wbc": "20.0", "eos_pct": "60.0", "fip1l1_pdgfra": "negative", "molecular": "negative"}
    values |= {"troponin": "5", "echocardiogram_abnormal": False, "pregnant": False, "haemoglobin": "132", "weight": "74.0"}
    site.do(asked.RecordVisit(participant=name, on=screened, encounter="screening", values=values, limits=LIMITS))
    for criterion in site.trial.protocol.criteria:
        if criterion.attested:
            on = {"participant": name, "on": screened}
            holds = criterion.side == "inclusion"
            site.do(asked.AttestCriterion(**on, criterion=criterion.id, holds=holds), criterion.by)
    site.do(asked.ScreenCandidate(participant=name, on=screened))
    site.do(asked.EnrolParticipant(participant=name, on=day_1))
    for week in range(weeks + 1):
        _week(site, name, day_1, week)


def _week(site: Site, name: str, day_1: date, week: int) -> None:
    on = day_1 + timedelta(days=7 * week)
    wbc, eos = ("6.0", "5.0") if (name, week) == ("P01", 2) else COUNTS[week]
    values = {**SAFE, "wbc": wbc, "eos_pct": eos}
    encounter, occurrence = ("first_dose", 1) if week == 0 else ("week", week)
    if week == 4:
        site.do(asked.StartMedication(participant=name, on=on, group="corticosteroid", name="prednisone", change="new"))
        site.do(
            asked.ReportAdverseEvent(
                participant=name, on=on, term="Periorbital oedema", grade=1, serious=False, related=True, expected=True,
                aware_on=on,
            )
        )  # fmt: skip
    if week == 5:
        event = site.trial.state.participants[name].adverse_events[-1]
        resolved_on = on - timedelta(days=2)
        site.do(asked.FollowAdverseEvent(participant=name, on=on, event=event.entry, grade=1, resolved_on=resolved_on))
    visit = asked.RecordVisit(participant=name, on=on, encounter=encounter, occurrence=occurrence, values=values, limits=LIMITS)
    outcome = site.do(visit)
    advised = [event for event in outcome.events if type(event).__name__ == "DoseAdvised"]
    for event in advised:
        cautious = name == "P07" and event.dose == "400"
        dose, reason = ("300", "tolerated well at 300 mg; the count is still falling") if cautious else (event.dose, "")
        site.do(asked.PrescribeDose(participant=name, on=on, dose=dose, reason=reason))
        site.do(asked.RecordDose(participant=name, on=on, dose=dose))


def _later_correction(site: Site) -> None:
    """Correct the white-cell count of the day on which participant 1's last dose was decided."""
    person = site.trial.state.participants["P01"]
    seen = person.observations["wbc"][-1]
    site.do(
        asked.CorrectObservation(
            participant="P01", on=seen.on + timedelta(days=9), corrects=seen.entry, value="4.5", reason="transcription error"
        )
    )


@cache
def shared_home() -> Path:
    """One home folder for every test of this run that only reads it."""
    return build_home(Path(mkdtemp(prefix="trialwright-web-")))


def web_client(home: Path, peer: str = "127.0.0.1", host: str = "localhost") -> Any:
    """A caller of the pages of a home folder: the owner at this computer, unless told otherwise."""
    from django.conf import settings
    from django.test import Client

    from trialwright.web.settings import configure

    if not settings.configured:
        configure(home, ["localhost", "127.0.0.1", "[::1]", "trials.example"], "only for tests")
    settings.TRIALWRIGHT_HOME = home
    return Client(headers={"host": host}, REMOTE_ADDR=peer)


def contents(folder: Path) -> dict[str, tuple[int, str]]:
    """Every file under a folder with its instant of change and digest, to tell whether anything was written."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, sha256(path.read_bytes()).hexdigest())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
