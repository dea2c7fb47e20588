"""What the web door is told when it starts, and the checks that can be made before it listens. Opens nothing."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

MOST_PROCESSES = 64
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class OptionsError(ValueError):
    """An option that cannot be used; the message says why and what to try."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to serve.

    Args:
        home: The folder that holds everything the program keeps.
        host: The address to listen at.
        port: 0 to 65535; 0 takes any free one.
        names: Further host names under which visitors may call.
        open_path: The page to open in the reader's browser once it listens; empty for none.
        processes: How many answer; each keeps a replayed trial of its own.
    """

    home: Path
    host: str = "127.0.0.1"
    port: int = 8000
    names: tuple[str, ...] = ()
    open_path: str = ""
    processes: int = 1

    @property
    def local(self) -> bool:
        """Whether only this computer can call."""
        return self.host in LOOPBACK

    @property
    def address(self) -> str:
        """Where a reader on this computer finds the pages, without a path."""
        host = "127.0.0.1" if self.host in ("", "0.0.0.0", "::") else self.host  # noqa: S104 - compared, not bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def parse_options(arguments: Sequence[str]) -> Options:
    """Read the command line.

    Raises:
        OptionsError: The home folder does not exist, the port is no port, or the path to open is no path.
        SystemExit: ``argparse`` refused the arguments, or printed help.
    """
    parser = argparse.ArgumentParser(prog="python -m trialwright.web", description="Serve one home folder, read-only.")
    parser.add_argument("--home", type=Path, help="the folder to serve (default: TRIALWRIGHT_HOME, or the user's data folder)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: this computer only)")
    parser.add_argument("--port", type=int, default=8000, help="the port to listen at (default: 8000; 0 takes a free one)")
    parser.add_argument("--name", action="append", default=[], help="a host name that visitors use; may be given again")
    parser.add_argument("--open", dest="open_path", default="", metavar="PATH", help="open this page in the browser")
    parser.add_argument("--processes", type=int, default=1, help="how many processes answer (default: 1)")
    given = parser.parse_args(arguments)
    home = given.home or _default_home()
    options = Options(home, given.host, given.port, tuple(given.name), given.open_path, given.processes)
    _check(options)
    return options


def _default_home() -> Path:
    named = os.environ.get("TRIALWRIGHT_HOME")
    return Path(named) if named else user_data_path("trialwright", appauthor=False)


def _check(options: Options) -> None:
    if not options.home.is_dir():
        raise OptionsError(
            f"There is no folder {options.home}. Try `trialwright demo --no-serve`, which fills a home folder, "
            "or name another with --home."
        )
    if not 0 <= options.port <= 65535:
        raise OptionsError(f"{options.port} is no port. Try one from 1024 to 65535, or 0 for any that is free.")
    if not 1 <= options.processes <= MOST_PROCESSES:
        raise OptionsError(
            f"{options.processes} processes cannot answer. Try 1 to {MOST_PROCESSES}; one for each core is enough."
        )
    if options.open_path and not options.open_path.startswith("/"):
        raise OptionsError(f"--open takes a path that begins with a slash, such as /trial/NAME/; {options.open_path!r} does not.")
