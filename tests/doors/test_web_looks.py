"""Interim looks in the trial room: on its first page, with the entry of the log that records each."""

import shutil
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

from tests.study_pages import visible_text
from tests.web_homes import NAME, shared_home, web_client

from trialwright.conduct import Actor
from trialwright.conduct.commands import TakeInterimLook
from trialwright.conduct.home import TrialFolder
from trialwright.log import seeded_salts

ROOM = f"/trial/{NAME}/"
DIGEST = "ab" * 32


def looked_at(tmp_path: Path) -> tuple[Path, int]:
    """A home whose trial was looked at once, and the entry that says so."""
    home = Path(shutil.copytree(shared_home(), tmp_path / "home"))
    folder = TrialFolder(home / "trials" / NAME)
    protocol = folder.read_protocol().protocol
    assert protocol is not None
    look = TakeInterimLook.model_validate(
        {
            "endpoint": "chr_by_week_12", "enrolled": 2, "known": 1, "responders": 1, "planned": 25, "answer": "0.3",
            "question": "probability that the final interval lies above 20 %", "trials": 1000, "seed": "9",
            "virtual": DIGEST, "on": date(2005, 3, 1), "reason": "the board asked",
        }
    )  # fmt: skip
    trial = folder.open(protocol, seeded_salts(1))
    outcome = trial.submit(look, actor=Actor("anna", "sponsor"), at=datetime(2026, 1, 2, 9, tzinfo=UTC), key="look")
    return home, outcome.entries[0].sequence


def test_the_room_lists_each_interim_look_and_leads_to_its_entry(tmp_path: Path) -> None:
    home, entry = looked_at(tmp_path)
    html = unescape(web_client(home).get(ROOM).content.decode())
    text = visible_text(html)
    for words in (
        "Interim look; the rest SIMULATED.",
        "anna",
        "recorded 2026-01-02T09:00: the board asked",
        "2 of 25 enrolled, 1 with an outcome, 1 responded",
        "Probability that the final interval lies above 20 %",
        "30.00 %",
        "1,000 trials, seed 9",
    ):
        assert words in text, words
    assert f"?entry={entry}#entry-{entry}" in html
    assert DIGEST in html
    assert (
        "interim look: 1 responders of 1 known"
        in visible_text(web_client(home).get(f"{ROOM}log/?entry={entry}").content.decode()).lower()
    )


def test_a_room_without_a_look_has_no_such_section() -> None:
    assert "Interim look" not in web_client(shared_home()).get(ROOM).content.decode()
