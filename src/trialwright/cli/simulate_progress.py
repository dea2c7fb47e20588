"""The progress of a simulation on a terminal: share done, trials, trials a second, time left. Nothing where nobody watches."""

from __future__ import annotations

import sys
from time import monotonic

import click

from trialwright.cli.output import duration

BETWEEN_SECONDS = 0.1
WIDTH = 24


class Progress:
    """One line on standard error that is written over; only on a terminal."""

    def __init__(self, total: int, quiet: bool = False) -> None:
        self.total, self.shown = total, not quiet and sys.stderr.isatty()
        self.began = self.told = monotonic()
        self.kept = 0

    def __call__(self, done: int, kept: int) -> None:
        """Show how many trials are done, of which ``kept`` were there before."""
        instant = monotonic()
        if not self.shown or (instant - self.told < BETWEEN_SECONDS and 0 < done < self.total):
            return
        self.told, self.kept = instant, kept
        click.echo("\r" + progress_line(done, self.total, done - kept, instant - self.began) + "\x1b[K", nl=False, err=True)

    def end(self) -> None:
        """Leave the line."""
        if self.shown:
            click.echo("\r\x1b[K", nl=False, err=True)


def progress_line(done: int, total: int, played: int, seconds: float) -> str:
    """Say how far it is: ``████░░░░ 34 % · 340,000 of 1,000,000 trials · 812,000/s · 1 s left``."""
    share = done / total if total else 1.0
    bar = "█" * int(share * WIDTH) + "░" * (WIDTH - int(share * WIDTH))
    told = f"{bar} {int(share * 100)} % · {done:,} of {total:,} trials"
    if played > 0 and seconds > 0:
        rate = played / seconds
        told += f" · {rate:,.0f}/s · {duration((total - done) / rate)} left"
    return told
