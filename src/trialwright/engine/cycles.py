"""How far a participant's cycles lie behind the plan: a delayed dose moves everything after it. Pure; decides no delay."""

from __future__ import annotations

from datetime import timedelta

from trialwright.engine.gather import Standpoint
from trialwright.protocol.study import CompiledRegimen
from trialwright.protocol.timing import read_duration


def cycle_delay(cycle: int, at: Standpoint) -> timedelta:
    """Return by how much a cycle is moved: as the latest cycle up to it that has begun; nothing while none has.

    A cycle begins with a dose of the regimen that is given once a cycle.
    """
    regimen = _once_a_cycle(at)
    if regimen is None or regimen.every_days is None:
        return timedelta(0)
    given = [one for one in at.person.administered if one.intervention == regimen.intervention and one.dose > 0]
    begun = sorted({one.on for one in given if one.on <= at.on})
    if not begun:
        return timedelta(0)
    latest = min(cycle, len(begun))
    return begun[latest - 1] - begun[0] - timedelta(days=(latest - 1) * regimen.every_days)


def _once_a_cycle(at: Standpoint) -> CompiledRegimen | None:
    schedule = at.protocol.file.schedule
    if schedule is None or schedule.cycle is None:
        return None
    length = read_duration(schedule.cycle).count
    regimens = [one for one in at.protocol.regimens.values() if one.every_days == length and one.for_arm(at.person.arm)]
    return next(iter(regimens), None)
