"""The report's HTML in Chromium: nothing serious for axe, nothing asked for, readable on a small screen."""

import subprocess
from pathlib import Path
from shutil import which

import pytest
from tests.chromium import faults
from tests.report_samples import document

from trialwright.report.html import render_html

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_report(browser, scheme: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 1280, "height": 900}, color_scheme=scheme)
    page.set_content(render_html(document()).replace("default-src 'none'; ", ""))
    found = faults(page)
    page.close()
    assert found == []


def test_every_printed_sheet_of_the_page_says_simulated(browser, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    if which("pdftotext") is None:
        pytest.skip("pdftotext is not installed")
    page = browser.new_page()
    page.set_content(render_html(document()))
    page.pdf(path=str(tmp_path / "printed.pdf"), prefer_css_page_size=True)
    page.close()
    done = subprocess.run(["pdftotext", str(tmp_path / "printed.pdf"), "-"], capture_output=True, text=True, check=True)
    sheets = done.stdout.rstrip("\f").split("\f")
    assert len(sheets) > 5
    assert all("SIMULATED" in sheet for sheet in sheets)


def test_the_report_asks_for_nothing_and_scrolls_only_its_tables(browser) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 360, "height": 740})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(render_html(document()))
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert width <= 360
    assert asked == []
