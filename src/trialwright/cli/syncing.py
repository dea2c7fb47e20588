"""``trialwright registry sync``: mirror a v2 API. A door: brings the clock, the pauses and the chance."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from trialwright.cli.doors import home_option, now
from trialwright.cli.output import FINDINGS, as_json, finding_json
from trialwright.cli.registering import catalogue_at, print_tally, refuse_busy, refuse_damaged
from trialwright.cli.watching import Follower
from trialwright.exchange.ctgov.sync import CLINICAL_TRIALS_GOV


@click.command()
@click.option("--from", "address", default=CLINICAL_TRIALS_GOV, show_default=True, help="The v2 API, ending in /api/v2.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Changes since this day; by default since the last sync.")
@click.option("--rate", type=click.FloatRange(0.01, 50), default=2.0, show_default=True, help="Requests a second, at most.")
@click.option("--page-size", type=click.IntRange(1, 1000), default=500, show_default=True, help="Studies a page.")
@click.option("--tries", type=click.IntRange(1, 50), default=8, show_default=True, help="Tries of one page before giving up.")
@click.option("--json", "as_text", is_flag=True, help="Print the summary as JSON.")
@click.option("--quiet", is_flag=True, help="Print no progress.")
@home_option
def sync(
    address: str, since: datetime | None, rate: float, page_size: int, tries: int, as_text: bool, quiet: bool, home: Path
) -> None:
    """Mirror what changed at a registry's API since the last time; the first time, everything.

    A sync that was stopped goes on when it is begun again. Ends with 10 when the server failed or a record was refused.
    """
    from trialwright.exchange.ctgov.asking import Manners, Surroundings
    from trialwright.exchange.ctgov.collect import Watch
    from trialwright.exchange.ctgov.sync import Origin, mirror
    from trialwright.registry.catalogue import CatalogueBusy

    if not address.startswith(("http://", "https://")):
        raise click.UsageError(f"{address} is no web address. It begins with https:// and ends in /api/v2.")
    follower = Follower(quiet)
    around = Surroundings(time.monotonic, time.sleep, _chance)
    origin = Origin(address, since.date() if since else None)
    manners = Manners(page_size=page_size, requests_per_second=rate, tries=tries)
    try:
        done = mirror(catalogue_at(home), origin, now(), around, manners, Watch(follower.found, follower.moved))
    except CatalogueBusy:
        refuse_busy(home)
    except KeyboardInterrupt:
        follower.end()
        click.echo("Stopped; the same command goes on from there.", err=True)
        sys.exit(130)
    except ValueError as error:
        refuse_damaged(home, error)
    follower.end()
    told = asdict(done.tally)
    if as_text:
        dates = {"since": done.since, "reached": done.reached, "complete": done.complete}
        click.echo(as_json({**told, **dates, "findings": [finding_json(one) for one in follower.shown]}))
    else:
        print_tally(told)
        click.echo(f"Mirrored {'since ' + str(done.since) if done.since else 'from the start'} up to {done.reached or 'nothing'}")
    if not done.complete or done.tally.refused:
        sys.exit(FINDINGS)


def _chance() -> float:
    """Draw a number from 0 to 1 from the operating system."""
    return int.from_bytes(os.urandom(4), "big") / 2**32
