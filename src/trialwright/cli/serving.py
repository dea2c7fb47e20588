"""``trialwright serve``: starts the web door as a process of its own, so that this room never imports it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from trialwright.cli.doors import home_option


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--name", "names", multiple=True, help="A host name that visitors use; may be given again.")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="How many answer.")
@home_option
def serve(host: str, port: int, names: tuple[str, ...], processes: int, home: Path) -> None:
    """Serve the portal, the registry's API and the read-only trial room of a home folder."""
    more = [*(word for name in names for word in ("--name", name)), "--processes", str(processes)]
    sys.exit(start_web(home, host, port, more))


def start_web(home: Path, host: str, port: int, more: Sequence[str] = ()) -> int:
    """Run the web door until it ends, with ``more`` of its options; return its exit code."""
    if importlib.util.find_spec("django") is None:
        raise click.UsageError("The web pages need the extra [web]: pip install 'trialwright[web]'")
    command = [sys.executable, "-m", "trialwright.web", "--home", str(home), "--host", host, "--port", str(port), *more]
    try:
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own module, arguments as a list
    except KeyboardInterrupt:
        return 0
