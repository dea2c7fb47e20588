"""What the tests of the study page share: the records, and the text that a reader of a page sees."""

import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from trialwright.registry.record import Record
from trialwright.report.study_page import PageExtras

ROOT = Path(__file__).parent.parent
SEED_AT = ROOT / "trials/nilg-hes1-03/record/NCT00787384.v2.json"
RECORDS = sorted((ROOT / "tests/fixtures/registry/v2").glob("*.json"))
EXTRAS = PageExtras(processed_on=date(2026, 11, 22), find_trials_href="/studies", by_location_href="/places")


def seed() -> dict[str, Any]:
    """The seed's record as fresh JSON that a test may change."""
    found: dict[str, Any] = json.loads(SEED_AT.read_text())
    return found


def record_at(path: Path) -> Record:
    """A record from a file."""
    return Record(json.loads(path.read_text()))


class _Reader(HTMLParser):
    """Collects text, elements and addresses; leaves out styles and drawings."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._unread += tag in ("style", "svg")

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in ("style", "svg")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.texts.append(data)


def visible_text(html: str) -> str:
    """The words of a page, one blank apart."""
    reader = _Reader()
    reader.feed(html)
    return " ".join(" ".join(reader.texts).split())


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    """The elements of a page with their attributes, in order."""
    reader = _Reader()
    reader.feed(html)
    return reader.tags


def letters(text: str) -> str:
    """Letters and digits alone, so that markup and line ends do not count."""
    return re.sub(r"[\W_]+", "", text)
