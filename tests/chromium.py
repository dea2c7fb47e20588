"""Real headless Chromium for the tests of pages, and the web door served to it.

Where Chromium is missing the test is skipped, which is said; in CI it fails.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Say nothing of each request."""


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


@contextmanager
def served(home: Path) -> Iterator[str]:
    """The address at which a home folder is served in this process."""
    from tests.web_homes import web_client

    web_client(home)
    from django.core.wsgi import get_wsgi_application

    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=_Threads, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[object]:
    """A launched browser, for every module (``conftest.py`` takes it over)."""
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield launched
        launched.close()


def faults(page, shown: int = 140) -> list[tuple[str, list[str]]]:  # type: ignore[no-untyped-def]
    """What axe finds on an open page: each rule with the first places where it is broken."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [(one["id"], [node["html"][:shown] for node in one["nodes"][:3]]) for one in found]


def faults_at(browser, address: str, scheme: str) -> list[tuple[str, list[str]]]:  # type: ignore[no-untyped-def]
    """What axe finds at an address, in a light or dark colour scheme."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(address)
    found = faults(page)
    context.close()
    return found


def outside_calls(browser, address: str, path: str, widths: tuple[int, ...]) -> tuple[list[int], list[str], list[str]]:  # type: ignore[no-untyped-def]
    """How wide a page is at each width of the window, what it asked of elsewhere, and what broke its policy or spoke up."""
    page = browser.new_page(viewport={"width": widths[0], "height": 740})
    elsewhere: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(address) else elsewhere.append(request.url))
    page.on("console", lambda message: said.append(message.text) if "Security Policy" in message.text else None)
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(address + path)
    found = []
    for width in widths:
        page.set_viewport_size({"width": width, "height": 740})
        found.append(page.evaluate("document.documentElement.scrollWidth"))
    page.close()
    return found, elsewhere, said
