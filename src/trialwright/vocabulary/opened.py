"""How a simulated trial that was opened out of a run is titled, and how its number is read from that. Opens nothing."""

from __future__ import annotations

import re

_OPENED = re.compile(r"trial (\d{1,14}) of seed \d{1,20} \(simulated\)\Z")


def opened_title(study: str, trial: int, seed: int) -> str:
    """The title of an opened trial: it says which of the run's trials it is, and that it is simulated.

    >>> opened_title("TRIAL-1", 4711, 1)
    'TRIAL-1 trial 4711 of seed 1 (simulated)'
    """
    return f"{study} trial {trial} of seed {seed} (simulated)"


def opened_number(title: str) -> int | None:
    """Which trial of its run was opened under this title; None where the title is none of :func:`opened_title`.

    >>> opened_number("TRIAL-1 trial 4711 of seed 1 (simulated)")
    4711
    """
    found = _OPENED.search(title)
    return int(found[1]) if found is not None else None
