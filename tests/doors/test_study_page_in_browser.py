"""The study page in Chromium: nothing serious for axe, nothing asked for, nothing cut off on a small screen."""

from pathlib import Path

import pytest
from tests.chromium import faults
from tests.study_pages import EXTRAS, ROOT, SEED_AT, record_at

from trialwright.report.study_page import render_study_page

pytestmark = pytest.mark.browser

PAGES = [SEED_AT, ROOT / "tests/fixtures/registry/v2/NCT02513394.json", ROOT / "tests/fixtures/registry/v2/NCT00000410.json"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_axe_finds_nothing_serious(browser, path: Path, scheme: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page.set_content(render_study_page(record_at(path), EXTRAS).replace("default-src 'none'; ", ""))
    found = faults(page)
    page.close()
    assert found == []


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
