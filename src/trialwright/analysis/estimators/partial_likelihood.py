"""The partial likelihood of Cox's model at a point, with its gradient and information: by strata, after Efron or Breslow.

It fits nothing; :mod:`cox` does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

import numpy as np
import numpy.typing as npt

from trialwright.analysis.estimators.risk import SMALL, Flags, Floats, Ints, Kinds, NotEstimable, Times, codes_of, whole_days

FEW = 100  # rows up to which a table of who shares which risk set is quicker than sums along the sorted rows
STEEPEST = 300.0  # a sum of coefficients beyond this might overflow once it is squared


class Ties(StrEnum):
    """How events at one time share the risk set."""

    EFRON = "Efron"
    BRESLOW = "Breslow"


@dataclass(frozen=True, slots=True)
class Slope:
    """Log-likelihood at a point, its gradient and its information."""

    value: float
    gradient: Floats
    information: Floats


@dataclass(frozen=True, slots=True)
class Few:
    """All strata of a few rows: who is in which event's risk set, as a table."""

    x: Floats  # (covariates, rows), each within its range
    members: Floats  # (rows, events): 1 at risk, 0 not, between them what tied events leave
    total: Floats  # (covariates,): over the events
    events: int

    def at(self, beta: Floats) -> Slope:
        """The likelihood at some coefficients."""
        if sum(map(abs, beta.tolist())) > STEEPEST:
            return _nowhere(beta)
        moments = _moments(self.x, beta)
        sums = moments @ self.members
        risk = sums[0]
        mean = sums[1:] / risk
        shares = self.members @ (1 / risk)
        information = (moments[1:] * shares) @ self.x.T - mean @ mean.T
        return Slope(
            float(beta @ self.total) - float(np.add.reduce(np.log(risk))), self.total - np.add.reduce(mean, axis=1), information
        )


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rows in the order of time, cut where each event time begins."""

    x: Floats  # (covariates, rows), each within its range; only rows that are at risk at some event time
    starts: Ints  # (event times,): first row at risk
    lengths: Ints  # (event times,): rows from there to the next
    tied_x: Floats  # (covariates, events)
    total: Floats  # (covariates,): over the events
    tied_rows: Ints  # (events,): rows with an event
    firsts: Ints  # (event times,): first event at each time
    counts: Ints  # (event times,): events at each time
    shared: Floats | None  # (events,): share of the tied events' own weight that leaves the risk set; None: nothing leaves

    @property
    def events(self) -> int:
        """Events in it."""
        return len(self.tied_rows)

    def at(self, beta: Floats) -> Slope:
        """The likelihood at some coefficients.

        Sums over the event times; with many tied events each time is one term, since only powers of the shares differ. Covariates
        lie within 1 of 0, so that no exponent is beyond the sum of the coefficients, and none overflows.
        """
        if sum(map(abs, beta.tolist())) > STEEPEST:
            return _nowhere(beta)
        moments = _moments(self.x, beta)
        at_risk = np.add.reduceat(moments, self.starts, axis=1)[:, ::-1].cumsum(axis=1)[:, ::-1]
        tied = moments[0, self.tied_rows]
        log_sum, once, twice = _denominators(self, at_risk[0], tied)
        hazard = np.repeat(once[0].cumsum(), self.lengths)  # what each row has been through
        first = at_risk[1:]
        gradient = self.total - moments[1:] @ hazard
        information = (moments[1:] * hazard) @ self.x.T - (first * twice[0]) @ first.T
        if self.shared is not None:
            leaving = np.repeat(once[1], self.counts) * tied
            weighted = self.tied_x * tied
            own = np.add.reduceat(weighted, self.firsts, axis=1)
            mixed = (first * twice[1]) @ own.T
            gradient += self.tied_x @ leaving
            information += mixed + mixed.T - (own * twice[2]) @ own.T - (self.tied_x * leaving) @ self.tied_x.T
        return Slope(float(beta @ self.total) - log_sum, gradient, information)


def laid_out(t: Times, kind: Kinds, x: Floats, ties: Ties, strata: npt.ArrayLike | None) -> tuple[Few | Stratum, ...]:
    """Rows made ready for the likelihood, by stratum where they are many.

    Args:
        t: Checked times.
        kind: What happened then.
        x: Covariates, each within 1 of 0; shape ``(participants, covariates)``.
        ties: How events at one time share the risk set.
        strata: A label per participant; nothing: one.

    Raises:
        NotEstimable: No event.
    """
    happened = kind.astype(np.bool_, copy=False)
    if not happened.any():
        raise NotEstimable("nobody had the event")
    stratum = None if strata is None else codes_of(strata, t.shape)[1]
    if len(t) <= FEW:
        return (_few(t, happened, x, ties, stratum),)
    if stratum is None:
        return (_stratum(t, happened, x, ties),)
    members = [stratum == one for one in range(int(stratum.max()) + 1)]
    return tuple(_stratum(t[own], happened[own], x[own], ties) for own in members if happened[own].any())


def slope(parts: tuple[Few | Stratum, ...], beta: Floats) -> Slope:
    """The likelihood of all strata at some coefficients."""
    found = parts[0].at(beta)
    for one in parts[1:]:
        more = one.at(beta)
        found = Slope(found.value + more.value, found.gradient + more.gradient, found.information + more.information)
    return found


def _few(t: Times, happened: Flags, x: Floats, ties: Ties, stratum: Ints | None) -> Few:
    events = happened.nonzero()[0]
    when = t[events]
    later, same = t[:, None] >= when, t[:, None] == when
    if stratum is not None:
        together = stratum[:, None] == stratum[events]
        later, same = later & together, same & together
    members = later.astype(np.float64)
    match ties:
        case Ties.EFRON:
            tied = same[events]
            if np.count_nonzero(tied) > len(events):
                share = np.tril(tied, -1).sum(axis=1) / tied.sum(axis=1)
                members[events] -= tied * share
        case Ties.BRESLOW:
            pass
        case _:
            assert_never(ties)
    columns = np.ascontiguousarray(x.T)
    return Few(columns, members, columns[:, events].sum(axis=1), len(events))


def _moments(x: Floats, beta: Floats) -> Floats:
    """Each row's weight, and each covariate times it; shape ``(covariates + 1, rows)``."""
    found = np.empty((len(beta) + 1, x.shape[1]))
    np.multiply(x, np.exp(beta @ x, out=found[0]), out=found[1:])
    return found


