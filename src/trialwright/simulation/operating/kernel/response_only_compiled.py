"""The loop of ``response_only``: draw each participant's traits and the visit of the response, and count trials.

Imports numba, so import it only where a kernel is wanted.
"""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np
from numba import int64, njit, uint8, uint32, uint64

from trialwright.simulation import philox_compiled
from trialwright.simulation.compiling import compiled
from trialwright.simulation.operating import tally
from trialwright.simulation.operating.tally import ACCRUAL_BIN_DAYS, ACCRUAL_BINS, MOST_WEEKS
from trialwright.simulation.philox_compiled import fill_words, happens

LANES = 1024


def _count_trials(run: Any, few: Any, ends: Any, rest: Any, counts: Any, on_paths: Any) -> None:
    """Play trials.

    Args:
        run: The key; the first trial, how many, participants of each; bytes of a visit and the response's among them
            (``chance.room`` and ``draws``); the streams of traits, of first bytes, of the bits below the response's, of arrival.
        few: Shares, traits above, bounds, which bounds a combination has, and traits of ``FewPaths``.
        ends: Seen, confirmed, level, last day and cell of each path, one after the other.
        rest: Accrual (quantiles of the waiting time and thresholds of sites, of size 0 where there is none); monitoring (low and
            high bounds by participants assessed, what is counted, whether confirmed responders count); where the tables begin
            (those of trials, then those of each trait).
        counts: The tally's.
        on_paths: Participants on each path.
    """
    _, first, trials, n, _, _ = run
    accrual, monitoring, places = rest
    batch = max(1, LANES // n)
    width = (batch * n + 7) // 8 * 8
    counters, arriving = np.zeros((2, width), np.uint32), np.zeros((4, width if len(accrual[0]) > 0 else 0), np.uint32)
    joint = np.zeros((3, len(few[1]) + 1, few[0].shape[2]), np.int64)
    words = np.zeros((few[2].shape[0] * run[4][0] // 4 + 7, width), np.uint32)
    small = np.zeros((4, width), np.uint8)
    combination, way = np.zeros(width, np.uint32), np.zeros(width, np.uint32)
    cells, at_level = np.zeros(3 * len(few[4]), np.int64), np.zeros(places[0][9] + 2, np.int64)
    for start in range(0, trials, batch):
        size = min(batch, trials - start)
        for j in range(size):
            number = uint64(first) + uint64(start + j)
            for p in range(n):
                counters[0, j * n + p] = uint32(number)
                counters[1, j * n + p] = uint32(uint64(p) + ((number >> uint64(32)) << uint64(20)))
        _draw(run, few, (counters, words, arriving, small), combination, way)
        for j in range(size):
            cells[:] = 0
            at_level[:] = 0
            ways = way[j * n : j * n + n]
            enrolled, how = _monitored(monitoring, ways, ends) if monitoring[0].shape[0] > 0 else (n, 0)
            for p in range(enrolled):
                own = ways[p]
                on_paths[own] += 1
                cells[ends[4][own]] += 1
                at_level[ends[2][own]] += 1
            if len(accrual[0]) > 0:
                _accrue(accrual, arriving[:, j * n : j * n + n], ways[:enrolled], ends[3], (places[0], counts))
            _count((enrolled, how, n + 1, monitoring[3]), (cells, at_level, joint), few[4], places, counts)


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _draw(run: Any, few: Any, words: Any, combination: Any, way: Any) -> None:
    """Draw each lane's combination of traits and its path."""
    key, _, _, _, (room, index), streams = run
    shares, above, bounds, like_of, traits = few
    counters, drawn, arriving, small = words
    visits, width = bounds.shape[0], len(way)
    for block in range((shares.shape[0] + 3) // 4):
        fill_words(counters, block, streams[0], key, drawn[0:4])
        _combine(drawn, shares, above, traits, (combination, 4 * block))
    for block in range((visits * room + 15) // 16):
        fill_words(counters, block, streams[1], key, drawn[4 * block : 4 * block + 4])
    if arriving.shape[1] > 0:
        fill_words(counters, 0, streams[3], key, arriving)
    alike, byte, when, open_ = small[0], small[1], small[2], small[3]
    for lane in range(width):
        alike[lane] = like_of[combination[lane]]
        when[lane] = 0
        open_[lane] = 0
    for visit in range(visits - 1, 0, -1):
        number = visit * room + index
        _take_byte(drawn[number // 4], uint32(8 * (number % 4)), byte)
        for like in range(bounds.shape[1]):
            _come(byte, bounds[visit, like], (alike, uint8(like)), uint8(visit), (when, open_))
    for lane in range(width):
        if open_[lane] != 0:
            when[lane] = _settle(
                run[4:], bounds[:, alike[lane]], drawn[:, lane], (counters[0, lane], counters[1, lane], key[0], key[1])
            )
        way[lane] = combination[lane] * uint32(visits) + when[lane]


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _monitored(monitoring: Any, ways: Any, ends: Any) -> Any:
    """How many are enrolled before a rule stops the trial, and which rule (see ``tally``: 0 none)."""
    low, high, kind, by_confirmed = monitoring
    counted = 0
    responds = ends[1] if by_confirmed == 1 else ends[0]
    for p in range(len(ways)):
        counted += responds[ways[p]]
        for one in range(low.shape[0]):
            number = 0 if kind[one] == 1 else counted
            if number <= low[one, p + 1]:
                return p + 1, 1 + 2 * one
            if number >= high[one, p + 1]:
                return p + 1, 2 + 2 * one
    return len(ways), 0


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _accrue(accrual: Any, words: Any, ways: Any, last_of: Any, into: Any) -> None:
    """Count when and where a trial's participants are enrolled, and how long it takes."""
    gaps, sites = accrual
    at, counts = into
    at_site, arrived, end = np.zeros(len(sites), np.int64), 0.0, 0
    for p in range(len(ways)):
        if p > 0:
            arrived += _gap(gaps, words[0, p])
        day = floor(arrived)
        counts[at[6] + p * ACCRUAL_BINS + min(day // ACCRUAL_BIN_DAYS, ACCRUAL_BINS - 1)] += 1
        end = max(end, day + last_of[ways[p]])
        site = 0
        while words[1, p] >= sites[site]:
            site += 1
        at_site[site] += 1
    counts[at[5] + min(end // 7, MOST_WEEKS)] += 1
    wide = words.shape[1] + 1
    for site in range(len(sites)):
        counts[at[7] + site * wide + at_site[site]] += 1


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _count(trial: Any, of_trial: Any, traits: Any, places: Any, counts: Any) -> None:
    """Count a trial from its cells."""
    cells, at_level, joint = of_trial
    at, at_trait = places
    wide = trial[2]
    _gather(cells, traits, joint)
    seen, confirmed = 0, 0
    for place in range(0, len(cells), 3):
        confirmed += cells[place + 2]
        seen += cells[place + 1] + cells[place + 2]
    counts[at[0] + seen] += 1
    counts[at[1] + confirmed] += 1
    for level in range(len(at_level) - 1):
        counts[at[2] + level * wide + at_level[level]] += 1
    counts[at[3] + trial[0]] += 1
    counts[at[4] + trial[1]] += 1
    if at[8] >= 0:
        counts[at[8] + trial[0] * wide + (confirmed if trial[3] == 1 else seen)] += 1
    for i in range(traits.shape[1]):
        for code in range(at_trait[i, 3]):
            if at_trait[i, 0] >= 0:
                row = (code * wide + joint[0, i, code]) * wide
                counts[at_trait[i, 0] + row + joint[1, i, code]] += 1
                counts[at_trait[i, 1] + row + joint[2, i, code]] += 1
        if at_trait[i, 2] >= 0:
            counts[at_trait[i, 2] + (joint[0, i, 0] * wide + joint[2, i, 0]) * wide + confirmed] += 1


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _gather(cells: Any, traits: Any, joint: Any) -> None:
    """Add up cells (combination × nothing, seen, confirmed as well) by trait: who has a code, sees and confirms the response."""
    joint[:] = 0
    for c in range(len(traits)):
        sees, confirms = cells[3 * c + 1] + cells[3 * c + 2], cells[3 * c + 2]
        for i in range(traits.shape[1]):
            code = traits[c, i]
            joint[0, i, code] += cells[3 * c] + sees
            joint[1, i, code] += sees
            joint[2, i, code] += confirms


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _take_byte(words: Any, shift: Any, into: Any) -> None:
    """Take one byte out of each word."""
    for lane in range(len(into)):
        into[lane] = uint8(words[lane] >> shift)


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _come(byte: Any, bound: Any, whom: Any, visit: Any, into: Any) -> None:
    """Note the visit for those to whom the response surely comes at it; visits are asked from the last to the first.

    Whom the first byte leaves open is marked.
    """
    alike, like = whom
    when, open_ = into
    top, rest = bound >> 24, uint8(1 if bound & 0xFFFFFF else 0)
    if top > 0:
        most = uint8(top - 1)
        for lane in range(len(when)):
            when[lane] = visit if (alike[lane] == like) & (byte[lane] <= most) else when[lane]
    if rest:
        edge = uint8(top)
        for lane in range(len(when)):
            open_[lane] |= (alike[lane] == like) & (byte[lane] == edge)


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _settle(places: Any, bounds: Any, words: Any, who: Any) -> Any:
    """The visit at which the response comes to one lane, by the bits below the first byte where those decide."""
    (room, index), streams = places
    for visit in range(1, len(bounds)):
        place = visit * room + index
        first = ((words[place // 4] >> (8 * (place % 4))) & 255) << 24
        if happens(first, bounds[visit], who, visit, streams[2], index % 4):
            return uint8(visit)
    return uint8(0)


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _combine(words: Any, shares: Any, above: Any, traits: Any, into: Any) -> None:
    """Find each lane's combination of traits; each block of words serves four of them."""
    combination, begin = into
    if begin == 0:
        combination[:] = 0
    for i in range(begin, min(len(above), begin + 4)):
        codes = 0
        for c in range(len(traits)):
            codes = max(codes, traits[c, i] + 1)
        for lane in range(len(combination)):
            row = 0
            if above[i] >= 0:
                rest = int64(combination[lane])
                for later in range(i - 1, above[i], -1):
                    rest //= _codes(traits, later)
                row = rest % _codes(traits, above[i])
            code = int64(0)
            for place in range(codes - 1):
                code += 1 if words[i - begin, lane] >= shares[i, row, place] else 0
            combination[lane] = uint32(int64(combination[lane]) * codes + code)


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _codes(traits: Any, index: Any) -> Any:
    found = 0
    for c in range(len(traits)):
        found = max(found, traits[c, index] + 1)
    return found


@njit(nogil=True)  # type: ignore[untyped-decorator]
def _gap(gaps: Any, word: Any) -> Any:
    place = word >> 22
    low = gaps[place]
    return low + (word & 4194303) * 2.384185791015625e-07 * (gaps[place + 1] - low)


count_trials = compiled(_count_trials, philox_compiled, tally)
