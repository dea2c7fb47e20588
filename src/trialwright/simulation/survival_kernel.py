"""The course of one two-arm trial after another: written for numba, and the same in plain Python, only slower.

Who has the event when, when each look falls, and the log-rank test there. Adds nothing up and draws nothing itself.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from trialwright.analysis.estimators import log_rank
from trialwright.analysis.estimators.log_rank import log_rank_step
from trialwright.simulation.compiling import compiled

PERSON_BITS = 20
WORD = 2.0**32
FAR = 1e300  # calendar time of a look whose number of events never comes: all that will be seen is seen then


def room_for(n: int) -> tuple[Any, ...]:
    """Arrays that a trial of ``n`` participants is played in, used again for the next one."""
    buckets = 1 << max((n - 1).bit_length(), 4)
    whole = [np.zeros(size, dtype=np.int64) for size in (n, n, buckets + 1, n)]
    return (*whole, *(np.zeros(n) for _ in range(4)), np.zeros(n, dtype=np.bool_))


def play(words: Any, entry: Any, hazards: Any, rules: Any, room: Any, out: Any) -> None:
    """Play the trials that the words were drawn for.

    Args:
        words: Two words of each participant of each trial, ``uint32``, shape ``(2 or more, trials * n)``.
        entry: When each participant enters, rising; shape ``(n,)``. Even places are the control arm.
        hazards: Of the event under control, under treatment, and of loss; shape ``(3,)``.
        rules: Events at each look, rising; and z at which the trial rejects there (first row), and where it is not above which it
            stops without (second row).
        room: From :func:`room_for`.
        out: Where each trial ended (look 1, 2, …; below 0 without rejection), the times of its looks, z there.
    """
    looks, bounds = rules
    ends, when, z = out
    for trial in range(len(ends)):
        _live(words, trial * len(entry), entry, hazards, room)
        _look_times(looks, when[trial], room)
        for look in range(len(looks)):
            found = _z_at(when[trial, look], entry, room)
            z[trial, look] = found
            if found >= bounds[0, look]:
                ends[trial] = look + 1
                break
            if found <= bounds[1, look]:
                ends[trial] = -look - 1
                break


def _live(words: Any, base: int, entry: Any, hazards: Any, room: Any) -> None:
    """Everybody's time to event or loss, in rising order.

    Within an arm the time falls as the word rises, so whole numbers are sorted; event and loss compete, so that which of the
    two it was is independent of when.
    """
    keys, spare, counts, people, times, merged, calendar, _, happened = room
    n = len(entry)
    split = (n + 1) // 2
    for arm in range(2):
        start, size = arm * split, split if arm == 0 else n - split
        for place in range(size):
            person = 2 * place + arm
            keys[start + place] = ((0xFFFFFFFF - np.int64(words[0, base + person])) << PERSON_BITS) | person
        _sort(keys[start : start + size], spare[start : start + size], counts)
        speed = hazards[arm] + hazards[2]
        for place in range(start, start + size):
            times[place] = -math.log((0xFFFFFFFF - (keys[place] >> PERSON_BITS) + 0.5) / WORD) / speed
    a, b = 0, split
    for place in range(n):
        first = b >= n or (a < split and times[a] <= times[b])
        one = a if first else b
        a, b = (a + 1, b) if first else (a, b + 1)
        person = keys[one] & ((1 << PERSON_BITS) - 1)
        hazard = hazards[person % 2]
        people[place], merged[place], calendar[place] = person, times[one], entry[person] + times[one]
        happened[place] = (words[1, base + person] + 0.5) / WORD * (hazard + hazards[2]) < hazard


def _sort(keys: Any, spare: Any, counts: Any) -> None:
    """Sort in place: into as many buckets as keys by their leading bits, which are uniform, then by insertion."""
    size, buckets = len(keys), 1
    shift = 32 + PERSON_BITS
    while buckets < size:
        buckets, shift = buckets * 2, shift - 1
    counts[: buckets + 1] = 0
    for key in keys:
        counts[(key >> shift) + 1] += 1
    for bucket in range(buckets):
        counts[bucket + 1] += counts[bucket]
    for key in keys:
        bucket = key >> shift
        spare[counts[bucket]] = key
        counts[bucket] += 1
    for place in range(size):
        key, at = spare[place], place
        while at > 0 and keys[at - 1] > key:
            keys[at] = keys[at - 1]
            at -= 1
        keys[at] = key


def _look_times(looks: Any, when: Any, room: Any) -> None:
    """Calendar time of each look's last event; far away where so many events never come."""
    _, _, counts, _, _, _, calendar, few, happened = room
    buckets, last, events = len(counts) - 1, 0.0, 0
    for place in range(len(calendar)):
        if happened[place]:
            events += 1
            last = max(last, calendar[place])
    counts[:] = 0
    scale = buckets / (last * (1 + 1e-9)) if events else 0.0
    for place in range(len(calendar)):
        if happened[place]:
            counts[int(calendar[place] * scale)] += 1
    bucket, before = 0, 0
    for look in range(len(looks)):
        if looks[look] > events:
            when[look] = FAR
            continue
        while before + counts[bucket] < looks[look]:
            before += counts[bucket]
            bucket += 1
        size = 0
        for place in range(len(calendar)):
            if happened[place] and int(calendar[place] * scale) == bucket:
                few[size] = calendar[place]
                size += 1
        when[look] = _smallest(few, size, looks[look] - before)


def _smallest(values: Any, size: int, rank: int) -> float:
    """The value of a rank (1, 2, …) among the first few."""
    for place in range(1, size):
        value, at = values[place], place
        while at > 0 and values[at - 1] > value:
            values[at] = values[at - 1]
            at -= 1
        values[at] = value
    return values[rank - 1]  # type: ignore[no-any-return]


def _z_at(now: float, entry: Any, room: Any) -> float:
    """The log-rank statistic on what is known at a calendar time; above 0 where the treated fare better.

    Those who are still followed are censored at ``now - entry``, the latest to enter first.
    """
    _, _, _, people, own, merged, calendar, _, happened = room
    n = len(entry)
    for place in range(n):
        own[people[place]] = calendar[place]
    entered = 0
    while entered < n and entry[entered] < now:
        entered += 1
    risk, treated, youngest = float(entered), float(entered // 2), entered - 1
    gap, variance = 0.0, 0.0
    for place in range(n):
        if calendar[place] > now:
            continue
        while youngest >= 0 and now - entry[youngest] < merged[place]:
            if own[youngest] > now:
                risk -= 1.0
                treated -= youngest % 2
            youngest -= 1
        arm = people[place] % 2
        if happened[place]:
            expected, spread = log_rank_step(1.0, risk, treated)
            gap += expected - arm
            variance += spread
        risk -= 1.0
        treated -= arm
    return gap / math.sqrt(variance) if variance > 0 else 0.0


@lru_cache(maxsize=1)
def compiled_play() -> Callable[..., None] | None:
    """Return ``play`` compiled (kept on disk between runs), or None where numba is not installed."""
    try:
        from numba.extending import register_jitable
    except ImportError:
        return None
    for part in (log_rank_step, _sort, _smallest, _live, _look_times, _z_at):
        register_jitable(part)  # what is called in Python stays what it was
    return compiled(play, log_rank)
