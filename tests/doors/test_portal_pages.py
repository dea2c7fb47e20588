"""The public pages over a registry: what is asked is understood and shown, what is found is true, what is wrong is said."""

import json
import re
import shutil
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, quote_plus, urlsplit
from xml.etree import ElementTree

import pytest
from tests.registry_homes import CHANGED_ID, EVIL_ID, copied_home, registry_home
from tests.study_pages import elements, visible_text
from tests.web_homes import NAME, web_client

SEED = "NCT00787384"
PAGES = [
    "/",
    "/search/",
    "/search/?q=imatinib+near+Bergamo",
    "/search/?view=table",
    "/search/?view=map",
    "/search/?q=AREA%5BFoo%5Dx",
    "/search/?q=zzzzqqq",
    f"/study/{SEED}/",
    f"/study/{SEED}/sites/",
    f"/study/{CHANGED_ID}/history/",
    f"/study/{EVIL_ID}/",
    "/locations/",
    "/locations/Italy/",
    "/conditions/",
    "/conditions/?letter=E",
    "/sponsors/",
    "/glossary/",
    f"/list/?ids={SEED},{EVIL_ID}",
    f"/compare/?ids={SEED},{EVIL_ID}",
]
BOTH = [f"{prefix}{page}" for prefix in ("", "/it") for page in PAGES]


@pytest.fixture
def client():  # type: ignore[no-untyped-def]
    return web_client(registry_home())


def html_of(client, address: str, status: int = 200) -> str:  # type: ignore[no-untyped-def]
    response = client.get(address)
    assert response.status_code == status, address
    return str(response.content.decode())


def seen(client, address: str, status: int = 200) -> str:  # type: ignore[no-untyped-def]
    return visible_text(unescape(html_of(client, address, status)))


def found(client, query: str) -> list[str]:  # type: ignore[no-untyped-def]
    """The numbers of the studies on a page of results, in order."""
    return re.findall(r'name="ids" value="([^"]+)" aria-label', html_of(client, f"/search/?{query}"))


def total(client, query: str) -> int:  # type: ignore[no-untyped-def]
    number = re.search(r'role="status"><strong>([\d,.]+)</strong>', html_of(client, f"/search/?{query}"))
    assert number is not None, query
    return int(number[1].replace(",", ""))


# language ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", BOTH)
def test_every_page_says_its_language_and_links_to_itself_in_the_other(client, address: str) -> None:
    response = client.get(address)
    html = response.content.decode()
    assert f'<html lang="{"it" if address.startswith("/it") else "en"}">' in html
    other = address.removeprefix("/it") if address.startswith("/it") else f"/it{address}"
    link = re.search(r'<li class="pg-language"><a href="([^"]+)"', html)
    assert link is not None and unescape(link[1]).split("?")[0] == other.split("?")[0]
    assert client.get(unescape(link[1])).status_code == response.status_code
    assert "Set-Cookie" not in response.headers


def test_italian_pages_speak_italian_and_keep_the_record_s_words(client) -> None:
    page = seen(client, f"/it/search/?q={SEED}")
    assert "1 studio" in page and "Concluso" in page and "Efficacy of Imatinib Mesylate" in page
    assert "studies" not in page


# the one box -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["imatinib hypereosinophilic", "NILG-HES1-03", "2004-002280-24", SEED, "imatinib near Bergamo"])
def test_the_seed_is_found_by_words_by_each_number_and_near_bergamo(client, asked: str) -> None:
    assert SEED in found(client, f"q={quote_plus(asked)}")


def test_a_plain_question_is_taken_apart_and_each_part_can_be_left_out(client) -> None:
    html = html_of(client, "/search/?q=imatinib+near+Bergamo")
    text = visible_text(html)
    assert "Near: Bergamo, within 50 km" in text and "0 km" in text
    leave = next(one for tag, one in elements(html) if tag == "a" and (one.get("aria-label") or "").startswith("Leave out Near"))
    assert parse_qs(urlsplit(leave["href"] or "").query) == {"q": ["imatinib"]}
    assert total(client, "q=imatinib") >= total(client, "q=imatinib+near+Bergamo")


