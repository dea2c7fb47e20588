"""The statistician's page: the rates with their rows, and a correction that is only imagined and moves them."""

import json
import re
import shutil
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
from tests.study_pages import visible_text
from tests.web_homes import NAME, contents, shared_home, web_client

from trialwright.analysis import estimate
from trialwright.conduct import Actor, Trial, read_command
from trialwright.log import JsonLinesShelf, seeded_salts
from trialwright.protocol import read_protocol
from trialwright.report.wording import estimate_words
from trialwright.vocabulary.findings import Place

PAGE = f"/trial/{NAME}/estimate/"


def asked(query: str = "") -> str:
    response = web_client(shared_home()).get(PAGE + query)
    assert response.status_code == 200
    return visible_text(unescape(response.content.decode()))


def counts_of(participant: str) -> dict[int, str]:
    html = unescape(web_client(shared_home()).get(f"{PAGE}?participant={participant}").content.decode())
    return {int(entry): words for entry, words in re.findall(r'<option value="(\d+)"[^>]*>([^<]+)</option>', html)}


def test_the_page_shows_the_analysis_room_s_own_number_and_the_rows_behind() -> None:
    folder = shared_home() / "trials" / NAME
    protocol = read_protocol(folder / "protocol.yaml").protocol
    assert protocol is not None
    state = Trial(JsonLinesShelf(folder / "log.jsonl"), protocol, seeded_salts(0)).state
    page = asked()
    assert estimate_words(estimate(protocol, state, "chr_by_week_12")[0]) in page
    assert "The rows behind the estimate" in page
    assert page.count("Participant 7") >= 2


def test_the_planned_number_is_said_to_have_no_justification_and_what_it_could_have_shown() -> None:
    page = asked()
    assert "25 has no stated justification." in page
    assert "20 % 9 of 25 4.7 % 43 % 47 %" in page  # exact single stage, n 25: n25_single_stage_power.csv


def test_the_counts_of_a_participant_are_offered_with_their_entries() -> None:
    counts = counts_of("P07")
    assert any(re.fullmatch(r"WBC 11\.0 ×10⁹/L on 2005-01-24, day 15 \(entry \d+\)", words) for words in counts.values())


def test_an_imagined_correction_flags_the_decisions_that_rest_on_it_and_makes_none_again() -> None:
    entry = next(number for number, words in counts_of("P07").items() if words.startswith("WBC 11.0"))
    page = asked(f"?participant=P07&entry={entry}&value=1.1")
    assert "recorded decisions would rest on changed data." in page
    assert "None would be made again" in page
    assert "2005-01-24: haematological response: partial" in page
    assert "from the data as imagined: would read complete" in page


def test_a_correction_moves_the_estimate_and_its_interval_and_shows_the_row_that_changed() -> None:
    entry = next(number for number, words in counts_of("P01").items() if "day 22 " in words and words.startswith("WBC"))
    page = asked(f"?participant=P01&entry={entry}&value=0.9")
    assert "as it is 0 of 2 (0 %; 95 % interval 0 to 84 %)" in page
    assert "→ 0.9 1 of 2 (50 %; 95 % interval 1 to 99 %)" in page
    assert "The estimate and its interval move." in page
    assert "Participant 1 imagined yes 15 22 response" in page


def test_a_correction_that_moves_the_estimate_is_suggested() -> None:
    html = unescape(web_client(shared_home()).get(PAGE).content.decode())
    found = re.search(r'href="(\?participant=[^"#]+)#main">a slipped decimal point', html)
    assert found and "The estimate and its interval move." in asked(found[1])


@pytest.mark.parametrize(
    "query", ["?participant=P07&entry=1&value=3", "?participant=nobody", "?entry=x&value=1", "?value=3", "?participant=P08"]
)
def test_what_names_no_count_shows_the_page_as_it_is(query: str) -> None:
    assert "Nothing was written." not in asked(query)


@pytest.mark.parametrize(
    ("value", "said"), [("abc", "is a number"), ("11.0", "changes nothing"), ("1e9", "is no unit"), ("5 g/L", "does not fit")]
)
def test_what_conduct_would_refuse_is_refused_here_in_its_own_words(value: str, said: str) -> None:
    entry = next(number for number, words in counts_of("P07").items() if words.startswith("WBC 11.0"))
    assert said in asked(f"?participant=P07&entry={entry}&value={value}")


def test_an_imagined_correction_writes_nothing_and_prints_the_command_that_does() -> None:
    before = contents(shared_home())
    entry = next(number for number, words in counts_of("P07").items() if words.startswith("WBC 11.0"))
    page = asked(f"?participant=P07&entry={entry}&value=1.1")
    assert f'"corrects": {entry}, "value": "1.1"' in page
    assert "trialwright record correction.json" in page
    assert contents(shared_home()) == before


def test_the_command_that_is_printed_does_what_was_imagined(tmp_path: Path) -> None:
    home = Path(shutil.copytree(shared_home(), tmp_path / "home"))
    entry = next(number for number, words in counts_of("P07").items() if words.startswith("WBC 11.0"))
    imagined = asked(f"?participant=P07&entry={entry}&value=1.1")
    folder = home / "trials" / NAME
    protocol = read_protocol(folder / "protocol.yaml").protocol
    assert protocol is not None
    trial = Trial(JsonLinesShelf(folder / "log.jsonl"), protocol, seeded_salts(0))
    command = json_of(imagined)
    read, findings = read_command(command, Place("page"))
    assert read is not None, findings
    trial.submit(
        read, actor=Actor("someone", "coordinator", "Simulated site 1"), at=datetime(2005, 12, 1, tzinfo=UTC), key="real"
    )
    real = visible_text(unescape(web_client(home).get(PAGE).content.decode()))
    moved = re.search(r"entry \d+\) → 1\.1 (\d+ of \d+ \([^)]*\))", imagined)
    assert moved and moved[1] in real


def json_of(page: str) -> dict[str, object]:
    found = re.search(r"echo '(\{.*?\})' > correction.json", page)
    assert found
    data: dict[str, object] = json.loads(found[1])
    return data
