"""``trialwright check``: a protocol file, or registry records (v2 JSON, classic XML, folders and zips of them)."""

from __future__ import annotations

import sys
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trialwright.cli.output import FINDINGS, as_json, end_with_findings, finding_json, print_findings, summary
from trialwright.vocabulary.findings import Finding

if TYPE_CHECKING:
    from trialwright.review.result import PolicyReport


@click.command()
@click.argument("path", type=click.Path(path_type=Path), required=False)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="How findings are shown.")
@click.option("--explain", "code", metavar="CODE", help="Print the page of one finding, such as TW-P014.")
@click.option("--quiet", is_flag=True, help="Show only what stops: unacknowledged errors.")
def check(path: Path | None, form: str, code: str | None, quiet: bool) -> None:
    """Check PATH: a protocol (YAML), or one or many registry records.

    Ends with 10 when an error stands that the file does not acknowledge.
    """
    if code is not None:
        click.echo(finding_page(code))
        return
    if path is None:
        raise click.UsageError("Name a protocol file or a record, or give --explain CODE.")
    if path.suffix.lower() in (".yaml", ".yml"):
        _check_protocol(path, form, quiet)
    else:
        _check_records(path, form, quiet)


def finding_page(code: str) -> str:
    """Return the documentation page of a finding; ends with usage where there is none."""
    page = resources.files("trialwright").joinpath("findings", f"{code.upper()}.md")
    if not page.is_file():
        pages = (one.name for one in resources.files("trialwright").joinpath("findings").iterdir())
        known = sorted(name.removesuffix(".md") for name in pages if name.startswith("TW-"))
        raise click.UsageError(f"There is no finding {code}. There are {len(known)}, from {known[0]} to {known[-1]}.")
    return page.read_text(encoding="utf-8")


def _check_protocol(path: Path, form: str, quiet: bool) -> None:
    from trialwright.protocol import read_protocol

    reading = read_protocol(path)
    if reading.protocol is None:
        _show(reading.findings, (), form, quiet, str(path))
        sys.exit(FINDINGS)
    from trialwright.review import check as review

    found = review(reading.protocol)
    findings = (*reading.findings, *found.findings)
    _show(findings, found.policy, form, quiet, str(path))
    end_with_findings(findings)


def _show(findings: tuple[Finding, ...], policy: tuple[PolicyReport, ...], form: str, quiet: bool, name: str) -> None:
    shown = [finding for finding in findings if finding.stops or not quiet]
    if form == "json":
        told = {"file": name, "findings": [finding_json(one) for one in shown], "policy": [asdict(one) for one in policy]}
        click.echo(as_json(told))
        return
    print_findings(shown)
    for report in policy:
        _print_policy(report)
    click.echo(f"{name}: {summary(findings)}")


def _print_policy(report: PolicyReport) -> None:
    click.echo(f"Dosing of {report.intervention}: {report.states:,} states, {report.transitions:,} decisions examined")
    if report.limits:
        click.echo(f"  {report.limits}")
    for guarantee in report.guarantees:
        colour = {"proved": "green", "refuted": "red"}.get(guarantee.verdict, "yellow")
        click.echo(f"  {click.style(guarantee.verdict, fg=colour):11} {guarantee.id}: {guarantee.text}")
        if guarantee.reason and guarantee.history is None and guarantee.verdict != "proved":
            click.echo(f"              {guarantee.reason}")
        if guarantee.history is not None:
            for step in guarantee.history.steps:
                click.echo(f"              {step}")
            click.echo(f"              {guarantee.history.ending}")
    click.echo()


def _check_records(path: Path, form: str, quiet: bool) -> None:
    from trialwright.exchange.ctgov import Kept, iterate_records
    from trialwright.review.record import review_record

    kept = refused = 0
    everything: list[Finding] = []
    for one in iterate_records(path):
        if isinstance(one, Kept):
            kept += 1
            findings = review_record(one.record, one.file)
        else:
            refused += 1
            findings = (one.finding,)
        everything += findings
        if form == "text":
            print_findings(finding for finding in findings if finding.stops or not quiet)
    if form == "json":
        listed = [finding_json(finding) for finding in everything if finding.stops or not quiet]
        click.echo(as_json({"path": str(path), "kept": kept, "refused": refused, "findings": listed}))
    else:
        click.echo(f"{path}: {kept + refused} read, {kept} kept, {refused} refused; {summary(everything)}")
    end_with_findings(everything)