def test_the_words_can_be_searched_as_they_stand(client) -> None:
    html = html_of(client, "/search/?q=imatinib+near+Bergamo&as=words")
    assert "Near:" not in visible_text(html)


def test_an_expression_is_read_as_one_and_a_mistake_in_it_is_pointed_at(client) -> None:
    assert found(client, "q=AREA%5BNCTId%5D" + SEED) == [SEED]
    page = seen(client, "/search/?q=AREA%5BOverallStatis%5DCOMPLETED", 400)
    assert "Unknown area name: 'OverallStatis'" in page and "OverallStatus" in page and "at character" in page
    unbalanced = seen(client, "/search/?q=imatinib+AND+(x", 400)
    assert "Search for these words as they stand" in unbalanced


@pytest.mark.parametrize(
    "asked", ["imatinib (Glivec", 'the "quoted', "a) b", "50%", "β-thalassaemia", "x" * 5000, "%00%01", "🙂"]
)
def test_words_that_only_look_odd_are_searched_and_never_fail(client, asked: str) -> None:
    assert client.get("/search/", {"q": asked}).status_code == 200


def test_a_place_that_is_not_known_is_said_and_the_rest_is_searched(client) -> None:
    page = seen(client, f"/search/?q={SEED}&near=Xyzzyville")
    assert "We know no city called “Xyzzyville”" in page and "1 study" in page


def test_other_names_are_shown_and_can_be_switched_off(client) -> None:
    page = html_of(client, "/search/?q=Glivec")
    assert "was also searched as" in page and SEED in page
    assert SEED not in found(client, "q=Glivec&synonyms=off")


def test_the_words_that_were_searched_are_marked_and_slight_ones_are_not(client) -> None:
    page = html_of(client, "/search/?q=heart+attack+of+imatinib+OR+imatinib")
    assert "<mark>Imatinib</mark>" in page and "<mark>of</mark>" not in page
    assert "pg-passage" in page and "<mark>" not in html_of(client, "/search/?aggFilters=phase:2")


def test_a_misspelt_word_gets_a_suggestion(client) -> None:
    html = html_of(client, "/search/?q=imatinb")
    meant = re.search(r"Did you mean <a href=\"([^\"]+)\"", html)
    assert meant is not None and SEED in html_of(client, unescape(meant[1]))


def test_suggestions_are_options_of_the_box(client) -> None:
    assert '<option value="Hypereosinophilic Syndrome">' in html_of(client, "/suggest/?q=hypereos")
    assert "<option" not in html_of(client, "/suggest/?q=h")


# filters, order, pages ---------------------------------------------------------------------------------------------


def test_the_counts_of_a_filter_are_what_choosing_it_finds(client) -> None:
    html = html_of(client, "/search/")
    boxes = re.findall(r'name="([a-zA-Z]+)" value="([^"]+)"[^>]*> <span>[^<]*</span> <span class="pg-count">(\d+)</span>', html)
    assert len(boxes) > 15
    for name, value, count in boxes:
        assert total(client, f"{name}={quote_plus(unescape(value))}") == int(count), (name, value)


def test_two_choices_of_one_filter_are_alternatives_and_the_others_keep_their_counts(client) -> None:
    done, stopped = total(client, "aggFilters=status:com"), total(client, "aggFilters=status:ter")
    assert total(client, "aggFilters=status:com&aggFilters=status:ter") == done + stopped
    html = html_of(client, "/search/?aggFilters=status:com")
    assert f'value="status:ter"> <span>Terminated</span> <span class="pg-count">{stopped}</span>' in html


def test_who_would_take_part_is_judged_by_the_record_s_bounds(client) -> None:
    assert SEED in found(client, f"q={SEED}&age=15") and SEED not in found(client, f"q={SEED}&age=14")
    assert SEED not in found(client, f"q={SEED}&healthy=y")
    assert SEED in found(client, f"q={SEED}&sex=f")


