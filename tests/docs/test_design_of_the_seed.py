"""The commands of the seed's design page run, and give the numbers that the page states."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.docs import test_documents_run as documents

pytestmark = pytest.mark.slow  # tens of thousands of trials
PAGE = documents.ROOT / "docs/explanation/design-of-the-seed.md"


def test_the_design_page_of_the_seed_states_what_its_commands_print(tmp_path: Path) -> None:
    documents.test_the_commands_of_a_document_do_what_it_says((PAGE,), tmp_path)


def test_the_page_names_no_result_of_the_trial() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert "simulated" in text
    assert not {"Bassan", "Bergamo", "Intermesoli"} & set(text.replace(",", " ").split())
