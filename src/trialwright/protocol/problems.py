"""Findings of reading a protocol, collected with their places. Decides nothing about meaning."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from trialwright.protocol.source import Path, Source
from trialwright.vocabulary.findings import Finding, Severity


class Problems:
    """The findings so far, and the shorthand to add one at a path of the file."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Finding] = []

    def add(self, code: str, path: Path, title: str, detail: str = "", *ways_out: str) -> None:
        """Add an error at a path."""
        place = self.source.place(path)
        self.findings.append(Finding(code, Severity.ERROR, place, title, detail, tuple(ways_out)))

    def extend(self, findings: Iterable[Finding]) -> None:
        """Add findings that another reader made."""
        self.findings.extend(findings)

    def unknown(self, path: Path, what: str, name: str, known: Iterable[str]) -> None:
        """Add TW-S004: a name that refers to nothing."""
        declared = sorted(known)
        near = difflib.get_close_matches(name, declared, n=2)
        detail = f"Declared: {', '.join(declared[:12])}." if declared else f"The file declares no {what}."
        self.add("TW-S004", path, f"No {what} is called `{name}`", detail, *near)