def test_the_pages_part_the_result(client) -> None:
    number = total(client, "")
    pages = [found(client, f"page={page}") for page in range(1, -(-number // 10) + 1)]
    every = [one for page in pages for one in page]
    assert len(every) == len(set(every)) == number
    assert "There are not so many pages" in seen(client, "/search/?page=400")


def test_sorting_by_distance_is_by_distance(client) -> None:
    html = html_of(client, "/search/?near=Bergamo&radius=800&sort=@distance")
    distances = [int(one.replace(",", "")) for one in re.findall(r", ([\d,]+) km</strong>", html)]
    assert distances == sorted(distances) and len(distances) > 1


@pytest.mark.parametrize(
    "query",
    [
        "page=-1",
        "page=999999999",
        "radius=7&near=Bergamo",
        "age=abc",
        "view=x",
        "sort=nonsense",
        "aggFilters=x:y",
        "aggFilters=",
        "query.cond=%22",
    ],
)
def test_a_strange_address_answers_with_results_or_a_reason(client, query: str) -> None:
    response = client.get(f"/search/?{query}")
    assert response.status_code in (200, 400)
    assert "This search cannot be understood" in response.content.decode() or response.status_code == 200


def test_a_filter_asks_for_the_results_alone_when_htmx_asks(client) -> None:
    part = client.get("/search/?q=imatinib", headers={"HX-Request": "true", "HX-Target": "results"})
    assert "<html" not in part.content.decode() and SEED in part.content.decode()
    assert "HX-Target" in part["Vary"]


# the same through the API ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "query",
    [
        "q=imatinib",
        "q=imatinib+near+Bergamo",
        "q=completed+studies+in+Italy",
        "aggFilters=status:com&aggFilters=phase:2",
        "country=Italy",
        "country=Italy&city=Bergamo",
        "age=15&sex=m",
        f"q={SEED}",
        "q=AREA%5BPhase%5DPHASE2+AND+NOT+imatinib",
        "query.cond=cancer&near=Milano&radius=400",
    ],
)
def test_a_search_replayed_at_the_api_finds_as_many(client, query: str) -> None:
    html = html_of(client, f"/search/?{query}")
    address = unescape(re.search(r'href="(/api/v2/studies[^"]+)">JSON', html)[1])  # type: ignore[index]
    answer = client.get(f"{address}&countTotal=true")
    assert answer.status_code == 200, answer.content
    assert answer.json()["totalCount"] == total(client, query)


def test_a_search_can_be_had_as_csv(client) -> None:
    html = html_of(client, "/search/?q=imatinib")
    address = unescape(re.search(r'href="(/api/v2/studies[^"]+)">CSV', html)[1])  # type: ignore[index]
    text = b"".join(client.get(address)) if client.get(address).streaming else client.get(address).content
    assert text.decode().startswith("NCT Number,") and SEED in text.decode()


# one study ---------------------------------------------------------------------------------------------------------


def test_the_home_s_own_record_stands_before_the_registry_s(client) -> None:
    assert "This home’s own record" in seen(client, f"/search/?q={SEED}")
    assert "The protocol, played through" in seen(client, f"/study/{SEED}/")


def test_an_own_trial_that_is_in_no_registry_is_found_and_has_its_page(tmp_path: Path) -> None:
    home = copied_home(tmp_path)
    trial = home / "trials/not-registered"
    shutil.copytree(home / "trials" / NAME, trial)
    raw = json.loads((trial / "study.json").read_text())
    del raw["protocolSection"]["identificationModule"]["nctId"]
    raw["protocolSection"]["identificationModule"] |= {
        "orgStudyIdInfo": {"id": "Group 7/2026"},
        "briefTitle": "Not registered yet",
    }
    raw["protocolSection"]["contactsLocationsModule"] = {"locations": [{"city": "Lugano", "country": "Atlantis"}]}
    (trial / "study.json").write_text(json.dumps(raw))
    client = web_client(home)
    assert found(client, "q=%22not+registered+yet%22") == ["Group 7/2026"]
    links = re.findall(r'<h2><a href="([^"]+)">Not <mark>registered', html_of(client, "/search/?q=registered"))
    assert "Not registered yet" in seen(client, unescape(links[0]))
    assert "Not registered yet" in seen(client, "/list/?ids=Group+7/2026")
    assert client.get("/study/Group%207/2026.json").status_code == 200
    assert "Atlantis 1" in seen(client, "/locations/") and "Lugano 1" in seen(client, "/locations/Atlantis/")
    assert "/study/Group%207/2026/" in client.get("/sitemap-0.xml").content.decode()


def test_an_alias_or_any_case_leads_to_the_study(client) -> None:
    assert "A study that changes" in seen(client, f"/study/{CHANGED_ID.lower()}/")
    assert client.get("/study/NCT12121212/").status_code == 404


def test_history_says_in_field_words_what_changed(client) -> None:
    page = seen(client, f"/study/{CHANGED_ID}/history/")
    assert "Overall status" in page and "Completed" in page and "Terminated" in page
    assert page.index("2026-10-30") < page.index("The first version seen.")


def test_json_and_citation_are_the_record_s(client) -> None:
    assert client.get(f"/study/{CHANGED_ID}.json").json()["protocolSection"]["identificationModule"]["nctId"] == CHANGED_ID
    citation = client.get(f"/study/{CHANGED_ID}.ris")
    assert citation["content-type"].startswith("application/x-research-info-systems")
    assert CHANGED_ID in citation.content.decode()


def test_the_page_describes_the_trial_to_search_engines(client) -> None:
    html = html_of(client, f"/study/{SEED}/")
    linked = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.S)[1])  # type: ignore[index]
    assert linked["@type"] == "MedicalTrial" and SEED in linked["identifier"]
    assert linked["status"] == "https://schema.org/Completed"
    assert {"@type": "MedicalCondition", "name": "Hypereosinophilic Syndrome"} in linked["healthCondition"]


