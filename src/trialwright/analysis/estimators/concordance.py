"""How often, of two people who can be compared, the one with the higher score has the event first (Harrell's C).

It grades a score and fits none.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from trialwright.analysis.estimators.risk import Floats, Ints, NotEstimable, codes_of, observations


def concordance(
    times: npt.ArrayLike, happened: npt.ArrayLike, score: npt.ArrayLike, strata: npt.ArrayLike | None = None
) -> float:
    """Estimate the share of comparable pairs in which the higher score goes with the earlier event.

    Two people can be compared where one has the event while the other is still at risk, in the same stratum. Equal scores count
    half; two events at one time are not compared. It takes n log n steps.

    Args:
        times: As in :func:`cox`.
        happened: As in :func:`cox`.
        score: A number per participant, such as the exponent of a fitted model.
        strata: A label per participant; nothing: one.

    Raises:
        ValueError: Shapes disagree or a score is missing.
        NotEstimable: No two people can be compared.

    Source: Harrell et al., JAMA 1982;247:2543. Checked against R survival's coxph (lung).
    """
    t, kind = observations(times, happened)
    scores = np.asarray(score, dtype=np.float64)
    if scores.shape != t.shape or np.isnan(scores).any():
        raise ValueError("a score per participant is needed")
    stratum = np.zeros(len(t), dtype=np.int64) if strata is None else codes_of(strata, t.shape)[1]
    won = pairs = 0.0
    for one in range(int(stratum.max()) + 1):
        own = stratum == one
        more, compared = _pairs(t[own].astype(np.float64), kind[own].astype(np.bool_), scores[own])
        won, pairs = won + more, pairs + compared
    if not pairs:
        raise NotEstimable("no two people can be compared")
    return won / pairs


def _pairs(t: Floats, happened: npt.NDArray[np.bool_], score: Floats) -> tuple[float, float]:
    """Pairs won (ties half) and pairs compared, in one stratum.

    Everybody takes part twice, in falling order of time: once asking (those with the event: how many of those seen so far score
    less?), once being seen. At one time the censored are seen before the events ask, and the events after.
    """
    _, rank = np.unique(score, return_inverse=True)
    asks = np.flatnonzero(happened)
    who = np.concatenate([asks, np.arange(len(t))])
    asking = np.concatenate([np.ones(len(asks), dtype=np.bool_), np.zeros(len(t), dtype=np.bool_)])
    turn = np.where(asking, 1, np.where(happened[who], 2, 0))
    order = np.lexsort((turn, -t[who]))
    less, equal = _seen_before(rank[who][order].astype(np.int64), asking[order])
    seen = np.cumsum(~asking[order])[asking[order]]
    return float(less + equal / 2), float(seen.sum())


def _seen_before(rank: Ints, asking: npt.NDArray[np.bool_]) -> tuple[int, int]:
    """Over all who ask: how many before them were seen with a lower rank, and with the same.

    One bit of the ranks at a time: of two ranks that agree in the bits above, the one with the bit set is the higher.
    """
    less = 0
    place = np.arange(len(rank))
    for bit in reversed(range(int(rank.max()).bit_length())):
        above = rank[place] >> (bit + 1)
        order = np.argsort(above, kind="stable")
        place, above = place[order], above[order]
        low = (rank[place] >> bit & 1) == 0
        counted = np.cumsum(low & ~asking[place])
        first = np.searchsorted(above, above, side="left")
        before = np.concatenate([[0], counted])[first]
        less += int((counted - before)[asking[place] & ~low].sum())
    order = np.argsort(rank, kind="stable")
    sorted_rank, counted = rank[order], np.cumsum(~asking[order])
    before = np.concatenate([[0], counted])[np.searchsorted(sorted_rank, sorted_rank, side="left")]
    return less, int((counted - before)[asking[order]].sum())
