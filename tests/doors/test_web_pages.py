"""The web door's pages: each answers with its key facts, and each number or sentence is the program's own."""

import re
from html import unescape

import pytest
from tests.study_pages import elements, visible_text
from tests.web_homes import NAME, shared_home, web_client

ROOM = f"/trial/{NAME}/"
PAGES = [
    "/",
    "/search/",
    "/search/?q=imatinib",
    "/locations/",
    "/locations/Italy/",
    "/conditions/",
    "/sponsors/",
    "/glossary/",
    "/list/?ids=NCT00787384",
    "/compare/?ids=NCT00787384",
    "/it/",
    "/it/search/?q=imatinib",
    "/it/study/NCT00787384/",
    "/study/NCT00787384/history/",
    "/study/NCT00787384/sites/",
    "/study/NCT00787384/",
    ROOM,
    f"{ROOM}participant/P01/",
    f"{ROOM}participant/P07/",
    f"{ROOM}participant/P07/?anc=0.8",
    f"{ROOM}participant/P08/",
    f"{ROOM}estimate/",
    f"{ROOM}log/",
    f"{ROOM}findings/",
]


@pytest.fixture
def client():  # type: ignore[no-untyped-def]
    return web_client(shared_home())


def seen(client, address: str, status: int = 200) -> str:  # type: ignore[no-untyped-def]
    response = client.get(address)
    assert response.status_code == status, address
    return visible_text(unescape(response.content.decode()))


@pytest.mark.parametrize("address", PAGES)
def test_every_page_has_one_heading_of_the_first_rank_a_title_and_no_script_but_htmx_from_here(client, address: str) -> None:
    html = client.get(address, follow=True).content.decode()
    tags = [tag for tag, _ in elements(html)]
    assert tags.count("h1") == 1
    assert tags.count("main") == 1
    scripts = [attributes for tag, attributes in elements(html) if tag == "script"]
    allowed = [] if address.startswith("/trial/") else [{"src": "/static/vendor/htmx.min.js", "defer": None}]
    assert [one for one in scripts if one.get("type") != "application/ld+json"] == allowed
    assert re.search(r"<title>[^<]+ · Trialwright</title>", html)


@pytest.mark.parametrize("address", [page for page in PAGES if page.startswith("/trial/") and "findings" not in page])
def test_every_page_of_a_rehearsal_says_that_it_is_simulated(client, address: str) -> None:
    assert "SIMULATED No person, site or result on this page is real." in seen(client, address)


@pytest.mark.parametrize("address", PAGES)
def test_every_link_of_a_page_leads_to_a_page(client, address: str) -> None:
    links = {attributes["href"] for tag, attributes in elements(client.get(address).content.decode()) if tag == "a"}
    inside = sorted({link.split("#")[0] for link in links if link and link.startswith(("/", "?"))} - {""})
    one_of_each = {re.sub(r"\d+", "0", link): link for link in inside}  # of the many links to entries, one
    for link in one_of_each.values():
        whole = address.split("?")[0] + link if link.startswith("?") else link
        assert client.get(whole).status_code == 200, whole


def test_a_search_keeps_the_studies_in_which_every_word_stands(client) -> None:
    assert "Efficacy of Imatinib Mesylate" in seen(client, "/search/?q=vicenza+eosinophilic")
    nothing = seen(client, "/search/?q=vicenza+asthma")
    assert "No study was found" in nothing and "Efficacy of Imatinib" not in nothing


def test_a_question_asked_of_the_home_page_is_answered_by_the_search(client) -> None:
    response = client.get("/?q=imatinib&near=Bergamo")
    assert (response.status_code, response["location"]) == (302, "/search/?q=imatinib&near=Bergamo")


def test_what_was_searched_for_is_shown_as_text_and_never_as_markup(client) -> None:
    html = client.get("/search/?q=%3Cscript%3Ealert(1)%3C/script%3E").content.decode()
    assert "<script>" not in html and "&lt;script&gt;" in html


def test_the_study_page_shows_the_record_the_map_and_the_owner_s_link(client) -> None:
    page = seen(client, "/study/NCT00787384/")
    assert "This study is completed" in page
    assert "Bergamo" in page and "2004-002280-24" in page
    assert "In plain words" in page
    assert f"{ROOM}findings/" in client.get("/study/NCT00787384/").content.decode()


