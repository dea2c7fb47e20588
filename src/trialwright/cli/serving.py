"""``trialwright serve``: starts the web door as a process of its own, so that this room never imports it."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import click

from trialwright.cli.doors import home_option


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535))
@home_option
def serve(host: str, port: int, home: Path) -> None:
    """Serve the portal and the read-only trial room of a home folder."""
    sys.exit(start_web(home, host, port))


def start_web(home: Path, host: str, port: int) -> int:
    """Run the web door until it ends; return its exit code."""
    if importlib.util.find_spec("django") is None:
        raise click.UsageError("The web pages need the extra [web]: pip install 'trialwright[web]'")
    command = [sys.executable, "-m", "trialwright.web", "--home", str(home), "--host", host, "--port", str(port)]
    try:
        return subprocess.run(command, check=False).returncode  # noqa: S603 - our own module, arguments as a list
    except KeyboardInterrupt:
        return 0
