"""The loop of ``response_only``: draw each participant's traits and the visit of the response, and count trials.

Imports numba, so import it only where a kernel is wanted.
"""

from __future__ import annotations

from math import floor
from typing import Any

import numpy as np
from numba import int64, njit, uint32, uint64

from trialwright.simulation.philox_compiled import fill_words

LANES = 256


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]  # numba has no types
def count_trials(run: Any, streams: Any, few: Any, ends: Any, accrual: Any, monitoring: Any, places: Any, T: Any, H: Any) -> None:  # noqa: N803, PLR0913 - one compiled loop
    """Play trials.

    Args:
        run: Round keys, the first trial, how many, participants of each.
        streams: The streams of traits, the response and arrival.
        few: Shares, traits above, bounds, which bounds a combination has, and traits of ``FewPaths``.
        ends: Seen, confirmed, level, last day and cell of each path, one after the other.
        accrual: Quantiles of the waiting time, thresholds of sites; both of size 0 where the file has no accrual.
        monitoring: Low and high bounds by participants assessed, what is counted, and whether confirmed responders count.
        places: Where the tables begin (see ``loading``), and those of each trait.
        T: The tally.
        H: Participants on each path.
    """
    keys, first, trials, n = run
    shares, above, bounds, like_of, traits = few
    seen_of, confirmed_of, level_of, last_of, cell_of = ends
    gaps, sites = accrual
    low, high, kind, by_confirmed = monitoring
    at, at_trait = places
    visits, wide, codes = bounds.shape[0], n + 1, shares.shape[2]
    batch = max(1, LANES // n)
    width = (batch * n + 7) // 8 * 8
    blocks, trait_blocks = (visits - 1 + 3) // 4, (shares.shape[0] + 3) // 4
    words = np.zeros((4 * max(blocks, 1), width), np.uint32)
    trait_words = np.zeros((4 * max(trait_blocks, 1), width), np.uint32)
    arrival_words = np.zeros((4, width), np.uint32)
    counters = np.zeros((2, width), np.uint32)
    combination, way, alike = np.zeros(width, np.uint32), np.zeros(width, np.uint32), np.zeros(width, np.uint32)
    joint = np.zeros((3, max(1, len(above)), codes), np.int64)
    has, sees, confs = joint[0], joint[1], joint[2]
    at_level, at_site = np.zeros(at[8] + 2, np.int64), np.zeros(max(1, len(sites)), np.int64)
    levels, cells = at[8], np.zeros(3 * len(traits), np.int64)
    for start in range(0, trials, batch):
        size = min(batch, trials - start)
        for j in range(size):
            number = uint64(first) + uint64(start + j)
            for p in range(n):
                counters[0, j * n + p] = uint32(number)
                counters[1, j * n + p] = uint32(uint64(p) + ((number >> uint64(32)) << uint64(20)))
        for block in range(trait_blocks):
            fill_words(counters, block, streams[0], keys, trait_words[4 * block : 4 * block + 4])
        for block in range(blocks):
            fill_words(counters, block, streams[1], keys, words[4 * block : 4 * block + 4])
        if len(gaps) > 0:
            fill_words(counters, 0, streams[2], keys, arrival_words)
        _combine(trait_words, shares, above, traits, combination)
        for lane in range(width):
            alike[lane] = like_of[combination[lane]]
        way[:] = 0
        for visit in range(visits - 1, 0, -1):
            for like in range(bounds.shape[1]):
                _come(words[visit - 1], bounds[visit, like], alike, uint32(like), uint32(visit), way)
        for lane in range(width):
            way[lane] += combination[lane] * uint32(visits)
        for j in range(size):
            seen, confirmed, arrived, end, how, enrolled = 0, 0, 0.0, 0, 0, n
            cells[:] = 0
            at_level[:] = 0
            at_site[:] = 0
            for p in range(n):
                lane = j * n + p
                own = way[lane]
                H[own] += 1
                cells[cell_of[own]] += 1
                at_level[level_of[own]] += 1
                if len(gaps) > 0:
                    if p > 0:
                        arrived += _gap(gaps, arrival_words[0, lane])
                    day = floor(arrived)
                    T[at[6] + p * 130 + min(day // 28, 129)] += 1
                    end = max(end, day + last_of[own])
                    site = 0
                    while arrival_words[1, lane] >= sites[site]:
                        site += 1
                    at_site[site] += 1
                if low.shape[0] == 0:
                    continue
                seen += seen_of[own]
                confirmed += confirmed_of[own]
                stops = False
                for one in range(low.shape[0]):
                    counted = 0 if kind[one] == 1 else confirmed if by_confirmed == 1 else seen
                    if counted <= low[one, p + 1] or counted >= high[one, p + 1]:
                        how = 1 + 2 * one + (0 if counted <= low[one, p + 1] else 1)
                        enrolled = p + 1
                        stops = True
                        break
                if stops:
                    break
            _gather(cells, traits, joint)
            seen, confirmed = 0, 0
            for place in range(0, len(cells), 3):
                confirmed += cells[place + 2]
                seen += cells[place + 1] + cells[place + 2]
            T[at[0] + seen] += 1
            T[at[1] + confirmed] += 1
            for level in range(levels + 1):
                T[at[2] + level * wide + at_level[level]] += 1
            T[at[3] + enrolled] += 1
            T[at[4] + how] += 1
            if len(gaps) > 0:
                T[at[5] + min(end // 7, 1040)] += 1
                for site in range(len(sites)):
                    T[at[7] + site * wide + at_site[site]] += 1
            for i in range(len(above)):
                for code in range(at_trait[i, 3]):
                    if at_trait[i, 0] >= 0:
                        T[at_trait[i, 0] + (code * wide + has[i, code]) * wide + sees[i, code]] += 1
                        T[at_trait[i, 1] + (code * wide + has[i, code]) * wide + confs[i, code]] += 1
                if at_trait[i, 2] >= 0:
                    T[at_trait[i, 2] + (has[i, 0] * wide + confs[i, 0]) * wide + confirmed] += 1


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
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


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _come(words: Any, bound: Any, alike: Any, like: Any, visit: Any, way: Any) -> None:
    """Note the visit for those to whom the response comes at it; visits are asked from the last to the first."""
    if bound == 0:
        return
    most = uint32(bound - 1)
    for lane in range(len(way)):
        way[lane] = visit if (alike[lane] == like) & (words[lane] <= most) else way[lane]


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _combine(words: Any, shares: Any, above: Any, traits: Any, combination: Any) -> None:
    """Find each lane's combination of traits."""
    combination[:] = 0
    count = len(above)
    for i in range(count):
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
                code += 1 if words[i, lane] >= shares[i, row, place] else 0
            combination[lane] = uint32(int64(combination[lane]) * codes + code)


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _codes(traits: Any, index: Any) -> Any:
    found = 0
    for c in range(len(traits)):
        found = max(found, traits[c, index] + 1)
    return found


@njit(nogil=True, cache=True)  # type: ignore[untyped-decorator]
def _gap(gaps: Any, word: Any) -> Any:
    place = word >> 22
    low = gaps[place]
    return low + (word & 4194303) * 2.384185791015625e-07 * (gaps[place + 1] - low)
