"""Which date is study day 1 of a participant: what the schedule counts from. Reads state; plans nothing."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from trialwright.engine.state import ParticipantState
from trialwright.protocol.study import Protocol


def day_one(protocol: Protocol, person: ParticipantState) -> date | None:
    """Return the date of study day 1 (the first dose, unless the schedule says otherwise); None where it has not come."""
    match protocol.day_1:
        case "first dose":
            return person.first_dose_on
        case "enrolment" | "randomisation":
            return person.enrolled.on if person.enrolled is not None else None
        case "consent":
            return person.consents[0].on if person.consents else None
        case _:
            assert_never(protocol.day_1)