def _nowhere(beta: Floats) -> Slope:
    """So far out that nothing can be computed."""
    return Slope(-np.inf, beta, np.zeros((len(beta), len(beta))))


def _stratum(t: Times, happened: Flags, x: Floats, ties: Ties) -> Stratum:
    order = _order(t)
    t, rows = t[order], np.flatnonzero(happened[order])
    when = t[rows]
    firsts = np.flatnonzero(np.concatenate([[True], when[1:] != when[:-1]]))
    counts = _gaps(firsts, len(rows))
    starts = np.searchsorted(t, when[firsts], side="left")
    first = starts[0]
    sorted_x = np.ascontiguousarray(x[order[first:]].T)
    rows, starts = rows - first, starts - first
    shared = None
    if ties is Ties.EFRON and counts.max() > 1:
        shared = (np.arange(len(rows)) - np.repeat(firsts, counts)) / np.repeat(counts, counts)
    lengths = _gaps(starts, sorted_x.shape[1])
    tied_x = sorted_x[:, rows]
    return Stratum(sorted_x, starts, lengths, tied_x, tied_x.sum(axis=1), rows, firsts, counts, shared)


def _gaps(starts: Ints, end: int) -> Ints:
    """From each start to the next, and from the last to the end."""
    found = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=found[:-1])
    found[-1] = end - starts[-1]
    return found


def _order(t: Times) -> npt.NDArray[np.intp]:
    days = whole_days(t, np.iinfo(np.uint16).max) if len(t) > SMALL else None
    return np.argsort(t) if days is None else np.argsort(days.astype(np.uint16), kind="stable")  # small integers: by counting


def _denominators(one: Stratum, risk: Floats, tied: Floats) -> tuple[float, Floats, Floats]:
    """Sum of the logs of the risk sets' weights, and by event time the sums of their inverses and squared inverses.

    With ties, after Efron, also those sums times the share that leaves, and times its square.
    """
    if one.shared is None:
        inverse = one.counts / risk
        return float(one.counts @ np.log(risk)), inverse[None], (inverse / risk)[None]
    own = np.add.reduceat(tied, one.firsts)
    left = np.repeat(risk, one.counts) - one.shared * np.repeat(own, one.counts)
    powers = np.empty((5, len(left)))
    np.divide(1.0, left, out=powers[0])
    np.multiply(one.shared, powers[0], out=powers[1])
    np.multiply(powers[:2], powers[0], out=powers[2:4])
    np.multiply(powers[1], powers[1], out=powers[4])
    sums = np.add.reduceat(powers, one.firsts, axis=1)
    return float(np.log(left).sum()), sums[:2], sums[2:]
