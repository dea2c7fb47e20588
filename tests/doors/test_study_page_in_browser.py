"""The study page in Chromium: nothing serious for axe, nothing asked for, nothing cut off on a small screen."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.study_pages import EXTRAS, ROOT, SEED_AT, record_at

from trialwright.report.study_page import render_study_page

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = pytest.mark.browser

PAGES = [SEED_AT, ROOT / "tests/fixtures/registry/v2/NCT02513394.json", ROOT / "tests/fixtures/registry/v2/NCT00000410.json"]


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield launched
        launched.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_axe_finds_nothing_serious(browser, path: Path, scheme: str) -> None:  # type: ignore[no-untyped-def]
    from axe_playwright_python.sync_playwright import Axe

    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page.set_content(render_study_page(record_at(path), EXTRAS).replace("default-src 'none'; ", ""))
    found = Axe().run(page).response["violations"]
    page.close()
    assert [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in found] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_nothing_is_cut_off_at_360_pixels_and_nothing_is_asked_for(browser, path: Path) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 360, "height": 740})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(render_study_page(record_at(path), EXTRAS))
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert width <= 360
    assert asked == []


def test_the_first_stop_of_the_keyboard_is_the_skip_link(browser) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page()
    page.set_content(render_study_page(record_at(SEED_AT), EXTRAS))
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.getAttribute('href')")
    page.keyboard.press("Enter")
    landed = page.evaluate("document.activeElement.id")
    page.close()
    assert (focused, landed) == ("#tw-study", "tw-study")
