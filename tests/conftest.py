"""Which tests are slow: they run after the fast part of `make test`, in the same command, so that the fast part stays quick.

A file is listed with the reason; nothing listed here is skipped. Hypothesis sets no time limit to an example.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("house", deadline=None)  # a busy machine is no failure
settings.load_profile("house")

ROOT = Path(__file__).parent
SLOW = {
    "browser": "a real browser",
    "docs/test_documents_run.py": "every command of the documents, the demo among them",
    "doors/test_report_in_browser.py": "a real browser",
    "doors/test_study_page_in_browser.py": "a real browser",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what stands in the list."""
    for item in items:
        path = item.path.relative_to(ROOT).as_posix()
        if path in SLOW or path.split("/")[0] in SLOW:
            item.add_marker(pytest.mark.slow)
