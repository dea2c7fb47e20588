"""The study page: every fact of the registry's page, nothing invented, nothing that runs."""

import json
import os
import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.study_pages import EXTRAS, RECORDS, ROOT, SEED_AT, elements, letters, record_at, seed, visible_text

from trialwright.registry.record import Record
from trialwright.report.study_page import Assumption, PageExtras, render_study_page, study_page_body

# Lines of the portal that are its own furniture and say nothing of the study.
FURNITURE = {"ClinicalTrials.Veeva", "Menu", "Loading...", "Clinical trials", "© Copyright 2026 Veeva Systems"}


def facts_of_the_registry_page() -> list[str]:
    text = (ROOT / "tests/fixtures/registry-page.txt").read_text().replace("trialsTrials", "trials\nTrials")
    lines = [" ".join(line.replace("•", " ").split()) for line in text.splitlines()]
    return [line for line in lines if line and line not in FURNITURE]


def page_of(raw: dict[str, Any], extras: PageExtras = EXTRAS) -> str:
    return render_study_page(Record(raw), extras)


@pytest.fixture(scope="module")
def seed_page() -> str:
    return page_of(seed())


@pytest.mark.parametrize("fact", facts_of_the_registry_page())
def test_every_fact_of_the_registrys_page_is_on_ours(seed_page: str, fact: str) -> None:
    assert fact.casefold() in visible_text(seed_page).casefold()


def test_the_registrys_page_was_read_whole() -> None:
    assert len(facts_of_the_registry_page()) > 50


@pytest.mark.parametrize(
    "fact",
    [
        "Therapeutic and Biological Effects of Imatinib Mesylate in Primary Hypereosinophilic Syndromes",
        "Study start October 2004",
        "Study completion December 2007 (actual)",
        "First submitted 6 November 2008",
        "Last update submitted 28 December 2010",
        "Response rate",
        "Duration of responses following drug withdrawal after 12 weeks",
        "Renato Bassan, MD (Principal investigator, USC Ematologia Ospedali Riuniti di Bergamo)",
        "Dr Renato Bassan (NILG)",
        "Data monitoring committee No",
        "Other names: Gleevec",
        "Timing to response",
        "Imatinib wsa discontinued",
        "Bergamo, 24128, Italy",
        "Brescia, Italy",
        "Firenze, 50134, Italy",
        "Vicenza, 36100, Italy",
        "No results are posted with the record",
        "processed here on 22 November 2026",
    ],
)
def test_the_page_adds_what_the_record_adds(seed_page: str, fact: str) -> None:
    assert fact in visible_text(seed_page)


def test_a_completed_study_says_first_that_it_is_not_for_treatment_decisions(seed_page: str) -> None:
    text = visible_text(seed_page)
    said = text.index("This study is completed. Not for treatment decisions. It ended in December 2007")
    assert said < text.index("Status and phase")


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("RECRUITING", "is recruiting. Only its own team can say"),
        ("TERMINATED", "was stopped early. Not for treatment decisions."),
        ("UNKNOWN", "It is not known whether this study still goes on."),
        ("SOMETHING_NEW", "Not for treatment decisions."),
    ],
)
def test_the_notice_follows_the_status(status: str, says: str) -> None:
    raw = seed()
    raw["protocolSection"]["statusModule"]["overallStatus"] = status
    assert says in visible_text(page_of(raw))


def test_an_estimated_end_is_not_called_the_end() -> None:
    raw = seed()
    raw["protocolSection"]["statusModule"]["completionDateStruct"]["type"] = "ESTIMATED"
    assert "It ended in" not in visible_text(page_of(raw))


def test_the_reason_for_stopping_is_the_records() -> None:
    raw = seed()
    raw["protocolSection"]["statusModule"] |= {"overallStatus": "TERMINATED", "whyStopped": "Slow accrual."}
    assert "Reason given in the record: Slow accrual." in visible_text(page_of(raw))


def test_no_contact_is_invented(seed_page: str) -> None:
    assert visible_text(seed_page).count("The record gives no contact for this site.") == 4
    assert "mailto:" not in seed_page


def test_a_contact_that_the_record_gives_is_shown_at_its_site() -> None:
    raw = seed()
    site = raw["protocolSection"]["contactsLocationsModule"]["locations"][1]
    site["contacts"] = [{"name": "Trial desk", "role": "CONTACT", "phone": "1234", "email": "desk@example.org"}]
    text = visible_text(page_of(raw))
    assert "Brescia, Italy Trial desk (Contact) 1234 desk@example.org" in text
    assert text.count("The record gives no contact for this site.") == 3


