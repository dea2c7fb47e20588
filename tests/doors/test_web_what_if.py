"""The read-only what-if: the doctor changes a value, the engine answers, and nothing is written."""

import re
from html import unescape

import pytest
from tests.study_pages import visible_text
from tests.web_homes import NAME, contents, shared_home, web_client

PAGE = f"/trial/{NAME}/participant/P07/"


def asked(query: str) -> str:
    response = web_client(shared_home()).get(PAGE + query)
    assert response.status_code == 200
    return visible_text(unescape(response.content.decode()))


def test_the_form_holds_what_the_decision_rests_on() -> None:
    html = web_client(shared_home()).get(PAGE).content.decode()
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', html))
    assert fields["anc"] == "4.1"
    assert fields["platelets"] == "210"
    assert fields["aec"] == "2.86"


def test_a_low_count_flips_the_advice_to_hold_and_names_the_rule() -> None:
    page = asked("?anc=0.8")
    assert "If ANC 4.1 → 0.8" in page
    assert "Advise: hold (0 mg/day)." in page
    assert "Rule “cytopenia” decides: ANC 0.8 ×10⁹/L on 24 January is below 1.0 ×10⁹/L." in page
    assert "when: anc < 1.0 10*9/L or platelets < 50 10*9/L" in page
    assert "As it was Advise: may raise to 300 mg/day." in page


def test_a_deleted_count_bars_the_increase_and_says_what_to_measure() -> None:
    page = asked("?anc=")
    assert "If ANC 4.1 → deleted" in page
    assert "can't raise: measure ANC" in page


def test_a_threshold_itself_does_not_hold() -> None:
    assert "Advise: hold" not in asked("?anc=1.0").split("Every dose decision")[0]
    assert "Advise: hold" in asked("?anc=0.99").split("Every dose decision")[0]


def test_a_comma_is_read_as_a_decimal_point() -> None:
    assert "If ANC 4.1 → 0.8" in asked("?anc=0,8")


def test_a_derived_value_can_be_imagined_too() -> None:
    page = asked("?aec=0.3")
    assert "If AEC 2.86 → 0.3" in page
    assert "AEC is derived; correct Eosinophils and WBC instead" in page


@pytest.mark.parametrize("typed", ["abc", "1e999", "--1", "NaN", "<b>", "1 mg/dL", "٣"])
def test_what_is_no_number_is_said_beside_its_field_and_asks_nothing(typed: str) -> None:
    page = asked(f"?anc={typed}")
    assert "is not a number." in page
    assert "As it was" not in page


@pytest.mark.parametrize(
    "query", ["?nonsense=1", "?decision=999999", "?decision=-1", "?decision=²", "?anc=4.1", "?decision=" + "9" * 300]
)
def test_what_changes_nothing_shows_the_page_as_it_is(query: str) -> None:
    page = asked(query)
    assert "why 300 mg?" in page and "Nothing was written." not in page


def test_nothing_was_written_and_the_page_says_so_and_how_to_do_it_for_real() -> None:
    before = contents(shared_home())
    page = asked("?anc=0.8")
    assert "Nothing was written." in page
    assert f"trialwright explain P07 --trial {NAME}" in page and "--what-if anc=0.8" in page
    assert '"command": "CorrectObservation"' in page and '"value": "0.8"' in page
    assert contents(shared_home()) == before


def test_the_suggestions_are_what_the_rules_would_notice() -> None:
    assert "Or try: ANC 4.1 → 0.8 · ANC not measured" in asked("")
