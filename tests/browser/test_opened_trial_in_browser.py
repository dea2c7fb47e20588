"""An opened trial in Chromium: axe finds nothing, nothing is cut off at 360 pixels, SIMULATED stays in sight."""

from collections.abc import Iterator

import pytest
from tests.chromium import faults_at, outside_calls, served
from tests.opened_homes import NAME, opened_home

ROOM = f"/trial/{NAME}/"
PAGES = [ROOM, f"{ROOM}participant/P01/", f"{ROOM}participant/P20/", f"{ROOM}estimate/"]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(opened_home()) as found:
        yield found


@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing_in_the_room_of_an_opened_trial(browser, address: str, path: str) -> None:  # type: ignore[no-untyped-def]
    assert faults_at(browser, address + path, "light") == []


@pytest.mark.parametrize("path", [*PAGES, f"{ROOM}report/"])
def test_nothing_of_an_opened_trial_is_cut_off_or_fetched_from_elsewhere(browser, address: str, path: str) -> None:  # type: ignore[no-untyped-def]
    assert outside_calls(browser, address, path, (360,)) == ([360], [], [])


def test_the_banner_of_an_opened_trial_stays_in_sight(browser, address: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}{ROOM}participant/P01/")
    page.evaluate("window.scrollTo(0, 1500)")
    assert page.locator(".pg-banner").bounding_box()["y"] >= 0
    page.goto(f"{address}{ROOM}report/")
    assert page.locator("text=SIMULATED").first.is_visible()
    assert page.locator("svg text:has-text('SIMULATED')").count() >= 10
    page.close()
