"""The portal in Chromium: axe finds nothing, 360 pixels suffice, the keyboard reaches all, htmx is quick and not needed."""

from collections.abc import Iterator

import pytest
from tests.chromium import faults_at, outside_calls, served
from tests.registry_homes import CHANGED_ID, EVIL_ID, registry_home

SEED = "NCT00787384"
PAGES = [
    "/",
    "/search/?q=imatinib+near+Bergamo",
    "/search/?view=table",
    "/search/?view=map",
    "/search/?q=AREA%5BFoo%5Dx",
    "/search/?q=zzzzqqq&age=15",
    f"/study/{SEED}/",
    "/study/NCT02513394/",
    f"/study/{EVIL_ID}/",
    f"/study/{SEED}/sites/",
    f"/study/{CHANGED_ID}/history/",
    "/locations/",
    "/locations/Italy/",
    "/conditions/",
    "/sponsors/",
    "/glossary/",
    f"/list/?ids={SEED},{EVIL_ID}",
    f"/compare/?ids={SEED},{EVIL_ID},{CHANGED_ID}",
    "/it/",
    "/it/search/?q=imatinib",
    f"/it/study/{SEED}/",
]

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(registry_home()) as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(browser, address: str, path: str, scheme: str) -> None:  # type: ignore[no-untyped-def]
    assert faults_at(browser, address + path, scheme) == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off_nothing_is_fetched_from_elsewhere_and_nothing_breaks_the_policy(browser, address, path: str) -> None:  # type: ignore[no-untyped-def]
    assert outside_calls(browser, address, path, (360, 768, 1600)) == ([360, 768, 1600], [], [])


def test_a_filter_is_chosen_without_a_page_load_and_the_address_follows(browser, address: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/search/")
    page.evaluate("window.stayed = true")
    with page.expect_response(lambda response: "aggFilters=status" in response.url):
        page.focus('input[value="status:com"]')
        page.keyboard.press("Space")
    page.wait_for_selector(".pg-chips")
    assert page.evaluate("window.stayed") is True
    assert "aggFilters=status%3Acom" in page.url
    assert page.evaluate("document.activeElement.value") == "status:com"
    shared = browser.new_page()
    shared.goto(page.url)
    assert shared.inner_text(".pg-total") == page.inner_text(".pg-total")
    shared.close()
    page.close()


def test_suggestions_come_while_typing(browser, address: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page()
    page.goto(address)
    page.focus("#q")
    page.keyboard.type("hypereos")
    page.wait_for_selector("#suggestions option", state="attached")
    assert page.get_attribute("#suggestions option", "value") == "Hypereosinophilic Syndrome"
    page.close()


def test_from_question_to_comparison_by_keyboard_alone_and_without_script(browser, address: str) -> None:  # type: ignore[no-untyped-def]
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.focus("#q")
    page.keyboard.type("hypereosinophilic")
    page.keyboard.press("Enter")
    page.wait_for_selector(".pg-card")
    for box in page.query_selector_all('input[name="ids"][type="checkbox"]')[:2]:
        box.focus()
        page.keyboard.press("Space")
    page.focus('button[form="choose"]')
    page.keyboard.press("Enter")
    page.wait_for_selector(".pg-compare")
    assert len(page.query_selector_all(".pg-compare thead th")) == 2
    context.close()


def test_the_map_is_walked_by_keyboard(browser, address: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/locations/")
    page.focus('.tw-browse-map a[aria-label^="Italy"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/locations/Italy/")
    assert page.inner_text("h1") == "Trials in Italy"
    page.close()


def test_a_long_list_of_sites_is_fetched_when_it_is_opened(browser, address: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/study/NCT02513394/")
    page.focus("details[data-sites] summary")
    page.keyboard.press("Enter")
    page.wait_for_selector("details[data-sites] .tw-sites")
    assert page.inner_text("details[data-sites] .tw-site-name")
    page.close()
