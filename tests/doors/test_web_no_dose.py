"""Who was not given a dose because something was not measured: the page says why no rule decided."""

import shutil
from datetime import date
from html import unescape
from pathlib import Path

from tests.study_pages import visible_text
from tests.web_homes import LIMITS, NAME, SAFE, Site, _participant, shared_home, web_client

from trialwright.conduct.commands import RecordVisit
from trialwright.conduct.home import TrialFolder
from trialwright.log import seeded_salts

DAY_1 = date(2005, 6, 6)


def test_who_was_not_given_a_dose_is_told_why_no_rule_decided(tmp_path: Path) -> None:
    home = Path(shutil.copytree(shared_home(), tmp_path / "home"))
    folder = TrialFolder(home / "trials" / NAME)
    protocol = folder.read_protocol().protocol
    assert protocol is not None
    site = Site(folder.open(protocol, seeded_salts(1)), "Simulated site 1")
    _participant(site, "P09", DAY_1, weeks=-1)
    values = {name: value for name, value in SAFE.items() if name != "bilirubin"} | {"wbc": "20.0", "eos_pct": "60.0"}
    site.do(RecordVisit(participant="P09", on=DAY_1, encounter="first_dose", occurrence=1, values=values, limits=LIMITS))
    text = visible_text(unescape(web_client(home).get(f"/trial/{NAME}/participant/P09/").content.decode()))
    assert "do not start; measure bilirubin" in text
    assert "No rule of the file decided. What a rule asks for was not known." in text
    assert "Why no rule fired" in text
