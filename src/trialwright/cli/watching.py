"""Progress of long commands on standard error: how many, how fast, how long yet; and findings, not too many of a kind."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING

import click

from trialwright.cli.output import duration, finding_text
from trialwright.vocabulary.findings import Finding, Severity

if TYPE_CHECKING:
    from trialwright.exchange.ctgov.collect import Tally

_MOST_OF_A_KIND = 20  # findings of one code that are printed; the rest are counted
_MOST_KEPT = 1_000
_SECONDS_ON_SCREEN, _SECONDS_IN_FILE = 0.5, 10.0


class Follower:
    """Prints what a long command tells.

    Args:
        quiet: Print findings only.
    """

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._screen = sys.stderr.isatty()
        self._began = self._told = time.monotonic()
        self._codes: Counter[str] = Counter()
        self.shown: list[Finding] = []

    def found(self, finding: Finding) -> None:
        """Print a finding that is more than a note, unless many of its kind were printed."""
        if finding.severity is Severity.NOTE:
            return
        self._codes[finding.code] += 1
        if len(self.shown) < _MOST_KEPT:
            self.shown.append(finding)
        if self._codes[finding.code] <= _MOST_OF_A_KIND:
            self._clear()
            click.echo(finding_text(finding) + "\n", err=True)

    def moved(self, tally: Tally, done_bytes: int, whole_bytes: int) -> None:
        """Print the count, the rate and, where the whole is known, how long it will yet take."""
        instant = time.monotonic()
        if self._quiet or instant - self._told < (_SECONDS_ON_SCREEN if self._screen else _SECONDS_IN_FILE):
            return
        self._told = instant
        seconds = max(instant - self._began, 1e-6)
        line = f"{tally.read:,} read, {tally.read / seconds:,.0f} a second"
        if 0 < done_bytes < whole_bytes:
            line += f", {done_bytes / whole_bytes:.0%}, {duration(seconds * (whole_bytes - done_bytes) / done_bytes)} to go"
        click.echo(f"\r\x1b[K{line}" if self._screen else line, err=True, nl=not self._screen)

    def end(self) -> None:
        """Clear the progress, and count the findings that were not printed."""
        self._clear()
        for code, count in self._codes.items():
            if count > _MOST_OF_A_KIND:
                click.echo(f"… and {count - _MOST_OF_A_KIND:,} more of {code}\n", err=True)

    def _clear(self) -> None:
        if self._screen and not self._quiet:
            click.echo("\r\x1b[K", err=True, nl=False)
