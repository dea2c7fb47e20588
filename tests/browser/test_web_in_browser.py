"""The web door in Chromium: axe finds nothing, nothing is cut off at 360 pixels, the what-if works by keyboard."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from tests.web_homes import NAME, shared_home, web_client

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
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


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing of each request."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    web_client(shared_home())
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield launched
        launched.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(browser, address: str, path: str, scheme: str) -> None:  # type: ignore[no-untyped-def]
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(address + path)
    found = Axe().run(page).response["violations"]
    context.close()
    assert [(one["id"], [node["html"][:140] for node in one["nodes"][:3]]) for one in found] == []


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off_nothing_is_fetched_from_elsewhere_and_nothing_breaks_the_policy(browser, address, path: str) -> None:  # type: ignore[no-untyped-def]
    page = browser.new_page(viewport={"width": 360, "height": 740})
    elsewhere: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(address) else elsewhere.append(request.url))
    page.on("console", lambda message: said.append(message.text) if "Security Policy" in message.text else None)
    page.goto(address + path)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert (width, elsewhere, said) == (360, [], [])


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
