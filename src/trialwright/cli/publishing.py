"""``trialwright page``, ``publish`` and ``schema``: what a protocol shows to the outside."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from trialwright.cli.doors import now, protocol_or_exit
from trialwright.cli.output import as_json
from trialwright.conduct.home import write_whole
from trialwright.protocol.study import Protocol


def page_html(protocol: Protocol, today: date) -> str:
    """Render the public study page of a protocol; only nodes marked public go beyond the registration."""
    from trialwright.exchange.ctgov.from_protocol import record_of
    from trialwright.registry.record import Record
    from trialwright.report.study_page import page_extras, render_study_page

    return render_study_page(Record(record_of(protocol.file.study)), page_extras(protocol, today))


@click.command()
@click.argument("protocol", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="Where to write the page.")
def page(protocol: Path, out: Path) -> None:
    """Write the public study page of PROTOCOL (or of a registry record, JSON or XML) as one HTML file."""
    if protocol.suffix.lower() in (".yaml", ".yml"):
        html = page_html(protocol_or_exit(protocol), now().date())
    else:
        html = _record_page(protocol)
    write_whole(out, html.encode())
    click.echo(f"Study page written to {out} ({len(html.encode()):,} bytes)")


def _record_page(path: Path) -> str:
    from trialwright.cli.doors import end_unread
    from trialwright.exchange.ctgov import read_records
    from trialwright.report.study_page import PageExtras, render_study_page

    reading = read_records(path)
    if len(reading.kept) != 1:
        end_unread(reading.refused)
        raise click.UsageError(f"{path} holds {len(reading.kept)} records; a page shows one.")
    return render_study_page(reading.kept[0].record, PageExtras(processed_on=now().date()))


@click.command()
@click.argument("protocol", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write to this file; to the screen by default.")
def publish(protocol: Path, out: Path | None) -> None:
    """Write the ClinicalTrials.gov v2 record of PROTOCOL as JSON."""
    from trialwright.exchange.ctgov.from_protocol import record_of

    text = as_json(record_of(protocol_or_exit(protocol).file.study)) + "\n"
    if out is None:
        click.echo(text, nl=False)
    else:
        write_whole(out, text.encode())
        click.echo(f"Record written to {out}")


@click.command()
def schema() -> None:
    """Print the JSON Schema of a protocol file, for editors."""
    from trialwright.protocol.model.file import json_schema

    click.echo(as_json(json_schema()))
