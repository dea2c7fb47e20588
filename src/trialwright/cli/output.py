"""How the command line shows findings and refusals, and with which exit code it ends."""

from __future__ import annotations

import json
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, NoReturn

import click

from trialwright.vocabulary.findings import Finding, Refused, Severity

OK, FINDINGS, REFUSED, UNVERIFIED = 0, 10, 11, 12
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def finding_text(finding: Finding) -> str:
    """Format one finding as in the house style: place, code, title; then why, the ways out and the page to read."""
    lines = [
        f"{finding.place}  {click.style(finding.code, fg=_COLOURS[finding.severity])}  {click.style(finding.title, bold=True)}"
    ]
    told = finding.witness and finding.witness not in finding.detail
    for detail in (finding.detail, f"Witness: {finding.witness}" if told else ""):
        for line in (detail or "").splitlines():
            lines += textwrap.wrap(line, 112, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False) or [""]
    if finding.ways_out:
        lines.append(f"  Try one of: {' · '.join(finding.ways_out)}")
    if finding.acknowledged:
        lines.append(f"  Acknowledged: {finding.acknowledged}")
    lines.append(f"  More: trialwright check --explain {finding.code}")
    return "\n".join(lines)


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as plain JSON values."""
    return {**asdict(finding), "severity": finding.severity.value, "place": asdict(finding.place)}


def print_findings(findings: Iterable[Finding]) -> None:
    """Print findings, one paragraph each."""
    for finding in findings:
        click.echo(finding_text(finding))
        click.echo()


def summary(findings: Iterable[Finding]) -> str:
    """Count findings by severity, the acknowledged apart."""
    counted = list(findings)
    counts = Counter(finding.severity for finding in counted if not finding.acknowledged)
    words = [plural(counts[severity], severity.value) for severity in Severity]
    acknowledged = sum(1 for finding in counted if finding.acknowledged)
    if acknowledged:
        words.append(f"{acknowledged} acknowledged")
    return ", ".join(words)


def plural(count: int, word: str, several: str = "") -> str:
    """Count something in words: "1 entry", "2 entries"."""
    return f"{count:,} {word if count == 1 else several or word + 's'}"


def end_with_findings(findings: Iterable[Finding]) -> None:
    """End with 10 where a finding stops."""
    if any(finding.stops for finding in findings):
        sys.exit(FINDINGS)


def refuse(refused: Refused) -> NoReturn:
    """Print why a command was refused, and end with 11."""
    told = "\n\n".join(finding_text(finding) for finding in refused.findings)
    click.echo(f"Refused; of this command nothing was recorded.\n\n{told}", err=True)
    sys.exit(REFUSED)


def as_json(value: Any) -> str:
    """Format plain values as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def duration(seconds: float) -> str:
    """Seconds in words: ``8 s``, ``3 min``, ``2 h 5 min``."""
    whole = round(seconds)
    if whole < 90:
        return f"{whole} s"
    hours, minutes = divmod(round(whole / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