def test_script_in_a_records_text_is_inert() -> None:
    raw = seed()
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    section = raw["protocolSection"]
    section["identificationModule"]["briefTitle"] = evil
    section["descriptionModule"] = {"briefSummary": evil, "detailedDescription": f"* {evil}\n* b"}
    section["eligibilityModule"]["eligibilityCriteria"] = f"Inclusion Criteria:\n\n* {evil}"
    section["contactsLocationsModule"]["locations"][0] |= {"facility": evil, "city": evil}
    section["conditionsModule"]["conditions"] = [evil]
    section["referencesModule"] = {
        "references": [{"pmid": '1"><script>', "citation": evil}],
        "seeAlsoLinks": [{"label": evil, "url": "javascript:alert(3)"}, {"url": 'https://x.org/"onclick="alert(4)'}],
    }
    found = elements(page_of(raw))
    assert {tag for tag, _ in found}.isdisjoint({"script", "img", "iframe", "object", "embed", "link", "form"})
    assert not [name for _, attributes in found for name in attributes if name.startswith("on")]
    hrefs = [attributes["href"] or "" for _, attributes in found if "href" in attributes]
    assert all(re.match(r"(https://|#|/|mailto:)", href) for href in hrefs)
    assert not any("alert" in href for href in hrefs)


def test_the_page_asks_for_nothing_from_outside_and_runs_nothing(seed_page: str) -> None:
    found = elements(seed_page)
    assert not [tag for tag, attributes in found if "src" in attributes or "style" in attributes or tag == "link"]
    assert "script" not in {tag for tag, _ in found}
    assert not re.search(r"@import|url\(", seed_page)


def test_the_page_has_one_heading_of_each_kind_in_order_and_landmarks(seed_page: str) -> None:
    tags = [tag for tag, _ in elements(seed_page)]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert tags.count("main") == 1
    assert {"header", "nav", "footer", "article"} <= set(tags)


def test_every_link_within_the_page_leads_somewhere(seed_page: str) -> None:
    found = elements(seed_page)
    ids = [attributes["id"] for _, attributes in found if attributes.get("id")]
    targets = {(a["href"] or "")[1:] for _, a in found if (a.get("href") or "").startswith("#")}
    assert targets <= set(ids)
    assert len(ids) == len(set(ids))


def test_the_findings_are_linked_for_the_owner_only(seed_page: str) -> None:
    assert "owner only" not in visible_text(seed_page)
    shown = page_of(seed(), PageExtras(processed_on=date(2026, 11, 22), owner_findings_href="/findings/NCT00787384"))
    assert 'href="/findings/NCT00787384"' in shown


def test_summary_assumptions_banner_and_download_are_shown_when_given() -> None:
    extras = PageExtras(
        processed_on=date(2026, 11, 22),
        json_href="record.json",
        banner="A demonstration.",
        plain_summary="A plain summary.",
        plain_summary_label="Written by the team.",
        assumptions=(Assumption("Complete means 0.5.", "ASH 2019"),),
    )
    text = visible_text(page_of(seed(), extras))
    for said in (
        "A demonstration.",
        "In plain words A plain summary. Written by the team.",
        "Complete means 0.5. (Source: ASH 2019)",
    ):
        assert said in text
    assert "In plain words" not in visible_text(page_of(seed()))


def test_the_fragment_is_the_body_of_the_page(seed_page: str) -> None:
    body = study_page_body(Record(seed()), EXTRAS)
    assert body in seed_page
    assert "<html" not in body
    assert "<main" not in body


def test_the_same_record_gives_the_same_bytes(seed_page: str) -> None:
    assert page_of(seed()) == seed_page


@pytest.mark.parametrize("missing", list(seed()["protocolSection"]))
def test_a_missing_module_is_missed_without_an_error(missing: str) -> None:
    raw = seed()
    del raw["protocolSection"][missing]
    assert "<h1>" in page_of(raw)


@pytest.mark.parametrize("raw", [{}, {"protocolSection": {}}, {"protocolSection": None}, {"resultsSection": {"x": 1}}])
def test_a_record_of_almost_nothing_still_has_a_page(raw: dict[str, Any]) -> None:
    text = visible_text(page_of(raw))
    assert "Not stated in the record" in text
    assert "The record names no location." in text