def test_the_record_can_be_had_as_json_of_the_registry_s_shape(client) -> None:
    response = client.get("/study/NCT00787384.json")
    assert response["content-type"].startswith("application/json")
    assert response.json()["protocolSection"]["identificationModule"]["nctId"] == "NCT00787384"


def test_locations_go_from_country_to_city_to_study(client) -> None:
    assert "Italy" in seen(client, "/locations/")
    page = seen(client, "/locations/Italy/")
    assert page.index("Bergamo") < page.index("Vicenza")
    assert "Efficacy of Imatinib" in seen(client, "/search/?country=Italy&city=Bergamo")
    assert client.get("/locations/Atlantis/").status_code == 404


def test_the_room_lists_everybody_with_dose_response_and_flags(client) -> None:
    page = seen(client, ROOM)
    assert (
        "Participant 7 Simulated site 1 on treatment 300 mg/day partial, confirmed not assessable grade 1 Periorbital oedema"
        in page
    )
    assert "decisions rest on changed data" in page
    assert "Enrolled of 25 planned 2" in page


def test_the_participant_s_page_answers_why_that_dose(client) -> None:
    page = seen(client, f"{ROOM}participant/P07/")
    assert "SIMULATED · Participant 7: why 300 mg?" in page
    assert "in case of unsatisfactory response (less than complete) Imatinib could be increased by 100 mg/die" in page
    assert "Advise: may raise to 300 mg/day." in page
    assert "response is partial (AEC 2.86 ×10⁹/L on 24 January" in page
    assert "The investigator’s reason: tolerated well at 300 mg; the count is still falling" in page
    assert "prednisone" in page and "Periorbital oedema" in page


def test_the_rule_stands_beside_its_decision_as_in_the_file_line_by_line(client) -> None:
    page = client.get(f"{ROOM}participant/P07/").content.decode()
    first = re.search(r"protocol.yaml, lines (\d+)–", page)
    assert first
    lines = (shared_home() / "trials" / NAME / "protocol.yaml").read_text().splitlines()
    assert lines[int(first[1]) - 1].strip() == "- id: escalate"
    assert "then: may next level" in unescape(page)


def test_a_decision_can_be_asked_for_by_its_entry(client) -> None:
    page = client.get(f"{ROOM}participant/P07/").content.decode()
    entries = re.findall(r"\?decision=(\d+)\"", page)
    assert "10 January 2005, day 1: start" in seen(client, f"{ROOM}participant/P07/?decision={min(map(int, entries))}")


def test_a_decision_that_rests_on_a_corrected_value_says_so_and_is_not_made_again(client) -> None:
    page = seen(client, f"{ROOM}participant/P01/")
    assert "rests on changed data" in page
    assert "WBC was 9.5 and is now 4.5" in page
    assert "It was not decided again." in page


def test_who_was_never_dosed_has_a_page_without_a_decision(client) -> None:
    assert "No dose was ever decided for this person." in seen(client, f"{ROOM}participant/P08/")


def test_the_report_is_served_as_it_was_written_under_a_policy_of_its_own(client) -> None:
    response = client.get(f"{ROOM}report/")
    assert response.content == (shared_home() / "trials" / NAME / "report.html").read_bytes()
    assert "style-src 'unsafe-inline'" in response["content-security-policy"]
    assert "default-src 'none'" in response["content-security-policy"]
    pdf = client.get(f"{ROOM}report.pdf")
    assert pdf["content-type"] == "application/pdf" and b"".join(pdf.streaming_content).startswith(b"%PDF")


def test_small_pages_for_machines_answer(client) -> None:
    assert client.get("/healthz").content == b"ok\n"
    assert b"Disallow: /trial" in client.get("/robots.txt").content
    assert b".tw-study" in client.get("/style/study.css").content
    assert b".pg-banner" in b"".join(client.get("/static/pages.css").streaming_content)


def test_the_findings_lead_with_the_age_that_nobody_decided_and_say_what_was_explored(client) -> None:
    page = seen(client, f"{ROOM}findings/")
    assert "with a reason. error Age 15 is neither included nor excluded TW-P014" in page
    assert "Acknowledged:" in page
    assert re.search(r"[\d,]+ states on a day and [\d,]+ decisions were examined", page)
    assert "ceiling: proved." in page
    assert "Try one of: inclusion age >= 15 years · minimum age 16 years" in page
    assert "`" not in page
