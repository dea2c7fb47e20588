"""An event together with where it stands in the log. Carries no salts, digests or other matters of the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from trialwright.events.catalogue import AnyEvent


@dataclass(frozen=True, slots=True)
class Occurred:
    """An event with its entry's sequence number, instant of recording (UTC), actor and protocol digest."""

    sequence: int
    event: AnyEvent
    recorded_at: datetime
    actor: str
    protocol: str