def test_sites_say_how_far_they_are_where_the_reader_looks_from(client) -> None:
    assert "0 km from Bergamo" in seen(client, f"/study/{CHANGED_ID}/?near=Bergamo")
    assert client.get(f"/study/{SEED}/sites/?country=Italy&part=1").content.decode().count("<html") == 0


@pytest.mark.parametrize(
    "address", [f"/study/{EVIL_ID}/", f"/study/{EVIL_ID}/sites/", f"/search/?q={EVIL_ID}", f"/search/?q={EVIL_ID}&view=table",
                f"/search/?q={EVIL_ID}&view=map", "/conditions/", "/sponsors/", "/locations/", f"/list/?ids={EVIL_ID}",
                f"/compare/?ids={EVIL_ID},{SEED}", f"/it/study/{EVIL_ID}/", "/", "/suggest/?q=%3Cscript", f"/feed/?q={EVIL_ID}"],
)  # fmt: skip
def test_script_in_a_record_is_inert(client, address: str) -> None:
    html = html_of(client, address)
    assert "<script>alert" not in html and "<img src=x" not in html
    for tag, attributes in elements(html):
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
        if tag == "script":
            assert attributes.get("src") == "/static/vendor/htmx.min.js" or attributes.get("type") == "application/ld+json"


# lists to browse and to keep ---------------------------------------------------------------------------------------


def test_places_lead_from_country_to_city_to_as_many_studies_as_they_say(client) -> None:
    html = html_of(client, "/locations/Italy/")
    cities = re.findall(r'<li><a href="([^"]+)">([^<]+)</a> <span>([\d,]+)</span>', html)
    assert cities
    for href, city, count in cities[:25]:
        assert total(client, unescape(href).split("?")[1]) == int(count), city


