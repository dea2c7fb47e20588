"""Writes docs/reference/findings/README.md: every finding's page by family, from the pages' own first lines."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "docs" / "reference" / "findings"
PAGE = FOLDER / "README.md"
HEAD = """\
# Findings

<!-- Written by `make docs` from the pages themselves. -->

What our checks say of a file, a record or a log, one page each; `trialwright check --explain CODE` prints it. A finding is an
error, a warning or a note, and only an error that nobody acknowledged stops
([what to do with each](../../how-to/write-a-protocol.md#what-to-do-with-a-finding)).
"""
FAMILIES = {
    "C": "Commands: what is refused, or recorded with a warning",
    "D": "Documents: the report and its PDF",
    "E": "Expressions",
    "K": "The catalogue of registry records, and mirroring",
    "L": "The log",
    "P": "What a protocol means, and what its dosing policy does",
    "R": "Registry records",
    "S": "The shape of a protocol file",
    "V": "Virtual people",
    "W": "The web pages",
    "Y": "The YAML of a protocol file",
}


def pages() -> list[tuple[str, str, str]]:
    """Return code, title and severity of each page, in order of code."""
    found = []
    for path in sorted(FOLDER.glob("TW-*.md")):
        text = path.read_text(encoding="utf-8")
        title = re.match(rf"# {path.stem}:? (.+)\n", text)
        assert title is not None, f"{path} does not open with its code and title"
        said = re.search(r"^\*\*((?:Error|Warning|Note)[^*]*?)\.?\*\*", text, re.MULTILINE)
        found.append((path.stem, title[1], said[1].lower() if said else ""))
    return found


def render() -> str:
    """Return the index."""
    parts = [HEAD]
    listed = pages()
    for letter in sorted({code[3] for code, _, _ in listed}):
        parts += [f"## {FAMILIES[letter]}\n", "| finding | says | severity |", "|---|---|---|"]
        parts += [f"| [{code}]({code}.md) | {title} | {severity} |" for code, title, severity in listed if code[3] == letter]
        parts.append("")
    return "\n".join(parts)