def assert_shown_word_for_word(record: Record) -> None:
    shown = letters(visible_text(render_study_page(record, EXTRAS)))
    texts = [record.brief_title, record.official_title, record.brief_summary, record.detailed_description]
    texts += [record.eligibility_text, record.study_population, record.why_stopped]
    texts += [arm.description for arm in record.arms] + [one.description for one in record.interventions]
    texts += [one.measure for one in (*record.primary_outcomes, *record.secondary_outcomes, *record.other_outcomes)]
    texts += [site.facility for site in record.locations] + [one.citation for one in record.references]
    for line in "\n".join(text for text in texts if text).splitlines():
        unmarked = re.sub(r"^\s*\d{1,3}[.)]\s", "", line)
        under_our_heading = re.sub(
            r"^\W*(key |main |major )?(in|ex)clusion( criteri(a|on))?(\W+|$)", "", line, flags=re.IGNORECASE
        )
        assert letters(unmarked) in shown or letters(under_our_heading) in shown, (record.nct_id, line)


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_every_registry_record_is_shown_word_for_word(path: Path) -> None:
    assert_shown_word_for_word(record_at(path))


@pytest.mark.long
def test_every_record_of_the_corpus_is_shown_word_for_word() -> None:
    corpus = os.environ.get("TRIALWRIGHT_CORPUS")
    if not corpus:
        pytest.skip("TRIALWRIGHT_CORPUS names no folder")
    with (Path(corpus) / "studies_v2.jsonl").open() as lines:
        for line in lines:
            assert_shown_word_for_word(Record(json.loads(line)))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.stem)
def test_every_registry_records_page_is_sound(path: Path) -> None:
    found = elements(render_study_page(record_at(path), EXTRAS))
    assert [tag for tag, _ in found].count("h1") == 1
    ids = [attributes["id"] for _, attributes in found if attributes.get("id")]
    assert len(ids) == len(set(ids))
    assert "script" not in {tag for tag, _ in found}


def spots(node: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every place in a JSON value."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [at] * bool(at) + [spot for key, child in inner for spot in spots(child, (*at, key))]


def assert_rendered_with_junk_at(path: Path, spot: tuple[str | int, ...], junk: Any) -> None:
    raw = json.loads(path.read_text())
    node = raw
    for key in spot[:-1]:
        node = node[key]
    node[spot[-1]] = junk
    assert "<h1>" in page_of(raw), (spot, junk)


JUNK = [None, 3, -1.5, True, "", "x", [], [3], ["x"], [None], {}, {"x": []}]


def test_junk_in_a_record_gives_a_page_and_no_error() -> None:
    places = spots(seed())
    for at, spot in enumerate(places[::9]):
        assert_rendered_with_junk_at(SEED_AT, spot, JUNK[at % len(JUNK)])


@pytest.mark.long
@pytest.mark.parametrize("path", [SEED_AT, *RECORDS[:6]], ids=lambda path: path.stem)
def test_junk_anywhere_in_a_record_gives_a_page_and_no_error(path: Path) -> None:
    for at, spot in enumerate(spots(json.loads(path.read_text()))[:1500]):
        assert_rendered_with_junk_at(path, spot, JUNK[at % len(JUNK)])


@pytest.mark.parametrize("lat", [float("nan"), float("inf"), 91, -1e300])
def test_a_point_that_is_not_on_earth_gives_way_to_the_citys(lat: float) -> None:
    raw = seed()
    raw["protocolSection"]["contactsLocationsModule"]["locations"][0]["geoPoint"]["lat"] = lat
    assert page_of(raw) == page_of(seed())


def test_posted_results_are_shown_as_tables_and_not_interpreted() -> None:
    record = record_at(ROOT / "tests/fixtures/registry/v2/NCT02513394.json")
    text = visible_text(render_study_page(record, EXTRAS))
    assert "Participant flow" in text
    assert "Started 2896 2900" in text
    assert "not checked or interpreted here" in text
    assert "No results are posted" not in text


def test_hundreds_of_sites_stand_in_parts_that_open() -> None:
    record = record_at(ROOT / "tests/fixtures/registry/v2/NCT02513394.json")
    html = render_study_page(record, EXTRAS)
    assert "Trial contacts and locations 437" in visible_text(html)
    assert visible_text(html).count("The record gives no contact for any of these sites.") == 1
    assert "United States: 192 sites" in visible_text(html)
