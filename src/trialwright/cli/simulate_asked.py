"""What was asked of ``trialwright simulate``, looked at before any file is read: options that do not go together, places that
cannot be written. It plays nothing and writes nothing but empty folders.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from trialwright.cli.simulate_outcomes import Asked


def check_asked(asked: Asked, opened: int | None, onward: str) -> None:
    """Object to what cannot be done together, or kept where it should be.

    Args:
        asked: Everything else that was typed.
        opened: The trial that is to be opened; None for none.
        onward: The trial under way that is looked at; empty for none.

    Raises:
        Refused: Two options that do not go together (TW-V040).
        click.BadParameter: A file or folder that cannot be written.
    """
    _check_together(asked, opened, onward)
    if asked.report is not None:
        if asked.report.is_dir():
            raise click.BadParameter(f"`{asked.report}` is a folder; name a file such as page.html.", param_hint="--report")
        check_writable(asked.report.parent, "--report")
    if asked.out is not None:
        check_writable(asked.out, "--out")


def check_writable(folder: Path, option: str) -> None:
    """Make a folder where there is none; object where it cannot be made or written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.BadParameter(f"`{folder}` cannot be made: {error.strerror}.", param_hint=option) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise click.BadParameter(f"`{folder}` cannot be written to.", param_hint=option)


def _check_together(asked: Asked, opened: int | None, onward: str) -> None:
    runs = {
        "--vary": bool(asked.vary),
        "--tornado": asked.tornado,
        "--against": asked.against is not None,
        "--report": asked.report is not None,
        "--out": asked.out is not None,
        "--resume": asked.resume,
    }
    alone = "--open" if opened is not None else "--onward"
    if opened is not None or onward:
        others = {**runs, "--scheduler": bool(asked.scheduler) and opened is not None, "--onward": bool(onward)}
        others.pop(alone, None)
        for other in (option for option, given in others.items() if given):
            what = "opens one trial of a run" if opened is not None else "looks ahead in one trial under way"
            detail = f"{alone} {what}, and has no use for {other}."
            raise _refused(other, f"`{other}` does not go with {alone}", detail, f"Leave {other} out")
    if asked.resume and asked.out is None:
        raise _refused("--resume", "`--resume` needs --out", "A run goes on in its folder.", "--out FOLDER --resume")
    if asked.outcome and not asked.tornado:
        raise _refused("--outcome", "`--outcome` belongs to --tornado", "It names what the tornado looks at.", "--tornado")
    if asked.tornado and asked.against is not None:
        detail = "A tornado turns the numbers of one protocol."
        raise _refused("--against", "`--against` does not go with --tornado", detail, "Leave --against out")


def _refused(option: str, title: str, detail: str, way_out: str) -> Exception:
    from trialwright.simulation.scenarios.grid import refuse

    return refuse("TW-V040", option, title, detail, way_out)
