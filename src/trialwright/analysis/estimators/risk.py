"""Counts at each time: who was at risk, who had which event, who was censored, by group. What survival methods start from.

Whole numbers (study days) are counted without sorting; other times are sorted once. Nothing is estimated here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Times = npt.NDArray[np.float64] | npt.NDArray[np.int64]
Kinds = npt.NDArray[np.int64] | Flags
Codes = npt.NDArray[np.uint8] | npt.NDArray[np.int64]
Counts = npt.NDArray[np.int64] | npt.NDArray[np.uint8]

CELLS_PER_ROW = 16  # a table of counts by day may have this many cells per participant before sorting is the better way
STRETCH = 32_768  # rows counted at once
SMALL = 1000  # rows up to which sorting is quicker than to look whether counting would do
MOST_CODES = 4096
WIDEST = 256  # codes that one byte can tell apart
MOST_KINDS = 255
MOST_CELLS = 100_000_000  # of a table of counts: 0.8 GB


class NotEstimable(ValueError):  # noqa: N818 - said of data, not of a mistake
    """The data are well formed and hold no answer, such as a hazard ratio without an event; the message says why."""


@dataclass(frozen=True)
class RiskTable:
    """Counts at each distinct time, in increasing order.

    Args:
        times: Distinct times, event or censoring, in the unit of the data; shape ``(times,)``.
        counts: Participants whose time this is, by group and by kind (0 censored, 1, 2, … events);
            shape ``(groups, kinds, times)``. Of one byte where they are few at each of many times.
        groups: The groups' labels, sorted.
    """

    times: Floats
    counts: Counts
    groups: tuple[object, ...]

    @cached_property
    def alone(self) -> bool:
        """Whether counts are of one byte and every time is that of one participant."""
        return self.counts.dtype == np.uint8 and int(self.leaving.sum(axis=0, dtype=np.uint8).max()) == 1

    @cached_property
    def leaving(self) -> Counts:
        """Participants whose time this is, by group; shape ``(groups, times)``."""
        return np.asarray(self.counts.sum(axis=1, dtype=self.counts.dtype))

    @cached_property
    def events(self) -> Counts:
        """Events of any kind at each time by group; shape ``(groups, times)``."""
        return self.counts[:, 1] if self.counts.shape[1] == 2 else self.leaving - self.counts[:, 0]

    @cached_property
    def at_risk(self) -> Ints:
        """Participants at risk just before each time by group; shape ``(groups, times)``."""
        return np.array([staying(own) for own in self.leaving])


def staying(leaving: Counts) -> Ints:
    """How many leave at each time or later; that is who is at risk there."""
    backwards = leaving[::-1].astype(np.int64)
    return backwards.cumsum(out=backwards)[::-1]


def risk_table(times: npt.ArrayLike, kinds: npt.ArrayLike, groups: npt.ArrayLike | None = None) -> RiskTable:
    """Count who was at risk and what happened at each time.

    Args:
        times: Time to the first event or to censoring, at least 0, finite; shape ``(participants,)``, at least one.
        kinds: 0 or False where censored, else 1 or True, 2, …; same shape.
        groups: A label per participant; nothing where all are one group.

    Raises:
        ValueError: No participant, shapes disagree, a time is negative, missing or infinite, a kind is out of
            range, or there are so many groups that a table of them would fill the memory.
    """
    t, kind = observations(times, kinds)
    if groups is None:
        return count_by_time(t, kind, None, ("",))
    labels, group = codes_of(groups, t.shape)
    return count_by_time(t, kind, group, labels)


def count_by_time(t: Times, kind: Kinds, group: Ints | None, labels: tuple[object, ...]) -> RiskTable:
    """As :func:`risk_table`, from checked times and kinds and from codes of the groups (none: one group)."""
    states = 2 if kind.dtype == np.bool_ else max(int(kind.max()) + 1, 2)
    width = len(labels) * states
    found = _counted_days(t, kind, group, (states, width)) if len(t) > SMALL else None
    distinct, counts = found or _sorted_counts(t, _codes(kind, group, (states, width)), width)
    return RiskTable(distinct, counts.reshape(len(labels), states, len(distinct)), labels)


def _codes(kind: Kinds, group: Ints | None, size: tuple[int, int]) -> Codes:
    """Group and kind as one whole number, in one byte where it has room."""
    states, width = size
    if width > WIDEST:
        return kind.astype(np.int64) if group is None else group * states + kind
    code = kind.astype(np.uint8)
    if group is not None:
        code += group.astype(np.uint8) * np.uint8(states)
    return code


def observations(times: npt.ArrayLike, kinds: npt.ArrayLike) -> tuple[Times, Kinds]:
    """Times (whole or not) and kinds as arrays, once it is sure that they can be used.

    Raises:
        ValueError: As :func:`risk_table`.
    """
    t, kind = np.asarray(times), np.asarray(kinds)
    t = t.astype(np.int64 if t.dtype.kind in "iu" else np.float64, copy=False)
    if t.ndim != 1 or t.shape != kind.shape or not t.size:
        raise ValueError("one time and one event mark per participant, and at least one participant, are needed")
    if not (t.min() >= 0 and t.max() < np.inf):
        raise ValueError("a time is missing, negative or infinite")
    if kind.dtype != np.bool_:
        kind = _whole_kinds(kind)
    return t, kind


def _whole_kinds(kinds: npt.NDArray[np.generic]) -> Ints:
    whole = kinds.astype(np.int64)
    if np.any(whole != kinds) or whole.min() < 0 or whole.max() > MOST_KINDS:
        raise ValueError(f"kinds are 0 for censored and 1 to {MOST_KINDS} for events")
    return whole


def codes_of(labels: npt.ArrayLike, shape: tuple[int, ...]) -> tuple[tuple[object, ...], Ints]:
    """The distinct labels, sorted, and for each participant which one it is (0, 1, …).

    Raises:
        ValueError: Not one label per participant.
    """
    names = np.asarray(labels)
    if names.shape != shape:
        raise ValueError("a label per participant is needed")
    if names.dtype.kind in "biu":
        least, most = int(names.min()), int(names.max())
        if most - least < MOST_CODES:
            small = names.astype(np.int64) - least if least else names.astype(np.int64, copy=False)
            if most - least > 1:  # of two neighbours both were seen
                seen = np.bincount(small, minlength=most - least + 1) > 0
                present = np.flatnonzero(seen).tolist()
                if len(present) < len(seen):
                    small = (np.cumsum(seen) - 1)[small]
            else:
                present = list(range(most - least + 1))
            return tuple(names.dtype.type(one + least).item() for one in present), small
    distinct, code = np.unique(names, return_inverse=True)
    return tuple(distinct.tolist()), code.astype(np.int64)


def whole_days(times: Times, most: int) -> Ints | None:
    """The times as integers where all are whole and none is above ``most``; else None."""
    if times.max() > most:
        return None
    days = times.astype(np.int64)
    if times.dtype.kind != "i" and not np.array_equal(days, times):
        return None
    return days


def _counted_days(t: Times, kind: Kinds, group: Ints | None, size: tuple[int, int]) -> tuple[Floats, Counts] | None:
    """Distinct times, and how often each code was seen at each, shape ``(width, times)``; None where times are not whole days.

    Counted a stretch of rows at a time, which the processor's cache holds.
    """
    states, width = size
    last = t.max()
    if last > CELLS_PER_ROW * len(t) // width:
        return None
    cells = (int(last) + 1) * width
    if cells > np.iinfo(np.int32).max:
        return None
    total = np.zeros(cells, dtype=np.int64)
    stretch = max(STRETCH, cells)
    for start in range(0, len(t), stretch):
        part = slice(start, start + stretch)
        days = t[part].astype(np.int32)  # half as wide as the rest, which is what most of the time goes into
        if t.dtype != np.int64 and not (days.astype(np.float64) == t[part]).all():
            return None
        days *= np.int32(width)
        if group is not None:
            days += group[part].astype(np.int32) * np.int32(states)
        days += kind[part].astype(np.int32)
        total += np.bincount(days, minlength=cells)
    counts = total.reshape(-1, width)
    seen = np.flatnonzero(counts.any(axis=1))
    return seen.astype(np.float64), np.ascontiguousarray(counts[seen].T)


def _sorted_counts(t: Times, code: Codes, width: int) -> tuple[Floats, Counts]:
    """As :func:`_counted_days`, by sorting; where few are at any one time the counts are of one byte."""
    found = _sorted_in_keys(t, code, (width - 1).bit_length()) if len(t) > SMALL and width <= WIDEST else None
    if found is None:
        order = t.argsort()
        found = t[order], code[order], None
    t, code, many = found
    new = np.empty(len(t), dtype=np.bool_)
    new[0] = True
    np.not_equal(t[1:], t[:-1], out=new[1:])
    alone = many is None and len(t) > SMALL and bool(new.all())
    distinct = (t if alone else t[new]).astype(np.float64, copy=False)
    if len(distinct) * width > MOST_CELLS:
        raise ValueError(f"{width} groups and kinds at {len(distinct)} times are more than can be tabulated")
    if alone:
        return distinct, np.array([code == one for one in range(width)]).view(np.uint8)
    place = new.cumsum()
    place -= 1
    place += code * np.int64(len(distinct))
    if many is None:
        return distinct, np.bincount(place, minlength=len(distinct) * width).reshape(width, -1)
    few = int(many.max()) * width <= np.iinfo(np.uint8).max
    counts: Counts = np.zeros((width, len(distinct)), dtype=np.uint8) if few else np.zeros((width, len(distinct)), dtype=np.int64)
    counts.reshape(-1)[place] = many
    return distinct, counts


def _sorted_in_keys(t: Times, code: Codes, room: int) -> tuple[Times, Codes, Ints | None] | None:
    """Times in order with their codes, and how many rows have both (nothing: one each); None where a code has no place.

    Both are sorted as one whole number, of which the code takes the lowest bits. The bits of numbers that are not below 0 stand
    in the order of the numbers, so nothing is rounded and ties stay ties. Room is what the gap between the least time and the
    greatest leaves; 0, which is far from all others, is put next to the least.
    """
    bits = np.ascontiguousarray(t).view(np.int64)
    least = int(bits.min())
    zeros = least <= 0 and t.dtype != np.int64  # below 0: minus nought
    if zeros:
        least = int(bits.min(initial=np.iinfo(np.int64).max, where=bits > 0)) - 1
        bits = np.maximum(bits, least)
    if int(bits.max()) - least >= 1 << (64 - room):
        return None
    keys = (bits - least).view(np.uint64)
    keys <<= np.uint64(room)
    keys |= code
    keys.sort()
    keys, many = _each_once(keys)
    codes = keys.astype(np.uint8)
    codes &= np.uint8((1 << room) - 1)
    keys >>= np.uint64(room)
    bits = keys.view(np.int64)
    bits += least
    if zeros:
        bits[: np.searchsorted(bits, least, side="right")] = 0
    return (bits if t.dtype == np.int64 else bits.view(np.float64)), codes, many


def _each_once(keys: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.uint64], Ints | None]:
    """The distinct ones of sorted numbers, and how often each is there; nothing where all are there once."""
    other = keys[1:] != keys[:-1]
    if other.all():
        return keys, None
    starts = np.concatenate([[0], other.nonzero()[0] + 1])
    return keys[starts], np.diff(starts, append=len(keys))