def test_conditions_and_sponsors_lead_to_as_many_studies_as_they_say(client) -> None:
    for address in ("/conditions/", "/sponsors/", "/conditions/?letter=H"):
        for href, _, count in re.findall(r'<li><a href="([^"]+)">([^<]+)</a> <span>([\d,]+)</span>', html_of(client, address))[
            :15
        ]:
            assert total(client, unescape(href).split("?")[1]) == int(count), href


def test_the_map_of_a_search_counts_the_cities_of_all_studies_found(client) -> None:
    listed = re.findall(
        r'<li><a href="[^"]+">([^<]+)</a> <span>([\d,]+)</span>', html_of(client, "/search/?view=map&country=Italy")
    )
    assert total(client, "country=Italy") > 10  # more than one page
    for name, count in [one for one in listed if one[0] in ("Brescia, Italy", "Vicenza, Italy", "Seoul, Korea, Republic of")]:
        city, country = name.split(", ", 1)
        assert total(client, f"country=Italy&query.locn={quote_plus(f'AREA[LocationCity]{city}')}") == int(count), country
    assert len(listed) > 20


def test_a_country_that_no_record_names_has_no_page(client) -> None:
    assert client.get("/locations/Atlantis/").status_code == 404


def test_up_to_four_studies_are_compared_and_what_differs_is_marked(client) -> None:
    html = html_of(client, f"/compare/?ids={SEED},{CHANGED_ID}")
    row = re.search(r'<tr class="pg-differs"><th scope="row">Status and phase.*?</tr>', html, re.S)
    assert row is not None and "Completed" in row[0] and "Terminated" in row[0]
    five = ",".join([SEED, CHANGED_ID, EVIL_ID, *found(client, "q=cancer")[:2]])
    assert "Only the first 4 are compared" in seen(client, f"/compare/?ids={five}")


def test_a_list_is_its_address_and_names_what_is_not_there(client) -> None:
    page = seen(client, f"/list/?ids={SEED}&ids=NCT12121212&ids={SEED}")
    assert page.count("Efficacy of Imatinib Mesylate") == 1 and "Not found here: NCT12121212" in page
    assert f"/search/?list={SEED}" in html_of(client, f"/list/?ids={SEED}")
    assert f'name="ids" value="{SEED}"' in html_of(client, f"/search/?list={SEED}&q=cancer")


def test_the_glossary_has_the_same_words_in_each_language(client) -> None:
    anchors = [re.findall(r'<dt id="([^"]+)"', html_of(client, f"{prefix}/glossary/")) for prefix in ("", "/it")]
    assert sorted(anchors[0]) == sorted(anchors[1]) and len(anchors[0]) > 25


# what programs follow ----------------------------------------------------------------------------------------------


def test_a_search_can_be_followed_newest_first(client) -> None:
    response = client.get("/feed/?q=eosinophilic")
    assert response["content-type"].startswith("application/atom+xml")
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ElementTree.fromstring(response.content)
    updated = [entry.findtext(f"{atom}updated") or "" for entry in feed.iter(f"{atom}entry")]
    assert updated == sorted(updated, reverse=True) and len(updated) > 1
    assert client.get("/feed/?q=AREA%5BFoo%5Dx").status_code == 400


def test_the_site_map_names_every_study_once(client) -> None:
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    parts = [urlsplit(one.text or "").path for one in index.iter(f"{space}loc")]
    addresses = [one.text for part in parts for one in ElementTree.fromstring(client.get(part).content).iter(f"{space}loc")]
    assert len(addresses) == len(set(addresses)) == total(client, "") + 5
    assert client.get("/sitemap-99.xml").status_code == 404
    assert "Sitemap: http://localhost/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_the_site_map_is_split(client, monkeypatch: pytest.MonkeyPatch) -> None:
    from trialwright.web.portal import feed_views

    monkeypatch.setattr(feed_views, "MOST_IN_MAP", 3)
    assert client.get("/sitemap.xml").content.decode().count("<sitemap>") == -(-total(client, "") // 3) + 1
    assert client.get("/sitemap-2.xml").content.decode().count("<url>") == 3
