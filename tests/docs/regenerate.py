"""Writes every generated page of docs/ anew: `make docs`. `test_generated_documents.py` sees that none is stale."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.docs import command_reference, finding_index, protocol_file_reference, trial_command_reference
from tests.spec import test_expression_reference as expression_reference
from tests.spec import test_search_language_reference as search_language

from trialwright.protocol.expressions.parse import parser_tables

TABLES = Path(__file__).parents[2] / "src/trialwright/protocol/expressions/grammar.tables"
GENERATED: dict[Path, Callable[[], str]] = {
    expression_reference.PAGE: expression_reference.render,
    search_language.PAGE: search_language.render,
    protocol_file_reference.PAGE: protocol_file_reference.render,
    command_reference.PAGE: command_reference.render,
    trial_command_reference.PAGE: trial_command_reference.render,
    finding_index.PAGE: finding_index.render,
}


def main() -> None:
    """Write the parser's tables and each page; say which pages changed."""
    TABLES.write_bytes(parser_tables())
    for page, render in GENERATED.items():
        text = render()
        changed = not page.exists() or page.read_text(encoding="utf-8") != text
        page.write_text(text, encoding="utf-8")
        print(f"{'written' if changed else 'same   '}  {page.relative_to(Path(__file__).parents[2])}")


if __name__ == "__main__":
    main()
