"""The web door in Chromium: axe finds nothing, nothing is cut off at 360 pixels, the what-if works by keyboard."""

from collections.abc import Iterator

import pytest
from tests.chromium import faults_at, outside_calls, served
from tests.web_homes import NAME, shared_home

ROOM = f"/trial/{NAME}/"
PAGES = [
    "/",
    "/locations/",
    "/study/NCT00787384/",
    ROOM,
    f"{ROOM}participant/P07/?anc=0.8",
    f"{ROOM}participant/P01/",
    f"{ROOM}participant/P08/",
    f"{ROOM}estimate/",
    f"{ROOM}log/",
    f"{ROOM}findings/",
    "/nothing",
]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(shared_home()) as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(browser, address: str, path: str, scheme: str) -> None:  # type: ignore[no-untyped-def]
    assert faults_at(browser, address + path, scheme) == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off_nothing_is_fetched_from_elsewhere_and_nothing_breaks_the_policy(browser, address, path: str) -> None:  # type: ignore[no-untyped-def]
    assert outside_calls(browser, address, path, (360,)) == ([360], [], [])


def test_the_doctor_s_question_is_asked_and_answered_by_keyboard_alone(browser, address: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page()
    page.goto(f"{address}{ROOM}participant/P07/")
    page.focus("#field-anc")
    page.keyboard.press("Control+A")
    page.keyboard.type("0.8")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "Advise: hold (0 mg/day)." in page.inner_text(".pg-imagined")
    page.focus("#field-anc")
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "can't raise: measure ANC" in page.inner_text(".pg-imagined")
    page.close()


def test_the_first_stop_of_the_keyboard_is_the_skip_link(browser, address: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page()
    page.goto(address + ROOM)
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    landed = page.evaluate("document.activeElement.id")
    page.close()
    assert (focused, landed) == ("#main", "main")


def test_simulated_stays_in_sight_while_reading_and_stands_on_paper(browser, address: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}{ROOM}participant/P07/")
    page.evaluate("window.scrollTo(0, 1500)")
    assert page.locator(".pg-banner").bounding_box()["y"] >= 0
    page.emulate_media(media="print")
    assert page.locator(".pg-banner").is_visible()
    assert not page.locator(".pg-what-if").is_visible()
    page.close()
